/*
 * input_chunk.h - what a format asks of the reading: first records, rejects
 */
#ifndef LAM_INPUT_INPUT_CHUNK_H
#define LAM_INPUT_INPUT_CHUNK_H

#include "input/format.h"

/*
 * The first records, for who must see them to know the fields: up to MAX into
 * RAW, X of them.  What is not put back is no part of the log.
 */
int lam_input_take(struct lam_input *in, struct lam_buf *raw, uint32_t max,
	int wait_ms, const volatile int *stop, struct lam_extent *x,
	struct lam_error *e) LAM_MUST;
int lam_input_untake(struct lam_input *in, const struct lam_buf *raw,
	const struct lam_extent *x, struct lam_error *e) LAM_MUST;

/* Note that the line TEXT (number LINE) is no record.  REASON is copied. */
int lam_chunk_reject(struct lam_chunk *c, uint64_t line, struct lam_str text,
	struct lam_error *e, const char *reason, ...)
	__attribute__((format(printf, 5, 6)));

/* Lines in P[N]; a last one without newline counts. */
uint64_t lam_count_lines(const char *p, size_t n);

#endif
