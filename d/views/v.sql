select a, b, count(*) as n, sum(c) as s, avg(c) as m from sa group by a, b
