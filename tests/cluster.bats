#!/usr/bin/env bats
# Many machines give the bytes of one: the contract of engines that move lines, played
# by a script (cluster/shuffle.py), and ranges of a log.
load helper

# hostile N SEED: CSV without a header line, one record a line: keys with bytes below
# TAB, CR, NUL, invalid UTF-8, quotes, commas, backslashes, nothing at all
hostile() {
	python3 - "$1" "$2" <<-'PY'
	import random, sys
	r = random.Random(int(sys.argv[2]))
	keys = [b"a", b"a\x01", b"a\x02b", b"a\tb", b"a\rb", b"\xff\xfe", b"caf\xe9", b"",
	        b"x,y", b'say "hi"', b"back\\slash", b"\\t", b"a ", b"#query", b"nul\0nul"]
	out = sys.stdout.buffer
	for i in range(int(sys.argv[1])):
	    k = r.choice(keys)
	    if k == b"" and r.random() < .5:
	        f = b""
	    else:
	        f = b'"' + k.replace(b'"', b'""') + b'"'
	    out.write(f + b",%d,%s,u%d\n" % (r.randrange(5),
	        b"" if r.random() < .1 else b"%.*f" % (r.randrange(6), r.uniform(-1e6, 1e9)),
	        r.randrange(30)))
	PY
}

# a view over them: every aggregate that needs no position
query() {
	printf 'k text\nn number\nv number\nu text\n' >schema
	cat >q.sql <<-'SQL'
	select k, n % 4 as n4, count(*) as c, count(v) as cv, sum(v) as s, avg(v) as a,
	       min(v) as lo, max(u) as hi, count(distinct u) as d,
	       approx_count_distinct(u) as h, approx_quantile(v, 0.5) as m,
	       arg_max(u, v) as best, count(*) filter (where v > 0) as up
	from stdin where n <> 3 group by k, n4
	SQL
	MAP="-f csv --fields k,n,v,u --schema schema -e @q.sql"
}

@test "contract: split, map, partition, sort, combine, reduce, collect" {
	query
	hostile 3000 7 >all
	# shellcheck disable=SC2086
	lam-batch $MAP all >want
	run -1 --separate-stderr lam-batch $MAP /dev/null
	printf '%s\n' "$output" >header
	for seed in 1 2 3; do
		split -n "l/$((seed + 2))" all "part$seed."
		: >"part$seed.none" # an empty split
		for p in "part$seed".*; do
			# A map runs twice, and one result is thrown away.
			lam-batch $MAP --lines "$p" | head -c 777 >/dev/null || true
			lam-batch $MAP --lines "$p" >map || [ -z "$(tail -c 1 "$p")" ]
			# A combiner sees a part of one map's output, sorted.
			head -n 40 map >some
			tail -n +41 map >rest
			python3 "$ROOT/tests/cluster/shuffle.py" "$seed" 1 some <some
			lam-batch --merge --lines --header header some.0 rest
		done >maps
		[ "$(grep -ac '^#' maps)" -eq $((seed + 3)) ]
		python3 "$ROOT/tests/cluster/shuffle.py" "$seed" 5 red <maps
		for p in red.[0-4]; do
			lam-batch --merge --lines --header header "$p"
		done >reduced
		# As many as there are groups: everything was merged.
		[ "$(grep -avc '^#' reduced)" -eq "$(grep -ac '^query	' want)" ]
		shuf --random-source=all reduced | lam-batch --merge --from-lines | cmp - want
		# Without combiner and reducer it is the same.
		lam-batch --merge --from-lines --memory 100K maps | cmp - want
	done
}

@test "contract: a line lost, doubled, changed or cut is found, whatever it is" {
	query
	hostile 400 9 >all
	lam-batch $MAP --lines all >maps
	lam-batch $MAP --lines all >>maps
	lines=$(wc -l <maps)
	for i in 1 2 17 $((lines / 2)) $((lines - 1)) "$lines"; do
		sed "${i}d" maps >lost
		run -3 --separate-stderr lam-batch --merge --from-lines lost
		[[ $output != *'#eof'* && $stderr =~ (missing|came) ]]
		{ cat maps && sed -n "${i}p" maps; } >doubled
		run -3 --separate-stderr lam-batch --merge --from-lines doubled
		[[ $output != *'#eof'* && $stderr =~ (missing|twice) ]]
	done
	# One lost and another of as many records doubled; a key changed in place.
	count=$(grep -av '^#' maps | sed 's/.*,//' | sort -n | uniq -d | head -n 1)
	grep -an ",$count\$" maps | grep -v '^[0-9]*:#' | cut -d: -f1 | head -n 2 >two
	{ sed "$(sed -n 1p two)d" maps && sed -n "$(sed -n 2p two)p" maps; } >moved
	run -3 --separate-stderr lam-batch --merge --from-lines moved
	[[ $stderr == *'a key was changed'* ]]
	LC_ALL=C sed 's/^query\tcaf\xe9,/query\tcafe,/' maps >renamed
	run ! cmp -s maps renamed
	run -3 --separate-stderr lam-batch --merge --from-lines renamed
	[[ $stderr == *'a key was changed'* ]]
	# Half a line; a value that is none.
	head -c -5 maps >half
	run -3 lam-batch --merge --from-lines half
	sed 's/^\(query\ta,[^\t]*\t\)[0-9]*,/\1x,/' maps >bad
	run ! cmp -s maps bad
	run -3 --separate-stderr lam-batch --merge --from-lines bad
	[ "${#stderr_lines[@]}" -eq 1 ]
	# A reducer that does not know the view.
	lam-batch --name other $MAP all >other
	run -3 --separate-stderr lam-batch --merge --lines --header other maps
	[[ $stderr == *'maps:1: the file of --header has no view of this line'* ]]
}

@test "ranges: every cut of a log, with first, last and ties, in both forms" {
	sample 40 5 >app.csv
	head -n 12 app.csv | lam-ingest -q -s app
	for from in 13 26; do
		{ head -n 1 app.csv && sed -n "$from,$((from + 12))p" app.csv; } |
			lam-ingest -q -s app
	done
	{ head -n 1 app.csv && tail -n +39 app.csv; } | lam-ingest -q -s app
	view ends <<-'SQL'
	select status, first(note) as f, last(note) as l, arg_min(note, bytes) as lo,
	       arg_max(user, latency) as hi, count(*) as n, sum(latency) as s from app
	group by status
	SQL
	view whole <<-'SQL'
	select count(*) as n, last(user) as l, first(user) as f from app where bytes >= 0
	SQL
	lam-batch >want
	lam-batch --as-of 0 >header
	for cut in $(seq 0 40); do
		other=$((cut * 7 % 41))
		lo=$((cut < other ? cut : other)) hi=$((cut < other ? other : cut))
		for range in "0 $lo" "$lo $hi" "$hi 40"; do
			set -- $range
			lam-batch --from "$1" --as-of "$2" >"part.$1.$2"
			lam-batch --from "$1" --as-of "$2" --lines
		done >lines
		lam-batch --merge "part.0.$lo" "part.$lo.$hi" "part.$hi.40" | cmp - want
		shuf --random-source=app.csv lines >mixed
		lam-batch --merge --from-lines mixed | cmp - want
		python3 "$ROOT/tests/cluster/shuffle.py" "$cut" 2 red <lines
		lam-batch --merge --lines --header header red.0 red.1 |
			lam-batch --merge --from-lines | cmp - want
	done
	# Ranges that do not meet.
	lam-batch --from 20 --as-of 40 --lines >b
	for to in 19 21; do
		lam-batch --as-of "$to" >"part.$to"
		lam-batch --as-of "$to" --lines >a
		run -3 --separate-stderr lam-batch --merge "part.$to" part.20.40
		[[ $stderr =~ (gap|overlap) ]]
		run -3 --separate-stderr lam-batch --merge --from-lines a b
		[[ $output != *'#eof'* && $stderr =~ (gap|overlap) ]]
	done
	run -2 lam-batch --from 41
	run -2 lam-batch --from 9 --as-of 8
	run -2 lam-batch --from 9 --incremental
}

@test "text in parts has no positions: first and last are refused, not guessed" {
	printf 'k,v\na,1\na,9\n' >a.csv
	printf 'k,v\na,5\n' >b.csv
	head -n 1 a.csv >none.csv
	printf 'k text\nv number\n' >schema
	for f in a b none; do
		lam-batch --schema schema -e 'select k, last(v) as l from stdin group by k' $f.csv >$f.part ||
			[ $f = none ]
		lam-batch --lines --schema schema -e 'select k, last(v) as l from stdin group by k' $f.csv >$f.lines
	done
	run -3 --separate-stderr lam-batch --merge a.part b.part
	[[ $stderr == *'first and last go by position'* ]]
	run -3 --separate-stderr lam-batch --merge --from-lines a.lines b.lines
	[[ $stderr == *'first and last go by position'* ]]
	lam-batch --merge none.part a.part none.part | cmp - a.part
	# Nor has a value that could not be computed: the parts give the bytes of the whole.
	Q='select k, max(v * v) as m from stdin group by k'
	big=99999999999999999999999999999999999999
	printf 'a,1\nb,2\nb,%s\na,%s\n' "$big" "$big" >all
	head -n 3 all >p1
	tail -n 1 all >p2
	for f in all p1 p2; do
		lam-batch -q --fields k,v --schema schema -e "$Q" $f >$f.part
	done
	grep -q '^#faults 2 -$' all.part
	lam-batch --merge p1.part p2.part | cmp - all.part
}

@test "-e @FILE: SQL from a file, wherever SQL is taken" {
	printf 'k,v\na,1\nb,2\na,3\n' >in.csv
	printf "select k, sum(v) as s -- it's\nfrom stdin group by k\n" >q.sql
	lam-batch -e @q.sql in.csv | cmp - <(lam-batch -e "$(cat q.sql)" in.csv)
	lam-query @q.sql <in.csv | cmp - <(printf 'k,s\na,4\nb,2\n')
	printf 'ts,v\n2026-01-01T00:00:00Z,1\n2026-01-01T00:00:20Z,2\n' >live.csv
	echo "select time_bucket(interval '10 seconds', ts) as w, sum(v) as s from stdin
	group by w" >w.sql
	lam-speed -e @w.sql live.csv | cmp - <(lam-speed -e "$(cat w.sql)" live.csv)
	run -4 --separate-stderr lam-query @nowhere.sql
	[[ $stderr == 'lam-query: nowhere.sql: '* ]]
	printf 'select\0' >nul.sql
	run -2 lam-batch -e @nul.sql
}

@test "text splits: the header line in the first only, CRLF kept, rejects counted" {
	{ echo k,v && seq 1 2000 | sed 's/\(.*\)/"k\1\r",\1/' && echo 'a"b,1' && echo x; } >all.csv
	printf 'k text\nv number\n' >schema
	echo 'select k, sum(v) as s from stdin group by k' >q.sql
	MAP="--fields k,v --schema schema --skip-header -e @q.sql"
	run -0 lam-batch -q $MAP --rejects 2 all.csv
	printf '%s\n' "$output" >want
	# What it is: the names are no record, CR stays, two lines are none.
	lam-query -p want 'select count(*) as n, sum(s) as s from query' |
		cmp - <(printf 'n,s\n2000,2001000\n')
	grep -q '^#counts read=2000 counted=2000 filtered=0 rejected=2$' want
	grep -aq 'k7\\r' want
	run -5 --separate-stderr lam-batch -q $MAP --rejects 1 all.csv
	printf '%s\n' "$output" | cmp - want
	run -5 lam-batch -q $MAP --strict all.csv
	run -2 lam-batch $MAP --strict --rejects 1 all.csv
	run -2 lam-batch --schema schema --skip-header -e @q.sql all.csv
	for n in 2 3 7; do
		split -n "l/$n" all.csv split.
		: >split.none
		for p in split.*; do
			lam-batch -q --lines --rejects 2 $MAP "$p"
		done | lam-batch --merge --from-lines | cmp - want
		rm split.*
	done
	# Not the names: a record.
	printf 'k,v,w\nk,vv\nk,v\n' | lam-batch -q $MAP |
		grep '^#counts read=2 counted=2 filtered=0 rejected=1$'
}

@test "splits meet, and segments give the same from copies elsewhere" {
	awk 'BEGIN { print "k,v"; for (i = 0; i < 200000; i++) print "k" i * 7919 % 13 "," i % 1000 }' |
		lam-ingest -q -s app --segment-records 65536
	echo 'select k, first(v) as f, last(v) as l, sum(v) as s from app group by k' | view ends
	echo 'select count(*) as n from app where v > 500' | view whole
	lam-batch --as-of 150000 >want
	mkdir elsewhere
	ln -s "$LAM_DATA/master/app"/*.seg elsewhere
	for how in 1 3 100 50K segments; do
		lam-batch --as-of 150000 --splits "$how" >plan
		# The ranges are [0, 150000), one after the other; the views are all.
		awk -F '\t' '$1 != at || $1 >= $2 || $3 != "ends whole" { exit 1 } { at = $2 }
			END { exit at != 150000 }' plan
		while IFS=$(printf '\t') read -r from to views segments; do
			# shellcheck disable=SC2086
			lam-batch --from "$from" --as-of "$to" $views >"r.$from"
			for v in $views; do
				for s in $segments; do
					echo "elsewhere/${s##*/}"
				done | xargs lam-batch -e "@$LAM_DATA/views/$v.sql" \
					--name "$v" --segment --schema "$LAM_DATA/master/app/schema" \
					--from "$from" --as-of "$to" >"s.$from.$v"
			done
		done <plan
		lam-batch --merge r.* | cmp - want
		lam-batch --merge s.* | cmp - want
		cat s.*.* | lam-batch --merge | cmp - want
		rm r.* s.*
	done
	[ "$(lam-batch --as-of 0 --splits 4)" = "$(printf '0\t0\tends whole\t')" ]
	Q="-e @$LAM_DATA/views/ends.sql --segment"
	run -2 --separate-stderr lam-batch $Q elsewhere/00000000000000000000.seg
	[[ $stderr == *--schema* ]]
	Q="$Q --schema $LAM_DATA/master/app/schema"
	# The plan is older than the log: what it names is gone, or is not what it was.
	run -3 --separate-stderr lam-batch $Q --from 0 --as-of 70000 elsewhere/00000000000000000000.seg
	[[ $stderr == *'plan it again'* ]]
	run -4 lam-batch $Q elsewhere/00000000000000000001.seg
	run -3 --separate-stderr lam-batch $Q elsewhere/00000000000000000000.seg \
		elsewhere/00000000000000131072.seg
	[[ $stderr == *'next to each other'* ]]
	# The active one is not whole.
	run -2 --separate-stderr lam-batch $Q elsewhere/00000000000000196608.seg
	[[ $stderr == *'--as-of'* ]]
	printf 'k text\n' >schema
	run -2 --separate-stderr lam-batch -e "@$LAM_DATA/views/ends.sql" --segment \
		--schema schema elsewhere/00000000000000000000.seg
	[[ $stderr == *'field "v"'* ]]
	# Damage does not pass.
	cp -L elsewhere/00000000000000065536.seg bad.seg
	printf '\377' | dd of=bad.seg bs=1 seek=900 conv=notrunc status=none
	run -3 lam-batch $Q bad.seg
}

@test "a task of Hadoop: counters, container, an empty split, the reason last" {
	export mapreduce_task_attempt_id=attempt_1_0001_m_000003_0 mapreduce_task_ismap=true
	export mapreduce_map_memory_mb=512 mapreduce_map_cpu_vcores=2
	printf 'k text\nv number\n' >schema
	MAP="--fields k,v --schema schema"
	Q='select k, sum(v) from stdin group by k'
	printf 'a,1\nb,2\nx\na,3\n' >in
	lam-batch -q --lines $MAP -e "$Q" in >lines 2>err
	printf 'reporter:counter:lam,%s\n' 'records read,3' 'records counted,3' \
		'lines rejected,1' groups,2 | cmp - err
	lam-batch $MAP -e "$Q" </dev/null >header
	# A failure reads all of a pipe that is larger than any buffer, and then tells.
	mkfifo pipe
	{ seq 200000 && echo "${PIPESTATUS[*]}" >&3; } >pipe 3>whole &
	run -2 --separate-stderr lam-batch --lines $MAP -e 'select nix from stdin' <pipe
	wait
	[ "$(cat whole)" = 0 ]
	[[ ${stderr_lines[-1]} == 'lam-batch: query:1:'*'nix'* ]]
	export mapreduce_task_ismap=false
	lam-batch --merge --lines --header header lines >out 2>err
	sort out | cmp - <(sort lines)
	echo 'reporter:counter:lam,groups merged,3' | cmp - err
}

# dataset: a log in four segments, two views, and what one machine says of them
dataset() {
	awk 'BEGIN { print "k,v"; for (i = 0; i < 200000; i++) print "k" i * 7919 % 13 "," i % 1000 }' |
		lam-ingest -q -s app --segment-records 65536
	echo 'select k, first(v) as f, last(v) as l, sum(v) as s from app group by k' | view ends
	echo 'select count(*) as n from app where v > 500' | view whole
	lam-batch --as-of 150000 >want
}

@test "lam-cluster: processes of this machine, ranges and files, shared and fetched" {
	dataset
	for splits in 1 7 50K segments; do
		lam-cluster --as-of 150000 --splits "$splits" | cmp - want
	done
	lam-cluster --as-of 150000 --jobs 2 --store "file://$LAM_DATA/master" | cmp - want
	lam-cluster --as-of 150000 whole ends | cmp - want
	[ -z "$(ls -d "$TMPDIR"/lam-* 2>/dev/null)" ]
	query
	hostile 1000 3 >all
	lam-batch $MAP all >want
	split -n l/4 all 'a part.'
	: >'a part.none'
	lam-cluster -e @q.sql --fields k,n,v,u --schema schema 'a part.'* | cmp - want
	lam-cluster -e "$(cat q.sql)" --fields k,n,v,u --schema schema 'a part.'* | cmp - want
	run -3 --separate-stderr lam-cluster -e 'select first(v) from stdin' --fields k,n,v,u \
		--schema schema 'a part.'*
	[[ $stderr == *'first and last go by position'* ]]
	command -v shellcheck >/dev/null || skip 'all but shellcheck, which is not here'
	shellcheck -s sh "$ROOT/src/lam-cluster"
	lam-cluster --print --work wk -e @q.sql --fields k,n,v,u --schema schema all >printed
	shellcheck wk/task wk/told wk/try
	shellcheck -s sh printed
}

@test "lam-cluster: tasks look up where it does, and what was made with another file is not merged" {
	python3 "$ROOT/tests/mmdb.py" one "it's.mmdb" 10.0.0.0/9 DE 10.128.0.0/9 FR
	python3 "$ROOT/tests/mmdb.py" one b.mmdb 10.0.0.0/9 FR
	printf '%s_parsers:\n  - regex: "x"\n    family_replacement: "XX"\n' user_agent os device >r.yaml
	{ echo ip,ua; for i in $(seq 0 7 250); do echo "10.$i.0.1,x$i"; done; } >a.csv
	lam-ingest -q -s a <a.csv
	view v <<<"select geo(ip, 'country') as c, user_agent(ua, 'browser') as b, count(*) as n from a group by c, b"
	lam-cluster --geo "it's.mmdb" --agents r.yaml --splits 9 v |
		LAM_GEO="it's.mmdb" LAM_AGENTS=r.yaml lam-serve -q
	python3 -c "print('DE,XX,%d\nFR,XX,%d' % (len(range(0, 128, 7)), 36 - len(range(0, 128, 7))))" |
		diff - <(LAM_GEO="it's.mmdb" LAM_AGENTS=r.yaml lam-query --no-header "select c, b, n from v order by c")
	# of files; and a host whose file is another: it has b.mmdb there
	printf 'ip text\nua text\n' >schema
	tail -n +2 a.csv >1.csv
	cp 1.csv 2.csv
	e() { lam-cluster -e "select geo(ip, 'country') as c, count(*) as n from stdin group by c" --fields ip,ua --schema schema "$@"; }
	LAM_GEO="it's.mmdb" e 1.csv 2.csv | lam-query --no-header -p - "select sum(n) from query" >sum
	[ "$(cat sum)" = 72 ]
	e --geo "it's.mmdb" --jobs 1 --work w --print 1.csv 2.csv >run
	mv w/lam-batch w/real
	printf '#!/bin/sh\ncase " $* " in *2.csv*) cp %s/b.mmdb "%s/it'"'"'s.mmdb";; esac\nexec "$(dirname "$0")/real" "$@"\n' "$PWD" "$PWD" >w/lam-batch
	chmod +x w/lam-batch
	run -3 --separate-stderr sh run
	[[ $stderr == *"not of one definition"* ]]
}

@test "lam-cluster: nothing is written before all is right; who failed is told" {
	dataset
	cp -r "$LAM_DATA/master" store
	rm store/app/*131072.seg
	run -3 --separate-stderr lam-cluster --as-of 150000 --splits segments --store "$PWD/store"
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "lam-cluster: task 3 (131072-150000 of ends whole) on $(uname -n) failed: cp: "*131072.seg* ]]
	query
	printf 'a,1,2,u\n' >good
	printf 'x\n' >bad
	C='lam-cluster -e @q.sql --fields k,n,v,u --schema schema'
	run -3 --separate-stderr $C good bad
	[[ -z $output && $stderr == "lam-cluster: task 2 ($PWD/bad) on $(uname -n) failed: "* ]]
	$C --rejects 1 good bad | grep -q '^#counts .* rejected=1$'
	run -2 $C
	run -2 lam-cluster -e @q.sql good
	run -2 lam-cluster --engine none
	run -2 lam-cluster --engine ssh
	run -2 lam-cluster --engine emr --path s3://b/x
	run -2 lam-cluster --jobs many
	run -2 lam-cluster --name x
	(unset LAM_DATA && run -2 lam-cluster)
	run -2 lam-cluster nosuchview
	mkdir full
	: >full/x
	run -2 --separate-stderr lam-cluster --work full
	[[ $stderr == *'not empty'* ]]
}

@test "lam-cluster --print: what is kept in cluster/print, for every engine" {
	dataset
	printf 'k text\nn number\n' >schema
	echo 'select k, sum(n) as s from stdin group by k' >q.sql
	text="-e @q.sql --fields k,n --schema schema"
	say() { # say NAME ARGUMENT...: paths of this test by name; KEEP=cp keeps it anew
		name=$1
		shift
		rm -rf work
		lam-cluster --print --work work "$@" >raw
		sed "s|$PWD|PWD|g; s|$LAM_DATA|DATA|g; s/-P [0-9]*/-P N/" raw >"print.$name"
		sh -n raw
		${KEEP:-cmp} "print.$name" "$ROOT/tests/cluster/print/$name"
	}
	range="--as-of 150000 --splits 3"
	say local $range
	say ssh $range --engine ssh --hosts /etc/hosts.lam --jobs 4
	say slurm $range --engine slurm
	say hadoop $range --engine hadoop --path /lam/1 --store hdfs://nn/lam/master
	say hadoop-text $text --engine hadoop --path hdfs://nn/lam/2 hdfs://nn/logs/a hdfs://nn/logs/b
	say spark $range --engine spark --reducers 8
	say emr $text --engine emr --path s3://bucket/lam/3 s3://bucket/logs/
	say emr-segments $range --engine emr --path s3://bucket/lam/4 --store s3://bucket/master
	say kubernetes $range --engine kubernetes --path /data/out
	sed "s|$PWD|PWD|g; s|$LAM_DATA|DATA|g" work/task >task
	${KEEP:-cmp} task "$ROOT/tests/cluster/print/task"
}
