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
	for form in table markdown html vertical csv tsv json; do
		lam-query -o $form --no-header "select a from 'v.csv'" >null
		lam-query -o $form --no-header "select b from 'v.csv'" | sed 's/"b"/"a"/; s/^b$/a/; s/| b/| a/' >empty
		! cmp -s null empty || { echo "$form: the same"; return 1; }
	done
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
			bash -o pipefail -c "$line" </dev/null >said 2>&1 || { echo "$line"; cat said; return 1; }
		done <examples.$p
	done
	[ "$(cat examples.lam-* | sort -u | wc -l)" -ge 30 ]
	[ -s report.html ] && [ -s hits.svg ] && [ -d rescued ]
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
	for p in lam-query lam-batch lam-ingest lam-speed lam-stat lam-serve lam-fsck lam-trigger lam-plot; do
		asks "$p: unknown option --verison; did you mean --version?" $p --verison
		asks "unknown option --zzzzzz: try $p --help" $p --zzzzzz
	done
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
	# what is near to nothing is not guessed
	run -2 lam-query "select * from qqq"
	[[ $output != *"did you mean"* ]]
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
}

@test "lam-tutorial(7): ten commands, and the dashboard is there" {
	awk 'BEGIN { for (i = 0; i < 300; i++)
		printf "1.2.3.%d - - [17/May/2015:10:%02d:%02d +0000] \"GET /%d HTTP/1.1\" %d 7 \"-\" \"x\"\n",
			i % 50, i / 60, i % 60, i % 9, i % 3 == 2 ? 500 : 200 }' >access.log
	mandoc -T ascii -O width=200 "$ROOT/man/lam-tutorial.7" | sed "s/.$(printf '\b')//g" |
		sed -n '/^EXAMPLES$/,/^[A-Z]/ s/^           //p' >script
	[ "$(wc -l <script)" -eq 10 ]
	run -0 --separate-stderr bash -e -o pipefail script
	[[ $output == *"200,200"* && $output == *"500,100"* && $output == *"there are errors" ]]
	grep -q 'data-view="web_requests"' dashboard.html
}
