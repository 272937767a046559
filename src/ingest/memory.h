/*
 * memory.h - what a stream remembers of how its text is read
 *
 * The file `input` of a stream has settings (input/settings.h), so that a second run
 * needs no options.  Two hold for ever: the zone of times that have none, and that
 * records say where they came from.  Besides there is the format of the run that made
 * the stream, if that is one of the user's own or a dialect.  The rest of the options
 * are those of a format of DATA/formats.
 *
 *	lam_memory_recall -> ... the stream is opened ... -> lam_memory_keep
 *	-> lam_memory_release
 */
#ifndef LAM_INGEST_MEMORY_H
#define LAM_INGEST_MEMORY_H

#include "base/arena.h"
#include "input/input.h"
#include "log/append.h"
#include "time/zone.h"

struct lam_memory {
	struct lam_arena arena; /* of what the options get */
	struct lam_zone *zone;	/* or NULL */
	struct lam_buf before;	/* the file; empty: there is none */
	struct lam_buf first;	/* lines that a stream's first run adds, */
	struct lam_buf more;	/* and any */
	struct lam_buf unused;	/* a message, or empty: the stream has another zone
				 * than the format of one's own */
};

#define LAM_MEMORY_INIT { .arena = LAM_ARENA_INIT }

/*
 * O gets what stream NAME of DATA remembers, and what its own format says, except
 * where it has values.  LAM_USAGE: the zone is another than the stream's.
 */
int lam_memory_recall(struct lam_memory *m, const char *data, const char *name,
	struct lam_input_options *o, struct lam_error *e) LAM_MUST;

/* Write what is new.  *KEPT: those settings, with commas between; NULL: none is. */
int lam_memory_keep(struct lam_memory *m, struct lam_append *a,
	const char **kept, struct lam_error *e) LAM_MUST;

void lam_memory_release(struct lam_memory *m);

/*
 * O gets the names of the fields that the stream of A has, so that a header is told
 * from a record; they lie in NAMES, which is reset.  A: NULL for no stream yet.
 */
int lam_memory_names(const struct lam_append *a, struct lam_arena *names,
	struct lam_input_options *o, struct lam_error *e) LAM_MUST;

#endif
