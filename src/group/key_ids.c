/*
 * key_ids.c - the ids of the values of a vector
 *
 * Of a dictionary each value is looked up once, unless it has more than there are
 * rows.
 */
#include "group/key_ids.h"

/* The ids of N values, none of them NULL. */
static bool
ids_of(struct lam_key_dict *d, const struct lam_vec *v, uint32_t n,
	uint32_t *id)
{
	if (v->type == LAM_TEXT)
		return lam_key_dict_texts(d, v->str, n, id);
	if (v->type != LAM_BOOL && !v->wide)
		return lam_key_dict_ints(d, v->i64, v->type == LAM_NUMBER ?
			v->scale : 0, n, id);
	for (uint32_t i = 0; i < n; i++) {
		struct lam_scalar x = lam_scalar_of(v, i);

		id[i] = lam_key_dict_add(d, &x);
		if (id[i] == LAM_NO_ID && !d->frozen)
			return false;
	}
	return true;
}

/* The same of any flat vector. */
static bool
flat_ids(struct lam_key_dict *d, const struct lam_vec *v,
	struct lam_arena *arena, uint32_t *id)
{
	uint16_t *sel;
	struct lam_vec some;
	uint32_t n = 0, *of;

	if (!v->null)
		return ids_of(d, v, v->n, id);
	sel = LAM_ARENA_NEW(arena, uint16_t, v->n + 1);
	of = LAM_ARENA_NEW(arena, uint32_t, v->n + 1);
	if (!sel || !of)
		return false;
	for (uint32_t i = 0; i < v->n; i++) {
		id[i] = LAM_NO_ID;
		if (!v->null[i])
			sel[n++] = (uint16_t)i;
	}
	if (n == 0)
		return true;
	if (!lam_vec_take(v, sel, n, arena, &some) ||
		!ids_of(d, &some, n, of))
		return false;
	for (uint32_t i = 0; i < n; i++)
		id[sel[i]] = of[i];
	return true;
}

bool
lam_key_ids(struct lam_key_dict *d, const struct lam_vec *v, uint32_t n,
	struct lam_arena *arena, uint32_t *id)
{
	const struct lam_vec *flat;
	uint32_t *of;

	if ((v->rep != LAM_DICT && v->rep != LAM_CONST) || v->dict->n > n) {
		flat = lam_vec_flat(v, arena);
		return flat && flat_ids(d, flat, arena, id);
	}
	of = LAM_ARENA_NEW(arena, uint32_t, v->dict->n + 1);
	if (!of || !flat_ids(d, v->dict, arena, of))
		return false;
	for (uint32_t i = 0; i < n; i++)
		id[i] = of[v->rep == LAM_CONST ? 0 : v->code[i]];
	return true;
}
