/*
 * row_buffer.h - rows kept in memory, each under a key of bytes
 */
#ifndef LAM_ROWS_ROW_BUFFER_H
#define LAM_ROWS_ROW_BUFFER_H

#include "base/buf.h"
#include "store/column_builder.h"
#include "store/scalar.h"

struct lam_row_buffer {
	struct lam_mem mem;
	struct lam_column_builder *column; /* [ncolumns] */
	uint32_t ncolumns, n;
	struct lam_str *key;	   /* [n] */
	size_t key_cap;
	struct lam_heap keys;
};

struct lam_row_buffer *lam_row_buffer_new(const uint8_t *type,
	uint32_t ncolumns);
void lam_row_buffer_free(struct lam_row_buffer *r);

/* False: out of memory. */
bool lam_row_buffer_add(struct lam_row_buffer *r, struct lam_str key,
	const struct lam_scalar *value);
bool lam_row_buffer_add_row(struct lam_row_buffer *r, struct lam_str key,
	const struct lam_vec *column, uint32_t row);
bool lam_row_buffer_copy(struct lam_row_buffer *r,
	const struct lam_row_buffer *from, uint32_t row);

static inline size_t
lam_row_buffer_memory(const struct lam_row_buffer *r)
{
	return r->mem.used + (size_t)r->n * 40; /* sorting */
}

/* A value as bytes. */
void lam_row_buffer_put_value(struct lam_buf *out, const struct lam_scalar *v);
/* A row as bytes (without its key), equal for equal rows; and back. */
void lam_row_buffer_put(struct lam_buf *out, const struct lam_vec *column,
	uint32_t ncolumns, uint32_t row);
void lam_row_buffer_put_kept(struct lam_buf *out,
	const struct lam_row_buffer *r, uint32_t row);
void lam_row_buffer_get(const char *p, const uint8_t *type, uint32_t ncolumns,
	struct lam_scalar *value);

#endif
