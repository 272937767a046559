/*
 * partial.h - the partial text stream: what flows between the filters
 *
 *	stream  := section* end
 *	section := header line* trailer
 *
 * Format, escapes and checksums: lam-partial(5).  A section is one view over one
 * range of positions; its lines are sorted bytewise.  Writing is streaming;
 * reading verifies everything: header, order, row count, checksum, and that the
 * stream has its end line.
 */
#ifndef LAM_VIEW_PARTIAL_H
#define LAM_VIEW_PARTIAL_H

#include <stdio.h>

#include "base/buf.h"
#include "engine/engine.h"
#include "sql/query.h"

#define LAM_PARTIAL_VERSION 1

/* What the header of a section says; the same facts head an index file. */
struct lam_section {
	char view[65];
	char stream[65];	/* name, or "-": ad hoc input */
	char id[33];		/* stream id, or "" ad hoc */
	uint64_t from, to;	/* positions [from, to) */
	uint64_t spec;
	bool chain_known;
	uint64_t chain;		/* of the prefix [0, to) */
	struct lam_counts counts;
	struct lam_str sql;	/* normalised; its newlines and tabs escaped in text */
	struct lam_str types;	/* "name type" of the fields read, ";" between */
	struct lam_str nulls;	/* "label=count ..." per state argument */
};

#endif
