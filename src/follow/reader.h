/*
 * reader.h - one file of a log, read from where its trail says
 *
 * Each chunk goes into the log with the place behind it, so a reader may die
 * anywhere and go on.
 */
#ifndef LAM_FOLLOW_READER_H
#define LAM_FOLLOW_READER_H

#include <stdatomic.h>

#include "follow/trail.h"
#include "ingest/ingest.h"

struct lam_follow_reader {
	struct lam_file file;
	struct lam_trail *trail;
	struct lam_seen *seen;
	bool named;   /* the path of its trail leads to it */
	bool rotated; /* it had the name, or has the rest of what had it */
	bool copy;    /* known by its text: nobody writes to it */
	bool plain;   /* it is read once, whatever was read before */
	bool partial; /* at the end is a line that has no newline yet */
	atomic_bool cut;  /* its text is not what was read: it was truncated */
	bool begun;   /* its first text was taken since the last look */
	bool ended;   /* its end is the end of its text */
	bool broken;  /* it cannot be read, which was told */
	bool young;   /* packed just now: what is no line yet may become one */
	atomic_bool torn; /* it may be being written, or deleted: later */
	bool due;     /* something happened to it */
	bool watched;
	int wd;	      /* of its watch */
	uint64_t written; /* the time of the last write as the file was opened */
	int64_t looked; /* the clock, just before the file was looked at to be read */
	/* its own: */
	struct lam_input *in;
	struct lam_arena arena;
	struct lam_buf rest;
	uint64_t size;	     /* of the file at the last run */
	uint64_t from, base; /* of this run: the trail's count, the offset */
	struct lam_seen start; /* and what was seen; its memory and text are not its */
	const struct lam_ingest *ingest;
};

/*
 * Append what is new, up to the end of the file as it is now; with r->ended the
 * last line needs no newline, but in a file that is young: then it is torn.  O: of
 * a file that nothing was read of.  r->cut: it must be found again.  A failure is
 * of this file; what was read before is in.
 */
int lam_reader_run(struct lam_follow_reader *r, struct lam_ingest *g,
	const struct lam_input_options *o, struct lam_error *e) LAM_MUST;

/* Forget the open input: the next run begins at the mark. */
void lam_reader_rewind(struct lam_follow_reader *r);
void lam_reader_close(struct lam_follow_reader *r);

#endif
