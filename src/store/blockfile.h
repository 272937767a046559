/*
 * blockfile.h - a file of column blocks: log segments and served indexes
 *
 *	file   := header block* [footer]
 *	header := magic version length meta checksum	(meta: "key value" lines)
 *	block  := fixed header, column directory, columns
 *	footer := block directory, meta, checksum, length, magic
 *
 * A file without a footer is still growing (the active segment of a log); one
 * with a footer is sealed and never changes.  Byte offsets: blockfile.c and
 * lam-store(5).
 *
 * Use:      writer: begin -> append* -> seal;  reader: open -> load* -> close
 * Threads:  one writer; a reader may be used by many threads at once
 */
#ifndef LAM_STORE_BLOCKFILE_H
#define LAM_STORE_BLOCKFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "store/cells.h"
#include "store/column.h"
#include "store/vec.h"

#define LAM_BLOCKFILE_VERSION 2 /* what is written; 1 is read */

/*
 * "key value\n" lines; a value has no newline.  NULL: no such key.
 *
 * A header with the key "sealed" says that the file is written whole, footer
 * and all, before anybody sees it: without its footer it is damaged, rather
 * than still growing.
 */
struct lam_str lam_meta_get(struct lam_str meta, const char *key);

/* Header bytes for a new file, appended to OUT. */
int lam_blockfile_header(struct lam_str meta, struct lam_buf *out,
	struct lam_error *e) LAM_MUST;

/* The metadata of a block of a log. */
struct lam_block_facts {
	const char *const *field; /* names of the columns, for the digest */
	uint64_t text;		  /* bytes of input that its records came from */
	uint64_t rejects;	  /* lines of that input that were no records */
	struct lam_str notes;	  /* other entries, from lam_block_note */
};

/* Kinds of entries in the metadata of a block. */
enum lam_block_note_kind {
	LAM_NOTE_HISTORY = 1, /* always the first */
	LAM_NOTE_INPUT = 2,
	LAM_NOTE_PLACE = 3, /* log/place.h */
	LAM_NOTE_MARKS = 4
};
#define LAM_MARK_SIZE 12 /* bytes of one of the marks */
#define LAM_NOTE_MUST 1 /* flag: a reader that does not know it refuses the block */

/* A block as the directory knows it. */
struct lam_block {
	uint64_t at;	   /* file offset */
	uint64_t size;	   /* bytes */
	uint64_t first;	   /* position of its first record */
	uint32_t nrows;
	uint32_t ncols;
	uint64_t checksum; /* of its head, which has those of its columns */
	/* version 2; 0 in version 1: */
	uint64_t history;  /* the digest of all records before it */
	uint64_t digest;   /* of its own */
	uint32_t head;	   /* bytes of its head */
	bool log;	   /* it has a history */
	uint32_t when;	   /* lam_block_set_first; not of a footer's directory */
};

struct lam_blockfile {
	int fd;
	uint32_t version;
	char path[LAM_PATH_MAX];
	struct lam_buf head;	  /* header meta */
	struct lam_buf foot;	  /* footer meta; empty when not sealed */
	bool sealed;
	bool torn;		  /* not sealed, though a footer is at END: cut while
				   * it was written, or damaged */
	bool newer;		  /* not opened: valid, of a newer version */
	struct lam_block *block;
	size_t nblocks;
	uint64_t end;		  /* offset after the last whole block */
	uint64_t size;		  /* of the file, when opened */
};

#define LAM_BLOCKFILE_INIT { .fd = -1 }

/*
 * Open and learn the blocks: from the footer, else by walking block headers.
 * An unsealed file is walked up to the first block that is not whole:
 * bytes after END are a torn tail (END < SIZE), never data.  A block header is
 * whole when its own checksum holds and the file is long enough.  That its
 * columns have reached the disk, too, is known of what was fsynced; of the rest,
 * lam_blockfile_verify tells.
 * LAM_DATA: not such a file, a newer version (naming both), or a sealed file
 * that is damaged.
 */
int lam_blockfile_open(struct lam_blockfile *f, const char *path,
	struct lam_error *e) LAM_MUST;
void lam_blockfile_close(struct lam_blockfile *f);

/* For files that do not open: the first reads the header alone and no blocks;
 * the second not even that, only size and name.  END is where blocks may start. */
int lam_blockfile_open_head(struct lam_blockfile *f, const char *path,
	struct lam_error *e) LAM_MUST;
int lam_blockfile_open_raw(struct lam_blockfile *f, const char *path,
	struct lam_error *e) LAM_MUST;

/* The first block of F that ends behind POS; f->nblocks: none. */
size_t lam_blockfile_find(const struct lam_blockfile *f, uint64_t pos);

/* True when a valid block header starts anywhere in [FROM, f->size). */
int lam_blockfile_resync(const struct lam_blockfile *f, uint64_t from,
	bool *found, struct lam_error *e) LAM_MUST;

/*
 * Verify the columns of the blocks of an unsealed F that end behind FROM: the
 * first that is not whole, and all behind it, become a torn tail.
 */
int lam_blockfile_verify(struct lam_blockfile *f, uint64_t from,
	struct lam_error *e) LAM_MUST;

/* The footer for the blocks of a file of VERSION, appended to OUT. */
int lam_blockfile_footer(uint32_t version, const struct lam_block *block,
	size_t n, struct lam_str meta, struct lam_buf *out,
	struct lam_error *e) LAM_MUST;

#endif
