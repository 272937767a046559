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

/* -------------------------------------------------------------- columns */

enum {
	/* tag of a number: its scale, 0..38, or */
	LAM_TAG_WIDE = 254, /* m is an index into wide[] */
	LAM_TAG_NULL = 255
};

struct lam_column_builder {
	uint8_t type;
	bool far;	  /* NUMBER: some beyond int64, or with scale > 18 */
	uint32_t n;
	struct lam_str *str; /* TEXT */
	int64_t *i64;	  /* others */
	uint8_t *tag;	  /* others */
	struct lam_num *wide;
	size_t nwide;
	size_t str_cap, i64_cap, tag_cap, wide_cap;
	struct lam_heap heap; /* the bytes of texts */
	struct lam_mem *mem;
};

void lam_column_builder_init(struct lam_column_builder *v, uint8_t type,
	struct lam_mem *m);
void lam_column_builder_release(struct lam_column_builder *v);

/* Room for MORE values; false: out of memory. */
bool lam_column_builder_room(struct lam_column_builder *v, size_t more);

/* Append, copying text.  False: out of memory. */
bool lam_column_builder_add(struct lam_column_builder *v,
	const struct lam_scalar *x);

struct lam_scalar lam_column_builder_get(const struct lam_column_builder *v,
	uint32_t i);

/* Values IDX[0..n-1] as a FLAT vector in ARENA; texts point into V. */
int lam_column_builder_take(const struct lam_column_builder *v,
	const uint32_t *idx, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;

/* Builds a NUMBER vector in an arena, whatever the scales of its values. */
struct lam_number_builder {
	struct lam_arena *arena;
	uint32_t n;
	int64_t *m;
	uint8_t *tag;
	struct lam_num *wide; /* [n], made on first use */
};

bool lam_number_builder_init(struct lam_number_builder *c, uint32_t n,
	struct lam_arena *a);
static inline void
lam_number_builder_set64(struct lam_number_builder *c, uint32_t i, int64_t m,
	uint8_t scale)
{
	c->m[i] = m;
	c->tag[i] = scale;
}
static inline void
lam_number_builder_null(struct lam_number_builder *c, uint32_t i)
{
	c->m[i] = 0;
	c->tag[i] = LAM_TAG_NULL;
}
bool lam_number_builder_set(struct lam_number_builder *c, uint32_t i,
	struct lam_num x);
int lam_number_builder_vec(struct lam_number_builder *c, struct lam_vec *out,
	struct lam_error *e) LAM_MUST;

#endif
