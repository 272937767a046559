/*
 * keep.h - one value kept in a slot: 16 bytes, texts in a heap
 */
#ifndef LAM_ENGINE_KEEP_H
#define LAM_ENGINE_KEEP_H

#include "group/agg.h"

enum lam_keep_tag {
	LAM_KEEP_NONE, /* the identity */
	LAM_KEEP_NULL, /* there is a value: NULL */
	LAM_KEEP_INT,  /* i64, / 10^scale */
	LAM_KEEP_WIDE, /* p: a struct lam_num */
	LAM_KEEP_TEXT  /* p, len */
};

struct lam_keep {
	uint8_t tag, scale;
	uint16_t class; /* p has 16 << class bytes */
	uint32_t len;
	union {
		int64_t i64;
		char *p;
	};
};

/* Replace what is kept.  False: out of memory. */
bool lam_keep_set(struct lam_agg *a, struct lam_keep *k,
	const struct lam_value *v);

/* The value of type TYPE; false: none. */
bool lam_keep_get(const struct lam_keep *k, uint8_t type,
	struct lam_value *v);

/* Component C of rows, kept OFFSET bytes into the slots of state S. */
int lam_keep_emit(uint32_t s, size_t offset, uint8_t type,
	const struct lam_ref *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;

#endif
