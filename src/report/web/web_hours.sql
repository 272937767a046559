-- The hours of the day (UTC)
select extract(hour from ts) as hour,
MEASURES
group by hour
