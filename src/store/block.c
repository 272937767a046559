/*
 * block.c - a block of up to 65536 records, column by column
 *
 * Little-endian, offsets from the start of the block:
 *
 *	 0  8    "LAMBLOK2"
 *	 8  u64  size of the whole block
 *	16  u32  rows, 0..65536
 *	20  u32  columns, 0..4096
 *	24  u64  position of the first row in its stream
 *	32  u32  bytes of metadata, a multiple of 8
 *	36  u32  0
 *	40       directory: for each column
 *		 0  u8   encoding (column_internal.h)
 *		 1  u8   kind of range (column.h)
 *		 2  u8   scale of the range
 *		 3  u8   0
 *		 4  u32  rows that are NULL
 *		 8  u32  bytes stored
 *		12  u32  0
 *		16  i64  least value	24  i64  greatest value
 *		32  u64  XXH3-64 of the bytes stored
 *	 .       metadata: entries, each padded with zeros to 8
 *		 0  u16  kind		2  u16  flags
 *		 4  u32  bytes of it	8       it
 *	 .  u64  XXH3-64 of everything before
 *	 .       the columns, in order, each padded with zeros to 8
 *
 * Kinds: 1 history, first and always there in a log: u64 the digest of all
 * records before the block, u64 that of its own (digest.h).  2 input: u64 bytes
 * of text that its records were, u64 lines of it that were none.  3 a source
 * place (log/place.h).  4 marks: u32 row and, packed, u64 the digest before that
 * row, for rows where smaller blocks began that were packed into this one.
 * Flag 1: who does not know the kind must not read the block.  Other kinds that
 * are not known are passed over; they go with a block that is copied, and not
 * with the records of one that is packed with others.
 *
 * Version 1 begins with "LAMBLOCK" and has its directory at 32, no metadata,
 * and at least one row.
 *
 * Valid iff the checksum of the head holds, the sizes of the columns, padded,
 * add up to the size of the block, the entries of the metadata fill it, and, for
 * a column that is read, its checksum holds.  As the head has the columns'
 * checksums, its own stands for the whole block.
 *
 * To read a column: the head (once per block), then those bytes alone.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/io.h"
#include "store/block.h"
#include "store/column_internal.h"
#include "store/digest.h"

#define REMEDY "the file is damaged; lam-fsck(1) tells what is intact"

static bool
is_old(const uint8_t *p)
{
	return memcmp(p, LAM_BLOCK_MAGIC, 8) == 0;
}

bool
lam_block_peek(const uint8_t *p, uint64_t *size)
{
	bool old = is_old(p);
	uint32_t ncols = lam_get32(p + 20), notes = lam_get32(p + 32);

	if ((!old && memcmp(p, LAM_BLOCK_MAGIC2, 8) != 0) ||
		ncols > LAM_FIELDS_MAX)
		return false;
	if (!old && (notes % 8 || notes > LAM_BLOCK_NOTES_MAX))
		return false;
	*size = old ? lam_block_head_size(ncols) -
		(LAM_BLOCK_HEAD - LAM_BLOCK_HEAD1) :
		lam_block_head_size(ncols) + notes;
	return true;
}

void
lam_block_entry(const uint8_t *p, uint32_t i, struct lam_colmeta *m)
{
	p += (is_old(p) ? LAM_BLOCK_HEAD1 : LAM_BLOCK_HEAD) +
		(size_t)i * LAM_BLOCK_ENTRY;
	m->encoding = p[0];
	m->kind = p[1];
	m->scale = p[2];
	m->nulls = lam_get32(p + 4);
	m->size = lam_get32(p + 8);
	m->min = (int64_t)lam_get64(p + 16);
	m->max = (int64_t)lam_get64(p + 24);
	m->checksum = lam_get64(p + 32);
}

void
lam_block_note(struct lam_buf *out, unsigned kind, unsigned flags,
	const void *p, size_t n)
{
	char head[8];

	lam_put32(head, kind | flags << 16);
	lam_put32(head + 4, (uint32_t)n);
	lam_buf_put(out, head, sizeof head);
	if (n)
		lam_buf_put(out, p, n);
	lam_sink_room(out, lam_pad8(n) - n);
}

bool
lam_block_next_note(struct lam_str *notes, unsigned *kind, unsigned *flags,
	struct lam_str *value)
{
	size_t n;

	if (notes->n < 8)
		return false;
	*kind = lam_get32(notes->p) & 0xffff;
	*flags = lam_get32(notes->p) >> 16;
	n = lam_get32(notes->p + 4);
	if (lam_pad8(n) > notes->n - 8)
		return false;
	*value = (struct lam_str){ notes->p + 8, n };
	notes->p += 8 + lam_pad8(n);
	notes->n -= 8 + lam_pad8(n);
	return true;
}

/* The metadata in the head at P. */
static struct lam_str
notes_of(const uint8_t *p)
{
	return (struct lam_str){ (const char *)p + LAM_BLOCK_HEAD +
		(size_t)lam_get32(p + 20) * LAM_BLOCK_ENTRY,
		lam_get32(p + 32) };
}

static bool
parse_notes(const uint8_t *p, struct lam_block *b)
{
	struct lam_str notes = notes_of(p), v;
	unsigned kind, flags;

	while (lam_block_next_note(&notes, &kind, &flags, &v)) {
		if (kind != LAM_NOTE_HISTORY)
			continue;
		if (v.n != 16 || b->log)
			return false;
		b->log = true;
		b->history = lam_get64(v.p);
		b->digest = lam_get64(v.p + 8);
	}
	return notes.n == 0 && b->history < LAM_DIGEST_P &&
		b->digest < LAM_DIGEST_P;
}

bool
lam_block_parse(const uint8_t *p, struct lam_block *b)
{
	bool old = is_old(p);
	uint64_t head, sum;

	if (!lam_block_peek(p, &head))
		return false;
	*b = (struct lam_block){ .at = b->at, .size = lam_get64(p + 8),
		.first = lam_get64(p + 24), .nrows = lam_get32(p + 16),
		.ncols = lam_get32(p + 20), .head = (uint32_t)head,
		.checksum = lam_get64(p + head - 8) };
	if (lam_checksum(p, head - 8) != b->checksum)
		return false;
	if ((old && b->nrows == 0) || b->nrows > LAM_BLOCK_ROWS ||
		b->first > UINT64_MAX - b->nrows)
		return false;
	if (!old && !parse_notes(p, b))
		return false;
	sum = head;
	for (uint32_t i = 0; i < b->ncols; i++) {
		struct lam_colmeta m;

		lam_block_entry(p, i, &m);
		if (m.nulls > b->nrows || m.kind > LAM_RANGE_TEXT ||
			m.scale > LAM_NUM_DIGITS)
			return false;
		sum += lam_pad8(m.size);
	}
	return sum == b->size;
}

bool
lam_block_of(const char *image, struct lam_block *b)
{
	return lam_block_parse((const uint8_t *)image, b);
}

struct lam_str
lam_block_notes(const char *image)
{
	return notes_of((const uint8_t *)image);
}

static void
put_entry(uint8_t *p, const struct lam_colmeta *m)
{
	p[0] = m->encoding;
	p[1] = m->kind;
	p[2] = m->scale;
	lam_put32(p + 4, m->nulls);
	lam_put32(p + 8, m->size);
	lam_put64(p + 16, (uint64_t)m->min);
	lam_put64(p + 24, (uint64_t)m->max);
	lam_put64(p + 32, m->checksum);
}

/* Metadata of a block of a log; its digest is put in later. */
static void
put_notes(const struct lam_block_facts *f, struct lam_buf *out)
{
	char v[16] = { 0 };

	lam_block_note(out, LAM_NOTE_HISTORY, 0, v, sizeof v);
	lam_put64(v, f->text);
	lam_put64(v + 8, f->rejects);
	if (f->text || f->rejects)
		lam_block_note(out, LAM_NOTE_INPUT, 0, v, sizeof v);
	if (f->notes.n)
		lam_buf_put(out, f->notes.p, f->notes.n);
}

static int
check_shape(const struct lam_cells *cells, bool log, struct lam_error *e)
{
	if ((cells->nrows == 0 && !log) || cells->nrows > LAM_BLOCK_ROWS)
		return lam_fail(e, LAM_USAGE, "block of %u rows: expected 1 "
			"to %d", cells->nrows, LAM_BLOCK_ROWS);
	if (cells->nfields > LAM_FIELDS_MAX)
		return lam_fail(e, LAM_USAGE, "block of %u fields: at most %d "
			"are possible", cells->nfields, LAM_FIELDS_MAX);
	return LAM_OK;
}

static int
put_columns(const struct lam_cells *cells, int level,
	const struct lam_block_facts *facts, uint64_t *sum,
	struct lam_arena *scratch, size_t from, struct lam_buf *out,
	struct lam_error *e)
{
	for (uint32_t f = 0; f < cells->nfields; f++) {
		struct lam_row_sums d = { 0, sum };
		struct lam_colmeta m;
		uint8_t *p;
		int r;

		if (sum)
			d.name = lam_digest_name(facts->field[f]);
		r = lam_column_encode(cells, f, level, sum ? &d : NULL,
			scratch, out, &m, e);
		if (r)
			return r;
		if (!lam_sink_room(out, lam_pad8(m.size) - m.size))
			return lam_fail_mem(e);
		p = (uint8_t *)out->p + from;
		put_entry(p + LAM_BLOCK_HEAD + (size_t)f * LAM_BLOCK_ENTRY, &m);
	}
	return LAM_OK;
}

int
lam_block_encode(const struct lam_cells *cells, uint64_t first, int level,
	const struct lam_block_facts *facts, struct lam_arena *scratch,
	struct lam_buf *out, struct lam_error *e)
{
	uint32_t n = cells->nrows, columns = n ? cells->nfields : 0;
	struct lam_cells c = { cells->text, n, columns, cells->field };
	size_t from = out->n, notes;
	uint64_t *sum = NULL;
	uint8_t *p;
	int r = check_shape(cells, facts != NULL, e);

	if (r)
		return r;
	if (!lam_sink_room(out, lam_block_head_size(columns) - 8))
		return lam_fail_mem(e);
	notes = out->n;
	if (facts) {
		sum = LAM_ARENA_NEW(scratch, uint64_t, (size_t)n + 1);
		if (!sum)
			return lam_fail_mem(e);
		put_notes(facts, out);
	}
	notes = out->n - notes;
	if (notes > LAM_BLOCK_NOTES_MAX)
		return lam_fail(e, LAM_USAGE, "block with %zu bytes of "
			"metadata: at most %u are possible", notes,
			LAM_BLOCK_NOTES_MAX);
	if (!lam_sink_room(out, 8))
		return lam_fail_mem(e);
	p = (uint8_t *)out->p + from;
	memcpy(p, LAM_BLOCK_MAGIC2, 8);
	lam_put32(p + 16, n);
	lam_put32(p + 20, columns);
	lam_put32(p + 32, (uint32_t)notes);
	r = put_columns(&c, level, facts, sum, scratch, from, out, e);
	if (r)
		return r;
	p = (uint8_t *)out->p + from;
	lam_put64(p + 8, out->n - from);
	if (facts)
		lam_put64(p + LAM_BLOCK_HEAD + (size_t)columns *
			LAM_BLOCK_ENTRY + 16, lam_digest_run(sum, n));
	lam_block_set_first((char *)p, first, 0);
	return lam_buf_check(out, e);
}

void
lam_block_set_first(char *image, uint64_t first, uint64_t history)
{
	uint32_t ncols = lam_get32(image + 20), notes = lam_get32(image + 32);
	uint64_t head = lam_block_head_size(ncols) + notes;

	lam_put64(image + 24, first);
	if (notes)
		lam_put64(image + LAM_BLOCK_HEAD + (size_t)ncols *
			LAM_BLOCK_ENTRY + 8, history);
	lam_put64(image + head - 8, lam_checksum(image, head - 8));
}

static int
block_damaged(const struct lam_blockfile *f, const struct lam_block *b,
	const char *what, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: block %zu at %llu: %s: " REMEDY,
		f->path, (size_t)(b - f->block), (unsigned long long)b->at,
		what);
}

static int
column_damaged(const struct lam_block_reader *r, uint32_t i, const char *what,
	struct lam_error *e)
{
	return lam_fail(e, LAM_DATA,
		"%s: block %zu at %llu: column %u at %llu: %s: " REMEDY,
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
	*r = (struct lam_block_reader){ f, b, col, where, { "", 0 } };
	if (!is_old(p))
		r->notes = notes_of(p);
	return check_known(r, e);
}

/* The verified bytes of a column. */
static int
read_column(const struct lam_block_reader *r, uint32_t i,
	struct lam_arena *arena, uint8_t **out, struct lam_error *e)
{
	const struct lam_colmeta *m = &r->col[i];
	uint8_t *p = lam_arena_alloc(arena, (size_t)m->size + 1);
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
	uint8_t *p = NULL;
	int code;

	if (field >= r->block->ncols)
		return lam_column_decode(&absent, NULL, r->block->nrows, t,
			arena, out, bad, e);
	code = read_column(r, field, arena, &p, e);
	if (code)
		return code;
	code = lam_column_decode(&r->col[field], p, r->block->nrows, t, arena,
		out, bad, &inner);
	return code ? not_decoded(r, field, code, &inner, e) : LAM_OK;
}

int
lam_block_match(const struct lam_block_reader *r, uint32_t field,
	struct lam_str s, struct lam_arena *arena, struct lam_vec *out,
	bool *matched, struct lam_error *e)
{
	const struct lam_coltype text = { .type = LAM_TEXT };
	const struct lam_colmeta *m = &r->col[field];
	struct lam_error inner = LAM_ERROR_INIT;
	uint64_t bad = 0;
	uint8_t *p = NULL;
	int code;

	*matched = false;
	if (field >= r->block->ncols)
		return lam_block_column(r, field, text, arena, out, &bad, e);
	code = read_column(r, field, arena, &p, e);
	if (code)
		return code;
	code = lam_column_match(m, p, r->block->nrows, s, arena, out, matched,
		&inner);
	if (code == LAM_OK && !*matched)
		code = lam_column_decode(m, p, r->block->nrows, text, arena,
			out, &bad, &inner);
	return code ? not_decoded(r, field, code, &inner, e) : LAM_OK;
}

int
lam_block_verify(const struct lam_blockfile *f, size_t i, bool *ok,
	struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_block_reader r;
	struct lam_error inner = LAM_ERROR_INIT;
	int code = lam_block_open(&r, f, i, &arena, &inner);

	for (uint32_t c = 0; code == LAM_OK && c < f->block[i].ncols; c++) {
		struct lam_arena one = LAM_ARENA_INIT;
		uint8_t *p;

		code = read_column(&r, c, &one, &p, &inner);
		lam_arena_release(&one);
	}
	lam_arena_release(&arena);
	*ok = code == LAM_OK;
	if (code == LAM_SYSTEM)
		return lam_fail(e, code, "%s", inner.msg);
	return LAM_OK;
}

int
lam_blockfile_verify(struct lam_blockfile *f, uint64_t from,
	struct lam_error *e)
{
	size_t i = f->nblocks;
	bool ok = true;
	int code = LAM_OK;

	while (i > 0 && f->block[i - 1].at + f->block[i - 1].size > from)
		i--;
	for (; code == LAM_OK && i < f->nblocks; i++) {
		code = lam_block_verify(f, i, &ok, e);
		if (ok)
			continue;
		f->nblocks = i;
		f->end = f->block[i].at;
	}
	return code;
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
