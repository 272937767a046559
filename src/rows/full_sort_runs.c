/*
 * full_sort_runs.c - rows that are sorted on disk
 *
 * A part that is too large is sorted by itself and written out as a run (spilled.h):
 * the columns, and the position of each row as one more, so that no two are equal.
 *
 * Rows are not merged one by one.  The first rows of all batches of all runs, in
 * order, are where the whole may be cut into pieces that fit in memory.  Of each piece
 * the rows are read, from batches that begin in it and from the one of each run that
 * reaches into it, and are sorted as any rows in memory are.  So the words that are
 * sorted by are those of the piece, and all of it is done on all threads.
 */
#include "rows/full_sort_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define BATCH_MOST 16384 /* rows */
#define BATCH_LEAST 64
#define BATCHES 4096	 /* of a batch, so many would fill the memory */
#define BYTES_LEAST ((uint64_t)16 << 10)
#define BYTES_MOST ((uint64_t)256 << 10)
#define ROW_BYTES 40	 /* a row, while it is sorted */

/* The key of row I of COLUMN, of which the last is its position. */
static int
put_key(const struct lam_sort_plan *p, const struct lam_vec *column,
	uint32_t i, struct lam_buf *key, struct lam_error *e)
{
	lam_buf_clear(key);
	for (uint32_t t = 0; t < p->nterms; t++) {
		struct lam_scalar v = lam_scalar_of(&column[p->term[t].column],
			i);

		lam_sortkey_put(key, &v, p->term[t].by);
	}
	lam_sortkey_put_u64(key, (uint64_t)column[p->ncolumns].i64[i]);
	return lam_buf_check(key, e);
}

/* The positions of N rows from FROM on. */
static bool
positions(const struct lam_full_sort *s, size_t from, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out)
{
	int64_t *v = lam_arena_alloc(arena, n * sizeof *v);

	for (uint32_t i = 0; v && i < n; i++)
		v[i] = (int64_t)lam_sort_chunk_seq(s->chunk[s->ref[from + i] >>
			16], s->ref[from + i] & UINT16_MAX);
	*out = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FLAT, .n = n,
		.i64 = v };
	return v != NULL;
}

/* N sorted rows from FROM on become a batch of X; KEY is that of the last one. */
static int
put_batch(const struct lam_full_sort *s, struct lam_spilled *x, size_t from,
	uint32_t n, struct lam_arena *arena, struct lam_buf *key,
	struct lam_error *e)
{
	uint32_t all = s->plan->ncolumns;
	struct lam_vec *v = LAM_ARENA_NEW(arena, struct lam_vec, all + 1);
	int rc = v && positions(s, from, n, arena, &v[all]) ? LAM_OK :
		lam_fail_mem(e);

	for (uint32_t f = 0; !rc && f < all; f++)
		rc = lam_full_sort_column(s, f, from, n, arena, &v[f], e);
	if (!rc)
		rc = put_key(s->plan, v, 0, key, e);
	if (!rc)
		rc = lam_spilled_put(x, v, all + 1, n, (struct lam_str){
			key->p, key->n }, e);
	return rc ? rc : put_key(s->plan, v, n - 1, key, e);
}

/* How many rows of P make a batch. */
static uint32_t
batch_rows(const struct lam_full_sort *s, const struct lam_sort_part *p)
{
	uint64_t size = lam_sort_part_memory(p) / p->rows + 1;
	uint64_t bytes = s->memory / BATCHES, n;

	bytes = bytes < BYTES_LEAST ? BYTES_LEAST :
		bytes > BYTES_MOST ? BYTES_MOST : bytes;
	n = bytes / size;
	return n < BATCH_LEAST ? BATCH_LEAST : n > BATCH_MOST ? BATCH_MOST :
		(uint32_t)n;
}

int
lam_full_sort_spill(struct lam_full_sort *s, struct lam_sort_part *p,
	unsigned threads, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_buf key = LAM_BUF_INIT;
	uint32_t most = batch_rows(s, p), n;
	int rc = lam_full_sort_part(s, p, false, threads, e);

	if (!rc)
		rc = lam_spilled_begin(&p->runs, s->tmpdir, e);
	for (size_t from = 0; !rc && from < s->n; from += n) {
		n = s->n - from < most ? (uint32_t)(s->n - from) : most;
		rc = put_batch(s, &p->runs, from, n, &arena, &key, e);
		lam_arena_reset(&arena);
	}
	if (!rc)
		rc = lam_spilled_end(&p->runs, (struct lam_str){ key.p, key.n },
			e);
	lam_arena_release(&arena);
	lam_buf_release(&key);
	lam_full_sort_unready(s);
	lam_sort_part_reset(p);
	return rc;
}

#define NONE SIZE_MAX

/* A batch of a run. */
struct place {
	const struct lam_spilled *file;
	size_t batch, run;
};

struct run {
	struct lam_str last;
	size_t at;		/* the place it is at: begun, and no later one is */
};

/* All that was written out, and the piece at hand. */
struct merge {
	const struct lam_full_sort *s;
	size_t n, nruns;
	struct place *place;	/* [n]: run by run */
	struct lam_str *key;	/* [n]: the first row of each */
	uint32_t *order;	/* [n]: by it */
	struct run *run;
	/* The piece: rows from LOW to below HIGH (p NULL: to the end). */
	struct lam_str low, high;
	size_t *read, nread;	/* places of which it has rows */
	struct lam_full_sort piece;
	struct lam_sort_part **part; /* [threads]: its */
	struct lam_arena *arena;     /* [threads] */
	struct lam_buf *buf;	     /* [threads] */
	unsigned threads;
};

/* All batches of all parts. */
static int
find_places(struct merge *m, struct lam_error *e)
{
	const struct lam_sort_part *p;

	for (p = m->s->part; p; p = p->next) {
		m->n += p->runs.nbatches;
		m->nruns += p->runs.nruns;
	}
	if (m->n >= UINT32_MAX || m->nruns > LAM_SORT_CHUNKS / 2)
		return lam_fail(e, LAM_SYSTEM, "too many rows to sort in so "
			"little memory: give more --memory");
	m->place = calloc(m->n + 1, sizeof *m->place);
	m->key = calloc(m->n + 1, sizeof *m->key);
	m->order = calloc(m->n + 1, sizeof *m->order);
	m->run = calloc(m->nruns + 1, sizeof *m->run);
	m->read = calloc(m->n + m->nruns + 1, sizeof *m->read);
	if (!m->place || !m->key || !m->order || !m->run || !m->read)
		return lam_fail_mem(e);
	m->n = m->nruns = 0;
	for (p = m->s->part; p; p = p->next)
		for (size_t r = 0; r < p->runs.nruns; r++, m->nruns++) {
			const struct lam_spilled_run *x = &p->runs.run[r];

			m->run[m->nruns] = (struct run){ x->last, NONE };
			for (size_t i = x->first; i < x->end; i++, m->n++) {
				m->place[m->n] = (struct place){ &p->runs, i,
					m->nruns };
				m->key[m->n] = p->runs.batch[i].first;
			}
		}
	return lam_sort_strings(m->key, (uint32_t)m->n, m->order) ? LAM_OK :
		lam_fail_mem(e);
}

/* The plan of S, and the position behind all columns and all terms. */
static int
begin_piece(struct merge *m, struct lam_error *e)
{
	const struct lam_sort_plan *p = m->s->plan;
	uint8_t *type = calloc(p->ncolumns + 1, sizeof *type);
	struct lam_sort_term *term = calloc(p->nterms + 1, sizeof *term);
	struct lam_sort_plan plan = { p->noutputs, p->ncolumns + 1, type, term,
		p->nterms + 1 };
	int rc = LAM_OK;

	m->part = calloc(m->threads, sizeof *m->part);
	m->arena = calloc(m->threads, sizeof *m->arena);
	m->buf = calloc(m->threads, sizeof *m->buf);
	if (!type || !term || !m->part || !m->arena || !m->buf)
		rc = lam_fail_mem(e);
	if (!rc) {
		memcpy(type, p->type, p->ncolumns);
		type[p->ncolumns] = LAM_NUMBER;
		for (uint32_t t = 0; t < p->nterms; t++)
			term[t] = p->term[t];
		term[p->nterms].column = p->ncolumns;
		rc = lam_full_sort_init(&m->piece, &plan, m->s->memory,
			m->s->threads, m->s->tmpdir, e);
	}
	free(type);
	free(term);
	for (unsigned t = 0; !rc && t < m->threads; t++) {
		m->part[t] = t ? lam_sort_part_new(m->piece.plan) :
			m->piece.part;
		if (!m->part[t])
			return lam_fail_mem(e);
		if (t)
			m->part[t - 1]->next = m->part[t];
	}
	return rc;
}

static void
release(struct merge *m)
{
	free(m->place);
	free(m->key);
	free(m->order);
	free(m->run);
	free(m->read);
	lam_full_sort_release(&m->piece);
	for (unsigned t = 0; t < m->threads; t++) {
		if (m->arena)
			lam_arena_release(&m->arena[t]);
		if (m->buf)
			lam_buf_release(&m->buf[t]);
	}
	free(m->part);
	free(m->arena);
	free(m->buf);
}

/* The piece that begins with the batch FROM of the order: what it is read from, and
 * the batch that it ends before. */
static size_t
choose(struct merge *m, size_t from)
{
	uint64_t most = m->s->memory / 2, used = 0;
	size_t to = from;

	m->low = m->key[m->order[from]];
	m->nread = 0;
	for (size_t r = 0; r < m->nruns; r++)
		if (m->run[r].at != NONE && m->place[m->order[from]].run != r &&
			lam_str_cmp(m->run[r].last, m->low) >= 0)
			m->read[m->nread++] = m->run[r].at;
	for (; to < m->n; to++) {
		const struct place *p = &m->place[m->order[to]];
		const struct lam_spilled_batch *b = &p->file->batch[p->batch];

		used += b->size + (uint64_t)b->n * ROW_BYTES;
		if (to > from && (used > most || m->nread == LAM_SORT_CHUNKS))
			break;
		m->read[m->nread++] = m->order[to];
		m->run[p->run].at = m->order[to];
	}
	m->high = to < m->n ? m->key[m->order[to]] : (struct lam_str){ NULL, 0 };
	return to;
}

/* How many of the N rows of COLUMN are before the one whose key is KEY. */
static int
before(const struct merge *m, const struct lam_vec *column, uint32_t n,
	struct lam_str key, struct lam_buf *buf, uint32_t *out,
	struct lam_error *e)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t i = low + (high - low) / 2;
		int rc = put_key(m->s->plan, column, i, buf, e);

		if (rc)
			return rc;
		if (lam_str_cmp((struct lam_str){ buf->p, buf->n }, key) < 0)
			low = i + 1;
		else
			high = i;
	}
	*out = low;
	return LAM_OK;
}

/* The rows of the I-th place that are in the piece go to it. */
static int
load(void *arg, unsigned worker, uint32_t i, struct lam_error *e)
{
	struct merge *m = arg;
	const struct place *p = &m->place[m->read[i]];
	uint32_t all = m->s->plan->ncolumns + 1, from = 0;
	uint32_t to = p->file->batch[p->batch].n;
	struct lam_arena *a = &m->arena[worker];
	struct lam_vec *v = LAM_ARENA_NEW(a, struct lam_vec, all);
	int rc = v ? lam_spilled_read(p->file, p->batch, all, a, v, e) :
		lam_fail_mem(e);

	if (!rc && lam_str_cmp(m->key[m->read[i]], m->low) < 0)
		rc = before(m, v, to, m->low, &m->buf[worker], &from, e);
	if (!rc && m->high.p)
		rc = before(m, v, to, m->high, &m->buf[worker], &to, e);
	for (uint32_t f = 0; !rc && f < all; f++)
		lam_vec_slice(&v[f], from, to - from);
	if (!rc && from < to)
		rc = lam_sort_part_add(m->part[worker], v,
			v + m->s->plan->noutputs, to - from, 0, NULL, a, e);
	lam_arena_reset(a);
	return rc;
}

/* The rows of the piece, of which *AT were before it, go to TO. */
static int
give(struct merge *m, uint64_t *at, const struct lam_sorted_out *to,
	struct lam_error *e)
{
	struct lam_sorted_out some = { to->skip > *at ? to->skip - *at : 0,
		to->most - *at, to->rows, to->arg };
	int rc = lam_pool_pieces(m->threads, (uint32_t)m->nread, load, m, e);
	uint64_t n = 0;

	for (unsigned t = 0; t < m->threads; t++)
		n += m->part[t]->rows;
	if (!rc && some.skip < n)
		rc = lam_full_sort_from_memory(&m->piece, &some, e);
	*at += n;
	lam_full_sort_unready(&m->piece);
	for (unsigned t = 0; t < m->threads; t++)
		lam_sort_part_reset(m->part[t]);
	return rc;
}

int
lam_full_sort_from_runs(struct lam_full_sort *s,
	const struct lam_sorted_out *to, struct lam_error *e)
{
	struct merge m = { .s = s, .threads = s->threads ? s->threads : 1 };
	uint64_t at = 0;
	int rc = LAM_OK;

	for (struct lam_sort_part *p = s->part; !rc && p; p = p->next) {
		rc = p->rows ? lam_full_sort_spill(s, p, s->threads, e) :
			LAM_OK;
		lam_arena_release(&p->arena); /* it has no rows any more */
	}
	if (!rc)
		rc = find_places(&m, e);
	if (!rc)
		rc = begin_piece(&m, e);
	for (size_t i = 0; !rc && i < m.n && at < to->most;) {
		i = choose(&m, i);
		rc = give(&m, &at, to, e);
	}
	release(&m);
	return rc;
}
