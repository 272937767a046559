/*
 * batch_groups.h - the counted rows of one batch and the groups they belong to
 *
 * Within a batch the groups that occur are numbered 0 .. ngroups - 1, so that
 * aggregates are updated in small arrays; only then are the numbers looked up
 * in the table of all groups, once per batch and group.
 */
#ifndef LAM_GROUP_BATCH_GROUPS_H
#define LAM_GROUP_BATCH_GROUPS_H

#include "group/key_codes.h"

struct lam_batch_groups {
	uint32_t n;		/* rows */
	uint32_t ngroups;	/* 1..LAM_BLOCK_ROWS; some may have no row */
	const uint16_t *gid;	/* [n]; NULL: all rows are in group 0 */
	uint32_t *count;	/* rows per group; NULL until asked for */
	const uint16_t *order;	/* rows by group, ascending within; NULL: */
	uint32_t *start;	/* until asked for. [ngroups + 1] into order */
	const uint16_t *sel;	/* row of the batch of each row; NULL: itself */
	uint64_t pos;		/* position of row 0 of the batch */
	/* What was summed last, for more sums of it: x, x + 1, ... (batch_sum.c) */
	const void *summed, *summed_null;
	const uint64_t *offsets; /* FOR: packed sums of the offsets */
	const uint32_t *occurs;	/* DICT, one group: rows of each code, or NULL */
	struct lam_arena *arena;
};

/* Fill in count; NULL: out of memory. */
const uint32_t *lam_batch_groups_count(struct lam_batch_groups *s);

/* Fill in order (NULL when there is one group) and start. */
bool lam_batch_groups_order(struct lam_batch_groups *s);

/* The same for PART, a rows of S: all of S share it if they are the same. */
bool lam_batch_groups_order_shared(struct lam_batch_groups *s,
	struct lam_batch_groups *part);

/* Rows SEL[0..n-1] of S. */
bool lam_batch_groups_take(const struct lam_batch_groups *s,
	const uint16_t *sel, uint32_t n, struct lam_batch_groups *out);

/* The rows of V that are not NULL: SEL (room for v->n) and their number. */
uint32_t lam_not_null(const struct lam_vec *v, uint16_t *sel);
bool lam_may_be_null(const struct lam_vec *v);

/*
 * The rows without the rows where V is NULL, and V without them; S and V
 * themselves when there are none.
 */
int lam_batch_groups_not_null(struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_batch_groups *out,
	struct lam_vec *vout, struct lam_error *e) LAM_MUST;

static inline uint64_t
lam_batch_groups_pos(const struct lam_batch_groups *s, uint32_t i)
{
	return s->pos + (s->sel ? s->sel[i] : i);
}

/* How the groups of a rows map back to the codes of the keys. */
struct lam_batch_keys {
	struct lam_key_codes *codes; /* [nkeys] */
	uint32_t nkeys;
	const uint16_t *first;	 /* a row of each group; NULL: direct, group =
				  * ((c0 * size1) + c1) * size2 + c2 ... */
};

/* Group N rows by NKEYS vectors: sets s->gid and s->ngroups. */
int lam_batch_groups_number(struct lam_batch_keys *g, const struct lam_vec *key,
	uint32_t nkeys, struct lam_batch_groups *s,
	struct lam_error *e) LAM_MUST;

/* The same with a group for each row, where nearly each has one anyway. */
int lam_batch_groups_apart(struct lam_batch_keys *g, const struct lam_vec *key,
	uint32_t nkeys, struct lam_batch_groups *s,
	struct lam_error *e) LAM_MUST;

/* The codes of key K for the groups listed. */
void lam_batch_keys_codes(const struct lam_batch_keys *g, uint32_t k,
	const uint32_t *group, uint32_t n, uint32_t *code);

#endif
