/*
 * recompute_internal.h - the parts of a batch run
 */
#ifndef LAM_VIEW_RECOMPUTE_INTERNAL_H
#define LAM_VIEW_RECOMPUTE_INTERNAL_H

#include "view/failures.h"
#include "view/recompute.h"

struct lam_batch_view {
	const char *name, *stream;
	struct lam_view view;
	struct lam_section section;
	struct lam_partials *partials;
	struct lam_layer_file base; /* what is served, when going on from it */
	bool has_base;
	uint64_t base_history; /* of its end, as it was checked */
	uint64_t from;		 /* where its scan starts */
	uint64_t told;		 /* what is served ends here */
	bool scanned, failed;
};

struct lam_batch_run {
	const struct lam_recompute *r;
	struct lam_failures failures;
	struct lam_resources engine;
	struct lam_arena arena;
	bool lines;	/* the output is: partials count the rows of groups */
	struct lam_batch_view *entry; /* by name */
	size_t n;
	struct lam_error *e;
};

/* Is V to be computed over S? */
bool lam_batch_is_of(const struct lam_batch_view *v, const struct lam_stream *s);

/* recompute_split.c: the ranges of S up to TO for its views. */
int lam_batch_split(struct lam_batch_run *b, struct lam_stream *s, uint64_t to)
	LAM_MUST;

/* recompute_base.c: the highest sound generation at or before TO as the base of
 * V: v->from. */
int lam_batch_find_base(struct lam_batch_run *b, struct lam_batch_view *v,
	struct lam_stream *s, uint64_t to) LAM_MUST;
/* Base and new partials into one.  *GONE: the base was replaced meanwhile, or is
 * damaged: V has none, and is to be computed from position 0. */
int lam_batch_merge_base(struct lam_batch_run *b, struct lam_batch_view *v,
	bool *gone) LAM_MUST;
/* v->told */
int lam_batch_find_told(struct lam_batch_run *b, struct lam_batch_view *v)
	LAM_MUST;

#endif
