/*
 * answer_internal.h - one attempt to answer a query
 */
#ifndef LAM_ANSWER_ANSWER_INTERNAL_H
#define LAM_ANSWER_ANSWER_INTERNAL_H

#include "answer/answer.h"
#include "partial/partials.h"
#include "bind/bind.h"
#include "store/scalar.h"

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

/* A query of the tree, and how it ran. */
struct answer_ran {
	const struct lam_query *query;
	uint64_t read, counted, batches, skipped;
	bool spilled;
	struct answer_ran *next;
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
	size_t known;		/* leaves that are found once more, in turn, */
	size_t found;		/* ... by a second query about the same */
	struct answer_ran *ran;	/* what EXPLAIN ANALYZE saw */
	uint64_t rows;		/* given to the caller, or counted in their place */
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
uint64_t lam_answer_rows(void *a, const struct lam_stage *scan);
void lam_answer_release(struct attempt *a);

/* answer_look.c: SHOW, DESCRIBE and SUMMARIZE.  The query is bound, but for SHOW. */
int lam_answer_show(struct attempt *a, struct lam_error *e) LAM_MUST;
int lam_answer_describe(struct attempt *a, struct lam_error *e) LAM_MUST;
int lam_answer_summarize(struct attempt *a, struct lam_error *e) LAM_MUST;

/* answer_plan.c: EXPLAIN, when the query was bound and, to ANALYZE, was run. */
int lam_answer_plan(struct attempt *a, struct lam_error *e) LAM_MUST;
/* A callback of struct lam_leaves. */
void lam_answer_ran(void *a, const struct lam_job *job);

/* answer_cells.c: rows that are not made by a query, cell by cell. */
struct answer_cells {
	struct lam_scalar *cell;
	size_t n, cap;
};

struct answer_column {
	const char *name;
	enum lam_type type;
};

/* One more cell; TEXT (NULL: it is NULL) is copied. */
int lam_answer_cell(struct attempt *a, struct answer_cells *c,
	const struct lam_scalar *v, struct lam_error *e) LAM_MUST;
int lam_answer_text(struct attempt *a, struct answer_cells *c,
	const char *text, struct lam_error *e) LAM_MUST;
/* Give out all rows, and free C, also when it fails with RC or was to. */
int lam_answer_cells(struct attempt *a, const struct answer_column *column,
	uint32_t ncolumns, struct answer_cells *c, int rc,
	struct lam_error *e) LAM_MUST;

/* answer.c: a's query, which is bound, runs. */
int lam_answer_run(struct attempt *a, const struct lam_row_sink *to,
	struct lam_error *e) LAM_MUST;

/* answer_explain.c */
void lam_answer_explain(struct attempt *a);

#endif
