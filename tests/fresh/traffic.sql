select date_trunc('hour', ts) as hour, status, count(*) as n,
       count(bytes) as c, sum(bytes) as b, avg(price) as a, sum(price) as s,
       min(price) as lo, max(note) as hi, arg_min(user, price) as cheap,
       arg_max(user, bytes) as large, first(note) as f, last(user) as l,
       count(distinct status) as d, approx_count_distinct(user) as u,
       approx_quantile(price, 0.9) as q, count(*) filter (where bytes > 50000) as big
from app where user <> 'u7' group by hour, status
