/*
 * queue.h - events that wait to be cut into batches
 *
 * An event has a position and its text, as the function will read it.  Positions
 * rise.
 */
#ifndef LAM_TRIGGER_QUEUE_H
#define LAM_TRIGGER_QUEUE_H

#include "base/buf.h"
#include "base/err.h"

struct lam_event {
	uint64_t pos;
	size_t end; /* in the text of its queue or batch */
	uint64_t key; /* a hash of what it is ordered by; 0 at first */
};

struct lam_queue {
	struct lam_buf text;
	struct lam_event *event;
	size_t n, cap;	/* events ever put since the queue was empty */
	size_t taken;	/* of them */
};

#define LAM_QUEUE_INIT { LAM_BUF_INIT, NULL, 0, 0, 0 }

void lam_queue_release(struct lam_queue *q);

/* The text of an event has been appended to q->text: it is at POS. */
int lam_queue_put(struct lam_queue *q, uint64_t pos, struct lam_error *e)
	LAM_MUST;

/* Of the first N events: how many have the key of the first. */
size_t lam_queue_alike(const struct lam_queue *q, size_t n);

/* Events that wait, and their bytes. */
size_t lam_queue_events(const struct lam_queue *q);
size_t lam_queue_bytes(const struct lam_queue *q);
/* The I-th that waits. */
const struct lam_event *lam_queue_event(const struct lam_queue *q, size_t i);

/* How many of the first events are at most MAX, of at most BYTES bytes together,
 * but one at least. */
size_t lam_queue_fit(const struct lam_queue *q, size_t max, size_t bytes);

/* The text of the first event; it goes on through those behind it. */
const char *lam_queue_text(const struct lam_queue *q);

/* N events have gone. */
void lam_queue_take(struct lam_queue *q, size_t n);

#endif
