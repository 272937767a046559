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
