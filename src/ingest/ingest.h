/*
 * ingest.h - log text into a stream: parse and encode in parallel, append in
 * order
 *
 *	lam_ingest_run (one input after the other) ... lam_ingest_sync
 */
#ifndef LAM_INGEST_INGEST_H
#define LAM_INGEST_INGEST_H

#include "ingest/recent.h"
#include "ingest/reject_file.h"
#include "input/input.h"
#include "log/append.h"
#include "time/zone.h"

/* Source places of an input with marks: from chunk to chunk. */
struct lam_ingest_place {
	/*
	 * The place behind chunk C, as a note of its block.  Many chunks at once.
	 * A failure ends the run before C.
	 */
	int (*note)(void *arg, const struct lam_chunk *c, struct lam_buf *notes,
		struct lam_error *e);
	/* C is appended; in order.  Its text is not there any more. */
	void (*taken)(void *arg, const struct lam_chunk *c);
	void *arg;
};

struct lam_ingest {
	/*
	 * Opens the stream and sets append.  It is called when the first record, or
	 * the first place, is there, so that an empty input makes no stream.  A caller
	 * that knows that there is a stream sets append before.
	 */
	int (*begin)(struct lam_ingest *g, struct lam_error *e);
	struct lam_append *append; /* NULL until then */
	struct lam_reject_file *rejects;
	unsigned threads;  /* that parse and encode; 1.. */
	int level;	   /* of deflate, 1..9 */
	int wait_ms;	   /* flush interval; 0: every read; < 0: full blocks */
	const char *event; /* name of the event time, or NULL: guess */
	const struct lam_zone *zone; /* of times that have none; NULL: UTC */
	/*
	 * Set, by a handler of SIGTERM installed without SA_RESTART, to end
	 * the input after what has been read; may be NULL.  A thread that
	 * waits for input meanwhile is sent a SIGTERM of its own, which the
	 * handler must not take for one from outside.
	 */
	const _Atomic int *stop;
	/* Called for each reject, one at a time, in order; may be NULL. */
	void (*on_reject)(void *arg, const char *source,
		const struct lam_reject *r);
	/* Called with a line on an input whose format was chosen; may be NULL. */
	void (*on_choice)(void *arg, const char *line);
	/* Called whenever all that was appended is durable; may be NULL. */
	int (*on_durable)(const struct lam_ingest *g, struct lam_error *e);
	void *arg;

	struct lam_recent *recent; /* records whose ids it knows are dropped; or NULL */
	const struct lam_ingest_place *place; /* of the next run; NULL: none */
	bool lazy; /* blocks are acknowledged by lam_ingest_sync only */

	/* Counted up by runs: lines = records + dropped + rejected + blank +
	 * headers (those met again), where a record of several lines counts each. */
	uint64_t lines, records, dropped, rejected, blank, headers;
	uint64_t first, end; /* positions, when records > 0 */
	uint64_t bytes;	     /* of the input at hand, as text, up to here */
	/* The line of the input at hand to go on with; 0: nothing of it is in
	 * the log. */
	uint64_t next_line;
};

/*
 * Append all records of IN, which messages and rejects call SOURCE.  Records read
 * before a failure of the input are appended.  A block that closed because the
 * flush interval passed is acknowledged at once, other blocks within about a
 * second, the last ones by lam_ingest_sync.
 */
int lam_ingest_run(struct lam_ingest *g, struct lam_input *in,
	const char *source, struct lam_error *e) LAM_MUST;

/*
 * Whether IN, called SOURCE, can go into the stream.  LAM_DATA: the line that should
 * name its fields names none of the stream's, so it is more likely a record.
 */
int lam_ingest_check(const struct lam_ingest *g, const struct lam_input *in,
	const char *source, struct lam_error *e) LAM_MUST;

/* EVENT is the event time that the schema S of the stream has, or LAM_USAGE. */
int lam_ingest_event(const struct lam_schema *s, const char *event,
	struct lam_error *e) LAM_MUST;

/* *ID is the field of the input SOURCE that g->recent knows records by; MAP has the
 * input's fields of the N columns of the stream.  LAM_DATA: it has no such field. */
int lam_ingest_id(const struct lam_ingest *g, const char *source, const uint32_t *map,
	size_t n, uint32_t *id, struct lam_error *e) LAM_MUST;

/* g->on_choice is told how the format of IN was chosen, and what it says, once. */
void lam_ingest_choice(const struct lam_ingest *g, struct lam_input *in);

/* Append a block of no records with NOTES: source places. */
int lam_ingest_note(struct lam_ingest *g, const struct lam_buf *notes,
	struct lam_error *e) LAM_MUST;

/* Make all appended records durable, and so acknowledged. */
int lam_ingest_sync(struct lam_ingest *g, struct lam_error *e) LAM_MUST;

#endif
