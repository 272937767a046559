/*
 * format.h - what a log format has to know; one file per format
 *
 * A format does two things: find where records end, so that text can be cut
 * into chunks (scan, one thread), and turn the text of a chunk into cells (parse, any
 * number of threads).  Both start at the beginning of a record.
 */
#ifndef LAM_INPUT_FORMAT_H
#define LAM_INPUT_FORMAT_H

#include "input/input.h"

/* What parse fills.  Cells of unwanted fields are NULL arrays. */
struct lam_parse {
	char *text; /* of the chunk; rewritten in place where values need it */
	size_t n;
	uint32_t nfields;
	struct lam_cell **cell; /* [nfields] */
	uint32_t rows;
	uint64_t line; /* of the record at hand, from 1 */
	uint64_t blank;
	struct lam_chunk *chunk; /* takes rejects */
};

struct lam_extent { /* of whole records */
	size_t bytes;
	uint32_t records;
	uint64_t lines; /* physical */
};

struct lam_format {
	const char *name;
	const char *const *fields; /* fixed names, or NULL: a header line */
	uint32_t nfields;
	char delimiter;
	/*
	 * How much of P[N] is whole records, at most MAX of them.  LAST: the
	 * end of P is the end of the input and ends a record.
	 */
	int (*scan)(const struct lam_format *f, const char *p, size_t n,
		bool last, uint32_t max, struct lam_extent *x,
		struct lam_error *e);
	int (*parse)(const struct lam_format *f, struct lam_parse *x,
		struct lam_error *e);
};

#define LAM_CLF_FIELDS 11 /* of combined */

extern const struct lam_format lam_format_csv, lam_format_tsv,
	lam_format_combined, lam_format_common;

/* Note that the line TEXT (number LINE) is no record.  REASON is copied. */
int lam_chunk_reject(struct lam_chunk *c, uint64_t line, struct lam_str text,
	struct lam_error *e, const char *reason, ...)
	__attribute__((format(printf, 5, 6)));

/* Lines in P[N]; a last one without newline counts. */
uint64_t lam_count_lines(const char *p, size_t n);

/*
 * The reference for CSV: one record at P[N] by libcsv.  *BYTES: its length with line
 * end, or 0: P ends before it does and LAST is false.  *REASON: why it is
 * none; then *BYTES is its first physical line only.  FIELD (may be NULL) is called for
 * each value; NULL values have p == NULL;
 * a blank line is one NULL value.
 */
int lam_csv_record(char delimiter, const char *p, size_t n, bool last,
	size_t *bytes, const char **reason,
	void (*field)(void *arg, struct lam_str value), void *arg,
	struct lam_error *e) LAM_MUST;

#endif
