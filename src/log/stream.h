/*
 * stream.h - the master log of one stream: DIR/master/STREAM/
 *
 *	id	 32 hex digits, drawn once
 *	schema	 "name type" lines, editable; types are applied on reading
 *	BASE.seg segments; BASE = 20-digit position of the first record
 *	durable	 what has been fsynced: the witness that tells a torn tail
 *		 (never acknowledged) from lost or damaged data
 *	lock	 flock'ed by a writer for each append
 *	BASE.torn.N	torn tails, moved aside
 *
 * Readers take a snapshot (lam_stream_open) without locks; H, the head, is the
 * position after its last whole block.
 *
 * Use:      open -> (scan.h: open -> next* -> close)* -> close
 * Threads:  segment, release and everything in scan.h may be called by many
 */
#ifndef LAM_LOG_STREAM_H
#define LAM_LOG_STREAM_H

#include <pthread.h>

#include "base/buf.h"
#include "base/dir.h"
#include "base/err.h"
#include "base/io.h"
#include "log/schema.h"
#include "log/stream_id.h"
#include "store/blockfile.h"

struct lam_segment {
	uint64_t base, end; /* positions [base, end) */
	/* Known once the segment has been open: */
	bool history_known, next_known;
	uint64_t history; /* the digest of everything before base */
	uint64_t next;	  /* of everything before end */
	bool old;	  /* of version 1 */
	/* While refs > 0 (the last segment: always).  The file may reach further on
	 * either side, if it was merged with others since.  The positions above
	 * count. */
	unsigned refs;
	struct lam_blockfile *file;
	const char **field;	/* names of its columns */
	size_t nfields;
	uint32_t *column;	/* schema field -> column here, or UINT32_MAX */
	struct lam_arena arena; /* holds field and column */
};

struct lam_stream {
	char name[65];
	char dir[LAM_PATH_MAX];		/* DIR/master/STREAM */
	char id[LAM_ID_HEX + 1];
	struct lam_schema schema; /* union of all segments' fields, in order */
	struct lam_segment *segment;
	size_t nsegments;
	uint64_t head;		/* H */
	uint64_t durable;	/* the witness says that [0, durable) are */
	struct lam_arena arena;
	pthread_mutex_t mutex;	/* of the segments' refs and files, and of cut */
	bool opened;
	/* Of the block that was decoded last for its digests, at cut_first: the
	 * digests before each row, and behind it. */
	uint64_t cut_first, *cut;
	uint32_t cut_rows;
};

/*
 * Snapshot of stream NAME in dataset DATA.  LAM_USAGE: no such stream; the message
 * names the others.  LAM_DATA: gaps, damage, or less than what was durable.
 * Only the last segment is opened here.  S needs no initialisation; after a
 * failure nothing is held and lam_stream_close is harmless.
 */
int lam_stream_open(struct lam_stream *s, const char *data, const char *name,
	struct lam_error *e) LAM_MUST;
void lam_stream_close(struct lam_stream *s);

/*
 * When the record at POS, before the head, was appended, in ns since 1970, but to the
 * second.  Of records that were packed into one block it is when the first of them was.
 * *WHEN 0: not known.
 */
int lam_stream_appended(struct lam_stream *s, uint64_t pos, int64_t *when,
	struct lam_error *e) LAM_MUST;

/*
 * The segment files PATH[0..n-1], which may be copies anywhere, as a stream without
 * a name whose log is just these; SCHEMA is the path of its types.  They are sealed, or
 * ACTIVE allows one that is not at the end.  LAM_DATA: they are not next to each
 * other in one log, or damaged.  To be closed as one that was opened.
 */
int lam_stream_files(struct lam_stream *s, const char *const *path, size_t n,
	const char *schema, bool active, struct lam_error *e) LAM_MUST;

/* Streams of a dataset, sorted. */
int lam_stream_list(const char *data, struct lam_names *out,
	struct lam_error *e) LAM_MUST;
/* Directories that are a stream, or the rest of one, or were about to become one. */
int lam_stream_remains(const char *data, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

/*
 * Segment I with its file open, until lam_stream_release; may be nested.
 * Verifies that it is what the snapshot says: sealed unless it is the last,
 * of this stream, whole, chained to its neighbours.
 */
int lam_stream_segment(struct lam_stream *s, size_t i, struct lam_segment **out,
	struct lam_error *e) LAM_MUST;
void lam_stream_release(struct lam_stream *s, size_t i);

/* The first segment that ends behind POS; s->nsegments: none. */
size_t lam_stream_find(const struct lam_stream *s, uint64_t pos);

/* Is s->head a segment boundary, for ever? */
bool lam_stream_ends_sealed(const struct lam_stream *s);

/* Has the active segment so few records in so few blocks that a batch need not
 * seal it? */
bool lam_stream_small_tail(const struct lam_stream *s);

/* s->durable.  If the log ends with a segment of version 1 that is not sealed, it
 * is at most the start of that segment: state cannot be tied to records in it. */
uint64_t lam_stream_tied_end(const struct lam_stream *s);

/* LAM_USAGE: DATA has no stream NAME; the message names those there are. */
int lam_stream_missing(const char *data, const char *name,
	struct lam_error *e) LAM_MUST;

/* DIR/master/NAME into OUT, refusing symbolic links on the way. */
int lam_stream_dir(char *out, size_t size, const char *data, const char *name,
	struct lam_error *e) LAM_MUST;

#endif
