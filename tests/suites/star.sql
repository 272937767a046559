-- The thirteen questions of the Star Schema Benchmark, with commas where it has them, and
-- what others ask of a star.  A comma that pairs two relations which nothing links, and an OR
-- whose sides share the equality, would take hours of a larger one.

-- q1.1 star: what a smaller discount would have brought, a year
select sum(lo_extendedprice * lo_discount) as revenue from lineorder, dates
where lo_orderdate = d_datekey and d_year = 1993 and lo_discount between 1 and 3 and lo_quantity < 25;

-- q1.2 star: a month
select sum(lo_extendedprice * lo_discount) as revenue from lineorder, dates
where lo_orderdate = d_datekey and d_yearmonthnum = 199401 and lo_discount between 4 and 6 and lo_quantity between 26 and 35;

-- q1.3 star: a week
select sum(lo_extendedprice * lo_discount) as revenue from lineorder, dates
where lo_orderdate = d_datekey and d_week = 6 and d_year = 1994 and lo_discount between 5 and 7 and lo_quantity between 26 and 35;

-- q2.1 star: revenue by year and brand, of a category
select sum(lo_revenue), d_year, p_brand from lineorder, dates, part, supplier
where lo_orderdate = d_datekey and lo_partkey = p_partkey and lo_suppkey = s_suppkey and p_category = 'MFGR#12' and s_region = 'AMERICA'
group by d_year, p_brand order by d_year, p_brand;

-- q2.2 star: revenue by year and brand, of a span of brands
select sum(lo_revenue), d_year, p_brand from lineorder, dates, part, supplier
where lo_orderdate = d_datekey and lo_partkey = p_partkey and lo_suppkey = s_suppkey and p_brand between 'MFGR#2221' and 'MFGR#2228' and s_region = 'ASIA'
group by d_year, p_brand order by d_year, p_brand;

-- q2.3 star: revenue by year and brand, of one brand
select sum(lo_revenue), d_year, p_brand from lineorder, dates, part, supplier
where lo_orderdate = d_datekey and lo_partkey = p_partkey and lo_suppkey = s_suppkey and p_brand = 'MFGR#2225' and s_region = 'EUROPE'
group by d_year, p_brand order by d_year, p_brand;

-- q3.1 star: revenue between nations
select c_nation, s_nation, d_year, sum(lo_revenue) as revenue from customer, lineorder, supplier, dates
where lo_custkey = c_custkey and lo_suppkey = s_suppkey and lo_orderdate = d_datekey and c_region = 'ASIA' and s_region = 'ASIA' and d_year >= 1992 and d_year <= 1997
group by c_nation, s_nation, d_year order by d_year asc, revenue desc;

-- q3.2 star: revenue between cities
select c_city, s_city, d_year, sum(lo_revenue) as revenue from customer, lineorder, supplier, dates
where lo_custkey = c_custkey and lo_suppkey = s_suppkey and lo_orderdate = d_datekey and c_nation = 'UNITED STATES' and s_nation = 'UNITED STATES' and d_year >= 1992 and d_year <= 1997
group by c_city, s_city, d_year order by d_year asc, revenue desc;

-- q3.3 star: revenue between four cities
select c_city, s_city, d_year, sum(lo_revenue) as revenue from customer, lineorder, supplier, dates
where lo_custkey = c_custkey and lo_suppkey = s_suppkey and lo_orderdate = d_datekey and (c_city = 'UNITED KI1' or c_city = 'UNITED KI2') and (s_city = 'UNITED KI1' or s_city = 'UNITED KI2') and d_year >= 1992 and d_year <= 1997
group by c_city, s_city, d_year order by d_year asc, revenue desc;

-- q3.4 star: revenue between them in two months
select c_city, s_city, d_year, sum(lo_revenue) as revenue from customer, lineorder, supplier, dates
where lo_custkey = c_custkey and lo_suppkey = s_suppkey and lo_orderdate = d_datekey and (c_city = 'UNITED KI1' or c_city = 'UNITED KI2') and (s_city = 'UNITED KI1' or s_city = 'UNITED KI2') and d_yearmonth in ('Nov1997', 'Dec1997')
group by c_city, s_city, d_year order by d_year asc, revenue desc;

-- q4.1 star: profit by nation
select d_year, c_nation, sum(lo_revenue - lo_supplycost) as profit from dates, customer, supplier, part, lineorder
where lo_custkey = c_custkey and lo_suppkey = s_suppkey and lo_partkey = p_partkey and lo_orderdate = d_datekey
	and c_region = 'AMERICA' and s_region = 'AMERICA' and (p_mfgr = 'MFGR#1' or p_mfgr = 'MFGR#2')
group by d_year, c_nation order by d_year, c_nation;

-- q4.2 star: profit by category
select d_year, s_nation, p_category, sum(lo_revenue - lo_supplycost) as profit from dates, customer, supplier, part, lineorder
where lo_custkey = c_custkey and lo_suppkey = s_suppkey and lo_partkey = p_partkey and lo_orderdate = d_datekey
	and c_region = 'AMERICA' and s_region = 'AMERICA' and (d_year = 1997 or d_year = 1998) and (p_mfgr = 'MFGR#1' or p_mfgr = 'MFGR#2')
group by d_year, s_nation, p_category order by d_year, s_nation, p_category;

-- q4.3 star: profit by brand
select d_year, s_city, p_brand, sum(lo_revenue - lo_supplycost) as profit from dates, customer, supplier, part, lineorder
where lo_custkey = c_custkey and lo_suppkey = s_suppkey and lo_partkey = p_partkey and lo_orderdate = d_datekey
	and c_region = 'AMERICA' and s_nation = 'UNITED STATES' and (d_year = 1997 or d_year = 1998) and p_category = 'MFGR#13'
group by d_year, s_city, p_brand order by d_year, s_city, p_brand;

-- either star: three kinds of goods, the equality in each side of the OR
select sum(lo_revenue) as revenue, count(*) as n from lineorder, part
where (p_partkey = lo_partkey and p_category = 'MFGR#12' and lo_quantity >= 1 and lo_quantity <= 11 and p_size between 1 and 30 and lo_shipmode in ('AIR', 'REG AIR'))
	or (p_partkey = lo_partkey and p_category = 'MFGR#23' and lo_quantity >= 10 and lo_quantity <= 20 and p_size between 1 and 30 and lo_shipmode in ('AIR', 'REG AIR'))
	or (p_partkey = lo_partkey and p_category = 'MFGR#31' and lo_quantity >= 20 and lo_quantity <= 30 and p_size between 1 and 30 and lo_shipmode in ('AIR'));
