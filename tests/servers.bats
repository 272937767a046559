#!/usr/bin/env bats
# What real servers wrote, with the formats of their configurations: make check-servers has it anew.
load helper

@test "servers: nginx, Apache, rsyslog, HAProxy, Squid and Caddy, as Python reads them and the client sent it" {
	run -0 python3 "$ROOT/tests/servers/reading.py" "$ROOT/tests/data/servers"
	[ "${#lines[@]}" -eq 21 ]
}
