-- Sites that led here
select regexp_extract(referer, '^[a-z]+://([^/?#]+)', 1) as site,
       count(*) as hits,
       approx_count_distinct(ip || ' ' || coalesce(agent, '') || ' ' || date_trunc('day', ts)::varchar)
               filter (where status < 400 or status >= 500) as visitors,
       sum(bytes) as bytes
from access
where regexp_matches(referer, '^[a-z]+://[^/?#]+')
group by site
