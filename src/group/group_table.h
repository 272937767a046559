/*
 * group_table.h - the table of all groups of one worker and job
 *
 * A group is a tuple of ids, one of each key's dictionary; its record holds
 * them and the slots of the aggregate states, one beside the other, so that
 * updating a group touches one or two cache lines.
 *
 * Use:      init -> (groups | add -> ops)* -> iterate rec -> release
 * Threads:  one
 */
#ifndef LAM_GROUP_GROUP_TABLE_H
#define LAM_GROUP_GROUP_TABLE_H

#include "group/agg.h"
#include "group/batch_groups.h"
#include "group/key_dict.h"

struct lam_group_table {
	const struct lam_query *q;
	struct lam_mem mem;
	uint32_t nkeys, nstates;
	struct lam_key_dict *dict;	/* [nkeys] */
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

int lam_group_table_init(struct lam_group_table *t, const struct lam_query *q,
	struct lam_error *e) LAM_MUST;
/* Also of a table of zeros. */
void lam_group_table_release(struct lam_group_table *t);

static inline char *
lam_group_table_rec(const struct lam_group_table *t, uint32_t group)
{
	return t->rec + (size_t)group * t->stride;
}

/*
 * The groups of N tuples, made when new: ID[k * N + i] is the id in dictionary
 * k of tuple i.  N is at most LAM_TUPLES.
 */
#define LAM_TUPLES 512
int lam_group_table_groups(struct lam_group_table *t, const uint32_t *id,
	uint32_t n, uint32_t *group, struct lam_error *e) LAM_MUST;

/* A new group of the tuple ID[nkeys], known to be new, never looked up. */
int lam_group_table_add(struct lam_group_table *t, const uint32_t *id,
	char **rec, struct lam_error *e) LAM_MUST;

/*
 * Flush the updated aggregates of the batch into the groups: S as grouped by
 * G.
 */
int lam_group_table_flush(struct lam_group_table *t, struct lam_batch_keys *g,
	struct lam_batch_groups *s, struct lam_error *e) LAM_MUST;

/* T changes no more and may be read now. */
int lam_group_table_freeze(struct lam_group_table *t,
	struct lam_error *e) LAM_MUST;

/* Merge all of FROM into T. */
int lam_group_table_merge(struct lam_group_table *t,
	const struct lam_group_table *from, struct lam_error *e) LAM_MUST;

/* Merge the slots of FROM's record OTHER into REC of T. */
int lam_group_table_merge_rec(struct lam_group_table *t, char *rec,
	const struct lam_group_table *from, const char *other,
	struct lam_error *e) LAM_MUST;

/* Bytes held, and what sorting it for output would take. */
size_t lam_group_table_memory(const struct lam_group_table *t);

#endif
