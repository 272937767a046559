#!/usr/bin/env bats
# sqlite3 answers the same questions about the same CSV.
load helper

# ask SQL: the same query to both, over table t
ask() {
	lam-query --no-header "${1//FROM_T/from \'t.csv\'}" >ours || [ $? -eq 1 ]
	sqlite3 -csv db "${1//FROM_T/from t}" | tr -d '\r' >theirs
	diff ours theirs
}

load_t() {
	sqlite3 db 'create table t(ts text, user text, status integer, bytes integer, latency numeric, note text)'
	tail -n +2 t.csv >body.csv
	sqlite3 db '.mode csv' '.import body.csv t' \
		"update t set bytes = null where bytes = ''" "update t set note = null where note = ''"
}

@test "counts, sums, extremes, averages, distinct and filters agree with sqlite3" {
	for seed in 1 2 3; do
		rm -f db
		sample 4000 $seed | sed 's/,""$/,x/' >t.csv # sqlite3's import knows no ""
		load_t
		ask "select status, count(*), count(bytes), sum(bytes), min(bytes), max(bytes) FROM_T group by status order by status"
		ask "select user, count(distinct note), count(distinct bytes), min(note), max(note) FROM_T group by user order by user"
		ask "select status, user, count(*) FROM_T where bytes > 100 and note like 'n%' group by status, user order by status, user"
		ask "select status, count(*) filter (where bytes is null), sum(bytes) filter (where user in ('u1', 'u2')) FROM_T group by status order by status"
		ask "select count(*), count(note), sum(bytes) FROM_T where user <> 'u3' or bytes between -50 and 50"
		ask "select user, sum(case when status >= 404 then 1 else 0 end) FROM_T group by user having count(*) > 20 order by 2 desc, 1 limit 7"
		ask "select status, status - 1, 2 * status + bytes % 3, 7, bytes % 3, count(*) FROM_T where bytes >= 0 group by status, status - 1, 4, bytes % 3, 2 * status + bytes % 3 order by 3 desc, 1, 5"
		ask "select status - 1 as s, status, count(*) FROM_T group by s, status having status - 1 > 199 order by s desc"
		ask "select count(*) FROM_T where status = 200 or user = 'u3' or status = 404 or status = 500 or user = 'u5' or bytes = null"
		ask "select user, bytes, note FROM_T where bytes > 5 order by bytes, user, latency, ts limit 20"
		ask "select note, count(*) FROM_T where note is not null group by note order by count(*) desc, note limit 5 offset 2"
		ask "select bytes % 7, count(*) FROM_T where bytes >= 0 group by bytes % 7 order by 1"
		ask "select substr(user, 2, 1), length(note), upper(user), count(*) FROM_T where note is not null group by 1, 2, 3 order by 1, 2, 3"
		ask "select user, round(avg(bytes), 4) + 0 FROM_T where bytes is not null and user < 'u15' group by user order by user" ||
			ask "select user, sum(bytes), count(bytes) FROM_T group by user order by user"
	done
}

@test "raw rows in any order keep the bytes that came in" {
	sample 3000 9 >t.csv
	for by in latency ts "bytes desc" "note, user desc" status; do
		lam-query --no-header "select ts, user, status, bytes, latency, note from 't.csv' order by $by" >ours
		sort ours >a
		tail -n +2 t.csv | sort | cmp - a
	done
	lam-query --no-header "select latency from 't.csv' order by latency" >ours
	tail -n +2 t.csv | cut -d, -f5 | sort -g | awk '{ print $1 + 0 }' >want
	awk '{ print $1 + 0 }' ours | cmp - want
	lam-query --no-header "select user, latency from 't.csv' order by latency desc limit 5" |
		cut -d, -f2 | awk '{ print $1 + 0 }' | cmp - <(sort -gr want | head -5)
}

@test "the first rows of many, in an order that they come in or against it, are those of sort(1)" {
	awk 'BEGIN { print "n,k,t"; for (i = 0; i < 300000; i++) printf "%d,%d,t%d\n", i, i * 7919 % 1013, i % 17 }' >many.csv
	lam-ingest -q -d many -s r many.csv
	for by in "n:-k1,1n" "n desc:-k1,1nr" "k, n:-k2,2n -k1,1n" "k desc, n:-k2,2nr -k1,1n" \
		"t, n desc:-k3,3 -k1,1nr" "k:-k2,2n -s" "t desc:-k3,3r -s"; do
		tail -n +2 many.csv | grep 't3$\|t1$' | sort -t, ${by#*:} >sorted || true
		for n in 1 7 1500; do
			for t in 1 2 5; do
				lam-query -d many --threads $t --no-header \
					"select n, k, t from r where t in ('t3', 't1') order by ${by%%:*} limit $n" >ours
				head -$n sorted | cmp - ours
			done
		done
	done
	# blocks that begin behind the last of the first rows are not read ...
	run -0 lam-query -d many --threads 1 --no-header "explain analyze select n from r where t = 't3' order by n limit 7"
	[[ $output == *"passed over 4 of 5 blocks by their ranges"* ]]
	# ... unless something would go untold: here 10^38 is reached by those behind
	run -0 --separate-stderr lam-query -d many --no-header "select n from r where 1e33 * n < 5e34 order by n limit 7"
	[[ $stderr == *"r: 200000 values could not be computed"* ]]
}

@test "of many groups the first by a key are those of sqlite3, whatever the threads and the memory" {
	awk 'BEGIN { print "x,k,d,t"; for (i = 0; i < 200000; i++) printf "%s,%d,%s,t%d\n",
		i % 50 ? i * 7919 % 100003 : "", i * 31 % 1013, i * 7919 % 10007 / 4, i * 17 % 90001 }' >many.csv
	lam-ingest -q -d many -s r many.csv
	sqlite3 db 'create table r(x integer, k integer, d numeric, t text)' '.mode csv' '.import --skip 1 many.csv r' \
		"update r set x = nullif(x, '')"
	while IFS=: read -r keys order; do
		sql="select $keys, count(*), count(x), sum(k), min(t), max(x) from r where k < 900 group by $keys order by $order"
		sqlite3 -csv db "$sql" | tr -d '\r' >all
		for how in "--threads 1" "--threads 2 --memory 1M"; do
			lam-query -d many --no-header $how "$sql limit 7" | cmp - <(head -7 all)
			lam-query -d many --no-header $how "$sql limit 900 offset 40" | cmp - <(tail -n +41 all | head -900)
		done
	done <<-'END'
		x, t:x nulls last, t
		x, k:x desc nulls first, k
		x, t:x desc nulls last, t desc
		t, x:t desc, x nulls last
		k * 2, x:k * 2, x nulls last
		k, x:k desc, x nulls last
	END
	# without ORDER BY rows come by the keys
	lam-query -d many --no-header "select x, t, count(*) from r group by x, t limit 20" >ours
	sqlite3 -csv db "select x, t, count(*) from r group by x, t order by x nulls last, t limit 20" | tr -d '\r' | cmp - ours
	# of values that cannot be computed none goes untold
	run -0 --separate-stderr lam-query -d many --no-header "select k, max(1e33 * x) from r group by k order by k limit 1"
	[[ $stderr == *"values could not be computed"* ]]
	n=${stderr//[^0-9]/}
	run -0 --separate-stderr lam-query -d many --no-header "select k, max(1e33 * x) from r group by k order by k"
	[ "${stderr//[^0-9]/}" = "$n" ]
}

@test "the first rows by numbers with NULLs and of unlike scale are those of sqlite3" {
	awk 'BEGIN { print "n,d"; for (i = 0; i < 150000; i++) {
		d = i < 70000 ? i * 7919 % 10007 / 4 : i * 104729 % 20011 - 500
		printf "%d,%s\n", i, i % 13 ? d : "" } }' >many.csv
	lam-ingest -q -d many -s r many.csv
	sqlite3 db 'create table r(n integer, d numeric)' '.mode csv' '.import --skip 1 many.csv r' "update r set d = nullif(d, '')"
	for by in "d" "d desc" "d nulls first" "d desc nulls first" "d + 1 desc" "-d"; do
		sql="select n, cast(4 * d as integer) as f from r order by $by $([[ $by == *first ]] || echo "nulls last"), n limit 900 offset 700"
		lam-query -d many --no-header "$sql" >ours
		sqlite3 -csv db "$sql" | tr -d '\r' | cmp - ours
	done
}

# sums of blocks that have 64-bit values, such values with decimals, larger ones, and small
# integers beside a sum of 18 decimals
@test "sums about every size that a group's sum may be kept in are exact" {
	cat >make.py <<-'END'
		import sys
		from decimal import Decimal as D, getcontext
		getcontext().prec = 60
		kind = sys.argv[1]
		parts = [] # of each group: what each block has of it, or None
		for bits in (124, 125, 126) if kind == 'large' else (59, 60, 61, 62):
		    for e in 2**bits - 1, 2**bits, 2**bits + 1:
		        for v in (e,), (e - 1, 1), (e, e), (e // 2, None, e - e // 2), (e, -e, 5), (1, e - 2, 1), (None, e, -1), (-1, e, e):
		            if bits < 126 or v.count(e) < 2: # below 10^38
		                parts += [v, tuple(x and -x for x in v)]
		if kind == 'decimals':
		    parts = [tuple(x and D(x).scaleb(-9) for x in v) for v in parts]
		if kind == 'small':
		    parts = [(D(1).scaleb(-18),)] + [(None, i % 5, 7 * i % 4) for i in range(60)]
		show = lambda x: format(D(x), 'f')
		for b in range(3):
		    with open(f'part{b}.csv', 'w') as f:
		        print('k,x', file=f)
		        for k, v in enumerate(parts):
		            if len(v) > b and v[b] is not None:
		                print(f'{k},{show(v[b])}', file=f)
		with open('want', 'w') as f:
		    for k, v in enumerate(parts):
		        t = show(sum(D(x) for x in v if x is not None))
		        print(k, t.rstrip('0').rstrip('.') if '.' in t else t, sep=',', file=f)
	END
	for kind in ints decimals large small; do
		python3 make.py $kind
		for b in 0 1 2; do lam-ingest -q -s $kind part$b.csv; done
		view sums_$kind <<<"select k, sum(x) as s from $kind group by k"
		for threads in 1 2; do
			lam-query --no-header --threads $threads "select k, sum(x) from $kind group by k order by k" | cmp - want
		done
		lam-batch sums_$kind | lam-serve
		lam-query --no-header "select k, s from sums_$kind order by k" | cmp - want
	done
}

@test "hostile values are data: quotes, newlines, control bytes, wide text" {
	printf 'k,v\n"a,b",1\n"say ""hi""",2\n"two\nlines",3\n pad ,4\n\xff\xfe,5\n"",6\n,7\n\x1b[31m,8\n'"'"';drop,9\n%s,10\n' \
		"$(head -c 100000 /dev/zero | tr '\0' x)" >t.csv
	lam-query --no-header "select k, v from 't.csv'" >ours
	tail -n +2 t.csv | cmp - ours
	lam-query --no-header "select k, sum(v) as s from 't.csv' group by k order by s" | cmp - ours
}

@test "a column that is constant in a block is a column all the same" {
	for rows in '5,5\n5,7' '5,\n5,4' ',5\n,3' '0,3\n0,'; do # a block each
		printf "n,d\n$rows\n" | lam-ingest -q -s app
	done
	lam-query --no-header -o tsv "select n, d, nullif(nullif(n, 0), d), nullif(greatest(n, 3), d), nullif(least(n, 9), 5) from app" >ours
	tr ' ' '\t' <<-'E' | diff - ours
		5 5 \N \N \N
		5 7 5 5 \N
		5 \N 5 5 \N
		5 4 5 5 \N
		\N 5 \N 3 9
		\N 3 \N \N 9
		0 3 \N \N 0
		0 \N \N 3 0
	E
}

@test "random queries, on rows and on views, agree with sqlite3" {
	"$ROOT/tests/sql/differential.py" --peer sqlite3 --seed 1 --tables 5 --queries 50
}
