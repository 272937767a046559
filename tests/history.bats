#!/usr/bin/env bats
# State stands for one history: what was made from other records than the log
# holds is never used, whatever the length of the log, and lam-fsck finds it
# without a recompute.  What the history does not depend on: blocks, segments,
# fields that came later.
load helper

# records KEY N: so many, of a number each
records() { echo k,v && seq -f "$1,%.0f" "$2"; }
count() { lam-query --no-header "select count(*) from s"; }
other="of another history"

by_key() {
	view v <<<"select k, count(*) as n, sum(v) as t from s group by k"
}
# the sums of 1 .. N that awk gives, for "KEY N" each
want() { printf '%s\n' "$@" | awk '{ print $1 "," $2 "," $2 * ($2 + 1) / 2 }'; }
answers() { lam-query --no-header "select k, n, t from v order by k"; }

@test "an older copy of the log put back, and gone on with: nothing of what was" {
	by_key
	records a 50 | lam-ingest -q -s s
	cp -a data/master old
	records b 50 | lam-ingest -q -s s
	lam-batch | lam-serve -q
	records c 10 | lam-ingest -q -s s
	lam-speed
	cp -a data/speed speed
	rm -r data/master && cp -a old data/master
	# while it is shorter, the log has lost what was served
	run -3 lam-query "select * from v"
	[[ $output == *"ends at 50"*"lost"* ]]
	run -3 lam-fsck -q
	records z 100 | lam-ingest -q -s s
	# now it is longer
	run -3 lam-query "select * from v"
	[[ $output == *serving/v/*"$other"*"lam-batch | lam-serve"* ]]
	run -3 lam-fsck
	[[ $output == *serving/v/*"$other"* && $output == *speed/v/*"$other"* ]]
	run -3 lam-speed
	[[ $output == *"$other"* ]]
	lam-batch >full
	run -0 --separate-stderr lam-batch --incremental
	[[ $stderr == *"$other"*"passed over"* ]]
	diff <(echo "$output") full
	# what the message says is enough
	lam-batch | lam-serve -q
	diff <(answers) <(want "a 50" "z 100")
	[ "$(ls data/serving/v | wc -l)" -eq 1 ]
	lam-speed
	run -0 lam-fsck --recompute
	# a speed partial that comes back: passed over, removed by the next run
	rm -r data/speed data/serving && cp -a speed data/speed
	run -0 --separate-stderr lam-query --no-header "select k, n, t from v order by k"
	diff <(echo "$output") <(want "a 50" "z 100")
	run -5 lam-fsck -q
	[[ $output == *speed/v/*"$other"* ]]
	lam-speed
	run -0 lam-fsck --recompute -q
}

@test "lam-speed that stays while the log is changed under it" {
	by_key
	records a 50 | lam-ingest -q -s s
	cp -a data/master old
	records b 50 | lam-ingest -q -s s
	lam-speed -F 2>err &
	speed=$!
	until ls data/speed/v/*-*100-*.idx 2>/dev/null; do kill -0 $speed; done
	rm -r data/master && cp -a old data/master
	records z 100 | lam-ingest -q -s s
	until ls data/speed/v/*-*150-*.idx 2>/dev/null; do kill -0 $speed; done
	kill $speed
	wait $speed || true
	run -0 --separate-stderr lam-query --no-header "select k, n, t from v order by k"
	[ "$output" = "$(want "a 50" "z 100")" ]
	run -0 lam-fsck --recompute -q
}

@test "lam-speed that stays while a file of another copy takes the place of one that it knows" {
	rows() { awk -v n="$1" -v k="$2" 'BEGIN { print "k,v"; while (n--) print k ",1" }'; }
	view v <<<"select k, count(*) as n from s group by k"
	rows 10 0 | lam-ingest -q -s s
	cp -r data other
	for k in 1 2; do
		dir=$([ $k = 1 ] && echo data || echo other)
		rows 10 $k | lam-ingest -q -d $dir -s s
		lam-speed -q -d $dir
	done
	lam-speed -q --follow --interval 10ms 3>&- &
	follower=$!
	rows 1 3 | lam-ingest -q -s s # it knows the first one
	until ls data/speed/v/*20-*21-*.idx; do kill -0 $follower; done
	cp other/speed/v/*-*20-*.idx data/speed/v
	rows 15 4 | lam-ingest -q -s s # which joins those before it
	until ls data/speed/v/*-*36-*.idx; do kill -0 $follower; done
	kill $follower
	wait $follower || true
	lam-query --no-header "select * from v order by k" | tr '\n' ' ' >out
	[ "$(cat out)" = "0,10 1,10 3,1 4,15 " ]
	lam-fsck -q -r
}

@test "a copy that went on by itself: its partials, either way, at any position" {
	by_key
	records a 50 | lam-ingest -q -s s
	records b 50 | lam-ingest -q -s s
	cp -a data copy
	records c 40 | lam-ingest -q -s s
	records d 40 | lam-ingest -q -d copy -s s
	for to in 101 120 140; do # inside a block, and at its end
		lam-batch -d copy --as-of $to >part
		run -3 lam-serve part
		[[ $output == *"section v is $other"* ]]
		lam-batch --as-of $to >part
		run -3 lam-serve -d copy part
		[[ $output == *"section v is $other"* ]]
	done
	[ ! -e data/serving/v ] || [ -z "$(ls data/serving/v)" ]
	# before they parted both are one, inside a block too
	for to in 33 50 77 100; do
		lam-batch -d copy --as-of $to | lam-serve -q
		diff <(answers) <(want "a 50" "b 50" "c 40")
	done
	run -0 lam-fsck --recompute
	# parts of a batch of either do not fit together; files neither
	lam-batch >one
	lam-batch -d copy --as-of 140 | lam-serve -q -d copy
	cp copy/serving/v/*140-*.idx data/serving/v/
	run -3 lam-query "select * from v"
	[[ $output == *"$other"* ]]
	run -3 lam-fsck -q
}

# history OF POSITION: as a partial tells it
history_at() { lam-batch --as-of "$1" | sed -n 's/^#history [0-9a-f]* //p'; }

@test "the history does not depend on blocks, segments, and fields that came later" {
	by_key
	records a 300 >all.csv
	lam-ingest -q -s s all.csv
	cp -r data/master/s/id id
	for to in 1 77 150 300; do history_at $to; done >want
	for how in small rolled sealed; do
		rm -rf data/master
		mkdir -p data/master/s && cp id data/master/s/
		limit=$([ $how = small ] && echo 1000 || echo 40)
		for i in 0 1 2 3 4 5 6 7 8 9; do
			{ head -1 all.csv; sed -n "$((i * 30 + 2)),$((i * 30 + 31))p" all.csv; } |
				lam-ingest -q -s s --segment-records $limit
		done
		# a field more: ends the segment, and packs small ones together
		[ $how != sealed ] || { echo k,new && echo x,y; } | lam-ingest -q -s s
		for to in 1 77 150 300; do history_at $to; done | diff - want
		run -0 lam-fsck -q
		"$ROOT/tests/reader.py" log data s >again 2>met
		[ $how = sealed ] || cmp again all.csv
		[ $how != sealed ] || [ "$(ls data/master/s/*.seg | wc -l)" -eq 2 ]
	done
}

@test "a text changed in its place, all checksums right: found, and state over it" {
	by_key
	records aaaa 20 | lam-ingest -q -s s
	records bbbb 20 | lam-ingest -q -s s
	lam-batch | lam-serve -q
	python3 - "$ROOT/tests" data/master/s/*0.seg <<-'PY'
		import sys
		sys.path.insert(0, sys.argv[1])
		from reader import *
		path = sys.argv[2]
		b = bytearray(open(path, "rb").read())
		block = b.index(b"LAMBLOK2")
		put = lambda at, v: b.__setitem__(slice(at, at + 8), v.to_bytes(8, "little"))
		columns, notes = get("I", b, block + 20)[0], get("I", b, block + 32)[0]
		put(block + 40 + 16, int.from_bytes(b"zzzz\0\0\0\0", "big"))
		put(block + 40 + 24, int.from_bytes(b"zzzz\0\0\0\0", "big"))
		put(block + 40 + 32, checksum(b"zzzz"))
		head = block + 40 + 40 * columns + notes
		at = b.index(b"aaaa", head + 8) # a constant
		b[at:at + 4] = b"zzzz"
		put(head, checksum(b[block:head]))
		open(path, "wb").write(b)
	PY
	[ "$(lam-query --no-header "select count(*) from s where k = 'zzzz'")" = 20 ]
	run -3 lam-fsck
	[[ $output == *"block 0 "*"not match its digest"* ]]
	# what stands for these records is not used where they are decoded for it
	lam-batch --as-of 10 >part || [ $? -eq 3 ]
}

@test "six hundred batches of a few records: the files and bytes of about one" {
	by_key
	runs=${RUNS:-140}
	for i in $(seq $runs); do
		{ echo k,v && seq -f "k$((i % 7)),%.0f" $((i * 20 - 19)) $((i * 20)); } | lam-ingest -q -s s
		[ $((i % 10)) -ne 0 ] || lam-batch | lam-serve -q
	done
	[ "$(count)" -eq $((runs * 20)) ]
	{ echo k,v && seq $runs | awk '{ for (j = 1; j <= 20; j++) print "k" $1 % 7 "," ($1 - 1) * 20 + j }'; } >all.csv
	lam-query "select * from s" | cmp - all.csv
	lam-query "select k, count(*), sum(v) from 'all.csv' group by k order by k" | tail -n +2 | diff <(answers) -
	n=$(ls data/master/s/*.seg | wc -l)
	[ "$n" -le 12 ] || { echo "$n segments"; false; }
	run -0 lam-fsck --recompute -q
	echo "# $runs batches: $n segments, $(cat data/master/s/*.seg | wc -c) bytes" >&3
}

# Every append has a field more, which ends a segment: every fourth packs them.
grow() { # grow FROM TO
	for i in $(seq "$1" "$2"); do
		echo "k,v,f$i" && echo "x,$i,$i"
	done | awk 'NR % 2 { head = $0; next } { f = "in." NR / 2; print head >f; print >f; close(f) }'
	for i in $(seq 1 $(($2 - $1 + 1))); do
		lam-ingest -q -s s ${LIMIT:+--segment-records $LIMIT} in.$i || return 1
	done
}

@test "segments packed together under readers: no answer is missed, none is wrong" {
	by_key
	records a 5 | lam-ingest -q -s s
	lam-batch | lam-serve -q
	grow 1 60 &
	writer=$!
	last=0 asked=0
	while kill -0 $writer 2>/dev/null; do
		n=$(lam-query --no-header "select sum(n) from v")
		m=$(lam-query "select * from s" | wc -l)
		[ "$n" -ge "$last" ] && [ $((m - 1)) -ge "$n" ] || { echo "$last, $n, $m"; return 1; }
		last=$n asked=$((asked + 1))
		[ $((asked % 5)) -ne 0 ] || lam-speed
		[ $((asked % 9)) -ne 0 ] || lam-batch | lam-serve -q
	done
	wait $writer
	[ "$(count)" -eq 65 ]
	[ "$(lam-query --no-header "select sum(n) from v")" -eq 65 ]
	[ "$(ls data/master/s/*.seg | wc -l)" -le 12 ]
	run -0 lam-fsck --recompute -q
}

@test "segments left inside another by a merge that was stopped: no matter, then gone" {
	by_key
	records a 5 | lam-ingest -q -s s
	LIMIT=1 grow 1 5
	cp -a data packed
	LIMIT=1 grow 6 6
	LAM_DATA=$PWD/packed grow 6 6 # packs those of one record
	[ "$(ls packed/master/s/*.seg | wc -l)" -eq 3 ]
	lam-query "select * from s" >want.csv
	cp packed/master/s/00000000000000000005.seg data/master/s/
	lam-query "select * from s" | cmp - want.csv
	run -5 lam-fsck
	[[ $output == *"0006.seg: its records are in the segment before it"* ]]
	[[ $output == *"0007.seg: its records are in the segment before it"* ]]
	rm data/master/s/00000000000000000006.seg # they go one by one
	lam-query "select * from s" | cmp - want.csv
	echo "5 10" >data/master/s/merging
	LIMIT=1 grow 7 7
	[ ! -e data/master/s/00000000000000000009.seg ] && [ ! -e data/master/s/merging ]
	[ "$(count)" -eq 12 ]
	run -0 lam-fsck
}

@test "segments of which one was swapped for that of another copy: not packed together, and whole again with its own" {
	rows() { awk -v k="$1" 'BEGIN { print "k,v"; for (i = 0; i < 65536; i++) print k "," i }'; }
	more() { rows "$1" | lam-ingest -q -d "$2" -s n -f csv --segment-records 65536; }
	more 1 data # full blocks, which are packed as they are
	cp -r data other
	for k in 2 3 4 5; do more $k data; done
	for k in 6 7; do more $k other; done
	cp data/master/n/00000000000000065536.seg mine.seg
	cp other/master/n/00000000000000065536.seg data/master/n
	# another field ends the last segment, which has four of its size before it
	printf 'k,v,w\n6,0,x\n' | lam-ingest -q -s n
	run -3 lam-query "select count(*) from n where k > 0"
	[[ $output = *"does not fit"*"was replaced by another version"* ]]
	cp mine.seg data/master/n/00000000000000065536.seg
	lam-fsck -q
	lam-query --no-header "select k, count(*) from n group by k order by k" | tr '\n' ' ' >out
	[ "$(cat out)" = "1,65536 2,65536 3,65536 4,65536 5,65536 6,1 " ]
}

@test "segments of another copy put over these, one of them reaching further: no mixture is answered, and it is told" {
	rows() { awk -v from="$1" -v to="$2" -v f="$3" 'BEGIN { print "k,v"; for (; from < to; from++) print f "," from }'; }
	rows 0 50 0 | lam-ingest -q -s n
	cp -r data other
	# here 50 more and two segments; there another 3,000 in the first one, sealed
	rows 50 100 1 | lam-ingest -q -s n
	rows 100 200 1 | lam-ingest -q -s n --segment-records 100
	rows 200 300 1 | lam-ingest -q -s n --segment-records 100
	rows 50 3050 2 | lam-ingest -q -d other -s n
	printf 'k,v,w\n6,0,x\n' | lam-ingest -q -d other -s n
	cp data/master/n/00000000000000000000.seg mine.seg
	cp other/master/n/00000000000000000000.seg data/master/n
	for as_of in "" "--as-of 100" "--as-of 101" "--as-of 200"; do
		run -3 lam-query $as_of "select k, count(*) from n group by k"
		[[ $output = *"its history does not fit its neighbour's"* ]]
	done
	run -3 lam-fsck -q
	[[ $output = *"its history does not fit its neighbour's"* ]]
	# swapped for one that ends where this one does
	cp mine.seg data/master/n/00000000000000000000.seg
	rm -rf other && cp -r data other && rm other/master/n/*[12]00.seg other/master/n/durable
	rows 100 200 3 | lam-ingest -q -d other -s n --segment-records 100
	rows 200 300 3 | lam-ingest -q -d other -s n --segment-records 100
	cp data/master/n/00000000000000000100.seg mine.seg
	cp other/master/n/00000000000000000100.seg data/master/n
	run -3 lam-query --as-of 200 "select k, count(*) from n group by k"
	run -3 lam-query "select k, count(*) from n group by k"
	# what is before it can be asked for, and its own makes all whole
	lam-query --no-header --as-of 100 "select k, count(*) from n group by k order by k" | tr '\n' ' ' >out
	[ "$(cat out)" = "0,50 1,50 " ]
	cp mine.seg data/master/n/00000000000000000100.seg
	lam-query --no-header "select k, count(*) from n group by k order by k" | tr '\n' ' ' >out
	[ "$(cat out)" = "0,50 1,250 " ]
	lam-fsck -q
}

@test "a copy of a live dataset: right, or a plain word; under the lock always right" {
	by_key
	(for i in $(seq 40); do records a 30 | lam-ingest -q -s s --segment-records 200; done) &
	writer=$!
	until [ -e data/master/s/durable ]; do kill -0 $writer; done
	copies=0 right=0
	while kill -0 $writer 2>/dev/null; do
		rm -rf copy && cp -a data copy 2>/dev/null || continue
		copies=$((copies + 1))
		run lam-query -d copy --no-header "select count(*) from s"
		if [ "$status" -eq 0 ]; then
			right=$((right + 1))
			[ $((output % 30)) -eq 0 ]
			records a 30 | lam-ingest -q -d copy -s s
		else
			[ "$status" -eq 3 ]
			[[ $output == *"copy/master/s/"*restore* ]] || { echo "$output"; false; }
		fi
		rm -rf copy
		flock -s data/master/s/lock cp -a data copy
		n=$(lam-query -d copy --no-header "select count(*) from s")
		[ $((n % 30)) -eq 0 ]
		run -0 lam-fsck -d copy -q
	done
	wait $writer
	echo "# $copies copies, $right right without the lock" >&3
	# segments older or newer than the witness
	lam-batch | lam-serve -q
	rm -rf copy && cp -a data copy
	records b 7 | lam-ingest -q -s s
	cp data/master/s/durable copy/master/s/
	run -3 lam-query -d copy "select count(*) from s"
	[[ $output == *"acknowledged"*restore* ]]
	rm copy/master/s/durable # as lam(7) says
	[ "$(lam-query -d copy --no-header "select count(*) from s")" -eq 1200 ]
	records c 3 | lam-ingest -q -d copy -s s
	run -0 lam-fsck -d copy --recompute -q
	cp copy/master/s/durable old
	cp -a data/. copy/
	cp old copy/master/s/durable # an old one claims less
	[ "$(lam-query -d copy --no-header "select count(*) from s")" -eq 1207 ]
}

@test "no segment goes away under a check: merges are put off, and made up for" {
	by_key
	held() { # held COMMAND ARG...: while the lock is held that lam-fsck holds
		exec 7<data/master/s
		flock -s 7
		"$@" 7<&-
		exec 7<&-
	}
	segments() { ls data/master/s | grep -c 'seg$'; }
	records a 5 | lam-ingest -q -s s
	held grow 1 9
	[ "$(segments)" -eq 10 ]
	cp -a data packed
	grow 10 10
	[ "$(segments)" -lt 5 ]
	run -0 lam-fsck --recompute -q
	# the same for a merge that was stopped behind its rename
	lam-query "select * from s" >want.csv
	first=$(comm -12 <(cd packed/master/s && ls *.seg) <(cd data/master/s && ls *.seg) | sed -n 2p)
	cp data/master/s/$first packed/master/s/
	echo "${first%.seg} 14" | sed 's/^0*//' >packed/master/s/merging
	rm -r data
	mv packed data
	was=$(segments)
	held grow 10 10
	[ "$(segments)" -gt "$was" ] && [ -e data/master/s/merging ]
	lam-query "select * from s" | cmp - want.csv
	grow 11 11
	[ "$(segments)" -lt 5 ] && [ ! -e data/master/s/merging ]
	[ "$(count)" -eq 16 ]
	run -0 lam-fsck --recompute -q
}
