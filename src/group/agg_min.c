/*
 * agg_min.c - MIN, MAX, ARGMIN, ARGMAX
 *
 * Slots: MIN and MAX keep the value; ARG* keep "by" and, behind it, the value
 * found there.  NULLs are ignored: as in DuckDB, a row counts for ARG* only if
 * neither its "by" nor its value is NULL.  Of the rows with the best "by" the
 * least value wins, so that the order of the rows does not matter.
 */
#include <string.h>

#include "base/hot.h"
#include "group/agg.h"
#include "group/agg_loops.h"
#include "group/agg_value.h"
#include "group/batch_min.h"
#include "group/group_table.h"

struct local {
	uint32_t *best;	   /* rows by group, or: */
	uint64_t *least;   /* the values as integers, negated for MAX */
	struct lam_vec by, value;
};

static bool
descending(const struct lam_agg *a)
{
	return a->state->kind == LAM_MAX || a->state->kind == LAM_ARGMAX;
}

/* The rows of S with V not NULL (and W neither): into a rows of its own. */
static int
not_null(struct lam_agg *a, struct lam_batch_groups *s, struct lam_vec *v,
	struct lam_vec *w, struct lam_error *e)
{
	struct lam_batch_groups *one =
		LAM_ARENA_NEW(s->arena, struct lam_batch_groups, 2);
	struct lam_vec x = *v;
	uint16_t *sel;
	uint32_t n;
	int rc;

	if (!one)
		return lam_fail_mem(e);
	rc = lam_batch_groups_not_null(s, &x, one, v, e);
	a->rows = one;
	if (rc || !w || one->n == s->n)
		return rc;
	sel = lam_arena_alloc(s->arena, (s->n + 1) * sizeof *sel);
	if (!sel)
		return lam_fail_mem(e);
	n = lam_not_null(&x, sel);
	x = *w;
	return lam_vec_take(&x, sel, n, s->arena, w) ? LAM_OK :
		lam_fail_mem(e);
}

/* MIN of a frame of reference: the least offset, as an ordinal. */
static int
least_offset(struct lam_agg *a, struct local *l, struct lam_error *e)
{
	struct lam_batch_groups *s = a->rows;
	uint32_t flip = descending(a) ? UINT32_MAX : 0;
	uint32_t *least = lam_arena_alloc(s->arena, (s->ngroups + 1) *
		sizeof *least);

	l->least = lam_arena_alloc(s->arena, (s->ngroups + 1) *
		sizeof *l->least);
	if (!l->least || !least || !lam_batch_groups_count(s))
		return lam_fail_mem(e);
	memset(least, 0xff, s->ngroups * sizeof *least);
	lam_loop_min_u32(s->gid, l->value.u32, flip, s->n, least);
	for (uint32_t g = 0; g < s->ngroups; g++)
		l->least[g] = flip ? ~(uint64_t)(least[g] ^ flip) : least[g];
	return LAM_OK;
}

/* MIN of numbers and times: the least integer, no rows. */
static int
least_integer(struct lam_agg *a, struct local *l, struct lam_error *e)
{
	struct lam_batch_groups *s = a->rows;
	struct lam_ordinals o;
	int rc;

	if (l->value.rep == LAM_FOR)
		return least_offset(a, l, e);
	rc = lam_ordinals_init(&o, &l->value, descending(a), s->arena, e);
	if (rc)
		return rc;
	l->least = lam_arena_alloc(s->arena, (s->ngroups + 1) *
		sizeof *l->least);
	if (!l->least || !lam_batch_groups_count(s))
		return lam_fail_mem(e);
	memset(l->least, 0xff, s->ngroups * sizeof *l->least);
	if (o.code)
		lam_loop_min_code(s->gid, o.code, o.key, s->n, l->least);
	else
		lam_loop_min_u64(s->gid, o.key, s->n, l->least);
	return LAM_OK;
}

static int
min_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct local *l = LAM_ARENA_NEW(s->arena, struct local, 1);
	struct lam_ordinals o;
	int rc;

	if (!l)
		return lam_fail_mem(e);
	a->local = l;
	l->value = v[0];
	rc = not_null(a, s, &l->value, NULL, e);
	if (rc)
		return rc;
	if (!a->state->merge)
		a->nulls += s->n - a->rows->n;
	if ((v->type == LAM_NUMBER || v->type == LAM_TIME) &&
		l->value.rep != LAM_CONST && !l->value.wide &&
		!(l->value.rep == LAM_DICT && l->value.dict->wide))
		return least_integer(a, l, e);
	rc = lam_ordinals_init(&o, &l->value, descending(a), s->arena, e);
	return rc ? rc : lam_batch_min(&o, NULL, a->rows, &l->best, e);
}

/* The value behind an ordinal of least_integer. */
static struct lam_scalar
from_ordinal(const struct lam_agg *a, const struct lam_vec *v, uint64_t key)
{
	const struct lam_vec *f = v->rep == LAM_DICT ? v->dict : v;
	struct lam_scalar x = { .type = f->type };

	if (descending(a))
		key = ~key;
	x.i64 = v->rep == LAM_FOR ? v->base + v->mult * (int64_t)key :
		(int64_t)(key ^ UINT64_C(1) << 63);
	if (x.type == LAM_NUMBER)
		x.num = lam_num_normal((struct lam_num){ x.i64, f->scale });
	return x;
}

static int
offer(struct lam_agg *a, char *slot, const struct lam_scalar *x,
	struct lam_error *e)
{
	struct lam_agg_value *k = (struct lam_agg_value *)(void *)slot;
	struct lam_scalar old;
	int c = -1;

	if (lam_agg_value_get(k, x->type, &old)) {
		c = lam_scalar_cmp(x, &old);
		c = descending(a) ? -c : c;
	}
	return c >= 0 || lam_agg_value_set(a, k, x) ? LAM_OK : lam_fail_mem(e);
}

static int
min_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	const struct local *l = a->local;
	struct lam_scalar x;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < n; i++) {
		uint32_t g = group[i];

		if (l->least ? !a->rows->count[g] : l->best[g] == LAM_NO_ROW)
			continue;
		x = l->least ? from_ordinal(a, &l->value, l->least[g]) :
			lam_scalar_of(&l->value, l->best[g]);
		rc = offer(a, slot[i], &x, e);
	}
	return rc;
}

static int
min_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct lam_agg_value k;
	struct lam_scalar x;

	(void)from;
	memcpy(&k, other, sizeof k);
	if (!lam_agg_value_get(&k, a->state->type[0], &x))
		return LAM_OK;
	return offer(a, slot, &x, e);
}

static int
min_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	struct lam_scalar x;

	if (!lam_scalar_parse(a->state->type[0], field[0], &x))
		return lam_agg_bad(a, e);
	return x.null ? LAM_OK : offer(a, slot, &x, e);
}

static int
keep_components(uint32_t s, const struct lam_ref *row, uint32_t n, unsigned c,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	uint8_t type = lam_ref_agg(row, s)->state->type[c];

	return lam_agg_value_components(s, c * sizeof(struct lam_agg_value),
		type, row, n, arena, out, e);
}

const struct lam_agg_ops lam_agg_min = {
	.slot = sizeof(struct lam_agg_value),
	.update = min_update,
	.flush = min_flush,
	.merge = min_merge,
	.parse = min_parse,
	.components = keep_components,
};

/* The arguments are value, by; the components by, value. */
static int
arg_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct local *l = LAM_ARENA_NEW(s->arena, struct local, 1);
	bool merge = a->state->merge;
	struct lam_ordinals o;
	int rc;

	if (!l)
		return lam_fail_mem(e);
	a->local = l;
	l->value = v[merge];
	l->by = v[!merge];
	a->rows = s;
	rc = merge ? LAM_OK : not_null(a, s, &l->value, &l->by, e);
	if (!rc && !merge)
		a->nulls += s->n - a->rows->n;
	if (!rc)
		rc = not_null(a, a->rows, &l->by, &l->value, e);
	if (!rc)
		rc = lam_ordinals_init(&o, &l->by, descending(a), s->arena, e);
	return rc ? rc : lam_batch_min(&o, &l->value, a->rows, &l->best, e);
}

static int
offer_arg(struct lam_agg *a, char *slot, const struct lam_scalar *by,
	const struct lam_scalar *value, struct lam_error *e)
{
	struct lam_agg_value *k = (struct lam_agg_value *)(void *)slot;
	struct lam_scalar old;
	int c = -1;

	if (lam_agg_value_get(k, by->type, &old)) {
		c = lam_scalar_cmp(by, &old);
		c = descending(a) ? -c : c;
		lam_agg_value_get(k + 1, value->type, &old);
		c = c ? c : lam_scalar_cmp(value, &old);
	}
	if (c >= 0)
		return LAM_OK;
	return lam_agg_value_set(a, k, by) && lam_agg_value_set(a, k + 1, value)
		       ? LAM_OK
		       : lam_fail_mem(e);
}

static int
arg_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	const struct local *l = a->local;
	struct lam_scalar by, value;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < n; i++) {
		uint32_t row = l->best[group[i]];

		if (row == LAM_NO_ROW)
			continue;
		by = lam_scalar_of(&l->by, row);
		value = lam_scalar_of(&l->value, row);
		rc = offer_arg(a, slot[i], &by, &value, e);
	}
	return rc;
}

static int
arg_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct lam_agg_value k[2];
	struct lam_scalar by, value;

	(void)from;
	memcpy(k, other, sizeof k);
	if (!lam_agg_value_get(&k[0], a->state->type[0], &by))
		return LAM_OK;
	lam_agg_value_get(&k[1], a->state->type[1], &value);
	return offer_arg(a, slot, &by, &value, e);
}

static int
arg_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	struct lam_scalar by, value;

	if (!lam_scalar_parse(a->state->type[0], field[0], &by) ||
		!lam_scalar_parse(a->state->type[1], field[1], &value) ||
		(by.null && !value.null))
		return lam_agg_bad(a, e);
	return by.null ? LAM_OK : offer_arg(a, slot, &by, &value, e);
}

const struct lam_agg_ops lam_agg_arg = {
	.slot = 2 * sizeof(struct lam_agg_value),
	.update = arg_update,
	.flush = arg_flush,
	.merge = arg_merge,
	.parse = arg_parse,
	.components = keep_components,
};
