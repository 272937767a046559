/*
 * answer.h - answer one statement: on views, streams, files, or partial text
 *
 * FROM decides: 'path' and stdin are ad hoc input; with partials given, a name
 * is a section of that stream; else a view of the dataset, or a stream of it.  The
 * head of each stream is taken once, when the answer begins.
 */
#ifndef LAM_ANSWER_ANSWER_H
#define LAM_ANSWER_ANSWER_H

#include "answer/statement.h"
#include "base/resources.h"
#include "source/adhoc.h"
#include "view/cover.h"

struct lam_answer {
	struct lam_statement ask;
	const char *data;     /* dataset, or NULL */
	const char *partials; /* path of partial text, or NULL */
	/* Answer as of positions: of a stream, or (stream NULL) of all others. */
	const struct lam_as_of {
		const char *stream;
		uint64_t pos;
	} *as_of;
	size_t nas_of;
	struct lam_resources engine;
	struct lam_adhoc_options adhoc;
	bool again;	      /* more than once: FROM stdin is refused */
	bool fill;	      /* empty buckets have rows, too */
	bool strict;	      /* REJECTED is asked for: FROM must be a file */
	struct lam_messages warn;
	struct lam_messages explain; /* where the answer came from */
	int64_t (*now)(void);	  /* ns; needed to explain */
	int64_t wall;		  /* what now() is in SQL */
	/* Called once, before the first rows: what the columns are. */
	int (*open)(void *arg, const struct lam_query *q,
		struct lam_error *e);
	int (*rows)(void *arg, const struct lam_vec *column, uint32_t n,
		struct lam_error *e);
	void *arg;
	uint64_t rejected; /* out: input lines that were no records */
};

int lam_answer(struct lam_answer *a, struct lam_error *e) LAM_MUST;

#endif
