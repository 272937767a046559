/*
 * extent.h - least and greatest value of each field, of a whole log
 *
 * The header and the footer of a segment say them for all records before, so that
 * the first and the last time of a stream's events cost one look.  They come from
 * the ranges of columns (store/column.h), as whichever kind the first was; what such
 * a range does not tell is counted.
 */
#ifndef LAM_LOG_EXTENT_H
#define LAM_LOG_EXTENT_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "store/column.h"

struct lam_field_extent {
	char *name;
	enum lam_range_kind kind; /* NONE: nothing is known */
	unsigned scale;		  /* of numbers: divide by 10 to it */
	int64_t min, max;
	uint64_t left;		  /* records that may have other values */
};

struct lam_extents {
	uint64_t from;		  /* records before it are not told */
	struct lam_field_extent *item;  /* in the order of the columns */
	size_t n, cap;
};

#define LAM_EXTENTS_INIT { 0, NULL, 0, 0 }

/* Add column C of a block of NROWS records, of the field NAME. */
int lam_extents_add(struct lam_extents *x, size_t c, const char *name,
	uint32_t nrows, const struct lam_colmeta *m, struct lam_error *e)
	LAM_MUST;
void lam_extents_release(struct lam_extents *x);

/* As lines of the meta of a segment, and back; BASE: its first position. */
void lam_extents_print(const struct lam_extents *x, struct lam_buf *meta);
int lam_extents_parse(struct lam_extents *x, struct lam_str meta,
	uint64_t base, const char *path, struct lam_error *e) LAM_MUST;

#endif
