/*
 * row_buffer.c - rows kept in memory, each under a key of bytes
 *
 * Rows as bytes, one value after the other (temporary files, and to find equal
 * rows):
 *	0 NULL | 1 text: length u64, bytes | 2 number: scale u8, m 128 bits
 *	| 3 time or boolean: 64 bits
 */
#include "rows/row_buffer.h"

#include <stdlib.h>
#include <string.h>

struct lam_row_buffer *
lam_row_buffer_new(const uint8_t *type, uint32_t ncolumns)
{
	struct lam_row_buffer *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	lam_heap_init(&r->keys, &r->mem);
	r->column = calloc(ncolumns + 1, sizeof *r->column);
	if (!r->column) {
		free(r);
		return NULL;
	}
	r->ncolumns = ncolumns;
	for (uint32_t c = 0; c < ncolumns; c++)
		lam_column_builder_init(&r->column[c], type[c], &r->mem);
	return r;
}

void
lam_row_buffer_free(struct lam_row_buffer *r)
{
	if (!r)
		return;
	for (uint32_t c = 0; c < r->ncolumns; c++)
		lam_column_builder_release(&r->column[c]);
	lam_heap_release(&r->keys);
	lam_mem_free(&r->mem, r->key, r->key_cap, sizeof *r->key);
	free(r->column);
	free(r);
}

static bool
add_key(struct lam_row_buffer *r, struct lam_str key)
{
	struct lam_str *list = lam_mem_grow(&r->mem, r->key, &r->key_cap,
		(size_t)r->n + 1, sizeof *list);
	char *p;

	if (!list || r->n == UINT32_MAX - 1)
		return false;
	r->key = list;
	p = lam_heap_bytes(&r->keys, key.n + 1);
	if (!p)
		return false;
	if (key.n)
		memcpy(p, key.p, key.n);
	list[r->n++] = (struct lam_str){ p, key.n };
	return true;
}

bool
lam_row_buffer_add(struct lam_row_buffer *r, struct lam_str key,
	const struct lam_scalar *value)
{
	for (uint32_t c = 0; c < r->ncolumns; c++)
		if (!lam_column_builder_add(&r->column[c], &value[c]))
			return false;
	return add_key(r, key);
}

bool
lam_row_buffer_add_row(struct lam_row_buffer *r, struct lam_str key,
	const struct lam_vec *column, uint32_t row)
{
	for (uint32_t c = 0; c < r->ncolumns; c++) {
		struct lam_scalar v = lam_scalar_of(&column[c], row);

		if (!lam_column_builder_add(&r->column[c], &v))
			return false;
	}
	return add_key(r, key);
}

bool
lam_row_buffer_copy(struct lam_row_buffer *r, const struct lam_row_buffer *from,
	uint32_t row)
{
	for (uint32_t c = 0; c < r->ncolumns; c++) {
		struct lam_scalar v =
			lam_column_builder_get(&from->column[c], row);

		if (!lam_column_builder_add(&r->column[c], &v))
			return false;
	}
	return add_key(r, from->key[row]);
}

void
lam_row_buffer_put_value(struct lam_buf *out, const struct lam_scalar *v)
{
	char b[17];

	lam_buf_putc(out, v->null ? 0 : v->type == LAM_TEXT ? 1 :
		v->type == LAM_NUMBER ? 2 : 3);
	if (v->null)
		return;
	if (v->type == LAM_TEXT) {
		lam_buf_put_u64(out, v->str.n);
		lam_buf_put(out, v->str.p, v->str.n);
	} else if (v->type == LAM_NUMBER) {
		b[0] = (char)v->num.scale;
		lam_put64(b + 1, (uint64_t)v->num.m);
		lam_put64(b + 9, (uint64_t)(v->num.m >> 64));
		lam_buf_put(out, b, sizeof b);
	} else {
		lam_buf_put_u64(out, (uint64_t)v->i64);
	}
}

void
lam_row_buffer_put(struct lam_buf *out, const struct lam_vec *column,
	uint32_t ncolumns, uint32_t row)
{
	for (uint32_t c = 0; c < ncolumns; c++) {
		struct lam_scalar v = lam_scalar_of(&column[c], row);

		lam_row_buffer_put_value(out, &v);
	}
}

void
lam_row_buffer_put_kept(struct lam_buf *out, const struct lam_row_buffer *r,
	uint32_t row)
{
	for (uint32_t c = 0; c < r->ncolumns; c++) {
		struct lam_scalar v =
			lam_column_builder_get(&r->column[c], row);

		lam_row_buffer_put_value(out, &v);
	}
}

/* The bytes are our own, from an unnamed file: they are trusted. */
void
lam_row_buffer_get(const char *p, const uint8_t *type, uint32_t ncolumns,
	struct lam_scalar *value)
{
	for (uint32_t c = 0; c < ncolumns; c++) {
		struct lam_scalar *v = &value[c];
		char tag = *p++;

		*v = (struct lam_scalar){ .type = type[c], .null = tag == 0 };
		if (tag == 1) {
			v->str = (struct lam_str){ p + 8, lam_get64(p) };
			p += 8 + v->str.n;
		} else if (tag == 2) {
			v->num.scale = (unsigned char)*p;
			v->num.m = (lam_i128)((lam_u128)lam_get64(p + 9) <<
				64 | lam_get64(p + 1));
			p += 17;
		} else if (tag == 3) {
			v->i64 = (int64_t)lam_get64(p);
			p += 8;
		}
	}
}
