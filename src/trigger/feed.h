/*
 * feed.h - where the events of a function come from
 *
 * A feed gives events in the order of their positions.  What a feed can give
 * again (its kind has .again) is asked for again after a crash.
 *
 *	lam_feed_open -> { lam_feed_fill | lam_feed_again }* -> lam_feed_close
 */
#ifndef LAM_TRIGGER_FEED_H
#define LAM_TRIGGER_FEED_H

#include "base/loop.h"
#include "source/message.h"
#include "trigger/function.h"
#include "trigger/ledger.h"
#include "trigger/queue.h"

#define LAM_FEED_BYTES ((size_t)8 << 20) /* a queue is filled up to about this */

struct lam_feed;

struct lam_feed_kind {
	enum lam_on on;
	bool finds; /* its events are what it finds by comparing: found.h */
	int (*open)(struct lam_feed *f, struct lam_error *e);
	/* See lam_feed_fill. */
	int (*fill)(struct lam_feed *f, struct lam_queue *q, struct lam_error *e);
	int (*again)(struct lam_feed *f, uint64_t from, uint64_t to,
		struct lam_queue *q, struct lam_error *e);
	void (*close)(struct lam_feed *f);
};

struct lam_feed {
	const struct lam_feed_kind *kind;
	const struct lam_function *function;
	const char *data;   /* the dataset, or NULL */
	struct lam_messages warn;
	struct lam_ledger *ledger; /* of the function, open; or NULL */
	bool follow;	    /* somebody waits for more */
	void *own;
	struct lam_buf head; /* comes before the records of each batch */
	char id[33];	    /* of what is read: hexadecimal; "": nothing durable */
	uint64_t next;	    /* everything before it was given, or is not wanted */
	struct lam_tie tie; /* how far its stream was seen, if it has one */
	uint64_t start, end; /* the positions that it knows now: [start, end) */
	bool more;	    /* there is more now than the last fill has given */
	bool ended;	    /* nothing will ever come */
	int fd;		    /* readable when there may be more; -1: none */
	int64_t due;	    /* when there may be more, ns since 1970; 0: never */
};

/* KIND by the function's `on`; .function, .data, .warn, .ledger and .follow are set. */
int lam_feed_open(struct lam_feed *f, struct lam_error *e) LAM_MUST;
void lam_feed_close(struct lam_feed *f);

/*
 * Put events from f->next on into Q, up to about LAM_FEED_BYTES, and move f->next
 * behind the last position that was looked at.
 */
int lam_feed_fill(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
	LAM_MUST;

/* Put the events of [FROM, TO), which were given before, into Q. */
int lam_feed_again(struct lam_feed *f, uint64_t from, uint64_t to,
	struct lam_queue *q, struct lam_error *e) LAM_MUST;

/* For sources of time.  LAM_DATA: the ledger is far ahead of the clock. */
int lam_feed_check_clock(const struct lam_feed *f, struct lam_error *e) LAM_MUST;

/* The event of a due time AT, in ns since 1970, behind MISSED others. */
int lam_feed_put_time(struct lam_queue *q, uint64_t at, uint64_t missed,
	struct lam_error *e) LAM_MUST;

extern const struct lam_feed_kind lam_feed_stdin, lam_feed_stream,
	lam_feed_every, lam_feed_at, lam_feed_bucket, lam_feed_view, lam_feed_http;

#endif
