-- The panels of GoAccess (goaccess.io), as its manual describes them: hits, visitors, bytes and
-- their parts of the whole.  A visitor is an address with a program on a day.

-- visitors log: each day
select date_trunc('day', ts) as day, count(*) as hits,
	round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	count(distinct ip || ' ' || coalesce(agent, '')) as visitors, sum(bytes) as bytes,
	round(100.0 * sum(bytes) / sum(sum(bytes)) over (), 2) as bytes_percent
from log group by day order by day desc;

-- requests log: what was asked for most
select path, max(method) as method, max(protocol) as protocol, count(*) as hits,
	round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	count(distinct ip || ' ' || coalesce(agent, '') || cast(cast(ts as date) as varchar)) as visitors,
	sum(bytes) as bytes
from log
where status <> 404 and not regexp_matches(path, '[.](css|js|png|jpe?g|gif|ico|svg|woff2?|ttf|txt|pdf)($|[?])')
group by path order by hits desc, path limit 20;

-- static log: files that do not change
select path, count(*) as hits, round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	count(distinct ip) as visitors, sum(bytes) as bytes, max(bytes) as most
from log where regexp_matches(path, '[.](css|js|png|jpe?g|gif|ico|svg|woff2?|ttf|txt|pdf)($|[?])')
group by path order by hits desc, path limit 20;

-- not-found log: what is not there
select path, count(*) as hits, round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	count(distinct ip) as visitors
from log where status = 404 group by path order by hits desc, path limit 20;

-- hosts log: who asked
select ip, count(*) as hits, round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	count(distinct cast(ts as date)) as days, sum(bytes) as bytes,
	rank() over (order by count(*) desc) as place
from log group by ip order by hits desc, ip limit 20;

-- systems log: what their machines run
select case when agent like '%Windows%' then 'Windows' when agent like '%iPhone%' then 'iOS'
		when agent like '%Mac OS X%' then 'Macintosh' when agent like '%Android%' then 'Android'
		when agent like '%Linux%' then 'Linux' when agent ilike '%bot%' then 'Crawlers'
		else 'Unknown' end as os,
	count(*) as hits, round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	count(distinct ip || ' ' || coalesce(agent, '')) as visitors
from log group by 1 order by hits desc;
-- sqlite3:
select case when agent like '%Windows%' then 'Windows' when agent like '%iPhone%' then 'iOS'
		when agent like '%Mac OS X%' then 'Macintosh' when agent like '%Android%' then 'Android'
		when agent like '%Linux%' then 'Linux' when lower(agent) like '%bot%' then 'Crawlers'
		else 'Unknown' end as os,
	count(*) as hits, round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	count(distinct ip || ' ' || coalesce(agent, '')) as visitors
from log group by 1 order by hits desc;

-- browsers log: their programs, and the versions of each
select coalesce(regexp_extract(agent, '(Chrome|Firefox|Safari|bingbot|Googlebot)/([0-9.]+)', 1), '') as browser,
	regexp_extract(agent, '(Chrome|Firefox|Safari|bingbot|Googlebot)/([0-9.]+)', 2) as version,
	count(*) as hits, round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	round(100.0 * count(*) / sum(count(*)) over (partition by regexp_extract(agent, '(Chrome|Firefox|Safari|bingbot|Googlebot)/([0-9.]+)', 1)), 2) as of_its_kind
from log group by agent, 1, 2 having count(*) > 40 order by hits desc, version, browser, of_its_kind;

-- hours log: the time of day
select extract(hour from ts) as hour, count(*) as hits,
	round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	round(100.0 * count(*) / max(count(*)) over (), 2) as of_the_most,
	count(distinct ip) as visitors
from log group by 1 order by 1;

-- vhosts edge: each of the server's names
select vhost, count(*) as hits, round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	avg(seconds) as avg_ts, sum(seconds) as cum_ts, max(seconds) as max_ts
from edge group by vhost order by hits desc;

-- referrers log: where they came from
select referer, count(*) as hits, round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent
from log where referer is not null group by referer order by hits desc, referer limit 20;

-- sites log: which sites link here
select split_part(split_part(referer, '//', 2), '/', 1) as site, count(*) as hits, count(distinct ip) as visitors
from log where referer like 'http%' group by 1 order by hits desc, 1 limit 20;

-- keyphrases log: what they searched for
select regexp_extract(referer, '[?&]q=([^&]*)', 1) as phrase, count(*) as hits
from log where referer like '%google%/search?%q=%' group by 1 order by 2 desc, 1 limit 20;

-- status log: codes, by their first digit, with totals
select status // 100 as class, status, count(*) as hits,
	round(100.0 * count(*) / sum(count(*)) over (), 2) as hits_percent,
	sum(count(*)) over (partition by status // 100) as of_class
from log group by status order by class, status;

-- users log: who has logged in
select coalesce(user, '-') as who, count(*) as hits, count(distinct ip) as visitors from log group by 1 order by 2 desc;

-- cache edge: what the cache had
select coalesce(cache, '-') as cache, count(*) as hits, avg(seconds) as avg_ts,
	round(100.0 * count(*) filter (where status < 400) / count(*), 2) as good
from edge group by 1 order by hits desc;

-- mime edge: types of content
select split_part(mime, '/', 1) as type, mime, count(*) as hits, sum(bytes) as bytes,
	round(100.0 * sum(bytes) / sum(sum(bytes)) over (), 2) as bytes_percent
from edge group by mime order by bytes desc;

-- tls edge: how they were encrypted
select split_part(tls, ' ', 1) as version, split_part(tls, ' ', 2) as suite, count(*) as hits,
	round(100.0 * count(*) / sum(count(*)) over (partition by split_part(tls, ' ', 1)), 2) as of_version
from edge where tls is not null group by tls order by 3 desc;

-- countries edge: where they are
select coalesce(country, 'unknown') as country, count(*) as hits, count(distinct ip) as visitors,
	round(100.0 * sum(bytes) / (select sum(bytes) from edge), 2) as bytes_percent
from edge group by country order by hits desc;
