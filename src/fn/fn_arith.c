/*
 * fn_arith.c - + - * / // % and the sign change, exact
 *
 * Three ways, the first that serves:
 *
 *	FOR with a constant   only base and mult change, no row is touched
 *	int64		      both sides at one scale, overflow collected in
 *			      one flag over the whole vector
 *	numbers		      row by row through base/num.h, 38 digits, then
 *			      narrowed again (lam_out_numbers)
 *
 * A row that is NULL may hold anything, so the overflow flag may be false alarm;
 * the third way, which looks at NULLs, then decides.
 *
 * / by a constant such as 1024 or 100 is * by its inverse (by_inverse).
 *
 * / gives NULL for a zero divisor, as do // and %.  // truncates toward
 * zero and % has the sign of the dividend, as in DuckDB for integers.
 */
#include "fn/fn.h"

#include <limits.h>

static bool
one(unsigned fn, struct lam_num a, struct lam_num b, struct lam_num *out)
{
	switch (fn) {
	case LAM_FN_ADD:
		return lam_num_add(a, b, out);
	case LAM_FN_SUB:
		return lam_num_sub(a, b, out);
	case LAM_FN_MUL:
		return lam_num_mul(a, b, out);
	case LAM_FN_DIV:
		return lam_num_div(a, b, out);
	case LAM_FN_IDIV:
		return lam_num_idiv(a, b, out);
	default:
		return lam_num_mod(a, b, out);
	}
}

/* The third way, for all operators. */
static int
by_number(struct lam_call *c, const struct lam_reader *r, const uint8_t *null,
	struct lam_vec *out)
{
	bool divides = c->x->fn == LAM_FN_DIV || c->x->fn == LAM_FN_IDIV ||
		c->x->fn == LAM_FN_MOD;
	struct lam_num *v;
	uint8_t *none;
	int rc;

	if ((rc = lam_room(c, sizeof *v, &v)) ||
	    (rc = lam_nulls_new(c, null, &none)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		struct lam_num a, b;

		v[i] = (struct lam_num){ 0, 0 };
		if (null && null[i])
			continue;
		a = lam_num_at(&r[0], i);
		b = lam_num_at(&r[1], i);
		if ((divides && b.m == 0) || !one(c->x->fn, a, b, &v[i])) {
			none[i] = 1;
			if (!(divides && b.m == 0) && (rc = lam_fault(c, i)))
				return rc;
		}
	}
	return lam_out_numbers(c, v, none, out);
}

/* ----------------------------------------------------- FOR with constant */

static bool
narrow_const(const struct lam_vec *v)
{
	return v->rep == LAM_CONST && !v->dict->wide;
}

static bool
fits64(lam_i128 v)
{
	return v == (int64_t)v;
}

/* v at SCALE is base + mult * u with the same u; false: not in int64. */
static bool
for_scaled(struct lam_vec *v, lam_i128 base, lam_i128 mult, unsigned scale)
{
	/* |base|, |mult| < 2^126 here; mult * max must not overflow either. */
	if (!fits64(base) || !fits64(mult) ||
	    !fits64(base + mult * (lam_i128)v->max))
		return false;
	v->base = (int64_t)base;
	v->mult = (int64_t)mult;
	v->scale = (uint8_t)scale;
	return true;
}

static bool
for_const(unsigned fn, const struct lam_vec *v, const struct lam_vec *k,
	struct lam_vec *out)
{
	int64_t c = k->dict->i64[0];
	unsigned kscale = k->dict->scale;
	unsigned s = v->scale > kscale ? v->scale : kscale;
	lam_i128 up, cc;

	*out = *v;
	if (fn == LAM_FN_MUL)
		return c > 0 && v->scale + kscale <= 18 &&
			for_scaled(out, (lam_i128)v->base * c,
				(lam_i128)v->mult * c, v->scale + kscale);
	if (s > 18)
		return false;
	up = lam_pow10[s - v->scale];
	cc = lam_pow10[s - kscale] * c;
	return for_scaled(out, v->base * up + (fn == LAM_FN_ADD ? cc : -cc),
		v->mult * up, s);
}

/* ----------------------------------------------------------------- int64 */

/* sum[i] = a[i] + b[i] (or -); step 0: a constant.  True: some overflowed. */
LAM_HOT static bool
add_rows(const int64_t *a, const int64_t *b, int64_t *restrict to, uint32_t n)
{
	uint64_t over = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t x = (uint64_t)a[i], y = (uint64_t)b[i], s = x + y;

		over |= (x ^ s) & (y ^ s);
		to[i] = (int64_t)s;
	}
	return over >> 63;
}

LAM_HOT static bool
sub_rows(const int64_t *a, const int64_t *b, int64_t *restrict to, uint32_t n)
{
	uint64_t over = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t x = (uint64_t)a[i], y = (uint64_t)b[i], s = x - y;

		over |= (x ^ y) & (x ^ s);
		to[i] = (int64_t)s;
	}
	return over >> 63;
}

LAM_HOT static bool
add_const(const int64_t *a, int64_t k, int64_t *restrict to, uint32_t n)
{
	uint64_t over = 0, y = (uint64_t)k;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t x = (uint64_t)a[i], s = x + y;

		over |= (x ^ s) & (y ^ s);
		to[i] = (int64_t)s;
	}
	return over >> 63;
}

static bool
mul_rows(const struct lam_reader *r, int64_t *restrict to, uint32_t n)
{
	bool over = false;

	for (uint32_t i = 0; i < n; i++)
		over |= __builtin_mul_overflow(r[0].v->i64[i * r[0].step],
			r[1].v->i64[i * r[1].step], &to[i]);
	return over;
}

/* Bring R to SCALE, in place of its vector; *OVER when it does not fit. */
static int
scale_up(struct lam_call *c, struct lam_reader *r, unsigned scale,
	struct lam_vec *made, bool *over)
{
	int64_t *v, up;
	uint32_t n = r->step ? c->n : 1;
	int rc;

	if (r->v->scale == scale)
		return LAM_OK;
	up = (int64_t)lam_pow10[scale - r->v->scale];
	if ((rc = lam_room(c, sizeof *v, &v)))
		return rc;
	for (uint32_t i = 0; i < n; i++)
		*over |= __builtin_mul_overflow(r->v->i64[i], up, &v[i]);
	*made = *r->v;
	made->i64 = v;
	made->scale = (uint8_t)scale;
	r->v = made;
	return LAM_OK;
}

/* a[i] - k as a[i] + -k; k - a[i] only by way of a vector of k. */
static bool
add_all(unsigned fn, const struct lam_reader *r, int64_t *to, uint32_t n)
{
	const int64_t *a = r[0].v->i64, *b = r[1].v->i64;
	bool over = false;

	if (r[0].step && r[1].step)
		return fn == LAM_FN_ADD ? add_rows(a, b, to, n) :
			sub_rows(a, b, to, n);
	if (fn == LAM_FN_ADD)
		return r[1].step ? add_const(b, a[0], to, n) :
			add_const(a, b[0], to, n);
	if (r[0].step && b[0] != INT64_MIN)
		return add_const(a, -b[0], to, n);
	for (uint32_t i = 0; i < n; i++)
		over |= __builtin_sub_overflow(a[i * r[0].step],
			b[i * r[1].step], &to[i]);
	return over;
}

/* *DONE unless something overflowed. */
static int
by_int64(struct lam_call *c, unsigned fn, const struct lam_reader *from,
	const uint8_t *null, struct lam_vec *out, bool *done)
{
	struct lam_reader r[2] = { from[0], from[1] };
	struct lam_vec made[2];
	unsigned sa = r[0].v->scale, sb = r[1].v->scale;
	unsigned scale = sa > sb ? sa : sb;
	bool over = false;
	int64_t *to;
	int rc;

	*done = false;
	if (fn == LAM_FN_MUL)
		scale = sa + sb;
	if (r[0].v->wide || r[1].v->wide || scale > 18)
		return LAM_OK;
	if ((rc = lam_room(c, sizeof *to, &to)))
		return rc;
	if (fn == LAM_FN_MUL) {
		over = mul_rows(r, to, c->n);
	} else {
		if ((rc = scale_up(c, &r[0], scale, &made[0], &over)) ||
		    (rc = scale_up(c, &r[1], scale, &made[1], &over)))
			return rc;
		over = over || add_all(fn, r, to, c->n);
	}
	*done = !over;
	lam_out_flat(c, LAM_NUMBER, to, null, out);
	out->scale = (uint8_t)scale;
	return LAM_OK;
}

/* The first two ways of + - *; *DONE unless neither serves. */
static int
fast(struct lam_call *c, unsigned fn, const struct lam_vec *arg,
	struct lam_vec *out, bool *done)
{
	struct lam_reader r[2];
	const uint8_t *null;
	int rc;

	*done = (arg[0].rep == LAM_FOR && narrow_const(&arg[1]) &&
		for_const(fn, &arg[0], &arg[1], out)) ||
		(arg[1].rep == LAM_FOR && narrow_const(&arg[0]) &&
		fn != LAM_FN_SUB && for_const(fn, &arg[1], &arg[0], out));
	if (*done)
		return LAM_OK;
	if ((rc = lam_read(c, &arg[0], &r[0])) ||
	    (rc = lam_read(c, &arg[1], &r[1])) ||
	    (rc = lam_nulls(c, r, 2, &null)))
		return rc;
	return by_int64(c, fn, r, null, out, done);
}

/* The third. */
static int
slow(struct lam_call *c, const struct lam_vec *arg, struct lam_vec *out)
{
	struct lam_reader r[2];
	const uint8_t *null;
	int rc;

	if ((rc = lam_read(c, &arg[0], &r[0])) ||
	    (rc = lam_read(c, &arg[1], &r[1])) ||
	    (rc = lam_nulls(c, r, 2, &null)))
		return rc;
	return by_number(c, r, null, out);
}

/* + - * */
int
lam_fn_arith(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	bool done;
	int rc = fast(c, c->x->fn, arg, out, &done);

	(void)nargs;
	return rc || done ? rc : slow(c, arg, out);
}

/* -------------------------------------------------------------- division */

/*
 * The inverse of K, a constant, when it has few decimals: *M / 10^*SCALE.  That
 * is so when K is made of twos, fives and tens alone.
 */
static bool
inverse(const struct lam_vec *k, int64_t *m, unsigned *scale)
{
	struct lam_num v;
	unsigned two = 0, five = 0, tens;
	lam_i128 left;

	if (!narrow_const(k) || k->dict->i64[0] == 0)
		return false;
	v = lam_num_normal(lam_num_of(k->dict, 0));
	for (left = v.m; left % 2 == 0; left /= 2)
		two++;
	for (; left % 5 == 0; left /= 5)
		five++;
	tens = two > five ? two : five;
	if ((left != 1 && left != -1) || tens > 18 || v.scale > 18)
		return false;
	left = lam_pow10[tens] / v.m;
	*scale = tens > v.scale ? tens - v.scale : 0;
	if (v.scale > tens)
		left *= lam_pow10[v.scale - tens];
	*m = (int64_t)left;
	return fits64(left);
}

/*
 * / by such a constant is * by its inverse: what is exact with LAM_NUM_QUOTIENT
 * decimals is the quotient, whatever the rule of num.h shows of others.
 */
static int
by_inverse(struct lam_call *c, const struct lam_vec *arg, struct lam_vec *out,
	bool *done)
{
	int64_t m;
	struct lam_vec flat = { .type = LAM_NUMBER, .n = 1, .i64 = &m };
	struct lam_vec pair[2] = { arg[0], arg[1] };
	bool own = arg[0].rep == LAM_FLAT || arg[0].rep == LAM_FOR;
	unsigned scale, of = own ? arg[0].scale : arg[0].dict->scale;

	*done = false;
	if (!inverse(&arg[1], &m, &scale) || of + scale > LAM_NUM_QUOTIENT)
		return LAM_OK;
	flat.scale = (uint8_t)scale;
	pair[1].dict = &flat;
	return fast(c, LAM_FN_MUL, pair, out, done);
}

/* // and %: a / has scales of its own. */
static int
div_int64(struct lam_call *c, const struct lam_reader *r,
	const uint8_t *null, struct lam_vec *out, bool *done)
{
	unsigned fn = c->x->fn, sa = r[0].v->scale, sb = r[1].v->scale;
	unsigned s = sa > sb ? sa : sb;
	lam_i128 up, down;
	uint8_t *zero;
	int64_t *to;
	int rc;

	*done = false;
	if (r[0].v->wide || r[1].v->wide || s > 18)
		return LAM_OK;
	up = lam_pow10[s - sa]; /* a product stays below 2^123 */
	down = lam_pow10[s - sb];
	if ((rc = lam_room(c, sizeof *to, &to)) ||
	    (rc = lam_nulls_new(c, null, &zero)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		lam_i128 a = up * r[0].v->i64[i * r[0].step], q;
		lam_i128 b = down * r[1].v->i64[i * r[1].step];

		to[i] = 0;
		zero[i] |= b == 0;
		if (zero[i])
			continue;
		q = fn == LAM_FN_IDIV ? a / b : a % b;
		if (!fits64(q))
			return LAM_OK;
		to[i] = (int64_t)q;
	}
	*done = true;
	lam_out_flat(c, LAM_NUMBER, to, zero, out);
	out->scale = (uint8_t)(fn == LAM_FN_MOD ? s : 0);
	return LAM_OK;
}

/* / // % */
int
lam_fn_div(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader r[2];
	const uint8_t *null;
	bool done = false;
	int rc;

	(void)nargs;
	if (c->x->fn == LAM_FN_DIV) {
		rc = by_inverse(c, arg, out, &done);
		return rc || done ? rc : slow(c, arg, out);
	}
	if ((rc = lam_read(c, &arg[0], &r[0])) ||
	    (rc = lam_read(c, &arg[1], &r[1])) ||
	    (rc = lam_nulls(c, r, 2, &null)) ||
	    (rc = div_int64(c, r, null, out, &done)) || done)
		return rc;
	return by_number(c, r, null, out);
}

int
lam_fn_neg(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader r;
	struct lam_num *v;
	int64_t *to;
	bool lowest = false;
	int rc;

	(void)nargs;
	if ((rc = lam_read(c, arg, &r)))
		return rc;
	if (!r.v->wide) {
		if ((rc = lam_room(c, sizeof *to, &to)))
			return rc;
		for (uint32_t i = 0; i < c->n; i++) {
			lowest |= r.v->i64[i] == INT64_MIN;
			to[i] = (int64_t)(0 - (uint64_t)r.v->i64[i]);
		}
		lam_out_flat(c, LAM_NUMBER, to, r.v->null, out);
		out->scale = r.v->scale;
		if (!lowest)
			return LAM_OK;
	}
	if ((rc = lam_room(c, sizeof *v, &v)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		v[i] = lam_num_of(r.v, i);
		v[i].m = -v[i].m;
	}
	return lam_out_numbers(c, v, r.v->null, out);
}
