/*
 * view_diff.h - rows of a view before and after, and what became of them
 *
 * Both sides are queries on partials, of the keys that may have changed and others
 * like them; rows that are the same on both sides are no event.  A row is the same if
 * its text is.
 */
#ifndef LAM_TRIGGER_VIEW_DIFF_H
#define LAM_TRIGGER_VIEW_DIFF_H

#include "trigger/function.h"
#include "trigger/images.h"
#include "trigger/queue.h"

struct lam_view_diff {
	const struct lam_function *function;
	const struct lam_images *images;
	const struct lam_images_of *of;
	uint64_t pos;	/* of the first event */
};

/*
 * What the last file of the images has changed, as events that are put into Q, their
 * positions from POS on.  LAM_USAGE: the condition is none of the view.
 */
int lam_view_diff(const struct lam_view_diff *d, struct lam_queue *q,
	struct lam_error *e) LAM_MUST;

/* Can the function's condition be one of the view?  LAM_USAGE: no, and why. */
int lam_view_diff_check(const struct lam_view_diff *d, struct lam_error *e) LAM_MUST;

#endif
