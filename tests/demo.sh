#!/usr/bin/env bash
# demo.sh - the main job on a real log, each step said and shown
#
# The log is /var/log/dpkg.log, which every Debian machine has; where it is
# missing or tiny, a generated web log stands in.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C PATH=$PWD/bin:$PATH
make -s build/release/bench/gen # before leaving, for the stand-in
gen=$PWD/build/release/bench/gen
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LAM_DATA=data TMPDIR=$work

bold='' plain=''
[ ! -t 1 ] || { bold=$(tput bold 2>/dev/null || true) plain=$(tput sgr0 2>/dev/null || true); }
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() { printf '$ %s\n' "$*"; eval "$*"; }

if [ "$(wc -l 2>/dev/null </var/log/dpkg.log || echo 0)" -ge 500 ]; then
	say "1. The log: /var/log/dpkg.log, what this machine installed and when, as CSV"
	{
		echo ts,action,package,version
		awk '$3 ~ /^(install|upgrade|configure|trigproc|remove|purge)$/ {
			print $1 "T" $2 "Z," $3 "," $4 "," $NF }
		     $3 == "status" {
			print $1 "T" $2 "Z," $4 "," $5 "," $NF }' /var/log/dpkg.log
	} >log.csv
	stream=packages key=action what=package value=installed
else
	say "1. The log: no dpkg.log worth reading here, so a generated web log"
	"$gen" 200000 | sed '1s/^time/ts/' >log.csv
	stream=requests key=status what=ip value=500
fi
lines=$(wc -l <log.csv)
a=$((lines / 2)) b=$((lines * 3 / 4))
{ head -n $a log.csv; } >old.csv
{ head -1 log.csv; sed -n "$((a + 1)),${b}p" log.csv; } >new.csv
{ head -1 log.csv; tail -n +$((b + 1)) log.csv; } >newest.csv
run "head -4 log.csv; wc -l log.csv old.csv new.csv newest.csv"

say "2. lam-ingest appends to the master log, plain or gzip; acknowledged means on disk"
run "gzip -k old.csv; lam-ingest -s $stream old.csv.gz"

say "3. A view is one SQL aggregation in a file"
mkdir -p data/views
cat >data/views/traffic.sql <<SQL
select date_trunc('hour', ts) as hour, $key,
       count(*) as hits, approx_count_distinct($what) as about
from $stream
group by hour, $key
SQL
run "cat data/views/traffic.sql"

say "4. The cron line: lam-batch recomputes every view from the whole log, lam-serve publishes"
run "lam-batch | lam-serve"
run "lam-batch traffic > traffic.part; grep -v '^#' traffic.part | head -2 | cut -c 1-72"

say "5. More log arrives; lam-speed keeps up with what the batch has not reached"
run "lam-ingest -s $stream < new.csv"
run "lam-speed"
run "tail -n +1 -f newest.csv --pid=\$\$ 2>/dev/null | head -n \$(wc -l < newest.csv) | lam-ingest -s $stream"

say "6. lam-query merges batch, speed and the tail of the log: one exact answer"
run "lam-query --explain -o table 'select $key, hits, about from traffic group by $key order by hits desc limit 5'"

say "7. The proof: merged, recomputed from the log, and counted by awk: the same bytes"
run "lam-query 'select $key, hits from traffic group by $key' > merged"
run "lam-query 'select $key, count(*) as hits from $stream group by $key' | cmp - merged && echo merged = recomputed"
col=$(head -1 log.csv | tr , '\n' | grep -nx "$key" | cut -d: -f1)
run "awk -F, 'NR > 1 { n[\$$col]++ } END { for (k in n) print k \",\" n[k] }' log.csv | sort > counted"
run "tail -n +2 merged | sort | cmp - counted && echo merged = awk"

say "8. Raw records come back from the master log, byte for byte"
run "lam-query \"select * from $stream where $key = '$value' limit 2\""
run "lam-query 'select * from $stream' | cmp - log.csv && echo the log came back whole"

say "9. No dataset at all: SQL over a file or a pipe, and partials that merge"
run "lam-query -o table \"select $key, count(*) as n from 'old.csv.gz' group by $key order by n desc limit 2\""
sql="select $key, count(*) as n from stdin group by $key"
run "lam-batch -e '$sql' < old.csv > a.part; lam-batch -e '$sql' < new.csv > b.part"
run "lam-batch --merge a.part b.part | lam-query -p - -o table 'select $key, n from query order by n desc limit 2'"

say "10. Windows of a stream, each printed as it closes"
run "cat log.csv | lam-speed -e \"select time_bucket(interval '1 minute', ts) as minute, count(*) as n from stdin group by minute\" | tail -3"

say "What is on disk ($(wc -c <log.csv) bytes of text went in)"
run "find data -type f -size +0 | sort | xargs ls -l | awk '{ print \$5, \$NF }'"
