-- Hosts that were asked for
select host,
MEASURES
group by host
