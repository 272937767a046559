#!/usr/bin/env bats
# Logs that rotate: each line is taken once, whatever happens to the files and to the reader.
# What is in the log is compared with the lines that were written, which are numbers.
load helper

# Whoever still follows when a test fails ends with it.
teardown() { for pid in $(jobs -p); do kill -9 "$pid" 2>/dev/null || true; done; }

resume() { lam-ingest -q -s app -f csv --fields id,text --resume "$@"; }

# lines FILE FROM TO: append them
lines() { seq "$2" "$3" | sed 's/.*/&,line &/' >>"$1"; }

# has FROM TO...: these lines, each once, and no others
has() {
	while [ $# -gt 0 ]; do seq "$1" "$2"; shift 2; done | sed 's/.*/&,line &/' | sort >want
	lam-query --no-header "select * from app" | sort | cmp - want
}

# reads COMMAND...: bytes that it reads, into the file read
reads() {
	sh -c 'read -r _ before </proc/self/io; "$@" || [ $? -eq 1 ] || exit
		read -r _ after </proc/self/io; echo $((after - before)) >read' sh "$@"
}

# rotate HOW FILE
rotate() {
	[ ! -e "$2.1" ] || mv "$2.1" "$2.2"
	[ ! -e "$2.1.gz" ] || mv "$2.1.gz" "$2.2.gz"
	case $1 in
	rename) mv "$2" "$2.1" ;;
	copytruncate) cp "$2" "$2.1"; : >"$2" ;;
	gzip) mv "$2" "$2.1"; gzip "$2.1" ;;
	esac
}

# old FILE...: nobody has written to them for a while
old() { touch -d '10 seconds ago' "$@"; }

@test "only what is new, also behind a header, and a line waits for its newline" {
	{ echo id,text; seq 1 9 | sed 's/.*/&,line &/'; } >a.csv
	lam-ingest -q -s app --resume a.csv
	has 1 9
	run -1 lam-ingest -q -s app --resume a.csv
	printf '10,line 10\n11,li' >>a.csv
	lam-ingest -q -s app --resume a.csv
	has 1 10
	echo 'ne 11' >>a.csv
	lam-ingest -q -s app --resume a.csv
	has 1 11
	printf '12,line 12' >>a.csv
	run -1 lam-ingest -q -s app --resume --line-timeout 5s a.csv
	old a.csv
	lam-ingest -q -s app --resume --line-timeout 5s a.csv
	has 1 12
	# The next file of that name has a header of its own.
	mv a.csv a.csv.1
	{ echo id,text; echo 13,line 13; } >a.csv
	lam-ingest -q -s app --resume a.csv
	has 1 13
}

@test "renamed, more than once, and written to behind its new name" {
	lines a.log 1 5
	resume a.log
	lines a.log 6 7
	mv a.log a.log.1
	lines a.log 8 9
	resume a.log
	has 1 9
	lines a.log.1 10 11 # the writer had it open
	resume a.log
	has 1 11
	printf '12,line 12' >>a.log.1
	old a.log.1
	resume a.log # rotated away: the newline is not waited for
	has 1 12
	lines a.log 13 14
	mv a.log.1 a.log.2; mv a.log a.log.1; lines a.log 15 16 # never looked at
	mv a.log.2 a.log.3; mv a.log.1 a.log.2; mv a.log a.log.1; lines a.log 17 18
	resume a.log
	has 1 18
	run -1 resume a.log
	run -1 resume 'a.log*'
}

@test "copied and truncated; grown again beyond the place" {
	lines a.log 1 5
	resume a.log
	lines a.log 6 7
	cp a.log a.log.1; : >a.log
	resume a.log
	has 1 7
	lines a.log 8 9
	resume a.log
	lines a.log 10 11
	cp a.log a.log.0; : >a.log
	lines a.log 12 99
	resume a.log
	has 1 99
	run -1 resume 'a.log*'
	# without a copy: told
	lines a.log 100 101
	resume a.log
	: >a.log
	lines a.log 102 103
	run -0 --separate-stderr resume a.log
	[[ $stderr == *"a.log: was truncated, and no copy"* ]]
	has 1 103
}

@test "compressed after it was read, before it was read, and under any name that is given" {
	lines a.log 1 5
	resume a.log
	mv a.log a.log.1; gzip a.log.1; mv a.log.1.gz a.log.2.gz
	lines a.log 6 7
	resume 'a.log*'
	has 1 7
	run -1 resume 'a.log*'
	lines a.log 8 9
	mv a.log a.log.1; gzip a.log.1
	lines a.log 10 11
	resume a.log
	has 1 11
	run -1 resume 'a.log*'
	# A copy beside its original, whole or not yet, is no log of its own.
	lines a.log 12 13
	gzip -k a.log; cp a.log a.log.3; truncate -s 5 a.log.3; gzip -c a.log >a.log.4.gz
	resume 'a.log*'
	has 1 13
	cp a.log a.log.3; rm a.log.gz a.log.4.gz; : >a.log; lines a.log 14 15
	resume 'a.log*'
	has 1 15
}

@test "compressed by zstd, xz, bzip2 or lz4" {
	n=0
	for p in zstd:zst xz:xz bzip2:bz2 lz4:lz4; do
		command -v ${p%:*} >/dev/null || continue
		rm -rf data a.log*
		lines a.log 1 300000
		resume a.log
		mv a.log a.log.1; lines a.log.1 300001 300002 # a writer had it open
		${p%:*} -qc a.log.1 >a.log.1.${p#*:}; rm a.log.1
		lines a.log 300003 300004
		resume a.log
		has 1 300004
		mv a.log.1.${p#*:} a.log.2.${p#*:}
		lines b 300005 300006; mv a.log a.log.1
		${p%:*} -qc a.log.1 >a.log.1.${p#*:}; rm a.log.1; mv b a.log
		reads lam-ingest -q -s app -f csv --fields id,text --resume 'a.log*'
		has 1 300006
		reads lam-ingest -q -s app -f csv --fields id,text --resume 'a.log*'
		[ "$(cat read)" -lt 200000 ]
		# at once, and as standard input that is a file
		rm -rf data
		resume 'a.log*'
		has 1 300006
		rm -rf data
		lam-ingest -q -s app -f csv --fields id,text <a.log.2.${p#*:}
		has 1 300002
		: $((n++))
	done
	[ $n -gt 0 ] || skip "none of these programs is here"
}

@test "copied, or compressed, while its writer goes on, and read beyond the copy" {
	for how in compress copytruncate first; do
		rm -rf data a.log*
		known=2000
		[ $how != first ] || known=1 # all the rest is read at once
		lines a.log 1 $known
		resume a.log
		[ $how = copytruncate ] || { mv a.log a.log.1; : >a.log; run -1 resume a.log; mv a.log new; mv a.log.1 a.log; }
		lines a.log $((known + 1)) 2010
		cp a.log copy
		lines a.log 2011 2020
		if [ $how = copytruncate ]; then
			mv copy a.log.1
			resume a.log
			touch a.log.1; : >a.log
			run -1 --separate-stderr resume a.log
			[[ $stderr == *"a.log: was truncated, and its copy "*"a.log.1 ends at byte "* ]]
		else
			mv a.log a.log.1; mv new a.log
			resume a.log
			rm a.log.1; gzip copy; mv copy.gz a.log.1.gz
		fi
		touch a.log.1*
		lines a.log 2021 2022
		resume a.log 2>err
		resume 'a.log*' 2>>err || [ $? -eq 1 ]
		has 1 2022
		[ ! -s err ]
	done
	# Another file that begins alike is another.
	rm -rf data a.log*
	lines a.log 1 1000
	resume a.log
	lines a.log 1001 2000
	resume a.log
	rm a.log; : >a.log; resume a.log 2>/dev/null || true
	lines a.log.1 1 500; lines a.log.1 3000 3001; touch a.log.1
	lines a.log 4000 4000
	resume a.log
	has 1 2000 1 500 3000 3001 4000 4000
}

@test "found with nothing in it, written to and rotated away before the next look" {
	for how in rename gzip copytruncate; do
		for before in none lost; do
			rm -rf data a.log*
			if [ $before = lost ]; then
				lines a.log 1 5
				resume a.log
				rm a.log
			fi
			: >a.log
			run -1 resume a.log
			size=$(du -sb data | cut -f 1)
			run -1 resume a.log
			[ "$(du -sb data | cut -f 1)" = $size ]
			lines a.log 6 7
			rotate $how a.log
			lines a.log 8 9
			resume a.log
			[ $before = lost ] && has 1 9 || has 6 9
			run -1 resume a.log
			lam-fsck -q
		done
	done
}

@test "deleted and made again, with the same inode or another, and the same first bytes" {
	lines a.log 1 3
	resume a.log
	ln a.log keep; rm a.log
	lines a.log 1 3; lines a.log 4 5 # another file
	run -0 --separate-stderr resume a.log
	[[ $stderr == *"a.log: the file that was read has no name"* ]]
	has 1 3 1 5
	# A file that was written anew with the same text is the same log.
	lines a.log 6 99
	resume a.log
	cp a.log b; lines b 100 101; mv b a.log
	resume a.log
	has 1 3 1 101
	for i in 1 2 3 4 5 6 7 8; do # inodes are used again soon
		rm a.log; echo "$i,line $i" >a.log
		resume a.log 2>/dev/null
	done
	has 1 3 1 101 1 8
}

@test "JSON whose members change, and a format that is not CSV"  {
	for i in 1 2 3; do echo "{\"id\":$i,\"text\":\"line $i\"}"; done >a.json
	lam-ingest -q -s app --resume a.json
	echo "{\"id\":4,\"text\":\"line 4\",\"more\":1}" >>a.json
	lam-ingest -q -s app --resume a.json
	lam-query --no-header "select id, text from app" >got
	seq 1 4 | sed "s/.*/&,line &/" | cmp - got
	run -1 lam-ingest -q -s app --resume a.json
	printf '{"id":5}\n{"id":6,"text":"line 6"}\n' >>a.json
	lam-ingest -q -s app --resume a.json
	[ "$(lam-query --no-header 'select text from app where id = 6')" = 'line 6' ]
}

@test "a format with text of the user behind it is gone on with" {
	# The year of a line is told by the first line and by what came between.
	printf 'Dec 31 23:59:58 h a: 1\n' >s.log
	lam-ingest -q -s s -f syslog:2023 --resume s.log
	printf 'Jan  1 00:00:00 h a: 2\n' >>s.log
	lam-ingest -q -s s -f syslog:2023 --resume s.log
	printf 'Jan  1 00:00:01 h a: 3\n' >>s.log
	lam-ingest -q -s s --resume s.log
	[ "$(lam-query --no-header 'select extract(year from ts) from s' | tr '\n' ' ')" = "2023 2024 2024 " ]
	for i in 1 2 3; do
		echo "10.0.0.$i rt=0.$i" >>n.log
		lam-ingest -q -s n -f 'nginx:$remote_addr rt=$request_time' --resume n.log
		echo "10.0.0.$i $i" >>a.log
		lam-ingest -q -s a -f 'apache:%h %D' --resume a.log
	done
	[ "$(lam-query --no-header 'select ip, request_time from n' | tr '\n' ' ')" = \
		"10.0.0.1,0.1 10.0.0.2,0.2 10.0.0.3,0.3 " ]
	[ "$(lam-query --no-header 'select ip from a' | tr '\n' ' ')" = "10.0.0.1 10.0.0.2 10.0.0.3 " ]
}

@test "many files, patterns, directories; one that cannot be read does not stop the others" {
	mkdir logs
	for i in $(seq 100); do lines logs/$i.log $i $i; done
	resume logs
	has 1 100
	lines logs/7.log 107 107
	echo hidden >logs/.x; mkdir logs/d
	resume 'logs/*.log'
	has 1 100 107 107
	printf 'PK\3\4\n' >logs/z.log
	lines logs/8.log 108 108
	run -5 --separate-stderr resume logs
	[[ $stderr == *"z.log: is a zip archive"* ]]
	has 1 100 107 108
	mkfifo p
	run -5 --separate-stderr resume p
	[[ $stderr == *"p: is not a regular file"* ]]
	run -2 lam-ingest -s app --resume
	run -5 --separate-stderr resume nothing.log
	[[ $stderr == *"nothing.log: there is no such file"* ]]
}

@test "rejected lines alone move the place, also before there is a record" {
	printf 'bad\nworse\n' >a.log
	run -1 resume a.log
	run -1 resume a.log
	[ "$(wc -l <data/reject/app.csv)" -eq 3 ]
	lines a.log 1 2
	echo bad >>a.log
	resume a.log
	echo bad >>a.log
	run -1 resume a.log
	run -1 resume a.log
	has 1 2
	[ "$(wc -l <data/reject/app.csv)" -eq 5 ]
	lam-query --no-header "select line from 'data/reject/app.csv'" >lines
	[ "$(tr '\n' ' ' <lines)" = "1 2 5 6 " ]
	lam-fsck >/dev/null
}

@test "blocks of places, a batch, merged segments: places are kept" {
	lines a.log 1 5; lines b.log 6 9
	resume --segment-records 3 a.log b.log
	echo 'select count(*) as n from app' | view v
	for i in 10 11 12 13; do
		lines a.log $i $i; echo bad >>b.log
		resume --segment-records 3 a.log b.log
		lam-batch | lam-serve
	done
	has 1 13
	run -1 resume a.log b.log
	lam-fsck >/dev/null
}

@test "what comes behind a last line that was taken without its newline is no record" {
	printf 'a=1 b=2\na=3 b=4' >u
	lam-ingest -q -s u -f logfmt u
	printf '5 c=6\na=7 b=8\n' >>u # the line has become a=3 b=45 c=6
	run -5 lam-ingest -q --strict -s u --resume u
	lam-query --no-header "select a, b from u" | diff - <(printf '1,2\n3,4\n7,8\n')
	[ "$(tail -n 1 "$LAM_DATA/reject/u.csv" | cut -d, -f 2,4)" = '2,"5 c=6"' ]
	! grep -w c "$LAM_DATA/master/u/schema"
	# Piece by piece, and a newline alone, which is no empty line.
	printf 'x\ny' >v
	lam-ingest -q -s v -f lines v
	printf z >>v
	run -1 lam-ingest -q -s v --resume v
	printf w >>v
	run -1 lam-ingest -q -s v --resume --line-timeout 0 v
	printf '\r\n\nlast' >>v
	lam-ingest -q -s v --resume --line-timeout 0 v
	printf '\n' >>v
	run -1 lam-ingest -q -s v --resume v
	lam-query --no-header "select line from v" | diff - <(printf 'x\ny\n""\nlast\n')
	[ "$(tail -n +2 "$LAM_DATA/reject/v.csv" | cut -d, -f 2,4)" = '2,"zw"' ]
}

@test "a last line without its newline that is no record waits for the rest, and is one then" {
	python3 - <<-'EOT'
	import csv, json
	rows = [("text\nof %d" % i, "%d" % i) for i in range(9)]
	csv.writer(open("c.csv", "w", newline=""), quoting=csv.QUOTE_ALL).writerows([("text", "id")] + rows)
	open("j.jsonl", "w").writelines(json.dumps({"text": t, "id": int(i)}) + "\n" for t, i in rows)
	EOT
	lam-query -o jsonl "select id, text from 'c.csv'" >want
	[ "$(wc -l <want)" = 9 ]
	for f in c.csv j.jsonl; do
		size=$(wc -c <$f)
		for ((at = 60; at < size; at += 13)); do
			[ "$(head -c $at $f | tail -c 1)" != , ] || continue # a record
			rm -rf "$LAM_DATA"
			head -c $at $f >part.${f#*.}
			lam-ingest -q -s app part.* 2>/dev/null
			tail -c +$((at + 1)) $f >>part.${f#*.}
			lam-ingest -q -s app --resume part.* 2>/dev/null || [ $? -eq 1 ]
			lam-query -o jsonl "select id, text from app" | diff - want
			rm part.*
		done
	done
}

@test "a file that was read as a whole is gone on with; what comes in again is told" {
	whole() { lam-ingest -q -s app -f csv --fields id,text "$@"; }
	lines a.log 1 5
	whole a.log 2>err
	[ ! -s err ]
	run -1 resume a.log
	lines a.log 6 7
	resume a.log
	has 1 7
	for f in a.log b.log; do # under another name, too
		cp a.log b.log; gzip -c a.log >c.log
		run -0 --separate-stderr lam-ingest -s app -f csv --fields id,text $f
		[[ $stderr == *"$f: its first $(wc -c <a.log) bytes are in the stream already"* ]]
		# not when it does not come in
		run -3 --separate-stderr lam-ingest -s app -f csv --header "$f"
		[[ $stderr != *"come in again"* ]]
		run -2 --separate-stderr lam-ingest -s app -f 'regex:(?<id>' "$f"
		[[ $stderr != *"come in again"* ]]
	done
	run -0 --separate-stderr lam-ingest -s app -f csv --fields id,text c.log
	[[ $stderr == *"c.log: its first $(wc -c <a.log) bytes"* ]]
	has 1 7 1 7 1 7 1 7
	lines a.log 8 8; lines b.log 9 9
	resume a.log b.log
	has 1 9 1 7 1 7 1 7
	# Lines that CR ends have no place, and are read.
	printf '10,line 10\r11,line 11\r' >cr.log
	whole cr.log; whole cr.log
	has 1 11 1 7 1 7 1 7 10 11
	# Nothing but rejected lines makes no stream.
	echo bad >bad.log
	run -1 lam-ingest -q -s other -f csv --fields id,text bad.log
	[ ! -e data/master/other ]
	# Who follows it is told of, and it is read.
	mkfifo pause
	lam-ingest -q -s two -f csv --fields id,text --follow a.log &
	pid=$!
	await lam-query "select * from two"
	run -0 --separate-stderr lam-ingest -s two -f csv --fields id,text a.log
	[[ $stderr == *"a.log: is followed into stream two already"* ]]
	kill $pid; wait $pid || true
}

@test "a file that is read as a whole, killed at each durable call, and gone on with" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o fault.so "$BATS_TEST_DIRNAME/shim/fault.c" -ldl
	lines a.log 1 100000; echo bad >>a.log; lines a.log 100001 150000
	for ((n = 1; ; n++)); do
		rm -rf data fired
		LAM_FAULT_DIR=$LAM_DATA LAM_FAULT_AT=$n LAM_FAULT_DO=kill LAM_FAULT_FIRED=$PWD/fired \
			LD_PRELOAD=$PWD/fault.so lam-ingest -q -s app --fields id,text -f csv a.log || true
		[ -e fired ] || break
		resume a.log || [ $? -eq 1 ]
		has 1 150000 || { echo "killed at call $n"; return 1; }
		[ "$(grep -c ',"bad"$' data/reject/app.csv)" = 1 ] || { echo "killed at call $n: rejects"; return 1; }
	done
	[ "$n" -gt 10 ]
	echo "# killed at $n calls" >&3
}

# count: records so far
count() { lam-query --no-header "select count(*) from app" 2>/dev/null || echo 0; }

# reaches N: in time
reaches() {
	for ((i = 0; i < 300; i++)); do
		[ "$(count)" != "$1" ] || return 0
		read -rt 0.05 <>"$PWD/pause" || true
	done
	echo "$(count) records, not $1"
	return 1
}

@test "followed: renamed, copied and truncated, deleted, compressed, stopped and gone on with" {
	mkfifo pause; mkdir logs; cd logs; mv ../pause .
	for how in "" "--poll 50ms"; do
		rm -rf "$LAM_DATA" ./*.log*
		lines a.log 1 5
		lam-ingest -q -s app -f csv --fields id,text $how --follow a.log b.log 2>err &
		pid=$!
		reaches 5
		lines a.log 6 7; printf '8,li' >>a.log
		reaches 7
		echo ne 8 >>a.log
		reaches 8
		mv a.log a.log.1; lines a.log.1 9 9; lines a.log 10 11; lines a.log.1 12 12
		reaches 12
		cp a.log a.log.0; : >a.log; lines a.log 13 14 # as long as it was
		reaches 14
		for i in {15..30}; do mv a.log a.log.$i; lines a.log $i $i; done
		reaches 30
		gzip a.log.1; lines b.log 31 31
		reaches 31
		rm b.log; lines b.log 32 32
		reaches 32
		cp b.log b; lines b 33 33; mv b b.log # too short to be known by its text
		reaches 34
		kill $pid
		wait $pid && false || [ $? -eq 143 ]
		[ ! -s err ] || { cat err; false; }
		has 1 32 32 33
		lines a.log 35 35
		lam-ingest -q -s app -f csv --fields id,text $how --follow a.log b.log &
		pid=$!
		reaches 35
		kill -9 $pid; wait $pid || true
		run -1 resume 'a.log*' b.log
	done
}

@test "followed: a name, a pattern and a directory that lead to nothing yet are told once, and waited for" {
	held() { await eval "[ \"\$(lam-query --no-header 'select count(*) from s')\" = $1 ]"; }
	mkdir empty full
	seq 3 >full/x.log
	lam-ingest -s s -f lines --follow full nosuch.log 'no*.txt' empty 2>told &
	pid=$!
	held 3
	seq 4 5 >nosuch.log
	held 5
	seq 6 7 >now.txt
	held 7
	seq 8 9 >empty/y.log
	held 9
	kill -TERM $pid
	wait $pid || [ $? -eq 143 ]
	grep 'waited for' told | sed "s|$PWD/||" | sort | diff - <(printf 'lam-ingest: %s: it is waited for\n' \
		'empty: no file is there yet' 'no*.txt: no file is there yet' 'nosuch.log: there is no such file yet')
	# what was read before, and is gone, is no mistake
	rm nosuch.log
	lam-ingest -s s -f lines --follow nosuch.log full 2>told &
	pid=$!
	seq 10 11 >>full/x.log
	held 11
	kill -TERM $pid
	wait $pid || [ $? -eq 143 ]
	run ! grep -q 'waited for' told
}

@test "followed: in a directory of their own, compressed a rotation after they were renamed" {
	mkfifo pause; mkdir old
	lines old/a.log.1 1 5 # rotated before its log was looked at
	lam-ingest -q -s app -f csv --fields id,text --follow a.log old &
	pid=$!
	reaches 5
	for i in {6..9}; do
		lines a.log $i $i
		reaches $i
		kill -STOP $pid # sees no name between
		for k in 4 3 2; do [ ! -e old/a.log.$k.gz ] || mv old/a.log.$k.gz old/a.log.$((k + 1)).gz; done
		gzip old/a.log.1; mv old/a.log.1.gz old/a.log.2.gz
		mv a.log old/a.log.1
		kill -CONT $pid
	done
	lines a.log 10 10
	reaches 10
	kill $pid; wait $pid || true
	has 1 10
	run -1 resume a.log old
}

@test "followed: compressed files that come slowly; one that is damaged is told" {
	mkfifo pause; mkdir logs
	seq 1 20000 | sed 's/.*/&,line &/' | gzip >whole.gz
	size=$(wc -c <whole.gz)
	lam-ingest -q -s app -f csv --fields id,text --follow logs 2>err &
	pid=$!
	for part in 1 9 1000 30000 $((size / 2)); do
		head -c $part whole.gz | tail -c +$((have + 1)) >>logs/a.gz
		have=$part
		await test ! -s err || { cat err; false; }
	done
	reaches_some() { [ "$(count)" -gt 100 ]; }
	await reaches_some # what is there is read
	tail -c +$((have + 1)) whole.gz >>logs/a.gz
	reaches 20000
	has 1 20000
	[ ! -s err ] || { cat err; false; }
	head -c 30000 whole.gz >b.gz; old b.gz; mv b.gz logs
	await grep -q "b.gz: the gzip data ends in the middle" err
	kill $pid; wait $pid || true
}

@test "followed: a hundred files in a directory, new ones too, a line that gets no newline" {
	mkfifo pause; mkdir logs
	for i in $(seq 100); do lines logs/$i.log $i $i; done
	lam-ingest -q -s app -f csv --fields id,text --line-timeout 100ms --follow logs &
	pid=$!
	reaches 100
	lines logs/new.log 101 102; printf '103,line 103' >>logs/5.log
	reaches 103
	kill $pid; wait $pid || true
	has 1 103
}

@test "of two that follow one file the second is refused" {
	mkfifo pause
	lines a.log 1 1
	lam-ingest -q -s app -f csv --fields id,text --follow a.log &
	first=$!
	reaches 1
	for how in --resume --follow; do
		run -3 --separate-stderr lam-ingest -q -s app -f csv --fields id,text $how a.log
		[[ $stderr == *"a.log: is followed into stream app already"* ]]
	done
	# Without the lock it is the place that refuses: nothing is taken twice.
	rm data/.followed
	lam-ingest -q -s app -f csv --fields id,text --follow a.log 2>err &
	second=$!
	for i in {2..50}; do lines a.log $i $i; done
	reaches 50
	has 1 50
	kill $first $second 2>/dev/null || true
	wait $first || true
	wait $second || true
}

@test "killed at each durable call, with rotations between" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o fault.so "$BATS_TEST_DIRNAME/shim/fault.c" -ldl
	hows=(rename copytruncate gzip)
	for ((n = 1; ; n++)); do
		how=${hows[n % 3]}
		rm -rf data fired a.log*
		lines a.log 1 5
		resume a.log
		lines a.log 6 8; echo bad >>a.log
		rotate $how a.log
		lines a.log 9 10
		LAM_FAULT_DIR=$LAM_DATA LAM_FAULT_AT=$n LAM_FAULT_DO=kill LAM_FAULT_FIRED=$PWD/fired \
			LD_PRELOAD=$PWD/fault.so lam-ingest -q -s app --fields id,text -f csv --resume a.log || true
		[ -e fired ] || break
		lines a.log 11 12
		rotate ${hows[n / 3 % 3]} a.log
		lines a.log 13 14
		resume a.log
		has 1 14 || { echo "killed at call $n, $how"; return 1; }
		[ "$(grep -c ',"bad"$' data/reject/app.csv)" = 1 ] || { echo "killed at call $n: rejects"; return 1; }
	done
	[ "$n" -gt 20 ]
	has 1 10
	echo "# killed at $n calls" >&3
}

@test "a compressed file that grows has more lines, and is read for them, once" {
	lines a 1 3
	gzip -c a >a.csv.gz
	resume a.csv.gz
	lines b 4 5
	gzip -c b >>a.csv.gz
	resume a.csv.gz
	has 1 5
	run -1 resume a.csv.gz
	lines c 6 6
	gzip -c c >>a.csv.gz
	touch -d '1 hour ago' a.csv.gz
	resume a.csv.gz
	has 1 6
	touch a.csv.gz
	run -1 resume a.csv.gz
	has 1 6
}

@test "a compressed file that grows, and ends in a line meanwhile: the line is one" {
	for p in gzip:gz zstd:zst xz:xz bzip2:bz2 lz4:lz4; do
		command -v ${p%:*} >/dev/null || continue
		rm -rf data a.*
		f=a.csv.${p#*:}
		printf '1,line 1\n2,li' | ${p%:*} -c >$f
		resume $f
		has 1 1
		printf 'ne 2\n3,line' | ${p%:*} -c >>$f
		resume $f
		has 1 2
		printf ' 3' | ${p%:*} -c >>$f
		run -1 resume $f
		old $f # what nobody has gone on with is a line
		resume $f
		has 1 3
		run -1 resume $f
		[ ! -e data/reject ]
	done
	# Followed, the end of it is not waited for by writing.
	mkfifo pause; rm -rf data; mkdir logs
	printf '1,line 1\n2,line 2' | gzip -c >logs/a.gz
	lam-ingest -q -s app -f csv --fields id,text --follow logs &
	pid=$!
	reaches 2
	kill $pid; wait $pid || true
	has 1 2
}

@test "rotated twice unseen, while its writer goes on, killed at each durable call, and packed" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o fault.so "$BATS_TEST_DIRNAME/shim/fault.c" -ldl
	for ((n = 1; ; n++)); do
		rm -rf data fired a.log*
		lines a.log 1 2
		resume a.log
		mv a.log a.log.2
		lines a.log.1 3 4 # it was a.log, and is written to as long as the next one
		lines a.log 5 6
		touch -d '3 seconds' a.log
		touch -d "$((n % 2 ? 5 : 1)) seconds" a.log.1
		LAM_FAULT_DIR=$LAM_DATA LAM_FAULT_AT=$n LAM_FAULT_DO=kill LAM_FAULT_FIRED=$PWD/fired \
			LD_PRELOAD=$PWD/fault.so lam-ingest -q -s app --fields id,text -f csv --resume a.log || true
		[ -e fired ] || break
		((n % 2)) || gzip a.log.1
		resume a.log || [ $? -eq 1 ]
		has 1 6 || { echo "killed at call $n"; return 1; }
	done
	[ "$n" -gt 20 ]
	has 1 6
}

@test "written to, copied and truncated while it is looked at" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	for ((n = 1; ; n++)); do
		rm -rf data fired a.log*
		lines a.log 1 1
		resume a.log
		cp a.log a.log-1; : >a.log
		run -1 resume a.log # nothing was read of what the log is now
		LAM_MEANWHILE_AT=$n LAM_MEANWHILE_OF=/a.log LD_PRELOAD=$PWD/meanwhile.so \
			LAM_MEANWHILE_DO="printf '2,line 2\n3,line 3\n' >>a.log; cp a.log a.log-2; : >fired" \
			lam-ingest -q -s app -f csv --fields id,text --resume a.log || [ $? -eq 1 ]
		[ -e fired ] || break
		: >a.log; lines a.log 4 4
		resume a.log 2>err
		[ ! -s err ] || { echo "look $n"; cat err; false; }
		has 1 4 || { echo "look $n"; false; }
	done
	[ "$n" -gt 3 ]
}

@test "cut while it is looked at, beside a copy that lacks the last lines read" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	for ((n = 1; ; n++)); do
		rm -rf data fired a.log*
		lines a.log 1 2000
		resume a.log
		lines a.log 2001 2010; cp a.log a.log.1; lines a.log 2011 2020
		resume a.log
		touch a.log.1
		LAM_MEANWHILE_AT=$n LAM_MEANWHILE_OF=/a.log LD_PRELOAD=$PWD/meanwhile.so \
			LAM_MEANWHILE_DO=": >a.log; : >fired" resume 'a.log*' 2>/dev/null || [ $? -eq 1 ]
		[ -e fired ] || break
		lines a.log 2021 2022
		resume 'a.log*' 2>/dev/null
		has 1 2022 || { echo "look $n"; false; }
	done
	[ "$n" -gt 5 ]
}

@test "copied, cut and written to again before its first text is read" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	for how in first again part; do
		for ((n = 1; ; n++)); do
			rm -rf data fired a.log*
			lines a.log 1 1
			if [ $how != first ]; then
				resume a.log
				cp a.log a.log-1; : >a.log
				run -1 resume a.log
			fi
			[ $how != part ] || printf '2,li' >>a.log
			echo "[ $how = part ] && echo ne 2 >>a.log || echo '2,line 2' >>a.log
				cp a.log a.log-2; printf '3,line 3\n4,line 4\n' >a.log; : >fired" >do
			LAM_MEANWHILE_AT=$n LAM_MEANWHILE_OF=/a.log LD_PRELOAD=$PWD/meanwhile.so \
				LAM_MEANWHILE_DO="sh $PWD/do" resume a.log || [ $? -eq 1 ]
			[ -e fired ] || break
			resume a.log || [ $? -eq 1 ]
			has 1 4 || { echo "$how, look $n"; false; }
			run -1 resume a.log
		done
		[ "$n" -gt 3 ]
	done
}

@test "followed: copied, cut and written to again before its first text is read" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	mkfifo pause
	echo 'echo 2,line 2 >>a.log; cp a.log a.log-2; printf "3,line 3\n4,line 4\n" >a.log; : >fired' >do
	for ((n = 1; ; n++)); do
		rm -rf data fired a.log*
		lines a.log 1 1
		LAM_MEANWHILE_AT=$n LAM_MEANWHILE_OF=/a.log LD_PRELOAD=$PWD/meanwhile.so \
			LAM_MEANWHILE_DO="sh $PWD/do" \
			lam-ingest -q -s app -f csv --fields id,text --follow a.log &
		pid=$!
		until [ "$(count)" -gt 0 ]; do read -rt 0.02 <>pause || true; done
		# no sign tells that call N never comes: a second without it does
		for ((i = 0; i < 50; i++)); do
			[ ! -e fired ] || break
			read -rt 0.02 <>pause || true
		done
		[ -e fired ] || break
		reaches 4
		kill $pid; wait $pid || true
		has 1 4
	done
	kill $pid; wait $pid || true
	[ "$n" -gt 3 ]
}

@test "cut while its first text is read, which takes several reads" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	seq 1 200000 | sed 's/.*/&,line &/' >old
	seq 200001 450000 | sed 's/.*/&,line &/' >new
	for n in 1 2 3 4; do
		for copy in "cp a.log a.log-1; " ""; do
			rm -rf data a.log*
			cp old a.log
			LAM_MEANWHILE_READ=$n LAM_MEANWHILE_OF=/a.log LD_PRELOAD=$PWD/meanwhile.so \
				LAM_MEANWHILE_DO="${copy}cat new >a.log" resume a.log 2>err
			resume a.log 2>>err || [ $? -eq 1 ]
			if [ -n "$copy" ]; then
				has 1 450000
			else # what was cut cannot be had
				grep -q "a.log: was truncated" err
				has 200001 450000
			fi
		done
	done
}

@test "a name that is a link: rotated where it leads, and a row of files that it leads to" {
	mkdir pods logs
	ln -s "$PWD/pods/0.log" logs/x.log
	lines pods/0.log 1 5
	resume logs/x.log
	lines pods/0.log 6 7; mv pods/0.log pods/0.log.20260131-101010
	resume logs/x.log # it leads to nothing
	lines pods/0.log 8 9
	resume logs/x.log
	has 1 9
	mkfifo pause
	lam-ingest -q -s app -f csv --fields id,text --follow logs/x.log &
	pid=$!
	lines pods/0.log 10 11
	reaches 11
	gzip pods/0.log.20260131-101010
	mv pods/0.log pods/0.log.20260131-101011; lines pods/0.log.20260131-101011 12 13
	lines pods/0.log 14 15
	reaches 15
	kill $pid; wait $pid || true
	has 1 15
	rm -rf data
	lines log.1 1 5; ln -s log.1 current
	resume current
	lines log.1 6 7; lines log.2 8 9; lines log.3 10 11; ln -sfn log.3 current
	lines log.30 1 1; lines logs.2 1 1 # another's
	touch -d '1 day ago' log.30
	resume current
	has 1 11
	gzip log.1; lines log.3 12 13
	resume current
	has 1 13
	run -1 resume current
}

@test "a device that has another number: a short log is the one that was read" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	lines a.log 1 5
	resume a.log
	lines a.log 6 7
	LAM_OTHER_DEVICE=1 LD_PRELOAD=$PWD/meanwhile.so resume a.log
	has 1 7
	lines a.log 8 9; mv a.log a.log.1; lines a.log 10 11
	resume a.log
	has 1 11
}

@test "a file system that tells no birth: what costs is what is new" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	lines a.log 1 1000000
	resume a.log
	lines a.log 1000001 1000001
	export LAM_NO_BIRTH=1
	for i in 2 3; do
		LD_PRELOAD=$PWD/meanwhile.so sh -c 'read -r _ before </proc/self/io
			lam-ingest -q -s app -f csv --fields id,text --resume a.log
			read -r _ after </proc/self/io; echo $((after - before)) >read'
		[ "$(cat read)" -lt 1000000 ] # of 20 million bytes
		lines a.log 100000$i 100000$i
	done
	resume a.log
	has 1 1000003
	# Another file with the same number is another.
	cp a.log keep; rm a.log; lines b 1 3; ln b a.log
	lines a.log 4 9
	LD_PRELOAD=$PWD/meanwhile.so resume a.log 2>err
	has 1 9 1 1000003
}

@test "what was compressed and read is not inflated again" {
	seq 1 200000 | sed 's/.*/&,line &/' | gzip >a.log.2.gz
	lines a.log.1 200001 200005; lines a.log 200006 200006
	for i in 1 2; do
		reads lam-ingest -q -s app -f csv --fields id,text --resume 'a.log*'
		[ $i = 1 ] || [ "$(cat read)" -lt 200000 ] # of half a million bytes
	done
	mv a.log.2.gz a.log.3.gz; gzip a.log.1; mv a.log.1.gz a.log.2.gz; mv a.log a.log.1
	touch a.log.3.gz # once it must be looked through
	for i in 1 2 3; do
		reads lam-ingest -q -s app -f csv --fields id,text --resume 'a.log*'
		[ $i = 1 ] || [ "$(cat read)" -lt 200000 ]
	done
	has 1 200006
}

@test "the units, the crontab and the logrotate recipe are valid" {
	cp "$ROOT"/src/follow/examples/* .
	awk '!/^#/ && !/=/ && NF { n++; if (NF < 7 || $6 != "root") exit 1 } END { exit n != 2 }' cron
	if command -v systemd-analyze >/dev/null; then
		sed -i "s|/usr/local/bin/lam|$(dirname "$(command -v lam-ingest)")/lam|g" ./*.service
		mv lam-follow@.service lam-follow@access.service
		systemd-analyze verify ./lam-follow@access.service ./lam-batch.service ./lam-batch.timer 2>&1 |
			grep "lam-" >said || true
		! grep -v "Command 'man" said
	fi
	if command -v logrotate >/dev/null; then
		logrotate -d -s state logrotate
	fi
}

# logrotate gives a compressed copy the time that the log had when the rotation began.
@test "compressed with a time of before the log was found, and cut before its first text is read" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	echo 'gzip -c a.log >a.log-2.gz; touch -r began a.log-2.gz
		printf "4,line 4\n5,line 5\n" >a.log; : >fired' >do
	for how in first again first_unborn again_unborn; do
		[ $how != first_unborn ] || export LAM_NO_BIRTH=1
		for ((n = 1; ; n++)); do
			rm -rf data fired a.log*
			echo 1,line 1 >a.log; touch -d '5 seconds ago' a.log
			if [ ${how%_*} = again ]; then
				LD_PRELOAD=$PWD/meanwhile.so resume a.log
				cp -p a.log a.log-1
			fi
			echo 2,line 2 >a.log; touch -d '3 seconds ago' a.log began
			echo 3,line 3 >>a.log; touch -d '1 second ago' a.log
			LAM_MEANWHILE_AT=$n LAM_MEANWHILE_OF=/a.log LD_PRELOAD=$PWD/meanwhile.so \
				LAM_MEANWHILE_DO="sh $PWD/do" resume a.log 2>err || [ $? -eq 1 ]
			[ -e fired ] || break
			LD_PRELOAD=$PWD/meanwhile.so resume a.log 2>>err || [ $? -eq 1 ]
			[ ${how%_*} = again ] && has 1 5 || has 2 5 || { echo "$how, look $n"; cat err; false; }
			run -1 resume a.log
			[ -z "$output" ]
		done
		[ "$n" -gt 3 ]
	done
}

@test "an old log is compressed late, and other old ones are put back beside it: not read" {
	for n in 9 999; do
		rm -rf data a.log*
		lines a.log.1 1 $n; lines b 1000 1999; touch -d '1 second' a.log.1 # it may be of any time
		: >a.log
		run -1 resume a.log
		gzip a.log.1
		run -1 resume a.log
		[ -z "$output" ]
		lines a.log 2000 2009; resume a.log
		mv a.log.1.gz a.log.2.gz; mv a.log a.log.1; lines a.log 2010 2019; resume a.log
		has 2000 2019
		touch -d '1 hour ago' b; mv b a.log.3
		run -1 resume a.log
		[[ $output == *"a.log.3: is not read: it is new beside "*"/a.log, but was written before"* ]]
		run -1 resume a.log
		[ -z "$output" ]
	done
}

@test "files beside a log with its very time, at the first look: not read" {
	for when in '1 hour ago' '1 minute'; do # or later, as clocks differ
		for how in --resume ''; do
			rm -rf data a.log*
			for i in 3 2 1; do lines a.log.$i $i $i; gzip -k a.log.$i; done
			lines a.log 4 5
			touch -d "$when" a.log*
			lam-ingest -q -s app -f csv --fields id,text $how a.log
			has 4 5
			run -1 resume a.log
			lines a.log 6 6; touch -d "$when" a.log; mv a.log a.log.0; lines a.log 7 7
			resume a.log
			has 4 7
		done
	done
}

@test "more old files than are known each for itself: not read" {
	for i in {1..50}; do lines a.log.$i $i $i; touch -d "$i hours ago" a.log.$i; done
	lines a.log 51 51
	resume a.log
	for how in rename gzip copytruncate; do
		for ((i = 60; i > 0; i--)); do
			for z in "" .gz; do [ ! -e a.log.$i$z ] || mv a.log.$i$z a.log.$((i + 1))$z; done
		done
		rotate $how a.log
		lines a.log $((++k + 51)) $((k + 51))
		resume a.log
	done
	has 51 54
	rm -rf a.log.*
	run -1 resume a.log
}

# The copy ends before what was read, and is short, so that no hash of 4096 bytes tells.
@test "short copies that lack the last lines read: compressed, truncated, in a directory of their own" {
	mkdir old
	for how in compress copytruncate; do
		for where in . old; do
			rm -rf data old/* a.log*
			lines a.log 1 1; resume a.log old
			lines a.log 2 9; cp a.log copy; lines a.log 10 11
			if [ $how = copytruncate ]; then
				resume a.log old
				gzip copy; : >a.log
			else
				mv a.log $where/a.log.1
				resume a.log old
				rm $where/a.log.1; gzip copy
			fi
			mv copy.gz $where/a.log.1.gz
			lines a.log 12 13
			resume a.log old 2>err
			has 1 13
			resume a.log old 2>>err || [ $? -eq 1 ]
			# another one, of a log that begins alike
			lines b 1 3; gzip b; mv b.gz $where/a.log.0.gz
			resume a.log old
			has 1 13 1 3
		done
	done
}

@test "compressed while it was written to, two lines, beside the file that was" {
	lines a.log 1 1; old a.log
	resume a.log
	mv a.log a.log.2
	lines a.log 2 2; cp -p a.log short; lines a.log 3 3
	resume a.log
	gzip short; mv short.gz a.log.1.gz
	: >a.log
	run -1 resume a.log
	[[ $output == *"a.log: was truncated, and its copy "*"/a.log.1.gz ends at byte 9, "* ]]
	has 1 3
	run -1 resume a.log
	[ -z "$output" ]
}

@test "a copy lacks the end of what was read, and is told; what was copied after it is read" {
	lines a.log 1 3
	resume a.log
	lines a.log 4 9; cp a.log short; lines a.log 10 11
	touch -d '1 second ago' short # and not within one tick of the clock
	resume a.log
	mv short a.log.2
	: >a.log; lines a.log 12 19; cp a.log a.log.1
	: >a.log; lines a.log 20 22
	run -0 resume a.log
	[[ $output == *"a.log: was truncated, and its copy "*"/a.log.2 ends at byte "* ]]
	has 1 22
	run -1 resume a.log
}

@test "what was cut is in a compressed copy that is still being written: that is waited for" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	for known in 10 3500; do # in what there is of it, or not
		for how in --resume --follow; do
			rm -rf data fired a.log*
			lines a.log 1 $known
			resume a.log
			lines a.log $((known + 1)) 4000
			gzip -c a.log >whole
			head -c $(($(wc -c <whole) / 2)) whole >a.log.1.gz
			: >a.log
			# As it looks again and again it comes.
			LAM_MEANWHILE_AT=5 LAM_MEANWHILE_OF=/a.log.1.gz LD_PRELOAD=$PWD/meanwhile.so \
				LAM_MEANWHILE_DO="cat whole >a.log.1.gz; : >fired" \
				lam-ingest -q -s app -f csv --fields id,text $how a.log 2>err &
			pid=$!
			[ $how = --resume ] || { mkfifo -m 600 pause 2>/dev/null || true; reaches 4000; kill $pid; }
			wait $pid || [ $how = --follow ]
			[ ! -s err ] || { cat err; false; }
			[ $known = 3500 ] || { cat whole >a.log.1.gz; resume a.log || [ $? -eq 1 ]; }
			has 1 4000
			run -1 resume a.log
		done
	done
	# One that nobody goes on with is not waited for.
	rm -rf data a.log*
	lines a.log 1 2000; resume a.log
	gzip -c a.log | head -c 999 >a.log.1.gz; old a.log.1.gz; : >a.log
	run -5 resume a.log
	[[ $output == *"a.log: was truncated, and no copy of what it had is beside it"* ]]
	[[ $output == *"a.log.1.gz: the gzip data ends in the middle"* ]]
}

@test "found with a line that has no newline yet, and deleted: told, once; renamed: read" {
	printf '1,li' >a.log
	run -1 resume a.log
	rm a.log
	run -1 resume a.log
	[[ $output == *"a.log: was truncated or rotated before it was read"* ]]
	run -5 resume a.log
	[[ $output != *"was truncated"* ]]
	printf '1,li' >a.log
	run -1 resume a.log
	mv a.log a.log.1; echo ne 1 >>a.log.1; lines a.log 2 2
	run -0 resume a.log
	[ -z "$output" ]
	has 1 2
}

@test "no births, and inodes that are used again: what a rotation did is known all the same" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	export LAM_NO_BIRTH=1
	for how in rename copytruncate gzip; do
		rm -rf data a.log*
		lines a.log.1 1 3; gzip -k a.log.1; mv a.log.1.gz a.log.2.gz
		lines a.log 4 5
		LD_PRELOAD=$PWD/meanwhile.so resume a.log
		for ((i = 6; i < 40; i += 3)); do
			rm -f a.log.2 a.log.2.gz
			lines a.log $i $i; rotate $how a.log; lines a.log $((i + 1)) $((i + 1))
			[ $((i % 4)) = 0 ] || LD_PRELOAD=$PWD/meanwhile.so resume a.log
			lines a.log $((i + 2)) $((i + 2))
		done
		LD_PRELOAD=$PWD/meanwhile.so resume a.log 2>err
		[ ! -s err ] || { cat err; false; }
		has 4 41 || { echo $how; false; }
	done
}

# read_many [N]: 24 files of a.log were read, all but the last of them lie in old, for long
read_many() {
	local n=${1:-24} i at=$(($(date +%s) - 20))
	rm -rf data fired a.log* old away; mkdir old away
	lines a.log 1 1; touch -d @$at.1001 a.log; resume a.log
	mv a.log a.log.$((n - 1))
	for ((i = 2; i < n; i++)); do
		lines a.log.$((n - i)) $i $i
		touch -d @$at.$((1000 + i)) a.log.$((n - i))
	done
	lines a.log $n $n
	resume a.log
	mv a.log.* old
	run -1 resume a.log old
	[ -z "$output" ]
}

# away_and_back N...: these files of old are where no look finds them, while a.log rotates
away_and_back() {
	for i in "$@"; do mv old/a.log.$i away; done
	mv a.log a.log.0; lines a.log 25 25
	resume a.log old
	mv away/* a.log.0 old
	resume a.log old || [ $? -eq 1 ]
	has 1 25
}

@test "a look misses files that were read, as they get other names: they are not read again" {
	read_many
	away_and_back {3..23}
	read_many
	for i in {23..1}; do mv old/a.log.$i old/a.log.$((i + 1)); done # packed, late
	gzip old/a.log.{20..24}
	run -1 resume a.log old
	[ -z "$output" ]
	away_and_back {3..17}
}

@test "killed at each durable call as old files leave the place of their log" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o fault.so "$BATS_TEST_DIRNAME/shim/fault.c" -ldl
	read_many
	cp -a data before
	for ((n = 1; ; n++)); do
		rm -rf data fired; cp -a before data
		lines a.log 25 25; mv a.log a.log.0; mv a.log.0 old; lines a.log 26 26
		LAM_FAULT_DIR=$LAM_DATA LAM_FAULT_AT=$n LAM_FAULT_DO=kill LAM_FAULT_FIRED=$PWD/fired \
			LD_PRELOAD=$PWD/fault.so resume a.log old || true
		for i in {3..23}; do mv old/a.log.$i away; done
		resume a.log old || [ $? -eq 1 ]
		mv away/* old
		resume a.log old || [ $? -eq 1 ]
		has 1 26 || { echo "killed at call $n"; false; }
		[ -e fired ] || break
		mv old/a.log.0 a.log; sed -i '$d' a.log
	done
	[ "$n" -gt 5 ]
}

@test "renamed from one directory that is looked at into another, at each moment" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	echo 'mv old/a.log.1 old/a.log.2; mv a.log old/a.log.1; echo 7,line 7 >a.log; : >fired' >do
	set -f # patterns are those of lam-ingest
	for names in "old a.log" "a.log old" "old/*.log.* *.log"; do
		for ((n = 1; ; n++)); do
			rm -rf data fired a.log old; mkdir old
			lines a.log 1 3; resume $names
			mv a.log old/a.log.1; lines a.log 4 5; resume $names
			lines a.log 6 6
			LAM_MEANWHILE_AT=$n LAM_MEANWHILE_OF=/a.log LAM_MEANWHILE_DO="sh $PWD/do" \
				LD_PRELOAD=$PWD/meanwhile.so resume $names 2>err
			[ -e fired ] || break
			resume $names 2>>err || [ $? -eq 1 ]
			has 1 7 && [ ! -s err ] || { echo "$names, look $n"; cat err; false; }
		done
		[ "$n" -gt 3 ]
	done
}

@test "files that are gone are known for a while, then they are told when they come back" {
	read_many 200
	mv old/* away
	mv a.log old/a.log.1; lines a.log 201 201
	resume a.log old # 199 are gone
	mv away/* old
	resume a.log old 2>err
	told=$(grep -c "may be a file that was read, was gone, and is not known any more: then its lines" err)
	[ "$told" = $((199 - 128)) ]
	[ "$(wc -l <err)" = "$told" ]
	lam-query --no-header "select id from app group by id having count(*) = 2" | sort -n | cmp - <(seq $told)
	[ "$(lam-query --no-header "select count(distinct id) from app")" = 201 ]
	run -1 resume a.log old
	[ -z "$output" ]
}

@test "an old file that is there does not expire with the place that says that it was read" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o clock.so "$BATS_TEST_DIRNAME/shim/clock.c" -ldl
	day() { LAM_CLOCK_AHEAD=$(($1 * 86400)) LD_PRELOAD=$PWD/clock.so "${@:2}"; }
	read_many
	for days in 0 200 450 451 452; do
		lines a.log $((n++ + 25)) $((n + 24))
		day $days resume --segment-records 1 a.log old # footers tell the places
	done
	has 1 29
}

@test "one file under several names, links, directories given twice: once" {
	mkdir x; ln -s x y
	lines x/a.log 1 3; ln x/a.log x/b.log; ln -s a.log x/c.log; ln -s x/a.log d.log
	names=(x y ./x x/ 'x/*.log' 'y/*' "$PWD/y/../x" d.log x/b.log)
	resume "${names[@]}"
	has 1 3
	mv x/a.log x/a.log.1; lines x/b.log 4 5; lines x/a.log 6 7
	resume "${names[@]}"
	has 1 7
	run -1 resume y/a.log d.log y/b.log
	mv x/a.log z; mv x/b.log x/a.log; mv z x/b.log # they change names
	lines x/a.log 8 8; lines x/b.log 9 9
	resume "${names[@]}"
	has 1 9
	run -1 resume "${names[@]}"
	[ -z "$output" ]
}

@test "truncated to its old size, with its old time: what is in is told, what is new is read" {
	lines a.log 100 199
	resume a.log
	touch -r a.log was; : >a.log; lines a.log 200 299; touch -r was a.log
	run -0 resume a.log
	[[ $output == *"a.log: was truncated, and no copy of what it had is beside it: its first 1300 bytes are in;"* ]]
	has 100 299
	cp a.log a.log.1; touch -r a.log was; : >a.log; lines a.log 300 399; touch -r was a.log
	run -0 resume a.log
	[ -z "$output" ]
	has 100 399
}

@test "a log that begins as one that is gone is read; a copy of one that is there is told" {
	mkdir logs
	echo 1,start >logs/a.log; resume logs
	rm logs/a.log; { echo 1,start; echo 2,more; } >logs/b.log
	resume logs
	printf 3,pa >>logs/b.log; run -1 resume logs
	echo rt >>logs/b.log; resume logs
	lam-query --no-header "select * from app" | sort | cmp - <(printf '1,start\n1,start\n2,more\n3,part\n')
	lines logs/c.log 100 199; resume logs
	cp logs/c.log logs/c.log.bak
	run -0 resume logs
	[[ $output == *"c.log.bak: begins with all that was read of "*"/logs/c.log, which is there still: if it is a copy, its"* ]]
	lines logs/d.log 1 3; resume logs
	gzip -c logs/d.log >logs/e.log.gz # short, but all of it
	run -0 resume logs
	[[ $output == *"e.log.gz: begins with all that was read of "*"/logs/d.log, which is there still: if it is a copy, its"* ]]
	run -1 resume logs
	[ -z "$output" ]
}

@test "what was rotated between two looks is read, though it begins with all that an older file has" {
	local how start n pid
	take() { lam-ingest -q -s app -f csv --fields id,text --comment '#' "$@" logs/a.log; }
	taken() { [ "$(lam-query --no-header "select * from app" | sort)" = "$(grep -hv '#' logs/* | sort)" ]; }
	for how in --resume --follow; do for start in 0,start $'0,start\n1,line 1' '#comment'; do
		rm -rf data logs; mkdir logs
		echo "$start" >logs/a.log
		if [ $how = --follow ]; then
			lam-ingest -q -s app -f csv --fields id,text --comment '#' --follow logs/a.log & pid=$!
			await sh -c 'ls -l /proc/$0/fd | grep -q /a.log' $pid
			case $start in '#'*) ;; *) await taken ;; esac
			kill -STOP $pid
		else
			take --resume || [ $? -eq 1 ]
		fi
		for n in 2 3 4; do
			[ ! -e logs/a.log.2 ] || mv logs/a.log.2 logs/a.log.3
			[ ! -e logs/a.log.1 ] || mv logs/a.log.1 logs/a.log.2
			mv logs/a.log logs/a.log.1; { echo "$start"; echo "$n,line $n"; } >logs/a.log
		done
		if [ $how = --follow ]; then
			kill -CONT $pid
			await taken
			kill $pid; wait $pid || true
		fi
		take --resume || [ $? -eq 1 ]
		taken || { lam-query --no-header "select * from app" | sort | diff - <(sort logs/*); false; }
	done; done
}

@test "a file that is being shredded after it was compressed is not read, though a directory or pattern has it" {
	local name where
	for name in logs logs/ 'logs/*' 'logs/a*'; do for where in logs logs/old; do
		rm -rf data logs; mkdir -p logs/old
		lines logs/a.log 1 300; resume "$name" logs/old
		lines logs/a.log 301 305
		mv logs/a.log $where/a.log.1; lines logs/a.log 306 310
		gzip -c $where/a.log.1 >$where/a.log.1.gz
		seq 900 1400 | tr 0-9 q-z | dd of=$where/a.log.1 conv=notrunc status=none # over its text
		resume "$name" logs/old
		rm $where/a.log.1
		resume "$name" logs/old || [ $? -eq 1 ]
		has 1 310
	done; done
}

# A copy of less than 512 bytes, in another log's place, cannot be told from a log that begins alike.
@test "short lines that come in twice under another name are told, from one record on; a header alone is not" {
	doubled() { lam-query --no-header "select id from app" | sort | uniq -d | grep -q .; }
	local n told="may be a file that was read and is gone, .*: then its lines come in twice"
	for n in 1 2 3; do
		# The copy gets the name of the log, and the log that of the copy.
		rm -rf data logs; mkdir -p logs/old
		lines logs/a.log 1 $n; resume logs logs/old
		cp logs/a.log logs/a.log.1; : >logs/a.log; lines logs/a.log 10 30
		mv logs/a.log x; mv logs/a.log.1 logs/a.log; mv x logs/a.log.1
		resume logs logs/old 2>err
		doubled
		grep -q "/logs/a.log: $told" err
		# The copy becomes another log's, and has more; the log is gone.
		rm -rf data logs; mkdir -p logs/old
		lines logs/c.log 1 $n; resume logs logs/old
		rm logs/c.log; lines logs/old/b.log.2 1 $n; lines logs/old/b.log.2 10 30
		resume logs logs/old 2>err
		doubled
		grep -q "/old/b.log.2: $told" err
	done
	printf '%s\n' '#Software: x' '#Version: 1.0' '#Fields: a b' >logs/w.log
	lam-ingest -q -s w -f w3c --resume logs/w.log || [ $? -eq 1 ]
	{ cat logs/w.log; echo 1 2; } >logs/v.log; rm logs/w.log
	run -0 lam-ingest -q -s w -f w3c --resume logs/w.log logs/v.log
	[[ $output != *twice* ]]
}

@test "too few descriptors: told, and nothing is lost or taken twice" {
	mkdir logs
	for i in {1..60}; do lines logs/$i.log $i $i; done
	for n in 8 16 24 40; do
		(ulimit -n $n; run resume logs; [[ $status = [45] && $output == *"Too many open files"* ]]) ||
			{ echo "$n descriptors"; false; }
	done
	resume logs
	has 1 60
}

@test "a name that logrotate makes free by .backup; a copy that is found empty" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	lines a.log 1 5; resume a.log
	lines a.log 6 7; mv a.log a-20260131.log
	lines a.log 8 9; mv a-20260131.log a.log-2026013123.backup; mv a.log a-20260131.log
	lines a.log 10 11
	resume a.log
	has 1 11
	for how in other.log a.log.1; do
		for ((n = 1; ; n++)); do
			rm -rf data fired logs; mkdir logs
			lines logs/b.log 100 199; mv logs/b.log logs/a.log; resume logs
			: >logs/$how
			LAM_MEANWHILE_AT=$n LAM_MEANWHILE_OF=/$how LAM_MEANWHILE_DO="cp logs/a.log logs/$how; : >fired" \
				LD_PRELOAD=$PWD/meanwhile.so resume logs 2>err || [ $? -eq 1 ]
			[ -e fired ] || break
			[ $how != a.log.1 ] || : >logs/a.log # no copy of what is there any more
			resume logs 2>>err || [ $? -eq 1 ]
			has 100 199 || grep -q "its lines come in twice" err || { echo "$how, look $n"; cat err; false; }
			[ $how = other.log ] || has 100 199
		done
		[ "$n" -gt 2 ]
	done
}

@test "a rotated log that cannot be opened for a while is gone on with" {
	mkdir x x/old
	[ "$(id -u)" != 0 ] || as="setpriv --bounding-set=-dac_override,-dac_read_search"
	resume() { $as lam-ingest -q -s app -f csv --fields id,text --resume "$@"; }
	lines x/a.log 1 3; resume x x/old
	mv x/a.log x/old/a.log.1; lines x/old/a.log.1 4 5; lines x/a.log 6 6; chmod 0 x/old/a.log.1
	run -5 resume x x/old
	[[ $output == *"a.log.1: cannot open: Permission denied"* && $output != *"has no name beside it"* ]]
	chmod 644 x/old/a.log.1
	resume x x/old
	has 1 6
	run -1 resume x x/old
}

@test "a place of version 3 is gone on with" {
	cp -r "$ROOT/tests/data/v2/followed" data; chmod -R u+rwX data
	has 1 100
	lines a.log 41 102; lines a.log.1 1 40; gzip a.log.1
	resume a.log a.log.1.gz
	has 1 102
	lines a.log 103 103
	resume a.log a.log.1.gz
	has 1 103
	run -1 resume a.log a.log.1.gz
}

@test "a header of 6 KiB, and files that are rotated faster than they are done with" {
	for i in $(seq 90); do printf '%s%064d' "$([ "$i" = 1 ] || echo ,)a" "$i"; done >head
	echo >>head
	for r in $(seq 12); do
		for k in $(seq 11 -1 1); do [ ! -e a.csv.$k ] || mv a.csv.$k a.csv.$((k + 1)); done
		[ ! -e a.csv ] || mv a.csv a.csv.1
		{ cat head; printf "$r"; printf ',x%.0s' $(seq 89); echo; } >a.csv
		lam-ingest -q -s app -f csv --resume a.csv
	done
	[ "$(lam-query --no-header "select count(*), count(distinct a$(printf %064d 1)) from app")" = 12,12 ]
}

@test "followed: what takes the name of a log has a header alone when it is found" {
	printf 'k,v\na,1\na,2\n' >a.log
	lam-ingest -q -s app -f csv --follow a.log 3>&- 2>err &
	pid=$!
	values() { lam-query --no-header "select v from app" 2>/dev/null | paste -sd' '; }
	has_values() { [ "$(values)" = "$*" ]; }
	is_open() { find "/proc/$pid/fd" -lname "$PWD/a.log" | grep -q .; }
	await has_values 1 2
	mv a.log a.log.1
	echo k,v >a.log
	await is_open
	for i in 3 4 5; do
		echo "a,$i" >>a.log
		await has_values $(seq "$i")
	done
	kill $pid
	wait $pid || true
	[ ! -s err ]
}

@test "of two that look into one directory for whatever is there the second is refused" {
	mkdir logs
	lines logs/a.log 1 9
	lines logs/b.log 10 19
	for first in 'logs/*.log' logs logs/a.log; do
		rm -rf "$LAM_DATA"
		lam-ingest -q -s app -f csv --fields id,text --follow "$first" 3>&- &
		pid=$!
		await has 1 "$([ "$first" = logs/a.log ] && echo 9 || echo 19)"
		# A file that is another one's name by now: only the directory tells.
		run -3 --separate-stderr resume 'logs/b*'
		[[ $stderr == *"files of $PWD/logs/ are followed into stream app already"* ||
			$stderr == *"b.log: is followed into stream app already"* ]]
		lines b.log 20 29
		if [ "$first" = logs/a.log ]; then # two that have names go together
			resume logs/b.log
			has 1 19
		else
			run -3 resume logs/c.log
		fi
		kill "$pid"
		wait "$pid" || true
		rm b.log
	done
}

@test "a name that leads to another file when it is opened: no file has two readers" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	for how in --resume --follow; do
		for ((n = 1; ; n++)); do
			rm -rf data fired x; mkdir x
			lines x/a.log 1 3; lines x/b.log 4 6; resume x/a.log x/b.log; lines x/a.log 7 8; lines x/b.log 9 9
			LAM_MEANWHILE_AT=$n LAM_MEANWHILE_OF=/b.log LD_PRELOAD=$PWD/meanwhile.so \
				LAM_MEANWHILE_DO="mv x/b.log x/c; mv x/a.log x/b.log; mv x/c x/a.log; : >fired" \
				timeout 10 lam-ingest -q -s app -f csv --fields id,text $how x/a.log x/b.log 2>err &
			if [ $how = --follow ]; then
				await eval '[ "$(count)" = 9 ]'
				kill $!
			fi
			wait $! || true
			[ -e fired ] || break
			resume x/a.log x/b.log 2>>err || [ $? -eq 1 ]
			has 1 9 && [ ! -s err ] || { echo "$how, look $n"; cat err; false; }
		done
		[ "$n" -gt 2 ]
	done
}

@test "a short copy of a log that was read further, in a directory that is given: told" {
	mkdir logs
	lines logs/a.log 1 400; resume logs
	for i in {1..10}; do # its first bytes are kept for eight
		for k in {9..1}; do [ ! -e logs/a.log.$k ] || mv logs/a.log.$k logs/a.log.$((k + 1)); done
		mv logs/a.log logs/a.log.1; lines logs/a.log $((400 + i)) $((400 + i))
		resume logs
	done
	sed -n 1,200p logs/a.log.10 >copy; touch -r logs/a.log.10 copy; gzip copy; rm logs/a.log.10; mv copy.gz logs/a.log.11.gz
	resume logs 2>err || [ $? -eq 1 ]
	has 1 410 || grep -q "a.log.11.gz: may be a file that was read and is gone, copied or .*: then its lines come in twice" err
}

# renamed_and_copied HOW NAMES...: logrotate's renamecopy. At the N-th look at a file, for all N,
# the log is under its other name and a part of it is copied; the reader is killed, and another
# one looks; then the copy becomes whole, and the log goes.  Each line is there once.
renamed_and_copied() {
	local how=$1 part n; shift
	echo 'mv logs/a.log logs/a.log.tmp; head -c $PART logs/a.log.tmp >logs/a.log.1
		echo 90,line 90 >logs/a.log; : >fired; [ $HOW = on ] || kill -9 $PPID' >do
	for part in 0 1 40 100 1000000; do
		for ((n = 1; ; n++)); do
			rm -rf data fired logs; mkdir logs
			lines logs/a.log 1 3; resume "$@"
			lines logs/a.log 4 60; resume "$@"
			lines logs/a.log 61 70
			PART=$part HOW=$how LAM_MEANWHILE_AT=$n LAM_MEANWHILE_OF=/a.log LAM_MEANWHILE_DO="sh $PWD/do" \
				LD_PRELOAD=$PWD/meanwhile.so timeout 20 \
				lam-ingest -q -s app -f csv --fields id,text --resume "$@" 2>err || true
			[ -e fired ] || break
			[ $how = on ] || resume "$@" 2>>err || true
			cp logs/a.log.tmp logs/a.log.1; : >logs/a.log.tmp
			[ $((n % 2)) = 0 ] || resume "$@" 2>>err || true
			rm logs/a.log.tmp; lines logs/a.log 91 92
			for _ in 1 2; do resume "$@" 2>>err || true; done
			has 1 70 90 92 && [ ! -s err ] || { echo "$*, part of $part, look $n"; cat err; false; }
		done
		[ "$n" -gt 2 ]
	done
}

@test "renamed, and copied under a third name, at each moment: each line once" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	set -f # patterns are those of lam-ingest
	for how in on killed; do
		for names in "logs/a.log" "logs/a*" "logs"; do
			renamed_and_copied $how $names
		done
	done
}

@test "copied where the file is that was read under another name: beside it, or in the place of its log" {
	mkdir -p logs/old
	lines logs/a.log 1 3; ln logs/a.log logs/old/a.log.2; resume logs/old logs # as old/a.log.2
	rm logs/old/a.log.2; lines logs/a.log 4 4
	cp logs/a.log logs/a.log.1; : >logs/a.log; lines logs/a.log 5 6
	resume logs/old logs; has 1 6
	lines logs/c.log 7 70; resume logs/old logs
	cp logs/c.log copy; : >logs/c.log; mv logs/c.log logs/b.log; mv copy logs/c.log
	lines logs/c.log 71 72; lines logs/b.log 73 73
	resume logs/old logs; has 1 73
}

@test "followed: moved to another name, and copied beside that: the copy is not read" {
	mkdir -p logs/old; lines logs/old/a.log.2 1 60
	lam-ingest -q -s app -f csv --fields id,text --follow logs/old logs 2>err &
	await eval '[ "$(count)" = 60 ]'
	mv logs/old/a.log.2 logs/a.log; cp logs/a.log logs/a.log.1; lines logs/b.log 61 61
	await eval '[ "$(count)" -ge 61 ]'
	: >logs/a.log; lines logs/a.log 62 62
	await eval '[ "$(count)" -ge 62 ]'
	kill $!; wait $! || true
	resume logs/old logs || [ $? -eq 1 ]
	has 1 62 && [ ! -s err ]
}

@test "more files rotated away than a place has room for: told, with what to do, and nothing is lost" {
	mkdir -p logs old; echo 1 >logs/a.log
	lam-ingest -q -s app -f csv --fields id --resume logs/a.log
	for i in $(seq 101 790); do
		mv logs/a.log logs/a.log.$i; echo $i >logs/a.log
	done
	run lam-ingest -q -s app -f csv --fields id --resume logs/a.log
	[ $status -eq 2 ]
	[[ $output = *"689 files that were rotated away"*"take them in without --resume"* ]]
	[ "$(count)" = 1 ]
	mv logs/a.log.1* logs/a.log.[2-6]* logs/a.log.7[0-7]* old; mv old/a.log.101 logs
	lam-ingest -q -s app -f csv --fields id old/*
	lam-ingest -q -s app -f csv --fields id --resume logs/a.log
	[ "$(lam-query --no-header 'select count(*), count(distinct id) from app')" = 691,691 ]
}
