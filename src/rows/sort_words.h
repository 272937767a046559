/*
 * sort_words.h - what rows are sorted by, as bits
 *
 * The terms of a row are unsigned numbers of as few bits as all rows need, one behind
 * the other: a number or time less the least one, a text its rank among the distinct
 * ones.  Cut into words of 64 bits and compared word by word, these bits are in the
 * order of the rows, and rows that are equal in the terms have equal ones.
 *
 * Use:      init (all rows are there) -> fill, compare -> release
 * Threads:  any number that fill
 */
#ifndef LAM_ROWS_SORT_WORDS_H
#define LAM_ROWS_SORT_WORDS_H

#include "rows/sort_part.h"

struct lam_sort_field;

struct lam_sort_words {
	const struct lam_sort_plan *plan;
	const struct lam_sort_chunk *const *chunk; /* [nchunks], by position */
	size_t nchunks;
	struct lam_arena arena;
	struct lam_sort_field *field;
	uint32_t nfields, nwords;
	uint32_t *bits;		/* [nterms]: of the terms up to each */
};

/* CHUNK outlives it. */
int lam_sort_words_init(struct lam_sort_words *w,
	const struct lam_sort_plan *plan,
	const struct lam_sort_chunk *const *chunk, size_t nchunks,
	struct lam_error *e) LAM_MUST;
void lam_sort_words_release(struct lam_sort_words *w);

#define LAM_SORT_ROWS 1024 /* the most at a time */

/* Word WORD of N rows of chunk CHUNK, from row FROM on. */
void lam_sort_words_fill(const struct lam_sort_words *w, uint32_t word,
	size_t chunk, uint32_t from, uint32_t n, uint64_t *out);

#endif
