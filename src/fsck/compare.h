/*
 * compare.h - what is served beside what the log gives
 */
#ifndef LAM_FSCK_COMPARE_H
#define LAM_FSCK_COMPARE_H

#include "fsck/view_check.h"

/*
 * Index X of the view V against the records [from, to) of S that it covers.
 * LAM_DATA: it is not what the log gives; LAM_USAGE: the log gives an error.
 */
int lam_compare_whole(const struct lam_view_checking *o,
	const struct lam_view *v, struct lam_stream *s,
	const struct lam_index *x, uint64_t *rows, struct lam_error *e)
	LAM_MUST;
int lam_compare_sample(const struct lam_view_checking *o,
	const struct lam_view *v, struct lam_stream *s,
	const struct lam_index *x, uint64_t *rows, struct lam_error *e)
	LAM_MUST;

#endif
