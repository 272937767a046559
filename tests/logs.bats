#!/usr/bin/env bats
# Logs of every format: their values, what is no record, what is recognised.
load helper

# model FORMAT OPTION ...: random logs of FORMAT say what formats_model.py made them of,
# in all fields or those of $columns
model() {
	local format=$1 seed n bad
	shift
	for seed in 1 2 3; do
		read -r n bad < <(python3 "$ROOT/tests/formats_model.py" "$format" "$seed" log want)
		lam-query "$@" "select ${columns:-*} from 'log'" >got 2>err
		cmp got want || { diff got want | head; return 1; }
		[[ $bad = 0 || $(<err) == *"$bad lines are no records"* ]]
		lam-ingest -q -s "$format$seed" "$@" log
		lam-query "select ${columns:-*} from $format$seed" | cmp - want
		[ "$(tail -n +2 "data/reject/$format$seed.csv" | python3 -c 'import csv, sys; print(sum(1 for _ in csv.reader(sys.stdin)))')" = "$bad" ]
		[ "$n" -gt 100 ]
	done
}

# ------------------------------------------------------------------- regex

REGEX='regex:(?<ts>\S+ \S+) \[(?<level>\w+)\](?: <(?<who>[^>]*)>)? (?<msg>.*)'

@test "regex: named groups are the fields, what does not match is no record" {
	model regex -f "$REGEX"
}

@test "regex: records of several lines, by the lines that start them" {
	model regex_lines -f "$REGEX" --start '^\d{4}-\d\d-'
	# whole lines, too: all their bytes
	lam-query -o jsonl -f lines --start '^\d{4}-\d\d-' "select line from 'log'" | python3 -c '
import json, re, sys
rows = [json.loads(row)["line"] for row in sys.stdin]
text = open("log", newline="").read()
starts = [m.start() for m in re.finditer(r"(?m)^\d{4}-\d\d-", text)] + [len(text)]
assert rows == [text[a:b][:-1] for a, b in zip(starts, starts[1:])]'
}

@test "regex: chunks and pipes of any size have the same records" {
	python3 "$ROOT/tests/formats_model.py" regex_lines 1 log want >/dev/null
	for _ in $(seq 60); do cat log; done >many
	lam-query --threads 1 -f "$REGEX" --start '^\d{4}-\d\d-' "select * from 'many'" >one 2>/dev/null
	lam-query --threads 3 -f "$REGEX" --start '^\d{4}-\d\d-' "select * from 'many'" 2>/dev/null | cmp - one
	dd if=many bs=777 status=none |
		lam-query -f "$REGEX" --start '^\d{4}-\d\d-' "select * from stdin" 2>/dev/null | cmp - one
	# the first line of each copy but one belongs to the record before it
	[ "$(lam-query --no-header -f "$REGEX" --start '^\d{4}-\d\d-' "select count(*) from 'many'" 2>/dev/null)" = \
		"$((60 * ($(lam-query --no-header -f "$REGEX" --start '^\d{4}-\d\d-' "select count(*) from 'log'" 2>/dev/null))))" ]
}

@test "regex: an open record waits for the next one, or for the timeout, through runs" {
	printf '2026-01-31 23:59:59 [A] one\n  more\n2026-01-31 23:59:59 [B] two\n' >log
	lam-ingest -q -s a --resume -f "$REGEX" --start '^\d{4}-' log
	[ "$(lam-query --no-header "select level from a")" = A ]
	printf '  of two\n2026-01-31 23:59:59 [C] three\n' >>log
	lam-ingest -q -s a --resume log # all is remembered
	[ "$(lam-query --no-header "select level from a" | tr '\n' ' ')" = "A B " ]
	[ "$(lam-query --no-header -o tsv "select msg from a where level = 'B'")" = 'two\n  of two' ]
	lam-ingest -q -s a --resume --line-timeout 0s log
	[ "$(lam-query --no-header "select level from a" | tr '\n' ' ')" = "A B C " ]
}

@test "regex: patterns that are none, hostile lines and hostile patterns" {
	echo x >log
	run -2 --separate-stderr lam-query -f 'regex:(?<a>x' "select * from 'log'"
	[[ $stderr == *"regex:(?<a>x: at character 7: "* ]]
	run -2 --separate-stderr lam-query -f 'regex:(x)' "select * from 'log'"
	[[ $stderr == *"has no named group: write (?<NAME>...)"* ]]
	run -2 --separate-stderr lam-query -f csv --start x "select * from 'log'"
	[[ $stderr == *"--start goes with -f lines and regex: only"* ]]
	run -2 --separate-stderr lam-query -f lines --start '[' "select * from 'log'"
	[[ $stderr == *"--start [: at character "* ]]
	# exponential: bounded and told
	python3 -c 'for i in range(50): print("a" * 4000)' >evil
	run -1 --separate-stderr lam-query -f 'regex:(?<x>(?:a|a?a)+)[bc]' "select * from 'evil' limit 1"
	[[ $stderr == *"evil:1: the pattern takes too many steps"* ]]
	run -1 --separate-stderr lam-query -f 'regex:(?<x>.)' --start '(?:a|a?a)+[bc]' "select * from 'evil' limit 1"
	[[ $stderr == *"evil:1: the pattern of --start takes too many steps"* ]]
	# bytes that are no text, and what (*UTF) makes of them
	printf 'a\377\0b\xc3\xa9\n' >bytes
	lam-query --no-header -f 'regex:(?<x>.*)' "select octet_length(x) from 'bytes'" | grep -qx 6
	run -1 --separate-stderr lam-query -f 'regex:(*UTF)(?<x>.*)' "select * from 'bytes'"
	[[ $stderr == *"bytes:1: is not UTF-8"* ]]
	# a record that never ends is cut at a MiB
	{ echo "1 start"; yes "  goes on" | head -n 300000; } >long
	lam-query --no-header -f lines --start '^1' "select octet_length(line) from 'long'" >got 2>err
	[ "$(<got)" -ge 1048576 ] && [ "$(<got)" -lt 1048600 ]
	grep -q "is no start of a record, and there is none before it" err
}

# -------------------------------------------------------------------- JSON

@test "JSON lines: values are those they were made of, lines that Python refuses are rejects" {
	model jsonl -f jsonl
}

@test "JSON: an array, objects of many lines, one behind the other" {
	cat >lines <<'EOP'
{"a":1,"b":{"c":"x\ny","d":[1,{"e":2}]},"s":"]}"}
{"a":2.50,"b":{"c":"{"},"s":"a, \"b\""}
{"a":null,"b":{"c":"\\"},"s":"["}
EOP
	lam-query "select a, \"b.c\", s from 'lines'" >want
	python3 - <<'EOP'
import json
rows = [json.loads(line) for line in open("lines")]
rows[1]["a"] = 2.5
for name, text in (("array", json.dumps(rows)), ("pretty", json.dumps(rows, indent=1)),
                   ("one", json.dumps(rows, indent=None, separators=(",", ":"))),
                   ("apart", "\n".join(json.dumps(r, indent=4) for r in rows))):
    open(name, "w").write(text.replace("2.5,", "2.50,"))
EOP
	for f in array pretty one apart; do
		lam-query "select a, \"b.c\", s from '$f'" | cmp - want
		lam-query -f jsonl "select a, \"b.c\", s from stdin" <$f | cmp - want
	done
	# What is none is a reject to the end of its line; its brackets end a record.
	printf '[{"a":1},\noops\n{"a":2},{"a":03},\n{"a":4}]\n' >bad
	run -0 --separate-stderr lam-query --no-header "select a from 'bad'"
	[ "$output" = $'1\n2\n4' ]
	[[ $stderr == *"bad:2: expected an object"*"bad:3: "* ]]
	printf '[]' >none
	run -1 lam-query "select count(*) from 'none'"
}

@test "JSON: numbers, texts and times have the types they are written as" {
	printf '%s\n' '{"id":"007","zip":"10115","n":5,"t":"2026-01-31T23:59:59Z","m":1,"b":true}' \
		'{"id":"008","zip":"10117","n":1.5,"t":null,"m":"x","b":false}' >log
	lam-ingest -q -s s log
	[ "$(tr '\n' , <data/master/s/schema)" = "id text,zip text,n number,t time event,m text,b text," ]
}

@test "JSON: members that come later, or are not named, are in _rest, and nothing is lost" {
	python3 - <<'EOP'
import json
with open("log", "w") as f:
    for i in range(12000):
        row = {"a": i, "o": {"x": 1}}
        if i > 11000:
            row["late"] = {"v": i, "w": "\\\u00e9"}
            row["o"]["y"] = [i]
        f.write(json.dumps(row) + "\n")
EOP
	[ "$(lam-query --no-header "select count(*), count(_rest) from 'log'")" = 12000,999 ]
	lam-query -o jsonl "select a, \"o.x\", _rest from 'log' where _rest is not null" >got
	python3 - <<'EOP'
import json
for got, line in zip(open("got"), list(open("log"))[11001:], strict=True):
    got, row = json.loads(got), json.loads(line)
    assert got["a"] == row["a"] and got["o.x"] == row["o"].pop("x")
    del row["a"]
    assert json.loads(got["_rest"]) == row, (got, row)
EOP
	# A stream knows them once it has the field: by a schema, or a later input.
	lam-ingest -q -s s log
	tail -n 5 log >tail
	lam-ingest -q -s s tail
	lam-ingest -q -s s log
	[ "$(lam-query --no-header 'select count(*), count(_rest), count("late.v") from s')" = 24005,999,1004 ]
	[ "$(lam-query --no-header --fields a,late.v "select sum(a), count(\"late.v\"), count(_rest) from 'log'")" = 71994000,999,12000 ]
	printf 'late.v number\n' >schema
	[ "$(lam-query --no-header --schema schema "select count(\"late.v\"), count(_rest) from 'log'")" = 999,999 ]
}

@test "JSON: objects without members are records, too" {
	printf '{}\n{}\n' >bare
	run -0 lam-query --no-header "select count(*), count(_rest) from 'bare'"
	[ "$output" = 2,0 ]
	lam-ingest -q -s bare bare
	lam-ingest -q -s bare <(echo '{"late":1}')
	run -0 lam-query --no-header "select count(*), count(late) from bare"
	[ "$output" = 3,1 ]
	echo '[{}, {}]' >list
	run -0 lam-query --no-header -f jsonl "select count(*) from 'list'"
	[ "$output" = 2 ]
}

@test "JSON: hostile keys and depths are bounded and told" {
	python3 - <<'EOP'
import json
with open("keys", "w") as f:
    for i in range(3000):
        f.write(json.dumps({"k%d" % i: i, "o%d" % i: {"n" * 300: 1}, "last": i}) + "\n")
open("deep", "w").write('{"a":' * 600 + "1" + "}" * 600 + "\n" + '{"a":' * 500 + "1" + "}" * 500 + "\n")
EOP
	lam-query "select * from 'keys'" | head -n 1 >names
	[ "$(tr , '\n' <names | wc -l)" -le 1001 ]
	[ "$(lam-query --no-header "select count(last), count(_rest) from 'keys'")" = 3000,3000 ]
	run -0 --separate-stderr lam-query --no-header "select count(*) from 'deep'"
	[ "$output" = 1 ]
	[[ $stderr == *"deep:1: arrays and objects in each other too deeply"* ]]
}

# ------------------------------------------------------- formats of servers

@test "web logs of servers by their names: values are those they were made of" {
	for f in vhost_combined traefik squid haproxy alb elb s3; do
		model $f -f $f || { echo "$f"; return 1; }
	done
}

@test "a server's own format string, as it stands in its configuration" {
	model nginx -f 'nginx:$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rt=${request_time} up="${upstream_response_time:text}"'
	model apache -f 'apache:%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" "%{User-Agent}i" %D %{X-Request-Id}o 100%%'
	lam-query -f 'nginx:$a' "select * from 'log'" | head -n 1 | grep -qx a
	# In small letters, with _ for what is no letter or digit, whatever the name is made of.
	name=$(python3 -c 'print("".join(chr(c) for c in range(33, 127) if chr(c) not in "{}\""))')
	want=$(python3 -c 'import sys; print("".join(c.lower() if c.isalnum() else "_" for c in sys.argv[1]))' "$name")
	lam-query -f "apache:%{$name}e %{UNIQUE_ID}e" "select * from 'log'" | head -n 1 | grep -qx "$want,unique_id"
	while IFS='|' read -r format why; do
		run -2 --separate-stderr lam-query -f "$format" "select * from 'log'"
		[[ $stderr == *"$why"* ]] || { echo "$format: $stderr"; return 1; }
	done <<'EOP'
nginx:no variable|there is no variable in it
nginx:$a$b|at "$b": nothing stands between two variables
apache:%h%m|at "%m": nothing stands between two variables
apache:%h %{}i %m|at "%{}i %m": not the name of a field
nginx:${a|expected the name of a variable
nginx:${a:nonsense}|expected text, word, number or time
apache:%|expected a directive
apache:%{x|expected a directive
apache:%y|no such directive
EOP
}

@test "names and values, container runtimes, error logs: values are those they were made of" {
	for f in logfmt ltsv cri nginx_error apache_error; do
		model $f -f $f || { echo "$f"; return 1; }
	done
}

@test "syslog: values are those they were made of; a time without a year gets one, for ever" {
	columns=facility,severity,ts,host,app,pid,id,data,message model syslog -f syslog:2024
	# Two years in many chunks; then the year is that of the file's time.
	python3 - <<'EOP'
import datetime
t, names = datetime.datetime(2024, 11, 1), "JanFebMarAprMayJunJulAugSepOctNovDec"
with open("log", "w") as log, open("want", "w") as want:
    for i in range(100000):
        log.write("%s %2d %s h a[%d]: x\n" % (names[3 * t.month - 3:][:3], t.day, t.time(), i))
        want.write("%d,%s\n" % (i, t.isoformat()))
        t += datetime.timedelta(minutes=10)
EOP
	lam-query --no-header -f syslog:2024 "select pid, ts from 'log' order by cast(pid as bigint)" | tr -d Z | cmp - want
	lam-ingest -q -f syslog:2024 -s s log
	lam-query --no-header -o csv "select pid, ts from s" | tr -d Z | cmp - want
	printf 'Dec 31 23:59:59 h a: x\nJan  1 00:00:00 h a: y\n' >new
	touch -d 2031-01-02T03:04:05Z new
	[ "$(lam-query --no-header "select max(ts) from 'new'")" = 2031-01-01T00:00:00Z ]
	touch -d 2031-12-31T00:00:00Z new
	[ "$(lam-query --no-header "select max(ts) from 'new'")" = 2032-01-01T00:00:00Z ]
	gzip new
	[ "$(lam-query --no-header "select min(ts) from 'new.gz'")" = 2031-12-31T23:59:59Z ]
	run -2 lam-query -f syslog:x "select * from 'log'"
	[[ $output == *"expected the year"* ]]
}

@test "lines: every byte of a line is in its one field" {
	printf 'a,b\r\n\n"x\0\xff\t\n \nend' >log
	lam-query -f lines -o jsonl "select octet_length(line) n from 'log'" | tr -d '\n' >n
	[ "$(<n)" = '{"n":4}{"n":0}{"n":5}{"n":1}{"n":3}' ]
	lam-ingest -q -s s -f lines log
	lam-query -o tsv --no-header "select line from s" >got
	printf 'a,b\\r\n\n"x\0\xff\\t\n \nend\n' | cmp - got
}

@test "JSON: members whose names no field can have are in _rest, too" {
	python3 - <<'EOP'
import json
rows = [{"a": 1, "_rest": 2}, {"a": 3, "k" * 300: 4}, {"a": 5, "x\ny": {"z": 6}},
        {"a": 7, "o": {"\0": [8]}}]
for i, row in enumerate(rows):
    with open(f"log{i}", "w") as f:
        print(json.dumps(row), file=f)
    del row["a"]
    with open(f"want{i}", "w") as f:
        json.dump(row, f)
EOP
	for i in 0 1 2 3; do
		lam-query -f jsonl -o jsonl "select _rest from 'log$i'" >got
		python3 -c 'import json, sys
got, want = (json.load(open(name)) for name in sys.argv[1:])
assert json.loads(got["_rest"]) == want, (got, want)' got want$i
	done
	printf 'a=1 _rest=2\n' >log
	[ "$(lam-query --no-header -f logfmt "select a, _rest from 'log'")" = 1,_rest=2 ]
}

@test "names that come later are in _rest, as they are written" {
	{ for i in {1..10001}; do echo "a=$i b=x"; done; echo 'a=1 late="q \"" b=y more'; } >log
	[ "$(lam-query -o tsv --no-header "select b, _rest from 'log' where _rest is not null")" = $'y\tlate="q \\\\"" more' ]
	tr ' =' '\t:' <log | sed 's/late:"q\t\\""/late:q/; s/\tmore/\tmore:/' >ltsv
	[ "$(lam-query -o tsv --no-header "select b, _rest from 'ltsv' where _rest is not null")" = $'y\tlate:q\\tmore:' ]
}

@test "lam-formats(5): each example is read, without -f too, and each format has one" {
	python3 - "$ROOT/man/lam-formats.5" <<'EOP'
import re, shlex, subprocess, sys
page = open(sys.argv[1]).read()
n = 0
for head, body in re.findall(r"^\.Ss (.*)\n((?:.*\n)*?)(?=\.S[sh] )", page, re.M):
    for text in re.findall(r"^\.Bd .*\n((?:.*\n)*?)\.Ed", body, re.M):
        text = text.replace("\\e", "\\").replace("\\&", "")
        log, *runs = re.split(r"^\$ ", text.removeprefix("$ cat log\n"), flags=re.M)
        open("log", "w").write(log)
        for run in runs:
            command, want = run.split("\n", 1)
            got = subprocess.run(shlex.split(command), capture_output=True, text=True)
            assert got.stdout == want, (head, command, got)
            n += 1
open("n", "w").write(str(n))
EOP
	[ "$(<n)" -ge 11 ]
	lam-query -f nonsense "select 1 from 'log'" 2>&1 | sed -n 's/: try.*//; s/, / /g; s/ or / /; s/.*expected //p' |
		tr ' ' '\n' | while read -r f; do
			grep -q "^.Ss.*\b${f%:}\b" "$ROOT/man/lam-formats.5" || { echo "$f"; exit 1; }
		done
}

@test "a text of which no line is a record is told with the first reason, never taken for empty" {
	printf '{"a":1,}\nfoo\n' >b.jsonl
	printf 'a="x\n' >l.log
	printf 'a:1\tb\n' >b.ltsv
	for o in "-f jsonl|b.jsonl|b.jsonl:1: expected a key in double quotes" "-f logfmt|l.log|l.log:1: a quote that is never" \
		"-f ltsv|b.ltsv|b.ltsv:1: expected name:value" "-f jsonl|l.log|l.log:1: expected an object"; do
		IFS='|' read -r f name why <<<"$o"
		run -3 lam-query $f "select * from '$name'"
		[[ $output == *"$why"*"none of the lines ("*") is a record of ${f#-f }"* ]] || { echo "$output"; return 1; }
		run -3 lam-batch $f -e "select a, count(*) from stdin group by a" <"$name"
		run -1 lam-ingest -s s $f "$name"
		[[ $output == *", $(wc -l <"$name") rejected"* ]]
	done
	# beside a file that has records, its lines are rejects, wherever it stands
	printf '{"x":1}\n' >a.jsonl
	cp a.jsonl c.jsonl
	run -0 --separate-stderr lam-query --no-header "select sum(x) from '?.jsonl'"
	[ "$output" = 2 ]
	[ "${#stderr_lines[@]}" = 2 ]
	cp b.jsonl 0.jsonl
	run -0 --separate-stderr lam-query --no-header "select sum(x) from '?.jsonl'"
	[ "$output" = 2 ]
	[ "${#stderr_lines[@]}" = 4 ]
	: >empty.jsonl
	run -1 lam-query "select x from 'empty.jsonl'"
	[[ $output == *"empty"* ]]
}

@test "zeek: the head says what divides the fields and what NULL is, also for who goes on" {
	python3 - <<-'EOF'
	import json
	# name: the line, the byte, #unset_field
	heads = {"tab": ("\\x09", "\t", "-"), "comma": ("\\x2c", ",", "-"), "unset": ("\\x09", "\t", "NIL"),
	    "both": ("\\x7C", "|", "(null)"), "none": ("\\x3b", ";", ""), "blank": ("\\x20", " ", "-"), "plain": (",", ",", "-")}
	for name, (line, by, unset) in heads.items():
	    rows = [["1300475167.5", "a-b", "7", "x+y"], ["1300475168.5", unset, unset, "(none)"], ["1300475169.5", "--", "8", "NILs"]]
	    if name == "tab":
	        rows.append(["1300475170.5", "NIL", "-", ","])
	    head = ["#separator " + line] + [by.join(h) for h in (["#set_separator", "+"], ["#empty_field", "(none)"],
	        ["#unset_field", unset], ["#path", "x"], ["#fields", "ts", "id.h", "n", "tags"], ["#types", "time", "addr", "count", "set[string]"])]
	    open(name + ".log", "w").write("\n".join(head + [by.join(r) for r in rows] + [by.join(["#close", "2026"])]) + "\n")
	    with open(name + ".want", "w") as f:
	        for r in rows:
	            v = [None if x == unset else x for x in r]
	            f.write(json.dumps({"ts": v[0], "id.h": v[1], "n": v[2] and int(v[2]), "tags": v[3]}, separators=(",", ":")) + "\n")
	EOF
	for f in tab comma unset both none blank plain; do
		lam-query -o jsonl "select * from '$f.log'" | diff - $f.want
		for cut in $(seq 1 60 "$(stat -c %s $f.log)"); do # a log that grows, cut anywhere
			rm -rf data
			head -c "$cut" $f.log >part
			lam-ingest -q -s s --resume part || [ $? -eq 1 ]
			cat $f.log >part
			lam-ingest -q -s s --resume part || [ $? -eq 1 ]
			lam-query -o jsonl "select * from s" | diff - $f.want
		done
	done
	sed 's/x09/x0909/' tab.log >two.log # no byte
	run -3 lam-query -f zeek "select * from 'two.log'"
	[[ $output == *"#separator says no byte"* ]]
	for o in "fields id.h id.x" "separator x2c x3b" "unset_field - NIL"; do # behind records
		read -r directive from to <<<"$o"
		{ cat comma.log; sed "/^#$directive/s/$from/$to/" comma.log; } >other.log
		run -3 lam-query "select * from 'other.log'"
		[[ $output == *"another line #$directive"* ]]
	done
	cat comma.log comma.log >same.log
	[ "$(lam-query --no-header "select count(*) from 'same.log'")" = 6 ]
	{ printf '#separator \\x3b\n#fields;a;b;c\n'; cat comma.log; } >heads.log # without a record between
	lam-query -o jsonl "select * from 'heads.log'" | diff - comma.want
}
