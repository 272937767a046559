/*
 * spec.h - one number for all that the partials of a query depend on
 *
 * The spec is a hash of LAM_SEMANTICS, the normalised SQL, the types of the
 * fields that the query reads, sorted by name, and the bytes of the files that it looks
 * up: comments, layout and fields it does not read change nothing; an edited
 * definition, schema or look-up file makes every older partial invisible, and so do
 * other rules of a zone that it names, or other files of user_agent() and geo()
 * (reference/reference.h).
 */
#ifndef LAM_PARTIAL_SPEC_H
#define LAM_PARTIAL_SPEC_H

#include "sql/query.h"

/*
 * What the partials of a definition mean, in one number: raised in a release by which
 * the same records may give another answer or another state than by the one before, so
 * that what that made is never merged with what this one makes.  1 was not written.
 */
#define LAM_SEMANTICS 2

/* The spec hash of a bound view of the dataset DATA, or (NULL) of none. */
int lam_spec_hash(const struct lam_query *q, const char *data, uint64_t *spec,
	struct lam_error *e) LAM_MUST;

/*
 * Does it depend on zones or files, too?  Then who only merges or looks at partials of
 * Q, maybe on another machine, cannot tell their spec, and need not: it is enough that
 * they agree.
 */
bool lam_spec_outside(const struct lam_query *q);

/* The types of the fields Q reads: "name type" each, sorted by name, escaped,
 * TAB between: the same whatever else the stream holds. */
void lam_spec_types(const struct lam_query *q, struct lam_buf *out);

/* What is kept because of F depends on: "HASH NAME", TAB, the types of the columns that
 * are read, as above. */
void lam_spec_file(const struct lam_ref_file *f, struct lam_buf *out);

#endif
