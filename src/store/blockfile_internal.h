/*
 * blockfile_internal.h - between the files of blockfile
 */
#ifndef LAM_STORE_BLOCKFILE_INTERNAL_H
#define LAM_STORE_BLOCKFILE_INTERNAL_H

#include "store/blockfile.h"

/* B is the next block of F; false: out of memory. */
bool lam_blockfile_add(struct lam_blockfile *f, const struct lam_block *b);

/* Add the whole blocks from F->end on, which moves behind the last of them. */
int lam_blockfile_walk(struct lam_blockfile *f, struct lam_error *e) LAM_MUST;

#endif
