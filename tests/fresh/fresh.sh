#!/bin/sh
# fresh.sh - both commands of the README in a Debian that has nothing but make
NAME=check-fresh
. "$(dirname "$0")/lib.sh"
prepare
base "$FRESH/$SUITE"
run=$FRESH/run
rm -rf "$run"
cp -a --reflink=auto "$FRESH/$SUITE" "$run"
trap 'rm -rf "$run"' EXIT
git clone -q --no-hardlinks . "$run/root/lam"

status=0
for command in "make demo" "make check"; do
	log="$FRESH/$(echo "$command" | tr ' ' -).log"
	echo "$NAME: $command (its output: $log)"
	start=$(date +%s)
	said=passes
	inside "$run" "cd /root/lam && $command" >"$log" 2>&1 || {
		said="fails with $?" status=1
		grep '^not ok' "$log" || tail -20 "$log"
	}
	sum=$(grep -E '^[0-9]+ passed' "$log" || true)
	record "\`$command\` $said, $(($(date +%s) - start)) s${sum:+, $sum}"
done
exit $status
