/*
 * hll.h - HyperLogLog: the number of distinct values, approximately
 *
 * 4096 registers of 6 bits.  A value is hashed (XXH3-64, seed 0, of its
 * canonical text); the top 12 bits choose a register, and it keeps the largest
 * rank: the number of leading zeros of the other 52 bits, plus 1, so 1..53.
 * Standard error 1.04 / sqrt(4096) = 1.63 %.  Merging is the maximum of each
 * register.
 *
 * Text: 64 characters A-Z a-z 0-9 + / stand for 0..63.
 *	sparse	for every register that is not 0, ascending: 2 characters for
 *		its index, high bits first, and 1 for its rank; used iff this
 *		is shorter than 4096, that is for at most 1365 registers
 *	dense	4096 characters, one per register
 * The length tells them apart.  No register: no text, NULL.
 */
#ifndef LAM_GROUP_HLL_H
#define LAM_GROUP_HLL_H

#include "base/bytes.h"
#include "base/masks.h"
#include "base/mem.h"

#define LAM_HLL_REGISTERS 4096
#define LAM_HLL_RANKS 54 /* 0..53 */

/*
 * A sketch: all zeros is empty.  Few entries are a list, ascending, of 16 bits each,
 * register << 4 | rank, as memory touched first is dear.
 */
struct lam_hll {
	void *p;      /* the list; or, dense, a byte for each register */
	uint32_t n;   /* of the list, or LAM_HLL_DENSE */
	uint32_t cap; /* bytes of p */
};
#define LAM_HLL_DENSE UINT32_MAX

/* Zeroed working memory, shared by the sketches of a table. */
struct lam_hll_scratch {
	uint8_t reg[LAM_HLL_REGISTERS];
};

/* The entry of one value: register << 8 | rank. */
uint32_t lam_hll_entry(const void *p, size_t n);

/* Those of N texts, none of them NULL. */
void lam_hll_entries(const struct lam_str *text, size_t n, uint32_t *entry);

/* Those of the texts of N addresses, BASE + OFFSET[i] modulo 2^32: as four numbers with
 * dots between. */
void lam_hll_addresses(const uint32_t *offset, uint32_t base, size_t n,
	uint32_t *entry);

/* The same in one of the ways of base/masks.h, which agree. */
void lam_hll_addresses_by(const uint32_t *offset, uint32_t base, size_t n,
	enum lam_masks masks, uint32_t *entry);

/* Add entries; H is the heap of the sketch.  False: out of memory. */
bool lam_hll_add(struct lam_hll *s, const uint32_t *entry, size_t n,
	struct lam_hll_scratch *w, struct lam_heap *h);
bool lam_hll_merge(struct lam_hll *s, const struct lam_hll *from,
	struct lam_hll_scratch *w, struct lam_heap *h);

/* The entries of a text into ENTRY[LAM_HLL_REGISTERS]; false: not one. */
bool lam_hll_parse(struct lam_str text, uint32_t *entry, size_t *n);

/* Length of the text of S (0: empty), and the text into OUT. */
size_t lam_hll_text_size(const struct lam_hll *s);
void lam_hll_print(const struct lam_hll *s, char *out);

/* The same in one of the ways of base/masks.h, which agree. */
void lam_hll_print_by(const struct lam_hll *s, enum lam_masks masks, char *out);

/*
 * The estimate: a pure function of how many registers hold each rank.
 */
uint64_t lam_hll_estimate(const uint32_t hist[LAM_HLL_RANKS]);
void lam_hll_histogram(const struct lam_hll *s, uint32_t hist[LAM_HLL_RANKS]);

#endif
