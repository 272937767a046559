#!/usr/bin/env bats
# Lists: what Python makes of them, what a view keeps, and what is refused.
load helper

@test "lists: random ones through casts, functions and unnest, as Python has them" {
	for seed in 1 2; do
		"$BATS_TEST_DIRNAME/lists_model.py" $seed 300
	done
}

@test "lists of a view are merged, and unnest reads them; the same for any memory" {
	printf 'h,n\n' >head
	mkdir -p "$LAM_DATA/views"
	for i in 1 2 3; do
		{ cat head; seq $((i * 100)) $((i * 100 + 99)) | awk '{print "h" $1 % 2 "," $1}'; } |
			lam-ingest -q -s s -f csv
		[ $i -gt 1 ] || { echo 'select h, array_agg(n) as ns, top_k(n % 7, 2) as top from s group by h' \
			>"$LAM_DATA/views/v.sql"; lam-batch | lam-serve; }
		[ $i -ne 2 ] || lam-speed
	done
	run -0 lam-query --no-header 'select h, len(ns), ns[1], ns[-1], list_sum(ns) from v'
	[ "${lines[0]}" = "h0,150,100,398,$(seq 100 2 398 | paste -sd+ | bc)" ]
	[ "${lines[1]}" = "h1,150,101,399,$(seq 101 2 399 | paste -sd+ | bc)" ]
	run -0 lam-query --no-header 'select count(*), sum(e) from v, unnest(v.ns) as u(e) where e % 2 = 1'
	[ "$output" = "150,$(seq 101 2 399 | paste -sd+ | bc)" ]
	run -0 lam-query -o jsonl "select top[1:1] as t, ns[2] as n from v where h = 'h1'"
	[ "$output" = '{"t":[0],"n":103}' ]
	run -0 lam-query --no-header 'describe v'
	[ "${lines[1]}" = 'ns,number[],aggregate' ]
	sql='select x, e from range(60000) r(x), unnest([x, -x, x // 3]) as u(e)'
	lam-query --memory 1G --threads 2 "$sql" >much
	lam-query --memory 8M --threads 1 "$sql" >little
	[ "$(wc -l <much)" = 180001 ]
	cmp much little
}

@test "a set as a list is served from a view, with NULL where ORDER BY says, under the name it was given" {
	printf 'h,n\na,3\na,\na,1\nb,2\na,3\n' | lam-ingest -q -s s -f csv
	mkdir -p "$LAM_DATA/views"
	echo 'select h, array_agg(distinct n) as up, array_agg(distinct n order by n desc nulls first) as down,
		array_agg(distinct n) filter (where n > 1) as some from s group by h' >"$LAM_DATA/views/v.sql"
	lam-batch | lam-serve
	printf 'h,n\nb,\nb,1\n' | lam-ingest -q -s s -f csv
	lam-speed
	run -0 lam-query -o jsonl 'select * from v'
	[ "${lines[0]}" = '{"h":"a","up":[1, 3, null],"down":[null, 3, 1],"some":[3]}' ]
	[ "${lines[1]}" = '{"h":"b","up":[1, 2, null],"down":[null, 2, 1],"some":[2]}' ]
	run -0 lam-query 'select array_agg(distinct n order by n) from s'
	[ "${lines[0]}" = 'array_agg(DISTINCT n ORDER BY n)' ]
}

@test "lists: what they cannot do is refused, with what to write" {
	refused() { # SQL TEXT
		run -2 lam-query "$1"
		[[ "$output" == *"$2"* ]] || { echo "$1: $output"; false; }
	}
	refused 'select [[1]]' 'a list holds no lists'
	refused "select [1, 'x']" "'x' is not a number"
	refused 'select [1] < [2]' 'no order: compare elements, x[1]'
	refused 'select x from (select [1] as x) order by x' 'ORDER BY x[1]'
	refused 'select max(x) from (select [1] as x)' 'takes no list'
	refused "select 'abc'[1]" 'of a text write substr(x, n, length)'
	refused "select unnest('a,b')" "string_split(x, ',')"
	refused 'select unnest([1]) as e, count(*) from range(2) group by e' 'cannot be a group key'
	refused 'select 1 from (select [1] as x) where unnest(x) = 1' 'FROM t, unnest(t.x) AS u(e)'
	refused 'select unnest([1]) from range(2) t(a) group by rollup (a)' 'FROM (SELECT unnest(x) ...)'
	refused 'select * from unnest([1]) with ordinality' 'row_number() OVER ()'
	refused 'select 1 from range(2) r(x) join unnest([1]) as u(e) on x = e' 'with a condition in WHERE'
	echo h >in.csv
	echo '"a,b"' >>in.csv
	lam-ingest -q -s s -f csv in.csv
	mkdir -p "$LAM_DATA/views"
	echo "select e, count(*) as n from s, unnest(string_split(h, ',')) as u(e) group by e" >"$LAM_DATA/views/v.sql"
	run -2 lam-batch
	[[ "$output" == *'counts each record once'*'FROM stream, unnest(stream.x) AS u(e)'* ]]
}

@test "NULLs alone have the type that one of them is cast to" {
	run -0 lam-query --no-header "select count(*), sum(e) + 1 is null from unnest([null, null::bigint]) as u(e) where e is null or e > 2"
	[ "$output" = 2,true ]
	run -0 lam-query --no-header "select coalesce(null::bigint, null, 3) + 1, coalesce(null, null::timestamp) + interval '1 day' is null, list_append([null::bigint], 3)[2] + 1, coalesce(null::bigint, 'a')"
	[ "$output" = 4,true,4,a ]
}

@test "unnest stands before other relations, beside another one, and beside window functions" {
	run -0 lam-query --no-header "select t.k, u.e, v.w from (values (1, [1,2]), (2, [3])) t(k, x), unnest(t.x) u(e)
		join (values (1, 'a'), (3, 'c')) v(i, w) on v.i = u.e order by 1, 2"
	[ "$output" = "1,1,a
2,3,c" ]
	run -0 lam-query --no-header "select t.k, u.e, v.f from (values (1, [1,2], [7]), (2, [3], [8,9])) t(k, x, y), unnest(t.x) u(e), unnest(t.y) v(f) order by 1, 2, 3"
	[ "$output" = "1,1,7
1,2,7
2,3,8
2,3,9" ]
	run -0 lam-query --no-header "select unnest([5, n]) as u, sum(n) over () as s from range(1, 3) r(n) order by u, n"
	[ "$output" = "1,3
2,3
5,3
5,3" ]
}

@test "ARRAY (SELECT ...) is what the rows have, in their order, as sqlite3 gathers them" {
	seq 0 199 | awk 'BEGIN { print "id,k,v" } { print $1 "," $1 % 7 "," ($1 * 37) % 50 }' >t.csv
	sqlite3 db '.mode csv' '.import t.csv t'
	sqlite3 db "update t set id = cast(id as integer), k = cast(k as integer), v = cast(v as integer)"
	same() {
		lam-query -o jsonl "${1//from t/from \'t.csv\'}" | sed 's/^{"a"://; s/}$//; s/, /,/g' >ours
		sqlite3 db "$2" >theirs
		[ -s ours ]
		diff ours theirs
	}
	same "select array(select v from t t where k = 3 order by v desc, id) as a" \
		"select json_group_array(v + 0) from (select v from t where k + 0 = 3 order by v + 0 desc, id + 0)"
	same "select array(select v from t t where v > 99) as a" "select '[]'"
	same "select array(select distinct v % 5 from t t order by 1 limit 3) as a" "select '[0,1,2]'"
	same "select array(select u.v from t u where u.k = t.id and u.v < 25 order by u.v, u.id) as a from t t where id < 9 order by id" \
		"select (select json_group_array(v + 0) from (select v from t u where u.k = t.id and u.v + 0 < 25 order by u.v + 0, u.id + 0)) from t where id + 0 < 9 order by id + 0"
	for sql in "select array(3)" "select array(select * from 't.csv')"; do
		run -2 lam-query "$sql"
	done
	[[ $output == *"takes one column"* ]]
}
