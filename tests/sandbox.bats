#!/usr/bin/env bats
# Isolation of functions, with each tier denied once and as an ordinary user; handlers
# written for AWS Lambda; requests, good and hostile.
load helper

# lam ARGUMENT...: lam-trigger on one line of input, that may take its time
lam() { echo '{"n":1}' | lam-trigger --retries 0 --timeout 30s "$@"; }

# tiers: those in force, as the report of a run tells
tiers() { lam -v -- true 2>&1 | sed -n 's/.*Isolation: base\([^ ]*\).*/\1/p'; }

# as_nobody COMMAND...: as a user without any right, where programs can be read
as_nobody() {
	[ "$(id -u)" = 0 ] || skip "not root"
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	cp "$(command -v lam-trigger)" "$BATS_TEST_TMPDIR/bin"
	chmod -R a+rx "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
	mkdir -m 1777 -p "$BATS_TEST_TMPDIR/tmp"
	PATH=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin TMPDIR=$BATS_TEST_TMPDIR/tmp \
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

@test "--check tells what there is, a line each, and what is denied" {
	run -0 lam-trigger --check
	[ "${#lines[@]}" -eq 8 ]
	for tier in memory cpu pids freeze landlock ns net seccomp; do
		LAM_DENY=$tier run -0 lam-trigger --check
		[[ $output =~ $tier\ +no\ +denied ]]
	done
	LAM_DENY=everything run -2 --separate-stderr lam-trigger --check
	[[ $stderr == *"'everything' is no kind of isolation"* ]]
}

@test "each tier denied: the command runs without it" {
	for tier in cgroup landlock ns net seccomp memory; do
		run -0 --separate-stderr env LAM_DENY=$tier bash -c \
			'echo x | lam-trigger -v -- cat'
		[ "$output" = x ]
		[[ ! $stderr =~ Isolation:\ [a-z+]*\+$tier ]]
	done
}

@test "required isolation that is not there: exit 4, and nothing is run" {
	LAM_DENY=ns run -4 --separate-stderr lam --isolate "require memory,net" -- \
		touch "$BATS_TEST_TMPDIR/ran"
	[[ $stderr == *"requires isolation"*net* ]]
	[ ! -e ran ]
}

@test "as an ordinary user, with and without namespaces" {
	as_nobody sh -c 'echo x | lam-trigger -- cat >"$TMPDIR/a" &&
		echo x | LAM_DENY=ns lam-trigger -- cat >"$TMPDIR/b" &&
		echo x | LAM_DENY=ns,landlock,seccomp lam-trigger -- cat >"$TMPDIR/c"'
	[ "$(cat tmp/a tmp/b tmp/c)" = "$(printf 'x\nx\nx')" ]
}

@test "each tier denied as an ordinary user, and all: filters, retries, deadlines, memory, a handler" {
	run -0 env BIN="$(dirname "$(command -v lam-trigger)")" "$ROOT/tests/trigger/denials.sh" each nobody
}

@test "what a function may not: write, read a home, use the network, mount" {
	[[ $(tiers) == *+landlock*+ns+net+seccomp* ]] || skip "not all tiers here"
	secret=$(mktemp -d /var/tmp/lam-test.XXXXXX)
	echo secret >"$secret/s"
	run -0 lam -- sh -c "cat $secret/s || echo no; true >here || echo no
		true >/etc/x || echo no; true >/var/tmp/x || echo no
		unshare -m true || echo no; true >\$TMPDIR/x && echo yes" 2>/dev/null
	rm -r "$secret"
	[ "$(grep -c '^no$' <<<"$output")" -eq 5 ]
	[[ ${lines[-1]} == yes ]]
	python3 -c 'import socket, sys, time
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True)
time.sleep(60)' >port &
	server=$!
	while [ ! -s port ]; do sleep 0.01; done
	reach="import socket; socket.create_connection(('127.0.0.1', $(cat port)))"
	run lam --memory 256M -- python3 -c "$reach"
	refused=$status
	run lam --memory 256M --net yes -- python3 -c "$reach"
	kill $server
	[ "$refused" -eq 5 ] && [ "$status" -eq 0 ]
}

@test "scratch is private, empty at each start, and gone" {
	printf '1\n2\n3\n' | lam-trigger --batch 1 -- \
		sh -c 'find "$TMPDIR" -maxdepth 1 -type f | wc -l; : >"$TMPDIR/x"' >out
	[ "$(tr -d ' \n' <out)" = 000 ]
	# Without namespaces it is a directory of the machine.
	printf '1\n2\n' | LAM_DENY=ns lam-trigger --batch 1 -- \
		sh -c 'ls -A "$TMPDIR" | wc -l; : >"$TMPDIR/x"' >out
	[ "$(tr -d ' \n' <out)" = 00 ]
	[ -z "$(ls -d lam.* 2>/dev/null)" ]
}

@test "no group is left, nor after a kill" {
	groups() { find /sys/fs/cgroup -maxdepth 6 -name "lam.$!.*" 2>/dev/null; }
	lam-trigger -- true <<<x &
	wait $!
	[ -z "$(groups)" ]
	lam-trigger --timeout none -- sh -c 'touch "$TMPDIR/begun"; sleep 1000' <<<x &
	for _ in $(seq 1000); do
		[ -n "$(groups)$(ls -d "lam.$!."* 2>/dev/null)" ] && break
		sleep 0.01
	done
	kill -9 $!
	wait $! || true
	for _ in $(seq 1000); do
		[ -z "$(groups)$(ls -d "lam.$!."* 2>/dev/null)" ] && break
		sleep 0.01
	done
	[ -z "$(groups)$(ls -d "lam.$!."* 2>/dev/null)" ]
}

@test "the deadline is the end of all daemons, in each way to kill" {
	for deny in none freeze freeze,ns cgroup,ns; do
		mark=$((100000 + RANDOM))
		LAM_DENY=${deny#none} run -5 lam-trigger --batch 1 --retries 0 --timeout 2s -- \
			sh -c "read x; [ \$x = first ] || exec echo the next; i=0
			while [ \$((i += 1)) -le 20 ]; do
				(setsid sh -c 'trap \"\" TERM HUP; sleep $mark' &)
			done; echo made >&2; sleep 1000" <<<$'first\nsecond'
		[[ $output == *made*"timed out"* && $output == *"the next"* ]]
		! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -q "[s]leep $mark" || return 1
	done
}

@test "memory without control groups: that of all processes, though children keep ending" {
	cat >hog.py <<-'EOF'
	import os, time
	start = time.monotonic()
	def wait(until): time.sleep(max(0, start + until - time.monotonic()))
	for i in range(100): # these end at the keeper, one each 20 ms
	    if not os.fork():
	        if not os.fork():
	            left = start + 1 + i / 50 - time.monotonic()
	            os.execvp("sleep", ["sleep", "%.3f" % max(left, 0)])
	        os._exit(0)
	    os.wait()
	for i in range(3):
	    if not os.fork():
	        wait(1.2)
	        held = b"x" * (60 << 20)
	        time.sleep(1000)
	wait(2.8)
	EOF
	LAM_DENY=cgroup run -5 lam-trigger --memory 128M --timeout 10s --retries 0 -- python3 "$PWD/hog.py" <<<x
	[[ $output == *"out of memory, attempt 1: given up"* ]]
}

@test "memory: 50 MB are told as 50 to 75, and more than there is, is oom" {
	for deny in none cgroup; do
		LAM_DENY=${deny#none} lam -v -- dd if=/dev/zero of=/dev/null bs=50M \
			count=1 2>err
		used=$(sed -n 's/.*Max Memory Used: \([0-9]*\) MB.*/\1/p' err)
		[ "$used" -ge 50 ] && [ "$used" -le 75 ]
	done
	# What is read passes the cache of the system, which is nobody's memory.
	dd if=/dev/zero of=large bs=1M count=300 conv=fsync status=none
	for deny in none cgroup; do
		dd of=large oflag=nocache conv=notrunc count=0 status=none </dev/null # so it is read anew
		LAM_DENY=${deny#none} lam -v -- sh -c 'cat large | tail -c 1 | wc -c; sleep .2' 2>err
		used=$(sed -n 's/.*Max Memory Used: \([0-9]*\) MB.*/\1/p' err)
		[ "$used" -le 20 ]
	done
	rm large
	[[ $(tiers) == *+memory* ]] || skip "no control group for memory"
	run -5 lam -v --memory 64M -- dd if=/dev/zero of=/dev/null bs=300M count=1
	[[ $output == *"Status: oom"* ]]
	# A process that is killed in a pipe cuts what comes behind it short.
	run -5 lam -v --memory 64M -- \
		sh -c 'dd if=/dev/zero bs=300M count=1 | wc -c'
	[[ $output == *"Status: oom"* ]]
}

# ------------------------------------------------------- handlers of AWS Lambda

@test "the bootstraps that are shipped run handlers, warm from the second event on" {
	for kind in python node; do
		command -v "${kind/python/python3}" >/dev/null || continue
		cd "$ROOT/src/blueprints/lambda-$kind"
		printf '{"name":"a"}\n{}\n' | PYTHONDONTWRITEBYTECODE=1 \
			lam-trigger -v --env PYTHONDONTWRITEBYTECODE=1 --batch 1 \
			--memory 256M --runtime lambda -- ./bootstrap \
			>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
		cd "$BATS_TEST_TMPDIR"
		[ "$(tr -d ' ' <out)" = "$(printf '%s\n%s' \
			'{"message":"Hello,a"}' '{"message":"Hello,world"}')" ]
		[ "$(grep -c 'Init Duration' err)" -eq 1 ]
	done
}

@test "a handler's ends: error, deadline, exit; the next invocation works" {
	cp "$ROOT/src/blueprints/lambda-python/bootstrap" .
	cat >app.py <<-'END'
	import os, time
	def handler(event, context):
	    if event["do"] == "raise": raise KeyError("gone")
	    if event["do"] == "sleep": time.sleep(100)
	    if event["do"] == "exit": os._exit(3)
	    return event["do"]
	END
	for deny in none cgroup,landlock,ns,net,seccomp; do
		run -5 --separate-stderr env LAM_DENY="${deny#none}" bash -c \
			"printf '{\"do\":\"%s\"}\n' a raise b sleep c exit d |
			lam-trigger -v --batch 1 --retries 0 --timeout 1s \
			--runtime lambda -- ./bootstrap"
		[ "$output" = "$(printf '"%s"\n' a b c d)" ]
		[ "$(sed -n 's/.*Status: //p' <<<"$stderr" | tr '\n' ' ')" = \
			"ok error ok timeout ok error ok " ]
		[[ $stderr == *KeyError* ]]
	done
}

@test "a lambda function on a stream gets the event of Kinesis, and may fail in part" {
	mkdir -p "$LAM_DATA/functions/f"
	cp "$ROOT/src/blueprints/lambda-python/bootstrap" "$LAM_DATA/functions/f"
	cat >"$LAM_DATA/functions/f/app.py" <<-'END'
	import base64, json
	def handler(event, context):
	    rows = [(r["kinesis"]["sequenceNumber"], json.loads(base64.b64decode(
	        r["kinesis"]["data"]))["a"]) for r in event["Records"]]
	    print(rows, event["Records"][0]["eventSource"], flush=True)
	    bad = [{"itemIdentifier": n} for n, a in rows if a == 3]
	    return {"batchItemFailures": bad}
	END
	printf '%s\n' 'on stream s' 'from start' 'runtime lambda' 'run ./bootstrap' \
		'partial yes' 'retries 1' 'backoff 1ms' \
		'env PYTHONDONTWRITEBYTECODE=1' >"$LAM_DATA/functions/f/function"
	printf 'a\n1\n2\n3\n4\n' | lam-ingest -q -s s
	run -5 lam-trigger f
	log=$LAM_DATA/trigger/f/log
	grep -qF "[('0', 1), ('1', 2), ('2', 3), ('3', 4)] aws:kinesis" "$log"
	grep -qF "[('2', 3), ('3', 4)]" "$log"
	[ "$(ls "$LAM_DATA"/trigger/f/failed | wc -l)" -eq 1 ]
}

# --------------------------------------------------------------------- requests

# serve: functions that answer, on the socket ./s
serve() {
	mkdir -p "$LAM_DATA"/functions/{hi,echo,slow,fails,raw}
	cat >"$LAM_DATA/functions/hi/hi" <<-'END'
	#!/bin/sh
	cat <<'JSON'
	{"statusCode":201,"headers":{"X-A":"b"},"cookies":["c=d"],"body":"hi\n"}
	JSON
	END
	chmod +x "$LAM_DATA/functions/hi/hi"
	printf 'on http\nrun ./hi\n' >"$LAM_DATA/functions/hi/function"
	printf 'on http /e\nrun cat\n' >"$LAM_DATA/functions/echo/function"
	printf 'on http\nrun sleep 100\ntimeout 300ms\n' \
		>"$LAM_DATA/functions/slow/function"
	printf 'on http\nrun false\n' >"$LAM_DATA/functions/fails/function"
	printf 'on http\nrun echo plain text\n' >"$LAM_DATA/functions/raw/function"
	lam-trigger -F --listen "$PWD/s" 2>err &
	server=$!
	while [ ! -S s ]; do kill -0 $server; sleep 0.01; done
}

get() { curl -s --unix-socket s -w '%{http_code}' "$@"; }

@test "requests: status, headers and body of an answer; ends as statuses" {
	command -v curl >/dev/null || skip "no curl"
	serve
	[ "$(get -i http://x/hi | tr -d '\r' | sed '/^Date/d')" = "$(printf '%s\n' \
		'HTTP/1.1 201 Created' 'Content-Length: 3' 'X-A: b' \
		'Set-Cookie: c=d' '' 'hi' '201')" ]
	[ "$(get http://x/raw)" = "$(printf 'plain text\n200')" ]
	[ "$(get -o /dev/null http://x/slow)" = 504 ]
	[ "$(get -o /dev/null http://x/fails)" = 502 ]
	[ "$(get -o /dev/null http://x/none)" = 404 ]
	get "http://x/e/f?a=1&b=%41+c&a=2" -H 'Cookie: k=v; l=w' -d 'b"ody' >out
	python3 - <<-'END'
	import json
	e = json.loads(open("out").read()[:-3])
	assert e["version"] == "2.0" and e["rawPath"] == "/e/f"
	assert e["queryStringParameters"] == {"a": "1,2", "b": "A c"}
	assert e["cookies"] == ["k=v", "l=w"] and e["body"] == 'b"ody'
	assert e["requestContext"]["http"]["method"] == "POST"
	END
	# More at once than may be: the others are told so.
	for i in 1 2 3 4; do get -o /dev/null http://x/slow >"code$i" & done
	wait %2 %3 %4 %5
	[ "$(cat code? | fold -w 3 | sort | tr '\n' ' ')" = "429 429 429 504 " ]
	kill $server
	wait $server || [ $? -eq 143 ]
}

@test "requests: by AWS's interface the body is the event, the answer as it is" {
	command -v curl >/dev/null || skip "no curl"
	serve
	at=http://x/2015-03-31/functions
	[ "$(get -d '{"a":1.10}' $at/echo/invocations)" = \
		"$(printf '{"a":1.10}\n200')" ]
	get -D head -o body -d '{}' $at/fails/invocations
	grep -qi '^X-Amz-Function-Error: Unhandled' head
	[ "$(python3 -c 'import json; print(json.load(open("body"))["errorMessage"])')" = \
		"exit status 1" ]
	[ "$(get -o /dev/null $at/echo/invocations)" = 405 ]
	[ "$(get -o /dev/null -d '{}' $at/none/invocations)" = 404 ]
	kill $server
	wait $server || [ $? -eq 143 ]
}

@test "requests: hostile ones are refused, and none is smuggled" {
	serve
	python3 - <<-'END'
	import socket
	host = b"Host: x\r\n"
	chunked = b"POST /raw HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n"
	post = b"POST /raw HTTP/1.1\r\n" + host
	hostile = [
	    post + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
	    post + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	    chunked + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
	    chunked + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
	    post + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
	    post + b"Content-Length: +3\r\n\r\nabc",
	    b"GET /raw HTTP/1.1\r\nHost : x\r\n\r\n",
	    b"GET /raw HTTP/1.1\r\n" + host + b"A: b\r\n c\r\n\r\n",
	    b"GET /raw HTTP/1.1\r\n" + host + b": b\r\n\r\n",
	    b"GET /raw HTTP/1.1\r\n" + host + host + b"\r\n",
	    b"GET /raw HTTP/1.1\r\n\r\n",
	    b"GET /raw HTTP/1.1\nHost: x\n\n",
	    chunked + b"\r\n0x3\r\nabc\r\n0\r\n\r\n",
	    chunked + b"\r\n3 \r\nabc\r\n0\r\n\r\n",
	    chunked + b"\r\n3\nabc\r\n0\r\n\r\n",
	]
	behind = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	for request in hostile:
	    s = socket.socket(socket.AF_UNIX)
	    s.connect("s")
	    s.sendall(request + behind)
	    answer = b""
	    try:
	        while piece := s.recv(65536):
	            answer += piece
	    except ConnectionResetError:
	        pass
	    assert answer.startswith(b"HTTP/1.1 400 "), (request, answer)
	    assert answer.count(b"HTTP/1.1") == 1, (request, answer)
	# Two good ones in a row are answered in their order.
	s = socket.socket(socket.AF_UNIX)
	s.connect("s")
	s.sendall(b"GET /raw HTTP/1.1\r\nHost: x\r\n\r\n" +
	    b"GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	answer = b""
	while piece := s.recv(65536):
	    answer += piece
	assert answer.index(b" 200 OK") < answer.index(b" 404 Not Found")
	END
	kill $server
	wait $server || [ $? -eq 143 ]
	[ ! -s err ] || grep -q 'stopped by SIGTERM' err
}
