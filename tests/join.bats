#!/usr/bin/env bats
# Joins: what sqlite3 gives, whatever the threads, the memory and where the rows are.
load helper

q() { lam-query --no-header "$@"; }

# Requests, hosts, and the same in sqlite3, where an empty field is NULL.
requests() {
	python3 - "${1:-3000}" <<-'E'
		import random, sys
		rng = random.Random(11)
		with open("r.csv", "w") as f, open("h.csv", "w") as g:
		    f.write("id,host,status,bytes\n")
		    for i in range(int(sys.argv[1])):
		        f.write("%d,%s,%d,%s\n" % (i, rng.choice(["a", "b", "c", "d", "x", ""]),
		            rng.choice([200, 200, 404, 500]), rng.choice(["", "1", "2.50", "900"])))
		    g.write("host,owner,quota\n")
		    for i, h in enumerate(["a", "b", "c", "c", "e", ""]):
		        g.write("%s,%s,%s\n" % (h, "ann" if i % 2 else "bob", ["2.5", "", "900.0"][i % 3]))
	E
	sqlite3 db 'create table r(id integer, host text, status integer, bytes numeric)' \
		'create table h(host text, owner text, quota numeric)'
	for t in r h; do
		tail -n +2 $t.csv >body
		sqlite3 db '.mode csv' ".import body $t"
	done
	sqlite3 db "update r set host = nullif(host, ''), bytes = nullif(bytes, '')" \
		"update h set host = nullif(host, ''), quota = nullif(quota, '')"
}

# In memory and, to the byte, without any: then both sides of a join are sorted in files.
same() {
	local sql
	sql=$(perl -pe "s/(from |join |, |\()([rh]) (?=\w)/\$1'\$2.csv' /g" <<<"$1")
	q "$sql" >ours
	q --memory 1 "$sql" | cmp - ours
	sqlite3 -csv db "$1" | tr -d '\r' >theirs
	[ -s ours ]
	diff ours theirs
}

@test "every kind of join, as sqlite3 has it" {
	requests
	for kind in "" left right full; do
		same "select r.id, h.host, h.owner from r r $kind join h h on r.host = h.host order by r.id nulls last, h.owner, h.host nulls last"
		same "select r.id, host, owner from r r $kind join h h using (host) order by r.id nulls last, owner, host nulls last"
		same "select r.id, h.host, h.owner from r r $kind join h h on r.host = h.host and r.bytes = h.quota and r.status < 500 order by r.id nulls last, h.owner, h.host nulls last"
	done
	same "select h.owner, count(*) as n from r r join h h on h.host > r.host group by h.owner order by 1"
	same "select r.status, count(*) as n from r r, h h where r.host = h.host and h.owner = 'ann' and r.id > 100 group by r.status order by 1"
	same "select count(*) as n from r r cross join h h where r.id < 10"
}

@test "joins of three relations, and of what other queries made" {
	requests
	same "select a.host, b.owner, c.owner as o from h a left join h b on a.host = b.host and b.owner = 'ann' left join (select * from h h where quota > 3) c on c.owner = b.owner order by a.host nulls last, 2 nulls last, 3 nulls last"
	same "select x.host, x.n, y.owner, z.s from (select host, count(*) as n from r r group by host) x join h y on y.host = x.host left join (select status as s from r r union select 1) z on z.s = x.n - 100 or (z.s = 404 and y.owner = 'ann') order by 1, 2, 3, 4"
	same "select a.host, a.n, b.n as m from (select host, row_number() over (order by host, owner) as n from h h where host is not null) a join (select host, row_number() over (order by host, owner) as n from h h where host is not null) b on a.n = b.n + 1 order by 2"
	same "select count(*) as n from h a join (h b join h c on b.host = c.host) on a.owner = c.owner"
	# The right has merged a column, too; sqlite3 is asked with that on the left.
	with="with a as (select host from H h where owner = 'ann'), b as (select host from H h where owner = 'bob') select host, count(*) as n from"
	q "${with//H/"'h.csv'"} 'r.csv' r join (a full join b using (host)) using (host) group by host" >ours
	sqlite3 -csv db "${with//H/h} (select host from a full join b using (host)) join r using (host) group by host order by 1" | tr -d '\r' >theirs
	[ "$(wc -l <theirs)" -eq 3 ]
	diff ours theirs
}

@test "a parenthesis in FROM holds relations, though it may begin with a query" {
	requests 100
	same "select x.id, k.owner from ((select id, host from r r where status = 200) x join h k on x.host = k.host) order by 1, 2"
	same "select count(*), sum(z.id) from (((select host from h h) x join r z on x.host = z.host) left join (select owner, host from h h) y on y.host = x.host)"
	same "select count(*) from h k left join ((select id, host from r r) x join (select max(id) as m from r r) y on x.id < y.m) on x.host = k.host"
	[ "$(q "select * from ((select 1 as a) union all (select 2)) t order by a" | tr -d '\n')" = 12 ]
	[ "$(q "select a from (((select 3 as a))) t")" = 3 ]
}

@test "USING names the side that is written left, whichever is read first" {
	requests 3000
	for x in h r; do lam-ingest -q -s $x <$x.csv; done
	for side in r h; do
		for from in "h join r" "r join h"; do
			q "select $side.host, host, count(*) from $from using (host) group by rollup($side.host, host) order by 1, 2, 3" >ours
			sub="count(*) from $from using (host) group by host"
			left=${from%% *}
			second=host
			[ "$side" = "$left" ] || second=null
			sqlite3 -csv db "select * from (select host as a, host as b, $sub) union all select * from (select host, $second, $sub) union all select null, null, count(*) from $from using (host) order by 1 nulls last, 2 nulls last, 3" | tr -d '\r' >theirs
			diff ours theirs
		done
	done
}

@test "aggregates of columns of one name are of the relation that is named" {
	requests
	for kind in "" left full; do
		same "select count(a.id) as x, count(b.id) as y, sum(a.status) as s, sum(b.status) as t, min(a.host) as p, min(b.host) as q, count(*) filter (where a.status > 404) as f, count(*) filter (where b.status > 404) as g, count(distinct a.id) as d, count(distinct b.id) as e from r a $kind join r b on a.id = b.id + 1 and a.host = b.host"
	done
	same "select count(*) filter (where exists (select 1 from h h where h.host = r.host)) as x, count(*) filter (where exists (select 1 from h h where h.host = r.host and h.owner = 'bob')) as y from r r"
}

@test "the smaller side first: groups are those of sqlite3, and the join is turned round" {
	requests
	for kind in "" left right full; do
		same "select h.owner, host, count(*) as n, count(r.id) as m, sum(status) as s from h h $kind join r r using (host) group by h.owner, host order by 1 nulls last, 2 nulls last"
		same "select h.owner, b.quota, max(r.id) as n from h h $kind join h b on b.host = h.host $kind join r r on r.host = h.host and r.status > 200 group by h.owner, b.quota order by 1 nulls last, 2 nulls last"
	done
	same "select count(*) as n from h h left join r r on r.id > 2990 and r.host > h.host"
	q "explain select owner, count(*) as n from 'h.csv' h join 'r.csv' r using (host) group by owner" >plan
	grep -A1 'join by hash' plan | grep -q r.csv
	# ... but not where somebody sees the order
	for what in "owner, first(id)" "owner, sum(id) as s, last(id) + 1 as l"; do
		q "explain select $what from 'h.csv' h join 'r.csv' r using (host) group by owner" >plan
		grep -A1 'join by hash' plan | grep -q h.csv
	done
	[ "$(q "select first(id) as f, last(id) as l from 'h.csv' h join 'r.csv' r using (host)")" = "$(sqlite3 -csv db "select (select min(id) from r where host = 'a'), (select max(id) from r where host = 'c')" | tr -d '
')" ]
}

@test "queries within expressions, as sqlite3 has them" {
	requests 300
	same "select id from r r where host in (select host from h h where owner = 'ann') order by id"
	same "select id from r r where host not in (select host from h h where host is not null) order by id"
	same "select count(*) as n from r r where not exists (select 1 from h h where h.host = r.host and h.quota > r.bytes)"
	same "select id, (select count(*) from h h where h.host = r.host) as n, (select max(quota) from h h where h.host = r.host) as m from r r order by id"
	same "select id, (select count(*) from h h where h.host = r.host group by h.host) as n, coalesce((select sum(quota) from h h where h.host = r.host), 0) + 1 as m from r r order by id"
	same "select id from r r where exists (select host from h h where h.host = r.host group by host having count(*) > 1) order by id"
	same "select status, count(*) as n, max(id) - (select min(id) from r r) as d from r r group by status having count(*) > (select count(*) from h h) order by status"
	same "select id from r r where bytes = (select max(bytes) from r x where x.host = r.host and x.status = r.status) order by id"
	same "select id from r r where (host in (select host from h h)) is null order by id"
	# queries within ON of an inner join
	same "select r.id, h.owner from r r join h h on r.host = h.host and r.status in (select max(status) from r x) order by 1, 2"
	same "select count(*) as n from r r join (h h join h k on h.owner = k.owner and exists (select 1 from r x where x.host = k.host and x.id < 9)) on r.host = h.host join h z on z.host = r.host and z.quota > (select min(quota) from h y)"
	same "select count(*) as n from r r join h h on exists (select 1 from h k where k.host = r.host and k.owner = h.owner) and r.host <> h.host"
	# names of a query two and three levels around
	same "select id from r r where exists (select 1 from h h where h.host = r.host and exists (select 1 from r y where y.host = r.host and y.id < h.quota and y.status = 404)) order by id"
	same "select id, (select count(*) from h h where r.host = h.host and h.quota < (select count(*) from r y where y.host = r.host)) as n from r r order by id"
	same "select id from r r where exists (select 1 from h h where h.host = r.host and exists (select 1 from r y where y.host = r.host and not exists (select 1 from h z where z.host = r.host and z.quota > y.bytes))) order by id"
	refused() { run -2 q "$1"; [[ $output == *"$2"* ]] || { echo "$output"; false; }; }
	# two levels around, without equality between: each row is compared with each, and a warning says so
	far() {
		run --separate-stderr lam-query --no-header "$(sed "s/from r /from 'r.csv' /g; s/from h /from 'h.csv' /g" <<<"$1")"
		[ "$status" -le 1 ] && [ "$output" = "$(sqlite3 -csv db "$1")" ] || { echo "$1: $output"; false; }
	}
	far "select id from r r where exists (select 1 from h h where exists (select 1 from r y where y.host = r.host and y.bytes > h.quota)) order by id"
	far "select id from r r where not exists (select 1 from h h where h.owner is not null and not exists (select 1 from r y where y.host = h.host and y.id < r.id)) order by id"
	far "select id, (select count(*) from h h where h.quota > (select count(*) from r y where y.host = h.host and y.id < r.id)) as n from r r order by id"
	refused "select id from 'r.csv' r where exists (select 1 from 'h.csv' h where exists (select 1 from 'r.csv' y where y.host = bytes_sent))" "bytes_sent"
	refused "select id from 'r.csv' r where exists (select 1 from 'h.csv' h where h.host = r.host and h.quota > (select max(r.id) from 'r.csv' y))" "\"r\" is a relation of a query around"
	# a column as it is, of each type, is its value and not its text
	same "select id, (select quota from h h order by quota desc limit 1) as q from r r where bytes < (select quota from h h where owner is not null order by quota desc limit 1) order by id"
	printf 'n,t,b,s\n-1.50,2024-05-06T07:08:09Z,true,x\n' >one.csv
	[ "$(q "select (select n from 'one.csv'), (select t from 'one.csv'), (select b from 'one.csv'), (select s from 'one.csv'), (select n from 'one.csv') + 1")" = "-1.5,2024-05-06T07:08:09Z,true,x,-0.5" ]
	[ "$(q "select s from 'one.csv' where n = (select n from 'one.csv') and t = (select t from 'one.csv') and b = (select b from 'one.csv')")" = x ]
	refused "select (select host from 'h.csv')" "gave 6 rows"
	refused "select id, (select owner from 'h.csv' h where h.host = r.host) from 'r.csv' r" "more than one row"
	refused "select (select host, owner from 'h.csv')" "one column"
	refused "select id, (select host || max(quota) from 'h.csv' h where h.host = r.host) from 'r.csv' r" "GROUP BY"
	refused "select id, (select sum(sum(quota)) over () from 'h.csv' h where h.host = r.host) from 'r.csv' r" "window"
}

@test "what a query makes of aggregates of its own, for each row around, no rows included" {
	requests 300
	same "select id from r r where bytes < (select 0.5 * avg(bytes) from r x where x.host = r.host) order by id"
	same "select id, (select count(*) + 1 from h h where h.host = r.host) as n, (select coalesce(sum(quota), -1) from h h where h.host = r.host) as s from r r order by id"
	same "select id, (select case when max(quota) - min(quota) > 1 then count(*) else -count(*) end from h h where h.host = r.host) as n, (select count(*) * 10 + r.status from h h where h.host = r.host) as s from r r order by id"
	same "select id, (select case when count(*) = 0 then 'none' when sum(quota) > 900 then 'much' else 'some' end from h h where h.host = r.host limit 1) as n from r r order by id"
	same "select id, (select count(*) * 10 from h h where h.quota < r.bytes) as n from r r order by id"
	same "select id, (select max(quota) from h h where h.host = r.host having count(*) > 1) as n from r r order by id"
	same "select id from r r where exists (select count(*) from h h where h.host = r.host) and id < 20 order by id"
	same "select id from r r where exists (select count(*) from h h where h.host = r.host having count(*) <> 1) order by id"
	same "select id from r r where 0 in (select count(*) from h h where h.host = r.host) order by id"
	same "select id from r r where r.bytes not in (select max(quota) from h h where h.host = r.host) order by id"
	same "select id from r r where (r.host, 1) in (select min(host), count(*) from h h where h.host = r.host) order by id"
	same "select id from r r where r.host in (select host from h h where h.quota > (select 0.5 * max(bytes) from r x where x.host = h.host)) order by id"
}

@test "the first row of a query, for each row around" {
	requests 300
	same "select id, (select owner from h h where h.host = r.host order by quota desc, owner limit 1) as o from r r order by id"
	same "select id, (select x.id from r x where x.host = r.host and x.id < r.id order by x.status desc, x.id desc limit 1 offset 1) as p from r r order by id"
	same "select id from r r where r.bytes in (select quota from h h where h.host = r.host order by quota desc limit 1) order by id"
	same "select id from r r where exists (select 1 from r x where x.host = r.host and x.bytes = r.bytes and x.status = 500 limit 1) order by id"
	same "select owner, (select status from r r join h k on k.host = r.host where k.owner = h.owner group by status order by count(*) desc, status limit 1) as s from h h order by 1, 2"
	run -2 q "select id, (select distinct owner from 'h.csv' h where h.host = r.host limit 1) from 'r.csv' r"
	[[ $output == *"write GROUP BY"* ]]
}

@test "queries within ON of outer joins" {
	requests 300
	for kind in left right full; do
		same "select r.id, h.owner, h.quota from r r $kind join h h on r.host = h.host and r.bytes in (select quota from h h) order by 1 nulls last, 2 nulls last, 3 nulls last"
		same "select r.id, h.owner, h.quota from r r $kind join h h on r.host = h.host and h.quota not in (select bytes from r r where status = 500 and bytes is not null) order by 1 nulls last, 2 nulls last, 3 nulls last"
		same "select r.id, h.owner, h.quota from r r $kind join h h on r.host = h.host and exists (select 1 from r x where x.id = r.id + 1 and x.status = 404) and not exists (select 1 from h k where k.owner = h.owner and k.quota > h.quota) order by 1 nulls last, 2 nulls last, 3 nulls last"
		same "select r.id, h.owner, h.quota from r r $kind join h h on r.host = h.host and r.bytes < (select 0.5 * max(quota) from h k where k.host = r.host) order by 1 nulls last, 2 nulls last, 3 nulls last"
	done
	same "select r.id, h.owner, k.owner as o from r r left join h h on r.host = h.host and h.host in (select host from h h where owner = 'ann') left join h k on k.owner = h.owner and r.id in (select max(id) from r r group by host) order by 1, 2 nulls last, 3 nulls last"
	same "select count(*) as n from r r left join h h on exists (select 1 from h h where quota > 900)"
	run -2 q "select count(*) from 'r.csv' r left join 'h.csv' h using (status)"
	[[ $output == *"there are: host, owner, quota"* ]]
	run -2 q "select count(*) from 'r.csv' r left join 'h.csv' h on exists (select 1 from 'h.csv' k where k.host = r.host and k.owner = h.owner)"
	[[ $output == *"put this one into WHERE"* ]]
}

@test "rows of values are compared as sqlite3 compares them, NULLs as well" {
	requests 300
	sqlite3 db "insert into h values ('b', null, 1)"
	echo b,,1 >>h.csv
	pair="select host, owner from h h"
	same "select id from r r where (host, case when id % 2 = 1 then 'ann' else 'bob' end) in ($pair) order by id"
	same "select id from r r where (host, case when id % 2 = 1 then 'ann' else 'bob' end) not in ($pair) order by id"
	same "select id, coalesce(cast((host, case id % 3 when 1 then 'ann' when 2 then 'x' end) in ($pair where host is not null) as integer), 9) as i from r r order by id"
	same "select id from r r where (host, status) = ('a', 200) or (host, status) <> ('b', 404) order by id"
	same "select id from r r where (host, bytes) in (select h.host, h.quota from h h where h.owner = 'bob' or r.id > 40) order by id"
	q "select id from 'r.csv' where (host, status) in (('a', 200), ('c', 500)) order by id" >ours
	q "select id from 'r.csv' where (host, status) not in (('a', 404), ('c', 404), (null, 200)) order by id" >>ours
	sqlite3 db "select id from r where (host, status) in (values ('a', 200), ('c', 500)) order by id" \
		"select id from r where (host, status) not in (values ('a', 404), ('c', 404), (null, 200)) order by id" | diff ours -
	refused() { run -2 q "$1"; [[ $output == *"$2"* ]] || { echo "$output"; false; }; }
	refused "select id from 'r.csv' where (host, id) = (1, 2, 3)" "a row of 2 values is compared with one of 3"
	refused "select id from 'r.csv' where (host, id) < (1, 2)" "expected IN, = or <>"
	refused "select id from 'r.csv' where (host, id) in (select host from 'h.csv')" "as many columns"
	refused "select id from 'r.csv' r where (host, id) in (select * from 'h.csv' h where h.host = r.host)" "as many columns"
}

@test "views, streams, files and pipes are joined, and the bytes are the same for any threads, memory and layout" {
	requests 20000
	lam-ingest -q -s r <r.csv
	lam-ingest -q -s h <h.csv
	view v <<<"select host, count(*) as hits, sum(bytes) as bytes from r group by host"
	lam-batch -q v | lam-serve -q
	head -n 500 r.csv | lam-ingest -q -s r
	( cat r.csv; tail -n +2 r.csv | head -n 499 ) >all.csv
	run -0 q "select v.host, h.owner, v.hits from v join h on v.host = h.host order by all"
	[ "$output" = "$(q "select v.host, h.owner, v.hits from (select host, count(*) as hits from 'all.csv' group by host) v join 'h.csv' h on v.host = h.host order by all")" ]
	run -0 q "select a.host, b.hits from v a join v b on a.hits = b.hits order by all"
	[ "${#lines[@]}" = 6 ]
	sql="select r.id, r.bytes, h.owner, s.n from r left join h on h.host = r.host full join (select id as n, host as k from r where id % 7 = 0) s on s.n = r.id and h.owner = 'ann'"
	q "$sql" >one
	[ "$(wc -l <one)" -gt 20000 ]
	for o in "--threads 1" "--threads 3" "--threads 3 --memory 2M" "--memory 1500K"; do
		q $o "$sql" | cmp - one
	done
	q --threads 2 "${sql//from r /from \'all.csv\' r }" | cmp - one
	q "${sql/from r /from stdin r }" <all.csv | cmp - one
}

@test "a join that is refused says what to write, one without equality warns" {
	requests 10
	refused() { run -2 q "$1"; [[ $output == *"$2"* ]] || { echo "$output"; false; }; }
	refused "select host from 'r.csv' r join 'h.csv' h on r.host = h.host" "write r.host or h.host"
	refused "select 1 from 'h.csv' join 'h.csv' on true" "give one another name with AS"
	refused "select 1 from 'r.csv' r natural join 'h.csv' h" "USING"
	refused "select 1 from 'r.csv' r semi join 'h.csv' h on true" "EXISTS"
	refused "select 1 from 'r.csv' r join 'h.csv' h" "expected ON condition or USING"
	refused "select 1 from 'r.csv' r join 'h.csv' h using (id)" "no column"
	refused "select 1 from 'r.csv' r join 'h.csv' h on count(*) > 1" "sub-query"
	refused "select 1 from 'r.csv' r join 'h.csv' h on r.host = h.quota" "cast"
	refused "select 1 from $(printf "'h.csv' a%d, " {1..64}) 'h.csv' b" "more than 64 relations"
	run -0 q "select count(*) from 'h.csv' a join 'h.csv' b on a.host < b.host"
	[[ $output == *"no equality joins"* ]]
	lam-ingest -q -s r <r.csv
	view w <<<"select a.host, count(*) from r a join r b on a.id = b.id group by a.host"
	run -2 lam-batch -q
	[[ $output == *"make a view of each, and join them"* ]]
}

@test "a right side larger than memory: the same rows in the same order, whatever a key is like" {
	# A key that many rows have, texts that are sorted by, NULLs, numbers of several
	# scales; sqlite3 gives the order: of the left, then of the right.
	python3 - <<-'E'
		import random
		rng = random.Random(5)
		for name, rows in ("l.csv", 1500), ("r.csv", 2000):
		    with open(name, "w") as f:
		        f.write("k,s,v\n")
		        for i in range(rows):
		            k = "7" if i % 40 == 0 else rng.choice(["", str(rng.randrange(1500)),
		                "%d.5" % rng.randrange(1500), str(10**25 + rng.randrange(99))])
		            f.write("%s,%s,%s\n" % (k, rng.choice(["a", "b", "", "key" + k]),
		                rng.choice(["", str(i), "%d.25" % i])))
	E
	sqlite3 db 'create table l(k text, s text, v text)' 'create table r(k text, s text, v text)' \
		'.mode csv' '.import --skip 1 l.csv l' '.import --skip 1 r.csv r'
	for t in l r; do
		sqlite3 db "update $t set k = nullif(k, ''), s = nullif(s, ''), v = nullif(v, '')"
	done
	for kind in "" left right full; do
		for on in "l.k = r.k" "l.k = r.k and l.s = r.s" "l.k = r.k and cast(l.v as double) < cast(r.v as double)"; do
			sqlite3 -csv db "select l.k, l.v, r.s, r.v from l $kind join r on ${on//as double/as real}
				order by l.rowid nulls last, r.rowid" | tr -d '\r' >theirs
			for o in "--memory 1 --threads 1" "--memory 100K --threads 2" ""; do
				q $o "select l.k, l.v, r.s, r.v from 'l.csv' l $kind join 'r.csv' r on $on" | cmp - theirs
			done
		done
	done
	# More than 64 Ki rows of one key on either side, and that of one of them
	seq 70000 | sed '1i k,n' | sed '2,$s/^/1,/' >many.csv
	for o in "" "--memory 300K"; do
		[ "$(q $o "select count(*), min(a.n), max(b.n) from 'many.csv' a left join 'many.csv' b on a.k = b.k where a.n in (3, 69999)")" = 140000,3,70000 ]
		[ "$(q $o "select b.n from 'many.csv' a join 'many.csv' b on a.k = b.k and a.n = 5" | cksum)" = "$(seq 70000 | cksum)" ]
		run -2 q $o "select n, (select n from 'many.csv' b where b.k = a.k) from 'many.csv' a"
		[[ $output == *"gave more than one row"* ]]
	done
}

@test "a query within is bound by more than equality: its aggregates are of each row around" {
	printf 'k,n,y\n1,1,10\n1,2,20\n1,3,30\n2,1,5\n,2,7\n' >t.csv
	run -0 --separate-stderr lam-query --no-header "select k, n, (select sum(y) from 't.csv' b where b.k = a.k and b.n < a.n) from 't.csv' a order by k, n"
	[ "$output" = "1,1,
1,2,10
1,3,30
2,1,
,2," ]
	run -0 --separate-stderr lam-query --no-header "select k, n, (select count(*) from 't.csv' b where b.k is not distinct from a.k and b.n >= a.n) c from 't.csv' a order by k, n"
	[ "$output" = "1,1,3
1,2,2
1,3,1
2,1,1
,2,1" ]
	run -0 --separate-stderr lam-query --no-header "select a.y, l.y from 't.csv' a, lateral (select y from 't.csv' b where b.y > a.y order by b.y limit 1) l order by a.y"
	[ "$output" = "5,7
7,10
10,20
20,30" ]
	# aggregates of a LATERAL query have the names that it gives them, by * and by name
	run -0 --separate-stderr lam-query "select a.n, l.* from 't.csv' a left join lateral (select count(*) as c, count(b.y) as d, max(y) as m from 't.csv' b where b.k = a.k + 1) l on true order by a.y limit 1"
	[ "$output" = "n,c,d,m
1,0,0," ]
	run -0 --separate-stderr lam-query "select l.c, l.m from 't.csv' a, lateral (select count(*) as c, max(y) as m from 't.csv' b where b.k = a.k) l order by a.y limit 1"
	[ "$output" = "c,m
1,5" ]
	# in ON of an outer join one is of one side of it
	run -2 lam-query "select a.n from 't.csv' a full join 't.csv' b on a.k = b.k and a.y > (select max(c.y) from 't.csv' c where c.n < a.n and c.k > b.k)"
	[[ "$output" == *"put this one into WHERE"* ]]
	# what several queries make is the same for all rows of the left
	for union in "values (7), (5)" "select y from 't.csv' where n = 1 and k = 2 union all select 5 + 2 - 0" \
		"select y from 't.csv' where y < 10 except select 9"; do
		run -0 --separate-stderr lam-query --no-header "select a.n, sum(l.x) from 't.csv' a cross join lateral ($union) l(x) where a.k = 1 group by 1 order by 1"
		[ "$output" = "1,12
2,12
3,12" ]
	done
	run -2 lam-query "select * from 't.csv' a, lateral (select y from 't.csv' b where b.k = a.k union select 5) l"
	[[ $output == *'"a"'* ]]
	# beside groups, about their keys
	run -0 --separate-stderr lam-query --no-header "select k, sum(y), (select count(*) from 't.csv' b where b.k <> a.k), exists (select 1 from 't.csv' b where b.n = a.k)
		from 't.csv' a group by k having sum(y) > (select avg(y) from 't.csv' b where b.k = a.k) order by k"
	[ "$output" = "1,60,1,true" ]
	run -2 lam-query "select k, (select count(*) from 't.csv' b where b.n > a.n) from 't.csv' a group by k"
	[[ "$output" == *"cannot stand beside groups"* ]]
}

@test "an input without records beside others is no empty answer: it is one, or an error" {
	printf 'a,b\n1,x\n2,y\n' >l.csv
	printf 'a,c\n' >header.csv
	: >none.csv
	run -0 q "select l.a, h.c from 'l.csv' l left join 'header.csv' h on h.c = l.b"
	[ "$output" = "1,
2," ]
	run -0 q "select l.a, h.c from 'l.csv' l left join 'header.csv' h on h.a = l.a"
	[ "$output" = "1,
2," ]
	for sql in "select a from 'l.csv' where a not in (select a from 'header.csv')" \
		"select a from 'l.csv' union all select a from 'header.csv'"; do
		run -0 q "$sql"
		[ "$output" = $'1\n2' ]
	done
	run -3 lam-query -q "select l.a, z.c from 'l.csv' l left join 'none.csv' z on z.a = l.a"
	[[ "$output" == *.csv:*"its answer is not known" ]]
	run -1 lam-query -q "select count(*) from 'none.csv'"
}

@test "what a comma joins is linked by equality, in whatever order it is written" {
	printf 'a,x\n1,5\n2,6\n' >a.csv
	printf 'b,y\n1,7\n3,8\n' >b.csv
	printf 'fa,fb,n\n1,1,10\n2,3,20\n1,3,30\n2,2,40\n' >f.csv
	# without an equality a warning would come
	for sql in "'a.csv' a, 'b.csv' b, 'f.csv' f where fa = a and fb = b.b" \
		"'b.csv' b, 'a.csv' a, 'f.csv' f where b.b = fb and a.a = fa" \
		"'f.csv' f, 'a.csv' a, 'b.csv' b where (fa = a and b.b = fb and n > 10) or (b.b = fb and fa = a and n < 20)"; do
		run -0 --separate-stderr lam-query --no-header "select sum(n), sum(x), sum(y) from $sql"
		[ "$output" = 60,16,23 ]
		[ -z "$stderr" ]
	done
}
