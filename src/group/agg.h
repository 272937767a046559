/*
 * agg.h - aggregate states, and the operations that every kind has
 *
 * A state of one group is a slot of fixed size in the group's record; all
 * zeros is the identity.  Texts and sketches, which do not fit, lie in the heap of the
 * table.  A batch is first updated by local group, then flushed
 * into the slots, once per local group.
 *
 * Laws: merge is associative and commutative with the zero slot as identity;
 * parse(print(x)) merges like x.
 */
#ifndef LAM_GROUP_AGG_H
#define LAM_GROUP_AGG_H

#include "base/err.h"
#include "base/mem.h"
#include "group/bag.h"
#include "group/batch_groups.h"
#include "group/batch_sum.h"
#include "sql/query.h"
#include "store/scalar.h"

struct lam_group_table;
struct lam_agg;

/* One row of a partial relation: a group of a table. */
struct lam_ref {
	const struct lam_group_table *table;
	char *rec;
};

struct lam_agg_ops {
	uint32_t slot; /* bytes, a multiple of 8 */
	bool packed;   /* a slot may lie at any multiple of 4, else of 8 */
	bool numbers;  /* addresses may come as numbers (store/vec.h) */

	/* Private data of a table's aggregate; may be NULL. */
	int (*init)(struct lam_agg *a, struct lam_error *e);
	void (*release)(struct lam_agg *a);

	/* Take the rows of S; V: its arguments, or (state->merge) components.
	 * S, V and all that is kept until flush lie in the arena of S. */
	int (*update)(struct lam_agg *a, struct lam_batch_groups *s,
		const struct lam_vec *v, struct lam_error *e);
	/* Add local group[i] to the slot of rec[i]. */
	int (*flush)(struct lam_agg *a, const uint32_t *group,
		char *const *slot, uint32_t n, struct lam_error *e);

	/* Merge OTHER, a slot of FROM, into SLOT of A. */
	int (*merge)(struct lam_agg *a, char *slot, const struct lam_agg *from,
		const char *other, struct lam_error *e);
	/* Merge components as text into SLOT. LAM_DATA: not such a state. */
	int (*parse)(struct lam_agg *a, char *slot, const struct lam_str *field,
		struct lam_error *e);

	/* Component C of state S of rows, as a vector. */
	int (*components)(uint32_t s, const struct lam_ref *row, uint32_t n,
		unsigned c, struct lam_arena *arena, struct lam_vec *out,
		struct lam_error *e);
	/* The final X; NULL: made from the components (see engine/finalize.c). */
	int (*finalize)(uint32_t s, const struct lam_ref *row, uint32_t n,
		const struct lam_expr *x, struct lam_arena *arena,
		struct lam_vec *out, struct lam_error *e);
	/* No more changes, components may follow; may be NULL. */
	int (*freeze)(struct lam_agg *a, struct lam_error *e);
};

struct lam_agg {
	const struct lam_agg_ops *ops;
	const struct lam_state *state;
	struct lam_group_table *table;
	struct lam_mem *mem;
	struct lam_heap *heap; /* one for all: what its last huge page has left is
				* left once */
	size_t at;	 /* offset of the slot in a record */
	bool apart;	 /* DISTINCT: see lam_agg_distinct_apart */
	uint64_t nulls;	 /* rows whose first argument was NULL */
	struct lam_batch_groups *rows; /* of this batch, for flush */
	void *local;	 /* of this batch, in its arena */
	void *own;	 /* of the kind */
};

extern const struct lam_agg_ops lam_agg_count, lam_agg_sum, lam_agg_min,
	lam_agg_arg, lam_agg_first, lam_agg_distinct, lam_agg_hll,
	lam_agg_quantile, lam_agg_bits, lam_agg_list;

const struct lam_agg_ops *lam_agg_ops(uint8_t kind);

/*
 * For kinds that go through the rows group by group: a->rows becomes the rows
 * of S where V is not NULL, in the order of their groups, and OUT their values.
 */
int lam_agg_rows(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_vec *out, struct lam_error *e)
	LAM_MUST;

/*
 * Flush of such a kind: ROWS adds the rows [from, to) of a->rows, in its order,
 * to SLOT; of components V it is TEXT that merges each one into SLOT.
 */
struct lam_agg_flush {
	int (*rows)(struct lam_agg *a, char *slot, uint32_t from, uint32_t to,
		struct lam_error *e);
	int (*text)(struct lam_agg *a, char *slot, struct lam_str text,
		struct lam_error *e);
};
int lam_agg_flush_rows(struct lam_agg *a, const struct lam_agg_flush *how,
	const struct lam_vec *v, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e) LAM_MUST;

/*
 * Components that are texts: SIZE is the most bytes that PRINT writes, 0 for NULL;
 * PRINT returns how many it wrote.
 */
int lam_agg_texts(uint32_t s, const struct lam_ref *row, uint32_t n,
	size_t (*size)(const char *slot),
	size_t (*print)(const char *slot, char *p), struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;

/* "sum(bytes): not a partial state" */
int lam_agg_bad(const struct lam_agg *a, struct lam_error *e);

/* Has a group of the SUM aggregate A left 128 bits, so that it may have no value? */
bool lam_agg_sum_wide(const struct lam_agg *a);

/* The sets of the DISTINCT aggregate A.  From now on merging a group leaves its set and
 * the size in its slot as they are: who asks brings the sizes together. */
struct lam_value_sets;
struct lam_value_sets *lam_agg_distinct_apart(struct lam_agg *a);

/* agg_values.c: finals of DISTINCT and VALUES that look at the members. */
int lam_agg_values_finalize(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e) LAM_MUST;
/* The final X of the members M, which may be put in another order; a text is in ARENA,
 * or that of a member.  JSON is scratch. */
int lam_agg_values_one(const struct lam_expr *x, struct lam_bag_run *m,
	struct lam_arena *arena, struct lam_buf *json, struct lam_scalar *out,
	struct lam_error *e) LAM_MUST;

int lam_agg_sum_given(struct lam_agg *a, struct lam_batch_groups *s,
	struct lam_batch_sum *x, struct lam_error *e) LAM_MUST;

#endif
