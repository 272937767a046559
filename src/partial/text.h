/*
 * text.h - the partial text stream: what flows between the filters
 *
 *	stream  := section* end
 *	section := header line* trailer
 *
 * Format, escapes and checksums: lam-partial(5) and the top of
 * text_read.c.  A section is one view over one range of positions; its
 * lines are sorted bytewise.  Writing is streaming; reading verifies
 * everything: header, order, row count, checksum, and that the stream has its
 * end line.
 */
#ifndef LAM_PARTIAL_TEXT_H
#define LAM_PARTIAL_TEXT_H

#include "partial/section.h"

#define LAM_PARTIAL_LINE_MAX (1u << 30) /* bytes of one line */

/* ---------------------------------------------------------------- write */

struct lam_partial_writer;

/*
 * Write to FD, called NAME in messages.  LINES: the line form (lines.h); the rows
 * of lam_partial_put then are of a lam_query_counted.
 */
int lam_partial_writer_open(struct lam_partial_writer **out, int fd,
	const char *name, bool lines, struct lam_error *e) LAM_MUST;
bool lam_partial_lines(const struct lam_partial_writer *w);

/* Call EACH for every section that is begun. */
void lam_partial_writer_watch(struct lam_partial_writer *w,
	void (*each)(void *arg, const struct lam_section *s), void *arg);

/* S lives until the section's end. */
int lam_partial_begin(struct lam_partial_writer *w,
	const struct lam_section *s, struct lam_error *e) LAM_MUST;

/* One record: "KEY TAB STATE", no newline. */
int lam_partial_line(struct lam_partial_writer *w, struct lam_str line,
	struct lam_error *e) LAM_MUST;

int lam_partial_end(struct lam_partial_writer *w, struct lam_error *e)
	LAM_MUST;

/* Line form: one line as it is, no newline. */
int lam_partial_whole(struct lam_partial_writer *w, struct lam_str line,
	struct lam_error *e) LAM_MUST;

/* A whole section: the rows of P, which is used up, on THREADS threads. */
int lam_partial_put(struct lam_partial_writer *w, const struct lam_section *s,
	struct lam_partials *p, unsigned threads, struct lam_error *e)
	LAM_MUST;

/* The end line, and everything is written. */
int lam_partial_finish(struct lam_partial_writer *w, struct lam_error *e)
	LAM_MUST;
void lam_partial_writer_free(struct lam_partial_writer *w);

/* What has been written: of all sections that have ended.  Line form: RECORDS are
 * lines, and of lam_partial_whole only they are known. */
struct lam_written {
	uint64_t read, counted, rejected, records;
};
const struct lam_written *lam_partial_written(
	const struct lam_partial_writer *w);

/* The rows of P as lines "VIEW TAB KEY TAB STATE LF", each call a run of
 * whole lines in order.  P is used up. */
int lam_partial_text(struct lam_partials *p, const char *view,
	unsigned threads,
	int (*lines)(void *arg, struct lam_str text, uint64_t n,
		struct lam_error *e), void *arg, struct lam_error *e) LAM_MUST;

/* ----------------------------------------------------------------- read */

struct lam_partial_reader;

/* PATH "-" is standard input; NAME for messages. */
int lam_partial_reader_open(struct lam_partial_reader **out, const char *path,
	struct lam_error *e) LAM_MUST;
/* Read FD, which stays the caller's, from its offset. */
int lam_partial_reader_fd(struct lam_partial_reader **out, int fd,
	const char *name, struct lam_error *e) LAM_MUST;
void lam_partial_reader_free(struct lam_partial_reader *r);

/* "NAME: line 17": where the reader is, for messages. */
const char *lam_partial_where(struct lam_partial_reader *r);
uint64_t lam_partial_lineno(const struct lam_partial_reader *r);
/* Bytes read so far: after lam_partial_next, where its records start. */
uint64_t lam_partial_offset(const struct lam_partial_reader *r);

/* The next line, whatever it is; *GOT false: the end.  Not with the calls below. */
int lam_partial_read_line(struct lam_partial_reader *r, struct lam_str *line,
	bool *got, struct lam_error *e) LAM_MUST;

/*
 * The next section; what is left of the current one is read and verified
 * first.  *GOT false: the end, and the whole stream was valid.  S and its
 * query live in A.  LAM_DATA: any fault.
 */
int lam_partial_next(struct lam_partial_reader *r, struct lam_arena *a,
	struct lam_section *s, bool *got, struct lam_error *e) LAM_MUST;

/*
 * The next line of the section, as "KEY TAB STATE", valid until the next call;
 * *GOT false: the section is over and its trailer holds.
 */
int lam_partial_read(struct lam_partial_reader *r, struct lam_str *line,
	bool *got, struct lam_error *e) LAM_MUST;

/* After the section is over: the checksum of its record lines ("VIEW TAB KEY TAB
 * STATE LF"). */
uint64_t lam_partial_lines_sum(const struct lam_partial_reader *r);

/* Order of two records "KEY TAB STATE": by KEY and its TAB, bytewise. */
int lam_partial_order(struct lam_str a, struct lam_str b);

/* The KEY and its TAB. */
struct lam_str lam_partial_key(struct lam_str line);

/* ---------------------------------------------------------------- merge */

/*
 * Merge the sections of all PATHS ("-": standard input) and write them, in
 * order of view name, to W.  TMPDIR holds a copy of what cannot be read twice.
 */
int lam_partial_merge(struct lam_partial_writer *w,
	const char *const *path, size_t n, const char *tmpdir,
	struct lam_error *e) LAM_MUST;

#endif
