/*
 * block.h - one block: encoded, opened, its columns read; its head anywhere
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

/* How a message about a damaged file ends. */
#define LAM_BLOCK_REMEDY "the file is damaged; lam-fsck(1) tells what is intact"

/* Bytes of a head of version 2 without metadata. */
static inline uint64_t
lam_block_head_size(uint32_t ncols)
{
	return LAM_BLOCK_HEAD + (uint64_t)ncols * LAM_BLOCK_ENTRY + 8;
}

/* The bytes of a head of version 1; no head has less. */
static inline uint64_t
lam_block_head1_size(uint32_t ncols)
{
	return lam_block_head_size(ncols) - (LAM_BLOCK_HEAD - LAM_BLOCK_HEAD1);
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

/* Append an entry; P[N] is padded. */
void lam_block_note(struct lam_buf *out, unsigned kind, unsigned flags,
	const void *p, size_t n);
/* Take the first entry off NOTES; false: there is none. */
bool lam_block_next_note(struct lam_str *notes, unsigned *kind,
	unsigned *flags, struct lam_str *value);

/*
 * One whole block image (header, directory, columns), appended to OUT: to be
 * written with one write(2).  FIRST is the position of its first record.
 * FACTS: of a log, or NULL; then a block may have no rows.
 */
int lam_block_encode(const struct lam_cells *cells, uint64_t first, int level,
	const struct lam_block_facts *facts, struct lam_arena *scratch,
	struct lam_buf *out, struct lam_error *e) LAM_MUST;

/* Set what was not known when the block was encoded: its first position, the history
 * before it, and when it was appended, in seconds since 1970; 0: not known. */
void lam_block_set_first(char *image, uint64_t first, uint64_t history, uint32_t when);

/* The same of an image, and its metadata: none in version 1. */
bool lam_block_of(const char *image, struct lam_block *b);
struct lam_str lam_block_notes(const char *image);

/* A block opened for reading: its directory in memory, its columns on disk. */
struct lam_block_reader {
	const struct lam_blockfile *file;
	const struct lam_block *block;
	const struct lam_colmeta *col; /* [block->ncols], in the arena */
	const uint64_t *at;	       /* file offset of each column */
	struct lam_str notes;	       /* its metadata */
	uint32_t when;		       /* lam_block_set_first */
};

int lam_block_open(struct lam_block_reader *r, const struct lam_blockfile *f,
	size_t i, struct lam_arena *arena, struct lam_error *e) LAM_MUST;

/* Read, verify and decode one column.  Fields beyond ncols read as NULL. */
int lam_block_column(const struct lam_block_reader *r, uint32_t field,
	struct lam_coltype t, struct lam_arena *arena, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e) LAM_MUST;

/*
 * Which rows of a column are the text S, as lam_column_match tells.  *MATCHED
 * false: OUT is the column itself, as TEXT.
 */
int lam_block_match(const struct lam_block_reader *r, uint32_t field,
	struct lam_str s, struct lam_arena *arena, struct lam_vec *out,
	bool *matched, struct lam_error *e) LAM_MUST;

/*
 * Rows ROW[N] of a column as TEXT, as lam_column_pick gives them.  *PICKED false:
 * OUT is the whole column.
 */
int lam_block_pick(const struct lam_block_reader *r, uint32_t field,
	const uint16_t *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, bool *picked, struct lam_error *e) LAM_MUST;

/*
 * The whole block back as text cells (for repacking and raw output); TEXT
 * vectors of every field, written to OUT as cells.  The arena owns them.
 */
int lam_block_cells(const struct lam_block_reader *r, struct lam_arena *arena,
	struct lam_cells *out, struct lam_error *e) LAM_MUST;

#endif
