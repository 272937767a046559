#!/usr/bin/env bats
# Everything at once, for a while (soak.py) and for long (endurance.py): the short runs.
load helper

@test "ingesters, batch | serve, speed --follow, fsck and queries at once, killed at random" {
	"$BATS_TEST_DIRNAME/soak/soak.py" --seconds 6 --seed "${SOAK_SEED:-$RANDOM}" \
		--keep "$BATS_TEST_TMPDIR/soak"
}

@test "many segments, tiny appends and publishes: every step right, nothing leaks" {
	local slack=4096 # KiB: so few publishes are still warming up
	[ "${VARIANT:-release}" = release ] || slack=65536 # a sanitizer's own
	# Freed memory that it keeps for a while is no leak.
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=4:thread_local_quarantine_size_kb=64
	"$BATS_TEST_DIRNAME/soak/endurance.py" --segments 120 --appends 4500 --publishes 200 \
		--files 256 --slack $slack --dir "$BATS_TEST_TMPDIR"
}

@test "a listing that misses a segment, as one may that others rename into, costs no answer" {
	[ "${VARIANT:-release}" = release ] || skip "the preload shim and sanitizers do not mix"
	${CC:-cc} -O1 -shared -fPIC -D_GNU_SOURCE -o torn.so "$BATS_TEST_DIRNAME/shim/torn.c" -ldl
	sample 90 >app.csv
	for i in 0 30 60; do
		{ head -1 app.csv; tail -n +$((i + 2)) app.csv | head -30; } |
			lam-ingest -q -s app --segment-records 1
	done
	view v <<<"select status, count(*) as n, last(user) as u from app group by status"
	lam-query "$(sed "s/from app/from 'app.csv'/" "$LAM_DATA/views/v.sql")" >want
	for name in 0 30; do
		for at in 1 2; do
			LAM_HIDE=$(printf %020d.seg $name) LAM_HIDE_AT=$at LD_PRELOAD=$PWD/torn.so \
				lam-query "select * from v" 2>err | cmp - want
			[ ! -s err ]
		done
	done
}

@test "a file in several chunks, on several threads, and what is new of it" {
	seq 200000 | sed 's/.*/&,line &/' >a.log
	lam-ingest -q -s app -f csv --fields id,text --threads 3 --resume a.log
	seq 200001 400000 | sed 's/.*/&,line &/' >>a.log
	lam-ingest -q -s app -f csv --fields id,text --threads 3 --resume a.log
	lam-query --no-header "select * from app" | cmp - a.log
	run -1 lam-ingest -q -s app -f csv --fields id,text --threads 3 --resume a.log
}
