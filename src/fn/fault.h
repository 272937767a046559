/*
 * fault.h - rows in which a value could not be computed
 *
 * A result of 10^38 or more, a cast of what is no number, a time out of range:
 * the value is NULL, and its row is marked, counted and reported.
 */
#ifndef LAM_FN_FAULT_H
#define LAM_FN_FAULT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct lam_faults {
	uint8_t *mark; /* [rows], made with the first; NULL: none */
};

/* Room for the marks of N rows. */
int lam_faults_make(struct lam_faults *f, uint32_t n, struct lam_arena *a,
	struct lam_error *e) LAM_MUST;

/* The faults of FROM, found for row CODE[i] (NULL: row 0), are those of row i. */
int lam_faults_spread(struct lam_faults *to, const struct lam_faults *from,
	const uint16_t *code, uint32_t n, struct lam_arena *a,
	struct lam_error *e) LAM_MUST;
/* The faults of FROM, M rows, are those of rows SEL[0..m-1] of N. */
int lam_faults_raise(struct lam_faults *to, const struct lam_faults *from,
	const uint16_t *sel, uint32_t m, uint32_t n, struct lam_arena *a,
	struct lam_error *e) LAM_MUST;

#endif
