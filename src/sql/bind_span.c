/*
 * bind_span.c - intervals that are values
 *
 *	constants		INTERVAL '1 day' * 3 is INTERVAL '3 days', while names
 *				are resolved: an interval with its months, if any
 *	time + interval		as it is: months by the calendar
 *	anything else		the number of its seconds, which an interval of months
 *				does not have; compared, it has 30 days
 *	time - time		likewise a number of seconds; of two dates it is days
 *	time + number		the number must be made of intervals; to a date it is
 *				days
 */
#include "sql/bind_internal.h"

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

/* V * BY, or / BY; false: it is not whole. */
static bool
scaled(int64_t v, struct lam_num by, bool divide, int64_t *out)
{
	struct lam_num n = { v, 0 };

	if (!(divide ? lam_num_div(n, by, &n) : lam_num_mul(n, by, &n)))
		return false;
	n = lam_num_normal(n);
	*out = (int64_t)n.m;
	return n.scale == 0 && n.m == *out && *out != INT64_MIN;
}

/* What A, a call, makes of intervals and numbers alone; false: it has others, or the
 * result is none. */
static bool
fold(const struct lam_ast *a, struct lam_interval *out)
{
	const struct lam_ast *x = a->arg[0], *y = a->nargs > 1 ? a->arg[1] : x;
	bool divide = a->fn == LAM_FN_DIV;

	if (a->fn == LAM_FN_MUL && x->kind == LAM_A_NUMBER) {
		y = x;
		x = a->arg[1];
	}
	if (x->kind != LAM_A_INTERVAL)
		return false;
	if ((a->fn == LAM_FN_MUL || divide) && y->kind == LAM_A_NUMBER)
		return scaled(x->months, y->num, divide, &out->months) &&
			scaled(x->time, y->num, divide, &out->ns);
	if (a->fn == LAM_FN_NEG) {
		*out = (struct lam_interval){ -x->months, -x->time };
		return x->months != INT64_MIN && x->time != INT64_MIN;
	}
	if (y->kind != LAM_A_INTERVAL)
		return false;
	if (a->fn == LAM_FN_ADD)
		return !__builtin_add_overflow(x->months, y->months,
			&out->months) && !__builtin_add_overflow(x->time,
			y->time, &out->ns);
	return a->fn == LAM_FN_SUB && !__builtin_sub_overflow(x->months,
		y->months, &out->months) && !__builtin_sub_overflow(x->time,
		y->time, &out->ns);
}

void
lam_bind_fold(struct lam_ast *a)
{
	struct lam_interval v;

	if (a->nargs < 1 || a->nargs > 2 || !fold(a, &v))
		return;
	a->kind = LAM_A_INTERVAL;
	a->months = v.months;
	a->time = v.ns;
	a->fn = 0;
	a->nargs = 0;
}

struct lam_expr *
lam_bind_span(struct lam_bind *b, const struct lam_ast *a, bool compared)
{
	struct lam_expr *x;

	if (a->months != 0 && !compared) {
		lam_sql_fail(&b->sql, a->line, a->column, "an interval of "
			"months has no fixed length, so it can only be added "
			"to a time: write ts + INTERVAL '2 months', or to_days "
			"for so many days");
		return NULL;
	}
	x = lam_bind_new(b, LAM_X_CONST, LAM_NUMBER, a);
	if (x == NULL)
		return NULL;
	x->num = lam_num_normal((struct lam_num){ (lam_i128)a->months * 30 *
		LAM_DAY_NS + a->time, 9 });
	x->span = true;
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
			out->arg[i], false)) == NULL)
			return false;
	return true;
}

bool
lam_bind_span_fits(struct lam_bind *b, const struct lam_ast *a,
	enum lam_fn *fn, struct lam_expr **x)
{
	struct lam_expr *day;

	if (*fn == LAM_FN_SECONDS_BETWEEN && is_date(a->arg[0]) &&
		is_date(a->arg[1]))
		*fn = LAM_FN_DAYS_BETWEEN;
	if ((*fn != LAM_FN_TIME_PLUS && *fn != LAM_FN_TIME_MINUS) ||
		x[1]->span)
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

bool
lam_bind_is_span(const struct lam_expr *x)
{
	switch (x->fn) {
	case LAM_FN_SECONDS_BETWEEN:
		return true;
	case LAM_FN_ADD:
	case LAM_FN_SUB:
	case LAM_FN_COALESCE:
	case LAM_FN_NULLIF:
	case LAM_FN_GREATEST:
	case LAM_FN_LEAST:
		return x->arg[0]->span && x->arg[x->nargs - 1]->span;
	case LAM_FN_MUL:
		return x->arg[0]->span || x->arg[1]->span;
	case LAM_FN_DIV:
		return x->arg[0]->span && !x->arg[1]->span;
	default:
		return (x->fn == LAM_FN_NEG || x->fn == LAM_FN_ABS) &&
			x->arg[0]->span;
	}
}
