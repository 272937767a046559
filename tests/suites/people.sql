-- What people ask of logs, as they write it down.

-- hourly log: requests by the hour
SELECT date_trunc('hour', ts) AS hour, COUNT(*) AS requests FROM log GROUP BY 1 ORDER BY 1;

-- five-minutes log: errors in each five minutes
SELECT time_bucket(INTERVAL '5 minutes', ts) AS bucket,
	COUNT(*) FILTER (WHERE status >= 500) AS errors,
	COUNT(*) AS total,
	100.0 * COUNT(*) FILTER (WHERE status >= 500) / NULLIF(COUNT(*), 0) AS error_rate
FROM log GROUP BY bucket HAVING COUNT(*) > 5 ORDER BY bucket;

-- error-rate log: the part of errors by path, of those that are asked for often
SELECT path, COUNT(*) AS n, SUM(CASE WHEN status >= 400 THEN 1 ELSE 0 END)::FLOAT / COUNT(*) AS rate
FROM log GROUP BY path HAVING COUNT(*) >= 20 ORDER BY rate DESC, n DESC, path LIMIT 10;
-- duckdb:
SELECT path, COUNT(*) AS n, SUM(CASE WHEN status >= 400 THEN 1 ELSE 0 END)::DOUBLE / COUNT(*) AS rate
FROM log GROUP BY path HAVING COUNT(*) >= 20 ORDER BY rate DESC, n DESC, path LIMIT 10;
-- sqlite3:
SELECT path, COUNT(*) AS n, SUM(CASE WHEN status >= 400 THEN 1.0 ELSE 0 END) / COUNT(*) AS rate
FROM log GROUP BY path HAVING COUNT(*) >= 20 ORDER BY rate DESC, n DESC, path LIMIT 10;

-- percent-of-total log: with a window over the groups
SELECT status, COUNT(*) AS cnt, ROUND(100.0 * COUNT(*) / SUM(COUNT(*)) OVER (), 2) AS pct
FROM log GROUP BY status ORDER BY cnt DESC;

-- percent-by-subquery log: with a query within
SELECT method, COUNT(*) AS cnt, COUNT(*) * 100.0 / (SELECT COUNT(*) FROM log) AS pct
FROM log GROUP BY method ORDER BY pct DESC;

-- ratio-by-cte log: with a CTE for the total
WITH totals AS (SELECT COUNT(*) AS total FROM log)
SELECT l.status, COUNT(*) AS n, COUNT(*) * 1.0 / MAX(t.total) AS share
FROM log l CROSS JOIN totals t GROUP BY l.status ORDER BY n DESC;

-- running-total log: hits so far
SELECT day, hits, SUM(hits) OVER (ORDER BY day ROWS UNBOUNDED PRECEDING) AS running
FROM (SELECT CAST(ts AS DATE) AS day, COUNT(*) AS hits FROM log GROUP BY 1) d ORDER BY day;

-- running-month log: so far, within each day
SELECT date_trunc('hour', ts) AS h, COUNT(*) AS hits,
	SUM(COUNT(*)) OVER (PARTITION BY CAST(date_trunc('hour', ts) AS DATE) ORDER BY date_trunc('hour', ts)) AS so_far
FROM log GROUP BY 1 ORDER BY 1;

-- moving-average log: over seven hours
SELECT h, hits, AVG(hits) OVER (ORDER BY h ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS ma
FROM (SELECT date_trunc('hour', ts) AS h, COUNT(*) AS hits FROM log GROUP BY 1) x ORDER BY h;

-- moving-range log: over three hours of time, with gaps
SELECT h, hits, SUM(hits) OVER (ORDER BY h RANGE BETWEEN INTERVAL '3 hours' PRECEDING AND CURRENT ROW) AS s
FROM (SELECT date_trunc('hour', ts) AS h, COUNT(*) AS hits FROM log WHERE status <> 200 GROUP BY 1) x ORDER BY h;
-- sqlite3:
SELECT h, hits, (SELECT SUM(hits) FROM (SELECT date_trunc('hour', ts) AS h, COUNT(*) AS hits FROM log WHERE status <> 200 GROUP BY 1) y
	WHERE y.h <= x.h AND y.h >= strftime('%Y-%m-%d %H:%M:%S', x.h, '-3 hours')) AS s
FROM (SELECT date_trunc('hour', ts) AS h, COUNT(*) AS hits FROM log WHERE status <> 200 GROUP BY 1) x ORDER BY h;

-- growth log: against the day before
WITH daily AS (SELECT ts::date AS day, COUNT(*) AS hits FROM log GROUP BY 1)
SELECT day, hits, LAG(hits) OVER (ORDER BY day) AS previous,
	ROUND(100.0 * (hits - LAG(hits) OVER (ORDER BY day)) / LAG(hits) OVER (ORDER BY day), 1) AS growth
FROM daily ORDER BY day;
-- sqlite3:
WITH daily AS (SELECT date_trunc('day', ts) AS day, COUNT(*) AS hits FROM log GROUP BY 1)
SELECT day, hits, LAG(hits) OVER (ORDER BY day) AS previous,
	ROUND(100.0 * (hits - LAG(hits) OVER (ORDER BY day)) / LAG(hits) OVER (ORDER BY day), 1) AS growth
FROM daily ORDER BY day;

-- top-per-group log: three paths of each status, by row_number
SELECT status, path, hits FROM (
	SELECT status, path, COUNT(*) AS hits,
		ROW_NUMBER() OVER (PARTITION BY status ORDER BY COUNT(*) DESC, path) AS rn
	FROM log GROUP BY status, path) ranked
WHERE rn <= 3 ORDER BY status, rn, path;

-- top-by-qualify log: by QUALIFY
SELECT status, path, COUNT(*) AS hits FROM log GROUP BY status, path
QUALIFY ROW_NUMBER() OVER (PARTITION BY status ORDER BY COUNT(*) DESC, path) <= 2
ORDER BY status, hits DESC, path;
-- sqlite3:
SELECT status, path, hits FROM (SELECT status, path, COUNT(*) AS hits,
	ROW_NUMBER() OVER (PARTITION BY status ORDER BY COUNT(*) DESC, path) AS rn
	FROM log GROUP BY status, path) x WHERE rn <= 2;

-- sessions log: gaps of half an hour
WITH gaps AS (
	SELECT ip, ts, LAG(ts) OVER (PARTITION BY ip ORDER BY ts) AS prev FROM log
), marked AS (
	SELECT ip, ts, CASE WHEN prev IS NULL OR ts - prev > INTERVAL '30 minutes' THEN 1 ELSE 0 END AS is_new FROM gaps
), numbered AS (
	SELECT ip, ts, SUM(is_new) OVER (PARTITION BY ip ORDER BY ts ROWS UNBOUNDED PRECEDING) AS session FROM marked
)
SELECT ip, session, COUNT(*) AS pages, MIN(ts) AS begun, MAX(ts) AS ended
FROM numbered GROUP BY ip, session HAVING COUNT(*) > 3 ORDER BY ip, session;
-- sqlite3:
WITH gaps AS (
	SELECT ip, ts, LAG(ts) OVER (PARTITION BY ip ORDER BY ts) AS prev FROM log
), marked AS (
	SELECT ip, ts, CASE WHEN prev IS NULL OR date_part('epoch', ts) - date_part('epoch', prev) > 1800 THEN 1 ELSE 0 END AS is_new FROM gaps
), numbered AS (
	SELECT ip, ts, SUM(is_new) OVER (PARTITION BY ip ORDER BY ts ROWS UNBOUNDED PRECEDING) AS session FROM marked
)
SELECT ip, session, COUNT(*) AS pages, MIN(ts) AS begun, MAX(ts) AS ended
FROM numbered GROUP BY ip, session HAVING COUNT(*) > 3 ORDER BY ip, session;

-- sessions-epoch log: by seconds, how long and how many pages on the mean
WITH s AS (
	SELECT ip, ts, SUM(new_session) OVER (PARTITION BY ip ORDER BY ts) AS session_id
	FROM (SELECT ip, ts, CASE WHEN EXTRACT(EPOCH FROM ts) - EXTRACT(EPOCH FROM LAG(ts) OVER (PARTITION BY ip ORDER BY ts)) < 1800 THEN 0 ELSE 1 END AS new_session FROM log) q
), per_session AS (
	SELECT ip, session_id, COUNT(*) AS pages, EXTRACT(EPOCH FROM MAX(ts)) - EXTRACT(EPOCH FROM MIN(ts)) AS seconds
	FROM s GROUP BY ip, session_id)
SELECT COUNT(*) AS sessions, AVG(pages) AS pages, AVG(seconds) AS seconds, MAX(pages) AS most FROM per_session;

-- bounce-rate log: sessions of one page
WITH v AS (SELECT ip, CAST(ts AS DATE) AS d, COUNT(*) AS pages FROM log GROUP BY ip, d)
SELECT d, COUNT(*) AS visits, COUNT(*) FILTER (WHERE pages = 1) AS bounces,
	ROUND(COUNT(*) FILTER (WHERE pages = 1) * 100.0 / COUNT(*), 1) AS rate
FROM v GROUP BY d ORDER BY d;

-- funnel log: who looked, put in the cart and bought
WITH steps AS (
	SELECT ip, MIN(CASE WHEN path LIKE '/blog/%' THEN ts END) AS seen,
		MIN(CASE WHEN status = 404 THEN ts END) AS missed,
		MIN(CASE WHEN method <> 'GET' THEN ts END) AS done
	FROM log GROUP BY ip)
SELECT COUNT(seen) AS step1,
	COUNT(CASE WHEN missed > seen THEN 1 END) AS step2,
	COUNT(CASE WHEN missed > seen AND done > missed THEN 1 END) AS step3
FROM steps;

-- funnel-joins log: the same by joins of each step with the one before
WITH a AS (SELECT ip, MIN(ts) AS t FROM log WHERE path LIKE '/blog/%' GROUP BY ip),
b AS (SELECT l.ip, MIN(l.ts) AS t FROM log l JOIN a ON l.ip = a.ip AND l.ts > a.t WHERE l.status = 404 GROUP BY l.ip),
c AS (SELECT l.ip, MIN(l.ts) AS t FROM log l JOIN b ON l.ip = b.ip AND l.ts > b.t WHERE l.method <> 'GET' GROUP BY l.ip)
SELECT (SELECT COUNT(*) FROM a) AS viewed, (SELECT COUNT(*) FROM b) AS missed, (SELECT COUNT(*) FROM c) AS other;

-- retention log: who came again one and two days after the first
WITH first_seen AS (SELECT ip, MIN(CAST(ts AS DATE)) AS cohort FROM log GROUP BY ip),
activity AS (SELECT DISTINCT ip, CAST(ts AS DATE) AS day FROM log)
SELECT f.cohort, COUNT(DISTINCT f.ip) AS users,
	COUNT(DISTINCT CASE WHEN a.day = f.cohort + INTERVAL '1 day' THEN a.ip END) AS day1,
	COUNT(DISTINCT CASE WHEN a.day = f.cohort + INTERVAL '2 days' THEN a.ip END) AS day2
FROM first_seen f LEFT JOIN activity a ON f.ip = a.ip
GROUP BY f.cohort ORDER BY f.cohort;
-- sqlite3:
WITH first_seen AS (SELECT ip, MIN(date_trunc('day', ts)) AS cohort FROM log GROUP BY ip),
activity AS (SELECT DISTINCT ip, date_trunc('day', ts) AS day FROM log)
SELECT f.cohort, COUNT(DISTINCT f.ip) AS users,
	COUNT(DISTINCT CASE WHEN a.day = datetime(f.cohort, '+1 day') THEN a.ip END) AS day1,
	COUNT(DISTINCT CASE WHEN a.day = datetime(f.cohort, '+2 days') THEN a.ip END) AS day2
FROM first_seen f LEFT JOIN activity a ON f.ip = a.ip
GROUP BY f.cohort ORDER BY f.cohort;

-- cohort-diff log: days since the first, by date_diff
WITH f AS (SELECT ip, MIN(ts) AS first FROM log GROUP BY ip)
SELECT CAST(f.first AS DATE) AS cohort, date_diff('day', f.first, l.ts) AS n, COUNT(DISTINCT l.ip) AS users
FROM log l JOIN f USING (ip) GROUP BY cohort, n ORDER BY cohort, n;
-- sqlite3:
WITH f AS (SELECT ip, MIN(ts) AS first FROM log GROUP BY ip)
SELECT date_trunc('day', f.first) AS cohort, cast(julianday(date(l.ts)) - julianday(date(f.first)) as integer) AS n, COUNT(DISTINCT l.ip) AS users
FROM log l JOIN f USING (ip) GROUP BY cohort, n ORDER BY cohort, n;

-- gaps log: the longest times without a request
SELECT ts AS from_time, next_ts, EXTRACT(EPOCH FROM next_ts) - EXTRACT(EPOCH FROM ts) AS seconds
FROM (SELECT ts, LEAD(ts) OVER (ORDER BY ts) AS next_ts FROM log) x
WHERE next_ts IS NOT NULL ORDER BY seconds DESC, from_time LIMIT 5;

-- islands log: hours one after the other that have errors
WITH h AS (SELECT DISTINCT date_trunc('hour', ts) AS hr FROM log WHERE status = 404),
g AS (SELECT hr, EXTRACT(EPOCH FROM hr) / 3600 - ROW_NUMBER() OVER (ORDER BY hr) AS grp FROM h)
SELECT MIN(hr) AS first, MAX(hr) AS last, COUNT(*) AS hours FROM g GROUP BY grp ORDER BY first;

-- pivot-case log: methods as columns
SELECT CAST(ts AS DATE) AS day,
	SUM(CASE WHEN method = 'GET' THEN 1 ELSE 0 END) AS gets,
	SUM(CASE WHEN method = 'POST' THEN 1 ELSE 0 END) AS posts,
	SUM(CASE WHEN method NOT IN ('GET', 'POST') THEN 1 ELSE 0 END) AS others
FROM log GROUP BY 1 ORDER BY 1;

-- pivot-filter log: classes of status as columns
SELECT path, COUNT(*) FILTER (WHERE status BETWEEN 200 AND 299) AS "2xx",
	COUNT(*) FILTER (WHERE status BETWEEN 300 AND 399) AS "3xx",
	COUNT(*) FILTER (WHERE status BETWEEN 400 AND 499) AS "4xx"
FROM log GROUP BY path ORDER BY "4xx" DESC, "2xx" DESC, path LIMIT 10;

-- heatmap log: by weekday and hour
SELECT EXTRACT(DOW FROM ts) AS dow, EXTRACT(HOUR FROM ts) AS hour, COUNT(*) AS hits
FROM log GROUP BY dow, hour ORDER BY dow, hour;

-- distinct-so-far log: new clients by the day
SELECT first_day AS day, COUNT(*) AS new_ips, SUM(COUNT(*)) OVER (ORDER BY first_day) AS so_far
FROM (SELECT ip, MIN(CAST(ts AS DATE)) AS first_day FROM log GROUP BY ip) f GROUP BY first_day ORDER BY first_day;

-- new-and-known log: new or known on each day
WITH firsts AS (SELECT ip, MIN(CAST(ts AS DATE)) AS first_day FROM log GROUP BY ip)
SELECT CAST(l.ts AS DATE) AS day,
	COUNT(DISTINCT l.ip) FILTER (WHERE CAST(l.ts AS DATE) = f.first_day) AS new_visitors,
	COUNT(DISTINCT l.ip) FILTER (WHERE CAST(l.ts AS DATE) > f.first_day) AS returning_visitors
FROM log l JOIN firsts f ON f.ip = l.ip GROUP BY 1 ORDER BY 1;

-- apdex edge: satisfied, tolerating, frustrated
SELECT vhost, (COUNT(*) FILTER (WHERE seconds <= 0.1) + COUNT(*) FILTER (WHERE seconds > 0.1 AND seconds <= 0.4) / 2.0) / COUNT(*) AS apdex
FROM edge GROUP BY vhost ORDER BY apdex;

-- percentiles edge: of the time taken, by the hour
SELECT date_trunc('hour', ts) AS hour, quantile_cont(seconds, 0.5) AS p50, quantile_cont(seconds, 0.95) AS p95, quantile_cont(seconds, 0.99) AS p99
FROM edge GROUP BY hour ORDER BY hour;

-- percentile-within edge: as the standard writes it
SELECT path, percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90, percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS p50
FROM edge GROUP BY path ORDER BY path;
-- sqlite3:
SELECT path, quantile_cont(seconds, 0.9), quantile_disc(seconds, 0.5) FROM edge GROUP BY path ORDER BY path;

-- median edge: median, mean and deviation
SELECT path, COUNT(*) AS n, MEDIAN(seconds) AS med, AVG(seconds) AS mean, STDDEV(seconds) AS sd FROM edge GROUP BY path ORDER BY path;

-- z-score log: hours that are far from the mean
WITH hourly AS (SELECT date_trunc('hour', ts) AS h, COUNT(*) AS n FROM log GROUP BY 1),
stats AS (SELECT AVG(n) AS mean, STDDEV(n) AS sd FROM hourly)
SELECT h, n, (n - mean) / sd AS z FROM hourly, stats WHERE ABS((n - mean) / sd) > 1 ORDER BY h;

-- anomaly edge: far from the mean of the six before
WITH hourly AS (SELECT date_trunc('hour', ts) AS h, SUM(bytes) AS b FROM edge GROUP BY 1),
w AS (SELECT h, b, AVG(b) OVER (ORDER BY h ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING) AS mean FROM hourly)
SELECT h, b, b / mean AS ratio FROM w WHERE b > 1.2 * mean ORDER BY h;

-- slowest edge: the slowest requests of each name
SELECT * FROM (SELECT vhost, path, ts, seconds, RANK() OVER (PARTITION BY vhost ORDER BY seconds DESC) AS r FROM edge) t
WHERE r <= 3 ORDER BY vhost, r, ts;

-- above-average edge: slower than the mean of their path
SELECT e.path, COUNT(*) AS slow FROM edge e
JOIN (SELECT path, AVG(seconds) AS a FROM edge GROUP BY path) m ON m.path = e.path AND e.seconds > 3 * m.a
GROUP BY e.path ORDER BY slow DESC, e.path;

-- above-correlated edge: the same by a query within
SELECT path, COUNT(*) AS slow FROM edge e
WHERE seconds > 3 * (SELECT AVG(seconds) FROM edge x WHERE x.path = e.path)
GROUP BY path ORDER BY slow DESC, path;

-- first-and-last log: the first and last page of each client
SELECT DISTINCT ip, FIRST_VALUE(path) OVER (PARTITION BY ip ORDER BY ts, path) AS landing,
	LAST_VALUE(path) OVER (PARTITION BY ip ORDER BY ts, path ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS leaving
FROM log ORDER BY ip;

-- next-page log: where people go from each page
SELECT path, next_path, COUNT(*) AS n
FROM (SELECT path, LEAD(path) OVER (PARTITION BY ip ORDER BY ts, path) AS next_path FROM log) t
WHERE next_path IS NOT NULL AND next_path <> path GROUP BY path, next_path ORDER BY n DESC, path, next_path LIMIT 10;

-- dedupe log: repeats of a request within ten seconds are one
SELECT COUNT(*) FROM (SELECT ts, LAG(ts) OVER (PARTITION BY ip, path ORDER BY ts) AS p FROM log) x
WHERE p IS NULL OR EXTRACT(EPOCH FROM ts) - EXTRACT(EPOCH FROM p) > 10;

-- latest-per-ip log: by a tuple in a query
SELECT ip, path, ts FROM log WHERE (ip, ts) IN (SELECT ip, MAX(ts) FROM log GROUP BY ip) ORDER BY ip, path, ts;

-- latest-by-arg-max log: by arg_max
SELECT ip, MAX(ts) AS last, COUNT(*) AS n FROM log GROUP BY ip HAVING COUNT(*) > 30 ORDER BY n DESC, ip;

-- never-error log: who never met an error
SELECT COUNT(DISTINCT ip) AS lucky FROM log l WHERE NOT EXISTS (SELECT 1 FROM log e WHERE e.ip = l.ip AND e.status >= 400);

-- both-days log: who came on both days, by INTERSECT
SELECT COUNT(*) FROM (
	SELECT ip FROM log WHERE ts < TIMESTAMP '2015-05-18 00:00:00'
	INTERSECT SELECT ip FROM log WHERE ts >= TIMESTAMP '2015-05-18 00:00:00') b;

-- one-day log: who came on the first only, by EXCEPT
SELECT ip FROM log WHERE ts < TIMESTAMP '2015-05-18 00:00:00'
EXCEPT SELECT ip FROM log WHERE ts >= TIMESTAMP '2015-05-18 00:00:00' ORDER BY ip;

-- one-day-left-join log: the same by a left join
SELECT DISTINCT a.ip FROM log a
LEFT JOIN (SELECT DISTINCT ip FROM log WHERE ts >= TIMESTAMP '2015-05-18 00:00:00') b ON a.ip = b.ip
WHERE a.ts < TIMESTAMP '2015-05-18 00:00:00' AND b.ip IS NULL ORDER BY a.ip;

-- rollup log: with totals
SELECT method, status, COUNT(*) AS n FROM log GROUP BY ROLLUP (method, status) ORDER BY n DESC, method, status;
-- sqlite3:
SELECT method, status, COUNT(*) AS n FROM log GROUP BY method, status
UNION ALL SELECT method, NULL, COUNT(*) FROM log GROUP BY method
UNION ALL SELECT NULL, NULL, COUNT(*) FROM log ORDER BY n DESC, method nulls last, status nulls last;

-- grouping-sets log: several groupings at once
SELECT method, protocol, COUNT(*) AS n, GROUPING(method) AS g FROM log
GROUP BY GROUPING SETS ((method), (protocol)) ORDER BY g, n DESC;
-- sqlite3:
SELECT method, NULL, COUNT(*) AS n, 0 AS g FROM log GROUP BY method
UNION ALL SELECT NULL, protocol, COUNT(*), 1 FROM log GROUP BY protocol ORDER BY g, n DESC;

-- histogram log: sizes by their magnitude
SELECT CASE WHEN bytes IS NULL THEN 'none' WHEN bytes < 1000 THEN '< 1k' WHEN bytes < 10000 THEN '1k-10k'
	WHEN bytes < 100000 THEN '10k-100k' ELSE 'more' END AS size, COUNT(*) AS n, MIN(bytes) AS least
FROM log GROUP BY size ORDER BY least NULLS FIRST;

-- width-bucket edge: times in ten steps
SELECT floor(seconds / 0.3) AS bin, COUNT(*) AS n FROM edge GROUP BY bin ORDER BY bin;

-- quartiles edge: by ntile
SELECT q, COUNT(*) AS n, MIN(seconds) AS lo, MAX(seconds) AS hi
FROM (SELECT seconds, NTILE(4) OVER (ORDER BY seconds) AS q FROM edge) t GROUP BY q ORDER BY q;

-- pareto log: the paths that make 80 % of the hits
WITH p AS (SELECT path, COUNT(*) AS n FROM log GROUP BY path),
r AS (SELECT path, n, SUM(n) OVER (ORDER BY n DESC, path) AS cum, SUM(n) OVER () AS total FROM p)
SELECT COUNT(*) AS paths FROM r WHERE cum - n < 0.8 * total;

-- cum-percent log: the part of the hits so far
SELECT path, n, ROUND(SUM(n) OVER (ORDER BY n DESC, path) * 100.0 / SUM(n) OVER (), 2) AS cum
FROM (SELECT path, COUNT(*) AS n FROM log GROUP BY path) p ORDER BY n DESC, path LIMIT 15;

-- compare-days log: hours of two days side by side
SELECT a.h, a.n AS sunday, b.n AS monday FROM
	(SELECT EXTRACT(HOUR FROM ts) AS h, COUNT(*) AS n FROM log WHERE CAST(ts AS DATE) = DATE '2015-05-17' GROUP BY 1) a
FULL OUTER JOIN
	(SELECT EXTRACT(HOUR FROM ts) AS h, COUNT(*) AS n FROM log WHERE CAST(ts AS DATE) = DATE '2015-05-18' GROUP BY 1) b
ON a.h = b.h ORDER BY a.h, b.n;
-- sqlite3:
SELECT a.h, a.n AS sunday, b.n AS monday FROM
	(SELECT EXTRACT(HOUR FROM ts) AS h, COUNT(*) AS n FROM log WHERE CAST(ts AS DATE) = DATE '2015-05-17 00:00:00' GROUP BY 1) a
FULL OUTER JOIN
	(SELECT EXTRACT(HOUR FROM ts) AS h, COUNT(*) AS n FROM log WHERE CAST(ts AS DATE) = DATE '2015-05-18 00:00:00' GROUP BY 1) b
ON a.h = b.h ORDER BY a.h nulls last, b.n nulls last;

-- bots log: people and machines
SELECT CASE WHEN lower(agent) LIKE '%bot%' OR lower(agent) LIKE '%spider%' OR lower(agent) LIKE '%crawl%' THEN 'bot' ELSE 'human' END AS kind,
	COUNT(*) AS hits, COUNT(DISTINCT ip) AS ips, SUM(bytes) / 1024.0 / 1024.0 AS mb
FROM log GROUP BY 1 ORDER BY hits DESC;

-- likely-scanners log: who asked for much that is not there
SELECT ip, COUNT(*) AS n, COUNT(DISTINCT path) AS paths, MIN(ts) AS begun, MAX(ts) AS ended
FROM log WHERE status = 404 GROUP BY ip HAVING COUNT(DISTINCT path) >= 2 ORDER BY n DESC, ip;

-- burst log: more than ten requests in a minute
SELECT ip, date_trunc('minute', ts) AS minute, COUNT(*) AS n FROM log
GROUP BY ip, minute HAVING COUNT(*) > 5 ORDER BY n DESC, ip, minute LIMIT 20;

-- peak log: the busiest hour of each day
SELECT day, hour, n FROM (
	SELECT CAST(ts AS DATE) AS day, EXTRACT(HOUR FROM ts) AS hour, COUNT(*) AS n,
		DENSE_RANK() OVER (PARTITION BY CAST(ts AS DATE) ORDER BY COUNT(*) DESC) AS place
	FROM log GROUP BY 1, 2) t
WHERE place = 1 ORDER BY day, hour;

-- extension log: hits by kind of file
SELECT regexp_extract(path, '[.]([a-z0-9]+)([?].*)?$', 1) AS ext, COUNT(*) AS n, SUM(bytes) AS bytes
FROM log GROUP BY ext ORDER BY n DESC, ext LIMIT 10;

-- arguments log: what pages are asked with
SELECT split_part(path, '?', 2) AS q, COUNT(*) AS n FROM log WHERE path LIKE '%?%' GROUP BY 1 ORDER BY n DESC, q LIMIT 10;

-- union log: several numbers in rows
SELECT 'requests' AS metric, COUNT(*) AS value FROM log
UNION ALL SELECT 'clients', COUNT(DISTINCT ip) FROM log
UNION ALL SELECT 'errors', COUNT(*) FROM log WHERE status >= 400
UNION ALL SELECT 'bytes', SUM(bytes) FROM log;

-- wow edge: against the same hour of the day before
WITH h AS (SELECT date_trunc('hour', ts) AS hr, COUNT(*) AS n FROM edge GROUP BY 1)
SELECT a.hr, a.n, b.n AS before, a.n - b.n AS change FROM h a JOIN h b ON b.hr = a.hr - INTERVAL '1 day' ORDER BY a.hr;
-- sqlite3:
WITH h AS (SELECT date_trunc('hour', ts) AS hr, COUNT(*) AS n FROM edge GROUP BY 1)
SELECT a.hr, a.n, b.n AS before, a.n - b.n AS change FROM h a JOIN h b ON b.hr = datetime(a.hr, '-1 day') ORDER BY a.hr;

-- fill log: hours without requests, too
WITH hours AS (SELECT * FROM generate_series(TIMESTAMP '2015-05-17 00:00:00', TIMESTAMP '2015-05-18 23:00:00', INTERVAL '1 hour') AS g(h))
SELECT hours.h, COUNT(l.ip) AS n FROM hours LEFT JOIN log l ON date_trunc('hour', l.ts) = hours.h GROUP BY hours.h ORDER BY hours.h;
-- sqlite3:
WITH recursive hours(h) AS (SELECT '2015-05-17 00:00:00' UNION ALL SELECT datetime(h, '+1 hour') FROM hours WHERE h < '2015-05-18 23:00:00')
SELECT hours.h, COUNT(l.ip) AS n FROM hours LEFT JOIN log l ON date_trunc('hour', l.ts) = hours.h GROUP BY hours.h ORDER BY hours.h;

-- time-between log: the mean time between the requests of a client
SELECT ip, COUNT(*) AS n, AVG(EXTRACT(EPOCH FROM ts) - EXTRACT(EPOCH FROM p)) AS gap
FROM (SELECT ip, ts, LAG(ts) OVER (PARTITION BY ip ORDER BY ts) AS p FROM log) x
GROUP BY ip HAVING COUNT(*) > 20 ORDER BY gap, ip;

-- concurrent edge: how many were under way when each began
SELECT COUNT(*) AS pairs FROM edge a JOIN edge b ON a.vhost = b.vhost AND a.path = b.path
	AND b.ts > a.ts AND EXTRACT(EPOCH FROM b.ts) - EXTRACT(EPOCH FROM a.ts) <= 60;

-- cache-ratio edge: hits of the cache by the path
SELECT path, AVG(CASE WHEN cache = 'HIT' THEN 1.0 ELSE 0.0 END) AS ratio, COUNT(cache) AS known
FROM edge GROUP BY path ORDER BY ratio DESC, path;

-- named-window edge: several functions over one window
SELECT ts, seconds, AVG(seconds) OVER w AS mean, MAX(seconds) OVER w AS worst, COUNT(*) OVER w AS n
FROM edge WHERE vhost = 'api.example.org' WINDOW w AS (PARTITION BY path ORDER BY ts ROWS 4 PRECEDING) ORDER BY ts LIMIT 100;

-- share-of-max log: the largest answer of each path, as a part of the largest of all
SELECT path, MAX(bytes) AS b, MAX(bytes) * 1.0 / MAX(MAX(bytes)) OVER () AS share FROM log
WHERE bytes IS NOT NULL GROUP BY path ORDER BY b DESC, path LIMIT 10;

-- string-agg log: what each client asked for, in one line
SELECT ip, string_agg(DISTINCT method, ',' ORDER BY method) AS methods FROM log GROUP BY ip ORDER BY ip;
-- sqlite3:
SELECT ip, group_concat(method, ',') AS methods FROM (SELECT DISTINCT ip, method FROM log ORDER BY ip, method) x GROUP BY ip ORDER BY ip;
