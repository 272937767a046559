/*
 * The end of a query, grouped or not: order, HAVING, DISTINCT, OFFSET, LIMIT.
 */
#include "engine_build.h"

static struct rows r;

/* The answer in every setting, checked to be one. */
static struct lam_str
answer(const char *sql)
{
	struct lam_query *q = bind(sql, false);
	struct lam_str want = answer_of(q, &r, 65536, 1, 0);

	for (unsigned i = 0; i < 6; i++) {
		struct lam_str got = answer_of(q, &r, 1 + (uint32_t)rnd(200),
			i % 4 + 1, i & 1 ? 1 : 0);

		if (!strstr(sql, "distinct") || q->grouped || !(i & 1))
			FAIL_IF(!same_text(got, want), "%s: got\n%.*s\nwant\n"
				"%.*s", sql, (int)got.n, got.p, (int)want.n,
				want.p);
	}
	return want;
}

static uint32_t
lines(struct lam_str s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

static void
fixed(uint32_t n, const char *const *k, const int *num)
{
	r.n = n;
	for (int c = 0; c < COLUMNS; c++)
		r.c[c] = LAM_ARENA_NEW(&arena, struct cell, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		r.c[K][i].null = !k[i];
		if (k[i])
			r.c[K][i].text = (struct lam_str){ k[i],
				strlen(k[i]) };
		r.c[N][i].num.m = num[i];
		r.c[V][i].null = num[i] < 0;
		r.c[V][i].num = (struct lam_num){ num[i] < 0 ? 0 : num[i], 1 };
	}
}

static void
is(const char *sql, const char *want)
{
	struct lam_str got = answer(sql);

	test_str(got.p, got.n, want, __FILE__, __LINE__, sql);
}

static void
by_hand(void)
{
	static const char *const k[] = { "b", "a", NULL, "b", "", "a", "c",
		"b" };
	static const int n[] = { 10, 9, -1, 2, 100, 1, -5, 30 };

	fixed(8, k, n);
	is("select k, sum(n) as s from t group by k",
		"|100\na|10\nb|42\nc|-5\nNULL|-1\n");
	is("select n from t group by n",
		"-5\n-1\n1\n2\n9\n10\n30\n100\n");
	is("select k, n, count(*) as c from t group by n, k having n > 5",
		"a|9|1\nb|10|1\nb|30|1\n|100|1\n");
	is("select k, sum(n) as s from t group by k order by s desc limit 2",
		"|100\nb|42\n");
	is("select k, count(*) as c from t group by k order by c desc",
		"b|3\na|2\n|1\nc|1\nNULL|1\n");
	is("select k, count(*) as c from t group by k order by c desc, k desc "
		"offset 1 limit 3", "a|2\nc|1\n|1\n");
	is("select avg(v) as a, sum(v) as s, count(v) as c from t",
		"2.5333333333333333|15.2|6\n");
	is("select sum(n) as a, sum(n + 1) as b, sum(n + 0.5) as c, sum(v) as "
		"d, sum(v + 1) as e, sum(v + 2) as f, sum(2 - v) as g from t",
		"146|154|150|15.2|21.2|27.2|-3.2\n");
	is("select k, sum(n) as a, sum(n + 1) as b, sum(n - 2) as c, sum(v + "
		"1) filter (where n > 5) as d from t where k < 'c' group by k",
		"|100|101|98|11\na|10|12|6|1.9\nb|42|45|36|6\n");
	is("select k, avg(v) as a from t group by k having avg(v) is null",
		"c|NULL\nNULL|NULL\n");
	is("select count(*) as c from t where n > 1000", "0\n");
	is("select k from t group by k having count(*) > 7", "");
	is("select k, n from t where n > 9", "b|10\n|100\nb|30\n");
	is("select k, n from t order by n limit 3", "c|-5\nNULL|-1\na|1\n");
	is("select k, n from t order by k desc, n limit 4",
		"c|-5\nb|2\nb|10\nb|30\n");
	is("select k from t order by k nulls first limit 2", "NULL\n\n");
	is("select distinct k from t", "\na\nb\nc\nNULL\n");
	is("select distinct k from t order by k limit 3", "\na\nb\n");
	is("select n from t limit 2", "10\n9\n");
	is("select n from t offset 6", "-5\n30\n");
	is("select n from t limit 0", "");
	is("select n from t offset 3 limit 2", "2\n100\n");
	is("select v from t order by v", "0.1\n0.2\n0.9\n1\n3\n10\nNULL\n"
		"NULL\n");
	is("select v from t order by v desc nulls last",
		"10\n3\n1\n0.9\n0.2\n0.1\nNULL\nNULL\n");
}

static void
at_random(void)
{
	static const char *const sql[] = {
		"select * from t", "select s, v from t where v > 0",
		"select s, v from t where v > 0 limit 17",
		"select s, v, n from t order by n, v desc",
		"select s, v, n from t order by s desc, n limit 50",
		"select s, k from t order by ts, n limit 3",
		"select k, s, s from t where n > 0 order by v desc, s limit 9",
		"select w, ts from t order by w, ts desc offset 100",
		"select distinct n, ok from t",
		"select distinct s from t order by s limit 20",
		"select k, n, sum(v) as s from t group by k, n",
		"select w, count(*) as c from t group by w",
		"select w, v, count(*) as c from t group by w, v order by c "
		"desc limit 100",
		"select ts, ok, max(s) as m from t group by ts, ok having "
		"count(*) > 1 order by m",
		"select sum(n) as a, sum(n + 1) as b, sum(n + 2) as c, sum(v) "
		"as d, sum(v + 1) as e, sum(v + 2) as f, sum(n + 3) as g from "
		"t where n is not null and v is not null",
		"select k, sum(n) as a, sum(n + 1) as b, sum(v) as d, sum(v + "
		"1) as e from t where n is not null and v is not null group "
		"by k",
		/* the first of many groups */
		"select s, ts, sum(v) as x from t group by s, ts order by x "
		"desc nulls last, ts limit 20 offset 30",
		"select w, v, n, count(*) as c from t group by w, v, n having "
		"count(*) < 3 and max(s) > 'b' limit 50",
		"select ts, ok, k, avg(w) as a, min(s) as m from t group by "
		"ts, ok, k order by a nulls first, ok desc limit 30",
		"select s, v, count(distinct n) as d from t group by s, v "
		"order by d desc, v desc limit 9",
		"select s, w, sum(w) as x from t group by s, w order by x "
		"limit 40",
		"select n, count(distinct s) as d, approx_count_distinct(s) "
		"as h, approx_quantile(w, 0.3) as q from t group by n",
		/* sizes of sets, their members, and both */
		"select count(distinct s) as a, count(distinct w) as b, "
		"count(distinct ts) as c, count(distinct ok) as d from t",
		"select k, count(distinct w) as d, count(distinct s) as c from "
		"t group by k having count(distinct n) > 1 order by k desc",
		"select n, count(distinct v) as d, sum(distinct v) as s from t "
		"group by n order by d, n limit 20",
	};

	r = random_rows(1500);
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		FAIL_IF(lines(answer(sql[i])) == 0, "%s: nothing", sql[i]);
	PASS("any threads, batches and memory give the same rows");
	CHECK_INT(lines(answer("select n from t")), 1500);
}

/* Sorting by keys is sorting by values. */
static void
sort_keys(void)
{
	struct lam_str a = answer("select w from t order by w");
	struct lam_num last = { 0, 0 }, x;
	size_t at = 0;
	bool first = true;

	while (at < a.n && memcmp(a.p + at, "NULL", 4)) {
		const char *end = memchr(a.p + at, '\n', a.n - at);
		size_t n = (size_t)(end - a.p) - at;

		FAIL_IF(!lam_num_parse(a.p + at, n, &x), "no number");
		FAIL_IF(!first && lam_num_cmp(last, x) > 0, "out of order");
		first = false;
		last = x;
		at += n + 1;
	}
	PASS("numbers of all sizes and signs are in order");
}

static int
stop_after(void *arg, const struct lam_vec *v, uint32_t n, struct lam_error *e)
{
	(void)v;
	*(uint32_t *)arg += n;
	return lam_fail(e, LAM_SYSTEM, "the reader is gone");
}

static void
stopping(void)
{
	struct lam_resources o = options(3, 0);
	struct lam_error e = LAM_ERROR_INIT;
	uint32_t n = 0;
	struct lam_job job = { .query = bind("select s from t", false),
		.rows = stop_after, .arg = &n };
	struct made_source s;

	make_source(&s, &r, 0, 30);
	CHECK_INT(lam_engine_run(&s.source, &job, 1, &o, &e), LAM_SYSTEM);
	CHECK_STR(e.msg, strlen(e.msg), "the reader is gone");
	CHECK(n <= 30);
	lam_job_release(&job);
	/* LIMIT ends the run: later failures do not show */
	is("select cast(n as double) / 1 as x from t where n is not null or "
		"cast(s as double) > 0 limit 0", "");
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	by_hand();
	at_random();
	sort_keys();
	stopping();
	lam_arena_release(&arena);
	return DONE();
}
