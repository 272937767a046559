/*
 * convert.c - texts -> a typed vector
 *
 * The definition of what a text is as a type; every faster way must agree
 * with it.  Numbers of one vector share a scale, the largest one written.
 * When some cannot be brought to it within 38 digits, then all are first
 * stripped of trailing zeros, and those that still have more than
 * 18 decimals or 20 digits before the point do not count as numbers.
 */
#include "store/column_internal.h"

/* NULLs; an empty text, too, is NULL as another type, without a word. */
static uint8_t *
null_mask(const struct lam_str *s, uint32_t n, struct lam_want *w, bool *failed)
{
	uint8_t *null = NULL;

	for (uint32_t i = 0; i < n; i++) {
		if (s[i].p != NULL && (s[i].n || w->t.type == LAM_TEXT))
			continue;
		if (null == NULL)
			null = LAM_ARENA_NEW(w->arena, uint8_t, n);
		if (null == NULL) {
			*failed = true;
			return NULL;
		}
		null[i] = 1;
	}
	return null;
}

/* Row I is not of the type: NULL, and counted. */
static bool
refuse(struct lam_want *w, struct lam_vec *v, uint32_t i)
{
	if (v->null == NULL)
		v->null = LAM_ARENA_NEW(w->arena, uint8_t, v->n);
	if (v->null == NULL)
		return false;
	((uint8_t *)(uintptr_t)v->null)[i] = 1;
	lam_want_bad(w, i);
	return true;
}

static inline bool
skip(const struct lam_vec *v, uint32_t i)
{
	return v->null && v->null[i];
}

static int
to_time(const struct lam_str *s, struct lam_want *w, struct lam_vec *v)
{
	struct lam_timecache c = LAM_TIMECACHE_INIT;
	int64_t *o = LAM_ARENA_NEW(w->arena, int64_t, v->n);

	if (o == NULL)
		return lam_fail_mem(w->e);
	for (uint32_t i = 0; i < v->n; i++)
		if (!skip(v, i) &&
			!lam_value_time(s[i].p, s[i].n, w->t.unit, &c, &o[i])) {
			o[i] = 0;
			if (!refuse(w, v, i))
				return lam_fail_mem(w->e);
		}
	v->i64 = o;
	return LAM_OK;
}

static int
to_bool(const struct lam_str *s, struct lam_want *w, struct lam_vec *v)
{
	uint8_t *o = LAM_ARENA_NEW(w->arena, uint8_t, v->n);

	if (o == NULL)
		return lam_fail_mem(w->e);
	for (uint32_t i = 0; i < v->n; i++) {
		if (skip(v, i))
			continue;
		o[i] = s[i].n == 4 && memcmp(s[i].p, "true", 4) == 0;
		if (!o[i] && (s[i].n != 5 || memcmp(s[i].p, "false", 5) != 0) &&
			!refuse(w, v, i))
			return lam_fail_mem(w->e);
	}
	v->bit = o;
	return LAM_OK;
}

/* The scale of the vector; *FITS: all rows reach it within 38 digits. */
static unsigned
common_scale(const struct lam_num *x, const struct lam_vec *v, bool *fits,
	bool *wide)
{
	unsigned top = 0;
	struct lam_num y;

	for (uint32_t i = 0; i < v->n; i++)
		if (!skip(v, i) && x[i].scale > top)
			top = x[i].scale;
	*fits = true;
	*wide = false;
	for (uint32_t i = 0; i < v->n; i++) {
		if (skip(v, i))
			continue;
		if (!lam_num_rescale(x[i], top, &y)) {
			*fits = false;
			return top;
		}
		*wide |= y.m > INT64_MAX || y.m < INT64_MIN;
	}
	return top;
}

/* Strip zeros and drop what is too large or too fine to meet the others. */
static bool
tame(struct lam_num *x, struct lam_want *w, struct lam_vec *v)
{
	struct lam_num top = { lam_pow10[20], 0 };

	for (uint32_t i = 0; i < v->n; i++) {
		struct lam_num a;

		if (skip(v, i))
			continue;
		a = x[i] = lam_num_normal(x[i]);
		if (a.m < 0)
			a.m = -a.m;
		if ((a.scale > 18 || lam_num_cmp(a, top) >= 0) &&
			!refuse(w, v, i))
			return false;
	}
	return true;
}

static int
store(const struct lam_num *x, unsigned scale, struct lam_want *w,
	struct lam_vec *v)
{
	lam_i128 *wide = NULL;
	int64_t *o = NULL;

	if (v->wide)
		v->i128 = wide = LAM_ARENA_NEW(w->arena, lam_i128, v->n);
	else
		v->i64 = o = LAM_ARENA_NEW(w->arena, int64_t, v->n);
	if (wide == NULL && o == NULL)
		return lam_fail_mem(w->e);
	v->scale = (uint8_t)scale;
	for (uint32_t i = 0; i < v->n; i++) {
		struct lam_num y = { 0, 0 };

		if (skip(v, i) || !lam_num_rescale(x[i], scale, &y))
			continue;
		if (wide)
			wide[i] = y.m;
		else
			o[i] = (int64_t)y.m;
	}
	return LAM_OK;
}

static int
to_number(const struct lam_str *s, struct lam_want *w, struct lam_vec *v)
{
	struct lam_num *x = LAM_ARENA_NEW(w->arena, struct lam_num, v->n);
	unsigned scale;
	bool fits;

	if (x == NULL)
		return lam_fail_mem(w->e);
	for (uint32_t i = 0; i < v->n; i++)
		if (!skip(v, i) && !lam_num_parse(s[i].p, s[i].n, &x[i]) &&
			!refuse(w, v, i))
			return lam_fail_mem(w->e);
	scale = common_scale(x, v, &fits, &v->wide);
	if (!fits) {
		if (!tame(x, w, v))
			return lam_fail_mem(w->e);
		scale = common_scale(x, v, &fits, &v->wide);
	}
	return store(x, scale, w, v);
}

int
lam_text_convert(const struct lam_str *s, uint32_t n, struct lam_want *w,
	struct lam_vec *out)
{
	struct lam_vec v = { .type = w->t.type, .rep = LAM_FLAT, .n = n };
	bool failed = false;
	int r = LAM_OK;

	v.null = null_mask(s, n, w, &failed);
	if (failed)
		return lam_fail_mem(w->e);
	switch (w->t.type) {
	case LAM_TEXT:
		v.str = s;
		break;
	case LAM_NUMBER:
		r = to_number(s, w, &v);
		break;
	case LAM_TIME:
		r = to_time(s, w, &v);
		break;
	default:
		r = to_bool(s, w, &v);
		break;
	}
	*out = v;
	return r;
}
