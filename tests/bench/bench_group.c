/*
 * bench_group.c - what grouping costs, without decoding and printing:
 * bench_group [ROWS [THREADS]]
 *
 * Batches of 65536 rows are made once, in the shapes the store hands out (times
 * and sizes as frames of reference, texts as dictionaries), and then grouped;
 * the figures are nanoseconds per row and thread, and milliseconds for sorting
 * and reading the result.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/engine.h"
#include "bind/bind.h"
#include "time/time.h"

#define PATHS 20000
#define IPS 200000

enum { TIME, STATUS, BYTES, PATH, IP, LATENCY, FIELDS };

static struct lam_input_field field[FIELDS] = {
	{ "time", { LAM_TIME, 0 }, 0 }, { "status", { LAM_NUMBER, 0 }, 0 },
	{ "bytes", { LAM_NUMBER, 0 }, 0 }, { "path", { LAM_TEXT, 0 }, 0 },
	{ "ip", { LAM_TEXT, 0 }, 0 }, { "latency", { LAM_NUMBER, 0 }, 0 },
};

struct made {
	uint32_t n;
	uint64_t pos;
	struct lam_vec v[FIELDS];
};

struct state {
	struct made *batch;
	uint32_t n;
	atomic_uint next;
};

static struct lam_arena arena;
static uint64_t seed = 1;

static uint64_t
rnd(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

/* A rank below N, about as likely as 1 / rank; N < 2^20. */
static uint32_t
zipf(uint32_t n)
{
	unsigned bits = (unsigned)rnd(20);
	uint32_t r = (1u << bits) + (uint32_t)rnd(1u << bits) - 1;

	return r % n;
}

static struct lam_vec
frame(unsigned type, int64_t base, uint32_t max, const uint32_t *u,
	uint32_t n)
{
	struct lam_vec v = { .type = (uint8_t)type, .rep = LAM_FOR, .n = n };

	v.u32 = u;
	v.base = base;
	v.mult = 1;
	v.max = max;
	return v;
}

/* Texts drawn from WORD, as a dictionary of those that occur. */
static struct lam_vec
dictionary(char **word, uint32_t nwords, uint32_t n)
{
	uint16_t *code = lam_arena_alloc(&arena, n * sizeof *code);
	uint32_t *of = LAM_ARENA_NEW(&arena, uint32_t, nwords);
	struct lam_str *str = LAM_ARENA_NEW(&arena, struct lam_str, n);
	struct lam_vec *dict = LAM_ARENA_NEW(&arena, struct lam_vec, 1);
	uint32_t m = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t w = zipf(nwords);

		if (!of[w]) {
			size_t len = strlen(word[w]);

			str[m++] = (struct lam_str){ lam_arena_dup(&arena,
				word[w], len), len };
			of[w] = m;
		}
		code[i] = (uint16_t)(of[w] - 1);
	}
	*dict = (struct lam_vec){ .type = LAM_TEXT, .n = m, .str = str };
	return (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_DICT, .n = n,
		.code = code, .dict = dict };
}

static struct lam_vec
statuses(uint32_t n)
{
	static const int64_t value[] = { 200, 304, 301, 404, 500, 503 };
	static const uint8_t often[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2,
		3, 3, 4, 5 };
	uint16_t *code = lam_arena_alloc(&arena, n * sizeof *code);
	struct lam_vec *dict = LAM_ARENA_NEW(&arena, struct lam_vec, 1);

	for (uint32_t i = 0; i < n; i++)
		code[i] = often[rnd(sizeof often)];
	*dict = (struct lam_vec){ .type = LAM_NUMBER, .n = 6, .i64 = value };
	return (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_DICT, .n = n,
		.code = code, .dict = dict };
}

static void
make(struct made *b, uint64_t at, uint32_t n, uint64_t rows, char **path,
	char **ip)
{
	uint32_t *ms = lam_arena_alloc(&arena, n * sizeof *ms);
	uint32_t *bytes = lam_arena_alloc(&arena, n * sizeof *bytes);
	uint32_t *latency = lam_arena_alloc(&arena, n * sizeof *latency);
	int64_t first = (int64_t)(at * 86400000 / rows);

	b->n = n;
	b->pos = at;
	for (uint32_t i = 0; i < n; i++) {
		ms[i] = (uint32_t)((int64_t)((at + i) * 86400000 / rows) -
			first + (int64_t)rnd(300));
		bytes[i] = (uint32_t)(300 + (rnd(1000) * rnd(1000) >> 3));
		latency[i] = (uint32_t)(1 + (rnd(1000) * rnd(1000) >> 9));
	}
	b->v[TIME] = frame(LAM_TIME, 1767225600 * LAM_NS + first * 1000000,
		ms[n - 1] + 300, ms, n);
	b->v[TIME].mult = 1000000;
	b->v[BYTES] = frame(LAM_NUMBER, 0, 125300, bytes, n);
	b->v[LATENCY] = frame(LAM_NUMBER, 0, 2000, latency, n);
	b->v[LATENCY].scale = 3;
	b->v[STATUS] = statuses(n);
	b->v[PATH] = dictionary(path, PATHS, n);
	b->v[IP] = dictionary(ip, IPS, n);
}

static int
load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	(void)raw;
	(void)e;
	*bad = 0;
	*out = ((struct made *)b->state)->v[f];
	return LAM_OK;
}

static int
next(struct lam_source *s, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct state *m = s->state;
	uint32_t i = atomic_fetch_add(&m->next, 1);

	(void)worker;
	(void)e;
	*got = i < m->n;
	if (!*got)
		return LAM_OK;
	b->n = m->batch[i].n;
	b->pos = m->batch[i].pos;
	b->state = &m->batch[i];
	b->load = load;
	return LAM_OK;
}

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	(void)state;
	(void)e;
	*out = (struct lam_relation){ .name = scan->name, .field = field,
		.nfields = FIELDS };
	return LAM_OK;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
fail(const struct lam_error *e)
{
	fprintf(stderr, "bench_group: %s\n", e->msg);
	exit(1);
}

/* Group by each of SQL in one pass; the best of some runs. */
static void
measure(const char *name, struct state *m, uint64_t rows, unsigned threads,
	const char *const *sql, size_t n)
{
	struct lam_catalog catalog = { .state = NULL, .find = find };
	struct lam_resources o = { threads, (uint64_t)1 << 30, "/tmp" };
	struct lam_error e = LAM_ERROR_INIT;
	double group = 1e9, sort = 1e9, read = 1e9;
	uint64_t groups = 0;

	for (int run = 0; run < 5; run++) {
		struct lam_source s = { m, next };
		struct lam_job *job = calloc(n, sizeof *job);
		double t0, t1, t2 = 0, t3 = 0;
		struct lam_arena a = LAM_ARENA_INIT;

		for (size_t i = 0; i < n; i++) {
			struct lam_query *q;

			if (lam_query_bind(sql[i], "bench", true, &catalog,
				&arena, &q, &e))
				fail(&e);
			job[i].query = q;
		}
		atomic_store(&m->next, 0);
		t0 = now();
		if (lam_engine_run(&s, job, n, &o, &e))
			fail(&e);
		t1 = now();
		groups = 0;
		for (size_t i = 0; i < n; i++) {
			const struct lam_vec *column;
			uint64_t at;
			uint32_t got;
			double begin = now();
			bool first = true;

			do {
				lam_arena_reset(&a);
				if (lam_partials_next(job[i].partials, &a,
					&column, &at, &got, &e))
					fail(&e);
				if (first)
					t2 += now() - begin;
				first = false;
				groups += got;
			} while (got);
			t3 += now() - begin;
			lam_partials_free(job[i].partials);
			lam_job_release(&job[i]);
		}
		group = t1 - t0 < group ? t1 - t0 : group;
		sort = t2 < sort ? t2 : sort;
		read = t3 - t2 < read ? t3 - t2 : read;
		lam_arena_release(&a);
		free(job);
	}
	printf("%-34s %8llu groups %7.1f ms = %5.2f ns/row/thread; sort "
		"%.1f ms, read %.1f ms\n", name, (unsigned long long)groups,
		group, group * 1e6 * threads / (double)rows, sort, read);
}

int
main(int argc, char **argv)
{
	static const char *const minute[] = { "select date_trunc('minute', "
		"time) as m, status, count(*) as c, sum(bytes) as b from t "
		"group by m, status" };
	static const char *const hourpath[] = { "select date_trunc('hour', "
		"time) as h, path, count(*) as c, sum(bytes) as b from t "
		"group by h, path" };
	static const char *const sketch[] = { "select date_trunc('minute', "
		"time) as m, status, count(*) as c, sum(bytes) as b, "
		"approx_count_distinct(ip) as i, approx_quantile(latency, "
		"0.5) as p, approx_quantile(latency, 0.99) as q from t group "
		"by m, status" };
	static const char *const hll[] = { "select date_trunc('minute', "
		"time) as m, status, approx_count_distinct(ip) as i from t "
		"group by m, status" };
	static const char *const quantile[] = { "select date_trunc('minute', "
		"time) as m, status, approx_quantile(latency, 0.5) as p "
		"from t group by m, status" };
	static const char *const exact[] = { "select date_trunc('hour', "
		"time) as m, count(distinct ip) as i from t group by m" };
	static const char *const ten[] = {
		"select status, count(*) as c from t group by status",
		"select status, sum(bytes) as c from t group by status",
		"select date_trunc('minute', time) as m, count(*) as c from t "
		"group by m",
		"select date_trunc('hour', time) as m, count(*) as c from t "
		"group by m",
		"select date_trunc('minute', time) as m, status, count(*) as c "
		"from t group by m, status",
		"select date_trunc('minute', time) as m, status, sum(bytes) as "
		"c from t group by m, status",
		"select date_trunc('hour', time) as m, status, avg(bytes) as "
		"c from t group by m, status",
		"select date_trunc('minute', time) as m, max(bytes) as c from "
		"t group by m",
		"select status, min(bytes) as c, max(latency) as d from t "
		"group by status",
		"select count(*) as c, sum(bytes) as b from t" };
	uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 5000000;
	unsigned threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2;
	char **path = calloc(PATHS, sizeof *path);
	char **ip = calloc(IPS, sizeof *ip), b[64];
	struct state m = { .n = 0 };

	for (unsigned i = 0; i < PATHS; i++) {
		snprintf(b, sizeof b, "/products/catalogue/%03x-%u.html",
			(unsigned)rnd(4096), i);
		path[i] = strdup(b);
	}
	for (unsigned i = 0; i < IPS; i++) {
		snprintf(b, sizeof b, "%u.%u.%u.%u", (unsigned)rnd(223) + 1,
			(unsigned)rnd(256), (unsigned)rnd(256),
			(unsigned)rnd(256));
		ip[i] = strdup(b);
	}
	m.batch = calloc(rows / LAM_BLOCK_ROWS + 1, sizeof *m.batch);
	for (uint64_t at = 0; at < rows; at += LAM_BLOCK_ROWS)
		make(&m.batch[m.n++], at, rows - at < LAM_BLOCK_ROWS ?
			(uint32_t)(rows - at) : LAM_BLOCK_ROWS, rows, path,
			ip);
	measure("minute, status: count, sum", &m, rows, threads, minute, 1);
	measure("hour, path: count, sum", &m, rows, threads, hourpath, 1);
	measure("minute, status: hll", &m, rows, threads, hll, 1);
	measure("minute, status: quantile", &m, rows, threads, quantile, 1);
	measure("minute, status: all four", &m, rows, threads, sketch, 1);
	measure("hour: count(distinct)", &m, rows, threads, exact, 1);
	measure("ten small views", &m, rows, threads, ten, 10);
	return 0;
}
