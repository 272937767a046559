-- The questions of MgBench (github.com/andrewcrotty/mgbench, three logs with six each), asked
-- with the parts of SQL that it asks them with.

-- 1.1 machines: how busy was each web server since midnight?
select machine_name, min(cpu) as cpu_min, max(cpu) as cpu_max, avg(cpu) as cpu_avg,
	min(net_in) as in_min, max(net_in) as in_max, avg(net_in) as in_avg,
	min(net_out) as out_min, max(net_out) as out_max, avg(net_out) as out_avg
from (select machine_name, coalesce(cpu_user, 0.0) as cpu, coalesce(bytes_in, 0.0) as net_in,
		coalesce(bytes_out, 0.0) as net_out
	from logs
	where machine_name in ('anansi', 'aragog', 'urd') and log_time >= timestamp '2017-01-11 00:00:00') as r
group by machine_name;

-- 1.2 machines: which machines of the labs were off in the last day?
select machine_name, log_time from logs
where (machine_name like 'cslab%' or machine_name like 'mslab%') and load_one is null
	and log_time >= timestamp '2017-01-10 00:00:00'
order by machine_name, log_time;

-- 1.3 machines: the means of one machine for each hour
select dt, hr, avg(load_fifteen) as load_fifteen_avg, avg(load_five) as load_five_avg,
	avg(load_one) as load_one_avg, avg(mem_free) as mem_free_avg, avg(swap_free) as swap_free_avg
from (select cast(log_time as date) as dt, extract(hour from log_time) as hr, load_fifteen,
		load_five, load_one, mem_free, swap_free
	from logs
	where machine_name = 'babbage' and load_fifteen is not null and load_five is not null
		and load_one is not null and mem_free is not null and swap_free is not null
		and log_time >= timestamp '2017-01-01 00:00:00') as r
group by dt, hr
order by dt, hr;

-- 1.4 machines: which servers waited for their disks most often in December?
select machine_name, count(*) as spikes from logs
where machine_group = 'Servers' and cpu_wio > 0.99 and log_time >= timestamp '2016-12-01 00:00:00'
	and log_time < timestamp '2017-01-01 00:00:00'
group by machine_name order by spikes desc limit 10;

-- 1.5 machines: which machines that are reached from outside ran low on memory?
select machine_name, dt, min(mem_free) as mem_free_min
from (select machine_name, cast(log_time as date) as dt, mem_free from logs
	where machine_group = 'DMZ' and mem_free is not null) as r
group by machine_name, dt
having min(mem_free) < 10000
order by machine_name, dt;

-- 1.6 machines: the hours with most traffic of the file servers
select dt, hr, sum(net_in) as in_sum, sum(net_out) as out_sum, sum(net_in) + sum(net_out) as both_sum
from (select cast(log_time as date) as dt, extract(hour from log_time) as hr,
		coalesce(bytes_in, 0.0) / 1000000000.0 as net_in,
		coalesce(bytes_out, 0.0) / 1000000000.0 as net_out
	from logs
	where machine_name in ('allsorts', 'andes', 'bigred', 'dove', 'lindt', 'wrigley', 'york')) as r
group by dt, hr
order by both_sum desc limit 10;

-- 2.1 requests: which requests failed in the server within two weeks?
select * from logs where status_code >= 500 and log_time >= timestamp '2012-12-18 00:00:00'
order by log_time;

-- 2.2 requests: was the file of passwords given away?
select * from logs
where status_code >= 200 and status_code < 300 and request like '%/etc/passwd%'
	and log_time >= timestamp '2012-05-06 00:00:00' and log_time < timestamp '2012-05-20 00:00:00';

-- 2.3 requests: how deep do people go below each part of the site?
select top_level, avg(length(request) - length(replace(request, '/', ''))) as depth
from (select substring(request from 1 for len) as top_level, request
	from (select position('/' in substring(request from 2)) as len, request from logs
		where status_code >= 200 and status_code < 300
			and log_time >= timestamp '2012-12-01 00:00:00') as r
	where len > 0) as s
where top_level in ('/about', '/courses', '/degrees', '/news', '/people', '/ugrad')
group by top_level order by top_level;

-- 2.4 requests: which clients asked for too much in three months?
select client_ip, count(*) as num_requests from logs
where log_time >= timestamp '2012-10-01 00:00:00'
group by client_ip having count(*) >= 30 order by num_requests desc;

-- 2.5 requests: how many clients came each day?
select dt, count(distinct client_ip)
from (select cast(log_time as date) as dt, client_ip from logs) as r
group by dt order by dt;

-- 2.6 requests: the mean and the highest rate of transfer
select avg(r.transfer) / 125000000.0 as transfer_avg, max(r.transfer) / 125000000.0 as transfer_max
from (select log_time, sum(object_size) as transfer from logs group by log_time) as r;

-- 3.1 house: did it freeze within over the weekend?
select * from logs where event_type = 'temperature' and event_value <= 32.0
	and log_time >= timestamp '2019-11-29 17:00:00';

-- 3.2 house: which devices take twice what others of their kind take in that hour?
with power_hourly as (
	select extract(hour from log_time) as hr, device_id, device_name,
		case when device_name like 'coffee%' then 'coffee'
			when device_name like 'printer%' then 'printer'
			when device_name like 'projector%' then 'projector'
			when device_name like 'vending%' then 'vending'
			else 'other' end as device_category,
		device_floor, event_value
	from logs where event_type = 'power' and log_time >= timestamp '2019-11-01 00:00:00')
select hr, device_id, device_name, device_category, device_floor, power_avg, category_power_avg
from (select hr, device_id, device_name, device_category, device_floor,
		avg(event_value) as power_avg,
		(select avg(event_value) from power_hourly
			where device_id <> r.device_id and device_category = r.device_category
				and hr = r.hr) as category_power_avg
	from power_hourly as r
	group by hr, device_id, device_name, device_category, device_floor) as s
where power_avg > category_power_avg * 2;

-- 3.3 house: when is each room used least?
with room_use as (
	select dow, hr, device_name, avg(motions) as in_use
	from (select dt, dow, hr, device_name, count(*) as motions
		from (select cast(log_time as date) as dt, extract(dow from log_time) as dow,
				extract(hour from log_time) as hr, device_name
			from logs
			where device_name like 'room%' and event_type = 'motion_start'
				and log_time >= timestamp '2019-09-01 00:00:00') as r
		where dow in (1, 2, 3, 4, 5) and hr between 9 and 16
		group by dt, dow, hr, device_name) as s
	group by dow, hr, device_name)
select device_name, dow, hr, in_use from room_use as r
where in_use = (select min(in_use) from room_use where device_name = r.device_name)
order by device_name;

-- 3.4 house: how often was each door opened in six months?
select device_name, device_floor, count(*) as ct from logs
where event_type = 'door_open' and log_time >= timestamp '2019-06-01 00:00:00'
group by device_name, device_floor order by ct desc;

-- 3.5 house: where does the temperature vary much, in winter and in summer?
with temperature as (
	select dt, device_name, device_type, device_floor
	from (select dt, hr, device_name, device_type, device_floor,
			avg(event_value) as temperature_hourly_avg
		from (select cast(log_time as date) as dt, extract(hour from log_time) as hr,
				device_name, device_type, device_floor, event_value
			from logs where event_type = 'temperature') as r
		group by dt, hr, device_name, device_type, device_floor) as s
	group by dt, device_name, device_type, device_floor
	having max(temperature_hourly_avg) - min(temperature_hourly_avg) >= 25.0)
select distinct device_name, device_type, device_floor, 'WINTER' from temperature
where dt >= date '2018-12-01' and dt < date '2019-03-01'
union
select distinct device_name, device_type, device_floor, 'SUMMER' from temperature
where dt >= date '2019-06-01' and dt < date '2019-09-01';

-- 3.6 house: what do the kinds of devices take each month?
select yr, mo, sum(coffee_hourly_avg) as coffee_sum, avg(coffee_hourly_avg) as coffee_avg,
	sum(printer_hourly_avg) as printer_sum, avg(printer_hourly_avg) as printer_avg,
	sum(projector_hourly_avg) as projector_sum, avg(projector_hourly_avg) as projector_avg,
	sum(vending_hourly_avg) as vending_sum, avg(vending_hourly_avg) as vending_avg
from (select dt, yr, mo, hr, avg(coffee) as coffee_hourly_avg, avg(printer) as printer_hourly_avg,
		avg(projector) as projector_hourly_avg, avg(vending) as vending_hourly_avg
	from (select cast(log_time as date) as dt, extract(year from log_time) as yr,
			extract(month from log_time) as mo, extract(hour from log_time) as hr,
			case when device_name like 'coffee%' then event_value else 0 end as coffee,
			case when device_name like 'printer%' then event_value else 0 end as printer,
			case when device_name like 'projector%' then event_value else 0 end as projector,
			case when device_name like 'vending%' then event_value else 0 end as vending
		from logs where device_type = 'meter') as r
	group by dt, yr, mo, hr) as s
group by yr, mo order by yr, mo;
