/*
 * segment.h - one segment file of a log: names, header, chain, checks
 *
 * What readers (stream.c) and writers (recover.c, seal.c) both need to know
 * about a single file.  Private to this folder.
 */
#ifndef LAM_LOG_SEGMENT_H
#define LAM_LOG_SEGMENT_H

#include "log/durable.h"
#include "log/stream.h"

#define LAM_PATH_SIZE 4200 /* a stream's directory and a name in it */

/* Is NAME "20 digits.seg"?  Then *BASE. */
bool lam_segment_name(const char *name, uint64_t *base);
int lam_segment_path(char out[LAM_PATH_SIZE], const char *dir, uint64_t base,
	struct lam_error *e) LAM_MUST;

/* What the header of a segment says. */
struct lam_segment_head {
	uint64_t base, chain;
	const char **field; /* in the arena of load */
	size_t nfields;
};

/* The header's meta lines, appended to OUT. */
void lam_segment_meta(const char *id, const struct lam_segment_head *h,
	struct lam_buf *out);

/*
 * Open the segment of stream ID at BASE and check what can be checked without
 * its columns: it is a log segment of this stream, with this base, and its
 * blocks are contiguous.  F is to be closed by the caller in any case.
 */
int lam_segment_load(struct lam_blockfile *f, const char *dir, const char *id,
	uint64_t base, struct lam_arena *a, struct lam_segment_head *h,
	struct lam_error *e) LAM_MUST;

/* The position after its last whole block. */
uint64_t lam_segment_end(const struct lam_blockfile *f, uint64_t base);

/* The chain after a sealed segment, from the chain before it. */
uint64_t lam_segment_chain(const struct lam_segment_head *h,
	const struct lam_blockfile *f);
/* The chain of the empty prefix. */
uint64_t lam_segment_chain0(const char *id);

/* So many bytes of the segment at BASE are durable, says the witness D. */
uint64_t lam_segment_durable(const struct lam_blockfile *f, uint64_t base,
	const struct lam_durable *d);

/*
 * The last segment F against the witness D: LAM_DATA when it holds less than
 * what was durable, or when what looks like a torn tail is damage.
 */
int lam_segment_check_tail(const struct lam_blockfile *f, uint64_t base,
	const struct lam_durable *d, struct lam_error *e) LAM_MUST;

/* DIR's sorted segment bases, malloc'ed.  LAM_DATA: a *.seg that is none. */
int lam_segment_list(const char *dir, uint64_t **base, size_t *n,
	struct lam_error *e) LAM_MUST;

/* Read DIR/id into ID; *FOUND is false when there is none. */
int lam_stream_read_id(const char *dir, char id[LAM_ID_HEX + 1], bool *found,
	struct lam_error *e) LAM_MUST;

/* Read DIR/schema; *FOUND is false when there is none. */
int lam_stream_read_schema(const char *dir, struct lam_arena *a,
	struct lam_schema *s, bool *found, struct lam_error *e) LAM_MUST;

#endif
