/*
 * full_sort.h - all rows sorted
 *
 * For queries that want more rows than fit a sorter that keeps the first few
 * (sorter.h): rows are kept column by column, and only words of bits are sorted.
 *
 * Use:      init -> add* -> absorb* -> give, or all_here -> ready -> (mark)* -> column*
 *           -> release
 * Memory:   bounded: what does not fit is written to temporary files in sorted runs
 * Threads:  one; each worker has its own, absorbed by one of them at the end.  Sorting
 *           takes THREADS; columns are made for any number of threads
 */
#ifndef LAM_ROWS_FULL_SORT_H
#define LAM_ROWS_FULL_SORT_H

#include "rows/sort_order.h"
#include "rows/sorted_runs.h"

struct lam_full_sort {
	struct lam_sort_plan *plan; /* shared by those absorbed; the arena has it */
	struct lam_arena arena;
	uint64_t memory;
	unsigned threads;
	const char *tmpdir;
	struct lam_sort_part *part; /* the first one is added to */
	/* When it is ready: */
	const struct lam_sort_chunk **chunk; /* by position */
	size_t nchunks;
	struct lam_sort_words words;
	struct lam_ranked *row;	   /* [n], sorted; then only */
	uint32_t *ref;		   /* ... lam_sort_ref of each */
	size_t n;
};

/* PLAN and what it names are copied. */
int lam_full_sort_init(struct lam_full_sort *s, const struct lam_sort_plan *plan,
	uint64_t memory, unsigned threads, const char *tmpdir,
	struct lam_error *e) LAM_MUST;
/* Harmless for zeros. */
void lam_full_sort_release(struct lam_full_sort *s);

/* As lam_sort_part_add. */
int lam_full_sort_add(struct lam_full_sort *s, const struct lam_vec *output,
	const struct lam_vec *more, uint32_t n, uint64_t from,
	const uint64_t *seq, struct lam_arena *scratch, struct lam_error *e)
	LAM_MUST;

/* OTHER's rows are S's from now on. */
void lam_full_sort_absorb(struct lam_full_sort *s, struct lam_full_sort *other);

/* Hand out the rows. */
int lam_full_sort_give(struct lam_full_sort *s, const struct lam_sorted_out *to,
	struct lam_error *e) LAM_MUST;

/* Are all rows in memory, and in no more than MEMORY bytes when they are sorted? */
bool lam_full_sort_all_here(const struct lam_full_sort *s, uint64_t memory);
/* Sort them. */
int lam_full_sort_ready(struct lam_full_sort *s, struct lam_error *e) LAM_MUST;
/* As lam_sort_mark, until the first column is asked for. */
void lam_full_sort_mark(const struct lam_full_sort *s, uint32_t nterms,
	uint64_t *begins);
/* No more marks: the memory for them is given back. */
int lam_full_sort_settle(struct lam_full_sort *s, struct lam_error *e) LAM_MUST;
/* Column F of N rows from FROM on, FLAT; its texts are S's.  S is settled. */
int lam_full_sort_column(const struct lam_full_sort *s, uint32_t f, size_t from,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e) LAM_MUST;

#endif
