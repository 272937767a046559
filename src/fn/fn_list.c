/*
 * fn_list.c - functions of lists
 *
 * A list is a text of JSON (store/list.h).  Each row's is read into an array of values,
 * once where it is the same for all rows; then a function of the table below makes a
 * value of it, or a list again (fn_list_make.c).
 */
#include "fn/fn_list.h"

#include <string.h>

#include "base/sum.h"

int
lam_list_push(struct lam_list_run *u, struct lam_list_items *t,
	const struct lam_scalar *v)
{
	uint32_t cap = t->cap ? t->cap * 2 : 16;
	struct lam_scalar *p;

	if (t->n == t->cap) {
		p = LAM_ARENA_NEW(u->c->arena, struct lam_scalar, cap);
		if (!p)
			return lam_fail_mem(u->c->e);
		if (t->n)
			memcpy(p, t->p, t->n * sizeof *p);
		t->p = p;
		t->cap = cap;
	}
	t->p[t->n++] = *v;
	return LAM_OK;
}

/* What the text S holds, as values of TYPE; *BAD: it is no list of these. */
int
lam_list_read(struct lam_list_run *u, struct lam_list_items *t,
	struct lam_str s, uint8_t type, bool *bad)
{
	struct lam_list_reader r;
	struct lam_scalar v;
	int rc = LAM_OK;

	t->n = 0;
	lam_list_open(&r, s, type, u->c->arena);
	while (!rc && lam_list_next(&r, &v))
		rc = lam_list_push(u, t, &v);
	*bad = r.bad;
	return rc || !r.oom ? rc : lam_fail_mem(u->c->e);
}

int
lam_list_take(struct lam_list_run *u, uint32_t k, uint32_t i)
{
	struct lam_list_items *t = &u->items[k];
	bool bad = false;
	int rc;

	if (t->same)
		return LAM_OK;
	t->n = 0;
	if (lam_null_at(&u->r[k], i))
		return LAM_OK;
	rc = lam_list_read(u, t, lam_str_at(&u->r[k], i),
		lam_list_element(u->c->x->arg[k]->list), &bad);
	t->same = !rc && !bad && u->r[k].step == 0;
	u->broken |= bad;
	return rc;
}

struct lam_scalar
lam_list_value(const struct lam_list_run *u, uint32_t k, uint32_t i)
{
	return lam_scalar_of(u->r[k].v, i * u->r[k].step);
}

/* Argument K, a number, as a whole one. */
int64_t
lam_list_whole(const struct lam_list_run *u, uint32_t k, uint32_t i)
{
	struct lam_num v = lam_num_at(&u->r[k], i);

	if (!lam_num_round(v, 0, &v) || v.m > INT32_MAX || v.m < -INT32_MAX)
		return v.m < 0 ? -INT32_MAX : INT32_MAX;
	return (int64_t)v.m;
}

void
lam_list_number(struct lam_scalar *out, int64_t v)
{
	*out = (struct lam_scalar){ .type = LAM_NUMBER, .num = { v, 0 } };
}

static void
set_bool(struct lam_scalar *out, bool v)
{
	*out = (struct lam_scalar){ .type = LAM_BOOL, .i64 = v };
}

/* ------------------------------------------------------- of one list, a value */

static int
list_at(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	const struct lam_list_items *t = u->items;
	int64_t k = lam_list_whole(u, 1, i);

	k = k < 0 ? t->n + k : k - 1;
	if (k >= 0 && k < t->n)
		*out = t->p[k];
	return LAM_OK;
}

static int
list_length(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	(void)i;
	lam_list_number(out, u->items->n);
	return LAM_OK;
}

/* Where V is; items->n: nowhere.  *NULLS: there are NULLs. */
static uint32_t
find(const struct lam_list_items *t, const struct lam_scalar *v, bool *nulls)
{
	uint32_t k = 0;

	*nulls = false;
	for (; k < t->n; k++) {
		if (!lam_scalar_cmp(&t->p[k], v))
			break;
		*nulls |= t->p[k].null;
	}
	return k;
}

static int
list_has(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	struct lam_scalar v = lam_list_value(u, 1, i);
	bool nulls;

	set_bool(out, find(u->items, &v, &nulls) < u->items->n);
	return LAM_OK;
}

/* With SQL's three values; nothing is in an empty list, nor, as in DuckDB, in none. */
static int
list_any(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	const struct lam_list_items *t = u->items;
	struct lam_scalar v = lam_list_value(u, 1, i);
	bool nulls, found = find(t, &v, &nulls) < t->n;

	if (v.null && t->n)
		return LAM_OK;
	if (found || !nulls)
		set_bool(out, found);
	return LAM_OK;
}

static int
list_position(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	struct lam_scalar v = lam_list_value(u, 1, i);
	bool nulls;
	uint32_t k = find(u->items, &v, &nulls);

	if (k < u->items->n)
		lam_list_number(out, k + 1);
	return LAM_OK;
}

/* The texts of the elements with a text between, without NULLs; of these alone NULL. */
static int
list_text(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	struct lam_str between = lam_str_at(&u->r[1], i);
	char scratch[LAM_TIME_TEXT];
	bool any = false;
	int rc;

	lam_buf_clear(&u->b);
	for (uint32_t k = 0; k < u->items->n; k++) {
		const struct lam_scalar *v = &u->items->p[k];
		struct lam_str s = lam_scalar_print(v, scratch);

		if (v->null)
			continue;
		if (any)
			lam_buf_put(&u->b, between.p, between.n);
		lam_buf_put(&u->b, s.p, s.n);
		any = true;
	}
	rc = lam_buf_check(&u->b, u->c->e);
	if (rc || (!any && u->items->n))
		return rc;
	*out = (struct lam_scalar){ .type = LAM_TEXT, .str = { lam_arena_dup(
		u->c->arena, u->b.n ? u->b.p : "", u->b.n), u->b.n } };
	return out->str.p ? LAM_OK : lam_fail_mem(u->c->e);
}

static int
list_sum(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	bool avg = u->c->x->fn == LAM_FN_LIST_AVG;
	struct lam_sum s = { { 0 } };
	uint64_t n = 0;

	for (uint32_t k = 0; k < u->items->n; k++)
		if (!u->items->p[k].null) {
			lam_sum_add(&s, u->items->p[k].num);
			n++;
		}
	if (!n)
		return LAM_OK;
	lam_list_number(out, 0);
	if (avg ? lam_sum_div(&s, n, &out->num) : lam_sum_num(&s, &out->num))
		return LAM_OK;
	out->null = true;
	return lam_fault(u->c, i);
}

static int
list_extreme(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	int sign = u->c->x->fn == LAM_FN_LIST_MIN ? 1 : -1;

	(void)i;
	for (uint32_t k = 0; k < u->items->n; k++) {
		const struct lam_scalar *v = &u->items->p[k];

		if (!v->null && (out->null || sign * lam_scalar_cmp(v, out) <
			0))
			*out = *v;
	}
	return LAM_OK;
}

static int
list_count(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	int64_t n = 0;

	(void)i;
	for (uint32_t k = 0; k < u->items->n; k++)
		n += !u->items->p[k].null;
	lam_list_number(out, n);
	return LAM_OK;
}

static int
list_any_value(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	(void)i;
	for (uint32_t k = 0; out->null && k < u->items->n; k++)
		*out = u->items->p[k];
	return LAM_OK;
}

/* Has the first list all, or any, of the second?  NULLs of it do not count. */
static int
list_has_all(struct lam_list_run *u, uint32_t i, struct lam_scalar *out)
{
	bool all = u->c->x->fn == LAM_FN_LIST_HAS_ALL, is = all, nulls;
	int rc = lam_list_take(u, 1, i);

	for (uint32_t k = 0; k < u->items[1].n && is == all; k++)
		if (!u->items[1].p[k].null)
			is = find(u->items, &u->items[1].p[k], &nulls) <
				u->items->n;
	set_bool(out, is);
	return rc;
}

/* What a function does; with NULLS it is called where an argument is NULL, too. */
static const struct list_fn {
	uint16_t fn;
	lam_list_fn *row;
	bool nulls;
} table[] = {
	{ LAM_FN_LIST_AT, list_at, false },
	{ LAM_FN_LIST_SLICE, lam_list_slice, false },
	{ LAM_FN_LIST_LEN, list_length, false },
	{ LAM_FN_LIST_LENGTH, list_length, false },
	{ LAM_FN_LIST_HAS, list_has, false },
	{ LAM_FN_LIST_CONTAINS, list_has, false },
	{ LAM_FN_LIST_ANY, list_any, true },
	{ LAM_FN_LIST_POSITION, list_position, true },
	{ LAM_FN_LIST_TEXT, list_text, false },
	{ LAM_FN_LIST_SORT, lam_list_sort, false },
	{ LAM_FN_LIST_REVERSE_SORT, lam_list_sort, false },
	{ LAM_FN_LIST_REVERSE, lam_list_reverse, false },
	{ LAM_FN_LIST_DISTINCT, lam_list_distinct, false },
	{ LAM_FN_LIST_UNIQUE, lam_list_distinct, false },
	{ LAM_FN_LIST_COUNT, list_count, false },
	{ LAM_FN_LIST_ANY_VALUE, list_any_value, false },
	{ LAM_FN_LIST_HAS_ALL, list_has_all, false },
	{ LAM_FN_LIST_HAS_ANY, list_has_all, false },
	{ LAM_FN_LIST_INTERSECT, lam_list_intersect, false },
	{ LAM_FN_LIST_SUM, list_sum, false },
	{ LAM_FN_LIST_AVG, list_sum, false },
	{ LAM_FN_LIST_MIN, list_extreme, false },
	{ LAM_FN_LIST_MAX, list_extreme, false },
	{ LAM_FN_LIST_CONCAT, lam_list_concat, true },
	{ LAM_FN_LIST_JOINED, lam_list_concat, false },
	{ LAM_FN_LIST_APPEND, lam_list_append, true },
	{ LAM_FN_LIST_PREPEND, lam_list_prepend, true },
	{ LAM_FN_TO_LIST, lam_list_cast, false },
	{ LAM_FN_TRY_LIST, lam_list_cast, false },
};

int
lam_fn_list(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	const struct list_fn *t = table;
	struct lam_list_run u = { .c = c, .nargs = nargs };
	struct lam_scalar *v;
	uint8_t *none;
	int rc;

	while (t->fn != c->x->fn)
		t++;
	if ((rc = lam_read_all(c, arg, nargs, u.r, &none)) ||
		(rc = lam_room(c, sizeof *v, &v)))
		return rc;
	for (uint32_t i = 0; !rc && i < c->n; i++) {
		v[i] = (struct lam_scalar){ .type = c->x->type, .null = true };
		if (none[i] && !t->nulls)
			continue;
		u.broken = false;
		if (c->x->arg[0]->list)
			rc = lam_list_take(&u, 0, i);
		if (!rc && !u.broken)
			rc = t->row(&u, i, &v[i]);
		if (!rc && u.broken) {
			v[i].null = true;
			rc = lam_fault(c, i);
		}
	}
	lam_buf_release(&u.b);
	return rc ? rc : lam_scalar_vec(v, c->n, c->x->type, c->arena, out,
		c->e);
}
