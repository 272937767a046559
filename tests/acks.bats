#!/usr/bin/env bats
# Pipes whose senders are told what is on disk: each line once, whoever is killed.
load helper

# text N: lines with numbers, some of them no records, behind a header
text() {
	echo id,text
	seq "$1" | awk '{ print $1 % 7 ? $1 ",line " $1 : "bad" }'
}

# good: what must be in the log of FILE
good() { grep ',line ' "$1"; }

@test "a line for each durable append: bytes and records, the last of all" {
	text 50 >f
	(head -n 20 f; until [ -s told ] && [ "$(wc -l <told)" -gt 1 ]; do :; done; tail -n +21 f) |
		lam-ingest -q -s app -f csv --flush-interval 0 --ack >told
	[ "$(head -n 1 told)" = "0 0" ]
	[ "$(tail -n 1 told)" = "$(wc -c <f) $(good f | wc -l)" ]
	[ "$(wc -l <told)" -ge 3 ]
	# Each says how many of the records end before its byte.
	while read -r bytes records; do
		[ "$(head -c "$bytes" f | grep -c ',line ' || true)" -eq "$records" ]
		[ "$bytes" -eq 0 ] || [ "$(head -c "$bytes" f | tail -c 1 | wc -l)" -eq 1 ]
	done <told
	lam-query --no-header "select * from app" | cmp - <(good f)
	# Nothing: no byte
	run -1 --separate-stderr lam-ingest -q -s app --ack </dev/null
	[ "$output" = "0 0" ]
	run -2 lam-ingest -s app --ack f
	run -2 lam-ingest -s app --source me
	run -2 lam-ingest -s app --ack --resume f
}

@test "a source goes on where it was left, also inside a header's columns and behind rejects" {
	text 30 >f
	head -c 100 f | lam-ingest -q -s app -f csv --ack --source a >told
	bytes=$(tail -n 1 told | cut -d' ' -f1)
	[ "$bytes" -eq 100 ] # at the end of its input a line needs no newline
	: >g
	for at in 1 2 3 4 5 6; do
		lam-ingest -q -s two -f csv --ack --source b </dev/null >told || [ $? -eq 1 ]
		read -r from _ <told
		tail -c +$((from + 1)) f | head -n 6 | lam-ingest -q -s two -f csv --ack --source b >told
		[ "$(head -n 1 told)" = "$from 0" ]
	done
	lam-query --no-header "select * from two" | cmp - <(good f)
	[ "$(tail -n 1 told | cut -d' ' -f1)" -eq "$(wc -c <f)" ]
	lam-query --no-header "select line from 'data/reject/two.csv'" | cmp - <(grep -n bad f | cut -d: -f1)
	# Another source is another.
	lam-ingest -q -s two -f csv --ack --source c <f >told
	[ "$(head -n 1 told)" = "0 0" ]
	lam-fsck >/dev/null
}

# deliver FILE [VARIABLE=VALUE...]: send what the receiver says is missing
deliver() {
	local f=$1 from
	shift
	rm -f in out
	mkfifo in out
	env "$@" lam-ingest -q -s app -f csv --flush-interval 0 --ack --source me <in >out &
	exec 4>in 5<out
	if read -r from _ <&5; then
		(trap '' PIPE; exec 5<&-; tail -c +$((from + 1)) "$f" |
			while IFS= read -r l; do echo "$l" || break; done >&4 2>/dev/null) || true
	fi
	exec 4>&-
	cat <&5 >told
	exec 5<&-
	wait $!
}

@test "the receiver is killed at each durable call, the sender goes on: the log is the text" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o fault.so "$BATS_TEST_DIRNAME/shim/fault.c" -ldl
	text 40 >f
	for ((n = 1; ; n++)); do
		rm -rf data fired
		deliver f LAM_FAULT_DIR=$LAM_DATA LAM_FAULT_AT=$n LAM_FAULT_DO=kill \
			LAM_FAULT_FIRED=$PWD/fired LD_PRELOAD=$PWD/fault.so || [ $? -eq 137 ]
		[ -e fired ] || break
		deliver f || [ $? -eq 1 ]
		lam-query --no-header "select * from app" | cmp - <(good f) || { echo "call $n"; false; }
		[ "$(sort -u data/reject/app.csv | grep -c bad)" -eq 5 ]
	done
	[ "$n" -gt 20 ]
	echo "# killed at $n calls" >&3
}

@test "two receivers of one source: the second is refused, nothing is twice" {
	text 20 >f
	mkfifo in
	lam-ingest -q -s app -f csv --flush-interval 0 --ack --source me <in >told &
	exec 4>in
	until [ -s told ]; do :; done
	lam-ingest -q -s app -f csv --ack --source me <f >/dev/null
	cat f >&4 || true
	exec 4>&-
	wait $! && false || [ $? -eq 3 ]
	lam-query --no-header "select * from app" | cmp - <(good f)
}

@test "records whose id is among the last are dropped, in one run and in the next, and counted" {
	# By an independent count: an id is dropped that is one of the last H that were kept.
	awk 'BEGIN { srand(5); print "id,n"; for (i = 0; i < 3000; i++) { r = int(rand() * 900)
		print (r % 10 ? "x" r : "") "," i } }' >f
	for h in 1 50 700 100000; do
		rm -rf data
		python3 - f $h >want <<-'PY'
			import collections, sys
			last = collections.deque(maxlen=int(sys.argv[2]))
			for l in open(sys.argv[1]).read().split("\n")[1:-1]:
			    i = l.split(",")[0]
			    if not i or i not in last:
			        print(l)
			        if i:
			            last.append(i)
		PY
		lam-ingest -s app -f csv --id ID --id-horizon $h f 2>err
		lam-query --no-header "select * from app" | cmp - want
		grep -q "$((3000 - $(wc -l <want))) dropped by their ID" err
		grep -q "at most .* MiB" err
	done
	# The next run knows the ids from the log, other parts of one run from each other.
	run -0 --separate-stderr lam-ingest -s app --threads 2 --id id f
	[[ $stderr == *"300 records"* || $stderr == *" records, 0 rejected"* ]]
	lam-query --no-header "select id from app where id <> ''" | sort | uniq -d | { ! grep .; }
	rm -rf data
	for i in 1 2 3; do
		lam-ingest -q -s app -f jsonl --id id <<<$'{"id":"a"}\n{"id":"b"}\n{"id":"a"}' || [ $? -eq 1 ]
	done
	[ "$(lam-query --no-header 'select id from app' | tr '\n' ' ')" = "a b " ]
	run -3 --separate-stderr lam-ingest -s app --id nothing <<<$'{"id":"c"}'
	[[ $stderr == *'has no field "nothing"'* ]]
	run -2 lam-ingest -s app --id id --id-horizon 0 f
}
