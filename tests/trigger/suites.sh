#!/usr/bin/env bash
# suites.sh [SUITE]... - the suites of functions where isolation is denied, and as nobody
#
# A copy of the tests that everybody can read; each suite once with each kind of isolation
# denied, once with all of them, and both ways as an ordinary user.  Prints what failed or
# was skipped, and a line for each run.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d /tmp/lam-suites.XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir -m 1777 "$work/tmp"
cp -r bin tests src man "$work"
chmod -R a+rX "$work"
export LC_ALL=C TZ=UTC LAM_BIN=$work/bin
[ $# -gt 0 ] || set -- trigger misuse sources
suites=("${@/#/tests/}")
all=cgroup,landlock,ns,net,seccomp failed=0

run() { # run WHO DENY
	local as=() out ok bad
	[ "$1" = root ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups
		env "HOME=$work/tmp" "TMPDIR=$work/tmp" PATH=/usr/local/bin:/usr/bin:/bin)
	out=$(cd "$work" && LAM_DENY=$2 "${as[@]}" bats --tap "${suites[@]/%/.bats}" 2>&1)
	ok=$(grep -c '^ok ' <<<"$out")
	bad=$(grep -c '^not ok ' <<<"$out")
	grep -A6 '^not ok \|^ok .* # skip' <<<"$out" | grep -v '^ok [^#]*$'
	[ "$bad" -eq 0 ] && [ "$ok" -gt 0 ] || failed=1
	echo "$1, denied: ${2:-nothing}: $ok ok, $bad not ok"
}

for deny in cgroup landlock ns,net seccomp $all; do
	run root $deny
done
[ "$(id -u)" -eq 0 ] || exit $failed
run nobody ""
run nobody $all
exit $failed
