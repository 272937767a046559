#!/usr/bin/env bats
# lam-report: the page is whole, holds what lam-query says, and values stay values.
load helper

# hostile: a stream and a view whose names and values would like to be markup
hostile() {
	printf '%s\n' 'ts,k,"a""<b>&\",n' \
		'2026-01-01T00:00:00Z,</pre><script>alert(1)</script>,x,1' \
		'2026-01-01T00:01:00Z,"""><img src=x onerror=alert(1)>",</textarea>,2' \
		$'2026-01-01T00:02:00Z,\xe2\x80\xaegnp.exe\xe2\x81\xa6,<!--,3' \
		$'2026-01-01T00:03:00Z,&lt;i&gt; &#65; \e[31m,,4' \
		$'2026-01-01T00:04:00Z,caf\xe9 \\N \\t,"two\nlines, a CR\r and\ttab",5' \
		'2026-01-01T00:05:00Z,,"",6' >h.csv
	lam-ingest -q -s h h.csv
	view h_ranked <<<'-- <script>alert(2)</script> & "quotes"
select k, "a""<b>&\", sum(n) as "<u>sum</u>", avg(n) as mean from h group by k, "a""<b>&\"'
	view h_times <<<'select ts as t, k as "</pre>", count(*) as "n<br>" from h group by t, k'
	lam-batch | lam-serve -q
}

# page.py FILE: what an HTML parser sees, as JSON: scripts, handlers, texts of <pre>
page() {
	python3 - "$1" <<-'PY'
		import html.parser, json, sys

		class Page(html.parser.HTMLParser):
		    def __init__(self):
		        super().__init__(convert_charrefs=True)
		        self.scripts, self.handlers, self.loads, self.tags = [], [], [], []
		        self.pres, self.pre, self.policy, self.view = {}, None, "", None
		    def handle_starttag(self, tag, attrs):
		        a = dict(attrs)
		        self.tags.append(tag)
		        self.handlers += [k for k in a if k.startswith("on") or k == "style"]
		        self.loads += [v for k, v in attrs if k in ("src", "href") and not v.startswith("#")]
		        if tag == "script":
		            self.scripts.append(a.get("nonce"))
		        if tag == "section":
		            self.view = a["data-view"]
		        if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy":
		            self.policy = a["content"]
		        if tag == "pre":
		            self.pre = self.view + " " + a["class"]
		            self.pres[self.pre] = ""
		    def handle_endtag(self, tag):
		        if tag == "pre":
		            self.pre = None
		    def handle_data(self, data):
		        if self.pre:
		            self.pres[self.pre] += data

		p = Page()
		p.feed(open(sys.argv[1], "rb").read().decode(errors="replace"))
		p.close()
		json.dump(vars(p), sys.stdout, default=str)
	PY
}

has() { # has EXPRESSION: of Python, over what page saw as p
	python3 -c '
import json, sys
p = json.load(open("seen"))
assert eval(sys.argv[1]), p.get("handlers")' "$1"
}

@test "values and names are text wherever they stand, and the policy forbids the rest" {
	hostile
	lam-report --title '</title><script>alert(3)</script>' >r.html
	page r.html >seen
	has 'len(p["scripts"]) == 2 and len(set(p["scripts"])) == 1 and len(p["scripts"][0]) == 36'
	has 'p["handlers"] == [] and p["loads"] == []'
	has 'not {"img", "b", "i", "u", "br", "textarea", "iframe"} & set(p["tags"])'
	nonce=$(python3 -c 'import json; print(json.load(open("seen"))["scripts"][0])')
	has "p['policy'] == \"default-src 'none'; script-src 'nonce-$nonce'; style-src 'nonce-$nonce'; img-src data:; base-uri 'none'; form-action 'none'\""
	lam-report >again.html
	run ! grep -q "$nonce" again.html
	# nothing is written so that the bytes could pass for other text
	run ! grep -P '\r|\x00' r.html
}

@test "the page holds the rows, points and totals that lam-query gives" {
	hostile
	lam-report >r.html
	page r.html >seen
	for v in h_ranked:4 h_times:1; do
		lam-query -o tsv "select * from ${v%:*} order by ${v#*:} desc" >rows # no ties
		[ "${v%:*}" = h_times ] || lam-query -o tsv "select * from h_ranked order by 3 desc" >rows
		python3 - "${v%:*} rows" <<-'PY'
			import json, sys
			want = open("rows", "rb").read().decode(errors="replace")
			got = json.load(open("seen"))["pres"][sys.argv[1]]
			assert got == want, (got, want)
		PY
	done
	has 'p["pres"]["h_ranked sums"] == "<u>sum</u>\n"' # a mean does not add up
	has 'p["pres"]["h_ranked totals"] == "<u>sum</u>\tmean\n21\t3.5\n"'
	has 'p["pres"]["h_times totals"] == "n<br>\n6\n"'
	has 'p["pres"]["h_times points"].split("\n")[0] == "t\tk\tn<br>"'
	has 'len(p["pres"]["h_times points"].split("\n")) == 8'
	run ! grep -q 'h_ranked points' seen
}

@test "a long series comes by the hour or the day, merged exactly" {
	awk 'BEGIN { print "ts,n"; for (i = 0; i < 7000; i++)
		printf "2026-01-%02dT%02d:%02d:00Z,%d\n", 1 + i / 1440, i / 60 % 24, i % 60, i }' >l.csv
	lam-ingest -q -s l l.csv
	view long <<<"select ts, avg(n) as mean from l group by ts"
	lam-report --rows 7 long >r.html
	page r.html >seen
	awk -F '[,:]' 'NR > 1 { s[$1] += $4; n[$1]++ } END { for (h in s) print h, s[h] / n[h] }' l.csv |
		sort >want
	python3 -c 'import json
for l in json.load(open("seen"))["pres"]["long points"].split("\n")[1:-1]:
    t, m = l.split("\t")
    print(t[:13], "%.6g" % float(m))' | cmp want -
	has 'p["pres"]["long rows"].count("\n") == 8'
	grep -q 'data-groups="7000"' r.html
	grep -q 'data-unit="hour"' r.html
}

@test "--new web: the panels of GoAccess, with the numbers of GoAccess" {
	needs_real
	command -v goaccess >/dev/null || skip "no goaccess (Debian: goaccess)"
	sed 8899d "$REAL/apache_logs" >access.log # cut off: no record for us
	lam-ingest -q -s access access.log
	run -0 --separate-stderr lam-report --new web
	[[ $stderr == *"web_tls is left out: access has no field \"tls\""* ]]
	lam-batch | lam-serve -q
	python3 "$ROOT/tests/report/goaccess.py" access.log
	lam-report >r.html
	page r.html >seen
	has 'sum(k.endswith(" rows") for k in p["pres"]) == 14'
}

@test "--new web: other names, a second time, and files that were edited" {
	printf '%s\n' '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 7' >log
	lam-ingest -q -s my-log -f common log
	run -2 lam-report --new web
	[[ $output == *access*my-log* ]]
	run -0 --separate-stderr lam-report --new web -s my-log
	[[ $stderr == *"web_browsers is left out: my-log has no field \"agent\""* ]]
	[[ $stderr == *" views are new in $LAM_DATA/views, 0 were there: next, run lam-batch"* ]]
	lam-batch | lam-serve -q
	run -0 lam-query --no-header "select hour, hits from web_hours"
	[ "$output" = 10,1 ]
	run -0 --separate-stderr lam-report --new web -s my-log
	[[ $stderr == *" 0 views are new in "* ]]
	echo "-- mine" >>"$LAM_DATA/views/web_hours.sql"
	cp "$LAM_DATA/views/web_hours.sql" mine
	run -2 lam-report --new web -s my-log
	[[ $output == *"web_hours.sql: there is another view of this name"* ]]
	cmp mine "$LAM_DATA/views/web_hours.sql"
	[ -z "$(find "$LAM_DATA/views" -name '.*' -type f)" ]
	for o in "--to x" "--rows 5" "--title x" "--refresh 5"; do
		run -2 lam-report --new web $o
	done
	run -2 lam-report --new nosuch
	run -2 lam-report --new ../report
}

@test "a view that fails: its panel says why, the others are there, exit 5" {
	hostile
	view bad <<<"select k, cuont(*) from h group by k"
	run -5 --separate-stderr lam-report --to r.html
	grep -A 3 'id="v-bad"' r.html | grep -q 'cuont'
	page r.html >seen
	has 'sum(k.endswith(" rows") for k in p["pres"]) == 2'
	run -2 lam-report nosuch
	[[ $output == *'there is no view "nosuch": lam-stat -d'* ]]
	run -2 lam-report '../x'
	rm "$LAM_DATA"/views/*
	run -1 lam-report
	[[ $output == *"lam-report --new web"* ]]
}

@test "--to replaces the file in one step or leaves it; closed pipes and full disks" {
	hostile
	echo old >r.html
	run -4 lam-report --to missing/r.html
	[[ $output == "lam-report: missing/r.html: cannot be written: No such file or directory" ]]
	lam-report --to r.html --refresh 60
	grep -q 'data-refresh="60"' r.html && grep -q '</html>' r.html
	[ "$(stat -c %a r.html)" = 644 ]
	[ "$(ls r.html*)" = r.html ]
	run -4 bash -c 'lam-report >/dev/full'
	[ "$output" = "lam-report: standard output: cannot write: No space left on device" ]
	lam-report | head -c 10 >/dev/null
	LAM_DYGRAPHS=$PWD run -4 lam-report
	[[ $output == *"apt-get install libjs-dygraphs"* ]]
	[ -z "$(ls -d "$TMPDIR"/lam-report.* 2>/dev/null)" ]
	(cd "$ROOT" && shellcheck -s sh -x src/lam-report src/report/places.sh)
}

@test "all panels are of the same records, whatever comes while the page is made" {
	printf 'a,b\nx,1\ny,2\nx,3\n' | lam-ingest -q -s s
	view by_a <<<"select a, count(*) as n from s group by a"
	view by_b <<<"select b, count(*) as n from s group by b"
	lam-batch | lam-serve
	printf 'a,b\nz,9\n' >more
	mkdir bin src && ln -s "$ROOT/src/report" src/report
	cp "$(command -v lam-report)" bin/
	ln -s "$(command -v lam-stat)" bin/lam-stat
	# a record comes before each query, and now and then a batch has it
	printf '#!/bin/sh\nlam-ingest -q -s s more\nlam-batch -q | lam-serve -q\nexec %s "$@"\n' "$(command -v lam-query)" >bin/lam-query
	chmod +x bin/lam-query
	bin/lam-report >page.html
	[ "$(lam-query --no-header "select count(*) from s")" -gt 8 ]
	sed -n '/class="totals"/,/<\/pre>/p' page.html | grep -cx '3</pre>\|3' >same
	[ "$(cat same)" -eq 2 ] || { grep -A2 totals page.html; return 1; }
	! grep -q '^z' page.html
}

# geography: a log of addresses of both kinds, and files as MaxMind lays them out
geography() {
	python3 - <<-'PY'
		import csv, os, random
		rng = random.Random(7)
		with open("access.log", "w") as f:
		    for i in range(3000):
		        ip = rng.choice([f"10.{i % 9}.{i * 7 % 256}.{i % 5}", f"2001:db8:{i % 5:x}::{i % 3:x}",
		            f"192.0.2.{i % 7}"])
		        f.write(f'{ip} - - [17/May/2026:{i // 150:02}:00:00 +0000] "GET /{i % 9} HTTP/1.1" 200 {i} "-" "a{i % 4}"\n')
		def table(name, head, rows):
		    os.makedirs("it's geo", exist_ok=True)
		    with open("it's geo/" + name, "w", newline="") as f:
		        csv.writer(f, lineterminator="\n").writerows([head.split(), *rows])
		place = "network geoname_id registered_country_geoname_id is_anonymous_proxy"
		table("GeoLite2-Country-Blocks-IPv4.csv", place, [["10.0.0.0/14", 1, 1, 0], ["10.4.0.0/16", 2, 2, 0],
		    ["10.5.0.0/17", 3, 3, 0], ["10.6.0.1/32", "", 1, 0]])
		table("GeoLite2-Country-Blocks-IPv6.csv", place, [["2001:db8::/47", 2, 2, 0], ["2001:db8:3::1/128", 3, 3, 0]])
		table("GeoLite2-Country-Locations-en.csv", "geoname_id locale_code continent_name country_name",
		    [[1, "en", "Europe", "</pre><script>"], [2, "en", "Asia", "a, \"b\""], [3, "en", "Asia", ""]])
		net = "network autonomous_system_number autonomous_system_organization"
		table("GeoLite2-ASN-Blocks-IPv4.csv", net, [["10.0.0.0/8", 64500, "<b>&"], ["192.0.2.4/30", 64501, "it's"]])
	PY
	lam-ingest -q -s access -f combined access.log
	lam-report -q --new web
}

@test "--geo: places and networks of the addresses, as Python's ipaddress finds them" {
	geography
	lam-report --geo "it's geo" web_hosts >page.html
	page page.html >seen
	python3 - <<-'PY'
		import collections, csv, html, ipaddress, json, re
		def networks(edition, *values):
		    for v in "46":
		        try:
		            for r in csv.DictReader(open(f"it's geo/GeoLite2-{edition}-Blocks-IPv{v}.csv")):
		                yield ipaddress.ip_network(r["network"]), tuple(r[x] for x in values)
		        except FileNotFoundError:
		            pass
		def find(nets, ip):
		    return next((v for n, v in nets if ip.version == n.version and ip in n), None)
		places = list(networks("Country", "geoname_id"))
		asns = list(networks("ASN", "autonomous_system_number", "autonomous_system_organization"))
		names = {r["geoname_id"]: (r["continent_name"], r["country_name"] or r"\N")
		    for r in csv.DictReader(open("it's geo/GeoLite2-Country-Locations-en.csv"))}
		unknown = (r"\N", r"\N")
		want = {"web_places": collections.Counter(), "web_networks": collections.Counter()}
		for line in open("access.log"):
		    ip, size = ipaddress.ip_address(line.split()[0]), int(line.split()[9])
		    place = names.get((find(places, ip) or ("",))[0], unknown)
		    asn = find(asns, ip)
		    for panel, key in ("web_places", place), ("web_networks", ("AS" + asn[0], asn[1]) if asn else unknown):
		        want[panel][key, "hits"] += 1
		        want[panel][key, "bytes"] += size
		seen = json.load(open("seen"))
		for panel in want:
		    rows = [l.split("\t") for l in seen["pres"][panel + " rows"].splitlines()]
		    assert rows[0][2:] == ["hits", "visitors", "bytes"], rows[0]
		    got = {}
		    for a, b, hits, visitors, size in rows[1:]:
		        got[(a, b), "hits"], got[(a, b), "bytes"] = int(hits), int(size)
		    assert got == want[panel], (panel, got, want[panel])
		    assert seen["pres"][panel + " totals"].splitlines()[1].split("\t")[0] == "3000"
		assert len(set(seen["scripts"])) == 1 and not seen["handlers"]
	PY
	# a city edition is taken before one of countries
	cd "it's geo"
	for v in 4 6; do cp GeoLite2-Country-Blocks-IPv$v.csv GeoLite2-City-Blocks-IPv$v.csv; done
	sed '1s/$/,city_name/; 2,$s/$/,Town/' GeoLite2-Country-Locations-en.csv >GeoLite2-City-Locations-en.csv
	cd ..
	LAM_GEO="it's geo" lam-report web_hosts >page.html
	page page.html >seen
	has 'p["pres"]["web_places rows"].splitlines()[0].split("\t")[:3] == ["continent", "country", "city"]'
}

@test "--geo FILE, or LAM_GEO as geo() reads it: panels for what the file says, and views with geo()" {
	geography
	python3 - <<-PY
		import sys; sys.path.insert(0, "$ROOT/tests")
		from ipaddress import ip_network as net
		from mmdb import N, write
		de = {"continent": {"names": {"en": "Europe"}}, "country": {"iso_code": "DE", "names": {"en": "Germany"}},
		      "city": {"names": {"en": "Ulm"}}}
		write("city.mmdb", 6, 28, [(net("10.0.0.0/14"), de), (net("2001:db8:1::/48"), {"country": {"iso_code": "FR"}})])
		write("asn.mmdb", 6, 24, [(net("10.0.0.0/8"), {"autonomous_system_number": N("u32", 64500),
		    "autonomous_system_organization": "<b>&"}), (net("192.0.2.4/30"), {"asn": "AS64501"})])
	PY
	echo "select geo(ip, 'city') as city, count(*) as hits from access group by city" >data/views/cities.sql
	LAM_GEO=city.mmdb lam-report web_hosts cities >page.html
	page page.html >seen
	has '"web_networks rows" not in p["pres"]'
	python3 - <<-'PY'
		import collections, ipaddress as a, json
		p = json.load(open("seen"))["pres"]
		def rows(panel, at):
		    lines = [l.split("\t") for l in p[panel + " rows"].splitlines()]
		    return lines[0], {tuple(l[:at]): int(l[at]) for l in lines[1:]}
		want = collections.Counter()
		for line in open("access.log"):
		    ip = a.ip_address(line.split()[0])
		    v4 = ip.version == 4 and ip in a.ip_network("10.0.0.0/14")
		    v6 = ip.version == 6 and ip in a.ip_network("2001:db8:1::/48")
		    want["Europe" if v4 else r"\N", "Germany" if v4 else "FR" if v6 else r"\N", "Ulm" if v4 else r"\N"] += 1
		head, got = rows("web_places", 3)
		assert head == ["continent", "country", "city", "hits", "visitors", "bytes"], head
		assert got == want, (got, want)
		assert rows("cities", 1)[1][("Ulm",)] == want["Europe", "Germany", "Ulm"]
	PY
	lam-report --geo asn.mmdb web_hosts >page.html
	page page.html >seen
	has '"web_places rows" not in p["pres"]'
	has '{tuple(l.split("\t")[:2]) for l in p["pres"]["web_networks rows"].splitlines()} == \
		{("asn", "organization"), ("AS64500", "<b>&"), ("AS64501", r"\N"), (r"\N", r"\N")}'
}

@test "--geo: what is missing is told" {
	geography
	mkdir none
	run -2 lam-report --geo none
	[[ $output == *"none: there is no file like GeoLite2-Country-Blocks-IPv4.csv or"*"or an .mmdb file" ]]
	run -2 lam-report --geo no.mmdb
	[ "$output" = "lam-report: no.mmdb: cannot be read: No such file or directory" ]
	lam-report web_hosts >page.html
	grep -q 'places and networks: see --geo in lam-report(1)' page.html
	run -0 lam-report --new web
	[[ $output == *"places and networks (ASN) of web_hosts are shown where --geo or LAM_GEO names an .mmdb file or a directory"* ]]
	rm "it's geo/GeoLite2-Country-Locations-en.csv"
	run -5 lam-report --geo "it's geo" --to page.html web_hosts
	page page.html >seen
	has '"web_networks rows" in p["pres"] and "web_places rows" not in p["pres"]'
	grep -q 'class="bad".*Country-Locations-en.csv' page.html
}
