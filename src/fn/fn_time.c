/*
 * fn_time.c - date_trunc and time_bucket
 *
 * Buckets of fixed width are where a recompute by minute spends its time.  Let
 * t = base + mult * u, width = k * mult and base = origin + b0 * width + r
 * with 0 <= r < width; then
 *
 *	floor((t - origin) / width) = b0 + (u + r / mult) / k
 *
 * in whole numbers (u is one, so the fraction of r / mult never carries): a
 * 32-bit division by an invariant, two multiplications and shifts per row, eight
 * rows at once with AVX2.  The result is FOR again: mult is the width and
 * u32 the number of the bucket, from 0 to max exactly, so that grouping can
 * address it directly.  When mult is a multiple of width (seconds of a log with
 * whole seconds) only base changes.
 *
 * Flat times (just parsed) get there by their minimum and a 64-bit division of
 * the same kind.  Units of varying length (month, quarter, year) become a
 * DICT of the few starts between the block's first and last instant.
 *
 * Division by invariants: Granlund and Montgomery, "Division by invariant
 * integers using multiplication", 1994, figure 4.1, exact for all inputs.
 */
#include "fn/fn.h"

#include <limits.h>
#include <string.h>

#include "time/unit.h"

#define MONDAY_1970 (4 * LAM_DAY_NS)		 /* 1970-01-05 */
#define MONDAY_2000 (INT64_C(946857600) * LAM_NS) /* 2000-01-03 */
#define STARTS_MAX 60000 /* calendar units in 585 years: at most 7020 */

/* ----------------------------------------------------------- preparation */

static void
prepare_unit(struct lam_expr *x, struct lam_plan *p)
{
	static const uint16_t months[LAM_UNITS] = { [LAM_MONTH] = 1,
		[LAM_QUARTER] = 3, [LAM_YEAR] = 12, [LAM_DECADE] = 120,
		[LAM_CENTURY] = 1200 };

	p->unit = (uint8_t)x->arg[0]->index;
	p->width = lam_unit_ns((enum lam_unit)p->unit);
	p->origin = p->unit == LAM_WEEK ? MONDAY_1970 : 0;
	p->months = months[p->unit];
	p->first = 1;
	p->count = x->nargs - 1;
}

static int
prepare_bucket(struct lam_expr *x, struct lam_plan *p, struct lam_error *e)
{
	const struct lam_expr *i = x->arg[0];

	if (i->months < 0 || i->time < 0 || (i->months == 0 && i->time == 0))
		return lam_fail_at(e, x, "time_bucket needs an interval "
			"greater than 0");
	if (i->months && i->time)
		return lam_fail_at(e, x, "time_bucket takes months or a "
			"fixed time, not both in one interval");
	if (i->months > 12 * 1000)
		return lam_fail_at(e, x, "time_bucket takes at most 1000 years");
	p->months = i->months;
	p->width = i->time;
	p->origin = MONDAY_2000;
	p->unit = LAM_UNITS;
	p->first = p->count = 1;
	return LAM_OK;
}

/* The third argument of time_bucket: a start of one, or how far all are moved. */
static int
prepare_origin(struct lam_expr *x, struct lam_plan *p, struct lam_error *e)
{
	const struct lam_expr *o = x->arg[2];
	struct lam_civil c;

	if (o->kind == LAM_X_CONST && o->null) {
		p->count = 2;
		return LAM_OK;
	}
	if (x->fn != LAM_FN_BUCKET_OFFSET) {
		lam_civil_from_ns(o->time, &c);
		p->anchor = ((int64_t)c.year - 2000) * 12 + c.month - 1;
		p->origin = o->time;
		return LAM_OK;
	}
	if (o->months || o->time > LAM_DAY_NS * 3660 ||
		o->time < -LAM_DAY_NS * 3660)
		return lam_fail_at(e, x, "time_bucket: the offset must be a "
			"fixed time of at most ten years");
	if (p->months)
		p->ns = o->time;
	else
		p->origin += o->time;
	return LAM_OK;
}

static int
prepare_add(struct lam_expr *x, struct lam_plan *p, struct lam_error *e)
{
	const struct lam_expr *i = x->arg[1];
	int sign = x->fn == LAM_FN_TIME_ADD ? 1 : -1;

	if (i->time == INT64_MIN || i->months == INT64_MIN)
		return lam_fail_at(e, x, "interval out of range");
	p->months = sign * i->months;
	p->ns = sign * i->time;
	p->count = 1;
	return LAM_OK;
}

int
lam_time_prepare(struct lam_expr *x, struct lam_plan *p, struct lam_error *e)
{
	bool moved = x->fn == LAM_FN_BUCKET_FROM ||
		x->fn == LAM_FN_ZONE_BUCKET_FROM ||
		x->fn == LAM_FN_BUCKET_OFFSET;

	if (moved || x->fn == LAM_FN_TIME_BUCKET ||
		x->fn == LAM_FN_ZONE_BUCKET) {
		int rc = prepare_bucket(x, p, e);

		return rc || !moved ? rc : prepare_origin(x, p, e);
	}
	if (x->fn == LAM_FN_TIME_ADD || x->fn == LAM_FN_TIME_SUB)
		return prepare_add(x, p, e);
	if (x->arg[0]->index >= LAM_UNITS)
		return lam_fail_at(e, x, "%s does not take this unit",
			lam_func[x->fn].name);
	prepare_unit(x, p);
	return LAM_OK;
}

/* ---------------------------------------------------- division by invariants */

LAM_HOT static void
div32(const uint32_t *v, uint32_t n, uint32_t add, uint32_t m, uint32_t shift,
	uint32_t *restrict q)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t x = v[i] + add;
		uint32_t t = (uint32_t)((uint64_t)x * m >> 32);

		q[i] = (t + ((x - t) >> 1)) >> shift;
	}
}

/* The same when no sum is above INT32_MAX: the magic number fits 32 bits. */
LAM_HOT static void
div31(const uint32_t *v, uint32_t n, uint32_t add, uint32_t m, uint32_t shift,
	uint32_t *restrict q)
{
	for (uint32_t i = 0; i < n; i++)
		q[i] = (uint32_t)((uint64_t)(v[i] + add) * m >> 32) >> shift;
}

void
lam_div_u32(const uint32_t *v, uint32_t n, uint32_t max, uint32_t add,
	uint32_t d, uint32_t *q)
{
	unsigned l = 0;

	while (l < 32 && (UINT64_C(1) << l) < d)
		l++;
	if (l == 0) {
		for (uint32_t i = 0; i < n; i++)
			q[i] = v[i] + add;
		return;
	}
	if ((uint64_t)max + add <= INT32_MAX)
		div31(v, n, add, (uint32_t)(((UINT64_C(1) << (31 + l)) + d - 1)
			/ d), l - 1, q);
	else
		div32(v, n, add, (uint32_t)((((UINT64_C(1) << l) - d) << 32) /
			d + 1), l - 1, q);
}

/* q[i] = (v[i] - base) / d, 0 where NULL; the quotients fit. */
static void
div_i64(const int64_t *v, const uint8_t *null, uint32_t n, int64_t base,
	uint64_t d, uint32_t *q)
{
	unsigned l = 0;
	uint64_t m;

	while (l < 63 && (UINT64_C(1) << l) < d)
		l++;
	m = (uint64_t)((((lam_u128)1 << l) - d) * ((lam_u128)1 << 64) / d + 1);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t x = (uint64_t)v[i] - (uint64_t)base;
		uint64_t t = (uint64_t)((lam_u128)x * m >> 64);

		x = l ? (t + ((x - t) >> 1)) >> (l - 1) : x;
		q[i] = null && null[i] ? 0 : (uint32_t)x;
	}
}

/* ------------------------------------------------- buckets of fixed width */

static int
one_time(struct lam_call *c, int64_t t, struct lam_vec *out)
{
	struct lam_vec *flat = LAM_ARENA_NEW(c->arena, struct lam_vec, 1);
	int64_t *v = LAM_ARENA_NEW(c->arena, int64_t, 1);

	if (!flat || !v)
		return lam_fail_mem(c->e);
	*v = t;
	*flat = (struct lam_vec){ .type = LAM_TIME, .n = 1, .i64 = v };
	lam_out_const(flat, c->n, out);
	return LAM_OK;
}

static void
out_for(struct lam_call *c, int64_t base, int64_t mult, uint32_t max,
	const uint32_t *u32, const uint8_t *null, struct lam_vec *out)
{
	*out = (struct lam_vec){ .type = LAM_TIME, .rep = LAM_FOR, .n = c->n,
		.null = null, .u32 = u32, .base = base, .mult = mult,
		.max = max };
}

/* *DONE unless the bucket's numbers do not fit. */
static int
bucket_for(struct lam_call *c, const struct lam_vec *v, int64_t width,
	int64_t origin, struct lam_vec *out, bool *done)
{
	lam_i128 from = (lam_i128)v->base - origin;
	lam_i128 b0 = lam_floor_div(from, width);
	int64_t rest = (int64_t)(from - b0 * width);
	lam_i128 start = b0 * width + origin;
	uint64_t k = (uint64_t)(width / v->mult), phase, last;
	uint32_t *q;
	int rc;

	*done = start >= INT64_MIN;
	if (!*done)
		return LAM_OK;
	if (v->mult % width == 0 || width == v->mult) {
		*out = *v;
		out->base = (int64_t)start;
		return LAM_OK;
	}
	phase = (uint64_t)(rest / v->mult);
	last = k ? (v->max + phase) / k : 0;
	*done = width % v->mult == 0 && (last == 0 ||
		(v->max + phase <= UINT32_MAX && k <= UINT32_MAX));
	if (!*done)
		return LAM_OK;
	if (last == 0 && !v->null)
		return one_time(c, (int64_t)start, out);
	if ((rc = lam_room(c, sizeof *q, &q)))
		return rc;
	if (last == 0)
		memset(q, 0, c->n * sizeof *q);
	else
		lam_div_u32(v->u32, c->n, v->max, (uint32_t)phase, (uint32_t)k, q);
	out_for(c, (int64_t)start, width, (uint32_t)last, q, v->null, out);
	return LAM_OK;
}

/* Least and greatest of the rows that are not NULL; false: there is none. */
static bool
range_of(const struct lam_vec *flat, int64_t *min, int64_t *max)
{
	int64_t lo = INT64_MAX, hi = INT64_MIN;

	for (uint32_t i = 0; i < flat->n; i++) {
		int64_t t = flat->i64[i];

		if (flat->null && flat->null[i])
			continue;
		lo = t < lo ? t : lo;
		hi = t > hi ? t : hi;
	}
	*min = lo;
	*max = hi;
	return lo <= hi;
}

int
lam_time_buckets(struct lam_call *c, const struct lam_vec *v, int64_t width,
	int64_t origin, struct lam_vec *out, bool *done)
{
	struct lam_reader r;
	lam_i128 first, last, start;
	int64_t min, max;
	uint32_t *q;
	int rc;

	*done = false;
	if (v->rep == LAM_FOR &&
	    ((rc = bucket_for(c, v, width, origin, out, done)) || *done))
		return rc;
	if ((rc = lam_read(c, v, &r)))
		return rc;
	*done = true;
	if (!range_of(r.v, &min, &max)) {
		lam_out_null(LAM_TIME, c->n, out);
		return LAM_OK;
	}
	first = lam_floor_div((lam_i128)min - origin, width);
	last = lam_floor_div((lam_i128)max - origin, width);
	start = first * width + origin;
	*done = last - first <= UINT32_MAX && start >= INT64_MIN;
	if (!*done)
		return LAM_OK;
	if (first == last && !r.v->null)
		return one_time(c, (int64_t)start, out);
	if ((rc = lam_room(c, sizeof *q, &q)))
		return rc;
	div_i64(r.v->i64, r.v->null, c->n, (int64_t)start, (uint64_t)width, q);
	out_for(c, (int64_t)start, width, (uint32_t)(last - first), q,
		r.v->null, out);
	return LAM_OK;
}

/* ------------------------------------------------ units of varying length */

bool
lam_trunc_one(const struct lam_plan *p, int64_t ns, int64_t *out)
{
	struct lam_civil c;
	int64_t month;

	if (p->months == 0)
		return lam_time_bucket(ns, p->width, p->origin, out);
	if (p->unit != LAM_UNITS)
		return lam_time_trunc(ns, (enum lam_unit)p->unit, out);
	lam_civil_from_ns(ns, &c);
	/* Months from 2000-01; buckets count from there, or from the anchor. */
	month = ((int64_t)c.year - 2000) * 12 + c.month - 1 - p->anchor;
	month = (int64_t)lam_floor_div(month, p->months) * p->months +
		p->anchor;
	c = (struct lam_civil){ .day = 1 };
	c.year = (int)(2000 + (int64_t)lam_floor_div(month, 12));
	c.month = (int)(month - (c.year - 2000) * 12 + 1);
	return lam_civil_to_ns(&c, out);
}

int
lam_time_rows(struct lam_call *c, const struct lam_vec *flat,
	bool (*one)(const struct lam_plan *p, int64_t ns, int64_t *out),
	struct lam_vec *out)
{
	uint8_t *none;
	int64_t *to;
	int rc;

	if ((rc = lam_room(c, sizeof *to, &to)) ||
	    (rc = lam_nulls_new(c, flat->null, &none)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		if (!none[i] && one(c->plan, flat->i64[i], &to[i]))
			continue;
		to[i] = 0;
		if (!none[i] && (rc = lam_fault(c, i)))
			return rc;
		none[i] = 1;
	}
	lam_out_flat(c, LAM_TIME, to, none, out);
	return LAM_OK;
}

/* The starts from T, the unit of the least time, to that of MAX: *N of them. */
static int
starts_of(struct lam_call *c, int64_t t, int64_t max, int64_t **out,
	uint32_t *n)
{
	int64_t *start;

	start = lam_arena_alloc(c->arena, STARTS_MAX * sizeof *start);
	if (!start)
		return lam_fail_mem(c->e);
	*n = 0;
	do
		start[(*n)++] = t;
	while (*n < STARTS_MAX - 1 &&
		lam_time_add_months(t, c->plan->months, &t) && t <= max);
	*out = start;
	return LAM_OK;
}

static uint32_t
start_before(const int64_t *start, uint32_t n, int64_t t)
{
	uint32_t lo = 0;

	while (n > 1) {
		uint32_t half = n / 2;

		lo = start[lo + half] <= t ? lo + half : lo;
		n -= half;
	}
	return lo;
}

/* CODE[i] = which start; N for NULL.  Neighbours mostly share one. */
static void
code_rows(const struct lam_vec *flat, const int64_t *start, uint32_t n,
	uint16_t *code)
{
	int64_t from = 1, to = 0;
	uint32_t k = 0;

	for (uint32_t i = 0; i < flat->n; i++) {
		int64_t t = flat->i64[i];

		if (flat->null && flat->null[i]) {
			code[i] = (uint16_t)n;
			continue;
		}
		if (t < from || t >= to) {
			k = start_before(start, n, t);
			from = start[k];
			to = k + 1 < n ? start[k + 1] : INT64_MAX;
		}
		code[i] = (uint16_t)k;
	}
}

static int
trunc_months(struct lam_call *c, const struct lam_vec *v, struct lam_vec *out)
{
	struct lam_vec *dict;
	struct lam_reader r;
	int64_t min, max, *start = NULL;
	uint16_t *code;
	uint8_t *null;
	uint32_t n = 0;
	int rc;

	if ((rc = lam_read(c, v, &r)))
		return rc;
	if (!range_of(r.v, &min, &max)) {
		lam_out_null(LAM_TIME, c->n, out);
		return LAM_OK;
	}
	if (!lam_trunc_one(c->plan, min, &min))
		return lam_time_rows(c, r.v, lam_trunc_one, out);
	if ((rc = starts_of(c, min, max, &start, &n)))
		return rc;
	if (n == 1 && !r.v->null)
		return one_time(c, start[0], out);
	dict = LAM_ARENA_NEW(c->arena, struct lam_vec, 1);
	null = LAM_ARENA_NEW(c->arena, uint8_t, n + 1);
	if (!dict || !null)
		return lam_fail_mem(c->e);
	if ((rc = lam_room(c, sizeof *code, &code)))
		return rc;
	code_rows(r.v, start, n, code);
	/* One more entry, NULL; starts_of leaves room for it. */
	start[n] = 0;
	null[n] = 1;
	*dict = (struct lam_vec){ .type = LAM_TIME, .n = n + !!r.v->null,
		.i64 = start, .null = r.v->null ? null : NULL };
	*out = (struct lam_vec){ .type = LAM_TIME, .rep = LAM_DICT, .n = c->n,
		.code = code, .dict = dict };
	return LAM_OK;
}

/* Of months, moved by an offset. */
static bool
moved_one(const struct lam_plan *p, int64_t ns, int64_t *out)
{
	return !__builtin_sub_overflow(ns, p->ns, &ns) &&
		lam_trunc_one(p, ns, out) &&
		!__builtin_add_overflow(*out, p->ns, out);
}

int
lam_fn_trunc(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	const struct lam_plan *p = c->plan;
	struct lam_reader r;
	bool done;
	int rc;

	(void)nargs;
	if (p->ns) {
		rc = lam_read(c, arg, &r);
		return rc ? rc : lam_time_rows(c, r.v, moved_one, out);
	}
	if (p->months)
		return trunc_months(c, arg, out);
	if ((rc = lam_time_buckets(c, arg, p->width, p->origin, out, &done)) ||
		done)
		return rc;
	if ((rc = lam_read(c, arg, &r)))
		return rc;
	return lam_time_rows(c, r.v, lam_trunc_one, out);
}
