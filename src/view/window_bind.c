/*
 * window_bind.c - which key is the window, and a query that computes it
 *
 * The probe is a query without grouping over the same input, with two columns:
 *
 *	at	the record's window: the key itself; NULL when WHERE drops
 *		the record
 *	reach	the window of (time - lateness): a window function never
 *		decreases, so the greatest reach so far is the first window
 *		that is not closed
 *
 * A time that is a plain field counts for every record, whatever WHERE says;
 * one that is computed only for records that pass, since it may fail for
 * others.
 */
#include "view/window_internal.h"

#include <string.h>

#include "view/regroup.h"

static bool
is_window(const struct lam_expr *x)
{
	return x->kind == LAM_X_CALL && x->nargs >= 2 &&
		(x->fn == LAM_FN_DATE_TRUNC || x->fn == LAM_FN_TIME_BUCKET);
}

static int
check_query(struct live *l, struct lam_error *e)
{
	const struct lam_query *q = l->query;
	uint32_t found = 0;

	if (!q->from_stdin && !q->from_file)
		return lam_fail(e, LAM_USAGE, "%s: a live query reads FROM "
			"stdin or FROM 'path'", q->from);
	if (q->from_file && l->w->nfiles)
		return lam_fail(e, LAM_USAGE, "files are given, and FROM "
			"'%s' too: write FROM stdin to read the files given",
			q->from);
	for (uint32_t k = 0; q->grouped && k < q->nkeys; k++)
		if (is_window(q->key[k])) {
			l->window = k;
			found++;
		}
	if (found != 1)
		return lam_fail(e, LAM_USAGE, "a live query is grouped by one "
			"window, time_bucket(interval '10 seconds', TIME) or "
			"date_trunc('minute', TIME): this one has %s",
			found ? "more than one" : "none");
	if (q->distinct || q->limit != UINT64_MAX || q->offset)
		return lam_fail(e, LAM_USAGE, "DISTINCT and LIMIT need all "
			"rows, and a live query never has them all: drop "
			"them");
	return LAM_OK;
}

/* X, or NULL for records that WHERE drops. */
static struct lam_expr *
when_passing(struct live *l, struct lam_expr *x)
{
	struct lam_expr *c = LAM_ARENA_NEW(&l->arena, struct lam_expr, 1);

	if (!x || !c || !l->query->where)
		return x;
	c->kind = LAM_X_CASE;
	c->type = x->type;
	c->source = x->source;
	c->line = x->line;
	c->column = x->column;
	c->nargs = 2;
	c->arg = LAM_ARENA_NEW(&l->arena, struct lam_expr *, 2);
	if (!c->arg)
		return NULL;
	c->arg[0] = lam_expr_copy(l->query->where, &l->arena);
	c->arg[1] = x;
	return c->arg[0] ? c : NULL;
}

static struct lam_expr *
make_reach(struct live *l)
{
	struct lam_expr *x = lam_expr_copy(l->query->key[l->window],
		&l->arena);
	struct lam_expr *by, *less;
	bool field;

	if (!x)
		return NULL;
	field = x->arg[1]->kind == LAM_X_FIELD;
	if (l->w->lateness) {
		by = lam_expr_time(l->w->lateness, &l->arena);
		less = lam_expr_call(LAM_FN_TIME_SUB, LAM_TIME, 2,
			(struct lam_expr *[]){ x->arg[1], by }, &l->arena);
		if (!less)
			return NULL;
		x->arg[1] = less;
	}
	return field ? x : when_passing(l, x);
}

static int
make_probe(struct live *l, struct lam_error *e)
{
	struct lam_query *p = LAM_ARENA_NEW(&l->arena, struct lam_query, 1);
	struct lam_output *o = LAM_ARENA_NEW(&l->arena, struct lam_output, 2);

	if (!p || !o)
		return lam_fail_mem(e);
	*p = *l->query;
	p->grouped = false;
	p->where = NULL;
	p->nkeys = p->nstates = p->norder = 0;
	p->having = NULL;
	p->output = o;
	p->noutputs = 2;
	o[0].name = "at";
	o[0].expr = when_passing(l, lam_expr_copy(l->query->key[l->window],
		&l->arena));
	o[1].name = "reach";
	o[1].expr = make_reach(l);
	l->probe = p;
	return o[0].expr && o[1].expr ? LAM_OK : lam_fail_mem(e);
}

static int
find(void *state, const struct lam_query *q, struct lam_relation *out,
	struct lam_error *e)
{
	struct live *l = state;
	const char *path = q->from_file ? q->from : "-";
	const char *const *file = l->w->nfiles ? l->w->file : &path;
	size_t n = l->w->nfiles ? l->w->nfiles : 1;
	int rc;

	l->query = NULL;
	if (!q->from_stdin && !q->from_file)
		return lam_fail(e, LAM_USAGE, "%s: a live query reads FROM "
			"stdin or FROM 'path'", q->from);
	rc = lam_adhoc_open(&l->input, file, n, &l->w->adhoc, e);
	return rc ? rc : lam_schema_relation(lam_adhoc_schema(l->input),
		q->from, &l->arena, out, e);
}

int
lam_window_bind(struct live *l, struct lam_error *e)
{
	struct lam_catalog catalog = { l, find };
	int rc;

	rc = lam_query_bind(l->w->sql, "query", false, &catalog, &l->arena,
		&l->query, e);
	rc = lam_adhoc_bound(l->input, rc, e);
	if (!rc)
		rc = check_query(l, e);
	if (!rc)
		rc = make_probe(l, e);
	return rc;
}
