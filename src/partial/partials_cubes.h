/*
 * partials_cubes.h - what is known of the keys of cubes
 *
 * Between partials_cubes.c, which ranks them, and partials_cubes_rows.c, which finds
 * rows.  A combination is the ranks of all keys as one number; that of the last key
 * varies fastest.
 */
#ifndef LAM_PARTIAL_PARTIALS_CUBES_H
#define LAM_PARTIAL_PARTIALS_CUBES_H

#include "base/arena.h"
#include "group/key_order.h"

struct lam_cubes {
	struct lam_arena arena;
	struct lam_arena *others; /* [nkeys]: of workers but the first, while ranking */
	uint32_t nkeys;
	uint32_t *n;	 /* [nkeys]: values */
	uint32_t **rank; /* [nkeys]: by the ids of share 0 */
	uint32_t ***id; /* [nshares][nkeys][rank]: that of the share, or LAM_NO_ID */
	struct lam_key_fields *field; /* [nkeys]; NULL: not in the order of the text */
	uint64_t next, end;	/* combinations that nobody has looked for yet */
	uint32_t step;		/* how many are looked for at a time */
	uint64_t *combination;	/* [step]: of the current rows */
};

#endif
