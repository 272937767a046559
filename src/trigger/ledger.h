/*
 * ledger.h - the ledger of a function: DIR/trigger/NAME/BASE.led
 *
 * What was begun, how it ended, and what came out, one *frame* after the other
 * (progress.h).  The outcome of a batch, what it used and its output are one frame:
 * they are there together or not at all.  A position of the ledger counts the bytes
 * of frames; it never changes.
 *
 *	lam_ledger_open -> [lam_ledger_begin] -> { lam_ledger_put ->
 *	lam_ledger_write -> lam_ledger_sync }* -> lam_ledger_close
 */
#ifndef LAM_TRIGGER_LEDGER_H
#define LAM_TRIGGER_LEDGER_H

#include "base/buf.h"
#include "base/io.h"
#include "trigger/progress.h"

#define LAM_LEDGER_ID 32 /* hexadecimal digits */

struct lam_ledger_output { /* an output that may not be delivered yet */
	uint64_t at;	   /* its position */
	uint64_t size;
};

struct lam_ledger_found { /* a FOUND whose events are not all done */
	uint64_t from, to;
	struct lam_ledger_output text;
};

struct lam_ledger {
	int fd; /* -1: there is none yet */
	char dir[LAM_PATH_MAX], path[LAM_PATH_MAX + 32];
	char id[LAM_LEDGER_ID + 1];	/* drawn once */
	char source[LAM_LEDGER_ID + 1]; /* id of what is read, or "" */
	uint64_t base;	/* position of the first frame of the file */
	uint64_t end;	/* position behind the last frame put */
	struct lam_buf out; /* put, not written */
	bool dirty;	/* written, not synced */
	struct lam_ledger_progress progress;
	struct lam_ledger_output *output; /* behind progress.delivered */
	size_t noutputs, cap;
	struct lam_ledger_found *found; /* in order */
	size_t nfound, found_cap;
	uint64_t kept;	/* bytes at the start of the file that tell a state */
	/* What the state of a new file also has: outputs of FOUND, which tell of no
	 * event, one a call.  False: that was all.  Or NULL. */
	bool (*keep)(void *arg, struct lam_buf *out);
	void *keep_arg;
};

/*
 * The ledger in DIR, which is locked by the caller: its last file is read, and a torn
 * tail is cut off.  .fd is -1 when there is none.  LAM_DATA: it is damaged.
 */
int lam_ledger_open(struct lam_ledger *l, const char *dir, struct lam_error *e)
	LAM_MUST;

/* Make a new one, of SOURCE (an id, or ""), that begins at position NEXT of it. */
int lam_ledger_begin(struct lam_ledger *l, const char *source, uint64_t next,
	struct lam_error *e) LAM_MUST;

/* Add a frame, and apply it to .progress; F->at is set. */
int lam_ledger_put(struct lam_ledger *l, struct lam_ledger_frame *f,
	struct lam_error *e) LAM_MUST;

/* What was put survives the death of this process; and that of the system. */
int lam_ledger_write(struct lam_ledger *l, struct lam_error *e) LAM_MUST;
int lam_ledger_sync(struct lam_ledger *l, struct lam_error *e) LAM_MUST;
/* Sync, and a frame behind it that says so: damage before it is no torn tail. */
int lam_ledger_acknowledge(struct lam_ledger *l, struct lam_error *e) LAM_MUST;

/* An output that was written, read back into OUT. */
int lam_ledger_read(const struct lam_ledger *l,
	const struct lam_ledger_output *o, struct lam_buf *out,
	struct lam_error *e) LAM_MUST;

/* When all is delivered and the file is long, go on in a new file. */
int lam_ledger_roll(struct lam_ledger *l, struct lam_error *e) LAM_MUST;

void lam_ledger_close(struct lam_ledger *l);

/*
 * Call EACH with the frames of the file PATH, in order.  *TORN: bytes at its end that
 * follow no whole frame, and that never were on disk for sure.  LAM_DATA: what was is
 * damaged; the message says where.
 */
struct lam_ledger_head {
	char id[LAM_LEDGER_ID + 1], source[LAM_LEDGER_ID + 1];
	uint64_t base;
	int version;
};
int lam_ledger_scan(const char *path, struct lam_ledger_head *head,
	int (*each)(void *arg, const struct lam_ledger_frame *f, struct lam_error *e),
	void *arg, uint64_t *end, uint64_t *torn, struct lam_error *e) LAM_MUST;

#endif
