/*
 * ingest_layout.h - which fields of an input go to which columns of a stream
 */
#ifndef LAM_INGEST_INGEST_LAYOUT_H
#define LAM_INGEST_INGEST_LAYOUT_H

#include "ingest/ingest.h"

struct lam_ingest_layout {
	const uint32_t *map; /* [ncols]: the input's field; UINT32_MAX: it has none */
	const char *const *name;
	size_t ncols;
	bool *local;	   /* times of columns whose zone is to be written; or NULL */
	struct lam_cell *nulls; /* a column of NULLs, if one is needed */
	uint32_t id;		/* the input's field of g->recent */
};

/*
 * L is zero.  The stream of G, which is open, gets the fields of IN, called SOURCE,
 * that it lacks, with types: those of the rows of SAMPLE, two pieces of IN, of which
 * the second may have none.  Map and names are the stream's.
 */
int lam_ingest_layout_make(struct lam_ingest_layout *l, const struct lam_ingest *g,
	const struct lam_input *in, const char *source,
	const struct lam_cells sample[2], struct lam_error *e) LAM_MUST;

void lam_ingest_layout_release(struct lam_ingest_layout *l);

#endif
