-- Status codes
select status,
MEASURES
group by status
