/*
 * accumulate_value.c - extremes, distinct counts and the rest over a moving frame
 *
 * Extremes: a row that came later and is at least as good outlives an earlier one,
 * so the queue holds rows that are worse and worse, and its first is the answer.
 * Where the begin of the frame stays, the best row is enough.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "window/accumulate_internal.h"

struct lam_candidate {
	uint64_t row;
	struct lam_scalar by, value;
	char *text[2]; /* theirs */
};

static void
forget(struct lam_candidate *c)
{
	free(c->text[0]);
	free(c->text[1]);
}

void
lam_accumulate_forget_queue(struct lam_accumulate *a)
{
	for (size_t i = a->first; i < a->last; i++)
		forget(&a->queue[i]);
	a->first = a->last = 0;
}

uint64_t
lam_accumulate_memory(const struct lam_accumulate *a)
{
	return a->bag.bytes + a->mem.used + a->count_cap * sizeof *a->count + a->cap *
		sizeof *a->queue + (a->table.q ?
		lam_group_table_memory(&a->table) : 0);
}

static int
extreme_reset(struct lam_accumulate *a, struct lam_error *e)
{
	(void)e;
	lam_accumulate_forget_queue(a);
	return LAM_OK;
}

/* The text of V, if it is one, as a copy of its own. */
static bool
own(struct lam_scalar *v, char **text)
{
	*text = NULL;
	if (v->type != LAM_TEXT || v->null)
		return true;
	*text = malloc(v->str.n + 1);
	if (!*text)
		return false;
	if (v->str.n)
		memcpy(*text, v->str.p, v->str.n);
	v->str.p = *text;
	return true;
}

/* Is X better than Y? */
static bool
better(const struct lam_accumulate *a, const struct lam_candidate *x,
	const struct lam_candidate *y)
{
	bool most = a->state->kind == LAM_MAX || a->state->kind == LAM_ARGMAX;
	int c = lam_scalar_cmp(&x->by, &y->by);

	if (most)
		c = -c;
	if (c == 0 && a->state->arg[1])
		c = lam_scalar_cmp(&x->value, &y->value);
	return c < 0;
}

static int
offer(struct lam_accumulate *a, const struct lam_candidate *x,
	struct lam_error *e)
{
	struct lam_candidate *grown;

	if (a->keeps && a->last > a->first && !better(a, x,
		&a->queue[a->first]))
		return LAM_OK;
	while (a->last > a->first && !better(a, &a->queue[a->last - 1], x))
		forget(&a->queue[--a->last]);
	if (a->last == a->first)
		a->first = a->last = 0;
	if (a->last == a->cap && a->first >= a->cap / 2 && a->first > 0) {
		memmove(a->queue, a->queue + a->first, (a->last - a->first) *
			sizeof *a->queue);
		a->last -= a->first;
		a->first = 0;
	} else if (!lam_array_room(&a->queue, &a->cap, a->last + 1,
		sizeof *a->queue)) {
		return lam_fail_mem(e);
	}
	grown = &a->queue[a->last++];
	*grown = *x;
	return own(&grown->by, &grown->text[0]) &&
		own(&grown->value, &grown->text[1]) ? LAM_OK : lam_fail_mem(e);
}

static int
extreme_add(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	bool pair = a->state->arg[1] != NULL;
	int rc = LAM_OK;

	for (uint32_t i = s->from; !rc && i < s->to; i++) {
		struct lam_candidate x = { .row = s->first + (i - s->from) };

		if (!lam_slice_counts(s, i) || lam_slice_null(s, pair, i) ||
			lam_slice_null(s, 0, i))
			continue;
		x.by = lam_scalar_of(s->arg[pair], i);
		x.value.null = true;
		if (pair)
			x.value = lam_scalar_of(s->arg[0], i);
		rc = offer(a, &x, e);
	}
	return rc;
}

static int
extreme_take(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	uint64_t to = s->first + (s->to - s->from);

	(void)e;
	while (a->first < a->last && a->queue[a->first].row < to)
		forget(&a->queue[a->first++]);
	return LAM_OK;
}

static int
extreme_value(struct lam_accumulate *a, struct lam_scalar *out, bool *fault,
	struct lam_error *e)
{
	(void)fault;
	(void)e;
	if (a->first == a->last)
		out->null = true;
	else
		*out = a->state->arg[1] ? a->queue[a->first].value :
			a->queue[a->first].by;
	return LAM_OK;
}

static int
distinct_reset(struct lam_accumulate *a, struct lam_error *e)
{
	(void)e;
	if (a->dict.values.mem)
		lam_key_dict_release(&a->dict);
	lam_key_dict_init(&a->dict, a->state->arg[0]->type, &a->mem,
		lam_hash_seed());
	a->ndistinct = 0;
	return LAM_OK;
}

static int
distinct_rows(struct lam_accumulate *a, const struct lam_slice *s, bool out,
	struct lam_error *e)
{
	for (uint32_t i = s->from; i < s->to; i++) {
		struct lam_scalar v;
		uint32_t known = a->dict.values.n, id;

		if (!lam_slice_counts(s, i) || lam_slice_null(s, 0, i))
			continue;
		v = lam_scalar_of(s->arg[0], i);
		id = lam_key_dict_add(&a->dict, &v);
		if (id == LAM_NO_ID)
			return lam_fail_mem(e);
		if (id >= a->count_cap) {
			size_t cap = 2 * (size_t)id + 16;
			uint64_t *grown = realloc(a->count, cap *
				sizeof *grown);

			if (!grown)
				return lam_fail_mem(e);
			a->count = grown;
			a->count_cap = cap;
		}
		if (id >= known)
			a->count[id] = 0;
		if (out)
			a->ndistinct -= --a->count[id] == 0;
		else
			a->ndistinct += a->count[id]++ == 0;
	}
	return LAM_OK;
}

static int
distinct_add(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	return distinct_rows(a, s, false, e);
}

static int
distinct_take(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	return distinct_rows(a, s, true, e);
}

static int
distinct_value(struct lam_accumulate *a, struct lam_scalar *out, bool *fault,
	struct lam_error *e)
{
	(void)fault;
	(void)e;
	out->num = (struct lam_num){ (lam_i128)a->ndistinct, 0 };
	return LAM_OK;
}

static int
table_reset(struct lam_accumulate *a, struct lam_error *e)
{
	int rc;

	lam_group_table_release(&a->table);
	rc = lam_group_table_init(&a->table, a->q, e);
	return rc ? rc : lam_group_table_add(&a->table, NULL, &a->rec, e);
}

static int
table_add(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	struct lam_agg *agg = &a->table.agg[a->final->index];
	struct lam_batch_groups g = { .ngroups = 1, .pos = s->first,
		.arena = &a->arena };
	struct lam_vec v[2];
	uint16_t *sel;
	uint32_t zero = 0;
	char *slot = a->rec + agg->at;
	int rc = LAM_OK;

	lam_arena_reset(&a->arena);
	sel = lam_arena_alloc(&a->arena, (s->to - s->from + (size_t)1) *
		sizeof *sel);
	if (!sel)
		return lam_fail_mem(e);
	for (uint32_t i = s->from; i < s->to; i++)
		if (lam_slice_counts(s, i))
			sel[g.n++] = (uint16_t)i;
	if (g.n == 0)
		return LAM_OK;
	for (int i = 0; !rc && i < 2; i++)
		if (s->arg[i] && !lam_vec_take(s->arg[i], sel, g.n, &a->arena,
			&v[i]))
			rc = lam_fail_mem(e);
	if (!rc)
		rc = agg->ops->update(agg, &g, v, e);
	return rc ? rc : agg->ops->flush(agg, &zero, &slot, 1, e);
}

static int
table_value(struct lam_accumulate *a, struct lam_scalar *out, bool *fault,
	struct lam_error *e)
{
	struct lam_agg *agg = &a->table.agg[a->final->index];
	struct lam_ref ref = { &a->table, a->rec };
	struct lam_vec v;
	int rc;

	(void)fault;
	lam_arena_reset(&a->arena);
	rc = agg->ops->freeze ? agg->ops->freeze(agg, e) : LAM_OK;
	if (!rc)
		rc = agg->ops->finalize(a->final->index, &ref, 1, a->final,
			&a->arena, &v, e);
	if (!rc)
		*out = lam_scalar_of(&v, 0);
	return rc;
}

const struct lam_accumulate_ops lam_accumulate_extreme = {
	extreme_reset, extreme_add, extreme_take, extreme_value
};

const struct lam_accumulate_ops lam_accumulate_distinct = {
	distinct_reset, distinct_add, distinct_take, distinct_value
};

const struct lam_accumulate_ops lam_accumulate_table = {
	table_reset, table_add, NULL, table_value
};
