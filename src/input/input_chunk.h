/*
 * input_chunk.h - calls of a format that reads: first records, rejects
 */
#ifndef LAM_INPUT_INPUT_CHUNK_H
#define LAM_INPUT_INPUT_CHUNK_H

#include "input/format.h"

/*
 * Read the first records, up to MAX, into RAW; X says how many they are.  A format
 * that finds its fields in the records calls this.  Records that it does not put
 * back are no part of the log.  Look: all are put back, and a line of more than LONGEST
 * bytes ends it.
 */
int lam_input_take(struct lam_input *in, struct lam_buf *raw, uint32_t max,
	int wait_ms, const _Atomic int *stop, struct lam_extent *x,
	struct lam_error *e) LAM_MUST;
int lam_input_look(struct lam_input *in, struct lam_buf *raw, uint32_t max,
	size_t longest, int wait_ms, struct lam_extent *x, struct lam_error *e)
	LAM_MUST;
int lam_input_untake(struct lam_input *in, const struct lam_buf *raw,
	const struct lam_extent *x, struct lam_error *e) LAM_MUST;
/* The bytes of RAW, just taken to look at, that go on with a line taken before. */
size_t lam_input_rest(const struct lam_input *in, const struct lam_buf *raw);

/* The text so far, from the first line that is not blank on; that line is whole. */
struct lam_str lam_input_head(const struct lam_input *in);

/* When the input was last written, as its file says. */
int64_t lam_input_written(const struct lam_input *in);

/* The records that were taken are all that there are. */
bool lam_input_at_end(const struct lam_input *in);

/* Note that the line TEXT (number LINE) is no record.  REASON is copied. */
int lam_chunk_reject(struct lam_chunk *c, uint64_t line, struct lam_str text,
	struct lam_error *e, const char *reason, ...)
	__attribute__((format(printf, 5, 6)));

/* Room for N bytes behind C's text, which may move. */
int lam_chunk_room(struct lam_chunk *c, size_t n, struct lam_error *e) LAM_MUST;

/* TEXT goes behind all that C's cells are of, and CELL becomes it. */
int lam_chunk_put(struct lam_chunk *c, struct lam_cell *cell, const char *text,
	size_t n, struct lam_error *e) LAM_MUST;

/* Lines in P[N]; a last one without newline counts. */
uint64_t lam_count_lines(const char *p, size_t n);

#endif
