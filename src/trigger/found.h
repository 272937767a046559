/*
 * found.h - events that a feed found by comparing, kept in the ledger
 *
 * What changed can only be seen once: when it is compared with what was there, and that
 * is forgotten then.  So the events, and whatever of the feed's state has changed with
 * them, are one frame of the ledger, which is written before any of them is given out.
 * Whoever is killed before that compares again; afterwards the frame has them.  It is
 * synced with the next outcome: after a power failure, too, either both are there or
 * what is compared is what was there before.
 *
 * Positions of events are their numbers, from 0, as they were found.
 */
#ifndef LAM_TRIGGER_FOUND_H
#define LAM_TRIGGER_FOUND_H

#include "trigger/ledger.h"
#include "trigger/queue.h"

#define LAM_FOUND_MAX ((size_t)64 << 20) /* bytes of a frame's events and note */

/*
 * The N events of Q that wait, and NOTE, the feed's own, become a frame and are
 * written; Q is then without them.  LOOKED and SPEC as the progress has them.
 */
int lam_found_put(struct lam_ledger *l, struct lam_queue *q, struct lam_str note,
	uint64_t looked, uint64_t spec, struct lam_error *e) LAM_MUST;

/* Events from *NEXT on and before TO go into Q, of one frame at least; *NEXT moves on.
 * MAX: about so many bytes. */
int lam_found_read(struct lam_ledger *l, uint64_t *next, uint64_t to, size_t max,
	struct lam_queue *q, struct lam_error *e) LAM_MUST;

/* The same of [FROM, TO), which were given before. */
int lam_found_again(struct lam_ledger *l, uint64_t from, uint64_t to,
	struct lam_queue *q, struct lam_error *e) LAM_MUST;

/*
 * The id of a source that has none of its own: 16 digits of KIND and NAME, 16 that were
 * drawn when the ledger was made, so that numbers which begin anew are of another one.
 * It is the ledger's, unless that is of another source.
 */
int lam_found_source(const struct lam_ledger *l, const char *kind, const char *name,
	char id[LAM_LEDGER_ID + 1], struct lam_error *e) LAM_MUST;

/* The output of a frame that has no event. */
void lam_found_note(struct lam_buf *out, struct lam_str note);

/* What the output of a frame has of NOTE.  LAM_DATA: it is no such output. */
int lam_found_note_of(struct lam_str output, struct lam_str *note,
	struct lam_error *e) LAM_MUST;

#endif
