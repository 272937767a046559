#!/usr/bin/env bats
# The manual pages and README say what is so: options, synopses, examples.
load helper

PROGS="lam-ingest lam-batch lam-serve lam-speed lam-query lam-fsck lam-stat lam-trigger lam-plot lam-report lam"

# page FILE: as a terminal shows it, without overstriking
page() {
	mandoc -T ascii -O width=200 "$1" | sed "s/.$(printf '\b')//g"
}

# section NAME: of a page on standard input, less its indentation
section() {
	sed -n "/^$1\$/,/^[A-Z]/ { s/^     //p; }"
}

@test "each page passes mandoc's lint" {
	run -0 mandoc -T lint -W warning "$ROOT"/man/*.[157]
	[ -z "$output" ]
}

@test "on 80 columns no row of a table goes on in the next line" {
	for p in "$ROOT"/man/*.[157]; do
		for as in "mandoc -T ascii -O width=78" "groff -man -T ascii -P -c -rLL=78n"; do
			[ -n "$(command -v "${as%% *}")" ] || continue
			run -1 grep -E "^ {50,}[^ ]+( [^ ]+)*$" <($as "$p" 2>/dev/null | sed "s/.$(printf '\b')//g; s/$(printf '\033')\[[0-9;]*m//g")
		done
	done
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

# web N: N lines of a web log, every third with status 500
web() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
		printf "1.2.%d.%d - - [17/May/2015:10:%02d:%02d +0000] \"GET /%d HTTP/1.1\" %d 7 \"-\" \"x\"\n",
			i / 250 % 250, i % 250, i / 60 % 60, i % 60, i % 97, i % 3 == 2 ? 500 : 200 }'
}

# world N: what the examples speak of, logs of N lines
world() {
	export LAM_DATA=$PWD/var/lib/lam
	web "$1" >access.log
	gzip -c access.log >access.log.1.gz
	awk -v n="$1" 'BEGIN { print "ts,status"; for (i = 0; i < n; i++)
		printf "2026-01-01T%02d:%02d:%02dZ,200\n", i / 3600, i / 60 % 60, i % 60 }' >app.csv
	gzip -c app.csv >access.csv.gz
	printf 'k,v\na,1\nb,2\na,3\n' >a.csv
	for n in a b; do
		lam-batch -e "select k, count(*) as n from stdin group by k" <a.csv >$n.part
	done
	lam-ingest -q -s access access.log
	view traffic <<<"select status, count(*) as hits from access group by status"
	lam-batch | lam-serve
	mkdir -p "$LAM_DATA/functions/errors"
	printf '%s\n' 'on stream access where status >= 500' 'run wc -l' 'from start' >"$LAM_DATA/functions/errors/function"
	cp -r "$LAM_DATA" old
}

tail() { # as if the file were complete; what comes later is its last line
	local a=()
	for x; do [ "$x" = -F ] || a+=("${x/#0/1}"); done
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

lam-ingest() { # the same; all may be there already
	command lam-ingest "${@/#--follow/--resume}" || [[ $? = 1 && $* = *--@(follow|resume)* ]]
}

@test "each example of the pages runs, on a log of three lines, of twelve and of thousands" {
	export -f tail ssh lam-speed lam-ingest
	for many in 3 12 5000; do
		mkdir $many
		cd $many
		world $many
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
		# no record was taken for a header
		lam-query "select * from app" >app
		[ "$(head -1 app)" = ts,status ]
		cd ..
	done
}

@test "lam-partial(5): the example prints what it shows" {
	page "$ROOT/man/lam-partial.5" | sed -n '/^EXAMPLES$/,/^[A-Z]/ s/^           //p' >text
	sed -n 's/^\$ //; /^query/!p' text >script
	grep '^query' text | tr -s ' ' >want
	[ "$(wc -l <want)" -eq 2 ]
	bash -e script | tr '\t' ' ' | cmp - want
}

@test "lam-partial(5): the spec is the checksum of the lines that it names" {
	printf 'k,v\na,1\n' | lam-batch -e 'select k, sum(v) from stdin group by k' >part
	semantics=$(page "$ROOT/man/lam-partial.5" | sed -n 's/.*The semantics number is \([0-9]*\)\..*/\1/p')
	{
		echo "$semantics"
		sed -n 's/^#sql //p' part
		sed -n 's/^#types //p' part | tr -d '\n'
	} >lines
	python3 - lines <<-'PY' | diff <(sed -n 's/^#spec //p' part) -
		import ctypes, sys
		xxh3 = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
		xxh3.restype, xxh3.argtypes = ctypes.c_uint64, (ctypes.c_char_p, ctypes.c_size_t)
		text = open(sys.argv[1], "rb").read()
		print("%016x" % xxh3(text, len(text)))
	PY
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

@test "lam-view(5): each function has an example, and it gives the value beside it" {
	page "$ROOT/man/lam-view.5" | sed -n '/Examples of functions/,/^AGGREGATES/p' | sed '1d;$d;/^ *$/d' >examples
	[ "$(wc -l <examples)" -gt 50 ]
	python3 "$ROOT/tests/mmdb.py" one geo.mmdb 192.0.2.0/24 DE
	export LAM_GEO=$PWD/geo.mmdb
	while read -r line; do
		want=${line##*  }
		got=$(lam-query -q --no-header -o tsv "select ${line%%  *}")
		[ "${got/#\\N/NULL}" = "$want" ] || { echo "$line: $got"; false; }
	done <examples
	# names without a blank are called; operators come first
	sed -n '/F(COALESCE/,/^$/s/^\tF([A-Z0-9_]*,[[:space:]]*"\([a-z_0-9]*\)",.*/\1/p' \
		"$ROOT/src/sql/func.h" | grep -vx hop | sort -u >names # hop.bats: no value of a row
	[ "$(wc -l <names)" -gt 50 ]
	while read -r name; do
		grep -q "^ *$name(" examples || { echo "no example of $name"; false; }
	done <names
}

@test "lam-view(5) has each function of --words, and --words those of a unit and those that are rewritten" {
	lam-query --words | sed -n 's/\tfunction$//p' | sort -u >names
	for name in hour to_days date_add ago list_first lag today; do
		grep -qx $name names
	done
	# the functions of lists are told by one name
	missing=$(while read -r name; do
		grep -qw -e "$name" -e "list_${name#array_}" "$ROOT/man/lam-view.5" || echo "$name"
	done <names)
	[ -z "$missing" ] || { echo "$missing"; false; }
}

@test "README: the thirty seconds, as typed" {
	sed -n '/^Thirty seconds/,/^## / s/^    //p' "$ROOT/README.md" >script
	grep -q lam-query script
	unset LAM_DATA
	for n in 3 12 6000; do
		mkdir $n
		cd $n
		export HOME=$PWD
		web $n >access.log
		gzip -c access.log >access.log.1.gz
		{ echo status; yes 200 | head -$((2 * n)); yes 404 | head -$n; } | gzip >access.csv.gz
		run -0 --separate-stderr bash -e -o pipefail ../script
		# of three lines one is a 500; every line is there twice
		[ "${lines[0]}" = status,hits,visitors ]
		[[ ${lines[1]} == 200,$((4 * n / 3)),* ]]
		[[ ${lines[2]} == 500,$((2 * n / 3)),* ]]
		[ "${lines[*]:3}" = "status,n 200,$((2 * n)) 404,$n" ]
		cd ..
	done
}
