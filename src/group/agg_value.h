/*
 * agg_value.h - one value kept in a slot: 16 bytes, texts in a heap
 */
#ifndef LAM_GROUP_AGG_VALUE_H
#define LAM_GROUP_AGG_VALUE_H

#include "group/agg.h"

enum lam_agg_value_tag {
	LAM_AGG_VALUE_NONE, /* the identity */
	LAM_AGG_VALUE_NULL, /* there is a value: NULL */
	LAM_AGG_VALUE_INT,  /* i64, / 10^scale */
	LAM_AGG_VALUE_WIDE, /* p: a struct lam_num */
	LAM_AGG_VALUE_TEXT  /* p, len */
};

struct lam_agg_value {
	uint8_t tag, scale;
	uint16_t class; /* of the block at p (base/mem.h) */
	uint32_t len;
	union {
		int64_t i64;
		char *p;
	};
};

/* Replace the value.  False: out of memory. */
bool lam_agg_value_set(struct lam_agg *a, struct lam_agg_value *k,
	const struct lam_scalar *v);

/* The value of type TYPE; false: none. */
bool lam_agg_value_get(const struct lam_agg_value *k, uint8_t type,
	struct lam_scalar *v);

/* Component C of rows, kept OFFSET bytes into the slots of state S. */
int lam_agg_value_components(uint32_t s, size_t offset, uint8_t type,
	const struct lam_ref *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;

#endif
