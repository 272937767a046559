#!/usr/bin/env bats
# A value means what its text says, whatever stands beside it.  What is wanted is from
# Python's decimal and fractions modules, or plain from the text.
load helper

# one VALUE KEY [LINE...]: a record of key and value, ingested on its own
one() {
	printf 'k,v\n%s,%s\n' "$2" "$1" | lam-ingest -q -s s
}

# at_every_instant WANT: the view v says it from the log, the speed layer, and what is served
at_every_instant() {
	lam-query --no-header "select * from v" | diff "$1" -
	lam-speed
	lam-query --no-header "select * from v" | diff "$1" -
	lam-batch >part
	lam-serve part
	lam-query --no-header "select * from v" | diff "$1" -
	lam-batch --merge part | cmp - part
	run -0 lam-fsck --recompute -q
}

@test "values of any scale side by side, in blocks of their own and in one" {
	view v <<<"select k, count(v) as n, sum(v) as s, avg(v) as a, min(v) as lo, max(v) as hi from s group by k"
	cat >want <<-'E'
		a,1,1000000000000000000000000000000,1000000000000000000000000000000,1000000000000000000000000000000,1000000000000000000000000000000
		b,1,0.000000000001,0.000000000001,0.000000000001,0.000000000001
		c,2,1234567.5000000000000000555111512312578,617283.75000000000000002775557561562892,0.00000000000000005551115123125783,1234567.5
	E
	printf 'k,v\na,1e30\nb,1e-12\nc,5.551115123125783e-17\nc,1234567.5\n' | lam-ingest -q -s s
	at_every_instant want
	rm -r data/master data/serving data/speed
	for r in "1e30 a" "5.551115123125783e-17 c" "1e-12 b" "1234567.5 c"; do one $r; done
	at_every_instant want
	rm -r data/master data/serving data/speed
	printf 'k,v\na,1e30\nb,1e-12\nc,5.551115123125783e-17\nc,1234567.5\n' | lam-ingest -q -s s --segment-records 1
	at_every_instant want
}

@test "a batch goes on from what is served and gives the bytes of a whole one" {
	view v <<<"select k, count(v) as n, sum(v) as s from s group by k"
	one 5.551115123125783e-17 a
	lam-batch | lam-serve
	one 1234567.5 b
	one 0.1 a
	lam-batch --incremental >some
	lam-batch >whole
	cmp some whole
}

@test "70,000 ones between 1e30 and 1e-12" {
	view v <<<"select k, count(v) as n, sum(v) as s from s group by k"
	{ printf 'k,v\na,1e30\n'; yes c,1 | head -n 70000; echo b,1e-12; } | lam-ingest -q -s s
	printf '%s\n' a,1,1000000000000000000000000000000 b,1,0.000000000001 c,70000,70000 >want
	at_every_instant want
}

@test "results are rounded once, half to even; a quotient shows 17 digits" {
	says() { # says VALUES SELECT WANT
		run -0 --separate-stderr bash -c 'printf "v,w\n$1\n" | lam-query --no-header -f csv "select $2 from stdin"' - "$1" "$2"
		[ "$output" = "$3" ] || { echo "$2 of $1: $output, want $3"; return 1; }
	}
	says 0.123456,1 "v / 1000000000.0, v * 0.000000001" 0.000000000123456,0.000000000123456
	says 1,3 "v / w" 0.33333333333333333
	says 2,3 "-v / w" -0.66666666666666667
	says 1000000,3 "v / w" 333333.333333333333
	says 1e-30,3 "v / w" 0.00000000000000000000000000000033333333
	says 12136437198,12136437201 "v * w" 147293107897407402798
	says 0.12345678901234567890123456789012345678,1 "v + 12" 12.123456789012345678901234567890123457
	says 99999999999999999999999999999999999999,0.5 "v - w" 99999999999999999999999999999999999998
	says 99999999999999999999999999999999999997,0.5 "v - w" 99999999999999999999999999999999999996
	says 12345678901234567890123456789012345678.5,12345678901234567890123456789012345679.5 "v, w" \
		12345678901234567890123456789012345678.5,12345678901234567890123456789012345679.5 # the bytes as they came
	says 12345678901234567890123456789012345678.5,12345678901234567890123456789012345679.5 "max(v), max(w)" \
		12345678901234567890123456789012345678,12345678901234567890123456789012345680
	says 1.50,1.5 "v = w, v in (1.5000)" true,true
}

@test "a quotient by a constant of twos and fives is that by a column, and Python's" {
	cat >ask.py <<-'EOF'
	from decimal import Decimal, getcontext
	import random, subprocess
	getcontext().prec = 80
	random.seed(7)
	LAW = [2, 4, 5, 8, 10, 20, 25, 64, 100, 125, 1000, 1024, 4096, 10**12, 10**18, "0.5", "0.25",
	    "0.01", "0.0001", "-8", "-0.05", "1e-18", "2.50", 262144]
	KINDS = [lambda: random.randint(-9, 99999), lambda: "%.2f" % random.uniform(-9, 9e6),
	    lambda: "%.9f" % random.random(), lambda: random.choice([0, 2**63 - 1, -2**63, 10**18, ""]),
	    lambda: random.randint(0, 9) * 10**30, lambda: random.choice(["1.5", "7", "", "0.125"])]

	def quotient(v, d):  # lam(7): 12 decimals, those of either, or 17 digits
	    q = Decimal(v) / Decimal(d)
	    places = max([12] + [-Decimal(x).normalize().as_tuple().exponent for x in (v, d)])
	    return q.normalize() if q == round(q, places) else None

	for kind in KINDS:
	    rows = [kind() for _ in range(300)]
	    for d in LAW:
	        text = "v,w\n" + "".join("%s,%s\n" % (v, d) for v in rows)
	        got = subprocess.run(["lam-query", "--no-header", "-f", "csv", "select v / %s, v / w from stdin" % d, "-q"],
	            input=text, capture_output=True, text=True, check=True).stdout.splitlines()
	        for v, line in zip(rows, got, strict=True):
	            by_constant, by_column = line.split(",")
	            assert by_constant == by_column, (v, d, line)
	            none = v == "" or abs(Decimal(v) / Decimal(d)) >= 10**38
	            assert (by_constant == "") == none, (v, d, line)
	            want = not none and quotient(str(v), str(d))
	            assert not want or Decimal(by_constant) == want, (v, d, line)
	EOF
	python3 ask.py
}

@test "a sum of any size is exact, whatever the order and the cuts" {
	view v <<<"select count(v) as n, sum(v) as s, avg(v) as a from s"
	for i in 1 2 3; do one 99999999999999999999999999999999999999 x; one 0.00000000000000000000000000000000000001 x; done
	lam-batch >part
	grep -qx $'v\t\t6,,299999999999999999999999999999999999997.00000000000000000000000000000000000003' part
	lam-serve part
	# beyond all numbers as it stands; the average is none of that
	run -0 --separate-stderr lam-query --no-header "select * from v"
	[ "$output" = "6,,50000000000000000000000000000000000000" ]
	[ "$stderr" = "lam-query: 1 result could not be computed and is NULL" ]
	for i in 1 2 3; do one -99999999999999999999999999999999999999 x; done
	lam-speed
	run -0 --separate-stderr lam-query --no-header "select * from v"
	[ "$output" = "9,0.00000000000000000000000000000000000003,0" ]
	[ -z "$stderr" ]
}

@test "equal values are one key, whatever their spelling and their neighbours" {
	printf 'k,v\na,1.5\na,1.50\na,15e-1\na,1e30\na,1000000000000000000000000000000\na,1e-30\n' >s.csv
	printf '%s\n' 0.000000000000000000000000000001,1 1.5,3 1000000000000000000000000000000,2 >want
	lam-query --no-header "select v + 0 as x, count(*) from 's.csv' group by x" | diff want -
	run -0 lam-query --no-header "select count(distinct v), approx_count_distinct(v), count(*) filter (where v in (1.5, 1e30)),
		count(*) filter (where v > 1.5), arg_max(k, v), approx_quantile(v, 0.5) from 's.csv'"
	[ "$output" = 3,3,5,2,a,1.499 ] || [[ $output == 3,3,5,2,a,1.* ]]
}

@test "a numeral of 10^38 or more is no number, and reported" {
	run -0 --separate-stderr bash -c "printf 'v\n1e300\n1\n' | lam-query --no-header -f csv 'select sum(v), count(v) from stdin'"
	[ "$output" = 1,1 ]
	[[ $stderr == *"1 value of v is not a number: read as NULL" ]]
}

# told SQL: what lam-query says of it, the same whatever the workers and the memory
told() {
	for how in "--threads 1" "--threads 4" "--threads 4 --memory 1M"; do
		lam-query $how "$1" >out.now 2>said.now
		[ -f out.first ] || mv out.now out.first
		[ -f said.first ] || mv said.now said.first
		[ ! -f out.now ] || cmp out.first out.now
		[ ! -f said.now ] || cmp said.first said.now
	done
	cat said.first
	rm -f out.* said.*
}

@test "a variance is never below 0, nor a correlation beyond 1" {
	q() { lam-query --no-header "select var_pop(x), var_samp(x), stddev_pop(x), stddev(x), sem(x), corr(x, x), regr_slope(x, x) from (values $1) as t (x)"; }
	# equal values: their squares do not fit into 38 decimals
	for x in 1.2345678901234567891 0.1234567890123456789012345; do
		run -0 --separate-stderr q "($x), ($x), ($x)"
		[ "$output" = 0,0,0,0,0,, ]
		[ -z "$stderr" ]
	done
	# a square of 10^38 or more: told as such, and there is no value without it
	run -0 --separate-stderr q "(1.1e19), (1)"
	[ "$output" = ,,,,,, ]
	[[ $stderr == *"could not be computed"* ]]
	# y is 2 x - 12
	run -0 lam-query --no-header "select corr(y, x), regr_r2(y, x) from (values (7.0000000000000000023, 2.0000000000000000046), (7.0000000000000000006, 2.0000000000000000012), (7.0000000000000000013, 2.0000000000000000026)) as t (x, y)"
	[ "$output" = 1,1 ]
}

@test "a sum of 10^38 or more is told, be it of a set, and of the groups asked for" {
	# of each third group the sum is beyond all numbers: 20000 of 60000, half even
	awk -v nines=99999999999999999999999999999999999999 'BEGIN {
		print "g,x"
		for (part = 0; part < 3; part++)
			for (g = 0; g < 60000; g++)
				print g "," (g % 3 ? g + part / 2 : substr(nines "", part + 1))
	}' >x.csv
	for sum in "sum(x)" "sum(distinct x)"; do
		for end in "" "limit 3"; do
			told "select g, $sum from 'x.csv' group by g order by g $end" | grep -x "lam-query: 20000 results could not be computed and are NULL"
			told "select g, $sum from 'x.csv' group by g having g % 2 = 0 order by g $end" | grep -x "lam-query: 10000 results could not be computed and are NULL"
			told "select g, $sum from 'x.csv' group by g having $sum is null order by g $end" | grep -x "lam-query: 20000 results could not be computed and are NULL"
			[ -z "$(told "select g, $sum from 'x.csv' group by g having g % 3 = 1 order by g $end")" ]
		done
	done
	# an average is none of that, and NULL where there is nothing is no fault
	[ -z "$(told "select g, avg(distinct x), sum(distinct nullif(x, x)) from 'x.csv' group by g order by g")" ]
	# what lies between two values is computed even if they are 10^38 apart
	[ "$(told "select median(x) from (values (-9e37), (9e37)) as t (x)")" = "" ]
	[ "$(lam-query --no-header "select median(x) from (values (-9e37), (9e37)) as t (x)")" = 0 ]
}
