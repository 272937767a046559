#!/usr/bin/env bats
# The merged answer equals a recompute of everything, wherever the layers are cut.
load helper

# Every aggregate; NULLs, negative numbers, out-of-order times.
all_views() {
	view every <<-'SQL'
	select date_trunc('minute', ts) as minute, status, count(*) as n, count(bytes) as nb,
	       sum(bytes) as total, sum(latency) as busy, avg(latency) as mean,
	       min(bytes) as lo, max(bytes) as hi, min(note) as first_note, max(ts) as latest,
	       count(distinct user) as users, approx_count_distinct(user) as about,
	       approx_quantile(latency, 0.5) as p50, approx_quantile(latency, 0.99) as p99,
	       arg_min(note, latency) as fastest, arg_max(user, bytes) as biggest,
	       first(note) as opening, last(user) as closing,
	       count(*) filter (where status >= 404) as errors,
	       sum(bytes) filter (where note is null) as quiet
	from app group by minute, status
	SQL
	view whole <<-'SQL'
	select count(*) as n, sum(latency) as busy, last(note) as closing,
	       count(distinct note) as notes, approx_quantile(bytes, 0.9) as p90
	from app
	SQL
	view texts <<-'SQL'
	select note, user, count(*) as n, avg(bytes) as mean from app
	where user <> 'u0' group by note, user
	SQL
}
VIEWS="every whole texts"

# answers FILE: what the dataset says now, one file for all views
answers() {
	for v in $VIEWS; do lam-query "select * from $v"; done >"$1"
	lam-query "select status, n, mean, users, about, p99, closing from every group by status" >>"$1"
}

@test "cut sweep: every batch end P and speed end S gives the recompute's bytes" {
	sample 24 7 >all.csv
	head -1 all.csv >header
	all_views
	export LAM_DATA=$PWD/truth
	mkdir truth && cp -r data/views truth/
	lam-ingest -q -s app all.csv
	answers want
	export LAM_DATA=$PWD/data
	for ((p = 0; p <= 24; p += 3)); do
		for ((s = p; s <= 24; s += 4)); do
			rm -rf data/master data/serving data/speed
			piece 0 "$p"
			[ "$p" -eq 0 ] || lam-batch | lam-serve
			piece "$p" "$s"
			[ "$s" -eq 0 ] || lam-speed
			piece "$s" 24
			answers got
			cmp got want || { echo "P=$p S=$s"; return 1; }
		done
	done
}
piece() { # ingest records [$1, $2), two at a time: many small blocks
	local i
	for ((i = $1; i < $2; i += 2)); do
		{ cat header; sed -n "$((i + 2)),$((i + 3 < $2 + 1 ? i + 3 : $2 + 1))p" all.csv; } |
			lam-ingest -q -s app
	done
}

@test "batch output is the same for any number of threads, block layout and memory" {
	sample 20000 3 >all.csv
	all_views
	lam-ingest -q -s app all.csv
	lam-batch --threads 1 >one
	for t in 2 3 8; do
		lam-batch --threads $t >many
		cmp one many
	done
	lam-batch --memory 64K >spilled
	cmp one spilled
	lam-batch --incremental >inc
	cmp one inc
	# the same records in many small blocks, another dataset: the same lines
	grep -v '^#' one >lines
	export LAM_DATA=$PWD/small
	mkdir small && cp -r data/views small/
	split -l 997 <(tail -n +2 all.csv) part.
	for f in part.*; do
		{ head -1 all.csv; cat "$f"; } | lam-ingest -q -s app
	done
	lam-batch | grep -v '^#' | cmp - lines
}

@test "the rows of a query within a query go to a file when memory is little" {
	seq 0 299999 | awk 'BEGIN { print "k,x" } { print "key" $1 * 7919 % 300007 "," $1 % 97 }' >keys.csv
	lam-ingest -q -s s keys.csv
	view v <<<"select k, count(*) as n, max(x) as x from s group by k"
	sql="select substr(k, 1, 5) as p, x, count(*), sum(n), min(k) from v group by p, x order by p, x"
	lam-query --no-header "$sql" >all
	lam-query --no-header --memory 4M "$sql" | cmp all -
	awk -F, 'NR > 1 { i = substr($1, 1, 5) "," $2; n[i]++; if (!(i in m) || $1 < m[i]) m[i] = $1 }
		END { for (i in n) print i "," n[i] "," n[i] "," m[i] }' keys.csv | sort -t, -k1,1 -k2,2n | cmp all -
}

@test "batch --incremental continues from the served generation, to the byte" {
	sample 3000 5 >all.csv
	all_views
	head -1000 all.csv | lam-ingest -q -s app
	lam-batch | lam-serve
	{ head -1 all.csv; tail -n +1001 all.csv; } | lam-ingest -q -s app
	lam-batch --incremental >inc
	lam-batch >full
	cmp inc full
}

@test "batch --incremental passes over a generation whose rows are damaged, and goes on from the others" {
	sample 3000 5 >all.csv
	view a <<<"select user, count(*) as n, sum(latency) as busy from app group by user"
	view b <<<"select ts, latency, count(*) as n from app group by ts, latency"
	view c <<<"select status, max(note) as hi from app group by status"
	head -2000 all.csv | lam-ingest -q -s app
	lam-batch | lam-serve
	{ head -1 all.csv; tail -n +2001 all.csv; } | lam-ingest -q -s app
	f=$(echo "$LAM_DATA"/serving/b/*.idx)
	for ((at = 1500; at < 1540; at++)); do
		printf '\377' | dd of="$f" bs=1 seek=$at conv=notrunc status=none
	done
	lam-batch >full
	lam-batch --incremental >inc 2>told
	cmp inc full
	grep -F "$f" told | grep -q "passed over"
}

@test "partials of parts merge to the partials of the whole, in any order and tree" {
	sample 3000 11 >all.csv
	sql="select status, count(*) as n, sum(bytes) as b, avg(latency) as m, min(note) as lo,
	     count(distinct user) as u, approx_count_distinct(user) as a,
	     approx_quantile(latency, 0.9) as p from stdin group by status"
	lam-batch -e "$sql" <all.csv >whole.part
	for i in 1 2 3; do
		{ head -1 all.csv; tail -n +2 all.csv | awk -v i=$i 'NR % 3 + 1 == i'; } |
			lam-batch -e "$sql" >$i.part
	done
	lam-batch --merge 1.part 2.part 3.part >a
	lam-batch --merge 3.part 1.part 2.part >b
	lam-batch --merge 2.part 3.part | lam-batch --merge 1.part - >c
	cmp a b
	cmp a c
	cmp a whole.part
	lam-query -p a "select * from query" >from-parts
	lam-query "${sql/stdin/\'all.csv\'}" | cmp - from-parts
}

@test "as of any position: the answer is that of a log that ends there" {
	sample 60 13 >all.csv
	all_views
	head -31 all.csv | lam-ingest -q -s app
	lam-batch | lam-serve
	{ head -1 all.csv; sed -n 32,46p all.csv; } | lam-ingest -q -s app
	lam-speed
	{ head -1 all.csv; tail -n +47 all.csv; } | lam-ingest -q -s app
	for p in 0 1 17 30 31 44 45 59 60; do
		lam-query --as-of $p "select * from every" >got || [ $? -eq 1 ]
		head -$((p + 1)) all.csv >prefix.csv
		sql=$(cat data/views/every.sql)
		lam-query --schema data/master/app/schema "${sql/from app/from \'prefix.csv\'}" >want || [ $? -eq 1 ]
		cmp got want || { echo "as of $p"; return 1; }
	done
}

@test "the text comes back byte for byte" {
	sample 5000 17 >all.csv
	lam-ingest -q -s app all.csv
	lam-query "select * from app" | cmp - all.csv
}

@test "a changed view is never mixed with its old state" {
	sample 300 19 >all.csv
	view v <<<"select status, count(*) as n from app group by status"
	lam-ingest -q -s app all.csv
	lam-batch | lam-serve
	lam-speed
	lam-batch >old.part
	view v <<<"select status, count(*) filter (where bytes > 0) as n from app group by status"
	lam-query "select * from v" >got
	lam-query "select status, count(*) filter (where bytes > 0) as n from 'all.csv' group by status" |
		cmp - got
	run -3 lam-serve old.part
	[[ $output == *"lam-batch"* ]]
}

@test "of what cannot be computed the number and the first position are told, whichever thread meets it first" {
	for i in $(seq 0 39); do
		{ echo v; for k in 0 1 2 3 4; do echo "$((i * 5 + k))"; done; } |
			sed 's/^31$/x31/; s/^33$/x33/; s/^150$/x150/; s/^199$/x199/' | lam-ingest -q -s app
	done
	printf 'v text\n' >data/master/app/schema
	for t in 1 2 3 4 8 2 2 2 3 3 3 8 8; do
		run -0 --separate-stderr lam-query --threads $t --no-header "select sum(cast(v as bigint)) as s from app"
		[ "$output" = 19487 ] # of 0 to 199 less four
		[[ $stderr == *"4 values could not be computed and are NULL, the first at position 31" ]] || {
			echo "$t threads: $stderr"
			return 1
		}
	done
}
