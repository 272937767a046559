#!/usr/bin/env bats
# lam-trigger: events that are found by comparing: files of a directory, rows of a view
load helper

# killed WRITER MS: lam-trigger -F f while process WRITER lives, killed every MS to MS + 200
# ms; then what is left
killed() {
	local kills=0 pid
	while kill -0 "$1" 2>/dev/null; do
		lam-trigger -F f 2>>err &
		pid=$!
		sleep "0.$((RANDOM % 200 + $2))"
		kill -9 $pid && kills=$((kills + 1))
		wait $pid 2>/dev/null || true
	done
	wait "$1"
	lam-trigger f
	lam-trigger f
	echo "# $kills kills" >&3
}

# told FILE: "EVENT KEY SIZE" of each line of events
told() {
	python3 -c 'import json, sys
for line in open(sys.argv[1]):
    e = json.loads(line)
    print(e["event"].split(":")[0][6:], e["key"], e["size"])' "$1"
}

@test "bucket: what came, changed and went since the last run, each once" {
	mkdir -p in/sub
	echo old >in/old
	function_file f <<<"on bucket $PWD/in"$'\nrun cat\ninto ./out'
	out=$LAM_DATA/functions/f/out
	lam-trigger f
	[ ! -s "$out" ]
	printf 12345 >in/new
	printf 1 >'in/sub/a b+ü'
	rm in/old
	lam-trigger f
	lam-trigger f
	printf '%s\n' 'Created new 5' 'Created sub/a b+ü 1' 'Removed old None' | diff - <(told "$out")
	: >"$out"
	printf 123456 >in/new
	mv in/sub in/other
	lam-trigger f
	printf '%s\n' 'Created new 6' 'Created other/a b+ü 1' 'Removed sub/a b+ü None' | diff - <(told "$out")
	# Another file of the same size and time is another one.
	: >"$out"
	cp -p in/new copy
	mv copy in/new
	lam-trigger f
	echo 'Created new 6' | diff - <(told "$out")
	# What is no more to be seen is not gone.
	: >"$out"
	mv in away
	run -2 lam-trigger f
	[[ $output == *"/in: there is no such directory"* ]]
	mv away in
	lam-trigger f
	[ ! -s "$out" ]
	lam-fsck -q
}

@test "bucket: from start, patterns, and names that are not looked at" {
	mkdir -p in/.git in/a
	touch in/x.csv in/x.txt in/.x.csv in/.git/x.csv in/a/y.csv in/y.csv~ in/x.csv.part in/bad.csv
	ln -s x.csv in/link.csv
	mkfifo in/pipe.csv
	function_file all <<<"on bucket $PWD/in"$'\nrun cat\ninto ./out\nfrom start'
	function_file some <<<"on bucket $PWD/in where *.csv !bad* "$'\nrun cat\ninto ./out\nfrom start'
	function_file prefix <<<$'on bucket in where a/*.csv *~ !none\nrun cat\ninto ./out\nfrom start'
	ln -s "$PWD/in" "$LAM_DATA/functions/prefix/in"
	lam-trigger
	told "$LAM_DATA/functions/all/out" | cut -d' ' -f2 | diff - <(printf '%s\n' bad.csv x.csv x.txt a/y.csv)
	told "$LAM_DATA/functions/some/out" | cut -d' ' -f2 | diff - <(printf '%s\n' x.csv a/y.csv)
	told "$LAM_DATA/functions/prefix/out" | cut -d' ' -f2 | diff - <(printf '%s\n' y.csv~ a/y.csv)
	while IFS='|' read -r text want; do
		printf "$text" | function_file bad
		run -2 lam-trigger bad
		[[ $output == *"$want"* ]] || { echo "$text: $output"; return 1; }
	done <<-'EOT'
	on bucket none\nrun cat\n|bad/none: there is no such directory
	on bucket\nrun cat\n|expected SOURCE
	on bucket /tmp if\nrun cat\n|expected SOURCE
	on bucket /tmp\nrun cat\ninput csv\n|input csv: only records of a stream are told as csv or tsv
	on bucket /tmp\nrun cat\nfrom 7\n|expected start or now
	EOT
}

@test "bucket: a file is told when nobody writes to it any more" {
	mkdir in
	function_file f <<<"on bucket $PWD/in"$'\nrun cat\ninto ./out\nfrom start'
	out=$LAM_DATA/functions/f/out
	exec 5>in/slow
	echo begun >&5
	lam-trigger f
	[ ! -s "$out" ]
	echo done >&5
	exec 5>&-
	lam-trigger f
	echo 'Created slow 11' | diff - <(told "$out")
	lam-trigger -F f 2>/dev/null &
	pid=$!
	mkdir in/dir
	exec 5>in/dir/other
	echo >in/fence
	await grep -q fence "$out"
	! grep -q other "$out"
	echo x >&5
	exec 5>&-
	await grep -q other "$out"
	mv in/dir in/moved
	await grep -q '"ObjectRemoved:Delete".*dir/other' "$out"
	echo longer >in/moved/other
	await grep -q 'moved/other.*"size":7' "$out"
	ln in/fence in/link
	await grep -q link "$out"
	kill $pid
	wait $pid || true
	lam-trigger f
	[ "$(told "$out" | sort | uniq -d)" = "" ]
}

@test "bucket: S3's shape for a handler of AWS Lambda" {
	mkdir in
	function_file f <<<"on bucket $PWD/in"$'\nruntime lambda\nrun ./bootstrap app.handler\ninto ./out\nfrom start\ntimeout 30s'
	cp "$ROOT/src/blueprints/lambda-python/bootstrap" "$LAM_DATA/functions/f"
	cat >"$LAM_DATA/functions/f/app.py" <<-'EOT'
	import os, urllib.parse
	def handler(event, context):
	    answer = []
	    for r in event["Records"]:
	        key = urllib.parse.unquote_plus(r["s3"]["object"]["key"])
	        text = None
	        if r["eventName"] == "ObjectCreated:Put":
	            text = open(os.path.join(os.environ["LAM_BUCKET"], key)).read()
	            assert r["s3"]["object"]["size"] == len(text)
	        assert r["eventSource"] == "aws:s3" and r["eventTime"].endswith("Z")
	        answer.append([r["eventName"], r["s3"]["bucket"]["name"], key, text,
	            r["s3"]["object"]["sequencer"]])
	    assert answer == sorted(answer, key=lambda a: a[4])
	    return [a[:4] for a in answer]
	EOT
	mkdir 'in/a b&c=%2B+'
	printf one >'in/a b&c=%2B+/é"'
	printf four >in/x
	lam-trigger f
	rm in/x
	lam-trigger f
	python3 - "$LAM_DATA/functions/f/out" <<-'EOT'
	import json, sys
	got, rest = json.JSONDecoder().raw_decode(open(sys.argv[1]).read())
	more = json.loads(open(sys.argv[1]).read()[rest:])
	assert got == [["ObjectCreated:Put", "in", "x", "four"],
	    ["ObjectCreated:Put", "in", 'a b&c=%2B+/é"', "one"]], got
	assert more == [["ObjectRemoved:Delete", "in", "x", None]], more
	EOT
}

@test "bucket: kill -9 at random while files come, change and go: the events lead to what is there" {
	mkdir in
	function_file f <<<"on bucket $PWD/in"$'\nrun cat\nbatch 7\nisolate none\ninto ./out\nfrom start'
	# Each version of a file has a size of its own.
	python3 - "${FILES:-600}" <<-'EOT' &
	import os, random, shutil, sys, time
	random.seed(int(os.environ.get("SEED", "7")))
	size = 0
	for i in range(int(sys.argv[1])):
	    d = random.choice(["", "a/", "a/b/", "c/"])
	    os.makedirs("in/" + d, exist_ok=True)
	    name = "in/" + d + str(random.randrange(40))
	    size += 1
	    what = random.random()
	    if what < .5:
	        with open(name, "w") as f: f.write("x" * size)
	    elif what < .7:
	        with open("temp", "w") as f: f.write("x" * size)
	        os.rename("temp", name)
	    elif what < .95:
	        if os.path.exists(name): os.unlink(name)
	    elif what < .98:
	        shutil.rmtree("in/a", ignore_errors=True)
	    elif os.path.isdir("in/c"):
	        os.rename("in/c", "in/d%d" % size)
	    time.sleep(.002)
	EOT
	killed $! 100
	python3 - "$LAM_DATA/functions/f/out" <<-'EOT'
	import json, os, sys
	now, last = {}, {}
	for line in open(sys.argv[1]):
	    e = json.loads(line)
	    what = (e["event"], e["size"])
	    assert last.get(e["key"]) != what, "twice: " + line
	    last[e["key"]] = what
	    if e["size"] is None:
	        del now[e["key"]]  # what was there
	    else:
	        now[e["key"]] = e["size"]
	there = {os.path.relpath(os.path.join(d, f), "in"): os.path.getsize(os.path.join(d, f))
	    for d, _, files in os.walk("in") for f in files}
	assert now == there, (now.items() ^ there.items())
	EOT
	lam-fsck -q
}

@test "bucket: more happens than the kernel keeps: all is read again" {
	mkdir in
	function_file f <<<"on bucket $PWD/in"$'\nrun cat\nbatch 10000\ninto ./out\nfrom start'
	out=$LAM_DATA/functions/f/out
	echo >in/fence
	lam-trigger -F f 2>err &
	pid=$!
	await grep -q fence "$out"
	kill -STOP $pid
	n=$(($(cat /proc/sys/fs/inotify/max_queued_events) / 2 + 100))
	[ $n -lt 40000 ] || { kill -9 $pid; skip "the kernel keeps more than can be made here"; }
	python3 -c 'import sys
for i in range(int(sys.argv[1])): open("in/%d" % i, "w").close()' $n
	kill -CONT $pid
	all() { [ "$(wc -l <"$out")" -eq $((n + 1)) ]; }
	await all
	kill $pid
	wait $pid || true
	told "$out" | sort | uniq -d | cmp - /dev/null
}

# apply FILE: the rows that the events lead to; each must fit what was there before it
apply() {
	python3 - "$1" <<-'EOT'
	import csv, json, sys
	rows = {}
	for line in open(sys.argv[1]):
	    e = json.loads(line, parse_float=str, parse_int=str)
	    kind = e.pop("_event")
	    old = {k[5:]: e.pop(k) for k in list(e) if k.startswith("_old_")}
	    key = (e["host"], e["status"])
	    was = rows.get(key)
	    assert (kind == "NEW") == (was is None), line
	    if was is not None:
	        assert old == {k: v for k, v in was.items() if k in old} and old, (line, was)
	    if kind == "REMOVE":
	        assert set(e) == {"host", "status"}, line
	        del rows[key]
	    else:
	        assert was != e, line
	        rows[key] = e
	out = csv.writer(sys.stdout, lineterminator="\n")
	for key in sorted(rows, key=lambda k: (k[0] is None, k[0] or "", k[1] is None, int(k[1] or 0))):
	    out.writerow(["" if v is None else v for v in rows[key].values()])
	EOT
}

# traffic N SEED: records of few hosts, some without one
traffic() {
	awk -v n="$1" -v seed="$2" 'BEGIN {
		srand(seed)
		print "host,status,bytes"
		for (i = 0; i < n; i++)
			print (rand() < .1 ? "" : "h" int(rand() * rand() * 30)) "," \
				(rand() < .1 ? "" : 200 + int(rand() * 4)) "," int(rand() * 100) - 50
	}'
}

table_view() {
	view table_of <<<"select host, status, count(*) as hits, sum(bytes) as bytes, max(bytes) as most
		from access where bytes <> 7 group by host, status"
}

# the files of the last images: without a gap, each at least twice as long as the one behind it
images() {
	ls "$LAM_DATA/trigger/f/speed/table_of" | awk -F- '{ from[NR] = $1 + 0; to[NR] = $2 + 0 }
		END { for (i = 1; i <= NR; i++) bad += from[i] != to[i - 1] + 0 || (i < NR && to[i] - from[i] < 2 * (to[i + 1] - from[i + 1]))
			exit bad || NR == 0 }'
}

@test "view: what each step changes is what sqlite3 says it changes" {
	table_view
	traffic 1 1 | lam-ingest -q -s access
	for where in "" "where bytes > 100" "where status = 201 and hits < 9"; do
		rm -rf "$LAM_DATA/master" "$LAM_DATA/trigger" "$LAM_DATA/functions" "$LAM_DATA/serving"
		traffic 1 1 >all.csv
		lam-ingest -q -s access all.csv
		function_file f <<<"on view table_of $where"$'\nrun cat\nbatch 7\ninto ./out\nfrom start'
		out=$LAM_DATA/functions/f/out
		lam-trigger f
		for step in 2 3 4 5; do
			: >"$out"
			cp all.csv before.csv
			traffic $((RANDOM % 60 + 1)) $RANDOM >new.csv
			tail -n +2 new.csv >>all.csv
			lam-ingest -q -s access new.csv
			[ $step -ne 4 ] || lam-batch -q | lam-serve -q
			lam-trigger f
			images
			python3 - "$out" "${where:-where true}" <<-'EOT'
			import csv, json, sqlite3, sys
			def answer(path):
			    db = sqlite3.connect(":memory:")
			    db.execute("create table access(host, status, bytes)")
			    db.executemany("insert into access values (nullif(?, ''), cast(nullif(?, '') as integer), cast(? as integer))",
			        list(csv.reader(open(path)))[1:])
			    return {r[:2]: r[2:] for r in db.execute("select * from (select host, status, count(*) as hits,"
			        " sum(bytes) as bytes, max(bytes) as most from access where bytes <> 7 group by 1, 2) " + sys.argv[2])}
			before, after = answer("before.csv"), answer("all.csv")
			want = {(k, "REMOVE" if k not in after else "NEW" if k not in before else "MODIFY",
			        after.get(k), before.get(k)) for k in {*before, *after} if before.get(k) != after.get(k)}
			got = []
			for line in open(sys.argv[1]):
			    e = json.loads(line)
			    values = lambda p: (e[p + "hits"], e[p + "bytes"], e[p + "most"]) if p + "hits" in e else None
			    got.append(((e["host"], e["status"]), e["_event"], values(""), values("_old_")))
			assert len(got) == len(set(got)) and set(got) == want, (want ^ set(got))
			EOT
		done
	done
	lam-fsck -q
}

@test "view: kill -9 at random: the events lead to the answer, each fits the one before" {
	table_view
	for where in "" "where hits % 7 <> 0"; do
		rm -rf "$LAM_DATA/master" "$LAM_DATA/trigger" "$LAM_DATA/functions" "$LAM_DATA/serving"
		traffic 5 1 | lam-ingest -q -s access
		function_file f <<<"on view table_of $where"$'\nrun cat\nbatch 7\nisolate none\ninto ./out\nfrom start\nwait 20ms'
		for i in $(seq "${APPENDS:-120}"); do
			traffic 20 "$i" | lam-ingest -q -s access
			[ $((i % 25)) -ne 0 ] || lam-batch -q | lam-serve -q
		done &
		killed $! 80
		apply "$LAM_DATA/functions/f/out" >got
		lam-query --no-header "select * from table_of $where" | cmp - got
		lam-fsck -q
	done
}

@test "view: images are made anew when they are gone or damaged, and nothing is told twice" {
	table_view
	traffic 300 1 | lam-ingest -q -s access
	function_file f <<<$'on view table_of\nrun cat\ninto ./out'
	out=$LAM_DATA/functions/f/out
	lam-trigger f
	[ ! -s "$out" ]
	speed=$LAM_DATA/trigger/f/speed/table_of
	for how in remove damage keep; do
		lam-query --no-header "select * from table_of" >before
		case $how in
		remove) rm -rf "$LAM_DATA/trigger/f/speed" ;;
		damage) for x in "$speed"/*; do printf x | dd of="$x" bs=1 seek=200 conv=notrunc status=none; done
			run -5 lam-fsck
			[[ $output == *"trigger/f/speed/table_of/"*damaged* ]] ;;
		esac
		: >"$out"
		traffic 10 $RANDOM | lam-ingest -q -s access
		[[ "$(lam-trigger --usage f | tail -1)" == *,10,* ]] # records that it has yet to look at
		lam-trigger f 2>err
		[ $how != damage ] || grep -q "damaged.*made anew" err
		# The rows before, then the events.
		python3 - "$out" <<-'EOT' >merged
		import csv, json, sys
		names = ["host", "status", "hits", "bytes", "most"]
		for r in csv.reader(open("before")):
		    v = [x if x != "" else None for x in r]
		    print(json.dumps({"_event": "NEW", **{n: x if n == "host" or x is None else int(x) for n, x in zip(names, v)}}))
		sys.stdout.write(open(sys.argv[1]).read())
		EOT
		apply merged >got
		lam-query --no-header "select * from table_of" | cmp - got
	done
	# Files join: a few, however many steps there were.
	for i in $(seq 12); do
		traffic 3 "$i" | lam-ingest -q -s access
		lam-trigger f
	done
	[ "$(ls "$speed" | wc -l)" -le 5 ]
}

@test "view: an edited view begins anew where it was; a view that cannot be is told" {
	table_view
	traffic 50 1 | lam-ingest -q -s access
	function_file f <<<$'on view table_of\nrun cat\ninto ./out'
	out=$LAM_DATA/functions/f/out
	lam-trigger f
	view table_of <<<"select host, count(*) + 0 as n from access group by host"
	printf 'host,status,bytes\nh0,200,1\nnew,200,1\n' | lam-ingest -q -s access
	lam-trigger f 2>err
	grep -q "table_of, its stream's schema or a look-up file of it has changed: it begins anew at position 50" err
	n=$(lam-query --no-header "select n from table_of where host = 'h0'")
	printf '{"_event":"MODIFY","host":"h0","n":%d,"_old_n":%d}\n{"_event":"NEW","host":"new","n":1}\n' "$n" $((n - 1)) |
		cmp - "$out"
	while IFS='|' read -r text want; do
		printf "$text" | function_file bad
		run -2 lam-trigger bad
		[[ $output == *"$want"* ]] || { echo "$text: $output"; return 1; }
	done <<-'EOT'
	on view none\nrun cat\n|there is no such view
	on view table_of where nofield > 1\nrun cat\n|nofield
	on view table_of where true) limit (1\nrun cat\n|where
	on view table_of where n > (select min(n) from table_of)\nrun cat\n|where
	on view table_of\nrun cat\ninput csv\n|input csv: only records of a stream are told as csv or tsv
	on view table_of\nrun cat\nfrom 99\n|a position up to 52
	EOT
}

@test "view: the shape of a DynamoDB stream for a handler of AWS Lambda" {
	table_view
	function_file f <<<$'on view table_of where hits < 3\nruntime lambda\nrun ./bootstrap app.handler\ninto ./out\nfrom start\ntimeout 30s'
	cp "$ROOT/src/blueprints/lambda-python/bootstrap" "$LAM_DATA/functions/f"
	cat >"$LAM_DATA/functions/f/app.py" <<-'EOT'
	def handler(event, context):
	    return [[r["eventName"], r["dynamodb"]["Keys"], r["dynamodb"].get("NewImage"),
	        r["dynamodb"].get("OldImage")] for r in event["Records"]]
	EOT
	printf 'host,status,bytes\n"q""\\",200,1.50\n' | lam-ingest -q -s access
	lam-trigger f
	printf 'host,status,bytes\n"q""\\",200,2\n,201,\n' | lam-ingest -q -s access
	lam-trigger f
	printf 'host,status,bytes\n"q""\\",200,2\n' | lam-ingest -q -s access
	lam-trigger f
	python3 - "$LAM_DATA/functions/f/out" <<-'EOT'
	import json, sys
	text, got = open(sys.argv[1]).read(), []
	while text:
	    value, n = json.JSONDecoder().raw_decode(text)
	    got, text = got + value, text[n:].strip()
	key = {"host": {"S": 'q"\\'}, "status": {"N": "200"}}
	image = lambda hits, b, most: {**key, "hits": {"N": hits}, "bytes": {"N": b}, "most": {"N": most}}
	assert got[0] == ["INSERT", key, image("1", "1.5", "1.5"), None], got[0]
	assert got[1] == ["MODIFY", key, image("2", "3.5", "2"), image("1", "1.5", "1.5")], got[1]
	assert got[-1] == ["REMOVE", key, None, image("2", "3.5", "2")], got[-1]
	EOT
}

@test "lam-stat lists functions: what they wait for, how far they are, what is dead" {
	table_view
	mkdir in
	traffic 50 1 | lam-ingest -q -s access
	function_file v <<<$'on view table_of\nrun cat >&2\nfrom 40\nbatch 5'
	function_file b <<<"on bucket $PWD/in"$'\nrun sh -c "exit 65"\nfrom start'
	function_file s <<<$'on stream access\nrun cat\nfrom 10\ninto ./out'
	function_file x <<<$'on lake\nrun cat'
	run -5 lam-stat -o csv -k functions
	[[ $output == *"x,,0,0,,,0,0,,"*"on lake: expected SOURCE"* ]]
	rm -r "$LAM_DATA/functions/x"
	touch in/a in/b
	lam-trigger v 2>/dev/null
	lam-trigger s
	run -5 lam-trigger b
	traffic 7 2 | lam-ingest -q -s access
	lam-stat -o csv --no-header -k functions | cut -d, -f 1-2,4-5,7 | diff - <(printf '%s\n' \
		"b,bucket $PWD/in,0,,1" 'v,view table_of,0,7,0' 's,stream access,0,7,0' | sort)
	[ "$(lam-stat -o csv --no-header -k functions s | cut -d, -f3)" = 50 ]
	lam-stat -o prom | grep -x 'lam_function_lag{function="v"} 7'
	lam-stat | grep -q '^ *v .*view table_of'
}
