/*
 * progress.h - how far a function has come: what the frames of its ledger say
 *
 * A batch is *pending* from its first intent to its last outcome: done, dead, or
 * split into others.  Positions before .next are done, dead, of a pending batch,
 * or of no interest.  Applying the frames of a ledger in their order gives the
 * state of the program that wrote them, wherever it was killed.
 */
#ifndef LAM_TRIGGER_PROGRESS_H
#define LAM_TRIGGER_PROGRESS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

enum lam_frame_kind {
	LAM_FRAME_STATE = 1, /* the first of a file: .to is .next, the output
			      * holds what is pending, .from and .split are the
			      * bounds of the last REDRIVEN */
	LAM_FRAME_INTENT,    /* [from, to) is to be attempted */
	LAM_FRAME_OUTCOME,   /* how that ended: .verdict */
	LAM_FRAME_SKIP,	     /* nothing of interest before .to */
	LAM_FRAME_DELIVERED, /* outputs before .from of the ledger are in .target,
			      * which has .to bytes then */
	LAM_FRAME_REDRIVEN,  /* a dead letter [from, to) is done */
	LAM_FRAME_FOUND,     /* events [from, to) were found, and are the output
			      * (found.h); .split and .target: in what */
	LAM_FRAME_CALL,	     /* a request was answered; it changes nothing */
	LAM_FRAME_TIE,	     /* the history of the source before .to is .target */
	LAM_FRAME_KINDS
};

enum lam_verdict {
	LAM_VERDICT_DONE = 1,
	LAM_VERDICT_RETRY,   /* not before .due */
	LAM_VERDICT_SPLIT,   /* [from, split) and [split, to) are pending */
	LAM_VERDICT_PARTIAL, /* [from, split) is done, the rest as RETRY */
	LAM_VERDICT_DEAD,    /* it is among the dead letters */
	LAM_VERDICTS
};

/* Fields that a kind does not have are 0. */
struct lam_ledger_frame {
	uint8_t kind, verdict;
	uint8_t how;	  /* enum lam_sandbox_how */
	bool synced;	  /* all before it was on disk when it was written */
	uint64_t from, to, split;
	uint32_t attempt; /* from 1 */
	uint32_t records;
	uint32_t status, tiers;
	int64_t born;	  /* the batch's first intent, ns since 1970 */
	int64_t when;	  /* ns since 1970 */
	int64_t took, cpu; /* ns */
	int64_t due;	  /* ns since 1970 */
	uint64_t memory, limit; /* bytes: used, allowed; of FOUND, if it ends the
				 * state that a file begins with: of that */
	uint64_t target;  /* checksum of its name; of FOUND: of a definition; of TIE:
			   * a history */
	struct lam_str output;
	uint64_t at;	  /* where its output is in the ledger: a position */
};

struct lam_pending {
	uint64_t from, to;
	uint32_t failed; /* attempts; one that was cut short does not count */
	int64_t born, due;
};

struct lam_tie { /* tie.h */
	bool known;
	uint64_t at, history;
	int64_t when; /* ns since 1970 */
};

struct lam_ledger_progress {
	uint64_t next;
	struct lam_pending *item; /* by position */
	size_t n, cap;
	uint64_t delivered, length, target; /* of the last DELIVERED */
	uint64_t redriven, redriven_to; /* the bounds of the last REDRIVEN */
	/* Of the last FOUND: the position behind its events, how far the source was
	 * looked at, and under which definition.  Not .finds: there is none. */
	bool finds;
	uint64_t found, looked, spec;
	struct lam_tie tie; /* of the last TIE */
};

#define LAM_PROGRESS_INIT { .next = 0 }

void lam_progress_release(struct lam_ledger_progress *p);

/* LAM_DATA: the frame cannot follow those before it. */
int lam_progress_apply(struct lam_ledger_progress *p, const struct lam_ledger_frame *f,
	struct lam_error *e) LAM_MUST;

/* One pending batch as a piece of a STATE frame's output. */
#define LAM_PENDING_BYTES 40
void lam_pending_put(const struct lam_pending *x, uint8_t *out);

#endif
