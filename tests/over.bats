#!/usr/bin/env bats
# Window functions: what sqlite3 gives, and what is refused.
load helper

table_a() {
	cat >a.csv <<-'E'
		ip,ts,status,bytes
		a,2026-01-01 00:00:00,200,10
		a,2026-01-01 00:10:00,404,
		b,2026-01-01 00:00:30,200,7
		a,2026-01-01 01:00:00,200,5
		b,2026-01-01 00:20:00,500,1
		c,2026-01-01 00:00:10,200,9
	E
}

q() { lam-query --no-header "$@"; }

# sqlite3 has the same window functions.
peer() {
	python3 - "$1" <<-'E'
		import csv, sqlite3, sys
		db = sqlite3.connect(":memory:")
		db.execute("create table a(ip, ts, status integer, bytes integer)")
		for r in list(csv.reader(open("a.csv")))[1:]:
		    db.execute("insert into a values (?, ?, ?, ?)", [v or None for v in r])
		for r in db.execute(sys.argv[1]):
		    print(*("" if v is None else v for v in r), sep=",")
	E
}

same() {
	q "${1//from a/from \'a.csv\'}" >ours
	peer "$1" | diff ours -
}

@test "the part of a group in all is a window over finished rows" {
	table_a
	same "select status, count(*) as hits, count(*) * 4 / 2 - max(count(*)) over () as more, sum(count(*)) over () as all_hits from a group by status having status < 500 order by hits desc, status"
}

@test "sessions: the row before, a gap, a running number" {
	table_a
	same "select ip, bytes, lag(bytes) over w, row_number() over w, sum(bytes) over w from a window w as (partition by ip order by ts) order by ip, ts"
	run -0 q "select ip, ts from 'a.csv' qualify count(*) over (partition by ip order by ts range between interval '30 minutes' preceding and current row) = 1 order by ts"
	[ "$output" = "a,2026-01-01T00:00:00Z
c,2026-01-01T00:00:10Z
b,2026-01-01T00:00:30Z
a,2026-01-01T01:00:00Z" ]
}

@test "windows of different orders in one query" {
	table_a
	same "select ip, rank() over (order by status), dense_rank() over (partition by ip order by status desc), ntile(4) over (order by bytes nulls last, ip), max(bytes) over (order by ts rows between 1 preceding and 1 following) from a order by ip, ts"
}

@test "a window over a view, whatever its layers" {
	table_a
	mkdir -p "$LAM_DATA/views"
	echo "select ip, sum(bytes) as bytes, count(*) as hits from s group by ip" >"$LAM_DATA/views/v.sql"
	head -4 a.csv | lam-ingest -q -s s
	lam-batch -q | lam-serve -q
	(head -1 a.csv; tail -3 a.csv) | lam-ingest -q -s s
	run -0 q "select ip, hits, sum(hits) over (order by ip) as running, rank() over (order by bytes desc) from v order by ip"
	[ "$output" = "a,3,3,1
b,2,5,3
c,1,6,2" ]
}

@test "the same bytes for any number of threads and any memory" {
	python3 -c 'print("k,n,s"); [print(f"{i * 7919 % 101},{i * 104729 % 10007},t{i % 97}") for i in range(60000)]' >n.csv
	sql="select k, n, s, row_number() over (partition by k order by n), sum(n) over (partition by k order by n rows between 5 preceding and 3 following), count(distinct s) over (partition by k order by n), max(s) over (order by n range between 10 preceding and current row) from 'n.csv'"
	q --threads 1 "$sql" >one
	[ "$(wc -l <one)" = 60000 ]
	q --threads 4 "$sql" | cmp - one
	q --memory 1M --threads 2 "$sql" | cmp - one
}

@test "what a window cannot be is refused with what to write" {
	table_a
	refused() { run -2 q "$1"; [[ $output == *"$2"* ]] || { echo "$output"; false; }; }
	refused "select ip from 'a.csv' where row_number() over () = 1" QUALIFY
	refused "select ip from 'a.csv' group by ip having sum(count(*)) over () > 1" QUALIFY
	refused "select ip from 'a.csv' qualify bytes > 1" "write WHERE"
	refused "select sum(rank() over (order by ts)) from 'a.csv'" sub-query
	refused "select row_number() from 'a.csv'" OVER
	refused "select sum(bytes) over w from 'a.csv'" "WINDOW w AS"
	refused "select sum(bytes) over (order by ip range 1 preceding) from 'a.csv'" "ROWS counts rows"
	refused "select rank() ignore nulls over (order by ts) from 'a.csv'" "IGNORE NULLS is for lag, lead"
	refused "select ntile(bytes) over (order by ts) from 'a.csv'" "constant whole number"
	refused "select sum(bytes) over (rows between current row and 1 preceding) from 'a.csv'" "ends before it begins"
	mkdir -p "$LAM_DATA/views"
	lam-ingest -q -s s <a.csv
	echo "select ip, sum(count(*)) over () from s group by ip" >"$LAM_DATA/views/w.sql"
	run -2 lam-batch -q
	[[ $output == *"window functions: put them into the query on the view"* ]] || { echo "$output"; false; }
}

@test "quantiles and what else looks at all values, over frames that move: Python's" {
	python3 - >r.csv 2>want <<-'E'
	import random, sys, statistics
	rnd = random.Random(5)
	rows = [(i, rnd.choice("ab"), rnd.choice((None, rnd.randrange(-20, 20), rnd.randrange(10**6))), rnd.random() < .7)
	    for i in range(3000)]
	print("i,g,v,f")
	for i, g, v, f in rows: print("%d,%s,%s,%s" % (i, g, "" if v is None else v, str(f).lower()))
	for g in "ab":
	    part = [r for r in rows if r[1] == g]
	    for k, r in enumerate(part):
	        seen = sorted(v for _, _, v, f in part[max(0, k - 400):k + 3] if v is not None and f)
	        most = max(map(seen.count, set(seen)), default=0)
	        print(r[0], statistics.median(seen) if seen else "", seen[-(-9 * len(seen) // 10) - 1] if seen else "",
	            min((v for v in set(seen) if seen.count(v) == most), default=""),
	            sum(set(seen)) if seen else "", sep=",", file=sys.stderr)
	E
	q "select i, median(v) filter (where f = 'true') over w as m, quantile_disc(v, 0.9) filter (where f = 'true') over w as d,
		mode(v) filter (where f = 'true') over w as o, sum(distinct v) filter (where f = 'true') over w as s from 'r.csv'
		window w as (partition by g order by i rows between 400 preceding and 2 following) order by g, i" >got
	sed 's/\.0\b//g' want | cmp - got
}

@test "what a frame holds is counted in --memory" {
	seq 1 60000 | awk 'BEGIN { print "a,b" } { print $1 ",x" $1 }' >n.csv
	for what in "count(distinct b)" "median(a)"; do
		run -4 q --memory 1M "select $what over (order by a rows between 50000 preceding and current row) from 'n.csv'"
		[[ $output == *"give more --memory"* ]]
	done
	[ "$(q --memory 64M "select count(distinct b) over (order by a rows between 50000 preceding and current row) as n from 'n.csv' order by n desc limit 1")" = 50001 ]
	[ "$(q --memory 1M "select count(distinct b) over (partition by a // 100 order by a) as n from 'n.csv' order by n desc limit 1")" = 100 ]
}

@test "EXCLUDE: the rest of a frame" {
	table_a
	for x in "current row" group ties "no others"; do
		same "select ip, sum(bytes) over w, min(bytes) over w, first_value(bytes) over w, last_value(status) over w, nth_value(bytes, 2) over w, count(*) over w from a window w as (partition by status = 200 order by ip groups between 1 preceding and 1 following exclude $x) order by ip, ts"
	done
	run -2 q "select sum(bytes) over (rows 1 preceding exclude row) from 'a.csv'"
	[[ "$output" == *"expected CURRENT ROW, GROUP, TIES or NO OTHERS"* ]]
}

# DuckDB 1.5.6: lag and lead with IGNORE NULLS, array_agg(DISTINCT x) OVER.
@test "values beside a row, of those that there are; lists of distinct ones" {
	printf '%s\n' id,s,n 1,a,3 2,b, 3,a,5 4,c, 5,,7 >n.csv
	run -0 q "select id, lag(n ignore nulls) over w, lag(n, 2, 99 ignore nulls) over w, lead(n) ignore nulls over w, lag(n, 0 ignore nulls) over w, nth_value(n, 2 ignore nulls) over w, lag(n, -1 ignore nulls) over w from 'n.csv' window w as (order by id) order by id"
	[ "$output" = "1,,99,5,3,,5
2,3,99,5,,,5
3,3,99,7,5,5,7
4,5,3,7,,5,7
5,5,3,,7,5," ]
	run -0 q "select id, array_to_string(array_agg(distinct s order by s desc) over (order by id), '-') as l from 'n.csv' order by id"
	[ "$output" = "1,a
2,b-a
3,b-a
4,c-b-a
5,c-b-a" ]
}

# A month from the 30th of January, 13:00, is the 28th of February, 13:00; one from the
# 31st, 12:00, is an hour before.  DuckDB 1.5.6 has the same rows.
@test "RANGE of months: the end of a frame moves back at the end of a month" {
	printf '%s\n' t,n 2026-01-30T13:00:00Z,1 2026-01-31T12:00:00Z,2 2026-02-28T12:30:00Z,3 2026-02-28T13:00:00Z,4 2026-03-31T00:00:00Z,5 >m.csv
	run -0 q "select n, count(*) over w, max(n) over w, sum(n) over w, array_to_string(array_agg(n) over w, ' '), last_value(n) over w, last_value(n ignore nulls) over w from 'm.csv' window w as (order by t range between current row and interval '1 month' following) order by n"
	[ "$output" = "1,4,4,10,1 2 3 4,4,4
2,1,2,2,2,2,2
3,2,4,7,3 4,4,4
4,1,4,4,4,4,4
5,1,5,5,5,5,5" ]
}

@test "all rows sorted: the peak is --memory and what the manual says beyond it, and the bytes are the same" {
	python3 - <<-'E'
	import random
	from decimal import Decimal
	random.seed(7)
	rows = []
	with open("r.csv", "w") as f:
	    print("id,k,v,host,path", file=f)
	    for i in range(300000):
	        x = random.getrandbits(40)
	        v, path = f"{x % 977}.{x % 100:02}", f"/p/{x % (1 << 26):x}"
	        rows.append((path, Decimal(v), i))
	        print(f"{i},{x % 1000},{v},host{x % 5000},{path}", file=f)
	with open("ids", "w") as f:
	    for row in sorted(rows):
	        print(row[2], file=f)
	E
	sql="select * from 'r.csv' order by path, v"
	for threads in 1 2; do
		python3 - "$threads" "$sql" <<-'E'
		import os, subprocess, sys
		threads, sql = sys.argv[1:]
		p = subprocess.Popen(["lam-query", "--no-header", "--memory", "16M", "--threads", threads, sql], stdout=open("got", "wb"))
		_, status, used = os.wait4(p.pid, 0)
		peak = used.ru_maxrss / 1024
		print(threads, "threads:", peak, "MiB")
		assert status == 0 and peak < 16 + 44 + 25 * (int(threads) - 1)
		E
		cut -d , -f 1 got | cmp - ids
	done
	q --memory 1G "$sql" | cmp - got
}
