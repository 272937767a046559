/*
 * group.h - the table of all groups of one worker and job
 *
 * A group is a tuple of ids, one of each key's domain; its record holds them
 * and the slots of the aggregate states, one beside the other, so that
 * updating a group touches one or two cache lines.
 *
 * Use:      init -> (groups | add -> ops)* -> iterate rec -> release
 * Threads:  one
 */
#ifndef LAM_ENGINE_GROUP_H
#define LAM_ENGINE_GROUP_H

#include "group/agg.h"
#include "group/batch_groups.h"
#include "group/key_dict.h"

struct lam_table {
	const struct lam_query *q;
	struct lam_mem mem;
	uint32_t nkeys, nstates;
	struct lam_domain *dom;	/* [nkeys] */
	struct lam_agg *agg;	/* [nstates] */
	char *rec;		/* uint32_t id[nkeys], slots */
	size_t stride, cap;
	uint32_t n;		/* groups */
	/* Several keys: a cube of groups + 1 by the keys' ids, 0: empty ... */
	uint32_t *cube;
	uint8_t *shift;		/* [nkeys + 1]: place of each id's bits */
	unsigned bits;		/* the cube has 1 << bits cells */
	/* ... or, when it would be too empty: hash << 32 | group + 1 */
	uint64_t *slot;
	size_t nslots;
	uint64_t seed;
};

int lam_table_init(struct lam_table *t, const struct lam_query *q,
	struct lam_error *e) LAM_MUST;
/* Also of a table of zeros. */
void lam_table_release(struct lam_table *t);

static inline char *
lam_table_rec(const struct lam_table *t, uint32_t group)
{
	return t->rec + (size_t)group * t->stride;
}

/*
 * The groups of N tuples, made when new: ID[k * N + i] is the id in domain k of
 * tuple i.  N is at most LAM_TUPLES.
 */
#define LAM_TUPLES 512
int lam_table_groups(struct lam_table *t, const uint32_t *id, uint32_t n,
	uint32_t *group, struct lam_error *e) LAM_MUST;

/* A new group of the tuple ID[nkeys], known to be new, never looked up. */
int lam_table_add(struct lam_table *t, const uint32_t *id, char **rec,
	struct lam_error *e) LAM_MUST;

/*
 * Fold the accumulated aggregates of the batch into the groups: S as grouped by
 * G.
 */
int lam_table_fold(struct lam_table *t, struct lam_grouping *g,
	struct lam_slice *s, struct lam_error *e) LAM_MUST;

/* No more changes: what is read of T may be read now. */
int lam_table_seal(struct lam_table *t, struct lam_error *e) LAM_MUST;

/* Merge all of FROM into T. */
int lam_table_merge(struct lam_table *t, const struct lam_table *from,
	struct lam_error *e) LAM_MUST;

/* Merge the slots of FROM's record OTHER into REC of T. */
int lam_table_merge_rec(struct lam_table *t, char *rec,
	const struct lam_table *from, const char *other, struct lam_error *e)
	LAM_MUST;

/*
 * The partial relation's column C (key or component) for some rows, whose keys
 * are of the domains of KEYS.
 */
int lam_table_column(const struct lam_query *q, uint32_t c,
	const struct lam_table *keys, const struct lam_ref *row, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
	LAM_MUST;

/* Bytes held, and what sorting it for output would take. */
size_t lam_table_memory(const struct lam_table *t);

#endif
