/*
 * pipe.h - an input whose sender can go on where it was left
 *
 * A sender that sends the same text again, from the byte that it is told, may be cut
 * off at any time: each line comes in once.  How far its text is in is a source place
 * (log/place.h) with the key "pipe:NAME", counted in bytes.
 */
#ifndef LAM_INGEST_PIPE_H
#define LAM_INGEST_PIPE_H

#include "base/arena.h"
#include "ingest/ingest.h"

struct lam_pipe {
	const char *name;   /* of the source; NULL: it is not kept */
	struct lam_buf key; /* its own: */
	struct lam_arena arena;
	struct lam_input *in;
	struct lam_str state; /* that was kept */
	uint64_t at;	      /* bytes of it that are in the log */
};

#define LAM_PIPE_INIT { NULL, LAM_BUF_INIT, LAM_ARENA_INIT, NULL, { NULL, 0 }, 0 }

/* How far P's source is in; G's stream is open if there is one. */
int lam_pipe_find(struct lam_pipe *p, const struct lam_ingest *g,
	struct lam_error *e) LAM_MUST;

/* Append what comes on standard input, from byte p->at of its source on.  O: of a
 * source of which nothing was read. */
int lam_pipe_run(struct lam_pipe *p, struct lam_ingest *g,
	const struct lam_input_options *o, struct lam_error *e) LAM_MUST;
void lam_pipe_release(struct lam_pipe *p);

#endif
