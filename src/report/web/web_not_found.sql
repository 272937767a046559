-- What was not found (404)
select path, method, protocol,
       count(*) as hits,
       approx_count_distinct(ip || ' ' || coalesce(agent, '') || ' ' || date_trunc('day', ts)::varchar)
               filter (where status < 400 or status >= 500) as visitors,
       sum(bytes) as bytes
from access
where status = 404
group by path, method, protocol
