/*
 * bind_fill.c - a query that has rows for empty buckets of time, too
 *
 *	... WHERE ts >= a AND ts < b AND host = 'x' GROUP BY date_trunc('hour', ts), url
 *
 *	bucket	the only key that cuts times; also one that a view or a query within
 *		cut, whose column is a key here
 *	ends	a and b: conditions of WHERE, joined by AND, on what is cut or on the
 *		bucket, with something that no row changes on the other side
 *	others	SELECT url, min(bucket), max(bucket) ... GROUP BY url
 *
 * The ends are looked for while names are fields and WHERE is whole; the rest is made
 * with the outputs, since the query of the groups may then be one within.
 */
#include <string.h>

#include "bind/bind_internal.h"
#include "sql/regroup.h"
#include "time/time.h"
#include "time/unit.h"

/* An end, as the text has it. */
struct end {
	const struct lam_ast *key; /* NULL: of the rows of a view, its column */
	uint32_t column;
	struct lam_ast *value;
	bool upper, open, bucket;
};

struct lam_bind_fill {
	struct end *end;
	uint32_t n;
	bool done;
};

struct lam_bind_fill *
lam_bind_fill_new(struct lam_bind *b)
{
	return LAM_ARENA_NEW(b->sql.arena, struct lam_bind_fill, 1);
}

/* Is it the same for all rows? */
static bool
steady(const struct lam_ast *a)
{
	bool is = a->kind == LAM_A_QUERY ? a->fn == LAM_USE_VALUE :
		a->kind == LAM_A_CALL || a->kind == LAM_A_STRING ||
		a->kind == LAM_A_NUMBER || a->kind == LAM_A_TIME ||
		a->kind == LAM_A_INTERVAL;

	for (uint32_t i = 0; i < a->nargs && is; i++)
		is = steady(a->arg[i]);
	return is;
}

/* Which argument does the call FN cut?  -1: it cuts no times. */
static int
cuts(unsigned fn)
{
	switch (fn) {
	case LAM_FN_DATE_TRUNC:
	case LAM_FN_TIME_BUCKET:
	case LAM_FN_ZONE_TRUNC:
	case LAM_FN_ZONE_BUCKET:
	case LAM_FN_ZONE_BUCKET_FROM:
	case LAM_FN_BUCKET_FROM:
	case LAM_FN_BUCKET_OFFSET:
		return 1;
	case LAM_FN_TO_DATE:
	case LAM_FN_TRY_DATE:
		return 0;
	default:
		return -1;
	}
}

static bool
add_end(struct lam_bind *b, const struct end *e)
{
	struct lam_bind_fill *f = b->fill;
	struct end *grown = LAM_ARENA_NEW(b->sql.arena, struct end, f->n + 1);

	if (grown == NULL)
		return !lam_fail_mem(b->sql.e);
	if (f->n > 0)
		memcpy(grown, f->end, f->n * sizeof *grown);
	f->end = grown;
	f->end[f->n] = *e;
	f->end[f->n].value = lam_ast_copy(&b->sql, e->value);
	return f->end[f->n++].value != NULL;
}

/* X is what WHERE compares: add what it says of a key. */
static bool
add_of(struct lam_bind *b, const struct lam_ast *x, struct end *e)
{
	bool ok = true;

	for (uint32_t k = 0; k < b->nkeys && ok; k++) {
		const struct lam_ast *key = b->key[k];
		int arg = key->kind == LAM_A_CALL ? cuts(key->fn) : -1;

		e->key = key;
		e->bucket = lam_ast_equal(key, x);
		if (e->bucket || (arg >= 0 && (uint32_t)arg < key->nargs &&
			lam_ast_equal(key->arg[arg], x)))
			ok = add_end(b, e);
	}
	e->key = NULL;
	e->column = x->index;
	e->bucket = true;
	return ok && (b->nkeys > 0 || x->kind != LAM_A_FIELD || add_end(b, e));
}

static bool
add_comparison(struct lam_bind *b, const struct lam_ast *a, bool turned)
{
	bool greater = a->fn == LAM_FN_GE || a->fn == LAM_FN_GT;
	struct end e = { .value = a->arg[!turned],
		.upper = greater == turned,
		.open = a->fn == LAM_FN_GT || a->fn == LAM_FN_LT };
	bool ok;

	if (!steady(e.value))
		return true;
	if (a->fn == LAM_FN_EQ)
		e.upper = false;
	ok = add_of(b, a->arg[turned], &e);
	if (a->fn != LAM_FN_EQ || !ok)
		return ok;
	e.upper = true;
	return add_of(b, a->arg[turned], &e);
}

static bool
add_ends(struct lam_bind *b, const struct lam_ast *a)
{
	bool ok = true;

	if (a->kind == LAM_A_CALL && a->fn == LAM_FN_AND)
		for (uint32_t i = 0; i < a->nargs && ok; i++)
			ok = add_ends(b, a->arg[i]);
	else if (a->kind == LAM_A_CALL && (a->fn == LAM_FN_EQ ||
		(a->fn >= LAM_FN_LT && a->fn <= LAM_FN_GE)))
		ok = add_comparison(b, a, false) && add_comparison(b, a, true);
	return ok;
}

int
lam_bind_fill_ends(struct lam_bind *b, const struct lam_select *s)
{
	if (s->nsets > 0)
		return lam_sql_fail(&b->sql, s->at_group.line,
			s->at_group.column, "empty buckets are filled for one "
			"set of keys: write GROUP BY with all of them");
	if (s->distinct && !b->q->grouped)
		return lam_sql_fail(&b->sql, s->at_distinct.line,
			s->at_distinct.column, "empty buckets are filled among "
			"groups: write GROUP BY instead of DISTINCT");
	return b->where == NULL || add_ends(b, b->where) ? LAM_OK :
		b->sql.e->code;
}

/* The call that cuts times, which X of Q is, perhaps within; NULL: it is none. */
static const struct lam_expr *
bucket_of(const struct lam_query *q, const struct lam_expr *x)
{
	const struct lam_stage *in = q->input;

	if (x->kind == LAM_X_CALL)
		return cuts(x->fn) >= 0 ? x : NULL;
	if (x->kind == LAM_X_KEY)
		return bucket_of(q, q->key[x->index]);
	if (x->kind != LAM_X_FIELD)
		return NULL;
	if (q->view != NULL)
		return x->index < q->view->nkeys ? bucket_of(q->view,
			q->view->key[x->index]) : NULL;
	return in->kind == LAM_STAGE_SELECT ? bucket_of(in->query,
		in->query->output[x->index].expr) : NULL;
}

/*
 * No bucket of X is shorter.  The clock of a zone may be turned by half an hour, and
 * cuts buckets of up to an hour as UTC does.
 */
static int64_t
step_of(const struct lam_expr *x)
{
	const struct lam_expr *by = x->arg[0];
	bool zone = x->fn == LAM_FN_ZONE_TRUNC || x->fn == LAM_FN_ZONE_BUCKET ||
		x->fn == LAM_FN_ZONE_BUCKET_FROM;
	int64_t ns = cuts(x->fn) == 0 ? LAM_DAY_NS : by->type == LAM_TEXT ?
		lam_unit_ns((enum lam_unit)by->index) : by->months ? 0 :
		by->time;

	if (zone && (ns == 0 || ns > 3600 * LAM_NS))
		return 1800 * LAM_NS;
	return ns ? ns : LAM_DAY_NS;
}

/* The call X, of FIELD 0. */
static struct lam_expr *
of_field(struct lam_bind *b, const struct lam_expr *x)
{
	struct lam_expr *c = lam_expr_copy(x, b->sql.arena), *f;
	int at = cuts(x->fn);

	f = lam_expr_field(0, LAM_TIME, b->sql.arena);
	if (c == NULL || f == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	c->arg[at] = f;
	return c;
}

/* Is E an end of key K? */
static bool
is_of(const struct lam_bind *b, const struct end *e, uint32_t k)
{
	const struct lam_expr *x;

	if (e->key != NULL || b->view == NULL)
		return e->key != NULL && k < b->nkeys && b->key[k] == e->key;
	x = b->view->output[e->column].expr;
	return x->kind == LAM_X_KEY && x->index == k;
}

static int
bind_ends(struct lam_bind *b, struct lam_fill *f)
{
	f->end = LAM_ARENA_NEW(b->sql.arena, struct lam_fill_end,
		b->fill->n + 1);
	if (f->end == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < b->fill->n; i++) {
		const struct end *e = &b->fill->end[i];
		struct lam_fill_end *to = &f->end[f->nends];

		if (!is_of(b, e, f->key))
			continue;
		*to = (struct lam_fill_end){ .upper = e->upper,
			.open = e->open, .bucket = e->bucket };
		to->value = lam_bind_expr(b, e->value);
		if (to->value == NULL || !lam_bind_convert(b, to->value,
			LAM_TIME, e->value, "WHERE"))
			return b->sql.e->code;
		f->nends++;
	}
	return LAM_OK;
}

/* MIN or MAX of the bucket X, which is state I. */
static bool
extreme(struct lam_query *m, uint32_t i, const struct lam_expr *x,
	enum lam_state_kind kind)
{
	struct lam_state *s = &m->state[i];
	struct lam_output *o = &m->output[m->noutputs++];

	*s = (struct lam_state){ .kind = (uint8_t)kind, .ncomponents = 1,
		.type = { LAM_TIME }, .label = "end", .column = { "end" } };
	s->arg[0] = lam_expr_copy(x, m->arena);
	o->name = "end";
	o->expr = lam_expr_field(i, LAM_TIME, m->arena);
	if (o->expr != NULL)
		o->expr->kind = LAM_X_FINAL;
	return s->arg[0] != NULL && o->expr != NULL;
}

/* The query of the keys of Q but for K. */
static struct lam_query *
others(const struct lam_query *q, uint32_t k)
{
	struct lam_arena *a = q->arena;
	struct lam_query *m = LAM_ARENA_NEW(a, struct lam_query, 1);

	if (m == NULL)
		return NULL;
	*m = (struct lam_query){ .arena = a, .sql = q->sql,
		.normal = q->normal, .input = q->input, .grouped = true,
		.limit = UINT64_MAX, .nstates = 2 };
	m->key = LAM_ARENA_NEW(a, struct lam_expr *, q->nkeys);
	m->key_name = LAM_ARENA_NEW(a, const char *, q->nkeys);
	m->output = LAM_ARENA_NEW(a, struct lam_output, q->nkeys + 1);
	m->state = LAM_ARENA_NEW(a, struct lam_state, 2);
	m->where = q->where != NULL ? lam_expr_copy(q->where, a) : NULL;
	if (m->key == NULL || m->key_name == NULL || m->output == NULL ||
		m->state == NULL || (q->where != NULL && m->where == NULL))
		return NULL;
	for (uint32_t i = 0; i < q->nkeys; i++) {
		struct lam_output *o = &m->output[m->noutputs];

		if (i == k)
			continue;
		o->name = m->key_name[m->nkeys] = q->key_name[i];
		m->key[m->nkeys] = lam_expr_copy(q->key[i], a);
		o->expr = lam_expr_field(m->nkeys, q->key[i]->type, a);
		if (m->key[m->nkeys++] == NULL || o->expr == NULL)
			return NULL;
		o->expr->kind = LAM_X_KEY;
		m->noutputs++;
	}
	return extreme(m, 0, q->key[k], LAM_MIN) &&
		extreme(m, 1, q->key[k], LAM_MAX) ? m : NULL;
}

/* Which key of B's query is the bucket, made by *X; fails if there is not one. */
static int
find_key(struct lam_bind *b, uint32_t *key, const struct lam_expr **x)
{
	const struct lam_query *q = b->q;
	uint32_t n = 0;

	for (uint32_t k = 0; k < q->nkeys; k++) {
		const struct lam_expr *c = bucket_of(q, q->key[k]);

		if (c == NULL)
			continue;
		if (n++ == 0) {
			*key = k;
			*x = c;
		}
	}
	if (n == 1)
		return LAM_OK;
	return lam_sql_fail(&b->sql, 1, 1, n == 0 ? "no key of GROUP BY is a "
		"bucket of time, so there are no empty ones to fill: group by "
		"date_trunc('hour', ts) or time_bucket(INTERVAL '5 minutes', "
		"ts), or write FROM generate_series(...) LEFT JOIN" :
		"two keys of GROUP BY are buckets of time: to fill the empty "
		"ones, group by one");
}

int
lam_bind_fill(struct lam_bind *b)
{
	struct lam_query *q = b->q;
	const struct lam_expr *x = NULL;
	struct lam_fill *f;
	int rc;

	if (b->fill == NULL || !q->grouped || b->fill->done)
		return LAM_OK;
	b->fill->done = true;
	f = LAM_ARENA_NEW(b->sql.arena, struct lam_fill, 1);
	if (f == NULL)
		return lam_fail_mem(b->sql.e);
	rc = find_key(b, &f->key, &x);
	if (rc != LAM_OK)
		return rc;
	f->source = b->sql.name;
	f->line = q->key[f->key]->line;
	f->column = q->key[f->key]->column;
	f->step = step_of(x);
	f->bucket = of_field(b, x);
	if (f->bucket == NULL)
		return b->sql.e->code;
	f->others = others(q, f->key);
	q->fill = f;
	return f->others == NULL ? lam_fail_mem(b->sql.e) : bind_ends(b, f);
}

int
lam_bind_filled(struct lam_bind *b)
{
	return b->fill == NULL || b->fill->done ? LAM_OK :
		lam_sql_fail(&b->sql, 1, 1, "a query without GROUP BY has no "
			"empty buckets to fill: group by date_trunc('hour', ts) "
			"or the like, or write FROM generate_series(...) LEFT "
			"JOIN");
}
