#!/usr/bin/env bats
# Look-up files in views: the rows of a join with them, from whichever layers, and never
# those of a file that is no more.
load helper

q() { lam-query --no-header "$@"; }

# Requests in r.csv; hosts and racks, by key, some of which nobody asks for; and the same
# in sqlite3, where an empty field is NULL.
files() {
	mkdir -p "$LAM_DATA"
	python3 - "${1:-3000}" "$LAM_DATA" <<-'E'
		import random, sys
		rng = random.Random(7)
		with open("r.csv", "w") as f:
		    f.write("id,ip,port,bytes\n")
		    for i in range(int(sys.argv[1])):
		        f.write("%d,%s,%d,%s\n" % (i, rng.choice(["", "10.0.0.%d" % rng.randrange(60)]),
		            rng.choice([80, 443, 22]), rng.choice(["", "1", "2.50", "900"])))
		with open(sys.argv[2] + "/hosts.csv", "w") as f:
		    f.write("name,weight,ip,rack,bytes\n")
		    rows = ["h%d,%s,10.0.0.%d,%s,9\n" % (i % 9, rng.choice(["", "1.5", "-2", "40"]), i,
		        rng.choice(["a", "b", "", "x"])) for i in range(5, 70)]
		    rng.shuffle(rows)
		    f.write("".join(rows) + "none,1,,a,\nnone,2,,b,\n")
		with open(sys.argv[2] + "/ports.csv", "w") as f:
		    f.write("rack,port,owner\na,80,ann\na,443,bob\nb,22,cy\nx,80,\n,80,nobody\n")
	E
	sqlite3 db 'create table r(id integer, ip text, port integer, bytes numeric)' \
		'create table h(name text, weight numeric, ip text, rack text, bytes numeric)' \
		'create table p(rack text, port integer, owner text)'
	for t in r:r.csv "h:$LAM_DATA/hosts.csv" "p:$LAM_DATA/ports.csv"; do
		tail -n +2 "${t#*:}" >body
		sqlite3 db '.mode csv' ".import body ${t%%:*}"
	done
	sqlite3 db "update r set ip = nullif(ip, ''), bytes = nullif(bytes, '')" \
		"update h set ip = nullif(ip, ''), weight = nullif(weight, ''), rack = nullif(rack, '')" \
		"update p set rack = nullif(rack, ''), owner = nullif(owner, '')"
}

# The view $1 and the query $2 of sqlite3, where FROM names r, h and p.
as_sqlite() {
	sed "s/join h /join 'hosts.csv' /g; s/join p /join 'ports.csv' /g" <<<"$2" | view "$1"
	q "select * from $1" | sort >"$1.ours"
	sqlite3 -csv db "$2" | tr -d '\r' | sed -E 's/(,[0-9]+)\.0(,|$)/\1\2/g' | sort >"$1.theirs"
	[ -s "$1.theirs" ]
	diff "$1.ours" "$1.theirs"
}

@test "look-ups by one key and by several, in a chain, left and inner, as sqlite3 has them" {
	files
	lam-ingest -q -s r r.csv
	for left in left ""; do
		as_sqlite "a$left" "select h.name, count(*) as n, sum(r.bytes) as s, count(h.ip) as k from r $left join h as h on h.ip = r.ip group by h.name"
		as_sqlite "b$left" "select port, rack, count(*) as n, max(weight) as w, sum(weight * port) as x from r $left join h using (ip) where port > 22 group by port, rack"
		as_sqlite "c$left" "select x.owner, h.rack, count(*) as n from r $left join h as h on r.ip = h.ip $left join p as x on x.rack = h.rack and r.port = x.port group by x.owner, h.rack"
		as_sqlite "d$left" "select count(*) as n, count(h.name) as k, min(h.weight) as w from r $left join h as h on h.ip = r.ip and h.rack = 'a'"
		as_sqlite "e$left" "select upper(coalesce(h.name, 'no-' || r.ip)) as who, count(*) filter (where h.weight > 1) as n from r $left join h as h on h.ip = r.ip where h.weight is null or h.weight < 40 group by who"
		as_sqlite "f$left" "select a.name, b.name as other, count(*) as n from r $left join h as a on a.ip = r.ip $left join h as b on b.ip = '10.0.0.' || r.port group by a.name, b.name"
	done
}

@test "whatever the layers, threads, cuts and memory: the bytes of a recompute" {
	files 20000
	{ head -n 1 r.csv; sed -n '2,9000p' r.csv; } | lam-ingest -q -s r
	view v <<<"select h.rack, p.owner, count(*) as n, sum(h.weight) as w, approx_count_distinct(h.name) as d,
		string_agg(h.name) as all_of, first(h.name) as f, sum(r.bytes) as b, min(ip) as i
		from r left join 'hosts.csv' h using (ip) join 'ports.csv' p on p.rack = h.rack and p.port = r.port
		group by h.rack, p.owner"
	lam-batch -q | lam-serve -q
	{ head -n 1 r.csv; sed -n '9001,14000p' r.csv; } | lam-ingest -q -s r
	lam-speed -q
	{ head -n 1 r.csv; sed -n '14001,$p' r.csv; } | lam-ingest -q -s r
	lam-query "select * from v" >layers # a column of both, and one of USING
	lam-query -x "select * from v" 2>&1 | grep -q serving/v/
	lam-query -x "select * from v" 2>&1 | grep -q speed/v/
	lam-batch -q >all.part
	for m in "" "--memory 4M"; do
		for j in 1 2 5; do
			lam-batch -q --threads $j $m | cmp - all.part
		done
	done
	lam-batch -q --as-of 7000 >a.part
	lam-batch -q --from 7000 --as-of 7001 >b.part
	lam-batch -q --from 7001 >c.part
	lam-batch --merge c.part a.part b.part | cmp - all.part
	rm -r data/serving data/speed
	lam-query "select * from v" | cmp - layers
	# Who adds partials up, or asks them, has no file.
	mkdir elsewhere
	cd elsewhere
	LAM_DATA=none lam-batch --merge ../b.part ../a.part ../c.part | cmp - ../all.part
	LAM_DATA=none lam-query -p ../all.part "select * from v" | cmp - ../layers
}

@test "what was made with another file is not used, and is not published" {
	files
	lam-ingest -q -s r r.csv
	view v <<<"select h.name, count(*) as n from r join 'hosts.csv' h on h.ip = r.ip group by h.name"
	lam-batch -q | tee old.part | lam-serve -q
	lam-speed -q
	lam-query "select * from v" >old
	sed -i 's/^h1,/renamed,/' data/hosts.csv
	lam-query "select * from v" >new
	sed 's/^h1,/renamed,/' old | sort >want
	sort new | cmp - want
	! lam-query -x "select * from v" 2>&1 | grep -q serving/v/ || false
	run -3 lam-serve -q <old.part
	[[ $output == *"v is of another definition"*"look-up file"*"lam-batch"* ]] || { echo "$output"; false; }
	lam-batch -q | lam-serve -q
	lam-query "select * from v" | cmp - new
	lam-query -x "select * from v" 2>&1 | grep -q serving/v/
	run -3 lam-batch --merge old.part <(lam-batch -q)
	# The old bytes, at another time and in another file: what was made of them is right again.
	sed 's/^renamed,/h1,/' data/hosts.csv >again
	mv again data/hosts.csv
	lam-serve -q <old.part
	lam-query "select * from v" | cmp - old
	lam-fsck --recompute
}

@test "a question about what is merged does not read the file" {
	files
	lam-ingest -q -s r r.csv
	view v <<<"select h.name, count(*) as n from r left join 'sub/hosts.csv' h on h.ip = r.ip group by h.name"
	mkdir data/sub
	mv data/hosts.csv data/sub
	touch -d '3 seconds ago' data/sub/hosts.csv
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o fault.so "$BATS_TEST_DIRNAME/shim/fault.c" -ldl -lpthread
	blind() { # cannot open the file
		LD_PRELOAD=$PWD/fault.so LAM_FAULT_DIR=$PWD/data/sub LAM_FAULT_AT=1 LAM_FAULT_DO=EIO+ "$@"
	}
	rested() { # its time of change is what counts, and cannot be set
		[ $(($(date +%s) - $(stat -c %Z data/sub/hosts.csv))) -gt 3 ]
	}
	lam-query "select * from v" >want
	run -4 blind lam-query "select * from v"
	[[ $output == *"sub/hosts.csv: cannot "* ]] || { echo "$output"; false; }
	await rested
	lam-batch -q | lam-serve -q
	blind lam-query "select * from v" | cmp - want
	# A copy is another file, until it was read.
	cp data/sub/hosts.csv data/sub/copy
	mv data/sub/copy data/sub/hosts.csv
	run -4 blind lam-query "select * from v"
	await rested
	lam-query "select * from v" | cmp - want
	blind lam-query "select * from v" | cmp - want
	# What is kept is a cache: damaged, gone, or not to be written.
	sed -i 's/^hash ..../hash 0000/' data/seen/*
	run -4 blind lam-query "select * from v"
	lam-query "select * from v" | cmp - want
	blind lam-query "select * from v" | cmp - want
	rm -r data/seen
	: >data/seen
	lam-query "select * from v" | cmp - want
	run -4 blind lam-query "select * from v"
}

@test "a key that comes twice is an error that names it and both lines" {
	files
	lam-ingest -q -s r r.csv
	view v <<<"select h.name, count(*) as n from r left join 'hosts.csv' h on h.ip = r.ip group by h.name"
	view w <<<"select p.owner, count(*) as n from r left join 'ports.csv' p on p.port = r.port and p.rack = r.ip group by p.owner"
	view good <<<"select port, count(*) as n from r group by port"
	printf 'ip,name\n10.0.0.7,a\n,b\n10.0.0.8,"two\nlines"\n,c\n10.0.0.9,d\n10.0.0.7,e\n' >data/hosts.csv
	run -3 --separate-stderr q "select * from v"
	[[ $stderr == *"views/v.sql:1:47: "*"data/hosts.csv: lines 2 and 8 both have the key ip = 10.0.0.7"* ]] || { echo "$stderr"; false; }
	run -5 --separate-stderr lam-batch -q
	[[ $stderr == *"lines 2 and 8 both"* ]]
	grep -q '^good	' <<<"$output"
	printf 'x,80,z\n' >>data/ports.csv
	run -3 --separate-stderr q "select * from w"
	[[ $stderr == *"lines 5 and 7 both have the key port = 80, rack = x"* ]] || { echo "$stderr"; false; }
}

@test "files that are missing, none, empty, torn, too large or changed meanwhile" {
	files
	lam-ingest -q -s r r.csv
	view v <<<"select h.name, count(*) as n from r left join 'hosts.csv' h on h.ip = r.ip group by h.name"
	refused() { # STATUS TEXT
		run "-$1" --separate-stderr q "select * from v"
		[[ $stderr == *"$2"* ]] || { echo "$stderr"; false; }
		run "-$1" --separate-stderr lam-batch -q v
		[[ $stderr == *"$2"* ]] || { echo "$stderr"; false; }
	}
	cp data/hosts.csv kept
	rm data/hosts.csv
	refused 4 "v.sql:1:47: $PWD/data/hosts.csv: there is no such file: a name that does not begin with / is of the dataset"
	mkdir data/hosts.csv
	refused 3 "is no regular file"
	rmdir data/hosts.csv
	mkfifo data/hosts.csv
	refused 3 "is no regular file"
	rm data/hosts.csv
	: >data/hosts.csv
	refused 3 "is empty"
	printf 'ip,name\n1,2\n3,"4\n' >data/hosts.csv
	refused 3 "data/hosts.csv:3: "
	printf 'name\na\n' >data/hosts.csv
	refused 2 'no column "ip"'
	printf 'ip,name\n' >data/hosts.csv
	[ "$(q "select * from v")" = ",3000" ]
	# In any order of columns, and of other types beyond the first records.
	cut -d , -f 3,1 kept >data/hosts.csv
	q "select * from v" >cut
	python3 - kept data/hosts.csv <<-'E'
		import sys
		rows = [line.rstrip("\n").split(",") for line in open(sys.argv[1])]
		with open(sys.argv[2], "w") as f:
		    f.write("ip,code,name\n")
		    for i in range(70000):
		        f.write("k%d,%d,none\n" % (i, i))
		    for r in rows[1:]:
		        f.write("%s,%s,%s\n" % (r[2], r[0], r[0]))
	E
	q "select * from v" | cmp - cut
	view v <<<"select h.code, count(*) as n from r left join 'hosts.csv' h on h.ip = r.ip group by h.code"
	q "select * from v" | cmp - cut
	run -4 --separate-stderr lam-batch -q --memory 2M v
	[[ $stderr == *"data/hosts.csv: what is looked up there does not fit in memory: give more --memory"* ]] || { echo "$stderr"; false; }
	# Replaced just after the first read of it, of all of it, and of its rows.
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o meanwhile.so "$BATS_TEST_DIRNAME/shim/meanwhile.c" -ldl
	view v <<<"select h.name, count(*) as n from r left join 'hosts.csv' h on h.ip = r.ip group by h.name"
	sed 's/^h1,/other,/' kept >new
	cp new data/hosts.csv
	q "select * from v" >after
	for n in 1 2 3 4 5 6 7 8; do
		cp kept data/hosts.csv
		LAM_MEANWHILE_READ=$n LAM_MEANWHILE_OF=/hosts.csv LAM_MEANWHILE_DO="cp new data/hosts.csv" \
			LD_PRELOAD=$PWD/meanwhile.so lam-query --no-header "select * from v" >got 2>err || {
			grep -q "hosts.csv: was changed while it was read: run again" err
			continue
		}
		cmp got cut || cmp got after
	done
}

@test "look-up files of other formats, packed ones, types, and names in quotes" {
	files
	lam-ingest -q -s r r.csv
	view v <<<"select h.name, sum(h.weight) as w from r join 'hosts.csv' h on h.ip = r.ip group by h.name"
	q "select * from v" >want
	python3 - data/hosts.csv <<-'E'
		import csv, json, sys
		with open("data/hosts.jsonl", "w") as f:
		    for r in csv.DictReader(open(sys.argv[1])):
		        f.write(json.dumps({"ip": r["ip"] or None, "name": r["name"],
		            "weight": float(r["weight"]) if r["weight"] else None}) + "\n")
		with open("data/it's hosts.tsv", "w") as f:
		    f.write("".join(line.replace(",", "\t") for line in open(sys.argv[1]) if line[:4] != "none"))
	E
	gzip -k data/hosts.csv
	for f in hosts.jsonl hosts.csv.gz "it''s hosts.tsv" "$PWD/data/hosts.csv"; do
		view v <<<"select h.name, sum(h.weight) as w from r join '$f' h on h.ip = r.ip group by h.name"
		q "select * from v" | cmp - want
		lam-batch -q | lam-serve -q
		q "select * from v" | cmp - want
	done
	printf 'since,day\n2026-01-01T00:00:00Z,first\n2026-01-02T00:00:00Z,second\n' >data/days.csv
	printf 'ts,x\n2026-01-01T05:00:00Z,1\n2026-01-02 23:00:00,2\n2026-01-03 00:00:00,4\n' | lam-ingest -q -s t
	view days <<<"select d.day, sum(x) as x from t left join 'days.csv' d on d.since = date_trunc('day', ts) group by d.day"
	q "select * from days" | diff - <(printf '%s\n' first,1 second,2 ,4)
	# Numbers that no integers of one scale are, and some that are.
	printf 'x,wide,small\n1,123456789012345678901234567890.5,1.50\n2,0.000000000000000000000125,-3\n4,,\n' >data/n.csv
	view n <<<"select t.x, sum(n.wide) as w, sum(n.small) as s from t left join 'n.csv' n on n.x = t.x group by t.x"
	q "select * from n" | diff - <(printf '%s\n' 1,123456789012345678901234567890.5,1.5 2,0.000000000000000000000125,-3 4,,)
	# A query of its own, and one without a dataset, look where the program runs.
	printf 'ip,name\n10.0.0.7,here\n' >hosts.csv
	lam-batch -q -e "select h.name, count(*) as n from 'r.csv' r left join 'hosts.csv' h on h.ip = r.ip group by h.name" |
		lam-query -p - --no-header "select * from query" >got
	q "select h.name, count(*) as n from 'r.csv' r left join 'hosts.csv' h on h.ip = r.ip group by h.name" | cmp - got
	[ "$(wc -l <got)" = 2 ]
}

@test "what a view cannot look up is refused, with what to write" {
	files 10
	lam-ingest -q -s r r.csv
	refused() {
		view v <<<"select count(*) as n from $1"
		run -2 q "select * from v"
		[[ $output == *"$2"* ]] || { echo "$output"; false; }
	}
	refused "r right join 'hosts.csv' h on h.ip = r.ip" "LEFT JOIN 'hosts.csv' AS h ON h.key = ip"
	refused "r full join 'hosts.csv' h on h.ip = r.ip" "LEFT JOIN 'hosts.csv' AS h ON h.key = ip"
	refused "r, 'hosts.csv' h where h.ip = r.ip" "LEFT JOIN 'hosts.csv' AS h ON h.key = ip"
	refused "r join r s on r.ip = s.ip" "a view reads one stream: make a view of each"
	refused "r join (select 1 as ip) s on r.ip = s.ip" "LEFT JOIN 'hosts.csv' AS h ON h.key = ip"
	refused "r left join 'hosts.csv' h on h.ip = r.ip and h.weight > 3" "CASE WHEN h.until > ts THEN h.name END"
	refused "r join 'hosts.csv' h on h.ip = r.ip and h.weight > r.bytes" "in WHERE"
	refused "r join 'hosts.csv' h on h.weight = r.ip" "do not go together"
	refused "r join 'hosts.csv' h on lower(h.ip) = r.ip" "by columns of the file"
	refused "r join 'hosts.csv' h using (nome)" 'no column "nome"'
	refused "r join 'hosts.csv' r on r.ip = ip" "two relations are called"
	refused "r join 'ho*.csv' h on h.ip = r.ip" "one file"
	refused "r join 'hosts.csv' h on h.ip = r.ip where ip = '1'" '"ip" is a column of r and of h'
}

@test "EXPLAIN names look-up files; lam-stat and lam-fsck tell of those that cannot be used" {
	files
	lam-ingest -q -s r r.csv
	view v <<<"select h.name, x.owner, count(*) as n from r left join 'hosts.csv' h on h.ip = r.ip
		join 'ports.csv' x on x.rack = h.rack and x.port = r.port group by h.name, x.owner"
	view w <<<"select port, count(*) as n from r group by port"
	lam-batch -q | lam-serve -q
	q "explain select name, n from v" | grep -q "looked up in 'hosts.csv' by ip, 'ports.csv' by rack and port"
	lam-fsck --recompute
	printf 'x,80,z\n' >>data/ports.csv
	run -5 lam-fsck
	[[ $output == *"data/ports.csv: lines 5 and 7 both have the key rack = x, port = 80"* ]] || { echo "$output"; false; }
	rm data/hosts.csv
	run -5 lam-fsck
	[[ $output == *"data/hosts.csv: there is no such file"* ]]
	run -5 --separate-stderr lam-stat -o csv
	echo "$output" >stat
	grep '^v,r,refused,.*data/hosts.csv: there is no such file' stat
	grep '^w,r,' stat | grep -v refused
}

@test "lam-cluster: tasks look up in the dataset, or by whole paths" {
	files
	lam-ingest -q -s r r.csv
	view v <<<"select h.name, count(*) as n from r left join 'hosts.csv' h on h.ip = r.ip group by h.name"
	lam-batch -q >want
	lam-cluster -q --splits 3 | cmp - want
	run -2 lam-cluster -q --splits 3 --store "$PWD/data/master"
	[[ $output == *"look-up file 'hosts.csv': tasks run elsewhere: name it by its whole path"* ]] || { echo "$output"; false; }
	sed -i "s|'hosts|'$PWD/data/hosts|" data/views/v.sql
	lam-batch -q >want
	lam-cluster -q --splits 3 --store "$PWD/data/master" | cmp - want
}
