/*
 * compare.h - compare a served view with the log
 */
#ifndef LAM_FSCK_COMPARE_H
#define LAM_FSCK_COMPARE_H

#include "fsck/view_check.h"

/*
 * Compare index X of the view V with the records [from, to) of S that it covers.
 * LAM_DATA: the log gives other rows; LAM_USAGE: the log gives an error.
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
