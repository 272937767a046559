#!/usr/bin/env bats
# How far the work has come: on a terminal, with --progress, and on SIGUSR1.
load helper

reports() {
	python3 "$ROOT/tests/progress.py" "$@"
}

records() {
	seq 0 3999 | awk 'BEGIN { print "k,v" } { print "key" $1 % 7 "," $1 }'
}

# The one line of a program: records, megabytes to a tenth, rates.
LINE='[a-z]+: [0-9]+ records(, [0-9]+\.[0-9] MB)?, [0-9]+ records/s(, [0-9]+\.[0-9] MB/s)?'

@test "a terminal shows a line that is drawn in place and goes when the work is done" {
	records | reports tty ': 4000 records' lam-ingest -s s --flush-interval 100ms >shown
	# every line but those of other messages is taken away again
	[ "$(grep -oE "lam-ingest: s: [0-9]+ records, [^\\]*records/s" shown | wc -l)" -eq "$(grep -oF '\r\x1b[K' shown | wc -l)" ]
	tail -1 shown | grep -E 's: 4000 records, 0 rejected, positions 0 to 4000'
}

@test "SIGUSR1 asks every program, and gets a line whoever reads it, --quiet or not" {
	records | reports signal 's: 4000 records' lam-ingest -q -s s --flush-interval 0 >shown
	run ! grep -vE "^lam-ingest: $LINE\$" shown
	for program in "lam-query -q" "lam-batch -q -e"; do
		records | reports signal '0 records' $program "select count(*) from stdin" >shown
		run ! grep -vE "^lam-[a-z]+: $LINE\$" shown
		grep -q . shown
	done
	sed 's/^key[0-9]*/2026-01-01T00:00:00Z/; 1s/.*/ts,v/' <(records) |
		reports signal 'stdin: 4000 records' lam-speed -q --interval 10ms -e "select time_bucket(interval '1 hour', ts) as w, count(*) as n from stdin group by w" >shown
	run ! grep -vE "^lam-speed: $LINE\$" shown
	view v <<<"select k, count(*) as n from s group by k"
	lam-batch | reports signal 'partials: ' lam-serve -q >shown
	LOCK=$LAM_DATA/master/s/lock reports signal 's: 0 records' lam-fsck -q </dev/null >shown
	run ! grep -vE "^lam-fsck: s: 0 records, " shown
}

@test "--progress reports into a pipe, without an escape, and nothing else does" {
	records | lam-ingest -q -s s
	LOCK=$LAM_DATA/master/s/lock reports pipe 's: 0 records' lam-fsck --progress </dev/null >shown
	run ! grep -vE "^lam-fsck: s: 0 records" shown
	records | lam-query --no-header "select count(*) from stdin" 2>&1 | cmp - <(echo 4000)
}

@test "the share and the rest are of what is known to be there" {
	for i in $(seq 50); do records | tail -n +2; done | cat <(echo k,v) - >in.csv
	bytes=$(stat -c %s in.csv)
	want=$((bytes / 1000000)).$((bytes % 1000000 / 100000))
	# nobody reads its rows, so the query stops in the middle of the file
	reports signal ' s left' lam-query -q "select k, v from 'in.csv'" </dev/null >shown
	line="^lam-query: query: ([0-9]+) records, ([0-9.]+) MB of $want MB, [0-9]+ records/s, [0-9.]+ MB/s \(([0-9]+) %\), [0-9]+ s left\$"
	[[ $(tail -1 shown) =~ $line ]]
	awk -v part="${BASH_REMATCH[2]}" -v all=$bytes -v share="${BASH_REMATCH[3]}" \
		'BEGIN { got = part * 1e8 / all; exit !(share < 100 && got - share < 6 && share - got < 6) }'
}
