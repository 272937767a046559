-- every aggregate that is exact
select status, count(*) as n, count(note) as notes, sum(bytes) as bytes,
       avg(latency) as mean, min(price) as lo, max(ts) as last_ts,
       count(distinct user) as users, first(note) as note1,
       arg_max(user, seq) as top, sum(price) filter (where status >= 400) as bad
from app where user <> 'u3' group by status
