#!/usr/bin/env bats
# Every remedy that a message or lam(7) names, done as it says: afterwards all is
# well.
load helper

A=master/app
S0=$A/00000000000000000000.seg S1=$A/00000000000000000100.seg S2=$A/00000000000000000200.seg

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	export LAM_DATA=$PWD/good
	sample 300 7 >app.csv
	view v <<<"select status, count(*) as n, sum(bytes) as b, approx_quantile(latency, 0.5) as p from app group by status"
	for i in 0 100 200; do
		{ head -1 app.csv; tail -n +$((i + 2)) app.csv | head -100; } | lam-ingest -q -s app --segment-records 100
		[ $i -eq 200 ] || lam-batch | lam-serve
	done
	run -1 lam-ingest -q -s app <<<$'ts,user,status,bytes,latency,note\nshort'
	lam-speed
	lam-query "select * from v" >want
	lam-fsck -q
}

take() {
	rm -rf data
	cp -r "$BATS_FILE_TMPDIR/good" data
	cp "$BATS_FILE_TMPDIR"/{app.csv,want} .
	good=$BATS_FILE_TMPDIR/good
}

# says STATUS COMMAND... TEXT: it fails so, and its message has the text
says() {
	local text=${!#}
	run "-$1" "${@:2:$#-2}"
	[[ $output == *"$text"* ]] || { echo "not said: $text: $output"; return 1; }
}

well() { # everything is right again, and goes on
	lam-query "select * from app" | cmp - app.csv || return 1
	lam-query "select * from v" 2>&1 | cmp - want || return 1
	run -0 lam-fsck -q --recompute
	[ -z "$output" ] || { echo "$output"; return 1; }
	{ head -1 app.csv && tail -n 1 app.csv; } | lam-ingest -q -s app && lam-batch | lam-serve && lam-speed && lam-fsck -q
}

edit() { awk "$1" "data/$2" >edited && cp edited "data/$2"; }
damage() { printf '\xff\xff\xff' | dd of="data/$1" bs=1 seek="$2" conv=notrunc status=none; }

@test "id: written back from the header of a segment, or as lam-fsck says" {
	for how in missing damaged; do
		take
		if [ $how = missing ]; then rm data/$A/id; else echo nonsense >data/$A/id; fi
		says 3 lam-query "select * from app" "$A/id: $how"
		[[ $output == *"write back"*'"stream"'* ]]
		says 3 lam-ingest -s app app.csv "write back"
		grep -a -m1 '^stream ' data/$S0 | cut -d' ' -f2 >data/$A/id
		well
		take
		rm data/$A/id
		says 3 lam-fsck "write this line back: "
		sed -n 's/.*write this line back: //p' <<<"$output" >data/$A/id
		well
	done
}

@test "schema: written from the fields in a header; a missing field added" {
	take
	rm data/$A/schema
	says 3 lam-query "select * from app" "$A/schema: missing: write a line"
	says 3 lam-ingest -s app app.csv "$A/schema: missing: write a line"
	says 3 lam-fsck "$A/schema: missing: write a line"
	grep -a '^field ' data/$S2 | sed 's/^field //; s/$/ text/; s/^ts text/ts time event/
		s/^\(status\|bytes\|latency\) text/\1 number/' >data/$A/schema
	well
	take
	edit '!/^latency/' $A/schema
	says 3 lam-query "select * from app" 'field "latency" of'
	[[ $output == *"add a line with its name and type"* ]]
	says 3 lam-fsck "add a line"
	echo "latency number" >>data/$A/schema # its place is that of the columns then
	run -0 lam-query --no-header "select count(*) from app"
	[ "$output" = 300 ]
	lam-batch | lam-serve
	lam-query "select * from v" | cmp - want
	lam-speed
	lam-fsck -q --recompute
	take
	edit '{ sub(/^status number/, "status nonsense") } 1' $A/schema
	says 2 lam-query "select * from v" "is not a type: write text, number" || says 3 lam-query "select * from v" "is not a type: write text, number"
	edit '{ sub(/nonsense/, "number") } 1' $A/schema
	well
}

@test "a segment: restored from a copy, of any age once it is sealed" {
	for f in $S0 $S1 $S2; do
		for how in damaged missing cut; do
			take
			case $how in
			damaged) damage $f 200 ;;
			missing) rm "data/$f" ;;
			cut) truncate -s -30 "data/$f" ;;
			esac
			run -3 lam-query "select * from app"
			[[ $output == *$A*restore* || $output == *$f*"lam-fsck(1) tells"* ]]
			says 3 lam-fsck -q "restore"
			cp "$good/$f" "data/$f"
			well || { echo "$f $how"; return 1; }
		done
	done
	take # swapped, and of another log
	mv data/$S0 x; mv data/$S1 data/$S0; mv x data/$S1
	says 3 lam-query "select * from app" "put"
	cp "$good/$S0" data/$S0; cp "$good/$S1" data/$S1
	well
	take
	head -101 app.csv | lam-ingest -q -s app -d other
	cp other/$S0 data/$S0
	says 3 lam-query "select * from app" "belongs to stream id"
	[[ $output == *"put back the file that was here"* ]]
	cp "$good/$S0" data/$S0
	well
}

@test "no copy: lam-fsck --salvage, then views, batch and serve" {
	take
	damage $S1 $(($(grep -abo LAMBLOK2 data/$S1 | head -1 | cut -d : -f 1) + 200)) # in its block
	says 3 lam-query "select * from app" "$S1"
	says 3 lam-fsck "take what is left with lam-fsck --salvage"
	says 3 lam-fsck --salvage new "lost: positions 100 to 199"
	cp -r data/views new/
	lam-batch -d new | lam-serve -d new
	lam-fsck -d new -q --recompute
	lam-query -d new "select * from app" | cmp - <(sed 102,201d app.csv)
	app="'left.csv'"; sed 102,201d app.csv >left.csv
	lam-query "$(sed "s/from app/from $app/" data/views/v.sql)" | cmp - <(lam-query -d new "select * from v")
}

@test "the log lost its end: restored, or gone on with what is left" {
	take
	rm data/$S2 data/$A/durable
	says 3 lam-query "select * from v" "it has lost records: restore it, or remove this file"
	cp "$good/$S2" "$good/$A/durable" data/$A/
	well
	take
	rm data/$S2 data/$A/durable
	while ! lam-query "select * from v" >got 2>err; do
		f=$(sed -n 's/^lam-query: \([^:]*idx\): covers positions.*/\1/p' err)
		rm "$f"
	done
	lam-query "$(sed "s/from app/from 'left.csv'/" data/views/v.sql)" 2>none | cmp -s - got && return 1
	head -201 app.csv >left.csv
	lam-query "$(sed "s/from app/from 'left.csv'/" data/views/v.sql)" | cmp - got
}

@test "files that do not belong: moved away; names: changed" {
	take
	cp data/$S0 data/$A/old.seg
	says 3 lam-query "select * from app" "old.seg: not the name of a segment"
	mv data/$A/old.seg .
	well
	take
	touch data/$A/notes
	run -5 lam-fsck
	[[ $output == *"notes: not a file of a stream: move it away"* ]]
	mv data/$A/notes .
	well
	take
	cp data/views/v.sql "data/views/a b.sql"
	says 5 lam-batch "rename the file" # v is in the output
	rm data/views/v.sql
	says 2 lam-batch "rename the file"
	mv "data/views/a b.sql" data/views/v.sql
	cp data/views/v.sql data/views/app.sql
	says 5 lam-batch "a stream has this name too: rename the view"
	says 2 lam-batch app "a stream has this name too: rename the view"
	mv data/views/app.sql data/views/app2.sql
	lam-batch | lam-serve
	rm data/views/app2.sql
	run -5 lam-fsck
	[[ $output == *"missing, but there are files of the view: restore it, or remove serving/app2 and speed/app2"* ]]
	rm -rf data/serving/app2 data/speed/app2
	well
	take
	echo "not a header" >data/reject/app.csv
	run -5 lam-fsck
	[[ $output == *"reject/app.csv: "*"move the file away"* ]]
	mv data/reject/app.csv away.csv
	well
}

@test "derived files: deleted, or made again; the witness is written by the next append" {
	for f in $(cd "$BATS_FILE_TMPDIR/good" && ls serving/v/*200-*.idx speed/v/*.idx); do
		for remedy in "rm data/$f" "rm data/$f; lam-batch | lam-serve" lam-speed; do
			[[ $f$remedy == serving*lam-speed ]] && continue
			take
			damage "$f" 120
			lam-query "select * from v" 2>err | cmp - want
			grep -q "$f.*passed over" err
			says 5 lam-fsck -q "delete it: it is made anew from the log"
			eval "$remedy"
			lam-speed
			lam-query "select * from v" 2>err | cmp - want
			[ ! -s err ] && lam-fsck -q || { echo "$f: $remedy"; cat err; return 1; }
		done
	done
	for how in damaged missing; do
		take
		if [ $how = missing ]; then rm data/$A/durable; else damage $A/durable 30; fi
		lam-query "select * from v" | cmp - want
		says 5 lam-fsck -q "$A/durable: "
		{ head -1 app.csv && tail -n 1 app.csv; } | lam-ingest -q -s app
		lam-fsck -q
	done
}

@test "edited views and schemas, foreign generations: lam-batch | lam-serve" {
	take
	sed -i 's/sum(bytes)/max(bytes)/' data/views/v.sql
	run -0 --separate-stderr lam-query --explain "select * from v"
	[[ $stderr == *"older definition"*"run lam-batch | lam-serve"* ]]
	run -5 lam-fsck -q
	lam-batch | lam-serve
	lam-speed
	run -0 --separate-stderr lam-query --explain "select * from v"
	[[ $stderr != *older* && $stderr == *serving* ]]
	lam-fsck -q --recompute
	take
	lam-batch >part
	sed -i 's/sum(bytes)/max(bytes)/' data/views/v.sql
	says 3 lam-serve part "run lam-batch again"
	lam-batch | lam-serve
	take
	lam-batch --as-of 50 >part
	says 3 lam-serve part "--force replaces it"
	lam-serve --force part
	lam-query "select * from v" | cmp - want
	take
	rm -r data/master
	lam-ingest -q -s app app.csv
	says 3 lam-query "select * from v" "made from another log"
	[[ $output == *"remove it, and run lam-batch | lam-serve"* ]]
	rm -r data/serving data/speed
	lam-batch | lam-serve
	lam-query "select * from v" | cmp - want
	lam-fsck -q
}

@test "lam(7): ingest killed, or the disk full: the records that are not there are given again" {
	take
	count() { lam-query --no-header "select count(*) from app"; }
	sample 4000 9 >more.csv
	before=$(count)
	mkfifo pipe
	lam-ingest -q -s app --flush-interval 0 <pipe &
	pid=$!
	exec 7>pipe
	head -500 more.csv >&7
	until [ "$(count)" -gt "$before" ]; do kill -0 $pid; done
	kill -9 $pid
	wait $pid || true
	exec 7>&-
	there=$(($(count) - before))
	{ head -1 more.csv; tail -n +$((there + 2)) more.csv; } | lam-ingest -q -s app
	lam-query --no-header "select * from app" | tail -n 4000 | cmp - <(tail -n 4000 more.csv)
	sample 60000 5 >big.csv
	before=$(count)
	run -4 bash -c 'ulimit -f 100; lam-ingest -s app big.csv' # no file above 100 KiB
	there=$(($(count) - before))
	{ head -1 big.csv; tail -n +$((there + 2)) big.csv; } | lam-ingest -q -s app
	lam-query --no-header "select * from app" | tail -n 60000 | cmp - <(tail -n 60000 big.csv)
	lam-fsck -q
}
