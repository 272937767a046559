#!/usr/bin/env bats
# What comes in as text: formats, types that are given or sniffed, names of
# fields, line ends, and what is no log at all.
load helper

clf() { # clf TIME STATUS BYTES: a line of a web log, as mod_log_config writes it
	echo "203.0.113.1 - - [$1] \"GET / HTTP/1.1\" $2 $3 \"-\" \"a\""
}

# ------------------------------------------------------------------- types

@test "a web log has the types its format gives, whatever comes first" {
	{ clf "31/Jan/2023:08:00:00 +0000" 304 -; clf "31/Jan/2023:08:00:00 +0000" 200 10
		clf "31/Jan/2023:08:00:00 +0000" 200 20; } >log
	{ head -n 1 log; sleep .5; tail -n 2 log; } | lam-ingest -q -s s -f combined --flush-interval 50ms
	[ "$(grep '^bytes\|^status\|^ts' data/master/s/schema | tr '\n' ,)" = "ts time event,status number,bytes number," ]
	[ "$(lam-query --no-header "select sum(bytes) from s")" = 30 ]
	{ head -n 1 log; sleep .5; tail -n 2 log; } |
		lam-speed -f combined --no-header -e "select date_trunc('minute', ts) m, sum(bytes) b from stdin group by m" >out
	[ "$(cat out)" = 2023-01-31T08:00:00Z,30 ]
	{ head -n 1 log; sleep .5; tail -n 2 log; } | lam-batch -f combined -e "select status, sum(bytes) b from stdin group by status" |
		lam-query -p - --no-header "select sum(b) from query" >out
	[ "$(cat out)" = 30 ]
	printf 'status text\n' >schema # a schema goes before, field by field
	run -0 lam-query -f combined --schema schema -o jsonl "select max(status) as s, sum(bytes) as b from 'log'"
	[ "$output" = '{"s":"304","b":30}' ]
	: >empty
	run -0 lam-query -f combined --no-header "select sum(bytes), min(ts) from 'empty'"
}

@test "a time that is none is one NULL, not the end of the type" {
	for t in 31/Jan/2023:08:00:00 31/Jan/2023:08:00:00 31/Feb/2023:08:00:00 31/Jan/2023:08:00:00; do
		clf "$t +0000" 200 10
	done >log
	run -0 --separate-stderr lam-query -f combined --no-header \
		"select date_trunc('hour', ts) h, count(*) n from 'log' group by h"
	[ "$output" = $'2023-01-31T08:00:00Z,3\n,1' ]
	[[ $stderr == *"1 value of ts is not a time"* ]]
}

@test "needless zeros or a plus make a sniffed field text; a declared number is one" {
	printf 'z,n\n02134,1\n2134,2\n007,3\n7,4\n' >zip.csv
	run -0 lam-query --no-header "select z, n from 'zip.csv' where z = '007'"
	[ "$output" = 007,3 ]
	run -0 lam-query --no-header "select z, count(*) n from 'zip.csv' group by z order by z"
	[ "$output" = $'007,1\n02134,1\n2134,1\n7,1' ]
	for v in +7 -007 00 +0.5 00.5; do
		printf 'z\n7\n%s\n' "$v" | lam-ingest -q -s "s" && grep -qx "z text" data/master/s/schema
		rm -r data
	done
	for v in 0 -0 0.5 -0.5 1e-05 0e1 10; do
		printf 'z\n7\n%s\n' "$v" | lam-ingest -q -s "s" && grep -qx "z number" data/master/s/schema
		rm -r data
	done
	printf 'z number\n' >schema
	printf 'z\n007\n+7\n7\n-03\n' | lam-ingest -q -s s --schema schema
	run -0 lam-query --no-header "select sum(z), count(distinct z) from s"
	[ "$output" = 18,2 ]
	run -0 lam-query --no-header "select z from s" # and stays what was written
	[ "$output" = $'007\n+7\n7\n-03' ]
}

@test "types are of the last line, too, if it has no newline: of a file as of a pipe, packed or not" {
	python3 - <<-'EOF'
	ends = {"n": "8", "t": "x", "e": ""}
	for name, end in ends.items():
	    open(name + ".csv", "w").write("a,v\n1,2\n2,3\n3," + end)
	    open(name + ".tsv", "w").write("a\tv\n1\t2\n2\t3\n3\t" + end)
	    open(name + ".logfmt", "w").write("a=1 v=2\na=2 v=3\na=3 v=" + end)
	    open(name + ".ltsv", "w").write("a:1\tv:2\na:2\tv:3\na:3\tv:" + end)
	    open(name + ".w3c", "w").write("#Version: 1.0\n#Fields: a v\n1 2\n2 3\n3 " + (end or "-"))
	    open(name + ".regex", "w").write("1=2\n2=3\n3=" + end)
	open("one.csv", "w").write("a,v\n1,x")
	open("bad.csv", "w").write("a,v\n1,2\n3,x,")
	EOF
	for f in {n,t,e}.*; do
		format=${f#*.}
		start=
		[ "$format" != regex ] || { format='regex:(?<a>\d+)=(?<v>.*)' start='--start=^[0-9]'; }
		case $f in t.*) want=text ;; *) want=number ;; esac
		gzip -k "$f"
		for how in "$f" "$f.gz" -; do
			rm -rf data
			lam-ingest -q -s s -f "$format" $start "$how" <"$f"
			[ "$(sed -n 's/^v //p' data/master/s/schema)" = $want ] || { echo "$f $how"; false; }
			[ "$(lam-query --no-header "select count(*), max(a) from s")" = 3,3 ] # and each record once
		done
	done
	lam-ingest -q -s one one.csv
	grep -qx "v text" data/master/one/schema
	run -0 lam-ingest -s bad bad.csv # what is no record says nothing, and is told
	grep -qx "v number" data/master/bad/schema
	[[ $output == *"bad.csv:3: "* ]]
	{ echo v; seq 65536; printf x; } >long.csv # behind the first records it is a value like any other
	for f in long.csv -; do
		rm -rf data
		lam-ingest -q -s s $f <long.csv
		grep -qx "v number" data/master/s/schema
		[ "$(lam-query --no-header "select count(*) from s")" = 65537 ]
	done
	printf 'v\n1\nx' >waits.csv # a line that waits is not there yet
	lam-ingest -q -s w --resume waits.csv
	grep -qx "v number" data/master/w/schema
}

@test "an empty text in a field of numbers or times is NULL, without a word" {
	printf 'n,t\n1,2026-01-01\n"",""\n,\n' >e.csv
	run -0 --separate-stderr lam-query --no-header "select count(*), count(n), sum(n), count(t) from 'e.csv'"
	[ "$output" = 3,1,1,1 ] && [ -z "$stderr" ]
	lam-ingest -q -s s e.csv
	run -0 --separate-stderr lam-query --no-header "select count(*), count(n), sum(n), count(t) from s"
	[ "$output" = 3,1,1,1 ] && [ -z "$stderr" ]
	lam-query "select * from s" | cmp - e.csv
}

# --------------------------------------------------------------------- TSV

@test "TSV: what lam-query writes it reads again, every value and NULL" {
	printf '%s\n' 'k,v' '1,"a	b"' '2,' '3,"back\slash"' '4,"""q"' '5,""' '6,"n' 'l"' '7,\N' '8,"\t"' '9,"a""b"' \
		'10,\\N' '11,"""x"""' '12,"tab	and\ttab"' "13,\"cr$(printf '\r')\"" '14,C:\new' '15, ' '16,\' >v.csv
	lam-query -o jsonl "select * from 'v.csv'" >want
	lam-query -o tsv "select * from 'v.csv'" >v.tsv
	[ "$(wc -l <v.tsv)" -eq 17 ] # a record is a line
	lam-query -o jsonl "select * from 'v.tsv'" | cmp want -
	lam-query -f tsv -o jsonl "select * from stdin" <v.tsv | cmp want -
	lam-ingest -q -s s v.tsv
	lam-query -o jsonl "select * from s" | cmp want -
	lam-query "select * from s" | lam-query -o jsonl "select * from stdin" | cmp want -
	# one column, where an empty line is an empty text
	lam-query -o tsv "select v from 'v.csv'" | lam-query -f tsv "select v from stdin" >one
	lam-query "select v from 'v.csv'" | cmp one -
}

@test "TSV: as PostgreSQL's COPY writes it; a missing number stays NULL" {
	# the example of its documentation of COPY, and the escapes listed there
	printf 'a\tb\tc\nx\\ty\t\\N\t1\n\\b\\f\\v\\r\\n\\\\\t"q" \t\r\nlast\t\t2' >p.tsv
	run -0 lam-query -o jsonl "select * from 'p.tsv'"
	[ "${lines[0]}" = '{"a":"x\ty","b":null,"c":1}' ]
	[ "${lines[1]}" = '{"a":"\b\f\u000b\r\n\\","b":"\"q\" ","c":""}' ]
	[ "${lines[2]}" = '{"a":"last","b":"","c":2}' ]
	run -0 --separate-stderr lam-query --no-header "select count(c), sum(c) from 'p.tsv'"
	[ "$output" = 2,3 ] && [ -z "$stderr" ]
	printf 'a\tb\n1\t2\t3\n\n4\n5\t6\n' >r.tsv
	lam-ingest -q -s s r.tsv || true
	run -0 lam-query --no-header "select a, b from s"
	[ "$output" = 5,6 ]
	run -0 cut -d, -f2- data/reject/s.csv
	[ "${lines[1]}" = '2,"3 fields, expected 2","1	2	3"' ]
	[ "${lines[2]}" = '4,"1 field, expected 2","4"' ]
}

# --------------------------------------------------------- names of fields

@test "names join whatever the case of their letters, in files and in streams" {
	printf 'status,bytes\n200,5\n' >1.csv
	printf 'Bytes,Status\n7,200\n1,404\n' >2.csv
	printf 'STATUS\tBYTES\n404\t2\n' >3.tsv
	view v <<<"select status, count(*) as n, sum(bytes) as b from s group by status"
	sql="select status, count(*) as n, sum(bytes) as b from stdin group by status"
	lam-batch -e "$sql" 1.csv 2.csv 3.tsv | lam-query -p - --no-header "select * from query order by status" >out
	printf '200,2,12\n404,2,3\n' | cmp - out
	for f in 1.csv 2.csv 3.tsv; do
		lam-ingest -q -s s $f
	done
	run -0 cat data/master/s/schema
	[ "$output" = $'status number\nbytes number' ]
	lam-query --no-header "select * from v order by status" | cmp out -
	lam-batch | lam-serve
	lam-query --no-header "select * from v order by status" | cmp out -
	# names that differ in case only are fields of their own, each met once
	printf 'a,A\n1,2\n' | lam-ingest -q -s t
	printf 'A\n3\n' | lam-ingest -q -s t
	printf 'b,a,A\n4,5,6\n' | lam-ingest -q -s t
	run -0 lam-query "select * from t"
	[ "$output" = $'a,A,b\n1,2,\n,3,\n5,6,4' ]
	printf 'a\n1\n' | lam-ingest -q -s u
	printf 'A,a,Á\n2,3,4\n' | lam-ingest -q -s u
	run -0 lam-query "select * from u"
	[ "$output" = $'a,A,Á\n1,,\n3,2,4' ]
}

@test "a file that has none of the columns asked for is told" {
	printf 'status,bytes\n200,5\n' >1.csv
	printf 'code,size\n200,7\n' >2.csv
	run -0 --separate-stderr lam-batch -e "select status, sum(bytes) as b from stdin group by status" 1.csv 2.csv
	[[ $stderr == *"2.csv: has none of the columns asked for (status, bytes): they are NULL in its records"* ]]
	run -0 --separate-stderr lam-batch -e "select count(*) as n from stdin" 1.csv 2.csv # none asked for
	[ -z "$stderr" ]
	printf 'code,BYTES\n200,7\n' >2.csv
	run -0 --separate-stderr lam-batch -e "select status, sum(bytes) as b from stdin group by status" 1.csv 2.csv
	[ -z "$stderr" ]
}

@test "columns that only later files have are told, once, to who asks for all; in JSON lines and pairs they are in _rest" {
	printf 'a,b\n1,2\n' >1.csv
	for i in 2 3; do printf 'b,c,a,d\n4,8,3,9\n' >$i.csv; done
	run -0 --separate-stderr lam-query "select * from '*.csv'"
	[ "$output" = $'a,b\n1,2\n3,4\n3,4' ]
	[ "$stderr" = "lam-query: 2.csv: has columns that the first file has not (c, d): they are left out" ]
	for q in "select b from '*.csv'" "select a, sum(b) from '*.csv' group by a"; do
		run -0 --separate-stderr lam-query "$q"
		[ -z "$stderr" ]
	done
	printf 'b,d,a\n4,9,3\n' >3.csv
	run -0 --separate-stderr lam-query "select * from '*.csv'"
	[[ $stderr == *"2.csv: "*"(c, d)"*"3.csv: "*"(d)"* ]]
	echo '{"a":1}' >1.jsonl
	echo '{"a":2,"z":{"y":5}}' >2.jsonl
	run -0 --separate-stderr lam-query "select a, _rest ->> '$.z.y' as y from '*.jsonl'"
	[ "$output" = $'a,y\n1,\n2,5' ]
	[ -z "$stderr" ]
	echo a=1 >1.kv
	echo 'z=5 a=2' >2.kv
	run -0 lam-query --no-header -f logfmt "select * from '*.kv'"
	[ "$output" = $'1,\n2,z=5' ]
	run -0 lam-query "select * from '1.jsonl'" # one file was looked at whole
	[ "$output" = $'a\n1' ]
}

@test "a first line that names no field of the stream: a record, if it is as wide; else refused, with what to do" {
	printf 'ts,ip,n\n2026-01-01T00:00:00Z,10.0.0.1,1\n' | lam-ingest -q -s s
	printf '2026-01-01T00:00:01Z,10.0.0.2,2\n2026-01-01T00:00:02Z,10.0.0.3,3\n' >more.csv
	sed 's/$/,x/' more.csv >wide.csv
	printf 'time,address,count\n2026-01-01,10.0.0.1,1\n' >named.csv
	cp -r data before
	for how in wide.csv "--no-header wide.csv" "--header more.csv" named.csv; do
		run -3 lam-ingest -s s $how
		[[ $output == *".csv:1: none of its fields ("*") is one of the stream's (ts,ip,n): if that line is a record, "*"--fields"* ]]
		run -3 lam-ingest -s s ${how% *} - <"${how##* }"
	done
	head -n 1 wide.csv >one.csv # not even when it is the only line
	run -3 lam-ingest -s s one.csv
	run -3 lam-ingest -s s <(printf 'TS,IP,n\n2026-01-01,1,1\n') one.csv
	rm -r data && cp -r before data
	printf 'ts,x\n2026-01-01,1\n' >fits.csv # all are looked at before one is appended
	run -3 lam-ingest -s s fits.csv wide.csv
	[ "$(lam-query --no-header 'select count(*) from s')" = 1 ]
	for how in "" --no-header "--fields ts,ip,n"; do
		rm -r data && cp -r before data
		lam-ingest -q -s s $how more.csv
		run -0 lam-query --no-header "select ts, ip, n from s"
		[ "$output" = "$(echo 2026-01-01T00:00:00Z,10.0.0.1,1; cat more.csv)" ]
	done
}

# names TEXT WANT [OPTION]: the fields of a CSV
names() {
	printf -- "$1" >n.csv
	run -0 --separate-stderr lam-query ${3-} "select * from 'n.csv'"
	[ "${lines[0]}" = "$2" ] || { echo "$1: ${lines[0]}"; return 1; }
}

@test "a first line that is data is not taken for a header" {
	names 'ts,n\n2026-01-01,5\n' ts,n
	names '2026-01-01,5\n2026-01-02,6\n' c1,c2
	names '1,2,3\n' c1,c2,c3 # a line alone
	names 'nan,5\n1.5,6\n' c1,c2
	names '-Inf\n1\n2\n' c1
	names 'x,y\nnan,1\n' x,y
	names 'name,score\nann,\nbob,7\n' name,score # the third line says it
	names 'name,city\nann,rome\n' name,city # nothing says it
	names 'bob,GET\nann,GET\n' c1,c2 # no name is a value below
	names 'GET\nPOST\nGET\n' c1
	names 'up\ntrue\nfalse\n' up
	names 'true,x\nfalse,y\n' c1,c2
	names '10.0.0.1\n10.0.0.2\n' c1
	names 'http://a/,x\nhttp://b/,y\n' c1,c2
	names '10.0.0.1:80\t::1\n10.0.0.2/8\tx\n' 'c1,c2' '-f tsv'
	names 'ip,url\n10.0.0.1,http://a/\n' ip,url
	names '10.0.0.1\nx\n' 10.0.0.1 # some other word is below
	names 'id,2025,2026\nx,1,2\n' id,2025,2026 --input-header
	names 'a,b\n1,2\n' c1,c2 --no-input-header
	run -0 lam-query --no-header --no-input-header "select count(*) from 'n.csv'"
	[ "$output" = 2 ]
	run -2 lam-query --input-header --no-input-header "select 1 from 'n.csv'"
	printf 'a\tb\n1\t2\n' >h.tsv
	printf '3\t4\n' >n.tsv # has the names of the files before it
	run -0 lam-batch -e "select sum(a) as s from stdin" h.tsv n.tsv
	[[ $output == *$'\t4'* ]]
}

@test "a header met again is skipped and counted: any number of threads, joined files, marks, quotes, CR" {
	python3 - <<'EOP'
import csv, random
r = random.Random(7)
head = b'"id",t,"a ""b"""'
out, rows, again = [], [], 0
for i in range(200000):
    if i == 0 or r.random() < .001:
        out.append((b"\xef\xbb\xbf" if r.random() < .3 else b"") + head + r.choice([b"\n", b"\r\n"]))
        again += i > 0
    rows.append(i)
    out.append(b'%d,x,"%s"\n' % (i, r.choice([b"p", b"q,q", b"two\nlines", b'id""'])))
out.append(head)
open("j.csv", "wb").write(b"".join(out))
open("want", "w").write("%d,%d\n" % (len(rows), sum(rows)))
open("again", "w").write(str(again + 1))
EOP
	for n in 1 2 3; do
		lam-query --threads $n --no-header "select count(*), sum(id) from 'j.csv'" 2>err | cmp - want
		grep -q "^lam-query: $(<again) lines more are the header: skipped$" err
		lam-ingest --threads $n -s t$n j.csv 2>err
		grep -q " 200000 records, 0 rejected, $(<again) header lines met again," err
		lam-query --no-header "select count(*), sum(id) from t$n" | cmp - want
	done
	printf 'a\tb\n1\t\\N\na\tb\n2\tx\na\tb' >j.tsv
	run -0 --separate-stderr lam-query --no-header "select a, b from 'j.tsv'"
	[ "$output" = $'1,\n2,x' ]
	[ "$stderr" = "lam-query: 2 lines more are the header: skipped" ]
	# it is one also behind the place where a file is gone on with
	printf 'a,b\n1,2\n' >r.csv
	lam-ingest -q -s r --resume r.csv
	printf '3,4\na,b\n5,6\n' >>r.csv
	lam-ingest -q -s r --resume r.csv
	run -0 lam-query --no-header "select sum(a), count(*) from r"
	[ "$output" = 9,3 ]
}

@test "names with blanks, quotes, a byte order mark, and none" {
	printf '\xef\xbb\xbf"a ""b""", c d ,,a.b,é\r\n1,2,3,4,5\r\n' >n.csv
	lam-ingest -q -s s n.csv
	run -0 lam-query -o jsonl "select * from s"
	[ "$output" = '{"a \"b\"":1," c d ":2,"column3":3,"a.b":4,"é":5}' ]
	run -0 lam-query --no-header 'select "a ""b""" + " c d " from s'
	[ "$output" = 3 ]
	lam-ingest -q -s s n.csv
	[ "$(wc -l <data/master/s/schema)" -eq 5 ]
}

@test "values that are no times are counted once, however often they are looked at" {
	printf 'ts time event\nx number\n' >schema
	printf 'ts,x\n2026-01-01T00:00:00Z,1\nbad,y\nbad2,2\nbad3,3\n' >s.csv
	run --separate-stderr lam-speed --schema schema -e "select date_trunc('minute', ts) w, count(*) n, sum(x) s from stdin group by w" <s.csv
	[[ $stderr == *"3 values of ts are not times"* ]]
	[[ $stderr == *"1 value of x is not a number"* ]]
}

# ----------------------------------------------------------- what is no log

# refused FILE WORDS: by the guess, by name, from a pipe; nothing is made of it
refused() {
	for how in "" "-f csv" "-f combined" "--fields a,b"; do
		run -3 lam-query $how "select * from '$1'"
		[[ $output == *"$1: is $2, not the text of a log: "* ]] || { echo "$how: $output"; return 1; }
		run -3 lam-query $how "select * from stdin" <"$1"
		[[ $output == *"standard input: is $2, not the text of a log: "* ]] || { echo "$how: $output"; return 1; }
	done
	run -3 lam-ingest -s s "$1"
	[[ $output == *"$1: is $2, not the text of a log: "* ]]
	run -3 lam-ingest -s s <"$1"
	[ -z "$(find data -name '*.seg')" ]
}

@test "compressed files and archives are refused, with what reads them" {
	{ echo a,b; seq 2000 | sed 's/.*/&,&/'; } >t.csv
	python3 - <<'EOP'
import bz2, gzip, io, lzma, tarfile, zipfile
t = open("t.csv", "rb").read()
def put(name, b): open(name, "wb").write(b)
put("t.xz", lzma.compress(t))
put("t.lzma", lzma.compress(t, format=lzma.FORMAT_ALONE))
put("t.bz2", bz2.compress(t))
put("t.csv.bz2.csv", bz2.compress(t))
put("none.bz2", bz2.compress(b""))
put("t.gz.gz", gzip.compress(gzip.compress(t)))
z = zipfile.ZipFile("t.zip", "w"); z.write("t.csv"); z.close()
z = zipfile.ZipFile("none.zip", "w"); z.close()
z = tarfile.open("t.tar", "w"); z.add("t.csv"); z.close()
put("bz2.gz", gzip.compress(bz2.compress(t)))
# the magic numbers of zstd (RFC 8878: a frame and a skippable one), lz4, compress
put("t.zst", b"\x28\xb5\x2f\xfd\x04\x00" + t)
put("skip.zst", b"\x5a\x2a\x4d\x18\x00\x00\x00\x00")
put("t.lz4", b"\x04\x22\x4d\x18d@\xa7" + t)
put("t.Z", b"\x1f\x9d\x90" + t)
EOP
	refused t.lzma "compressed by lzma"
	refused bz2.gz "compressed by bzip2"
	refused t.gz.gz "compressed by gzip twice"
	refused t.zip "a zip archive"
	refused none.zip "an empty zip archive"
	refused t.tar "a tar archive"
	refused skip.zst "compressed by zstd"
	refused t.Z "compressed by compress"
	# where the program is not there, and in a pipe, the message says what to type
	mkdir none
	PATH=$PWD/none run -3 "$(command -v lam-query)" "select * from 't.bz2'"
	[[ $output == *'is compressed by bzip2, '*'pipe it in through "bzip2 -dc"'* ]]
	run -3 lam-query "select * from stdin" < <(cat t.xz)
	[[ $output == *'is compressed by xz, '*'pipe it in through "xz -dc"'* ]]
	run -0 lam-query --no-header "select count(*) from stdin" < <(python3 -c 'import bz2, sys; sys.stdout.buffer.write(bz2.open("t.bz2").read())')
	[ "$output" = 2000 ]
	# of many files none is taken
	run -3 lam-ingest -s s t.csv t.zip
	[ -z "$(find data -name '*.seg')" ]
}

@test "files that zstd, xz, bzip2 and lz4 made are read by these programs, damaged ones refused" {
	{ echo a,b; seq 200000 | sed 's/.*/&,&/'; } >t.csv
	lam-query "select count(*) as n, sum(b) as s from 't.csv'" >want
	for p in zstd:zst xz:xz bzip2:bz2 lz4:lz4; do
		command -v ${p%:*} >/dev/null || continue
		f=t.csv.${p#*:}
		${p%:*} -c t.csv >$f
		lam-query "select count(*) as n, sum(b) as s from '$f'" | cmp - want
		lam-query "select a from '$f' limit 1" >/dev/null # the program ends with us
		lam-ingest -q -s ${p#*:} $f
		lam-query "select count(*) as n, sum(b) as s from ${p#*:}" | cmp - want
		head -c 20000 $f >cut.$f
		run -3 --separate-stderr lam-query "select count(*) from 'cut.$f'"
		[[ $stderr == *"cut.$f: ${p%:*} could not unpack all of it: the file is truncated or corrupt"* ]]
	done
	python3 -c 'import bz2, lzma; t = b"a\n1\n"; open("s.xz", "wb").write(lzma.compress(t)); open("s.bz2", "wb").write(bz2.compress(t)); open("e.bz2", "wb").write(bz2.compress(b""))'
	for f in s.xz s.bz2; do
		[ "$(lam-query --no-header "select a from '$f'")" = 1 ]
	done
	run -1 lam-query "select count(*) from 'e.bz2'"
}

@test "a pattern is its files, sorted by their names" {
	mkdir logs
	for i in 3 1 2; do printf 'a\n%s\n' $i >"logs/$i.csv"; done
	gzip logs/2.csv
	[ "$(lam-query --no-header "select a from 'logs/*'" | tr '\n' ' ')" = "1 2 3 " ]
	[ "$(lam-query --no-header "select a from 'logs/[13]*.csv'" | tr '\n' ' ')" = "1 3 " ]
	lam-batch -e "select count(*) as n from stdin" 'logs/?.csv' | lam-query --no-header -p - "select n from query" | grep -qx 2
	printf 'a\n9\n' >'l*g' # a file of just that name
	[ "$(lam-query --no-header "select a from 'l*g'")" = 9 ]
	run -4 --separate-stderr lam-query "select a from 'logs/*.log'"
	[[ $stderr == *"logs/*.log: no file matches it"* ]]
}

@test "other encodings and binary files are refused; what only begins like one is not" {
	printf 'a,b\n1,2\n' >t.csv
	for e in UTF-16 UTF-16LE UTF-16BE UTF-32; do
		iconv -f UTF-8 -t $e <t.csv >t.txt
		refused t.txt "UTF-${e:4:2}"
	done
	printf 'PAR1\x15\x04\x15' >t.parquet
	refused t.parquet "a Parquet file"
	printf 'SQLite format 3\0' >t.db
	refused t.db "a SQLite database"
	lam-ingest -q -s s t.csv
	cp data/master/s/*.seg seg
	rm -r data
	refused seg "a file of a dataset"
	for head in BZh,b BZh9,b PAR1,b ORC,b LZIP,b LPKSHHRH,b Rar,b "é,b" ustar,b; do
		printf '%s\n1,2\n' "$head" >h
		run -0 lam-query "select * from 'h'"
		[ "$output" = "$head"$'\n1,2' ]
	done
	printf 'a,b\n1,x\0y\n' >nul.csv # a NUL is data
	[ "$(lam-query -o jsonl "select octet_length(b) n from 'nul.csv'")" = '{"n":3}' ]
}

@test "texts of formats that are not read are refused by name, unless told how to read them" {
	while IFS='|' read -r what line; do
		printf '%b\n' "$line" >t.log
		run -3 lam-query "select * from 't.log'"
		[[ $output == *"t.log: looks like $what"*": "*"-f"* ]] || { echo "$line: $output"; return 1; }
		run -3 lam-ingest -s s t.log
		run -3 lam-ingest -s s <t.log
		[ -z "$(find data -name '*.seg' 2>/dev/null)" ]
		printf '%b\n' "$line" >t.csv # by its name, by -f, by its fields it is CSV
		run lam-query "select * from 't.csv'"
		[[ $output != *"looks like"* ]]
		run lam-query -f csv "select * from 't.log'"
		[[ $output != *"looks like"* ]]
	done <<'EOP'
a web server's log of another layout|203.0.113.5 - - [31/Jan/2023:07:59:58 +0000] "GET / HTTP/1.1" 200 381 "-" "curl/8" 0.25
XML|<?xml version="1.0"?>
EOP
}

@test "a quoted pattern is its files, in order, for lam-ingest as for lam-query" {
	for i in 2 10 1; do printf 'a\n%s\n' $i >f$i.csv; done
	printf 'a\n7\n' >'g[1].csv' # is a file itself
	lam-ingest -q -s s 'f*.csv' 'g[1].csv'
	[ "$(lam-query --no-header 'select a from s')" = $'1\n10\n2\n7' ]
	[ "$(lam-query --no-header "select a from 'f*.csv'")" = $'1\n10\n2' ]
	run -4 lam-ingest -s s f1.csv 'h*.csv'
	[[ $output == *"h*.csv: no file matches it"* ]]
	run -4 lam-ingest -s s .
	[[ $output == *".: is a directory, not a log: --resume takes its files"* ]]
	[ "$(lam-query --no-header 'select count(*) from s')" = 4 ]
}

@test "web logs: one of another layout is told to be that, not the one that takes its end for an agent" {
	for line in '10.0.0.1 - - [20/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 404 58 "-" "a" rt=0.814 uct="-" urt="0.690, 0.001"' \
		'10.0.0.1 - bob smith [20/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 404 58 "-" "a \"q\"" rt=0.8 uct="-"' \
		'10.0.0.1 - - [20/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 404 58 "-" "a" 0.8'; do
		printf '%s\n' "$line" "$line" "$line" >t.log
		run -3 lam-query "select * from 't.log'"
		[[ $output == *"looks like a web server's log of another layout"*"say -f 'nginx:LOG_FORMAT' or -f 'apache:LOGFORMAT'"* ]] || { echo "$output"; return 1; }
	done
}

@test "web logs: lists of addresses are read, shifted lines rejected with the reason" {
	cat >log <<'EOP'
203.0.113.14, 198.51.100.2 - - [31/Jan/2023:08:00:09 +0000] "GET /xff HTTP/1.1" 200 80 "-" "a"
10.0.0.9 (203.0.113.1, 198.51.100.2) - bob [31/Jan/2023:07:59:58 +0000] "GET / HTTP/1.1" 200 381 "-" "a"
www.example.org:443 203.0.113.5 - - [31/Jan/2023:07:59:58 +0000] "GET / HTTP/1.1" 200 381 "-" "a"
EOP
	run -0 --separate-stderr lam-query -o jsonl "select ip, ident, \"user\", status from 'log'" || [ "$status" -eq 1 ]
	[ "${lines[0]}" = '{"ip":"203.0.113.14, 198.51.100.2","ident":null,"user":null,"status":200}' ]
	[ "${lines[1]}" = '{"ip":"10.0.0.9 (203.0.113.1, 198.51.100.2)","ident":null,"user":"bob","status":200}' ]
	[ "${#lines[@]}" -eq 2 ]
	[[ $stderr == *"log:3: a field stands before ip"* ]]
}

# ---------------------------------------------------------------- line ends

@test "any one end of line: LF, CR LF, CR alone; from a file, a pipe, gzip; into a stream" {
	for end in '\n' '\r\n' '\r'; do
		for last in "$end" ""; do
			printf "a,b${end}1,x${end}${end}2,\"y,\"\"z\"$last" >t.csv
			gzip -kf t.csv
			for f in t.csv t.csv.gz stdin; do
				[ $f = stdin ] || f="'$f'"
				run -0 lam-query -o jsonl "select * from $f" <t.csv
				[ "$output" = $'{"a":1,"b":"x"}\n{"a":2,"b":"y,\\"z"}' ] || { echo "$end $f: $output"; return 1; }
			done
			rm -rf data
			lam-ingest -q -s s t.csv
			[ "$(lam-query --no-header "select count(*) from s")" = 2 ]
			[ ! -e data/reject/s.csv ]
		done
	done
	printf 'a\tb\r1\tx\r2\ty' >t.tsv
	[ "$(lam-query --no-header "select a, b from 't.tsv'")" = $'1,x\n2,y' ]
	{ clf "31/Jan/2023:08:00:00 +0000" 200 10; clf "31/Jan/2023:08:00:00 +0000" 200 20; } | tr '\n' '\r' >t.log
	[ "$(lam-query --no-header "select sum(bytes) from 't.log'")" = 30 ]
	# beyond the first 2 MiB, in small pieces
	{ printf 'n,text\r'; seq -f '%.0f,some more text of this record' -s $'\r' 100000; } >big.csv
	[ "$(lam-query --no-header "select count(*), sum(n) from 'big.csv'")" = 100000,5000050000 ]
	[ "$(cat big.csv | dd bs=777 status=none | lam-query --no-header "select count(*), sum(n) from stdin")" = 100000,5000050000 ]
	# where LF ends lines, CR is data
	printf 'a,b\n1,x\ry\n2,"\r"\n' >cr.csv
	[ "$(lam-query -o jsonl "select * from 'cr.csv'")" = $'{"a":1,"b":"x\\ry"}\n{"a":2,"b":"\\r"}' ]
}

# ------------------------------------------------------------------- times

@test "times in the forms that programs write, kept as they were written" {
	cat >t.csv <<'EOP'
ts,n
2016-01-01 00:10:00 +0000,1
2016-01-01t00:10:00z,2
2016-12-31T23:59:60Z,3
2016-12-31T15:59:60-08:00,4
20160101T001000Z,5
2016/01/01 00:10:00,6
"Fri, 01 Jan 2016 00:10:00 GMT",7
Fri Jan  1 00:10:00 2016,8
"2016-01-01 00:10:00,250",9
2016-01-01T00:10:00Z,10
EOP
	want='2016-01-01T00:10:00Z,7
2016-01-01T00:10:00.25Z,1
2016-12-31T23:59:59Z,2'
	sql="select date_trunc('millisecond', ts) as t, count(*) as n from"
	run -0 lam-query --no-header "$sql 't.csv' group by t order by t"
	[ "$output" = "$want" ]
	lam-ingest -q -s s t.csv
	[ "$(head -n 1 data/master/s/schema)" = "ts time event" ]
	run -0 lam-query --no-header "$sql s group by t order by t"
	[ "$output" = "$want" ]
	lam-query "select * from s" | cmp - t.csv
	view v <<<"$sql s group by t"
	lam-batch | lam-serve
	run -0 lam-query --no-header "select t, n from v order by t"
	[ "$output" = "$want" ]
	run -0 lam-query --no-header "select n from s where ts = '2016-12-31 23:59:59' order by n"
	[ "$output" = $'3\n4' ]
	# numbers that look like dates stay numbers
	printf 'd,n\n20160101,1\n20160102,2\n' | lam-ingest -q -s d
	[ "$(head -n 1 data/master/d/schema)" = "d number" ]
}

# ------------------------------------------------------------ the manual's

@test "the examples with tail -F work on a log of more than ten lines" {
	{ echo ts,n; for i in $(seq 100 159); do echo "2026-01-01T00:00:${i#1}Z,$i"; done; } >app.csv
	count() { lam-query --no-header "select count(*) from app" 2>/dev/null || echo 0; }
	sleep 300 & # tail ends with it
	guard=$!
	tail -n +1 -F --pid=$guard app.csv 2>/dev/null | lam-ingest -q -s app --flush-interval 100ms &
	pid=$!
	until [ "$(count)" = 60 ]; do kill -0 $pid; done
	echo 2026-01-01T00:01:00Z,1 >>app.csv
	until [ "$(count)" = 61 ]; do kill -0 $pid; done
	kill $guard
	wait $pid
	# what is in the stream already is given by its header alone
	sleep 300 &
	guard=$!
	{ head -n 1 app.csv; tail -n 0 -F --pid=$guard app.csv 2>/dev/null; } | lam-ingest -q -s app --flush-interval 100ms &
	pid=$!
	{ head -n 1 app.csv; tail -n 0 -F --pid=$guard app.csv 2>/dev/null; } | lam-speed --no-header -e "
		select time_bucket(interval '10 seconds', ts) as w, count(*) as n
		from stdin group by w" >out &
	live=$!
	at=1767229200
	until [ "$(count)" -gt 61 ] && [ -s out ]; do
		kill -0 $pid $live
		at=$((at + 10))
		date -u -d @$at +%FT%TZ,2 >>app.csv
	done
	kill $guard
	wait $pid $live
	[ "$(cat data/master/app/schema)" = $'ts time event\nn number' ]
	[ ! -e data/reject/app.csv ]
	[[ "$(head -n 1 out)" == 2026-01-01T01:*Z,1 ]]
}

# ------------------------------------------------------------------- pieces

# Files of some MB are read in pieces, a pipe is not: both must say the same.
as_a_pipe() { # as_a_pipe FILE OPTION...: the same rows and messages, in order
	local file=$1 t
	shift
	cat "$file" | lam-query "$@" --threads 1 "select * from stdin" >want 2>want.told
	[ -s want ]
	sed -i 's/^standard input\|: standard input/FILE/' want.told
	for t in 1 2 5; do
		lam-query "$@" --threads $t "select * from '$file'" >got 2>got.told
		sed -i "s/^$file\|: $file/FILE/" got.told
		cmp want got
		diff want.told got.told
	done
}

@test "a file read in pieces: the rows, lines and messages of a pipe" {
	python3 - <<-'EOF'
	import random
	r = random.Random(7)
	def lines(n, bad):
	    for i in range(n):
	        yield "%d,%s,%d" % (i, "x" * r.randrange(30), r.randrange(1000))
	        if bad and not r.randrange(bad):
	            yield r.choice(["", "one,two", "a,b,c,d", "i,text,n", '"open,1,2', 'q"x,1,2', '1,"a ""b""",3', '2,"c"x,4'])
	def write(name, head, *parts):
	    with open(name, "w", newline="") as f:
	        f.write(head + "\n")
	        for p in parts:
	            f.write(p if isinstance(p, str) else "".join(l + "\n" for l in p))
	head = "i,text,n"
	many = lambda n: ('%d,"two\nlines, ""%s""\n",%d' % (i, "y" * r.randrange(60), i % 7) for i in range(n))
	write("bad.csv", head, lines(200000, 5000))
	write("crlf.csv", head + "\r", "".join(l + "\r\n" for l in lines(200000, 0)), "last,without,end")
	write("quoted.csv", head, lines(120000, 5000), many(60000), lines(60000, 0))
	write("open.csv", head, lines(150000, 0), '9,"never closed,1\n', lines(90000, 9000))
	write("long.csv", head, lines(100000, 0), "1," + "z" * 300000 + ",2\n", lines(80000, 0))
	write("short.csv", head, lines(50000, 0), "1,,\n" * 700000, lines(9000, 500))
	write("remark.csv", head, lines(90000, 0), '#,"\n', lines(90000, 3000), '# "\n' * 50000)
	with open("a.jsonl", "w") as f:
	    for i in range(120000):
	        f.write('{"a":%d,"b":{"c":"%s"}}\n' % (i, "j" * r.randrange(40)))
	        if i % 7001 == 7000:
	            f.write(r.choice(['{"a":1', "\n", "[1]", '{"a":{"b":2},"more":[1,2]}']) + "\n")
	with open("a.log", "w") as f:
	    for i in range(120000):
	        f.write('203.0.113.%d - - [31/Jan/2023:08:00:%02d +0000] "GET /%d HTTP/1.1" 200 %d "-" "a"\n' % (
	            i % 250, i % 60, i % 999, i))
	        if i % 30011 == 30010:
	            f.write("no line of a web log\n")
	EOF
	for f in bad crlf quoted open long short; do
		as_a_pipe $f.csv -f csv -v
	done
	as_a_pipe remark.csv -f csv -v --comment '#'
	as_a_pipe bad.csv -f tsv -v --delimiter ,
	as_a_pipe short.csv -f tsv -v --delimiter ,
	as_a_pipe a.jsonl -f jsonl -v
	as_a_pipe a.log -f combined -v
	as_a_pipe a.log -f lines
	as_a_pipe a.log -f 'regex:(?<ip>\S+) .*" (?<status>\d+).*' -v
}

@test "a file with a header and no record is a relation without rows, whose columns go with those of any type" {
	printf 'n,t,s\n' >none.csv
	printf 'n,t,s\n1,2026-01-01,x\n2,2026-01-02,\n' >some.csv
	same() { # same QUERY ROWS: what the rows of sqlite3 are, whose tables need no types
		run --separate-stderr lam-query --no-header "$1"
		want=$(sqlite3 -csv :memory: "create table none(n,t,s)" "create table some(n,t,s)" \
			"insert into some values (1,'2026-01-01','x'), (2,'2026-01-02',null)" \
			"$(sed "s/'\(none\|some\).csv'/\1/g" <<<"$1")")
		[ -z "$stderr" ] && [ "$output" = "${want//$'\r'/}" ] || { echo "$1: $output, not $want; $stderr"; false; }
	}
	for join in join "left join" "right join" "full join"; do
		same "select a.n, a.s, b.n, b.s from 'some.csv' a $join 'none.csv' b on a.n = b.n order by a.n"
		same "select a.n, b.n + 1, b.s from 'none.csv' a $join 'some.csv' b on a.n = b.n and a.s < b.s order by b.n"
	done
	same "select n, s from 'some.csv' union all select n, s from 'none.csv' order by 1"
	same "select n, s from 'none.csv' union all select n, s from 'some.csv' order by 1"
	for set in union intersect except; do
		same "select n, s from 'some.csv' $set select n, s from 'none.csv' order by 1"
		same "select n, s from 'none.csv' $set select n, s from 'some.csv' order by 1"
	done
	same "select a.n, b.n from 'some.csv' a, 'none.csv' b"
	same "select sum(n), max(s), count(n), count(*) from 'none.csv'"
	same "select n + 1, s || 'x' from 'none.csv' where n > 3 and s like 'a%'"
	same "select n, count(*), sum(n) from 'none.csv' group by n order by n"
	same "select n, sum(n) over (order by n) from 'none.csv'"
	same "with h as (select n, s from 'none.csv') select sum(n) from (select n from h union all select n from 'some.csv') u"
	same "select n from 'some.csv' where n in (select n from 'none.csv')"
	same "select n from 'some.csv' where n not in (select n from 'none.csv') order by n"
	same "select n from 'some.csv' a where not exists (select 1 from 'none.csv' b where b.n = a.n) order by n"
	same "select n, (select max(b.s) from 'none.csv' b where b.n = a.n) from 'some.csv' a order by n"
	run -0 lam-query --no-header "select date_trunc('day', t), n from 'none.csv' union all select t, n from 'some.csv' order by 2"
	[ "$output" = $'2026-01-01T00:00:00Z,1\n2026-01-02T00:00:00Z,2' ]
	run -2 lam-query "select u from 'none.csv' union all select n from 'some.csv'" # a name that is none is told
	printf 'n text\nt text\ns text\n' >schema # and a type that is given counts
	run -2 lam-query --schema schema "select n + 1 from 'none.csv'"
}

@test "of several files the first that has records gives the types; without any, a name that is none is told as such" {
	printf 'ts,x\n' >a.csv
	: >b.csv
	printf 'ts,x\n2026-01-01,5\n2026-01-02,6\n' >c.csv
	printf '{"y":1}\n' >d.jsonl
	run -0 lam-query --no-header "select sum(x), date_trunc('month', max(ts)) from '[abc].csv'"
	[ "$output" = 11,2026-01-01T00:00:00Z ]
	run -0 lam-query --no-header "select x + 1 from '[ac].csv' order by 1"
	[ "$output" = $'6\n7' ]
	run -0 --separate-stderr lam-query --no-header "select sum(x), count(*) from '[ab].csv'"
	[ "$output" = ,0 ] && [ -z "$stderr" ]
	run -0 lam-query --no-header "select count(*) from '[ab].csv'"
	[ "$output" = 0 ]
	run -2 lam-query "select sum(xs) from '[ab].csv'"
	[[ $output == *'no column "xs" in '*'; there are: ts, x'* ]]
	run -2 lam-query "select xs from 'a.csv' union all select x from 'c.csv'"
	run -2 lam-batch -e "select sum(xs) from stdin" a.csv
	run -1 lam-batch -e "select sum(x) from stdin" a.csv
	run -2 lam-speed -e "select sum(xs) from stdin group by time_bucket('1 minute', ts)" <a.csv
}
