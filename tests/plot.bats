#!/usr/bin/env bats
# lam-plot: what is drawn stands in the rows.
load helper

u() { LC_ALL=C.UTF-8 "$@"; }

# lengths: of the bars in lines of the picture on standard input, in eighths
lengths() {
	python3 -c '
import sys
eighths = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"
for line in sys.stdin.buffer.read().decode().splitlines():
    print(sum(eighths.index(c) for c in line if c in eighths))'
}

@test "bars are as long as their values, to an eighth of a cell, and fill the width" {
	printf 'host,hits,other\na,1000,1\nbb,500,1\nc,0,1\nd,123,1\ne,,1\n' >v.csv
	u lam-plot --width 60 <v.csv >got
	[ "$(wc -l <got)" -eq 5 ]
	lengths <got >n
	area=$((60 - 2 - 4 - 2)) # less the names, the values and two blanks
	for i in "1 1000" "2 500" "3 0" "4 123" "5 0"; do
		[ "$(sed -n "${i% *}p" n)" -eq $((${i#* } * area * 8 / 1000)) ]
	done
	grep -q '^bb .* 500$' got
	# in ASCII the same to a cell
	lam-plot --width 60 <v.csv | tr -cd '#\n' | awk '{ print length }' >ascii
	awk '{ print int($1 / 8) }' n | cmp - ascii
	# none is longer than the width
	[ "$(lam-plot --width 60 <v.csv | awk '{ print length }' | sort -n | tail -1)" -eq 60 ]
}

@test "negative bars go the other way from a common zero" {
	printf 'k,v\nup,30\ndown,-10\n' | lam-plot --width 51 >got
	# 51 - 4 - 3 - 2 = 42 cells, of which a quarter is below zero
	[ "$(sed -n 1p got)" = "up   $(printf '%10s' '')$(printf '#%.0s' {1..31})   30" ] ||
		[ "$(sed -n 1p got | tr -cd '#' | wc -c)" -eq 31 ]
	[ "$(sed -n 2p got | tr -cd '#' | wc -c)" -eq 10 ]
	# the first ends where the second begins
	python3 -c '
a, b = open("got").read().splitlines()
assert a.index("#") == b.rindex("#") + 1, (a, b)'
}

@test "the second column makes series where the first has a value twice" {
	printf 'd,s,n\nx,ok,6\nx,bad,2\ny,ok,4\n' >v.csv
	lam-plot --width 35 <v.csv >got
	[ "$(sed -n 1p got)" = "# bad  = ok" ]
	# 35 - 1 - 11 - 2 = 21 cells for 8
	python3 - <<-'PY'
		import math
		x, y = open("got").read().splitlines()[1:]
		width = x.count("#") + x.count("=")
		assert x.count("#") == math.floor(2 / 8 * width) and x.split()[-1] == "8", x
		assert y.count("#") == 0 and y.count("=") == math.floor(4 / 8 * width), y
	PY
	# and may not be told twice
	printf 'd,s,n\nx,ok,6\nx,ok,2\n' >twice.csv
	run -2 lam-plot <twice.csv
	[[ $output == *'"d" and "s" are twice x and ok: group by them in the query' ]]
	run -0 lam-plot --by s -x d -y n --spark <v.csv
	[ "${#lines[@]}" -eq 2 ]
}

@test "a histogram counts what awk counts" {
	awk 'BEGIN { srand(1); print "v"; for (i = 0; i < 5000; i++) print rand() * rand() * 100 }' >v.csv
	awk 'NR > 1 { v[NR] = $1; if (NR == 2 || $1 < lo) lo = $1; if (NR == 2 || $1 > hi) hi = $1 }
		END { for (i in v) { b = int((v[i] - lo) / (hi - lo) * 7); n[b < 7 ? b : 6]++ }
			for (b = 0; b < 7; b++) print n[b] }' v.csv >want
	lam-plot --bins 7 <v.csv | awk '{ print $NF }' | cmp want -
	# what a histogram has not, and what only it has, is not passed over
	printf 'a,b,c\nx,1,2\ny,3,4\n' >n.csv
	for o in "--by a" "-x a" "-y b,c" "--bins 1001"; do
		run -2 lam-plot --histogram $o <n.csv
	done
	for kind in line bar stack heat spark; do
		run -2 lam-plot --$kind --bins 7 -x b -y c <n.csv
		[[ $output == *"--bins: only a histogram has ranges"* ]]
	done
}

@test "sparklines and heat maps: least, most, and what is missing" {
	printf 't,v\n1,10\n2,20\n3,\n4,45\n' | u lam-plot --spark -x t -y v >got
	[ "$(cat got)" = "v ▁▃ █ 10 to 45" ]
	printf 't,k,v\n1,a,0\n1,b,8\n2,a,4\n' | lam-plot --heat >got
	[ "$(sed -n 1p got)" = "a .O" ] || [ "$(sed -n 1p got)" = "a .o" ]
	[ "$(sed -n 2p got)" = "b @ " ]
	[ "$(sed -n 3p got)" = "  t: 1 to 2; values: 0 to 8" ]
}

@test "lines, SVG and PNG by gnuplot, whatever names and values say" {
	command -v gnuplot >/dev/null || skip "no gnuplot (Debian: gnuplot-nox)"
	printf '%s\n' 'ts,"k""$(touch a)",n' "2026-01-01T00:00:00Z,\`touch b\`,1" \
		"2026-01-01T01:00:00Z,'; system('touch c'); ',2" \
		'2026-01-01T02:00:00Z,</text><script>alert(1)</script>,3' \
		$'2026-01-01T03:00:00Z,\e[31m@{x}_y^z,4' >v.csv
	lam-plot -o svg --title "it's \`touch d\` <b>" <v.csv >p.svg
	python3 - <<-'PY'
		import xml.etree.ElementTree as E
		root = E.parse("p.svg").getroot()
		tags = {e.tag.split("}")[1] for e in root.iter()}
		text = "".join(root.itertext())
		assert "script" not in tags, tags
		assert "it's `touch d` <b>" in text, text
	PY
	lam-plot -o svg --bar -x 'k"$(touch a)' -y n <v.csv >p.svg
	python3 - <<-'PY'
		import xml.etree.ElementTree as E
		text = "".join(E.parse("p.svg").getroot().itertext())
		for want in "`touch b`", "'; system('touch c'); '", "</text><script>alert(1)</script>", "\\x1b[31m@{x}_y^z":
		    assert want in text, (want, text)
	PY
	lam-plot -o png <v.csv | head -c 8 | od -An -tx1 | grep -q '89 50 4e 47 0d 0a 1a 0a'
	[ "$(ls)" = "$(printf '%s\n' p.svg v.csv)" ]
	printf 'ts,n\n2026-01-01T00:00:00Z,1\n2026-01-01T01:00:00Z,3\n' | lam-plot --width 40 --height 10 >got
	[ "$(wc -l <got)" -ge 9 ] && [ "$(awk '{ print length }' got | sort -n | tail -1)" -le 40 ]
	# in all kinds gnuplot takes the script without a word
	printf 'd,s,n\nx,ok,6\nx,bad,\ny,ok,4\n' >v.csv
	for kind in line bar stack heat spark histogram; do
		run -0 --separate-stderr lam-plot --$kind -o svg <v.csv
		[[ -z $stderr && $output == *"</svg>"* ]]
	done
	printf 'ts,n\n2026-01-01T00:00:00Z,1\n' >v.csv
	PATH=$(dirname "$(command -v lam-plot)") run -4 lam-plot <v.csv
	[[ $output == *"apt-get install gnuplot-nox"* ]]
}

@test "colours only where they are wanted; nothing steers the terminal" {
	printf 'k,v\n\e[2J\xe2\x80\xaex,1\n' >v.csv
	u lam-plot <v.csv >got
	run ! grep -q $'\e\|\xe2\x80\xae' got
	u lam-plot --colour always <v.csv | grep -q $'\e\\[38;5;32m'
	script -qec 'TERM=xterm LC_ALL=C.UTF-8 lam-plot <v.csv' /dev/null | grep -q $'\e\\[38;5;32m'
	run ! grep -q $'\e' <(script -qec 'NO_COLOR=1 TERM=xterm lam-plot <v.csv' /dev/null)
	run ! grep -q $'\e' <(script -qec 'TERM=dumb lam-plot <v.csv' /dev/null)
}

@test "what cannot be drawn is said; empty input, full disks and closed pipes" {
	printf 'k,v\na,1\n' >v.csv
	run -2 lam-plot --bar --line <v.csv
	run -2 lam-plot -y nope <v.csv
	[[ $output == *'no column "nope"; there are: k, v' ]]
	run -2 lam-plot -y k <v.csv
	run -2 lam-plot v.csv </dev/null
	[[ $output == *"lam-query ... | lam-plot"* ]]
	printf 'k\na\n' >t.csv
	run -2 lam-plot <t.csv
	run -1 lam-plot </dev/null
	run -1 lam-plot <<<k,v
	run -4 bash -c 'lam-plot <v.csv >/dev/full'
	seq 0 99999 | sed '1s/.*/v/' | lam-plot --bar -y v -x v | head -1 >/dev/null
}

# terminal COLUMNS LINES [--until TEXT KEYS]... COMMAND...: what is shown there
terminal() {
	TERM=xterm LC_ALL=C.UTF-8 python3 "$ROOT/tests/terminal.py" "$@"
}

@test "lines are sixels on a terminal that says it has them; asked once, and only then" {
	command -v gnuplot >/dev/null || skip "no gnuplot"
	printf 't,n\n2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,3\n' >t.csv
	terminal 60 20 --until '\x1b[c' '\x1b[?62;4;22c' bash -c 'lam-plot <t.csv' >shown
	grep -qaF $'\eP' shown # a device control string, which gnuplot made
	for answer in '\x1b[?62;22c' '\x1b[?64;41;42c' 'q'; do
		terminal 60 20 --until '\x1b[c' "$answer" bash -c 'lam-plot <t.csv; stty -a' >shown
		run ! grep -qaF $'\eP' shown
		[ "$(grep -c . shown)" -gt 15 ] # a picture of text
		grep -q ' echo ' shown && grep -q ' icanon ' shown # the terminal is as it was
	done
	for quiet in 'lam-plot --bar <t.csv' 'lam-plot -o text <t.csv' 'lam-plot --ascii <t.csv' 'TERM=dumb lam-plot <t.csv' 'lam-plot <t.csv | cat'; do
		terminal 60 20 bash -c "$quiet" >shown
		run ! grep -qaF $'\e[c' shown
	done
}

@test "rows that memory has no room for are refused, with what to do" {
	seq 40000 | sed '1i n' >n.csv
	run -3 --separate-stderr lam-plot --memory 1M <n.csv
	[[ -z $output && $stderr == "lam-plot: rows and series of more than 1 MB: group them in the query, or give more with --memory" ]]
	run -0 lam-plot --memory 64M --histogram <n.csv
	# 64 series of 1000 places are more than their rows
	awk 'BEGIN { print "x,s,n"; for (i = 0; i < 1000; i++) print i "," i % 64 ",1"; print "0,1,2" }' >s.csv
	run -3 lam-plot --memory 1M --by s <s.csv
	run -0 lam-plot --memory 3M --by s --heat <s.csv
}
