/*
 * agg_list.c - LIST: values in the order of positions, or of ORDER BY
 *
 * Slot: a block of items, as they came; they are put in order when somebody looks.
 * The order is that of the keys (sql/query.h), then of the positions, if the state
 * has them, then of the values, so that it depends on the items alone.  A list with a
 * limit keeps the first so many.
 *
 * Text: the items in order, each its position and a blank, if the state has them,
 * then its keys, then its value, each as a netstring ("3:abc") of the canonical text,
 * NULL as ~.
 */
#include <string.h>

#include "base/sort.h"
#include "group/agg.h"
#include "group/group_table.h"
#include "group/value_sets.h"
#include "time/time.h"

#define LIST_MAX (UINT64_C(1) << 30) /* bytes of one */
#define NONE UINT32_MAX
#define SLACK 64 /* items beyond twice the limit */

struct slot {
	char *p;
	uint64_t used, cap, n;
};

struct item { /* its keys as text, then its value, padded to 8 bytes */
	uint64_t pos;
	uint32_t key, value; /* bytes; value NONE: NULL */
};

/* An item as values: the keys, and behind them its own. */
struct entry {
	const struct item *item;
	struct lam_scalar *value;
};

struct entries {
	const struct lam_state *state;
	struct entry *p;
	uint32_t *order;
};

static size_t
item_size(uint32_t key, uint32_t value)
{
	return (sizeof(struct item) + key + (value == NONE ? 0 : value) + 7) &
		~(size_t)7;
}

/* The next value of T from *AT on; p NULL: NULL.  False: there is none. */
static bool
next_value(struct lam_str t, size_t *at, struct lam_str *out)
{
	uint64_t once;

	*out = (struct lam_str){ NULL, 0 };
	if (*at < t.n && t.p[*at] == '~') {
		++*at;
		return true;
	}
	return lam_value_sets_next(t, at, false, out, &once);
}

static bool
canonical(uint8_t type, struct lam_str s, struct lam_scalar *out)
{
	char scratch[LAM_TIME_TEXT];

	return lam_scalar_parse(type, s, out) && (!s.p || lam_str_cmp(s,
		lam_scalar_print(out, scratch)) == 0);
}

/* The keys in T, from *AT on, into VALUE. */
static bool
read_keys(const struct lam_state *s, struct lam_str t, size_t *at,
	struct lam_scalar *value)
{
	struct lam_str one;

	for (uint32_t k = 0; k < s->norder; k++)
		if (!next_value(t, at, &one) ||
			!canonical(s->order[k].type, one, &value[k]))
			return false;
	return true;
}

static int
by_order(void *arg, uint32_t i, uint32_t j)
{
	const struct entries *t = arg;
	const struct entry *x = &t->p[i], *y = &t->p[j];
	uint32_t n = t->state->norder;

	for (uint32_t k = 0; k < n; k++) {
		const struct lam_scalar *a = &x->value[k], *b = &y->value[k];
		int c = lam_scalar_cmp(a, b);
		bool back = a->null || b->null ?
			t->state->order[k].nulls_first :
			t->state->order[k].descending;

		if (c)
			return back ? -c : c;
	}
	if (x->item->pos != y->item->pos)
		return x->item->pos < y->item->pos ? -1 : 1;
	return lam_scalar_cmp(&x->value[n], &y->value[n]);
}

/* Those of SLOT in order. */
static int
open_list(const struct lam_agg *a, const struct slot *slot,
	struct lam_arena *arena, struct entries *out, struct lam_error *e)
{
	const struct lam_state *s = a->state;
	uint32_t n = (uint32_t)slot->n, *tmp;
	struct lam_scalar *value;
	const char *p = slot->p;

	*out = (struct entries){ s, LAM_ARENA_NEW(arena, struct entry, n + 1),
		LAM_ARENA_NEW(arena, uint32_t, n + 1) };
	value = LAM_ARENA_NEW(arena, struct lam_scalar,
		(n + (size_t)1) * (s->norder + 1));
	tmp = LAM_ARENA_NEW(arena, uint32_t, n + 1);
	if (!out->p || !out->order || !value || !tmp)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++, value += s->norder + 1) {
		const struct item *it = (const void *)p;
		struct lam_str key = { p + sizeof *it, it->key };
		struct lam_str own = { it->value == NONE ? NULL :
			key.p + key.n, it->value };
		size_t at = 0;

		out->p[i] = (struct entry){ it, value };
		out->order[i] = i;
		if (!read_keys(s, key, &at, value) || at != key.n ||
			!lam_scalar_parse(s->value, own, &value[s->norder]))
			return lam_agg_bad(a, e);
		p += item_size(it->key, it->value);
	}
	lam_sort_by(out->order, tmp, n, by_order, out);
	return LAM_OK;
}

static int
grow(struct lam_agg *a, struct slot *s, size_t more, struct lam_error *e)
{
	size_t cap;
	char *p;

	if (s->used + more <= s->cap)
		return LAM_OK;
	if (s->used + more > LIST_MAX)
		return lam_fail(e, LAM_USAGE, "%s: the list of one group is "
			"longer than 1 GiB: group by more", a->state->label);
	p = lam_heap_alloc(a->heap, s->cap + (more > s->cap / 2 ? more :
		s->cap / 2), &cap);
	if (!p)
		return lam_fail_mem(e);
	if (s->used)
		memcpy(p, s->p, s->used);
	lam_heap_give(a->heap, s->p, s->cap);
	s->p = p;
	s->cap = cap;
	return LAM_OK;
}

static void
put_item(struct slot *s, const struct item *head, struct lam_str key,
	struct lam_str value)
{
	char *p = s->p + s->used;

	memcpy(p, head, sizeof *head);
	p += sizeof *head;
	if (key.n)
		memcpy(p, key.p, key.n);
	if (value.n)
		memcpy(p + key.n, value.p, value.n);
	s->used += item_size(head->key, head->value);
	s->n++;
}

/* Keep the first so many. */
static int
cut(struct lam_agg *a, struct slot *s, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct slot left = { .p = NULL };
	struct entries t;
	int rc = open_list(a, s, &arena, &t, e);

	if (!rc)
		rc = grow(a, &left, s->used, e);
	for (uint64_t i = 0; !rc && i < a->state->limit && i < s->n; i++) {
		const struct item *it = t.p[t.order[i]].item;
		size_t size = item_size(it->key, it->value);

		memcpy(left.p + left.used, it, size);
		left.used += size;
		left.n++;
	}
	lam_arena_release(&arena);
	if (rc)
		return rc;
	lam_heap_give(a->heap, s->p, s->cap);
	*s = left;
	return LAM_OK;
}

static int
add(struct lam_agg *a, char *slot, uint64_t pos, struct lam_str key,
	struct lam_str value, struct lam_error *e)
{
	struct slot *s = (struct slot *)(void *)slot;
	struct item head = { pos, (uint32_t)key.n, value.p ?
		(uint32_t)value.n : NONE };
	uint64_t limit = a->state->limit;
	int rc;

	if (key.n > LIST_MAX || value.n > LIST_MAX)
		return lam_fail_mem(e);
	rc = grow(a, s, item_size(head.key, head.value), e);
	if (rc)
		return rc;
	put_item(s, &head, key, value);
	return limit && s->n >= 2 * limit + SLACK ? cut(a, s, e) : LAM_OK;
}

/* ------------------------------------------------------------------- batches */

struct local {
	struct lam_vec value, key; /* key.n 0: none */
};

static int
list_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct local *l = LAM_ARENA_NEW(s->arena, struct local, 1);

	if (!l || !lam_batch_groups_order(s))
		return lam_fail_mem(e);
	a->local = l;
	a->rows = s;
	l->value = v[0];
	if (a->state->arg[1])
		l->key = v[1];
	for (uint32_t i = 0; !a->state->merge && i < s->n; i++)
		a->nulls += lam_vec_is_null(&l->value, i);
	return LAM_OK;
}

static int
add_row(struct lam_agg *a, char *slot, uint32_t row, struct lam_error *e)
{
	const struct local *l = a->local;
	struct lam_str key = { NULL, 0 };
	char scratch[LAM_TIME_TEXT];
	struct lam_str value = lam_vec_print(&l->value, row, scratch);

	if ((!value.p && !a->state->nulls) ||
		(l->key.n && lam_vec_is_null(&l->key, row)))
		return LAM_OK;
	if (l->key.n)
		key = lam_vec_text(&l->key, row);
	return add(a, slot, a->state->placed ? lam_batch_groups_pos(a->rows,
		row) : 0, key, value, e);
}

/* "17 " at *AT of T. */
static bool
read_position(struct lam_str t, size_t *at, uint64_t *pos)
{
	size_t from = *at;

	*pos = 0;
	while (*at < t.n && t.p[*at] >= '0' && t.p[*at] <= '9' &&
		*pos <= INT64_MAX / 10)
		*pos = *pos * 10 + (uint64_t)(t.p[(*at)++] - '0');
	return *at > from && *at < t.n && t.p[(*at)++] == ' ' &&
		*pos <= INT64_MAX && (t.p[from] != '0' || *at == from + 2);
}

/* The item of T at *AT: its KEY's and VALUE's text, and both read into X. */
static bool
read_item(const struct lam_state *s, struct lam_str t, size_t *at,
	struct item *head, struct lam_str *key, struct lam_str *value,
	struct lam_scalar *x)
{
	size_t from;

	head->pos = 0;
	if (s->placed && !read_position(t, at, &head->pos))
		return false;
	from = *at;
	if (!read_keys(s, t, at, x))
		return false;
	*key = (struct lam_str){ t.p + from, *at - from };
	return next_value(t, at, value) && (value->p || s->nulls) &&
		canonical(s->value, *value, &x[s->norder]);
}

static int
add_text(struct lam_agg *a, char *slot, struct lam_str t, struct lam_error *e)
{
	const struct lam_state *s = a->state;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct item head[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	struct entry two[2];
	struct entries pair = { s, two, NULL };
	struct lam_scalar *x = LAM_ARENA_NEW(&arena, struct lam_scalar,
		2 * (s->norder + (size_t)1));
	struct lam_str key, value;
	uint64_t n = 0;
	int rc = x ? LAM_OK : lam_fail_mem(e);

	for (int i = 0; x && i < 2; i++)
		two[i] = (struct entry){ &head[i], x + i * (s->norder + 1) };
	for (size_t at = 0; !rc && at < t.n; n++) {
		unsigned i = n & 1;

		if (!read_item(s, t, &at, &head[i], &key, &value,
			two[i].value) || (s->limit && n >= s->limit) ||
			(n && by_order(&pair, !i, i) > 0))
			rc = lam_agg_bad(a, e);
		else
			rc = add(a, slot, head[i].pos, key, value, e);
	}
	lam_arena_release(&arena);
	return rc || n ? rc : lam_agg_bad(a, e);
}

static int
list_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	const struct lam_batch_groups *s = a->rows;
	const struct local *l = a->local;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < n; i++)
		for (uint32_t k = s->start[group[i]]; !rc &&
			k < s->start[group[i] + 1]; k++) {
			uint32_t row = s->order ? s->order[k] : k;

			if (!a->state->merge)
				rc = add_row(a, slot[i], row, e);
			else if (!lam_vec_is_null(&l->value, row))
				rc = add_text(a, slot[i], lam_vec_text(
					&l->value, row), e);
		}
	return rc;
}

static int
list_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct slot o;
	int rc = LAM_OK;

	(void)from;
	memcpy(&o, other, sizeof o);
	for (uint64_t at = 0; !rc && at < o.used;) {
		const struct item *it = (const void *)(o.p + at);
		struct lam_str key = { o.p + at + sizeof *it, it->key };
		struct lam_str value = { it->value == NONE ? NULL :
			key.p + key.n, it->value == NONE ? 0 : it->value };

		rc = add(a, slot, it->pos, key, value, e);
		at += item_size(it->key, it->value);
	}
	return rc;
}

static int
list_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	return field[0].p ? add_text(a, slot, field[0], e) : LAM_OK;
}

/* -------------------------------------------------------------------- results */

static void
put_text(struct lam_buf *b, const struct lam_state *s,
	const struct item *it)
{
	struct lam_str key = { (const char *)(it + 1), it->key };

	if (s->placed)
		lam_buf_printf(b, "%llu ", (unsigned long long)it->pos);
	lam_buf_put(b, key.p, key.n);
	if (it->value == NONE) {
		lam_buf_putc(b, '~');
		return;
	}
	lam_buf_printf(b, "%u:", (unsigned)it->value);
	lam_buf_put(b, key.p + key.n, it->value);
}

/* What X (NULL: the component) makes of the items T[0..n-1]. */
static void
put_list(struct lam_buf *b, const struct lam_expr *x, const struct entries *t,
	uint64_t n)
{
	bool json = x && x->final == LAM_FINAL_LIST;
	char scratch[LAM_TIME_TEXT];
	struct lam_str s;

	lam_buf_clear(b);
	for (uint64_t i = 0; i < n; i++) {
		const struct entry *k = &t->p[t->order[i]];
		const struct lam_scalar *v = &k->value[t->state->norder];

		if (!x) {
			put_text(b, t->state, k->item);
			continue;
		}
		if (json) {
			lam_list_put(b, i, v);
			continue;
		}
		if (i)
			lam_buf_put(b, x->text.p, x->text.n);
		s = lam_scalar_print(v, scratch);
		lam_buf_put(b, s.p, s.n);
	}
	if (json)
		lam_list_end(b, n);
}

static int
list_texts(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_str *str = LAM_ARENA_NEW(arena, struct lam_str, n + 1);
	uint8_t *null = LAM_ARENA_NEW(arena, uint8_t, n + 1);
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	int rc = str && null ? LAM_OK : lam_fail_mem(e);

	for (uint32_t i = 0; !rc && i < n; i++) {
		const struct lam_agg *a = lam_ref_agg(&row[i], s);
		struct entries t;
		struct slot slot;

		memcpy(&slot, row[i].rec + a->at, sizeof slot);
		null[i] = slot.n == 0;
		if (null[i])
			continue;
		lam_arena_reset(&scratch);
		rc = open_list(a, &slot, &scratch, &t, e);
		if (rc)
			break;
		put_list(&b, x, &t, a->state->limit && slot.n >
			a->state->limit ? a->state->limit : slot.n);
		rc = lam_buf_check(&b, e);
		str[i] = (struct lam_str){ rc ? NULL : lam_arena_dup(arena,
			b.n ? b.p : "", b.n), b.n };
		if (!rc && !str[i].p)
			rc = lam_fail_mem(e);
	}
	lam_arena_release(&scratch);
	lam_buf_release(&b);
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_FLAT, .n = n,
		.str = str, .null = null };
	return rc;
}

static int
list_components(uint32_t s, const struct lam_ref *row, uint32_t n, unsigned c,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	(void)c;
	return list_texts(s, row, n, NULL, arena, out, e);
}

const struct lam_agg_ops lam_agg_list = {
	.slot = sizeof(struct slot),
	.update = list_update,
	.flush = list_flush,
	.merge = list_merge,
	.parse = list_parse,
	.components = list_components,
	.finalize = list_texts,
};
