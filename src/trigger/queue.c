/*
 * queue.c - events that wait to be cut into batches
 *
 * What was taken is removed when the queue is empty, or when it is half of it, so
 * that an event is moved once at most.
 */
#include "trigger/queue.h"

#include <stdlib.h>

#include "base/array.h"

void
lam_queue_release(struct lam_queue *q)
{
	lam_buf_release(&q->text);
	free(q->event);
	*q = (struct lam_queue)LAM_QUEUE_INIT;
}

int
lam_queue_put(struct lam_queue *q, uint64_t pos, struct lam_error *e)
{
	if (!lam_array_room(&q->event, &q->cap, q->n + 1, sizeof *q->event))
		return lam_fail_mem(e);
	q->event[q->n++] = (struct lam_event){ pos, q->text.n, 0 };
	return lam_buf_check(&q->text, e);
}

size_t
lam_queue_alike(const struct lam_queue *q, size_t n)
{
	size_t i = n ? 1 : 0;

	while (i < n && lam_queue_event(q, i)->key == lam_queue_event(q, 0)->key)
		i++;
	return i;
}

static size_t
begin(const struct lam_queue *q)
{
	return q->taken ? q->event[q->taken - 1].end : 0;
}

size_t
lam_queue_events(const struct lam_queue *q)
{
	return q->n - q->taken;
}

size_t
lam_queue_bytes(const struct lam_queue *q)
{
	return q->n ? q->event[q->n - 1].end - begin(q) : 0;
}

const struct lam_event *
lam_queue_event(const struct lam_queue *q, size_t i)
{
	return &q->event[q->taken + i];
}

size_t
lam_queue_fit(const struct lam_queue *q, size_t max, size_t bytes)
{
	size_t n = lam_queue_events(q) ? 1 : 0, from = begin(q);

	while (n < max && q->taken + n < q->n &&
		q->event[q->taken + n].end - from <= bytes)
		n++;
	return n;
}

const char *
lam_queue_text(const struct lam_queue *q)
{
	return q->text.p ? q->text.p + begin(q) : ""; /* events without a byte */
}

static void
remove_taken(struct lam_queue *q)
{
	size_t bytes = begin(q), rest = q->n - q->taken;

	if (rest)
		memmove(q->text.p, q->text.p + bytes, q->text.n - bytes);
	q->text.n -= bytes;
	for (size_t i = 0; i < rest; i++) {
		q->event[i] = q->event[q->taken + i];
		q->event[i].end -= bytes;
	}
	q->n = rest;
	q->taken = 0;
}

void
lam_queue_take(struct lam_queue *q, size_t n)
{
	q->taken += n;
	if (q->taken == q->n || begin(q) > q->text.n / 2)
		remove_taken(q);
}
