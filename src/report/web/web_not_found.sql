-- What was not found (404)
select path, method, protocol,
MEASURES
where status = 404
group by path, method, protocol
