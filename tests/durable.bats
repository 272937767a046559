#!/usr/bin/env bats
# What is half made, moved away, or too large: nothing acknowledged is lost, nothing that is
# whole is called damaged, and a limit is told.
load helper

until_lines() { # until_lines N FILE: as soon as the file has N lines, at most 60 s
	timeout 60 bash -c 'until [ -e "$2" ] && [ "$(wc -l <"$2")" -ge "$1" ]; do :; done' - "$1" "$2" || {
		kill "$pid"
		return 1
	}
}

@test "rejects: a file that is removed, or moved away, under a live lam-ingest is made again" {
	mkfifo in
	lam-ingest -q -s n -f csv --flush-interval 0 <in 2>err &
	pid=$!
	exec 7>in
	f=$LAM_DATA/reject/n.csv
	printf 'a,b\n1,2\nshort\n' >&7
	until_lines 2 "$f"
	mv "$f" "$f.1"
	printf 'shorter\n' >&7
	until_lines 2 "$f"
	rm -r "$LAM_DATA/reject"
	printf 'shortest\n3,4\n' >&7
	until_lines 2 "$f"
	exec 7>&-
	wait $pid || [ $? -eq 1 ] || [ $? -eq 0 ]
	[ "$(head -1 "$f")" = source,line,reason,text ]
	grep -q '"shortest"' "$f"
	[ "$(wc -l <"$f")" -eq 2 ]
	[ "$(lam-query --no-header 'select count(*) from n')" -eq 2 ]
}

@test "a limit on names of fields, and on the bytes of a schema: the same in all programs, and told" {
	names=$(seq -f c%.0f -s, 4100)
	most=$(seq -f c%.0f -s, 4096)
	seq -s, 4100 >row.csv
	seq -s, 4096 >fits.csv
	for p in "lam-ingest -s n" "lam-query -f csv"\ "'select count(*) from stdin'" \
		"lam-batch -f csv -e"\ "'select count(*) as n from stdin'" "lam-speed -f csv -e 'select count(*) as n from stdin'"; do
		run -2 bash -c "$p --fields $names <row.csv"
		[[ $output == *4100*4096* ]]
		[[ $p == lam-speed* ]] || run -0 bash -c "$p --fields $most <fits.csv"
	done
	# 1.5 MB: comments, and a line that says what is no type of its own accord
	{ yes '# a schema may have as many words as it takes' | head -c 1500000; printf '\nv text\nts time\n'; } >big.schema
	printf 'v,ts\n7,2026-01-01T00:00:00Z\n' >v.csv
	lam-ingest -q -s t --schema big.schema v.csv
	grep -qx "v text" "$LAM_DATA/master/t/schema"
	run -0 lam-query --no-header --schema big.schema "select v || 'x' from 'v.csv'"
	[ "$output" = 7x ]
	lam-batch --schema big.schema -e "select v, count(*) as n from stdin group by v" v.csv
	lam-speed --schema big.schema -e "select date_trunc('minute', ts) as m, max(v || 'x') as n from stdin group by m" <v.csv
	cp big.schema "$LAM_DATA/master/t/schema"
	[ "$(lam-query --no-header "select v || 'x' from t")" = 7x ]
	lam-ingest -q -s t v.csv
	lam-fsck -q
}

@test "half made: what a crash may leave is no damage" {
	d=$LAM_DATA/master
	mkdir -p "$d/n" "$d/empty" "$d/locked"
	: >"$d/n/id.tmp.1-0"
	: >"$d/locked/lock"
	run -0 lam-fsck
	[[ $output == *"stream n: no records yet"* ]]
	[[ $output != *damage* ]]
	printf 'a,b\n1,2\n' | lam-ingest -q -s s # no views/ either
	run -0 lam-fsck
	for s in n empty locked; do
		printf 'a,b\n1,2\n' | lam-ingest -q -s $s
		[ "$(lam-query --no-header "select b from $s")" = 2 ]
	done
	# an id and no record; temporaries of everything
	mkdir "$d/z" && cp "$d/s/id" "$d/z/id"
	for f in id schema durable 00000000000000000000.seg; do : >"$d/z/$f.tmp.1-0"; done
	lam-fsck -q
	# a segment of no bytes was never begun
	: >"$d/z/00000000000000000000.seg"
	: >"$d/s/00000000000000000001.seg"
	run -0 lam-fsck
	[[ $output == *"stream z: no records yet"* ]]
	[ "$(lam-query --no-header "select b from s")" = 2 ]
	for s in s z; do
		printf 'a,b\n3,4\n' | lam-ingest -q -s $s
		printf 'a,b,c\n5,6,7\n' | lam-ingest -q -s $s # another segment
	done
	[ "$(lam-query --no-header "select b from s" | tr '\n' ' ')" = "2 4 6 " ]
	[ "$(lam-query --no-header "select b from z" | tr '\n' ' ')" = "4 6 " ]
	view v <<<"select a, count(*) as n from s group by a"
	lam-batch | lam-serve
	lam-speed
	lam-fsck -q
	# but what came after the id needs it
	rm "$d/s/id"
	run -3 lam-fsck -q
}

@test "a small stack: a message and status 4" {
	for p in lam-ingest lam-batch lam-serve lam-speed lam-query lam-fsck; do
		run -4 bash -c "ulimit -s 64; exec $p -d '$LAM_DATA' x"
		[[ $output == *"$p: the stack is limited"*"ulimit -s"* ]]
		# with less the loader may die before the program begins, ls and true too: it is
		# random how much of the stack is left
		status=139
		for ((i = 0; i < 50 && status == 139; i++)); do run bash -c "ulimit -s 16; exec $p -d '$LAM_DATA' x"; done
		[ "$status" -eq 4 ]
	done
	printf 'a\n1\n' >a.csv
	run -0 bash -c "ulimit -s 256; lam-query --no-header \"select sum(a) from 'a.csv'\""
	[ "$output" = 1 ]
}

@test "a limit on the size of files: a message and status 4, in every program" {
	sample 3000 >app.csv
	lam-ingest -q -s app app.csv
	view v <<<"select user, ts, note, bytes, count(*) as n from app group by user, ts, note, bytes"
	lam-batch >part
	limited() { # limited COMMAND: files of 4 KiB at most
		run bash -c "ulimit -f 4; $1"
		[ "$status" -eq 4 ] && [[ $output == *"File too large"* ]] || { echo "$1: $status $output"; return 1; }
	}
	limited "lam-query \"select * from app\" >out"
	limited "lam-batch >out"
	limited "lam-serve part"
	limited "lam-speed"
	limited "lam-ingest -q -s other app.csv"
	limited "lam-ingest -q -s app app.csv"
	limited "lam-fsck --salvage '$PWD/saved'"
	[ "$(lam-query --no-header 'select count(*) from app')" -eq 3000 ]
	lam-fsck -q
}
