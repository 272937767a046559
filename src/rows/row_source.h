/*
 * row_source.h - the rows of one query, kept to be the input of another
 *
 * Use:      init -> keep* -> SOURCE is read -> release
 * Memory:   batches beyond the limit go to a temporary file without a name
 * Threads:  one that keeps; then the workers of one run, which read
 */
#ifndef LAM_ROWS_ROW_SOURCE_H
#define LAM_ROWS_ROW_SOURCE_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/err.h"
#include "rows/full_sort.h"
#include "store/batch.h"

struct lam_row_source {
	struct lam_source source;
	struct lam_kept *kept;
	size_t n, cap;
	uint32_t ncols;
	atomic_size_t next;
	uint64_t rows;
	uint64_t memory, used;	/* bytes; memory 0: no limit */
	const char *tmpdir;
	bool spilled;		/* there is a file: */
	int fd;
	uint64_t end;
	struct lam_buf buf;	/* the batch being packed */
	struct lam_full_sort sort; /* has the rows, if they were taken */
};

/*
 * MEMORY: the most bytes of rows in memory, 0: any.  TMPDIR: where the file goes;
 * "" or NULL: /tmp.  The source knows its own address: it may not move.
 */
void lam_row_source_init(struct lam_row_source *r, uint32_t ncols,
	uint64_t memory, const char *tmpdir);
/* A rows callback (ARG is the source): keeps a copy. */
int lam_row_source_keep(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e);
/* In place of keeping rows: those of FROM, which is ready, and empty afterwards. */
int lam_row_source_take(struct lam_row_source *r, struct lam_full_sort *from,
	struct lam_error *e) LAM_MUST;
/* TO, which is released or zeros, takes over all that FROM has. */
void lam_row_source_move(struct lam_row_source *to,
	struct lam_row_source *from);
/* How many batches there are, and the one in which ROW is. */
static inline size_t
lam_row_source_batches(const struct lam_row_source *r)
{
	return r->n;
}
size_t lam_row_source_find(const struct lam_row_source *r, uint64_t row);
/* The first row of batch I; of one behind the last, the number of rows. */
uint64_t lam_row_source_begin(const struct lam_row_source *r, size_t i);
/* Column F of N rows from FROM on, which are in two batches at most: FLAT or DICT. */
int lam_row_source_column(const struct lam_row_source *r, uint32_t f,
	uint64_t from, uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e) LAM_MUST;
/* Batch I as B, whose arena is set. */
void lam_row_source_batch(const struct lam_row_source *r, size_t i,
	struct lam_batch *b);
/* Harmless for zeros. */
void lam_row_source_release(struct lam_row_source *r);

/* The rows of FROM, which outlives it, for one more reader. */
struct lam_row_reader {
	struct lam_source source;
	const struct lam_row_source *rows;
	atomic_size_t next;
};

void lam_row_reader_init(struct lam_row_reader *r,
	const struct lam_row_source *from);

#endif
