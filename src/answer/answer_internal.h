/*
 * answer_internal.h - one attempt to answer a query
 */
#ifndef LAM_ANSWER_ANSWER_INTERNAL_H
#define LAM_ANSWER_ANSWER_INTERNAL_H

#include "answer/answer.h"
#include "partial/partials.h"
#include "sql/bind.h"

/* A stream that the query reads, itself or in views: its head is taken once. */
struct answer_stream {
	struct lam_stream stream;
	uint64_t end;		/* as of */
	struct lam_bad bad;
	struct answer_stream *next;
};

/* A view that the query reads: its cover is made once, however often it is read. */
struct answer_view {
	const char *name;
	struct lam_view_files files;
	struct lam_view view;
	struct answer_stream *stream;
	struct lam_cover cover;
	unsigned uses;		/* leaves that read it */
	bool computed;
	uint64_t ns;		/* that reading and merging took */
	struct answer_view *next;
};

enum answer_leaf_kind {
	ANSWER_FILE, ANSWER_STREAM, ANSWER_VIEW, ANSWER_TEXT
};

/* What one FROM of the query names. */
struct answer_leaf {
	enum answer_leaf_kind kind;
	const char *name;
	struct lam_adhoc *adhoc;	/* FILE */
	struct answer_stream *stream;	/* STREAM */
	struct lam_log_source log;
	struct answer_view *view;	/* VIEW */
	struct lam_partial_reader *reader; /* TEXT */
	struct lam_section section;
	struct lam_text_source text;
};

struct attempt {
	struct lam_answer *request;
	struct lam_arena arena;
	struct lam_query *query;
	struct answer_leaf **leaf; /* as struct lam_stage numbers them */
	size_t n, cap;
	struct answer_stream *streams;
	struct answer_view *views;
	struct lam_buf *skip;	/* see struct lam_cover */
	struct lam_drive_faults faults; /* of the records read, and of results */
	bool opened;		/* request->open was called */
	bool again;		/* a file went away since it was listed */
	uint64_t start;		/* when */
};

static inline uint64_t
answer_now(const struct attempt *a)
{
	return a->request->now ? (uint64_t)a->request->now() : 0;
}

/* answer_from.c: the catalog; A is an attempt. */
int lam_answer_find(void *a, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e);
void lam_answer_release(struct attempt *a);

/* answer_explain.c */
void lam_answer_explain(struct attempt *a);

#endif
