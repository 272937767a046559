-- Media types
select type,
MEASURES
group by type
