/*
 * ints.h - the bytes of an INTS column
 *
 * Little-endian; everything starts at a multiple of 8.
 *
 *	 0  u8   kind: enum lam_kind
 *	 1  u8   packing: 0 frame of reference, 1 delta
 *	 2  u8   width of a packed value, 0..word
 *	 3  u8   flags: 1 there is a NULL bitmap
 *	 4  u32  exceptions
 *	 8  u8   time: form	(enum lam_time_form; 8..13 are 0 unless TIME)
 *	 9  u8   time: zone	(enum lam_time_zone)
 *	10  u8   time: digits of the fraction
 *	11  u8   decimals: scale
 *	12  i16  time: offset of the zone in minutes
 *	14  u8   unit: index into lam_ints_unit
 *	15  u8   word: 32 or 64
 *	16  i64  base
 *	24  u64  delta: the least difference
 *	32  NULL bitmap, if flagged: row i is bit i % 8 of byte i / 8
 *	    exceptions, if any: u32 rows, ascending; u32 lengths; bytes; padding
 *	    delta: one word (8 bytes) for each group of 1024 rows
 *	    packed values (bitpack.c)
 *
 * A value is base + offset * unit.  Frame of reference: the packed values are
 * the offsets.  Delta: with L = 1024 / word lanes, a packed value is the
 * difference of the offset from that L rows before, less the least difference;
 * in the first L rows of a group, its difference from the group's word.  So L
 * running sums go side by side, in vector registers, and any group can be
 * decoded alone.  All sums are modulo 2^word.
 *
 * Valid iff the bytes end exactly where this says, every index and width is in
 * range, and, for words of 32 bits, no value leaves int64.
 */
#ifndef LAM_STORE_INTS_H
#define LAM_STORE_INTS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/column.h"
#include "store/column_internal.h"
#include "store/value.h"

#define LAM_INTS_HEAD 32
#define LAM_INTS_NULLS 1
#define LAM_INTS_UNITS 7

/* ns in a unit of offsets; number columns use 1. */
static const int64_t lam_ints_unit[LAM_INTS_UNITS] = {
	1, 1000, 1000000, INT64_C(1000000000), INT64_C(60000000000),
	INT64_C(3600000000000), INT64_C(86400000000000)
};

/*
 * 1: parsed; 0: too many values are not of the kind (or of the next more
 * general one: integers become decimals); -1: out of memory.
 */
int lam_ints_parse(const struct lam_values *v, struct lam_guess g,
	struct lam_arena *a, struct lam_ints *out);

int lam_ints_encode(const struct lam_values *v, const struct lam_ints *x,
	struct lam_sink *s, struct lam_colmeta *m) LAM_MUST;

int lam_ints_decode(const uint8_t *p, size_t size, uint32_t n,
	struct lam_want *w, struct lam_vec *out) LAM_MUST;

/* Rows ROW[NROWS], ascending, of the N as texts. */
int lam_ints_pick(const uint8_t *p, size_t size, uint32_t n, const uint16_t *row,
	uint32_t nrows, struct lam_want *w, struct lam_vec *out) LAM_MUST;

#endif
