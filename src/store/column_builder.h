/*
 * column_builder.h - columns that grow, value by value
 *
 * They keep what outlives a batch: keys of groups, rows to be sorted.
 */
#ifndef LAM_STORE_COLUMN_BUILDER_H
#define LAM_STORE_COLUMN_BUILDER_H

#include "store/scalar.h"

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

/* Values IDX[0..n-1] of FROM[WHICH[i]] (WHICH NULL: of FROM[0]), all of one type, as a
 * FLAT vector in ARENA; texts point into FROM. */
int lam_column_builder_gather(const struct lam_column_builder *const *from,
	const uint16_t *which, const uint32_t *idx, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
	LAM_MUST;

/* The same of V alone. */
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
