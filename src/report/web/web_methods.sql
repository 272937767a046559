-- Methods and protocols
select method, protocol,
MEASURES
group by method, protocol
