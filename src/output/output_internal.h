/*
 * output_internal.h - the interface of output forms, and the writer they serve
 *
 * A form is a file of this room and a row of the table in output.c.  It writes
 * what comes before the rows, takes rows, and writes what comes behind them; it has
 * a state of its own.  Most forms only say how one value is spelled (put) and what
 * stands between values (lead).  output.c walks their rows: it asks for constants
 * once, and has the entries of a dictionary spelled once per batch instead of once
 * per row.
 */
#ifndef LAM_OUTPUT_OUTPUT_INTERNAL_H
#define LAM_OUTPUT_OUTPUT_INTERNAL_H

#include "base/buf.h"
#include "output/output.h"

struct lam_writer_column {
	char *name;
	bool number;  /* or text declared as such */
	bool boolean;
	bool list; /* store/list.h: JSON */
	bool span; /* a number that is an interval */
};

struct lam_writer {
	const struct lam_form *form;
	struct lam_writer_column *column; /* copies: a writer outlives its query */
	uint32_t ncolumns;
	int fd;
	const char *file; /* what FD is, in messages; NULL: standard output */
	bool header;
	struct lam_style look;
	uint64_t rows;	     /* before the one being spelled */
	struct lam_buf out;  /* to be written, or taken */
	struct lam_buf ends; /* size_t: of the rows that are to be taken */
	struct lam_buf *to;  /* where rows are spelled: out, or the form's own */
	struct lam_buf lead; /* what stands before each column, and last */
	size_t *lead_end;    /* [columns + 1]: where each ends in lead */
	void *own;	     /* the form's */
};

struct lam_form {
	const char *name;
	bool live; /* a row stands for itself: fit for a query without an end */
	bool headed; /* the names of columns may be left out */
	bool people; /* who reads it may want 1,234,567 */
	/* Everything before the first row; makes own.  May be NULL. */
	int (*begin)(struct lam_writer *w, struct lam_error *e);
	/*
	 * Take N rows.  A form that must see all rows before it can write any
	 * keeps them in own until end.  NULL: they are spelled as below.
	 */
	int (*rows)(struct lam_writer *w, const struct lam_vec *column,
		uint32_t n, struct lam_error *e);
	/* After the last row; may be NULL. */
	int (*end)(struct lam_writer *w, struct lam_error *e);
	/* Free own, which is NULL if begin did not get so far; may be NULL. */
	void (*release)(struct lam_writer *w);

	/* Rows that are spelled value by value. */
	/* Append VALUE ({NULL} is NULL) of column C. */
	void (*put)(struct lam_writer *w, struct lam_buf *b,
		struct lam_str value, uint32_t c);
	/* Append what stands before column C of any row; C = number of columns:
	 * what ends it.  Asked once.  NULL: nothing. */
	void (*lead)(struct lam_writer *w, struct lam_buf *b, uint32_t c);
	size_t skip; /* bytes of the first lead the first row goes without */
	void (*cell)(struct lam_writer *w); /* after each cell; may be NULL */
	void (*row)(struct lam_writer *w);  /* after each row; may be NULL */
};

extern const struct lam_form lam_form_csv, lam_form_tsv, lam_form_json,
	lam_form_jsonl, lam_form_markdown, lam_form_html, lam_form_prom,
	lam_form_vertical, lam_form_table;

/* The value S of column C as people read it: visible.h, and thousands if asked. */
void lam_writer_value(const struct lam_writer *w, struct lam_buf *b,
	struct lam_str s, uint32_t c);

/* Header line of names, spelled and led as a row is; for csv, tsv, markdown. */
void lam_writer_names(struct lam_writer *w);

#endif
