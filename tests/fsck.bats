#!/usr/bin/env bats
# Damage to any file: the right answer, or a refusal that says what to do; and
# lam-fsck says what is intact.  The full sweep is "make bitrot".
load helper

SEG0=master/app/00000000000000000000.seg

# A dataset with everything: two sealed segments, an active one with two
# blocks, two generations, a speed partial, rejects.
everything() {
	sample 300 7 >app.csv
	piece 1 100 | lam-ingest -q -s app --segment-records 100
	view v <<<"select status, count(*) as n, sum(bytes) as b, max(note) as hi, approx_quantile(latency, 0.5) as p, avg(latency) as m, first(user) as f, count(distinct user) as u from app group by status"
	lam-batch | lam-serve -q
	piece 101 200 | lam-ingest -q -s app --segment-records 100
	lam-batch | lam-serve -q
	piece 201 250 | lam-ingest -q -s app --segment-records 100
	piece 251 300 | lam-ingest -q -s app
	run -1 lam-ingest -q -s app <<<$'ts,user,status,bytes,latency,note\nshort'
	lam-speed
	lam-query "select * from v" >want
}

piece() { # piece FROM TO: these records of app.csv, with the header
	head -1 app.csv
	tail -n +2 app.csv | sed -n "$1,$2p"
}

flip() { # flip FILE OFFSET [BIT]
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf "\\x$(printf %02x $((byte ^ (1 << ${3:-0}))))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

size() { wc -c <"$1"; }

sound() { # both answers are right
	lam-query "select * from v" 2>err | cmp - want &&
		lam-query "select * from app" 2>err | cmp - app.csv
}

@test "an intact dataset: exit 0, one screen, also with a recompute" {
	everything
	run -0 --separate-stderr lam-fsck
	[ -z "$stderr" ]
	[ "${#lines[@]}" -lt 24 ]
	[[ $output == *"intact: 3 of 3 segments (2 sealed), 5 of 5 blocks"* ]]
	[[ $output == *"2 of 2 generations intact; positions 0 to 200 are served"* ]]
	[[ $output == *"rejects  1 line"* ]]
	run -0 lam-fsck --recompute
	[[ $output == *"compared 2 files"* ]]
	run -0 lam-fsck --recompute --sample 1 --seed 5
	[[ $output == *"--seed 5"* ]]
	run -0 lam-fsck -q app
	[ -z "$output" ]
	run -2 lam-fsck nowhere
	run -2 lam-fsck --sample 3
}

@test "a directory without a dataset is not intact, and nothing can be told of it" {
	mkdir empty
	for p in lam-fsck "lam-fsck -q --recompute" "lam-fsck --salvage out" lam-stat \
		"lam-stat --max-lag 1s -o prom --to m.prom"; do
		run -2 --separate-stderr $p -d empty
		[[ $stderr == *"empty: there is no stream, view or function"* ]]
		[ -z "$output" ]
	done
	[ ! -e out ] && [ ! -e m.prom ]
	# one of the three is enough
	mkdir -p v/views f/functions/hi
	echo 'select count(*) as n from app' >v/views/n.sql
	printf 'on http\nrun cat\n' >f/functions/hi/function
	for d in v f; do
		run --separate-stderr lam-fsck -d $d
		[[ $stderr != *"there is no stream, view"* ]]
		run --separate-stderr lam-stat -d $d
		[[ $stderr != *"there is no stream, view"* ]]
	done
}

@test "every kind of file of the log, flipped: refused by name, or right" {
	everything
	cp -r data good
	for f in "$SEG0" master/app/00000000000000000200.seg master/app/id; do
		n=$(size "good/$f")
		for i in $(seq 0 40); do
			at=$((i * (n - 1) / 40))
			flip "data/$f" $at $((i % 8))
			run lam-fsck -q
			fsck=$status
			for q in "select * from v" "select * from app"; do
				run --separate-stderr lam-query "$q"
				if [ "$status" -eq 0 ]; then
					want=want
					[[ $q == *app ]] && want=app.csv
					cmp - $want <<<"$output"
				else
					[ "$status" -eq 3 ]
					[[ $stderr == *master/app/* ]]
					[ "$fsck" -eq 3 ] || { echo "$f $at: fsck $fsck"; return 1; }
				fi
			done
			cp "good/$f" "data/$f"
		done
	done
	run -0 lam-fsck
}

@test "every kind of derived file, flipped, cut, gone: the right answer from the log" {
	everything
	cp -r data good
	for f in $(cd data && ls serving/v/*200-*.idx speed/v/*.idx) master/app/durable; do
		n=$(size "good/$f")
		for i in $(seq 0 25); do
			at=$((i * (n - 1) / 25))
			flip "data/$f" $at $((i % 8))
			run lam-fsck -q
			[[ $status = [05] ]]
			sound || { echo "$f: byte $at"; cat err; return 1; }
			head -c $at "good/$f" >"data/$f"
			sound || { echo "$f: cut to $at"; cat err; return 1; }
			run -5 lam-fsck -q
			cp "good/$f" "data/$f"
		done
		rm "data/$f"
		sound
		cp "good/$f" "data/$f"
	done
}

@test "a file missing, swapped, or an old copy: refused, or right" {
	everything
	cp -r data good
	for f in $(cd good && find master -type f ! -name lock ! -name durable); do
		rm "data/$f"
		run -3 lam-query "select * from app"
		[[ $output == *master/app* ]]
		run -3 lam-fsck -q
		cp "good/$f" "data/$f"
	done
	swap() { mv "$1" swap.tmp; mv "$2" "$1"; mv swap.tmp "$2"; }
	swap data/$SEG0 data/master/app/00000000000000000100.seg
	run -3 lam-query "select * from app"
	run -3 lam-fsck -q
	swap data/$SEG0 data/master/app/00000000000000000100.seg
	swap data/serving/v/*100-*.idx data/serving/v/*200-*.idx
	sound
	run -5 lam-fsck -q
	swap data/serving/v/*100-*.idx data/serving/v/*200-*.idx
	# the first block of the active segment behind those after it
	seg=data/master/app/00000000000000000200.seg
	at=($(grep -abo LAMBLOK2 $seg | cut -d: -f1))
	[ "${#at[@]}" -eq 3 ]
	{ head -c "${at[0]}" $seg; tail -c +$((at[1] + 1)) $seg; tail -c +$((at[0] + 1)) $seg | head -c $((at[1] - at[0])); } >swapped
	cp swapped $seg
	run -3 lam-query "select * from app"
	[[ $output == *200.seg*position* ]]
	run -3 lam-fsck -q
	# an old copy of it: without its last block
	head -c "${at[1]}" good/master/app/00000000000000000200.seg >$seg
	run -3 lam-query "select * from v"
	run -3 lam-fsck
	[[ $output == *"50 records in 1 range"* ]]
	cp good/master/app/00000000000000000200.seg $seg
	run -0 lam-fsck
}

@test "a torn tail: exit 5, what to do, and gone after the next append" {
	everything
	printf LAMBLOCKtorn >>data/master/app/00000000000000000200.seg
	run -5 lam-fsck
	[[ $output == *"torn tail of 12 bytes"*lam-ingest* ]]
	sound
	head -2 app.csv | lam-ingest -q -s app
	run -0 lam-fsck
	[[ $output == *"1 torn tail moved aside, 12 bytes"* ]]
}

@test "another log under the same views: told apart" {
	everything
	LAM_DATA=other
	lam-ingest -q -s app app.csv
	cp -r data/views data/serving other/
	run -3 lam-fsck
	[[ $output == *"made from another log"* ]]
	run -3 lam-query "select * from v"
	rm -r other/serving
	run -0 lam-fsck
}

@test "what is served but not what the log gives is found, whole or by sample" {
	everything
	rm -r data/speed data/serving
	# All but one record of a group in another; the checksum is right.
	lam-batch --as-of 150 >part
	python3 - part <<-'PY' >forged
		import ctypes, re, sys
		xxh = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
		xxh.restype, xxh.argtypes = ctypes.c_uint64, (ctypes.c_char_p, ctypes.c_size_t)
		head, end = open(sys.argv[1], "rb").read().split(b"#end ", 1)
		a = re.search(rb"\nv\t200\t(\d+),", head)
		b = re.search(rb"\nv\t404\t(\d+),", head)
		put = lambda s, m, d: s[:m.start(1)] + b"%d" % (int(m[1]) + d) + s[m.end(1):]
		head = put(put(head, b, 1 - int(b[1])), a, int(b[1]) - 1)
		end = re.sub(rb"checksum=\w+", b"checksum=%016x" % xxh(head, len(head)), end)
		sys.stdout.buffer.write(head + b"#end " + end)
	PY
	lam-serve -q forged
	run -0 lam-fsck
	run -5 lam-fsck --recompute
	[[ $output == *"not what the log gives"* ]]
	run -5 lam-fsck --recompute --sample 1 --seed 1
	[[ $output == *"not what the log gives"* ]]
	lam-batch | lam-serve -q
	run -0 lam-fsck --recompute
}

@test "a sample of numbers on both sides of 0, and beyond all numbers, is no damage" {
	view v <<<"select k, sum(v) as s, avg(v) as a, var_pop(v) as w, median(v) as m from s group by k"
	big=99999999999999999999999999999999999999
	for part in 1 2 3; do
		printf 'k,v\n%s\n' a,-5 a,-$part b,$part b,-$part c,8 d, e,$big f,-$big |
			lam-ingest -q -s s -f csv --segment-records 8
	done
	lam-batch -q | lam-serve -q
	for seed in 1 2 3 4 5 6; do
		run -0 lam-fsck --recompute --sample 1 --seed $seed
		[[ $output == *"compared 1 file"* ]]
	done
	# a sum that is not there is
	lam-batch -q | sed 's/^v\tb\t0,/v\tb\t,/' >forged
	sed -i "s/checksum=.*/checksum=$(python3 - <<-'PY'
		import ctypes
		xxh = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
		xxh.restype, xxh.argtypes = ctypes.c_uint64, (ctypes.c_char_p, ctypes.c_size_t)
		head = open("forged", "rb").read().split(b"#end ", 1)[0]
		print("%016x" % xxh(head, len(head)))
	PY
	)/" forged
	rm -r data/serving
	lam-serve -q forged
	run -5 lam-fsck --recompute --sample 1 --seed 1
	[[ $output == *"not what the log gives"* ]]
}

@test "--salvage: every intact block, the lost positions, exit 3; nothing lost, exit 0" {
	everything
	lam-fsck --salvage copy
	lam-query -d copy "select * from app" | cmp - app.csv
	cp data/master/app/schema good.schema
	cmp good.schema copy/master/app/schema
	run -2 lam-fsck --salvage copy
	id=$(cat data/master/app/id)
	echo 0123456789abcdef0123456789abcdef >data/master/app/id
	run -3 lam-fsck
	[[ $output == *"write this line back: $id"* ]]
	run -0 lam-fsck --salvage idless
	lam-query -d idless "select * from app" | cmp - app.csv
	rm data/master/app/id
	# headers and footers do not matter either
	for f in data/master/app/*.seg; do flip "$f" 20; done
	flip data/$SEG0 $(($(size data/$SEG0) - 20))
	run -0 lam-fsck --salvage headless
	lam-query -d headless "select * from app" | cmp - app.csv
	# a block in the middle: its records are gone, and named
	at=$(grep -abo LAMBLOK2 data/master/app/00000000000000000200.seg | head -1 | cut -d: -f1)
	flip data/master/app/00000000000000000200.seg $((at + 40))
	run -3 lam-fsck --salvage rest
	[[ $output == *"lost: positions 200 to 249"* ]]
	{ piece 1 200; tail -n +252 app.csv; } >left.csv
	lam-query -d rest "select * from app" | cmp - left.csv
	# and a whole segment
	echo $id >data/master/app/id
	rm data/$SEG0
	run -3 lam-fsck --salvage less
	[[ $output == *"lost: positions 0 to 99"* && $output == *"200 to 249"* ]]
	cp -r data/views less/
	lam-batch -d less | lam-serve -q -d less
	run -0 lam-fsck -d less --recompute
	# the last segment, and the witness of how much was in it
	head -c 100 /dev/urandom >data/master/app/00000000000000000200.seg
	rm data/master/app/durable
	run -3 lam-fsck --salvage two
	[[ $output == *"lost: positions 200 and on"* ]]
}

@test "a definition in a file that no view can be named after" {
	everything
	run -0 lam-fsck
	cp data/views/v.sql "data/views/1 v.sql"
	run -5 lam-fsck
	[[ $output == *"data/views/1 v.sql: not a view's name"*"rename the file"* ]]
	cp data/views/v.sql data/views/ü.sql
	run -5 lam-fsck
	[[ $output == *"1 v.sql: not a view's name"*"ü.sql: not a view's name"* ]]
	touch data/views/.v.sql data/views/v.sql~
	rm "data/views/1 v.sql" data/views/ü.sql
	run -0 lam-fsck
}

@test "what a stream remembers of its text: cut anywhere, or another file" {
	echo '1 a' >r.log
	lam-ingest -q -s r -f 'regex:(?<n>\d+) (?<t>.*)' --zone Europe/Berlin r.log
	lam-fsck >/dev/null
	f=data/master/r/input
	cp $f sound
	line=$(head -n 1 sound | wc -c) # what ends with a line is sound, too
	for ((n = 1; n < $(wc -c <sound); n++)); do
		[ $n -ne $line ] || continue
		head -c $n sound >$f
		run -5 --separate-stderr lam-fsck
		[[ $stderr == *"data/master/r/input"*": mend that line"* ]]
	done
	for file in "$(command -v lam-fsck)" r.log /dev/zero; do
		head -c 100000 "$file" >$f
		run -5 --separate-stderr lam-fsck
		[[ $stderr == *"data/master/r/input"* ]]
	done
	cp sound $f
	lam-fsck >/dev/null
}
