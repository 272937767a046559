#!/usr/bin/env bash
# run.sh TARGET... - run libFuzzer targets, FUZZ_SECONDS (60) each, on the kept corpora
#
# New inputs go to build/corpus/NAME; a finding stops the run and stays in build/findings.
set -eu
cd "$(dirname "$0")/../.."
for t in "$@"; do
	name=${t##*/fuzz_}
	mkdir -p "build/corpus/$name" build/findings "tests/fuzz/corpus/$name"
	"$t" -max_total_time="${FUZZ_SECONDS:-60}" -max_len=65536 -timeout=10 \
		-artifact_prefix="build/findings/$name-" -print_final_stats=1 \
		"build/corpus/$name" "tests/fuzz/corpus/$name" \
		2>"build/findings/$name.log" || { tail -20 "build/findings/$name.log"; exit 1; }
	echo "$name: $(sed -n 's/stat::number_of_executed_units: *//p' "build/findings/$name.log") executions"
done
