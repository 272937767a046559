/*
 * join.h - rows of a stage with rows of another that go with them
 *
 * Use:      init (the rows of the right are kept) -> SOURCE is read -> release
 * Memory:   of the rows of the right (beyond it, a file) and of their keys; of the
 *           left, a batch for each worker.  What is too much is found in files in
 *           which both sides are sorted
 * Threads:  the workers of one run.  Where pairs are to come in their order, they are
 *           found by one of them at a time, and columns are made by all; else each
 *           worker has batches of the left of its own
 * Order:    that of the left, and for each of its rows that of the right; then the
 *           rows of the right that met none
 */
#ifndef LAM_JOIN_JOIN_H
#define LAM_JOIN_JOIN_H

#include <pthread.h>
#include <stdatomic.h>

#include "join/gather.h"
#include "join/match.h"
#include "join/sorted_rows.h"
#include "sql/query.h"

struct lam_join_slot;
struct lam_join_lane;

struct lam_join_source {
	struct lam_source source;
	const struct lam_stage *stage;
	const struct lam_join *join;
	uint32_t nleft;		   /* columns of the left */
	struct lam_source *left;
	uint64_t nright;	   /* rows of the right */
	struct lam_match match;
	struct lam_gather right;
	bool sorted;		   /* both sides are; NKEYS is not 0: */
	struct lam_sorted_rows side[2];
	struct lam_sorted_rows pairs; /* not SPREAD: all that it gives */
	_Atomic uint64_t *met;	   /* RIGHT, FULL: a bit for each row of the right */
	struct lam_arena arena;
	struct lam_join_slot *slot; /* [nslots]: batches of the left in use */
	unsigned nslots;
	struct lam_join_slot **used; /* [nslots]: by worker */
	bool spread;		   /* pairs may come in any order */
	struct lam_join_lane *lane; /* the only one; SPREAD: [nslots] */
	unsigned lanes;		   /* begun, not yet at the end of the left */
	uint64_t rest;		   /* rows of the right that have been looked at */
	_Atomic uint64_t rows;	   /* given out */
	_Atomic uint64_t faults;   /* values of keys and conditions */
	pthread_mutex_t lock;
	bool locked;
};

/*
 * The pairs of STAGE, a JOIN, of its left, which LEFT gives, and its right, the ROWS
 * that were kept.  O: its memory is that for the keys.  SPREAD: the pairs, and the
 * batches of LEFT, may come in any order.  It knows its own address: it may not move.
 * The expressions of the join are in its hands until it is released.
 */
int lam_join_init(struct lam_join_source *x, const struct lam_stage *stage,
	struct lam_source *left, const struct lam_row_source *rows,
	const struct lam_resources *o, bool spread, struct lam_error *e)
	LAM_MUST;
/* Harmless for zeros. */
void lam_join_release(struct lam_join_source *x);

#endif
