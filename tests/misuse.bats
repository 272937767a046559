#!/usr/bin/env bats
# lam-trigger and functions that misbehave: what they report, print, leave behind and fill;
# function files and names that cannot be; disks that are full or read-only
load helper

# as_root: what follows mounts a file system of its own
as_root() {
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || skip "no mounts here"
}

@test "descriptor 3: the least number counts, in any order, also twice; all else fails the whole, and is told" {
	# What is printed there, what has come out of 1 to 8 then, and what is told.
	while IFS='|' read -r report out why; do
		run --separate-stderr bash -c "seq 8 | lam-trigger --partial yes --retries 0 --isolate none -- \
			sh -c 'head -n \${HOLD:-4}; [ \$LAM_FIRST -ne 0 ] || printf -- \"$report\" >&3; [ \$LAM_FIRST -eq 0 ] || exit 65'"
		[ "$(echo $output)" = "$out" ] && [[ $stderr == *$why* ]] || { echo "$report: $output $stderr"; return 1; }
	done <<-'END'
		5\\n|1 2 3 4|lines 5 to 8: rejected
		5|1 2 3 4|lines 5 to 8: rejected
		7\\n5\\n6\\n|1 2 3 4|lines 5 to 8: rejected
		5\\n5\\n5|1 2 3 4|lines 5 to 8: rejected
		5\\r\\n\\n \\n|1 2 3 4|lines 5 to 8: rejected
		5 \\t\\n8|1 2 3 4|lines 5 to 8: rejected
		\\n\\n|1 2 3 4|
		|1 2 3 4|
		1\\n||lines 1 to 8: it tells that its first record failed, attempt 1
		8\\n1\\n||lines 1 to 8: it tells that its first record failed, attempt 1
		9||lines 1 to 8: it names failures that are no records of its batch, attempt 1
		5\\n9||no records of its batch
		0\\n5||no records of its batch
		-5||no records of its batch
		+5||no records of its batch
		05||no records of its batch
		 5||no records of its batch
		5.0||no records of its batch
		5,6||no records of its batch
		5\\n6x||no records of its batch
		5\\0||no records of its batch
		5\\001||no records of its batch
		5\\033[31m||no records of its batch
		18446744073709551621||no records of its batch
	END
	# Without end.
	run -5 --separate-stderr bash -c "seq 8 | lam-trigger --partial yes --retries 0 -- sh -c 'cat; yes 5 >&3'"
	[ -z "$output" ] && [[ $stderr == *"lines 1 to 8: more than 64 MiB"* ]]
}

@test "batchItemFailures: AWS's rules, row by row" {
	cp "$ROOT/src/blueprints/lambda-python/bootstrap" .
	cat >app.py <<-'EOF'
	import json
	def handler(event, context):
	    if event[0]["n"] % 4: raise Exception("the rest")
	    return event[0]["answer"]
	EOF
	# The answer to events 0 to 3 of a batch; from which on it fails, 4: it is done.
	cat >rows <<-'EOF'
	{"batchItemFailures":[]}	4
	{"batchItemFailures":null}	4
	{}	4
	null	4
	"done"	4
	{"batchItemFailures":[{"itemIdentifier":"2"}]}	2
	{"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"1"},{"itemIdentifier":"2"}]}	1
	{"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"3"}]}	3
	{"other":[{"itemIdentifier":"1"}],"batchItemFailures":[{"itemIdentifier":"3","more":[1,{"itemIdentifier":"1"}]}]}	3
	{"batchItemFailures":[{"itemIdentifier":"0"}]}	0
	{"batchItemFailures":[{"itemIdentifier":""}]}	0
	{"batchItemFailures":[{"itemIdentifier":null}]}	0
	{"batchItemFailures":[{"itemidentifier":"2"}]}	0
	{"batchItemFailures":[{"itemIdentifier":"2"},{}]}	0
	{"batchItemFailures":[{"itemIdentifier":2}]}	0
	{"batchItemFailures":[{"itemIdentifier":"4"}]}	0
	{"batchItemFailures":[{"itemIdentifier":"2\n"}]}	0
	{"batchItemFailures":[{"itemIdentifier":"2\u0000"}]}	0
	{"batchItemFailures":[{"itemIdentifier":" 2"}]}	0
	{"batchItemFailures":[{"itemIdentifier":"2\n1"}]}	0
	{"batchItemFailures":["2"]}	0
	EOF
	python3 - >in <<-'EOF'
	import json
	for row, line in enumerate(open("rows")):
	    # Positions go on from batch to batch: those of a row are its own.
	    answer = json.loads(line.split("\t")[0])
	    for x in (answer.get("batchItemFailures") if isinstance(answer, dict) else None) or []:
	        if isinstance(x, dict) and str(x.get("itemIdentifier")).strip("\n\0 ").isdigit() and x["itemIdentifier"] != "2\n1":
	            i = x["itemIdentifier"]
	            n = str(4 * row + int(str(i).strip("\n\0 ")))
	            x["itemIdentifier"] = int(n) if isinstance(i, int) else i.replace(i.strip("\n\0 "), n)
	    for n in range(4):
	        print(json.dumps({"n": n, "answer": answer}))
	EOF
	run -5 --separate-stderr bash -c "lam-trigger --batch 4 --partial yes --retries 0 --memory 256M --timeout 20s \
		--env PYTHONDONTWRITEBYTECODE=1 --runtime lambda -- ./bootstrap <in"
	grep -o 'lines [0-9]* to [0-9]*:' <<<"$stderr" | awk '{ print int(($2 - 1) / 4), ($2 - 1) % 4 }' | sort -n >got
	awk -F'\t' '$2 < 4 { print NR - 1, $2 }' rows | sort -n | diff - got
}

@test "a function that closes its descriptors, prints 10 MB on a line, or more than there may be" {
	[ -z "$(seq 3 | lam-trigger --partial yes -- sh -c 'exec 0<&- 1>&- 2>&- 3>&-')" ]
	seq 3 | lam-trigger -- sh -c 'head -c 10000000 /dev/zero | tr "\0" x; head -c 10000000 /dev/zero | tr "\0" y >&2' >out 2>err
	[ "$(tr -d x <out | wc -c)" -eq 0 ] && [ "$(wc -c <out)" -eq 10000000 ]
	[ "$(tr -d '\n' <err | wc -c)" -eq 10000000 ]
	run -5 --separate-stderr bash -c 'seq 2 | lam-trigger --batch 1 --retries 0 -- sh -c "read x; [ \$x = 2 ] || exec yes; echo \$x"'
	[ "$output" = 2 ] && [[ $stderr == *"lines 1 to 1: more than 64 MiB of output"* ]]
	# Into a stream it is one record, byte for byte.
	echo '{"id":1}' | lam-ingest -q -s s
	function_file f <<<$'on stream s\nfrom start\nrun sh -c \'echo "{\\"big\\":\\"$(head -c 10000000 /dev/zero | tr "\\0" x)\\"}"\'\ninto big'
	lam-trigger f
	lam-query --no-header "select big from big" | cmp - <(head -c 10000000 /dev/zero | tr '\0' x; echo)
}

@test "daemons that a function leaves, also with its descriptors, end with it; what they print later is nobody's" {
	for deny in none cgroup,ns; do
		mark=$((100000 + RANDOM))
		printf '1\n2\n' | LAM_DENY=${deny#none} lam-trigger --batch 1 --partial yes -- \
			sh -c "(setsid sh -c 'trap \"\" TERM HUP; while kill -0 '\$\$'; do sleep .01; done 2>&-; echo late; echo late >&2; echo 1 >&3; sleep $mark' &); exec cat" >out 2>err
		printf '1\n2\n' | cmp - out
		[ ! -s err ]
		! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -q "[s]leep $mark" || return 1
	done
	# A function that kills all that it may kill, or makes processes without end, is its own affair.
	seq 2 | lam-trigger --batch 1 -- sh -c 'cat; kill -9 -1 || :' >out 2>/dev/null
	seq 2 | cmp - out
	lam-trigger --check | grep -q '^pids *yes' || skip "no control group for processes"
	run -5 --separate-stderr bash -c 'seq 2 | lam-trigger --batch 1 --retries 0 --timeout 1s -- \
		sh -c "read x; [ \$x = 2 ] && { echo \$x; exit; }; f() { f | f & }; f; sleep 9" 2>/dev/null'
	[ "$output" = 2 ]
}

@test "what a function fills is its own: scratch is bounded, wiped, and there again for the next" {
	command='cd $TMPDIR; read x; [ $x -ne 2 ] || { find . -maxdepth 1 -type f | wc -l; exit; }
		dd if=/dev/zero of=x bs=1 count=1 seek=${x}11M 2>/dev/null || exit; head -c 9000000 /dev/zero >>x'
	for deny in none ns; do
		printf '5\n2\n7\n2\n' >in # up to 512 MiB, and beyond at once
		run --separate-stderr env LAM_DENY=${deny#none} timeout 100 lam-trigger --batch 1 --retries 0 -- sh -c "$command" <in
		[ "$status" -eq 5 ] && [ "$(echo $output)" = "0 0" ]
		[ "$(grep -c ': given up' <<<"$stderr")" -eq 2 ]
		[ -z "$(ls -d lam.* 2>/dev/null)" ]
	done
}

@test "hostile function files and names: each is told with its line, and no terminal is steered" {
	printf '{"id":1}\n' | lam-ingest -q -s s -f jsonl
	function_file good <<<$'on stream s\nfrom start\nrun cat\ninto ./out'
	mkdir "$LAM_DATA/functions/h"
	file=$LAM_DATA/functions/h/function
	while IFS='|' read -r text want; do
		printf "$text" >"$file"
		run lam-trigger h
		[ "$status" -ne 0 ] && [[ $output == *"$want"* ]] || { echo "$text: $status $output"; return 1; }
		! grep -q $'[\x01-\x08\x0b-\x1f\x7f]' <<<"$output" || { echo "$text: raw"; return 1; }
	done <<-'END'
		|nothing to run
		on stream s\nrun cat\0rm\n|NUL byte
		\357\273\277on stream s\nrun cat\n|function:1: 
		on stream s\n\033[31mrun cat\n|function:2: \x1b[31mrun: no such directive
		on stream \033[2J\nrun cat\n|\x1b[2J
		on stream s where \033[2J\nrun cat\n|has no meaning here
		on stream s where id = 1; drop\nrun cat\n|found ";"
		on stream ../s\nrun cat\n|function:1: 
		on view ../../x\nrun cat\n|function:1: 
		on http x\033\nrun cat\n|function:1: 
		on every 0s\nrun cat\n|function:1: 
		on at \047* * * *\047\nrun cat\n|function:1: 
		on stream s\nrun cat\nbatch 99999999999999999999\n|function:3: batch
		on stream s\nrun cat\nbatch 0\n|h: batch 0: a batch has at least one record
		on stream s\nrun cat\nwait 99999999999d\n|function:3: wait
		on stream s\nrun cat\ntimeout -1s\n|function:3: timeout
		on stream s\nrun cat\nmemory 99999999999999T\n|function:3: memory
		on stream s\nrun cat\nenv A\n|function:3: env
		on stream s\nrun cat\nenv =x\n|function:3: env
		on stream s\nrun cat\norder key\n|function:3: order
		on stream s\nrun cat\ninto ../s/\n|cannot open: Is a directory
		on stream s\nrun cat\ninto ../../master/s/schema\n|part of the dataset itself
		on stream s\nrun cat\ninto ../../trigger/h/lock\n|part of the dataset itself
		on stream s\nrun cat\ninto ./function\n|part of the dataset itself
		on stream s\nrun cat\nrun cat\n|function:3: run
		on stream s\nrun cat\non stream s\n|function:3: on
	END
	head -c 3000000 /dev/zero | tr '\0' x >"$file"
	run -3 lam-trigger h
	[[ $output == *"larger than"* ]]
	for what in 'mkfifo' 'mkdir' 'ln -s /dev/zero' 'ln -s function'; do
		rm -rf "$file"
		$what "$file"
		run lam-trigger h
		[ "$status" -ge 3 ] && [[ $output == *"h/function: "* ]] || { echo "$what: $status $output"; return 1; }
	done
	rm -r "$LAM_DATA/functions/h"
	# The others run beside names that cannot be.
	mkdir "$LAM_DATA/functions/"{$'a\nb',$'\e[31mx','a b',..x}
	run -5 lam-trigger
	[[ $output == *'\x1b[31mx: a name of a function is'* && $output == *'a\x0ab: a name'* && $output != *..x:* ]]
	grep -q '"id":1' "$LAM_DATA/functions/good/out"
	# Names lead nowhere else, and must be those of functions.
	mkdir -p away/failed
	echo secret >away/failed/x
	for name in ../../away $'good\n' '' .; do
		for what in --failed --usage -i ''; do
			run -2 lam-trigger $what "$name"
			[[ $output == *"a name of a function is"* ]]
		done
		run -2 lam-trigger --failed "$name" --drop x
	done
	[ -e away/failed/x ]
	run -2 lam-trigger --failed nobody
	[[ $output == *"no such function"* ]]
	run -2 lam-trigger --usage good nobody
}

@test "an error that a handler words is no line of a dead letter, and no payload" {
	echo '{"id":1}' | lam-ingest -q -s s -f jsonl
	function_file f <<<$'on stream s\nfrom start\nruntime lambda\nrun ./bootstrap\nretries 0\nmemory 256M\ntimeout 20s\ninto ./out'
	cat >"$LAM_DATA/functions/f/bootstrap" <<-'END'
	#!/usr/bin/env python3
	import http.client, os
	at, _, token = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
	api = ("/" + token if token else "") + "/2018-06-01/runtime/invocation/"
	c = http.client.HTTPConnection(at)
	while True:
	    c.request("GET", api + "next")
	    r = c.getresponse()
	    r.read()
	    c.request("POST", api + r.getheader("Lambda-Runtime-Aws-Request-Id") + "/error",
	              b'no\nfirst: 7\n\n{"evil":1}\n\x1b[31m\0', {"Lambda-Runtime-Function-Error-Type": "a b"})
	    c.getresponse().read()
	END
	chmod +x "$LAM_DATA/functions/f/bootstrap"
	run -5 lam-trigger f
	[[ $output != *$'\e'* ]]
	sed '1,/^$/d' "$LAM_DATA"/trigger/f/failed/* | cmp - <(echo '{"id":1}')
	sed -i 's/^run .*/run cat/; s/^runtime.*/runtime filter/' "$LAM_DATA/functions/f/function"
	lam-trigger --failed f --retry
	echo '{"id":1}' | cmp - "$LAM_DATA/functions/f/out"
}

@test "a disk that is full, fills up, and is read-only: told, nothing lost, nothing twice" {
	as_root
	mkdir -p small
	cat >run <<-'EOF'
	set -ex
	mount -t tmpfs -o size=3m tmpfs small
	export LAM_DATA=$PWD/small/d
	seq 20 | sed 's/.*/{"id":&}/' | lam-ingest -q -s s -f jsonl
	mkdir -p $LAM_DATA/functions/f
	printf '%s\n' 'on stream s' 'from start' 'batch 1' 'isolate none' "into $PWD/small/out" \
		"run sh -c 'cat; seq 1000000 1040000'" >$LAM_DATA/functions/f/function
	full() { # nothing but this is said, whatever it was that had no room
		status=0
		lam-trigger f 2>err || status=$?
		[ $status -eq 4 ] && grep -q 'No space left on device' err
		lam-fsck -q
	}
	cp /dev/zero small/fill 2>/dev/null || true
	full
	[ ! -s small/out ]
	rm small/fill
	full
	full
	mount -o remount,size=60m small
	lam-trigger f
	{ for i in $(seq 20); do echo "{\"id\":$i}"; seq 1000000 1040000; done; } | cmp - small/out
	lam-fsck -q
	echo '{"id":21}' | lam-ingest -q -s s -f jsonl
	mount -o remount,ro small
	status=0
	lam-trigger f 2>err || status=$?
	[ $status -eq 4 ] && grep -q 'Read-only file system' err
	lam-trigger --usage f | grep -q '^f,2'
	lam-fsck -q
	[ "$(echo '{"id":5}' | lam-trigger -i f | head -1)" = '{"id":5}' ]
	mount -o remount,rw small
	lam-trigger f
	[ "$(grep -c id small/out)" -eq 21 ]
	EOF
	unshare -m --propagation private bash run
}
