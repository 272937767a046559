/*
 * key_order.c - the order of the values of a dictionary, as integers
 *
 * Partial lines are sorted as bytes.  The text of each key is followed by ','
 * or, the last, by TAB, neither of which occurs in it unquoted: text and
 * terminator form a prefix-free code.  Comparing lines is therefore comparing
 * the keys one after the other by text plus terminator, and it is enough to
 * rank the distinct values of each key once and to compare ranks.
 */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/sort.h"
#include "group/key_dict.h"
#include "group/key_order.h"
#include "time/time.h"

static bool
rank_strings(const struct lam_str *s, uint32_t n, uint32_t *rank)
{
	uint32_t *order = malloc(((size_t)n + 1) * sizeof *order);
	bool ok = order && lam_sort_strings(s, n, order);

	for (uint32_t i = 0; ok && i < n; i++)
		rank[order[i]] = i;
	free(order);
	return ok;
}

/* The fields S, by id, in the order of their ranks. */
static bool
put_in_order(const struct lam_str *s, uint32_t n, const uint32_t *rank,
	struct lam_arena *a, struct lam_key_fields *out)
{
	size_t *at = LAM_ARENA_NEW(a, size_t, (size_t)n + 1);
	char *text;

	for (uint32_t i = 0; at && i < n; i++)
		at[rank[i] + 1] = s[i].n;
	for (uint32_t r = 0; at && r < n; r++)
		at[r + 1] += at[r];
	text = at ? lam_arena_alloc(a, at[n] + LAM_KEY_SLACK) : NULL;
	if (!text)
		return false;
	for (uint32_t i = 0; i < n; i++)
		memcpy(text + at[rank[i]], s[i].p, s[i].n);
	memset(text + at[n], 0, LAM_KEY_SLACK);
	*out = (struct lam_key_fields){ text, at };
	return true;
}

/* By the bytes of the fields, each followed by END; the fields into OUT unless NULL. */
static bool
rank_fields(const struct lam_key_dict *d, char end, uint32_t *rank,
	struct lam_arena *a, struct lam_key_fields *out)
{
	uint32_t n = d->values.n;
	struct lam_str *s = malloc(((size_t)n + 1) * sizeof *s);
	struct lam_heap heap;
	struct lam_mem mem = { 0 };
	char scratch[LAM_TIME_TEXT];
	bool ok = false;

	lam_heap_init(&heap, &mem);
	if (!s)
		goto out;
	for (uint32_t i = 0; i < n; i++) {
		struct lam_scalar v = lam_column_builder_get(&d->values, i);
		struct lam_str t = lam_scalar_print(&v, scratch);
		size_t len = 0;
		char *p = lam_heap_bytes(&heap, lam_escape_room(t) + 1);

		if (!p)
			goto out;
		if (t.p)
			len = lam_escape_field(t, p);
		p[len] = end;
		s[i] = (struct lam_str){ p, len + 1 };
	}
	ok = rank_strings(s, n, rank) &&
		(!out || put_in_order(s, n, rank, a, out));
out:
	free(s);
	lam_heap_release(&heap);
	return ok;
}

static int
by_value(void *arg, uint32_t x, uint32_t y)
{
	struct lam_scalar a = lam_column_builder_get(arg, x);
	struct lam_scalar b = lam_column_builder_get(arg, y);

	return lam_scalar_cmp(&a, &b);
}

/* By lam_scalar_cmp: for numbers of which some have more than 64 bits. */
static bool
rank_compared(const struct lam_key_dict *d, uint32_t *rank)
{
	struct lam_column_builder values = d->values;
	uint32_t n = values.n, *order, *tmp;
	bool ok;

	order = malloc(((size_t)n + 1) * sizeof *order);
	tmp = malloc(((size_t)n + 1) * sizeof *tmp);
	ok = order && tmp;
	for (uint32_t i = 0; ok && i < n; i++)
		order[i] = i;
	if (ok)
		lam_sort_by(order, tmp, n, by_value, &values);
	for (uint32_t i = 0; ok && i < n; i++)
		rank[order[i]] = i;
	free(order);
	free(tmp);
	return ok;
}

/* The numbers at one scale in 64 bits: false when they do not fit. */
static bool
integers(const struct lam_column_builder *v, struct lam_ranked *item)
{
	uint8_t scale = 0;

	if (v->far)
		return false;
	for (uint32_t i = 0; i < v->n; i++)
		if (v->tag[i] != LAM_TAG_NULL && v->tag[i] > scale)
			scale = v->tag[i];
	for (uint32_t i = 0; i < v->n; i++) {
		int64_t m = v->i64[i];

		if (v->tag[i] != LAM_TAG_NULL &&
			__builtin_mul_overflow(m, (int64_t)lam_pow10[
				scale - v->tag[i]], &m))
			return false;
		item[i].key = (uint64_t)m ^ UINT64_C(1) << 63;
		item[i].value = i;
	}
	return true;
}

static bool
rank_integers(const struct lam_key_dict *d, uint32_t *rank)
{
	uint32_t n = d->values.n, at = 0;
	struct lam_ranked *item = malloc(((size_t)n + 1) * sizeof *item);
	struct lam_ranked *tmp = malloc(((size_t)n + 1) * sizeof *tmp);
	bool ok = item && tmp;

	if (ok && !integers(&d->values, item)) {
		ok = rank_compared(d, rank);
	} else if (ok) {
		lam_sort_items(item, tmp, n);
		for (uint32_t i = 0; i < n; i++)
			if (item[i].value != d->null)
				rank[item[i].value] = at++;
		if (d->null != LAM_NO_ID)
			rank[d->null] = at;
	}
	free(item);
	free(tmp);
	return ok;
}

/* NULL takes no part in sorting and comes last. */
static bool
rank_texts(const struct lam_key_dict *d, uint32_t *rank)
{
	uint32_t n = d->values.n, null = d->null, m = 0;
	struct lam_str *s;
	uint32_t *order;
	bool ok;

	if (null == LAM_NO_ID)
		return rank_strings(d->values.str, n, rank);
	s = calloc(n, sizeof *s);
	order = malloc((size_t)n * sizeof *order);
	ok = s && order;
	for (uint32_t i = 0; ok && i < n; i++)
		if (i != null)
			s[m++] = d->values.str[i];
	ok = ok && lam_sort_strings(s, m, order);
	for (uint32_t i = 0; ok && i < m; i++)
		rank[order[i] + (order[i] >= null)] = i;
	if (ok)
		rank[null] = m;
	free(s);
	free(order);
	return ok;
}

bool
lam_key_order(const struct lam_key_dict *d, bool typed, char end,
	uint32_t *rank)
{
	if (!typed)
		return rank_fields(d, end, rank, NULL, NULL);
	if (d->values.type == LAM_TEXT)
		return rank_texts(d, rank);
	return rank_integers(d, rank);
}

bool
lam_key_fields(const struct lam_key_dict *d, char end, uint32_t *rank,
	struct lam_arena *a, struct lam_key_fields *out)
{
	return rank_fields(d, end, rank, a, out);
}
