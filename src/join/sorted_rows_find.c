/*
 * sorted_rows_find.c - which rows of one side have the keys of rows of the other
 *
 * Both ascend, so one goes forward through the rows: over batches whose successor
 * begins before what is sought, by their first keys; in a batch by steps that double,
 * then by halves.  Where nearly each row meets one, a row costs two comparisons.
 */
#include "join/sorted_rows.h"

/* Where we are. */
struct walk {
	const struct lam_sorted_rows *r;
	struct lam_arena arena;	/* of the keys of the batch: */
	struct lam_vec *key;	/* [nterms], FLAT */
	bool loaded;
	size_t batch;
	uint32_t at, n;		/* in it */
};

/* What is sought: the first row that is not before KEY; PAST: the first behind it. */
struct sought {
	struct lam_scalar *key;
	bool past;
};

static bool
before(int order, const struct sought *x)
{
	return order < 0 || (x->past && order == 0);
}

/* Is the first row of batch I before X? */
static bool
begins_before(const struct lam_sorted_rows *r, size_t i,
	const struct sought *x)
{
	int order = 0;

	for (uint32_t t = 0; !order && t < r->nterms; t++)
		order = lam_scalar_cmp(&r->first[i * r->nterms + t],
			&x->key[t]);
	return before(order, x);
}

/* Is row I of the batch at hand before X? */
static bool
row_before(const struct walk *w, uint32_t i, const struct sought *x)
{
	int order = 0;

	for (uint32_t t = 0; !order && t < w->r->nterms; t++) {
		struct lam_scalar v = lam_scalar_of(&w->key[t], i);

		order = lam_scalar_cmp(&v, &x->key[t]);
	}
	return before(order, x);
}

/* The last batch that begins before X, if one behind that at hand does. */
static void
skip_batches(struct walk *w, const struct sought *x)
{
	size_t low = w->batch, high = lam_row_source_batches(&w->r->rows);

	if (low + 1 >= high || !begins_before(w->r, low + 1, x))
		return;
	while (high - low > 1) {
		size_t i = low + (high - low) / 2;

		if (begins_before(w->r, i, x))
			low = i;
		else
			high = i;
	}
	w->batch = low;
	w->at = 0;
	w->loaded = false;
}

static int
load_keys(struct walk *w, struct lam_error *e)
{
	const struct lam_sorted_rows *r = w->r;
	struct lam_batch b = { .arena = &w->arena };
	const struct lam_vec *flat;
	uint64_t bad;
	int rc = LAM_OK;

	if (w->loaded)
		return LAM_OK;
	lam_arena_reset(&w->arena);
	lam_row_source_batch(&r->rows, w->batch, &b);
	w->key = LAM_ARENA_NEW(&w->arena, struct lam_vec, r->nterms);
	if (!w->key)
		return lam_fail_mem(e);
	for (uint32_t t = 0; !rc && t < r->nterms; t++) {
		rc = b.load(&b, r->column[lam_sorted_term(r, t)], false,
			&w->key[t], &bad, e);
		flat = rc ? NULL : lam_vec_flat(&w->key[t], &w->arena);
		if (!rc && !flat)
			return lam_fail_mem(e);
		if (flat)
			w->key[t] = *flat;
	}
	w->n = b.n;
	w->loaded = !rc;
	return rc;
}

/* Go forward to X; *ROW is where that is. */
static int
seek(struct walk *w, const struct sought *x, uint64_t *row,
	struct lam_error *e)
{
	uint32_t step = 1, high;
	int rc;

	skip_batches(w, x);
	rc = load_keys(w, e);
	if (rc)
		return rc;
	for (; step <= w->n - w->at && row_before(w, w->at + step - 1, x);
		step *= 2)
		w->at += step;
	high = step <= w->n - w->at ? w->at + step - 1 : w->n;
	while (w->at < high) {
		uint32_t i = w->at + (high - w->at) / 2;

		if (row_before(w, i, x))
			w->at = i + 1;
		else
			high = i;
	}
	*row = lam_row_source_begin(&w->r->rows, w->batch) + w->at;
	return LAM_OK;
}

/* The terms of row I of KEY; false: one is NULL.  *SAME: they are still those of X. */
static bool
take_key(const struct lam_vec *key, uint32_t n, uint32_t i,
	struct lam_scalar *x, bool *same)
{
	bool whole = true;

	for (uint32_t t = 0; t < n; t++) {
		struct lam_scalar v = lam_scalar_of(&key[t], i);

		whole &= !v.null;
		*same = *same && lam_scalar_cmp(&v, &x[t]) == 0;
		x[t] = v;
	}
	return whole;
}

int
lam_sorted_rows_find(const struct lam_sorted_rows *r,
	const struct lam_vec *key, uint32_t n, struct lam_arena *arena,
	uint32_t *first, uint32_t *end, struct lam_error *e)
{
	struct walk w = { .r = r };
	struct lam_scalar *x = LAM_ARENA_NEW(arena, struct lam_scalar,
		r->nterms);
	struct sought low = { x, false }, high = { x, true };
	uint64_t from = 0, to = 0;
	int rc = x ? LAM_OK : lam_fail_mem(e);

	for (uint32_t i = 0; !rc && i < n; i++) {
		bool same = i > 0;
		bool whole = take_key(key, r->nterms, i, x, &same);

		if (whole && !same && r->rows.rows) {
			rc = seek(&w, &low, &from, e);
			if (!rc)
				rc = seek(&w, &high, &to, e);
		}
		first[i] = whole && from < to ? (uint32_t)from : UINT32_MAX;
		end[i] = (uint32_t)to;
	}
	lam_arena_release(&w.arena);
	return rc;
}
