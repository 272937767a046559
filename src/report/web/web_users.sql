-- Users that the server knew
select user,
       count(*) as hits,
       approx_count_distinct(ip || ' ' || coalesce(agent, '') || ' ' || date_trunc('day', ts)::varchar)
               filter (where status < 400 or status >= 500) as visitors,
       sum(bytes) as bytes
from access
where user is not null and user <> '-'
group by user
