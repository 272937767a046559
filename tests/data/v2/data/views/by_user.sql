select user, date_trunc('minute', ts) as minute,
       count(*) as n, approx_count_distinct(ip) as ips,
       approx_quantile(latency, 0.9) as p90
from app group by user, minute
