#!/usr/bin/env bats
# Panels as people keep them: questions of MgBench, TSBS and GoAccess by their descriptions,
# over data made here, answered by lam and by sqlite3.
load helper

q() { lam-query --no-header "$@"; }

# cpu: readings of hosts by tag; tags: the hosts; log: requests.
made() {
	python3 - <<-'E'
		import random
		rng = random.Random(5)
		day = lambda i: "2026-01-%02d %02d:%02d:00" % (1 + i // 1440, i // 60 % 24, i % 60)
		with open("cpu.csv", "w") as f:
		    f.write("tag,ts,usage,idle\n")
		    for i in range(0, 4320, 7):
		        for tag in range(9):
		            if rng.random() < .8:
		                f.write("%d,%s,%d,%s\n" % (tag, day(i), rng.randrange(101),
		                    rng.choice(["", rng.randrange(101)])))
		with open("tags.csv", "w") as f:
		    f.write("id,host,region\n")
		    for tag in range(11):
		        f.write("%d,host_%d,%s\n" % (tag, tag, ["eu", "us", ""][tag % 3]))
		with open("log.csv", "w") as f:
		    f.write("ip,ts,path,status,bytes\n")
		    for i in range(4000):
		        f.write("10.0.0.%d,%s,/%s,%d,%d\n" % (rng.randrange(40) ** 2 // 40, day(i),
		            rng.choice("aaabbcdefg"), rng.choice([200, 200, 200, 304, 404, 500]),
		            rng.randrange(10**5)))
	E
	sqlite3 db 'create table cpu(tag integer, ts text, usage integer, idle integer)' \
		'create table tags(id integer, host text, region text)' \
		'create table log(ip text, ts text, path text, status integer, bytes integer)'
	for t in cpu tags log; do
		tail -n +2 $t.csv >body
		sqlite3 db '.mode csv' ".import body $t"
	done
	sqlite3 db "update cpu set idle = nullif(idle, '')" "update tags set region = nullif(region, '')"
}

same() {
	q "$(perl -pe "s/(from |join )(cpu|tags|log) (?=\w)/\$1'\$2.csv' /g" <<<"$1")" >ours
	sqlite3 -csv db "$1" | tr -d '\r' >theirs
	[ -s ours ]
	diff ours theirs
}

@test "TSBS: the most by hour, means joined with tags, the last reading, hosts above a limit" {
	made
	hour="substr(cast(ts as text), 12, 2)"
	same "select $hour as hour, max(usage) as u, max(idle) as i from cpu c where tag in (select id from tags t where host in ('host_1', 'host_4')) group by $hour order by hour"
	same "with a as (select $hour as hour, tag, sum(usage) as s, count(usage) as n from cpu c group by $hour, tag) select a.hour, t.host, a.s, a.n from a join tags t on a.tag = t.id order by a.hour, t.host"
	same "select t.host, c.usage from tags t left join (select x.tag, x.usage from cpu x join (select tag, max(ts) as ts from cpu y group by tag) l on x.tag = l.tag and x.ts = l.ts) c on c.tag = t.id order by t.host"
	same "select t.region, count(*) as n from cpu c join tags t on c.tag = t.id where c.usage > 90 group by t.region having count(*) > 3 order by n desc, t.region nulls last"
	same "select host from tags t where not exists (select 1 from cpu c where c.tag = t.id) order by host"
}

# SQL that lam has and sqlite3 has not, and what sqlite3 is asked for it.
same_as() {
	q "$(perl -pe "s/(from |join )(cpu|tags|log) (?=\w)/\$1'\$2.csv' /g" <<<"$1")" >ours
	sqlite3 -csv db "$2" | tr -d '\r' >theirs
	[ -s ours ]
	diff ours theirs
}

@test "TSBS: the last reading of each host, as its generator prints it, and by LATERAL" {
	made
	last="select t.host, substr(c.ts, 12, 5), c.usage from tags t join cpu c on c.tag = t.id where not exists (select 1 from cpu x where x.tag = c.tag and x.ts > c.ts) order by t.host"
	ts="substr(cast(b.ts as text), 12, 5)"
	same_as "select distinct on (t.host) t.host, $ts, b.usage from tags t inner join lateral (select * from cpu c where c.tag = t.id order by ts desc limit 1) as b on true order by t.host, b.ts desc" "$last"
	# the two before the last; hosts without any have a row of NULL
	same_as "select t.host, r.usage from tags t left join lateral (select c.usage, ts from cpu c where t.id = c.tag order by 2 desc limit 2 offset 1) r on true order by t.host, r.ts" \
		"select t.host, r.usage from tags t left join (select tag, usage, ts, row_number() over (partition by tag order by ts desc) as n from cpu) r on r.tag = t.id and n between 2 and 3 order by t.host, r.ts"
	# groups, lone aggregates, and what is about no row of the left
	same_as "select t.host, r.u, r.n from tags t, lateral (select c.usage // 50 as u, count(*) as n from cpu c where c.tag = t.id and usage < 100 group by 1 having count(*) > 5) r where t.region is not null order by 1, 2" \
		"select t.host, c.usage / 50 as u, count(*) as n from tags t join cpu c on c.tag = t.id where usage < 100 and t.region is not null group by 1, 2 having count(*) > 5 order by 1, 2"
	same_as "select t.host, r.most from tags t cross join lateral (select max(usage) as most from cpu c where c.tag = t.id) r order by 1" \
		"select t.host, (select max(usage) from cpu c where c.tag = t.id) from tags t order by 1"
	same_as "select t.host, r.idle from tags t join lateral (select idle from cpu c order by idle desc limit 1) r on true order by 1" \
		"select t.host, (select max(idle) from cpu) from tags t order by 1"
	same_as "select t.host, n, r.x from tags t, lateral (select count(*) as n, coalesce(max(usage) - min(usage), -1) as x from cpu c where c.tag = t.id and usage > 50) r order by 1" \
		"select host, (select count(*) from cpu c where c.tag = t.id and usage > 50), (select coalesce(max(usage) - min(usage), -1) from cpu c where c.tag = t.id and usage > 50) from tags t order by 1"
	same_as "select r.n, count(*) as c from tags t left join lateral (select count(*) * 2 from cpu c where c.tag = t.id and usage > 90) r(n) on true group by r.n order by 1" \
		"select n, count(*) from (select 2 * (select count(*) from cpu c where c.tag = t.id and usage > 90) as n from tags t) group by 1 order by 1"
	run -2 q "select * from 'tags.csv' t left join lateral (select count(*) from 'cpu.csv' c where c.tag = t.id) r(n) on r.n > 0"
	[[ $output == *"query:1:"*": an aggregate without GROUP BY"*"join it ON TRUE"* ]]
	run -2 q "select * from 'tags.csv' t right join lateral (select usage from 'cpu.csv' c where c.tag = t.id) r on true"
	[[ $output == *"stands behind [INNER] JOIN, LEFT JOIN"* ]]
	run -2 q "select * from 'tags.csv' t, lateral (select row_number() over () from 'cpu.csv' c where c.tag = t.id) r"
	[[ $output == *"has no window functions"* ]]
}

@test "MgBench: readings that were high for long, machines by day, what a month adds up to" {
	made
	day="substr(cast(ts as text), 1, 10)"
	same "with d as (select tag, $day as day, min(usage) as low, max(usage) as high from cpu c group by tag, $day) select day, count(*) as n, max(high - low) as spread from d where low < 5 group by day order by day"
	same "select tag, n from (select tag, count(*) as n, row_number() over (order by count(*) desc, tag) as place from cpu c where usage >= 50 group by tag) r where place <= 3 order by place"
	same "select day, sum(u) as u from (select $day as day, usage as u from cpu c union all select $day, idle from cpu c) b group by day order by day"
}

@test "GoAccess: hits, visitors and their percentages, the top of each status" {
	made
	same "select path, count(*) as hits, count(distinct ip) as visitors, sum(count(*)) over () as all_hits, sum(bytes) as bytes from log l group by path order by hits desc, path limit 5"
	same "select status, path, hits from (select status, path, count(*) as hits, rank() over (partition by status order by count(*) desc) as place from log l group by status, path) r where place = 1 order by status, path"
	same "select l.ip, count(*) as hits from log l where l.status = 404 and l.ip in (select ip from log y where status = 500) group by l.ip having count(*) > (select count(*) from log x where status = 500) / 100 order by hits desc, l.ip limit 7"
}

@test "an hour without requests has a row: a series and a left join" {
	made
	q "select g.t, count(l.ts) from generate_series(timestamp '2026-01-02', timestamp '2026-01-05', interval '6 hours') g(t) left join 'log.csv' l on time_bucket(interval '6 hours', l.ts) = g.t group by g.t order by g.t" >ours
	python3 - >theirs <<-'E'
		import collections, csv, datetime
		at = datetime.datetime.fromisoformat
		n = collections.Counter(at(r["ts"]).replace(minute=0, hour=at(r["ts"]).hour // 6 * 6)
		    for r in csv.DictReader(open("log.csv")))
		t = datetime.datetime(2026, 1, 2)
		while t <= datetime.datetime(2026, 1, 5):
		    print(t.strftime("%Y-%m-%dT%H:%M:%SZ"), n[t], sep=",")
		    t += datetime.timedelta(hours=6)
	E
	diff ours theirs
}
