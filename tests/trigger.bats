#!/usr/bin/env bats
# lam-trigger: batches, retries, dead letters, the ledger; each record once, whatever is killed
load helper

# records N [FIRST]: a log of N records, numbered
records() {
	echo ts,id,status
	seq "${2:-1}" $((${2:-1} + $1 - 1)) |
		awk '{ print "2026-01-01T00:00:00Z," $1 "," 200 + $1 % 4 * 100 }'
}

@test "a filter: lines go in batches through a command, in their order" {
	seq 1 250 | lam-trigger --batch 100 -- wc -l >out
	printf '%s\n' 100 100 50 | diff - out
	seq 1 20000 >in
	lam-trigger --batch 1000 -- cat <in | cmp - in
	printf 'no end' | lam-trigger -- cat >out
	echo 'no end' | cmp - out
	seq 1 200 >few
	lam-trigger --batch 10 --order none --concurrency 4 -- cat <few >out
	sort -n out | cmp - few
	run -1 lam-trigger -- cat </dev/null
	run -2 lam-trigger --batch x -- cat
	run -2 lam-trigger --into stream -- cat
}

@test "a batch is not cut while standard input may still fill it, unless it has waited" {
	{ echo a; sleep .2; echo b; } | lam-trigger -- wc -l >out
	echo 2 | diff - out
	mkfifo pipe
	lam-trigger --wait 1ms -- cat <pipe >out &
	exec 4>pipe
	echo a >&4
	await grep -q a out
	echo b >&4
	await grep -q b out
	exec 4>&-
	wait $!
}

@test "a failed batch is tried again with the same key, and printed once" {
	seq 1 20 | lam-trigger --batch 10 --backoff 1ms --env T="$BATS_TEST_TMPDIR" --isolate none -- \
		sh -c 'echo $LAM_KEY $LAM_FIRST $LAM_LAST $LAM_ATTEMPT >>$T/seen; cat
			[ $LAM_ATTEMPT -eq 3 ]' >out
	seq 1 20 | cmp - out
	cut -d' ' -f2- seen >got
	printf '%s\n' '0 9 1' '0 9 2' '0 9 3' '10 19 1' '10 19 2' '10 19 3' | diff - got
	[ "$(cut -d' ' -f1 seen | uniq -c | awk '{ print $1 }' | tr '\n' ' ')" = "3 3 " ]
}

@test "what fails for good is told by its lines, and the rest goes on: exit 5" {
	run -5 --separate-stderr bash -c 'seq 1 30 | lam-trigger --batch 10 --retries 1 --backoff 1ms -- \
		awk "\$1 == 15 { exit 1 } { print }"'
	[ "$output" = "$(seq 1 10; seq 21 30)" ]
	[[ $stderr == *"lines 11 to 20: exit status 1, attempt 2: given up"* ]]
	run -5 --separate-stderr bash -c 'seq 1 3 | lam-trigger --retries 9 --backoff 1h -- sh -c "exit 65"'
	[[ $stderr == *"rejected (exit status 65), attempt 1: given up"* ]]
	run -5 --separate-stderr bash -c 'seq 1 3 | lam-trigger --timeout 50ms --retries 0 -- sleep 60'
	[[ $stderr == *"timed out, attempt 1"* ]]
	run -5 --separate-stderr bash -c 'seq 1 3 | lam-trigger --retries 0 -- ./none'
	[[ $stderr == *"could not be run"* ]]
	run -2 --separate-stderr bash -c 'seq 1 3 | lam-trigger --concurrency 0 -- cat'
	[[ $stderr == *"only functions of a dataset can be paused"* ]]
}

@test "bisect finds the one bad record among 128, in 8 attempts that fail" {
	run -5 bash -c 'seq 1 128 | lam-trigger --batch 128 --bisect yes --retries 0 --env T="$PWD" --isolate none -- \
		awk "\$1 == 77 { system(\"echo x >>\" ENVIRON[\"T\"] \"/failed\"); exit 1 } { print }" 2>err >out'
	seq 1 128 | grep -vx 77 | cmp - out
	[ "$(wc -l <failed)" -eq 8 ]
	grep -q "lines 77 to 77: " err
	# Of a dataset: it alone is a dead letter, the others are out once and in order.
	records 128 | lam-ingest -q -s s
	function_file f <<-'EOF'
	on      stream s
	from    start
	run     sh -c '! cat | tee $TMPDIR/x | grep -q "\"id\":77," && cat $TMPDIR/x'
	batch   128
	bisect  yes
	retries 0
	into    ./out
	EOF
	run -5 lam-trigger f
	sed '1,/^$/d' "$LAM_DATA"/trigger/f/failed/* | sed 's/.*"id":\([0-9]*\).*/\1/' | cmp - <(echo 77)
	sed 's/.*"id":\([0-9]*\).*/\1/' "$LAM_DATA/functions/f/out" | cmp - <(seq 1 128 | grep -vx 77)
	[ "$(lam-trigger --usage f | tail -1 | cut -d, -f3)" -eq 8 ]
}

@test "partial: what comes before the first failed record is done, the rest is tried again" {
	# Record 7 fails twice: as the seventh of the batch, then as its first.
	seq 1 10 | lam-trigger --partial yes --backoff 1ms --env T="$BATS_TEST_TMPDIR" --isolate none -- sh -c '
		echo $LAM_FIRST $LAM_ATTEMPT >>$T/seen
		n=0
		while read -r x; do
			n=$((n + 1))
			if [ $x -eq 7 ] && [ $(wc -l <$T/seen) -lt 3 ]; then
				echo $n >&3
				exit 0
			fi
			echo $x
		done' >out
	seq 1 10 | cmp - out
	printf '%s\n' '0 1' '6 1' '6 2' | diff - seen
	# Numbers that are none of the batch, and words, are failures.
	for bad in 0 11 x -1; do
		run -5 bash -c "seq 1 10 | lam-trigger --partial yes --retries 0 -- sh -c 'echo $bad >&3'"
	done
	seq 1 10 | lam-trigger --partial yes -- sh -c 'cat; echo >&3' | cmp - <(seq 1 10)
}

@test "a condition on records reads no other rows" {
	records 3 | lam-ingest -q -s s
	while read -r where; do
		printf 'on stream s where %s\nrun cat\nisolate none\n' "$where" | function_file f
		run -2 lam-trigger --from start
		[[ $output == *"reads no others"* || $output == *"more than a condition"* ]]
	done <<-'END'
		id in (select id from s)
		id > (select max(id) - 1 from s)
		exists (select id from other)
		id in (values (1))
	END
}

@test "records for which a condition holds reach a function once, run after run" {
	records 1000 >in.csv
	lam-ingest -q -s access in.csv
	function_file alert <<-'EOF'
	# server errors
	on    stream access where status >= 500
	run   cat
	batch 30
	from  start
	into  ./out
	EOF
	lam-trigger
	lam-trigger alert
	awk -F, 'NR > 1 && $3 >= 500 { print $2 }' in.csv >want
	sed 's/.*"id":\([0-9]*\).*/\1/' "$LAM_DATA/functions/alert/out" | cmp - want
	records 100 1001 | lam-ingest -q -s access
	lam-trigger
	{ tail -n +2 in.csv; records 100 1001 | tail -n +2; } | awk -F, '$3 >= 500 { print $2 }' >want
	sed 's/.*"id":\([0-9]*\).*/\1/' "$LAM_DATA/functions/alert/out" | cmp - want
	# A new function begins with what comes.
	function_file late <<<$'on stream access\nrun cat\ninput csv\ninto ./out'
	lam-trigger late
	[ ! -s "$LAM_DATA/functions/late/out" ]
	records 3 5000 >more.csv
	lam-ingest -q -s access more.csv
	lam-trigger late
	cmp more.csv "$LAM_DATA/functions/late/out"
}

@test "-F: a record that is appended reaches the function; a second instance is told" {
	records 1 | lam-ingest -q -s access
	function_file alert <<<$'on stream access\nrun cat\ninto ./out'
	lam-trigger -F 2>err &
	pid=$!
	await test -e "$LAM_DATA/functions/alert/out"
	run -4 lam-trigger alert
	[[ $output == *"another lam-trigger runs this function"* ]]
	records 1 7 | lam-ingest -q -s access
	await grep -q '"id":7,' "$LAM_DATA/functions/alert/out"
	kill $pid
	status=0
	wait $pid || status=$?
	[ $status -eq 143 ]
	grep -q "stopped by SIGTERM" err
	lam-trigger alert
	[ "$(wc -l <"$LAM_DATA/functions/alert/out")" -eq 1 ]
}

# killed NAME: run it, killed at random times, until a run ends by itself.  A run that has got
# nothing done, on a busy machine, lets the next ones live longer.
killed() {
	local kills=0 least=20 pid status before='' now
	while :; do
		lam-trigger "$1" 2>>err &
		pid=$!
		sleep "$(printf %d.%03d $((least / 1000)) $((least % 1000)))"
		sleep "$(printf .%03d $((RANDOM % ${KILL_MS:-60})))"
		if kill -9 $pid 2>/dev/null; then
			kills=$((kills + 1))
		fi
		status=0
		wait $pid 2>/dev/null || status=$?
		[ $status -eq 0 ] && break
		[ $status -eq 137 ] || { cat err; return 1; }
		now=$(stat -c %n,%s "$LAM_DATA"/master/*/*.seg "$LAM_DATA/functions/$1/out" 2>/dev/null) || true
		[ "$now" = "$before" ] && least=$((least * 5 / 4)) || least=20
		before=$now
	done
	echo "# $kills kills" >&3
	[ $kills -gt 0 ]
}

@test "kill -9 at random: the same output, bounds and keys as one clean run" {
	records "${RECORDS:-200}" >in.csv
	for target in ./out alerts; do
		for how in clean killed; do
			export LAM_DATA=$PWD/$how
			rm -rf "$LAM_DATA" seen
			lam-ingest -q -s access in.csv
			# Each third batch fails once, after it has printed.
			function_file f <<-EOF
			on      stream access
			run     sh -c 'echo \$LAM_FIRST \$LAM_LAST \$LAM_KEY \$LAM_ATTEMPT >>$PWD/seen; awk -F, -v k=\$LAM_KEY "{ print \\\$0 \",\" (NR > 1 ? k : \"key\") }"; [ \$((LAM_FIRST / 10 % 3)) -ne 1 ] || [ \$LAM_ATTEMPT -gt 1 ]'
			input   csv
			batch   10
			backoff 1ms
			isolate none
			from    start
			into    $target
			EOF
			# The same stream, so the same keys.
			[ $how = clean ] || { rm -r killed/master && cp -r clean/master killed/; }
			[ $how = clean ] || rm -rf killed/master/alerts
			if [ $how = clean ]; then lam-trigger f; else killed f; fi
			if [ $target = alerts ]; then
				lam-query "select id, key from alerts" >$how.out
			else
				cp "$LAM_DATA/functions/f/out" $how.out
			fi
		done
		cmp clean.out killed.out
		# No key of two batches, and each record once.
		grep -o '[0-9a-f]\{32\}' clean.out | uniq | sort | uniq -d >twice
		[ ! -s twice ]
		grep -v key clean.out | sed 's/^[^,]*Z,//; s/,.*//' | cmp - <(seq 1 "${RECORDS:-200}")
		# What each attempt was told, in their order: bounds and keys stay, attempts never go down.
		awk '$1 in last && (last[$1] != $2 || key[$1] != $3 || $4 < n[$1]) { print; bad = 1 }
			{ last[$1] = $2; key[$1] = $3; n[$1] = $4 } END { exit bad || !NR }' seen
		[ "$(cut -d' ' -f1 seen | sort -u | wc -l)" -eq $((${RECORDS:-200} / 10)) ]
	done
}

@test "dead letters hold the payload and the log, and are tried again, or dropped" {
	records 20 | lam-ingest -q -s access
	function_file f <<-'EOF'
	on      stream access
	run     sh -c 'echo cannot $LAM_FIRST >&2; exit 1'
	batch   10
	retries 0
	from    start
	into    ./out
	EOF
	run -5 lam-trigger f
	[[ $output == *"records 0 to 9: exit status 1, attempt 1: given up: they are in "* ]]
	run -2 lam-trigger f --drop
	run -2 lam-trigger --failed f --drop
	run -0 lam-trigger --failed f
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} == id,first,last,records,attempts,when,why ]]
	grep -l 'log: cannot 10$' "$LAM_DATA"/trigger/f/failed/*
	for x in "$LAM_DATA"/trigger/f/failed/*; do
		sed '1,/^$/d' "$x"
	done | grep -o '"id":[0-9]*' | sort -t: -k2n | cmp - <(seq 1 20 | sed 's/^/"id":/')
	run -5 lam-trigger --failed f --retry
	[[ $output == *"exit status 1: it stays"* ]]
	first=$(lam-trigger --failed f | sort -t, -k2n | awk -F, '$2 == 0 { print $1 }')
	sed -i 's/^run.*/run cat/' "$LAM_DATA/functions/f/function"
	lam-trigger --failed f --retry "$first"
	grep -o '"id":[0-9]*' "$LAM_DATA/functions/f/out" | cmp - <(seq 1 10 | sed 's/^/"id":/')
	rest=$(lam-trigger --failed f | sed -n '2s/,.*//p')
	run -4 lam-trigger --failed f --drop "${rest}0"
	[[ $output == *"${rest}0: cannot remove: No such file"* ]]
	run -2 lam-trigger --failed f --drop "../failed/$rest"
	lam-trigger --failed f --drop "$rest"
	run -1 lam-trigger --failed f
}

@test "an output that a stream cannot have fails its batch: a dead letter, and the rest goes on" {
	records 20 | lam-ingest -q -s access
	function_file f <<-'EOF'
	on      stream access
	run     sh -c 'if [ $LAM_FIRST = 10 ]; then printf "\037\213\010no gzip"; else grep -o "\"id\":[0-9]*" | sed "s/.*/{&}/"; fi'
	batch   5
	retries 1
	backoff 1ms
	from    start
	into    ids
	EOF
	run -5 lam-trigger f
	[[ $output == *"f: records 10 to 14: its output cannot go into ids: "*gzip*"attempt 2: given up"* ]]
	lam-query --no-header "select id from ids" | cmp - <(seq 1 10; seq 16 20)
	grep -q '^why: its output cannot go into ids: ' "$LAM_DATA"/trigger/f/failed/*
	run -5 lam-trigger --failed f --retry
	[[ $output == *"its output cannot go into ids: "*"it stays"* ]]
	sed -i 's,^run.*,run jq -c {id},' "$LAM_DATA/functions/f/function"
	lam-trigger --failed f --retry
	lam-query --no-header "select id from ids" | sort -n | cmp - <(seq 1 20)
}

@test "what goes wrong with one function is told, and is not the others': exit 5" {
	records 30 | lam-ingest -q -s access
	for f in bad code good ledger out source zed; do
		function_file $f <<<$'on stream access\nrun cat\nbatch 10\nfrom start\ninto ./out'
	done
	lam-trigger ledger
	sed -i 's/^run.*/speed 9/' "$LAM_DATA/functions/bad/function"
	sed -i 's/^run.*/run .\/none/; 1i retries 0' "$LAM_DATA/functions/code/function"
	printf X | dd of="$(echo "$LAM_DATA"/trigger/ledger/*.led)" bs=1 seek=400 conv=notrunc status=none
	mkdir "$LAM_DATA/functions/out/out"
	sed -i 's/access/nowhere/' "$LAM_DATA/functions/source/function"
	run -5 lam-trigger
	for want in "bad/function:2: speed: no such directive" "code: records 20 to 29: could not be run" \
		"ledger: "*"damaged at byte" "out: cannot open" "there is no stream \"nowhere\""; do
		[[ $output == *$want* ]] || { echo "$want: $output"; return 1; }
	done
	[[ $output == *"; the others go on"* ]]
	for f in good zed; do
		grep -o '"id":[0-9]*' "$LAM_DATA/functions/$f/out" | cmp - <(seq 1 30 | sed 's/^/"id":/')
	done
	# Of one, it is the program's error; of several that all fail, of the first.
	run -3 lam-trigger ledger
	run -2 lam-trigger bad ledger
	[[ $output == *"none of 2 functions can be run"* ]]
}

@test "-F: a function that failed rests, is opened again, and goes on where it was" {
	records 10 | lam-ingest -q -s access
	for f in f g; do
		function_file $f <<<$'on stream access\nrun cat\nfrom start\ninto ./dir/out'
	done
	mkdir "$LAM_DATA/functions/g/dir"
	lam-trigger -F 2>err &
	pid=$!
	await test -s "$LAM_DATA/functions/g/dir/out"
	grep -q "f/./dir/out: cannot open: No such file or directory; it rests for 1 s, the others go on" err
	mkdir "$LAM_DATA/functions/f/dir"
	await test -s "$LAM_DATA/functions/f/dir/out"
	records 1 77 | lam-ingest -q -s access
	await grep -q '"id":77,' "$LAM_DATA/functions/f/dir/out"
	await grep -q '"id":77,' "$LAM_DATA/functions/g/dir/out"
	kill $pid
	wait $pid || true
	cmp "$LAM_DATA"/functions/[fg]/dir/out
	[ "$(wc -l <"$LAM_DATA/functions/f/dir/out")" -eq 11 ]
}

@test "every: an event for each due time; those that were missed are one" {
	mkdir data
	function_file tick <<<$'on every 20ms\nrun cat\ninto ./out'
	lam-trigger tick
	before=$(wc -l <data/functions/tick/out)
	sleep .1
	lam-trigger tick
	[ "$(wc -l <data/functions/tick/out)" -eq $((before + 1)) ]
	tail -1 data/functions/tick/out | grep '"missed":[1-9]'
	lam-trigger -F tick 2>/dev/null &
	pid=$!
	before=$(wc -l <data/functions/tick/out)
	three() { [ "$(wc -l <data/functions/tick/out)" -ge $((before + 3)) ]; }
	await three
	kill $pid
	wait $pid || true
	sed 's/.*"time":"\([^Z]*\)Z.*/\1/' data/functions/tick/out >times
	sort -uc times
}

@test "at: due times of a calendar in a zone; those that were missed are one, the latest" {
	mkdir data
	from=$(python3 -c 'import time; print(int(time.time() - 10 * 86400) * 10**9)')
	function_file tick <<<$'on at \'30 4 * * *\' America/New_York\nrun cat\ninto ./out\nfrom '"$from"
	lam-trigger tick
	lam-trigger tick
	python3 - "$from" data/functions/tick/out <<-'EOF'
	import datetime as d, json, sys, zoneinfo
	zone = zoneinfo.ZoneInfo("America/New_York")
	t, now, due = int(sys.argv[1]) // 10**9 // 60 * 60, d.datetime.now().timestamp(), []
	while t <= now:
	    l = d.datetime.fromtimestamp(t, zone)
	    if (l.hour, l.minute) == (4, 30) and t * 10**9 >= int(sys.argv[1]):
	        due.append(t)
	    t += 60
	got, = map(json.loads, open(sys.argv[2]))
	want = d.datetime.fromtimestamp(due[-1], d.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
	assert got == {"time": want, "missed": len(due) - 1}, (got, want, len(due))
	EOF
	function_file never <<<$'on at 0 0 30 2 *\nrun cat'
	run -2 lam-trigger never
	[[ $output == *"there is no such day"* ]]
	function_file where <<<$'on at @daily Europe/Nowhere\nrun cat'
	run -2 lam-trigger where
	[[ $output == *"Europe/Nowhere"* ]]
}

@test "a function that would be given its own output, also by way of others, is refused" {
	records 3 | lam-ingest -q -s a
	function_file f <<<$'on stream a\nrun cat\ninto b\nfrom start'
	function_file g <<<$'on stream b\nrun cat\ninto c'
	lam-trigger f
	lam-trigger
	function_file h <<<$'on stream c\nrun cat\ninto a'
	run -2 lam-trigger
	[[ $output == *"f: into b: from there its output comes back to it by the stream a"* ]]
	[[ $output == *"none of 3 functions can be run"* ]]
	rm -r "$LAM_DATA/functions/h"
	lam-trigger
	function_file self <<<$'on stream a\nrun cat\ninto a'
	run -2 lam-trigger self
	[[ $output == *"it would never end"* ]]
}

@test "format: what goes into a file is records of it, or the attempt has failed" {
	printf '%s\n' '{"a":1}' '{"a":' '{"a":3}' |
		lam-trigger --batch 1 --retries 0 --format jsonl --into ./out -- cat 2>err || [ $? -eq 5 ]
	printf '%s\n' '{"a":1}' '{"a":3}' | diff - out
	grep -q 'lines 2 to 2: .*cannot go into .*/out: line 1 of it is no record of the format jsonl' err
	run -2 lam-trigger --format jsnol --into ./out -- cat <<<x
	[[ $output == *jsnol* ]]
	# As an output of a dataset: a dead letter, and nothing of it in the file.
	records 3 | lam-ingest -q -s access
	printf '%s\n' 'on stream access' 'from start' 'batch 1' 'retries 0' "into $PWD/rows" 'format csv' \
		"run sh -c 'read line; case \$line in *:2,*) echo \\\"open;; *) echo \"a,b\"; echo 1,2;; esac'" |
		function_file f
	run -5 lam-trigger f
	printf '%s\n' a,b 1,2 a,b 1,2 | diff - rows
	lam-trigger --failed f | grep -q 'cannot go into'
	# Without a format it is written as it is.
	lam-trigger --into ./raw -- cat <<<'{"a":'
	echo '{"a":' | diff - raw
}

@test "lines of an output that are no records are told once, also when it is put again" {
	records 1 | lam-ingest -q -s access
	function_file f <<<$'on stream access\nrun printf \'{"x":1\\n\'\nformat jsonl\nfrom start\ninto out'
	lam-trigger f
	[ "$(grep -c '{""x"":1' "$LAM_DATA/reject/out.csv")" -eq 1 ]
	# The ledger loses what it knows of the delivery, as in a crash.
	python3 - "$LAM_DATA"/trigger/f/*.led <<-'EOF'
	import struct, sys
	b, at, outcome = open(sys.argv[1], "rb").read(), 96, False
	while at < len(b) and not (outcome and b[at + 4] == 5):
	    outcome |= b[at + 4] == 3
	    at += struct.unpack_from("<Q", b, at + 8)[0]
	assert at < len(b)
	open(sys.argv[1], "wb").write(b[:at])
	EOF
	lam-trigger f
	[ "$(grep -c '{""x"":1' "$LAM_DATA/reject/out.csv")" -eq 1 ]
}

@test "an output into a stream is read as lam-ingest reads it: header, zone, a format of one's own" {
	records 1 | lam-ingest -q -s access
	mkdir -p "$LAM_DATA/formats"
	printf 'format csv\nzone America/New_York\n' >"$LAM_DATA/formats/ours"
	# take NAME [OPTION]...: what lam-ingest makes of the file NAME in the stream a_NAME, and a
	# function that prints it in b_NAME, are the same rows.
	take() {
		local name=$1
		shift
		lam-ingest -q -s a_$name "$@" $name
		printf '%s\n' 'on stream access' 'from start' "run cat $PWD/$name" 'isolate none' "into b_$name" |
			function_file $name
		[ $# = 0 ] || printf '%s\n' "$@" | sed -n 's/^--//; N; s/\n/ /p' >>"$LAM_DATA/functions/$name/function"
		lam-trigger $name
		lam-query "select * from a_$name" >want
		lam-query "select * from b_$name" | diff want -
	}
	# A stream with names: the first line is a record, or the names again.
	for s in a b; do
		for n in bare again; do
			printf 'ts,v\n2026-07-01 00:00:00,1\n' | lam-ingest -q -s ${s}_$n --zone Europe/Berlin
		done
	done
	printf '2026-07-01 12:00:00,7\n' >bare
	take bare
	[ "$(lam-query --no-header 'select ts, v from b_bare where v = 7')" = '2026-07-01 12:00:00+02:00,7' ]
	printf 'ts,v\n2026-01-01 12:00:00,8\n' >again
	take again
	[ "$(lam-query --no-header 'select ts, count(*) from b_again where v = 8 group by ts')" = '2026-01-01T11:00:00Z,1' ]
	# New streams: a zone that is given, and a format that has one.
	printf 'at,w\n2026-07-01 12:00:00,1\n2026-07-02 12:00:00,2\n' >zoned
	take zoned --zone Asia/Tokyo
	[ "$(lam-query --no-header 'select at from b_zoned where w = 1')" = '2026-07-01 12:00:00+09:00' ]
	grep -qx 'zone Asia/Tokyo' "$LAM_DATA/master/b_zoned/input"
	printf 'at,w\n2026-07-01 12:00:00,1\n2026-07-01 13:00:00,2\n' >own
	take own --format ours
	cmp "$LAM_DATA/master/a_own/input" "$LAM_DATA/master/b_own/input"
	# The format changes its mind about the zone: the stream does not, which is told.
	sed -i 's/New_York/Chicago/' "$LAM_DATA/formats/ours"
	records 1 | lam-ingest -q -s access
	run -0 lam-trigger own
	[[ $output == *"b_own: zone America/Chicago, as $LAM_DATA/formats/ours has it, is not used"*" America/New_York"* ]]
	[ "$(lam-query --no-header "select count(*) from b_own where at = '2026-07-01 16:00:00'")" = 2 ]
	# A stream has one zone; a file has none.
	sed -i 's/Tokyo/Seoul/' "$LAM_DATA/functions/zoned/function"
	run -2 lam-trigger zoned
	[[ $output == *"a stream has one zone"* ]]
	run -2 lam-trigger --zone UTC --into - zoned
}

@test "dialects: what a function prints is read with the options of lam-ingest, in its file or on the command line" {
	records 1 | lam-ingest -q -s access
	# read_as NAME OPTION...: the file NAME in three streams: by lam-ingest, by a function whose file says
	# the options, and by one that is run with them.
	read_as() {
		local name=$1 lines=() o
		shift
		lam-ingest -q -s a_$name "$@" $name
		for o; do
			if [[ $o == --* ]]; then lines+=("${o#--}"); else lines[-1]+=" $o"; fi
		done
		printf '%s\n' 'on stream access' 'from start' "run cat $PWD/$name" 'isolate none' "into b_$name" "${lines[@]}" |
			function_file b_$name
		printf '%s\n' 'on stream access' 'from start' "run cat $PWD/$name" 'isolate none' "into c_$name" | function_file c_$name
		lam-trigger b_$name
		lam-trigger "$@" c_$name
		lam-query -o jsonl "select * from a_$name" >want
		lam-query -o jsonl "select * from b_$name" | diff want -
		lam-query -o jsonl "select * from c_$name" | diff want -
	}
	printf '1;a;1,50\n2;b;\n' >semi
	read_as semi --delimiter ';' --no-header
	[ "$(head -1 want)" = '{"c1":1,"c2":"a","c3":"1,50"}' ]
	printf '%s\n' '# x' 'a b' "'it\\'s' 2" >quotes
	read_as quotes --quote "'" --escape '\' --comment '#' --delimiter space
	[ "$(cat want)" = '{"a":"it'"'"'s","b":2}' ]
	printf '%s\n' '2026-01-01 [e] boom' '  at x' '2026-01-02 [i] well' >several
	read_as several --format 'regex:(?<day>\S+) \[(?<level>\w)\] (?<msg>.*)' --start '^\d{4}-'
	[ "$(head -1 want)" = '{"day":"2026-01-01","level":"e","msg":"boom\n  at x"}' ]
	printf 'at,x\n31.01.2026 23:59:59,1\n01.02.2026 00:00:00,2\n' >dates
	read_as dates --time-format 'at=%d.%m.%Y %H:%M:%S' --zone Europe/Berlin
	[ "$(head -1 want)" = '{"at":"2026-01-31T23:59:59+01:00","x":1}' ]
	printf '1,2\n3,4\n' >names
	read_as names --fields x,y
	[ "$(head -1 want)" = '{"x":1,"y":2}' ]
	printf '1,2\n3,4\n' >head
	read_as head --format csv --header
	[ "$(cat want)" = '{"1":3,"2":4}' ]
	printf 'on stream access\nfrom start\nrun echo 7\nisolate none\ninto from\nfields x\norigin\n' | function_file whence
	lam-trigger whence
	[ "$(lam-query --no-header 'select x, _file, _line from "from"')" = "7,function whence,1" ]
	# What is never looked at is refused, and so is a line of no value, or twice.
	while IFS='|' read -r line why; do
		printf 'on stream access\nrun cat\n%b\n' "$line" | function_file bad
		run -2 lam-trigger bad
		[[ $output == *"$why"* ]] || { echo "$line: $output"; return 1; }
	done <<-'END'
		zone UTC|bad: zone: only output into a stream is read
		format csv\ntime-format a=%Y|bad: time-format: only output into a stream is read
		origin|bad: origin: only output
		start ^x|bad: start: output into a file, or to standard output, is looked at only if a format is given
		no-header|bad: no-header: output into a file
		into s\nheader yes|function:4: header takes no value
		into s\nquote|function:4: quote needs a value behind it
		into s\nquote x\nquote y|function:5: quote is given twice
	END
	# Into a file each line must be of the dialect.
	run -5 bash -c 'printf "1;2\n3;4;5\n" | lam-trigger --retries 0 --delimiter ";" --no-header --into ./table -- cat'
	[[ $output == *"line 2 of it is no record of the format csv"* ]]
	printf '1;2\n' | lam-trigger --delimiter ';' --no-header --into ./table -- cat
	[ "$(cat table)" = '1;2' ]
	run -2 lam-trigger --usage --delimiter ';'
	[[ $output == *"--delimiter: does not go with --usage"* ]]
}

@test "env-file: variables from a plain file; those of env count" {
	mkdir -p data/functions/f
	printf '# a comment\nA=1\n\nB=two words\n' >data/functions/f/vars
	function_file f <<<$'on every 1h\nrun sh -c \'echo $A,$B,$C\'\nenv A=0\nenv C=3\nenv-file vars'
	run -0 --separate-stderr lam-trigger -i f <<<x
	[ "$output" = "0,two words,3" ]
	echo nothing >>data/functions/f/vars
	run -2 lam-trigger -i f <<<x
	[[ $output == *"vars:5: env nothing: expected NAME=VALUE"* ]]
	[ "$(A=9 lam-trigger --env-file <(echo A=7) -- sh -c 'echo $A' <<<x)" = 7 ]
}

@test "a clock that was years ahead: what was to wait for it then waits no more, times are told" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -shared -fPIC -D_GNU_SOURCE -o clock.so "$ROOT/tests/shim/clock.c" -ldl
	records 3 | lam-ingest -q -s access
	function_file f <<<$'on stream access\nrun sh -c "cat; exit $BAD"\nenv BAD=1\nbackoff 300s\nfrom start\ninto ./out'
	function_file tick <<<$'on every 20ms\nrun cat'
	function_file cron <<<$'on at @daily\nrun cat'
	LAM_CLOCK_AHEAD=1000000000 LD_PRELOAD=$PWD/clock.so timeout 20 lam-trigger tick cron
	LAM_CLOCK_AHEAD=1000000000 LD_PRELOAD=$PWD/clock.so lam-trigger -F f 2>err &
	pid=$!
	await grep -q 'Status: error' "$LAM_DATA/trigger/f/log"
	kill $pid
	wait $pid || true
	sed -i 's/BAD=1/BAD=0/' "$LAM_DATA/functions/f/function"
	timeout 20 lam-trigger f
	[ "$(wc -l <"$LAM_DATA/functions/f/out")" -eq 3 ]
	for f in tick cron; do
		run -3 lam-trigger $f
		[[ $output == *"$f: it has been run for times up to 205"*"the clock was wrong then, or is now"* ]]
	done
}

@test "a log without end is cut off; what is no file takes no output; a name too long stops no other" {
	records 3 | lam-ingest -q -s access
	function_file f <<<$'on stream access\nrun sh -c "head -c 80000000 /dev/zero >&2; sleep 60"\ntimeout 60s\nretries 0\nfrom start'
	run -5 lam-trigger f
	[[ $output == *"more than 64 MiB of output, or of log, attempt 1: given up"* ]]
	[ "$(stat -c %s "$LAM_DATA/trigger/f/log")" -lt 70000000 ]
	rm -r "$LAM_DATA/functions/f"
	mkfifo pipe
	for into in /dev/null "$PWD/pipe"; do
		function_file none <<<$'on stream access\nrun cat\nfrom start\ninto '"$into"
		run -2 lam-trigger none
		[[ $output == *"$into: is no plain file"* ]]
	done
	function_file good <<<$'on stream access\nrun cat\nfrom start\ninto ./out'
	function_file "$(printf 'x%.0s' $(seq 200))" <<<$'on stream access\nrun cat'
	run -5 lam-trigger
	[[ $output == *"at most 64; the others go on"* ]]
	[ "$(wc -l <"$LAM_DATA/functions/good/out")" -eq 3 ]
}

@test "-F: a file that is rotated goes on as a new one; a ledger that is removed is told" {
	records 3 | lam-ingest -q -s access
	function_file f <<<$'on stream access\nrun cat\ninput csv\nfrom start\ninto ./out'
	out=$LAM_DATA/functions/f/out
	lam-trigger -F 2>err &
	pid=$!
	await grep -q ',3,' "$out"
	mv "$out" "$out.1"
	records 1 4 | lam-ingest -q -s access
	await grep -q ',4,' "$out"
	rm "$out"
	records 1 5 | lam-ingest -q -s access
	await grep -q ',5,' "$out"
	: >"$out"
	records 1 6 | lam-ingest -q -s access
	await grep -q ',6,' "$out"
	records 1 6 | cmp - "$out"
	records 3 | cmp - "$out.1"
	echo mine >>"$out"
	records 1 7 | lam-ingest -q -s access
	await grep -q "out: from byte .* only its function may write to it" err
	kill -9 $pid
	wait $pid || true
	mv "$out" "$out.2"
	lam-trigger f # what was not synced comes again, into the new one
	records 1 7 | tail -n 1 | cmp - <(tail -n 1 "$out")
	lam-trigger -F 2>err &
	pid=$!
	records 1 8 | lam-ingest -q -s access
	await grep -q ',8,' "$out"
	rm -r "$LAM_DATA/trigger/f"
	records 1 9 | lam-ingest -q -s access
	await grep -q 'led: was removed or replaced while its function ran' err
	kill $pid
	wait $pid || true
}

@test "idle: so long a sandbox without work stays, and then nothing is left of it" {
	records 1 | lam-ingest -q -s access
	function_file f <<<$'on stream access\nrun cat\nfrom start\nidle 1ms\ninto ./out'
	lam-trigger -F 2>err &
	pid=$!
	await test -s "$LAM_DATA/functions/f/out"
	# The launcher is left, which makes sandboxes, and no keeper of one.
	alone() { [ "$(cat /proc/$pid/task/*/children | wc -w)" -eq 1 ] && [ -z "$(cat /proc/"$(cat /proc/$pid/task/*/children | tr -d ' ')"/task/*/children)" ]; }
	await alone
	records 1 7 | lam-ingest -q -s access
	await grep -q '"id":7,' "$LAM_DATA/functions/f/out"
	# The same behind a burst, of which several ran at once.
	sed -i '1i batch 1\nconcurrency 4\norder none' "$LAM_DATA/functions/f/function"
	kill -HUP $pid
	records 1000 100 | lam-ingest -q -s access
	all() { [ "$(sort -u "$LAM_DATA/functions/f/out" | wc -l)" -eq 1002 ]; }
	await all
	await alone
	# No processor either: neither it nor the launcher wakes up, but to look once a second.
	awake() { cat /proc/$pid/status /proc/"$(cat /proc/$pid/task/*/children | tr -d ' ')"/status | awk '/^voluntary/ { n += $2 } END { print n }'; }
	before=$(awake)
	sleep 1
	n=$(($(awake) - before))
	[ $n -le 20 ]
	records 1 8 | lam-ingest -q -s access
	await grep -q '"id":8,' "$LAM_DATA/functions/f/out"
	kill $pid
	wait $pid || true
}

# post [OPTION ...] URL: the status, behind it the request id
post() {
	curl -s --unix-socket s -o /dev/null -D head -w '%{http_code} ' "$@"
	tr -d '\r' <head | sed -n 's/^x-amzn-requestid: //Ip'
}

@test "asynchronous requests run side by side, unless their order is to be that of the log" {
	for f in free ordered; do
		printf '%s\n' 'on http' 'concurrency 3' 'isolate none' 'timeout 60s' \
			"run sh -c 'echo >>$PWD/$f.began; until [ -e $PWD/go ]; do sleep .02; done'" |
			function_file $f
	done
	echo 'order log' >>"$LAM_DATA/functions/ordered/function"
	lam-trigger -F --listen "$PWD/sock" 4>&- &
	await test -S sock
	for i in 1 2 3; do
		for f in free ordered; do
			curl -s --unix-socket sock "http://x/$f?async" -d x
		done
	done
	began() { [ "$(wc -l <$1.began)" = "$2" ]; }
	await began free 3
	began ordered 1
	>go
	await began ordered 3
	kill $!
	wait $! || [ $? -eq 143 ]
}

@test "asynchronous requests: 202 is durable, then as events of other sources; synchronous ones are counted" {
	command -v curl >/dev/null || skip "no curl"
	mkdir data
	function_file job <<-'EOF'
	on      http
	run     sh -c 'cat; [ $LAM_ATTEMPT = 2 ]'
	backoff 1ms
	into    ./out
	EOF
	function_file bad <<<$'on http\nrun false\nretries 0'
	function_file rests <<<$'on http\nrun cat\nconcurrency 0\ninto ./out'
	function_file hi <<<$'on http /say\nrun echo hi'
	lam-trigger -F --listen "$PWD/s" 2>err &
	pid=$!
	await test -S s
	read -r code id < <(post -d '{"n":1}' -H 'X-Amz-Invocation-Type: Event' \
		http://x/2015-03-31/functions/job/invocations)
	[ "$code" = 202 ]
	await grep -qx '{"n":1}' data/functions/job/out
	grep -q "START RequestId: $id .*Attempt: 2" data/trigger/job/log
	read -r code id < <(post -d 'a b' 'http://x/job/more?x=1&async')
	[ "$code" = 202 ]
	await grep -q '"rawPath":"/job/more".*"body":"a b"' data/functions/job/out
	read -r code id < <(post -d x 'http://x/bad?async')
	await test -e "data/trigger/bad/failed/$id"
	[ "$(post -d x -H 'X-Amz-Invocation-Type: DryRun' http://x/job)" = "204 " ]
	[ "$(post -d x -H 'X-Amz-Invocation-Type: Later' http://x/job)" = "400 " ]
	[ "$(post http://x/say?asynchronous)" = "200 " ]
	[ "$(post http://x/say)" = "200 " ]
	[ "$(post http://x/bad)" = "502 " ]
	[ "$(post http://x/rests)" = "429 " ]
	# Nothing has run what was accepted last when all is killed.
	for i in 1 2 3; do
		[[ $(post -d "$i" -H 'X-Amz-Invocation-Type: Event' \
			http://x/2015-03-31/functions/rests/invocations) == "202 "* ]]
	done
	lam-trigger --usage >usage.csv
	kill -9 $pid
	wait $pid || true
	[ ! -s data/functions/rests/out ]
	lam-trigger --concurrency 1 rests
	cmp data/functions/rests/out <(seq 3)
	lam-trigger --concurrency 1 rests
	cmp data/functions/rests/out <(seq 3)
	[ "$(wc -l <data/functions/job/out)" -eq 2 ]
	python3 - <<-'EOF'
	import csv
	u = {r["function"]: (r["requests"], r["errors"], r["dead"]) for r in csv.DictReader(open("usage.csv"))}
	assert u["job"] == ("4", "2", "0"), u
	assert u["hi"] == ("2", "0", "0"), u
	assert u["bad"] == ("2", "2", "1"), u
	EOF
}

@test "order key: one key in its order, others meanwhile; also after kill -9" {
	{ echo ts,id,user; printf '2026-01-01T00:00:00Z,%s\n' 1,ann 2,bob 3,ann 4,bob 5,ann 6,cy; } >in.csv
	lam-ingest -q -s access in.csv
	function_file f <<-EOF
	on      stream access
	input   csv
	run     sh -c 'cd $PWD; u=\$(sed -n "2s/.*,//p"); echo \$u \$LAM_FIRST \$LAM_ATTEMPT >>seen; case \$u\$LAM_FIRST\$LAM_ATTEMPT in ann0[12]) exit 1;; ann03) until [ -e free ]; do sleep .01; done;; esac; echo \$u,\$LAM_FIRST'
	order   key User
	concurrency 2
	backoff 1ms
	timeout 60s
	isolate none
	from    start
	into    ./out
	EOF
	lam-trigger -F f 2>err &
	pid=$!
	# All of bob and cy is done while the first of ann waits.
	await grep -q 'cy 5 1' seen
	await grep -q 'ann 0 3' seen
	await grep -q 'cy,5' "$LAM_DATA/functions/f/out"
	await grep -q 'bob,3' "$LAM_DATA/functions/f/out"
	kill -9 $pid
	wait $pid || true
	[ "$(grep -c ann seen)" -eq 3 ]
	touch free
	lam-trigger f
	printf '%s\n' ann,0 ann,2 ann,4 | diff - <(tail -n +4 "$LAM_DATA/functions/f/out")
	printf '%s\n' bob,1 bob,3 | diff - <(grep bob "$LAM_DATA/functions/f/out")
	[ "$(wc -l <"$LAM_DATA/functions/f/out")" -eq 6 ]
	printf '%s\n' 'ann 0 1' 'ann 0 2' 'ann 0 3' 'ann 0 3' 'ann 2 1' 'ann 4 1' | diff - <(grep ann seen)
	sed -i 's/key User/key nobody/' "$LAM_DATA/functions/f/function"
	run -2 lam-trigger f
	[[ $output == *"order key nobody: the stream access has no such field"* ]]
}

@test "-i runs a function once, on an event by hand, and leaves no trace" {
	records 1 | lam-ingest -q -s access
	function_file f <<<$'on stream access\nrun sh -c '"'"'cat; echo note >&2; exit $X'"'"$'\nenv X=0'
	run -0 --separate-stderr lam-trigger -i f <<<'{"id":1}'
	[ "$output" = '{"id":1}' ]
	[[ $stderr == *START*note*END*REPORT*"Status: ok"* ]]
	run -5 --separate-stderr lam-trigger -i f --env X=3 <<<'{"id":1}'
	[[ $stderr == *"Status: error"* ]]
	[ ! -e "$LAM_DATA/trigger" ]
}

@test "function files that cannot be are told with their line" {
	records 1 | lam-ingest -q -s access
	while IFS='|' read -r text want; do
		printf "$text" | function_file f
		run -2 lam-trigger f
		[[ $output == *"$want"* ]] || { echo "$text: $output"; return 1; }
	done <<-'EOF'
	on stream access\n|nothing to run
	on stream access\nrun cat\nspeed 9\n|function:3: speed: no such directive
	on stream access\nrun cat\nbatch 1\nbatch 2\n|function:4: batch is given twice
	on stream access\nrun cat\nbatch many\n|function:3: batch many: expected N
	on lake access\nrun cat\n|function:1: on lake access: expected SOURCE
	run cat\n|it needs a line "on stream NAME"
	on stream none\nrun cat\n|there is no stream "none"
	on stream access where nofield = 1\nrun cat\n|nofield
	on stream access where true) limit (1\nrun cat\n|where
	on stream access\nrun cat\nconcurrency 2\n|say order none
	EOF
	run -2 lam-trigger nofunction
	run -2 lam-trigger ../x
}

@test "a ledger: a torn tail is cut off; damage before whole frames is refused, nothing runs" {
	records 30 | lam-ingest -q -s access
	function_file f <<<$'on stream access\nrun cat\nbatch 10\nfrom start\ninto ./out'
	lam-trigger f
	led=$(echo "$LAM_DATA"/trigger/f/*.led)
	cp "$led" whole
	head -c -5 whole >"$led"
	lam-trigger f
	[ "$(wc -l <"$LAM_DATA/functions/f/out")" -eq 30 ]
	printf LAMFxxxx >>"$led"
	lam-trigger f
	[ "$(wc -l <"$LAM_DATA/functions/f/out")" -eq 30 ]
	cp whole "$led"
	lam-fsck >out
	grep -qx 'function f: [0-9]* frames, at position 30, 0 batches pending' out
	head -c -5 whole >"$led"
	run -5 lam-fsck -q
	[[ $output == *"$led: "*"bytes at its end are no frame: the next lam-trigger cuts them off"* ]]
	cp whole "$led"
	printf X | dd of="$led" bs=1 seek=400 conv=notrunc status=none
	run -3 lam-trigger f
	[[ $output == *"$led: damaged at byte "* ]]
	run -3 lam-fsck -q
	[[ $output == *"$led: damaged at byte "* ]]
	# Somebody else wrote into the file: nothing is written over.
	cp whole "$led"
	records 10 100 | lam-ingest -q -s access
	echo mine >>"$LAM_DATA/functions/f/out"
	run -3 lam-trigger f
	[[ $output == *"only its function may write to it"* ]]
}

@test "a ledger: what was acknowledged and is damaged is never cut; what was not may be, whatever follows" {
	records 30 | lam-ingest -q -s access
	# It prints nothing, so that its last outcome is the last that happens.
	function_file f <<<$'on stream access\nrun sh -c "echo >>../../../ran"\nbatch 10\nfrom start\nisolate none'
	lam-trigger f
	[ "$(wc -l <ran)" = 3 ]
	led=$(echo "$LAM_DATA"/trigger/f/*.led)
	hit() { # KIND N: change a byte of the Nth frame of this kind from the end
		python3 - "$led" "$1" "$2" <<-'EOF'
		import struct, sys
		b, at, found = bytearray(open(sys.argv[1], "rb").read()), 96, []
		while at < len(b):
		    if b[at + 4] == int(sys.argv[2]): found.append(at)
		    at += struct.unpack_from("<Q", b, at + 8)[0]
		b[found[-int(sys.argv[3])] + 100] ^= 1
		open(sys.argv[1], "wb").write(b)
		EOF
	}
	cp "$led" whole
	hit 3 1
	run -3 lam-trigger f
	[[ $output == *"$led: damaged at byte "* ]]
	[ "$(wc -l <ran)" = 3 ]
	cp whole "$led"
	# Two intents that no sync has followed: the first is damaged, and the second is whole.
	records 20 31 | lam-ingest -q -s access
	lam-trigger -F --order none --concurrency 2 --timeout none \
		--run "sh -c 'echo >>$PWD/began; sleep 1000'" f 4>&- &
	two() { [ "$(wc -l <began)" = 2 ]; }
	await two
	kill -9 $!
	await lam-trigger --concurrency 0 f # what it held is let go
	hit 2 2
	run -5 lam-fsck -q
	[[ $output == *"the next lam-trigger cuts them off"* ]]
	lam-trigger f
	[ "$(wc -l <ran)" = 5 ]
	lam-fsck -q
}

@test "--wait-debugger: an invocation waits for one, has no deadline, and can be stopped" {
	function_file f <<<$'on stream s\ntimeout 1ms\nrun tr a-z A-Z'
	function_file rt <<<$'on stream s\ntimeout 1ms\nruntime lambda\nrun ./none'
	held() { sed -n 's/.*: process \([0-9]*\) waits for a debugger.*/\1/p' err; }
	is_held() { [ -n "$(held)" ]; }
	echo hello >event
	for how in CONT gdb; do
		[ $how = CONT ] || command -v gdb >/dev/null || continue
		lam-trigger -i f --wait-debugger event >out 2>err 4>&- &
		await is_held
		[ ! -s out ]
		if [ $how = CONT ]; then
			kill -CONT "$(held)"
		else
			timeout 20 gdb -q -p "$(held)" -batch -ex 'catch exec' -ex c -ex 'info proc' \
				-ex delete -ex c </dev/null >gdb.out 2>&1 4>&-
			grep -q "exe = .*/tr'" gdb.out
		fi
		wait $!
		echo HELLO | diff - out
	done
	for f in f rt; do
		lam-trigger -i $f --wait-debugger event >out 2>err 4>&- &
		await is_held
		kill $!
		wait $! || [ $? -eq 143 ]
		[ ! -e "/proc/$(held)" ]
	done
	run -2 lam-trigger --wait-debugger f
}

@test "what waits for its event can be stopped, and a pipe is no file of variables" {
	function_file f <<<$'on stream s\nrun cat'
	mkfifo event
	for how in "" --wait-debugger; do
		exec 5<>event
		timeout -k 5 1 lam-trigger -i f $how <&5 >out 2>err 4>&- || [ $? -eq 124 ]
		exec 5>&-
		[ ! -s out ]
	done
	function_file f <<<$'on stream s\nrun cat\nenv-file v'
	mkfifo "$LAM_DATA/functions/f/v"
	run -3 timeout -s KILL 20 lam-trigger f
	[[ $output == *"/f/"*"v: is no plain file"* ]]
}

@test "a ledger that was cut before what a stream has of it: nothing is doubled, it is told" {
	records 20 | lam-ingest -q -s access
	function_file f <<<$'on stream access\nrun cat\nbatch 3\nfrom start\ninto b\nisolate none'
	lam-trigger f
	led=$(echo "$LAM_DATA"/trigger/f/*.led)
	# Its last outcome, and all behind it.
	truncate -s "$(python3 - "$led" <<-'EOF'
	import struct, sys
	b, at, last = open(sys.argv[1], "rb").read(), 96, 0
	while at < len(b):
	    last = at if b[at + 4] == 3 else last
	    at += struct.unpack_from("<Q", b, at + 8)[0]
	print(last)
	EOF
	)" "$led"
	records 10 21 | lam-ingest -q -s access
	run -3 lam-trigger f
	[[ $output == *"b has outputs of f up to position "*"the ledger has lost what was done"* ]]
	lam-query -o tsv "select id from b" | sed 1d | diff - <(seq 20)
}

@test "isolation that is required and not there is an error, not less isolation" {
	seq 3 | lam-trigger --isolate "require memory" -- cat || skip "no memory groups here"
	LAM_DENY=cgroup run -4 lam-trigger --isolate "require memory" -- cat <<<x
	[[ $output == *"requires isolation that this machine does not give"* ]]
	LAM_DENY="cgroup landlock ns net seccomp" lam-trigger -- cat <<<x | grep -qx x
	LAM_DENY=memory lam-trigger --check | grep -q '^memory *no'
}

@test "--usage tells what the ledger holds: attempts, errors, records, lag" {
	records 30 | lam-ingest -q -s access
	function_file f <<-'EOF'
	on      stream access
	run     sh -c '[ $LAM_FIRST -ne 10 ] || [ $LAM_ATTEMPT -gt 2 ]'
	batch   10
	memory  1G
	backoff 1ms
	from    start
	EOF
	function_file new <<<$'on stream access\nrun cat'
	lam-trigger f
	records 7 100 | lam-ingest -q -s access
	lam-trigger --usage >usage.csv
	python3 - usage.csv <<-'EOF'
	import csv, sys
	f, new = csv.DictReader(open(sys.argv[1]))
	want = dict(function="f", requests="5", errors="2", timeouts="0", retries="2", dead="0",
	            records="30", next="30", pending="0", lag="7")
	assert {k: f[k] for k in want} == want, f
	assert float(f["gb_s"]) >= 0.005 and float(f["p50_ms"]) <= float(f["p99_ms"])
	assert new["requests"] == "0" and new["lag"] == "37"
	EOF
	lam-trigger --usage -o jsonl f | python3 -c 'import json, sys; assert json.loads(sys.stdin.read())["requests"] == 5'
	lam-trigger --usage --price 0.5,2 f | python3 -c 'import csv, sys
r, = csv.DictReader(sys.stdin)
assert abs(float(r["cost"]) - (float(r["gb_s"]) / 2 + 10)) < 2e-6, r'
	lam-trigger --usage -o prom >usage.prom
	grep -qx '# TYPE lam_usage_requests gauge' usage.prom
	grep -qx 'lam_usage_requests{function="f"} 5' usage.prom
	grep -qx 'lam_usage_lag{function="new"} 37' usage.prom
	run ! grep -q lam_usage_cost usage.prom
	lam-trigger --usage -o prom --price 0,3 | grep -qx 'lam_usage_cost{function="f"} 15'
	lam-trigger --usage -o table f | grep -qE '^f  +5 +2 '
	run -2 lam-trigger --usage --price free
	run -2 lam-trigger --price 1 f
	lam-ingest -q -s usage usage.csv
	[ "$(lam-query --no-header "select sum(requests) from usage")" = 5 ]
}

@test "lag in seconds: since the first record was appended, also after a kill -9" {
	records 5 | lam-ingest -q -s access
	printf '%s\n' 'on stream access' 'from start' 'batch 5' 'timeout none' 'isolate none' \
		"run sh -c '[ -e $PWD/go ] || { echo >>$PWD/began; sleep 1000; }'" | function_file f
	function_file t <<<$'on every 1h\nrun cat'
	touch go
	lam-trigger
	lags() { # COLUMN...: of f, by --usage and by lam-stat
		lam-trigger --usage f >u
		lam-ingest -q -s "u$1" u
		lam-query --no-header "select lag, lag_s >= $2 and lag_s < $3 from u$1"
		lam-stat -k functions -o csv | lam-query --no-header -f csv \
			"select lag, lag_seconds >= $2 and lag_seconds < $3 from stdin where function = 'f'"
	}
	printf '%s\n' 0,true 0,true | diff - <(lags a 0 0.001)
	# Nobody has seen these; and long before they came, -F was idle, and was killed.
	lam-trigger -F f 4>&- &
	await pgrep -P $! >/dev/null
	kill -9 $!
	touch -d '1 hour ago' "$LAM_DATA/trigger/f/lock"
	records 10 6 | lam-ingest -q -s access
	printf '%s\n' 10,true 10,true | diff - <(lags b 0 300)
	waited() { lam-trigger --usage f | awk -F , 'NR == 2 { exit !($18 >= 2 && $18 < 300) }'; }
	await waited
	# It sees them, and does the first half.
	rm go
	lam-trigger -F f 4>&- &
	await test -s began
	printf '%s\n' 5,true 5,true | diff - <(lags c 0 300)
	kill -9 $!
	lam-trigger --usage -o jsonl t | grep -q '"lag":null,"lag_s":null}'
	lam-stat -k functions -o prom | grep -Eq '^lam_function_lag_seconds\{function="f".*\} [0-9]'
}

@test "each blueprint makes a function, and its event has the expected output" {
	mkdir data
	for b in hello log-alert count-errors idempotent-write partial-failure redrive \
		timer-rollup http-echo s3-object table-insert lambda-python $(command -v node >/dev/null && echo lambda-node); do
		lam-trigger --list | grep -q "^$b "
		lam-trigger --new $b my-$b
		lam-trigger -i my-$b "data/functions/my-$b/event" 2>err >out || { cat err; return 1; }
		cmp out "data/functions/my-$b/expected"
	done
	for b in lambda-c lambda-go lambda-rust lambda-java; do # those that are compiled, as their first line says
		lam-trigger --new $b my-$b
		build=$(sed -n '1s/.*: //p' "data/functions/my-$b/function")
		command -v "${build%% *}" >/dev/null || { echo "# $b: skipped: no ${build%% *}" >&3; continue; }
		(cd "data/functions/my-$b" && eval "$build")
		lam-trigger -i my-$b "data/functions/my-$b/event" 2>err >out || { cat err; return 1; }
		cmp out "data/functions/my-$b/expected"
	done
	run -0 --separate-stderr lam-trigger --new hello first
	[[ -z $output && $stderr == *"begins with what comes after its first run;"* ]]
	printf 'n\n1\n2\n' | lam-ingest -q -s access
	lam-trigger first >out
	[ ! -s out ]
	lam-trigger --new hello second 2>said
	sh -c "$(sed 's/.*: lam-trigger/lam-trigger/' said)" >out # the command that it names
	[ "$(wc -l <out)" -eq 2 ]
	run -0 --separate-stderr lam-trigger --new timer-rollup clock
	[[ $stderr == *"functions/clock: a new function" ]]
	run -0 --separate-stderr lam-trigger -q --new hello quiet
	[ -z "$stderr" ]
	run -2 lam-trigger --new hello my-hello
	run -2 lam-trigger --new none x
	run -4 lam-trigger -i my-hello nowhere
}

@test "log-alert: a threshold, once in REPEAT over many batches; what was sent is not sent by the next attempt" {
	mkdir bin
	cat >bin/sendmail <<-EOF
	#!/bin/sh
	# The second mail of all fails once.
	cat >mail.\$\$
	[ -e $PWD/failed ] || [ ! -e $PWD/first ] || { : >$PWD/failed; exit 1; }
	: >$PWD/first
	cat mail.\$\$ >>$PWD/mails
	EOF
	chmod +x bin/sendmail
	export PATH=$PWD/bin:$PATH
	{ echo ts,path,status; echo 2026-01-01T00:00:00Z,/,200; } | lam-ingest -q -s access
	lam-trigger --new log-alert alert
	sed -i 's/^# env *MAIL=.*/env MAIL=ops/; s/THRESHOLD=1/THRESHOLD=3/; s/WINDOW=300/WINDOW=60/
		s/REPEAT=3600/REPEAT=600/; s/^batch.*/batch 19\nbackoff 1ms/' data/functions/alert/function
	lam-trigger
	# Errors of two paths, one each 10 s, for half an hour; and /c, too seldom.
	python3 - >in.csv <<-'EOF'
	print("ts,path,status")
	for s in range(10, 1800, 10):
	    t = "2026-01-01T00:%02d:%02dZ" % divmod(s, 60)
	    for path in ["/a", "/b"] + ["/c"] * (s % 60 == 0):
	        print("%s,%s,500" % (t, path))
	EOF
	lam-ingest -q -s access in.csv
	lam-trigger
	# The third record of each is at 30 s; then the first one 600 s later.
	printf '2026-01-01T00:%s path=%s: 3 in 60 s\n' 00:30Z /a 00:30Z /b 10:30Z /a 10:30Z /b \
		20:30Z /a 20:30Z /b >want
	sed 's/: [0-9]* in/: 3 in/' data/functions/alert/alerts | cmp - want
	[ -e failed ]
	# where there is no sendmail, what to do is told in one line
	if [ ! -e /usr/sbin/sendmail ] && [ ! -e /usr/lib/sendmail ]; then
		mkdir none
		python=$(python3 -c 'import sys; print(sys.executable)')
		echo '{"ts":"2026-01-01T00:00:00Z","path":"/","status":500}' >line
		(cd none && run -1 --separate-stderr env -i PATH="$PWD" LAM_KEY=k MAIL=ops KEY=path THRESHOLD=1 \
			WINDOW=300 REPEAT=3600 "$python" ../data/functions/alert/alert <../line
		[[ $stderr == "MAIL: there is no sendmail in "*": install a mail server, such as postfix, or set WEBHOOK instead" ]])
	fi
	sed -n 's/^Subject: //p' mails | sed 's/: [0-9]* in/: 3 in/' | cmp - want
	[ "$(grep -c '^To: ops$' mails)" -eq 6 ]
}

@test "log-alert: a webhook gets each alert as JSON" {
	python3 - >port 2>none <<-'EOF' &
	import http.server
	class Hook(http.server.BaseHTTPRequestHandler):
	    def do_POST(self):
	        with open("hooked", "ab") as f:
	            f.write(self.rfile.read(int(self.headers["Content-Length"])) + b"\n")
	        self.send_response(204)
	        self.end_headers()
	s = http.server.HTTPServer(("127.0.0.1", 0), Hook)
	print(s.server_port, flush=True)
	s.serve_forever()
	EOF
	hook=$!
	await test -s port
	mkdir data
	lam-trigger --new log-alert alert
	sed -i "s,^# env *WEBHOOK=.*,env WEBHOOK=http://127.0.0.1:$(cat port)/," data/functions/alert/function
	lam-trigger -i alert data/functions/alert/event 2>err >out || { cat err; kill $hook; return 1; }
	kill $hook
	cmp out data/functions/alert/expected
	python3 -c 'import json; [print(json.loads(x)["text"]) for x in open("hooked")]' | cmp - out
}

@test "lam-tutorial(7): from an empty directory to an alert by mail, as typed" {
	mkdir bin
	printf '#!/bin/sh\ncat >>%s/mails\n' "$PWD" >bin/sendmail
	chmod +x bin/sendmail
	export PATH=$PWD/bin:$PATH
	mandoc -T ascii "$ROOT/man/lam-tutorial.7" | col -bx |
		sed -n '/^AN ALERT/,/^SEE ALSO/ s/^           //p' >script
	[ "$(wc -l <script)" -eq 10 ]
	unset LAM_DATA
	bash -e script >out 2>err || { cat err; return 1; }
	printf '%s\n' '2026-01-01T00:00:09Z path=/pay: 1 in 300 s' >want
	tail -1 out | cmp - want
	sed -n 's/^Subject: //p' mails | cmp - want
	[ "$(sed -n 's/^To: //p' mails)" = root ]
	grep -q 'Status: ok' err
}

@test "64 requests at once, concurrency 4: at most 4 run, each is answered, 200 or 429, nothing dies" {
	function_file web <<-EOF
	on          http
	concurrency 4
	isolate     none
	timeout     60s
	run         sh -c 'read x; mkdir $PWD/in/\$LAM_REQUEST_ID; ls $PWD/in | wc -l >>$PWD/seen; while [ ! -e $PWD/go ]; do sleep .01; done; rmdir $PWD/in/\$LAM_REQUEST_ID; echo ok'
	EOF
	mkdir in
	lam-trigger -F --listen "$PWD/sock" 2>err 4>&- &
	trigger=$!
	await test -S sock
	for i in $(seq 64); do
		curl -sS -o "body.$i" -w '%{http_code}\n' --unix-socket sock http://x/web >"code.$i" &
		calls+=($!)
	done
	# Those beyond four are refused while the four hold out; then these are let go.
	refused() { [ "$(cat code.* | grep -cx 429)" -eq 60 ] && [ "$(ls in | wc -l)" -eq 4 ]; }
	await refused
	touch go
	wait "${calls[@]}"
	[ "$(cat code.* | sort | uniq -c | awk '{ print $2 "=" $1 }' | xargs)" = '200=4 429=60' ]
	[ "$(sort -n seen | tail -n 1)" -eq 4 ]
	[ "$(cat $(grep -lx 429 code.* | sed 's/code/body/') | sort -u)" = '{"message":"as many run as may"}' ]
	# Asynchronous ones wait, and run four at a time at most.
	rm seen go
	for i in $(seq 12); do
		[ "$(curl -sS -o /dev/null -w '%{http_code}' --unix-socket sock "http://x/web?async")" = 202 ]
	done
	begun() { [ "$(ls in | wc -l)" -ge 1 ]; }
	await begun
	touch go
	all() { [ "$(wc -l <seen)" -eq 12 ] && [ "$(ls in | wc -l)" -eq 0 ]; }
	await all
	[ "$(sort -n seen | tail -n 1)" -le 4 ]
	kill $trigger
	wait $trigger || true
}

@test "requests: want of descriptors is told once, and passes; the program and other functions go on" {
	function_file web <<<$'on http\nrun echo ok'
	records 3 | lam-ingest -q -s access
	printf '%s\n' 'on stream access' 'from start' 'run cat' "into $PWD/out" | function_file f
	( ulimit -n 64; exec lam-trigger -F --listen "$PWD/sock" 2>err 4>&- ) &
	trigger=$!
	await test -S sock
	await test -s out
	python3 - "$PWD/sock" "$PWD/err" <<-'EOF'
	import socket, sys, time
	held = []
	for _ in range(100):
	    s = socket.socket(socket.AF_UNIX)
	    s.connect(sys.argv[1])
	    held.append(s)
	while "requests: no connection can be accepted" not in open(sys.argv[2]).read():
	    time.sleep(.01)
	time.sleep(1.5)  # it is tried again meanwhile, and not told again
	text = open(sys.argv[2]).read()
	assert text.count("no connection can be accepted") == 1, text
	EOF
	says() { [ "$(curl -sS --unix-socket sock http://x/web)" = ok ]; }
	await says
	records 1 4 | lam-ingest -q -s access
	four() { [ "$(wc -l <out)" -eq 4 ]; }
	await four
	kill $trigger
	wait $trigger || true
}
