#!/usr/bin/env bats
# Suites that others wrote to try databases with: MgBench, TSBS, SSB, TPC-H, GoAccess's panels, and what
# people ask of logs.  sqlite3 answers them here; `make suites` asks DuckDB.
load helper

suite() {
	run -0 --separate-stderr "$ROOT/tests/suites/suites.py" "$@"
}

@test "MgBench: all 18 queries" {
	suite mgbench
	[ "$output" = "mgbench: 18 of 18 the same as sqlite3's" ]
}

@test "TSBS: hosts and trucks, as for TimescaleDB and ClickHouse" {
	suite tsbs
	[ "$output" = "tsbs: 27 of 27 the same as sqlite3's, 3 as the message says to write them" ]
}

@test "the Star Schema Benchmark: all 13 queries, and more of a star" {
	suite star
	[ "$output" = "star: 14 of 14 the same as sqlite3's" ]
}

@test "TPC-H: all 22 queries" {
	suite tpch
	[ "$output" = "tpch: 22 of 22 the same as sqlite3's" ]
}

@test "GoAccess: all 18 panels" {
	suite goaccess
	[ "$output" = "goaccess: 18 of 18 the same as sqlite3's" ]
}

@test "what people ask of logs" {
	suite people
	[ "$output" = "people: 68 of 68 the same as sqlite3's" ]
}

@test "the panels and what people ask, of a real log" {
	needs_real
	suite --log "$REAL/apache_logs" goaccess people
}

@test "functions of other systems: what the message says to write runs" {
	printf 'ts,text,url,x,a,b\n2026-01-02 03:04:05,03/04/2026,http://h.org/p?q=1,1,2,3\n' >t.csv
	for f in $(sed -n 's/^\t{ "\(\w*\)", .*/\1/p' "$ROOT/src/sql/func_instead.c"); do
		run -2 lam-query "select $f(x) from 't.csv'"
		[[ $output == *"no function \"$f\": "* ]]
		[[ $output != *"; write the value" ]] || continue
		[[ $output == *": write "* ]] || continue # there is no such thing
		# "write a or b" is two of them
		sed 's/.*: write //; s/ or /\n/g' <<<"$output" >texts
		while read -r text; do
			lam-query -q "select $text from 't.csv'" >out || { echo "$f: $text"; return 1; }
		done <texts
	done
}

@test "words of other dialects: what to write instead" {
	printf 'x\n1\n2\n' >t.csv
	while IFS='|' read -r sql text; do
		run -2 lam-query "$sql"
		[[ $output == *"$text"* ]] || { echo "$sql: $output"; return 1; }
	done <<-'E'
		select top 1 x from 't.csv'|for TOP n write LIMIT n at the end, found "top"
		select x from 't.csv' limit 1, 1|for LIMIT a, b write LIMIT b OFFSET a
		select x from 't.csv' order by x limit 1 by x|write QUALIFY row_number()
		select x from 't.csv' order by x limit 1 with ties|<= n, found "with"
		select x from 't.csv' fetch first 1 rows with ties|<= n, found "with"
		select x from 't.csv' prewhere (x = 1)|write WHERE
		select x rlike '1' from 't.csv'|write x ~ 'pattern'
		select x from 't.csv' any join 't.csv' u on true|DISTINCT ON (key)
		select x from 't.csv' pivot (count(*) for x in (1))|FILTER (WHERE x = 'a')
		select x from 't.csv' using sample 10%|an answer is of all rows
		select group_concat(x separator ';') from 't.csv'|write string_agg(x, ',')
		select x:key::string from 't.csv'|write json_extract_string(x, '$.key') for x:key
		select x, count(*) from 't.csv' group by x with totals|GROUP BY GROUPING SETS ((x), ())
	E
	[ "$(lam-query --no-header "select x as any from 't.csv' as pivot limit 1")" = 1 ]
}
