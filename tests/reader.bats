#!/usr/bin/env bats
# The manual pages of the formats are enough: reader.py knows nothing else, and
# reads what the programs wrote.

load helper

# every_kind ROWS: a column for each kind of value that has an encoding of its own
every_kind() {
	awk -v n="$1" 'BEGIN {
		srand(4)
		print "id,down,ts,blank,day,clf,hour,colon,plain,frac,price,dec,ip," \
			"path,note,odd,none,same,big,square,text"
		for (i = 0; i < n; i++) {
			s = sprintf("%02d:%02d:%02d", i / 3600 % 24, i / 60 % 60, i % 60)
			d = sprintf("2026-01-%02d", 1 + i / 500)
			printf "%d,%d,%sT%sZ,%s %s,%s,", i, 9 - 2 * i, d, s, d, s, d
			printf "%02d/Feb/2026:%s +0000,", 1 + i / 500, s
			printf "%sT%s-05,%sT%s+05:30,%sT%s+0100,", d, s, d, s, d, s
			printf "%sT%s.%06dZ,", d, s, rand() * 1e6
			printf "%.2f,%s,", rand() * 900, rand() < .1 ? "" : \
				int(rand() * 999) / 8
			printf "10.%d.%d.7,", rand() * 256, rand() * 256
			printf "/a/b/%d.html,", rand() * 2000
			printf "%s,", rand() < .3 ? "" : rand() < .1 ? "\"\"" : \
				"\"x, " int(rand() * 1e9) "\""
			printf "%s,,same,", rand() < .01 ? "007" : int(rand() * 99)
			printf "%s%d,%d,", rand() < .5 ? "-" : "", \
				(rand() + .1) * 1e17, i * i * 1000003
			printf "%s\n", rand() < .1 ? "" : \
				sprintf("%c%d%d", 65 + rand() * 26, rand() * 1e9, rand() * 1e9)
		}
	}'
}

@test "lam-store(5): a log, every encoding, sealed and active" {
	every_kind 3000 >all.csv
	head -n 2201 all.csv >a.csv
	{ head -n 1 all.csv && tail -n +2202 all.csv; } >b.csv
	lam-ingest -q -s s --segment-records 2200 a.csv
	lam-ingest -q -s s --segment-records 2200 b.csv
	printf 'id,new\n-1,1\n' | lam-ingest -q -s s
	[ "$(ls data/master/s/*.seg | wc -l)" -eq 3 ]
	{
		sed '1s/$/,new/; 2,$s/$/,/' all.csv
		echo "-1,,,,,,,,,,,,,,,,,,,,,1"
	} >want.csv
	"$ROOT/tests/reader.py" log data s >got.csv 2>met
	cmp want.csv got.csv
	for met in nulls const dict ints text null prefix deflate \
		integer fixed decimal time ipv4 exception \
		form{0,1,2,3} zone{0,1,2,3,4} frame delta word32 word64 \
		extent-number extent-time; do
		[[ " $(cat met) " == *" $met "* ]] || { echo "no $met"; false; }
	done
	lam-query "select * from s" | cmp - want.csv
}

@test "lam-store(5): a real log" {
	needs_real
	lam-ingest -q -s access "$REAL/apache_logs"
	"$ROOT/tests/reader.py" log data access >got.csv 2>met
	lam-query "select * from access" | cmp - got.csv
	# by its own reading, the answers computed elsewhere
	python3 - "$REAL/expected/top_paths.csv" <<-'PY'
		import collections, csv, sys
		n = collections.Counter(r["path"] for r in csv.DictReader(open("got.csv")))
		want = [(r["path"], int(r["hits"])) for r in csv.DictReader(open(sys.argv[1]))]
		assert sorted(n.items(), key=lambda x: (-x[1], x[0]))[:20] == want
	PY
}

@test "lam-store(5): a generation and a speed partial are the partials they came from" {
	view v <<-'SQL'
		select user, date_trunc('hour', ts) as hour, count(*) as n, sum(bytes) as b,
			min(note) as lo, max(ts) as last, avg(latency) as mean,
			arg_max(note, ts) as note, count(distinct note) as notes,
			approx_quantile(latency, 0.9) as p90
		from app group by user, hour
	SQL
	sample 3000 | lam-ingest -q -s app
	lam-batch >all.part
	lam-serve all.part
	"$ROOT/tests/reader.py" index data/serving/v/*.idx >again.part
	cmp again.part <(grep -v '^#eof' all.part)
	sample 500 7 | lam-ingest -q -s app
	lam-speed
	"$ROOT/tests/reader.py" index data/speed/v/*.idx >speed.part
	echo "#eof sections=1" >>speed.part
	lam-batch --merge all.part speed.part | grep -v '^#' >merged
	lam-batch | grep -v '^#' | cmp - merged
	printf 'X' | dd of="$(echo data/serving/v/*.idx)" bs=1 seek=2000 \
		conv=notrunc status=none
	run -1 "$ROOT/tests/reader.py" index data/serving/v/*.idx
}

@test "lam-partial(5): header, records, order, trailer" {
	sample 2000 >app.csv
	lam-batch -e "select note, user, count(*), sum(bytes), first(note) from stdin
		group by note, user" app.csv >a.part
	"$ROOT/tests/reader.py" partial a.part >lines
	grep -v '^#' a.part | cmp - lines
	[ "$(wc -l <lines)" -gt 100 ]
	# nothing to say in a header line; names that need escapes
	lam-batch -e "select count(*) from stdin" app.csv >b.part
	printf '"a\tb","c""d"\n1,"x\ty"\n' >odd.csv
	lam-batch -e "select \"c\"\"d\" as \"k 1\", sum(\"a	b\") from stdin group by 1" odd.csv >c.part
	for n in b c; do
		"$ROOT/tests/reader.py" partial $n.part | cmp - <(grep -v '^#' $n.part)
	done
	for cut in 20 400 3000 $(($(wc -c <a.part) - 3)); do
		head -c "$cut" a.part >cut.part
		run -1 "$ROOT/tests/reader.py" partial cut.part
	done
}

@test "lam-partial(5): the line form, what it counts and sums" {
	sample 2000 >app.csv
	Q="select note, user, count(*), sum(bytes), first(note) from stdin where status <> 404
		group by note, user"
	lam-batch -e "$Q" app.csv >a.part
	lam-batch --lines -e "$Q" app.csv >a.lines
	"$ROOT/tests/reader.py" lines a.lines | cmp - <(grep -v '^#' a.part)
	sed 5d a.lines >b.lines
	run -1 "$ROOT/tests/reader.py" lines b.lines
}

@test "lam-partial(5): sets, registers and buckets of chosen values" {
	for n in 3 700 9000; do
		{ echo v; seq "-$n" 5 "$n"; echo 0; echo 0.25; echo -1.5; } >v.csv
		tail -n +2 v.csv | "$ROOT/tests/reader.py" states >want
		lam-batch -e "select count(distinct v), approx_count_distinct(v),
			approx_quantile(v, 0.5) from stdin" v.csv >line
		grep -v '^#' line | cut -f 3 | tr ',' '\n' | cmp - want
	done
}
