-- Versions of TLS
select tls,
MEASURES
group by tls
