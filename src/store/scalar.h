/*
 * scalar.h - single values, and growable columns of them
 *
 * For what is kept longer than a batch: keys of groups, rows to be sorted.
 * Numbers are normalised, so that equal values have equal representations.
 */
#ifndef LAM_STORE_SCALAR_H
#define LAM_STORE_SCALAR_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "store/vec.h"

struct lam_scalar {
	uint8_t type; /* enum lam_type */
	bool null;
	int64_t i64;	    /* TIME, BOOL */
	struct lam_num num; /* NUMBER */
	struct lam_str str; /* TEXT: bytes of somebody else */
};

/* Row I of V. */
struct lam_scalar lam_scalar_of(const struct lam_vec *v, uint32_t i);

/* Total order of values of one type, NULL last. */
int lam_scalar_cmp(const struct lam_scalar *a, const struct lam_scalar *b);

/* Canonical text (see lam_vec_print); SCRATCH has LAM_TIME_TEXT bytes. */
struct lam_str lam_scalar_print(const struct lam_scalar *v, char *scratch);

/* The value of type TYPE whose canonical text is S; S.p NULL: NULL. */
bool lam_scalar_parse(uint8_t type, struct lam_str s, struct lam_scalar *out);

/* N values of type TYPE as a vector; their texts stay where they are. */
int lam_scalar_vec(const struct lam_scalar *value, uint32_t n, uint8_t type,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
	LAM_MUST;

/* Strip trailing zeros of *m / 10^*scale. */
static inline void
lam_normal64(int64_t *m, uint8_t *scale)
{
	if (*m == 0)
		*scale = 0;
	while (*scale && *m % 10 == 0) {
		*m /= 10;
		--*scale;
	}
}

#endif
