#!/usr/bin/env bats
# The manual pages and README say what is so: options, synopses, examples.
load helper

PROGS="lam-ingest lam-batch lam-serve lam-speed lam-query lam-fsck"

# page FILE: as a terminal shows it, without overstriking
page() {
	mandoc -T ascii -O width=200 "$1" | col -b -x
}

# section NAME: of a page on standard input, less its indentation
section() {
	sed -n "/^$1\$/,/^[A-Z]/ { s/^     //p; }"
}

@test "each page passes mandoc's lint" {
	run -0 mandoc -T lint -W warning "$ROOT"/man/*.[157]
	[ -z "$output" ]
}

@test "NAME, SYNOPSIS and options are those of --help" {
	for p in $PROGS; do
		$p --help >help
		page "$ROOT/man/$p.1" >man
		section NAME <man | sed 's/ *$//' >a
		head -n 1 help | cmp - a
		section SYNOPSIS <man >a
		sed -n '/^usage:/,/^$/ { s/^ *usage: //; s/^ *//; /./p; }' help | cmp - a
		# the items of the list, with their arguments; in what order is free
		sed -n 's/^     \(-[^ ].*\)$/\1/p' man | sed 's/   *.*//' | sort >a
		sed -n '/^options:/,/^$/ s/^ \{2,6\}\(-.*\)$/\1/p' help |
			sed 's/   *.*//' | sort | diff - a
	done
}

# ------------------------------------------------------------ examples

# examples PAGE: the literal lines of EXAMPLES and PIPES, as a script.  What only
# a cron table, another machine or patience can give is stood in for below.
examples() {
	page "$1" | sed -n '/^EXAMPLES$/,/^[A-Z]/ s/^           //p
		/^PIPES$/,/^[A-Z]/ s/^           //p' |
		sed -E 's/^[0-9*/]+ [0-9*]+ \* \* [0-9*] //'
}

# world: what the examples speak of
world() {
	export LAM_DATA=$PWD/var/lib/lam
	printf '%s - - [17/May/2015:10:05:0%s +0000] "GET /%s HTTP/1.1" %s 7 "-" "x"\n' \
		1.2.3.4 1 a 200 1.2.3.5 2 b 500 >access.log
	gzip -c access.log >access.log.1.gz
	{ echo ts,status; seq -f '2026-01-01T00:00:%02.0fZ,200' 10 40; } >app.csv
	gzip -c app.csv >access.csv.gz
	printf 'k,v\na,1\nb,2\na,3\n' >a.csv
	for n in a b; do
		lam-batch -e "select k, count(*) as n from stdin group by k" <a.csv >$n.part
	done
	lam-ingest -q -s access access.log
	view traffic <<<"select status, count(*) as hits from access group by status"
	lam-batch | lam-serve
	cp -r "$LAM_DATA" old
}

tail() { # as if the file were complete; what comes later is its last line
	local a=()
	for x; do [ "$x" = -F ] || a+=("${x/#0/1}"); done
	[ "${#a[@]}" -gt 1 ] || a=(-n +1 "${a[@]}")
	command tail "${a[@]}"
}

ssh() {
	shift
	"$@"
}

lam-speed() { # to follow has no end: what is there is enough
	if [ "$1" = --follow ]; then
		command lam-ingest -q -s access access.log
		command lam-speed --follow &
		until compgen -G "$LAM_DATA/speed/traffic/*.idx" >/dev/null; do
			kill -0 $! || return 1
		done
		kill $!
		wait $! || [ $? -eq 143 ] # dead by SIGTERM
	else
		command lam-speed "$@"
	fi
}

@test "each example of the pages runs" {
	world
	export -f tail ssh lam-speed
	for p in "$ROOT"/man/*.[17]; do
		examples "$p" | sed "s:/var/lib/lam:$LAM_DATA:g" >script
		[ -s script ] || { echo "$p has no example"; return 1; }
		run bash -e -o pipefail script
		echo "$p: $output"
		[ "$status" -eq 0 ]
	done
	# and did what they say
	[ -s today.part ] && [ -s traffic.part ]
	[ -d new/master/access ] && [ -d new/views ]
	cmp <(lam-query -d new "select * from traffic") <(lam-query -d old "select * from traffic")
}

@test "lam-partial(5): the example prints what it shows" {
	page "$ROOT/man/lam-partial.5" | sed -n '/^EXAMPLES$/,/^[A-Z]/ s/^           //p' >text
	sed -n 's/^\$ //; /^query/!p' text >script
	grep '^query' text | tr -s ' ' >want
	[ "$(wc -l <want)" -eq 2 ]
	bash -e script | tr '\t' ' ' | cmp - want
}

@test "lam-view(5): the view binds, and the query on it answers" {
	printf '%s\n' ts,host,status,bytes,latency,ip,method \
		2026-01-01T00:00:01Z,h1,200,5,0.5,1.1.1.1,GET \
		2026-01-01T00:00:02Z,h1,500,7,1.5,1.1.1.2,GET \
		2026-01-01T00:00:02Z,h1,500,7,9.5,1.1.1.3,HEAD >a.csv
	lam-ingest -q -s access a.csv
	mkdir -p "$LAM_DATA/views"
	page "$ROOT/man/lam-view.5" >man
	sed -n '/^  *-- what the status/,/^$/p' man >"$LAM_DATA/views/traffic.sql"
	lam-batch | lam-serve
	run -0 lam-query "$(sed -n '/select host, hits, visitors, p99/,/^$/p' man)"
	[ "${lines[0]}" = host,hits,visitors,p99 ]
	# p99: of two values, within 0.8 % of the one at floor(0.99 * 1)
	[[ "${lines[1]}" =~ ^h1,2,2,0\.(49[6-9]|50[0-4]) ]]
}

@test "README: the thirty seconds, as typed" {
	sed -n '/^Thirty seconds/,/^## / s/^    //p' "$ROOT/README.md" >script
	grep -q lam-query script
	printf '%s - - [17/May/2015:10:05:0%s +0000] "GET /%s HTTP/1.1" %s 7 "-" "x"\n' \
		1.2.3.4 1 a 200 1.2.3.5 2 b 500 1.2.3.5 2 c 200 >access.log
	gzip -c access.log >access.log.1.gz
	printf 'status\n200\n404\n200\n' | gzip >access.csv.gz
	export HOME=$PWD
	unset LAM_DATA
	run -0 --separate-stderr bash -e -o pipefail script
	[ "$output" = "status,hits,visitors
200,4,2
500,2,1
status,n
200,2
404,1" ]
}
