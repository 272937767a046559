#!/usr/bin/env bats
# Queries within queries: what sqlite3 gives, and what is refused.
load helper

q() { lam-query --no-header "$@"; }

# The log of machines: like MgBench's first set, its queries by their descriptions.
machines() {
	python3 - <<-'E'
		import random
		rng = random.Random(7)
		with open("m.csv", "w") as f:
		    f.write("machine,grp,ts,cpu,load,bytes_in,bytes_out\n")
		    for i in range(3000):
		        f.write("%s,%s,2017-01-%02d %02d:%02d:00,%s,%s,%d,%d\n" % (
		            rng.choice(["anansi", "babbage", "urd", "tiger", ""]), rng.choice("ab"),
		            rng.randrange(1, 29), rng.randrange(24), rng.randrange(60),
		            rng.choice(["", "0.5", "12.25", "80"]), rng.choice(["", "1", "3"]),
		            rng.randrange(10**6), rng.randrange(10**6)))
	E
	sqlite3 db 'create table m(machine text, grp text, ts text, cpu numeric, load numeric, bytes_in integer, bytes_out integer)'
	tail -n +2 m.csv >body.csv
	sqlite3 db '.mode csv' '.import body.csv m' "update m set cpu = nullif(cpu, ''), load = nullif(load, ''), machine = nullif(machine, '')"
}

same() {
	q "${1//from m/from \'m.csv\'}" >ours
	sqlite3 -csv db "$1" | tr -d '\r' >theirs
	[ -s ours ]
	diff ours theirs
}

@test "a query over the rows of a query, as monitoring asks it" {
	machines
	# least, greatest and sum of what is made of two columns, some missing
	same "select machine, min(cpu) as least, max(cpu) as most, sum(net_in) as net_in from (select machine, coalesce(cpu, 0) as cpu, coalesce(bytes_in, 0) as net_in from m where machine in ('anansi', 'babbage', 'urd') and ts >= '2017-01-11 00:00:00') as r group by machine order by machine"
	# how many are beyond a limit within a day
	same "select grp, count(*) as n from (select machine, grp, substr(cast(ts as text), 1, 10) as day, count(*) as c from m where cpu > 50 group by machine, grp, substr(cast(ts as text), 1, 10)) r where r.c > 3 group by grp order by grp"
	# top of the tops
	same "select max(s) as m from (select grp, machine, sum(bytes_out) as s from m group by grp, machine order by s desc, grp, machine limit 3) r"
}

@test "WITH names queries, each in sight of the next" {
	machines
	same "with a as (select machine as name, sum(bytes_in) as s from m where machine is not null group by machine), b as (select name, s, rank() over (order by s desc) as place from a) select b.name, b.place from b where b.place < 4 order by b.place"
	same "with x2 as (select * from m where grp = 'a'), x3 as (select x2.machine, count(*) as n from x2 group by x2.machine) select x.n from x3 as x order by x.n, x.machine"
}

@test "a query within may read a view or a stream, and its rows may be more than memory" {
	machines
	lam-ingest -q -s m <m.csv
	view v <<<"select machine, grp, sum(bytes_in) as bytes, count(*) as hits from m group by machine, grp"
	lam-batch -q v | lam-serve -q
	same "select max(s) as most from (select machine, sum(bytes_in) as s from m group by machine) r"
	run -0 q "select max(s) from (select machine, bytes as s from v group by machine) r"
	[ "$output" = "$(sqlite3 db 'select max(s) from (select sum(bytes_in) as s from m group by machine)')" ]
	sql="select r.machine, count(*), sum(r.bytes_in) from (select * from m) r group by r.machine"
	q "$sql" >one
	q --memory 1M --threads 3 "$sql" | cmp - one
}

@test "DISTINCT ON keeps the first row of each" {
	machines
	run -0 q "select distinct on (machine) machine, bytes_in as b from 'm.csv' order by machine, b desc, ts"
	[ "$output" = "$(sqlite3 -csv db 'select machine, max(bytes_in) from m group by machine order by machine nulls last' | tr -d '\r')" ]
}

@test "* EXCLUDE and REPLACE" {
	printf 'a,b,c\n1,2,3\n' >s.csv
	run -0 lam-query "select * exclude (b) replace (c + 1 as c), t.a from 's.csv' t"
	[ "$output" = "a,c,a
1,4,1" ]
}

@test "what is refused says what to write" {
	refused() { run -2 q "$1"; [[ $output == *"$2"* ]] || { echo "$output"; false; }; }
	printf 'a,b\n1,2\n' >s.csv
	refused "select x.a from 's.csv' y" 'no relation is called "x"'
	refused "select * exclude (z) from 's.csv'" 'no column "z"'
	refused "select * exclude (a, b) from 's.csv'" "no column is left"
	refused "with recursive r as (select a from 's.csv') select * from r" "reads itself"
	for on in "exists (select 1 from 's.csv' z where z.a = x.a)" "x.a in (select a from 's.csv')" "x.b = (select max(b) from 's.csv' z where z.a = y.a)"; do
		[ "$(q "select x.a from 's.csv' x join 's.csv' y on x.a = y.a and $on")" = 1 ]
		[ "$(q "select x.a, y.b from 's.csv' x left join 's.csv' y on $on")" = 1,2 ]
	done
	# sqlite3, PostgreSQL and DuckDB refuse a name given twice, too.
	refused "with x as (select a from 's.csv'), x as (select 1 from 's.csv') select * from x" "another name"
	refused "with stdin as (select a from 's.csv') select * from stdin" "reads standard input"
	lam-ingest -q -s s <s.csv
	view w <<<"select a, count(*) from (select * from s) group by a"
	run -2 lam-batch -q
	[[ $output == *"a view reads one stream"* ]] || { echo "$output"; false; }
	run -2 lam-speed -e "select date_trunc('minute', a) as m, count(*) from (select b as a from stdin) group by m" <<<$'a,b\n1,2026-01-01T00:00:00Z'
	[[ $output == *"a live query reads its records itself"* ]] || { echo "$output"; false; }
}

@test "UNION, INTERSECT, EXCEPT and VALUES, as sqlite3 has them" {
	machines
	local order="order by 1 nulls last, 2 nulls last"
	same "select machine, grp from m union select grp, machine from m $order"
	same "select machine, cpu from m where grp = 'a' union all select machine, load from m where cpu = 80 $order"
	same "select machine, load from m where grp = 'a' intersect select machine, load from m where grp = 'b' $order"
	same "select machine, cpu from m except select machine, cpu from m where load = 1 and machine <> 'urd' $order"
	# The last ones bind to the right one: INTERSECT first, ORDER BY to the whole.
	[ "$(q "select 1 as x union all select 2 intersect select 2 union all values (0) order by x desc limit 2")" = $'2\n1' ]
	[ "$(q "(select 3 as x union all select 1 order by x limit 1) union all (select 7 except select 7) union all values (5)")" = $'1\n5' ]
	[ "$(q "select y, x from (values (1, 'a'), (2, null)) t(x, y) order by x desc")" = $',2\na,1' ]
	run -2 q "select 1 union select 1, 2"
	[[ $output == *"2 columns here, 1 in the first query"* ]]
}

@test "with ALL rows are counted: as Python's Counter does" {
	python3 - <<-'E'
		import random
		from collections import Counter
		rng = random.Random(3)
		rows = [[(rng.choice(["a", "b", ""]), rng.choice(["1", "1.0", "2", ""])) for _ in range(300)]
		    for _ in range(2)]
		for name, some in zip("ab", rows):
		    with open(name + ".csv", "w") as f:
		        f.write("t,n\n" + "".join("%s,%s\n" % r for r in some))
		# an empty field is NULL, and 1.0 is 1
		a, b = (Counter((t, n.replace(".0", "")) for t, n in some) for some in rows)
		for name, c in ("intersect", a & b), ("except", a - b):
		    with open(name, "w") as f:
		        f.writelines(sorted("%s,%s\n" % r for r in c.elements()))
	E
	for how in intersect except; do
		q "select t, n + 0 from 'a.csv' $how all select t, n + 0 from 'b.csv'" | LC_ALL=C sort | diff - $how
	done
}

@test "a series counts numbers and times, up and down" {
	[ "$(q "select * from range(5)" | tr '\n' ' ')" = "$(seq 0 4 | tr '\n' ' ')" ]
	[ "$(q "select x from generate_series(10, -1, -2.5) t(x)" | tr '\n' ' ')" = "10 7.5 5 2.5 0 " ]
	[ "$(q "select sum(range), count(*) from range(1, 1000001)")" = "500000500000,1000000" ]
	run -0 q "select strftime(t, '%d.%m.') from generate_series(timestamp '2027-01-31', timestamp '2027-04-28', interval '1 month') s(t)"
	[ "$output" = $'31.01.\n28.02.\n28.03.\n28.04.' ]
	# The hours of a day, whoever computes them.
	run -0 q "select count(*), max(range) from range(date '2026-03-01', date '2026-03-02', interval '1 hour')"
	[ "$output" = "24,2026-03-01T23:00:00Z" ]
	run -1 q "select * from range(3, 1)"
	run -2 q "select * from range(1, 2, 0)"
	[[ $output == *"step 0"* ]]
	run -2 q "select * from range(date '2026-01-01', date '2026-01-02')"
	[[ $output == *"INTERVAL '1 hour'"* ]]
}

@test "a query without FROM has one row; a stream's head is taken once for all of a query" {
	[ "$(q "select 1 + 1, upper('x') where 2 > 1")" = "2,X" ]
	run -2 q "select a"
	[[ $output == *'no column "a" in a query without FROM'* ]]
	printf 'a,b\n1,2\n3,4\n' | lam-ingest -q -s s
	printf 'c\n9\n' | lam-ingest -q -s r
	view v <<<"select a, count(*) as n from s group by a"
	lam-batch -q v | lam-serve -q
	printf 'a,b\n5,6\n' | lam-ingest -q -s s
	run -0 q "select a from s union all select n from v union all select a from v union all select c from r"
	[ "${output//$'\n'/ }" = "1 3 5 1 1 1 1 3 5 9" ]
	run -0 q --as-of s=2,r=1 "select a from s union all select a from v union all select c from r"
	[ "${output//$'\n'/ }" = "1 3 1 3 9" ]
	run -2 q --as-of t=2 "select a from s"
	[[ $output == *"does not read this stream"* ]]
	run -2 q --as-of s=x "select a from s"
	[[ $output == *"STREAM=POSITION"* ]]
	run -0 q "with x as (select * from stdin) select a from x union all select b from x" <<<$'a,b\n1,2'
	[ "$output" = $'1\n2' ]
	run -2 q "select a from stdin union all select b from stdin" <<<$'a,b\n1,2'
	[[ $output == *"can be read once"* ]]
}

@test "SELECT DISTINCT of groups: those of sqlite3, in little memory, too" {
	machines
	for q in "select distinct count(*) as n from m group by machine, substr(ts, 1, 10) order by n desc" \
		"select distinct grp, max(bytes_in) % 7 as k from m group by grp, machine, substr(ts, 9, 2) having count(*) > 10 order by k + 1 desc, grp limit 9 offset 2" \
		"select distinct sum(n) over (partition by grp) as s, grp from (select grp, machine, count(*) as n from m group by 1, 2) order by 1" \
		"select distinct nullif(count(*) % 2, 0) as k, 5 as five from m group by ts order by k nulls last"; do
		same "${q//substr(ts/substr(cast(ts as text)}"
	done
	q "select distinct machine, count(*) % 5 as n from 'm.csv' group by rollup (machine, grp) order by n, 1 nulls last" >ours
	sqlite3 -csv db "select distinct * from (select machine, count(*) % 5 from m group by machine, grp union all select machine, count(*) % 5 from m group by machine union all select null, count(*) % 5 from m) order by 2, 1 nulls last" | tr -d '\r' | diff ours -
	seq 1 40000 | awk 'BEGIN { print "a,b" } { print $1 "," $1 % 3 }' >n.csv
	[ "$(q --memory 1M "select distinct count(*), a from 'n.csv' group by a, b order by a" | cksum)" = "$(seq -f 1,%.0f 40000 | cksum)" ]
	run -2 q "select distinct count(*) as n from 'n.csv' group by b order by sum(a)"
	[[ $output == *'select "sum(a)" too'* ]]
	run -2 q "select distinct b from 'n.csv' group by rollup (b) order by sum(a)"
	[[ $output == *'1:61'*'select "sum(a)" too'* ]]
}

@test "first and last in the order that is asked for, and FETCH, as sqlite3 has them" {
	machines
	for by in "bytes_in, ts" "bytes_out desc, bytes_in" "load desc, bytes_out"; do
		sqlite3 -csv db "select machine, (select bytes_out from m x where x.machine = m.machine order by ${by/desc/desc nulls first} limit 1) as f from m m where machine is not null group by machine order by machine" | tr -d '\r' |
			diff - <(q "select machine, first(bytes_out order by ${by/desc/desc nulls first}) as f from 'm.csv' where machine is not null group by machine order by machine")
	done
	q "select last(bytes_out order by bytes_in, ts, bytes_out) from 'm.csv'" |
		diff - <(sqlite3 db "select bytes_out from m order by bytes_in desc, ts desc, bytes_out desc limit 1")
	q "select distinct bytes_in from 'm.csv' order by 1 offset 3 rows fetch next 4 rows only" |
		diff - <(sqlite3 db "select distinct bytes_in from m order by 1 limit 4 offset 3")
}

@test "ROLLUP, CUBE and GROUPING SETS are the groupings that they stand for, in one pass" {
	machines
	local n="count(*), sum(bytes_in)"
	is() { q "${1//from m/from \'m.csv\'}" | LC_ALL=C sort; }
	diff <(is "select machine, grp, $n from m group by rollup (machine, grp)") \
		<(sqlite3 -csv db "select machine, grp, $n from m group by 1, 2 union all select machine, null, $n from m group by 1 union all select null, null, $n from m" | tr -d '\r' | LC_ALL=C sort)
	for by in rollup cube; do
		diff <(is "select machine, grp, $n from m group by machine, grp with $by") \
			<(is "select machine, grp, $n from m group by $by (machine, grp)")
	done
	run -2 q "select machine, count(*) from 'm.csv' group by rollup (machine) with rollup"
	diff <(is "select machine, grp, $n, grouping(machine, grp) from m group by cube (machine, grp)") \
		<(sqlite3 -csv db "select machine, grp, $n, 0 from m group by 1, 2 union all select machine, null, $n, 1 from m group by 1 union all select null, grp, $n, 2 from m group by 2 union all select null, null, $n, 3 from m" | tr -d '\r' | LC_ALL=C sort)
	diff <(is "select machine, grp, $n from m group by grouping sets ((machine, grp), (grp), ()) having count(*) > 300") \
		<(sqlite3 -csv db "select machine, grp, $n from m group by 1, 2 having count(*) > 300 union all select null, grp, $n from m group by 2 having count(*) > 300 union all select null, null, $n from m" | tr -d '\r' | LC_ALL=C sort)
	# standard input is read once
	[ "$(q "select grp, count(*) from stdin group by rollup (grp) order by 2, 1" <m.csv | tail -n 1)" = ",3000" ]
	lam-ingest -q -s m <m.csv
	# of a view the states are merged for each set
	view v <<<"select grp, date_trunc('day', ts) as day, machine, count(*) as n, avg(cpu) as c, count(distinct load) as d, sum(bytes_in) as s from m group by 1, 2, 3"
	lam-batch v | lam-serve
	for by in "rollup (machine, grp)" "cube (machine, grp)" "grouping sets ((grp), (machine), ())" "machine, rollup (grp)"; do
		q "select machine, grp, n, c, d, sum(s) as s, grouping(machine, grp) as g from v where machine <> 'urd' group by $by having n > 10 order by all" >ours
		q "select machine, grp, count(*) as n, avg(cpu) as c, count(distinct load) as d, sum(bytes_in) as s, grouping(machine, grp) as g from m where machine <> 'urd' group by $by having n > 10 order by all" | diff ours -
	done
	q "select machine, n from v group by rollup (machine) order by n desc limit 1" | diff - <(echo ",3000")
	run -2 q "select machine, max(n + 1) from v group by rollup (machine)"
	[[ $output == *"write FROM (SELECT * FROM v)"* ]]
	rm "$LAM_DATA/views/v.sql"
	view w <<<"select machine, count(*) from m group by rollup (machine)"
	run -2 lam-batch -q
	[[ $output == *"write ROLLUP and the like in the query on the view"* ]]
	run -2 q "select grouping(a) from range(1) t(a) group by a"
	[[ $output == *"grouping() is for"* ]]
}

@test "a query within that is about more than the keys is no value of a group: what to write" {
	printf 'k,v\n1,2\n1,4\n2,3\n' >t.csv
	run -2 lam-query "select k, (select sum(v) from 't.csv' i where i.v = t.v) as s from 't.csv' t group by k"
	[[ $output == *"query:1:"*": a sub-query about each row cannot stand beside groups: put the groups into FROM"* ]]
	run -0 --separate-stderr lam-query --no-header "select k, (select sum(v) from 't.csv' i where i.k = t.k) as s from 't.csv' t group by k order by k"
	[ "$output" = $'1,6\n2,3' ]
}

@test "a column of a query within is named by what is written; WITH names columns" {
	run -0 --separate-stderr lam-query "select k, (select count(*)
		from range(3) b(x) where b.x = a.k), k in (select 1) from range(1) a(k)"
	[ "$output" = $'k,(select count(*) from range(3) b(x) where b.x = a.k),k IN (select 1)\n0,1,false' ]
	run -0 lam-query "with t(a, b) as (select 1, 2) select b, a from t"
	[ "$output" = $'b,a\n2,1' ]
}
