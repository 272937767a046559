-- Whether the cache had it
select cache,
MEASURES
group by cache
