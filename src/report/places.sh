# shellcheck shell=sh disable=SC2154 # what lam-report has: geo, query, rows, tmp, TAB
# places.sh - panels of places and networks (ASN), for lam-report
#
# In:   the rows of the view web_hosts, and $geo: a file for geo(), which lam-query reads, or
#       a directory with CSV files of MaxMind
# Out:  a panel for each edition that is there: City or Country, and ASN

# edition NAME: the file of it that is there
edition() {
	for f in "$geo"/*-"$1"; do
		[ ! -e "$f" ] || { printf '%s' "$f" && return; }
	done
	return 1
}
# geo_find: into geo_has, the panels for which there are files
geo_find() {
	geo_has=''
	[ -n "$geo" ] || return 0
	[ -d "$geo" ] || { geo_ask && return; }
	[ -z "$(edition City-Blocks-IPv4.csv || edition Country-Blocks-IPv4.csv)" ] || geo_has=web_places
	[ -z "$(edition ASN-Blocks-IPv4.csv)" ] || geo_has="$geo_has web_networks"
	[ -n "$geo_has" ] || die 2 "--geo $geo: there is no file like GeoLite2-Country-Blocks-IPv4.csv or" \
		"GeoLite2-ASN-Blocks-IPv4.csv: give a directory with MaxMind's CSV files, or an .mmdb file"
}
# geo_ask: geo_find where $geo is a file: it has a panel for what it says of any address
geo_ask() {
	export LAM_GEO="$geo"
	ask "select geo('::1', 'country')" >/dev/null 2>"$tmp/why" ||
		die 2 "$(sed 's/^lam-query: \(query:[0-9:]* \)*//' "$tmp/why" | head -n 1)"
	[ -e "$data/views/web_hosts.sql" ] || return 0
	ask --no-header "select case when count(geo(ip, 'country')) > 0 then 'web_places' end,
		case when count(geo(ip, 'asn')) > 0 then 'web_networks' end,
		case when count(geo(ip, 'city')) > 0 then 'city' end
		from (select ip from web_hosts) h" >"$tmp/has" 2>/dev/null || echo >"$tmp/has"
	IFS="$TAB" read -r places networks city <"$tmp/has"
	for has in "$places" "$networks"; do
		case $has in
		web_*) geo_has="$geo_has $has" ;;
		esac
	done
	geo_has=${geo_has:-web_places} # which then says that no address is known, or why
}
# file NAME: as SQL has it
file() {
	f=$(edition "$1") || f="$geo/*-$1"
	printf "'%s'" "$(printf %s "$f" | sed "s/'/''/g")"
}

# located EDITION COLUMNS: WITH: h, the addresses, and m, where they are.  The networks of an
# edition do not overlap: an address is in one of those it would be in at any length.
located() {
	both=
	for v in 4 6; do
		[ -z "$(edition "$1-Blocks-IPv$v.csv")" ] ||
			both="$both${both:+ union all }select network, $2 from $(file "$1-Blocks-IPv$v.csv")"
	done
	cat <<SQL
with h as (select ip, hits, visitors, bytes from web_hosts),
n as (select a.ip, ip_network(a.ip, g.k) as net from (select ip from web_hosts) a,
	generate_series(1, 128) g(k) where g.k <= 32 or a.ip like '%:%'),
b as ($both), m as (select n.ip, $2 from n join b on n.net = b.network)
SQL
}

# An address has its own visitors, so these do add up.
measured='sum(h.hits) as hits, sum(h.visitors) as visitors, sum(h.bytes) as bytes
	from h left join m on h.ip = m.ip'

# told PATHS: the first of these that the file says of an address
told() {
	printf 'coalesce('
	for path; do printf "geo(h.ip, '%s'), " "$path"; done
	printf 'null)'
}
# told_by KEYS: the panel of a file
told_by() {
	echo "select $1, sum(hits) as hits, sum(visitors) as visitors, sum(bytes) as bytes
		from (select ip, hits, visitors, bytes from web_hosts) h group by all order by hits desc"
}

places() {
	if [ ! -d "$geo" ]; then
		[ "$city" = city ] && city=", geo(h.ip, 'city') as city" || city=''
		told_by "$(told continent.names.en continent) as continent,
			$(told country.names.en country_name country) as country$city"
		return
	fi
	kind=Country city=''
	[ -z "$(edition City-Blocks-IPv4.csv)" ] || kind=City city=', l.city_name as city'
	located $kind geoname_id
	echo "select l.continent_name as continent, l.country_name as country$city, $measured
		left join $(file $kind-Locations-en.csv) l on m.geoname_id = l.geoname_id
		group by all order by hits desc"
}
networks() {
	if [ ! -d "$geo" ]; then
		told_by "'AS' || ltrim(geo(h.ip, 'asn'), 'AS') as asn, geo(h.ip, 'organization') as organization"
		return
	fi
	located ASN 'autonomous_system_number, autonomous_system_organization'
	echo "select 'AS' || m.autonomous_system_number as asn,
		m.autonomous_system_organization as organization, $measured
		group by all order by hits desc"
}

# of_hosts NAME ABOUT SQL: a panel of what the addresses of web_hosts add up to
of_hosts() {
	printf '<section class="panel" id="v-%s" data-view="%s">\n<h2>%s</h2>\n<p class="about">%s</p>\n' \
		"$1" "$1" "$1" "$2"
	if ! ask "$3" >"$tmp/rows" 2>"$tmp/why" || ! answer html "$3 limit 20" >"$tmp/first" ||
		! ask "select sum(hits) as hits, sum(visitors) as visitors, sum(bytes) as bytes
			from (select hits, visitors, bytes from web_hosts) h" >"$tmp/totals"; then
		printf '<p class="bad">%s</p>\n</section>\n' "$(sed 's/^lam-[a-z]*: //' "$tmp/why" | head -n 3 | text)"
		return 1
	fi
	printf '<noscript>%s</noscript>\n<pre hidden class="columns">' "$(cat "$tmp/first")"
	echo "relation${TAB}column${TAB}type${TAB}role"
	sed -n 1p "$tmp/rows" | tr '\t' '\n' | sed "/^hits$/,\$d; s/.*/$1$TAB&${TAB}text${TAB}key/"
	printf '</pre>\n<pre hidden class="sums">hits\nvisitors\nbytes\n</pre>\n<pre hidden class="totals">'
	text <"$tmp/totals"
	printf '</pre>\n<pre hidden class="rows" data-groups="%s">' $(($(wc -l <"$tmp/rows") - 1))
	head -n $((rows + 1)) "$tmp/rows" | text
	printf '</pre>\n</section>\n'
}

# geo_panels: behind that of web_hosts
geo_panels() {
	ok=0 about='of the addresses of web_hosts, by files of MaxMind'
	for name in $geo_has; do
		case $name in
		web_places) of_hosts web_places "Places $about" "$(places)" ;;
		*) of_hosts web_networks "Networks (ASN) $about" "$(networks)" ;;
		esac || ok=1
	done
	return $ok
}
