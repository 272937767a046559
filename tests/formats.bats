#!/usr/bin/env bats
# Files on disk: what earlier releases wrote is read, what later ones write is
# refused as unsupported.  tests/data/README tells what is there.
load helper

samples() { ls -d "$ROOT"/tests/data/v*; }

take() { # take DIR: its dataset, here, to be written to
	rm -rf data
	cp -r "$1/data" data
	chmod -R u+rwX data
}

by_status="select status, n, notes, bytes, note1, last_ts, users, round(lo * 100, 0) as cents, top from by_status order by status"
by_user="select user, minute, n, ips from by_user order by user, minute"
pages="select status, hits, bytes from pages order by status"

# answers DIR: those of the texts
answers() {
	lam-query "select * from app" | cmp - "$1/app.csv"
	lam-query "$by_status" | diff - "$1/by_status.csv"
	lam-query "$by_user" | diff - "$1/by_user.csv"
	lam-query --no-header "$pages" | diff - "$1/pages.csv"
	# what sqlite3 does not compute: the same from the text and from the states
	for v in by_status by_user; do
		lam-query "select * from $v" >merged
		sed "/^--/d; s/from app/from 'app.csv'/" data/views/$v.sql >sql
		lam-query --schema data/master/app/schema "$(cat sql)" | cmp - merged
	done
	lam-query -o tsv "select * from long" | sed 's/\\N//g' | cmp - "$1/long.tsv"
	lam-query --no-header "select count(*), sum(seq), sum(try_cast(code as bigint)), count(try_cast(code as bigint)),
		count(remark), min(remark), max(path) from long" | diff - "$1/long.csv"
}

@test "samples: every kind of file and every encoding is there" {
	for d in $(samples); do
		cd "$d/data"
		for f in master/*/{id,schema,durable,00000000000000000000.seg} master/app/*.torn.* \
			serving/*/*.idx speed/*/*.idx reject/app.csv views/*.sql ../all.part; do
			[ -s "$f" ] || { echo "$d: no $f"; return 1; }
		done
		# encodings, kinds of integers, packings, flags of texts, as in lam-store(5)
		python3 - master/*/*.seg <<'EOF' | sort -u >"$BATS_TEST_TMPDIR/seen"
import struct, sys
for name in sys.argv[1:]:
    b, at = open(name, "rb").read(), 0
    while (at := b.find(b"LAMBLO", at)) >= 0:
        size, rows, columns = struct.unpack_from("<QII", b, at + 8)
        old = b[at + 6:at + 8] == b"CK"
        d = at + (32 if old else 40)
        p = d + 40 * columns + 8 + (0 if old else struct.unpack_from("<I", b, at + 32)[0])
        for i in range(columns):
            e, (n,) = b[d + 40 * i], struct.unpack_from("<I", b, d + 8 + 40 * i)
            print("encoding", e)
            if e == 3:
                print("integers", b[p]), print("packing", b[p + 1]), print("bitmap", b[p + 3])
                if struct.unpack_from("<I", b, p + 4)[0]: print("exceptions")
            text = p if e == 4 else p + 16
            if e == 2: print("entries", b[p + 1])
            if e == 4 or (e == 2 and b[p + 1] == 4):
                for bit in (1, 2, 4):
                    if b[text] & bit: print("text", bit)
            p += (n + 7) // 8 * 8
        at += size
    print("sealed" if b.endswith(b"LAMSEAL\n") else "active")
EOF
		cd "$BATS_TEST_TMPDIR"
		for want in "encoding "{0,1,2,3,4} "integers "{0,1,2,3,4} "packing "{0,1} "bitmap "{0,1} exceptions \
			"text "{1,2,4} "entries "{3,4} sealed active; do
			grep -qx "$want" seen || { echo "$d: no $want"; cat seen; return 1; }
		done
	done
}

@test "samples: the right answers, from served, speed and scanned ranges" {
	for d in $(samples); do
		take "$d"
		cp "$d/app.csv" .
		answers "$d" 2>err
		if [[ $d == */v1 ]]; then # its state is of no use, its log is
			! grep -v "version 1, of an older program.*passed over" err
			run -5 lam-fsck --recompute -q
			! grep -v "version 1, of an older program\|older definition" <<<"$output"
			run -3 lam-query -p "$d/all.part" "select sum(n) from by_user"
			[[ $output == *"version 1, of an older program"* ]]
			continue
		fi
		[ ! -s err ]
		run -0 --separate-stderr lam-query --explain "select sum(n) as n from by_user"
		[[ $stderr == *"serving/by_user/"*"speed/by_user/"*"log app"* ]]
		run -0 lam-fsck --recompute -q
		[ -z "$output" ]
		run -0 lam-query -p "$d/all.part" --no-header "select sum(n) from by_user"
		[ "$output" = 200 ] # as of there
		lam-batch --merge "$d/all.part" | cmp - "$d/all.part"
	done
}

@test "samples: go on being written to" {
	for d in $(samples); do
		take "$d"
		cp "$d/app.csv" .
		[[ $d == */v1 ]] || lam-serve --force "$d/all.part"
		answers "$d"
		lam-speed
		lam-batch | lam-serve
		lam-speed
		answers "$d"
		tail -n 1 "$d/web.log" | lam-ingest -q -s web -f combined
		lam-ingest -q -s app app.csv
		run -0 lam-query --no-header "select sum(n) from by_user"
		[ "$output" = 720 ]
		run -0 lam-query --no-header "select sum(hits) from pages"
		[ "$output" = 91 ]
		lam-batch | lam-serve
		run -0 lam-fsck --recompute -q
		lam-fsck --salvage copy
		{ cat app.csv; tail -n +2 app.csv; } >twice.csv
		lam-query -d copy "select * from app" | cmp - twice.csv
		rm -r copy
	done
}

@test "a log of version 1 that was gone on with: every record, once" {
	d=$ROOT/tests/data/v2
	cp -r "$d/mixed" data
	chmod -R u+rwX data
	{ cat "$d/app.csv"; tail -n +2 "$d/app.csv"; } >twice.csv
	lam-query "select * from app" | cmp - twice.csv
	mkdir data/views
	cp "$d"/data/views/by_*.sql data/views/
	lam-batch | lam-serve
	run -0 lam-fsck --recompute -q
	# its segments do not change any more; state is tied to them at their ends
	sum() { cat data/master/app/*{000,100,200}.seg | cksum; }
	before=$(sum)
	lam-batch --as-of 100 | lam-serve --force
	lam-batch --as-of 150 >part
	run -3 lam-serve --force part
	[[ $output == *"inside a segment of version 1"* ]]
	tail -n +2 "$d/app.csv" | lam-ingest -q -s app --fields "$(head -1 "$d/app.csv")" ||
		lam-ingest -q -s app "$d/app.csv"
	lam-speed
	run -0 --separate-stderr lam-query --no-header "select sum(n) from by_user"
	[ "$output" = 1080 ]
	[ -z "$stderr" ]
	run -0 lam-fsck --recompute -q
	[ "$before" = "$(sum)" ]
	# an older program is told: it reads the version in the header
	last=$(ls data/master/app/*.seg | tail -1)
	[ "$(od -An -tu4 -j8 -N4 "$last" | tr -d ' ')" = 2 ]
}

@test "source places that each header and footer told as a whole are gone on from" {
	cp -r "$ROOT/tests/data/v2/places" data
	chmod -R u+rwX data
	for stream in sealed active; do
		run -0 lam-fsck -q
		for round in 1 2 3; do
			for i in 0 1 2 3 4; do
				# eight records "sI,N" each, N = I modulo 5 up to 40, and one of each round before
				at=$(seq 40 | awk -v i=$i '$1 % 5 == i { n += length("sI,") + length($1) + 1 } END { print n }')
				echo "s$i,9" | lam-ingest -q -s $stream --ack --source s$i --segment-records 4 >told
				[ "$(head -1 told)" = "$((at + 5 * (round - 1))) 0" ]
			done
		done
		run -0 --separate-stderr lam-query --no-header "select count(*) from $stream"
		[ "$output" = 55 ]
	done
	run -0 lam-fsck -q
}

@test "a version 1 log with an open end: batch and speed, before anything is appended" {
	for how in speed batch; do
		take "$ROOT/tests/data/v1"
		cp "$ROOT/tests/data/v1/app.csv" .
		rm -r data/serving data/speed
		[ $how = speed ] && lam-speed || lam-batch | lam-serve
		answers "$ROOT/tests/data/v2" 2>err
		[ ! -s err ]
		run -0 lam-fsck --recompute -q
	done
}

unsupported="version 3 is newer than 2, which this program reads: unsupported: use a newer program"

@test "a segment or witness of a newer version is refused, by every program, and stays as it is" {
	d=$ROOT/tests/data/v2
	for f in $(cd "$d/newer" && ls master/app/*); do
		[[ $f != *durable ]] || unsupported=${unsupported/version 3 is newer than 2/version 2 is newer than 1}
		take "$d"
		cp "$d/newer/$f" "data/$f"
		refused() { # refused COMMAND...
			run "$@"
			# views of other streams are well
			[ "$status" -eq 3 ] || [ "$status" -eq 5 ]
			[[ $output == *"data/$f: $unsupported"* ]] || { echo "$f: $*: $output"; return 1; }
			cmp "$d/newer/$f" "data/$f"
		}
		refused lam-query "select * from app"
		refused lam-fsck
		rm -r data/serving data/speed
		refused lam-batch
		refused lam-speed
		refused lam-query "select * from by_status"
		[[ $f == *100.seg ]] || refused lam-ingest -s app "$d/app.csv"
		[[ $f == *durable ]] || refused lam-fsck --salvage "copy.${f##*/}"
	done
}

@test "an index of a newer version is passed over, naming both versions: the log answers" {
	d=$ROOT/tests/data/v2
	cp "$d/app.csv" .
	n=0
	for f in $(cd "$d/newer" && ls serving/*/* speed/*/*); do
		take "$d"
		cp "$d/newer/$f" "data/$f"
		answers "$d" 2>err
		grep -q "data/$f: $unsupported.*passed over" err || { echo "$f:"; cat err; return 1; }
		run -5 lam-fsck -q
		[[ $output == *"data/$f: $unsupported"* ]]
		n=$((n + 1))
	done
	[ $n -eq 4 ]
}

@test "partial text of a newer version is refused by whoever reads it" {
	d=$ROOT/tests/data/v2
	take "$d"
	for c in "lam-serve" "lam-batch --merge" "lam-query -p"; do
		sql=
		[[ $c != lam-query* ]] || sql="select sum(n) from by_user"
		run -3 --separate-stderr $c "$d/newer/all.part" ${sql:+"$sql"}
		[[ $stderr == *"all.part:"*": $unsupported"* ]]
		[ -z "$output" ]
	done
	rm -r data/serving
	run -3 lam-serve "$d/newer/all.part"
	[ -z "$(find data/serving -name '*.idx' 2>/dev/null)" ]
}

@test "jsonl: of a key that comes twice the last value counts, whole, as Python's json has it" {
	python3 - <<'EOF'
import json, random
random.seed(7)

def value(depth):
    kind = random.randrange(8)
    if kind < 4 and depth:
        return "{" + ",".join(pair(depth - 1) for _ in range(random.randrange(4))) + "}"
    return random.choice(["null", "1", "2.50", '"t\\n"', "[1,{\"a\":2}]", "true", "{}"])

def pair(depth):
    key = random.choice(["a", "b", "a", "b", "\\u0061", "c"])
    return '"%s":%s' % (key, value(depth))

with open("twice", "w") as twice, open("once", "w") as once:
    for line in ['"a":{"b":1},"a":null', '"a":{"b":1},"a":2', '"a":2,"a":{"b":1}',
                 '"a":{"b":1},"a":{"c":3}', '"a":{"b":{"c":1}},"a":{"b":null}'] * 3 + [
                 ",".join(pair(3) for _ in range(random.randrange(1, 6))) for _ in range(3000)]:
        line = "{" + line + "}"
        twice.write(line + "\n")
        # numbers are kept as they are written
        once.write(json.dumps(json.loads(line, parse_float=lambda s: "#" + s)).replace(
            '"#2.50"', "2.50") + "\n")
EOF
	# As they are, and where most members are in _rest; those are compared as values.
	for names in a,b,c,a.a,a.b,a.c,b.a,b.b,a.b.c,a.b.a a.b,b.c.a; do
		for file in twice once; do
			lam-query -f jsonl --fields $names -o jsonl "select * from '$file'" |
				python3 -c '
import json, sys
for line in sys.stdin:
    record = json.loads(line)
    for key, value in record.items():
        if value and str(value)[0] in "{[":
            record[key] = json.loads(value)
    print(json.dumps(record, sort_keys=True))' >$file.$names
		done
		[ "$(wc -l <twice.$names)" = 3015 ]
		cmp twice.$names once.$names
	done
	# A key with a point in it is the field of the way there: it is no key that comes twice.
	printf '%s\n' '{"a":{"b":1,"c":2}}' '{"a.b":7,"c":1,"a":{"c":3}}' >points
	[ "$(lam-query -f jsonl --fields a.b,a.c --no-header "select * from 'points'")" = \
		$'1,2,\n7,3,"{""c"":1}"' ]
}
