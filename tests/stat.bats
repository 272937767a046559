#!/usr/bin/env bats
# lam-stat against what wc, ls, awk and lam-query say of the same dataset.
load helper

get() { # get KIND NAME COLUMN: the cell
	lam-stat -k "$1" -o csv "$2" 2>/dev/null | python3 -c '
import csv, sys
row = next(csv.DictReader(sys.stdin))
print(row[sys.argv[1]])' "$3"
}

times() { # times FROM TO: a record a second, out of order in pairs
	echo ts,status,bytes
	for i in $(seq "$1" "$2"); do
		date -u -d "2026-01-01 00:00:00 UTC + $((i ^ 1)) seconds" "+%FT%TZ,$((200 + i % 3 * 100)),$i"
	done
}

served() {
	times 2 41 >a.csv
	lam-ingest -q -s web a.csv
	view hits <<<"select status, count(*) as n, approx_count_distinct(bytes) as d from web group by status"
	lam-batch | lam-serve -q
}

@test "a stream: records, bytes, files, rejects and event times, by segments of any number" {
	times 2 301 >a.csv
	for segment in 1000 50 7; do
		rm -rf data && mkdir data
		for i in 1 2 3; do
			{ head -1 a.csv && sed -n "$((i * 100 - 98)),$((i * 100 + 1))p" a.csv; } >part.csv
			[ $i -ne 2 ] || echo '"x"y,1,2' >>part.csv
			run lam-ingest -q -s web --segment-records $segment part.csv
		done
		[ "$(get streams web records)" -eq 300 ]
		run lam-ingest -q -s web <<<$'ts,status,bytes\nno record'
		[ "$(get streams web fields)" -eq 3 ]
		[ "$(get streams web rejects)" -eq "$(($(wc -l <data/reject/web.csv) - 1))" ]
		[ "$(get streams web disk_bytes)" -eq "$(cat data/master/web/*.seg | wc -c)" ]
		[ "$(get streams web segments)" -eq "$(ls data/master/web/*.seg | wc -l)" ]
		[ "$(get streams web first_event)" = 2026-01-01T00:00:02Z ]
		[ "$(get streams web last_event)" = 2026-01-01T00:05:01Z ]
	done
}

@test "text_bytes: those that the records came from" {
	times 2 41 >a.csv
	lam-ingest -q -s web a.csv
	body=$(tail -n +2 a.csv | wc -c)
	got=$(get streams web text_bytes)
	[ "$got" -ge "$body" ] && [ "$got" -le "$(wc -c <a.csv)" ]
}

@test "a view: where each layer ends, and what the next query reads" {
	served
	[ "$(get views hits state)" = current ]
	[ "$(get views hits batch_to)" -eq 40 ]
	[ "$(get views hits batch_lag_seconds)" = 0 ]
	[ "$(get views hits groups)" -eq 3 ]
	[ "$(get views hits disk_bytes)" -eq "$(cat data/serving/hits/*.idx | wc -c)" ]
	times 42 51 | lam-ingest -q -s web
	[ "$(get views hits state)" = behind ]
	[ "$(get views hits batch_lag)" -eq 10 ]
	[ "$(get views hits scan)" -eq 10 ]
	lam-speed -q
	[ "$(get views hits state)" = current ]
	[ "$(get views hits batch_lag)" -eq 10 ]
	[ "$(get views hits speed_lag)" -eq 0 ]
	[ "$(get views hits scan)" -eq 0 ]
}

@test "a view that is unserved, stale or refused, and why" {
	served
	view new <<<"select status, sum(bytes) as b from web group by status"
	view wrong <<<"select stats, count(*) from web group by stats"
	view hits <<<"select status, count(*) as n from web group by status"
	[ "$(get views new state)" = unserved ]
	[ "$(get views new scan)" -eq 40 ]
	[ "$(get views hits state)" = stale ]
	[[ $(get views hits why) == *"lam-batch | lam-serve"* ]]
	run -5 --separate-stderr lam-stat
	[[ $stderr == *'view wrong: '*'wrong.sql:1:8: no column "stats"'* ]]
	[[ $output == *hits*stale* ]]
	run -2 lam-stat nothing
	[[ $output == *'no stream, view or function "nothing"'* ]]
}

@test "columns: types and roles, and the error of sketches" {
	served
	run -0 lam-stat -k columns -o csv web hits
	[[ $output == *'web,ts,time,event time,'* ]]
	[[ $output == *'web,bytes,number,field,'* ]]
	[[ $output == *'hits,status,number,key,'* ]]
	[[ $output == *',text,state,1.6 %'* ]]
}

@test "limits: exit 5 beyond them, each named" {
	served
	run -0 lam-stat -q --max-lag 1ms --max-scan 0 --max-silence 1h
	times 42 51 | lam-ingest -q -s web
	run -5 --separate-stderr lam-stat --max-lag 1ns
	[[ $stderr == *'view hits: '*--max-lag* ]]
	run -5 --separate-stderr lam-stat --max-scan 9
	[[ $stderr == *'view hits: '*--max-scan* ]]
	run -0 lam-stat --max-scan 10
	run -5 --separate-stderr lam-stat --max-silence 1ns
	[[ $stderr == *'stream web: '*--max-silence* ]]
	# A limit of nothing is a limit.
	run -5 lam-stat --max-lag 0s
	run -5 lam-stat --max-silence 0s
}

@test "only the ends of a log are read" {
	for i in 1 2 3 4; do
		times $((i * 100)) $((i * 100 + 59)) | lam-ingest -q -s web --segment-records 50
	done
	want=$(lam-stat -k streams -o tsv web | cut -f 1-9)
	[ "$(ls data/master/web/*.seg | wc -l)" -gt 3 ]
	for f in $(ls data/master/web/*.seg | sed '1d; N; $!P; $!D; $d'); do
		head -c 40 "$f" >cut && cat cut >"$f"
	done
	run -3 lam-query "select sum(bytes) from web"
	[ "$(lam-stat -k streams -o tsv web | cut -f 1-9)" = "$want" ]
}

@test "prom: what the text exposition format says, each metric in one piece" {
	served
	run -0 lam-stat -o prom --to m.prom
	[ -z "$output" ]
	python3 - m.prom <<-'PY'
		import re, sys
		seen, name, values = set(), None, {}
		for line in open(sys.argv[1]):
		    t = re.fullmatch(r"# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) gauge\n", line)
		    if t:
		        name = t.group(1)
		        assert name not in seen, name
		        seen.add(name)
		        continue
		    s = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)\{([a-z]+)="((?:[^"\\\n]|\\[\\"n])*)"\} (-?[0-9.]+)\n', line)
		    assert s and s.group(1) == name, line
		    assert (name, s.group(3)) not in values
		    values[name, s.group(3)] = float(s.group(4))
		assert values["lam_stream_records", "web"] == 40
		assert values["lam_view_groups", "hits"] == 3
	PY
	# values with quotes, backslashes and lines
	printf 'k,v\n"a""b\\c\nd",1.50\n' >odd.csv
	run -0 lam-query -o prom "select k, sum(v) as \"total v\", count(*) > 0 as any from 'odd.csv' group by k"
	[ "${lines[1]}" = 'lam_total_v{k="a\"b\\c\nd"} 1.5' ]
	[ "${lines[3]}" = 'lam_any{k="a\"b\\c\nd"} 1' ]
}

@test "--watch: rates between two looks; the file of --to is whole whenever it is read" {
	served
	lam-stat -w 20ms -k streams -o jsonl --to s.jsonl web 2>told &
	watcher=$!
	until [ -s s.jsonl ]; do :; done
	for i in $(seq 5); do
		times $((50 + i * 2)) $((51 + i * 2)) | lam-ingest -q -s web
		until python3 -c 'import json, sys; sys.exit(json.load(open("s.jsonl"))["records"] != int(sys.argv[1]))' $((40 + i * 2)); do :; done
	done
	kill -TERM $watcher
	wait $watcher && false || [ $? -eq 143 ]
	grep -x 'lam-stat: stopped by SIGTERM: the last report may not be whole' told # it read no record
}

# lists: how often lam-stat lists the segments, with the clock ahead by so many seconds
lists() {
	rm -f trace
	LAM_CLOCK_AHEAD=$1 LAM_OPENDIR=$PWD/trace LD_PRELOAD="$PWD/clock.so $PWD/opendir.so" \
		lam-stat >/dev/null
	grep -cx "$LAM_DATA/master/web" trace
}

@test "a stream's segments are listed once for it and all its views, twice while they may change" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	for shim in clock opendir; do
		${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o $shim.so "$BATS_TEST_DIRNAME/shim/$shim.c" -ldl
	done
	times 2 41 >a.csv
	for _ in 1 2 3; do
		lam-ingest -q -s web --segment-records 40 a.csv
	done
	[ "$(ls data/master/web/*.seg | wc -l)" -eq 3 ]
	for v in a b c; do
		view $v <<<"select status, count(*) as n from web group by status"
	done
	lam-batch | lam-serve -q
	[ "$(lists 3600)" -eq 1 ]
	[ "$(lists 0)" -eq 2 ]
	[ "$(lists -3600)" -eq 2 ]
}
