/*
 * index.h - a partial on disk: a served generation or a speed partial
 *
 * A sealed block file (store/blockfile.h) whose columns are those of the
 * partial relation, in blocks of LAM_RECORD_ROWS_BLOCK rows sorted as in the
 * text.  Each block's directory has min and max of every column; the footer has
 * those of the first column.  So a look-up reads the few blocks that can hold its
 * key.
 *
 * Use:      writer: begin -> lines* -> commit | free;
 *	     reader: open -> source -> close
 */
#ifndef LAM_PARTIAL_INDEX_H
#define LAM_PARTIAL_INDEX_H

#include "base/replace.h"
#include "partial/partials_internal.h"
#include "partial/section.h"
#include "store/batch.h"
#include "store/blockfile.h"

/* --------------------------------------------------------------- writer */

struct lam_index_writer;

/*
 * Start PATH (a temporary beside it until commit).  Messages call the origin of
 * the lines NAME.  CHECKED: this program made them, so they are not checked again.
 */
int lam_index_begin(struct lam_index_writer **out, const char *path,
	const struct lam_section *s, const char *name, bool checked,
	unsigned threads, struct lam_error *e) LAM_MUST;

/* One line "KEY TAB STATE", LINENO its number in NAME. */
int lam_index_line(struct lam_index_writer *w, struct lam_str line,
	uint64_t lineno, struct lam_error *e) LAM_MUST;

/* Put everything into the temporary file; only commit is left to do. */
int lam_index_finish(struct lam_index_writer *w, struct lam_error *e)
	LAM_MUST;
/* Durable but for its name, and renamed to PATH: for a cache. */
int lam_index_commit(struct lam_index_writer *w, struct lam_error *e)
	LAM_MUST;
/* After commit: what is held.  Before: the temporary file too. */
void lam_index_free(struct lam_index_writer *w);

uint64_t lam_index_rows(const struct lam_index_writer *w);
/* Checksum of the record lines "VIEW TAB KEY TAB STATE LF". */
uint64_t lam_index_sum(const struct lam_index_writer *w);

/* All rows of P, which is used up. */
int lam_index_put(struct lam_index_writer *w, const struct lam_section *s,
	struct lam_partials *p, struct lam_error *e) LAM_MUST;

/* Make it durable beside its place.  Then commit or abandon FILE, which holds no
 * descriptor, and free W. */
int lam_index_park(struct lam_index_writer *w, struct lam_replace *file,
	struct lam_error *e) LAM_MUST;

/* --------------------------------------------------------------- reader */

struct lam_index {
	struct lam_blockfile file;
	struct lam_section section;
	uint64_t rows;
	uint64_t sum;		/* of the record lines, see above */
	struct lam_str ranges;	/* of the first column of each block */
	struct lam_arena arena;
};

/*
 * Open PATH; Q is the query it must be of, or NULL: bound from its header.
 * LAM_DATA: damaged, or of another query.  A file that is not there is
 * LAM_SYSTEM with e->sys = ENOENT.  X needs no initialisation, and after a
 * failure no close.
 */
int lam_index_open(struct lam_index *x, const char *path,
	const struct lam_query *q, struct lam_error *e) LAM_MUST;
void lam_index_close(struct lam_index *x);

/* The range of the first column of a block without opening it, and of any column
 * once it is open.  False: not known, open it. */
bool lam_index_range(const struct lam_index *x, size_t block,
	struct lam_range *out);
void lam_index_range_of(const struct lam_colmeta *m, struct lam_range *out);

#endif
