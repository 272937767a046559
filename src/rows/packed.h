/*
 * packed.h - columns of some rows as bytes, for memory and temporary files
 *
 * The bytes have no other reader than this process: they are in the machine's form.
 */
#ifndef LAM_ROWS_PACKED_H
#define LAM_ROWS_PACKED_H

#include "base/buf.h"
#include "store/vec.h"

/* A column. */
struct lam_packed {
	uint64_t at, size; /* in the bytes of the rows */
	uint32_t nvalues;  /* fewer than the rows: rows are codes of values */
	uint8_t type, scale;
	bool wide, nulls;
};

/* Bytes up to a multiple of it are added, so that values are aligned. */
#define LAM_PACKED_ALIGN ((size_t)16)

/* Append V, FLAT, to B, of which the packed rows are all; it becomes C. */
void lam_packed_put(struct lam_buf *b, const struct lam_vec *v,
	struct lam_packed *c);

/* The column C of N rows, FLAT or DICT, whose bytes are at P and stay; the array of
 * texts is in ARENA.  False: out of memory. */
bool lam_packed_get(const struct lam_packed *c, const char *p, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out);

#endif
