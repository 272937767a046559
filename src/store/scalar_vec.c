/*
 * scalar_vec.c - values as a vector
 */
#include "store/column_builder.h"
#include "store/scalar.h"

static int
numbers(const struct lam_scalar *value, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_number_builder b;

	if (!lam_number_builder_init(&b, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		if (value[i].null)
			lam_number_builder_null(&b, i);
		else if (!lam_number_builder_set(&b, i, value[i].num))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&b, out, e);
}

int
lam_scalar_vec(const struct lam_scalar *value, uint32_t n, uint8_t type,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	size_t size = type == LAM_TEXT ? sizeof(struct lam_str) :
		type == LAM_TIME ? sizeof(int64_t) : 1;
	uint8_t *null = LAM_ARENA_NEW(arena, uint8_t, n + 1);
	void *p = lam_arena_calloc(arena, n + (size_t)1, size);
	bool any = false;

	if (type == LAM_NUMBER)
		return numbers(value, n, arena, out, e);
	if (!null || !p)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		null[i] = value[i].null;
		any |= value[i].null;
		if (value[i].null)
			continue;
		if (type == LAM_TEXT)
			((struct lam_str *)p)[i] = value[i].str;
		else if (type == LAM_TIME)
			((int64_t *)p)[i] = value[i].i64;
		else
			((uint8_t *)p)[i] = value[i].i64 != 0;
	}
	*out = (struct lam_vec){ .type = type, .rep = LAM_FLAT, .n = n,
		.null = any ? null : NULL, .bit = p };
	return LAM_OK;
}
