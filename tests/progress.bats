#!/usr/bin/env bats
# How far the work has come: on a terminal, with --progress, and on SIGUSR1.
load helper

reports() {
	python3 "$ROOT/tests/progress.py" "$@"
}

records() {
	seq 0 3999 | awk 'BEGIN { print "k,v" } { print "key" $1 % 7 "," $1 }'
}

# The one line of a program: records, megabytes to a tenth, rates.
LINE='[a-z]+: [0-9]+ records(, [0-9]+\.[0-9] MB)?, [0-9]+ records/s(, [0-9]+\.[0-9] MB/s)?'

@test "a terminal shows a line that is drawn in place and goes when the work is done" {
	records | reports tty ': 4000 records' lam-ingest -s s --flush-interval 100ms >shown
	# every line but those of other messages is taken away again
	[ "$(grep -oE "lam-ingest: s: [0-9]+ records, [^\\]*records/s" shown | wc -l)" -eq "$(grep -oF '\r\x1b[K' shown | wc -l)" ]
	tail -1 shown | grep -E 's: 4000 records, 0 rejected, positions 0 to 4000'
}

@test "SIGUSR1 asks every program, and gets a line whoever reads it, --quiet or not" {
	records | reports signal 's: 4000 records' lam-ingest -q -s s --flush-interval 0 >shown
	run ! grep -vE "^lam-ingest: $LINE\$" shown
	for program in "lam-query -q" "lam-batch -q -e"; do
		records | reports signal '0 records' $program "select count(*) from stdin" >shown
		run ! grep -vE "^lam-[a-z]+: $LINE\$" shown
		grep -q . shown
	done
	sed 's/^key[0-9]*/2026-01-01T00:00:00Z/; 1s/.*/ts,v/' <(records) |
		reports signal 'stdin: 4000 records' lam-speed -q --interval 10ms -e "select time_bucket(interval '1 hour', ts) as w, count(*) as n from stdin group by w" >shown
	run ! grep -vE "^lam-speed: $LINE\$" shown
	view v <<<"select k, count(*) as n from s group by k"
	lam-batch | reports signal 'partials: ' lam-serve -q >shown
	LOCK=$LAM_DATA/master/s/lock reports signal 's: 0 records' lam-fsck -q </dev/null >shown
	run ! grep -vE "^lam-fsck: (starting|s): [0-9]+ records, " shown # the last was asked for after it was let go
}

# ready PID PROGRAM: it is that program, and its handler of SIGUSR1 is there
ready() {
	until [ "$(cat "/proc/$1/comm")" = "$2" ] &&
		awk '/^SigCgt/ { exit substr($2, 14, 1) !~ /[2367abef]/ }' "/proc/$1/status"; do kill -0 "$1"; done
}

# asked PID FILE: SIGUSR1 until FILE has a line
asked() {
	until grep -q . "$2"; do kill -USR1 "$1"; sleep .05; done
}

@test "SIGUSR1 asks functions, pictures, clusters and reports, too" {
	records | reports signal 'stdin: 0 records' lam-plot -q --spark >shown
	run ! grep -vE "^lam-plot: $LINE\$" shown
	records | reports signal 'stdin: 4001 records' lam-trigger -q --batch 10 -- cat >shown
	run ! grep -vE "^lam-trigger: $LINE\$" shown
	printf 'k text\nv number\n' >schema
	mkfifo part
	lam-cluster -q -e 'select sum(v) as s from stdin' --fields k,v --schema schema part >out 2>err &
	ready $! lam-cluster
	asked $! err
	records | tail -n +2 >part
	wait $!
	run ! grep -vx 'lam-cluster: local: 0 of 1 tasks (0 %)' err
	lam-query -p out --no-header 'select s from query' | cmp - <(echo 7998000)
	records | lam-ingest -q -s s
	view v <<<"select k, count(*) as n from s group by k"
	view w <<<"select v, count(*) as n from s group by v"
	mkdir slow # a query that comes to its end when it may
	printf '#!/bin/sh\nuntil [ -e go ]; do sleep .01; done\nexec %s "$@"\n' "$(command -v lam-query)" >slow/lam-query
	printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v lam-stat)" >slow/lam-stat
	cp "$(command -v lam-report)" slow/lam-report && chmod +x slow/*
	mkdir src && ln -s "$ROOT/src/report" src/report
	TMPDIR=$PWD slow/lam-report -q >page 2>err &
	pid=$!
	await eval "grep -q . lam-report.*/query"
	kill -USR1 $pid
	await test -s err # the query has not come to its end
	touch go
	wait $pid
	grep -xE 'lam-report: v: 0 of 2 panels \(0 %\)' err
	rm go
	TMPDIR=$PWD slow/lam-report -q >page 2>err &
	pid=$!
	await eval "grep -q . lam-report.*/query"
	asks=$(cat lam-report.*/query)
	kill -TERM $pid # and no query goes on behind its back
	wait $pid || [ $? -eq 143 ]
	await eval "! kill -0 $asks"
	run -1 compgen -G 'lam-report.*'
}

@test "a terminal sees tasks go by, and nothing of them stays" {
	printf 'k text\nv number\n' >schema
	mkfifo hold
	python3 - <<-'PY' >shown
		import os, pty, subprocess, re
		mine, its = pty.openpty()
		p = subprocess.Popen(["lam-cluster", "-e", "select sum(v) as s from stdin", "--fields", "k,v", "--schema",
		    "schema", "hold"], stderr=its, stdout=subprocess.DEVNULL)
		os.close(its)
		seen = b""
		while b"tasks (0 %)" not in seen:
		    seen += os.read(mine, 1000)
		open("hold", "w").write("a,1\n")
		try:
		    while got := os.read(mine, 1000):
		        seen += got
		except OSError:
		    pass
		assert p.wait() == 0
		assert re.fullmatch(rb"(\r\x1b\[Klam-cluster: local: [01] of 1 tasks \([0-9]+ %\)(, 0 s left)?)+\r\x1b\[K", seen), seen
	PY
}

@test "--progress, --quiet and --verbose are options of every program" {
	for p in "$ROOT"/src/lam-*; do
		[ ! -d "$p" ] || continue
		p=${p##*/} p=${p%.c}
		for o in '--progress ' '-q, --quiet ' '-v, --verbose '; do
			$p --help | grep -qF -- "$o" || { echo "$p: no $o"; return 1; }
		done
	done
}

@test "--progress reports into a pipe, without an escape, and nothing else does" {
	records | lam-ingest -q -s s
	LOCK=$LAM_DATA/master/s/lock reports pipe 's: 0 records' lam-fsck --progress </dev/null >shown
	run ! grep -vE "^lam-fsck: s: 0 records" shown
	records | lam-query --no-header "select count(*) from stdin" 2>&1 | cmp - <(echo 4000)
}

@test "the share and the rest are of what is known to be there" {
	for i in $(seq 50); do records | tail -n +2; done | cat <(echo k,v) - >in.csv
	bytes=$(stat -c %s in.csv)
	want=$((bytes / 1000000)).$((bytes % 1000000 / 100000))
	# nobody reads its rows, so the query stops in the middle of the file
	reports signal ' s left' lam-query -q "select k, v from 'in.csv'" </dev/null >shown
	line="^lam-query: query: ([0-9]+) records, ([0-9.]+) MB of $want MB, [0-9]+ records/s, [0-9.]+ MB/s \(([0-9]+) %\), [0-9]+ s left\$"
	[[ $(tail -1 shown) =~ $line ]]
	awk -v part="${BASH_REMATCH[2]}" -v all=$bytes -v share="${BASH_REMATCH[3]}" \
		'BEGIN { got = part * 1e8 / all; exit !(share < 100 && got - share < 6 && share - got < 6) }'
}
