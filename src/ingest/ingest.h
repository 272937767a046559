/*
 * ingest.h - log text into a stream: parse and encode in parallel, append in
 * order
 *
 *	lam_ingest_run (one input after the other) ... lam_ingest_sync
 */
#ifndef LAM_INGEST_INGEST_H
#define LAM_INGEST_INGEST_H

#include "ingest/reject_file.h"
#include "input/input.h"
#include "log/append.h"

struct lam_ingest {
	/*
	 * Opens the stream: called when the first record is there, so that an
	 * input without one makes no stream.  Sets append.  Who knows that
	 * there is a stream sets it before.
	 */
	int (*begin)(struct lam_ingest *g, struct lam_error *e);
	struct lam_append *append; /* NULL until then */
	struct lam_reject_file *rejects;
	unsigned threads;  /* that parse and encode; 1.. */
	int level;	   /* zlib's, 1..9 */
	int wait_ms;	   /* flush interval; 0: every read; < 0: full blocks */
	const char *event; /* name of the event time, or NULL: guess */
	/*
	 * Set, by a handler of SIGTERM installed without SA_RESTART, to end
	 * the input after what has been read; may be NULL.  A thread that
	 * waits for input meanwhile is sent a SIGTERM of its own, which the
	 * handler must not take for one from outside.
	 */
	const volatile int *stop;
	/* Called for each reject, one at a time, in order; may be NULL. */
	void (*on_reject)(void *arg, const char *source,
		const struct lam_reject *r);
	void *arg;

	/* Counted up by runs: lines = records + rejected + blank + headers,
	 * where a record of several lines counts each. */
	uint64_t lines, records, rejected, blank;
	uint64_t first, end; /* positions, when records > 0 */
	/* Of the input at hand: where to go on behind what is in; 0: nothing
	 * is. */
	uint64_t next_line;
};

/*
 * Append all records of IN, which messages and rejects call SOURCE.  What was
 * read before a failure of the input is appended.  A block that closed because
 * the flush interval passed is acknowledged at once, others within about a
 * second, the last ones by lam_ingest_sync.
 */
int lam_ingest_run(struct lam_ingest *g, struct lam_input *in,
	const char *source, struct lam_error *e) LAM_MUST;

/*
 * Whether IN, called SOURCE, can go into the stream.  LAM_DATA: the line that should
 * name its fields names none that the stream has, so it is a record more likely.
 */
int lam_ingest_check(const struct lam_ingest *g, const struct lam_input *in,
	const char *source, struct lam_error *e) LAM_MUST;

/* Make all that was appended durable: acknowledged. */
int lam_ingest_sync(struct lam_ingest *g, struct lam_error *e) LAM_MUST;

#endif
