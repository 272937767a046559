#!/usr/bin/env bats
# lam-trigger -F: definitions are read again on SIGHUP, and what runs gets time to end
load helper

append() { # NUMBER...: records of the stream s
	printf '%s\n' ts,n "$@" | sed '2,$s/^/2026-01-01T00:00:00Z,/' | lam-ingest -q -s s
}

start_functions() { # OPTION...: lam-trigger -F in the background: $trigger
	lam-trigger -F -v "$@" 2>err 4>&- &
	trigger=$!
}

ended() { # STATUS: $trigger has ended with it
	local status=0
	wait "$trigger" || status=$?
	trigger=
	[ $status -eq "$1" ]
}

teardown() {
	[ -z "${listener-}" ] || kill "$listener" 2>/dev/null || true
	[ -z "$trigger" ] || { kill -9 "$trigger"; wait "$trigger"; } 2>/dev/null || true
}

# echoes NAME WORD: a function on the stream s that prints WORD and each number
echoes() {
	printf '%s\n' "on stream s" "from start" "into $PWD/$1" \
		"run sed 's/.*\"n\":\([0-9]*\).*/$2 \1/'" | function_file "$1"
}

@test "SIGHUP: a changed, a new and a removed function; the others do not notice" {
	append 1
	echoes a one
	echoes b one
	echoes c one
	start_functions
	for f in a b c; do await grep -qx 'one 1' $f; done
	# b is changed, c is gone, d is new; a runs on in the sandbox that it has.
	echoes b two
	rm -r "$LAM_DATA/functions/c"
	echoes d two
	kill -HUP $trigger
	await grep -q '^b: has changed' err
	await grep -qx 'two 1' d
	append 2
	await grep -qx 'one 2' a
	await grep -qx 'two 2' b
	await grep -qx 'two 2' d
	printf '%s\n' 'one 1' 'two 2' | diff - b
	echo 'one 1' | diff - c
	# All are gone: it stays, and takes up one that comes later.
	rm -r "$LAM_DATA/functions"/*
	kill -HUP $trigger
	for f in a b d; do await grep -qx "$f: is gone, and leaves" err; done
	append 3
	echoes e three
	kill -HUP $trigger
	await grep -qx 'three 3' e
	printf '%s\n' 'one 1' 'one 2' | diff - a
	kill -TERM $trigger
	ended 143
}

@test "SIGHUP: a definition that cannot be is told, and the function goes on as it was" {
	append 1
	echoes a one
	start_functions
	await grep -qx 'one 1' a
	echo 'run' >>"$LAM_DATA/functions/a/function"
	echo 'colour red' >>"$LAM_DATA/functions/a/function"
	kill -HUP $trigger
	await grep -q 'functions/a/function:5: .*it goes on as it was' err
	append 2
	await grep -qx 'one 2' a
	# A paused one is opened when it is no more.
	echoes a two
	echo 'concurrency 0' >>"$LAM_DATA/functions/a/function"
	kill -HUP $trigger
	await grep -q 'a: has changed' err
	append 3
	echoes a two
	kill -HUP $trigger
	await grep -qx 'two 3' a
	printf '%s\n' 'one 1' 'one 2' 'two 3' | diff - a
}

@test "SIGHUP: a batch that runs ends as it began; the next is of the new definition" {
	append 1
	mkfifo gate
	printf '%s\n' "on stream s" "from start" "into $PWD/out" "isolate none" \
		"run sh -c 'echo >>$PWD/began; cat $PWD/gate; echo old'" | function_file a
	start_functions
	await test -s began
	echoes a new
	sed -i "s|^into .*|into $PWD/out|" "$LAM_DATA/functions/a/function"
	kill -HUP $trigger
	await grep -q 'a: has changed' err
	append 2
	[ ! -s out ]
	echo ended >gate
	await grep -qx 'new 2' out
	printf '%s\n' ended old 'new 2' | diff - out
}

@test "--grace: at a stop what runs is cut short then, does not count, and is tried again" {
	append 1
	printf '%s\n' "on stream s" "from start" "into $PWD/out" "timeout none" "isolate none" \
		"run sh -c 'echo \$LAM_KEY \$LAM_ATTEMPT >>$PWD/seen; [ -e $PWD/go ] || sleep 1000; echo ok'" |
		function_file a
	start_functions --grace 50ms
	await test -s seen
	kill -TERM $trigger
	ended 143
	grep -q 'a: 1 attempt is told to end after --grace, by SIGTERM; one that ends well counts, other batches are tried again' err
	touch go
	lam-trigger
	echo ok | diff - out
	# The same key, and both are the first attempt.
	[ "$(sort seen | uniq -c | awk '{ print $1, $3 }')" = '2 1' ]
	run -2 lam-trigger --grace 1s --list
	run -2 lam-trigger --listen 1
}

@test "--grace: what ends well after SIGTERM is done; what does not heed it is killed, and tried again" {
	append 1
	for tiers in auto none; do
		# Each process of it gets the signal; only its own output counts.
		printf '%s\n' "on stream s" "from start" "into $PWD/out.$tiers" "timeout none" "isolate $tiers" \
			"run exec sh -c 'trap \"echo saved\" TERM; echo began >&2; sleep 1000; exit 0'" | function_file well_$tiers
		printf '%s\n' "on stream s" "from start" "into $PWD/never" "timeout none" "isolate $tiers" \
			"run exec sh -c 'trap \"\" TERM; echo \$LAM_ATTEMPT began >&2; sleep 1000 & while :; do wait; done'" |
			function_file deaf_$tiers
	done
	began() { [ "$(grep -c '1 began' "$LAM_DATA/trigger/$1/log")" -ge "$2" ]; }
	for i in 1 2; do
		start_functions --grace 1ms
		for f in deaf_auto deaf_none; do await began $f $i; done
		for f in well_auto well_none; do await grep -q began "$LAM_DATA/trigger/$f/log"; done
		kill -TERM $trigger
		ended 143
	done
	for tiers in auto none; do
		echo saved | diff - out.$tiers
		[ "$(grep -c '1 began' "$LAM_DATA/trigger/deaf_$tiers/log")" = 2 ]
		grep -q 'cut short by a stop: it is tried again' "$LAM_DATA/trigger/deaf_$tiers/log"
		grep -q 'Attempt: 1 .*Status: ok' "$LAM_DATA/trigger/well_$tiers/log"
	done
	[ ! -s never ]
	run pgrep -f 'sleep 100[0]'
	[ "$status" -eq 1 ]
	# Of requests: answered if they end well, else refused.
	rm -r "$LAM_DATA/functions"/*
	printf '%s\n' "on http" "timeout none" "isolate none" \
		"run exec sh -c 'trap \"echo saved\" TERM; echo >$PWD/one; sleep 1000; exit 0'" | function_file well
	printf '%s\n' "on http" "timeout none" "isolate none" \
		"run exec sh -c 'echo >$PWD/two; sleep 1000'" | function_file deaf
	start_functions --grace 1ms --listen "$PWD/sock"
	await test -S sock
	curl -s -w '%{http_code}' --unix-socket sock http://x/well >a1 &
	curl -s -o /dev/null -w '%{http_code}' --unix-socket sock http://x/deaf >a2 &
	await test -s one
	await test -s two
	kill -TERM $trigger
	ended 143
	wait
	printf 'saved\n200' | diff - a1
	printf 503 | diff - a2
}

@test "a warm runtime gets SIGTERM before it goes, with time to end well, and its log still open" {
	python3 -u - >told <<-'EOF' 4>&- &
	import socket
	s = socket.create_server(("127.0.0.1", 0))
	print(s.getsockname()[1])
	while True:
	    c = s.accept()[0]
	    print(c.recv(100).decode().strip())
	EOF
	listener=$!
	await test -s told
	for tiers in auto none; do
		printf '%s\n' "on stream s" "from start" "runtime lambda" "memory 256M" "net yes" \
			"env PORT=$(head -n 1 told)" "isolate $tiers" "run python3 bootstrap.py" |
			function_file f_$tiers
		cat >"$LAM_DATA/functions/f_$tiers/bootstrap.py" <<-'EOF'
		import os, signal, socket, sys, time, urllib.request
		api = "http://%s/2018-06-01/runtime/invocation/" % os.environ["AWS_LAMBDA_RUNTIME_API"]
		def end(*_):
		    print("is told to end", flush=True)
		    time.sleep(.05)
		    with socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))) as s:
		        s.sendall(os.environ["AWS_LAMBDA_FUNCTION_NAME"].encode())
		    os._exit(0)
		signal.signal(signal.SIGTERM, end)
		while True:
		    with urllib.request.urlopen(api + "next") as r:
		        id = r.headers["Lambda-Runtime-Aws-Request-Id"]
		        r.read()
		    urllib.request.urlopen(api + id + "/response", b'"ok"').read()
		EOF
	done
	append 1
	# At the end of what is due; when its code has changed; and when -F is stopped.
	lam-trigger >/dev/null
	# Who has ended has been heard; that it is noted may take a moment more.
	heard() { [ "$(grep -c f_auto told)" = "$1" ] && [ "$(grep -c f_none told)" = "$2" ]; }
	await heard 1 1
	append 2
	start_functions >out
	both() { [ "$(grep -c ok out)" = 2 ]; }
	await both
	for tiers in auto none; do echo '# other' >>"$LAM_DATA/functions/f_$tiers/bootstrap.py"; done
	more() { append 3; [ "$(grep -c f_auto told)" -ge 2 ] && [ "$(grep -c f_none told)" -ge 2 ]; }
	await more
	kill -TERM $trigger
	ended 143
	await heard 3 3
	# One that does not heed it is killed.
	sed -i 's/os._exit(0)/time.sleep(1000)/' "$LAM_DATA/functions/f_none/bootstrap.py"
	append 4
	lam-trigger f_none >/dev/null
	await heard 3 4
	run pgrep -f bootstrap.py
	[ "$status" -eq 1 ]
}

@test "SIGHUP: requests that come while a function is changed wait, and are answered by the new one" {
	mkfifo gate
	printf '%s\n' "on http" "isolate none" "timeout 60s" \
		"run sh -c 'echo >>$PWD/began; cat $PWD/gate; echo old'" | function_file web
	start_functions --listen "$PWD/sock"
	await test -S sock
	curl -sS --unix-socket sock http://x/web >first &
	one=$!
	await test -s began
	printf '%s\n' "on http" "concurrency 2" "run echo new" | function_file web
	kill -HUP $trigger
	await grep -q 'web: has changed' err
	curl -sS --unix-socket sock http://x/web >second &
	two=$!
	curl -sS --unix-socket sock http://x/2015-03-31/functions/web/invocations -d '{}' >third &
	three=$!
	echo ended >gate
	wait $one $two $three
	printf '%s\n' ended old | diff - first
	echo new | diff - second
	echo new | diff - third
	# One that is gone leaves 404.
	rm -r "$LAM_DATA/functions/web"
	kill -HUP $trigger
	gone() { [ "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket sock http://x/web)" = 404 ]; }
	await gone
}

@test "requests for a function that rests have 503 and Retry-After; 404 is for what is not there" {
	printf '%s\n' "on http /page" "run true" "colour red" | function_file web
	printf '%s\n' "on http" "run echo fine" | function_file good
	start_functions --listen "$PWD/sock"
	await test -S sock
	ask() { curl -sS -D head -o body -w '%{http_code}' --unix-socket sock "$@"; }
	at=http://x/2015-03-31/functions
	answers() { [ "$(ask http://x/good)" = "$1" ]; }
	await answers 200
	[ "$(ask http://x/page/one)" = 503 ]
	# It is opened again at the second that is told, or before it.
	awk -F ': ' 'tolower($1) == "retry-after" && $2 + 0 >= 1 && $2 + 0 <= 300 { ok = 1 }
		END { exit !ok }' head
	[ "$(ask -d '{}' $at/web/invocations)" = 503 ]
	[ "$(ask http://x/web)" = 404 ]
	[ "$(ask -d '{}' $at/none/invocations)" = 404 ]
	# What its path was while its file was right is known, too.
	printf '%s\n' "on http /page" "run echo well" | function_file web
	kill -HUP $trigger
	page() { [ "$(ask http://x/page)" = "$1" ]; }
	await page 200
	rm -r "$LAM_DATA/functions/web"
	kill -HUP $trigger
	await page 404
}

@test "SIGHUP without -F, and of a terminal that goes away, stops the program" {
	append 1
	printf '%s\n' "on stream s" "from start" "isolate none" "timeout none" \
		"run sh -c 'echo >>$PWD/began; cat $PWD/gate'" | function_file a
	mkfifo gate
	lam-trigger --grace 1ms 2>err 4>&- &
	trigger=$!
	await test -s began
	kill -HUP $trigger
	ended 129
	grep -q 'stopped by SIGHUP' err
	rm began
	python3 - "$PWD/began" <<'EOF'
import os, pty, sys, time
pid, tty = pty.fork()
if pid == 0:
    os.execvp("lam-trigger", ["lam-trigger", "-F", "--grace", "1ms"])
while not os.path.exists(sys.argv[1]):
    time.sleep(.01)
os.close(tty)
_, status = os.waitpid(pid, 0)
assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == 1, status
EOF
}
