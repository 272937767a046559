/*
 * writer.h - the parts of a writer, for the forms of this folder
 *
 * A form is a row of functions.  Most forms only say how one value is spelled
 * (put) and what stands between values; output.c walks the vectors, and spells
 * the entries of a dictionary once per batch instead of once per row.
 */
#ifndef LAM_OUTPUT_WRITER_H
#define LAM_OUTPUT_WRITER_H

#include "base/buf.h"
#include "output/output.h"

struct lam_table; /* what the table form keeps, see table.c */

struct lam_writer {
	const struct lam_form *form;
	const struct lam_query *query;
	int fd;
	bool header;
	uint64_t rows;
	struct lam_buf out;
	struct lam_table *table;
};

struct lam_form {
	const char *name;
	/* Everything before the first row; may be NULL. */
	void (*begin)(struct lam_writer *w);
	/* Append VALUE ({NULL} is NULL) of column C. */
	void (*put)(struct lam_writer *w, struct lam_buf *b, struct lam_str value,
		uint32_t c);
	/* Append what stands before column C of a row; C = number of columns: what ends
	 * it. */
	void (*lead)(struct lam_writer *w, struct lam_buf *b, uint32_t c);
	/* After the last row; may be NULL. */
	void (*end)(struct lam_writer *w);
};

extern const struct lam_form lam_form_csv, lam_form_tsv, lam_form_json,
	lam_form_jsonl, lam_form_markdown, lam_form_table;

/* Header line of names, spelled and led as a row of text is. */
void lam_writer_names(struct lam_writer *w);

/* Text for people: control characters and invalid UTF-8 as \xNN. */
void lam_put_visible(struct lam_buf *b, struct lam_str s);

/*
 * The UTF-8 sequence at P (N > 0 bytes left): its length and code point, or 0
 * when it is not well-formed (RFC 3629).
 */
unsigned lam_utf8_next(const char *p, size_t n, uint32_t *code);

/* Terminal columns of text made by lam_put_visible. */
size_t lam_display_width(const char *p, size_t n);

/* Whether S is a number as JSON spells it (RFC 8259, section 6). */
bool lam_json_number(struct lam_str s);

/* The table form, see table.c. */
struct lam_table *lam_table_new(uint32_t columns);
void lam_table_free(struct lam_table *t);

#endif
