#!/usr/bin/env bats
# Log lines, file names and files written by an attacker: nothing leaves the
# dataset, nothing steers a terminal, nothing takes all the memory.
load helper

small() { # a dataset with a view, served, in speed, and with rejects
	sample 50 >app.csv
	view v <<<"select status, count(*) as n, sum(bytes) as b from app group by status"
	lam-ingest -q -s app app.csv
	lam-batch | lam-serve
	run -0 lam-ingest -q -s app <<<$'ts,user,status,bytes,latency,note\nshort\n2026-01-01T00:00:00Z,u1,200,5,1.5,x'
	lam-speed
}

# everything: every program that writes, on the dataset as it is
everything() {
	local n=0
	{ head -1 app.csv; echo short; tail -n 2 app.csv; } | lam-ingest -q -s app || n=$?
	echo "lam-ingest $n"
	n=0; lam-batch >part || n=$?
	echo "lam-batch $n"
	n=0; [ ! -s part ] || lam-serve part || n=$?
	echo "lam-serve $n"
	n=0; lam-speed || n=$?
	echo "lam-speed $n"
	n=0; lam-query "select * from v" >answer || n=$?
	echo "lam-query $n"
}

# outside: what the links lead to, as bytes and names
outside() { find "$PWD/away" -type f -exec md5sum {} + | sort; find "$PWD/away" | sort; }

@test "a directory of the dataset that is a symbolic link: nothing is written through it" {
	small
	cp -r data good
	for d in master master/app serving serving/v speed speed/v reject; do
		for target in full empty; do
			rm -rf data away
			cp -r good data
			mkdir away
			cp -r data/$d away/x # what is there, or, for a planted one, nothing
			[ $target = full ] || { rm -rf away/x && mkdir away/x; }
			rm -rf "data/$d"
			ln -s "$PWD/away/x" "data/$d"
			outside >before
			everything >codes 2>err
			outside | cmp - before || { echo "$d ($target): written through"; cat codes err; return 1; }
			[ $target = empty ] || [[ $d != master* ]] || grep -q "$d: is a symbolic link" err
			[[ $d == master* ]] || grep -q "$d: is a symbolic link.*remove it" err ||
				{ echo "$d ($target): no word"; cat codes err; return 1; }
			# the remedy: after it all is well again
			rm "data/$d"
			[[ $d != master* ]] || cp -r "good/$d" "data/$d"
			everything >codes 2>err
			[ "$(grep -c ' 0$' codes)" -eq 5 ] ||
				{ echo "$d ($target): after the remedy"; cat codes err; return 1; }
			lam-query "$(sed 's/ from app/ from app/' data/views/v.sql)" | cmp - answer
		done
	done
}

@test "a file of the dataset that is a symbolic link: its target stays as it was" {
	small
	lam-ingest -q -s app app.csv
	cp -r data good
	for f in $(cd good && find . -type f); do
		rm -rf data away
		cp -r good data
		mkdir away
		cp "data/$f" away/x
		ln -sf "$PWD/away/x" "data/$f"
		outside >before
		everything >codes 2>err
		outside | cmp - before || { echo "$f: written through"; cat codes err; return 1; }
		# derived files are passed over or replaced, everything else is refused by name
		case $f in
		*.idx) grep -q 'lam-query 0' codes ;;
		./.followed) grep -q 'lam-ingest 0' codes ;; # of files: this is a pipe
		*) grep -q "${f#./}: is a symbolic link.*replace it" err ;;
		esac || { echo "$f:"; cat codes err; return 1; }
		# a link to nowhere makes no file there
		mkdir -p "$(dirname "data/$f")" # an empty one of speed/ goes
		ln -sf "$PWD/away/none" "data/$f"
		everything >codes 2>err
		[ ! -e away/none ] || { echo "$f: made through a link"; return 1; }
		# the remedy of the message
		rm -f "data/$f"
		[[ $f == *.idx ]] || cp away/x "data/$f"
		everything >codes 2>err
		[ "$(grep -c ' 0$' codes)" -eq 5 ] ||
			{ echo "$f: after the remedy"; cat codes err; return 1; }
	done
}

@test "a file of the dataset that is a pipe is told and not waited for" {
	printf 'k,v\na,1\n' | lam-ingest -q -s s
	view good <<<"select k, sum(v) as v from s group by k"
	mkfifo data/views/pipe.sql
	for p in lam-batch lam-speed; do
		run -5 --separate-stderr timeout 20 $p
		[[ $stderr == *"views/pipe.sql: is not a file, but a pipe"* ]]
	done
	rm data/views/pipe.sql
	lam-batch | lam-serve
	for f in master/s/{id,schema,durable,lock,00000000000000000000.seg} $(cd data && echo serving/good/*.idx); do
		mv "data/$f" saved
		mkfifo "data/$f"
		for p in "lam-query 'select * from good'" lam-batch lam-speed lam-fsck "lam-ingest -q -s s <<<k"; do
			timeout 20 bash -c "$p" >out 2>err || [ $? -ne 124 ]
		done
		rm "data/$f"
		mv saved "data/$f"
	done
	run -0 lam-query --no-header "select * from good"
	[ "$output" = a,1 ]
}

@test "a served index that is a link is passed over: the answer comes from the log" {
	small
	lam-query "select * from v" >want
	for f in data/serving/v/*.idx data/speed/v/*.idx; do
		mv "$f" away
		ln -s "$PWD/away" "$f"
		run -0 --separate-stderr lam-query "select * from v"
		[[ $stderr == *"symbolic link"*"passed over"* || $f == *speed* ]]
		[ "$output" = "$(cat want)" ]
		rm "$f" && mv away "$f"
	done
}

@test "temporary names that are planted are not opened" {
	small
	mkdir away
	plant() ( # plant FILE COMMAND: links where the command is about to make temporaries
		for f in $1; do ln -s "$PWD/away/x" "$f.tmp.$BASHPID-0"; done
		shift
		exec "$@"
	)
	plant "data/serving/v/$(basename data/serving/v/*.idx)" lam-serve <(lam-batch --as-of 50 | tee part)
	plant data/master/app/schema lam-ingest -q -s app <<<$'ts,user,status,bytes,latency,note,more\n,,200,,,,1'
	for f in data/speed/v/*.idx; do # the file that the next one is going to be
		to=$(($(lam-query --no-header "select count(*) from app")))
		plant "${f%/*}/$(printf '%020d-%020d' 50 $to)-${f##*-}" lam-speed
	done
	last=$(ls data/master/app/*.seg | tail -1)
	plant "$last $(dirname $last)/$(printf %020d $to).seg" lam-batch >part
	lam-serve part
	[ -z "$(ls away)" ]
	[ "$(find data -type l | wc -l)" -ge 4 ]
	run -0 --separate-stderr lam-query --no-header "select sum(n) from v"
	[ "$output" = 52 ]
}

# nasty: every byte that can steer a terminal, and text that is no UTF-8
nasty=$'\e[31mred\e]0;title\a\b\x7f\xc2\x9b31m\xe2\x80\xae\xff\v'

# clean FILE...: nothing in it steers a terminal
clean() {
	local f
	for f in "$@"; do
		! grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xff' "$f" ||
			{ echo "raw control characters in $f:"; cat -v "$f"; return 1; }
	done
}

@test "what a log says never reaches a terminal raw, wherever it is quoted" {
	printf '%s' "$nasty" >raw
	run -1 clean raw
	printf 'k%s,n\nv%s,1\n' "$nasty" "$nasty" >t.csv
	printf 'k%s,n\nv%s,1\nr%s\nx"%s,2\n' "$nasty" "$nasty" "$nasty" "$nasty" >r$'\e[31m'.csv
	q="\"k$nasty\""
	n=0
	sees() { # sees STATUS COMMAND...: what it says is clean, and is something
		local status=0
		"${@:2}" >out.$n 2>err.$n </dev/null || status=$?
		[ $status -eq "$1" ] || { echo "exit $status: ${*:2}"; cat -v err.$n; return 1; }
		clean err.$n || return 1
		n=$((n + 1))
	}
	sees 0 lam-query -o table "select * from 't.csv'"
	clean out.0 && grep -q red out.0
	sees 0 lam-query -o markdown "select * from 't.csv'"
	clean out.1 && grep -q red out.1
	sees 0 lam-ingest -s app r$'\e[31m'.csv
	[ -s err.2 ]
	sees 4 lam-ingest -s app none$'\e[31m'.csv
	sees 2 lam-ingest -s "$nasty" t.csv
	sees 2 lam-ingest -s app -t "$nasty" t.csv
	sees 2 lam-ingest "--$nasty" t.csv
	sees 2 lam-query "select none from 't.csv'" # names the columns there are
	grep -q red err.$((n - 1))
	sees 2 lam-query "select '$nasty' from"
	sees 2 lam-query "select \"$nasty\" from 't.csv'"
	sees 2 lam-query "select $q + 1 from 't.csv'"
	sees 0 lam-query "select regexp_matches($q, '([^89]+)+[89]') from 't.csv'"
	sees 0 lam-query "select sum(cast($q as bigint)) from 't.csv'"
	sees 0 lam-query --explain "select $q, count(n) as c from 't.csv' group by $q"
	sees 0 lam-query --explain "select count($q) as c from app"
	sees 0 lam-query -o table "select * from app"
	clean out.$((n - 1))
	view v <<<"select $q, count($q) as c, min($q) as lo from app group by $q"
	sees 0 lam-batch
	cp out.$((n - 1)) part
	sees 0 lam-serve part
	sees 0 lam-query --explain "select * from v where c > 0"
	[ -s err.$((n - 1)) ]
	sed "s/^v.v/v\t$(printf '%q' x)&/" part >bad.part
	sees 3 lam-serve bad.part
	printf '#lam-partial 2\n#view %s\n' "$nasty" >bad2.part
	sees 3 lam-serve bad2.part
	sees 4 lam-serve "none$nasty"
	touch "data/views/$nasty.sql"
	sees 5 lam-batch
	grep -q red err.$((n - 1))
	rm "data/views/$nasty.sql"
	mkdir "data/master/$nasty" && touch "data/master/app/$nasty.seg" "data/serving/v/$nasty.idx"
	sees 3 lam-query "select * from v"
	grep -q red err.$((n - 1))
	lam-fsck >out 2>err || true
	clean out err
	printf 'a number\nb%s nonsense\n' "$nasty" >schema
	sees 2 lam-query --schema schema "select * from 't.csv'"
	# and on a terminal, with no form asked for
	LAM_PAGER=cat script -qec "lam-query \"select * from 't.csv'\"" /dev/null </dev/null | tr -d '\r' >tty
	grep -q red tty && clean tty
}

@test "CSV, TSV and JSON keep the bytes, whatever they are" {
	python3 - <<'EOF'
import random
rng = random.Random(1)
rows = [bytes([c]) + b"x" for c in range(256)]
rows += [bytes(rng.randrange(256) for _ in range(rng.randrange(1, 40))) for _ in range(500)]
rows += ["naïve ☃ \U0001f600 \u202e".encode(), b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"]
open("t.csv", "wb").write(b"k,n\n" + b"".join(
    b'"%s",%d\n' % (r.replace(b'"', b'""'), i) for i, r in enumerate(rows)))
EOF
	lam-ingest -q -s app t.csv
	for f in csv tsv json jsonl; do
		lam-query -o $f "select k, n from app" >out.$f
	done
	python3 - <<'EOF'
import csv, io, json
want = [r[0] for r in list(csv.reader(io.StringIO(open("t.csv", "rb").read().decode("latin-1"), newline=""), strict=True))[1:]]
want = [w.encode("latin-1") for w in want]
got = [r[0].encode("latin-1") for r in list(csv.reader(io.StringIO(open("out.csv", "rb").read().decode("latin-1"), newline=""), strict=True))[1:]]
assert got == want, "csv"
unescape = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"\\": b"\\"}
import re
got = [re.sub(rb"\\(.)", lambda m: unescape[m[1]], l.split(b"\t")[0]) for l in open("out.tsv", "rb").read().split(b"\n")[1:-1]]
assert got == want, "tsv"
def utf8(b):  # lam-query(1): what is no UTF-8 becomes U+FFFD, byte by byte
    out = ""
    while b:
        for n in (1, 2, 3, 4):
            try:
                out += b[:n].decode("utf-8"); b = b[n:]; break
            except UnicodeDecodeError:
                pass
        else:
            out += "\ufffd"; b = b[1:]
    return out
for text in (open("out.json", "rb").read(), b"[" + b",".join(open("out.jsonl", "rb").read().split(b"\n")[:-1]) + b"]"):
    assert [r["k"] for r in json.loads(text.decode("utf-8", "strict"))] == [utf8(w) for w in want], "json"
EOF
}

@test "names of streams and views cannot leave the dataset" {
	small
	files() { find . ! -name 'files.*' ! -name 'separate-stderr-*' | sort; }
	files >files.before
	for n in ../x /x x/y . .. .x -x '' ' ' 'a b' $'a\nb' $'a\tb' 'a\b' 'ä' 'a.b' 1a "$(printf 'n%064d' 1)" \
		$'a\x01' '*' '%s%n' "$PWD/x" app/../../x master/app; do
		run -2 --separate-stderr lam-ingest "--stream=$n" app.csv
		[ "${#stderr_lines[@]}" -eq 1 ]
		for p in lam-batch lam-speed lam-fsck; do
			run -2 --separate-stderr $p -- "$n"
			[ "${#stderr_lines[@]}" -eq 1 ] || { echo "$p: $n"; return 1; }
		done
		[ -z "$n" ] || [[ $n == *\"* ]] || run -2 lam-query "select * from \"$n\""
		printf '#lam-partial 2\n#view %s\n' "$n" | tr -d '\0' >x.part
		run -3 lam-serve x.part
		rm x.part
	done
	sed 's/^#view v$/#view ..\/v/' <(lam-batch) >x.part
	run -3 lam-serve x.part
	sed 's/^#view v$/#view v\x00/' <(lam-batch) >x.part
	run -3 lam-serve x.part
	rm x.part
	files | diff files.before -
}

@test "what is made is private: 0640 and 0750, less the umask" {
	for mask in 022 000 027 077; do
		rm -rf data copy
		( umask $mask; small >/dev/null; lam-ingest -q -s other --segment-records 5 app.csv
		  lam-fsck --salvage copy )
		chmod -R u+rwX views 2>/dev/null || true
		file=$(printf %o $((0640 & ~mask))) dir=$(printf %o $((0750 & ~mask)))
		[ "$(find data copy -type f ! -path '*/views/*' | wc -l)" -gt 15 ]
		find data copy -type f ! -path '*/views/*' ! -perm $file >odd
		find data copy -mindepth 1 -type d ! -path '*/views' ! -perm $dir >>odd
		[ ! -s odd ] || { echo "umask $mask:"; xargs ls -ld <odd; return 1; }
	done
}

@test "a bomb is bounded: gigabytes of zeros, one endless line, an endless quote" {
	[ "${VARIANT:-release}" = release ] || skip "sanitizers reserve address space"
	{ echo k; head -c 300000000 /dev/zero; } | gzip -1 >zeros.gz
	{ printf 'k\n"'; yes '",""' | tr -d '\n' | head -c 80000000; } | gzip -1 >quote.gz
	{ yes "$(printf '%0100d' 7)" | head -n 2500000; } | gzip -1 >rows.gz
	ulimit -v 250000 # less than they are, unpacked
	run -1 lam-ingest -s app zeros.gz
	[[ $output == *"longer than 64 MiB"* ]]
	[ "$(wc -c <data/reject/app.csv)" -lt 10000 ]
	run -0 lam-query "select count(*) as n from 'zeros.gz'"
	[[ $output == *"longer than 64 MiB"* ]]
	run -1 lam-ingest -q -s app quote.gz
	run -0 lam-query --no-header --fields k "select count(*), count(distinct k) from 'rows.gz'"
	[ "$output" = 2500000,1 ]
	run -4 lam-serve <(head -c 260000000 /dev/zero | tr '\0' x) # a line that has no end
	[[ $output == *"out of memory"* ]]
}

@test "SQL too deep or too large is refused, by line and column; what is merely long is answered" {
	sample 20 >app.csv
	lam-ingest -q -s app app.csv
	mkdir -p data/views
	python3 - <<'EOF'
K = " as k, count(*) as n from app group by k"
deep = ["(" * 100000 + "1" + ")" * 100000, "- " * 100000 + "1",
    "upper(" * 50000 + "note" + ")" * 50000, "note" + "::text" * 50000,
    "case when status = 1 then " * 20000 + "1" + " end" * 20000,
    "status" + "+1" * 50000, "note" + "||note" * 50000, "(" * 700 + "1" + ")" * 700]
sql = {"deeper-%d" % i: "select " + x + K for i, x in enumerate(deep)}
sql["deeper-not"] = "select count(*) filter (where " + "not " * 100000 + "true) as n from app"
n = "select count(*) as n from app "
sql["4096-outputs"] = "select " + "".join("sum(bytes+%d) as c%d, " % (i, i) for i in range(10000)) + n[7:]
sql["4096-keys"] = n + "group by " + ", ".join("status+%d" % i for i in range(10000))
sql["digits"] = n + "where status = " + "9" * 100000
sql["larger"] = n + "where note = '" + "x" * 1100000 + "'"
sql["column"] = "select " + "n" * 1000000 + "," + n[6:]
sql["end"] = n + "/*" * 400000
n += "where status = 200 and "
sql["answer-in"] = n + "status in (" + ", ".join(map(str, range(100000))) + ")"
sql["answer-or"] = n + "(" + " or ".join("status = %d" % i for i in range(10000)) + ")"
sql["answer-text"] = n + "coalesce(note, '') <> '" + "x" * 1000000 + "'"
for name, text in sql.items():
    open(name + ".sql", "w").write(text)
EOF
	[ "$(ls *.sql | wc -l)" -eq 18 ]
	for f in *.sql; do # on a small stack, too
		mv "$f" data/views/v.sql
		run --separate-stderr bash -c 'ulimit -s 1024; lam-batch v >part 2>err; s=$?; cut -c1-400 err >&2; exit $s'
		case $f in
		answer*)
			[ "$status" -eq 0 ] && lam-serve part
			[ "$(lam-query --no-header 'select n from v')" = "$(awk -F, 'NR > 1 && $3 == 200' app.csv | wc -l)" ]
			;;
		larger*) [ "$status" -eq 3 ] && [[ $stderr == *v.sql*larger* ]] ;;
		*)
			word=${f%.sql}
			[ "$status" -eq 2 ] && [[ $stderr == *v.sql:1:*${word%%-*}* ]]
			;;
		esac || { echo "$f: exit $status: $stderr"; return 1; }
	done
}

@test "a regular expression that backtracks without end gives NULL in that row, never waited for" {
	printf 'k\n%s!\naa\n' "$(printf '%0200d' 0 | tr 0 a)" >t.csv
	for p in '(a+)+$' '(a|aa)+$' '(a|a?)+$' '([a-z]+)*[0-9]' '(.*a){20}$' '^(([a-z])+.)+[A-Z]([a-z])+$'; do
		run -0 --separate-stderr lam-query --no-header "select regexp_matches(k, '$p') is null,
			regexp_replace(k, '$p', 'x', 'g') is null, regexp_extract(k, '$p') is null from 't.csv'"
		[[ $output == $'true,true,true\nfalse,false,false' && $stderr == *"3 values could not be computed and are NULL, the first at position 0"* ]] ||
			{ echo "$p: $output $stderr"; return 1; }
	done
	for p in "$(printf '%.0s(' $(seq 10000))a$(printf '%.0s)' $(seq 10000))" '((a{1,1000}){1,1000}){1,1000}' \
		'(?:a{0,60000}){0,60000}' '(a' '[z-a]' '(?R)' '(?{x})' 'a\'; do
		run lam-query "select regexp_matches(k, '$p') from 't.csv'"
		[ "$status" -eq 2 ] || [[ $status -le 1 && $p == '(?R)' ]] || { echo "$p: $output"; return 1; }
	done
	# LIKE has no way to backtrack
	like=$(printf '%.0s%%a' $(seq 150))
	run -0 lam-query --no-header "select count(*) from 't.csv' where k like '${like}b'"
	[ "$output" = 0 ]
}

@test "a regular expression that needs more stack than a thread's gets it, up to a limit" {
	local n
	for n in 10 2000 5000 10; do printf '%0*d,%d\n' $n 0 $n | sed 's/0\{10\}/ababababab/g'; done >t.csv
	lam-query --fields k,n "select n, regexp_matches(k, '^((a)|(b))*\$') as m from 't.csv'" >got
	cmp - got <<<$'n,m\n10,true\n2000,true\n5000,true\n10,true'
	printf '%0100000d\n' 0 | tr 0 a >t.csv
	run -0 --separate-stderr lam-query --no-header --fields k "select regexp_matches(k, '^((a)|(b))*\$') is null from 't.csv'"
	[[ $output == true && $stderr == *"1 value could not be computed"* ]]
}

@test "a record whose text ends the log as a seal does: a record like any other" {
	local i pad seen=0
	for i in {0..15}; do
		rm -rf data
		printf -v pad "%${i}s" ""
		printf 'a\n"%sLAMSEAL\n"\n' "${pad// /x}" >in.csv
		lam-ingest -q -s t in.csv
		! tail -c 8 data/master/t/*.seg | cmp -s - <(printf 'LAMSEAL\n') || seen=$((seen + 1))
		cat data/master/t/*.seg >before
		lam-fsck >report
		grep -q '^all intact' report
		lam-ingest -q -s t in.csv # behind it
		cmp -n "$(stat -c %s before)" before data/master/t/*.seg
		lam-query -o csv "select a, count(*) as n from t group by a" >got
		{ echo a,n; sed 1d in.csv | sed '$s/$/,2/'; } | cmp - got
		"$ROOT/tests/reader.py" log data t | cmp - <(cat in.csv; sed 1d in.csv)
	done
	[ "$seen" -gt 0 ]
}
