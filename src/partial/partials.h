/*
 * partials.h - the partial relation in memory, or in spilled runs
 *
 * A grouped job of the engine ends as this relation: keys, then the components of
 * states, one row for each group, in the order of the partial text.
 */
#ifndef LAM_PARTIAL_PARTIALS_H
#define LAM_PARTIAL_PARTIALS_H

#include "base/arena.h"
#include "base/err.h"
#include "sql/query.h"
#include "store/batch.h"

#define LAM_NO_POSITION UINT64_MAX /* it is not known */

/* Conservation counts of one job: read = counted + filtered. */
struct lam_counts {
	uint64_t read, counted, filtered;
	/* Values that did not parse as their field's type, in the columns and
	 * batches that were read: with a WHERE that depends on the batches. */
	uint64_t bad;
	/* Values that could not be computed and so are NULL: rows
	 * of each key, argument, condition and (not grouped) output; and the
	 * first position where there was one, or LAM_NO_POSITION. */
	uint64_t faults, first_fault;
	uint64_t last_fault; /* of what this run read */
	uint64_t rejected; /* lines of ad hoc input that were no records */
};

/* N more faults, the first at FIRST. */
static inline void
lam_counts_fault(struct lam_counts *c, uint64_t n, uint64_t first)
{
	if (n == 0)
		return;
	if (c->faults == 0 || first < c->first_fault)
		c->first_fault = first;
	c->faults += n;
}

/* A finished grouped job: its partial relation. */
struct lam_partials;

/*
 * The rows of a partial relation, sorted: batch by batch, columns as
 * lam_query_columns says, which live as long as ARENA.  Several threads may
 * read, each with an arena of its own: *FIRST is the number of the batch's
 * first row.  Partials in memory and in spilled runs read alike.
 */
int lam_partials_next(struct lam_partials *p, struct lam_arena *arena,
	const struct lam_vec **column, uint64_t *first, uint32_t *n,
	struct lam_error *e) LAM_MUST;
void lam_partials_free(struct lam_partials *p);

/* How many groups there are; UINT64_MAX: many, some are on disk. */
uint64_t lam_partials_groups(const struct lam_partials *p);

/* How many batches there are, at most: no more threads are of use. */
uint64_t lam_partials_batches(const struct lam_partials *p);

/* To be said before it is read: of its sets only the sizes will be asked for. */
void lam_partials_only_sizes(struct lam_partials *p);

/*
 * The partial relation as a source (for a query that merges it further).
 * Consumes P; the source is freed with lam_partials_free too.
 */
void lam_partials_source(struct lam_partials *p, struct lam_source *out);

#endif
