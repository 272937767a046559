/*
 * answer_internal.h - one attempt to answer a query
 */
#ifndef LAM_ANSWER_ANSWER_INTERNAL_H
#define LAM_ANSWER_ANSWER_INTERNAL_H

#include "answer/answer.h"
#include "partial/partials.h"
#include "sql/bind.h"

struct attempt {
	struct lam_answer *request;
	struct lam_arena arena;
	struct lam_query *query;
	/* FROM turned out to be one of these: */
	struct lam_adhoc *adhoc;
	bool on_stream;
	bool on_view;
	bool on_text;

	struct lam_view_files files;	/* view */
	struct lam_view view;
	struct lam_stream stream; /* view, stream */
	bool streaming;		/* it is open */
	uint64_t end;		/* as of */
	struct lam_cover cover;
	struct lam_bad bad;
	struct lam_drive_faults faults; /* of the records read, and of results */
	struct lam_partial_reader *reader; /* text */
	struct lam_section section;
	struct lam_text_source text;
	bool opened;		/* request->open was called */
	uint64_t start, merged;	/* when; how long merging took */
};

/* answer_from.c: the catalog; A is an attempt. */
int lam_answer_find(void *a, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e);

/* answer_explain.c */
void lam_answer_explain(struct attempt *a);

#endif
