#!/usr/bin/env bats
# A real web server's log, with answers that were computed elsewhere.
load helper

ingest_real() {
	needs_real
	run -0 --separate-stderr lam-ingest -s access -f combined "$REAL/apache_logs"
}

views() {
	view by_status <<-'SQL'
	select status, count(*) as hits, sum(bytes) as bytes, min(bytes) as min_bytes,
	       max(bytes) as max_bytes, count(distinct ip) as ips
	from access group by status
	SQL
	view by_hour_status <<-'SQL'
	select date_trunc('hour', ts) as hour, status, count(*) as hits, sum(bytes) as bytes
	from access group by hour, status
	SQL
	view top_paths <<-'SQL'
	select path, count(*) as hits from access group by path
	SQL
	view errors_by_day <<-'SQL'
	select date_trunc('day', ts) as day, count(*) as hits,
	       count(*) filter (where status >= 400) as errors, count(distinct ip) as distinct_ips
	from access group by day
	SQL
}

answers() { # every expected file against the present state of the dataset
	lam-query "select * from by_status" | cmp - "$REAL/expected/by_status.csv"
	lam-query "select * from by_hour_status" | cmp - "$REAL/expected/by_hour_status.csv"
	lam-query "select path, hits from top_paths order by hits desc, path limit 20" |
		cmp - "$REAL/expected/top_paths.csv"
	lam-query "select * from errors_by_day" | cmp - "$REAL/expected/errors_by_day.csv"
}

@test "9,999 records and one reject, with line and reason" {
	ingest_real
	[[ $stderr == *"9999 records"* ]]
	[[ $stderr == *":8899:"* ]]
	[ "$(grep -c ',8899,' "$LAM_DATA/reject/access.csv")" -eq 1 ]
	run -0 lam-query "select count(*) as n from access"
	[ "${lines[1]}" = 9999 ]
}

@test "through the whole pipe: the expected answers" {
	ingest_real
	views
	lam-batch | lam-serve
	answers
}

@test "from the log alone, from speed alone, and from all three layers" {
	needs_real
	views
	head -n 4000 "$REAL/apache_logs" | lam-ingest -q -s access -f combined
	sed -n 4001,8000p "$REAL/apache_logs" >two
	lam-batch | lam-serve
	lam-ingest -q -s access -f combined two
	lam-speed
	tail -n +8001 "$REAL/apache_logs" >three
	run -0 lam-ingest -q -s access -f combined three
	answers
	rm -r "$LAM_DATA/speed"
	answers
	rm -r "$LAM_DATA/serving"
	answers
	lam-speed
	answers
}

@test "ad hoc, plain and gzip, file and standard input" {
	needs_real
	q="select status, count(*) as hits, sum(bytes) as bytes, min(bytes) as min_bytes,
		max(bytes) as max_bytes, count(distinct ip) as ips from"
	run -0 lam-query "$q '$REAL/apache_logs' group by status"
	gzip -c "$REAL/apache_logs" >log.gz
	for from in "'$REAL/apache_logs'" "'log.gz'"; do
		lam-query "$q $from group by status" 2>/dev/null >out
		cmp out "$REAL/expected/by_status.csv"
	done
	lam-query "$q stdin group by status" <log.gz 2>/dev/null >out
	cmp out "$REAL/expected/by_status.csv"
}
