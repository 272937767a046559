#!/usr/bin/env bats
# hop(size, slide, ts): windows that overlap, against a model that puts each record into all of its windows.
load helper

W="hop(interval '5 minutes', interval '1 minute', ts)"
SQL="select $W as w, k, count(*) as n, sum(v) as s, median(v) as m, count(distinct v) as d, first(v) as f from log group by w, k"

# model [FROM TO]: h.csv is made and what SQL gives of its rows [FROM, TO) printed
model() {
	python3 - "$@" <<-'E'
	import csv, datetime, random, statistics, sys
	from collections import defaultdict
	rnd, form = random.Random(7), "%Y-%m-%dT%H:%M:%SZ"
	rows = []
	for i in range(6000):
	    t = datetime.datetime(2026, 3, 1) + datetime.timedelta(seconds=rnd.randrange(-400, 9000))
	    rows.append((t if rnd.random() > .02 else None, rnd.choice("abc"), rnd.randrange(100) if rnd.random() > .1 else None))
	with open("h.csv", "w") as f:
	    f.write("ts,k,v\n")
	    for t, k, v in rows: f.write("%s,%s,%s\n" % (t.strftime(form) if t else "", k, "" if v is None else v))
	groups = defaultdict(list)
	for t, k, v in rows:
	    starts = [None]
	    if t:  # every minute whose five minutes hold the record
	        minute = t.replace(second=0)
	        starts = [s for s in (minute + datetime.timedelta(minutes=m) for m in range(-9, 3))
	            if s <= t < s + datetime.timedelta(minutes=5)]
	    for s in starts: groups[s, k].append(v)
	print("w,k,n,s,m,d,f")
	for (w, k), all_of in sorted(groups.items(), key=lambda g: (g[0][0] or datetime.datetime.max, g[0][1])):
	    vs = [v for v in all_of if v is not None]
	    print(w.strftime(form) if w else "", k, len(all_of), sum(vs) if vs else "",
	        "%g" % statistics.median(vs) if vs else "", len(set(vs)), "" if all_of[0] is None else all_of[0], sep=",")
	E
}

@test "a query: threads, memory and segments make no difference" {
	model >want
	file="'h.csv'"
	for o in "" "--threads 3" "--memory 64K"; do
		lam-query $o "${SQL/from log/from $file} order by w, k" | cmp - want
	done
	split -l 1000 --filter 'cat >$FILE.csv' <(tail -n +2 h.csv) part
	for f in part*.csv; do { head -1 h.csv; cat $f; } | lam-ingest -q -s log; done
	lam-query "$SQL order by w, k" | cmp - want
}

@test "a view: batch, speed, tail and served answers are those of one pass" {
	model >want
	mkdir -p "$LAM_DATA/views"
	echo "$SQL" >"$LAM_DATA/views/v.sql"
	head -2001 h.csv | lam-ingest -q -s log
	lam-batch -q | lam-serve
	{ head -1 h.csv; sed -n 2002,4000p h.csv; } | lam-ingest -q -s log
	lam-speed >/dev/null
	{ head -1 h.csv; tail -n +4001 h.csv; } | lam-ingest -q -s log
	lam-query "select * from v order by w, k" | cmp - want
	lam-query "select * from v where w = '2026-03-01T01:00:00Z' order by k" | cmp - <(grep -E '^w|^2026-03-01T01:00' want)
	lam-batch -q --incremental | lam-serve
	lam-query "select * from v order by w, k" | cmp - want
	lam-query "select w, sum(n) as n from v group by w having w >= '2026-03-01T02:00:00Z' order by w" >got
	awk -F, '/^2026-03-01T0[2-9]/ { n[$1] += $3 } END { for (w in n) print w "," n[w] }' want | sort | cmp - <(tail -n +2 got)
	lam-fsck
}

@test "sets of keys, windows over windows, and a query around" {
	model >want
	q="select $W as w, k, count(*) as n from 'h.csv' group by rollup (w, k)"
	lam-query --no-header "$q order by w, k" >got
	[ "$(grep -c . got)" = $(($(wc -l <want) - 1 + $(tail -n +2 want | cut -d, -f1 | sort -u | wc -l) + 1)) ]
	[ "$(grep '^,,' got | sort -t, -k3n | tail -1)" = ",,6000" ]
	lam-query --no-header "select w, n - lag(n) over (order by w) as more from (select $W as w, count(*) as n from 'h.csv' group by w)
		where w > '2026-03-01T00:10:00Z' order by w limit 3" >got
	awk -F, '$1 > "2026-03-01T00:10:00Z" { n[$1] += $3 } END { for (w in n) print w "," n[w] }' want | sort |
		awk -F, 'NR <= 3 { print $1 "," (NR > 1 ? $2 - last : ""); last = $2 }' | cmp - got
}

@test "where hop is no key, or no sense: what to write" {
	printf 'ts,v\n2026-03-01T00:00:30Z,1\n' >t.csv
	refused() { run -2 lam-query "$1"; [[ $output == *"$2"* ]] || { echo "$1: $output"; false; }; }
	refused "select $W from 't.csv'" "GROUP BY it"
	refused "select count(*) from 't.csv' where $W > '2026-01-01'" "into HAVING"
	refused "select $W + interval '1 hour' as w, count(*) from 't.csv' group by w" "a whole key"
	refused "select hop(interval '5 minutes', interval '2 minutes', ts) as w, count(*) from 't.csv' group by w" "a multiple of their slide"
	refused "select hop(interval '1 month', interval '1 day', ts) as w, count(*) from 't.csv' group by w" "months vary in length"
	refused "select hop('5 minutes', '1 minute', ts) as w, count(*) from 't.csv' group by w" "write hop(INTERVAL"
	refused "select hop(ts) as w, count(*) from 't.csv' group by w" "write hop(INTERVAL"
	refused "select hop(interval '1 minute' > ts) as w, count(*) from 't.csv' group by w" "write hop(INTERVAL"
	refused "select hop() as w, count(*) from 't.csv' group by w" "write hop(INTERVAL"
	refused "select $W as a, hop(interval '2 minutes', interval '1 minute', ts) as b, count(*) from 't.csv' group by a, b" "one hop()"
	run -2 lam-query --fill "select $W as w, count(*) from 't.csv' group by w"
	[[ $output == *"--fill"* ]]
	run -2 lam-speed -e "select $W as w, count(*) as n from stdin group by w" <t.csv
	[[ $output == *"time_bucket()"* ]]
	# the first instants have no windows before them
	printf 'ts,v\n1677-09-21T00:13:30Z,1\n' >first.csv
	[ "$(lam-query --no-header "select min(w), count(*) from (select $W as w, count(*) as n from 'first.csv' group by w)")" = "1677-09-21T00:13:00Z,1" ]
}
