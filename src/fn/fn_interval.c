/*
 * fn_interval.c - time +/- interval, date_diff, date_sub, epoch
 *
 * A fixed span moves the base of a FOR vector and touches no row.  Calendar months
 * come first, then the fixed part, as in DuckDB and PostgreSQL.  An instant
 * as seconds since 1970 is the same integer at scale 9: no row is touched either.
 */
#include "fn/fn.h"

#include <limits.h>

static bool
add_row(const struct lam_plan *p, int64_t from, int64_t *to)
{
	int64_t t = from;

	return (!p->months || lam_time_add_months(t, p->months, &t)) &&
		!__builtin_add_overflow(t, p->ns, to);
}

int
lam_fn_time_add(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	struct lam_reader r;
	int rc;

	(void)nargs;
	if (arg->rep == LAM_FOR && !c->plan->months) {
		lam_i128 from = (lam_i128)arg->base + c->plan->ns;
		lam_i128 last = from + (lam_i128)arg->mult * arg->max;

		*out = *arg;
		out->base = (int64_t)from;
		if (from == (int64_t)from && last == (int64_t)last)
			return LAM_OK;
	}
	rc = lam_read(c, arg, &r);
	return rc ? rc : lam_time_rows(c, r.v, add_row, out);
}

/* Whole units before T, for units of varying length. */
static int64_t
calendar_index(int64_t t, enum lam_unit u)
{
	struct lam_civil c;

	lam_civil_from_ns(t, &c);
	switch (u) {
	case LAM_MONTH:
		return (int64_t)c.year * 12 + c.month - 1;
	case LAM_QUARTER:
		return (int64_t)c.year * 4 + (c.month - 1) / 3;
	case LAM_YEAR:
		return c.year;
	case LAM_DECADE:
		return c.year / 10;
	default:
		return c.year / 100;
	}
}

/*
 * Boundaries of the unit between A and B; for weeks, as in DuckDB, whole seven
 * days between the dates instead of Mondays passed.
 */
static int64_t
diff(int64_t a, int64_t b, const struct lam_plan *p)
{
	bool week = p->unit == LAM_WEEK;
	int64_t width = week ? LAM_DAY_NS : p->width, d;

	if (p->months)
		return calendar_index(b, (enum lam_unit)p->unit) -
			calendar_index(a, (enum lam_unit)p->unit);
	/* Two int64 quotients: only nanoseconds can overflow, see below. */
	d = (int64_t)(lam_floor_div(b, width) - lam_floor_div(a, width));
	return week ? d / 7 : d;
}

/* Whole units from A to B, as DuckDB's date_sub has them: a month is whole when adding
 * it to A, clipped to the end of the month, does not pass B. */
static int64_t
whole_units(int64_t a, int64_t b, const struct lam_plan *p)
{
	int64_t n, at;

	if (a > b)
		return -whole_units(b, a, p);
	if (!p->months)
		return (int64_t)(((lam_i128)b - a) / p->width);
	n = calendar_index(b, LAM_MONTH) - calendar_index(a, LAM_MONTH);
	if (!lam_time_add_months(a, n, &at) || at > b)
		n--;
	return n / p->months;
}

int
lam_fn_time_diff(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	struct lam_reader r[2];
	uint8_t *none;
	int64_t *to, over;
	int rc;

	if ((rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		int64_t a = r[0].v->i64[i * r[0].step];
		int64_t b = r[1].v->i64[i * r[1].step];

		to[i] = 0;
		if (none[i])
			continue;
		none[i] = c->plan->width == 1 &&
			__builtin_sub_overflow(b, a, &over);
		if (!none[i])
			to[i] = c->x->fn == LAM_FN_DATE_SUB ? whole_units(a, b,
				c->plan) : diff(a, b, c->plan);
		else if ((rc = lam_fault(c, i)))
			return rc;
	}
	lam_out_flat(c, LAM_NUMBER, to, none, out);
	return LAM_OK;
}

/* Fewer decimals for a FOR vector whose values have none. */
static void
drop_zeros(struct lam_vec *v)
{
	while (v->rep == LAM_FOR && v->scale > 0 && v->base % 10 == 0 &&
		v->mult % 10 == 0) {
		v->base /= 10;
		v->mult /= 10;
		v->scale--;
	}
}

static int
epoch_ms(struct lam_call *c, const struct lam_vec *arg, struct lam_vec *out)
{
	const int64_t ms = LAM_NS / 1000;
	struct lam_reader r;
	bool done = false;
	int64_t *to;
	int rc;

	if (arg->rep == LAM_FOR &&
	    (rc = lam_time_buckets(c, arg, ms, 0, out, &done)))
		return rc;
	/* A whole number of milliseconds each. */
	if (done && out->rep == LAM_FOR) {
		out->type = LAM_NUMBER;
		out->base /= ms;
		out->mult /= ms;
		return LAM_OK;
	}
	if ((rc = lam_read(c, arg, &r)) || (rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		to[i] = r.v->i64[i] / ms - (r.v->i64[i] % ms < 0);
	lam_out_flat(c, LAM_NUMBER, to, r.v->null, out);
	return LAM_OK;
}

int
lam_fn_epoch(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	(void)nargs;
	if (c->x->fn == LAM_FN_EPOCH_MS)
		return epoch_ms(c, arg, out);
	*out = *arg;
	out->type = LAM_NUMBER;
	out->scale = 9;
	drop_zeros(out);
	return LAM_OK;
}
