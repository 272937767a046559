/*
 * digest.h - a run of records as one number
 *
 * The digest of a run depends on the names of its fields, their texts and the
 * order of its records; it does not depend on blocks, encodings, the order of
 * columns, or fields that are NULL.  The digest of a run behind another follows
 * from the two, so it is the same however a log is cut into blocks and files.
 *
 *	value	v = mix(checksum of the text, not(checksum of the name))
 *	record	r = the sum of v over the fields that are not NULL, mod 2^64
 *	run	d = the sum of r(i) * X^(n - 1 - i) for i of 0 .. n - 1, mod P
 *	behind	join(d, d', n') = d * X^n' + d' mod P
 *
 * with P = 2^61 - 1 and X below.  Two runs that differ have the same digest
 * with a probability of n / 2^61.
 */
#ifndef LAM_STORE_DIGEST_H
#define LAM_STORE_DIGEST_H

#include "store/cells.h"
#include "store/vec.h"

#define LAM_DIGEST_P ((UINT64_C(1) << 61) - 1)
#define LAM_DIGEST_X UINT64_C(0x13c6ef372fe94f83)

/* The digest of a run behind BEFORE, from its own, D, and its length N.  Of one
 * record D may be its sum. */
uint64_t lam_digest_join(uint64_t before, uint64_t d, uint64_t n);

/* Any number as a digest to begin with. */
uint64_t lam_digest_start(uint64_t v);

/* The run whose records are SUM[N], each the sum of its values. */
uint64_t lam_digest_run(const uint64_t *sum, uint32_t n);

/* The name of a field, as the functions below want it. */
uint64_t lam_digest_name(const char *name);

/* Add the values of one field to the SUM of each record. */
void lam_digest_cells(const char *text, const struct lam_cell *cell,
	uint32_t n, uint64_t name, uint64_t *sum);
/* The same, row i being cell CODE[i] of COUNT.  VALUE[COUNT] is room. */
void lam_digest_codes(const char *text, const struct lam_cell *cell,
	uint32_t count, const uint16_t *code, uint32_t n, uint64_t name,
	uint64_t *value, uint64_t *sum);
/* The same, of a TEXT vector.  False: out of memory. */
bool lam_digest_vec(const struct lam_vec *v, uint64_t name,
	struct lam_arena *scratch, uint64_t *sum);

#endif
