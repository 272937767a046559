/*
 * format.h - what a log format has to know; one file per format
 *
 * A format is a file and a row in the table of format.c.  Help, messages and
 * the check of -f are made from that table.  It says
 *
 *	guess	how sure it is that the first lines are of it
 *	open	the fields, and what types the format gives them: fixed ones, or
 *		what the options or the first records say; state of its own
 *	scan	where records end, so that text can be cut into chunks (one
 *		thread)
 *	parse	the cells of a chunk (any number of threads)
 *	close	let go of the state
 *
 * scan and parse start at the beginning of a record.  A record is what scan says:
 * a line, or several.
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
	const char *suffix; /* files named so are of it, before .gz; or NULL */
	bool named;	    /* the options may name its fields */
	/*
	 * 0 to 100: how sure it is that HEAD, which begins with the first line that is
	 * not blank and holds it whole, is the start of such a log.
	 */
	unsigned (*guess)(struct lam_str head);
	/*
	 * Declare the fields with the calls below.  *OWN is given to scan, parse
	 * and close; it may stay NULL.
	 */
	int (*open)(struct lam_input *in, const struct lam_input_options *o,
		void **own, struct lam_error *e);
	/*
	 * How much of P[N] is whole records, at most MAX of them.  LAST: the
	 * end of P is the end of the input and ends a record.
	 */
	int (*scan)(void *own, const char *p, size_t n, bool last,
		uint32_t max, struct lam_extent *x, struct lam_error *e);
	int (*parse)(const void *own, struct lam_parse *x,
		struct lam_error *e);
	void (*close)(void *own); /* or NULL */
};

/* All of them; ends with NULL. */
extern const struct lam_format *const lam_formats[];

extern const struct lam_format lam_format_csv, lam_format_tsv,
	lam_format_combined, lam_format_common;

/*
 * The surest one for a file PATH that begins with HEAD, and how sure; NAMED: its
 * fields are.
 */
const struct lam_format *lam_format_guess(const char *path,
	struct lam_str head, bool named, unsigned *sure);

/* ------------------------------------------------------ for a format's open */

/*
 * One field more, in the order of the cells.  An empty name in place I becomes
 * "columnI".  A type of LAM_TYPES: the values tell.
 */
int lam_input_add_field(struct lam_input *in, struct lam_str name,
	struct lam_coltype type, struct lam_error *e) LAM_MUST;

/* A record cut into values, each of which is told to FIELD.  *REASON: it is none. */
typedef int lam_values_fn(const char *p, size_t n, const char **reason,
	void (*field)(void *arg, struct lam_str value), void *arg,
	struct lam_error *e);

/*
 * Fields as O names them, else as the first record does, else as many as that has; for
 * formats that say "named".
 */
int lam_input_add_header(struct lam_input *in,
	const struct lam_input_options *o, lam_values_fn *values,
	struct lam_error *e) LAM_MUST;

/*
 * The first records, for who must see them to know the fields: up to MAX into RAW, X
 * of them.  What is not put back is no part of the log.
 */
int lam_input_take(struct lam_input *in, struct lam_buf *raw, uint32_t max,
	int wait_ms, const volatile int *stop, struct lam_extent *x,
	struct lam_error *e) LAM_MUST;
int lam_input_untake(struct lam_input *in, const struct lam_buf *raw,
	const struct lam_extent *x, struct lam_error *e) LAM_MUST;

/* ----------------------------------------------------------- for its parse */

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
