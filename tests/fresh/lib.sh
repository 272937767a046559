# lib.sh - a Debian in a directory: what fresh.sh and arch.sh share
#
# Nothing is started in it but what a command starts; it sees the network, as its
# apt needs it.  Base systems are kept in $FRESH (build/fresh) and copied for a run.
set -eu
cd "$(dirname "$0")/../.."
SUITE=${SUITE:-bookworm}
FRESH=$(mkdir -p "${FRESH:-build/fresh}" && cd "${FRESH:-build/fresh}" && pwd)
RESULTS=tests/fresh/results.md

skip() { # skip WHY: one line, and done
	echo "$NAME: skipped: $*"
	exit 0
}

need() { # need COMMAND PACKAGE
	command -v "$1" >/dev/null 2>&1 ||
		skip "$1 is not here: apt-get install $2"
}

prepare() { # what both need
	[ "$(id -u)" = 0 ] || skip "root only: it makes a system of its own"
	need debootstrap debootstrap
	need unshare util-linux
	need git git
	MIRROR=${MIRROR:-$(mirror)}
	[ -n "$MIRROR" ] ||
		skip "no Debian mirror in apt's sources: MIRROR=http://... names one"
	[ -z "$(git status --porcelain)" ] ||
		echo "$NAME: what is not committed is not tried" >&2
}

mirror() { # the one this machine installs from
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' \
		'Identifier: Packages' 2>/dev/null |
		awk -v s="$SUITE" '$1 == "Debian" && $2 == s { print $3; exit }'
}

base() { # base DIR ARGUMENT...: a base system, made once
	[ ! -e "$1.made" ] || return 0
	rm -rf "$1"
	echo "$NAME: debootstrap, once" >&2
	dir=$1
	shift
	debootstrap --variant=minbase --include=make "$@" "$SUITE" "$dir" "$MIRROR" \
		>"$dir.log" 2>&1 || { tail -5 "$dir.log"; exit 1; }
	printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d" # no services
	chmod 755 "$dir/usr/sbin/policy-rc.d"
	: >"$dir.made"
}

inside() { # inside DIR COMMAND: a shell there, with processes of its own
	unshare --mount --pid --fork --kill-child sh -c '
		mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
		exec chroot "$0" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			sh -c "$1"' "$@"
}

record() { # record RESULT: a row of the results, and on standard output
	row="| $(date -u +%Y-%m-%d) | $(git rev-parse --short HEAD) | $NAME | $* |"
	echo "$row" >>"$RESULTS"
	echo "$row"
}
