/*
 * vec.h - a column of values for one block, as the engine sees it
 *
 * A vector keeps the shape in which the values were stored, so that work can
 * be done once per distinct value (DICT) or on narrow integers (FOR) instead
 * of once per row:
 *
 *	CONST	one value stands for all N rows; stored as a flat vector of 1
 *	DICT	code[i] indexes the flat vector *dict
 *	FOR	base + mult * u32[i]: frame of reference
 *	FLAT	one value per row in the array of the type
 *
 * Numbers that all fit int64 at one scale are integers at that scale.  Where
 * they do not, the vector is wide: FLAT, each value a number with a scale of
 * its own, in its normal form (lam_num_normal), so that equal values have equal
 * parts.  What a value is thus never depends on the others of its vector.
 *
 * NULL: null[i] != 0, or no null array at all.  CONST and DICT have no null
 * array of their own: their inner flat vector has, so NULL is one more
 * dictionary entry.  Dictionary entries may repeat and may be unused.
 *
 * A TEXT vector is FLAT, or has a FLAT one inside.  Whoever asks for a column may say
 * that it takes addresses as numbers (lam_coltype): where the column is IPv4 addresses
 * only, FOR stands in place of FLAT then, and means their texts.
 *
 * Owns: nothing.  All arrays live in the arena of the batch.
 */
#ifndef LAM_STORE_VEC_H
#define LAM_STORE_VEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/num.h"

#define LAM_BLOCK_ROWS 65536 /* the most rows of a block, so of a vector */

enum lam_type { LAM_TEXT, LAM_NUMBER, LAM_TIME, LAM_BOOL, LAM_TYPES };

/* "text", "number", "time", "boolean". */
extern const char *const lam_type_name[LAM_TYPES];

enum lam_rep { LAM_FLAT, LAM_FOR, LAM_DICT, LAM_CONST };

struct lam_vec {
	uint8_t type;  /* enum lam_type */
	uint8_t rep;   /* enum lam_rep */
	uint8_t scale; /* NUMBER, not wide: value = integer / 10^scale */
	bool wide;     /* NUMBER, FLAT: the values are num */
	uint32_t n;    /* rows */
	const uint8_t *null;
	union {
		const int64_t *i64;	    /* NUMBER, TIME (ns), FLAT */
		const struct lam_num *num;  /* NUMBER, FLAT, wide */
		const struct lam_str *str;  /* TEXT, FLAT */
		const uint8_t *bit;	    /* BOOL, FLAT: 0 or 1 */
		const uint32_t *u32;	    /* NUMBER, TIME, FOR */
		const uint16_t *code;	    /* DICT */
	};
	int64_t base, mult;	    /* FOR; mult > 0; no value overflows int64 */
	uint32_t max;		    /* FOR: no u32[i] is above it */
	const struct lam_vec *dict; /* DICT, CONST: a FLAT vector */
};

/*
 * A FLAT vector of the same values and type: V itself when it is flat, else
 * decoded into ARENA.  NULL: out of memory.
 */
const struct lam_vec *lam_vec_flat(const struct lam_vec *v,
	struct lam_arena *arena);

/* Rows SEL[0..n-1] of V, same shape, in ARENA.  False: out of memory. */
bool lam_vec_take(const struct lam_vec *v, const uint16_t *sel, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out);

/* V becomes its N rows from FROM on. */
void lam_vec_slice(struct lam_vec *v, uint32_t from, uint32_t n);

/* One row at a time: for edges and tests, not for hot loops. */
bool lam_vec_is_null(const struct lam_vec *v, uint32_t i);
struct lam_num lam_vec_num(const struct lam_vec *v, uint32_t i);  /* NUMBER */
int64_t lam_vec_time(const struct lam_vec *v, uint32_t i);	  /* TIME */
struct lam_str lam_vec_text(const struct lam_vec *v, uint32_t i); /* TEXT */
bool lam_vec_bool(const struct lam_vec *v, uint32_t i);		  /* BOOL */

/*
 * Row I of a vector of any type as its canonical text (number: lam_num_print;
 * time: lam_time_print; true/false).  {NULL, 0} for NULL.  The bytes live in
 * SCRATCH (at least LAM_TIME_TEXT bytes) or, for TEXT, in the vector.
 */
struct lam_str lam_vec_print(const struct lam_vec *v, uint32_t i,
	char *scratch);

/* V with every value as its canonical text.  False: out of memory. */
bool lam_vec_as_text(const struct lam_vec *v, struct lam_arena *arena,
	struct lam_vec *out);

#endif
