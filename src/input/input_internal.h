/*
 * input_internal.h - an open input, as the files of this folder share it
 */
#ifndef LAM_INPUT_INPUT_INTERNAL_H
#define LAM_INPUT_INPUT_INTERNAL_H

#include "base/arena.h"
#include "input/format.h"
#include "input/source.h"

#define LAM_LINE_SHOWN 4096 /* bytes kept of a line that is too long */

struct lam_input {
	char *path;
	struct lam_input_source *source;
	const struct lam_format *format;
	struct lam_arena arena; /* names */
	const char **field;
	uint32_t nfields;
	struct lam_buf carry; /* read, but not yet part of a chunk: */
	size_t carry_at;      /* from here on */
	uint64_t line;	      /* of the next record */
	bool fresh;	      /* the chunk at hand has bytes of the source */
	bool ended;	      /* the source is */
	bool skipping;	      /* inside a line that is too long */
	bool cut;	      /* the last take ended with such a line's start */
	bool stopped; /* by a signal: what is not whole is no record */
	struct lam_error late; /* to be told once the whole records are out */
};

/* Read once, to the end of the carry. */
int lam_input_more(struct lam_input *in, struct lam_error *e) LAM_MUST;

/*
 * Take up to MAX records from the front of the input into RAW, X of it; the rest
 * stays.  Waits as lam_input_next.
 */
int lam_input_take(struct lam_input *in, struct lam_buf *raw, uint32_t max,
	int wait_ms, const volatile int *stop, struct lam_extent *x,
	struct lam_error *e) LAM_MUST;

/* Put RAW, just taken, back to the front. */
int lam_input_untake(struct lam_input *in, const struct lam_buf *raw,
	const struct lam_extent *x, struct lam_error *e) LAM_MUST;

/* The names of the fields, as O says: given, from the header line, or made up. */
int lam_input_set_fields(struct lam_input *in,
	const struct lam_input_options *o, struct lam_error *e) LAM_MUST;

#endif
