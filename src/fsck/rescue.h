/*
 * rescue.h - the blocks of a segment file in whatever state
 *
 * lam_blockfile_open refuses a damaged file, or stops at the first block that is
 * not whole.  This goes on, and looks for block heads in the rest.
 */
#ifndef LAM_FSCK_RESCUE_H
#define LAM_FSCK_RESCUE_H

#include "store/blockfile.h"

struct lam_rescue {
	struct lam_blockfile file; /* block: those with a valid head */
	bool head; /* its header is valid: file.head is */
};

/*
 * Open PATH and find its blocks, in the order of the file.  A block found may
 * still have damaged columns: lam_block_intact tells.
 */
int lam_rescue_open(struct lam_rescue *r, const char *path,
	struct lam_error *e) LAM_MUST;
void lam_rescue_close(struct lam_rescue *r);

/* Every column of block I read and decoded, and of its digest, if FIELD, the
 * names of its columns, is not NULL; *OK false: WHY not. */
int lam_block_intact(const struct lam_blockfile *f, size_t i,
	const char *const *field, struct lam_arena *arena, bool *ok,
	struct lam_error *why, struct lam_error *e) LAM_MUST;

/* The same for all blocks of F on THREADS threads.  OK[f->nblocks];
 * TELL is called for damaged ones, in order. */
int lam_blocks_intact(const struct lam_blockfile *f,
	const char *const *field, unsigned threads, bool *ok,
	void (*tell)(void *arg, const char *line), void *arg,
	struct lam_error *e) LAM_MUST;

#endif
