/*
 * log_check_internal.h - a look at one stream, shared by check*.c
 */
#ifndef LAM_FSCK_LOG_CHECK_INTERNAL_H
#define LAM_FSCK_LOG_CHECK_INTERNAL_H

#include "fsck/log_check.h"
#include "log/segment.h"

struct lam_look {
	struct lam_findings *f;
	struct lam_log_check *c;
	unsigned threads;
	char dir[LAM_PATH_MAX];
	uint64_t *base; /* of the segments, sorted */
	size_t n;
	struct lam_durable d;
	bool old_witness, has_schema, tail_damaged;
	bool others; /* files that come after the id */
	bool inside; /* some segment is inside of another */
	struct lam_schema schema;
	struct lam_blockfile last; /* the last segment, if last_open */
	struct lam_segment_head last_head;
	bool last_open;
	/* of the segment before: where it ends, and the history there */
	bool known;
	uint64_t end, history;
	struct lam_arena arena;
};

/* Load the segment at BASE; *OK false: a finding, and F is closed. */
int lam_look_load(struct lam_look *l, uint64_t base, struct lam_blockfile *f,
	struct lam_segment_head *h, bool *ok, struct lam_error *e) LAM_MUST;

/* Segment I and its blocks. */
int lam_look_segment(struct lam_look *l, size_t i, struct lam_error *e)
	LAM_MUST;

/* What it remembers of its text (log_check_input.c). */
int lam_look_input(struct lam_look *l, const char *data, const char *name,
	struct lam_error *e) LAM_MUST;

int lam_look_rejects(struct lam_look *l, const char *data, const char *name,
	struct lam_error *e) LAM_MUST;

#endif
