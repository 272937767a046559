/*
 * csv_internal.h - where fields and records of CSV and TSV end
 *
 * Two loops over the text, 64 bytes at a time (csv_kernel_body.h): scan only
 * finds the last record end, index lists all ends.  Both stop at an irregular
 * record.  Each instruction set has its own, and all find the same.
 */
#ifndef LAM_FORMAT_CSV_INTERNAL_H
#define LAM_FORMAT_CSV_INTERNAL_H

#include <string.h>

#include "base/masks.h"
#include "input/format.h"

#define LAM_CSV_ENDS 1024 /* an index closes at as many ends */
#define LAM_CSV_ENDS_MAX (LAM_CSV_ENDS + LAM_FIELDS_MAX) /* of one record */
#define LAM_CSV_ROOM (LAM_CSV_ENDS_MAX + 2048) /* and of some text behind */

struct lam_csv_syntax {
	char delimiter, quote, escape, comment;
	/* Fields may be in quotes, as in CSV; else bytes are escaped, as in TSV. */
	bool quotes;
	bool escapes;  /* there is an escape; in quotes, besides doubled ones */
	bool comments; /* a record that begins with that byte is none */
};

#define LAM_CSV_SYNTAX ((struct lam_csv_syntax){ ',', '"', 0, 0, true, false, false })
#define LAM_TSV_SYNTAX ((struct lam_csv_syntax){ '\t', 0, '\\', 0, false, true, \
	false })

struct lam_csv_index {
	/* Positions in the text; end[0]: the byte before the first record.  Where a
	 * newline is, the record ends, too. */
	uint32_t end[1 + LAM_CSV_ROOM];
	uint16_t kept[LAM_CSV_ROOM]; /* the first end of each record kept */
	uint32_t nends; /* of whole records */
	uint32_t nkept;
	uint64_t lines; /* newlines in these, those in quotes as well */
	bool doubled;	/* some quotes are, perhaps */
	bool stopped;	/* at an irregular record */
	bool dense;	/* where it closed, ends were; false before the first */
};

struct lam_csv_kernel {
	const char *name;
	enum lam_masks masks; /* what the machine must run */
	/* The lines at P[N], at most MAX of them. */
	void (*lines)(const char *p, size_t n, uint32_t max,
		struct lam_extent *x);
	/*
	 * Regular whole records from a record's start at P[N], at most MAX:
	 * their end, counts in *X.  True: an irregular record follows.
	 */
	bool (*scan)(struct lam_csv_syntax s, const char *p, size_t n,
		uint32_t max, struct lam_extent *x);
	/* The same from TEXT + AT on, listed, until *X is full. */
	void (*index)(struct lam_csv_syntax s, const char *text, size_t at,
		size_t n, struct lam_csv_index *x);
};

/* All compiled kernels, the best first; the last has no name. */
extern const struct lam_csv_kernel lam_csv_kernels[];

/* The best this machine can run. */
const struct lam_csv_kernel *lam_csv_kernel(void);

/* Whether this machine can run K. */
bool lam_csv_kernel_runs(const struct lam_csv_kernel *k);

/*
 * Make cells of the regular records from *AT on, the start of a record.  *AT
 * becomes the start of the first record that is irregular, without a newline, of
 * far too many fields, or too long; else the end of the text.
 */
int lam_csv_split(const struct lam_csv_kernel *k, struct lam_csv_syntax s,
	struct lam_parse *x, size_t *at, struct lam_error *e) LAM_MUST;

/* Whether so many lines more could make too many rows of a part of a file, whose lines
 * nobody has counted: then what is from AT on is rest. */
static inline bool
lam_csv_is_full(struct lam_parse *x, size_t at, uint64_t lines)
{
	if (!x->partly || x->rows + lines <= LAM_BLOCK_ROWS)
		return false;
	x->rest = x->n - at;
	return true;
}

/* Replace the escapes of a cell of text without quotes by what they stand for, in
 * place; ESCAPE begins them. */
void lam_csv_unescape(char escape, char *text, struct lam_cell *cell);

/* Whether the record at P[N] is a comment. */
static inline bool
lam_csv_is_comment(const struct lam_csv_syntax *s, const char *p, size_t n)
{
	return s->comments && n && *p == s->comment;
}

/*
 * The members scan and parse of lam_format, for text with quotes and without; OWN is
 * the struct lam_csv_syntax.  The scan of text without quotes is that of lines.  And
 * the values of one record, for its fields (input/input_header.h).
 */
int lam_csv_quoted_scan(void *own, const char *p, size_t n, bool last,
	uint32_t max, struct lam_extent *x, struct lam_error *e);
int lam_csv_quoted_parse(const void *own, struct lam_parse *x,
	struct lam_error *e);
int lam_csv_plain_parse(const void *own, struct lam_parse *x,
	struct lam_error *e);
int lam_csv_plain_values(const struct lam_csv_syntax *s, const char *p, size_t n,
	void (*field)(void *arg, struct lam_str value), void *arg,
	struct lam_error *e) LAM_MUST;

/* Whether the record [FROM, END) is the header once more, as where files were joined:
 * a mark of byte order may stand before it. */
static inline bool
lam_csv_is_header(const struct lam_parse *x, size_t from, size_t end)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (!x->header.n)
		return false;
	end -= end > from && x->text[end - 1] == '\r';
	if (end - from == x->header.n + 3 && !memcmp(x->text + from, mark, 3))
		from += 3;
	return end - from == x->header.n &&
		!memcmp(x->text + from, x->header.p, x->header.n);
}

/* The record [FROM, END) does not have the fields expected: blank or reject. */
int lam_csv_misfit(struct lam_parse *x, size_t from, size_t end,
	uint32_t fields, uint64_t line, struct lam_error *e) LAM_MUST;

/*
 * The reference for text with quotes: one record at P[N], no comment, by libcsv.
 * *BYTES: its length with line end, or 0: P ends before it does and LAST is false.
 * *REASON: why it is none; then *BYTES is its first physical line only.  FIELD (may
 * be NULL) is called for each value; NULL values have p == NULL; a blank line is one
 * NULL value.
 */
int lam_csv_record(const struct lam_csv_syntax *s, const char *p, size_t n, bool last,
	size_t *bytes, const char **reason,
	void (*field)(void *arg, struct lam_str value), void *arg,
	struct lam_error *e) LAM_MUST;

#endif
