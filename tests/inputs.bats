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

@test "a header line that names no field of the stream is a record: refused, with what to do" {
	printf 'ts,ip,n\n2026-01-01T00:00:00Z,10.0.0.1,1\n' | lam-ingest -q -s s
	printf '2026-01-01T00:00:01Z,10.0.0.2,2\n2026-01-01T00:00:02Z,10.0.0.3,3\n' >more.csv
	cp -r data before
	for how in "" --no-header; do
		run -3 lam-ingest -s s $how more.csv
		[[ $output == *"more.csv:1: none of its fields ("*") is one of the stream's (ts,ip,n): if that line is a record, "*"--fields"* ]]
		run -3 lam-ingest -s s $how - <more.csv
	done
	head -n 1 more.csv >one.csv # not even when it is the only line
	run -3 lam-ingest -s s one.csv
	run -3 lam-ingest -s s <(printf 'TS,IP,n\n2026-01-01,1,1\n') one.csv
	rm -r data && cp -r before data
	printf 'ts,x\n2026-01-01,1\n' >fits.csv # all are looked at before one is appended
	run -3 lam-ingest -s s fits.csv more.csv
	[ "$(lam-query --no-header 'select count(*) from s')" = 1 ]
	lam-ingest -q -s s --fields ts,ip,n more.csv
	run -0 lam-query --no-header "select ts, ip, n from s"
	[ "$output" = "$(echo 2026-01-01T00:00:00Z,10.0.0.1,1; cat more.csv)" ]
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
