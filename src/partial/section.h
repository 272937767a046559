/*
 * section.h - the facts of a partial: what it covers, of what, how counted
 *
 * The same lines head a section of the partial text (after '#') and an index
 * file (as its meta).  They say enough to bind the view's query without a
 * dataset: its normalised SQL and the types of the fields it reads.
 */
#ifndef LAM_PARTIAL_SECTION_H
#define LAM_PARTIAL_SECTION_H

#include "base/buf.h"
#include "base/name.h"
#include "log/stream.h"
#include "partial/partials.h"
#include "sql/query.h"

#define LAM_PARTIAL_VERSION 2
#define LAM_SECTION_MAX (8u << 20) /* bytes of a header */

struct lam_section {
	char view[LAM_NAME_MAX + 1];
	char stream[LAM_NAME_MAX + 1]; /* name, or "-": ad hoc input */
	char id[LAM_ID_HEX + 1];       /* stream id; "" ad hoc */
	uint64_t from, to;	       /* positions [from, to) */
	uint64_t spec;
	bool tied;		       /* the histories are known */
	uint64_t history[2];	       /* of the log before from, before to */
	struct lam_counts counts;      /* .bad is not kept: it tells of blocks
					* read, not of records */
	const struct lam_query *query;
	uint64_t *nulls;	       /* [query->nstates], as in lam_job */
};

enum lam_section_form { LAM_SECTION_TEXT, LAM_SECTION_INDEX };

/* The first word of a header of each form. */
extern const char *const lam_section_magic[];

/* S is of view NAME.  LAM_USAGE: that is no name. */
int lam_section_name(struct lam_section *s, const char *name,
	struct lam_error *e) LAM_MUST;

/* The header lines of S, appended to OUT. */
void lam_section_print(const struct lam_section *s, enum lam_section_form f,
	struct lam_buf *out);

/*
 * Parse the header lines TEXT, all of them: WHERE names the source in
 * messages.  S->query is Q when given (its SQL, types and columns must be the
 * header's), else bound from the header.  Everything lives in A.
 * LAM_DATA: not a valid header.
 */
int lam_section_parse(struct lam_str text, enum lam_section_form f,
	const char *where, const struct lam_query *q, struct lam_arena *a,
	struct lam_section *out, struct lam_error *e) LAM_MUST;

/* The last line of a header starts with this word. */
#define LAM_SECTION_LAST "columns"

/* Note the histories of S where the section begins and ends. */
int lam_section_tie(struct lam_section *s, struct lam_stream *stream,
	struct lam_error *e) LAM_MUST;

/*
 * The header of many sections of one view together: S starts as the first of them,
 * with nulls in A, and each other one is joined, in the order of their ranges.
 * WHERE_S and WHERE say where the last and this one are from.  LAM_DATA: they are not
 * of one definition, stream and past, or their ranges do not meet.  Those of ad hoc
 * input just add up.
 */
int lam_section_first(struct lam_section *s, const struct lam_section *first,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;
int lam_section_join(struct lam_section *s, const char *where_s,
	const struct lam_section *next, const char *where, struct lam_error *e)
	LAM_MUST;
/* By view, then by range. */
int lam_section_order(const struct lam_section *a, const struct lam_section *b);

/* Add what FROM counted to TO's counts and nulls; LAM_DATA: beyond 64 bits. */
int lam_section_add(struct lam_section *to, const struct lam_section *from,
	struct lam_error *e) LAM_MUST;

#endif
