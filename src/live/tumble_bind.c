/*
 * tumble_bind.c - which key is the window, and a query that computes it
 *
 * The probe is a query without grouping over the same input, with three columns:
 *
 *	at	the record's window: the key itself; NULL when WHERE drops
 *		the record
 *	reach	the window of (time - lateness): a window function never
 *		decreases, so the greatest reach so far is the first window
 *		that is not closed
 *	time	the time itself
 *
 * A time that is a plain field counts for every record, whatever WHERE says;
 * one that is computed only for records that pass, since it may fail for
 * others.
 */
#include "live/tumble_internal.h"

#include <string.h>

#include "time/time.h"
#include "time/unit.h"
#include "sql/regroup.h"

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
	const struct lam_stage *scan = lam_query_scan(q);
	uint32_t found = 0;

	if (!scan->is_stdin && !scan->is_file)
		return lam_fail(e, LAM_USAGE, "%s: a live query reads FROM "
			"stdin or FROM 'path'", scan->name);
	if (scan->is_file && l->w->nfiles)
		return lam_fail(e, LAM_USAGE, "files are given, and FROM "
			"'%s' too: write FROM stdin to read the files given",
			scan->name);
	if (q->hop)
		return lam_fail(e, LAM_USAGE, "hop() is for views and queries: "
			"group a live query by time_bucket(), and add windows "
			"up in the query that reads it");
	if (q->input != scan || q->limit != UINT64_MAX || q->offset)
		return lam_fail(e, LAM_USAGE, "DISTINCT and LIMIT need all "
			"rows, and a live query never has them all: drop "
			"them");
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

static bool
has_plain_time(const struct live *l)
{
	return l->query->key[l->window]->arg[1]->kind == LAM_X_FIELD;
}

static struct lam_expr *
make_time(struct live *l)
{
	struct lam_expr *x = lam_expr_copy(l->query->key[l->window]->arg[1],
		&l->arena);

	return has_plain_time(l) ? x : when_passing(l, x);
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
	field = has_plain_time(l);
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
	struct lam_output *o = LAM_ARENA_NEW(&l->arena, struct lam_output, 3);

	if (!p || !o)
		return lam_fail_mem(e);
	*p = *l->query;
	p->grouped = false;
	p->where = NULL;
	p->nkeys = p->nstates = p->norder = 0;
	p->having = NULL;
	p->output = o;
	p->noutputs = 3;
	o[0].name = "at";
	o[0].expr = when_passing(l, lam_expr_copy(l->query->key[l->window],
		&l->arena));
	o[1].name = "reach";
	o[1].expr = make_reach(l);
	o[2].name = "time";
	o[2].expr = make_time(l);
	l->probe = p;
	return o[0].expr && o[1].expr && o[2].expr ? LAM_OK : lam_fail_mem(e);
}

/* ------------------------------------------------------- windows as numbers */

static void
learn_steps(struct live *l)
{
	static const uint16_t months[LAM_UNITS] = { [LAM_MONTH] = 1,
		[LAM_QUARTER] = 3, [LAM_YEAR] = 12, [LAM_DECADE] = 120,
		[LAM_CENTURY] = 1200 };
	const struct lam_expr *x = l->query->key[l->window];
	const struct lam_expr *by = x->arg[0], *t = x->arg[1];

	if (x->fn == LAM_FN_TIME_BUCKET) {
		l->width = by->time;
		l->months = by->months;
	} else if (by->index < LAM_UNITS) {
		l->width = lam_unit_ns((enum lam_unit)by->index);
		l->months = months[by->index];
	}
	/* A zone's hours, added to a time: the clock is to be shifted too. */
	for (; t->kind == LAM_X_CALL && (t->fn == LAM_FN_TIME_ADD ||
		t->fn == LAM_FN_TIME_SUB); t = t->arg[0])
		l->shift = lam_time_plus(l->shift, t->fn == LAM_FN_TIME_ADD ?
			t->arg[1]->time : -t->arg[1]->time);
}

bool
lam_tumble_next(const struct live *l, int64_t w, int64_t *next)
{
	if (l->months)
		return lam_time_add_months(w, l->months, next);
	return l->width > 0 && !__builtin_add_overflow(w, l->width, next);
}

int64_t
lam_tumble_of(const struct live *l, int64_t w, int64_t t)
{
	int64_t next;

	if (!l->months && l->width > 0)
		return lam_time_bucket(t, l->width, w, &next) ? next : w;
	while (lam_tumble_next(l, w, &next) && next <= t)
		w = next;
	return w;
}

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	struct live *l = state;
	const char *path = scan->is_file ? scan->name : "-";
	const char *const *file = l->w->nfiles ? l->w->file : &path;
	size_t n = l->w->nfiles ? l->w->nfiles : 1;
	int rc;

	l->query = NULL;
	if (!scan->is_stdin && !scan->is_file)
		return lam_fail(e, LAM_USAGE, "%s: a live query reads FROM "
			"stdin or FROM 'path'", scan->name);
	if (l->input)
		return lam_fail(e, LAM_USAGE, "a live query reads one input: "
			"join and put together what several of them print");
	rc = lam_adhoc_open(&l->input, file, n, &l->w->adhoc, e);
	return rc ? rc : lam_schema_relation(lam_adhoc_schema(l->input),
		scan->name, &l->arena, out, e);
}

int
lam_tumble_bind(struct live *l, struct lam_error *e)
{
	bool absent = false;
	struct lam_catalog catalog = { .state = l, .find = find,
		.absent = &absent };
	int rc;

	rc = lam_query_bind(l->w->sql, "query", false, &catalog, &l->arena,
		&l->query, e);
	rc = lam_adhoc_bound(l->input, rc, absent, e);
	if (!rc && l->query->input->kind != LAM_STAGE_SCAN)
		rc = lam_fail(e, LAM_USAGE, "a live query reads its records "
			"itself: put the query within into it, or pipe one "
			"lam-speed into another");
	if (!rc)
		rc = check_query(l, e);
	if (!rc)
		rc = make_probe(l, e);
	if (!rc)
		learn_steps(l);
	return rc;
}
