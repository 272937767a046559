/*
 * quantile.h - approximate quantiles: counts in logarithmic buckets
 *
 * A variant of DDSketch whose buckets are the leading bits of the double
 * nearest to the value: exponent and 6 bits of mantissa, so 64 buckets per
 * power of two.  Bucket numbers, which the text form shows:
 *
 *	v > 0	bits(v) >> 46, the bits of the IEEE 754 double, 1..131071
 *	v = 0	0
 *	v < 0	minus the bucket of -v
 *
 * so that buckets are ordered as their values.  A quantile is the midpoint of
 * the bucket that holds the value of its rank, floor(q * (n - 1)); a bucket
 * [x, x + x/64) has it at most 1/128 = 0.78 % away from any of its values,
 * printed with 4 significant digits (another 0.05 %).  Merging adds counts.
 *
 * Text: "bucket:count" pairs, ascending, one blank between, no bucket beyond
 * that of 10^38, which no number reaches.  No value: no text, NULL.
 */
#ifndef LAM_GROUP_QUANTILE_H
#define LAM_GROUP_QUANTILE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/masks.h"
#include "base/mem.h"
#include "base/num.h"

#define LAM_BUCKET_ZERO (1u << 17) /* of the value 0, as stored */
#define LAM_BUCKETS (1u << 18)

/* bucket + LAM_BUCKET_ZERO of a finite value */
static inline uint32_t
lam_bucket(double v)
{
	uint64_t bits;
	uint32_t size;

	memcpy(&bits, &v, sizeof bits);
	size = (uint32_t)(bits << 1 >> 47);
	return bits >> 63 ? LAM_BUCKET_ZERO - size : LAM_BUCKET_ZERO + size;
}

double lam_bucket_middle(uint32_t bucket);

/* A bucket as stored in the high 18 bits, its count in the low 46. */
#define LAM_BUCKET_SHIFT 46
#define LAM_BUCKET_COUNT ((UINT64_C(1) << LAM_BUCKET_SHIFT) - 1)

/*
 * A sketch: ascending buckets; all zeros is empty.  As long as each count fits 14 bits
 * an entry is 32 bits, as memory touched first is dear: the bucket, then the count.
 */
struct lam_quantile {
	void *p;	  /* uint64_t if wide, else uint32_t */
	uint32_t n : 31;
	uint32_t wide : 1;
	uint32_t cap;	  /* bytes of p */
};

#define LAM_BUCKET_NARROW 14
#define LAM_BUCKET_NARROW_COUNT ((UINT64_C(1) << LAM_BUCKET_NARROW) - 1)

/* Entry I as if S were wide. */
static inline uint64_t
lam_quantile_entry(const struct lam_quantile *s, uint32_t i)
{
	const uint64_t *wide = s->p;
	const uint32_t *narrow = s->p;

	return s->wide ? wide[i] :
		(uint64_t)(narrow[i] >> LAM_BUCKET_NARROW) << LAM_BUCKET_SHIFT |
		(narrow[i] & LAM_BUCKET_NARROW_COUNT);
}

/*
 * The buckets LEAST + i whose COUNT[i] is not zero, of SPAN, as entries of 32 bits into
 * ENTRY, which has room for LAM_BUCKET_SPILL more than there are: how many.  All counts
 * are set to zero; none is above LAM_BUCKET_NARROW_COUNT, and LAM_BUCKET_SPILL zeros
 * follow.
 */
#define LAM_BUCKET_SPILL 8
uint32_t lam_bucket_list(uint32_t *count, uint32_t span, uint32_t least,
	uint32_t *entry);

/* The same in one of the ways of base/masks.h, which agree. */
uint32_t lam_bucket_list_by(uint32_t *count, uint32_t span, uint32_t least,
	enum lam_masks masks, uint32_t *entry);

/* Working memory, shared by the sketches of a table. */
struct lam_quantile_scratch {
	uint64_t *p;
	size_t cap;
};

/* Add N ascending entries, or another sketch.  LAM_DATA: a count overflows. */
int lam_quantile_add(struct lam_quantile *s, uint64_t *entry, size_t n,
	struct lam_quantile_scratch *w, struct lam_heap *h,
	struct lam_error *e) LAM_MUST;
int lam_quantile_merge(struct lam_quantile *s, const struct lam_quantile *from,
	struct lam_quantile_scratch *w, struct lam_heap *h,
	struct lam_error *e) LAM_MUST;

/* The entries of a text, appended to W; false: not one, or no memory. */
bool lam_quantile_parse(struct lam_str text, struct lam_quantile_scratch *w,
	struct lam_mem *m, size_t *n);

/* Bytes that hold the text, and the text into OUT: its length. */
size_t lam_quantile_room(const struct lam_quantile *s);
size_t lam_quantile_print(const struct lam_quantile *s, char *out);

/* The quantile Q (0..1); S is not empty. */
struct lam_num lam_quantile_value(const struct lam_quantile *s,
	struct lam_num q);

#endif
