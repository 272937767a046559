/*
 * four.h - four words at a time
 *
 * Loops whose shifts vary are scalar when the compiler makes them: these are written as
 * vectors, in plain C for any set of instructions.
 */
#ifndef LAM_BASE_FOUR_H
#define LAM_BASE_FOUR_H

#include <stdint.h>

typedef uint64_t lam_four
	__attribute__((vector_size(32), aligned(8), may_alias));

/* Those at P, which lie anywhere among others. */
#define LAM_FOUR(p) (*(lam_four *)(p))

/* The bits that any of them has. */
#define LAM_FOUR_UNITED(v) ((v)[0] | (v)[1] | (v)[2] | (v)[3])

#endif
