#!/usr/bin/env bash
# run.sh [NAME...] - run fuzz targets one after the other, those named or all, the quick first
#
#	FUZZ_RUNS	executions each, or
#	FUZZ_SECONDS	time each (60); with FUZZ_RUNS, the most time (no limit)
#
# Kept inputs are where a run starts from; new ones go to build/corpus/NAME, logs and
# findings to build/findings.  A finding ends the run.  A line for each target:
# executions, seconds, edges covered, inputs that cover them.
set -eu
cd "$(dirname "$0")/../.."
# NAME LONGEST: bytes of an input that are enough to reach everything
targets="schema 128
span 48
number 64
time 160
record 96
like 48
hll 512
quantile 96
parse 160
state 128
clf 192
regex 48
csv 96
http 256
tsv 96
jsonl 256
formats 384
zeek 192
delimiter 160
pieces 384
column 384
sql 256
expr 96
gzip 256
deflate 256
partial 2048
lines 1024
index 2560
blockfile 2560
segment 1024
function 256
zone 512
agents 512
geo 3500
trail 384
ledger 2048
plot 512
input 128"

time=${FUZZ_SECONDS:-${FUZZ_RUNS:+0}}
export ASAN_OPTIONS=${ASAN_OPTIONS:-malloc_context_size=1:max_malloc_fill_size=256:quarantine_size_mb=1:allocator_release_to_os_interval_ms=-1}
mkdir -p build/findings
for name in tests/fuzz/fuzz_*.c; do
	name=${name##*/fuzz_}
	grep -q "^${name%.c} " <<<"$targets" || { echo "run.sh: ${name%.c} is not among the targets"; exit 1; }
done
while read -r name longest; do
	case " ${*:-$name} " in *" $name "*) ;; *) continue ;; esac
	log=build/findings/$name.log
	new=build/corpus/$name
	mkdir -p "$new"
	build/fuzz/target/fuzz_"$name" -runs="${FUZZ_RUNS:--1}" \
		-max_total_time="${time:-60}" -max_len="$longest" -timeout=100 \
		-rss_limit_mb=1024 -entropic=0 -reload=0 -print_final_stats=1 \
		-artifact_prefix="build/findings/$name-" \
		"$new" "tests/fuzz/corpus/$name" >"$log" 2>&1 </dev/null ||
		{ tail -30 "$log"; exit 1; }
	grep -a 'DONE' "$log" | awk -v n="$name" -v f="$log" '{
		while ((getline line < f) > 0)
			if (line ~ /^Done /) { split(line, t, " "); s = t[5] }
		sub("#", "", $1)
		printf "%-10s %10d runs %6d s %5d edges %5s inputs\n",
			n, $1, s, $4, $8
	}' 
done <<<"$targets"
