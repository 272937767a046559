/*
 * fn_calendar.c - times made from numbers and texts, and the seconds between two
 *
 * make_timestamp takes year, month, day, hour, minute and second, of which the second
 * alone may have a fraction, or microseconds since 1970; to_timestamp seconds.  What
 * is no such time is a fault of its row.
 */
#include "fn/fn.h"

#include "time/civil.h"
#include "time/strptime.h"

int
lam_strptime_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_arena *a, struct lam_error *e)
{
	const struct lam_expr *f = x->arg[1];
	struct lam_error why = LAM_ERROR_INIT;

	p->count = f->null ? 2 : 1;
	if (f->null)
		return LAM_OK;
	p->format = (struct lam_str){ lam_arena_dup(a, f->text.p, f->text.n),
		f->text.n };
	if (!p->format.p)
		return lam_fail_mem(e);
	if (lam_strptime_check(p->format.p, "strptime", &why) == LAM_OK)
		return LAM_OK;
	return lam_fail_at(e, x, "%s", why.msg);
}

/* V as a whole number from LEAST to MOST. */
static bool
whole(struct lam_num v, int64_t least, int64_t most, int *out)
{
	v = lam_num_normal(v);
	*out = (int)v.m;
	return v.scale == 0 && v.m >= least && v.m <= most;
}

/* V * 10^SCALE nanoseconds, the nearest: 7 / 60 * 60 is a hair below 7. */
static bool
nanoseconds(struct lam_num v, unsigned scale, int64_t *out)
{
	struct lam_num unit = { lam_pow10[scale], 0 };

	if (!lam_num_mul(v, unit, &v) || !lam_num_round(v, 0, &v))
		return false;
	v = lam_num_normal(v);
	*out = (int64_t)v.m;
	return v.m == *out;
}

static bool
make_timestamp(const struct lam_reader *r, uint32_t i, int64_t *out)
{
	const struct lam_num minute = { 60, 0 };
	struct lam_num seconds = lam_num_at(&r[5], i);
	struct lam_civil c = { .year = 0 };
	int64_t ns;

	if (!whole(lam_num_at(&r[0], i), 0, 9999, &c.year) ||
		!whole(lam_num_at(&r[1], i), 1, 12, &c.month) ||
		!whole(lam_num_at(&r[2], i), 1, lam_month_days(
			(uint32_t)c.year, (uint32_t)c.month), &c.day) ||
		!whole(lam_num_at(&r[3], i), 0, 23, &c.hour) ||
		!whole(lam_num_at(&r[4], i), 0, 59, &c.minute) ||
		seconds.m < 0 || lam_num_cmp(seconds, minute) > 0)
		return false;
	return nanoseconds(seconds, 9, &ns) && lam_civil_to_ns(&c, out) &&
		!__builtin_add_overflow(*out, ns, out);
}

static bool
read_text(const struct lam_plan *p, struct lam_str v, int64_t *out)
{
	char text[LAM_TIME_TEXT];
	size_t n = lam_strptime(p->format.p, v.p, v.n, text);

	return n > 0 && lam_time_parse(text, n, out, NULL);
}

static bool
compute(const struct lam_call *c, const struct lam_reader *r, uint32_t i,
	int64_t *out, bool *null)
{
	switch (c->x->fn) {
	case LAM_FN_MAKE_TIMESTAMP:
		return make_timestamp(r, i, out);
	case LAM_FN_TIMESTAMP_US:
		return nanoseconds(lam_num_at(r, i), 3, out);
	case LAM_FN_TIMESTAMP_MS:
		return nanoseconds(lam_num_at(r, i), 6, out);
	case LAM_FN_TO_TIMESTAMP:
		return nanoseconds(lam_num_at(r, i), 9, out);
	default:
		*null = !read_text(c->plan, lam_str_at(r, i), out);
		return !*null || c->x->fn == LAM_FN_TRY_STRPTIME;
	}
}

int
lam_fn_calendar(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_compute_times(c, arg, nargs, compute, out);
}

/* The seconds from the second to the first; of dates the days. */
int
lam_fn_between(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader r[2];
	const uint8_t *null;
	struct lam_num *v;
	int rc;

	if ((rc = lam_read(c, &arg[0], &r[0])) ||
		(rc = lam_read(c, &arg[1], &r[1])) ||
		(rc = lam_nulls(c, r, nargs, &null)) ||
		(rc = lam_room(c, sizeof *v, &v)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		lam_i128 d = (lam_i128)r[0].v->i64[i * r[0].step] -
			r[1].v->i64[i * r[1].step];

		v[i] = c->x->fn == LAM_FN_DAYS_BETWEEN ?
			(struct lam_num){ d / LAM_DAY_NS, 0 } :
			lam_num_normal((struct lam_num){ d, 9 });
	}
	return lam_out_numbers(c, v, null, out);
}

static bool
add(const struct lam_call *c, const struct lam_reader *r, uint32_t i,
	int64_t *out, bool *null)
{
	struct lam_num v = lam_num_at(&r[1], i);
	int64_t ns;

	(void)null;
	v.m = c->x->fn == LAM_FN_TIME_MINUS ? -v.m : v.m;
	return nanoseconds(v, 9, &ns) && !__builtin_add_overflow(
		r[0].v->i64[i * r[0].step], ns, out);
}

/* A time and some seconds. */
int
lam_fn_plus(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_compute_times(c, arg, nargs, add, out);
}
