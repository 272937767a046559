/*
 * json_record.h - cells of one JSON record
 *
 * Strict (RFC 8259) as base/json.h is, and as fast as a log wants: what a record
 * should be next is what the records before it were.  Values stay where they are in
 * the text; strings lose their escapes in place.
 */
#ifndef LAM_FORMAT_JSON_RECORD_H
#define LAM_FORMAT_JSON_RECORD_H

#include "format/json_tree.h"
#include "input/format.h"

#define LAM_JSON_PAD 320 /* bytes that may be read behind a text */

struct lam_json_reader {
	const struct lam_json_tree *tree;
	struct lam_parse *x;
	uint32_t rest;	     /* the field of what has none, or LAM_JSON_NO_FIELD */
	struct lam_buf *out; /* and where its texts go: there is room */
	bool bytes;	     /* an array of numbers up to 255 is a text of bytes */
	/* private, of the record at hand */
	const char *end, *why;
	unsigned depth;
	bool more;	     /* it has a member that is no field */
	bool again;	     /* it may have a key twice, of an object */
	struct lam_buf escaped; /* struct lam_json_escape */
};

#define LAM_JSON_READER_INIT { .escaped = LAM_BUF_INIT }
void lam_json_reader_release(struct lam_json_reader *r);

/*
 * Cells for the row X->rows of the object P[N]; *WHY: it is none.  P[N] is
 * overwritten, and LAM_JSON_PAD bytes behind it may be read.
 */
int lam_json_record(struct lam_json_reader *r, char *p, size_t n,
	const char **why, struct lam_error *e) LAM_MUST;

#endif
