#!/usr/bin/env bats
# -f auto: logs of many programs are known for what they are, or refused, and never taken for others.
load helper

@test "auto: each log is read as what it is, and what is no format's is refused" {
	python3 "$BATS_TEST_DIRNAME/auto_logs.py"
	[ "$(wc -l <expect)" -gt 150 ]
	while read -r file what; do
		run lam-query -f auto -v "select 1 as x from '$file' limit 1"
		case $what in
		!*) [[ $status -eq 3 && $output == *"${what#!}"* ]] ;;
		*) [[ $status -le 1 && $output == *"$file: read as $what, as its first lines look ("* ]] ;;
		esac || { echo "$file, $what: $status $output"; return 1; }
	done <expect
}

@test "auto: what was chosen is told when asked, by each program, once for a file" {
	printf 'a,b\n1,2\n3,4\n' | tee log >log.csv
	run -0 --separate-stderr lam-query "select sum(a) from 'log'"
	[ -z "$stderr" ]
	run -0 --separate-stderr lam-query -v "select sum(a) from 'log*'"
	[ "$stderr" = "lam-query: log: read as csv, as its first lines look (70 % sure)
lam-query: log.csv: read as csv, as its name says" ] || { echo "$stderr"; return 1; }
	run -0 --separate-stderr lam-query -v -f csv "select sum(a) from 'log'"
	[ -z "$stderr" ]
	run -0 --separate-stderr lam-ingest -v -s s log
	[ "$(grep -c "log: read as csv, as its first lines look" <<<"$stderr")" -eq 1 ]
	run -0 --separate-stderr lam-ingest -v -s r --resume log
	[ "$(grep -c "log: read as csv, as its first lines look" <<<"$stderr")" -eq 1 ]
}

@test "auto: lines are the same with CR LF, and a newline begins none" {
	printf 'ts\r\n2026-11-28 09:00:00\r\n2026-11-28 09:01:00\r\n' >times
	[ "$(lam-query --no-header "select count(ts) from 'times'")" = 2 ]
	printf 'begin\n2026-11-28 09:00:00 a\n' >log # all behind the first are of a log
	run -3 lam-query "select * from 'log'"
	[[ $output == *"looks like a log whose lines begin with a time"* ]]
}

@test "auto: named, it stands for no name, whatever the stream remembers" {
	printf '1;2\n' >semi
	lam-ingest -q -s s --delimiter ';' --no-header semi
	grep -q '^delimiter ;$' data/master/s/input
	printf 'c1,c2\n3,4\n' >comma
	lam-ingest -q -s s -f auto comma
	run -0 lam-query --no-header "select * from s"
	[ "$output" = $'1,2\n3,4' ]
	lam-ingest -q -s t -f auto comma
	[ ! -e data/master/t/input ]
	run -2 lam-cluster -e 'select count(*) from stdin' -f auto comma
	[[ $output == *"-f auto: "* ]]
}

@test "auto: of a program without a format of its own the message says what to type, and that reads it" {
	python3 "$BATS_TEST_DIRNAME/layouts.py"
	[ "$(wc -l <expect)" -gt 28 ]
	while read -r file fields; do
		run -3 lam-query "select * from '$file'"
		[[ $output == "lam-query: $file: looks like "*": say "* ]] || { echo "$output"; return 1; }
		typed=${output#*: say }
		eval "lam-query -q -o jsonl ${typed/ZONE/Europe\/Berlin} \"select $fields from '$file'\"" >got || { echo "$output"; return 1; }
		python3 - "$file.want" got <<-'EOF'
		import json, sys
		want, got = ([json.loads(l) for l in open(f)] for f in sys.argv[1:])
		assert want == got, (want, got)
		EOF
	done <expect
}

@test "a document that holds its records in an array is told, and what the message says to type reads them" {
	python3 - <<-'EOF'
	import json
	for key in ("Records", "a b", "x"):
	    doc = {key: [{"n": i, "w": {"t": "v%d" % i}} for i in range(7)]}
	    open("one.json", "a").write(json.dumps(doc) + "\n") if key == "Records" else None
	    open(key.replace(" ", "_") + ".json", "w").write(json.dumps(doc))
	    open(key.replace(" ", "_") + "-long.json", "w").write(json.dumps(doc, indent=3))
	open("more.json", "w").write('{"Records":[{"n":1}],"next":2}\n')
	open("numbers.json", "w").write('{"Records":[1,2]}\n')
	open("lines.json", "w").write('{"n":1}\n{"n":2}\n')
	EOF
	for f in one Records Records-long a_b a_b-long x x-long; do
		for program in "lam-query 'select count(*) from '\\''$f.json'\\'" "lam-ingest -s s $f.json" \
			"lam-query 'select count(*) from stdin' <$f.json"; do
			run -0 --separate-stderr bash -c "$program"
			[[ $stderr == *"one object is one record: jq -c '"*"' makes a line of each"* ]]
		done
		filter=${stderr#*jq -c \'}
		run -0 --separate-stderr bash -c 'jq -c "$1" "$2" | lam-query --no-header "select count(*), sum(n), max(\"w.t\") from stdin"' - "${filter%%\'*}" $f.json
		[ "$output" = 7,21,v6 ] && [ -z "$stderr" ]
	done
	for f in more numbers lines; do
		run -0 --separate-stderr lam-query "select * from '$f.json'"
		[ -z "$stderr" ]
	done
}

@test "a table with a bar behind each field is told with what reads it" {
	printf '0|ALGERIA|0| haggle. carefully final deposits|\n1|ARGENTINA|1|al foxes, promise slyly; regular|\n' >n.tbl
	printf '1|x|2.5|\n2|y|3.5|\n' >p.tbl
	cat n.tbl n.tbl n.tbl n.tbl n.tbl >many.tbl
	sed 's/$/\r/' n.tbl >crlf.tbl
	for f in n p many crlf; do
		run -3 lam-query "select * from '$f.tbl'"
		[[ $output == *"a bar behind each field: pipe it in through \"sed 's/|\$//'\", and say --delimiter '|'" ]]
	done
	run -0 --separate-stderr bash -c "sed 's/|\$//' n.tbl | lam-query -o jsonl --delimiter '|' --fields k,name,r,text 'select * from stdin'"
	[ "$output" = '{"k":0,"name":"ALGERIA","r":0,"text":" haggle. carefully final deposits"}
{"k":1,"name":"ARGENTINA","r":1,"text":"al foxes, promise slyly; regular"}' ]
	run -0 --separate-stderr bash -c "sed 's/|\$//' p.tbl | lam-query --no-header --delimiter '|' 'select sum(c1), sum(c3) from stdin'"
	[ "$output" = 3,6 ]
}
