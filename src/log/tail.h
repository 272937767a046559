/*
 * tail.h - the end of a log as a writer sees it, under the lock
 *
 * Everything here is called with the stream's lock held.  recover.c finds the
 * tail and repairs what a crash has left; seal.c ends a segment and starts the
 * next; merge.c packs small ones together; append.c adds blocks.  Private to
 * this folder.
 */
#ifndef LAM_LOG_TAIL_H
#define LAM_LOG_TAIL_H

#include <sys/stat.h>

#include "log/append.h"
#include "log/segment.h"

struct lam_tail {
	const char *dir;     /* of the stream; the caller's */
	const char *id;
	int lock;	     /* of the stream, held; the caller's */
	bool known;	     /* the rest was true when last looked at */
	bool doubt;	     /* what is not SYNCED may be lost already */
	uint64_t failures;   /* of fsync, by anybody, when last looked at */
	int fd;		     /* the active segment; -1: there is none */
	uint64_t head;	     /* next position */
	uint64_t history;    /* the digest of all records before head */
	struct lam_segment_head at_base; /* of the active segment's header */
	struct lam_totals total; /* up to head; without those of the active
				  * segment's file, and its blocks */
	struct lam_places places; /* of all sources, at head */
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

#define LAM_TAIL_INIT(dir_, id_) \
	{ .dir = (dir_), .id = (id_), .lock = -1, .fd = -1 }

/*
 * Find the tail, unless it is still as known; check it against the witness;
 * write again what is in doubt; move a torn tail aside.  An fsync of t->fd
 * that succeeds from here on covers all of the segment.
 */
int lam_tail_enter(struct lam_tail *t, struct lam_error *e) LAM_MUST;
void lam_tail_close(struct lam_tail *t);

/* fsync the active segment.  A failure leaves all that is not synced in doubt,
 * here and in every other writer. */
int lam_tail_sync(struct lam_tail *t, struct lam_error *e) LAM_MUST;

/* Count what the metadata NOTES of a new block says, and note its places. */
int lam_tail_account(struct lam_tail *t, struct lam_str notes,
	struct lam_error *e) LAM_MUST;

/*
 * The last segment is sealed: while it and those before it are small, pack them
 * into one.  LIMITS: no larger than this.  What fails is left as it was.
 */
int lam_tail_merge(struct lam_tail *t, const struct lam_limits *limits,
	struct lam_error *e) LAM_MUST;
/* Finish a merge whose process died: the segments that are inside another. */
int lam_merge_finish(const char *dir, const char *id, struct lam_error *e)
	LAM_MUST;

/* Note in the witness that all of the active segment is durable. */
int lam_tail_witness(struct lam_tail *t, bool sync, struct lam_error *e)
	LAM_MUST;

/* sync.c: bytes [FROM, TO) of the active segment, written over themselves. */
int lam_tail_rewrite(struct lam_tail *t, uint64_t from, uint64_t to,
	const char *path, struct lam_error *e) LAM_MUST;

/* Cut the active segment back to t->at after a failed write. */
int lam_tail_cut(struct lam_tail *t, struct lam_error *e) LAM_MUST;

/* End the active segment, which has blocks.  All of it is durable then.  LIMITS
 * as in lam_tail_merge, which follows. */
int lam_tail_seal(struct lam_tail *t, const struct lam_limits *limits,
	struct lam_error *e) LAM_MUST;

/* Start a segment at t->head; the active one, if any, is empty. */
int lam_tail_start(struct lam_tail *t, const char *const *field, size_t n,
	struct lam_error *e) LAM_MUST;

/* DIR/master/NAME into OUT, refusing symbolic links on the way. */
int lam_stream_dir(char *out, size_t size, const char *data, const char *name,
	struct lam_error *e) LAM_MUST;

#endif
