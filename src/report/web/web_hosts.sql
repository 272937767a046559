-- Addresses that ask
select ip,
MEASURES
group by ip
