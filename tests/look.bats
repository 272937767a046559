#!/usr/bin/env bats
# What people look at: forms of output.
load helper

# hostile: a CSV of values that would like to be more than text
hostile() {
	printf '%s\n' 'k,v,w' \
		'<script>alert(1)</script>,1,' \
		'"""><img src=x onerror=alert(1)>",-2.5,""' \
		'"&lt;b&gt; ''quoted'' | `x` [a](b)",3,'$'\e[31mred\e[0m' \
		$'\xe2\x80\xaegnp.exe,4,\xef\xbb\xbflead' \
		$'caf\xe9,5,日本語' \
		'</td></table><h1>,6,"two
lines"'
}

@test "html: a parser sees the cells that JSON has, and no other element" {
	hostile >h.csv
	lam-query -o json "select k, v, w from 'h.csv'" >want.json
	lam-query -o html "select k, v, w from 'h.csv'" >got.html
	python3 - <<-'PY'
		import html.parser, json, re

		class Table(html.parser.HTMLParser):
		    def __init__(self):
		        super().__init__(convert_charrefs=True)
		        self.tags, self.rows, self.cell = set(), [], None
		    def handle_starttag(self, tag, attrs):
		        self.tags.add(tag)
		        if tag == "tr":
		            self.rows.append([])
		        if tag in ("td", "th"):
		            self.rows[-1].append([dict(attrs).get("class"), ""])
		            self.cell = self.rows[-1][-1]
		    def handle_endtag(self, tag):
		        if tag in ("td", "th"):
		            self.cell = None
		    def handle_data(self, data):
		        if self.cell is not None:
		            self.cell[1] += data

		t = Table()
		t.feed(open("got.html", "rb").read().decode())
		assert t.tags == {"table", "thead", "tbody", "tr", "th", "td"}, t.tags
		assert [c[1] for c in t.rows[0]] == ["k", "v", "w"]
		steers = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
		spelled = lambda s: steers.sub(lambda m: "".join("\\x%02x" % b for b in m[0].encode()), s)
		rows = json.load(open("want.json"))
		assert len(rows) == 6 == len(t.rows) - 1
		for row, cells in zip(rows, t.rows[1:]):
		    for (name, value), (kind, text) in zip(row.items(), cells):
		        if name == "k" and "\ufffd" in value:
		            assert text == "caf\\xe9", text
		        elif value is None:
		            assert (kind, text) == ("null", "")
		        elif name == "v":
		            assert (kind, text) == ("number", str(value))
		        else:
		            assert (kind, text) == (None, spelled(value) or '""'), (value, text)
	PY
}

@test "vertical: a field a line, names padded, rows apart" {
	printf 'a,long name\n1,x\n,""\n' >v.csv
	lam-query -o vertical "select * from 'v.csv'" >got
	printf '%s\n' 'a          1' 'long name  x' '' 'a          ' 'long name  ""' | cmp - got
	run -0 lam-query -o vertical --no-header "select * from 'v.csv'"
	[ "$output" = $'1\nx\n\n\n""' ]
}

@test "NULL and the empty text differ in every form" {
	printf 'a,b\n,""\n' >v.csv
	for form in "table --no-header" markdown "html --no-header" "vertical --no-header" "csv --no-header" "tsv --no-header" json; do
		lam-query -o $form "select a from 'v.csv'" >null
		lam-query -o $form "select b from 'v.csv'" | sed 's/"b"/"a"/; s/^b$/a/; s/| b/| a/' >empty
		! cmp -s null empty || { echo "$form: the same"; return 1; }
	done
}

without_gnuplot() { # without_gnuplot SAID: it is not here, and that and what to do is all that was said
	! command -v gnuplot && [ "$(wc -l <"$1")" -eq 1 ] && grep -q '^lam-plot: gnuplot .* is not here: apt-get install' "$1"
}

@test "--help leads with three examples that work as typed" {
	awk 'BEGIN { for (i = 0; i < 3000; i++)
		printf "1.2.3.%d - - [17/May/2015:%02d:05:00 +0000] \"GET /%d HTTP/1.1\" %d 7 \"-\" \"x\"\n",
			i % 50, i / 200, i % 9, i % 50 ? 200 : 500 }' >access.log
	gzip -k access.log
	mkdir logs && cp access.log logs/a.log
	lam-ingest -q -s access access.log
	view traffic <<<"select date_trunc('hour', ts) as hour, status, count(*) as hits from access group by hour, status"
	lam-batch | lam-serve
	: >hosts
	# a page that is not installed, and no pager
	mkdir bin && printf '#!/bin/sh\nmandoc "$2"\n' >bin/man && chmod +x bin/man
	PATH=$PWD/bin:$PATH
	for p in "$ROOT"/src/lam*; do
		[ ! -d "$p" ] || continue
		p=${p##*/} p=${p%.c}
		run -0 $p --help
		sed -n '2,/^usage:/ s/^    //p' <<<"$output" >examples.$p
		[ "$(wc -l <examples.$p)" -eq 3 ]
		grep -v -e '\blam' examples.$p && { echo "of another program"; return 1; }
		while IFS= read -r line; do
			bash -o pipefail -c "$line" </dev/null >said 2>&1 || without_gnuplot said || { echo "$line"; cat said; return 1; }
		done <examples.$p
	done
	[ "$(cat examples.lam-* | sort -u | wc -l)" -ge 30 ]
	[ -s report.html ] && [ -d rescued ]
	[ -s hits.svg ] || ! command -v gnuplot
}

# asks WANT COMMAND...: exit 2, and the message ends with WANT
asks() {
	local want=$1
	shift
	run -2 --separate-stderr "$@" </dev/null
	[[ $stderr == *"$want" ]] || { echo "$*: $stderr"; return 1; }
}

@test "did you mean: options, their values, views, streams, columns, functions, keywords, formats" {
	printf 'ts,status,bytes\n2026-01-01T00:00:00Z,200,1\n' | lam-ingest -q -s access
	view traffic <<<"select status, count(*) as hits from access group by status"
	for p in lam lam-report lam-cluster lam-query lam-batch lam-ingest lam-speed lam-stat lam-serve \
		lam-fsck lam-trigger lam-plot; do
		asks "$p: unknown option --verison; did you mean --version?" $p --verison
		asks "unknown option --zzzzzz: try $p --help" $p --zzzzzz
	done
	asks "lam-report: unknown option --refersh; did you mean --refresh?" lam-report --refersh 5
	asks "kubernetes; did you mean spark?" lam-cluster --engine sparc
	asks "; did you mean query?" lam qurey
	asks "; did you mean traffic?" lam-report trafic
	asks "; did you mean table?" lam-query -o tabel "select 1"
	asks "; did you mean traffic?" lam-query "select * from trafic"
	asks "; did you mean access?" lam-query "select * from acess"
	asks "; did you mean traffic?" lam-batch trafic
	asks "; did you mean traffic?" lam-speed traffci
	asks "; did you mean traffic?" lam-stat taffic
	asks "; did you mean access?" lam-fsck acess
	asks "; did you mean access?" lam-fsck --salvage out acess
	asks "; did you mean combined?" lam-ingest -s a -f combind
	asks 'found "form": did you mean FROM?' lam-query "select * form access"
	asks 'found "nul": did you mean NULL?' lam-query "select * from access where bytes is nul"
	run -2 lam-query "select staus from access"
	[[ $output == *'did you mean "status"?'* ]]
	asks "did you mean count?" lam-query "select cuont(*) from access"
	asks "did you mean to_days?" lam-query "select to_dyas(3)"
	asks "did you mean row_number?" lam-query "select row_numbr() over () from access"
	# a word that was taken for a name without AS
	asks 'found "access": did you mean FROM by "frm"?' lam-query "select count(*) frm access"
	asks 'found "bytes": did you mean WHERE by "wher"?' lam-query "select 1 from access wher bytes = 1"
	asks 'found "by": did you mean GROUP by "gruop"?' lam-query "select 1 from access gruop by bytes"
	asks 'did you mean ORDER by "oredr"?' lam-query "select bytes from access a where bytes in (select bytes from access oredr by bytes)"
	asks 'did you mean JOIN by "jion"?' lam-query "select 1 from access jion 'x.csv'"
	asks 'found "5": did you mean LIMIT by "lmit"?' lam-query "select bytes from access lmit 5"
	mkdir -p "$LAM_DATA/formats" "$LAM_DATA/functions/alert"
	echo 'format csv' >"$LAM_DATA/formats/shop"
	asks "; nor is there a file $LAM_DATA/formats/shpo; did you mean shop?" lam-ingest -s a -f shpo
	asks "; nor is there a file $LAM_DATA/formats/gone" lam-ingest -s a -f gone
	asks "; did you mean shop?" lam-query -f shpo "select * from stdin"
	printf 'on stream access\nrn cat\n' >"$LAM_DATA/functions/alert/function"
	asks "function:2: rn: no such directive; lam-function(5) has them" lam-trigger alert
	printf 'on stream access\nretires 3\n' >"$LAM_DATA/functions/alert/function"
	asks "; did you mean retries?" lam-trigger alert
	asks "; did you mean alert?" lam-trigger alret
	# no word that a function's record has, nor another thing than a name
	printf 'on stream access where staus = 1\nrun cat\n' >"$LAM_DATA/functions/alert/function"
	asks 'there are: ts, status, bytes; did you mean "status"?' lam-trigger alert
	# what is near to nothing is not guessed
	run -2 lam-query "select bytes b access"
	[[ $output != *"did you mean"* ]]
	run -2 lam-query "select * from qqq"
	[[ $output != *"did you mean"* ]]
}

@test "what people write who come from elsewhere: where a view is made, a member of JSON" {
	printf '{"u":{"n":"x"},"a":1}\n' >x.jsonl
	run -2 lam-query "create view v as select 1"
	[[ $output == *"write the query of a view into the file views/NAME.sql of the dataset" ]]
	run -2 lam-query "insert into access values (1)"
	[[ $output == *"lam-ingest" ]]
	run -2 lam-query "DELETE FROM access"
	[[ $output == *"a log keeps every record as it came" ]]
	run -2 lam-query "select u.n from 'x.jsonl'"
	[[ $output == *"a column with a point in its name is written in double quotes" ]]
	[ "$(lam-query --no-header "select \"u.n\" from 'x.jsonl'")" = x ]
	run -2 lam-query "select u.m from 'x.jsonl'"
	[[ $output == *'no relation is called "u" here' ]]
	# they are names like any others
	[ "$(lam-query --no-header "select a create from 'x.jsonl'")" = 1 ]
}

# terminal COLUMNS LINES [--until TEXT KEYS]... COMMAND...: what is shown there
terminal() {
	TERM=xterm LC_ALL=C.UTF-8 python3 "$ROOT/tests/terminal.py" "$@"
}

@test "a table keeps to the terminal: texts are cut, numbers and marks are not, and it says so" {
	python3 - <<-'PY' >t.csv
		print("n,what,long_name_of_a_number,more")
		for i, s in enumerate(["plain", "日本語" * 9, "e\u0301" * 30, "a" * 90, "क्षि" * 20, "x"]):
		    print(f"{i}{i}.{'5' * (i % 3)}1,{s},{i * 1234567},{'ü' * 40 if i == 1 else 'm'}")
	PY
	for width in 200 79 50 31 12; do
		LAM_PAGER= terminal $width 24 lam-query "select * from 't.csv'" >"shown.$width"
	done
	lam-query -o table "select * from 't.csv'" | cmp - shown.200
	python3 - <<-'PY'
		import unicodedata as u
		def columns(s):
		    return sum(0 if u.category(c) in ("Mn", "Me", "Cf") else 2 if u.east_asian_width(c) in "WF" else 1 for c in s)
		for width in (79, 50, 31, 12):
		    *rows, note = open(f"shown.{width}").read().splitlines()
		    assert len(rows) == 8, rows
		    assert note.startswith(f"(cut to {width} columns") and note.endswith("-o vertical shows all)"), note
		    assert ("missing" in note) == (width < 40), note
		    assert all(columns(r) <= width for r in rows), (width, [columns(r) for r in rows])
		    assert width < 30 or any("…" in r for r in rows)
		    for i, r in enumerate(rows[2:]):
		        assert r.split()[0] == f"{i}{i}.{'5' * (i % 3)}1", r  # numbers are whole
		        assert width < 40 or str(i * 1234567) in r.split(), r
		    assert width < 30 or "e\u0301e\u0301e\u0301" in rows[4] and "e…" not in rows[4]
		wide = open("shown.200").read().splitlines()
		starts = {columns(r[:r.rindex("  m") + 2]) for r in wide[2:] if r.endswith("  m")}
		assert len(starts) == 1, starts  # what stands behind wide and combining characters is aligned
	PY
}

@test "the widths of characters are those of Unicode" {
	python3 - <<-'PY' >w.csv
		import unicodedata as u
		print("c,d")
		for c in [*range(0xa0, 0x3100), *range(0xa000, 0xa100), *range(0xac00, 0xac10), *range(0xfe00, 0x10000), *range(0x1f300, 0x1fa00)]:
		    # Hangul vowels join; what steers a terminal is spelled out
		    if u.category(chr(c)) not in ("Cn", "Cf", "Zl", "Zp", "Zs") and not 0x1160 <= c < 0x1200:
		        print(f"{chr(c)},x")
	PY
	lam-query -o table "select * from 'w.csv'" >shown
	python3 - <<-'PY'
		import unicodedata as u
		lines = open("shown").read().splitlines()[2:]
		assert len(lines) > 10000
		for line in lines:
		    c, blanks = line[0], line.count(" ")
		    width = 0 if u.category(c) in ("Mn", "Me") else 2 if u.east_asian_width(c) in "WF" else 1
		    assert blanks == 4 - width, (hex(ord(c)), width, line)
	PY
}

@test "numbers stand with their points below each other; --thousands" {
	printf 'n,k\n1234567.5,a\n-12.25,b\n999,c\n,d\n' >n.csv
	lam-query -o table "select n, k from 'n.csv'" >got
	printf '%s\n' '         n  k' '----------  -' '1234567.5   a' '    -12.25  b' '    999     c' '            d' | cmp - got
	lam-query -o table --thousands --no-header "select n from 'n.csv' limit 3" | sed 's/ *$//' |
		cmp - <(printf '%s\n' '1,234,567.5' '      -12.25' '      999')
	printf 'm,k\n1.5,a\nn/a,b\n10,c\n' >m.csv # not all are numbers: to the right only
	printf 'm number\nk text\n' >schema
	lam-query --schema schema -o table --no-header "select m, k from 'm.csv'" |
		cmp - <(printf '%s\n' '1.5  a' 'n/a  b' ' 10  c')
	for form in vertical markdown html; do
		lam-query -o $form --thousands "select n from 'n.csv'" | grep -q '1,234,567\.5'
	done
	run -2 lam-query -o csv --thousands "select n from 'n.csv'"
	[[ $output == *"--thousands: goes with -o markdown, html, vertical and table only"* ]]
	printf 'n\n<b>\n1000\n' >h.csv
	printf 'n number\n' >schema
	lam-query --schema schema -o html --thousands "select n from 'h.csv'" | grep -c -e '&lt;b&gt;' -e '1,000' | grep -qx 2
}

@test "a pager: of \$LAM_PAGER, \$PAGER, less; on a terminal only; who leaves it has all" {
	seq 1000 | sed '1i n' >n.csv
	LAM_PAGER='sed s/^/L:/' PAGER=false terminal 80 24 lam-query "select n from 'n.csv' where n < 3" | cmp - <(printf 'L:n\nL:-\nL:1\nL:2\n')
	(unset LAM_PAGER && PAGER='sed s/^/P:/' terminal 80 24 lam-query "select n from 'n.csv' where n < 2") | cmp - <(printf 'P:n\nP:-\nP:1\n')
	for none in '' cat no-such-program; do
		LAM_PAGER=$none terminal 80 24 lam-query "select n from 'n.csv' where n < 2" | cmp - <(printf 'n\n-\n1\n')
	done
	LAM_PAGER=false lam-query "select n from 'n.csv' where n < 2" | cmp - <(printf 'n\n1\n')
	LAM_PAGER='head -n 1' terminal 80 24 lam-query "select n from 'n.csv'" | cmp - <(printf '   n\n')
	LAM_PAGER=true TERM=dumb LC_ALL=C.UTF-8 python3 "$ROOT/tests/terminal.py" 80 24 lam-query "select n from 'n.csv' where n < 2" | cmp - <(printf 'n\n-\n1\n')
	# git's: less leaves at once what fits, and waits else
	unset LAM_PAGER PAGER LESS
	printf '#!/bin/sh\necho "$LESS"\nexec cat\n' >less && chmod +x less
	PATH=$PWD:$PATH terminal 80 24 lam-query "select n from 'n.csv' where n < 2" | cmp - <(printf 'FRX\nn\n-\n1\n')
	lam-ingest -q -s s n.csv
	LAM_PAGER='sed s/^/L:/' terminal 80 24 lam-stat | grep -q '^L:s '
	# the status is that of the query
	LAM_PAGER='cat -' run -1 terminal 80 24 lam-query "select n from 'n.csv' where n < 0"
	# a signal ends the query when its reader is done
	LAM_PAGER='head -n 1; echo HERE; cat >all; echo OVER' run -143 terminal 80 24 --until HERE /done \
		lam-query "select n from generate_series(1, 1000000000) as g(n)"
	[[ $output == *OVER* ]]
}

@test "--watch: on a terminal in place, what changed stands out; elsewhere again and again" {
	printf 'k,n\nold,1\n' >w.csv
	printf 'k,n\nold,1\nnew,2\nnew,3\n' >next.csv
	mkfifo go
	(read -r _ <go && mv next.csv w.csv) &
	python3 - <<-'PY' >shown
		import fcntl, os, pty, signal, struct, sys, termios
		pid, fd = pty.fork()
		if pid == 0:
		    os.environ.update(TERM="xterm", LC_ALL="C.UTF-8")
		    os.execvp("lam-query", ["lam-query", "--watch", "20ms", "select k, count(*) as n from 'w.csv' group by k order by k desc"])
		fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
		seen = b""
		while b"old" not in seen:
		    seen += os.read(fd, 10000)
		assert b"\x1b[7m" not in seen
		open("go", "w").write("\n")
		while b"new" not in seen:
		    seen += os.read(fd, 10000)
		os.kill(pid, signal.SIGTERM)
		try:
		    while got := os.read(fd, 10000):
		        seen += got
		except OSError:
		    pass
		assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGTERM
		screens = seen.replace(b"\r\n", b"\n").decode().split("\x1b[H")[1:]
		first, then = screens[0].splitlines(), [s for s in screens if "new" in s][0].splitlines()
		assert [x.replace("\x1b[K", "") for x in first[1:]] == ["k    n", "---  -", "old  1", "\x1b[J"], first
		assert then[3] == "old  1\x1b[K", then
		assert then[4] == "\x1b[7mnew\x1b[27m  \x1b[7m2\x1b[27m\x1b[K", then
	PY
	wait
	lam-query --watch 10ms -o csv "select count(*) as n from 'w.csv'" >again &
	pid=$!
	until [ "$(grep -c . again)" -ge 6 ]; do kill -0 $pid; done
	kill $pid
	wait $pid || true
	head -5 again | cmp - <(printf 'n\n3\n\nn\n3\n')
	asks "name a file" lam-query --watch 1s "select * from stdin"
	asks "name a file: try lam-query --help" lam-query --watch 1s -p - "select * from v"
	asks "--watch 0s: expected a duration such as 100ms or 10s: try lam-query --help" lam-query --watch 0s "select 1"
}

@test "--to: the file is replaced in one step, when all is well, and can be read by others" {
	printf 'host,hits\na,1\nb,2\n' >t.csv
	lam-query -o prom --to hits.prom "select host, sum(hits) as hits from 't.csv' group by host order by host"
	printf '# TYPE lam_hits gauge\nlam_hits{host="a"} 1\nlam_hits{host="b"} 2\n' | cmp - hits.prom
	[ "$(stat -c %a hits.prom)" = 644 ]
	cp hits.prom before
	run -2 lam-query -o prom --to hits.prom "select nope from 't.csv'"
	cmp before hits.prom
	run -4 bash -c 'ulimit -f 0; lam-query -o csv --to hits.prom "select * from '"'t.csv'"'"'
	[[ $output == "lam-query: "*hits.prom*": File too large" ]]
	cmp before hits.prom
	[ "$(ls | grep -c hits.prom)" -eq 1 ]
	# no rows: status 1, and the file says so
	run -1 lam-query -o csv --to hits.prom "select host from 't.csv' where host = 'z'"
	echo host | cmp - hits.prom
	lam-query --watch 10ms -o csv --to again.csv "select count(*) as n from 't.csv'" >said &
	pid=$!
	until [ -s again.csv ]; do kill -0 $pid; done
	for _ in 1 2; do
		rm again.csv
		until [ -s again.csv ]; do kill -0 $pid; done
	done
	kill $pid
	wait $pid || true
	printf 'n\n2\n' | cmp - again.csv
	[ ! -s said ] # nothing came between two of nothing
	# a device must not become a file
	lam-ingest -q -s s t.csv
	mkfifo pipe
	ln -s t.csv link
	for f in pipe link data; do
		mkdir -p data
		before=$(stat -c '%i %F' $f)
		for p in "lam-query -o csv --to $f 'select 1'" "lam-stat --to $f" "lam-report --to $f"; do
			run -2 bash -c "$p"
			[[ $output == *"$f: a device, a pipe, a link or a directory is not replaced: name a file" ]]
		done
		[ "$(stat -c '%i %F' $f)" = "$before" ]
	done
}

@test "lam-stat: a file that cannot be written is named; --watch 0s is refused" {
	printf 'a,b\n1,2\n' | lam-ingest -q -s s
	run -4 bash -c 'ulimit -f 0; lam-stat -o csv -k streams --to out.csv'
	[[ $output == "lam-stat: "*out.csv*": File too large" ]]
	[ ! -e out.csv ]
	asks "--watch 0s: expected a duration such as 100ms or 10s: try lam-stat --help" lam-stat --watch 0s
}

@test "lam: the tools, the state of the dataset, a tool, a page" {
	run -0 lam
	for p in "$ROOT"/src/lam-*; do
		p=${p##*/lam-} p=${p%.c}
		grep -q "^$p  " <<<"$output" || { echo "$p is not told"; return 1; }
	done
	[[ $output == *"$LAM_DATA is not there yet: lam ingest -s STREAM FILE makes it." ]]
	printf 'a,b\n1,2\n' | lam ingest -q -s things
	run -0 lam
	[[ $output == *$'\n'"things "* ]]
	cmp <(lam query --no-header "select b from things") <(echo 2)
	run -1 lam query "select b from things where b = 3"
	run -2 lam ingset
	[[ $output == 'lam: there is no tool "ingset": there are '*ingest* ]]
	run -2 lam ../lam-query
	unset LAM_DATA
	run -0 lam
	[[ $output == *"No dataset: set LAM_DATA"* ]]
	shellcheck -s sh "$ROOT/src/lam"
	man() { echo "$@"; }
	export -f man
	mkdir fake && printf '#!/bin/sh\necho "$@"\n' >fake/man && chmod +x fake/man
	PATH=$PWD/fake:$PATH run -0 lam help view
	[[ $output == *lam-view* ]]
	printf '#!/bin/sh\n[ "$1" != -w ] && echo "$@"\n' >fake/man # it finds none
	PATH=$PWD/fake:$PATH run -2 lam help qery
	[[ $output == 'lam: help: there is no page "qery": there are batch '*' view; did you mean query?' ]]
	PATH=$PWD/fake:$PATH run -2 lam help zzzzzz
	[[ $output == *' view' ]]
	mkdir -p there/bin there/share/man/man1 # as make install lays it out
	cp "$(command -v lam)" "$(command -v lam-query)" there/bin
	touch there/share/man/man1/lam.1 there/share/man/man1/lam-things.1
	PATH=$PWD/fake:$PATH run -2 there/bin/lam help thing
	[[ $output == *'"thing": there are things; did you mean things?' ]]
}

@test "lam-tutorial(7): ten commands, and the dashboard and the alerts are there" {
	awk 'BEGIN { for (i = 0; i < 300; i++)
		printf "1.2.3.%d - - [17/May/2015:10:%02d:%02d +0000] \"GET /%d HTTP/1.1\" %d 7 \"-\" \"x\"\n",
			i % 50, i / 60, i % 60, i % 9, i % 3 == 2 ? 500 : 200 }' >access.log
	mandoc -T ascii -O width=200 "$ROOT/man/lam-tutorial.7" | sed "s/.$(printf '\b')//g" |
		sed -n '/^EXAMPLES$/,/^[A-Z]/ s/^           //p' >script
	[ "$(wc -l <script)" -eq 10 ]
	run -0 --separate-stderr bash -e -o pipefail script
	[[ $output == *"200 "*" 200"* && $output == *"500 "*" 100"* ]]
	# three paths have errors, and REPEAT is an hour
	cut -d ' ' -f 2- first/functions/errors/alerts | sort | cmp - <(printf 'path=/%d: 1 in 300 s\n' 2 5 8)
	grep -q 'data-view="web_requests"' dashboard.html
}
