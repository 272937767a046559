/*
 * index_text.h - the rows of an index as the partial text they were made from
 */
#ifndef LAM_PARTIAL_INDEX_TEXT_H
#define LAM_PARTIAL_INDEX_TEXT_H

#include "partial/index.h"

/* A cursor over the lines "VIEW TAB KEY TAB STATE LF" of an index. */
struct lam_index_text {
	const struct lam_index *index;
	size_t block;	     /* the next one */
	struct lam_buf text; /* of the current one */
	size_t at;	     /* so much of it has been taken */
	struct lam_arena arena;
};

void lam_index_text_init(struct lam_index_text *t, const struct lam_index *x);
void lam_index_text_release(struct lam_index_text *t);

/*
 * The rest of the current block's lines, or all of the next one's; empty at the
 * end.  The caller moves t->at.  LAM_DATA: the block is damaged.
 */
int lam_index_text_look(struct lam_index_text *t, struct lam_str *out,
	struct lam_error *e) LAM_MUST;

/* Read, decode and print everything, and compare with the footer's checksum.
 * LAM_DATA: it differs. */
int lam_index_verify(const struct lam_index *x, struct lam_error *e) LAM_MUST;

#endif
