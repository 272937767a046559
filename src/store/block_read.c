/*
 * block_read.c - a block opened where it lies in a file, and its columns read
 *
 * To read a column: the head (once per block), then those bytes alone.  Nothing
 * is believed before its checksum was seen to hold.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/io.h"
#include "store/block.h"
#include "store/column_internal.h"

static int
block_damaged(const struct lam_blockfile *f, const struct lam_block *b,
	const char *what, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: block %zu at %llu: %s: " LAM_BLOCK_REMEDY,
		f->path, (size_t)(b - f->block), (unsigned long long)b->at,
		what);
}

static int
column_damaged(const struct lam_block_reader *r, uint32_t i, const char *what,
	struct lam_error *e)
{
	return lam_fail(e, LAM_DATA,
		"%s: block %zu at %llu: column %u at %llu: %s: " LAM_BLOCK_REMEDY,
		r->file->path, (size_t)(r->block - r->file->block),
		(unsigned long long)r->block->at, i,
		(unsigned long long)r->at[i], what);
}

/* No entry may be there that must be understood and is not. */
static int
check_known(const struct lam_block_reader *r, struct lam_error *e)
{
	struct lam_str notes = r->notes, v;
	unsigned kind, flags;

	while (lam_block_next_note(&notes, &kind, &flags, &v))
		if (flags & LAM_NOTE_MUST && kind > LAM_NOTE_MARKS)
			return lam_fail(e, LAM_DATA, "%s: block at %llu: of a "
				"newer version than %d, which this program "
				"reads (metadata of kind %u): unsupported: use "
				"a newer program", r->file->path,
				(unsigned long long)r->block->at,
				LAM_BLOCKFILE_VERSION, kind);
	return LAM_OK;
}

int
lam_block_open(struct lam_block_reader *r, const struct lam_blockfile *f,
	size_t i, struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_block *b = &f->block[i];
	uint64_t head = b->head, at;
	struct lam_block got = { 0 };
	struct lam_colmeta *col;
	uint64_t *where, size;
	uint8_t *p;
	int code;

	if (head > b->size)
		return block_damaged(f, b, "too short for its columns", e);
	p = lam_arena_alloc(arena, head);
	col = LAM_ARENA_NEW(arena, struct lam_colmeta, (size_t)b->ncols + 1);
	where = LAM_ARENA_NEW(arena, uint64_t, (size_t)b->ncols + 1);
	if (p == NULL || col == NULL || where == NULL)
		return lam_fail_mem(e);
	code = lam_io_pread(f->fd, p, head, b->at, f->path, e);
	if (code)
		return code;
	if (!lam_block_peek(p, &size) || size != head ||
		!lam_block_parse(p, &got))
		return block_damaged(f, b, "its header is not valid", e);
	if (got.size != b->size || got.nrows != b->nrows ||
		got.first != b->first || got.checksum != b->checksum ||
		got.history != b->history || got.digest != b->digest)
		return block_damaged(f, b,
			"not the block that the directory lists", e);
	at = b->at + head;
	for (uint32_t c = 0; c < b->ncols; c++) {
		lam_block_entry(p, c, &col[c]);
		where[c] = at;
		at += lam_pad8(col[c].size);
	}
	*r = (struct lam_block_reader){ f, b, col, where,
		lam_block_notes((const char *)p), got.when };
	return check_known(r, e);
}

/* The verified bytes of a column: borrowed, if there is LOAN. */
static int
read_column(const struct lam_block_reader *r, uint32_t i,
	struct lam_arena *arena, struct lam_arena_loan *loan, uint8_t **out,
	struct lam_error *e)
{
	const struct lam_colmeta *m = &r->col[i];
	size_t size = (size_t)m->size + 1;
	uint8_t *p = loan ? lam_arena_borrow(arena, size, loan) :
		lam_arena_alloc(arena, size);
	int code;

	if (p == NULL)
		return lam_fail_mem(e);
	code = lam_io_pread(r->file->fd, p, m->size, r->at[i], r->file->path,
		e);
	if (code)
		return code;
	if (lam_checksum(p, m->size) != m->checksum)
		return column_damaged(r, i, "checksum does not match", e);
	*out = p;
	return LAM_OK;
}

/* Decoding failed with CODE, and INNER tells why. */
static int
not_decoded(const struct lam_block_reader *r, uint32_t i, int code,
	const struct lam_error *inner, struct lam_error *e)
{
	return code == LAM_DATA ? column_damaged(r, i, inner->msg, e) :
		lam_fail(e, code, "%s", inner->msg);
}

int
lam_block_column(const struct lam_block_reader *r, uint32_t field,
	struct lam_coltype t, struct lam_arena *arena, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	static const struct lam_colmeta absent = { .encoding = LAM_ENC_NULLS };
	struct lam_error inner = LAM_ERROR_INIT;
	struct lam_arena_loan loan;
	uint8_t *p = NULL;
	int code;

	if (field >= r->block->ncols)
		return lam_column_decode(&absent, NULL, r->block->nrows, t,
			arena, out, bad, e);
	code = read_column(r, field, arena, &loan, &p, e);
	if (code)
		return code;
	code = lam_column_decode(&r->col[field], p, r->block->nrows, t, arena,
		out, bad, &inner);
	if (code)
		return not_decoded(r, field, code, &inner, e);
	if (lam_column_copied(&r->col[field], p, t))
		lam_arena_return(&loan);
	return LAM_OK;
}

static const struct lam_coltype text_column = { .type = LAM_TEXT };

/* The text column FIELD from its bytes P, unless it is DONE, or failed with CODE. */
static int
decode_rest(const struct lam_block_reader *r, uint32_t field, const uint8_t *p,
	int code, bool done, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *inner, struct lam_error *e)
{
	uint64_t bad = 0;

	if (code == LAM_OK && !done)
		code = lam_column_decode(&r->col[field], p, r->block->nrows,
			text_column, arena, out, &bad, inner);
	return code ? not_decoded(r, field, code, inner, e) : LAM_OK;
}

int
lam_block_match(const struct lam_block_reader *r, uint32_t field,
	struct lam_str s, struct lam_arena *arena, struct lam_vec *out,
	bool *matched, struct lam_error *e)
{
	struct lam_error inner = LAM_ERROR_INIT;
	uint64_t bad = 0;
	uint8_t *p = NULL;
	int code;

	*matched = false;
	if (field >= r->block->ncols)
		return lam_block_column(r, field, text_column, arena, out,
			&bad, e);
	code = read_column(r, field, arena, NULL, &p, e);
	if (code)
		return code;
	code = lam_column_match(&r->col[field], p, r->block->nrows, s, arena,
		out, matched, &inner);
	return decode_rest(r, field, p, code, *matched, arena, out, &inner, e);
}

int
lam_block_pick(const struct lam_block_reader *r, uint32_t field,
	const uint16_t *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, bool *picked, struct lam_error *e)
{
	struct lam_error inner = LAM_ERROR_INIT;
	uint64_t bad = 0;
	uint8_t *p = NULL;
	int code;

	*picked = false;
	if (field >= r->block->ncols)
		return lam_block_column(r, field, text_column, arena, out,
			&bad, e);
	code = read_column(r, field, arena, NULL, &p, e);
	if (code)
		return code;
	code = lam_column_pick(&r->col[field], p, r->block->nrows, row, n,
		arena, out, picked, &inner);
	return decode_rest(r, field, p, code, *picked, arena, out, &inner, e);
}

int
lam_block_verify(const struct lam_blockfile *f, size_t i, bool *ok,
	struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT, one = LAM_ARENA_INIT;
	struct lam_block_reader r;
	struct lam_error inner = LAM_ERROR_INIT;
	int code = lam_block_open(&r, f, i, &arena, &inner);

	for (uint32_t c = 0; code == LAM_OK && c < f->block[i].ncols; c++) {
		uint8_t *p;

		code = read_column(&r, c, &one, NULL, &p, &inner);
		lam_arena_reset(&one);
	}
	lam_arena_release(&one);
	lam_arena_release(&arena);
	*ok = code == LAM_OK;
	if (code == LAM_SYSTEM)
		return lam_fail(e, code, "%s", inner.msg);
	return LAM_OK;
}

/* Bytes that a TEXT vector's own strings take: a dictionary's only once. */
static uint64_t
strings_size(const struct lam_vec *v)
{
	const struct lam_vec *flat = v->rep == LAM_FLAT ? v : v->dict;
	uint64_t n = 0;

	for (uint32_t i = 0; i < flat->n; i++)
		n += flat->null && flat->null[i] ? 0 : flat->str[i].n;
	return n;
}

/* Copy the strings of V to *TO and make its cells. */
static int
put_cells(const struct lam_vec *v, const char *text, char **to,
	struct lam_cell *out, struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_vec *flat = v->rep == LAM_FLAT ? v : v->dict;
	struct lam_cell *c = out;

	if (v->rep != LAM_FLAT)
		c = LAM_ARENA_NEW(arena, struct lam_cell, (size_t)flat->n + 1);
	if (c == NULL)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < flat->n; i++) {
		struct lam_str s = flat->str[i];

		c[i].at = (uint32_t)(*to - text);
		c[i].len = LAM_CELL_NULL;
		if (flat->null && flat->null[i])
			continue;
		c[i].len = (uint32_t)s.n;
		if (s.n)
			memcpy(*to, s.p, s.n);
		*to += s.n;
	}
	for (uint32_t i = 0; v->rep == LAM_DICT && i < v->n; i++)
		out[i] = c[v->code[i]];
	for (uint32_t i = 0; v->rep == LAM_CONST && i < v->n; i++)
		out[i] = c[0];
	return LAM_OK;
}

int
lam_block_cells(const struct lam_block_reader *r, struct lam_arena *arena,
	struct lam_cells *out, struct lam_error *e)
{
	const struct lam_coltype text = { .type = LAM_TEXT };
	uint32_t n = r->block->ncols;
	struct lam_vec *v = LAM_ARENA_NEW(arena, struct lam_vec, (size_t)n + 1);
	uint64_t size = 0, bad = 0;
	char *to, *base;
	int code;

	*out = (struct lam_cells){ .nrows = r->block->nrows, .nfields = n };
	out->field = LAM_ARENA_NEW(arena, struct lam_cell *, (size_t)n + 1);
	if (v == NULL || out->field == NULL)
		return lam_fail_mem(e);
	for (uint32_t f = 0; f < n; f++) {
		code = lam_block_column(r, f, text, arena, &v[f], &bad, e);
		if (code)
			return code;
		size += strings_size(&v[f]);
	}
	if (size > UINT32_MAX)
		return block_damaged(r->file, r->block,
			"more than 4 GiB of text", e);
	to = base = lam_arena_alloc(arena, size + 1);
	if (base == NULL)
		return lam_fail_mem(e);
	out->text = base;
	for (uint32_t f = 0; f < n; f++) {
		out->field[f] = lam_arena_alloc(arena,
			(size_t)out->nrows * sizeof **out->field);
		if (out->field[f] == NULL)
			return lam_fail_mem(e);
		code = put_cells(&v[f], base, &to, out->field[f], arena, e);
		if (code)
			return code;
	}
	return LAM_OK;
}
