#!/bin/sh
# answers.sh DATA INPUT OUT - everything the programs say of a dataset and of text
set -eu
export LAM_DATA=$1
input=$2 out=$3
mkdir -p "$out"
lam-batch >"$out/partials"
lam-fsck >"$out/fsck" 2>&1
lam-fsck --recompute >"$out/fsck-recompute" 2>&1
for v in "$input"/*.sql; do
	v=$(basename "$v" .sql)
	for form in csv tsv jsonl json markdown table; do
		lam-query -o $form "select * from $v" >"$out/$v.$form" 2>&1
	done
	lam-query --explain "select * from $v" 2>&1 >/dev/null |
		sed 's/  *[0-9]*\.[0-9][0-9]  */ /' >"$out/$v.explain" # ms
done
lam-query "select * from app" >"$out/app.rows"
lam-query "select * from web" >"$out/web.rows"
all=$(sed 's/from app/from stdin/' "$input/traffic.sql")
cat "$input/1.csv" | lam-batch -e "$all" >"$out/adhoc.partial"
cat "$input/1.csv" | lam-query -f csv "$all" >"$out/adhoc"
cat "$input/1.csv" | lam-speed --lateness 1h --fill -e "select
	date_trunc('minute', ts) as w, status, count(*) as n, sum(price) as p
	from stdin group by w, status" >"$out/windows"
# Parts of a text have no positions: first and last cannot be merged.
lam-batch -e "select status, count(*) as n, sum(price) as p, approx_quantile(price, 0.5)
	as q, approx_count_distinct(price) as d from stdin group by status" \
	"$input/1.csv" >"$out/part"
lam-batch --merge "$out/part" "$out/part" >"$out/merged"
