#!/usr/bin/env bats
# Time zones: times without one, what a stream remembers, formats of one's own.
load helper

zones() {
	python3 -c 'import zoneinfo; print(*sorted(zoneinfo.available_timezones()), sep="\n")'
}

@test "zones: local times of every zone are the instants that Python knows" {
	zones >names
	[ "$(wc -l <names)" -gt 400 ]
	# about a hundred of them here, others each day
	awk -v d="$(date +%j)" '(NR + d) % 5 == 0 || /Berlin|Apia|Lord_Howe|Casablanca|Dublin/' names >some
	while read -r z; do
		python3 "$ROOT/tests/zone_model.py" "$z" 1 local expected
		lam-query --zone "$z" "select date_trunc('second', ts) as ts from 'local'" >got
		cmp got expected || { echo "$z"; diff got expected | head -4; return 1; }
	done <some
}

@test "zones: what a zone's clock shows of an instant, and where its days begin, as Python says" {
	zones >names
	awk -v d="$(date +%j)" '(NR + d) % 9 == 0 ||
		/Berlin|Apia|Lord_Howe|Casablanca|Dublin|Havana|Azores|Juneau|Asuncion/' names >some
	while read -r z; do
		python3 "$ROOT/tests/zone_model.py" "$z" 2 instants.csv expected clock
		lam-query "select ts at time zone '$z' as ts, extract(hour from ts at time zone '$z') as h,
			date_trunc('hour', ts, '$z') as hour, time_bucket(interval '6 hours', ts, '$z') as q,
			date_trunc('day', ts, '$z') as day, time_bucket(interval '1 week', ts, '$z') as w,
			date_trunc('month', ts, '$z') as m from 'instants.csv'" | sed '1s/.*/ts/' >got
		cmp got expected || { echo "$z"; diff got expected | head -4; return 1; }
		# An origin where buckets begin anyway moves none; any other leaves times in or behind their start.
		run -1 lam-query "select * from 'instants.csv'
			where time_bucket(interval '30 minutes', ts, timestamp '2000-01-03', '$z') <> time_bucket(interval '30 minutes', ts, '$z')
			or time_bucket(interval '6 hours', ts, timestamp '2000-01-03', '$z') <> time_bucket(interval '6 hours', ts, '$z')
			or time_bucket(interval '1 week', ts, timestamp '2000-01-03', '$z') <> time_bucket(interval '1 week', ts, '$z')
			or time_bucket(interval '3 months', ts, timestamp '2001-07-01', '$z') <> time_bucket(interval '3 months', ts, '$z')
			or time_bucket(interval '15 minutes', ts, timestamp '2000-01-03 00:10:00', '$z') not between ts - interval '15 minutes' and ts
			or time_bucket(interval '1 day', ts, timestamp '2000-01-03 02:40:00', '$z') not between ts - interval '50 hours' and ts"
		# and back, where the clock shows a time once
		lam-query --no-header "select count(*) from 'instants.csv'
			where local_to_utc(ts at time zone '$z', '$z') <> ts" >turned
		[ "$(cat turned)" -lt 40 ]
	done <some
}

@test "zones: a view depends on the rules of the zone that it names" {
	mkdir -p zones/Europe
	cp /usr/share/zoneinfo/Europe/Berlin zones/Europe
	export TZDIR=$PWD/zones
	echo "select date_trunc('day', ts, 'Europe/Berlin') as day, count(*) as n from s group by day" | view v
	echo "select date_trunc('day', ts) as day, count(*) as n from s group by day" | view utc
	printf 'ts,x\n2026-07-01T21:30:00Z,1\n2026-07-01T22:30:00Z,2\n' | lam-ingest -q -s s -f csv
	lam-batch -q | lam-serve -q
	lam-query --no-header "select day from v" |
		diff - <(printf '%s\n' 2026-06-30T22:00:00Z 2026-07-01T22:00:00Z)
	lam-query -x "select * from v" 2>&1 | grep -q serving/v/
	# Summer time is given up.
	printf 'Rule R 1990 only - Jan 1 0 0 -\nZone Europe/Berlin 1 - CET\n' >rules
	zic -d zones rules
	lam-query --no-header "select day from v" | diff - <(echo 2026-06-30T23:00:00Z)
	! lam-query -x "select * from v" 2>&1 | grep -q serving/v/ || false
	lam-query -x "select * from utc" 2>&1 | grep -q serving/utc/
}

@test "zones: a stream remembers its zone, keeps it with each time, and has one only" {
	printf 'ts,x\n2026-01-31 23:59:59,1\n2026-07-01 00:00:00.50,2\n2026-07-01T00:00:00Z,3\n' >a.csv
	lam-ingest -s a --zone Europe/Berlin a.csv
	lam-ingest -q -s a a.csv
	grep -qx "zone Europe/Berlin" data/master/a/input
	lam-query --no-header "select ts from a" >got
	for _ in 1 2; do
		printf '%s\n' "2026-01-31 23:59:59+01:00" "2026-07-01 00:00:00.50+02:00" 2026-07-01T00:00:00Z
	done | diff got -
	[ "$(lam-query --no-header "select count(*) from a where ts = '2026-01-31 22:59:59'")" = 2 ]
	run -2 --separate-stderr lam-ingest -s a --zone Europe/Paris a.csv
	[[ $stderr == *"--zone Europe/Paris: times of this stream are those of Europe/Berlin, as "*"/a/input says"* ]]
	[ "$(lam-query --no-header "select count(*) from a")" = 6 ]
	lam-fsck
}

@test "zones: an offset is one, as times have it, and to Python; what is none is refused" {
	for z in +02:00 -0530 +14 -00:30 +00:00; do
		printf 'ts,x\n2026-07-31 23:59:59.5,1\n2026-01-01 00:00:00,2\n' >a.csv
		python3 - "$z" <<-'PY' >want
			import datetime as d, sys
			z = (sys.argv[1] + ":00" if len(sys.argv[1]) == 3 else sys.argv[1])
			for t in "2026-07-31 23:59:59.500000", "2026-01-01 00:00:00.000000":
			    t = d.datetime.strptime(t + z, "%Y-%m-%d %H:%M:%S.%f%z").astimezone(d.timezone.utc)
			    print(t.strftime("%Y-%m-%dT%H:%M:%SZ"))
		PY
		lam-query --no-header --zone "$z" "select date_trunc('second', ts) from 'a.csv'" | diff want -
		lam-ingest -q -s "s${z//[:+]/}" --zone "$z" a.csv
		lam-ingest -q -s "s${z//[:+]/}" a.csv
		lam-query --no-header "select date_trunc('second', ts) from \"s${z//[:+]/}\"" | diff <(cat want want) -
	done
	for z in + +2 +2:00 -99:00 +02:00x +02:00:00 ++2:00 "+02:00 "; do
		run -2 --separate-stderr lam-query --zone "$z" "select * from 'a.csv'"
		[[ $stderr == *"time zone \"$z\": expected an offset such as +02:00, or a name such as "* ]]
	done
}

@test "zones: what is followed has the zone, also in the run that needs no option" {
	printf 'ts,x\n2026-01-31 23:59:59,1\n' >a.csv
	lam-ingest -q -s a --resume --zone America/New_York a.csv
	printf '2026-07-31 23:59:59,2\n' >>a.csv
	lam-ingest -q -s a --resume a.csv
	lam-query --no-header "select ts from a" | diff - <(printf '%s\n' \
		"2026-01-31 23:59:59-05:00" "2026-07-31 23:59:59-04:00")
}

@test "zones: a zone given later holds from then on, and is told" {
	printf 'ts,x\n2026-01-31 23:59:59,1\n' >a.csv
	lam-ingest -q -s a a.csv
	run -0 --separate-stderr lam-ingest -s a --zone Asia/Kolkata a.csv
	[[ $stderr == *"a: from now on zone Asia/Kolkata, as "* ]]
	lam-query --no-header "select ts from a" | diff - <(printf '%s\n' \
		"2026-01-31 23:59:59" "2026-01-31 23:59:59+05:30")
}

@test "zones: names that are none, files that are none, another directory" {
	echo ts >a.csv
	for z in Europe/Bern ../etc/passwd /etc/passwd Europe ""; do
		run -2 --separate-stderr lam-query --zone "$z" "select * from 'a.csv'"
		[[ $stderr == *"time zone \"$z\": "* ]]
	done
	mkdir zi
	printf 'TZif2' >zi/Short
	echo "2026-01-01 00:00:00" >>a.csv
	TZDIR=$PWD/zi run -3 --separate-stderr lam-query --zone Short "select * from 'a.csv'"
	[[ $stderr == *"zi/Short: is no TZif file"* ]]
	TZDIR=$PWD/zi run -2 lam-query --zone Europe/Berlin "select * from 'a.csv'"
	TZDIR=$PWD/none run -2 --separate-stderr lam-query --zone Europe/Berlin "select * from 'a.csv'"
	[[ $stderr == *"install the package tzdata"* ]]
	TZDIR=$PWD/none lam-query --zone UTC "select * from 'a.csv'"
}

@test "formats of one's own: a file of the dataset, remembered by its stream" {
	mkdir -p data/formats
	cat >data/formats/shop <<'END'
# what the shop writes
format nginx:$remote_addr [$ts] $word
zone Asia/Kolkata
END
	echo "192.0.2.1 [2026-01-01 00:00:00] hello" >log
	printf 'ip,ts,word\n192.0.2.1,2026-01-01 00:00:00+05:30,hello\n' >expected
	lam-query -f shop "select * from 'log'" | diff - expected
	lam-ingest -q -s s -f shop log
	lam-query "select * from s" | diff - expected
	lam-ingest -q -s s log
	[ "$(lam-query --no-header "select count(*) from s where word = 'hello'")" = 2 ]
	# a text of the user is remembered, too, a name that a guess finds is not
	lam-ingest -q -s t -f 'nginx:$a [$b] $c' log
	grep -qxF 'format nginx:$a [$b] $c' data/master/t/input
	printf 'a,b\n1,2\n' >u.csv
	lam-ingest -q -s u -f csv u.csv
	[ ! -e data/master/u/input ]
}

@test "formats of one's own: mistakes are told with their line" {
	mkdir -p data/formats
	echo a >log
	printf '# one\nform csv\n' >data/formats/bad
	run -2 --separate-stderr lam-query -f bad "select * from 'log'"
	[[ $stderr == *"formats/bad:2: \"form\" is no setting: expected format"* ]]
	echo zone >data/formats/bad
	run -2 --separate-stderr lam-query -f bad "select * from 'log'"
	[[ $stderr == *"formats/bad:1: zone needs a value behind it"* ]]
	echo "zone UTC" >data/formats/bad
	run -2 --separate-stderr lam-query -f bad "select * from 'log'"
	[[ $stderr == *"formats/bad: a line \"format FORMAT\" is missing"* ]]
	run -2 --separate-stderr lam-query -f unknown "select * from 'log'"
	[[ $stderr == *"unknown: no such format: there are csv"* ]]
	run -2 lam-ingest -s a -f unknown log
}

@test "--time-format: random formats and times are what Python's strptime says" {
	for seed in $(seq 40); do
		python3 "$ROOT/tests/strptime_model.py" "$seed" form log want
		lam-query -o tsv --no-header -f 'regex:(?<x>.*)' --time-format "x=$(<form)" "select x from 'log'" >got
		cmp got want || { cat form; diff got want | head -4; return 1; }
	done
}

@test "--time-format: in a stream, with its zone, remembered; beside values that a format makes" {
	printf '[31.01.2026 23:59:59,250] hi\n[1.7.2026 01:02:03,5] ho\n[x] bad\n' >log
	lam-ingest -q -s a -f 'regex:\[(?<ts>[^]]*)\] (?<m>.*)' --time-format 'ts=%d.%m.%Y %H:%M:%S,%f' \
		--zone Europe/Berlin log
	lam-ingest -q -s a log
	grep -qx 'time-format ts=%d.%m.%Y %H:%M:%S,%f' data/master/a/input
	for _ in 1 2; do
		printf '%s\n' 2026-01-31T23:59:59.250+01:00 2026-07-01T01:02:03.5+02:00 x
	done >want
	lam-query "select * from a" | tail -n +2 | cut -d, -f1 | diff - want
	grep -qx "ts time event" data/master/a/schema
	# syslog makes its times itself, JSON its _rest: none is lost to what comes behind
	for i in $(seq 10 28); do echo "Oct $i 22:14:15 h a: m$i"; done >sys
	lam-query --no-header --zone Europe/Berlin -f syslog:2025 "select ts, message from 'sys'" >got
	for i in $(seq 10 25); do echo "2025-10-${i}T22:14:15+02:00,m$i"; done >want
	for i in 26 27 28; do echo "2025-10-${i}T22:14:15+01:00,m$i"; done >>want
	diff got want
	for i in $(seq 10 30); do echo "{\"t\":\"2026-01-$i 00:00:00\",\"a\":\"\\u00e9$i\",\"b\":$i}"; done >js
	lam-query --no-header --zone Asia/Kolkata --fields t,a,_rest -f jsonl "select * from 'js'" >got
	for i in $(seq 10 30); do echo "2026-01-$i 00:00:00+05:30,é$i,\"{\"\"b\"\":$i}\""; done | diff got -
}

@test "--time-format: a stream remembers it, also where the format was guessed" {
	printf 'At;x\n31.01.2026 10:00;1\n' >a.csv
	printf 'At;x\n01.02.2027 10:00;2\n' >b.csv
	printf 'at;x\n02.02.2027 10:00;3\n' >c.csv
	printf 'x;y\n4;none\n' >d.csv
	printf 'At;x\n02/28/2028 10:00;5\n' >e.csv
	printf 'At,x\n03.03.2028 10:00,6\n' >f.csv
	lam-ingest -q -s a --time-format 'at=%d.%m.%Y %H:%M' a.csv
	lam-ingest -q -s a b.csv
	lam-ingest -q -s a --resume c.csv
	lam-ingest -q -s a d.csv # has no such field
	# what the command line says counts, for its run
	lam-ingest -q -s a --time-format 'At=%m/%d/%Y %H:%M' e.csv
	lam-ingest -q -s a -f csv f.csv
	printf '%s\n' 2026-01-31T10:00:00Z,1 2027-02-01T10:00:00Z,2 2027-02-02T10:00:00Z,3 ,4 \
		2028-02-28T10:00:00Z,5 2028-03-03T10:00:00Z,6 >want
	lam-query --no-header "select date_trunc('second', at) as t, x from a" | diff - want
	# one that the stream has not is a mistake, still
	run -2 --separate-stderr lam-ingest -s a --time-format 'nosuch=%Y' b.csv
	[[ $stderr == *"--time-format nosuch: b.csv has no such field"* ]]
}

@test "zones: a format of one's own that says another zone than the stream's is told" {
	mkdir -p data/formats
	printf 'ts,a\n2026-01-31 12:00:00,1\n' >a.csv
	printf 'format csv\nzone Europe/Berlin\n' >data/formats/shop
	lam-ingest -q -s a -f shop a.csv
	run -0 --separate-stderr lam-ingest -s a a.csv
	[[ $stderr != *"not used"* ]]
	printf 'format csv\nzone America/New_York\n' >data/formats/shop
	for f in '' '-f shop'; do
		run -0 --separate-stderr lam-ingest -s a $f a.csv
		[[ $stderr == *"a: zone America/New_York, as "*"/formats/shop has it, is not used: times of this stream are those of Europe/Berlin, as "*"/a/input says"* ]]
	done
	# who says the stream's zone knows
	run -0 --separate-stderr lam-ingest -s a --zone Europe/Berlin a.csv
	[[ $stderr != *"not used"* ]]
	[ "$(lam-query --no-header 'select distinct ts from a')" = 2026-01-31T11:00:00Z ]
}

@test "--time-format: mistakes are told" {
	echo 2026 >log
	for f in x=%Q x=%Y% x=%H =%Y %Y y=%Y; do
		run -2 --separate-stderr lam-query -f 'regex:(?<x>.*)' --time-format "$f" "select * from 'log'"
		[[ $stderr == *"--time-format"* ]]
	done
}
