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
 *	36  u32  when it was appended, seconds since 1970; 0: not known
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
 * Flag 1: a reader that does not know the kind must refuse the block.  Other kinds that
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
 */
#include <stdlib.h>

#include "base/hash.h"
#include "store/block.h"
#include "store/column_internal.h"
#include "store/digest.h"

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
	*size = old ? lam_block_head1_size(ncols) :
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
		.when = old ? 0 : lam_get32(p + 36),
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
	const uint8_t *p = (const uint8_t *)image;

	return is_old(p) ? (struct lam_str){ "", 0 } : notes_of(p);
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
		struct lam_arena_mark mark = lam_arena_mark(scratch);
		struct lam_row_sums d = { 0, sum };
		struct lam_colmeta m;
		uint8_t *p;
		int r;

		if (sum)
			d.name = lam_digest_name(facts->field[f]);
		r = lam_column_encode(cells, f, level, sum ? &d : NULL,
			scratch, out, &m, e);
		lam_arena_rewind(scratch, mark);
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
	struct lam_cells c = { cells->text, n, columns, cells->field, cells->end };
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
	lam_block_set_first((char *)p, first, 0, 0);
	return lam_buf_check(out, e);
}

void
lam_block_set_first(char *image, uint64_t first, uint64_t history, uint32_t when)
{
	uint32_t ncols = lam_get32(image + 20), notes = lam_get32(image + 32);
	uint64_t head = lam_block_head_size(ncols) + notes;

	lam_put64(image + 24, first);
	lam_put32(image + 36, when);
	if (notes)
		lam_put64(image + LAM_BLOCK_HEAD + (size_t)ncols *
			LAM_BLOCK_ENTRY + 8, history);
	lam_put64(image + head - 8, lam_checksum(image, head - 8));
}
