/*
 * order_limit.c - the last steps of a query: DISTINCT, ORDER BY, OFFSET, LIMIT
 *
 * DISTINCT keeps the first of equal rows: a row as bytes is interned, and it is
 * new when its id is.  LIMIT without sorting ends the run (done).
 */
#include "rows/order_limit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define SEEN_MIN ((size_t)1 << 20) /* rows that DISTINCT may always keep */

int
lam_order_limit_init(struct lam_order_limit *r, const struct lam_query *q,
	bool sorts, const struct lam_resources *o, uint64_t memory,
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e),
	void *arg, struct lam_error *e)
{
	uint8_t *type = calloc(q->noutputs + 1, sizeof *type);
	uint64_t most = UINT64_MAX;
	int rc;

	memset(r, 0, sizeof *r);
	r->q = q;
	r->sorts = sorts;
	r->memory = memory;
	r->rows = rows;
	r->arg = arg;
	r->done = q->limit == 0;
	lam_key_dict_init(&r->seen, LAM_TEXT, &r->mem, lam_hash_seed());
	if (!type)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < q->noutputs; i++)
		/* A raw field comes as the bytes that came in. */
		type[i] = q->output[i].expr->raw ? LAM_TEXT
						 : q->output[i].expr->type;
	if (q->limit < UINT64_MAX - q->offset)
		most = q->limit + q->offset;
	rc = lam_sorter_init(&r->sorter, type, q->noutputs, most, memory,
		o->tmpdir, e);
	free(type);
	return rc;
}

void
lam_order_limit_release(struct lam_order_limit *r)
{
	if (!r->q)
		return;
	lam_sorter_release(&r->sorter);
	lam_key_dict_release(&r->seen);
	lam_buf_release(&r->buf);
	memset(r, 0, sizeof *r);
}

/* The rows of X that were not there before: SEL. */
static int
unseen(struct lam_order_limit *r, const struct lam_order_limit_rows *x,
	uint16_t *sel, uint32_t *n, struct lam_error *e)
{
	*n = 0;
	for (uint32_t i = 0; i < x->n; i++) {
		uint32_t before = r->seen.values.n, id;
		struct lam_str row;
		int rc;

		lam_buf_clear(&r->buf);
		lam_row_buffer_put(&r->buf, x->output, r->q->noutputs, i);
		rc = lam_buf_check(&r->buf, e);
		if (rc)
			return rc;
		row = (struct lam_str){ r->buf.p, r->buf.n };
		if (!lam_key_dict_texts(&r->seen, &row, 1, &id))
			return lam_fail_mem(e);
		if (id == before)
			sel[(*n)++] = (uint16_t)i;
	}
	if (r->mem.used > r->memory && r->mem.used > SEEN_MIN)
		return lam_fail(e, LAM_SYSTEM, "select distinct: the distinct "
			"rows need more memory than allowed; allow more, or "
			"use group by");
	return LAM_OK;
}

static struct lam_vec *
take(const struct lam_vec *v, uint32_t nv, const uint16_t *sel, uint32_t n,
	struct lam_arena *arena)
{
	struct lam_vec *out = LAM_ARENA_NEW(arena, struct lam_vec, nv + 1);

	for (uint32_t i = 0; out && i < nv; i++)
		if (!lam_vec_take(&v[i], sel, n, arena, &out[i]))
			return NULL;
	return out;
}

/* X without the rows that are not in SEL. */
static int
narrow(const struct lam_order_limit *r, struct lam_order_limit_rows *x,
	const uint16_t *sel, uint32_t n, struct lam_arena *arena,
	struct lam_error *e)
{
	uint64_t *seq = lam_arena_alloc(arena, (n + 1) * sizeof *seq);

	x->output = take(x->output, r->q->noutputs, sel, n, arena);
	x->order = take(x->order, r->q->norder, sel, n, arena);
	x->tie = take(x->tie, x->nties, sel, n, arena);
	if (!x->output || !x->order || !x->tie || !seq)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		seq[i] = x->seq ? x->seq[sel[i]] : x->from + sel[i];
	x->seq = seq;
	x->n = n;
	return LAM_OK;
}

/* The key of row I, in R's buffer: as much of it as says that it is not wanted. */
static int
sort_key(struct lam_order_limit *r, const struct lam_order_limit_rows *x,
	uint32_t i, struct lam_str *key, struct lam_error *e)
{
	const struct lam_query *q = r->q;
	const struct lam_by last = { false, false };
	struct lam_scalar v;

	lam_buf_clear(&r->buf);
	r->terms = 0;
	for (uint32_t c = 0; c < q->norder; c++) {
		struct lam_by by = { q->order[c].descending,
			q->order[c].nulls_first };

		v = lam_scalar_of(&x->order[c], i);
		lam_sortkey_put(&r->buf, &v, by);
		r->terms++;
		*key = (struct lam_str){ r->buf.p, r->buf.n };
		if (!lam_sorter_wants(&r->sorter, *key))
			return lam_buf_check(&r->buf, e);
	}
	for (uint32_t c = 0; c < x->nties; c++) {
		v = lam_scalar_of(&x->tie[c], i);
		lam_sortkey_put(&r->buf, &v, last);
	}
	lam_sortkey_put_u64(&r->buf, x->seq ? x->seq[i] : x->from + i);
	*key = (struct lam_str){ r->buf.p, r->buf.n };
	return lam_buf_check(&r->buf, e);
}

/* The first terms of X, where they can be compared with a loser; or NULL. */
static const struct lam_vec *
first_terms(const struct lam_order_limit *r, const struct lam_order_limit_rows *x)
{
	const struct lam_vec *v = x->order;

	return r->q->norder && r->sorter.bounded && (v->rep == LAM_FLAT ||
		v->rep == LAM_FOR) && !v->wide && (v->type == LAM_NUMBER ||
		v->type == LAM_TIME) ? v : NULL;
}

static int64_t
first_term(const struct lam_vec *v, uint32_t i)
{
	return v->rep == LAM_FLAT ? v->i64[i] : v->base + v->mult *
		(int64_t)v->u32[i];
}

/* Is it known of row I, whose first term is in V, that it is not wanted? */
static bool
loses(const struct lam_order_limit *r, const struct lam_vec *v, uint32_t i)
{
	if (!v || !r->lost || v->scale != r->lost_scale ||
		(v->null && v->null[i]))
		return false;
	return r->q->order[0].descending ? first_term(v, i) <= r->loser :
		first_term(v, i) >= r->loser;
}

/* Is row I, of which KEY was made, wanted?  If not, its first term may rule out
 * others. */
static bool
wins(struct lam_order_limit *r, const struct lam_vec *v, uint32_t i,
	struct lam_str key)
{
	if (lam_sorter_wants(&r->sorter, key))
		return true;
	if (v && r->terms == 1 && !(v->null && v->null[i])) {
		r->lost = true;
		r->lost_scale = v->scale;
		r->loser = first_term(v, i);
	}
	return false;
}

static int
sort_rows(struct lam_order_limit *r, const struct lam_order_limit_rows *x,
	struct lam_error *e)
{
	const struct lam_vec *v = first_terms(r, x);
	struct lam_str key;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < x->n; i++) {
		if (loses(r, v, i))
			continue;
		rc = sort_key(r, x, i, &key, e);
		if (!rc && wins(r, v, i, key))
			rc = lam_sorter_add(&r->sorter, key, x->output, i, e);
	}
	return rc;
}

int
lam_order_limit_wants(struct lam_order_limit *r,
	const struct lam_order_limit_rows *x, uint16_t *sel, uint32_t *n,
	struct lam_error *e)
{
	bool all = !r->sorts || r->q->distinct || !r->sorter.bounded;
	const struct lam_vec *v = first_terms(r, x);
	struct lam_str key;
	int rc = LAM_OK;

	*n = 0;
	for (uint32_t i = 0; !rc && i < x->n; i++) {
		if (!all && loses(r, v, i))
			continue;
		if (!all)
			rc = sort_key(r, x, i, &key, e);
		sel[*n] = (uint16_t)i;
		*n += all || (!rc && wins(r, v, i, key));
	}
	return rc;
}

/* Rows in their order: those that OFFSET and LIMIT leave. */
static int
pass_on(struct lam_order_limit *r, const struct lam_order_limit_rows *x,
	struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_query *q = r->q;
	const struct lam_vec *v = x->output;
	uint64_t first = q->offset, last = r->sorter.most, at = r->at;
	uint32_t from, to;
	uint16_t *sel;

	from = at >= first ? 0 : first - at > x->n ? x->n :
		(uint32_t)(first - at);
	to = last - at < x->n ? (uint32_t)(last - at) : x->n;
	r->at += to;
	r->done = r->at >= last;
	if (from >= to)
		return LAM_OK;
	if (from > 0 || to < x->n) {
		sel = lam_arena_alloc(arena, (x->n + 1) * sizeof *sel);
		for (uint32_t i = from; sel && i < to; i++)
			sel[i - from] = (uint16_t)i;
		v = sel ? take(v, q->noutputs, sel, to - from, arena) : NULL;
		if (!v)
			return lam_fail_mem(e);
	}
	return r->rows(r->arg, v, to - from, e);
}

int
lam_order_limit_add(struct lam_order_limit *r,
	const struct lam_order_limit_rows *x, struct lam_arena *arena,
	struct lam_error *e)
{
	struct lam_order_limit_rows some = *x;
	uint16_t *sel;
	uint32_t n;
	int rc;

	if (r->done || !x->n)
		return LAM_OK;
	if (r->q->distinct) {
		sel = lam_arena_alloc(arena, (x->n + 1) * sizeof *sel);
		if (!sel)
			return lam_fail_mem(e);
		rc = unseen(r, x, sel, &n, e);
		if (!rc && n < x->n)
			rc = narrow(r, &some, sel, n, arena, e);
		if (rc || !some.n)
			return rc;
	}
	return r->sorts ? sort_rows(r, &some, e) :
		pass_on(r, &some, arena, e);
}

int
lam_order_limit_finish(struct lam_order_limit *r, struct lam_error *e)
{
	if (!r->sorts || r->q->limit == 0)
		return LAM_OK;
	return lam_sorter_finish(&r->sorter, r->q->offset, r->rows, r->arg, e);
}
