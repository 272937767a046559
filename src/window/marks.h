/*
 * marks.h - which rows begin something: one bit for each row
 *
 * Partitions and peers are runs of rows that follow each other, so where one
 * begins the one before it ends.
 */
#ifndef LAM_WINDOW_MARKS_H
#define LAM_WINDOW_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lam_marks {
	uint64_t *word;
	size_t cap;	/* words */
	uint64_t n;	/* rows */
};

void lam_marks_release(struct lam_marks *m);

/* One more row.  False: out of memory. */
bool lam_marks_push(struct lam_marks *m, bool begins);

/* In place of pushing: N rows, of which none has a mark yet. */
bool lam_marks_clear(struct lam_marks *m, uint64_t n);

/* The first mark from ROW on, or the number of rows. */
uint64_t lam_marks_next(const struct lam_marks *m, uint64_t row);

/* The last mark up to ROW; row 0 is always marked. */
uint64_t lam_marks_last(const struct lam_marks *m, uint64_t row);

static inline bool
lam_marks_at(const struct lam_marks *m, uint64_t row)
{
	return m->word[row / 64] >> row % 64 & 1;
}

#endif
