#!/usr/bin/env bats
# lam-speed: a cache beside the log, and live windows in a pipe.
load helper

@test "catch up, compact, expire; deleting the state changes nothing" {
	sample 400 2 >app.csv
	view v <<<"select status, count(*) as n, approx_quantile(latency, 0.5) as p from app group by status"
	for i in $(seq 0 20 380); do
		{ head -1 app.csv; tail -n +$((i + 2)) app.csv | head -20; } | lam-ingest -q -s app
		lam-speed
		# the files lie end to end, from the first record to the last
		ls "$LAM_DATA/speed/v" | awk -F- -v end=$((i + 20)) '$1 + 0 != at { bad = 1 } { at = $2 + 0 } END { exit bad || at != end }' ||
			{ ls "$LAM_DATA/speed/v"; return 1; }
	done
	[ "$(ls "$LAM_DATA/speed/v" | wc -l)" -lt 12 ]
	lam-query "select * from v" >merged
	sed 's/from app/from '"'app.csv'/" "$LAM_DATA/views/v.sql" >q
	lam-query "$(cat q)" | cmp - merged
	rm -r "$LAM_DATA/speed"
	lam-query "select * from v" | cmp - merged
	lam-speed
	lam-batch | lam-serve
	lam-speed
	[ -z "$(ls "$LAM_DATA/speed/v")" ]
	lam-query "select * from v" | cmp - merged
}

@test "--follow publishes what arrives and ends on SIGTERM" {
	sample 50 >app.csv
	lam-ingest -q -s app app.csv
	view v <<<"select status, count(*) as n from app group by status"
	lam-speed --follow &
	pid=$!
	published() { ls "$LAM_DATA"/speed/v/*-"$(printf %020d "$1")"-*.idx >/dev/null 2>&1; }
	until published 50; do kill -0 $pid; done
	lam-ingest -q -s app app.csv
	until published 100; do kill -0 $pid; done
	kill $pid
	status=0
	wait $pid || status=$?
	[ $status -eq 143 ] # dead by SIGTERM
	run -0 lam-query --explain "select sum(n) as n from v"
	[[ $output == *speed* ]]
}

@test "what a killed lam-speed was writing is removed by the next, also of a view that is gone" {
	sample 50 >app.csv
	lam-ingest -q -s app app.csv
	view v <<<"select status, count(*) as n from app group by status"
	view w <<<"select count(*) as n from app"
	lam-speed
	for v in v w; do
		f=$(ls "$LAM_DATA"/speed/$v/*.idx)
		cp "$f" "$f.tmp.$(bash -c 'echo $BASHPID')-0" # a process that has ended
		cp "$f" "$f.tmp.$$-0"
	done
	rm "$LAM_DATA/views/w.sql"
	lam-speed
	ls "$LAM_DATA"/speed/v >left
	[ "$(wc -l <left)" -eq 2 ]
	grep -q "tmp.$$-0" left
	[ "$(ls "$LAM_DATA"/speed/w)" = "$(cd "$LAM_DATA"/speed/w && echo *.tmp.$$-0)" ]
	rm "$LAM_DATA"/speed/*/*.tmp.*
	lam-speed
	[ ! -e "$LAM_DATA/speed/w" ]
}

@test "more partials than a process may have files open: the rest is read from the log" {
	sample 60 >app.csv
	for i in $(seq 2 61); do sed -n "1p;${i}p" app.csv >$i.csv; done
	lam-ingest -q -s app --segment-records 1 {2..61}.csv
	view v <<<"select status, count(*) as n, first(user) as u from app group by status"
	lam-speed
	[ "$(ls "$LAM_DATA"/speed/v | wc -l)" -eq 60 ]
	lam-query "$(sed "s/from app/from 'app.csv'/" "$LAM_DATA/views/v.sql")" >want
	(ulimit -n 30 && lam-query --threads 2 --explain "select * from v") >got 2>explain
	cmp got want
	grep -q "log app" explain
	lam-query --explain "select * from v" 2>explain | cmp - want
	[ "$(grep -c " speed/v/" explain)" -eq 60 ]
}

@test "windows are emitted as they close; late records are counted, not dropped in silence" {
	printf '%s\n' ts,k 2026-01-01T00:00:01Z,a 2026-01-01T00:00:09Z,b 2026-01-01T00:00:12Z,c \
		2026-01-01T00:00:03Z,late 2026-01-01T00:00:25Z,d >in.csv
	sql="select time_bucket(interval '10 seconds', ts) as w, count(*) as n from stdin group by w"
	# one record at a time, so that the window has closed when the late one comes
	mkfifo pipe
	lam-speed -e "$sql" <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	head -4 in.csv >&7
	until grep -q 00:00:00Z,2 out; do kill -0 $pid; done
	sed -n 5p in.csv >&7
	sed -n 6p in.csv >&7
	until grep -q 00:00:10Z,1 out; do kill -0 $pid; done
	exec 7>&-
	wait $pid || true
	[ "$(cat out)" = "$(printf '%s\n' w,n 2026-01-01T00:00:00Z,2 2026-01-01T00:00:10Z,1 2026-01-01T00:00:20Z,1)" ]
	grep -q '1 .*late' err
}

@test "--lateness waits for stragglers; windows then hold every record" {
	printf '%s\n' ts,k 2026-01-01T00:00:01Z,a 2026-01-01T00:00:12Z,c 2026-01-01T00:00:03Z,b >in.csv
	run -0 --separate-stderr lam-speed --lateness 10s \
		-e "select time_bucket(interval '10 seconds', ts) as w, count(*) as n from stdin group by w" <in.csv
	[ "${lines[1]}" = 2026-01-01T00:00:00Z,2 ]
	[ "${lines[2]}" = 2026-01-01T00:00:10Z,1 ]
}

@test "--emit changes ends with the final count of every window" {
	sample 500 4 >in.csv
	sql="select time_bucket(interval '1 minute', ts) as w, count(*) as n, sum(bytes) as b from stdin group by w"
	lam-speed --emit changes --lateness 1h -e "$sql" <in.csv >changes
	tail -n +2 changes | awk -F, '{ last[$1] = $0 } END { for (k in last) print last[k] }' | sort >got
	lam-query --no-header "${sql/stdin/\'in.csv\'}" | sort | cmp - got
}

@test "--follow stops in the middle of a pass, and what it published is whole" {
	sample 60 3 >all.csv
	for ((i = 2; i < 62; i++)); do
		sed -n "1p;${i}p" all.csv | lam-ingest -q --segment-records 1 -s app
	done
	view v <<<"select user, count(*) as n, sum(bytes) as b from app group by user"
	lam-speed --follow 2>told &
	pid=$!
	until compgen -G "$LAM_DATA/speed/v/*.idx" >/dev/null; do kill -0 $pid; done
	kill -STOP $pid
	before=$(find "$LAM_DATA/speed/v" -name '*.idx' | wc -l)
	kill -TERM $pid
	kill -CONT $pid
	status=0
	wait $pid || status=$?
	[ $status -eq 143 ] # dead by SIGTERM
	# What was being computed is published, and no more.
	[ "$(find "$LAM_DATA/speed/v" -name '*.idx' | wc -l)" -le $((before + 2)) ]
	grep -q 'stopped by SIGTERM' told
	lam-query "select sum(n) as n from v" | diff - <(echo n; echo 60)
}
