/*
 * tail.h - the end of a log as a writer sees it, under the lock
 *
 * Everything here is called with the stream's lock held.  recover.c finds the
 * tail and repairs what a crash has left; seal.c ends a segment and starts the
 * next; append.c adds blocks.  Private to this folder.
 */
#ifndef LAM_LOG_TAIL_H
#define LAM_LOG_TAIL_H

#include <sys/stat.h>

#include "log/append.h"
#include "log/segment.h"

struct lam_tail {
	const char *dir;     /* of the stream; the caller's */
	const char *id;
	bool known;	     /* the rest was true when last looked at */
	int fd;		     /* the active segment; -1: there is none */
	uint64_t head;	     /* next position */
	uint64_t chain;	     /* before base; without active segment: at head */
	uint64_t base;	     /* of the active segment, or of the sealed last */
	uint64_t at;	     /* its size, all of it whole blocks */
	uint64_t synced;     /* so much of it is durable, says the witness */
	bool made;	     /* it is new: we made it, durably */
	uint32_t nblocks;
	const char **field;  /* of its header */
	size_t nfields;
	ino_t ino;
	struct lam_arena arena;
};

#define LAM_TAIL_INIT(dir_, id_) { .dir = (dir_), .id = (id_), .fd = -1 }

/*
 * Find the tail, unless it is still as known; check it against the witness;
 * move a torn tail aside.
 */
int lam_tail_enter(struct lam_tail *t, struct lam_error *e) LAM_MUST;
void lam_tail_close(struct lam_tail *t);

/* Note in the witness that all of the active segment is durable. */
int lam_tail_witness(struct lam_tail *t, bool sync, struct lam_error *e)
	LAM_MUST;

/* Cut the active segment back to t->at after a failed write. */
int lam_tail_cut(struct lam_tail *t, struct lam_error *e) LAM_MUST;

/* End the active segment, which has blocks.  All of it is durable then. */
int lam_tail_seal(struct lam_tail *t, struct lam_error *e) LAM_MUST;

/* Start a segment at t->head; the active one, if any, is empty. */
int lam_tail_start(struct lam_tail *t, const char *const *field, size_t n,
	struct lam_error *e) LAM_MUST;

/* DIR/master/NAME into OUT, refusing symbolic links on the way. */
int lam_stream_dir(char *out, size_t size, const char *data, const char *name,
	struct lam_error *e) LAM_MUST;

#endif
