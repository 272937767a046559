/*
 * column_builder.c - growable series of values, and vectors made from them
 *
 * A number is kept as an int64 and its own scale (its tag); the few that need
 * more are lam_nums in an array of their own.  Making a vector looks for the
 * largest scale and brings all values to it when int64 holds them, else the
 * vector is wide.
 */
#include "store/scalar.h"

#include <stdlib.h>
#include <string.h>

#include "store/column_builder.h"

void
lam_column_builder_init(struct lam_column_builder *v, uint8_t type,
	struct lam_mem *m)
{
	memset(v, 0, sizeof *v);
	v->type = type;
	v->mem = m;
	lam_heap_init(&v->heap, m);
}

void
lam_column_builder_release(struct lam_column_builder *v)
{
	if (!v->mem)
		return;
	lam_mem_free(v->mem, v->str, v->str_cap, sizeof *v->str);
	lam_mem_free(v->mem, v->i64, v->i64_cap, sizeof *v->i64);
	lam_mem_free(v->mem, v->tag, v->tag_cap, sizeof *v->tag);
	lam_mem_free(v->mem, v->wide, v->wide_cap, sizeof *v->wide);
	lam_heap_release(&v->heap);
	lam_column_builder_init(v, v->type, v->mem);
}

bool
lam_column_builder_room(struct lam_column_builder *v, size_t more)
{
	size_t need = v->n + more;
	void *p;

	if (need >= UINT32_MAX)
		return false;
	if (v->type == LAM_TEXT) {
		p = lam_mem_grow(v->mem, v->str, &v->str_cap, need,
			sizeof *v->str);
		v->str = p ? p : v->str;
		return p != NULL;
	}
	p = lam_mem_grow(v->mem, v->i64, &v->i64_cap, need, sizeof *v->i64);
	if (!p)
		return false;
	v->i64 = p;
	p = lam_mem_grow(v->mem, v->tag, &v->tag_cap, need, sizeof *v->tag);
	v->tag = p ? p : v->tag;
	return p != NULL;
}

static bool
add_wide(struct lam_column_builder *v, struct lam_num x)
{
	struct lam_num *w = lam_mem_grow(v->mem, v->wide, &v->wide_cap,
		v->nwide + 1, sizeof *w);

	if (!w)
		return false;
	v->wide = w;
	v->far = true;
	v->i64[v->n] = (int64_t)v->nwide;
	v->tag[v->n++] = LAM_TAG_WIDE;
	w[v->nwide++] = x;
	return true;
}

bool
lam_column_builder_add(struct lam_column_builder *v, const struct lam_scalar *x)
{
	char *p;

	if (!lam_column_builder_room(v, 1))
		return false;
	if (v->type == LAM_TEXT) {
		if (x->null) {
			v->str[v->n++] = (struct lam_str){ NULL, 0 };
			return true;
		}
		p = lam_heap_bytes(&v->heap, x->str.n + 1);
		if (!p)
			return false;
		if (x->str.n)
			memcpy(p, x->str.p, x->str.n);
		v->str[v->n++] = (struct lam_str){ p, x->str.n };
		return true;
	}
	if (x->null || v->type != LAM_NUMBER) {
		v->i64[v->n] = x->null ? 0 : x->i64;
		v->tag[v->n++] = x->null ? LAM_TAG_NULL : 0;
		return true;
	}
	if (x->num.m > INT64_MAX || x->num.m < INT64_MIN)
		return add_wide(v, x->num);
	v->far = v->far || x->num.scale > 18;
	v->i64[v->n] = (int64_t)x->num.m;
	v->tag[v->n++] = (uint8_t)x->num.scale;
	return true;
}

struct lam_scalar
lam_column_builder_get(const struct lam_column_builder *v, uint32_t i)
{
	struct lam_scalar x = { .type = v->type };

	if (v->type == LAM_TEXT) {
		x.str = v->str[i];
		x.null = !x.str.p;
		return x;
	}
	x.null = v->tag[i] == LAM_TAG_NULL;
	if (v->type != LAM_NUMBER)
		x.i64 = v->i64[i];
	else if (v->tag[i] == LAM_TAG_WIDE)
		x.num = v->wide[v->i64[i]];
	else if (!x.null)
		x.num = (struct lam_num){ v->i64[i], v->tag[i] };
	return x;
}

/* Where the values of a gather are. */
struct gather {
	const struct lam_column_builder *const *from;
	const uint16_t *which;
	const uint32_t *idx;
	uint32_t n;
};

static inline const struct lam_column_builder *
source_of(const struct gather *g, uint32_t i)
{
	return g->from[g->which ? g->which[i] : 0];
}

static bool
gather_text(const struct gather *g, struct lam_arena *arena,
	struct lam_vec *out)
{
	struct lam_str *s = lam_arena_alloc(arena, (g->n + (size_t)1) *
		sizeof *s);
	uint8_t *null = lam_arena_alloc(arena, g->n + (size_t)1), any = 0;

	if (!s || !null)
		return false;
	for (uint32_t i = 0; i < g->n; i++) {
		s[i] = source_of(g, i)->str[g->idx[i]];
		__builtin_prefetch(s[i].p); /* whoever gets it reads it */
		any |= null[i] = !s[i].p;
	}
	out->str = s;
	out->null = any ? null : NULL;
	return true;
}

static bool
gather_plain(const struct gather *g, struct lam_arena *arena,
	struct lam_vec *out)
{
	int64_t *x = lam_arena_alloc(arena, (g->n + (size_t)1) * sizeof *x);
	uint8_t *bit = lam_arena_alloc(arena, g->n + (size_t)1), any = 0;
	uint8_t *null = lam_arena_alloc(arena, g->n + (size_t)1);

	if (!x || !bit || !null)
		return false;
	for (uint32_t i = 0; i < g->n; i++) {
		const struct lam_column_builder *v = source_of(g, i);

		x[i] = v->i64[g->idx[i]];
		bit[i] = x[i] != 0;
		any |= null[i] = v->tag[g->idx[i]] == LAM_TAG_NULL;
	}
	if (out->type == LAM_BOOL)
		out->bit = bit;
	else
		out->i64 = x;
	out->null = any ? null : NULL;
	return true;
}

static int
gather_numbers(const struct gather *g, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_number_builder c;

	if (!lam_number_builder_init(&c, g->n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < g->n; i++) {
		const struct lam_column_builder *v = source_of(g, i);

		c.m[i] = v->i64[g->idx[i]];
		c.tag[i] = v->tag[g->idx[i]];
		if (LAM_TAG_WIDE == c.tag[i] &&
			!lam_number_builder_set(&c, i, v->wide[c.m[i]]))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&c, out, e);
}

int
lam_column_builder_gather(const struct lam_column_builder *const *from,
	const uint16_t *which, const uint32_t *idx, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	struct gather g = { from, which, idx, n };
	uint8_t type = from[0]->type;

	*out = (struct lam_vec){ .type = type, .rep = LAM_FLAT, .n = n };
	if (type == LAM_NUMBER)
		return gather_numbers(&g, arena, out, e);
	return (type == LAM_TEXT ? gather_text : gather_plain)(&g, arena, out) ?
		LAM_OK : lam_fail_mem(e);
}

int
lam_column_builder_take(const struct lam_column_builder *v, const uint32_t *idx,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	return lam_column_builder_gather(&v, NULL, idx, n, arena, out, e);
}

bool
lam_number_builder_init(struct lam_number_builder *c, uint32_t n,
	struct lam_arena *a)
{
	c->arena = a;
	c->n = n;
	c->m = lam_arena_alloc(a, ((size_t)n + 1) * sizeof *c->m);
	c->tag = lam_arena_alloc(a, (size_t)n + 1);
	c->wide = NULL;
	return c->m && c->tag;
}

bool
lam_number_builder_set(struct lam_number_builder *c, uint32_t i,
	struct lam_num x)
{
	x = lam_num_normal(x);
	if (x.m <= INT64_MAX && x.m >= INT64_MIN) {
		lam_number_builder_set64(c, i, (int64_t)x.m, (uint8_t)x.scale);
		return true;
	}
	if (!c->wide)
		c->wide = LAM_ARENA_NEW(c->arena, struct lam_num, c->n);
	if (!c->wide)
		return false;
	c->wide[i] = x;
	c->m[i] = 0;
	c->tag[i] = LAM_TAG_WIDE;
	return true;
}

/* The values as they are, before any of them was brought to another scale. */
static int
widen(struct lam_number_builder *c, struct lam_vec *out, struct lam_error *e)
{
	struct lam_num *w = LAM_ARENA_NEW(c->arena, struct lam_num, c->n);

	if (!w)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < c->n; i++)
		if (c->tag[i] == LAM_TAG_WIDE)
			w[i] = c->wide[i];
		else if (c->tag[i] != LAM_TAG_NULL)
			w[i] = lam_num_normal((struct lam_num){ c->m[i],
				c->tag[i] });
	out->scale = 0;
	out->wide = true;
	out->num = w;
	return LAM_OK;
}

int
lam_number_builder_vec(struct lam_number_builder *c, struct lam_vec *out,
	struct lam_error *e)
{
	uint8_t *null = NULL, least = LAM_TAG_NULL, scale = 0;
	int64_t p10;

	*out = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FLAT,
		.n = c->n, .i64 = c->m };
	for (uint32_t i = 0; i < c->n; i++) {
		uint8_t t = c->tag[i];

		if (t == LAM_TAG_NULL && !null) {
			null = LAM_ARENA_NEW(c->arena, uint8_t, c->n);
			if (!null)
				return lam_fail_mem(e);
		}
		if (t == LAM_TAG_NULL) {
			null[i] = 1;
			continue;
		}
		t = t == LAM_TAG_WIDE ? (uint8_t)c->wide[i].scale : t;
		scale = t > scale ? t : scale;
		least = t < least ? t : least;
	}
	out->null = null;
	out->scale = scale;
	if (c->wide || (scale > 18 && least != scale))
		return widen(c, out, e);
	if (least >= scale)
		return LAM_OK;
	for (uint32_t i = 0; i < c->n; i++) {
		int64_t m;

		if (c->tag[i] == LAM_TAG_NULL || c->tag[i] == scale)
			continue;
		p10 = (int64_t)lam_pow10[scale - c->tag[i]];
		if (__builtin_mul_overflow(c->m[i], p10, &m))
			return widen(c, out, e);
		c->m[i] = m;
		c->tag[i] = scale;
	}
	return LAM_OK;
}
