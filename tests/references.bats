#!/usr/bin/env bats
# user_agent() and geo(): files of the machine that functions look things up in.
load helper

UAP=/usr/share/uap-core

one() { # one FILE NETWORK COUNTRY ...: a file of places
	python3 "$ROOT/tests/mmdb.py" one "$@"
}

rules() { # rules FILE FAMILY: a file of rules, by which x is a FAMILY
	cat >"$1.new" <<-END
		user_agent_parsers:
		  - regex: 'x'
		    family_replacement: '$2'
		os_parsers:
		  - regex: '(x)'
		device_parsers:
		  - regex: 'X'
		    regex_flag: 'i'
		    device_replacement: 'Spider'
	END
	mv "$1.new" "$1"
}

# settled FILE: it was written more than two seconds ago, so its checksum is kept
settled() {
	until [ $(($(date +%s) - $(stat -c %Z "$1"))) -gt 3 ]; do
		sleep .1
	done
}

# opens DIR COMMAND...: does a program open any file in DIR?  If it does, that fails
opens() {
	rm -f fired
	LD_PRELOAD=$PWD/fault.so LAM_FAULT_DIR=$1 LAM_FAULT_AT=1 LAM_FAULT_DO=EIO+ LAM_FAULT_FIRED=$PWD/fired \
		"${@:2}" >/dev/null 2>&1 || true
	[ -e fired ]
}

# part VIEW: is an answer from what is served, or from the log?
part() {
	lam-query -x "select * from $1" 2>&1 >/dev/null | grep -q "serving/$1/" && echo served || echo log
}

@test "user_agent: uap-core's own cases, all of them" {
	run -0 python3 "$ROOT/tests/agents_model.py" cases "$UAP"
	[[ $output =~ ^[0-9]{5}" cases, 0 differ"$ ]]
}

@test "user_agent: texts changed at random are what Python's re makes of them by the same rules" {
	python3 "$ROOT/tests/agents_model.py" random "$UAP/regexes.yaml" "$(date +%j)" 1500
}

@test "geo: random files and addresses, as they were written" {
	for seed in 1 2 3 4 5 6; do
		python3 "$ROOT/tests/mmdb.py" check t.mmdb "$seed" 300
	done
}

@test "geo: what mmdblookup of libmaxminddb's own package finds" {
	python3 "$ROOT/tests/mmdb.py" write t.mmdb 7 60 | cut -d' ' -f1 | cut -d/ -f1 | sort -u >ips
	{ echo ip; cat ips; } >ips.csv
	while read -r ip; do
		got=$(mmdblookup --file t.mmdb --ip "$ip" country iso_code 2>/dev/null |
			sed -n 's/^ *"\(.*\)" <utf8_string>$/\1/p')
		echo "$ip,$got"
	done <ips >want
	lam-query --no-header --geo t.mmdb "select ip, geo(ip, 'country') from 'ips.csv'" | diff - want
	[ "$(grep -c ',.' want)" -gt 20 ]
}

@test "what is asked for wrongly is told with its place" {
	one t.mmdb 10.0.0.0/8 DE
	run -2 --separate-stderr lam-query "select user_agent('x', 'brwoser')"
	[[ $stderr == *"query:1:24: user_agent: 'brwoser': expected browser, browser_version, os, "*" or bot"* ]]
	run -2 --separate-stderr lam-query --geo t.mmdb "select geo('10.0.0.1', '')"
	[[ $stderr == *"query:1:24: geo: path '': expected up to 16 names"* ]]
	run -2 --separate-stderr lam-query "select geo('10.0.0.1', 'country')"
	[[ $stderr == *"query:1:8: geo: no file is given: "*"--geo FILE or LAM_GEO"* ]]
	run -2 --separate-stderr lam-query "select user_agent(a, b) from (values ('x', 'os')) t(a, b)"
	[[ $stderr == *"user_agent: argument 2 must be a constant"* ]]
	run -2 --separate-stderr lam-query --geo none.mmdb "select geo('10.0.0.1', 'country')"
	[[ $stderr == *"none.mmdb: cannot be read: No such file"* ]]
	LAM_GEO=$PWD run -2 --separate-stderr lam-query "select geo('10.0.0.1', 'country')"
	[[ $stderr == *"is no regular file"* ]]
	head -c 200 t.mmdb >cut.mmdb
	run -3 --separate-stderr lam-query --geo cut.mmdb "select geo('10.0.0.1', 'country')"
	[[ $stderr == *"cut.mmdb: no file of MaxMind's form, or a damaged one"* ]]
	tail -c +2 t.mmdb >late.mmdb
	run -3 --separate-stderr lam-query --geo late.mmdb "select geo('10.0.0.1', 'country')"
	[[ $stderr == *"late.mmdb: no file of MaxMind's form, or a damaged one"* ]]
	[ "$(LAM_GEO=none.mmdb lam-query --no-header --geo t.mmdb "select geo('10.0.0.1', 'country')")" = DE ]
	[ "$(LAM_GEO=t.mmdb lam-query --no-header "select geo(null, 'country') is null")" = true ]
}

@test "geo: metadata that point to each other without end are refused in little memory" {
	one t.mmdb 10.0.0.0/8 DE
	T=$ROOT/tests python3 - <<-'E'
		import os, sys
		sys.path.insert(0, os.environ["T"])
		import mmdb
		whole = open("t.mmdb", "rb").read()
		at = whole.rindex(mmdb.MARKER) + len(mmdb.MARKER)
		meta = bytearray(whole[at:])
		# a description of 40 arrays, each of the next twice
		assert meta[0] >> 5 == 7
		meta[0] += 1
		meta[:] = meta.replace(b"description", b"descriptiom")
		meta += mmdb.control("text", 11) + b"description" + mmdb.control("map", 1) + mmdb.control("text", 2) + b"en"
		for _ in range(40): meta += mmdb.control("array", 2) + mmdb.pointer(len(meta) + 6) * 2
		meta += mmdb.control("bool", 1)
		open("deep.mmdb", "wb").write(whole[:at] + meta)
		# or without end
		loop = bytes([whole[at] + 1]) + whole[at + 1:] + mmdb.control("text", 1) + b"x" + mmdb.pointer(0)
		open("loop.mmdb", "wb").write(whole[:at] + loop)
	E
	for f in deep loop; do
		run -3 --separate-stderr bash -c "ulimit -v 1000000; timeout 20 lam-query --geo $f.mmdb \"select geo('10.0.0.1', 'country')\""
		[[ $stderr == *"$f.mmdb: no file of MaxMind's form, or a damaged one: it has bad metadata"* ]]
	done
}

@test "a file of rules that is none is told with its line" {
	while IFS='~' read -r text at why; do
		printf -- "$text" >bad.yaml
		run -3 --separate-stderr lam-query --agents bad.yaml "select user_agent('x', 'os')"
		[[ $stderr == *"bad.yaml:$at: $why"* ]] || { echo "$text: $stderr"; false; }
	done <<-'END'
		~1~the file is empty
		- a~1~the lists user_agent_parsers
		os_parsers: x~1~a list of rules is expected
		os_parsers:\n - x~2~a rule is expected
		os_parsers:\n - regex: [a]~2~a text is expected
		os_parsers:\n - a: b\n~3~the rule before here has no regex
		os_parsers:\n - regex: a\n   regex_flag: x~3~a flag other than i
		os_parsers: &a\n - regex: b\nx: *a~3~an alias
		os_parsers:\n - regex: "b~2~no YAML
		os_parsers:\n - regex: b\n - regex: 'b('\nuser_agent_parsers:\n - regex: a\ndevice_parsers:\n - regex: a~3~regex: at character 3: missing closing parenthesis
	END
	echo "os_parsers: [{regex: a}]" >bad.yaml
	run -3 --separate-stderr lam-query --agents bad.yaml "select user_agent('x', 'os')"
	[[ $stderr == *"bad.yaml: has no user_agent_parsers"* ]]
	# what a newer file may have, and the forms of an empty value
	printf '%s\n' "new: {a: [1, {b: c}]}" "os_parsers: [{regex: '(a)(b)', new: [x], os_v1_replacement: ~}]" \
		"user_agent_parsers: [{regex: a, family_replacement: ''}]" "device_parsers: [{regex: z}]" >new.yaml
	run -0 lam-query --no-header --agents new.yaml "select user_agent(x, 'os'), user_agent(x, 'os_version'),
		user_agent(x, 'browser'), user_agent(x, 'device'), user_agent(x, 'bot') from (values ('xab')) t(x)"
	[ "$output" = a,b,Other,Other,false ]
}

@test "a rule that takes too long: its row alone has no value, which is told" {
	rules t.yaml F
	sed -i "s/'x'/'(a+)+\$'/" t.yaml
	lam-query --no-header "select repeat('a', 40) || 'b' as x from range(1)" >ax
	{ echo x; cat ax; echo b; echo aaa; } >a.csv
	run -0 --separate-stderr lam-query --no-header --agents t.yaml "select user_agent(x, 'browser') from 'a.csv'"
	[ "$output" = $'\nOther\nF' ]
	[[ $stderr == *"1 value could not be computed"* ]]
}

@test "a view depends on the file: another one is computed anew, and until then read from the log" {
	one t.mmdb 10.0.0.0/8 DE
	rules t.yaml Lynx
	export LAM_GEO=$PWD/t.mmdb LAM_AGENTS=$PWD/t.yaml
	printf 'ip,agent\n10.0.0.1,x\n10.0.0.2,x\n' | lam-ingest -q -s s -f csv
	view g <<<"select geo(ip, 'country') as c, count(*) as n from s group by c"
	view u <<<"select count(*) as n from s where user_agent(agent, 'browser') = 'Lynx'"
	view b <<<"select count(*) filter (where user_agent(agent, 'bot')) as n from s"
	view n <<<"select count(*) as n from s"
	lam-batch -q >partials
	lam-serve -q <partials
	[ "$(part g) $(part u) $(part b) $(part n)" = "served served served served" ]
	[ "$(lam-query --no-header "select * from g")" = DE,2 ]
	one t.mmdb 10.0.0.0/8 FR
	[ "$(part g) $(part u) $(part b) $(part n)" = "log served served served" ]
	[ "$(lam-query --no-header "select * from g")" = FR,2 ]
	rules t.yaml Links
	[ "$(part g) $(part u) $(part b) $(part n)" = "log log log served" ]
	[ "$(lam-query --no-header "select * from u")" = 0 ]
	# what was made with the old files is not published any more
	run -5 --separate-stderr lam-serve <partials
	[[ $stderr == *"or a look-up file was edited since: run lam-batch again"* ]]
	# but can be looked at, and the dataset is sound
	[ "$(lam-query --no-header -p partials "select c, n from g")" = DE,2 ]
	run -5 --separate-stderr lam-fsck
	[ "$(grep -c "older definition, or of an older file that it reads: run lam-batch" <<<"$stderr")" = 3 ]
	! grep -v "older definition" <<<"$stderr" || false
	lam-stat | grep -q "^u .* stale .* the definition, a file that it reads, the types or the program"
	lam-speed -q
	[ "$(lam-query --no-header "select * from g")" = FR,2 ]
	lam-query -x "select * from g" 2>&1 | grep -q speed/g/
	lam-batch -q --incremental | lam-serve -q
	[ "$(part g) $(part u) $(part b)" = "served served served" ]
	lam-fsck -q
	# without the file nothing can be said of the view; of others it can
	rm t.mmdb
	run -2 --separate-stderr lam-query "select * from g"
	[[ $stderr == *"t.mmdb: cannot be read: No such file"* ]]
	run -5 --separate-stderr lam-batch
	[[ $stderr == *"t.mmdb: cannot be read: No such file"* ]]
	[ "$(lam-query --no-header "select * from n")" = 2 ]
}

@test "workers with other files: their partials are not merged; with the same file, anywhere they are" {
	printf 'ip\n10.0.0.1\n10.0.0.2\n' >a.csv
	sql="select geo(ip, 'country') as c, count(*) as n from stdin group by c"
	one a.mmdb 10.0.0.0/8 DE
	one b.mmdb 10.0.0.0/8 FR
	cp a.mmdb c.mmdb
	for f in a b c; do
		lam-batch --geo $f.mmdb -e "$sql" <a.csv >$f.partial
	done
	run -3 --separate-stderr lam-batch --merge a.partial b.partial
	[[ $stderr == *"not of one definition"* ]]
	# who merges has no such file, and needs none
	lam-batch --merge a.partial c.partial >m.partial
	[ "$(lam-query --no-header -p m.partial "select c, n from query")" = DE,4 ]
}

@test "a query that needs only what is served reads no file, and neither does the next program" {
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o fault.so "$BATS_TEST_DIRNAME/shim/fault.c" -ldl
	mkdir geo agents
	one geo/t.mmdb 10.0.0.0/8 DE
	rules agents/t.yaml Lynx
	export LAM_GEO=$PWD/geo/t.mmdb LAM_AGENTS=$PWD/agents/t.yaml
	printf 'ip,agent\n10.0.0.1,x\n10.0.0.2,x\n' | lam-ingest -q -s s -f csv
	view g <<<"select geo(ip, 'country') as c, user_agent(agent, 'browser') as b, count(*) as n from s group by c, b"
	settled agents/t.yaml
	lam-batch -q | lam-serve -q
	[ "$(ls data/seen | wc -l)" = 2 ]
	for d in geo agents; do
		! opens "$PWD/$d" lam-query "select * from g" || false
		! opens "$PWD/$d" lam-speed || false
		! opens "$PWD/$d" lam-stat || false
	done
	# the records behind it need them
	printf 'ip,agent\n10.0.0.3,x\n' | lam-ingest -q -s s -f csv
	opens "$PWD/geo" lam-query "select * from g"
	opens "$PWD/agents" lam-query "select * from g"
	[ "$(lam-query --no-header "select * from g")" = DE,Lynx,3 ]
	# what is noted of another state of the file is not believed
	lam-batch -q | lam-serve -q
	touch -d "2020-01-01" geo/t.mmdb
	opens "$PWD/geo" lam-query "select * from g"
	! opens "$PWD/agents" lam-query "select * from g" || false
	[ "$(part g)" = served ] # the bytes are the same
	rm -r data/seen
	[ "$(lam-query --no-header "select * from g")" = DE,Lynx,3 ]
}

@test "a program that stays takes the new file with the next records" {
	one t.mmdb 10.0.0.0/8 DE
	export LAM_GEO=$PWD/t.mmdb
	echo 'ip
10.0.0.1' | lam-ingest -q -s s -f csv
	view g <<<"select geo(ip, 'country') as c, count(*) as n from s group by c"
	lam-speed -q --follow --interval 10ms &
	speed=$!
	covered() { lam-query -x "select * from g" 2>&1 | grep -q speed/g/; }
	await covered
	[ "$(lam-query --no-header "select * from g")" = DE,1 ]
	one t.mmdb 10.0.0.0/8 FR
	echo 10.0.0.2 | lam-ingest -q -s s -f csv
	await covered
	[ "$(lam-query --no-header "select * from g")" = FR,2 ]
	kill $speed
	wait $speed || true
	# and so does a live one
	printf 'ts,ip\n2026-01-01,10.0.0.1\n' >a.csv
	run -0 lam-speed -q --no-header -e "select date_trunc('day', ts) as d, geo(ip, 'country') as c, count(*) as n
		from stdin group by d, c" <a.csv
	[ "$output" = 2026-01-01T00:00:00Z,FR,1 ]
}
