#!/usr/bin/env bash
# check.sh - all checks of lam: builds, gates, unit tests, corpora, Bats
#
# Run by "make check", which sets VARIANT, BIN, O and CC.  Every check prints TAP lines
# or one line of its own; the last line of all reads "N passed, M failed".
set -u
cd "$(dirname "$0")/.." || exit 1
: "${VARIANT:=release}" "${O:=build/release}" "${BIN:=bin}"
# A sanitizer's finding must not look like one of our exit statuses.
export ASAN_OPTIONS=exitcode=99 TSAN_OPTIONS=exitcode=99
export LC_ALL=C TZ=UTC LAM_BIN=$PWD/$BIN
log=$O/check.log
mkdir -p "$O"
passed=0 failed=0

result() { # result STATUS NAME
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1)); echo "ok $2"
	else
		failed=$((failed + 1)); echo "not ok $2"
		[ -s "$log" ] && tail -30 "$log" | sed 's/^/# /'
	fi
}

step() { # step NAME COMMAND...: one check that is one command
	local name=$1
	shift
	"$@" >"$log" 2>&1
	result $? "$name"
}

tap() { # tap NAME COMMAND...: counts the TAP lines a command prints
	local name=$1 ok not status
	shift
	"$@" >"$log" 2>&1
	status=$?
	ok=$(grep -c '^ok ' "$log")
	not=$(grep -c '^not ok ' "$log")
	passed=$((passed + ok)) failed=$((failed + not))
	grep -A4 '^not ok ' "$log"
	grep -E '^ok .* # skip' "$log"
	if [ "$not" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$ok" -eq 0 ]; }; then
		failed=$((failed + 1))
		echo "not ok $name: exit $status after $ok checks"
		tail -20 "$log" | sed 's/^/# /'
	else
		echo "   $name: $ok ok, $not not ok"
	fi
}

# The quicker suites under ASan and UBSan, beside the others: a second processor
# would have nothing to do.
sanitized() {
	SUITES="tests/cli.bats tests/oracle.bats tests/aggregates.bats tests/functions.bats tests/pipeline.bats
		tests/real.bats tests/speed.bats" CFLAGS= make \
		--no-print-directory check-asan >"$O/asan.log" 2>&1
}

finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

step "build ($VARIANT)" make --no-print-directory -s -j2 all units \
	CFLAGS="${CFLAGS:--O2 -g} -Werror" VARIANT="$VARIANT"
[ "$failed" -eq 0 ] || { finish; exit 1; }

if [ "$VARIANT" = release ]; then
	step "clang builds it without a warning" make --no-print-directory -s \
		-j2 all VARIANT=clang CC=clang CFLAGS="-O1 -Werror"
	sanitized &
	step "every header compiles alone" tests/gates.sh headers
	step "includes follow the layers of src/README.md" tests/gates.sh layers
	step "no room holds more than 12 % of the lines" tests/gates.sh rooms
	step "functions are defined where their headers say" tests/gates.sh owners
	step "third-party headers are included where they belong" tests/gates.sh third-party
	step "the library prints, exits and reads nothing by itself" \
		tests/gates.sh symbols
	step "every function of the library is used" tests/gates.sh unused
	step "hash tables are seeded" tests/gates.sh seeds
	step "sources and scripts keep to the style" tests/gates.sh style
	step "the programs are hardened" tests/gates.sh hardening
	step "man pages are clean" mandoc -T lint -W warning man/*.[157]
fi
for t in "$O"/unit/test_*; do
	if [ "$VARIANT" = tsan ]; then # those with threads only
		grep -qsE 'thread|lam_pool_run' "tests/unit/${t##*/}.c" || continue
	fi
	[ -x "$t" ] && [ ! -d "$t" ] && case $t in *.d) ;; *)
		tap "${t##*/}" "$t" ;;
	esac
done
for f in tests/fuzz/fuzz_*.c; do # every target has a corpus
	[ "$VARIANT" = tsan ] && continue
	name=${f##*/fuzz_} name=${name%.c}
	step "corpus $name replays" "$O/replay/fuzz_$name" \
		"tests/fuzz/corpus/$name"
done
for b in ${SUITES:-tests/*.bats}; do
	# What is ignored, as under nohup, no shell can heed again.
	tap "${b##*/}" env --default-signal=HUP,INT,QUIT,TERM bats --tap "$b"
done
if [ "$VARIANT" = release ]; then
	wait
	grep '^not ok' -A8 "$O/asan.log"
	read -r ok not < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' \
		"$O/asan.log")
	passed=$((passed + ${ok:-0})) failed=$((failed + ${not:-1}))
	echo "   under ASan and UBSan: ${ok:-0} ok, ${not:-1} not ok"
fi
[ "$VARIANT" = release ] && step "tests leave nothing behind" \
	tests/gates.sh clean
finish
