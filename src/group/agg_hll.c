/*
 * agg_hll.c - HLL: approximate count of distinct values
 *
 * Slot: a sketch (hll.h).  Values are hashed once per dictionary entry and
 * batch; then the rows are visited group by group, so that the registers of one
 * sketch stay in the first-level cache while its rows are added.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hot.h"
#include "group/agg.h"
#include "group/group_table.h"
#include "group/hll.h"
#include "time/time.h"

struct local {
	struct lam_key_codes codes;
	uint32_t *entry; /* by code, 0: not yet; or by row */
	bool by_row, all; /* all: none is 0 */
	uint32_t *buf;	 /* [rows of a group] */
	struct lam_vec v;
};

static int
hll_init(struct lam_agg *a, struct lam_error *e)
{
	a->own = calloc(1, sizeof(struct lam_hll_scratch));
	return a->own ? LAM_OK : lam_fail_mem(e);
}

static void
hll_release(struct lam_agg *a)
{
	free(a->own);
	a->own = NULL;
}

/* Hash all texts of a flat vector, in the order they lie in memory; or of addresses,
 * where what is NULL has some entry as well. */
static void
hash_texts(const struct lam_vec *f, uint32_t *entry)
{
	if (f->rep == LAM_FOR)
		lam_hll_addresses(f->u32, (uint32_t)f->base, f->n, entry);
	else if (!f->null)
		lam_hll_entries(f->str, f->n, entry);
	for (uint32_t i = 0; f->rep == LAM_FLAT && f->null && i < f->n; i++)
		if (!f->null[i])
			entry[i] = lam_hll_entry(f->str[i].p, f->str[i].n);
}

/* The rows of the largest group. */
static uint32_t
most_rows(const struct lam_batch_groups *s)
{
	uint32_t most = 0;

	for (uint32_t g = 0; g < s->ngroups; g++)
		if (s->start[g + 1] - s->start[g] > most)
			most = s->start[g + 1] - s->start[g];
	return most;
}

/* The entries of V by row or by code; V has the rows S. */
static int
hash_values(struct local *l, const struct lam_batch_groups *s,
	struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_vec *v = &l->v;
	bool rows = v->type == LAM_TEXT && v->rep != LAM_DICT &&
		v->rep != LAM_CONST;
	int rc = rows ? LAM_OK : lam_key_codes_init(&l->codes, v, arena, e);

	if (rc)
		return rc;
	l->by_row = rows;
	l->buf = lam_arena_alloc(arena, (most_rows(s) + 1) * sizeof *l->buf);
	l->entry = LAM_ARENA_NEW(arena, uint32_t, rows ? v->n : l->codes.size);
	if (!l->buf || !l->entry)
		return lam_fail_mem(e);
	l->all = rows || (v->rep == LAM_DICT && v->type == LAM_TEXT &&
		(v->dict->n <= v->n || v->dict->rep == LAM_FOR));
	if (l->all)
		hash_texts(rows ? v : v->dict, l->entry);
	return LAM_OK;
}

static int
hll_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct local *l = LAM_ARENA_NEW(s->arena, struct local, 1);
	int rc = l ? lam_agg_rows(a, s, v, &l->v, e) : lam_fail_mem(e);

	a->local = l;
	if (rc || a->state->merge)
		return rc;
	return hash_values(l, a->rows, s->arena, e);
}

static uint32_t
hash_code(struct local *l, uint32_t code)
{
	char scratch[LAM_TIME_TEXT];
	struct lam_scalar x = lam_key_codes_value(&l->codes, code);
	struct lam_str s = lam_scalar_print(&x, scratch);

	return l->entry[code] = lam_hll_entry(s.p, s.n);
}

/* The entries of the rows ORDER[from .. to - 1] (NULL: themselves). */
LAM_O3 static uint32_t *
gather(struct local *l, const uint16_t *order, uint32_t from, uint32_t to)
{
	const uint16_t *code = l->codes.c16;
	uint32_t *buf = l->buf, n = 0;

	if (order && l->by_row)
		for (uint32_t i = from; i < to; i++)
			buf[n++] = l->entry[order[i]];
	else if (order && code)
#pragma GCC unroll 8
		for (uint32_t i = from; i < to; i++)
			buf[n++] = l->entry[code[order[i]]];
	else
		for (uint32_t i = from; i < to; i++) {
			uint32_t row = order ? order[i] : i;

			buf[n++] = l->entry[l->by_row ? row :
				lam_key_codes_row(&l->codes, row)];
		}
	/* codes that were not hashed yet */
	for (uint32_t i = 0; i < n && !l->all; i++)
		if (LAM_UNLIKELY(!buf[i])) {
			uint32_t at = from + i;

			buf[i] = hash_code(l, lam_key_codes_row(&l->codes,
				order ? order[at] : at));
		}
	return buf;
}

static int
add_text(struct lam_agg *a, char *slot, struct lam_str text,
	struct lam_error *e)
{
	uint32_t entry[LAM_HLL_REGISTERS];
	size_t n;

	if (!lam_hll_parse(text, entry, &n))
		return lam_agg_bad(a, e);
	return lam_hll_add((struct lam_hll *)(void *)slot, entry, n, a->own,
		a->heap) ? LAM_OK : lam_fail_mem(e);
}

static int
add_rows(struct lam_agg *a, char *slot, uint32_t from, uint32_t to,
	struct lam_error *e)
{
	return lam_hll_add((struct lam_hll *)(void *)slot, gather(a->local,
		a->rows->order, from, to), to - from, a->own, a->heap) ?
		LAM_OK : lam_fail_mem(e);
}

static int
hll_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	static const struct lam_agg_flush how = { add_rows, add_text };
	const struct local *l = a->local;

	return lam_agg_flush_rows(a, &how, &l->v, group, slot, n, e);
}

static int
hll_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct lam_hll x;

	(void)from;
	memcpy(&x, other, sizeof x);
	return lam_hll_merge((struct lam_hll *)(void *)slot, &x, a->own,
		a->heap) ? LAM_OK : lam_fail_mem(e);
}

static int
hll_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	return field[0].p ? add_text(a, slot, field[0], e) : LAM_OK;
}

static size_t
text_size(const char *slot)
{
	struct lam_hll x;

	memcpy(&x, slot, sizeof x);
	return lam_hll_text_size(&x);
}

static size_t
print(const char *slot, char *p)
{
	struct lam_hll x;

	memcpy(&x, slot, sizeof x);
	lam_hll_print(&x, p);
	return lam_hll_text_size(&x);
}

static int
hll_components(uint32_t s, const struct lam_ref *row, uint32_t n, unsigned c,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	(void)c;
	return lam_agg_texts(s, row, n, text_size, print, arena, out, e);
}

static int
hll_finalize(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	int64_t *m = lam_arena_alloc(arena, (n + 1) * sizeof *m);
	uint32_t hist[LAM_HLL_RANKS];
	struct lam_hll h;

	(void)x;
	if (!m)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&h, row[i].rec + lam_ref_agg(&row[i], s)->at, sizeof h);
		lam_hll_histogram(&h, hist);
		m[i] = (int64_t)lam_hll_estimate(hist);
	}
	*out = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FLAT, .n = n,
		.i64 = m };
	return LAM_OK;
}

const struct lam_agg_ops lam_agg_hll = {
	.slot = sizeof(struct lam_hll),
	.numbers = true,
	.init = hll_init,
	.release = hll_release,
	.update = hll_update,
	.flush = hll_flush,
	.merge = hll_merge,
	.parse = hll_parse,
	.components = hll_components,
	.finalize = hll_finalize,
};
