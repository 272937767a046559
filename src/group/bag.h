/*
 * bag.h - values in their order, each with how often it is there
 *
 * A bag is a list of runs of members, so that a value comes or goes by moving a few
 * members, and the one at a place is found by passing over whole runs.  The members
 * of a group that is finished are one run, of any length.
 *
 * Threads:  one that changes; any number that read
 */
#ifndef LAM_GROUP_BAG_H
#define LAM_GROUP_BAG_H

#include "store/scalar.h"

struct lam_bag_member {
	struct lam_scalar value; /* not NULL; a text is the bag's */
	uint64_t times;		 /* 1 or more */
};

struct lam_bag_run {
	struct lam_bag_member *p; /* in order, none twice */
	size_t n;		  /* 1 or more */
	uint64_t all;		  /* the sum of their times */
};

struct lam_bag {
	struct lam_bag_run *run;
	size_t nruns, cap;
	size_t n;	/* members of all runs */
	uint64_t all;	/* and their times */
	uint64_t bytes; /* that they take */
};

#define LAM_BAG_INIT { .run = NULL }

/* Add V, whose text is copied.  False: out of memory. */
bool lam_bag_add(struct lam_bag *b, const struct lam_scalar *v);
/* Take V, which is there, away once. */
void lam_bag_take(struct lam_bag *b, const struct lam_scalar *v);
void lam_bag_release(struct lam_bag *b);

/* A copy of the members of B, their texts aside, as one run in ARENA.  False: out of
 * memory. */
bool lam_bag_list(const struct lam_bag *b, struct lam_arena *arena,
	struct lam_bag_run *out);

/*
 * Quantile Q of 0 to 1 of the values of B, one or more; of -Q: counted from the last.
 *
 *	disc	the value at place ceil(q * all) of them, from 1; of 0 the first
 *	cont	between those at floor and ceil of q * (all - 1), from 0, in the
 *		proportion of the rest; of texts and booleans as disc
 *
 * A text of *OUT is that of B.
 */
void lam_bag_quantile(const struct lam_bag *b, struct lam_num q, bool cont,
	struct lam_scalar *out);

#endif
