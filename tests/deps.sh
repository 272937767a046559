#!/bin/sh
# deps.sh - Debian packages of lam
#
#	deps.sh "OPTIONAL..." PACKAGE...	install them
#	deps.sh --if-missing "HEADER..." "COMMAND..." "OPTIONAL..." PACKAGE...
#					install them unless all headers compile
#					and all commands are there
#
# An optional package that cannot be had is reported and done without.
set -eu

if [ "$1" = --if-missing ]; then
	headers=$2 commands=$3
	shift 3
	missing=
	for c in cc make $commands; do
		command -v "$c" >/dev/null 2>&1 || missing="$missing $c"
	done
	for h in $headers; do
		printf '#define PCRE2_CODE_UNIT_WIDTH 8\n#include <%s>\n' "$h" |
			cc -E -x c - >/dev/null 2>&1 || missing="$missing $h"
	done
	[ -n "$missing" ] || exit 0
	echo "deps: missing:$missing" >&2
fi
optional=$1
shift
if ! command -v apt-get >/dev/null 2>&1; then
	echo "deps: no apt-get here: install by hand: $*" >&2
	exit 1
fi
root=
[ "$(id -u)" = 0 ] || root=sudo
echo "deps: installing $*" >&2
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
$root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
for p in $optional; do
	$root apt-get install -y -qq --no-install-recommends "$p" >/dev/null ||
		echo "deps: no $p here: doing without" >&2
done
