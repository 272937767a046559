/*
 * vec.c - vectors: other shapes, and one row at a time
 */
#include "store/vec.h"

#include <string.h>

#include "base/hot.h"
#include "time/time.h"

const char *const lam_type_name[LAM_TYPES] = {
	"text", "number", "time", "boolean"
};

/* Bytes of one value in the array of a flat vector. */
static size_t
value_size(const struct lam_vec *v)
{
	switch (v->type) {
	case LAM_TEXT:
		return sizeof(struct lam_str);
	case LAM_BOOL:
		return 1;
	default:
		return v->wide ? sizeof(struct lam_num) : sizeof(int64_t);
	}
}

LAM_HOT static void
for_values(const uint32_t *u, uint32_t n, int64_t base, int64_t mult,
	int64_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = base + mult * u[i];
}

#define DEFINE_GATHER(NAME, CODE, VALUE)                                      \
	static void                                                           \
	NAME(const CODE *code, uint32_t n, const VALUE *from, VALUE *to)      \
	{                                                                     \
		for (uint32_t i = 0; i < n; i++)                              \
			to[i] = from[code[i]];                                \
	}

DEFINE_GATHER(gather8, uint16_t, uint8_t)
DEFINE_GATHER(gather16, uint16_t, uint16_t)
DEFINE_GATHER(gather32, uint16_t, uint32_t)
DEFINE_GATHER(gather64, uint16_t, int64_t)
DEFINE_GATHER(gather_num, uint16_t, struct lam_num)
DEFINE_GATHER(gather_str, uint16_t, struct lam_str)

/* Rows CODE[0..n-1] of the flat vector FROM into TO, flat too. */
static bool
gather(const struct lam_vec *from, const uint16_t *code, uint32_t n,
	struct lam_arena *arena, struct lam_vec *to)
{
	void *p = lam_arena_alloc(arena, n * value_size(from) + 1);
	uint8_t *null = from->null ? lam_arena_alloc(arena, (size_t)n + 1) :
				     NULL;

	if (p == NULL || (from->null && null == NULL))
		return false;
	*to = (struct lam_vec){ .type = from->type, .rep = LAM_FLAT,
		.scale = from->scale, .wide = from->wide, .n = n,
		.null = null };
	if (null)
		gather8(code, n, from->null, null);
	if (from->type == LAM_TEXT) {
		gather_str(code, n, from->str, p);
		to->str = p;
	} else if (from->type == LAM_BOOL) {
		gather8(code, n, from->bit, p);
		to->bit = p;
	} else if (from->wide) {
		gather_num(code, n, from->num, p);
		to->num = p;
	} else {
		gather64(code, n, from->i64, p);
		to->i64 = p;
	}
	return true;
}

const struct lam_vec *
lam_vec_flat(const struct lam_vec *v, struct lam_arena *arena)
{
	struct lam_vec *out;
	uint16_t *zero;
	int64_t *p;

	if (v->rep == LAM_FLAT)
		return v;
	out = LAM_ARENA_NEW(arena, struct lam_vec, 1);
	if (out == NULL)
		return NULL;
	switch (v->rep) {
	case LAM_FOR:
		p = lam_arena_alloc(arena, (size_t)v->n * 8 + 1);
		if (p == NULL)
			return NULL;
		for_values(v->u32, v->n, v->base, v->mult, p);
		*out = (struct lam_vec){ .type = v->type, .rep = LAM_FLAT,
			.scale = v->scale, .n = v->n, .null = v->null,
			.i64 = p };
		return out;
	case LAM_DICT:
		return gather(v->dict, v->code, v->n, arena, out) ? out : NULL;
	default:
		zero = LAM_ARENA_NEW(arena, uint16_t, (size_t)v->n + 1);
		if (zero == NULL ||
			!gather(v->dict, zero, v->n, arena, out))
			return NULL;
		return out;
	}
}

void
lam_vec_slice(struct lam_vec *v, uint32_t from, uint32_t n)
{
	v->n = n;
	if (v->null)
		v->null += from;
	if (v->rep == LAM_CONST)
		return;
	if (v->rep == LAM_DICT)
		v->code += from;
	else if (v->rep == LAM_FOR)
		v->u32 += from;
	else if (v->type == LAM_TEXT)
		v->str += from;
	else if (v->type == LAM_BOOL)
		v->bit += from;
	else if (v->wide)
		v->num += from;
	else
		v->i64 += from;
}

bool
lam_vec_take(const struct lam_vec *v, const uint16_t *sel, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out)
{
	struct lam_vec r = *v;
	uint8_t *null;
	void *p;

	if (v->rep == LAM_FLAT)
		return gather(v, sel, n, arena, out);
	r.n = n;
	if (v->rep == LAM_CONST) {
		*out = r;
		return true;
	}
	p = lam_arena_alloc(arena, (size_t)n * 4 + 1);
	if (p == NULL)
		return false;
	if (v->rep == LAM_DICT) {
		gather16(sel, n, v->code, p);
		r.code = p;
	} else {
		gather32(sel, n, v->u32, p);
		r.u32 = p;
		if (v->null) {
			null = lam_arena_alloc(arena, (size_t)n + 1);
			if (null == NULL)
				return false;
			gather8(sel, n, v->null, null);
			r.null = null;
		}
	}
	*out = r;
	return true;
}

/* The flat vector and row that hold row *I. */
static const struct lam_vec *
inner(const struct lam_vec *v, uint32_t *i)
{
	if (v->rep == LAM_DICT)
		*i = v->code[*i];
	else if (v->rep == LAM_CONST)
		*i = 0;
	else
		return v;
	return v->dict;
}

bool
lam_vec_is_null(const struct lam_vec *v, uint32_t i)
{
	v = inner(v, &i);
	return v->null && v->null[i];
}

static int64_t
integer(const struct lam_vec *v, uint32_t i)
{
	return v->rep == LAM_FOR ? v->base + v->mult * v->u32[i] : v->i64[i];
}

struct lam_num
lam_vec_num(const struct lam_vec *v, uint32_t i)
{
	struct lam_num x;

	v = inner(v, &i);
	if (v->rep == LAM_FLAT && v->wide)
		return v->num[i];
	x.scale = v->scale;
	x.m = integer(v, i);
	return x;
}

int64_t
lam_vec_time(const struct lam_vec *v, uint32_t i)
{
	v = inner(v, &i);
	return integer(v, i);
}

struct lam_str
lam_vec_text(const struct lam_vec *v, uint32_t i)
{
	v = inner(v, &i);
	return v->str[i];
}

bool
lam_vec_bool(const struct lam_vec *v, uint32_t i)
{
	v = inner(v, &i);
	return v->bit[i];
}

struct lam_str
lam_vec_print(const struct lam_vec *v, uint32_t i, char *scratch)
{
	struct lam_str s = { NULL, 0 };

	if (lam_vec_is_null(v, i))
		return s;
	switch (v->type) {
	case LAM_TEXT:
		return lam_vec_text(v, i);
	case LAM_NUMBER:
		s.n = lam_num_print(lam_vec_num(v, i), scratch);
		s.p = scratch;
		return s;
	case LAM_TIME:
		s.n = lam_time_print(lam_vec_time(v, i), scratch);
		s.p = scratch;
		return s;
	default:
		s.p = lam_vec_bool(v, i) ? "true" : "false";
		s.n = lam_vec_bool(v, i) ? 4 : 5;
		return s;
	}
}

bool
lam_vec_as_text(const struct lam_vec *v, struct lam_arena *arena,
	struct lam_vec *out)
{
	struct lam_str *s;
	uint8_t *null;
	char scratch[LAM_TIME_TEXT];

	if (v->type == LAM_TEXT) {
		*out = *v;
		return true;
	}
	s = LAM_ARENA_NEW(arena, struct lam_str, (size_t)v->n + 1);
	null = LAM_ARENA_NEW(arena, uint8_t, (size_t)v->n + 1);
	if (!s || !null)
		return false;
	for (uint32_t i = 0; i < v->n; i++) {
		s[i] = lam_vec_print(v, i, scratch);
		null[i] = !s[i].p;
		if (s[i].p == scratch)
			s[i].p = lam_arena_dup(arena, scratch, s[i].n);
		if (!s[i].p && !null[i])
			return false;
	}
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_FLAT, .n = v->n,
		.str = s, .null = null };
	return true;
}
