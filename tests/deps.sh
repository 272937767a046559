#!/bin/sh
# deps.sh - Debian packages of lam
#
#	deps.sh "OPTIONAL..." PACKAGE...	install them
#	deps.sh --if-missing "HEADER..." "COMMAND..." "OPTIONAL..." PACKAGE...
#					install them unless all headers compile
#					and all commands, or files, are there; with DEPS=no
#					name what is missing, and fail
#
# An optional package that cannot be had is reported and done without.
set -eu

missing() { # missing "HEADER..." "COMMAND...": those that are not there
	for c in $2; do
		[ -r "$c" ] || command -v "$c" >/dev/null 2>&1 || printf ' %s' "$c"
	done
	for h in $1; do
		printf '#define PCRE2_CODE_UNIT_WIDTH 8\n#include <%s>\n' "$h" |
			cc -E -x c - >/dev/null 2>&1 || printf ' %s' "$h"
	done
}

if [ "$1" = --if-missing ]; then
	missing=$(missing "$2" "$3")
	shift 3
	[ -n "$missing" ] || exit 0
	echo "deps: missing:$missing" >&2
	if [ "${DEPS:-}" = no ]; then
		shift
		echo "deps: they come with these packages: $*" >&2
		exit 1
	fi
fi
optional=$1
shift
if ! command -v apt-get >/dev/null 2>&1; then
	echo "deps: no apt-get here: install by hand: $*" >&2
	exit 1
fi
root=
[ "$(id -u)" = 0 ] || root=sudo
if [ -n "$root" ] && ! command -v sudo >/dev/null 2>&1; then
	echo "deps: not root, and no sudo here: as root, install: $*" >&2
	exit 1
fi
echo "deps: installing with ${root:+$root }apt-get (DEPS=no only names what is" \
	"missing): $*" >&2
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
$root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
for p in $optional; do
	$root apt-get install -y -qq --no-install-recommends "$p" >/dev/null ||
		echo "deps: no $p here: doing without" >&2
done
