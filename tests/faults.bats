#!/usr/bin/env bats
# Fail, or kill at, every durable call of every program that writes; then look for lost,
# doubled or wrong records, and for anything that needs a hand to go on.
load helper

setup_file() {
	export FAULT_SO=$BATS_FILE_TMPDIR/fault.so
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o "$FAULT_SO" \
		"$BATS_TEST_DIRNAME/shim/fault.c" -ldl
}

base() { # 30 records served, 10 in speed; 15 more in more.csv
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	sample 55 23 >all.csv
	head -31 all.csv >first.csv
	{ head -1 all.csv; sed -n 32,41p all.csv; } >second.csv
	{ head -1 all.csv; tail -n +42 all.csv; } >more.csv
	view v <<-'SQL'
	select status, count(*) as n, sum(bytes) as b, count(distinct user) as u,
	       approx_quantile(latency, 0.5) as p from app group by status
	SQL
	sql=$(sed 's/ from app/ from '"'log.csv'/" "$LAM_DATA/views/v.sql")
	lam-ingest -q -s app first.csv
	lam-batch | lam-serve
	lam-ingest -q -s app second.csv
	lam-speed
	cp -r data base
}

# holds FULL: the log is a prefix of all.csv of at least 40 records (55 if FULL),
# and the view's answer is that of the log
holds() {
	local n
	lam-query "select * from app" >log.csv
	n=$(($(wc -l <log.csv) - 1))
	head -$((n + 1)) all.csv | cmp - log.csv || return 1
	[ "$n" -ge 40 ] || { echo "acknowledged records lost: $n"; return 1; }
	[ -z "$1" ] || [ "$n" -eq 55 ] || { echo "acknowledged, but $n"; return 1; }
	lam-query "select * from v" >merged
	lam-query "$sql" | cmp - merged || return 1
}

# goes_on: the rest is ingested, and everything works, with no repair
goes_on() {
	local n
	n=$(lam-query --no-header "select count(*) from app")
	if [ "$n" -lt 55 ]; then
		{ head -1 all.csv; tail -n +$((n + 2)) all.csv; } | lam-ingest -q -s app || return 1
	fi
	holds full && lam-speed && lam-batch >part && lam-serve part && lam-speed && holds full &&
		[ -z "$(find data -name '*.tmp.*')" ]
}

# sweep COMMAND: every fault at every call, until a run is untouched
sweep() {
	local how n status runs=0
	for how in ${FAULTS:-EIO EINTR short kill}; do
		for ((n = 1; ; n++)); do
			rm -rf data fired && cp -r base data
			status=0
			LAM_FAULT_DIR=$LAM_DATA LAM_FAULT_AT=$n LAM_FAULT_DO=$how LAM_FAULT_FIRED=$PWD/fired \
				LD_PRELOAD=$FAULT_SO "$@" >out 2>err || status=$?
			runs=$((runs + 1))
			[ -e fired ] || break
			case $how/$status in
			kill/137 | */0) ;;
			EINTR/4 | short/4 | */4) [ -s err ] ;;
			*) echo "$how at $n: exit $status"; cat err; return 1 ;;
			esac || { echo "$how at $n: no message"; return 1; }
			full=; [ $status -ne 0 ] || [ "$1" != lam-ingest ] || full=full
			holds "$full" || { echo "$how at call $n of $*:"; cat err; return 1; }
			goes_on || { echo "after $how at call $n of $*:"; cat err; return 1; }
		done
		[ "$n" -gt 3 ] || { echo "$how: only $n calls seen: is the shim at work?"; return 1; }
	done
	echo "# $1: $runs runs" >&3
}

@test "lam-ingest: every fault at every durable call" {
	base
	sweep lam-ingest -q -s app more.csv
}

@test "lam-batch: every fault at every durable call" {
	base
	lam-ingest -q -s app more.csv
	rm -rf base && cp -r data base
	sweep lam-batch
}

@test "lam-serve: every fault at every durable call" {
	base
	lam-ingest -q -s app more.csv
	lam-batch >new.part
	rm -rf base && cp -r data base
	sweep lam-serve new.part
}

@test "lam-speed: every fault at every durable call" {
	base
	lam-ingest -q -s app more.csv
	rm -rf base && cp -r data base
	sweep lam-speed
}

@test "power loss: every state a file system may leave keeps what was acknowledged" {
	base
	traced() { LAM_FAULT_DIR=$LAM_DATA LAM_TRACE=$PWD/trace LD_PRELOAD=$FAULT_SO "$@"; }
	for from in 42 47 52; do # five records each, acknowledged one after the other
		{ head -1 all.csv; sed -n "$from,$((from + 4))p" all.csv; } >five.csv
		traced lam-ingest -q -s app five.csv
		echo "ack $((from + 3))" >>trace
		[ "$from" -ne 47 ] || { traced lam-speed; traced lam-batch >part && traced lam-serve part; }
	done
	run -0 "$ROOT/tests/powerloss.py" base trace all.csv data/views/v.sql 3 "${SEED:-1}"
	echo "# $output" >&3
}
