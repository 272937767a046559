/*
 * stat.h - what a dataset holds and how it fares, from headers and names
 *
 * No column of a record is read, and of a stream only its first and its last
 * segment are opened: a look costs about the same for one segment and for ten
 * thousand.
 */
#ifndef LAM_STAT_STAT_H
#define LAM_STAT_STAT_H

#include "base/arena.h"
#include "base/err.h"
#include "view/dataset.h"

#define LAM_STAT_NEVER INT64_MIN /* an instant that is not known */
#define LAM_STAT_OPEN 32 /* streams whose last segment is open at a time */

struct lam_stat_stream {
	const char *name;
	struct lam_schema schema;
	uint64_t records, rejects;
	uint64_t text;	     /* bytes of input that the records came from; 0: of
			      * version 1, not known */
	uint64_t disk;	     /* bytes of the segments */
	size_t segments;
	/* The event times of the first and the last segment, ns since 1970. */
	int64_t first, last;
	int64_t appended;    /* when the last record was */
	/* Records of the last segment, and ns from the end of the one before until
	 * then: the rate.  0 ns: not known. */
	uint64_t recent;
	int64_t recent_ns;
};

/* What a layer of a view has reached. */
struct lam_stat_layer {
	uint64_t to;	/* positions [0, to), by this layer and those below it */
	int64_t made;	/* when its latest file was made */
	size_t files;	/* that a query opens */
	uint64_t rows;	/* groups in them */
	uint64_t disk;	/* bytes of them */
};

enum lam_stat_state {
	LAM_STAT_CURRENT,  /* nothing is left to read from the log */
	LAM_STAT_BEHIND,   /* some of the log is */
	LAM_STAT_UNSERVED, /* all of it: nothing was ever published */
	LAM_STAT_STALE,	   /* all of it: what there is does not fit any more */
	LAM_STAT_REFUSED   /* queries fail; "why" says why */
};

/* "current", "behind", ... */
extern const char *const lam_stat_state_name[];

struct lam_stat_view {
	const char *name, *stream; /* stream: NULL when not known */
	const char *definition;	   /* normalised SQL, or NULL */
	const struct lam_query *query; /* or NULL */
	enum lam_stat_state state;
	const char *why;	/* STALE, REFUSED, a file passed over; else NULL */
	uint64_t head;		/* records of its stream */
	uint64_t scan;		/* positions that the next query reads */
	struct lam_stat_layer batch, speed;
};

/* Snapshots of a dataset's streams, for one look: that at a stream and those at its
 * views take the same one. */
struct lam_stat_logs {
	const char *data;
	struct lam_stream *s[LAM_STAT_OPEN]; /* the latest ones */
	size_t n;
};

void lam_stat_logs_release(struct lam_stat_logs *l);

/* The snapshot of stream NAME, until the next call; one that holds [0, TO) if any
 * does: files of a view, which were listed before, may cover so much. */
int lam_stat_log(struct lam_stat_logs *l, const char *name, uint64_t to,
	struct lam_stream **out, struct lam_error *e) LAM_MUST;

/*
 * Stream NAME.  Texts live in A.  LAM_USAGE: there is none; LAM_DATA: it cannot be
 * read.
 */
int lam_stat_stream(struct lam_stat_logs *l, const char *name, struct lam_arena *a,
	struct lam_stat_stream *out, struct lam_error *e) LAM_MUST;

/*
 * View NAME.  A view that cannot be used, whatever the reason, is a result (STALE,
 * REFUSED), so that the others can be told; failures are those of the system, and
 * LAM_USAGE when there is no view NAME.
 */
int lam_stat_view(struct lam_stat_logs *l, const char *name, struct lam_arena *a,
	struct lam_stat_view *out, struct lam_error *e) LAM_MUST;

struct lam_stat_function {
	const char *name;
	const char *on;	    /* what it waits for; NULL: its file cannot be read */
	const char *why;    /* it cannot run; else NULL */
	bool known;	    /* it has run: */
	uint64_t next;	    /* the position it has come to */
	uint64_t pending;   /* batches that are begun, events that were found */
	uint64_t lag;	    /* records not yet looked at; UINT64_MAX: not known */
	int64_t waits;	    /* the first of them, since when */
	uint64_t dead;	    /* letters */
	uint64_t disk;	    /* bytes of the ledger */
	int64_t last;	    /* when the ledger was last written */
};

/* Function NAME.  One that cannot run is a result ("why"); failures are those of the
 * system. */
int lam_stat_function(const char *data, const char *name, struct lam_arena *a,
	struct lam_stat_function *out, struct lam_error *e) LAM_MUST;

/* The error that column C of Q's partial relation adds to an answer: "1.6 %", or
 * "exact". */
const char *lam_stat_error(const struct lam_query *q, uint32_t c);

#endif
