/*
 * output.h - rows to text: csv, tsv, json, markdown, html, a table and others
 *
 * Each form is one file and one row in the table of output.c.  Options, help and
 * messages take its name from there.  CSV, TSV and JSON keep values byte for byte
 * (JSON: invalid UTF-8 becomes U+FFFD).  The forms for people (table, markdown)
 * escape control characters, so that a log line cannot control the terminal.
 * Q must outlive the writer.
 */
#ifndef LAM_OUTPUT_OUTPUT_H
#define LAM_OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "sql/query.h"
#include "store/vec.h"

/* The name of form I; NULL: there are no more. */
const char *lam_output_name(size_t i);
/* The same for the forms that are fit for a query without an end; */
const char *lam_output_live_name(size_t i);
/* for those that may leave out the names of columns; */
const char *lam_output_headed_name(size_t i);
/* and for those that people read. */
const char *lam_output_people_name(size_t i);

struct lam_writer;

/*
 * FORM is one of the names; header from Q's outputs, copied; bytes go to fd.  FD -1:
 * they stay until lam_writer_taken (not of a table).
 */
int lam_writer_open(struct lam_writer **out, const char *form, int fd,
	const struct lam_query *q, bool header, struct lam_error *e) LAM_MUST;

/* How the forms for people are looked at. */
struct lam_style {
	unsigned width;	  /* columns of the terminal, which a table keeps to; 0: any */
	bool thousands;	  /* 1,234,567 */
	const char *more; /* stands where a value was cut: a column wide */
};

/* Before the first rows. */
void lam_writer_look(struct lam_writer *w, const struct lam_style *look);

/* FILE, which must outlive W, is what messages call its fd. */
void lam_writer_file(struct lam_writer *w, const char *file);

/*
 * Usable as the rows callback of the engine (ARG is the writer).  The rows are
 * written when it returns; only a table holds its first rows back.  A reader
 * that has gone away is a failure with e->sys = EPIPE.
 */
int lam_writer_rows(void *writer, const struct lam_vec *column, uint32_t n,
	struct lam_error *e) LAM_MUST;

/*
 * Of a writer with fd -1: what it holds, and where each of the *N rows in it ends.
 * What is in front of the first row is the header.  Then it holds nothing.
 */
struct lam_str lam_writer_text(const struct lam_writer *w, const size_t **end,
	size_t *n);
void lam_writer_taken(struct lam_writer *w);

/* The end: closing brackets, the buffered table.  *ROWS (may be NULL): rows
 * written.  Frees the writer, also when it fails. */
int lam_writer_close(struct lam_writer *w, uint64_t *rows,
	struct lam_error *e) LAM_MUST;
void lam_writer_abandon(struct lam_writer *w);

#endif
