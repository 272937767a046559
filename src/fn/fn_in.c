/*
 * fn_in.c - x in (a, b, c, ...)
 *
 * A list of constants is sorted once, when the query is prepared, and searched
 * by halves; a FOR column with a small domain instead looks up a table with
 * one byte per value of the domain, made per block.  A list with other
 * members is a chain of comparisons.
 *
 * NULL as SQL has it: NULL if x is NULL; true if x equals a member; else NULL
 * if a member is NULL; else false.
 */
#include "fn/fn.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"

#define TABLE_MAX (1u << 20) /* bytes of a look-up table */

struct lam_set {
	struct lam_vec value; /* FLAT, ascending, no NULL, no duplicate */
	bool nulls;	      /* the list had one */
};

static int
by_num(const void *a, const void *b)
{
	return lam_num_cmp(*(const struct lam_num *)a,
		*(const struct lam_num *)b);
}

static int
by_str(const void *a, const void *b)
{
	return lam_str_cmp(*(const struct lam_str *)a,
		*(const struct lam_str *)b);
}

/* The list as one FLAT vector at one scale; times and booleans as numbers. */
static int
set_numbers(struct lam_expr *x, struct lam_set *s, uint32_t n,
	struct lam_arena *a, struct lam_error *e)
{
	struct lam_call c = { .x = x, .arena = a, .e = e, .n = n };
	struct lam_num *v = LAM_ARENA_NEW(a, struct lam_num, n + 1);
	uint32_t k = 0;
	int rc;

	if (!v)
		return lam_fail_mem(e);
	for (uint32_t i = 1; i < x->nargs; i++) {
		const struct lam_expr *m = x->arg[i];

		if (m->null)
			continue;
		v[k].m = m->type == LAM_TIME ? m->time :
			m->type == LAM_BOOL ? m->boolean : m->num.m;
		v[k++].scale = m->type == LAM_NUMBER ? m->num.scale : 0;
	}
	qsort(v, n, sizeof *v, by_num);
	rc = lam_out_numbers(&c, v, NULL, &s->value);
	return rc;
}

static int
set_texts(struct lam_expr *x, struct lam_set *s, uint32_t n,
	struct lam_arena *a, struct lam_error *e)
{
	struct lam_str *v = LAM_ARENA_NEW(a, struct lam_str, n + 1);
	uint32_t k = 0;

	if (!v)
		return lam_fail_mem(e);
	for (uint32_t i = 1; i < x->nargs; i++)
		if (!x->arg[i]->null)
			v[k++] = x->arg[i]->text;
	qsort(v, n, sizeof *v, by_str);
	s->value = (struct lam_vec){ .type = LAM_TEXT, .n = n, .str = v };
	return LAM_OK;
}

int
lam_set_prepare(struct lam_expr *x, struct lam_plan *p, struct lam_arena *a,
	struct lam_error *e)
{
	struct lam_set *s;
	uint32_t n = 0;

	for (uint32_t i = 1; i < x->nargs; i++) {
		if (x->arg[i]->kind != LAM_X_CONST)
			return LAM_OK;
		n += !x->arg[i]->null;
	}
	s = LAM_ARENA_NEW(a, struct lam_set, 1);
	if (!s)
		return lam_fail_mem(e);
	s->nulls = n + 1 != x->nargs;
	p->set = s;
	p->count = 1;
	if (x->arg[0]->type == LAM_TEXT)
		return set_texts(x, s, n, a, e);
	return set_numbers(x, s, n, a, e);
}

static bool
text_before(const void *set, size_t i, const void *v)
{
	return lam_str_cmp(((const struct lam_vec *)set)->str[i],
		*(const struct lam_str *)v) < 0;
}

static bool
has_text(const struct lam_vec *set, struct lam_str v)
{
	size_t i = lam_lower_bound(set, set->n, &v, text_before);

	return i < set->n && lam_str_cmp(set->str[i], v) == 0;
}

static bool
num_before(const void *set, size_t i, const void *v)
{
	return lam_num_cmp(lam_num_of(set, (uint32_t)i),
		*(const struct lam_num *)v) < 0;
}

static bool
has_num(const struct lam_vec *set, struct lam_num v)
{
	size_t i = lam_lower_bound(set, set->n, &v, num_before);

	return i < set->n && lam_num_cmp(lam_num_of(set, (uint32_t)i), v) == 0;
}

static bool
has_i64(const int64_t *set, uint32_t n, int64_t v)
{
	uint32_t lo = 0;

	/* A short list: all members, no branch to be missed. */
	if (n <= 8) {
		bool found = false;

		for (uint32_t i = 0; i < n; i++)
			found |= set[i] == v;
		return found;
	}
	while (n > 1) {
		uint32_t half = n / 2;

		lo = set[lo + half] <= v ? lo + half : lo;
		n -= half;
	}
	return set[lo] == v;
}

/* The members that the scale of V can express, as its integers. */
static int
rescale_set(struct lam_call *c, const struct lam_vec *set, unsigned scale,
	int64_t **out, uint32_t *n)
{
	uint32_t k = 0;

	*out = lam_arena_alloc(c->arena, (set->n + 1) * sizeof **out);
	if (!*out)
		return lam_fail_mem(c->e);
	for (uint32_t i = 0; i < set->n; i++) {
		struct lam_num v = lam_num_normal(lam_num_of(set, i));

		if (v.scale <= scale && lam_num_rescale(v, scale, &v) &&
		    v.m == (int64_t)v.m)
			(*out)[k++] = (int64_t)v.m;
	}
	*n = k;
	return LAM_OK;
}

static int
in_for(struct lam_call *c, const struct lam_vec *v, const int64_t *set,
	uint32_t n, uint8_t *bit)
{
	uint8_t *table = lam_arena_calloc(c->arena, v->max + (size_t)1, 1);

	if (!table)
		return lam_fail_mem(c->e);
	for (uint32_t i = 0; i < n; i++) {
		lam_i128 d = (lam_i128)set[i] - v->base;

		if (d >= 0 && d % v->mult == 0 && d / v->mult <= v->max)
			table[d / v->mult] = 1;
	}
	for (uint32_t i = 0; i < c->n; i++)
		bit[i] = table[v->u32[i]];
	return LAM_OK;
}

static int
in_numbers(struct lam_call *c, const struct lam_vec *v,
	const struct lam_vec *set, uint8_t *bit)
{
	int64_t *member = NULL;
	struct lam_reader r;
	uint32_t n = 0;
	int rc;

	if ((rc = rescale_set(c, set, v->scale, &member, &n)))
		return rc;
	if (v->rep == LAM_FOR && v->max < TABLE_MAX && v->max < 4 * c->n)
		return in_for(c, v, member, n, bit);
	if ((rc = lam_read(c, v, &r)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		bit[i] = r.v->wide ? has_num(set, lam_num_of(r.v, i)) :
			n && has_i64(member, n, r.v->i64[i]);
	return LAM_OK;
}

/* BIT says which rows are in; the others are NULL when the list has a NULL. */
static int
finish(struct lam_call *c, uint8_t *bit, const uint8_t *null, bool nulls,
	struct lam_vec *out)
{
	uint8_t *some = NULL;
	int rc;

	if (nulls) {
		if ((rc = lam_nulls_new(c, null, &some)))
			return rc;
		for (uint32_t i = 0; i < c->n; i++)
			some[i] |= !bit[i];
	}
	lam_out_flat(c, LAM_BOOL, bit, some ? some : null, out);
	return LAM_OK;
}

static int
in_set(struct lam_call *c, const struct lam_vec *v, struct lam_vec *out)
{
	const struct lam_set *s = c->plan->set;
	uint8_t *bit;
	int rc;

	if ((rc = lam_room(c, 1, &bit)))
		return rc;
	if (v->type == LAM_TEXT) {
		for (uint32_t i = 0; i < c->n; i++)
			bit[i] = !(v->null && v->null[i]) &&
				has_text(&s->value, v->str[i]);
	} else if (v->type == LAM_BOOL) {
		for (uint32_t i = 0; i < c->n; i++)
			bit[i] = has_num(&s->value,
				(struct lam_num){ v->bit[i], 0 });
	} else if ((rc = in_numbers(c, v, &s->value, bit))) {
		return rc;
	}
	return finish(c, bit, v->null, s->nulls, out);
}

/* Members that are no constants: equal to any of them? */
static int
in_chain(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader x, m;
	uint8_t *bit, *null;
	int rc;

	if ((rc = lam_read(c, &arg[0], &x)) || (rc = lam_room(c, 1, &bit)) ||
	    (rc = lam_nulls_new(c, NULL, &null)))
		return rc;
	memset(bit, 0, c->n);
	for (uint32_t k = 1; k < nargs; k++) {
		if ((rc = lam_read(c, &arg[k], &m)))
			return rc;
		for (uint32_t i = 0; i < c->n; i++) {
			if (lam_null_at(&x, i) || lam_null_at(&m, i))
				null[i] = 1;
			else
				bit[i] |= lam_order(x.v, i * x.step, m.v,
					i * m.step) == 0;
		}
	}
	for (uint32_t i = 0; i < c->n; i++)
		null[i] &= !bit[i];
	lam_out_flat(c, LAM_BOOL, bit, null, out);
	return LAM_OK;
}

int
lam_fn_in(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	if (!c->plan->set)
		return in_chain(c, arg, nargs, out);
	return in_set(c, arg, out);
}
