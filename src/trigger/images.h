/*
 * images.h - the last images of a view's rows, by key, on disk
 *
 * They are the view's partials over the records that a function has looked at:
 * [0, looked).  A row as it was is what the partials of its key come to.  They are kept
 * as the speed layer keeps its own, in DIR/trigger/NAME/speed/VIEW, files of rising
 * ranges, each at least twice as long as the one behind it.  So a step costs what is
 * new, and a key that is looked up the few blocks that can hold it.
 *
 * All of it is a function of the log, of the definition and of `looked`, which is in
 * the ledger: what is missing or damaged is made anew.
 */
#ifndef LAM_TRIGGER_IMAGES_H
#define LAM_TRIGGER_IMAGES_H

#include "source/source.h"
#include "view/dataset.h"
#include "view/layer_file.h"

struct lam_image_file {
	struct lam_layer_file d;
	struct lam_index index;
};

struct lam_images {
	const char *data; /* the dataset */
	const char *dir;  /* the function's state */
	struct lam_messages warn;
	struct lam_image_file **file; /* open, from 0 on, without a gap */
	size_t n, cap;
	uint64_t spec;
};

/* What is about one step: the view as it is now, on its log. */
struct lam_images_of {
	const struct lam_view *view;
	struct lam_stream *stream;
	struct lam_arena *arena; /* of the step */
};

/* I's files are those of [0, UPTO) of V; what is not there is made.  LAM_DATA: they
 * are of another log. */
int lam_images_open(struct lam_images *i, const struct lam_images_of *v,
	uint64_t upto, struct lam_error *e) LAM_MUST;
void lam_images_release(struct lam_images *i);

/* The records [FROM, TO) as one more file, FROM being where the last one ends. */
int lam_images_add(struct lam_images *i, const struct lam_images_of *v,
	uint64_t from, uint64_t to, struct lam_error *e) LAM_MUST;

/* The last file goes. */
int lam_images_drop(struct lam_images *i, struct lam_error *e) LAM_MUST;

/* Files at the end that are short for their place become one. */
int lam_images_settle(struct lam_images *i, const struct lam_images_of *v,
	struct lam_error *e) LAM_MUST;

/* The rows of the files FIRST to LAST - 1, one after the other. */
struct lam_images_source {
	struct lam_chain_source chain;
	struct lam_index_source *link;
	size_t n;
};
int lam_images_source_init(struct lam_images_source *s, const struct lam_images *i,
	size_t first, size_t last, struct lam_error *e) LAM_MUST;
void lam_images_source_release(struct lam_images_source *s);

#endif
