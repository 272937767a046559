-- Visitors, hits and bytes of each day; a visitor is an address with an agent
select date_trunc('day', ts) as day,
MEASURES
group by day
