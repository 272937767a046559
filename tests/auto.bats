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
