/*
 * fn_span.c - intervals made, taken apart, and added to times
 *
 * An argument that is an interval is its number (time/span.h).  What is beyond the
 * bounds of that is a fault of its row.
 */
#include "fn/fn.h"

#include <string.h>

#include "fn/fn_make.h"
#include "time/interval.h"
#include "time/span.h"

static int64_t
time_at(const struct lam_reader *r, uint32_t i)
{
	return r->v->i64[i * r->step];
}

/* From the second time to the first, in days and a time. */
static struct lam_span
between(const struct lam_reader *r, uint32_t i)
{
	lam_i128 ns = (lam_i128)time_at(&r[0], i) - time_at(&r[1], i);

	return (struct lam_span){ 0, (int64_t)(ns / LAM_DAY_NS),
		ns % LAM_DAY_NS };
}

static lam_i128
part(unsigned unit, const struct lam_span *s)
{
	const lam_i128 minute = s->ns % (60 * LAM_NS);

	switch (unit) {
	case LAM_NANOSECOND:
		return minute;
	case LAM_MICROSECOND:
		return minute / 1000;
	case LAM_MILLISECOND:
		return minute / 1000000;
	case LAM_SECOND:
		return minute / LAM_NS;
	case LAM_MINUTE:
		return s->ns / (60 * LAM_NS) % 60;
	case LAM_HOUR:
		return s->ns / (3600 * LAM_NS);
	case LAM_DAY:
		return s->days;
	case LAM_MONTH:
		return s->months % 12;
	case LAM_QUARTER:
		return s->months % 12 / 3 + 1;
	case LAM_YEAR:
		return s->months / 12;
	case LAM_DECADE:
		return s->months / 120;
	default:
		return s->months / 1200;
	}
}

/* What the call makes of the interval at row I of R. */
static bool
of_span(const struct lam_call *c, const struct lam_reader *r, uint32_t i,
	struct lam_num *out)
{
	bool turned = c->x->fn == LAM_FN_SPAN_TIMES;
	struct lam_span s;

	if (!lam_span_of(lam_num_at(&r[turned], i), &s))
		return false;
	switch (c->x->fn) {
	case LAM_FN_EPOCH_SPAN:
		*out = lam_span_epoch(&s);
		return true;
	case LAM_FN_SPAN_SECONDS:
		*out = lam_span_seconds(lam_num_at(r, i));
		return true;
	case LAM_FN_SPAN_PART:
		*out = (struct lam_num){ part(c->plan->unit, &s), 0 };
		return true;
	default:
		return lam_span_scale(&s, lam_num_at(&r[!turned], i),
			c->x->fn == LAM_FN_SPAN_DIV, &s) &&
			lam_span_num(&s, out);
	}
}

static bool
number(const struct lam_call *c, const struct lam_reader *r, uint32_t i,
	struct lam_num *out)
{
	struct lam_span s;

	switch (c->x->fn) {
	case LAM_FN_SPAN_BETWEEN:
		s = between(r, i);
		return lam_span_num(&s, out);
	case LAM_FN_AGE:
		s = lam_span_age(time_at(&r[0], i), time_at(&r[1], i));
		return lam_span_num(&s, out);
	case LAM_FN_TO_SPAN:
	case LAM_FN_TRY_SPAN:
		return lam_interval_parse(lam_str_at(r, i), &s) &&
			lam_span_num(&s, out);
	default:
		return of_span(c, r, i, out);
	}
}

/* Division by 0 gives NULL, and try_cast of what is none; others are faults. */
static bool
quiet(const struct lam_call *c, const struct lam_reader *r, uint32_t i)
{
	return c->x->fn == LAM_FN_TRY_SPAN || (c->x->fn == LAM_FN_SPAN_DIV &&
		lam_num_at(&r[1], i).m == 0);
}

static bool
compute(const struct lam_call *c, const struct lam_reader *r, uint32_t i,
	struct lam_num *out, bool *null)
{
	if (number(c, r, i, out))
		return true;
	*null = quiet(c, r, i);
	return *null;
}

int
lam_fn_span(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_compute_numbers(c, arg, nargs, compute, out);
}

static bool
add(const struct lam_call *c, const struct lam_reader *r, uint32_t i,
	int64_t *out, bool *null)
{
	struct lam_span s;

	(void)null;
	return lam_span_of(lam_num_at(&r[1], i), &s) && lam_span_add(
		time_at(&r[0], i), &s, c->x->fn == LAM_FN_SPAN_MINUS, out);
}

/* A time and an interval. */
int
lam_fn_span_add(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	return lam_compute_times(c, arg, nargs, add, out);
}

enum lam_made
lam_make_span(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	char text[LAM_SPAN_TEXT];
	struct lam_span s;

	if (!lam_span_of(lam_num_at(r, i), &s))
		return LAM_MADE_FAULT;
	lam_buf_put(b, text, lam_span_print(&s, text));
	return LAM_MADE_TEXT;
}
