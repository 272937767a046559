/*
 * key_codes.h - the values of one vector as small integers, for one batch
 *
 * Every row gets a code below `size`; equal codes are equal values (equal
 * values may have several codes, where a dictionary repeats itself).  A vector
 * that is coded already costs nothing: dictionary codes and small frames of
 * reference are used as they are.  Others are numbered by hashing.
 */
#ifndef LAM_GROUP_KEY_CODES_H
#define LAM_GROUP_KEY_CODES_H

#include "base/err.h"
#include "group/key_dict.h"
#include "store/vec.h"

struct lam_key_codes {
	uint32_t size;		 /* codes are below it; at least 1 */
	uint32_t null;		 /* the code of NULL, or LAM_NO_ID; a
				  * dictionary may have NULL entries besides */
	const uint16_t *c16;	 /* one of these, or neither: all rows are 0 */
	const uint32_t *c32;
	const struct lam_vec *v;
	const struct lam_vec *flat; /* value of a code: row code, or
				     * first[code], of this; NULL: base + mult
				     * * code of v */
	const uint16_t *first;
	struct lam_arena *arena;
	uint32_t *id; /* [size] or NULL: ids in a dictionary so far */
};

/* LAM_SYSTEM: out of memory. */
int lam_key_codes_init(struct lam_key_codes *c, const struct lam_vec *v,
	struct lam_arena *arena, struct lam_error *e) LAM_MUST;

/*
 * The same, where values seldom repeat: those that would have to be hashed have a code
 * for each row, which ROW[i] == i gives.  V has at most LAM_BLOCK_ROWS rows.
 */
int lam_key_codes_apart(struct lam_key_codes *c, const struct lam_vec *v,
	const uint16_t *row, struct lam_arena *arena, struct lam_error *e)
	LAM_MUST;

static inline uint32_t
lam_key_codes_row(const struct lam_key_codes *c, uint32_t i)
{
	return c->c16 ? c->c16[i] : c->c32 ? c->c32[i] : 0;
}

struct lam_scalar lam_key_codes_value(const struct lam_key_codes *c,
	uint32_t code);

/* The ids in D of N codes (repetitions cost little). */
int lam_key_codes_ids(struct lam_key_codes *c, struct lam_key_dict *d,
	const uint32_t *code, uint32_t n, uint32_t *id, struct lam_error *e)
	LAM_MUST;

/*
 * The cells and tags of N codes, as keys of a group table (group_table.h).  D keeps
 * texts and numbers of more than 64 bits.
 */
int lam_key_codes_cells(struct lam_key_codes *c, struct lam_key_dict *d,
	const uint32_t *code, uint32_t n, uint64_t *cell, uint8_t *tag,
	struct lam_error *e) LAM_MUST;

/*
 * Number the N values of KEY densely, in order of first occurrence: CODE[i],
 * their number into *SIZE, and FIRST[code], the row that has it first (N is at
 * most LAM_BLOCK_ROWS).  FIRST has room for N.
 */
int lam_number_u32(const uint32_t *key, uint32_t n, uint16_t *code,
	uint16_t *first, uint32_t *size, struct lam_arena *arena,
	struct lam_error *e) LAM_MUST;

#endif
