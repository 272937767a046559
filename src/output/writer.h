/*
 * writer.h - the parts of a writer, for the forms of this folder
 *
 * A form is a row of functions.  Most forms only say how one value is spelled
 * (put) and what stands between values (lead); output.c walks the vectors, asks
 * for what is constant once, and spells the entries of a dictionary once per
 * batch instead of once per row.
 */
#ifndef LAM_OUTPUT_WRITER_H
#define LAM_OUTPUT_WRITER_H

#include "base/buf.h"
#include "output/output.h"

struct lam_table; /* what the table form keeps, see table.c */

struct lam_writer_column {
	char *name;
	bool number;  /* or text declared as such */
	bool boolean;
};

struct lam_writer {
	const struct lam_form *form;
	struct lam_writer_column *column; /* copies: a writer outlives its query */
	uint32_t ncolumns;
	int fd;
	bool header;
	uint64_t rows;	     /* before the one being spelled */
	struct lam_buf out;  /* to be written */
	struct lam_buf *to;  /* where rows are spelled: out, or the table's */
	struct lam_buf lead; /* what stands before each column, and last */
	size_t *lead_end;    /* [columns + 1]: where each ends in lead */
	struct lam_table *table;
};

struct lam_form {
	const char *name;
	/* Everything before the first row; may be NULL. */
	void (*begin)(struct lam_writer *w);
	/* Append VALUE ({NULL} is NULL) of column C. */
	void (*put)(struct lam_writer *w, struct lam_buf *b,
		struct lam_str value, uint32_t c);
	/* Append what stands before column C of any row; C = number of columns:
	 * what ends it.  Asked once.  NULL: nothing. */
	void (*lead)(struct lam_writer *w, struct lam_buf *b, uint32_t c);
	size_t skip; /* bytes of the first lead the first row goes without */
	void (*cell)(struct lam_writer *w); /* after each cell; may be NULL */
	void (*row)(struct lam_writer *w);  /* after each row; may be NULL */
	/* After the last row; may be NULL. */
	void (*end)(struct lam_writer *w);
};

extern const struct lam_form lam_form_csv, lam_form_tsv, lam_form_json,
	lam_form_jsonl, lam_form_markdown, lam_form_table;

/* Header line of names, spelled and led as a row is; for csv, tsv, markdown. */
void lam_writer_names(struct lam_writer *w);

/* Whether S is a number as JSON spells it (RFC 8259, section 6). */
bool lam_json_number(struct lam_str s);

/* The table form, see table.c. */
struct lam_table *lam_table_new(uint32_t columns);
struct lam_buf *lam_table_text(struct lam_table *t); /* where cells go */
void lam_table_free(struct lam_table *t);

#endif
