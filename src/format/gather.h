/*
 * gather.h - the values of a column beside each other
 */
#ifndef LAM_FORMAT_GATHER_H
#define LAM_FORMAT_GATHER_H

#include "input/format.h"

#define LAM_GATHER_BYTES 20000 /* of text, that are gathered at a time */

/*
 * The text [FROM, TO) of X gave nothing but the values of N rows, from FIRST on: these
 * are brought together there, column by column, if they all are there, as who made them
 * may KNOW.  Texts of rejects must not be among it.
 */
void lam_gather(struct lam_parse *x, uint32_t first, uint32_t n, size_t from,
	size_t to, bool know);

/* The same where rows are made one by one, of the text that was read since the last. */
struct lam_gathering {
	uint32_t first;
	size_t from, rejects;
};

/* X was read up to TO, the last time if LAST. */
static inline void
lam_gather_rows(struct lam_gathering *g, struct lam_parse *x, size_t to, bool last)
{
	if (to - g->from < LAM_GATHER_BYTES && !last)
		return;
	if (x->chunk->nrejects == g->rejects)
		lam_gather(x, g->first, x->rows - g->first, g->from, to,
			false);
	*g = (struct lam_gathering){ x->rows, to, x->chunk->nrejects };
}

#endif
