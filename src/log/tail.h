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
	bool known;	     /* the rest was true at the last look */
	bool doubt;	     /* bytes beyond SYNCED may be lost already */
	uint64_t failures;   /* of fsync, and cuts, by any writer, at the last
			      * look */
	int fd;		     /* the active segment; -1: there is none */
	uint64_t head;	     /* next position */
	uint64_t history;    /* the digest of all records before head */
	struct lam_segment_head at_base; /* of the active segment's header */
	struct lam_totals total; /* up to head; without those of the active
				  * segment's file, and its blocks */
	struct lam_places places; /* of all sources, at head */
	struct lam_extents extents; /* up to head */
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

#endif
