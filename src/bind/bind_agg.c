/*
 * bind_agg.c - aggregates to states and finals
 *
 * A state is known by its label, the canonical text of what it accumulates, so
 * two aggregates that need the same state share it: avg(x) uses the states of
 * sum(x) and count(x), all quantiles of one x use one.  The text does not say of
 * which relation a column is, nor what a sub-query asks, so these are compared.
 */
#include "bind/bind_internal.h"

#include <string.h>

#include "sql/print.h"

int64_t
lam_bind_state(struct lam_bind *b, const struct lam_state *s,
	const struct lam_ast *at)
{
	struct lam_query *q = b->q;
	struct lam_state *grown;
	uint32_t most = b->as_view ? LAM_VIEW_OUTPUTS : LAM_SQL_OUTPUTS;
	uint32_t cap = b->states_cap;

	if (q->nstates >= most) {
		lam_sql_fail(&b->sql, at->line, at->column,
			"more than %u aggregates", most);
		return -1;
	}
	if (q->nstates == cap) {
		cap = cap * 2 + 4;
		grown = LAM_ARENA_NEW(b->sql.arena, struct lam_state, cap);
		if (grown == NULL) {
			lam_fail_mem(b->sql.e);
			return -1;
		}
		if (q->nstates > 0)
			memcpy(grown, q->state, q->nstates * sizeof *grown);
		q->state = grown;
		b->states_cap = cap;
	}
	q->state[q->nstates] = *s;
	return q->nstates++;
}

static const char *
label(struct lam_bind *b, const struct lam_ast *a, const char *name)
{
	struct lam_buf out = LAM_BUF_INIT;
	char *t = NULL;
	/* What is asked of a state is no part of it. */
	uint32_t n = lam_agg_constant((enum lam_agg)a->agg);
	struct lam_ast bare = *a;

	if (n == 0 || n == 2)
		n = a->nargs - lam_ast_has_row(a); /* k is one of them */
	if (lam_aggregate[a->agg].state == LAM_DISTINCT)
		bare.text.n = 0;

	lam_print_agg(&bare, name, n, &out);
	if (lam_buf_check(&out, b->sql.e) == LAM_OK)
		t = lam_arena_dup(b->sql.arena, out.p, out.n);
	if (t == NULL)
		lam_fail_mem(b->sql.e);
	lam_buf_release(&out);
	return t;
}

/* Components and their types, from the kind and the arguments. */
static void
set_components(struct lam_state *s)
{
	uint8_t value = s->arg[0] != NULL ? s->arg[0]->type : LAM_NUMBER;

	s->ncomponents = 1;
	switch (s->kind) {
	case LAM_COUNT:
	case LAM_BIT_AND:
	case LAM_BIT_OR:
	case LAM_BIT_XOR:
		s->type[0] = LAM_NUMBER;
		return;
	case LAM_SUM:
		s->ncomponents = 2;
		s->type[0] = LAM_NUMBER;
		s->type[1] = LAM_TEXT;
		return;
	case LAM_MIN:
	case LAM_MAX:
		s->type[0] = value;
		return;
	case LAM_ARGMIN:
	case LAM_ARGMAX:
		s->ncomponents = 2;
		s->type[0] = s->arg[1]->type;
		s->type[1] = value;
		return;
	case LAM_FIRST:
	case LAM_LAST:
		s->ncomponents = 2;
		s->type[0] = LAM_NUMBER;
		s->type[1] = value;
		return;
	default:
		s->value = value;
		s->type[0] = LAM_TEXT;
	}
}

/* The type of a final F over a state of KIND and X; NULL: of no argument. */
static enum lam_type
final_type(enum lam_final f, enum lam_state_kind kind, const struct lam_expr *x)
{
	switch (f) {
	case LAM_FINAL_VALUE:
		return x == NULL || kind == LAM_COUNT ? LAM_NUMBER :
			(enum lam_type)x->type;
	case LAM_FINAL_CONT:
	case LAM_FINAL_DISC:
	case LAM_FINAL_MODE:
		return (enum lam_type)x->type;
	case LAM_FINAL_HISTOGRAM:
	case LAM_FINAL_TOP:
	case LAM_FINAL_LEAST:
	case LAM_FINAL_GREATEST:
	case LAM_FINAL_JOIN:
	case LAM_FINAL_LIST:
		return LAM_TEXT;
	default:
		return LAM_NUMBER;
	}
}

/* Does F of X give lists, and of what? */
static uint8_t
final_list(enum lam_final f, const struct lam_expr *x)
{
	switch (f) {
	case LAM_FINAL_TOP:
	case LAM_FINAL_LEAST:
	case LAM_FINAL_GREATEST:
	case LAM_FINAL_LIST:
		return (uint8_t)(LAM_LIST_OF + x->type);
	case LAM_FINAL_VALUE:
	case LAM_FINAL_MODE:
	case LAM_FINAL_SUM:
	case LAM_FINAL_SUM_OF:
	case LAM_FINAL_DISC:
		return x == NULL ? 0 : x->list;
	default:
		return 0;
	}
}

/* What a LIST keeps and in which order: by the row of ORDER BY, or of K by X[1]. */
static bool
set_list(struct lam_bind *b, const struct lam_ast *a,
	struct lam_expr *const *x, struct lam_state *s)
{
	bool k = a->agg == LAM_AGG_ARG_MIN_K || a->agg == LAM_AGG_ARG_MAX_K;
	struct lam_expr *const *key = k ? x + 1 : x[a->nargs - 1]->arg;
	struct lam_list_order *order;

	s->placed = !k;
	s->nulls = a->agg == LAM_AGG_ARRAY_AGG;
	s->norder = k ? 1 : (uint32_t)a->text.n;
	order = LAM_ARENA_NEW(b->sql.arena, struct lam_list_order,
		s->norder + 1);
	if (order == NULL)
		return !lam_fail_mem(b->sql.e);
	s->order = order;
	for (uint32_t i = 0; i < s->norder; i++) {
		char flag = k ? (a->agg == LAM_AGG_ARG_MAX_K ? 'd' : 'a') :
			a->text.p[i];

		order[i] = (struct lam_list_order){ key[i]->type,
			flag == 'd' || flag == 'D', flag == 'A' || flag == 'D' };
	}
	if (k) {
		s->limit = (uint64_t)a->arg[2]->num.m;
		s->arg[1] = lam_bind_make(b, a, LAM_FN_TUPLE, LAM_TEXT, 1,
			key);
		return s->arg[1] != NULL;
	}
	s->arg[1] = s->norder > 0 ? x[a->nargs - 1] : NULL;
	return true;
}

/* Are A and B, whose texts are the same, of the same columns and queries? */
static bool
same_columns(const struct lam_expr *a, const struct lam_expr *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->kind != b->kind || a->index != b->index ||
		a->query != b->query || a->nargs != b->nargs)
		return false;
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!same_columns(a->arg[i], b->arg[i]))
			return false;
	return true;
}

static bool
same_state(const struct lam_state *a, const struct lam_state *b)
{
	return a->kind == b->kind && !a->merge &&
		strcmp(a->label, b->label) == 0 &&
		same_columns(a->arg[0], b->arg[0]) &&
		same_columns(a->arg[1], b->arg[1]) &&
		same_columns(a->filter, b->filter);
}

/* The state KIND over the bound arguments X, made or found. */
static int64_t
state_of(struct lam_bind *b, const struct lam_ast *a, enum lam_state_kind kind,
	const char *name, struct lam_expr *const *x, struct lam_expr *filter)
{
	struct lam_state s = { .kind = (uint8_t)kind, .filter = filter };

	s.label = label(b, a, kind == LAM_VALUES ? "histogram" :
		kind == LAM_DISTINCT ? "count" : name);
	if (s.label == NULL)
		return -1;
	s.arg[0] = x[0];
	s.arg[1] = kind == LAM_ARGMIN || kind == LAM_ARGMAX ? x[1] : NULL;
	if (kind == LAM_LIST && !set_list(b, a, x, &s))
		return -1;
	for (uint32_t i = 0; i < b->q->nstates; i++)
		if (same_state(&b->q->state[i], &s))
			return i;
	set_components(&s);
	return lam_bind_state(b, &s, a);
}

static struct lam_expr *
final(struct lam_bind *b, const struct lam_ast *a, int64_t state,
	enum lam_final f, struct lam_expr *const *x)
{
	enum lam_state_kind s = (enum lam_state_kind)
		lam_aggregate[a->agg].state;
	enum lam_type type = final_type(f, s, x[0]);
	struct lam_expr *e = lam_bind_new(b, LAM_X_FINAL, type, a);

	if (e == NULL || state < 0)
		return NULL;
	e->index = (uint32_t)state;
	e->final = (uint8_t)f;
	e->list = s == LAM_COUNT ? 0 : final_list(f, x[0]);
	if (lam_agg_constant((enum lam_agg)a->agg)) {
		e->num = a->arg[lam_agg_constant((enum lam_agg)a->agg)]->num;
		e->text = a->arg[1]->text;
	}
	if (s == LAM_DISTINCT && a->text.n > 0 && (*a->text.p | 32) == 'd')
		e->num.m = -1;
	if (a->agg == LAM_AGG_MEDIAN)
		e->num = (struct lam_num){ 5, 1 };
	return e;
}

/* SUM, of intervals, or by COUNT their average: within bounds, or a fault. */
static struct lam_expr *
span_final(struct lam_bind *b, const struct lam_ast *a, struct lam_expr *sum,
	int64_t count)
{
	struct lam_expr *by = lam_bind_new(b, count < 0 ? LAM_X_CONST :
		LAM_X_FINAL, LAM_NUMBER, a), *e;

	if (by == NULL)
		return NULL;
	by->num = (struct lam_num){ 1, 0 };
	by->index = count < 0 ? 0 : (uint32_t)count;
	e = lam_bind_make(b, a, LAM_FN_SPAN_DIV, LAM_NUMBER, 2,
		(struct lam_expr *[]){ sum, by });
	if (e != NULL)
		e->list = LAM_SPAN;
	return e;
}

/* The aggregate A over the bound arguments X. */
static struct lam_expr *
aggregate(struct lam_bind *b, const struct lam_ast *a,
	struct lam_expr *const *x, struct lam_expr *filter)
{
	enum lam_final f = (enum lam_final)lam_aggregate[a->agg].final;
	bool span = x[0] != NULL && x[0]->list == LAM_SPAN;
	bool avg = f == LAM_FINAL_AVG;
	/* avg(x) is named by its sum here; the count is added below. */
	int64_t count = -1, state = state_of(b, a, (enum lam_state_kind)
		lam_aggregate[a->agg].state, avg ? "sum" :
		lam_aggregate[a->agg].name, x, filter);
	struct lam_expr *e = final(b, a, state, span && avg ? LAM_FINAL_SUM : f,
		x);

	if (e != NULL && avg && (count = state_of(b, a, LAM_COUNT, "count", x,
		filter)) < 0)
		return NULL;
	if (e == NULL || (!avg && !(span && (f == LAM_FINAL_SUM ||
		f == LAM_FINAL_SUM_OF))))
		return e;
	if (span)
		return span_final(b, a, e, count);
	e->index2 = (uint32_t)count;
	return e;
}

/* The second argument of A, a constant. */
static bool
check_constant(struct lam_bind *b, const struct lam_ast *a)
{
	bool part = lam_aggregate[a->agg].final == LAM_FINAL_QUANTILE ||
		lam_aggregate[a->agg].final == LAM_FINAL_CONT ||
		lam_aggregate[a->agg].final == LAM_FINAL_DISC;
	const struct lam_ast *c = a->arg[lam_agg_constant((enum lam_agg)a->agg)];
	bool above = part && lam_aggregate[a->agg].state == LAM_VALUES;
	struct lam_num most = { part ? 1 : INT32_MAX, 0 };
	struct lam_num least = { above ? -1 : !part, 0 };

	if (lam_aggregate[a->agg].final == LAM_FINAL_JOIN)
		return c->kind == LAM_A_STRING || !lam_sql_fail(&b->sql,
			c->line, c->column, "string_agg: expected a constant "
			"text between the values, such as ', '");
	if (c->kind == LAM_A_NUMBER && lam_num_cmp(c->num, least) >= 0 &&
		lam_num_cmp(c->num, most) <= 0 && (part || c->num.scale == 0))
		return true;
	return !lam_sql_fail(&b->sql, c->line, c->column, "%s: expected a "
		"constant %s", lam_aggregate[a->agg].name, part ?
		"from 0 to 1, such as 0.99" : "whole number from 1 on");
}

/* What there is of intervals. */
static bool
takes_spans(const struct lam_ast *a)
{
	enum lam_state_kind s = (enum lam_state_kind)
		lam_aggregate[a->agg].state;

	return s <= LAM_LAST || s == LAM_HLL ||
		a->agg == LAM_AGG_COUNT_DISTINCT ||
		a->agg == LAM_AGG_QUANTILE_DISC;
}

/* Lists have no order, and no list within. */
static bool
check_no_list(struct lam_bind *b, const struct lam_ast *a,
	struct lam_expr *const *x)
{
	uint8_t state = lam_aggregate[a->agg].state;
	bool may = state == LAM_COUNT || state == LAM_HLL ||
		state == LAM_FIRST || state == LAM_LAST ||
		a->agg == LAM_AGG_COUNT_DISTINCT || a->agg == LAM_AGG_MODE ||
		a->agg == LAM_AGG_ARG_MIN || a->agg == LAM_AGG_ARG_MAX;

	for (uint32_t i = 0; i < a->nargs; i++)
		if (x[i]->list == LAM_SPAN && !takes_spans(a))
			return !lam_sql_fail(&b->sql, a->arg[i]->line,
				a->arg[i]->column, "%s takes no interval: "
				"write epoch(x) for its seconds, and "
				"to_seconds(...) around it for an interval",
				lam_aggregate[a->agg].name);
	for (uint32_t i = may; i < a->nargs; i++)
		if (x[i]->list != 0 && x[i]->list != LAM_SPAN)
			return !lam_sql_fail(&b->sql, a->arg[i]->line,
				a->arg[i]->column, "%s takes no list: write "
				"x::VARCHAR for its text, or unnest it, FROM "
				"t, unnest(t.x) AS u(e)",
				lam_aggregate[a->agg].name);
	return true;
}

/* Check the arguments; their number is right. */
static bool
check_arguments(struct lam_bind *b, const struct lam_ast *a,
	struct lam_expr **x)
{
	const char *name = lam_aggregate[a->agg].name;
	char takes = lam_aggregate[a->agg].takes;

	if (lam_agg_constant((enum lam_agg)a->agg) && !check_constant(b, a))
		return false;
	if (!check_no_list(b, a, x))
		return false;
	if (takes == 'm' && x[0]->type != LAM_TIME)
		takes = 'n';
	if (takes == 'n' && x[0]->type == LAM_TIME) {
		lam_sql_fail(&b->sql, a->line, a->column, "%s takes a number, "
			"found a time: write %s(epoch(x)...) for seconds "
			"since 1970", name, name);
		return false;
	}
	if (takes == 'n' && x[0]->type == LAM_BOOL) {
		lam_sql_fail(&b->sql, a->line, a->column, "%s takes a number, "
			"found a boolean: count rows with count(*) FILTER "
			"(WHERE ...)", name);
		return false;
	}
	return takes != 'n' || lam_bind_convert(b, x[0], LAM_NUMBER, a->arg[0],
		name);
}

/* The sums that X is called with, or is, as they are before they are rounded. */
static struct lam_expr *
exact(struct lam_expr *x)
{
	for (uint32_t i = 0; x != NULL && i < x->nargs; i++)
		if (x->arg[i]->kind == LAM_X_FINAL &&
			x->arg[i]->final == LAM_FINAL_SUM) {
			x->arg[i]->final = LAM_FINAL_EXACT;
			x->arg[i]->type = LAM_TEXT;
		}
	return x;
}

struct lam_expr *
lam_bind_agg(struct lam_bind *b, const struct lam_ast *a)
{
	const char *clause = b->clause;
	struct lam_expr *x[3] = { NULL, NULL, NULL }, *filter = NULL;
	bool ok = b->above;
	struct lam_ast *sums;

	if (!ok) {
		lam_sql_fail(&b->sql, a->line, a->column,
			"an aggregate cannot stand within %s", b->clause);
		return NULL;
	}
	if (lam_aggregate[a->agg].sums != NULL) {
		sums = lam_bind_moments(b, a);
		return sums == NULL ? NULL : exact(lam_bind_expr(b, sums));
	}
	b->above = false;
	b->clause = "an aggregate";
	for (uint32_t i = 0; i < a->nargs && ok; i++)
		ok = (x[i] = lam_bind_expr(b, a->arg[i])) != NULL;
	if (ok && a->filter != NULL) {
		filter = lam_bind_condition(b, a->filter, "FILTER");
		ok = filter != NULL;
	}
	b->above = true;
	b->clause = clause;
	if (!ok || !check_arguments(b, a, x))
		return NULL;
	if (x[0] != NULL && x[0]->list == LAM_SPAN && (a->agg ==
		LAM_AGG_COUNT_DISTINCT || a->agg == LAM_AGG_HLL) &&
		(x[0] = lam_bind_span_seconds(b, a->arg[0], x[0])) == NULL)
		return NULL;
	return aggregate(b, a, x, filter);
}
