#!/usr/bin/env bats
# Statements that are no plain query: SHOW, DESCRIBE, SUMMARIZE, EXPLAIN; and several
# in one text.
load helper

log() {
	cat >a.csv <<-'E'
		ts,status,host,bytes
		2026-01-01 00:00:01,200,a,10
		2026-01-01 00:01:01,404,b,20.5
		2026-01-01 00:02:01,200,a,
		2026-01-01 00:03:01,500,"c, d",7
	E
	lam-ingest -q -s access <a.csv
	view v <<<"select host, count(*) as hits, avg(bytes) as mean from access group by host"
}

@test "SHOW lists the streams and views of a dataset" {
	log
	lam-ingest -q -s b <a.csv
	run -0 lam-query --no-header "show tables"
	[ "$output" = $'access,stream,\nb,stream,\nv,view,access' ]
	run -0 lam-query --no-header "show streams"
	[ "$output" = $'access,stream,\nb,stream,' ]
	run -0 lam-query --no-header "show all views;"
	[ "$output" = $'v,view,access' ]
	run -2 lam-query "show
  tabels"
	[[ $output == *"query:2:3: expected TABLES, VIEWS or STREAMS"*'found "tabels"'* ]]
	LAM_DATA= run -2 lam-query "show tables"
	[[ $output == *"which dataset?"* ]]
	run -2 lam-query "show tables of"
}

@test "DESCRIBE gives the columns of a stream, view, file or query" {
	log
	for x in access "'a.csv'" "select * from access" "from access"; do
		run -0 lam-query --no-header "describe $x"
		[ "$output" = $'ts,time,\nstatus,number,\nhost,text,\nbytes,number,' ]
	done
	run -0 lam-query --no-header "desc v"
	[ "$output" = $'host,text,key\nhits,number,aggregate\nmean,number,aggregate' ]
	run -0 lam-query --no-header "describe select status > 400 as bad, count(*) + 1 as n from access group by 1"
	[ "$output" = $'bad,boolean,key\nn,number,aggregate' ]
	# places are those of the whole text
	run -2 lam-query "describe	nope"
	[[ $output == *"nope: no view or stream"* ]]
	run -2 lam-query $'/* \u00fc */ describe\n select wrong from access'
	[[ $output == *"query:2:9: "*wrong* ]]
}

@test "SUMMARIZE says of each column what sqlite3 says" {
	log
	run -0 lam-query --no-header -o tsv "summarize 'a.csv'"
	summed=$output
	run -0 lam-query --no-header -o tsv "summarize stdin" <a.csv
	[ "$output" = "$summed" ]
	run -0 lam-query --no-header -o tsv "summarize access"
	[ "$output" = "$summed" ]
	cut -f 1,3-8 <<<"$summed" | sed -n '2p;4p' >ours
	sqlite3 :memory: '.mode csv' '.import a.csv a' '.mode tabs' "
		select 'status', min(status + 0), max(status + 0), count(distinct status), count(*), 0, avg(status + 0) from a;
		update a set bytes = null where bytes = '';
		select 'bytes', min(bytes + 0), max(bytes + 0), count(distinct bytes), count(*), 25, avg(bytes + 0) from a" >theirs
	sed -i 's/\.0\b//' theirs
	diff ours theirs
	# a quantile within 1 %
	cut -f 1,10 <<<"$summed" | awk '$1 == "bytes" { ok = $2 > 9.9 && $2 < 10.1 } END { exit !ok }'
	# rows of a view, and of a query that ends in a comment
	run -0 lam-query --no-header "summarize v"
	[[ ${lines[1]} == "hits,number,1,2,2,3,0,"* ]]
	run -0 lam-query --no-header "summarize select host from access where false -- none"
	[ "$output" = "host,text,,,0,0,,,,," ]
}

@test "EXPLAIN shows the steps, and with ANALYZE what they did" {
	for day in 1 2 3; do
		printf 'day,n\n2026-01-0%d,%d\n2026-01-0%d,5\n' $day $day $day |
			lam-ingest -q -s s
	done
	run -0 lam-query --no-header -o tsv "explain select n, count(*) as c from s where day > '2026-01-02' group by n having count(*) < 9 order by c desc limit 2"
	[[ ${lines[0]} == "limit 2" ]]
	[[ ${lines[1]} == "  sort by count(*) descending" ]]
	[[ ${lines[3]} == "      having count(*) < 9" ]]
	[[ ${lines[4]} == "        group by n: count(*)" ]]
	[[ ${lines[5]} == "          where day > '2026-01-02"* ]]
	[[ ${lines[6]} == "            scan stream s: 6 records; fields day, n" ]]
	[[ $output == *"at most "*" threads"* ]]
	[[ $output != *"read "*" rows"* ]]
	run -0 lam-query --no-header -o tsv "explain analyze select n, count(*) from s where day > '2026-01-02' group by n"
	[[ $output == *"[read 6 rows, took 2; passed over 2 of 3 blocks by their ranges]"* ]]
	[[ $output == *"2 rows in "*" ms"* ]]
	# keys beyond the memory go to disk, and it is told
	seq 200000 | sed '1i x' >x.csv
	run -0 lam-query --no-header --memory 1M "explain analyze select x, count(*) from 'x.csv' group by x"
	[[ $output == *"groups went to disk"* ]]
	run -0 lam-query --no-header "explain analyze with w as (select n from s) select w.n, row_number() over (order by w.n) from w left join w as z on w.n = z.n where w.n in (select max(n) from s)"
	[[ $output == *"left join by hash of n = n"* ]]
	[[ $output == *"made once and kept"* ]]
	[[ $output == *"window functions row_number; in the order of n"* ]]
	run -2 lam-query "explain select nope from s"
}

@test "several statements are answered one after the other, with an empty line between" {
	log
	printf "select 1 as a; -- one; and\nselect ';' as b;\nselect host from v where hits > 1;" >q.sql
	printf 'a\n1\n\nb\n;\n\nhost\na\n' >expected
	lam-query @q.sql | cmp - expected
	lam-query - <q.sql | cmp - expected
	lam-query "$(<q.sql)" | cmp - expected
	# the status is the worst of all; a failure ends it, and its place is that in the text
	run -1 lam-query --no-header "select 1 where false; select 2"
	[ "$output" = $'\n2' ]
	run -2 --separate-stderr lam-query --no-header $'select 1;\nselect 2 +;\nselect 3'
	[ "$output" = "1" ]
	[[ $stderr == *"query:2:11: "* ]]
	run -2 lam-query ""
	run -2 lam-query " ; "
	run -4 lam-query @nothing.sql
}

@test "FROM may come first, or alone" {
	log
	for x in "from access" "from access select *" "(from access)"; do
		lam-query "$x" | cmp - <(lam-query "select * from access")
	done
	lam-query "from access select host, count(*) as n where bytes > 8 group by host order by n" |
		cmp - <(lam-query "select host, count(*) as n from access where bytes > 8 group by host order by n")
	run -0 lam-query --no-header "select count(*) from (from access where status = 200) x"
	[ "$output" = 2 ]
}

@test "SUMMARIZE and DESCRIBE of hundreds of columns, and of names with quotes" {
	python3 - <<-'P'
		n = 600
		with open("wide.csv", "w") as f:
		    f.write(",".join("c%d" % i for i in range(n)) + "\n")
		    for r in range(3):
		        f.write(",".join(str(r * i) for i in range(n)) + "\n")
	P
	lam-query --no-header "summarize 'wide.csv'" >ours
	[ "$(wc -l <ours)" = 600 ]
	# name, type, min, max, unique, count, NULLs, average
	awk -F, '{ i = NR - 1; if ($0 !~ "^c" i ",number,0," 2 * i "," (i ? 3 : 1) ",3,0," i ",") print }' ours | diff /dev/null -
	[ "$(lam-query --no-header "describe 'wide.csv'" | wc -l)" = 600 ]
	printf '"a ""q""",select\n1,x\n' | lam-ingest -q -s odd
	[ "$(lam-query --no-header 'describe odd')" = $'"a ""q""",number,\nselect,text,' ]
	[ "$(lam-query --no-header 'summarize odd' | cut -d, -f1-4)" = $'"a ""q""",number,1,1\nselect,text,x,x' ]
	[ "$(lam-query --no-header 'select "a ""q""" + 1, "select" from odd')" = "2,x" ]
}

@test "SUMMARIZE of as many fields as there may be; DESCRIBE and SUMMARIZE take one name" {
	log
	python3 -c 'print(",".join("c%d" % i for i in range(4096))); print(",".join("%d" % i for i in range(4096)))' >wide.csv
	run -0 lam-query --no-header "summarize 'wide.csv'"
	[ "${#lines[@]}" = 4096 ]
	[[ ${lines[4095]} == "c4095,number,4095,4095,1,1,0,4095,"* ]]
	for s in "describe v w" "summarize 'a.csv' as b" "desc access group by host"; do
		run -2 lam-query "$s"
		[[ $output == *'expected ";" or the end behind the name, found'* ]]
	done
	run -0 lam-query "describe range(3); summarize v"
}

@test "what a sub-query or a bitwise aggregate cannot be is told by its name" {
	log
	run -2 lam-query "select host, (select max(bytes) from access b where b.bytes = a.bytes) from access a group by host"
	[[ $output == *"a sub-query about each row cannot stand beside groups: put the groups into FROM"* ]]
	run -2 lam-query "select bit_or(host) from access"
	[[ $output == *"bit_and, bit_or and bit_xor take whole numbers, found a text: cast it with x::BIGINT"* ]]
	# quantiles of numbers that are 10^38 and more apart, as Python's Fraction has them
	printf 'x\n-6e37\n7e37\n' >q.csv
	run -0 lam-query --no-header "select quantile_cont(x, 0.25), median(x) from 'q.csv'"
	[ "$output" = "$(python3 -c 'from fractions import Fraction as F; a, b = F(-6 * 10**37), F(7 * 10**37)
print("%d,%d" % (a + (b - a) / 4, (a + b) / 2))')" ]
}
