/*
 * target_internal.h - what the kinds of targets have in common
 */
#ifndef LAM_TRIGGER_TARGET_INTERNAL_H
#define LAM_TRIGGER_TARGET_INTERNAL_H

#include "trigger/target.h"

struct lam_target {
	struct lam_target_options o;
	uint64_t checksum; /* of its name */
	int fd;		   /* a file, or standard output; -1 */
	uint64_t size;	   /* of a file: what is ours or was there before */
	uint64_t there;	   /* bytes that it has; above size: to be compared */
	uint64_t device, inode;
	struct lam_target_stream *stream; /* or NULL */
	struct lam_target_text *text; /* how it is checked, or NULL */
};

/* target_stream.c */
int lam_target_stream_open(struct lam_target *t, struct lam_error *e) LAM_MUST;
int lam_target_stream_check(struct lam_target *t, struct lam_str text,
	struct lam_error *e) LAM_MUST;
int lam_target_stream_put(struct lam_target *t, uint64_t at,
	struct lam_str text, struct lam_error *e) LAM_MUST;
void lam_target_stream_close(struct lam_target *t);

/* target_text.c: TEXT as an input; of a file, is it all records of its format? */
int lam_target_input(struct lam_input **in, struct lam_str text,
	const struct lam_input_options *o, struct lam_error *e) LAM_MUST;
int lam_target_text_open(struct lam_target *t, struct lam_error *e) LAM_MUST;
int lam_target_text_check(struct lam_target *t, struct lam_str text,
	struct lam_error *e) LAM_MUST;
void lam_target_text_close(struct lam_target *t);

#endif
