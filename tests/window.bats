#!/usr/bin/env bats
# Live windows: what closes them, what fills them, what is told.  Rows are those of
# window_model.py, which looks at one record at a time.
load helper

MODEL=$BATS_TEST_DIRNAME/window_model.py
MINUTES="select date_trunc('minute', ts) as w, count(*) as n from stdin group by w"

# start OPTION...: a filter that reads what is written to descriptor 7
start() {
	mkfifo pipe
	lam-speed "$@" <pipe >out 2>err &
	pid=$!
	exec 7>pipe
}

finish() {
	exec 7>&-
	wait $pid || true
}

# until_line TEXT FILE: wait until it is there
until_line() {
	until grep -qF -- "$1" "$2"; do kill -0 $pid; done
}

@test "rows are the model's: order, lateness, records ahead, empty windows; each record once or late" {
	for seed in 1 2 3; do
		"$MODEL" make $seed 3000 150 >in.csv
		for late in 0 50 100000; do
			for fill in "" --fill; do
				for keys in "" --keys; do
					k=${keys:+, k}
					lam-speed --lateness ${late}s $fill --no-header -e "select
						time_bucket(interval '60 seconds', ts) as w$k, count(*) as n,
						sum(v) as s from stdin where v <> 13 group by w$k order by w$k" \
						<in.csv >got 2>err || true
					"$MODEL" run --lateness $late --drop 13 $fill $keys <in.csv >want 2>late
					cmp got want
					n=$(sed -n 's/.*: \([0-9]*\) records\? came after.*/\1/p' err | tail -1)
					[ "${n:-0}" -eq "$(cat late)" ]
					# Rows count what the text has but for the late and the dropped.
					all=$(awk -F, 'NR > 1 && $3 != 13' in.csv | wc -l)
					sum=$(awk -F, -v c=$((2 + ${#keys} / 6)) '{ s += $c } END { print s }' got)
					[ $((all - ${n:-0})) -eq "$sum" ]
				done
			done
		done
	done
}

@test "little memory, many open windows: the rows of a recompute" {
	awk 'BEGIN { srand(3); print "ts,k,v"; for (i = 0; i < 60000; i++)
		print strftime("%Y-%m-%dT%H:%M:%SZ", 1767225600 + int(rand() * 40000), 1) \
			",k" int(rand() * 3) "," i % 7 }' >in.csv
	sql="select date_trunc('second', ts) as w, k, count(*) as n, sum(v) as s from stdin group by w, k order by w, k"
	lam-query -f csv "$sql" <in.csv >want
	for memory in 1M 1G; do
		# An hour that slides: closings reach into what is merged again and again.
		lam-speed --memory $memory --lateness 30d -e "$sql" <in.csv | cmp - want
	done
	sort -t, -k1,1 in.csv | grep -v ts, >sorted
	{ echo ts,k,v; awk 'BEGIN { srand(5) } { print NR + int(rand() * 6000) "," $0 }' sorted |
		sort -t, -n -k1,1 | cut -d, -f2-; } >near.csv
	lam-speed --lateness 6000s -e "$sql" <near.csv | cmp - want
}

@test "one record from the future does not silence the windows; it is told when it comes" {
	start -e "$MINUTES"
	printf '%s\n' ts,s 2026-01-01T10:00:00Z,1 2099-01-01T10:00:01Z,1 2026-01-01T10:01:02Z,1 >&7
	until_line 2026-01-01T10:00:00Z,1 out
	until_line "1 record is further ahead of the clock" err
	! grep -q "all records" err
	finish
	[ "$(cat out)" = "$(printf '%s\n' w,n 2026-01-01T10:00:00Z,1 2026-01-01T10:01:00Z,1 2099-01-01T10:01:00Z,1 |
		sed s/2099-01-01T10:01/2099-01-01T10:00/)" ]
	! grep -q "came after" err
}

@test "--max-ahead none goes by the records alone; all records ahead are told, with what to do" {
	start --max-ahead none -e "$MINUTES"
	printf '%s\n' ts,s 2099-01-01T10:00:00Z,1 2099-01-01T10:01:01Z,1 >&7
	until_line 2099-01-01T10:00:00Z,1 out
	finish
	[ ! -s err ]
	rm pipe
	start -e "$MINUTES"
	printf '%s\n' ts,s 2099-01-01T10:00:00Z,1 2099-01-01T10:01:01Z,1 >&7
	until_line "--max-ahead none" err
	grep -q "all records so far are ahead" err
	[ "$(wc -l <out)" -eq 0 ]
	finish
	[ "$(wc -l <out)" -eq 3 ]
}

@test "a shift to a zone's hours in the window shifts the clock too" {
	now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	printf '%s\n' ts,s "$now",1 >in.csv
	lam-speed -e "select date_trunc('hour', ts + interval '9 hours') as w, count(*) as n
		from stdin group by w" <in.csv 2>err
	[ ! -s err ]
	printf '%s\n' ts,s "$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ)",1 >in.csv
	lam-speed -e "$MINUTES" <in.csv 2>err
	grep -q "further ahead" err
	lam-speed --max-ahead 3h -e "$MINUTES" <in.csv 2>err
	[ ! -s err ]
}

@test "--idle: windows close by the clock when nothing comes, also behind half a line" {
	start --idle 200ms -e "$MINUTES"
	printf '%s\n' ts,s 2026-01-01T10:00:00Z,1 2026-01-01T10:03:00Z,1 >&7
	until_line 2026-01-01T10:03:00Z,1 out
	printf 2026-01-01T10: >&7
	printf '%s\n' 02:00Z,1 "$(date -u -d '+1 minute' +%Y-%m-%dT%H:%M:%SZ),7" >&7
	until_line "1 record came after its window" err
	finish
	[ "$(wc -l <out)" -eq 4 ]
}

@test "--idle closes no window that has not ended by the clock" {
	start --idle 1ms --lateness 1d -e "$MINUTES"
	printf '%s\n' ts,s 2026-01-01T10:00:00Z,1 "$(date -u +%Y-%m-%dT%H:%M:%SZ),1" >&7
	until_line 2026-01-01T10:00:00Z,1 out
	printf '%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ),1" >&7
	finish
	! grep -q "came after" err
	[ "$(awk -F, 'NR > 1 { n += $2 } END { print n }' out)" -eq 3 ]
}

@test "--idle --fill: silence is rows of count 0, by key" {
	start --idle 100ms --fill -e "select time_bucket(interval '1 second', ts) as w, k,
		count(*) as n, sum(v) as s from stdin group by w, k having count(*) = 0"
	printf '%s\n' ts,k,v "$(date -u +%Y-%m-%dT%H:%M:%SZ),a,1" >&7
	until [ "$(grep -c ',a,0,$' out)" -ge 2 ]; do kill -0 $pid; done
	finish
}

@test "--fill over months, and what it does not go with" {
	printf '%s\n' ts,s 2026-01-31T10:00:00Z,1 2026-04-01T10:00:00Z,1 2027-01-01T00:00:00Z,2 >in.csv
	for w in "date_trunc('quarter', ts)" "time_bucket(interval '3 months', ts)"; do
		run -0 lam-speed --max-ahead none --fill --no-header -e "select $w as w, count(*) as n,
			max(s) as m from stdin group by w" in.csv
		[ "$output" = "$(printf '%s\n' 2026-01-01T00:00:00Z,1,1 2026-04-01T00:00:00Z,1,1 \
			2026-07-01T00:00:00Z,0, 2026-10-01T00:00:00Z,0, 2027-01-01T00:00:00Z,1,2)" ]
	done
	run -2 lam-speed --fill --emit changes -e "$MINUTES" in.csv
	run -2 lam-speed --max-ahead soon -e "$MINUTES" in.csv
	[[ $output == *"--max-ahead soon"* ]]
	run -2 lam-speed --idle 1s
}

@test "every aggregate of an empty window is that of no values" {
	printf '%s\n' ts,k,v 2026-01-01T10:00:00Z,a,1 2026-01-01T10:02:00Z,a,2 >in.csv
	a="count(*) as c, count(v) as d, sum(v) as e, avg(v) as f, min(k) as g, max(v) as h,
		arg_min(k, v) as i, arg_max(k, v) as j, first(k) as l, last(v) as m,
		count(distinct k) as o, approx_count_distinct(k) as p, approx_quantile(v, 0.5) as q"
	lam-speed --fill --no-header -e "select date_trunc('minute', ts) as w, $a from stdin group by w" \
		in.csv | sed -n 's/^2026-01-01T10:01:00Z,//p' >got
	lam-query --no-header "select $a from 'in.csv' where v > 5" | cmp - got
}

@test "late and bad records are told when they come, not at the end only" {
	start -e "$MINUTES"
	printf '%s\n' ts,s 2026-01-01T10:00:00Z,1 2026-01-01T10:05:00Z,1 >&7
	until_line 2026-01-01T10:00:00Z,1 out
	printf '%s\n' 2026-01-01T10:00:00Z,1 >&7
	until_line "1 record came after its window" err
	finish
	rm pipe
	start -e "$MINUTES"
	printf '%s\n' ts,s 2026-01-01T10:00:00Z,1 torn >&7
	until_line "not a record" err
	finish
	[ "$(grep -c "not a record" err)" -eq 1 ]
}

@test "an unreadable time is counted once" {
	printf 'ts time\nv number\n' >schema
	printf '%s\n' ts,v 2026-01-01T10:00:00Z,1 never,2 soon,3 >in.csv
	lam-speed --schema schema -e "$MINUTES" <in.csv 2>err >out
	grep -q "2 values of ts" err
	grep -q "^,2$" out
}
