/*
 * block.h - block headers, shared by block.c and blockfile.c
 */
#ifndef LAM_STORE_BLOCK_H
#define LAM_STORE_BLOCK_H

#include "store/blockfile.h"

#define LAM_BLOCK_MAGIC "LAMBLOCK"  /* version 1 */
#define LAM_BLOCK_MAGIC2 "LAMBLOK2"
#define LAM_BLOCK_MAGIC_SAME 6	    /* bytes that both begin with */
#define LAM_BLOCK_HEAD1 32   /* bytes of the fixed header, version 1 */
#define LAM_BLOCK_HEAD 40    /* version 2 */
#define LAM_BLOCK_ENTRY 40   /* bytes of a column in the directory */
#define LAM_BLOCK_NOTES_MAX (1u << 20) /* bytes of metadata */

/* Bytes of a head of version 2 without metadata. */
static inline uint64_t
lam_block_head_size(uint32_t ncols)
{
	return LAM_BLOCK_HEAD + (uint64_t)ncols * LAM_BLOCK_ENTRY + 8;
}

#define LAM_BLOCK_HEAD_MAX (LAM_BLOCK_HEAD + \
	LAM_FIELDS_MAX * LAM_BLOCK_ENTRY + LAM_BLOCK_NOTES_MAX + 8)

/*
 * The first LAM_BLOCK_HEAD bytes at P: *SIZE of the whole head.  False: not
 * the start of a block.
 */
bool lam_block_peek(const uint8_t *p, uint64_t *size);

/*
 * A whole head at P: its checksum holds, and its sizes add up.  B is filled but
 * for `at`.
 */
bool lam_block_parse(const uint8_t *p, struct lam_block *b);

/* Column I of the directory in the head at P. */
void lam_block_entry(const uint8_t *p, uint32_t i, struct lam_colmeta *m);

/* Read and verify all columns of block I; *OK false: one is damaged. */
int lam_block_verify(const struct lam_blockfile *f, size_t i, bool *ok,
	struct lam_error *e) LAM_MUST;

#endif
