-- Media types
select type,
       count(*) as hits,
       approx_count_distinct(ip || ' ' || coalesce(agent, '') || ' ' || date_trunc('day', ts)::varchar)
               filter (where status < 400 or status >= 500) as visitors,
       sum(bytes) as bytes
from access
group by type
