#!/usr/bin/env bats
# What every program of the toolkit owes its user.
load helper

PROGS="lam-ingest lam-batch lam-serve lam-speed lam-query lam-fsck lam-stat lam-trigger lam-plot lam-report lam"

small() { # a dataset with a view, served
	sample 50 >app.csv
	lam-ingest -q -s app app.csv
	view v <<<"select status, count(*) as n, sum(bytes) as b from app group by status"
	lam-batch | lam-serve
}

@test "--help: standard output, exit 0, names every option of the man page" {
	for p in $PROGS; do
		run -0 --separate-stderr $p --help
		[ -z "$stderr" ]
		[[ $output == *"usage: $p"* ]]
		for o in $(sed -n 's/^\.It Fl .*Fl Fl \([a-z-]*\).*/\1/p; s/^\.It Fl Fl \([a-z-]*\).*/\1/p' \
			"$ROOT/man/$p.1"); do
			[[ $output == *"--$o"* ]] || { echo "$p: --$o is not in --help"; return 1; }
		done
		for o in $(grep -o -- '--[a-z-]*' <<<"$output" | sort -u); do
			grep -q "Fl Fl ${o#--}" "$ROOT/man/$p.1" ||
				{ echo "$p: $o is not in the man page"; return 1; }
		done
	done
}

@test "--version: name and version" {
	for p in $PROGS; do
		run -0 $p --version
		[[ $output =~ ^$p\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	done
}

@test "bad usage: exit 2, one line that says what and where to look" {
	for p in $PROGS; do
		run -2 --separate-stderr $p --no-such-option
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "$p: "*no-such-option* ]]
	done
	run -2 lam-query
	run -2 lam-query -d
	run -2 lam-query --threads 0 "select 1 from stdin"
	run -2 lam-query --threads two "select count(*) from stdin"
	run -2 lam-query --memory 1X "select count(*) from stdin"
	run -2 lam-query -o nonsense "select count(*) from stdin"
	run -2 lam-query -p a.part -p b.part "select n from query" # not: the last one wins
	run -2 lam-ingest
	run -2 lam-ingest -s ../evil
	run -2 lam-ingest -s app -f nonsense
	unset LAM_DATA
	for p in lam-batch lam-serve lam-speed lam-fsck lam-stat; do
		run -2 $p </dev/null
		[[ $output == *LAM_DATA* ]]
	done
}

# refuses WHAT COMMAND...: exit 2, nothing on standard output, a message with WHAT
refuses() {
	local what=$1
	shift
	run -2 --separate-stderr "$@" </dev/null
	[ -z "$output" ]
	[[ $stderr == *"$what"* ]] || { echo "$*: $stderr"; return 1; }
}

@test "groups may take a quarter of the memory that there is" {
	[ "${VARIANT:-release}" = release ] || skip "sanitizers reserve address space"
	export TMPDIR=$PWD/none
	seq 300000 >many
	lam-query --threads 1 -f lines "select line, count(*) from 'many' group by line" >rows
	ulimit -v 120000
	run -4 lam-query --threads 1 -f lines "select line, count(*) from 'many' group by line"
	[[ $output == *"$TMPDIR"* ]]
}

@test "an option that would have no effect is refused, not passed over" {
	small
	lam-batch >a.part
	for o in "--name x" "-f csv" "--schema s" "--fields a"; do
		refuses "goes with -e only" lam-batch $o
		refuses "goes with -e only" lam-batch --merge $o a.part
	done
	for o in "--as-of 1" -i "-d x"; do
		refuses "does not go with -e" lam-batch $o -e "select count(*) from stdin"
		refuses "does not go with --merge" lam-batch --merge $o a.part
	done
	for o in "--emit changes" "-o csv" "--lateness 1s" --no-header "-f csv" \
		"--fields a" "--schema s"; do
		refuses "goes with -e only" lam-speed $o
	done
	refuses "--interval" lam-speed --interval 1s
	w="select date_trunc('minute', ts) as m, count(*) from stdin group by m"
	for o in -F "-d x"; do
		refuses "does not go with -e" lam-speed $o -e "$w"
	done
	for o in "-f csv" "--fields a" "--schema s" --strict --origin --input-header --no-input-header; do
		refuses "FROM stdin only" lam-query $o "select n from v"
		refuses "FROM stdin only" lam-query $o "select 1"
		refuses "FROM stdin only" lam-query $o "select count(*) from app"
		refuses "FROM stdin only" lam-query $o -p a.part "select n from v"
	done
	refuses "FROM names" lam-query -p a.part "select count(*) from stdin"
	refuses "FROM names" lam-query -p a.part "select 1"
	refuses "--as-of" lam-query -p a.part --as-of 1 "select n from v"
	refuses "--sample" lam-fsck --sample 1
	refuses "--seed" lam-fsck --recompute --seed 1
	refuses "--salvage" lam-fsck --salvage new --recompute
	printf '%s\n' '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 7' >log
	refuses "--fields goes with -f csv, tsv, " lam-ingest -s c -f common --fields a,b log
	# and names given mean CSV, whatever the line looks like
	run -1 lam-query --fields line "select * from 'log'"
	[[ $output == *"log:1: a quote inside an unquoted field"* ]]
}

@test "a number out of range: the range" {
	refuses "--threads 257: expected 1 to 256" lam-query --threads 257 "select 1"
	refuses "--level 10: expected 1 to 9" lam-ingest -s a --level 10
	refuses "--segment-records 0: expected" lam-ingest -s a --segment-records 0
}

@test "a file that is missing is told before anything is appended" {
	sample 3 >a.csv
	run -4 --separate-stderr lam-ingest -s app a.csv missing.csv
	[ "$stderr" = "lam-ingest: missing.csv: cannot open: No such file or directory" ]
	[ ! -e data/master/app ]
	refuses "no such dataset" lam-query -d missing "select * from app"
}

@test "a view of no stream: its file, and what there is" {
	small
	view w <<<"select count(*) as n from nope"
	refuses "views/w.sql: FROM nope" lam-batch w
	refuses "views/w.sql: FROM nope" lam-speed w
	refuses "views/w.sql: FROM nope" lam-query "select n from w"
	[[ $stderr == *"there are: app" ]]
	view w <<<"select sum(n) as n from v"
	refuses "that is a view" lam-batch w
}

@test "names cannot leave the dataset" {
	for s in ../x /x .x -x 'a/b' $'a\nb' '' "$(printf '%080d' 1)"; do
		run -2 lam-ingest "--stream=$s" </dev/null
	done
	small
	for v in ../v /v 'a/b' -- ; do
		run lam-batch -- "$v"
		[ "$status" -eq 2 ]
	done
	[ ! -e x ] && [ ! -e ../x ]
}

@test "a wrong query: line, column, and what was expected" {
	small
	run -2 lam-query "select status,
  cuont(*) from app group by status"
	[[ $output == *":2:3:"* ]]
	run -2 lam-query "select nostatus from app"
	[[ $output == *nostatus* && $output == *status* ]]
	run -2 lam-query "select status from app group by"
	run -2 lam-query "select * from nowhere"
	[[ $output == *nowhere* && $output == *app* ]]
	run -2 lam-query "select sum(note) from app"
	run -2 lam-query "select avg(n) filter (where from v"
	# what only a record shows stops nothing: it is NULL, and told with its position
	run -0 --separate-stderr lam-query "select status, note::bigint from app"
	[[ $stderr == "lam-query: app: "*" could not be computed and "*" NULL, the first at position 0" ]]
}

@test "--explain: each kind of source" {
	small
	lam-batch >v.part
	for q in "select n from v" "select count(*) from app" \
		"select count(*) from 'app.csv'"; do
		run --separate-stderr lam-query -x "$q"
		[[ $stderr == *50* ]] || { echo "$q: $stderr"; return 1; }
	done
	[[ $stderr == *"app.csv: 50 records, 0 rejected, "*" ms" ]]
	run -0 --separate-stderr lam-query -x -p v.part "select n from v"
	[[ $stderr == *" 50 "* ]]
	echo bad >>app.csv
	run -0 --separate-stderr lam-query -x "select count(*) from stdin" <app.csv
	[[ $stderr == *"stdin: 50 records, 1 rejected, "* ]]
}

@test "what cannot be computed is NULL in its row alone, with the first position; all else is answered" {
	printf 'ts,k,a\n2026-01-01T00:00:00Z,x,1\n1677-09-21T00:12:43.5Z,x,2\n2026-01-01T00:00:01Z,y,%s\n%s' \
		"$(printf '9%.0s' {1..38})" $'2026-01-01T00:00:02Z,y,10000000000000000000000000000000000000\n' >big.csv
	lam-ingest -q -s big big.csv
	view v <<<"select k, date_trunc('minute', ts) as m, sum(a) as s, max(a * 10) as x, count(*) as n from big group by k, m"
	view other <<<"select k, count(*) as n from big group by k"
	told="v: 3 values could not be computed and are NULL, the first at position 1"
	# sums in full by Python: 10**37 + 10**38 - 1 is no number, nor are the products
	printf '%s\n' x,2026-01-01T00:00:00Z,1,10,1 x,,2,20,1 y,2026-01-01T00:00:00Z,,,2 >want
	run -0 --separate-stderr lam-batch
	[ "$stderr" = "lam-batch: $told" ]
	[[ $output == *"#faults 3 1"*"#faults 0 -"* || $output == *"#faults 0 -"*"#faults 3 1"* ]]
	[[ $output == *$'v\ty,2026-01-01T00:00:00Z\t,109999999999999999999999999999999999999,,2'* ]]
	for step in : "lam-batch --as-of 2 2>/dev/null | lam-serve" "lam-speed 2>/dev/null" "lam-batch 2>/dev/null | lam-serve"; do
		bash -c "$step"
		run -0 --separate-stderr lam-query --no-header "select * from v"
		diff want - <<<"$output"
		[[ $stderr == *"$told"*"1 result could not be computed and is NULL"* ]]
		run -0 --separate-stderr lam-query --no-header "select * from other"
		[[ $output == "x,2"*"y,2" && -z $stderr ]]
	done
	run -0 --separate-stderr lam-query --no-header "select max(a * 10), min(a) from big"
	[ "$output" = "20,1" ]
	run -0 lam-fsck --recompute -q
}

@test "the mistakes of a first query: what to write instead" {
	printf 'a,t\n1,x\n' >f.csv
	refuses "query:1:16: expected a file's name in single quotes" \
		lam-query "select * from f.csv"
	refuses "single quotes" lam-query "select * from dir/f.csv"
	refuses 'no column "x" in f.csv; there are: a, t (a text is written in single quotes)' \
		lam-query "select * from 'f.csv' where t = \"x\""
}

@test "empty input" {
	printf 'a,b\n1,2\n' | lam-ingest -q -s app
	run -1 --separate-stderr lam-query "select * from app where b = 3"
	[ "$output" = a,b ]
	view v <<<"select a, count(*) as n from app where b = 3 group by a"
	lam-batch | lam-serve
	run -1 --separate-stderr lam-query "select * from v"
	[ "$output" = a,n ]
	run -3 lam-serve </dev/null
	run -1 --separate-stderr lam-query "select a, count(*) from stdin group by a" <<<"a,b"
}

@test "no final newline, CRLF, byte order mark, a single column, a NUL byte" {
	printf 'a,b\r\n1,x\r\n2,y' | lam-query "select * from stdin" >got
	printf 'a,b\n1,x\n2,y\n' | cmp - got
	printf '\xef\xbb\xbfa,b\n1,x\n' | lam-query "select a from stdin" >got
	printf 'a\n1\n' | cmp - got
	printf 'a\nx\n\ny\n' | lam-query "select count(*) as n, count(a) as m from stdin" >got
	printf 'n,m\n3,2\n' | cmp - got
	printf 'a,b\nx\0y,1\n' | lam-query "select * from stdin" >got
	printf 'a,b\nx\0y,1\n' | cmp - got
}

@test "ragged lines and stray quotes are rejects: source, line, reason, text" {
	printf 'a,b\n1,2\n3\n4,5,6\n7,8"9\n"x"y,1\n10,11\n' >bad.csv
	run -0 --separate-stderr lam-ingest -s app bad.csv
	[[ $stderr == *"2 records, 4 rejected ($LAM_DATA/reject/"*", positions 0 to 2,"* ]]
	[ "$(cut -d, -f1,2 "$LAM_DATA/reject/app.csv" | tail -n +2 | tr -d '"' | tr '\n' ' ')" = \
		"bad.csv,3 bad.csv,4 bad.csv,5 bad.csv,6 " ]
	printf 'a,b\n1,2\n' >next.csv
	printf 'a,b\n1,"never closed\n3,4\n5,6\n' >open.csv
	run -0 lam-ingest -q -s app open.csv next.csv
	run -0 lam-query --no-header "select count(*) from app"
	[ "$output" = 5 ]
}

@test "a 10 MB field and 300 fields" {
	{ printf 'k,v\n1,'; head -c 10000000 /dev/zero | tr '\0' z; echo; } >big.csv
	lam-ingest -q -s big big.csv
	lam-query "select * from big" | cmp - big.csv
	{ seq -s, -f 'f%g' 300; seq -s, 300; } >wide.csv
	lam-ingest -q -s wide wide.csv
	lam-query "select * from wide" | cmp - wide.csv
}

@test "missing, unreadable and wrong-typed files: exit 4, named" {
	small
	run -4 lam-ingest -s app nowhere.csv
	[[ $output == *nowhere.csv* ]]
	mkdir dir
	run -4 lam-ingest -s app dir
	[[ $output == *dir* ]]
	run -4 lam-query "select * from 'nowhere.csv'"
	run -4 lam-query -p nowhere.part "select * from v"
	run -4 lam-serve nowhere.part
	run -4 lam-batch --merge nowhere.part
	if [ "$(id -u)" -ne 0 ]; then
		touch secret.csv && chmod 0 secret.csv
		run -4 lam-ingest -s app secret.csv
	fi
}

@test "truncated gzip: what was whole is kept, then an error" {
	sample 5000 | gzip >app.csv.gz
	head -c 20000 app.csv.gz >cut.csv.gz
	run -3 lam-ingest -s app cut.csv.gz
	[[ $output == *cut.csv.gz* ]]
	n=$(lam-query --no-header "select count(*) from app")
	[ "$n" -gt 10 ]
	zcat cut.csv.gz 2>/dev/null | head -$((n + 1)) >want
	lam-query "select * from app" | cmp - want
}

@test "gzip longer than any buffer, from a file and a pipe, whole and damaged" {
	sample 60000 >big.csv
	python3 - <<-'EOF'
	import struct, zlib
	text = open("big.csv", "rb").read()
	def member(data, level, strategy, flags=0, more=b""):
	    head = b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\0\x03" + more
	    if flags & 2:
	        head += struct.pack("<H", zlib.crc32(head) & 0xffff)
	    z = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
	    return head + z.compress(data) + z.flush() + \
	        struct.pack("<II", zlib.crc32(data), len(data))
	cuts = [0, 700000, 1900000, 1900000, len(text)]
	kind = [(6, 0, 2 | 8, b"big.csv\0"), (1, 0), (0, 0), (9, zlib.Z_FIXED, 16, b"note\0")]
	gz = b"".join(member(text[a:b], *k) for a, b, k in zip(cuts, cuts[1:], kind))
	open("big.gz", "wb").write(gz)
	bad = bytearray(gz)
	bad[len(gz) * 3 // 4] ^= 4
	open("bad.gz", "wb").write(bad)
	EOF
	lam-query "select * from 'big.gz'" | cmp - big.csv
	cat big.gz | lam-query "select * from stdin" | cmp - big.csv
	run -3 lam-query "select count(*) from 'bad.gz'"
	[[ $output == *"corrupt gzip data"* ]]
	run -3 lam-query "select count(*) from stdin" < <(cat bad.gz)
	[[ $output == *"corrupt gzip data"* ]]
}

@test "several gzip members are one file" {
	sample 100 >all.csv
	head -40 all.csv | gzip >two.gz
	tail -n +41 all.csv | gzip >>two.gz
	lam-query "select * from 'two.gz'" | cmp - all.csv
}

@test "a full disk and a closed pipe on standard output" {
	small
	for c in "lam-query 'select * from app'" lam-batch "lam-query --help"; do
		run -4 bash -c "$c >/dev/full"
		[[ $output == *"No space left"* ]]
	done
	sample 60000 9 >more.csv
	run -0 bash -o pipefail -c 'lam-query "select * from '"'more.csv'"'" | head -1'
	run bash -c '{ lam-query "select * from '"'more.csv'"'"; echo $? >status; } | head -1'
	[ "$(cat status)" -eq 0 ]
}

@test "output forms" {
	printf 'k,n,t\na,1,2026-01-01T00:00:00Z\n"b ""x"", y",,2026-01-02T00:00:00.5Z\n' >t.csv
	q="select k, n + 0 as n, t + interval '0 seconds' as t from 't.csv'"
	lam-query -o csv "$q" | cmp - t.csv
	run -0 lam-query -o json "$q"
	[ "$(jq -r '.[1].k' <<<"$output" 2>/dev/null || python3 -c 'import json,sys; print(json.load(sys.stdin)[1]["k"])' <<<"$output")" = 'b "x", y' ]
	run -0 lam-query -o jsonl "$q"
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *'"n":1'* && ${lines[1]} == *'"n":null'* ]]
	run -0 lam-query -o tsv "$q"
	[ "${lines[0]}" = $'k\tn\tt' ]
	run -0 lam-query -o markdown "$q"
	[[ ${lines[1]} == *---* ]]
	run -0 lam-query -o table "$q"
	[[ ${lines[0]} == *k*n*t* ]]
}

@test "escape sequences in a log never reach the terminal raw" {
	printf 'k\n\x1b[31mred\x07\n' >t.csv
	lam-query -o table "select k from 't.csv'" >out
	run -1 grep -q $'\x1b' out
	lam-query -o markdown "select k from 't.csv'" >out
	run -1 grep -q $'\x1b' out
	lam-query -o csv "select k from 't.csv'" | cmp - t.csv
	run -2 lam-query "select $'\x1b'[31m from 't.csv'"
	[[ $output != *$'\x1b'* ]]
}

@test "a new stream, and new fields: what they were taken for, and where to correct it" {
	printf 'ts,a\n2026-01-01,x\n' >a.csv
	printf 'ts,b,c\n2026-01-02,1,y\n' >b.csv
	run -0 lam-ingest -s app a.csv
	[ "${lines[0]}" = "lam-ingest: app: new stream, its types are in $LAM_DATA/master/app/schema: ts time event, a text" ]
	[ -e "$LAM_DATA/master/app/schema" ]
	run -0 lam-ingest -s app b.csv
	[ "${lines[0]}" = "lam-ingest: app: new fields in $LAM_DATA/master/app/schema: b number, c text" ]
	run -0 lam-ingest -s app - <b.csv
	[ "${#lines[@]}" -eq 1 ]
	run -0 lam-ingest -q -s quiet a.csv
	[ -z "$output" ]
}

@test "new fields in a later header: absent ones read as NULL" {
	printf 'a,b\n1,2\n' | lam-ingest -q -s app
	printf 'b,c\n3,4\n' | lam-ingest -q -s app
	lam-query "select * from app" >got
	printf 'a,b,c\n1,2,\n,3,4\n' | cmp - got
	[ "$(ls "$LAM_DATA"/master/app/*.seg | wc -l)" -eq 2 ]
}

@test "a schema is sniffed, can be given, and can be edited later" {
	printf 'ts,code\n1767225600,70\n1767225661,8\n' >t.csv
	lam-ingest -q -s a t.csv
	grep -q '^code number' "$LAM_DATA/master/a/schema"
	sed -i 's/^ts .*/ts time(s)/; s/^code .*/code text/' "$LAM_DATA/master/a/schema"
	run -0 lam-query "select date_trunc('minute', ts) as m, code from a where code = '70'"
	[ "${lines[1]}" = 2026-01-01T00:00:00Z,70 ]
	printf 'ts time(s) event\ncode text\n' >schema
	lam-ingest -q -s b --schema schema t.csv
	run -0 lam-query --no-header "select max(code), max(ts) from b"
	[ "$output" = 8,2026-01-01T00:01:01Z ]
	ln -s schema link # files that the user names may be links
	ln -s t.csv link.csv
	lam-ingest -q -s c --schema link link.csv
	run -0 lam-query --no-header --schema <(cat schema) "select max(code), max(ts) from 'link.csv'"
	[ "$output" = 8,2026-01-01T00:01:01Z ]
}

@test "files are private" {
	umask 022
	small
	[ -z "$(find "$LAM_DATA/master" "$LAM_DATA/serving" -type f -perm /027 ! -perm 0640)" ]
	[ "$(stat -c %a "$LAM_DATA/master/app")" = 750 ]
}

@test "make install and uninstall honour DESTDIR and PREFIX" {
	make -s -C "$ROOT" install DESTDIR="$PWD/root" PREFIX=/opt/lam >/dev/null
	[ -x root/opt/lam/bin/lam-query ] && [ -f root/opt/lam/share/man/man7/lam.7 ]
	make -s -C "$ROOT" uninstall DESTDIR="$PWD/root" PREFIX=/opt/lam >/dev/null
	[ -z "$(find root -type f)" ]
}

@test "a schema that names a field which a file has not is told: its name may be mistyped" {
	printf 'user text\nvalue number\n' >schema
	printf 'user,valeu\n07,1\n' >t.csv
	for command in "lam-query --schema schema" "lam-batch --schema schema -e"; do
		run -0 --separate-stderr $command "select max(user) as u from 't.csv'"
		[[ $stderr == *"schema: has types of fields that t.csv has not (value)"* ]]
	done
	printf 'user,value\n07,1\n' >t.csv
	run -0 --separate-stderr lam-query --schema schema --no-header "select * from 't.csv'"
	[ "$output$stderr" = 07,1 ]
}
