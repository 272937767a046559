#!/usr/bin/env bats
# lam-serve publishes a whole, valid stream or nothing.
load helper

small() {
	sample 40 >app.csv
	lam-ingest -q -s app app.csv
	view a <<<"select status, user, count(*) as n, sum(latency) as busy from app group by status, user"
	view b <<<"select count(*) as n, min(note) as lo from app"
	lam-batch >good.part
}

@test "every truncation of a stream publishes nothing" {
	small
	size=$(wc -c <good.part)
	for ((n = 0; n < size; n += (n < 600 || n > size - 200) ? 1 : 13)); do
		run -3 lam-serve <(head -c $n good.part)
		[ -z "$(find "$LAM_DATA/serving" -type f ! -name ".*" 2>/dev/null)" ] || { echo "cut at $n"; return 1; }
	done
	lam-serve good.part
	[ "$(find "$LAM_DATA/serving" -name '*.idx' | wc -l)" -eq 2 ]
}

@test "a changed byte, swapped lines, a missing line: refused" {
	small
	first=$(grep -vn '^#' good.part | head -1 | cut -d: -f1)
	awk -v n=$first 'NR == n { keep = $0; next } { print } NR == n + 1 { print keep }' good.part >swapped
	run -3 lam-serve swapped
	sed "${first}d" good.part >missing
	run -3 lam-serve missing
	for i in $(seq 1 40); do
		at=$((i * $(wc -c <good.part) / 41))
		cp good.part flipped
		byte=$(od -An -tu1 -j $at -N 1 good.part)
		printf "\\x$(printf %02x $((byte ^ 1)))" | dd of=flipped bs=1 seek=$at conv=notrunc status=none
		run -3 lam-serve flipped
	done
	[ -z "$(find "$LAM_DATA/serving" -type f ! -name ".*" 2>/dev/null)" ]
}

@test "another stream's partials, another version, an unknown view: refused, with a reason" {
	small
	sed 's/^#lam-partial 2/#lam-partial 3/' good.part >newer
	run -3 lam-serve newer
	[[ $output == *version* ]]
	LAM_DATA=$PWD/other
	mkdir -p other && cp -r data/views other/
	lam-ingest -q -s app app.csv
	run -3 lam-serve good.part
	rm other/views/b.sql
	lam-batch >one.part
	lam-serve one.part
}

@test "the previous generation is kept, older ones go" {
	small
	for i in 1 2 3; do
		lam-ingest -q -s app app.csv
		lam-batch | lam-serve
		n=$(lam-query --no-header "select n from b")
		[ "$n" -eq $(((i + 1) * 40)) ]
	done
	[ "$(ls "$LAM_DATA/serving/a" | wc -l)" -eq 2 ]
}

@test "a damaged previous generation is not the one that is kept" {
	small
	for i in 1 2; do
		lam-ingest -q -s app app.csv
		lam-batch | lam-serve
	done
	last=$(ls "$LAM_DATA"/serving/a/*.idx | tail -1)
	truncate -s 100 "$last"
	lam-ingest -q -s app app.csv
	lam-batch | lam-serve
	[ ! -e "$last" ]
	[ "$(ls "$LAM_DATA/serving/a" | wc -l)" -eq 2 ]
	lam-fsck -q
}

@test "what a view could not compute is told by lam-serve and --merge, when asked" {
	printf 'k,t\na,2026-01-01T00:00:00Z\na,1677-09-21T00:12:43.5Z\nb,1677-09-21T00:12:43.5Z\n' |
		lam-ingest -q -s s
	view v <<<"select k, date_trunc('minute', t) as m, count(*) as n from s group by k, m"
	lam-batch >part 2>first
	[[ $(cat first) == "lam-batch: v: 2 values could not be computed and are NULL, the first at position 1" ]]
	run --separate-stderr -0 lam-serve part
	[ -z "$stderr" ]
	run --separate-stderr -0 lam-serve -v part
	[[ $stderr == *"lam-serve: v: 2 values could not be computed and are NULL, the first at position 1"* ]]
	run --separate-stderr -0 lam-batch --merge part
	[ -z "$stderr" ]
	run --separate-stderr -0 lam-batch --merge -v part
	[ "$stderr" = "lam-batch: v: 2 values could not be computed and are NULL, the first at position 1" ]
}
