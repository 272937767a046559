/*
 * test_stage.c - the trees that the binder makes, as indented text
 *
 * A line a stage, below what reads it: a query by its outputs and the clauses it
 * has, a leaf by its name and the columns that are read.
 */
#include "sql_fixture.h"
#include "test.h"

static struct lam_arena arena = LAM_ARENA_INIT;

static void
show_scan(const struct lam_stage *s, int depth, struct lam_buf *out)
{
	const char *between = ": ";

	lam_buf_printf(out, "%*sscan %s%s", 2 * depth, "", s->is_stdin ?
		"stdin" : s->is_file ? "file " : "",
		s->is_stdin ? "" : s->name);
	for (uint32_t i = 0; i < s->nfields; i++)
		if (s->used[i]) {
			lam_buf_printf(out, "%s%s", between,
				s->field[i].name);
			between = ", ";
		}
	lam_buf_puts(out, "\n");
}

static void
show_query(const struct lam_query *q, int depth, struct lam_buf *out)
{
	lam_buf_printf(out, "%*sselect", 2 * depth, "");
	for (uint32_t i = 0; i < q->noutputs; i++)
		lam_buf_printf(out, "%s%s", i ? ", " : " ", q->output[i].name);
	lam_buf_puts(out, q->where ? "; where" : "");
	if (q->grouped)
		lam_buf_printf(out, "; group %u keys %u states", q->nkeys,
			q->nstates);
	lam_buf_puts(out, q->having ? "; having" : "");
	lam_buf_puts(out, q->norder ? "; order" : "");
	lam_buf_puts(out, q->limit != UINT64_MAX ? "; limit" : "");
	lam_buf_puts(out, "\n");
	if (q->input->kind == LAM_STAGE_SELECT)
		show_query(q->input->query, depth + 1, out);
	else
		show_scan(q->input, depth + 1, out);
}

/* The tree of SQL, or why it was not bound. */
static const char *
tree(const char *sql)
{
	static struct lam_buf out = LAM_BUF_INIT;
	static struct lam_error e;
	const struct lam_query *q = fixture_bind(&arena, sql, false, &e);

	lam_buf_clear(&out);
	if (!q)
		return e.msg;
	show_query(q, 0, &out);
	return lam_buf_str(&out);
}

static void
is(const char *sql, const char *want)
{
	const char *got = tree(sql);

	test_str(got, strlen(got), want, __FILE__, __LINE__, sql);
}

/* One pass over a leaf, whatever the clauses are.  An average is two states. */
static void
of_one_pass(void)
{
	is("select ip, bytes from access where status = 200 order by ts limit 3",
		"select ip, bytes; where; order; limit\n"
		"  scan access: ts, ip, status, bytes\n");
	is("select host, count(*) as n, avg(bytes) as mean from access "
		"group by host having count(*) > 1",
		"select host, n, mean; group 1 keys 3 states; having\n"
		"  scan access: host, bytes\n");
	is("select distinct host from access",
		"select host; group 1 keys 0 states\n"
		"  scan access: host\n");
	is("select distinct count(*) as n from 'a/b.csv' group by host",
		"select n; group 1 keys 0 states\n"
		"  select n; group 1 keys 1 states\n"
		"    scan file a/b.csv: host\n");
	is("select count(*) as n from stdin",
		"select n; group 0 keys 1 states\n"
		"  scan stdin\n");
}

/* A view is a leaf, too: its partial relation.  Measures are merged from it in
 * the same pass. */
static void
of_a_view(void)
{
	is("select host, hits from traffic where hits > 5",
		"select host, hits; group 3 keys 1 states; having\n"
		"  scan traffic: minute, host, status, hits\n");
	is("select host, sum(hits) as n from traffic where status = 200 "
		"group by host",
		"select host, n; where; group 1 keys 1 states\n"
		"  scan traffic: host, status, hits\n");
}

/* Rows of the view that are read one by one: made by a query of their own, with
 * the conditions on keys, and nothing that is not read. */
static void
of_the_rows_of_a_view(void)
{
	is("select host, avg(hits) as n from traffic where hits > 2 and "
		"host <> 'x' group by host having count(*) > 1 order by n "
		"limit 5",
		"select host, n; where; group 1 keys 3 states; having; order; "
		"limit\n"
		"  select host, hits; where; group 3 keys 1 states\n"
		"    scan traffic: minute, host, status, hits\n");
	is("select count(*) as n from totals",
		"select n; group 0 keys 1 states\n"
		"  select n; group 0 keys 1 states\n"
		"    scan totals: n\n");
}

/* The leaf alone, before anything is known of it. */
static void
the_leaf(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	const struct lam_stage *s;
	struct lam_query *q;

	CHECK_INT(lam_query_from("select x from \"a b\" where y > 1", "q",
		&arena, &s, &e), LAM_OK);
	CHECK(s->kind == LAM_STAGE_SCAN && s->nfields == 0);
	CHECK_STR(s->name, strlen(s->name), "a b");
	q = fixture_bind(&arena, "select count(*) from traffic", false, &e);
	CHECK(q && q->input->kind == LAM_STAGE_SELECT);
	CHECK(q && lam_query_scan(q) == q->input->query->input);
}

int
main(void)
{
	of_one_pass();
	of_a_view();
	of_the_rows_of_a_view();
	the_leaf();
	lam_arena_release(&arena);
	return DONE();
}
