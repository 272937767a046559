/*
 * fn_extract.c - date_part: hour, day of week, month, ... of an instant
 *
 * Times are first cut to buckets of one day, or of the part's own unit when
 * that is shorter: a cheap step (fn_time.c) that leaves small bucket numbers.
 * Periodic parts are then the bucket number modulo the period, in 32 bits;
 * calendar parts a table with one entry per day of the block.  Both give FOR
 * vectors with a small domain, which grouping is fast with.  Times that
 * do not fit, because they are centuries apart, go row by row.
 *
 * As in DuckDB, milliseconds and below include the seconds of the minute; week is
 * the ISO 8601 week.
 */
#include "fn/fn.h"

#include <string.h>

#define TABLE_MAX 65536 /* days */

struct periodic {
	int64_t width;	 /* ns of a step */
	int64_t origin;	 /* of step 0 */
	uint32_t period; /* steps */
	uint32_t add;	 /* to the result */
};

/* Day 0 of a Sunday week is 1970-01-04, of a Monday week 1970-01-05. */
static bool
periodic(unsigned part, struct periodic *p)
{
	switch (part) {
	case LAM_NANOSECOND: /* 6 * 10^10 steps are too many for 32 bits */
		return false;
	case LAM_MICROSECOND:
		*p = (struct periodic){ 1000, 0, 60000000, 0 };
		return true;
	case LAM_MILLISECOND:
		*p = (struct periodic){ LAM_NS / 1000, 0, 60000, 0 };
		return true;
	case LAM_SECOND:
		*p = (struct periodic){ LAM_NS, 0, 60, 0 };
		return true;
	case LAM_MINUTE:
		*p = (struct periodic){ 60 * LAM_NS, 0, 60, 0 };
		return true;
	case LAM_HOUR:
		*p = (struct periodic){ 3600 * LAM_NS, 0, 24, 0 };
		return true;
	case LAM_PART_DOW:
		*p = (struct periodic){ LAM_DAY_NS, 3 * LAM_DAY_NS, 7, 0 };
		return true;
	case LAM_PART_ISODOW:
		*p = (struct periodic){ LAM_DAY_NS, 4 * LAM_DAY_NS, 7, 1 };
		return true;
	default:
		return false;
	}
}

/* ISO 8601: the week that holds the Thursday, counted from January; *OF: its year. */
static int
iso_week(const struct lam_civil *c, int *of)
{
	int monday = (c->weekday + 6) % 7; /* days since */
	int thursday = c->yearday - monday + 3;
	int year = c->year, days;

	*of = year;
	if (thursday < 1) {
		*of = --year;
		days = 365 + ((year % 4 == 0 && year % 100) || year % 400 == 0);
		return (thursday + days - 1) / 7 + 1;
	}
	days = 365 + ((year % 4 == 0 && year % 100) || year % 400 == 0);
	*of += thursday > days;
	return thursday > days ? 1 : (thursday - 1) / 7 + 1;
}

static int64_t
part_of(unsigned part, int64_t t)
{
	struct lam_civil c;
	int year;

	lam_civil_from_ns(t, &c);
	switch (part) {
	case LAM_NANOSECOND:
		return c.second * LAM_NS + c.nanosecond;
	case LAM_MICROSECOND:
		return c.second * INT64_C(1000000) + c.nanosecond / 1000;
	case LAM_MILLISECOND:
		return c.second * 1000 + c.nanosecond / 1000000;
	case LAM_SECOND:
		return c.second;
	case LAM_MINUTE:
		return c.minute;
	case LAM_HOUR:
		return c.hour;
	case LAM_DAY:
		return c.day;
	case LAM_WEEK:
		return iso_week(&c, &year);
	case LAM_MONTH:
		return c.month;
	case LAM_QUARTER:
		return (c.month - 1) / 3 + 1;
	case LAM_YEAR:
		return c.year;
	case LAM_DECADE:
		return c.year / 10;
	case LAM_CENTURY:
		return (c.year - 1) / 100 + 1;
	case LAM_PART_DOW:
		return c.weekday;
	case LAM_PART_ISODOW:
		return (c.weekday + 6) % 7 + 1;
	case LAM_PART_ISOYEAR:
		iso_week(&c, &year);
		return year;
	case LAM_PART_YEARWEEK:
		return iso_week(&c, &year) + INT64_C(100) * year;
	case LAM_PART_MILLENNIUM:
		return (c.year - 1) / 1000 + 1;
	default:
		return c.yearday;
	}
}

int
lam_part_prepare(struct lam_expr *x, struct lam_plan *p, struct lam_error *e)
{
	uint32_t part = x->arg[0]->index;

	if (part >= LAM_UNITS && (part < LAM_PART_DOW ||
	    part > LAM_PART_MILLENNIUM))
		return lam_fail_at(e, x, "date_part does not take this unit");
	if (x->fn == LAM_FN_SPAN_PART && (part >= LAM_UNITS ||
		part == LAM_WEEK))
		return lam_fail_at(e, x, "an interval has no such part: its "
			"units are year, month, day, hour, minute, second and "
			"epoch");
	p->unit = (uint8_t)part;
	p->first = p->count = 1;
	return LAM_OK;
}

static int
by_row(struct lam_call *c, const struct lam_vec *v, struct lam_vec *out)
{
	struct lam_reader r;
	int64_t *to;
	int rc;

	if ((rc = lam_read(c, v, &r)) || (rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		to[i] = part_of(c->plan->unit, r.v->i64[i * r.step]);
	lam_out_flat(c, LAM_NUMBER, to, r.v->null, out);
	return LAM_OK;
}

LAM_HOT static void
modulo(const uint32_t *v, const uint32_t *q, uint32_t phase, uint32_t period,
	uint32_t *restrict to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = v[i] + phase - q[i] * period;
}

/* B: FOR, one unit of u32 per step. */
static int
by_period(struct lam_call *c, const struct lam_vec *b,
	const struct periodic *p, struct lam_vec *out)
{
	lam_i128 first = lam_floor_div((lam_i128)b->base - p->origin, p->width);
	uint32_t phase, *q, *to;
	int rc;

	phase = (uint32_t)(first - lam_floor_div(first, p->period) * p->period);
	if ((rc = lam_room(c, sizeof *q, &q)) ||
	    (rc = lam_room(c, sizeof *to, &to)))
		return rc;
	lam_div_u32(b->u32, c->n, b->max, phase, p->period, q);
	modulo(b->u32, q, phase, p->period, to, c->n);
	*out = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FOR, .n = c->n,
		.null = b->null, .u32 = to, .base = p->add, .mult = 1,
		.max = p->period - 1 };
	return LAM_OK;
}

/* B: FOR, one unit of u32 per day, few days. */
static int
by_table(struct lam_call *c, const struct lam_vec *b, struct lam_vec *out)
{
	int64_t min = INT64_MAX, max = INT64_MIN;
	uint32_t *table, *to;
	int rc;

	table = lam_arena_alloc(c->arena, (b->max + 1) * sizeof *table);
	if (!table)
		return lam_fail_mem(c->e);
	if ((rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i <= b->max; i++) {
		int64_t v = part_of(c->plan->unit, b->base + b->mult * i);

		min = v < min ? v : min;
		max = v > max ? v : max;
		table[i] = (uint32_t)v;
	}
	for (uint32_t i = 0; i < c->n; i++)
		to[i] = table[b->u32[i]] - (uint32_t)min;
	*out = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FOR, .n = c->n,
		.null = b->null, .u32 = to, .base = min, .mult = 1,
		.max = (uint32_t)(max - min) };
	return LAM_OK;
}

/* All rows lie in one day, hour, ... */
static int
one_part(struct lam_call *c, const struct lam_vec *flat, struct lam_vec *out)
{
	struct lam_call once = *c;
	struct lam_vec *v = LAM_ARENA_NEW(c->arena, struct lam_vec, 1);
	int rc;

	if (!v)
		return lam_fail_mem(c->e);
	once.n = 1;
	if ((rc = by_row(&once, flat, v)))
		return rc;
	lam_out_const(v, c->n, out);
	return LAM_OK;
}

int
lam_fn_part(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct periodic p = { LAM_DAY_NS, 0, 0, 0 };
	bool repeats = periodic(c->plan->unit, &p);
	struct lam_vec b;
	bool done;
	int rc;

	(void)nargs;
	if (c->plan->unit == LAM_NANOSECOND || c->n < 16)
		return by_row(c, arg, out);
	if ((rc = lam_time_buckets(c, arg, p.width, 0, &b, &done)))
		return rc;
	if (!done)
		return by_row(c, arg, out);
	if (b.rep == LAM_CONST)
		return one_part(c, b.dict, out);
	if (b.rep == LAM_FOR && b.mult == p.width && repeats &&
	    b.max <= UINT32_MAX - p.period)
		return by_period(c, &b, &p, out);
	if (b.rep == LAM_FOR && !repeats && b.max < TABLE_MAX &&
	    b.max < 4 * c->n)
		return by_table(c, &b, out);
	return by_row(c, arg, out);
}
