#!/usr/bin/env bats
# Everything at once: every answer equals the recompute as of the position it reports.
load helper

@test "ingesters, speed --follow, batch | serve and queries, all at once" {
	sample 6000 21 >all.csv
	view v <<<"select status, count(*) as n, sum(bytes) as b, count(distinct user) as u,
	           approx_quantile(latency, 0.9) as p from app group by status"
	head -31 all.csv | lam-ingest -q -s app # enough to tell the types
	lam-speed --follow 2>speed.err &
	speed=$!
	( for i in $(seq 0 8); do lam-batch 2>>batch.err | lam-serve 2>>batch.err || echo "batch failed" >>batch.err; done ) &
	batch=$!
	for w in 0 1 2; do
		( for ((i = w; i < 60; i += 3)); do
			{ head -1 all.csv; tail -n +$((i * 100 + 2)) all.csv | head -100; } | lam-ingest -q -s app
		done ) &
		ingest[w]=$!
	done
	asked=0
	while kill -0 "${ingest[@]}" "$batch" 2>/dev/null || [ $asked -lt 20 ]; do
		lam-query --explain "select * from v" >answer.$asked 2>explain.$asked
		asked=$((asked + 1))
		[ $asked -lt 400 ] || break
	done
	wait "${ingest[@]}" "$batch"
	kill $speed && wait $speed
	[ ! -s speed.err ] && [ ! -s batch.err ]
	sql=$(sed 's/ from app/ from '"'prefix.csv'/" "$LAM_DATA/views/v.sql")
	lam-query "select * from app" >log.csv
	for ((i = 0; i < asked; i++)); do
		pos=$(sed -n 's/.*as of \([0-9]*\)$/\1/p' explain.$i)
		head -$((pos + 1)) log.csv >prefix.csv
		lam-query "$sql" | cmp - answer.$i || { cat explain.$i; return 1; }
	done
	[ "$(lam-query --no-header "select count(*) from app")" -eq 6030 ]
	sort log.csv >a
	{ sed -n 2,31p all.csv; cat all.csv; } | sort | cmp - a
}
