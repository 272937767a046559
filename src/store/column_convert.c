/*
 * column_convert.c - texts -> a typed vector
 *
 * The definition of what a text is as a type; every faster way must agree
 * with it.  Numbers of one vector share a scale, the largest one written, while
 * all fit int64 with it; else each keeps its own.
 */
#include "base/hot.h"
#include "store/column_internal.h"

LAM_HOT static bool
any_null(const struct lam_str *s, uint32_t n)
{
	uint64_t any = 0;

	for (uint32_t i = 0; i < n; i++)
		any |= s[i].p == NULL;
	return any;
}

/* NULLs; an empty text, too, is NULL as another type, without a word. */
static uint8_t *
null_mask(const struct lam_str *s, uint32_t n, struct lam_want *w, bool *failed)
{
	uint8_t *null = NULL;

	if (w->t.type == LAM_TEXT && !any_null(s, n))
		return NULL;
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

/* The largest scale; *NARROW: all rows reach it within int64. */
static unsigned
common_scale(const struct lam_num *x, const struct lam_vec *v, bool *narrow)
{
	unsigned top = 0;
	struct lam_num y;

	for (uint32_t i = 0; i < v->n; i++)
		if (!skip(v, i) && x[i].scale > top)
			top = x[i].scale;
	*narrow = true;
	for (uint32_t i = 0; i < v->n && *narrow; i++)
		*narrow = skip(v, i) || (lam_num_rescale(x[i], top, &y) &&
			y.m == (int64_t)y.m);
	return top;
}

static int
to_number(const struct lam_str *s, struct lam_want *w, struct lam_vec *v)
{
	struct lam_num *x = LAM_ARENA_NEW(w->arena, struct lam_num, v->n), y;
	int64_t *o;
	unsigned scale;
	bool narrow;

	if (x == NULL)
		return lam_fail_mem(w->e);
	for (uint32_t i = 0; i < v->n; i++) {
		if (skip(v, i) || lam_num_parse(s[i].p, s[i].n, &x[i]))
			continue;
		x[i] = (struct lam_num){ 0, 0 };
		if (!refuse(w, v, i))
			return lam_fail_mem(w->e);
	}
	scale = common_scale(x, v, &narrow);
	if (!narrow) {
		for (uint32_t i = 0; i < v->n; i++)
			x[i] = lam_num_normal(x[i]);
		v->wide = true;
		v->num = x;
		return LAM_OK;
	}
	o = LAM_ARENA_NEW(w->arena, int64_t, v->n);
	if (o == NULL)
		return lam_fail_mem(w->e);
	for (uint32_t i = 0; i < v->n; i++)
		if (!skip(v, i) && lam_num_rescale(x[i], scale, &y))
			o[i] = (int64_t)y.m;
	v->scale = (uint8_t)scale;
	v->i64 = o;
	return LAM_OK;
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
