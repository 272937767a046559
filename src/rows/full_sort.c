/*
 * full_sort.c - all rows sorted
 *
 * Rows are in parts, one for each worker.  While all fit in memory nothing is moved:
 * when they are sorted, columns are gathered from where the rows are.  For what is
 * too large see full_sort_runs.c.
 */
#include "rows/full_sort_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define BATCH 16384
#define RUN_ROWS 256 /* a run has no fewer, however small the memory */
#define SOME_LEAST 16384 /* rows that are added at once: so many or, if it is more, */
#define SOME_BYTES 1024	 /* ... one for so much memory */

static void *
copy(struct lam_arena *a, const void *p, size_t n)
{
	void *to = lam_arena_alloc(a, n + 1);

	if (to && n)
		memcpy(to, p, n);
	return to;
}

int
lam_full_sort_init(struct lam_full_sort *s, const struct lam_sort_plan *plan,
	uint64_t memory, unsigned threads, const char *tmpdir,
	struct lam_error *e)
{
	memset(s, 0, sizeof *s);
	s->memory = memory;
	s->threads = threads;
	s->tmpdir = tmpdir;
	s->plan = copy(&s->arena, plan, sizeof *plan);
	if (!s->plan)
		return lam_fail_mem(e);
	s->plan->type = copy(&s->arena, plan->type, plan->ncolumns);
	s->plan->term = copy(&s->arena, plan->term, plan->nterms *
		sizeof *plan->term);
	if (!s->plan->type || !s->plan->term)
		return lam_fail_mem(e);
	s->part = lam_sort_part_new(s->plan);
	return s->part ? LAM_OK : lam_fail_mem(e);
}

void
lam_full_sort_unready(struct lam_full_sort *s)
{
	free(s->row);
	free(s->ref);
	free(s->chunk);
	lam_sort_words_release(&s->words);
	s->row = NULL;
	s->ref = NULL;
	s->chunk = NULL;
}

void
lam_full_sort_release(struct lam_full_sort *s)
{
	struct lam_sort_part *p = s->part, *next;

	lam_full_sort_unready(s);
	for (; p; p = next) {
		next = p->next;
		lam_sort_part_free(p);
	}
	lam_arena_release(&s->arena);
	memset(s, 0, sizeof *s);
}

void
lam_full_sort_absorb(struct lam_full_sort *s, struct lam_full_sort *other)
{
	struct lam_sort_part **end = &s->part;

	while (*end)
		end = &(*end)->next;
	*end = other->part;
	for (struct lam_sort_part *p = other->part; p; p = p->next)
		p->plan = s->plan;
	other->part = NULL;
}

static int
by_position(const void *a, const void *b)
{
	const struct lam_sort_chunk *x, *y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

/* Sort the rows of P, and (ALL) of the parts behind it. */
static int
sort(struct lam_full_sort *s, const struct lam_sort_part *p, bool all,
	unsigned threads, struct lam_error *e)
{
	const struct lam_sort_part *x;
	int rc;

	s->n = s->nchunks = 0;
	for (x = p; x; x = all ? x->next : NULL)
		s->nchunks += x->nchunks;
	s->chunk = calloc(s->nchunks + 1, sizeof *s->chunk);
	if (!s->chunk)
		return lam_fail_mem(e);
	s->nchunks = 0;
	for (x = p; x; x = all ? x->next : NULL) {
		s->n += x->rows;
		for (size_t k = 0; k < x->nchunks; k++)
			s->chunk[s->nchunks++] = &x->chunk[k];
	}
	qsort(s->chunk, s->nchunks, sizeof *s->chunk, by_position);
	rc = lam_sort_words_init(&s->words, s->plan, s->chunk, s->nchunks, e);
	if (rc)
		return rc;
	s->row = lam_sort_order(&s->words, s->n, threads);
	return s->row ? LAM_OK : lam_fail_mem(e);
}

/* Rows FROM to FROM + N of the NCOLUMNS columns V; NULL: out of memory. */
static struct lam_vec *
some_of(const struct lam_vec *v, uint32_t ncolumns, uint32_t from, uint32_t n,
	struct lam_arena *scratch)
{
	struct lam_vec *some = LAM_ARENA_NEW(scratch, struct lam_vec,
		ncolumns + 1);

	for (uint32_t f = 0; some && f < ncolumns; f++) {
		some[f] = v[f];
		lam_vec_slice(&some[f], from, n);
	}
	return some;
}

/* The rows so far are written out if they and MORE would take more than there is. */
static int
make_room(struct lam_full_sort *s, uint32_t more, struct lam_error *e)
{
	struct lam_sort_part *p = s->part;

	if (p->rows < RUN_ROWS || (p->nchunks < LAM_SORT_CHUNKS &&
		lam_sort_part_peak(p, more, s->threads < 2) <= s->memory))
		return LAM_OK;
	return lam_full_sort_spill(s, p, 1, e);
}

int
lam_full_sort_add(struct lam_full_sort *s, const struct lam_vec *output,
	const struct lam_vec *more, uint32_t n, uint64_t from,
	const uint64_t *seq, struct lam_arena *scratch, struct lam_error *e)
{
	uint32_t noutputs = s->plan->noutputs, some;
	uint64_t most = s->memory / SOME_BYTES;
	int rc = LAM_OK;

	most = most < SOME_LEAST ? SOME_LEAST : most;
	for (uint32_t at = 0; !rc && at < n; at += some) {
		struct lam_vec *v, *w;

		some = n - at < most ? n - at : (uint32_t)most;
		v = some_of(output, noutputs, at, some, scratch);
		w = some_of(more, s->plan->ncolumns - noutputs, at, some,
			scratch);
		rc = v && w ? make_room(s, some, e) : lam_fail_mem(e);
		if (!rc)
			rc = lam_sort_part_add(s->part, v, w, some, from + at,
				seq ? seq + at : NULL, scratch, e);
	}
	return rc;
}

bool
lam_full_sort_all_here(const struct lam_full_sort *s, uint64_t memory)
{
	size_t used = 0, chunks = 0;

	for (const struct lam_sort_part *p = s->part; p; p = p->next) {
		used += lam_sort_part_memory(p) + p->rows * sizeof *s->ref;
		chunks += p->nchunks;
		if (p->runs.nruns)
			return false;
	}
	return used <= memory && chunks <= LAM_SORT_CHUNKS;
}

int
lam_full_sort_part(struct lam_full_sort *s, const struct lam_sort_part *p,
	bool all, unsigned threads, struct lam_error *e)
{
	int rc = sort(s, p, all, threads, e);

	return rc ? rc : lam_full_sort_settle(s, e);
}

int
lam_full_sort_ready(struct lam_full_sort *s, struct lam_error *e)
{
	lam_full_sort_unready(s);
	return sort(s, s->part, true, s->threads, e);
}

void
lam_full_sort_mark(const struct lam_full_sort *s, uint32_t nterms,
	uint64_t *begins)
{
	lam_sort_mark(&s->words, s->row, s->n, nterms, begins);
}

int
lam_full_sort_settle(struct lam_full_sort *s, struct lam_error *e)
{
	s->ref = lam_mem_scratch(s->n + 1, sizeof *s->ref);
	if (!s->ref)
		return lam_fail_mem(e);
	for (size_t i = 0; i < s->n; i++)
		s->ref[i] = (uint32_t)s->row[i].value;
	free(s->row);
	s->row = NULL;
	lam_sort_words_release(&s->words);
	return LAM_OK;
}

/* Values of one form in all chunks: those of the array ->bit, SIZE bytes each. */
static bool
gather_plain(const struct lam_full_sort *s, uint32_t f, const uint32_t *ref,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out)
{
	bool bit = out->type == LAM_BOOL, any = false;
	int64_t *v = lam_arena_alloc(arena, (n + (size_t)1) * sizeof *v);
	uint8_t *null = lam_arena_alloc(arena, n + (size_t)1);
	uint8_t *b = (uint8_t *)v;

	if (!v || !null)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_vec *c = &s->chunk[ref[i] >> 16]->column[f].v;
		uint32_t at = ref[i] & UINT16_MAX;

		if (bit)
			b[i] = c->bit[at];
		else
			v[i] = c->i64[at];
		null[i] = c->null ? c->null[at] : 0;
		any |= null[i];
	}
	out->bit = b;
	out->null = any ? null : NULL;
	return true;
}

static bool
gather_texts(const struct lam_full_sort *s, uint32_t f, const uint32_t *ref,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out)
{
	struct lam_str *v = lam_arena_alloc(arena, (n + (size_t)1) * sizeof *v);
	uint8_t *null = lam_arena_alloc(arena, n + (size_t)1);
	bool any = false;

	if (!v || !null)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_sort_chunk *k = s->chunk[ref[i] >> 16];
		const struct lam_sort_column *c = &k->column[f];
		uint32_t at = ref[i] & UINT16_MAX;

		null[i] = c->id ? c->id[at] == LAM_NO_ID : c->v.null &&
			c->v.null[at];
		any |= null[i];
		v[i] = null[i] ? (struct lam_str){ "", 0 } : !c->id ?
			c->v.str[at] : k->part->text[f].values.str[c->id[at]];
		__builtin_prefetch(v[i].p); /* whoever gets it reads it */
	}
	out->str = v;
	out->null = any ? null : NULL;
	return true;
}

static int
gather_numbers(const struct lam_full_sort *s, uint32_t f, const uint32_t *ref,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_number_builder b;

	if (!lam_number_builder_init(&b, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_vec *c = &s->chunk[ref[i] >> 16]->column[f].v;
		uint32_t at = ref[i] & UINT16_MAX;

		if (c->null && c->null[at])
			lam_number_builder_null(&b, i);
		else if (!c->wide)
			lam_number_builder_set64(&b, i, c->i64[at], c->scale);
		else if (!lam_number_builder_set(&b, i, c->num[at]))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&b, out, e);
}

/* Are the numbers of column F integers of one scale?  It is that of OUT. */
static bool
alike(const struct lam_full_sort *s, uint32_t f, struct lam_vec *out)
{
	out->scale = s->nchunks ? s->chunk[0]->column[f].v.scale : 0;
	for (size_t k = 0; k < s->nchunks; k++) {
		const struct lam_vec *v = &s->chunk[k]->column[f].v;

		if (v->wide || v->scale != out->scale)
			return false;
	}
	return true;
}

int
lam_full_sort_column(const struct lam_full_sort *s, uint32_t f, size_t from,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	const uint32_t *ref = s->ref + from;

	*out = (struct lam_vec){ .type = s->plan->type[f], .rep = LAM_FLAT,
		.n = n };
	if (out->type == LAM_NUMBER && !alike(s, f, out))
		return gather_numbers(s, f, ref, n, arena, out, e);
	return (out->type == LAM_TEXT ? gather_texts : gather_plain)(s, f, ref,
		n, arena, out) ? LAM_OK : lam_fail_mem(e);
}

/* Batches of sorted rows, of which several are made at once. */
struct outlet {
	const struct lam_full_sort *s;
	size_t from, end; /* rows of all */
	struct lam_arena *arena; /* [threads] */
	struct lam_vec **column;
};

static uint32_t
rows_of(const struct outlet *o, uint32_t piece)
{
	size_t left = o->end - o->from - (size_t)piece * BATCH;

	return left < BATCH ? (uint32_t)left : BATCH;
}

static int
make(void *arg, unsigned worker, uint32_t piece, struct lam_error *e)
{
	struct outlet *o = arg;
	uint32_t ncolumns = o->s->plan->noutputs;
	struct lam_arena *a = &o->arena[piece];
	int rc = LAM_OK;

	(void)worker;
	lam_arena_reset(a);
	o->column[piece] = LAM_ARENA_NEW(a, struct lam_vec, ncolumns + 1);
	if (!o->column[piece])
		return lam_fail_mem(e);
	for (uint32_t f = 0; !rc && f < ncolumns; f++)
		rc = lam_full_sort_column(o->s, f, o->from + (size_t)piece *
			BATCH, rows_of(o, piece), a, &o->column[piece][f], e);
	return rc;
}

int
lam_full_sort_from_memory(struct lam_full_sort *s,
	const struct lam_sorted_out *to, struct lam_error *e)
{
	struct outlet o = { .s = s, .from = to->skip };
	unsigned most = s->threads ? s->threads : 1;
	int rc = lam_full_sort_part(s, s->part, true, s->threads, e);

	o.end = s->n < to->most ? s->n : (size_t)to->most;
	o.arena = calloc(most, sizeof *o.arena);
	o.column = calloc(most, sizeof *o.column);
	if (!rc && (!o.arena || !o.column))
		rc = lam_fail_mem(e);
	while (!rc && o.from < o.end) {
		size_t left = (o.end - o.from + BATCH - 1) / BATCH;
		uint32_t pieces = left < most ? (uint32_t)left : most;

		rc = lam_pool_pieces(pieces, pieces, make, &o, e);
		for (uint32_t i = 0; !rc && i < pieces; i++)
			rc = to->rows(to->arg, o.column[i], rows_of(&o, i), e);
		o.from += (size_t)pieces * BATCH;
	}
	for (unsigned i = 0; o.arena && i < most; i++)
		lam_arena_release(&o.arena[i]);
	free(o.arena);
	free(o.column);
	return rc;
}

int
lam_full_sort_give(struct lam_full_sort *s, const struct lam_sorted_out *to,
	struct lam_error *e)
{
	return lam_full_sort_all_here(s, UINT64_MAX) ?
		lam_full_sort_from_memory(s, to, e) :
		lam_full_sort_from_runs(s, to, e);
}
