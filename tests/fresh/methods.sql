select method, status, count(*) as n, sum(bytes) as b,
       approx_count_distinct(path) as p, max(ts) as t
from web group by method, status
