-- What was searched for, where a search engine tells
select replace(regexp_extract(referer, '[?&#](q|p|query|text|wd)=([^&#]+)', 2), '+', ' ') as keyphrase,
       count(*) as hits,
       approx_count_distinct(ip || ' ' || coalesce(agent, '') || ' ' || date_trunc('day', ts)::varchar)
               filter (where status < 400 or status >= 500) as visitors,
       sum(bytes) as bytes
from access
where regexp_matches(referer, '^https?://[^/]*(google|bing|yahoo|duckduckgo|yandex|baidu|ecosia)\.[^/]*/[^?#]*[?#]([^#]*[&?])?(q|p|query|text|wd)=[^&#]')
group by keyphrase
