#!/usr/bin/env bats
# Intervals as values.  What is expected is what DuckDB 1.5 prints.

load helper

q() {
	lam-query --no-header "$@"
}

one() { # EXPRESSION EXPECTED
	run -0 q "select $1"
	[ "$output" = "$2" ] || { echo "$1: $output, not $2"; return 1; }
}

@test "an interval prints as it was made" {
	one "interval '-14 months'" "-1 year -2 months"
	one "interval '-1 day -04:05:06.5'" "-1 day -04:05:06.5"
	one "interval '0 days'" 00:00:00
	one "interval '1.5 months'" "1 month 15 days"
	one "interval '1.55 years'" "1 year 6 months"
	for part in '0.01 years' '-0.08 years' '0.008 decades' '0.0008 centuries'; do
		one "interval '$part'" 00:00:00
	done
	one "interval '1.5 quarters'" "4 months 15 days"
	one "interval '0.1 quarter'" "9 days"
	one "interval '-2.5 quarters'" "-7 months -15 days"
	one "interval '1.5 days'" "1 day 12:00:00"
	one "interval '90000 seconds'" 25:00:00
	one "interval '1y 2mon 3d 4h 5m 6s 7ms 8us'" "1 year 2 months 3 days 04:05:06.007008"
	one "interval '3 days ago'" "-3 days"
	one "interval '1' day" "1 day"
	one "interval (2) day" "2 days"
	one "'1 day'::interval || 'x'" "1 dayx"
	one "concat(interval '1 day', 1)" "1 day1"
	one "try_cast('x' as interval) is null" true
	run -0 lam-query -o jsonl "select interval '1 day' as d"
	[ "$output" = '{"d":"1 day"}' ]
}

@test "intervals are computed part by part" {
	one "interval '1 month' * 1.5" "1 month 15 days"
	one "interval '1 month' / 2" "15 days"
	one "interval '1 day' / 7" 03:25:42.857143
	one "interval '1 month 1 day 00:00:01' / 3" "10 days 08:00:00.333333"
	one "interval '1 month' * 2.7" "2 months 21 days"
	one "interval '-1 month' / 4" "-7 days -12:00:00"
	one "interval '10 days' * 0.33" "3 days 07:12:00"
	one "timestamp '2026-01-03' - timestamp '2026-01-01 05:00'" "1 day 19:00:00"
	one "timestamp '2026-01-01 05:00' - timestamp '2026-01-03'" "-1 day -19:00:00"
	one "date '2026-01-31' + interval '1 month 1 day'" 2026-03-01T00:00:00Z
	one "timestamp '2026-03-31' - interval '1 month 1 day'" 2026-02-27T00:00:00Z
	one "interval '1 day' / 0 is null" true
	one "age(timestamp '2026-01-31', timestamp '2026-03-01')" "-1 month -1 day"
}

@test "of columns likewise, which keep their type in queries within" {
	printf 'a,n\n2026-01-31T00:00:00Z,1\n2026-02-28T12:00:00Z,3\n,2\n' >t.csv
	run -0 q "select a + n * interval '1 month', n * interval '1 day', to_months(n) from 't.csv'"
	[ "$output" = "2026-02-28T00:00:00Z,1 day,1 month
2026-05-28T12:00:00Z,3 days,3 months
,2 days,2 months" ]
	run -0 q "select d, d + interval '1 hour', a + d, extract(day from d), epoch(d), d > interval '27 days', d::varchar
		from (select a, a - lag(a) over (order by a) as d from 't.csv') where d is not null"
	[ "$output" = "28 days 12:00:00,28 days 13:00:00,2026-03-29T00:00:00Z,28,2462400,true,28 days 12:00:00" ]
	run -0 q "select sum(d), avg(d), min(d), max(d), count(distinct d) from (select n * interval '1 month 1 hour' as d from 't.csv')"
	[ "$output" = "6 months 06:00:00,2 months 02:00:00,1 month 01:00:00,3 months 03:00:00,3" ]
	run -0 q "select avg(d) from (values (interval '1 month'), (interval '1 day 00:00:01')) t(d)"
	[ "$output" = "15 days 12:00:00.5" ]
	run -0 q "select d from (select n * interval '10 days' as d from 't.csv' union all select interval '2 months') order by d desc"
	[ "$output" = "2 months
30 days
20 days
10 days" ]
}

@test "they are compared by their length" {
	one "interval '30 days' = interval '1 month'" true
	one "interval '31 days' > interval '1 month'" true
	one "interval '1 day' in (interval '24 hours', interval '1 month')" true
	one "interval '1 day' > '3 hours'" true
	one "epoch(interval '1 year')" 31557600
	one "epoch(interval '13 months')" 34149600
	one "date_part('month', interval '14 months')" 2
	one "date_part('hour', interval '30:00:00')" 30
	one "date_part('millisecond', interval '61.5 seconds')" 1500
}

@test "a view keeps intervals, merged exactly" {
	mkdir -p data/views
	lam-ingest -q -s s -f csv -d data <<-E
		k,ts,te
		a,2026-01-01T00:00:00Z,2026-01-03T01:00:00Z
		b,2026-01-01T00:00:00Z,2026-01-01T00:30:00Z
	E
	echo "select k, sum(te - ts) as d, avg(age(te, ts)) as m from s group by k" >data/views/v.sql
	lam-batch -q -d data | lam-serve -q -d data
	lam-ingest -q -s s -f csv -d data <<-E
		k,ts,te
		a,2026-01-05T00:00:00Z,2026-01-06T00:00:01Z
	E
	run -0 q -d data "select k, d, m from v"
	[ "$output" = "a,3 days 01:00:01,1 day 12:30:00.5
b,00:30:00,00:30:00" ]
}

@test "intervals of one length are one thing as keys, in sets and in order" {
	printf 'i,d\n1,1 day\n2,24:00:00\n3,30 days\n4,1 month\n5,2 hours\n' >t.csv
	run -0 q "select d::interval, count(*), min(i) from 't.csv' group by 1 order by 3"
	[ "$output" = "24:00:00,2,1
1 month,2,3
02:00:00,1,5" ]
	run -0 q "select distinct d::interval as s from 't.csv' order by s"
	[ "$output" = "02:00:00
24:00:00
1 month" ]
	run -0 q "select count(distinct d::interval), count(distinct (d::interval, 1)) from 't.csv'"
	[ "$output" = 3,3 ]
	run -0 q "select d::interval from 't.csv' union select interval '48 hours' order by 1 desc"
	[ "$output" = "1 month
48:00:00
24:00:00
02:00:00" ]
	run -0 q "select i from 't.csv' order by d::interval, i desc"
	[ "$output" = "5
2
1
4
3" ]
	run -0 q "select a.i, b.i from 't.csv' a join 't.csv' b on a.d::interval = b.d::interval and a.i < b.i order by 1"
	[ "$output" = "1,2
3,4" ]
	run -2 q "select rank() over (order by d::interval) from 't.csv'"
	[[ "$output" == *"write epoch(x)"* ]]
}

@test "what takes no interval says what to write" {
	refused() {
		run -2 q "$1"
		[[ "$output" == *"$2"* ]] || { echo "$output"; return 1; }
	}
	refused "select abs(interval '1 day')" "write epoch(x)"
	refused "select interval '1 day' / interval '1 hour'" "write epoch(x)"
	refused "select median(d) from (select interval '1 day' as d)" "to_seconds(...)"
	refused "select (interval '1 day')::bigint" "write epoch(x)"
	refused "select interval 'P1D'" "expected an interval"
}

@test "NULLIF compares intervals as = does, by their lengths; what does not go with one" {
	one "nullif(interval '1 month', interval '30 days') is null" true
	one "nullif(interval '1 month', interval '31 days')" "1 month"
	one "nullif(interval '1 day', interval '24 hours') is null" true
	printf 'x,y\n1 month,720 hours\n1 day,25:00:00\n,1 day\n' >t.csv
	run -0 q "select nullif(x::interval, y::interval) is null, x::interval = y::interval from 't.csv'"
	[ "$output" = "true,true
false,false
true," ]
	run -2 q "select coalesce(interval '1 day', 5)"
	[[ "$output" == *"an interval and a number do not go together: write epoch(x)"* ]]
}
