#!/usr/bin/env bash
# check.sh - all checks of lam: builds, gates, unit tests, corpora, Bats
#
# Run by "make check", which sets VARIANT, BIN, O and CC.  Every check prints TAP lines
# or one line of its own, when it has ended; the last line of all reads "N passed, M
# failed".  Checks run beside each other, one more than there are processors, as many
# of them wait; the log of each is in $O/check/.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${VARIANT:=release}" "${O:=build/release}" "${BIN:=bin}"
# A sanitizer's finding must not look like one of our exit statuses.
export ASAN_OPTIONS=exitcode=99 TSAN_OPTIONS=exitcode=99
export LC_ALL=C TZ=UTC LAM_BIN=$PWD/$BIN
# Of two pythons the distribution's: a shim before another (pyenv) takes ten times as long
# to start, and it is started thousands of times.
! /usr/bin/python3 -c 'import yaml' 2>/dev/null || export PATH=/usr/bin:$PATH
logs=$O/check counts=$O/check/counts lanes=$(($(nproc) + 1))
rm -rf "$logs"
mkdir -p "$logs"
: >"$counts"

count() { # count PASSED FAILED
	echo "$1 $2" >>"$counts"
}

roomy() { # roomy DIR: there is room, and what is made there may be executed
	local probe status
	probe=$(mktemp "$1/lam-check.XXXXXX" 2>/dev/null) || return 1
	chmod +x "$probe"
	"$probe" 2>/dev/null
	status=$?
	rm -f "$probe"
	[ $status -eq 0 ] && [ "$(df --output=avail -k "$1" | tail -n 1)" -ge 100000 ]
}

memory=/dev/shm
roomy $memory || memory=${TMPDIR:-/tmp}

log_of() { # log_of NAME
	echo "$logs/${1//[^A-Za-z0-9_.]/-}.log"
}

step() { # step NAME COMMAND...: one check that is one command
	local name=$1 log
	log=$(log_of "$1")
	shift
	if "$@" >"$log" 2>&1; then
		count 1 0
		echo "ok $name"
	else
		count 0 1
		printf 'not ok %s\n%s\n' "$name" "$(tail -30 "$log" | sed 's/^/# /')"
	fi
}

tap() { # tap NAME COMMAND...: counts the TAP lines a command prints
	local name=$1 log ok not status since=$SECONDS told
	log=$(log_of "$1")
	shift
	"$@" >"$log" 2>&1
	status=$?
	ok=$(grep -c '^ok ' "$log")
	not=$(grep -c '^not ok ' "$log")
	told=$(grep -A4 '^not ok ' "$log"; grep -E '^ok .* # skip' "$log")
	if [ "$not" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$ok" -eq 0 ]; }; then
		not=1
		told+="not ok $name: exit $status after $ok checks
$(tail -20 "$log" | sed 's/^/# /')"
	fi
	count "$ok" "$not"
	echo "${told:+$told
}   $name: $ok ok, $not not ok, $((SECONDS - since)) s"
}

# The quicker suites under ASan and UBSan.
sanitized() {
	local log ok not since=$SECONDS
	log=$(log_of asan)
	env -u CFLAGS SUITES="tests/cli.bats tests/oracle.bats tests/aggregates.bats tests/functions.bats
		tests/pipeline.bats tests/real.bats tests/speed.bats" \
		make --no-print-directory check-asan >"$log" 2>&1
	read -r ok not < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log")
	count "${ok:-0}" "${not:-1}"
	grep '^not ok' -A8 "$log"
	echo "   under ASan and UBSan: ${ok:-0} ok, ${not:-1} not ok, $((SECONDS - since)) s"
}

beside() { # beside COMMAND...: as soon as there is room, and on
	while [ "$(jobs -rp | wc -l)" -ge "$lanes" ]; do
		wait -n
	done
	"$@" &
}

finish() { # the sum of what was counted; false if anything failed
	awk '{ passed += $1; failed += $2 }
		END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }' "$counts"
}

step "build ($VARIANT)" make --no-print-directory -s -j2 all units \
	CFLAGS="${CFLAGS:--O2 -g1} -Werror" VARIANT="$VARIANT"
grep -q '^0 ' "$counts" && { finish; exit 1; }

# What takes minutes comes first.
if [ "$VARIANT" = release ]; then
	beside sanitized
	beside step "clang builds it without a warning" make --no-print-directory -s \
		all VARIANT=clang CC=clang CFLAGS="-O0 -Werror"
fi
long=$(printf 'tests/%s.bats\n' faults follow laws)
for b in ${SUITES:-$long $(printf '%s\n' tests/*.bats | grep -vxF "$long")}; do
	# Faults are of calls, not of a disk: thousands of runs need not wait for one.
	scratch=${TMPDIR:-/tmp}
	[ "$b" != tests/faults.bats ] || scratch=$memory
	# What is ignored, as under nohup, no shell can heed again.
	beside tap "${b##*/}" env --default-signal=HUP,INT,QUIT,TERM TMPDIR="$scratch" bats --tap "$b"
done
if [ "$VARIANT" = release ]; then
	beside step "every header compiles alone" tests/gates.sh headers
	beside step "includes follow the layers of src/README.md" tests/gates.sh layers
	beside step "no room holds more than 12 % of the lines" tests/gates.sh rooms
	beside step "functions are defined where their headers say" tests/gates.sh owners
	beside step "third-party headers are included where they belong" tests/gates.sh third-party
	beside step "the library prints, exits and reads nothing by itself" \
		tests/gates.sh symbols
	beside step "every function of the library is used" tests/gates.sh unused
	beside step "hash tables are seeded" tests/gates.sh seeds
	beside step "sources and scripts keep to the style" tests/gates.sh style
	beside step "the programs are hardened" tests/gates.sh hardening
	beside step "man pages are clean" mandoc -T lint -W warning man/*.[157]
fi
for t in "$O"/unit/test_*; do
	if [ "$VARIANT" = tsan ]; then # those with threads only
		grep -qsE 'thread|lam_pool_run' "tests/unit/${t##*/}.c" || continue
	fi
	[ -x "$t" ] && [ ! -d "$t" ] && case $t in *.d) ;; *)
		beside tap "${t##*/}" "$t" ;;
	esac
done
for f in tests/fuzz/fuzz_*.c; do # every target has a corpus
	[ "$VARIANT" = tsan ] && continue
	name=${f##*/fuzz_} name=${name%.c}
	beside step "corpus $name replays" "$O/replay/fuzz_$name" \
		"tests/fuzz/corpus/$name"
done
wait
[ "$VARIANT" = release ] && step "tests leave nothing behind" \
	tests/gates.sh clean
finish
