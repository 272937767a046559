/*
 * lines.h - the line form of partials: what other engines sort and partition
 *
 *	record	:= VIEW TAB KEY TAB STATE [","] COUNTED LF
 *	header	:= "#" VIEW TAB FROM "-" TO TAB SUM TAB TEXT LF
 *
 * Every line has a meaning by itself, and lines may come in any order.  COUNTED, the
 * last field of a record, is how many rows its group has; SUM is that of the keys,
 * each as often as its group has rows.  Merging changes neither, so lines that were
 * lost, doubled or changed on the way are found when the header is met again.
 *
 *	mapper			lam_partial_put to a writer of lines
 *	combiner, reducer	lam_lines_merge
 *	the end			lam_lines_collect
 */
#ifndef LAM_PARTIAL_LINES_H
#define LAM_PARTIAL_LINES_H

#include "base/resources.h"
#include "partial/text.h"

/* The sums over the records of a view. */
struct lam_lines_sum {
	uint64_t counted;
	uint64_t keys; /* modulo 2^64 */
};

/* Add the records TEXT, whole lines.  LAM_DATA: one has no COUNTED, or the sum is
 * beyond 64 bits. */
int lam_lines_add(struct lam_lines_sum *sum, struct lam_str text,
	struct lam_error *e) LAM_MUST;

/* The header line of S, whose records add up to SUM, appended to OUT. */
void lam_lines_header(const struct lam_section *s,
	const struct lam_lines_sum *sum, struct lam_buf *out);

/* LINE, whose first byte is '#'.  S and its query live in A, SUM.counted is that
 * of S.  LAM_DATA: not a header line. */
int lam_lines_parse_header(struct lam_str line, const char *where,
	struct lam_arena *a, struct lam_section *s, struct lam_lines_sum *sum,
	struct lam_error *e) LAM_MUST;

/* The record LINE: VIEW TAB KEY TAB, STATE with its COUNTED, and that.  False: it is
 * no such record, of which lam_lines_fault tells. */
bool lam_lines_split(struct lam_str line, struct lam_str *key,
	struct lam_str *state, uint64_t *counted);
int lam_lines_fault(const char *where, struct lam_error *e) LAM_MUST;

/*
 * Lines of PATHS (none: standard input) to W, lines too: neighbours with one key are
 * merged, headers pass as they are.  Equal keys need only be neighbours; the memory
 * is that of one merged state.  HEADER is a partial of the views that there are,
 * without records, say: not every reducer meets a header line.
 */
int lam_lines_merge(struct lam_partial_writer *w, const char *const *path,
	size_t n, const char *header, struct lam_error *e) LAM_MUST;

/*
 * Lines in any order to W, a partial.  They are sorted in O's memory, and beside it
 * on disk.  LAM_DATA: lines are missing, doubled or changed, or the ranges do not meet.
 */
int lam_lines_collect(struct lam_partial_writer *w, const char *const *path,
	size_t n, const struct lam_resources *o, struct lam_error *e) LAM_MUST;

#endif
