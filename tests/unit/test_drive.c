/*
 * test_drive.c - the driver: trees of any depth, leaves opened and closed once,
 * and what was begun when one of them fails
 */
#include "engine_build.h"
#include "engine/drive.h"
#include "test.h"

static struct rows r;

/* ------------------------------------------------------------ what happened */

struct log {
	struct made_source source;
	unsigned opened, closed, begun;
	bool spread, fail;
	const char *name;
	struct lam_buf rows;
	void *print[2];
};

static int
open_leaf(void *arg, const struct lam_stage *scan, unsigned workers,
	bool spread, struct lam_source **out, struct lam_error *e)
{
	struct log *l = arg;

	(void)workers;
	l->opened++;
	l->spread = spread;
	l->name = scan->name;
	if (l->fail)
		return lam_fail(e, LAM_DATA, "the leaf is damaged");
	make_source(&l->source, &r, 0, 40);
	*out = &l->source.source;
	return LAM_OK;
}

static void
close_leaf(void *arg)
{
	((struct log *)arg)->closed++;
}

static int
begin(void *arg, const struct lam_query *q, struct lam_error *e)
{
	struct log *l = arg;

	(void)e;
	l->begun++;
	l->print[0] = &l->rows;
	l->print[1] = (void *)(uintptr_t)q;
	return LAM_OK;
}

static int
take(void *arg, const struct lam_vec *v, uint32_t n, struct lam_error *e)
{
	return print_rows(((struct log *)arg)->print, v, n, e);
}

static int
drive(struct log *l, const struct lam_query *q, unsigned threads,
	struct lam_error *e)
{
	struct lam_leaves leaves = { open_leaf, close_leaf, l, NULL };
	struct lam_row_sink to = { begin, take, l, NULL };
	struct lam_resources o = options(threads, 0);
	struct lam_drive_faults f = { .outputs = 0 };

	return lam_drive_rows(&leaves, q, &to, &o, &f, e);
}

/* -------------------------------------------------------------------- trees */

static int
find_rows(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	const struct lam_query *below = state;
	struct lam_input_field *f = LAM_ARENA_NEW(&arena,
		struct lam_input_field, below->noutputs);

	(void)e;
	for (uint32_t i = 0; i < below->noutputs; i++)
		f[i] = (struct lam_input_field){ below->output[i].name,
			{ below->output[i].expr->type, 0 }, 0, false };
	*out = (struct lam_relation){ .name = scan->name, .field = f,
		.nfields = below->noutputs };
	return LAM_OK;
}

/* SQL over the rows of BELOW. */
static struct lam_query *
over(struct lam_query *below, const char *sql)
{
	struct lam_catalog c = { .state = below, .find = find_rows };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_query *q;

	if (lam_query_bind(sql, "test", false, &c, &arena, &q, &e)) {
		printf("# %s: %s\n", sql, e.msg);
		abort();
	}
	for (uint32_t i = 0; i < below->noutputs; i++)
		below->output[i].expr->raw = false;
	q->input->kind = LAM_STAGE_SELECT;
	q->input->query = below;
	return q;
}

/* The tree of the N queries SQL, the lowest first. */
static struct lam_query *
stack(const char *const *sql, size_t n)
{
	struct lam_query *q = bind(sql[0], false);

	for (size_t i = 1; i < n; i++)
		q = over(q, sql[i]);
	return q;
}

static const struct lam_query *
lowest(const struct lam_query *q)
{
	while (q->input->kind == LAM_STAGE_SELECT)
		q = q->input->query;
	return q;
}

/* The tree gives the rows of ONE, which says the same in one query. */
static void
same(const char *const *sql, size_t n, const char *one)
{
	struct lam_str want = answer_of(bind(one, false), &r, 40, 1, 0);
	const struct lam_query *q = stack(sql, n);

	for (unsigned threads = 1; threads <= 4; threads += 3) {
		struct log l = { .rows = LAM_BUF_INIT };
		struct lam_error e = LAM_ERROR_INIT;
		int rc = drive(&l, q, threads, &e);

		FAIL_IF(rc || l.begun != 1 || l.opened != 1 || l.closed != 1 ||
			strcmp(l.name, "t"), "%s: %d begun %u opened %u "
			"closed %u", e.msg, rc, l.begun, l.opened, l.closed);
		FAIL_IF(l.spread != lowest(q)->grouped, "spread");
		FAIL_IF(want.n == 0 || !same_text(want, (struct lam_str){
			l.rows.p, l.rows.n }), "%s: got %.*s", one,
			(int)l.rows.n, l.rows.p);
		lam_buf_release(&l.rows);
	}
}

static void
trees(void)
{
	static const char *const rows[] = { "select k, n, v from t where n > 2",
		"select k, n from x where v is not null", "select k, n + 1 as m "
		"from x order by m desc, k limit 20" };
	static const char *const sums[] = {
		"select k, n, sum(v) as s, count(*) as c from t group by k, n",
		"select k, sum(s) as s, sum(c) as c from x group by k",
		"select sum(s) as s, sum(c) as c, count(*) as k from x" };
	static const char *const most[] = {
		"select k, ts, v from t where k is not null",
		"select k, max(v) as m, count(*) as c from x group by k "
		"having count(*) > 1",
		"select k, m from x", "select k, m from x order by k" };

	same(rows, 1, rows[0]);
	same(rows, 3, "select k, n + 1 as m from t where n > 2 and v is not "
		"null order by m desc, k limit 20");
	same(sums, 2, "select k, sum(v) as s, count(*) as c from t group by k");
	same(most, 4, "select k, max(v) as m from t where k is not null "
		"group by k having count(*) > 1 order by k");
	PASS("a tree gives the rows of the one query that says the same");
	same(sums, 3, "select sum(v) as s, count(*) as c, count(distinct "
		"coalesce(k, 'no other text')) as k from t");
	PASS("a total of totals of totals is the total");
}

/* --------------------------------------------------------------------- jobs */

static void
jobs(void)
{
	struct lam_query *q[2] = { bind("select k, sum(v) from t group by k",
		true), bind("select n, count(*) from t group by n", true) };
	struct lam_job job[2] = { { .query = q[0] }, { .query = q[1] } };
	struct lam_resources o = options(2, 0);
	struct log l = { .rows = LAM_BUF_INIT };
	struct lam_leaves leaves = { open_leaf, close_leaf, &l, NULL };
	struct lam_error e = LAM_ERROR_INIT;

	CHECK_INT(lam_drive_jobs(&leaves, job, 2, &o, &e), LAM_OK);
	CHECK(l.opened == 1 && l.closed == 1 && l.spread);
	for (int i = 0; i < 2; i++) {
		struct lam_str want = partials_of(q[i], &r, 0, 100, 1, 0);

		lam_buf_clear(&l.rows);
		CHECK_INT(print_partials(q[i], job[i].partials, &l.rows, &e),
			LAM_OK);
		CHECK(want.n && same_text(want, (struct lam_str){ l.rows.p,
			l.rows.n }));
		lam_partials_free(job[i].partials);
		lam_job_release(&job[i]);
	}
	job[1].query = bind("select n from t", false);
	job[1].rows = take;
	job[1].arg = &l;
	CHECK_INT(begin(&l, job[1].query, &e), LAM_OK);
	CHECK_INT(lam_drive_jobs(&leaves, job, 2, &o, &e), LAM_OK);
	CHECK(!l.spread); /* rows come in order, so the leaf must */
	for (int i = 0; i < 2; i++) {
		lam_partials_free(job[i].partials);
		lam_job_release(&job[i]);
	}
	lam_buf_release(&l.rows);
}

/* ----------------------------------------------------------------- failures */

static int
refuse(void *arg, const struct lam_vec *v, uint32_t n, struct lam_error *e)
{
	(void)arg;
	(void)v;
	(void)n;
	return lam_fail(e, LAM_SYSTEM, "the reader is gone");
}

static void
failures(void)
{
	static const char *const sql[] = {
		"select k, count(*) as c from t group by k",
		"select c, count(*) as n from x group by c" };
	const struct lam_query *q = stack(sql, 2);
	struct log l = { .fail = true, .rows = LAM_BUF_INIT };
	struct lam_leaves leaves = { open_leaf, close_leaf, &l, NULL };
	struct lam_row_sink gone = { NULL, refuse, NULL, NULL };
	struct lam_resources o = options(2, 0);
	struct lam_drive_faults f = { .outputs = 0 };
	struct lam_job job = { .query = lowest(q) };
	struct lam_error e = LAM_ERROR_INIT;

	CHECK_INT(drive(&l, q, 2, &e), LAM_DATA);
	CHECK_STR(e.msg, strlen(e.msg), "the leaf is damaged");
	CHECK(l.opened == 1 && l.closed == 0 && l.begun == 0);
	CHECK_INT(lam_drive_jobs(&leaves, &job, 1, &o, &e), LAM_DATA);
	CHECK(job.partials == NULL && job.nulls == NULL);
	l.fail = false;
	l.opened = 0;
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_drive_rows(&leaves, q, &gone, &o, &f, &e), LAM_SYSTEM);
	CHECK_STR(e.msg, strlen(e.msg), "the reader is gone");
	CHECK(l.opened == 1 && l.closed == 1);
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	r = random_rows(700);
	trees();
	jobs();
	failures();
	lam_arena_release(&arena);
	return DONE();
}
