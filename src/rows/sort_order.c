/*
 * sort_order.c - rows in their order, by the words of what they are sorted by
 *
 * Three steps, each on all threads.  Each thread makes the first word of a range of
 * rows and counts its leading bits; moves its rows to where rows with these bits are,
 * behind those of the threads before it; and takes one such bucket after the other,
 * which fits the cache, to sort it by the rest of the word.  Rows whose first words are
 * equal are sorted by the next one.  All of it is stable, so that rows that are equal
 * stay in the order of their positions, in which the chunks are.
 */
#include "rows/sort_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"

#define DIGIT 10
#define BUCKETS ((size_t)1 << DIGIT)
#define THREADS_FROM 65536 /* rows that are worth it */

struct order {
	const struct lam_sort_words *w;
	struct lam_ranked *item, *tmp;
	size_t n;
	unsigned threads;
	size_t *first;	 /* [threads + 1]: chunks of each thread */
	size_t *row;	 /* [threads]: its first row */
	size_t *at;	 /* [threads][BUCKETS]: counts, then places */
	size_t *bucket;	 /* [BUCKETS + 1] */
};

static size_t
bucket_of(uint64_t key)
{
	return (size_t)(key >> (64 - DIGIT));
}

static int
make(void *arg, unsigned worker, struct lam_error *e)
{
	struct order *o = arg;
	struct lam_ranked *to = o->item + o->row[worker];
	size_t *count = o->at + worker * BUCKETS;
	uint64_t key[LAM_SORT_ROWS];

	(void)e;
	for (size_t k = o->first[worker]; k < o->first[worker + 1]; k++) {
		uint32_t all = o->w->chunk[k]->n, n;

		for (uint32_t from = 0; from < all; from += n) {
			n = all - from < LAM_SORT_ROWS ? all - from :
				LAM_SORT_ROWS;
			lam_sort_words_fill(o->w, 0, k, from, n, key);
			for (uint32_t i = 0; i < n; i++) {
				count[bucket_of(key[i])]++;
				*to++ = (struct lam_ranked){ key[i],
					lam_sort_ref(k, from + i) };
			}
		}
	}
	return LAM_OK;
}

static int
move(void *arg, unsigned worker, struct lam_error *e)
{
	struct order *o = arg;
	size_t *at = o->at + worker * BUCKETS;
	size_t end = worker + 1 < o->threads ? o->row[worker + 1] : o->n;

	(void)e;
	for (size_t i = o->row[worker]; i < end; i++)
		o->tmp[at[bucket_of(o->item[i].key)]++] = o->item[i];
	return LAM_OK;
}

/* Rows whose words are equal, by word WORD and those behind it. */
static void
next_words(const struct lam_sort_words *w, struct lam_ranked *a,
	struct lam_ranked *tmp, size_t n, uint32_t word)
{
	uint64_t key;

	if (word >= w->nwords)
		return;
	for (size_t i = 0, j; i < n; i = j) {
		key = a[i].key;
		for (j = i + 1; j < n && a[j].key == key; j++)
			;
		if (j - i < 2)
			continue;
		for (size_t r = i; r < j; r++)
			lam_sort_words_fill(w, word, a[r].value >> 16,
				a[r].value & UINT16_MAX, 1, &a[r].key);
		lam_sort_items(a + i, tmp, j - i);
		next_words(w, a + i, tmp, j - i, word + 1);
		for (size_t r = i; r < j; r++)
			a[r].key = key;
	}
}

static int
sort_bucket(void *arg, unsigned worker, uint32_t piece, struct lam_error *e)
{
	struct order *o = arg;
	size_t from = o->bucket[piece], n = o->bucket[piece + 1] - from;

	(void)worker;
	(void)e;
	lam_sort_items(o->tmp + from, o->item + from, n);
	next_words(o->w, o->tmp + from, o->item + from, n, 1);
	return LAM_OK;
}

/* Chunks for each thread, about as many rows each. */
static void
deal(struct order *o)
{
	size_t rows = 0, k = 0;

	for (unsigned t = 0; t < o->threads; t++) {
		o->first[t] = k;
		o->row[t] = rows;
		while (k < o->w->nchunks && rows < o->n / o->threads * (t + 1))
			rows += o->w->chunk[k++]->n;
		for (; t + 1 == o->threads && k < o->w->nchunks; k++)
			rows += o->w->chunk[k]->n;
	}
	o->first[o->threads] = k;
}

/* Where the rows of each bucket, and in it of each thread, go. */
static void
places(struct order *o)
{
	size_t sum = 0;

	for (size_t b = 0; b < BUCKETS; b++) {
		o->bucket[b] = sum;
		for (unsigned t = 0; t < o->threads; t++) {
			size_t n = o->at[t * BUCKETS + b];

			o->at[t * BUCKETS + b] = sum;
			sum += n;
		}
	}
	o->bucket[BUCKETS] = sum;
}

static bool
sort(struct order *o)
{
	struct lam_error e = LAM_ERROR_INIT;

	deal(o);
	if (lam_pool_run(o->threads, make, o, &e))
		return false;
	if (o->n < THREADS_FROM) {
		lam_sort_items(o->item, o->tmp, o->n);
		next_words(o->w, o->item, o->tmp, o->n, 1);
		return true;
	}
	places(o);
	if (lam_pool_run(o->threads, move, o, &e) || lam_pool_pieces(
		o->threads, BUCKETS, sort_bucket, o, &e))
		return false;
	free(o->item);
	o->item = o->tmp;
	o->tmp = NULL;
	return true;
}

struct lam_ranked *
lam_sort_order(const struct lam_sort_words *w, size_t n, unsigned threads)
{
	struct order o = { .w = w, .n = n, .threads = n < THREADS_FROM ||
		threads == 0 ? 1 : threads };
	bool ok;

	o.item = lam_mem_scratch(n + 1, sizeof *o.item);
	o.tmp = lam_mem_scratch(n + 1, sizeof *o.tmp);
	o.first = calloc(o.threads + 1, sizeof *o.first);
	o.row = calloc(o.threads, sizeof *o.row);
	o.at = calloc(o.threads * BUCKETS, sizeof *o.at);
	o.bucket = calloc(BUCKETS + 1, sizeof *o.bucket);
	ok = o.item && o.tmp && o.first && o.row && o.at && o.bucket &&
		sort(&o);
	free(o.tmp);
	free(o.first);
	free(o.row);
	free(o.at);
	free(o.bucket);
	if (!ok) {
		free(o.item);
		return NULL;
	}
	return o.item;
}

/* Do A and B, whose first words are equal, differ in the first BITS bits? */
static bool
differ_later(const struct lam_sort_words *w, uint64_t a, uint64_t b,
	uint32_t bits)
{
	for (uint32_t word = 1; 64 * word < bits; word++) {
		uint32_t more = bits - 64 * word;
		uint64_t x, y;

		lam_sort_words_fill(w, word, a >> 16, a & UINT16_MAX, 1, &x);
		lam_sort_words_fill(w, word, b >> 16, b & UINT16_MAX, 1, &y);
		if ((x ^ y) >> (more < 64 ? 64 - more : 0))
			return true;
	}
	return false;
}

void
lam_sort_mark(const struct lam_sort_words *w, const struct lam_ranked *row,
	size_t n, uint32_t nterms, uint64_t *begins)
{
	uint32_t bits = nterms ? w->bits[nterms - 1] : 0;
	uint64_t mask = bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);

	if (n)
		begins[0] |= 1;
	for (size_t i = 1; i < n; i++) {
		bool differ = ((row[i].key ^ row[i - 1].key) & mask) != 0 ||
			(bits > 64 && row[i].key == row[i - 1].key &&
			differ_later(w, row[i - 1].value, row[i].value, bits));

		begins[i / 64] |= (uint64_t)differ << i % 64;
	}
}
