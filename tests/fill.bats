#!/usr/bin/env bats
# lam-query --fill: rows for buckets of time in which nothing was.
load helper

# Records of 20 days in which the clock is turned, with gaps; a few have no time.
records() {
	python3 - "$1" <<'E' >r.csv
import datetime, random, sys
r = random.Random(int(sys.argv[1]))
day = datetime.datetime(2026, r.choice([3, 10]), 16)
print("ts,host,v")
for i in range(60):
    t = day + datetime.timedelta(seconds=r.randrange(20 * 86400))
    t = t.strftime("%Y-%m-%dT%H:%M:%SZ") if r.random() < 0.95 else ""
    print("%s,%s,%s" % (t, r.choice("abc"), r.choice(["", r.randrange(100), "%.1f" % r.random()])))
E
}

# What sqlite3 says: all hours from the first to the last, with each host.
model() {
	sqlite3 :memory: '.mode csv' '.import r.csv r' "
		create table h as select strftime('%Y-%m-%dT%H:00:00Z', ts) as h, host, nullif(v, '') + 0 as v
			from r where ts <> '';
		with recursive series(h, last) as (select min(h), max(h) from h union all
			select strftime('%Y-%m-%dT%H:00:00Z', h, '+1 hour'), last from series where h < last)
		select series.h, o.host, count(h.h), round(sum(h.v), 1) from series cross join (select distinct host from h) o
			left join h on h.h = series.h and h.host = o.host group by 1, 2 order by 1, 2" |
		tr -d '\r' | sed 's/\.0$//'
}

@test "--fill: every hour of every host, as sqlite3 says, from files, streams, views and partials" {
	for seed in 1 2 3; do
		rm -rf data
		records $seed
		model >want
		sql="select date_trunc('hour', ts) as h, host, count(*) as n, sum(v) as s from %s where ts is not null group by h, host"
		printf -v q "$sql" "'r.csv'"
		lam-query --fill --no-header "$q" | diff - want
		lam-query --fill --no-header --memory 64K --threads 1 "$q" | diff - want
		printf "$sql" s | view v
		head -30 r.csv | lam-ingest -q -s s -f csv
		lam-batch -q | tee p.part | lam-serve -q
		(head -1 r.csv; tail -n +31 r.csv) | lam-ingest -q -s s -f csv
		printf -v q "$sql" s
		lam-query --fill --no-header "$q" | diff - want
		lam-query --fill --no-header "select h, host, n, s from v" | diff - want
		lam-query --fill --no-header "select h, host, n, s from v group by h, host" | diff - want
		lam-query --fill --no-header "select h, host, max(n), s from (from v) group by all order by 1, 2" | cut -d, -f1,2 | uniq |
			diff - <(cut -d, -f1,2 want)
		lam-query --fill --as-of 29 --no-header "select h, host, n, s from v" >early
		lam-query --fill --no-header -p p.part "select h, host, n, s from v" | diff - early
	done
}

@test "--fill: the answer is that of generate_series with a left join, to the byte" {
	records 4
	lam-query --fill "select date_trunc('day', ts) as d, count(*) as n, avg(v) as m from 'r.csv'
		where ts >= '2026-01-01' and ts < '2027-01-01' group by d" >got
	lam-query "with r as (select ts, v from 'r.csv')
		select d, count(r.ts) as n, avg(v) as m
		from generate_series('2026-01-01'::timestamp, '2026-12-31'::timestamp, interval '1 day') as x(d)
		left join r on date_trunc('day', ts) = d group by d" | cmp got -
	[ "$(wc -l <got)" = 366 ]
	# buckets that begin where none of the calendar does
	lam-query --fill --no-header "select time_bucket(interval '10 days', ts, timestamp '2026-01-07') as d, count(*) from 'r.csv'
		where ts between '2026-01-01' and '2026-02-05' group by d" |
		diff - <(printf '%s\n' 2025-12-28T00:00:00Z,0 2026-01-07T00:00:00Z,0 2026-01-17T00:00:00Z,0 2026-01-27T00:00:00Z,0)
}

@test "--fill: days of a zone have 23 and 25 hours, as Python says" {
	for seed in 5 6 7; do
		records $seed
		python3 - >want <<'E'
import csv, datetime, zoneinfo
berlin, utc = zoneinfo.ZoneInfo("Europe/Berlin"), datetime.timezone.utc
days = {}
for r in csv.DictReader(open("r.csv")):
    if r["ts"]:
        d = datetime.datetime.fromisoformat(r["ts"].replace("Z", "+00:00")).astimezone(berlin).date()
        days[d] = days.get(d, 0) + 1
d = min(days)
while d <= max(days):
    start = datetime.datetime(d.year, d.month, d.day, tzinfo=berlin).astimezone(utc)
    print(start.strftime("%Y-%m-%dT%H:%M:%SZ") + ",%d" % days.get(d, 0))
    d += datetime.timedelta(days=1)
E
		lam-query --fill --no-header "select date_trunc('day', ts, 'Europe/Berlin') as d, count(*) from 'r.csv'
			where ts is not null group by d" | diff - want
	done
}

@test "--fill: clauses behind GROUP BY see the empty buckets" {
	printf 'ts,x\n2026-01-01T00:10:00Z,1\n2026-01-01T03:00:00Z,5\n,9\n' >a.csv
	q="select date_trunc('hour', ts) as h, count(*) as n, coalesce(sum(x), 0) as s"
	lam-query --fill --no-header "$q, sum(count(*)) over (order by date_trunc('hour', ts)) as t from 'a.csv' where ts > '2025-12-31 23:00' group by h" |
		diff - <(printf '2026-01-%sZ,%s\n' 01T00:00:00 1,1,1 01T01:00:00 0,0,1 01T02:00:00 0,0,1 01T03:00:00 1,5,2 |
			sed '1i 2025-12-31T23:00:00Z,0,0,0')
	# a record without a time is in no bucket, and stays
	lam-query --fill --no-header "$q from 'a.csv' group by h having count(*) = 0 or h is null" |
		diff - <(printf '%s\n' 2026-01-01T01:00:00Z,0,0 2026-01-01T02:00:00Z,0,0 ,1,9)
	lam-query --fill --no-header "$q from 'a.csv' group by h order by s desc, h desc limit 2 offset 2" |
		diff - <(printf '%s\n' 2026-01-01T00:00:00Z,1,1 2026-01-01T02:00:00Z,0,0)
	# ends of WHERE, without a record between them, and with other keys
	lam-query --fill --no-header "$q from 'a.csv' where ts > '2026-05-01' and '2026-05-01 02:00' > ts group by h" |
		diff - <(printf '%s\n' 2026-05-01T00:00:00Z,0,0 2026-05-01T01:00:00Z,0,0)
	run -1 lam-query --fill --no-header "select date_trunc('hour', ts), x, count(*) from 'a.csv'
		where ts > '2026-05-01' and ts < '2026-05-02' group by all"
	[ -z "$output" ]
	run -1 lam-query --fill --no-header "$q from 'a.csv' where ts > '2026-05-01' group by h"
	# a join, and ends that a query gives
	lam-query --fill --no-header "select date_trunc('hour', a.ts) as h, count(*) from 'a.csv' a join 'a.csv' b using (x)
		where a.ts >= (select min(ts) - interval '1 hour' from 'a.csv') group by h" |
		diff - <(printf '2026-01-01T0%s:00:00Z,%s\n' 0 1 1 0 2 0 3 1 | sed '1i 2025-12-31T23:00:00Z,0')
	lam-query --fill -o json --to out "$q from 'a.csv' where ts < '2026-01-01 03:00' group by h"
	[ "$(jq -c 'map(.n)' out)" = '[1,0,0]' ]
}

@test "--fill: what it cannot fill is told, with what to write" {
	printf 'ts,x\n2026-01-01T00:10:00Z,1\n2026-01-01T03:00:00Z,5\n' >a.csv
	refused() {
		run -2 --separate-stderr lam-query --fill "$2"
		[[ $stderr == *"$1"* ]] || { echo "$stderr"; false; }
	}
	refused "no key of GROUP BY is a bucket of time" "select x, count(*) from 'a.csv' group by x"
	[[ $stderr == *"LEFT JOIN"* ]]
	refused "without GROUP BY has no empty buckets" "select x from 'a.csv'"
	refused "two keys of GROUP BY are buckets" "select ts::date, date_trunc('hour', ts), count(*) from 'a.csv' group by all"
	refused "one set of keys" "select date_trunc('hour', ts) as h, x, count(*) from 'a.csv' group by rollup (h, x)"
	refused "write GROUP BY instead of DISTINCT" "select distinct date_trunc('hour', ts) from 'a.csv'"
	refused "more than 10000000 buckets" "select date_trunc('microsecond', ts) as h, count(*) from 'a.csv' group by h"
	refused "put it into FROM (...)" "select date_trunc('hour', ts) as h, count(*) from 'a.csv' group by h union all select ts, x from 'a.csv'"
}
