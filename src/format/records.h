/*
 * records.h - records of a line each, or of several lines: --start
 *
 * With a pattern of starts, a line that it matches begins a record, and one that it
 * does not match belongs to the record before, as the lines of a stack trace do.
 * A record ends after LAM_RECORD_LINES bytes at the end of a line in any case, so that
 * what never starts is not held for ever.
 */
#ifndef LAM_FORMAT_RECORDS_H
#define LAM_FORMAT_RECORDS_H

#include "format/pattern.h"
#include "input/format.h"

#define LAM_RECORD_LINES (1u << 20)

/* The first member of the state of a format that has such records. */
struct lam_records {
	struct lam_pattern *start;   /* NULL: each line is a record */
	struct lam_pattern_run *run; /* of scan */
};

int lam_records_open(struct lam_records *r, const struct lam_input_options *o,
	struct lam_error *e) LAM_MUST;
void lam_records_close(struct lam_records *r);

/* The lam_format.scan of such a format. */
int lam_records_scan(void *own, const char *p, size_t n, bool last,
	uint32_t max, struct lam_extent *x, struct lam_error *e);

/* The lam_format.parts of such a format. */
bool lam_records_parts(const void *own);

/* The records of a chunk, one after the other. */
struct lam_record_walk {
	struct lam_parse *x;
	struct lam_pattern_run *start; /* or NULL */
	size_t at;	 /* of the next */
	uint64_t next;	 /* the number of its first line */
	const char *why; /* it is no record, or NULL */
};

int lam_record_walk_begin(struct lam_record_walk *w, const struct lam_records *r,
	struct lam_parse *x, struct lam_error *e) LAM_MUST;
void lam_record_walk_end(struct lam_record_walk *w);

/*
 * The next record without its last newline; x->line is that of its first line.
 * False: there is none.
 */
bool lam_record_walk_next(struct lam_record_walk *w, struct lam_str *record);

#endif
