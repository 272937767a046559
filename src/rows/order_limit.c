/*
 * order_limit.c - the last steps of a query: ORDER BY, OFFSET, LIMIT
 *
 * LIMIT without sorting ends the run (done).  Where only a few rows are wanted these
 * are kept under keys of bytes (sorter.h), and others are ruled out as early as can be;
 * else all are (full_sort.h).
 */
#include "rows/order_limit.h"

#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"

#define FEW 65536 /* rows wanted */

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
	r->rows = rows;
	r->arg = arg;
	r->done = q->limit == 0;
	r->o = o;
	r->memory = memory;
	if (!type)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < q->noutputs; i++)
		/* A raw field comes as the bytes that came in. */
		type[i] = q->output[i].expr->raw ? LAM_TEXT
						 : q->output[i].expr->type;
	if (q->limit < UINT64_MAX - q->offset)
		most = q->limit + q->offset;
	r->full = sorts && most > FEW;
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
	lam_full_sort_release(&r->all);
	lam_buf_release(&r->buf);
	memset(r, 0, sizeof *r);
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

	return r->q->norder && (v->rep == LAM_FLAT || v->rep == LAM_FOR) &&
		!v->wide && (v->type == LAM_NUMBER || v->type == LAM_TIME) ? v :
		NULL;
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

bool
lam_order_limit_rules_out(const struct lam_order_limit *r,
	const struct lam_range *range)
{
	const struct lam_order *o = r->q->order;
	bool time = r->q->norder && o->expr->type == LAM_TIME;

	if (!r->lost || range->nulls || range->kind != (time ? LAM_RANGE_TIME :
		LAM_RANGE_NUMBER) || (!time && range->scale != r->lost_scale))
		return false;
	return o->descending ? range->max <= r->loser :
		range->min >= r->loser;
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
	bool all = !r->sorts || !r->sorter.bounded;
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

/* The column of the rows that is expression X: an output, or one more, the N-th. */
static uint32_t
column_of(const struct lam_query *q, const struct lam_expr *x, uint32_t *n)
{
	for (uint32_t i = 0; i < q->noutputs; i++)
		if (lam_expr_same(q->output[i].expr, x, 64))
			return i;
	return q->noutputs + (*n)++;
}

/* X are the first rows of all. */
static int
begin_full(struct lam_order_limit *r, const struct lam_order_limit_rows *x,
	struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_query *q = r->q;
	uint32_t nterms = q->norder + x->nties, more = 0;
	struct lam_sort_term *term = LAM_ARENA_NEW(arena, struct lam_sort_term,
		nterms + 1);
	uint8_t *type = LAM_ARENA_NEW(arena, uint8_t, q->noutputs + nterms + 1);
	struct lam_sort_plan plan = { .noutputs = q->noutputs, .type = type,
		.term = term, .nterms = nterms };

	if (!term || !type)
		return lam_fail_mem(e);
	memcpy(type, r->sorter.type, q->noutputs);
	for (uint32_t i = 0; i < q->norder; i++) {
		term[i].column = column_of(q, q->order[i].expr, &more);
		term[i].by = (struct lam_by){ q->order[i].descending,
			q->order[i].nulls_first };
		if (term[i].column >= q->noutputs)
			type[term[i].column] = x->order[i].type;
	}
	for (uint32_t i = 0; i < x->nties; i++) {
		term[q->norder + i].column = q->noutputs + more;
		type[q->noutputs + more++] = x->tie[i].type;
	}
	plan.ncolumns = q->noutputs + more;
	return lam_full_sort_init(&r->all, &plan, r->memory, r->o->threads,
		r->o->tmpdir, e);
}

/* All rows are kept: the outputs, and what they are sorted by that is none. */
static int
keep(struct lam_order_limit *r, const struct lam_order_limit_rows *x,
	struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_query *q = r->q;
	uint32_t nterms = q->norder + x->nties, n = 0;
	struct lam_vec *more = LAM_ARENA_NEW(arena, struct lam_vec, nterms + 1);
	int rc = more ? LAM_OK : lam_fail_mem(e);

	if (!rc && !r->all.plan)
		rc = begin_full(r, x, arena, e);
	for (uint32_t i = 0; !rc && i < nterms; i++)
		if (r->all.plan->term[i].column >= q->noutputs)
			more[n++] = i < q->norder ? x->order[i] :
				x->tie[i - q->norder];
	return rc ? rc : lam_full_sort_add(&r->all, x->output, more, x->n,
		x->from, x->seq, arena, e);
}

int
lam_order_limit_add(struct lam_order_limit *r,
	const struct lam_order_limit_rows *x, struct lam_arena *arena,
	struct lam_error *e)
{
	if (r->done || !x->n)
		return LAM_OK;
	if (r->full)
		return keep(r, x, arena, e);
	return r->sorts ? sort_rows(r, x, e) : pass_on(r, x, arena, e);
}

void
lam_order_limit_absorb(struct lam_order_limit *r,
	struct lam_order_limit *other)
{
	if (!r->full) {
		lam_sorter_absorb(&r->sorter, &other->sorter);
	} else if (!r->all.plan) {
		r->all = other->all;
		memset(&other->all, 0, sizeof other->all);
	} else if (other->all.plan) {
		lam_full_sort_absorb(&r->all, &other->all);
	}
}

static int
finish_full(struct lam_order_limit *r, struct lam_error *e)
{
	struct lam_sorted_out to = { r->q->offset, r->sorter.most, r->rows,
		r->arg };

	if (!r->all.plan)
		return LAM_OK;
	if (r->sorted && to.skip == 0 && to.most == UINT64_MAX &&
		lam_full_sort_all_here(&r->all, UINT64_MAX))
		return r->sorted(r->arg, &r->all, e);
	return lam_full_sort_give(&r->all, &to, e);
}

int
lam_order_limit_finish(struct lam_order_limit *r, struct lam_error *e)
{
	if (!r->sorts || r->q->limit == 0)
		return LAM_OK;
	return r->full ? finish_full(r, e) : lam_sorter_finish(&r->sorter,
		r->q->offset, r->rows, r->arg, e);
}
