/*
 * prefix.h - all text of an input before an offset, as one number
 *
 * The number is a hash that can be taken up again: from a mark and the last few
 * KiB before it, not from the whole text.  So it is cheap to see that a text still
 * ends as it did at a mark, and to go on from there; and a whole text can be
 * compared with a mark when there is doubt.
 *
 *	of a whole text		start -> add* -> mark
 *	from a mark on		resume -> add the text from lam_mark_tail on ->
 *				is mark().digest that of the mark? -> add*
 */
#ifndef LAM_INPUT_PREFIX_H
#define LAM_INPUT_PREFIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define LAM_PREFIX_PIECE ((uint64_t)64 << 10)
#define LAM_PREFIX_HEAD 4096 /* bytes that `head` is of, at most */

struct lam_mark {
	uint64_t at;	 /* bytes before it */
	uint64_t chain;	 /* the hash at lam_mark_tail(at) */
	uint64_t head;	 /* of the first LAM_PREFIX_HEAD bytes, or of all */
	uint64_t digest; /* of all */
};

/* Where the text begins that is read again to resume at AT: 4 to 68 KiB before. */
uint64_t lam_mark_tail(uint64_t at);

struct lam_checksum;

struct lam_prefix {
	uint64_t at;
	uint64_t chain[2]; /* at the start of this piece, of the one before */
	uint64_t head;
	struct lam_checksum *sum; /* NULL: bytes are counted only */
};

#define LAM_PREFIX_INIT { 0, { 0, 0 }, 0, NULL }

/* At 0 of a text.  P is initialised, or started before. */
int lam_prefix_start(struct lam_prefix *p, struct lam_error *e) LAM_MUST;
/* At lam_mark_tail(m->at) of the text that M is of. */
int lam_prefix_resume(struct lam_prefix *p, const struct lam_mark *m,
	struct lam_error *e) LAM_MUST;
void lam_prefix_release(struct lam_prefix *p);

void lam_prefix_add(struct lam_prefix *p, const void *text, size_t n);
struct lam_mark lam_prefix_mark(const struct lam_prefix *p);

/* TO, which is started, becomes FROM. */
void lam_prefix_copy(struct lam_prefix *to, const struct lam_prefix *from);

#endif
