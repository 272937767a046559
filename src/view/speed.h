/*
 * speed.h - the speed layer: partials of records that the batch has not reached
 */
#ifndef LAM_VIEW_SPEED_H
#define LAM_VIEW_SPEED_H

#include "view/cover.h"

struct lam_speed {
	const char *data;
	const char *const *view; /* names; none: all the dataset has */
	size_t nviews;
	struct lam_resources engine;
	bool tolerant; /* views that fail do not fail the pass */
	const _Atomic int *stop; /* set: no further range is begun */
	struct lam_messages warn;
	struct lam_messages failed; /* a view, once, beside others that go on */
	/* private, zero at first: reported failures, verified files */
	struct lam_buf told;
	struct lam_speed_memory *memory;
	size_t nmemory;
};

/*
 * Bring the speed partials of the views up to the head of their logs: compute
 * ranges that no file covers, join small files, remove files of no more use.  The
 * cost is that of the new records.  *RECORDS: how many were read.
 * LAM_SOME: some views failed, the others are up to date.
 */
int lam_speed_pass(struct lam_speed *s, uint64_t *records,
	struct lam_error *e) LAM_MUST;
void lam_speed_release(struct lam_speed *s);

#endif
