/*
 * bind_span.c - intervals that are values
 *
 *	constants		INTERVAL '1 day' * 3 is INTERVAL '3 days', while names
 *				are resolved
 *	time + interval		the interval stays as it is written, for the kernel
 *	anything else		a number that is known to be an interval, LAM_SPAN
 *	comparisons, keys	the seconds, so that 24 hours are 1 day; a group shows
 *				the least of its intervals, of equals that with the
 *				fewest days
 *	time - time		an interval of days and a time; of two dates it is the
 *				number of days
 *	date + number		days
 */
#include "bind/bind_internal.h"

#include "sql/func_internal.h"
#include "time/interval.h"
#include "time/time.h"

/* Is A a date, to the one who wrote it? */
static bool
is_date(const struct lam_ast *a)
{
	return (a->kind == LAM_A_TIME && a->boolean) ||
		(a->kind == LAM_A_CALL && (a->fn == LAM_FN_TO_DATE ||
		a->fn == LAM_FN_TRY_DATE));
}

/* What A, a call, makes of intervals and numbers alone; false: it has others, or the
 * result is none. */
static bool
fold(const struct lam_ast *a, struct lam_span *out)
{
	const struct lam_ast *x = a->arg[0], *y = a->nargs > 1 ? a->arg[1] : x;
	struct lam_span s, t;
	struct lam_num check;

	if (a->fn == LAM_FN_MUL && x->kind == LAM_A_NUMBER) {
		y = x;
		x = a->arg[1];
	}
	if (x->kind != LAM_A_INTERVAL)
		return false;
	s = lam_ast_span(x);
	if ((a->fn == LAM_FN_MUL || a->fn == LAM_FN_DIV) &&
		y->kind == LAM_A_NUMBER)
		return lam_span_scale(&s, y->num, a->fn == LAM_FN_DIV, out) &&
			lam_span_num(out, &check);
	if (a->fn == LAM_FN_NEG) {
		*out = (struct lam_span){ -s.months, -s.days, -s.ns };
		return true;
	}
	if (y->kind != LAM_A_INTERVAL || (a->fn != LAM_FN_ADD &&
		a->fn != LAM_FN_SUB))
		return false;
	t = lam_ast_span(y);
	if (a->fn == LAM_FN_SUB)
		t = (struct lam_span){ -t.months, -t.days, -t.ns };
	*out = (struct lam_span){ s.months + t.months, s.days + t.days,
		s.ns + t.ns };
	return lam_span_num(out, &check);
}

void
lam_bind_fold(struct lam_ast *a)
{
	struct lam_ast made = *a;
	struct lam_span v;

	if (a->nargs < 1 || a->nargs > 2 || !fold(a, &v) ||
		!lam_ast_set_span(&made, &v))
		return;
	*a = made;
	a->fn = 0;
	a->nargs = 0;
}

/* X becomes the constant interval S. */
static bool
set_span(struct lam_expr *x, const struct lam_span *s)
{
	x->type = LAM_NUMBER;
	x->list = LAM_SPAN;
	x->text = (struct lam_str){ NULL, 0 };
	return lam_span_num(s, &x->num);
}

struct lam_expr *
lam_bind_span(struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_expr *x = lam_bind_new(b, LAM_X_CONST, LAM_NUMBER, a);
	struct lam_span s = lam_ast_span(a);

	if (x != NULL)
		set_span(x, &s); /* it was within bounds when it was read */
	return x;
}

bool
lam_bind_sum(struct lam_bind *b, const struct lam_ast *a, struct lam_ast *out,
	struct lam_expr **x)
{
	bool first = a->arg[0]->kind == LAM_A_INTERVAL;
	bool turn = a->fn == LAM_FN_ADD && (first ||
		(x[0]->type == LAM_NUMBER && x[1]->type == LAM_TIME &&
		a->arg[1]->kind != LAM_A_INTERVAL));
	struct lam_expr *swap = x[0];

	out->arg[0] = a->arg[turn];
	out->arg[1] = a->arg[!turn];
	if (turn) {
		x[0] = x[1];
		x[1] = swap;
	}
	for (uint32_t i = 0; i < 2; i++)
		if (out->arg[i]->kind == LAM_A_INTERVAL &&
			x[!i]->type == LAM_NUMBER && (x[i] = lam_bind_span(b,
			out->arg[i])) == NULL)
			return false;
	return true;
}

/* Where it is the difference of times that is left as it is, whose kernel is quick. */
struct lam_expr *
lam_bind_span_seconds(struct lam_bind *b, const struct lam_ast *at,
	struct lam_expr *x)
{
	if (x->kind == LAM_X_CONST || x->fn == LAM_FN_SPAN_BETWEEN) {
		x->list = 0;
		x->num = lam_span_seconds(x->num);
		x->fn = x->fn == LAM_FN_SPAN_BETWEEN ?
			LAM_FN_SECONDS_BETWEEN : x->fn;
		return x;
	}
	return lam_bind_make(b, at, LAM_FN_SPAN_SECONDS, LAM_NUMBER, 1, &x);
}

bool
lam_bind_span_compare(struct lam_bind *b, const struct lam_ast *a,
	struct lam_expr **x)
{
	struct lam_span s;
	bool any = false;

	if (a->fn < LAM_FN_EQ || a->fn > LAM_FN_IN || a->fn == LAM_FN_IS_NULL ||
		a->fn == LAM_FN_IS_NOT_NULL)
		return true;
	for (uint32_t i = 0; i < a->nargs; i++)
		any |= x[i]->list == LAM_SPAN;
	for (uint32_t i = 0; any && i < a->nargs; i++) {
		if (x[i]->kind == LAM_X_CONST && x[i]->type == LAM_TEXT &&
			!x[i]->null && (!lam_interval_parse(x[i]->text, &s) ||
			!set_span(x[i], &s)))
			return !lam_sql_fail(&b->sql, x[i]->line, x[i]->column,
				"expected an interval such as '1 day 04:05:06'");
		if (x[i]->list == LAM_SPAN && (x[i] = lam_bind_span_seconds(
			b, a->arg[i], x[i])) == NULL)
			return false;
	}
	return true;
}

bool
lam_bind_span_fits(struct lam_bind *b, const struct lam_ast *a,
	enum lam_fn *fn, struct lam_expr **x)
{
	struct lam_expr *day;

	if (*fn == LAM_FN_SPAN_BETWEEN && is_date(a->arg[0]) &&
		is_date(a->arg[1]))
		*fn = LAM_FN_DAYS_BETWEEN;
	if (*fn != LAM_FN_TIME_PLUS && *fn != LAM_FN_TIME_MINUS)
		return true;
	if (!is_date(a->arg[0])) {
		lam_sql_fail(&b->sql, a->arg[1]->line, a->arg[1]->column, "a "
			"time and a number do not go together: write ts %s x * "
			"INTERVAL '1 second', or cast ts to date for days",
			*fn == LAM_FN_TIME_PLUS ? "+" : "-");
		return false;
	}
	day = lam_bind_new(b, LAM_X_CONST, LAM_NUMBER, a);
	if (day == NULL)
		return false;
	day->num = (struct lam_num){ 86400, 0 };
	x[1] = lam_bind_convert(b, x[1], LAM_NUMBER, a->arg[1], "+") ?
		lam_bind_make(b, a, LAM_FN_MUL, LAM_NUMBER, 2,
		(struct lam_expr *[]){ x[1], day }) : NULL;
	return x[1] != NULL;
}

struct lam_expr *
lam_bind_span_made(struct lam_bind *b, const struct lam_ast *a,
	struct lam_expr *x)
{
	/* Sums and differences are those of the numbers: time/span.h. */
	if (x->fn == LAM_FN_SPAN_ADD)
		x->fn = LAM_FN_ADD;
	else if (x->fn == LAM_FN_SPAN_SUB)
		x->fn = LAM_FN_SUB;
	else if (x->fn == LAM_FN_SPAN_NEG)
		x->fn = LAM_FN_NEG;
	else if (x->fn == LAM_FN_EPOCH_SPAN &&
		x->arg[0]->fn == LAM_FN_SPAN_BETWEEN)
		return lam_bind_span_seconds(b, a, x->arg[0]); /* which has no months */
	return x;
}

struct lam_expr *
lam_bind_span_text(struct lam_bind *b, const struct lam_ast *at,
	struct lam_expr *x)
{
	return lam_bind_make(b, at, LAM_FN_SPAN_TEXT, LAM_TEXT, 1, &x);
}

struct lam_expr *
lam_bind_span_cast(struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_expr *x = lam_bind_expr(b, a->arg[0]), *c;
	struct lam_span s;

	if (x == NULL || x->list == LAM_SPAN)
		return x;
	if (x->kind == LAM_X_CONST && x->null) {
		x->type = LAM_NUMBER;
		x->list = LAM_SPAN;
		return x;
	}
	if (x->type != LAM_TEXT || x->list != 0) {
		lam_sql_fail(&b->sql, a->line, a->column, "a %s cannot be cast "
			"to an interval: write x * INTERVAL '1 second'",
			lam_list_type_name(x->type, x->list));
		return NULL;
	}
	if (x->kind == LAM_X_CONST && lam_interval_parse(x->text, &s) &&
		set_span(x, &s))
		return x;
	c = lam_bind_make(b, a, (enum lam_fn)a->fn, LAM_NUMBER, 1, &x);
	if (c != NULL)
		c->list = LAM_SPAN;
	return c;
}

bool
lam_bind_span_key(struct lam_bind *b, uint32_t i)
{
	struct lam_expr **key = &b->q->key[i];
	const struct lam_ast *a = b->key[i];

	if ((*key)->list != LAM_SPAN)
		return true;
	if (b->as_view)
		return !lam_sql_fail(&b->sql, a->line, a->column, "an interval "
			"is no key of a view: group by epoch(x), its seconds");
	b->span_key[i] = true;
	*key = lam_bind_span_seconds(b, a, *key);
	return *key != NULL;
}

struct lam_expr *
lam_bind_span_shown(struct lam_bind *b, uint32_t i, const struct lam_ast *at)
{
	struct lam_ast *least = lam_ast_new(&b->sql, LAM_A_AGG, at->line,
		at->column);

	if (least == NULL)
		return NULL;
	least->agg = LAM_AGG_MIN;
	least->arg = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *, 1);
	if (least->arg == NULL)
		return lam_fail_mem(b->sql.e), NULL;
	least->arg[0] = lam_ast_copy(&b->sql, b->key[i]);
	least->nargs = 1;
	return least->arg[0] == NULL || !lam_ast_seal(&b->sql, least) ? NULL :
		lam_bind_agg(b, least);
}
