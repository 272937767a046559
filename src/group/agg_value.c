/*
 * agg_value.c - one value kept in a slot: 16 bytes, texts in a heap
 *
 * A text that replaces another is written over it when it fits, so that LAST
 * of a text does not grow with every block.
 */
#include "group/agg_value.h"

#include <string.h>

#include "group/group_table.h"

/* Room for SIZE bytes at k->p. */
static bool
make_room(struct lam_agg *a, struct lam_agg_value *k, size_t size)
{
	bool held =
		k->tag == LAM_AGG_VALUE_TEXT || k->tag == LAM_AGG_VALUE_WIDE;
	size_t cap = held ? lam_heap_class_size(k->class) : 0;
	char *p;

	if (held && cap >= size)
		return true;
	p = lam_heap_alloc(a->heap, size ? size : 1, &cap);
	if (!p)
		return false;
	if (held)
		lam_heap_give(a->heap, k->p, lam_heap_class_size(k->class));
	k->p = p;
	k->class = (uint16_t)lam_heap_class(cap);
	return true;
}

bool
lam_agg_value_set(struct lam_agg *a, struct lam_agg_value *k,
	const struct lam_scalar *v)
{
	const void *from = v->str.p;
	size_t n = v->str.n;
	bool wide = v->type == LAM_NUMBER && (v->num.m > INT64_MAX ||
		v->num.m < INT64_MIN);
	bool held =
		k->tag == LAM_AGG_VALUE_TEXT || k->tag == LAM_AGG_VALUE_WIDE;

	if (v->null || (v->type != LAM_TEXT && !wide)) {
		if (held)
			lam_heap_give(a->heap, k->p,
				lam_heap_class_size(k->class));
		k->tag = v->null ? LAM_AGG_VALUE_NULL : LAM_AGG_VALUE_INT;
		k->i64 = v->type == LAM_NUMBER ? (int64_t)v->num.m : v->i64;
		k->scale = v->type == LAM_NUMBER && !v->null ?
			(uint8_t)v->num.scale : 0;
		return true;
	}
	if (wide) {
		from = &v->num;
		n = sizeof v->num;
	}
	if (n >= UINT32_MAX || !make_room(a, k, n))
		return false;
	k->tag = wide ? LAM_AGG_VALUE_WIDE : LAM_AGG_VALUE_TEXT;
	k->len = (uint32_t)n;
	if (n)
		memcpy(k->p, from, n);
	return true;
}

bool
lam_agg_value_get(const struct lam_agg_value *k, uint8_t type,
	struct lam_scalar *v)
{
	*v = (struct lam_scalar){ .type = type };
	v->null = k->tag <= LAM_AGG_VALUE_NULL;
	if (v->null)
		return k->tag == LAM_AGG_VALUE_NULL;
	if (k->tag == LAM_AGG_VALUE_TEXT)
		v->str = (struct lam_str){ k->p, k->len };
	else if (k->tag == LAM_AGG_VALUE_WIDE)
		memcpy(&v->num, k->p, sizeof v->num);
	else if (type == LAM_NUMBER)
		v->num = (struct lam_num){ k->i64, k->scale };
	else
		v->i64 = k->i64;
	return true;
}

static int
number_column(uint32_t s, size_t offset, const struct lam_ref *row, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	struct lam_number_builder col;
	struct lam_agg_value k;
	struct lam_scalar v;

	if (!lam_number_builder_init(&col, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&k, row[i].rec + lam_ref_agg(&row[i], s)->at + offset,
			sizeof k);
		lam_agg_value_get(&k, LAM_NUMBER, &v);
		if (v.null)
			lam_number_builder_null(&col, i);
		else if (!lam_number_builder_set(&col, i, v.num))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&col, out, e);
}

int
lam_agg_value_components(uint32_t s, size_t offset, uint8_t type,
	const struct lam_ref *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	uint8_t *null = LAM_ARENA_NEW(arena, uint8_t, n);
	struct lam_str *str = LAM_ARENA_NEW(arena, struct lam_str, n);
	int64_t *i64 = LAM_ARENA_NEW(arena, int64_t, n);
	uint8_t *bit = LAM_ARENA_NEW(arena, uint8_t, n);
	struct lam_agg_value k;
	struct lam_scalar v;
	bool any = false;

	if (type == LAM_NUMBER)
		return number_column(s, offset, row, n, arena, out, e);
	if (!null || !str || !i64 || !bit)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&k, row[i].rec + lam_ref_agg(&row[i], s)->at + offset,
			sizeof k);
		lam_agg_value_get(&k, type, &v);
		null[i] = v.null;
		any |= v.null;
		str[i] = v.str;
		i64[i] = v.i64;
		bit[i] = v.i64 != 0;
	}
	*out = (struct lam_vec){ .type = type, .rep = LAM_FLAT, .n = n,
		.null = any ? null : NULL };
	if (type == LAM_TEXT)
		out->str = str;
	else if (type == LAM_TIME)
		out->i64 = i64;
	else
		out->bit = bit;
	return LAM_OK;
}
