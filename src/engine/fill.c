/*
 * fill.c - rows for empty buckets of time
 *
 *	others	the other keys, with the first and last bucket of each: rows, kept
 *	ends	the least and the greatest of these; instead, what WHERE says
 *	starts	the buckets between the ends: those of instants one step apart, each
 *		once, as no bucket is shorter than a step
 *	merge	the partials, then others x starts, in which nothing was counted
 *
 * So a bucket is what the query's own function says, whatever zone it knows.
 */
#include "engine/fill.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"
#include "rows/row_source.h"
#include "sql/regroup.h"
#include "time/time.h"

#define ROWS 16384 /* of a batch */

struct fill {
	const struct lam_query *q;
	const struct lam_fill *f;
	struct lam_row_source others;
	int64_t *start; /* of the buckets */
	size_t nstarts, cap;
	int64_t first, last; /* instants, which the buckets hold */
	int64_t least, greatest; /* of the buckets */
	struct lam_partials *partials;
	struct lam_source rows;	 /* theirs */
	struct lam_arena arena;	 /* of the batch of others: */
	struct lam_scalar *key;	 /* [row * columns] */
	size_t at;		 /* which is next */
	uint32_t n;		 /* rows of it */
	uint64_t pair, npairs;	 /* row and start, of those */
	const struct lam_vec *instants; /* FIELD 0 */
};

/* ------------------------------------------------------------------- buckets */

static int
instants(struct lam_frame *fr, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	const struct fill *f = fr->state;

	(void)x;
	(void)e;
	*out = f->instants;
	return LAM_OK;
}

/* The buckets of T[N]; null where there is none. */
static int
cut(struct fill *f, const int64_t *t, uint32_t n, struct lam_arena *a,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_vec v = { .type = LAM_TIME, .rep = LAM_FLAT, .n = n,
		.i64 = t };
	struct lam_frame fr = { .n = n, .arena = a, .state = f,
		.leaf = instants };

	f->instants = &v;
	return lam_expr_eval(f->f->bucket, &fr, out, e);
}

static int
push(struct fill *f, int64_t start, struct lam_error *e)
{
	int64_t *grown = f->start;

	if (f->nstarts >= LAM_FILL_BUCKETS)
		return lam_fail(e, LAM_USAGE, "%s:%u:%u: there are more than %d "
			"buckets to fill: take larger ones, or give both ends "
			"in WHERE", f->f->source, f->f->line, f->f->column,
			LAM_FILL_BUCKETS);
	if (f->nstarts == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 1024;
		grown = realloc(grown, f->cap * sizeof *grown);
	}
	if (!grown)
		return lam_fail_mem(e);
	f->start = grown;
	f->start[f->nstarts++] = start;
	return LAM_OK;
}

/* The buckets of T[N] that are wanted; *DONE: the last one was among them. */
static int
take(struct fill *f, const int64_t *t, uint32_t n, int64_t last, bool *done,
	struct lam_error *e)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_vec v;
	int rc = cut(f, t, n, &a, &v, e);

	for (uint32_t i = 0; !rc && i < n && !*done; i++) {
		struct lam_scalar b = lam_scalar_of(&v, i);

		*done = !b.null && b.i64 >= last;
		if (b.null || b.i64 > last || b.i64 < f->least ||
			b.i64 > f->greatest || (f->nstarts > 0 &&
			b.i64 <= f->start[f->nstarts - 1]))
			continue;
		rc = push(f, b.i64, e);
	}
	lam_arena_release(&a);
	return rc;
}

/* All buckets from that of f->first to that of f->last. */
static int
buckets(struct fill *f, struct lam_error *e)
{
	int64_t *t = malloc(ROWS * sizeof *t), ends[2] = { f->first, f->last };
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_scalar from = { .null = true }, to = from;
	struct lam_vec v;
	bool done = false, beyond = false; /* all instants */
	int rc = t ? cut(f, ends, 2, &a, &v, e) : lam_fail_mem(e);

	if (!rc) {
		from = lam_scalar_of(&v, 0);
		to = lam_scalar_of(&v, 1);
	}
	done = from.null || to.null;
	while (!rc && !done) {
		uint32_t n = 0;

		do
			t[n++] = from.i64;
		while (!(beyond = __builtin_add_overflow(from.i64, f->f->step,
			&from.i64)) && n < ROWS);
		rc = take(f, t, n, to.i64, &done, e);
		done |= beyond;
	}
	lam_arena_release(&a);
	free(t);
	return rc;
}

/* ---------------------------------------------------------------------- ends */

static int
no_leaf(struct lam_frame *fr, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	(void)fr;
	(void)x;
	(void)out;
	return lam_fail(e, LAM_SYSTEM, "an end of what is filled reads a column");
}

/* What WHERE says; *LOW and *HIGH: it says where to begin, and to end. */
static int
given_ends(struct fill *f, bool *low, bool *high, struct lam_error *e)
{
	struct lam_arena a = LAM_ARENA_INIT;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < f->f->nends; i++) {
		const struct lam_fill_end *end = &f->f->end[i];
		struct lam_frame fr = { .n = 1, .arena = &a, .leaf = no_leaf };
		struct lam_vec v;
		struct lam_scalar s = { .null = true };
		int64_t by = !end->open ? 0 : end->upper ? -1 : 1, *to;

		rc = lam_expr_prepare(end->value, &a, e);
		if (!rc)
			rc = lam_expr_eval(end->value, &fr, &v, e);
		if (!rc)
			s = lam_scalar_of(&v, 0);
		lam_expr_release(end->value);
		if (s.null || __builtin_add_overflow(s.i64, by, &s.i64))
			continue;
		to = end->upper ? &f->last : &f->first;
		if (end->upper ? s.i64 < *to || !*high : s.i64 > *to || !*low)
			*to = s.i64;
		*(end->upper ? high : low) = true;
		to = end->upper ? &f->greatest : &f->least;
		if (end->bucket && (end->upper ? s.i64 < *to : s.i64 > *to))
			*to = s.i64;
	}
	lam_arena_release(&a);
	return rc;
}

/* The first and last bucket that there is, unless WHERE says. */
static int
ends(struct fill *f, bool *any, struct lam_error *e)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_batch b = { .arena = &a };
	struct lam_vec v[2];
	bool low = false, high = false;
	uint64_t bad;
	int rc = given_ends(f, &low, &high, e);

	*any = low && high;
	for (size_t i = 0; !rc && i < lam_row_source_batches(&f->others); i++) {
		lam_arena_reset(&a);
		lam_row_source_batch(&f->others, i, &b);
		for (uint32_t c = 0; !rc && c < 2; c++)
			rc = b.load(&b, f->q->nkeys - 1 + c, false, &v[c],
				&bad, e);
		for (uint32_t r = 0; !rc && r < b.n; r++) {
			struct lam_scalar from = lam_scalar_of(&v[0], r);
			struct lam_scalar to = lam_scalar_of(&v[1], r);

			if (from.null)
				continue;
			if (!low && (!*any || from.i64 < f->first))
				f->first = from.i64;
			if (!high && (!*any || to.i64 > f->last))
				f->last = to.i64;
			*any = true;
		}
	}
	lam_arena_release(&a);
	return rc;
}

/* --------------------------------------------------------------- empty groups */

int
lam_fill_constant(const struct lam_scalar *value, uint32_t n,
	struct lam_arena *a, struct lam_vec *out, struct lam_error *e)
{
	struct lam_vec *v = LAM_ARENA_NEW(a, struct lam_vec, 1);

	*out = (struct lam_vec){ .type = value->type, .rep = LAM_CONST, .n = n,
		.dict = v };
	return v ? lam_scalar_vec(value, 1, value->type, a, v, e) :
		lam_fail_mem(e);
}

int
lam_fill_none(const struct lam_query *q, uint32_t f, uint32_t n,
	struct lam_arena *a, struct lam_vec *out, struct lam_error *e)
{
	struct lam_scalar none = { .null = true };
	const char *name;
	uint32_t s = 0;

	lam_query_column(q, f, &name, &none.type);
	while (s + 1 < q->nstates && f >= lam_query_component(q, s + 1))
		s++;
	none.null = q->state[s].kind != LAM_COUNT;
	return lam_fill_constant(&none, n, a, out, e);
}

/* Key column C of the pairs from b->pos on. */
static int
load_key(const struct fill *f, struct lam_batch *b, uint32_t c,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_scalar *v = LAM_ARENA_NEW(b->arena, struct lam_scalar, b->n);
	uint8_t type = f->q->key[c]->type;
	uint32_t others = f->q->nkeys - 1, at = c - (c > f->f->key);

	if (!v)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < b->n; i++) {
		uint64_t p = b->pos + i;

		if (c == f->f->key)
			v[i] = (struct lam_scalar){ .type = LAM_TIME,
				.i64 = f->start[p % f->nstarts] };
		else
			v[i] = f->key[p / f->nstarts * others + at];
	}
	return lam_scalar_vec(v, b->n, type, b->arena, out, e);
}

static int
load(struct lam_batch *b, uint32_t c, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	const struct fill *f = b->state;

	(void)raw;
	*bad = 0;
	return c < f->q->nkeys ? load_key(f, b, c, out, e) :
		lam_fill_none(f->q, c, b->n, b->arena, out, e);
}

/* The next batch of the other keys, but for those that are in no bucket. */
static int
next_others(struct fill *f, struct lam_error *e)
{
	uint32_t n = f->q->nkeys - 1;
	struct lam_batch b = { .arena = &f->arena };
	struct lam_vec *v;
	uint64_t bad;
	int rc = LAM_OK;

	lam_arena_reset(&f->arena);
	lam_row_source_batch(&f->others, f->at++, &b);
	v = LAM_ARENA_NEW(&f->arena, struct lam_vec, n + 1);
	f->key = LAM_ARENA_NEW(&f->arena, struct lam_scalar,
		(size_t)b.n * n + 1);
	if (!v || !f->key)
		return lam_fail_mem(e);
	for (uint32_t c = 0; !rc && c <= n; c++)
		rc = b.load(&b, c, false, &v[c], &bad, e);
	f->n = 0;
	for (uint32_t r = 0; !rc && r < b.n; r++) {
		if (n > 0 && lam_scalar_of(&v[n], r).null)
			continue;
		for (uint32_t c = 0; c < n; c++)
			f->key[(size_t)f->n * n + c] = lam_scalar_of(&v[c], r);
		f->n++;
	}
	f->pair = 0;
	f->npairs = (uint64_t)f->n * f->nstarts;
	return rc;
}

/* The partials, then the empty groups. */
static int
next(struct lam_source *s, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct fill *f = s->state;
	int rc = LAM_OK;

	*got = false;
	if (f->partials)
		rc = f->rows.next(&f->rows, worker, b, got, e);
	if (rc || *got)
		return rc;
	f->partials = NULL;
	while (!rc && f->pair == f->npairs && f->at <
		lam_row_source_batches(&f->others))
		rc = next_others(f, e);
	if (rc || f->pair == f->npairs)
		return rc;
	b->n = f->npairs - f->pair < ROWS ? (uint32_t)(f->npairs - f->pair) :
		ROWS;
	b->pos = f->pair;
	b->state = f;
	b->load = load;
	b->range = NULL;
	f->pair += b->n;
	*got = true;
	return LAM_OK;
}

/* ----------------------------------------------------------------------- all */

/* The partials and the empty groups, merged into *OUT; one reader, in order. */
static int
merge(struct fill *f, struct lam_partials **out, const struct lam_resources *o,
	struct lam_error *e)
{
	struct lam_resources one = *o;
	struct lam_source all = { .state = f, .next = next };
	struct lam_job job = { .query = NULL };
	struct lam_query *m; /* as long as its partials */
	int rc = lam_regroup(f->q, f->q->arena, &m, e);

	one.threads = 1;
	f->partials = *out;
	lam_partials_source(*out, &f->rows);
	job.query = m;
	if (!rc)
		rc = lam_engine_run(&all, &job, 1, &one, e);
	if (!rc) {
		lam_partials_free(*out);
		*out = job.partials;
	}
	lam_job_release(&job);
	return rc;
}

int
lam_fill_partials(struct lam_job *job, const struct lam_resources *o,
	struct lam_error *e)
{
	const struct lam_query *q = job->query;
	struct fill f = { .q = q, .f = q->fill, .arena = LAM_ARENA_INIT,
		.least = INT64_MIN, .greatest = INT64_MAX };
	struct lam_arena a = LAM_ARENA_INIT;
	uint64_t faults;
	bool any = false;
	int rc = lam_expr_prepare(q->fill->bucket, &a, e);

	lam_row_source_init(&f.others, q->nkeys + 1, (o->memory + 3) / 4,
		o->tmpdir);
	if (!rc)
		rc = lam_engine_finish(q->fill->others, job[1].partials, o,
			lam_row_source_keep, &f.others, &faults, e);
	if (!rc)
		rc = ends(&f, &any, e);
	if (!rc && any)
		rc = buckets(&f, e);
	if (!rc && f.nstarts)
		rc = merge(&f, &job->partials, o, e);
	lam_expr_release(q->fill->bucket);
	lam_row_source_release(&f.others);
	lam_arena_release(&f.arena);
	lam_arena_release(&a);
	free(f.start);
	return rc;
}
