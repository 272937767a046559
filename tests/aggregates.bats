#!/usr/bin/env bats
# Aggregates whose values are computed from other states.  Values are those of
# aggregates_model.py, which works in fractions and knows nothing of states.
load helper

MODEL=$BATS_TEST_DIRNAME/aggregates_model.py

# want SEED ROWS: in.csv, what is asked of it, and the answer
want() {
	"$MODEL" make "$1" "$2" >in.csv
	"$MODEL" run <in.csv >want
	"$MODEL" names <in.csv >list
	"$MODEL" names free <in.csv >free
}

@test "of a file: the model's values, with any threads and little memory" {
	for seed in 1 2 3; do
		want $seed 3000
		for how in "--threads 1" "--threads 4" "--threads 4 --memory 1M"; do
			lam-query $how "select g, $(cat list) from 'in.csv' group by g order by g" >got
			cmp got want
		done
	done
}

@test "distinct addresses, approximately: as of their texts, however they are stored" {
	awk 'BEGIN { srand(7); print "n,few,many,odd"
		for (i = 0; i < 9000; i++) {
			a = int(rand() * 256) "." int(rand() * rand() * 256) "." int(rand() * 10) "." int(rand() * 256)
			b = "10.0." int(i / 2000) "." i % 200
			print i "," (i % 7 ? b : "") "," (i % 3 ? a : "") "," (i == 4000 ? "none" : b) }
	}' >in.csv
	lam-ingest -q -s s -f csv in.csv
	for x in few many odd; do
		for where in "" "where n >= 3000" "where n % 3 = 0" "where n = 8999 or n = 8990" "where n < 0"; do
			for by in "n % 5" "n % 4000" "1"; do
				# another text that reads the field makes it one
				lam-query "select $by as g, approx_count_distinct($x) as d,
					approx_count_distinct($x) filter (where n % 2 = 0) as e
					from s $where group by g order by g" >got || [ $? = 1 ]
				lam-query "select $by as g, approx_count_distinct($x || '') as d,
					approx_count_distinct($x || '') filter (where n % 2 = 0) as e
					from s $where group by g order by g" >want || [ $? = 1 ]
				cmp got want
				lam-query "select $by as g, approx_count_distinct($x) as d, count(distinct $x) as c,
					max($x) as x from s $where group by g order by g" >got || [ $? = 1 ]
				lam-query "select $by as g, approx_count_distinct($x || '') as d, count(distinct $x || '') as c,
					max($x || '') as x from s $where group by g order by g" >want || [ $? = 1 ]
				cmp got want
			done
		done
	done
	lam-query --no-header "select count(distinct few), approx_count_distinct(few) from s" >got
	awk -F, '$1 < 980 || $1 > 1020 || $2 < 980 || $2 > 1020 { exit 1 }' got
}

@test "in a view: merged from batch, speed and the log, and of partials in any order" {
	want 4 4000
	sed 1d in.csv >body
	split -n l/4 body part.
	echo "select g, t, $(cat list) from s group by g, t" | view v
	for p in part.a?; do
		(head -1 in.csv; cat $p) | lam-ingest -q -s s -f csv
		case $p in
		*a) lam-batch -q | lam-serve -q ;;
		*b | *c) lam-speed -q ;;
		esac
	done
	names=$(sed 's/[a-z_0-9]*([^)]*)/"&"/g' list)
	lam-query "select g, $names from v group by g order by g" >got
	cmp got want
	i=0
	for p in part.a?; do
		i=$((i + 1))
		(head -1 in.csv; cat $p) >p$i.csv
		lam-batch -q -e "select g, $(cat free) from stdin group by g" <p$i.csv >p$i
	done
	lam-batch -q --merge p1 p2 p3 p4 >one
	lam-batch -q --merge p3 p1 >a
	lam-batch -q --merge p4 p2 >b
	lam-batch -q --merge b a >two
	cmp one two
}

@test "FILTER goes with what is an expression over aggregates, too: its rows are those of CASE" {
	printf 'k,a,b\nx,1,1\nx,2,\ny,,3\nx,4,2\ny,8,5\nz,9,9\n' >f.csv
	for a in 'wavg(A, b)' 'weighted_avg(A, b)' 'geomean(A)' 'geometric_mean(A)'; do
		for k in '' 'k, '; do
			group=${k:+group by k}
			diff <(lam-query --no-header "select $k${a/A/a} filter (where b < 5) from 'f.csv' $group") \
				<(lam-query --no-header "select $k${a/A/if(b < 5, a, null)} from 'f.csv' $group")
		done
	done
	run -2 --separate-stderr lam-query "select log(2, a) filter (where b < 5) from 'f.csv'"
	[[ $stderr == *'found "("'* ]]
}

@test "lists: --merge refuses the positions of several inputs, and a view's rows have none" {
	want 5 100
	echo "select g, string_agg(t, '-') as l from s group by g" | view v
	lam-ingest -q -s s -f csv in.csv
	lam-batch -q | lam-serve -q
	run -2 lam-query "select string_agg(l, '+') from v"
	[[ $output == *"rows of a view have no order in the log"*"write ORDER BY in it" ]]
	lam-query --no-header "select string_agg(l, '+' order by g) from v where l is not null" >got
	lam-query --no-header "select l from v where l is not null order by g" | paste -sd+ | tr -d '"' >want
	tr -d '"' <got | cmp - want
	lam-batch -q -e "select string_agg(t, '-') from stdin" <in.csv >p1
	run -3 lam-batch --merge p1 p1
	[[ $output == *position* ]]
}
