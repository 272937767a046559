/*
 * bind_lookup.h - look-up files of the view that is bound
 */
#ifndef LAM_BIND_BIND_LOOKUP_H
#define LAM_BIND_BIND_LOOKUP_H

#include "bind/bind_internal.h"

struct lam_bind_lookup {
	const struct lam_from *f; /* the join */
	struct lam_ref_file *file;
	uint32_t lo, hi;	  /* its columns, as they are visible */
	struct lam_ast **ours;	  /* [keys of the file]: of the record */
	struct lam_expr **key;	  /* the same, bound; NULL: not yet */
};

/* The stream that F reads, files aside; NULL: it reads more than a view may. */
const struct lam_from *lam_bind_lookup_leaf(struct lam_bind *b,
	const struct lam_from *f);

/* The files that F, a join, looks up: their columns are visible behind the stream's. */
int lam_bind_lookups(struct lam_bind *b, const struct lam_from *f) LAM_MUST;

/* The column A of one of them. */
struct lam_expr *lam_bind_looked_up(struct lam_bind *b,
	const struct lam_ast *a);

/* b->q->where, and that there is a row in each file that is joined without LEFT. */
int lam_bind_found(struct lam_bind *b) LAM_MUST;

/*
 * Is the visible column INDEX named with its relation in the normal text, if it was
 * (WHOLE) as it was written?  That must not depend on columns that are not read: who
 * reads a partial does not know them.
 */
bool lam_bind_is_whole(const struct lam_bind *b, uint32_t index, bool whole);

#endif
