/*
 * Grouping: the result does not depend on threads, batches, shapes, memory.
 */
#include <sched.h>

#include "partial/text.h"
#include "time/time.h"
#include "engine_build.h"

static const char *const keys[] = {
	"", "k", "n", "ts", "v", "w", "s", "ok", "k, n", "n, k", "s, k",
	"ts, s", "w, v", "k, n, ts, ok", "s, v, w, ts, k",
};

static const char *
view_by(const char *by)
{
	static char sql[400];

	if (*by)
		snprintf(sql, sizeof sql, "select %s, count(*) as c, "
			"sum(v) as sv, last(s) as ls from t where n <> 3 "
			"group by %s", by, by);
	else
		snprintf(sql, sizeof sql, "select count(*) as c, "
			"sum(v) as sv, last(s) as ls from t where n <> 3");
	return sql;
}

static void
sorted_lines(struct lam_str t, const char *what)
{
	struct lam_str last = { NULL, 0 };
	size_t at = 0;

	while (at < t.n) {
		const char *end = memchr(t.p + at, '\n', t.n - at);
		struct lam_str line = { t.p + at, (size_t)(end - t.p) - at };

		FAIL_IF(last.p && lam_str_cmp(last, line) >= 0,
			"by %s: lines out of order: %.*s", what, (int)line.n,
			line.p);
		last = line;
		at += line.n + 1;
	}
}

static void
same_whatever(void)
{
	struct rows r = random_rows(3000);

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct lam_query *q = bind(view_by(keys[i]), true);
		struct lam_str want = partials_of(q, &r, 10, 65536, 1, 0);

		FAIL_IF(want.n == 0, "by %s: nothing", keys[i]);
		sorted_lines(want, keys[i]);
		for (unsigned threads = 1; threads <= 8; threads++) {
			uint32_t most = (uint32_t[]){ 1500, 700, 100, 33 }[
				rnd(4)];
			uint64_t memory = (uint64_t[]){ 0, 1, 100000 }[
				threads % 3];
			struct lam_str got = partials_of(q, &r, 10, most,
				threads, memory);

			FAIL_IF(!same_text(got, want), "by %s: %u threads, "
				"batches of %u, memory %llu:\n%.*s\nwant\n"
				"%.*s", keys[i], threads, (unsigned)most,
				(unsigned long long)memory, (int)got.n, got.p,
				(int)want.n, want.p);
		}
	}
	PASS("lines are sorted, the same for any threads, batches, memory");
}

static void
no_rows(void)
{
	struct rows r = random_rows(0);
	struct lam_str t = partials_of(bind("select count(*) as c, sum(v) as s,"
		" max(k) as m, count(distinct s) as d from t", true), &r, 0, 10,
		2, 0);

	CHECK_STR(t.p, t.n, "\t0,,,,\n");
	t = partials_of(bind("select k, count(*) as c from t group by k",
		true), &r, 0, 10, 2, 0);
	CHECK_INT(t.n, 0);
}

static void
many_jobs(void)
{
	struct rows r = random_rows(5000);
	struct lam_resources o = options(3, 0);
	struct lam_error e = LAM_ERROR_INIT;
	enum { JOBS = sizeof keys / sizeof *keys };
	struct lam_job job[JOBS];
	struct made_source s;

	memset(job, 0, sizeof job);
	make_source(&s, &r, 10, 900);
	for (size_t i = 0; i < JOBS; i++)
		job[i].query = bind(view_by(keys[i]), true);
	CHECK_INT(lam_engine_run(&s.source, job, JOBS, &o, &e), LAM_OK);
	for (size_t i = 0; i < JOBS; i++) {
		struct lam_buf out = LAM_BUF_INIT;
		struct lam_str want = partials_of(job[i].query, &r, 10, 65536,
			1, 0);

		FAIL_IF(print_partials(job[i].query, job[i].partials, &out,
			&e), "%s", e.msg);
		FAIL_IF(!same_text((struct lam_str){ out.p, out.n }, want),
			"job by %s differs", keys[i]);
		FAIL_IF(job[i].counts.read != r.n || job[i].counts.read !=
			job[i].counts.counted + job[i].counts.filtered,
			"job by %s: counts", keys[i]);
		lam_partials_free(job[i].partials);
		lam_job_release(&job[i]);
		lam_buf_release(&out);
	}
	PASS("many jobs in one pass give what each gives alone");
}

/* Jobs that only count and sum share passes over the rows. */
static void
additive_jobs(void)
{
	static const char *const by[] = { "k", "n", "k, n", "n, k", "ok",
		"ok, k", "ts", "ok, n", "k, ok, n", "s", "n * 2" };
	enum { JOBS = sizeof by / sizeof *by };

	for (int round = 0; round < 6; round++) {
		struct rows r = random_rows(6000);
		struct lam_resources o = options(2, (uint64_t)round & 1);
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_job job[JOBS + 2];
		struct made_source s;
		char sql[300];

		memset(job, 0, sizeof job);
		make_source(&s, &r, 0, 3000);
		for (size_t i = 0; i < JOBS + 2; i++) {
			const char *b = i < JOBS ? by[i] : NULL;

			snprintf(sql, sizeof sql, "select %s%s count(*) as c, "
				"sum(v) as a, sum(n) as b, sum(w) as d from t "
				"%s%s%s", b ? b : "", b ? "," : "", i % 4 == 3
				? "where n > 1" : "", b ? " group by " : "",
				b ? b : "");
			if (round > 2) /* without the wide one */
				memmove(strstr(sql, ", sum(w) as d"), strstr(
					sql, " from"), strlen(strstr(sql,
					" from")) + 1);
			job[i].query = bind(sql, true);
		}
		FAIL_IF(lam_engine_run(&s.source, job, JOBS + 2, &o, &e), "%s",
			e.msg);
		for (size_t i = 0; i < JOBS + 2; i++) {
			struct lam_buf out = LAM_BUF_INIT, one = out;
			uint64_t nulls = job[i].nulls[1];
			struct lam_job alone = { .query = job[i].query };

			FAIL_IF(print_partials(job[i].query, job[i].partials,
				&out, &e), "%s", e.msg);
			atomic_store(&s.next, 0);
			FAIL_IF(lam_engine_run(&s.source, &alone, 1, &o, &e) ||
				print_partials(job[i].query, alone.partials,
				&one, &e), "%s", e.msg);
			FAIL_IF(!same_text((struct lam_str){ out.p, out.n },
				(struct lam_str){ one.p, one.n }),
				"job %zu differs", i);
			FAIL_IF(memcmp(&job[i].counts, &alone.counts,
				sizeof alone.counts) || nulls !=
				alone.nulls[1], "job %zu: counts", i);
			lam_partials_free(job[i].partials);
			lam_partials_free(alone.partials);
			lam_job_release(&job[i]);
			lam_job_release(&alone);
			lam_buf_release(&out);
			lam_buf_release(&one);
		}
	}
	PASS("jobs that share passes give what each gives alone");
}

/* More groups than 16 bits count, one to a row, and all workers share them. */
static void
many_groups(void)
{
	enum { ROWS = 100000 };
	struct rows r = { .n = ROWS };
	struct lam_query *q = bind("select n, ts, count(*) as c, sum(n) as s "
		"from t group by n, ts", true);
	struct lam_str one, two;

	for (int k = 0; k < COLUMNS; k++)
		r.c[k] = LAM_ARENA_NEW(&arena, struct cell, ROWS);
	for (uint32_t i = 0; i < ROWS; i++) {
		r.c[N][i].num.m = i % 70000 * 1000;
		r.c[TS][i].time = i % 3 * LAM_NS;
	}
	one = partials_of(q, &r, 0, 65536, 1, 0);
	two = partials_of(q, &r, 0, 20000, 4, 2 << 20);
	sorted_lines(one, "n, ts");
	CHECK(same_text(one, two));
	CHECK(one.n > 70000 * 20);
}

/* Where printed lines go, and which call fails. */
struct sink {
	struct lam_buf text;
	uint64_t rows;
	unsigned calls, fails;
};

static int
put_text(void *arg, struct lam_str text, uint64_t n, struct lam_error *e)
{
	struct sink *s = arg;

	if (++s->calls == s->fails)
		return lam_fail(e, LAM_SYSTEM, "full");
	if (s->calls % 3 == 0) /* others get ahead */
		sched_yield();
	lam_buf_put(&s->text, text.p, text.n);
	s->rows += n;
	return LAM_OK;
}

/* Print the partials of Q over R, in batches of 700 rows, into S. */
static int
print_text(const struct lam_query *q, const struct rows *r, unsigned threads,
	struct sink *s)
{
	struct lam_resources o = options(threads, 0);
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_job job = { .query = q };
	struct lam_arena_mark before = lam_arena_mark(&arena);
	struct made_source source;
	int rc;

	make_source(&source, r, 0, 700);
	rc = lam_engine_run(&source.source, &job, 1, &o, &e);
	FAIL_IF(rc, "%s", e.msg);
	rc = lam_partial_text(job.partials, "view", threads, put_text, s, &e);
	lam_partials_free(job.partials);
	lam_job_release(&job);
	lam_arena_rewind(&arena, before);
	return rc;
}

/* What many threads print, each of its own rows, is what one reads, in its order. */
static void
printed(void)
{
	enum { ROWS = 12000 };
	static const char *const by[] = { "k, n", "n, ts", "n", "k, v, n" };
	struct rows r = random_rows(ROWS);

	for (uint32_t i = 0; i < ROWS; i++) {
		r.c[N][i].null = false;
		r.c[N][i].num = (struct lam_num){ i * 7919 % 3001, 0 };
		r.c[TS][i].null = false;
		r.c[TS][i].time = i % 10 * LAM_NS;
	}
	for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
		struct lam_query *q = bind(view_by(by[i]), true);
		struct lam_str rows = partials_of(q, &r, 0, 65536, 1, 0);
		struct lam_buf want = LAM_BUF_INIT;
		uint64_t n = 0;

		for (size_t at = 0; at < rows.n; n++) {
			const char *end = memchr(rows.p + at, '\n',
				rows.n - at);
			size_t len = (size_t)(end - rows.p) + 1 - at;

			lam_buf_puts(&want, "view\t");
			lam_buf_put(&want, rows.p + at, len);
			at += len;
		}
		for (unsigned threads = 1; threads <= 8; threads *= 2) {
			struct sink all = { .calls = 0 }, some = { .fails = 3 };

			FAIL_IF(print_text(q, &r, threads, &all), "by %s", by[i]);
			FAIL_IF(all.rows != n || !same_text((struct lam_str){
				all.text.p, all.text.n }, (struct lam_str){
				want.p, want.n }), "by %s: %u threads print "
				"something else", by[i], threads);
			FAIL_IF(all.calls >= 3 && (!print_text(q, &r, threads,
				&some) || some.calls != 3), "by %s: %u threads, "
				"%u calls: not stopped by a failure", by[i],
				threads, some.calls);
			lam_buf_release(&all.text);
			lam_buf_release(&some.text);
		}
		lam_buf_release(&want);
	}
	PASS("lines are printed in order, whoever is ahead, until one fails");
}

/* What cannot be computed is NULL and counted: for every cut and thread. */
static void
faults(void)
{
	static const char *const sql[] = {
		"select k, sum(cast(s as double)) as x, avg(n) as y from t "
		"group by k",
		"select cast(s as double) as d, count(*) as c, sum(cast(s as "
		"double)) filter (where n > 2) as x from t where n <> 3 and "
		"cast(s as double) is null group by d",
	};
	struct rows r = random_rows(2000);
	struct made_source s;

	for (size_t i = 0; i < 2; i++) {
		struct lam_query *q = bind(sql[i], true);
		struct lam_counts first = { .read = 0 };

		for (unsigned k = 1; k < 9; k++) {
			struct lam_resources o = options(k % 4 + 1, 0);
			struct lam_job job = { .query = q };
			struct lam_error e = LAM_ERROR_INIT;

			make_source(&s, &r, 0, k == 1 ? 2000 : 30 * k);
			CHECK_INT(lam_engine_run(&s.source, &job, 1, &o, &e),
				LAM_OK);
			if (k == 1)
				first = job.counts;
			FAIL_IF(job.counts.faults != first.faults ||
				job.counts.first_fault != first.first_fault,
				"%zu faults, first %zu; were %zu, %zu",
				(size_t)job.counts.faults,
				(size_t)job.counts.first_fault,
				(size_t)first.faults,
				(size_t)first.first_fault);
			lam_partials_free(job.partials);
			lam_job_release(&job);
		}
		CHECK(first.faults > 0 && first.first_fault < 2000);
	}
	PASS("faults are counted alike, however the rows are cut");
}

static void
large_sums(void)
{
	struct rows r = random_rows(2000);
	struct lam_query *q;

	q = bind("select sum(w * w) as x from t", true);
	for (uint32_t i = 0; i < r.n; i++)
		r.c[W][i] = (struct cell){ .num = { lam_pow10[18] * 9, 0 } };
	/* 2000 times 81 * 10^36, which is no number: in full, in every order. */
	for (unsigned threads = 1; threads < 4; threads++) {
		struct lam_str got = partials_of(q, &r, 0, 40 * threads,
			threads, 0);

		CHECK_STR(got.p, got.n, "\t,162000000000000000000000000000000"
			"000000000\n");
	}
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	same_whatever();
	no_rows();
	many_jobs();
	additive_jobs();
	many_groups();
	printed();
	faults();
	large_sums();
	lam_arena_release(&arena);
	return DONE();
}
