/*
 * fn_list_make.c - functions that give lists
 */
#include "fn/fn_list.h"

#include <stdlib.h>
#include <string.h>

#include "sql/lex.h"

/* P[0..n-1] as a list. */
static int
put_list(struct lam_list_run *u, const struct lam_scalar *p, uint32_t n,
	struct lam_scalar *out)
{
	int rc;

	lam_buf_clear(&u->b);
	for (uint32_t k = 0; k < n; k++)
		lam_list_put(&u->b, k, &p[k]);
	lam_list_end(&u->b, n);
	rc = lam_buf_check(&u->b, u->c->e);
	if (rc)
		return rc;
	*out = (struct lam_scalar){ .type = LAM_TEXT, .str = { lam_arena_dup(
		u->c->arena, u->b.p, u->b.n), u->b.n } };
	return out->str.p ? LAM_OK : lam_fail_mem(u->c->e);
}

int
lam_list_slice(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	int64_t n = u->items->n, a = lam_list_whole(u, 1, i);
	int64_t b = lam_list_whole(u, 2, i);

	a = a < 0 ? n + a + 1 : a;
	b = b < 0 ? n + b + 1 : b;
	a = a < 1 ? 1 : a;
	b = b > n ? n : b;
	return put_list(u, u->items->p + (a > n ? n : a - 1), a > b ? 0 :
		(uint32_t)(b - a + 1), out);
}

static int
by_value(const void *a, const void *b)
{
	return lam_scalar_cmp(a, b);
}

static void
reverse(struct lam_scalar *p, uint32_t n)
{
	for (uint32_t k = 0; k < n / 2; k++) {
		struct lam_scalar v = p[k];

		p[k] = p[n - 1 - k];
		p[n - 1 - k] = v;
	}
}

/* The items in order, NULLs last; how many are none. */
static uint32_t
sort(struct lam_list_items *t)
{
	uint32_t n = t->n;

	if (n)
		qsort(t->p, n, sizeof *t->p, by_value);
	while (n && t->p[n - 1].null)
		n--;
	return n;
}

/* Does a constant argument say WORD? */
static bool
says(const struct lam_list_run *u, const char *word)
{
	for (uint32_t k = 1; k < u->nargs; k++)
		if (lam_str_is(u->c->x->arg[k]->text, word))
			return true;
	return false;
}

int
lam_list_sort(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	struct lam_list_items *t = u->items;
	uint32_t n = sort(t);

	(void)i;
	if (u->c->x->fn == LAM_FN_LIST_REVERSE_SORT || says(u, "desc"))
		reverse(t->p, n);
	if (says(u, "nulls first")) {
		reverse(t->p, n);
		reverse(t->p, t->n);
	}
	t->same = false; /* it was changed */
	return put_list(u, t->p, t->n, out);
}

int
lam_list_reverse(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	(void)i;
	reverse(u->items->p, u->items->n);
	u->items->same = false;
	return put_list(u, u->items->p, u->items->n, out);
}

/* The values that are there, in order, each once. */
int
lam_list_distinct(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	struct lam_list_items *t = u->items;
	uint32_t n = sort(t), to = 0;

	(void)i;
	for (uint32_t k = 0; k < n; k++)
		if (!k || lam_scalar_cmp(&t->p[to - 1], &t->p[k]))
			t->p[to++] = t->p[k];
	t->same = false;
	if (u->c->x->fn == LAM_FN_LIST_DISTINCT)
		return put_list(u, t->p, to, out);
	lam_list_number(out, to);
	return LAM_OK;
}

/* Both lists as one; NULL is like an empty one, but for ||. */
int
lam_list_concat(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	struct lam_list_items *t = u->items;
	int rc = lam_list_take(u, 1, i);

	t->same = false;
	for (uint32_t k = 0; !rc && k < u->items[1].n; k++)
		rc = lam_list_push(u, t, &u->items[1].p[k]);
	return rc ? rc : put_list(u, t->p, t->n, out);
}

int
lam_list_append(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	struct lam_scalar v = lam_list_value(u, 1, i);
	struct lam_list_items *t = u->items;
	int rc;

	t->same = false;
	rc = lam_list_push(u, t, &v);
	return rc ? rc : put_list(u, t->p, t->n, out);
}

int
lam_list_prepend(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	struct lam_scalar v = lam_list_value(u, 0, i);
	struct lam_list_items *t = &u->items[1];
	int rc = lam_list_take(u, 1, i);

	t->same = false;
	if (!rc)
		rc = lam_list_push(u, t, &v);
	if (rc)
		return rc;
	memmove(t->p + 1, t->p, (t->n - 1) * sizeof *t->p);
	t->p[0] = v;
	return put_list(u, t->p, t->n, out);
}

/* The text of a JSON array, or a list of another kind. */
int
lam_list_cast(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	struct lam_str to = u->c->x->arg[1]->text;
	struct lam_list_items *t = u->items;
	bool bad;
	int rc = lam_list_read(u, t, lam_str_at(&u->r[0], i),
		lam_list_element(u->c->x->list), &bad);

	for (uint32_t k = 0; k < t->n; k++) {
		struct lam_scalar *v = &t->p[k];

		if (!v->null && lam_str_is(to, "bigint"))
			bad |= !lam_num_round(v->num, 0, &v->num);
		if (!v->null && lam_str_is(to, "date"))
			bad |= !lam_time_trunc(v->i64, LAM_DAY, &v->i64);
	}
	if (rc || !bad)
		return rc ? rc : put_list(u, t->p, t->n, out);
	return u->c->x->fn == LAM_FN_TRY_LIST ? LAM_OK : lam_fault(u->c, i);
}

static bool
among(const struct lam_scalar *p, uint32_t n, const struct lam_scalar *v)
{
	uint32_t k = 0;

	while (k < n && lam_scalar_cmp(&p[k], v))
		k++;
	return k < n;
}

/* What both lists have, each once, in the order of the first; no NULL. */
int
lam_list_intersect(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	const struct lam_list_items *t = u->items;
	struct lam_scalar *p = LAM_ARENA_NEW(u->c->arena, struct lam_scalar,
		t->n + 1);
	uint32_t n = 0;
	int rc = lam_list_take(u, 1, i);

	if (rc || !p)
		return rc ? rc : lam_fail_mem(u->c->e);
	for (uint32_t k = 0; k < t->n; k++)
		if (!t->p[k].null && among(u->items[1].p, u->items[1].n,
			&t->p[k]) && !among(p, n, &t->p[k]))
			p[n++] = t->p[k];
	return put_list(u, p, n, out);
}
