/*
 * agg_distinct.c - DISTINCT: exact sets of values, by group
 *
 * Slot: the size of the group's set.  The members of all sets are one hash set
 * of (group, value) pairs, 8 bytes each, the values being interned as their
 * canonical texts; so a set of one member costs 16 bytes, and a million members
 * in one group are found as fast as one each in a million groups.  Within a
 * batch a pair is looked up once: rows are visited group by group, and `seen`
 * remembers by code the last group that had it.
 *
 * Before a merge the pairs are ordered by group, with a counting sort.  Before they
 * are printed (freeze) they are ordered by the rank of the value first, in the same
 * way.
 *
 * Text: netstrings ("3:abc") of the values' canonical texts, one after the
 * other, sorted bytewise by value.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hot.h"
#include "group/agg.h"
#include "group/group_table.h"
#include "group/key_order.h"
#include "time/time.h"

#define LANES 32
#define SLOTS_MIN 64

struct sets {
	struct lam_key_dict values; /* TEXT */
	uint64_t *slot;	/* group << 32 | value, plus 1; 0: empty */
	size_t nslots, n;
	uint64_t seed;
	/* members of group g are member[start[g] .. start[g+1]-1] */
	size_t *start;
	uint32_t *member;
	bool frozen;		  /* and sorted */
	/* merging: the values of another table's sets here */
	const struct sets *from;
	uint32_t *map;
};

struct local {
	struct lam_key_codes codes;
	uint32_t *seen; /* [size]: group + 1 */
	struct lam_vec v;
};

static int
distinct_init(struct lam_agg *a, struct lam_error *e)
{
	struct sets *o = calloc(1, sizeof *o);

	a->own = o;
	if (!o)
		return lam_fail_mem(e);
	o->seed = lam_hash_seed();
	lam_key_dict_init(&o->values, LAM_TEXT, a->mem, o->seed);
	return LAM_OK;
}

static void
distinct_release(struct lam_agg *a)
{
	struct sets *o = a->own;

	if (!o)
		return;
	lam_key_dict_release(&o->values);
	lam_mem_free(a->mem, o->slot, o->nslots, sizeof *o->slot);
	free(o->start);
	free(o->member);
	free(o->map);
	free(o);
	a->own = NULL;
}

static int
distinct_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct local *l = LAM_ARENA_NEW(s->arena, struct local, 1);
	int rc = l ? lam_agg_rows(a, s, v, &l->v, e) : lam_fail_mem(e);

	a->local = l;
	if (rc || a->state->merge)
		return rc;
	rc = lam_key_codes_init(&l->codes, &l->v, s->arena, e);
	if (rc)
		return rc;
	l->seen = LAM_ARENA_NEW(s->arena, uint32_t, l->codes.size);
	return l->seen ? LAM_OK : lam_fail_mem(e);
}

static bool
room(struct lam_agg *a, struct sets *o, size_t more)
{
	size_t n = o->nslots ? o->nslots : SLOTS_MIN;
	uint64_t *slot;

	if (2 * (o->n + more) <= o->nslots)
		return true;
	while (n < 2 * (o->n + more))
		n *= 2;
	slot = lam_mem_zero(a->mem, n, sizeof *slot);
	if (!slot)
		return false;
	for (size_t i = 0; i < o->nslots; i++) {
		size_t j = lam_mix(o->slot[i], o->seed) & (n - 1);

		if (!o->slot[i])
			continue;
		while (slot[j])
			j = (j + 1) & (n - 1);
		slot[j] = o->slot[i];
	}
	lam_mem_free(a->mem, o->slot, o->nslots, sizeof *slot);
	o->slot = slot;
	o->nslots = n;
	return true;
}

static uint32_t
group_of(const struct lam_agg *a, const char *slot)
{
	return (uint32_t)((size_t)(slot - a->at - a->table->rec) /
		a->table->stride);
}

/* Add values to the set of SLOT; N is at most LANES. */
static bool
add(struct lam_agg *a, char *slot, const uint32_t *value, uint32_t n)
{
	struct sets *o = a->own;
	uint64_t group = (uint64_t)group_of(a, slot) << 32, pair, size;
	size_t at[LANES];

	if (!room(a, o, n))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		at[i] = lam_mix((group | value[i]) + 1, o->seed) &
			(o->nslots - 1);
		__builtin_prefetch(&o->slot[at[i]], 1);
	}
	memcpy(&size, slot, sizeof size);
	for (uint32_t i = 0; i < n; i++) {
		size_t j = at[i];

		pair = (group | value[i]) + 1;
		while (o->slot[j] && o->slot[j] != pair)
			j = (j + 1) & (o->nslots - 1);
		if (o->slot[j])
			continue;
		o->slot[j] = pair;
		o->n++;
		size++;
	}
	memcpy(slot, &size, sizeof size);
	return true;
}

/* The ids of codes, as canonical texts. */
static int
ids(struct sets *o, struct lam_key_codes *c, const uint32_t *code, uint32_t n,
	uint32_t *id, struct lam_error *e)
{
	char scratch[LAM_TIME_TEXT];
	struct lam_scalar x;
	struct lam_str s;

	if (c->v->type == LAM_TEXT)
		return lam_key_codes_ids(c, &o->values, code, n, id, e);
	if (!c->id) {
		c->id = lam_arena_alloc(c->arena, c->size * sizeof *c->id);
		if (!c->id)
			return lam_fail_mem(e);
		memset(c->id, 0xff, c->size * sizeof *c->id);
	}
	for (uint32_t i = 0; i < n; i++) {
		if (c->id[code[i]] == LAM_NO_ID) {
			x = lam_key_codes_value(c, code[i]);
			s = lam_scalar_print(&x, scratch);
			if (!lam_key_dict_texts(&o->values, &s, 1,
				&c->id[code[i]]))
				return lam_fail_mem(e);
		}
		id[i] = c->id[code[i]];
	}
	return LAM_OK;
}

static int
add_codes(struct lam_agg *a, char *slot, struct lam_key_codes *c,
	const uint32_t *code, uint32_t n, struct lam_error *e)
{
	uint32_t id[LANES];
	int rc = ids(a->own, c, code, n, id, e);

	return rc || add(a, slot, id, n) ? rc : lam_fail_mem(e);
}

static int
add_text(struct lam_agg *a, char *slot, struct lam_str t, struct lam_error *e)
{
	struct sets *o = a->own;
	struct lam_str s, last = { NULL, 0 };
	uint32_t id;

	for (size_t at = 0; at < t.n; last = s) {
		size_t from = at;

		s.n = 0;
		while (at < t.n && t.p[at] >= '0' && t.p[at] <= '9' &&
			s.n <= t.n)
			s.n = s.n * 10 + (size_t)(t.p[at++] - '0');
		if (at == from || at == t.n || t.p[at++] != ':' ||
			s.n > t.n - at || (t.p[from] == '0' && s.n))
			return lam_agg_bad(a, e);
		s.p = t.p + at;
		at += s.n;
		if (last.p && lam_str_cmp(last, s) >= 0)
			return lam_agg_bad(a, e);
		if (!lam_key_dict_texts(&o->values, &s, 1, &id) ||
			!add(a, slot, &id, 1))
			return lam_fail_mem(e);
	}
	return t.n ? LAM_OK : lam_agg_bad(a, e);
}

static int
flush_rows(struct lam_agg *a, uint32_t group, char *slot, struct lam_error *e)
{
	const struct lam_batch_groups *s = a->rows;
	struct local *l = a->local;
	uint32_t code[LANES], n = 0;
	int rc = LAM_OK;

	for (uint32_t i = s->start[group]; !rc && i < s->start[group + 1];
		i++) {
		uint32_t row = s->order ? s->order[i] : i, c;

		if (a->state->merge) {
			rc = add_text(a, slot, lam_vec_text(&l->v, row), e);
			continue;
		}
		c = lam_key_codes_row(&l->codes, row);
		if (l->seen[c] == group + 1)
			continue;
		l->seen[c] = group + 1;
		code[n++] = c;
		if (n < LANES)
			continue;
		rc = add_codes(a, slot, &l->codes, code, n, e);
		n = 0;
	}
	return rc || !n ? rc : add_codes(a, slot, &l->codes, code, n, e);
}

static int
distinct_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < n; i++)
		rc = flush_rows(a, group[i], slot[i], e);
	return rc;
}

/* All pairs, by group if RANK is NULL, else by rank of the value. */
static void
pairs(const struct sets *o, const uint32_t *rank, size_t *at, uint64_t *out)
{
	for (size_t i = 0; i < o->nslots; i++) {
		uint64_t pair = o->slot[i] - 1;

		if (o->slot[i])
			out[at[rank ? rank[(uint32_t)pair] : pair >> 32]++] =
				pair;
	}
}

/* AT[i]: where those with number i start, from their counts in AT[i + 1]. */
static void
accumulate(size_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i + 1] += at[i];
}

/* start and member, in any order of members or (RANK) by rank. */
static int
list_members(struct lam_agg *a, const uint32_t *rank, struct lam_error *e)
{
	struct sets *o = a->own;
	size_t groups = a->table->n, nvalues = o->values.values.n, total = 0;
	size_t *at = calloc((rank ? nvalues : 0) + 2, sizeof *at);
	uint64_t *pair = malloc((o->n + 1) * sizeof *pair), *slot = o->slot;
	int rc = LAM_OK;

	free(o->start);
	free(o->member);
	/* start[g + 2] counts g, then start[g + 1] runs from start to end */
	o->start = calloc(groups + 2, sizeof *o->start);
	o->member = malloc((o->n + 1) * sizeof *o->member);
	if (!at || !pair || !o->start || !o->member) {
		rc = lam_fail_mem(e);
		goto out;
	}
	for (size_t i = 0; i < o->nslots; i++) {
		if (!slot[i])
			continue;
		o->start[((slot[i] - 1) >> 32) + 2]++;
		if (rank)
			at[rank[(uint32_t)(slot[i] - 1)] + 1]++;
		else
			pair[total++] = slot[i] - 1;
	}
	accumulate(o->start, groups + 1);
	if (rank) {
		accumulate(at, nvalues);
		pairs(o, rank, at, pair);
	}
	for (size_t i = 0; i < o->n; i++)
		o->member[o->start[(pair[i] >> 32) + 1]++] = (uint32_t)pair[i];
out:
	free(at);
	free(pair);
	return rc;
}

static int
distinct_freeze(struct lam_agg *a, struct lam_error *e)
{
	struct sets *o = a->own;
	uint32_t *rank = malloc((o->values.values.n + 1) * sizeof *rank);
	int rc = LAM_OK;

	if (!rank || !lam_key_order(&o->values, true, 0, rank))
		rc = lam_fail_mem(e);
	if (!rc)
		rc = list_members(a, rank, e);
	o->frozen = !rc;
	free(rank);
	return rc;
}

/* The state for adding members of FROM's sets to those of A. */
static int
prepare_merge(struct lam_agg *a, const struct lam_agg *from,
	struct lam_error *e)
{
	struct sets *o = a->own, *f = from->own;
	struct lam_agg other = *from;
	int rc = f->start ? LAM_OK : list_members(&other, NULL, e);

	if (rc || o->from == f)
		return rc;
	free(o->map);
	o->map = malloc((f->values.values.n + 1) * sizeof *o->map);
	if (!o->map || !lam_key_dict_union(&o->values, &f->values, o->map))
		return lam_fail_mem(e);
	o->from = f;
	return LAM_OK;
}

static int
distinct_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct sets *o = a->own;
	const struct sets *f = from->own;
	uint32_t g = group_of(from, other), id[LANES], n = 0;
	int rc = prepare_merge(a, from, e);

	if (rc)
		return rc;
	for (size_t i = f->start[g]; i < f->start[g + 1]; i++) {
		id[n++] = o->map[f->member[i]];
		if (n == LANES || i + 1 == f->start[g + 1]) {
			if (!add(a, slot, id, n))
				return lam_fail_mem(e);
			n = 0;
		}
	}
	return LAM_OK;
}

static int
distinct_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	return field[0].p ? add_text(a, slot, field[0], e) : LAM_OK;
}

static int
print_set(const struct lam_agg *a, uint32_t g, struct lam_buf *out,
	struct lam_error *e)
{
	const struct sets *o = a->own;
	const struct lam_str *str = o->values.values.str;
	size_t end = o->start[g + 1];

	lam_buf_clear(out);
	for (size_t i = o->start[g]; i < end; i++) {
		struct lam_str s = str[o->member[i]];

		if (i + 16 < end)
			__builtin_prefetch(&str[o->member[i + 16]]);
		if (i + 8 < end)
			__builtin_prefetch(str[o->member[i + 8]].p);
		if (!lam_buf_room(out, s.n + 24))
			break;
		out->n += lam_u64_print(s.n, out->p + out->n);
		out->p[out->n++] = ':';
		if (s.n)
			memcpy(out->p + out->n, s.p, s.n);
		out->n += s.n;
	}
	return lam_buf_check(out, e);
}

static int
distinct_components(uint32_t s, const struct lam_ref *row, uint32_t n,
	unsigned c, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_str *str = LAM_ARENA_NEW(arena, struct lam_str, n);
	uint8_t *null = LAM_ARENA_NEW(arena, uint8_t, n);
	struct lam_buf buf = LAM_BUF_INIT;
	int rc = str && null ? LAM_OK : lam_fail_mem(e);

	(void)c;
	for (uint32_t i = 0; !rc && i < n; i++) {
		const struct lam_agg *a = lam_ref_agg(&row[i], s);

		rc = print_set(a, group_of(a, row[i].rec + a->at), &buf, e);
		null[i] = buf.n == 0;
		if (rc || !buf.n)
			continue;
		str[i] = (struct lam_str){ lam_arena_dup(arena, buf.p, buf.n),
			buf.n };
		if (!str[i].p)
			rc = lam_fail_mem(e);
	}
	lam_buf_release(&buf);
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_FLAT, .n = n,
		.str = str, .null = null };
	return rc;
}

static int
distinct_finalize(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	(void)x;
	return lam_agg_count.components(s, row, n, 0, arena, out, e);
}

const struct lam_agg_ops lam_agg_distinct = {
	.slot = sizeof(uint64_t),
	.init = distinct_init,
	.release = distinct_release,
	.update = distinct_update,
	.flush = distinct_flush,
	.merge = distinct_merge,
	.parse = distinct_parse,
	.components = distinct_components,
	.finalize = distinct_finalize,
	.freeze = distinct_freeze,
};
