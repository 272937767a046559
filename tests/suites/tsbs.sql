-- The questions of TSBS (github.com/timescale/tsbs), with the parts of SQL that its generator
-- prints: first as for TimescaleDB, those that end in c as for ClickHouse.

-- single-groupby-1-1-1 devops: the most in each minute of an hour, of one host
select time_bucket('60 seconds', time) as minute, max(usage_user) as max_usage_user
from cpu
where (hostname = 'host_9') and time >= '2016-01-01 03:05:58.646325 +0000' and time < '2016-01-01 04:05:58.646325 +0000'
group by minute order by minute asc;

-- single-groupby-5-8-1 devops: of five readings and eight hosts
select time_bucket('60 seconds', time) as minute, max(usage_user) as max_usage_user, max(usage_system) as max_usage_system,
	max(usage_idle) as max_usage_idle, max(usage_nice) as max_usage_nice, max(usage_iowait) as max_usage_iowait
from cpu
where tags_id in (select id from tags where hostname in ('host_5', 'host_9', 'host_3', 'host_1', 'host_7', 'host_2', 'host_8', 'host_4'))
	and time >= '2016-01-01 03:05:58.646325 +0000' and time < '2016-01-01 04:05:58.646325 +0000'
group by minute order by minute asc;

-- single-groupby-1-1-12 devops: without time_bucket, where the quotient has decimals, as DuckDB's
select to_timestamp(((extract(epoch from time)::int)/60)*60) as minute, max(usage_user) as max_usage_user
from cpu
where (hostname = 'host_1') and time >= '2016-01-01 03:05:58.646325 +0000' and time < '2016-01-01 15:05:58.646325 +0000'
group by minute order by minute asc;
-- sqlite3:
select time, max(usage_user) from cpu
where hostname = 'host_1' and time >= '2016-01-01 03:05:58.646325' and time < '2016-01-01 15:05:58.646325'
group by 1 order by 1;

-- single-groupby-5-1-1c devops: the most in each minute, for ClickHouse
select toStartOfMinute(time) as minute, max(usage_user) as max_usage_user, max(usage_nice) as max_usage_nice
from cpu
where (hostname = 'host_9') and (time >= '2016-01-01 01:09:26') and (time < '2016-01-01 02:09:26')
group by minute order by minute asc;
-- refused: write date_trunc('minute', ts)
-- write:
select date_trunc('minute', time) as minute, max(usage_user) as max_usage_user, max(usage_nice) as max_usage_nice
from cpu
where (hostname = 'host_9') and (time >= '2016-01-01 01:09:26') and (time < '2016-01-01 02:09:26')
group by minute order by minute asc;

-- groupby-orderby-limit devops: the last five minutes before some time
select time_bucket('60 seconds', time) as minute, max(usage_user)
from cpu where time < '2016-01-01 11:16:22.646325 +0000'
group by minute order by minute desc limit 5;

-- double-groupby-1 devops: means of every host by the hour
with cpu_avg as (
	select time_bucket('3600 seconds', time) as hour, tags_id, avg(usage_user) as mean_usage_user
	from cpu
	where time >= '2016-01-01 00:47:30.894865 +0000' and time < '2016-01-01 12:47:30.894865 +0000'
	group by hour, tags_id)
select hour, tags.hostname, mean_usage_user
from cpu_avg join tags on cpu_avg.tags_id = tags.id
order by hour, tags.hostname;

-- double-groupby-5 devops: by names within JSON
with cpu_avg as (
	select time_bucket('3600 seconds', time) as hour, tags_id, avg(usage_user) as mean_usage_user,
		avg(usage_system) as mean_usage_system, avg(usage_idle) as mean_usage_idle,
		avg(usage_nice) as mean_usage_nice, avg(usage_iowait) as mean_usage_iowait
	from cpu
	where time >= '2016-01-01 00:54:10.138978 +0000' and time < '2016-01-01 12:54:10.138978 +0000'
	group by hour, tags_id)
select hour, tagset->>'hostname', mean_usage_user, mean_usage_system, mean_usage_idle, mean_usage_nice, mean_usage_iowait
from cpu_avg join tags on cpu_avg.tags_id = tags.id
order by hour, tagset->>'hostname';

-- double-groupby-all devops: all means of every host by the hour
with cpu_avg as (
	select time_bucket('3600 seconds', time) as hour, hostname, avg(usage_user) as mean_usage_user,
		avg(usage_system) as mean_usage_system, avg(usage_idle) as mean_usage_idle,
		avg(usage_nice) as mean_usage_nice, avg(usage_iowait) as mean_usage_iowait,
		avg(usage_irq) as mean_usage_irq, avg(usage_softirq) as mean_usage_softirq,
		avg(usage_steal) as mean_usage_steal, avg(usage_guest) as mean_usage_guest,
		avg(usage_guest_nice) as mean_usage_guest_nice
	from cpu
	where time >= '2016-01-01 00:16:22.646325 +0000' and time < '2016-01-01 12:16:22.646325 +0000'
	group by hour, hostname)
select hour, hostname, mean_usage_user, mean_usage_system, mean_usage_idle, mean_usage_nice,
	mean_usage_iowait, mean_usage_irq, mean_usage_softirq, mean_usage_steal, mean_usage_guest, mean_usage_guest_nice
from cpu_avg order by hour, hostname;

-- cpu-max-all-8 devops: the most of everything by the hour, of eight hosts
select time_bucket('3600 seconds', time) as hour,
	max(usage_user) as max_usage_user, max(usage_system) as max_usage_system, max(usage_idle) as max_usage_idle,
	max(usage_nice) as max_usage_nice, max(usage_iowait) as max_usage_iowait, max(usage_irq) as max_usage_irq,
	max(usage_softirq) as max_usage_softirq, max(usage_steal) as max_usage_steal,
	max(usage_guest) as max_usage_guest, max(usage_guest_nice) as max_usage_guest_nice
from cpu
where (hostname = 'host_9' or hostname = 'host_5' or hostname = 'host_1' or hostname = 'host_7' or hostname = 'host_2' or hostname = 'host_4' or hostname = 'host_3' or hostname = 'host_8')
	and time >= '2016-01-01 00:16:22.646325 +0000' and time < '2016-01-01 08:16:22.646325 +0000'
group by hour order by hour;

-- high-cpu-all devops: readings above a limit
select * from cpu where usage_user > 90.0 and time >= '2016-01-01 00:16:22.646325 +0000' and time < '2016-01-01 12:16:22.646325 +0000';

-- high-cpu-1 devops: of one host
select * from cpu where usage_user > 90.0 and time >= '2016-01-01 00:47:30.894865 +0000' and time < '2016-01-01 12:47:30.894865 +0000' and (hostname = 'host_9');

-- high-cpu-1c devops: of one host, for ClickHouse
select * from cpu prewhere (usage_user > 90.0) and (time >= '2016-01-01 00:47:30') and (time < '2016-01-01 12:47:30') and ((hostname = 'host_9'));
-- refused: write WHERE
-- write:
select * from cpu where (usage_user > 90.0) and (time >= '2016-01-01 00:47:30') and (time < '2016-01-01 12:47:30') and ((hostname = 'host_9'));

-- lastpoint devops: the last readings of every host
select distinct on (hostname) * from cpu order by hostname, time desc;
-- sqlite3:
select time, tags_id, hostname, usage_user, usage_system, usage_idle, usage_nice, usage_iowait, usage_irq,
	usage_softirq, usage_steal, usage_guest, usage_guest_nice
from (select *, row_number() over (partition by hostname order by time desc) as n from cpu) as r
where n = 1 order by hostname;

-- lastpoint-tags devops: with what is known of the host
select distinct on (t.hostname) * from tags t
inner join lateral(select * from cpu c where c.tags_id = t.id order by time desc limit 1) as b on true
order by t.hostname, b.time desc;
-- sqlite3:
select t.*, c.* from tags t join cpu c on c.tags_id = t.id
where c.time = (select max(time) from cpu x where x.tags_id = t.id) order by t.hostname;

-- lastpoint-c devops: for ClickHouse
select * from (select * from cpu where (tags_id, time) in (select tags_id, max(time) from cpu group by tags_id)) as c
any inner join tags as t on c.tags_id = t.id
order by t.hostname asc, c.time desc;
-- refused: write JOIN (SELECT DISTINCT ON (key) ...)
-- write:
select * from (select * from cpu where (tags_id, time) in (select tags_id, max(time) from cpu group by tags_id)) as c
inner join tags as t on c.tags_id = t.id
order by t.hostname asc, c.time desc;

-- last-loc trucks: where are these?
select t.name as name, t.driver as driver, r.*
from tags t inner join lateral
	(select longitude, latitude from readings r where r.tags_id=t.id order by time desc limit 1)  r on true
where t.name in ('truck_3', 'truck_5', 'truck_9');
-- sqlite3:
select t.name, t.driver, r.longitude, r.latitude from tags t join readings r on r.tags_id = t.id
where t.name in ('truck_3', 'truck_5', 'truck_9')
	and r.time = (select max(time) from readings x where x.tags_id = t.id);

-- last-loc-fleet trucks: where are those of a fleet?
select t.name as name, t.driver as driver, r.*
from tags t inner join lateral
	(select longitude, latitude from readings r where r.tags_id=t.id order by time desc limit 1)  r on true
where t.name is not null and t.fleet = 'South';
-- sqlite3:
select t.name, t.driver, r.longitude, r.latitude from tags t join readings r on r.tags_id = t.id
where t.name is not null and t.fleet = 'South'
	and r.time = (select max(time) from readings x where x.tags_id = t.id);

-- low-fuel trucks: which have little fuel?
select t.name as name, t.driver as driver, d.*
from tags t inner join lateral
	(select fuel_state from diagnostics d where d.tags_id=t.id order by time desc limit 1) d on true
where t.name is not null and d.fuel_state < 0.1 and t.fleet = 'South';
-- sqlite3:
select t.name, t.driver, d.fuel_state from tags t join diagnostics d on d.tags_id = t.id
where t.name is not null and d.fuel_state < 0.1 and t.fleet = 'South'
	and d.time = (select max(time) from diagnostics x where x.tags_id = t.id);

-- high-load trucks: which are nearly full?
select t.name as name, t.driver as driver, d.*
from tags t inner join lateral
	(select current_load from diagnostics d where d.tags_id=t.id order by time desc limit 1) d on true
where t.name is not null and d.current_load/t.load_capacity > 0.9 and t.fleet = 'South';
-- sqlite3:
select t.name, t.driver, d.current_load from tags t join diagnostics d on d.tags_id = t.id
where t.name is not null and d.current_load > 0.9 * t.load_capacity and t.fleet = 'South'
	and d.time = (select max(time) from diagnostics x where x.tags_id = t.id);

-- stationary-trucks trucks: which stand still?
select t.name as name, t.driver as driver
from tags t inner join readings r on r.tags_id = t.id
where time >= '2016-01-01 12:36:22.646325 +0000' and time < '2016-01-01 12:46:22.646325 +0000'
	and t.name is not null and t.fleet = 'West'
group by 1, 2
having avg(r.velocity) < 1;

-- long-driving-sessions trucks: which have not rested in four hours?
select t.name as name, t.driver as driver
from tags t inner join lateral
	(select time_bucket('10 minutes', time) as ten_minutes, tags_id
	from readings
	where time >= '2016-01-01 00:16:22.646325 +0000' and time < '2016-01-01 04:16:22.646325 +0000'
	group by ten_minutes, tags_id
	having avg(velocity) > 1
	order by ten_minutes, tags_id) as r on t.id = r.tags_id
where t.name is not null and t.fleet = 'West'
group by name, driver
having count(r.ten_minutes) > 7;
-- sqlite3:
select t.name as name, t.driver as driver
from tags t inner join
	(select time_bucket('10 minutes', time) as ten_minutes, tags_id
	from readings
	where time >= '2016-01-01 00:16:22.646325 +0000' and time < '2016-01-01 04:16:22.646325 +0000'
	group by ten_minutes, tags_id
	having avg(velocity) > 1) as r on t.id = r.tags_id
where t.name is not null and t.fleet = 'West'
group by name, driver
having count(r.ten_minutes) > 7;

-- avg-vs-projected-fuel-consumption trucks: what they take, and should
select t.fleet as fleet, avg(r.fuel_consumption) as avg_fuel_consumption,
	avg(t.nominal_fuel_consumption) as projected_fuel_consumption
from tags t
inner join lateral(select tags_id, fuel_consumption from readings r where r.tags_id = t.id and velocity > 1) r on true
where t.fleet is not null and t.nominal_fuel_consumption is not null and t.name is not null
group by fleet;
-- sqlite3:
select t.fleet, avg(r.fuel_consumption), avg(t.nominal_fuel_consumption)
from tags t join readings r on r.tags_id = t.id and velocity > 1
where t.fleet is not null and t.nominal_fuel_consumption is not null and t.name is not null
group by fleet;

-- avg-daily-driving-duration trucks: how long they drive in a day
with ten_minute_driving_sessions as (
	select time_bucket('10 minutes', TIME) as ten_minutes, tags_id
	from readings r
	group by tags_id, ten_minutes
	having avg(velocity) > 1
), daily_total_session as (
	select time_bucket('24 hours', ten_minutes) as day, tags_id, count(*) / 6 as hours
	from ten_minute_driving_sessions
	group by day, tags_id)
select t.fleet as fleet, t.name as name, t.driver as driver, avg(d.hours) as avg_daily_hours
from daily_total_session d
inner join tags t on t.id = d.tags_id
group by fleet, name, driver;

-- avg-daily-driving-session trucks: how long without a stop
with driver_status as (
	select tags_id, time_bucket('10 mins', TIME) as ten_minutes, avg(velocity) > 5 as driving
	from readings
	group by tags_id, ten_minutes
	order by tags_id, ten_minutes
), driver_status_change as (
	select tags_id, ten_minutes as start, lead(ten_minutes) over (partition by tags_id order by ten_minutes) as stop, driving
	from (select tags_id, ten_minutes, driving, lag(driving) over (partition by tags_id order by ten_minutes) as prev_driving
		from driver_status) x
	where x.driving <> x.prev_driving)
select t.name as name, time_bucket('24 hours', start) as day, avg(age(stop, start)) as duration
from tags t inner join driver_status_change d on t.id = d.tags_id
where t.name is not null and d.driving = true
group by name, day
order by name, day;

-- sqlite3:
with driver_status as (
	select tags_id, time_bucket('10 mins', time) as ten_minutes, avg(velocity) > 5 as driving
	from readings
	group by tags_id, ten_minutes
), driver_status_change as (
	select tags_id, ten_minutes as begun, lead(ten_minutes) over (partition by tags_id order by ten_minutes) as ended, driving
	from (select tags_id, ten_minutes, driving, lag(driving) over (partition by tags_id order by ten_minutes) as prev_driving
		from driver_status) x
	where x.driving <> x.prev_driving)
select t.name as name, time_bucket('24 hours', begun) as day, avg(date_part('epoch', ended) - date_part('epoch', begun)) as duration
from tags t inner join driver_status_change d on t.id = d.tags_id
where t.name is not null and d.driving = true
group by name, day
order by name, day;

-- avg-load trucks: how full each model is
select t.fleet as fleet, t.model as model, t.load_capacity as load_capacity, avg(d.avg_load / t.load_capacity) as avg_load_percentage
from tags t
inner join (select tags_id, avg(current_load) as avg_load from diagnostics d group by tags_id) d on t.id = d.tags_id
where t.name is not null
group by fleet, model, load_capacity;

-- daily-activity trucks: how many hours they were in use
select t.fleet as fleet, t.model as model, y.day, sum(y.ten_mins_per_day) / 144 as daily_activity
from tags t
inner join (select time_bucket('24 hours', TIME) as day, time_bucket('10 minutes', TIME) as ten_minutes, tags_id, count(*) as ten_mins_per_day
	from diagnostics
	group by day, ten_minutes, tags_id
	having avg(STATUS) < 1) y on y.tags_id = t.id
where t.name is not null
group by fleet, model, y.day
order by y.day;

-- breakdown-frequency trucks: how often a model broke down
with breakdown_per_truck_per_ten_minutes as (
	select time_bucket('10 minutes', TIME) as ten_minutes, tags_id, count(STATUS = 0) / count(*) >= 0.5 as broken_down
	from diagnostics
	group by ten_minutes, tags_id
), breakdowns_per_truck as (
	select ten_minutes, tags_id, broken_down, lead(broken_down) over (
		partition by tags_id order by ten_minutes) as next_broken_down
	from breakdown_per_truck_per_ten_minutes)
select t.model as model, count(*)
from tags t
inner join breakdowns_per_truck b on t.id = b.tags_id
where t.name is not null
	and broken_down = false and next_broken_down = true
group by model;
