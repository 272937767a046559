/*
 * key_dict.h - the distinct values of one key, numbered
 *
 * Interning: every distinct value gets a dense id, in the order of first
 * appearance, so that a group is a tuple of small integers.  NULL is a value
 * like any other.
 *
 * Owns: copies of the values.  Threads: one.
 */
#ifndef LAM_GROUP_KEY_DICT_H
#define LAM_GROUP_KEY_DICT_H

#include <string.h>

#include "store/column_builder.h"
#include "store/scalar.h"

#define LAM_NO_ID UINT32_MAX

/*
 * memcmp of short texts costs more in the call than in comparing.  From 16 to 64 bytes
 * are compared without a branch on how many there are, as lengths vary.
 */
static inline bool
lam_same_bytes(const char *a, const char *b, size_t n)
{
	size_t second = n < 32 ? n - 16 : 16, third = n < 32 ? 0 : n - 32;
	lam_16_bytes differ;

	if (n > 64 || n < 8)
		return n == 0 || memcmp(a, b, n) == 0;
	if (n < 16)
		return ((lam_get64(a) ^ lam_get64(b)) |
			(lam_get64(a + n - 8) ^ lam_get64(b + n - 8))) == 0;
	differ = lam_differ_16(a, b) | lam_differ_16(a + second, b + second) |
		lam_differ_16(a + third, b + third) |
		lam_differ_16(a + n - 16, b + n - 16);
	return (differ[0] | differ[1]) == 0;
}

struct lam_key_dict {
	struct lam_column_builder values; /* values.n is the number of ids */
	uint32_t null;		  /* id of NULL, or LAM_NO_ID */
	uint64_t *slot;		  /* hash << 32 | id + 1; 0: empty */
	size_t nslots;
	uint64_t seed;
	bool frozen;		  /* what is not there is not added */
};

void lam_key_dict_init(struct lam_key_dict *d, uint8_t type, struct lam_mem *m,
	uint64_t seed);
void lam_key_dict_release(struct lam_key_dict *d);

/* The id of a value; LAM_NO_ID: out of memory. */
uint32_t lam_key_dict_null(struct lam_key_dict *d);
uint32_t lam_key_dict_int(struct lam_key_dict *d, int64_t v, uint8_t scale);
uint32_t lam_key_dict_add(struct lam_key_dict *d, const struct lam_scalar *v);

/*
 * The ids of N texts (none NULL) at once: the memory accesses of several
 * look-ups overlap.  False: out of memory.
 */
bool lam_key_dict_texts(struct lam_key_dict *d, const struct lam_str *s,
	uint32_t n, uint32_t *id);

/* The same of N numbers v / 10^scale, times (scale 0) or booleans. */
bool lam_key_dict_ints(struct lam_key_dict *d, const int64_t *v, uint8_t scale,
	uint32_t n, uint32_t *id);

/*
 * The same of N values that are no text, each M[i] as its TAG[i] says (see
 * column_builder.h): normal, with wide ones in WIDE[m].
 */
bool lam_key_dict_tagged(struct lam_key_dict *d, const uint64_t *m,
	const uint8_t *tag, const struct lam_num *wide, uint32_t n,
	uint32_t *id);

/* From now on the id of a value that is not there is LAM_NO_ID, and any number of
 * threads may ask.  False: out of memory. */
bool lam_key_dict_freeze(struct lam_key_dict *d);

/* The hash of each value, HASH[id]: equal in all dictionaries of one seed. */
void lam_key_dict_hashes(const struct lam_key_dict *d, uint32_t *hash);

/* Is text A of D text B of O? */
bool lam_key_dict_same(const struct lam_key_dict *d, uint32_t a,
	const struct lam_key_dict *o, uint32_t b);

/* The ids here of all values of FROM: MAP[id there]. */
bool lam_key_dict_union(struct lam_key_dict *d, const struct lam_key_dict *from,
	uint32_t *map);

#endif
