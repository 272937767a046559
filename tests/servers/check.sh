#!/usr/bin/env bash
# check.sh - what real servers write is read for what it is
#
# Packages are downloaded and unpacked under build/servers, never installed: installing
# a server may start it in public.  They run in a network namespace that has nothing but
# its loopback.  What they write stays in build/servers/logs, and reading.py reads it,
# beside lam.  KEEP=yes copies it to tests/data/servers, which `make check` reads.
set -eu
cd "$(dirname "$0")/../.."
: "${BIN:=bin}"
root=$PWD/build/servers/root out=$PWD/build/servers/logs
servers="nginx apache2-bin rsyslog haproxy squid caddy"

unpack() { # the servers, and the libraries that are missing here
	mkdir -p build/servers/packages
	local needed
	# shellcheck disable=SC2086
	needed=$(apt-get -qq --print-uris --no-install-recommends install $servers |
		sed -n "s/^'[^']*' \(lib[^_]*\|squid-[^_]*\)_.*/\1/p")
	# shellcheck disable=SC2086
	(cd build/servers/packages && apt-get -qq download $servers $needed)
	mkdir -p "$root.new"
	for deb in build/servers/packages/*.deb; do
		dpkg-deb -x "$deb" "$root.new"
	done
	mv "$root.new" "$root"
}

[ -d "$root" ] || unpack
alone="unshare --net"
[ "$(id -u)" -eq 0 ] || alone="unshare --user --map-current-user --keep-caps --net"
rm -rf "$out"
$alone sh -c 'ip link set lo up && exec "$@"' sh \
	python3 tests/servers/requests.py "$root" "$out"
PATH=$PWD/$BIN:$PATH python3 tests/servers/reading.py "$out"
[ -z "${KEEP:-}" ] || {
	sed -i 's/OS: Linux .*/OS: Linux/' "$out/nginx_error"
	mkdir -p tests/data/servers
	cp "$out"/* tests/data/servers
}
