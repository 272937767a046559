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
	lam-ingest -q -s app --segment-records 30 first.csv
	lam-batch | lam-serve
	lam-ingest -q -s app --segment-records 30 second.csv
	lam-speed
	cp -r data base
}

# There are thousands of runs: what the shell can do by itself starts no process.

# text NAME FILE: NAME becomes the text of FILE, which has no NUL
text() { ! IFS= read -r -d '' "$1" <"$2"; }

# same A B: the files are equal; else how they differ
same() {
	local a b
	text a "$1" && text b "$2" && [[ $a == "$b" ]] || cmp "$1" "$2"
}

# no_temporaries: none is left in the dataset
no_temporaries() {
	shopt -s globstar dotglob
	! compgen -G "data/**/*.tmp.*"
}

# holds FULL: the log is a prefix of all.csv of at least 40 records (55 if FULL),
# and the view's answer is that of the log
holds() {
	local log all lines n
	lam-query "select * from app" >log.csv || return 1
	text log log.csv && text all all.csv && [[ $all == "$log"* && $log == *$'\n' ]] || {
		cmp log.csv all.csv; echo "no prefix of what came"; return 1; }
	lines=${log//[!$'\n']/}
	n=$((${#lines} - 1))
	[ "$n" -ge 40 ] || { echo "acknowledged records lost: $n"; return 1; }
	[ -z "$1" ] || [ "$n" -eq 55 ] || { echo "acknowledged, but $n"; return 1; }
	lam-query "select * from v" >merged
	# the recompute of the same bytes is the same
	[ -s want.$n ] || lam-query "$sql" >want.$n
	same merged want.$n || return 1
}

# goes_on: the rest is ingested, and everything works, with no repair
goes_on() {
	local n
	lam-query --no-header "select count(*) from app" >count && read -r n <count
	if [ "$n" -lt 55 ]; then
		[ -s rest.$n ] || { head -1 all.csv; tail -n +$((n + 2)) all.csv; } >rest.$n
		lam-ingest -q -s app <rest.$n || return 1
	fi
	holds full && lam-speed && lam-batch >part && lam-serve part && lam-speed && holds full && no_temporaries
}

# what a message must say of each error
declare -gA strerror=([EIO]="Input/output error" [ENOSPC]="No space left on device"
	[EDQUOT]="Disk quota exceeded" [EMFILE]="Too many open files"
	[ENOMEM]="Cannot allocate memory" [EINTR]="Interrupted system call")

# says ERROR FILE: the message is of that error
says() {
	local said
	text said "$2" && [[ $said == *"${strerror[$1]}"* ]]
}

# Each call fails with one of these, in turn, is cut short, or kills; with
# FAULTS="EIO ENOSPC ... kill EIO+ ..." each with each (make faults).  "+": all
# calls from there on.
errors=(EIO ENOSPC EDQUOT EMFILE ENOMEM EINTR)

# sweep CHECK COMMAND...: every fault at every call, until a run is untouched.
# CHECK gets the exit status.
sweep() {
	local check=$1 how fault n status runs=0
	shift
	for how in ${FAULTS:-error short kill}; do
		for ((n = 1; ; n++)); do
			rm -rf data fired out && cp -r base data
			fault=$how status=0
			[ $how != error ] || fault=${errors[(n + ${SEED:-0}) % ${#errors[@]}]}
			LAM_FAULT_DIR=${FAULT_DIR:-$LAM_DATA} LAM_FAULT_AT=$n LAM_FAULT_DO=$fault \
				LAM_FAULT_FIRED=$PWD/fired LD_PRELOAD=$FAULT_SO "$@" >out 2>err || status=$?
			runs=$((runs + 1))
			[ -e fired ] || break
			case $fault/$status in
			kill/137 | */0) ;;
			short*/4) [ -s err ] ;;
			*/4) says "${fault%+}" err ;;
			EIO*/[35]) [ "$1" = lam-fsck ] ;; # to it that is damage
			*) false ;;
			esac || { echo "$fault at $n: exit $status, or no word"; cat err; return 1; }
			$check $status || { echo "after $fault at call $n of $*: exit $status"; cat err; return 1; }
		done
		[ $status -eq 0 ] && $check 0 || { echo "untouched: exit $status"; cat err; return 1; }
		[ "$n" -gt "${LEAST:-3}" ] || [[ $how = short* ]] || {
			echo "$how: only $n calls seen: is the shim at work?"; return 1; }
	done
	echo "# $1: $runs runs" >&3
}

# after STATUS: what is acknowledged is there, answers are right, all goes on
after() { holds && goes_on; }
after_ingest() {
	local full=
	[ "$1" -ne 0 ] || full=full
	holds $full && goes_on
}

@test "the shim sees every call with which a program can change a file" {
	calls="open open64 openat openat64 openat2 creat write writev pwrite pwrite64 pwritev pwritev2 rename
		renameat renameat2 link linkat symlink symlinkat unlink unlinkat rmdir mkdir mkdirat truncate ftruncate
		ftruncate64 fallocate posix_fallocate fsync fdatasync sync_file_range sync syncfs flock lockf mmap mmap64
		mkstemp mkostemp mkdtemp tmpfile fopen fopen64 freopen opendir copy_file_range sendfile splice close"
	nm -D --defined-only "$FAULT_SO" | awk '{ print $NF }' | sort -u >seen
	for p in lam-ingest lam-batch lam-serve lam-speed lam-query lam-fsck lam-trigger; do
		nm -D "$(command -v $p)" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }'
	done | sort -u >used
	for c in $calls; do
		grep -qx $c used || continue
		# it writes no data that a later fsync does not
		[ $c = sync_file_range ] || grep -qx $c seen || { echo "$c is used and not seen"; return 1; }
	done
	for c in open write pwrite fsync fdatasync rename unlink ftruncate mmap flock mkdir close; do
		grep -qx $c seen
	done
}

# trigger_base INTO: four records and a function that prints them, in two batches
trigger_base() {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	export LAM_DENY="cgroup landlock ns net seccomp" # quicker, and the same calls on the dataset
	{ echo note; seq 11 14; } >in.csv
	seq 11 14 >want
	lam-ingest -q -s app in.csv
	mkdir -p data/functions/f
	printf '%s\n' 'on stream app' 'run cat' 'input csv' 'batch 2' 'from start' "into $1" \
		>data/functions/f/function
	rm -rf base && cp -r data base
}

# after_trigger STATUS: with no fault the function goes on, and each record is out once
after_trigger() {
	lam-trigger f 2>again || { cat again; return 1; }
	if [ -e data/functions/f/out ]; then
		grep -v note data/functions/f/out
	else
		lam-query --no-header "select note from out order by note" 2>/dev/null
	fi | cmp - want && no_temporaries
}

@test "lam-trigger, into a stream: a kill at every durable call; with FAULTS, each of them" {
	local FAULTS=${FAULTS:-kill}
	trigger_base out
	sweep after_trigger lam-trigger f
}

@test "lam-trigger, into a file: an error at every durable call; with FAULTS, each of them" {
	local FAULTS=${FAULTS:-error}
	trigger_base ./out
	sweep after_trigger lam-trigger f
}

# each batch is dead, or in the output: a letter, or what it has printed
after_letters() {
	local letter=data/trigger/f/failed
	lam-trigger f 2>again || [ $? -eq 5 ] || { cat again; return 1; }
	{ find $letter -name '*-*' -exec sed '1,/^$/d' {} \; 2>/dev/null; cat data/functions/f/out 2>/dev/null; } |
		grep -v note | sort | cmp - want && ! ls -d $letter/*.tmp.* 2>/dev/null
}

# a letter is redriven, or is redriven now: no more than once
after_redrive() {
	lam-trigger --failed f --retry 2>again || [ $? -eq 1 ] || { cat again; return 1; }
	after_letters && [ -z "$(ls data/trigger/f/failed)" ]
}

@test "lam-trigger, a dead letter, and its redrive: every fault leaves it once" {
	local FAULTS=${FAULTS:-error}
	trigger_base ./out
	cat >data/functions/f/function <<-'EOF'
	on stream app
	run sh -c 'cat; [ $LAM_FIRST -ne 0 ] || [ -n "$GOOD" ]'
	env GOOD=
	input csv
	batch 2
	retries 0
	from start
	into ./out
	EOF
	rm -rf base && cp -r data base
	sweep after_letters sh -c 'lam-trigger f; s=$?; [ $s -ne 5 ] || s=0; exit $s'
	lam-trigger f || [ $? -eq 5 ]
	[ "$(ls data/trigger/f/failed | wc -l)" -eq 1 ]
	sed -i 's/GOOD=$/GOOD=1/' data/functions/f/function
	rm -rf base && cp -r data base
	sweep after_redrive sh -c 'exec lam-trigger --failed f --retry'
}

# found_base SOURCE: a function that knows of three files, or rows; of these one changes, one
# goes, and one comes; want has "EVENT KEY" of each.  What is found is told by found FILE.
found_base() {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	export LAM_DENY="cgroup landlock ns net seccomp"
	mkdir -p in data/functions/f data/views
	for k in a b c; do echo 1 >in/$k; done
	printf '%s\n' k,n a,1 b,1 c,1 | lam-ingest -q -s app
	echo 'select k, sum(n) as n from app group by k' >data/views/v.sql
	printf '%s\n' "on $1" 'run cat' 'batch 2' 'from start' 'into ./out' >data/functions/f/function
	lam-trigger f
	[ "$(wc -l <data/functions/f/out)" -eq 3 ]
	echo 22 >in/a && rm in/b && echo 4 >in/d
	printf '%s\n' k,n a,1 b,9 d,1 | lam-ingest -q -s app
	printf '%s\n' 'MODIFY a' 'NEW a' 'NEW b' 'NEW c' 'NEW d' 'REMOVE b' >want
	rm -rf base && cp -r data base
}

found() {
	python3 -c 'import json, sys
for line in open(sys.argv[1]):
    e = json.loads(line)
    if "key" in e:  # a file: what it is now tells whether it is another
        kind = "REMOVE" if e["size"] is None else "NEW" if e["size"] == 2 else "MODIFY"
        print(kind, e["key"])
    else:
        print(e["_event"], e["k"])' "$1" | sort
}

# after_found STATUS: each event is out once, and stays so; the ledger is whole
after_found() {
	lam-trigger f >again 2>&1 && lam-trigger f >>again 2>&1 && lam-fsck -q >>again 2>&1 || { cat again; return 1; }
	found "$LAM_DATA/functions/f/out" | diff - want
}

@test "lam-trigger, on bucket: a fault at every durable call, of the bucket too" {
	local FAULTS=${FAULTS:-error}
	found_base "bucket $PWD/in"
	FAULT_DIR=$PWD sweep after_found lam-trigger f
}

@test "lam-trigger, on view: a fault at every durable call, those on images too" {
	local FAULTS=${FAULTS:-kill}
	found_base "view v where n < 10"
	sweep after_found lam-trigger f
}

# powerless CHECK: power fails at any call of a run of the function; CHECK holds then
powerless() {
	rm -rf data trace && cp -r base data
	traced lam-trigger f
	export -f "$1" found
	CHECK=$1 STEP=$([ -n "$FAULTS" ] && echo 1 || echo 3) run "$ROOT/tests/powerloss.py" base trace "${SAMPLES:-1}" "${SEED:-1}"
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	echo "# $output" >&3
}

@test "lam-trigger: power loss at every call: each event is out once, from a stream, a bucket or a view" {
	found_base "bucket $PWD/in"
	powerless after_found
	rm -rf data in
	found_base "view v where n < 10"
	powerless after_found
	rm -rf data
	trigger_base ./out
	each() {
		lam-trigger f >again 2>&1 && lam-fsck -q >>again 2>&1 || { cat again; return 1; }
		grep -v note "$LAM_DATA/functions/f/out" | cmp - want
	}
	powerless each
	trigger_base out
	each() {
		lam-trigger f >again 2>&1 && lam-fsck -q >>again 2>&1 || { cat again; return 1; }
		lam-query --no-header "select note from out order by note" | cmp - want
	}
	powerless each
}

@test "lam-trigger: every fault at every call on scratch: a message, or all is done; then it goes on" {
	trigger_base ./out
	export TMPDIR=$PWD/scratch
	local deny how n status fault some=(EIO ENOSPC kill)
	for deny in "cgroup landlock ns net seccomp" ""; do
		for how in ${FAULTS:-some}; do
			fault=$how
			for ((n = 1; ; n++)); do
				[ $how != some ] || fault=${some[n % 3]}
				rm -rf data scratch fired && cp -r base data && mkdir scratch
				status=0
				LAM_DENY=$deny LAM_FAULT_DIR=$TMPDIR LAM_FAULT_AT=$n LAM_FAULT_DO=$fault \
					LAM_FAULT_FIRED=$PWD/fired LD_PRELOAD=$FAULT_SO \
					timeout 30 lam-trigger f 2>err || status=$?
				[ -e fired ] || break
				case $status in 0 | 4 | 137) ;; *) false ;; esac &&
					after_trigger && [ -z "$(ls scratch)" ] ||
					{ echo "$fault at $n: exit $status"; cat err; ls scratch; return 1; }
			done
			[ "$n" -gt 3 ] || [[ $how = short* ]]
		done
	done
}

@test "lam-ingest: every fault at every durable call" {
	base
	sweep after_ingest lam-ingest -q -s app more.csv
}

segments() {
	local all=(data/master/app/*.seg)
	echo ${#all[@]}
}

after_rolled() {
	[ "$1" -ne 0 ] || [ "$(segments)" -ge 3 ] || return 1
	after_ingest "$1" && lam-fsck -q
}

@test "lam-ingest: every fault while it rolls, seals, packs and rejects" {
	base
	{ sed 7q more.csv; echo too,short; tail -n +8 more.csv; } >some.csv
	head -3 more.csv | lam-ingest -q -s app # another block to be packed
	{ head -1 some.csv; tail -n +4 some.csv; } >rest.csv
	rm -rf base && cp -r data base
	sweep after_rolled lam-ingest -q -s app --segment-records 5 rest.csv
}

# Six segments, of which the last four are of like size and one is active; what comes
# has a field more, which ends it, and then they are packed into one.
after_merge() {
	# what fails there is left for the next time
	[ -e fired ] || [ "$(segments)" -eq 4 ] || return 1
	after_ingest "$1" && { head -1 all.csv; tail -n 1 all.csv; } | lam-ingest -q -s app &&
		lam-fsck -q && [ ! -e data/master/app/merging ]
}

@test "lam-ingest: every fault while small segments are packed into one" {
	base
	for i in 1 2 3 4; do
		{ head -1 all.csv; sed -n "$((40 + i * 2)),$((41 + i * 2))p" all.csv; } |
			lam-ingest -q -s app --segment-records 2
	done
	[ "$(ls data/master/app/*.seg | wc -l)" -eq 6 ]
	{ head -1 all.csv; tail -n +50 all.csv; } >rest.csv
	rm -rf base && cp -r data base
	sweep after_merge lam-ingest -q -s app --segment-records 8 rest.csv
}

# a stream that is new: whatever was not acknowledged is given again
after_new() {
	local n=0
	[ ! -e data/master/fresh/id ] || n=$(lam-query --no-header "select count(*) from fresh" 2>none) ||
		grep -q "no stream\|no columns\|nothing" none || { cat none; return 1; }
	[ "$1" -ne 0 ] || [ "${n:-0}" -eq 15 ] || return 1
	[ "${n:-0}" -eq 15 ] || { head -1 more.csv; tail -n +$((${n:-0} + 2)) more.csv; } | lam-ingest -q -s fresh || return 1
	lam-query "select * from fresh" | cmp - more.csv && holds
}

@test "lam-ingest: every fault while it makes a stream" {
	base
	sweep after_new lam-ingest -q -s fresh more.csv
}

@test "lam-batch: every fault at every durable call" {
	base
	lam-ingest -q -s app more.csv
	rm -rf base && cp -r data base
	sweep after lam-batch
}

@test "lam-serve: every fault at every durable call" {
	base
	lam-ingest -q -s app more.csv
	lam-batch >new.part
	rm -rf base && cp -r data base
	sweep after lam-serve new.part
}

@test "lam-speed: every fault at every durable call" {
	base
	lam-ingest -q -s app more.csv
	rm -rf base && cp -r data base
	sweep after lam-speed
}

after_salvage() { # the dataset is as it was; a new salvage is whole
	diff -r base data || return 1
	[ "$1" -ne 0 ] || lam-query -d out.d "select * from app" | cmp - log.csv || return 1
	if [ "$1" -ne 0 ]; then # what is begun is not taken for whole, nor added to
		status=0
		lam-fsck -q --salvage out.d 2>again || status=$?
		[ $status -ne 2 ] || { rm -rf out.d && lam-fsck -q --salvage out.d; } || return 1
		lam-query -d out.d "select * from app" | cmp - log.csv || return 1
	fi
	rm -rf out.d
}

@test "lam-fsck, and --salvage: every fault at every durable call" {
	base
	lam-query "select * from app" >log.csv
	FAULT_DIR=$PWD/out.d LEAST=20 sweep after_salvage lam-fsck --salvage "$PWD/out.d"
	untouched() { diff -r base data; }
	sweep untouched lam-fsck -q
}

after_spill() { # the answer, or none; and no file is left
	[ "$1" -ne 0 ] || cmp out want || return 1
	[ -z "$(ls spill)" ]
}

@test "what is spilled: every fault at every call on the temporary file" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	mkdir -p base spill
	awk 'BEGIN { print "k,n"; for (i = 0; i < 20000; i++) print "key" i * 7919 % 9973 "," i }' >t.csv
	sql="select k, count(*) as c, sum(n) as s from 't.csv' group by k order by k"
	lam-query "$sql" >want
	TMPDIR=$PWD/spill FAULT_DIR=$PWD/spill LEAST=2 sweep after_spill lam-query --memory 100K "$sql"
	lam-batch -e "${sql% order by k}" >want
	TMPDIR=$PWD/spill FAULT_DIR=$PWD/spill LEAST=2 sweep after_spill lam-batch --memory 100K -e "${sql% order by k}"
	head -n 1000 t.csv >some.csv
	sql="select b.n from 'some.csv' a left join 'some.csv' b on a.k = b.k and a.n < 900"
	lam-query "$sql" >want
	TMPDIR=$PWD/spill FAULT_DIR=$PWD/spill LEAST=2 sweep after_spill lam-query --memory 100K "$sql"
	lam-batch -e "select k, count(*) as c, sum(n) as s from 't.csv' group by k" >want
	cp want part
	TMPDIR=$PWD/spill FAULT_DIR=$PWD/spill LEAST=2 sweep after_spill bash -c 'cat part | lam-batch --merge'
}

# The cache of a system in which each fsync of COMMAND, in turn, tells of a write-back
# that has failed, once.  What was to be written is lost at once, or when the cache is
# dropped after others have gone on (tests/shim/fault.c).  CHECK is run as after a sweep;
# what it has left must be there when the cache is dropped and when the power fails.
lossy() {
	local check=$1 how n status runs=0
	shift
	for how in lost kept; do
		for ((n = 1; ; n++)); do
			rm -rf data disk fired && cp -r base data && mkdir disk
			export LAM_FAULT_DIR=$LAM_DATA LAM_FAULT_DISK=$PWD/disk LD_PRELOAD=$FAULT_SO
			status=0
			LAM_FAULT_AT=$n LAM_FAULT_DO=$how LAM_FAULT_FIRED=$PWD/fired "$@" >out 2>err || status=$?
			runs=$((runs + 1))
			[ -e fired ] || break
			[ $status -eq 0 ] || { [ $status -eq 4 ] && says EIO err; } || {
				echo "$how at fsync $n: exit $status, or no word"; cat err; return 1; }
			lossy_end $check $status || { echo "$how at fsync $n of $*: exit $status"; cat err; return 1; }
		done
		unset LAM_FAULT_DIR LAM_FAULT_DISK LD_PRELOAD
		[ "$n" -gt "${LEAST:-1}" ] || { echo "$how: only $n fsyncs seen"; return 1; }
	done
	echo "# $1: $runs runs" >&3
}

lossy_end() {
	"$1" "$2" || return 1
	for what in drop lose; do
		LD_PRELOAD='' "$ROOT/tests/shim/cache.py" $what data disk
		whole && lam-fsck -q >fsck 2>&1 || { echo "after $what:"; cat fsck; return 1; }
	done
}

# the next ingester appends one record behind; all that is there then is acknowledged
records() { lam-query --no-header "select count(*) from app"; }
whole() { holds "" && [ "$(records)" -ge "$least" ]; }
after_next() {
	least=$([ "$1" -ne 0 ] && echo 40 || echo 54)
	whole || return 1
	least=$(records)
	[ "$least" -lt 55 ] || return 0
	{ head -1 all.csv; sed -n "$((least += 2))p" all.csv; } | lam-ingest -q -s app || return 1
	least=$((least - 1))
}

@test "a failed fsync: what is acknowledged afterwards can be read, by the next process or the same" {
	base
	sed -i '$d' more.csv # the last record is the next one's
	lossy after_next lam-ingest -q -s app more.csv
	# a file and standard input: synced between them, and at the end again
	lossy after_next bash -c 'head -8 more.csv >some.csv; { head -1 more.csv; tail -n +9 more.csv; } |
		lam-ingest -q -s app some.csv -'
	lossy after_next lam-ingest -q -s app --flush-interval 0 --segment-records 5 more.csv
}

@test "a failed fsync, the next ingester appends behind, the pages are lost: every acknowledged record can be read" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	# 1,000 records of 40 random digits: several pages
	awk 'BEGIN { srand(7); print "k,v"; for (i = 0; i < 1000; i++) { v = ""
		for (j = 0; j < 40; j++) v = v int(rand() * 10); print i "," v } }' >big.csv
	printf 'k,v\n-1,first\n' | lam-ingest -q -s n
	cp -r data base
	for how in lost kept; do
		rm -rf data disk && cp -r base data && mkdir disk
		export LAM_FAULT_DIR=$LAM_DATA LAM_FAULT_DISK=$PWD/disk LD_PRELOAD=$FAULT_SO
		LAM_FAULT_AT=1 LAM_FAULT_DO=$how run -4 lam-ingest -q -s n big.csv
		printf 'k,v\n1000,next\n' | lam-ingest -q -s n
		unset LAM_FAULT_DIR LAM_FAULT_DISK LD_PRELOAD
		for what in drop lose; do
			"$ROOT/tests/shim/cache.py" $what data disk
			lam-query "select v from n where k in (-1, 1000)" | tr '\n' ' ' >out
			[ "$(cat out)" = "v first next " ] # both acknowledged
			lam-query "select * from n" >log.csv
			{ printf 'k,v\n-1,first\n'; [ $how = lost ] || tail -n +2 big.csv; echo 1000,next; } | cmp - log.csv
			lam-fsck -q
		done
	done
}

@test "a failed fsync of another ingester, which costs the blocks of one that has not acknowledged them: it does not, whoever appends in their place" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	rows() { awk -v k="$1" 'BEGIN { srand(k); print "k,v"
		for (i = 0; i < 65536; i++) print k "," rand() }'; }
	rows 1 >mine.csv
	rows 2 >other.csv
	tail -n +2 mine.csv >again.csv
	printf 'k,v\n0,first\n' | lam-ingest -q -s n
	cp -r data base
	mkfifo pipe
	for rest in /dev/null again.csv; do # nothing more, or another block behind
		rm -rf data disk && cp -r base data && mkdir disk
		export LAM_FAULT_DIR=$LAM_DATA LAM_FAULT_DISK=$PWD/disk
		LD_PRELOAD=$FAULT_SO lam-ingest -q -s n -f csv --flush-interval 1h <pipe 2>mine.err 3>&- &
		mine=$!
		exec 7>pipe
		cat mine.csv >&7
		until [ "$(lam-query --no-header "select count(*) from n")" -eq 65537 ]; do :; done
		export LD_PRELOAD=$FAULT_SO
		printf 'k,v\n9,\n' | LAM_FAULT_AT=1 LAM_FAULT_DO=lost run -4 lam-ingest -q -s n 7>&-
		lam-ingest -q -s n --segment-records 10 other.csv 7>&- # as many, elsewhere
		unset LAM_FAULT_DIR LAM_FAULT_DISK LD_PRELOAD
		cat $rest >&7
		exec 7>&-
		status=0
		wait $mine || status=$?
		[ $status -eq 4 ]
		grep -q "but we appended up to 65537" mine.err
		lam-query --no-header "select k, count(*) from n group by k order by k" >out
		printf '0,1\n2,65536\n' | cmp - out
	done
}

@test "a failed fsync: no program believes the next one" {
	base
	whole() { holds full; }
	lossy after_ingest lam-ingest -q -s app --segment-records 5 more.csv
	LEAST=0 lossy after lam-batch # a small segment stays open
	after_fresh() { after_new "$1" && head -2 more.csv | lam-ingest -q -s fresh; }
	whole() { holds && lam-query "select * from fresh" | cmp - <(cat more.csv && sed -n 2p more.csv); }
	LEAST=4 lossy after_fresh lam-ingest -q -s fresh more.csv
	lam-ingest -q -s app more.csv
	lam-batch >new.part
	rm -rf base && cp -r data base
	whole() { holds full; }
	lossy after lam-serve new.part
	lossy after lam-speed
}

traced() { LAM_FAULT_DIR=$LAM_DATA LAM_TRACE=$PWD/trace LD_PRELOAD=$FAULT_SO "$@"; }

@test "power loss: every state a file system may leave keeps what was acknowledged" {
	base
	for from in 42 47 52; do # five records each, acknowledged one after the other
		{ head -1 all.csv; sed -n "$from,$((from + 4))p" all.csv; } >five.csv
		# the last one in two steps, each of which ends a segment
		[ "$from" -ne 52 ] || { sed 4q five.csv | traced lam-ingest -q -s app --segment-records 3
			echo "ack $((from + 1))" >>trace; sed -i 2,4d five.csv; }
		traced lam-ingest -q -s app --segment-records $((from == 52 ? 3 : 100)) five.csv
		echo "ack $((from + 3))" >>trace
		traced lam-speed
		[ "$from" -ne 47 ] || { traced lam-batch >part && traced lam-serve part; }
	done
	# seals by footer and by packing, new segments, generations and partials, expiry
	for op in write\ .*30.seg rename\ .*30.seg.tmp write\ .*50.seg open\ .*53.seg.tmp rename\ .*serving/v/ \
		rename\ .*speed/v/ unlink\ .*speed/v/ fsync\ .*30.seg fsync\ .*app\ ; do
		grep -aqE "$op" trace || { echo "no $op in the history"; return 1; }
	done
	run -0 "$ROOT/tests/powerloss.py" base trace all.csv data/views/v.sql "${SAMPLES:-2}" "${SEED:-1}"
	echo "# $output" >&3
}

# before NAME: the dataset is to be made, below top/; every durable call, parents included, counts
before() {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	sample 15 23 >all.csv
	view v <<<"select status, count(*) as n, sum(bytes) as b from app group by status"
	mv data/views/v.sql . && rm -rf data
	export LAM_DATA=$PWD/top/a/data LAM_ROOT=$PWD/top
	mkdir nothing
}

@test "power loss from before the dataset is made: after a kill, or an error, at every call, what is acknowledged then is there" {
	local at how n runs=0 fired=1 step=${FAULTS:+1}
	before
	for how in ${FAULTS:-kill/EIO}; do
		for ((at = 1; ${#fired}; at += ${step:-3})); do
			fired=
			rm -rf top trace fired && mkdir top
			do=${how%/*}
			[ $((at % 2)) -eq 0 ] || do=${how#*/}
			LAM_FAULT_DIR=$PWD/top LAM_TRACE=$PWD/trace LAM_FAULT_DO=$do LAM_FAULT_AT=$at LAM_FAULT_FIRED=$PWD/fired \
				LD_PRELOAD=$FAULT_SO lam-ingest -q -s app all.csv 2>err && [ ! -e fired ] || fired=1
			n=0
			[ ! -e top/a/data ] || n=$(lam-query --no-header "select count(*) from app" 2>none) || true
			{ head -1 all.csv; tail -n +$((${n:-0} + 2)) all.csv; sed -n 2p all.csv; } >rest.csv
			cat all.csv <(sed -n 2p all.csv) >more.csv
			LAM_FAULT_DIR=$PWD/top LAM_TRACE=$PWD/trace LD_PRELOAD=$FAULT_SO lam-ingest -q -s app rest.csv
			echo "ack 16" >>trace
			LAST=1 "$ROOT/tests/powerloss.py" nothing trace more.csv v.sql "${SAMPLES:-1}" "$at" 0 >out ||
				{ echo "$do at call $at:"; cat err; return 1; }
			runs=$((runs + 1))
		done
	done
	[ "$runs" -gt 10 ]
	echo "# $runs runs" >&3
}

@test "power loss from before the dataset is made: at every call" {
	before
	mkdir top
	LAM_FAULT_DIR=$PWD/top LAM_TRACE=$PWD/trace LD_PRELOAD=$FAULT_SO lam-ingest -q -s app all.csv
	echo "ack 15" >>trace
	run "$ROOT/tests/powerloss.py" nothing trace all.csv v.sql "${SAMPLES:-1}" "${SEED:-1}" 0
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	echo "# $output" >&3
}

@test "power loss after a failed fsync: what it could not write is not taken for durable" {
	local at
	base
	{ head -1 all.csv; sed -n 42,46p all.csv; } >five.csv
	for at in 1 2; do
		rm -rf data trace && cp -r base data
		LAM_FAULT_DO=kept LAM_FAULT_AT=$at traced lam-ingest -q -s app --flush-interval 0 five.csv 2>err || true
		n=$(lam-query --no-header "select count(*) from app")
		{ head -1 all.csv; sed -n $((n + 2))p all.csv; } | traced lam-ingest -q -s app
		echo "ack $((n + 1))" >>trace
		LAST=1 run -0 "$ROOT/tests/powerloss.py" base trace all.csv data/views/v.sql "${SAMPLES:-4}" "$at"
	done
}

@test "power loss after a kill: the name of a new segment whose maker died is on disk too" {
	local at
	base
	{ head -1 all.csv; sed -n 42,46p all.csv; } >five.csv
	for ((at = 1; at < 90; at++)); do # killed where the rename is done, and nothing else
		rm -rf data trace && cp -r base data
		LAM_FAULT_DO=kill LAM_FAULT_AT=$at traced lam-ingest -q -s app --segment-records 10 five.csv 2>err || true
		[ ! -e data/master/app/00000000000000000040.seg ] || break
	done
	[ "$at" -lt 90 ]
	traced lam-ingest -q -s app five.csv
	echo "ack 45" >>trace
	run -0 "$ROOT/tests/powerloss.py" base trace all.csv data/views/v.sql "${SAMPLES:-4}" "${SEED:-1}"
	echo "# $output" >&3
}
