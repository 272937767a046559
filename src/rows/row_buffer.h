/*
 * rowset.h - rows kept in memory, each under a key of bytes
 */
#ifndef LAM_ENGINE_ROWSET_H
#define LAM_ENGINE_ROWSET_H

#include "base/buf.h"
#include "store/scalar.h"

struct lam_rowset {
	struct lam_mem mem;
	struct lam_series *column; /* [ncolumns] */
	uint32_t ncolumns, n;
	struct lam_str *key;	   /* [n] */
	size_t key_cap;
	struct lam_heap keys;
};

struct lam_rowset *lam_rowset_new(const uint8_t *type, uint32_t ncolumns);
void lam_rowset_free(struct lam_rowset *r);

/* False: out of memory. */
bool lam_rowset_add(struct lam_rowset *r, struct lam_str key,
	const struct lam_value *value);
bool lam_rowset_add_row(struct lam_rowset *r, struct lam_str key,
	const struct lam_vec *column, uint32_t row);
bool lam_rowset_copy(struct lam_rowset *r, const struct lam_rowset *from,
	uint32_t row);

static inline size_t
lam_rowset_memory(const struct lam_rowset *r)
{
	return r->mem.used + (size_t)r->n * 40; /* sorting */
}

/* A row as bytes (without its key), equal for equal rows; and back. */
void lam_row_put(struct lam_buf *out, const struct lam_vec *column,
	uint32_t ncolumns, uint32_t row);
void lam_row_put_kept(struct lam_buf *out, const struct lam_rowset *r,
	uint32_t row);
void lam_row_get(const char *p, const uint8_t *type, uint32_t ncolumns,
	struct lam_value *value);

#endif
