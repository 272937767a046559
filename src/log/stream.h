/*
 * stream.h - the master log of one stream: DIR/master/STREAM/
 *
 *	id	 32 hex digits, drawn once
 *	schema	 "name type" lines, editable; types are applied on reading
 *	BASE.seg segments; BASE = 20-digit position of the first record
 *	durable	 what has been fsynced: the witness that tells a torn tail
 *		 (never acknowledged) from lost or damaged data
 *	lock	 flock'ed by a writer for each append
 *	*.torn	 torn tails, moved aside
 *
 * Readers take a snapshot (lam_stream_open) without locks; H, the head, is the
 * position after its last whole block.
 */
#ifndef LAM_LOG_STREAM_H
#define LAM_LOG_STREAM_H

#include "base/buf.h"
#include "base/err.h"
#include "log/schema.h"
#include "store/blockfile.h"

#define LAM_ID_HEX 32

struct lam_segment {
	uint64_t base, end;	/* positions [base, end) */
	uint64_t chain;		/* checksum chain of everything before base */
	struct lam_blockfile file;
	const char **field;	/* names of its columns */
	size_t nfields;
	uint32_t *column;	/* schema field -> column here, or UINT32_MAX */
};

struct lam_stream {
	char name[65];
	char dir[4096];		/* DIR/master/STREAM */
	char id[LAM_ID_HEX + 1];
	struct lam_schema schema; /* union of all segments' fields, in order */
	struct lam_segment *segment;
	size_t nsegments;
	uint64_t head;		/* H */
	struct lam_arena arena;
};

/*
 * Snapshot of stream NAME in dataset DATA.  LAM_USAGE: no such stream (names
 * those there are).  LAM_DATA: gaps, damage, or less than what was durable.
 * Segments are opened lazily where possible; see lam_stream_segment.
 */
int lam_stream_open(struct lam_stream *s, const char *data, const char *name,
	struct lam_error *e) LAM_MUST;
void lam_stream_close(struct lam_stream *s);

/* Streams of a dataset, sorted. */
int lam_stream_list(const char *data, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

/* Make everything up to s->head durable before state derived from it is
 * published (fsync of the unsealed segment). */
int lam_stream_settle(struct lam_stream *s, struct lam_error *e) LAM_MUST;

/*
 * The chained checksum of the prefix [0, POS), when POS is a segment boundary;
 * *KNOWN is false otherwise.
 */
int lam_stream_chain(const struct lam_stream *s, uint64_t pos, bool *known,
	uint64_t *chain, struct lam_error *e) LAM_MUST;

/*
 * Close the active segment (seal it) so that the next record starts a new one.
 * Nothing happens when it is empty.  *POS: the head, now a segment boundary.
 */
int lam_stream_roll(const char *data, const char *name, uint64_t *pos,
	struct lam_error *e) LAM_MUST;

#endif
