#!/usr/bin/env bats
# What a shell, a cron table and an alert see: exit statuses, signals, words.
load helper

PROGS="lam-ingest lam-batch lam-serve lam-speed lam-query lam-fsck lam-stat"
window="select date_trunc('minute', ts) as m, count(*) as n from stdin group by m"

small() {
	printf 'ts,k,n\n2026-01-01T00:00:00Z,a,1\n2026-01-01T00:00:01Z,b,2\n' >app.csv
	lam-ingest -q -s app app.csv
	view v <<<"select k, count(*) as c from app group by k"
}

# says STATUS WORD COMMAND...: that status, and on standard error the word
says() {
	local want=$1 word=$2
	shift 2
	run --separate-stderr "$@"
	[ "$status" -eq "$want" ] && [[ $stderr == *"$word"* ]] || {
		echo "$*: exit $status, not $want: $stderr"
		return 1
	}
}

# -------------------------------------------------------- the one table

@test "0: done; a query: rows came, whatever was rejected beside them" {
	small
	printf 'a,n\nx,9\ny\n' >torn.csv
	says 0 "torn.csv:3: 1 field, expected 2: not a record" lam-query "select a from 'torn.csv' where n > 5"
	[ "${lines[1]}" = x ]
	bash -c "lam-query \"select a from 'torn.csv' where n > 5\" && echo ALERT" 2>/dev/null | grep -q ALERT
	says 0 "torn.csv:3:" lam-ingest -s torn torn.csv
	says 0 "not a record" lam-batch -e "select count(*) as n from stdin" torn.csv
	printf 'ts,n\n2026-01-01T00:00:00Z,1\nx\n' >torn2.csv
	says 0 "not a record" lam-speed -e "$window" torn2.csv
	says 0 "" lam-batch
	lam-batch >v.part
	says 0 "" lam-batch --merge v.part
	says 0 "" lam-serve v.part
	says 0 "" lam-speed
	says 0 "" lam-fsck
}

@test "5: rejected lines, where --strict asks" {
	printf 'ts,n\n2026-01-01T00:00:00Z,1\nx\n' >torn.csv
	says 5 "torn.csv:3: 1 field" lam-ingest --strict -s torn torn.csv
	says 5 "torn.csv:3: 1 field" lam-query --strict "select n from 'torn.csv'"
	[ "${lines[1]}" = 1 ]
	says 5 "torn.csv:3: 1 field" lam-batch --strict -e "select count(*) as n from stdin" torn.csv
	echo "$output" >q.part # whole, and what is right in it is there
	lam-query -p q.part "select n from query" | tail -1 | grep -qx 1
	says 5 "torn.csv:3: 1 field" lam-speed --strict -e "$window" torn.csv
	[ "${lines[1]}" = 2026-01-01T00:00:00Z,1 ]
	printf 'ts,n\nx\n' >none.csv # also when nothing is left
	says 5 "none.csv:2: 1 field" lam-ingest --strict -s none none.csv
	says 1 "none.csv:2: 1 field" lam-ingest -s none none.csv
	says 5 "none.csv:2: 1 field" lam-query --strict "select n from 'none.csv'"
	says 1 "none.csv:2: 1 field" lam-query "select n from 'none.csv'"
	head -2 torn.csv >good.csv
	for p in "lam-ingest --strict -s good good.csv" "lam-query --strict 'select n from stdin' <good.csv" \
		"lam-speed --strict -e \"$window\" <good.csv"; do
		says 0 "" bash -c "$p"
	done
	for p in lam-batch lam-speed "lam-batch --merge a.part"; do
		says 2 "goes with -e only" $p --strict
	done
}

@test "1: no rows, or an empty input, and a word" {
	small
	says 1 "" lam-query "select k from app where n = 3"
	says 1 "" lam-query "select k from 'app.csv' where n = 3"
	for empty in /dev/null <(printf 'ts,n\n'); do
		cat "$empty" >empty
		says 1 "no record" lam-ingest -s ng empty
		[ ! -e data/master/ng ]
		says 1 "" lam-query "select count(*) from 'empty' group by n"
		says 1 "" lam-speed -e "$window" empty
	done
	: >empty
	says 1 "empty: there is no record" lam-query "select * from 'empty'"
	says 1 "empty: there is no record" lam-batch -e "select count(*) from stdin" empty
	lam-batch -e "select count(*) from stdin" </dev/null >none.part 2>none || [ $? -eq 1 ]
	says 1 "no section" lam-serve none.part
	says 1 "" lam-batch -e "select count(*) from stdin" --fields a,b empty
	# an empty file beside one that is not says nothing
	says 0 "" lam-query --strict "select count(*) from 'app.csv'"
	says 0 "" lam-batch -e "select count(*) as n from stdin" empty app.csv
	[[ $output == *$'\nquery\t\t2\n'* ]]
	# a stream that is there stays as it is
	find data -type f -exec sha256sum {} + | sort >before
	says 1 "no record" lam-ingest -s app /dev/null
	says 1 "no record" lam-ingest -q -s app /dev/null || [ "$status$stderr" = 1 ]
	find data -type f -exec sha256sum {} + | sort | cmp - before
	printf '' | lam-speed -e "$window" >out 2>err || [ $? -eq 1 ]
	grep -q "no record" err
}

@test "3: damaged or refused; 4: the system" {
	small
	lam-batch >v.part
	head -c 200 v.part >cut.part
	says 3 "" lam-serve cut.part
	says 3 "" lam-batch --merge cut.part
	says 3 "" lam-query -p cut.part "select * from v"
	for p in lam-serve "lam-batch --merge" "lam-ingest -s x" "lam-batch -e 'select count(*) from stdin'"; do
		says 4 missing bash -c "$p missing"
	done
	says 4 missing lam-query "select * from 'missing'"
	for f in data/master/app/*.seg; do # the columns of the last block
		head -c 90 /dev/zero | tr '\0' x | dd of="$f" bs=1 seek=$(($(stat -c %s "$f") - 90)) conv=notrunc status=none
	done
	says 3 "$LAM_DATA" lam-batch
	says 3 "$LAM_DATA" lam-speed
	says 3 "$LAM_DATA" lam-query "select * from app"
	says 3 "damaged" lam-fsck
}

@test "lam-fsck: 5 when the log is intact and something beside it is not" {
	small
	lam-batch | lam-serve
	says 0 "" lam-fsck
	for f in data/serving/v/*.idx; do printf x | dd of="$f" bs=1 seek=200 conv=notrunc status=none; done
	says 5 "" lam-fsck
}

@test "each page's EXIT STATUS agrees with the table of lam(7)" {
	# the table: status and words of each row
	sed -n '/^\.Sh EXIT STATUS/,/^\.Sh SEE/p' "$ROOT/man/lam.7" |
		sed -n '/^\.It [0-9]/ { s/^\.It //; p; }' >table
	[ "$(tr '\n' ' ' <table)" = "0 1 2 3 4 5 " ]
	for p in $PROGS; do
		sed -n '/^\.Sh EXIT STATUS/,/^\.Sh [^E]/p' "$ROOT/man/$p.1" >status
		grep -q '^.Xr lam 7' status || { echo "$p: does not name lam(7)"; return 1; }
		sed -n 's/^\.It \([0-9]\)$/\1/p' status >own
		# a row that a page tells is a row of the table, in order
		grep -Fxvf table own && { echo "$p: a status of its own"; return 1; }
		sort -c own
		grep -qx 0 own || { echo "$p: no table"; return 1; }
	done
}

# -------------------------------------------------------------- signals

# stop SIGNAL PID: by that signal it dies
stop() {
	kill -"$1" "$2"
	status=0
	wait "$2" || status=$?
	[ "$status" -eq $((128 + $(kill -l "$1"))) ] || { echo "exit $status"; return 1; }
}

@test "lam-ingest stopped: dead by the signal, whole records, and where to go on" {
	(echo ts,n; seq -f '2026-11-26T00:00:00Z,%.0f' 400000) >m.csv
	for signal in TERM HUP; do
		rm -rf data
		mkfifo pipe
		lam-ingest -s a --threads 1 pipe m.csv 2>err &
		pid=$!
		exec 7>pipe
		cat m.csv >&7 &
		until compgen -G 'data/master/a/*.seg' >seen; do kill -0 $pid; done
		stop $signal $pid
		exec 7>&-
		wait
		rm pipe
		grep -q "stopped by SIG$signal: [0-9]* records of pipe are in: go on with line [0-9]* of it; 1 file behind it was not begun" err
		said=$(sed -n 's/.*: \([0-9]*\) records of.*/\1/p' err)
		line=$(sed -n 's/.*go on with line \([0-9]*\).*/\1/p' err)
		[ "$(lam-query --no-header "select count(*) from a")" = "$said" ]
		[ "$said" -lt 400000 ]
		{ head -1 m.csv; tail -n +"$line" m.csv; } | lam-ingest -q -s a
		lam-query "select * from a" | cmp - m.csv
	done
}

@test "lam-ingest ended by a damaged file, or by a full disk: which file, and where to go on" {
	(echo ts,n; seq -f '2026-11-26T00:00:00Z,%.0f' 400000) >m.csv
	head -3 m.csv >small.csv
	gzip -c m.csv | head -c 700000 >cut.csv.gz
	whole=$(gzip -dc cut.csv.gz 2>none | wc -l) # lines, with the header
	run -3 --separate-stderr lam-ingest -s a small.csv cut.csv.gz m.csv small.csv
	[[ $stderr == *": $((whole - 1)) records of cut.csv.gz are in: go on with line $((whole + 1)) of it; 2 files behind it were not begun"* ]]
	[ "$(lam-query --no-header "select count(*) from a")" = $((whole + 1)) ]
	{ head -1 m.csv; tail -n +$((whole + 1)) m.csv; } | lam-ingest -q -s a
	{ cat small.csv; tail -n +2 m.csv; } >want
	lam-query "select * from a" | cmp - want
	run -4 --separate-stderr bash -c "ulimit -f 160; lam-ingest -s b --threads 1 m.csv"
	said=$(sed -n 's/.*: \([0-9]*\) records of m.csv are in: go on with line .*/\1/p' <<<"$stderr")
	[ "$said" = "$(lam-query --no-header "select count(*) from b")" ]
}

@test "lam-ingest stopped in a live input: a line that is not whole is no record" {
	mkfifo pipe
	lam-ingest -s a --flush-interval 0s <pipe 2>err &
	pid=$!
	exec 7>pipe
	printf 'a,b\n1,"two\nlines"\n\n3,' >&7
	until compgen -G 'data/master/a/*.seg' >seen; do kill -0 $pid; done
	stop TERM $pid
	exec 7>&-
	grep -q "stopped by SIGTERM: 1 record of stdin is in: go on with line [45] of it" err
	lam-query "select * from a" >got
	printf 'a,b\n1,"two\nlines"\n' | cmp - got
}

@test "waiting filters die by SIGTERM and SIGHUP, and say what is not there" {
	small
	mkfifo pipe
	for signal in TERM HUP; do
		for p in "lam-query 'select k from stdin'" "lam-batch -e 'select count(*) from stdin'" \
			"lam-batch --merge" lam-serve "lam-ingest -s x" "lam-speed -e \"$window\""; do
			bash -c "exec $p" <pipe >out 2>err &
			pid=$!
			exec 7>pipe
			# its handlers are there: both signals are caught
			until awk '/^SigCgt/ { exit substr($2, 13) !~ /[4-7c-f]..[13579bdf]/ }' /proc/$pid/status; do
				kill -0 $pid
			done
			stop $signal $pid
			exec 7>&-
			[ "$(grep -c "stopped by SIG$signal: " err)" -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] || {
				echo "$p: $(cat err)"
				return 1
			}
		done
	done
	lam-fsck -q
}

@test "lam-query and lam-batch stopped: so many records were read" {
	mkfifo pipe
	for p in "lam-query 'select count(*) from stdin'" "lam-batch -e 'select count(*) from stdin'"; do
		bash -c "exec $p" <pipe >out 2>err &
		pid=$!
		exec 7>pipe
		{ echo n && seq 3000000; } >&7
		# the pipe is empty: what was written is read, but for a last chunk
		stop TERM $pid
		exec 7>&-
		read -r n < <(sed -n 's/.*stopped by SIGTERM: \([0-9]*\) records were read: the .*/\1/p' err)
		[ "$n" -gt 1000000 ] && [ "$n" -le 3000000 ] || { cat err; return 1; }
	done
}

@test "lam-speed -e --fill stopped in a gap of ten thousand days: it ends at once" {
	mkfifo pipe
	lam-speed --max-ahead none --fill -e "select date_trunc('second', ts) as s, count(*) as n from stdin group by s" \
		<pipe >out 2>err &
	pid=$!
	exec 7>pipe
	printf 'ts,n\n2000-01-01T00:00:00Z,1\n2028-01-01T00:00:00Z,1\n' >&7
	# it is filling: nothing else costs time
	until awk '{ exit $14 + $15 < 20 }' /proc/$pid/stat; do kill -0 $pid; done
	stop TERM $pid
	exec 7>&-
	[ "$(wc -l <out)" -lt 50000000 ]
	grep -q "stopped by SIGTERM" err
}

@test "lam-speed -e stopped: the open windows come, then death by the signal" {
	mkfifo pipe
	lam-speed --interval 1ms -e "$window" <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	printf 'ts,n\n2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,1\n' >&7
	until grep -q 00:00:00Z,1 out; do kill -0 $pid; done
	stop TERM $pid
	exec 7>&-
	[ "$(tail -1 out)" = 2026-01-01T00:01:00Z,1 ]
	grep -q "stopped by SIGTERM: 2 records were read" err
}

@test "a signal that was ignored stays ignored: nohup" {
	(
		trap '' HUP
		printf 'a\n1\n' | lam-query "select a from stdin" >/dev/null
		exec lam-ingest -q -s a <(printf 'a\n1\n')
	)
	mkfifo pipe
	(trap '' HUP; exec lam-ingest -q -s a --no-header --fields a <pipe) &
	pid=$!
	exec 7>pipe
	until awk '/^SigCgt/ { exit substr($2, 13) !~ /[4-7c-f].../ }' /proc/$pid/status; do kill -0 $pid; done
	kill -HUP $pid
	echo 2 >&7
	exec 7>&-
	wait $pid
	[ "$(lam-query --no-header "select count(*) from a")" = 2 ]
}

@test "a closed pipe ends a filter quietly" {
	seq 100000 | sed '1i n' >n.csv
	for p in "lam-query \"select * from 'n.csv'\"" "lam-batch -e 'select n, count(*) from stdin group by n' n.csv"; do
		run -0 --separate-stderr bash -o pipefail -c "$p | head -1"
		[ -z "$stderr" ]
	done
}

# ---------------------------------------------------------- -q and -v

@test "-q tells errors only, -v everything: alike in all programs" {
	(echo a,n; for i in 1 2 3 4 5 6 7 8; do echo x; done; echo y,1) >bad.csv
	says 0 "bad.csv:2:" lam-ingest -s a bad.csv
	[ "$(grep -c 'bad.csv:' <<<"$stderr")" -lt 8 ]
	says 0 "bad.csv:9:" lam-ingest -v -s again bad.csv
	[ "$(grep -c 'bad.csv:[0-9]' <<<"$stderr")" -eq 8 ]
	run -3 lam-query -q "select a from stdin" <bad.csv # it is no CSV by what it holds
	[[ $output == *"name the format with -f"* ]]
	for p in "lam-query -f csv 'select a from stdin'" "lam-batch -f csv -e 'select count(*) as n from stdin'"; do
		says 0 "input:2:" bash -c "$p <bad.csv"
		[ "$(grep -c 'input:[0-9]' <<<"$stderr")" -lt 8 ]
		says 0 "input:9:" bash -c "$p -v <bad.csv"
		[ "$(grep -c 'input:[0-9]' <<<"$stderr")" -eq 8 ]
		says 0 "" bash -c "$p -q <bad.csv"
		[ -z "$stderr" ]
		says 5 "" bash -c "$p -q --strict <bad.csv"
		[ -z "$stderr" ]
	done
	view v <<<"select count(*) as n from a"
	says 0 "1 view published" bash -c "lam-batch | lam-serve -v"
	for p in $PROGS; do
		for o in -q --quiet -v --verbose; do
			$p --help | grep -q -- "$o" || { echo "$p: no $o"; return 1; }
		done
		case $p in lam-ingest | lam-query) continue ;; esac
		says 2 "" $p -q -d missing no-such-view
		[ -n "$stderr" ]
	done
}

# --------------------------------------------------- one view beside others

# broken KIND: a view w beside the good one that cannot be computed, and the word for it
broken() {
	case $1 in
	column) view w <<<"select k, sum(nope) as s from app group by k"; word='w.sql:1:15: no column "nope" in app' ;;
	syntax) printf 'select k,\n  count(* as n from app group by k' | view w; word=w.sql:2:11: ;;
	type) view w <<<"select k + 1 as x, count(*) as n from app group by x"; word=w.sql:1: ;;
	stream) view w <<<"select count(*) as n from gone"; word="w.sql: FROM gone" ;;
	view) view w <<<"select sum(c) as n from v"; word="that is a view" ;;
	file) view w <<<"select count(*) as n from 'app.csv'"; word=w.sql ;;
	empty) view w </dev/null; word=w.sql:1:1: ;;
	nul) printf 'select\0' | view w; word="w.sql: not text" ;;
	directory) mkdir -p data/views/w.sql; word=w.sql ;;
	link) ln -s nowhere data/views/w.sql; word=w.sql ;;
	name) printf 'select 1' >'data/views/a b.sql'; word="a b.sql: not a view's name" ;;
	cast) view w <<<"select sum(k::bigint) as n from app"; word="w.sql:1:" ;;
	esac
}

@test "a view that is wrong is told, with its file; the others are published" {
	small
	cp -r data base
	for kind in column syntax type stream view file empty nul directory link name; do
		rm -rf data
		cp -r base data
		broken $kind
		says 5 "$word" lam-batch
		[ "${#stderr_lines[@]}" -eq 1 ]
		lam-batch >part 2>err || [ $? -eq 5 ]
		says 0 "" lam-serve part
		[ "$(ls data/serving/v/*.idx | wc -l)" -eq 1 ]
		lam-ingest -q -s app app.csv
		says 5 "$word" lam-speed
		[ "$(ls data/speed/v/*.idx | wc -l)" -eq 1 ]
		says 0 "" lam-query "select sum(c) as c from v"
		[ "$output" = $'c\n4' ]
		[ "$kind" = name ] || {
			run lam-batch w
			[[ $status = [2-4] ]] || { echo "$kind: $status"; return 1; }
		}
	done
}

@test "a stream that is damaged fails its views; those of others are published" {
	small
	printf 'a\n1\n2\n' | lam-ingest -q -s other
	view o <<<"select count(*) as n from other"
	for f in data/master/app/*.seg; do
		head -c 90 /dev/zero | tr '\0' x | dd of="$f" bs=1 seek=$(($(stat -c %s "$f") - 90)) conv=notrunc status=none
	done
	says 5 "$LAM_DATA/master/app" lam-batch
	lam-batch 2>err | lam-serve
	[ "$(ls data/serving)" = o ]
	says 5 "$LAM_DATA/master/app" lam-speed
	says 0 "" lam-query "select n from o"
}

@test "lam-serve: a section that is refused, a folder that cannot be written to: the others are published" {
	small
	view w <<<"select k, sum(n) as s from app group by k"
	lam-batch >part
	view w <<<"select k, sum(n) + 1 as s from app group by k" # edited since
	says 5 "section w is of another definition" lam-serve part
	[ "$(ls data/serving)" = v ]
	lam-batch >part
	rm -rf data/serving/w
	: >data/serving/w # no folder
	says 5 serving/w lam-serve part
	rm data/serving/w
	ln -s /nowhere data/serving/w
	says 5 serving/w lam-serve part
	rm data/serving/w
	[ "$(ls data/serving/v/*.idx | wc -l)" -eq 1 ]
	says 0 "" lam-serve part
	lam-batch --as-of 1 >early.part
	says 3 "is not published" lam-serve early.part
	# a stream that is damaged is refused as a whole, whatever was fine in it
	rm -rf data/serving
	head -c -3 part >cut.part
	says 3 refused lam-serve cut.part
	[ -z "$(find data/serving -type f ! -name '.*')" ]
}

@test "many views: descriptors and memory do not grow with them" {
	[ "${VARIANT:-release}" = release ] || skip "sanitizers reserve address space"
	small
	for i in $(seq 1100); do echo "select k, sum(n + $i) as s from app group by k" >data/views/w$i.sql; done
	ulimit -n 256
	lam-batch >part
	lam-serve part
	[ "$(ls data/serving | wc -l)" -eq 1101 ]
	lam-ingest -q -s app app.csv
	lam-batch --incremental >next
	lam-batch | cmp - next
	lam-batch --merge part | cmp - part
	lam-query "select s from w77 where k = 'b'" | cmp - <(printf 's\n158\n')
}

# ------------------------------------------------------------------- cron

@test "a bad old value is told by the run that meets it first, and on request" {
	printf 'ts,k,n\n2026-01-01T00:00:00Z,a,1\n2026-01-01T00:00:01Z,b,2\n' >app.csv
	lam-ingest -q -s app app.csv
	view v <<<"select k, sum(n) as s from app group by k"
	printf 'ts,k,n\n2026-01-01T00:00:02Z,a,bad\n' >bad.csv
	lam-ingest -q -s app bad.csv
	cron() { { lam-batch "$@" | lam-serve; } 2>err; }
	cron
	grep -q "app: 1 value of n is not a number" err
	for i in 1 2 3; do
		lam-ingest -q -s app app.csv
		cron
		[ ! -s err ] || { echo "run $i: $(cat err)"; return 1; }
	done
	cron -v
	grep -q "app: 1 value of n is not a number" err
	# a new one is told alone, a new view tells all it reads
	lam-ingest -q -s app bad.csv
	cron --as-of 9
	[ ! -s err ]
	cron -q
	[ ! -s err ]
	lam-ingest -q -s app bad.csv
	cron
	grep -q "app: 1 value of n is not a number" err
	view w <<<"select max(n) as m from app"
	cron
	grep -q "app: 3 values of n are not numbers" err
	cron
	[ ! -s err ]
	[ "$(lam-query --no-header "select sum(s) from v")" = 12 ]
}

@test "a stream whose maker was killed before its first record has no records yet" {
	small
	mkdir data/master/web
	echo 0123456789abcdef0123456789abcdef >data/master/web/id
	view w <<<"select ip, sum(bytes) as b from web group by ip"
	says 1 "web: the stream has no records yet" lam-query "select sum(bytes) from web"
	says 1 "the stream web has no records yet" lam-query "select b from w"
	# no failure of the others, and nothing of cron's affair
	says 0 "" lam-batch
	[ -z "$stderr" ]
	lam-batch | lam-serve
	[ "$(ls data/serving)" = v ]
	says 0 "" lam-speed
	says 1 "the stream web has no records yet" lam-batch w
	says 1 "the stream web has no records yet" lam-speed w
	printf 'ip,bytes\n1.2.3.4,5\n' | lam-ingest -q -s web
	lam-batch | lam-serve
	says 0 "" lam-query "select b from w"
	[ "$output" = $'b\n5' ]
}
