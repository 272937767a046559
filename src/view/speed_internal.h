/*
 * speed_internal.h - one pass of the speed layer
 */
#ifndef LAM_VIEW_SPEED_INTERNAL_H
#define LAM_VIEW_SPEED_INTERNAL_H

#include "view/speed.h"

/* The files of a view that were opened and found sound, so that a pass opens only
 * new ones. */
struct lam_speed_memory {
	char view[LAM_NAME_MAX + 1];
	char id[LAM_ID_HEX + 1];
	struct lam_layer_file *sound; /* by from */
	size_t n, cap;
};

struct speed_view {
	const char *name, *stream;
	struct lam_view_files files;
	struct lam_view view;
	const char *data;
	struct lam_stream *log;	   /* what files are checked against */
	struct lam_speed_memory *memory;
	struct lam_layer_file *chain; /* the files in use, in order */
	size_t n, cap;
	uint64_t served;	   /* P */
	uint64_t upto;		   /* no gap before this position */
	bool failed;
	bool vanished;		   /* a listed generation was replaced */
};

struct speed_pass {
	struct lam_speed *job;
	struct lam_arena arena;
	struct speed_view *view;
	size_t n;
	uint64_t records;
	struct lam_failures failures;
	struct lam_error *e;
};

/* speed.c: RC of V, with WHY: it is left out, the others go on. */
int lam_speed_fail(struct speed_pass *p, struct speed_view *v, int rc,
	const struct lam_error *why) LAM_MUST;

/* speed_chain.c: which files are in use, and which are not */
int lam_speed_plan(struct speed_pass *p, struct speed_view *v,
	struct lam_stream *s) LAM_MUST;
/* Files that a new one from FROM on stands for are replaced by it. */
int lam_speed_chain_put(struct speed_view *v, const struct lam_layer_file *d,
	struct lam_error *e) LAM_MUST;
void lam_speed_chain_drop(struct speed_view *v, const struct lam_layer_file *d);
/* The first file on the chain that starts at POS or later; v->n: none. */
size_t lam_speed_chain_find(const struct speed_view *v, uint64_t pos);
int lam_speed_expire(struct speed_pass *p, struct speed_view *v) LAM_MUST;
/* Speed partials of views that are gone. */
int lam_speed_expire_views(struct speed_pass *p) LAM_MUST;

/* speed_build.c: compute [FROM, TO), which lies in one segment that starts at
 * BASE, for all views that lack it; SEALED: it is all the segment will have. */
struct speed_range {
	uint64_t from, to, base;
	bool sealed;
};
int lam_speed_build(struct speed_pass *p, struct lam_stream *s,
	struct speed_view *const *view, size_t n,
	const struct speed_range *r) LAM_MUST;

#endif
