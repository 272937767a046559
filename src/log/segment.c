/*
 * segment.c - one segment file of a log: names, header, history, checks
 *
 * A segment is a block file (store/blockfile.h).  The lines of its header:
 *
 *	kind log
 *	stream ID	32 hex digits: the stream it belongs to
 *	base N		position of its first record, as in its name
 *	history HEX	16 hex digits: the digest of everything before it
 *	text N		bytes of input that all records before it were
 *	rejects N	lines of that input that were no records
 *	blocks N	in the segments before it
 *	bytes N		of those files
 *	since N		places are told there (place_chain.c); may be missing
 *	place ...	how far a source has been appended (place.c)
 *	extents N, extent ...	least and greatest value of each field (extent.c)
 *	field NAME	one for each column, in order
 *
 * A block may have fewer columns than the header has fields: the first ones.
 * The footer says the same up to the end of the segment: end N, which is the
 * position behind its last record, history, text, rejects, since, place, extents;
 * blocks and bytes are still those before it.
 *
 * The history makes a prefix of the log one number (store/digest.h).  It begins
 * with history(0) = start(checksum of the 32 digits of the id), goes on by each
 * record, and is the same in whatever segments and blocks the records are.
 * Blocks say the history before them, so that of any position costs one block.
 *
 * A file of version 1 has "chain HEX" in place of history to place.  That number
 * is folded from the bytes of the blocks before it: chain(0) is the checksum of
 * the id, and behind a sealed segment
 *
 *	c = checksum(chain before it (8 bytes), base (8), end (8))
 *	for each block: c = checksum(c (8), first (8), rows (4),
 *		checksum of its header and directory (8))
 *
 * The history at its ends is start(chain); inside it is not known.
 */
#include "log/segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/name.h"
#include "store/digest.h"


bool
lam_segment_name(const char *name, uint64_t *base)
{
	return strlen(name) == LAM_POSITION_DIGITS + 4 &&
		!strcmp(name + LAM_POSITION_DIGITS, ".seg") &&
		lam_name_position(name, base);
}

int
lam_segment_path(char out[LAM_PATH_MAX], const char *dir, uint64_t base,
	struct lam_error *e)
{
	return lam_io_path(out, LAM_PATH_MAX, e, "%s/%020" PRIu64 ".seg", dir,
		base);
}

static void
put_totals(uint64_t history, uint64_t since, const struct lam_totals *t,
	const struct lam_places *p, const struct lam_extents *x,
	struct lam_buf *out)
{
	lam_buf_printf(out, "history %016" PRIx64 "\ntext %" PRIu64
		"\nrejects %" PRIu64 "\nblocks %" PRIu64 "\nbytes %" PRIu64
		"\n", history, t->text, t->rejects, t->blocks, t->bytes);
	if (since != LAM_SINCE_NONE)
		lam_buf_printf(out, "since %" PRIu64 "\n", since);
	if (p)
		lam_places_print(p, since == LAM_SINCE_NONE ? 0 : since + 1, out);
	lam_extents_print(x, out);
}

void
lam_segment_meta(const char *id, const struct lam_segment_head *h,
	const struct lam_places *p, const struct lam_extents *x,
	struct lam_buf *out)
{
	lam_buf_printf(out, "kind log\nstream %s\nbase %" PRIu64 "\n", id,
		h->base);
	put_totals(h->history, h->since, &h->before, p, x, out);
	for (size_t i = 0; i < h->nfields; i++) {
		lam_buf_puts(out, "field ");
		lam_buf_puts(out, h->field[i]);
		lam_buf_putc(out, '\n');
	}
}

void
lam_segment_foot(uint64_t end, uint64_t history, uint64_t since,
	const struct lam_totals *t, const struct lam_places *p,
	const struct lam_extents *x, struct lam_buf *out)
{
	lam_buf_printf(out, "end %" PRIu64 "\n", end);
	put_totals(history, since, t, p, x, out);
}

static bool
meta_number(struct lam_str meta, const char *key, uint64_t *out)
{
	return lam_str_u64(lam_meta_get(meta, key), out);
}

static bool
meta_is(struct lam_str meta, const char *key, const char *want)
{
	return lam_str_is(lam_meta_get(meta, key), want);
}

int
lam_segment_fields(const struct lam_blockfile *f, struct lam_arena *a,
	const char ***field, size_t *n, struct lam_error *e)
{
	const char *p = f->head.p, *end = p + f->head.n, *nl;
	size_t max = 0;

	for (const char *q = p; q < end; q++)
		max += *q == '\n';
	*n = 0;
	*field = LAM_ARENA_NEW(a, const char *, max + 1);
	if (!*field)
		return lam_fail_mem(e);
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			break;
		if (nl - p < 6 || memcmp(p, "field ", 6))
			continue;
		p += 6;
		if (!lam_field_name_ok(p, (size_t)(nl - p)) ||
			*n == LAM_FIELDS_MAX)
			return lam_fail(e, LAM_DATA, "%s: header: bad list "
				"of fields", f->path);
		(*field)[*n] = lam_arena_dup(a, p, (size_t)(nl - p));
		if (!(*field)[(*n)++])
			return lam_fail_mem(e);
	}
	return LAM_OK;
}

static int
check_blocks(const struct lam_blockfile *f, const struct lam_segment_head *h,
	struct lam_error *e)
{
	uint64_t pos = h->base, history = h->history;

	for (size_t i = 0; i < f->nblocks; i++) {
		const struct lam_block *b = &f->block[i];

		if (b->first != pos || b->ncols > h->nfields ||
			b->nrows > LAM_BLOCK_ROWS ||
			pos > UINT64_MAX - b->nrows)
			return lam_fail(e, LAM_DATA, "%s: block %zu at offset "
				"%" PRIu64 " starts at position %" PRIu64
				", expected %" PRIu64 ": the file is damaged, "
				"restore it from a copy", f->path, i, b->at,
				b->first, pos);
		pos += b->nrows;
		if (h->old)
			continue;
		if (!b->log || b->history != history)
			return lam_fail(e, LAM_DATA, "%s: block %zu at offset "
				"%" PRIu64 " does not continue the history "
				"before it: the file is damaged, restore it "
				"from a copy", f->path, i, b->at);
		history = lam_digest_join(history, b->digest, b->nrows);
	}
	return LAM_OK;
}

bool
lam_segment_since(struct lam_str meta, uint64_t base, uint64_t *since)
{
	*since = LAM_SINCE_NONE;
	return !lam_meta_get(meta, "since").p ||
		(meta_number(meta, "since", since) && *since < base);
}

/* Read the keys in META other than the fields; false: one is missing. */
static bool
read_head(struct lam_str meta, struct lam_segment_head *h)
{
	if (!meta.p || !meta_is(meta, "kind", "log") ||
		!meta_number(meta, "base", &h->base))
		return false;
	h->before = (struct lam_totals){ 0, 0, 0, 0 };
	h->since = LAM_SINCE_NONE;
	if (h->old) {
		if (!lam_str_hex(lam_meta_get(meta, "chain"), &h->chain))
			return false;
		h->history = lam_digest_start(h->chain);
		return true;
	}
	return lam_str_hex(lam_meta_get(meta, "history"), &h->history) &&
		lam_segment_since(meta, h->base, &h->since) &&
		lam_segment_totals_parse(meta, &h->before);
}

/* Open PATH and read its head, but for the fields. */
static int
open_head(struct lam_blockfile *f, const char *path,
	struct lam_segment_head *h, struct lam_str *id, struct lam_error *e)
{
	int rc = lam_blockfile_open(f, path, e);
	struct lam_str meta;

	if (rc)
		return rc;
	meta = (struct lam_str){ f->head.p, f->head.n };
	h->old = f->version == 1;
	if (!read_head(meta, h))
		return lam_fail(e, LAM_DATA, "%s: not a segment of a log: "
			"put back the file that was here", path);
	*id = lam_meta_get(meta, "stream");
	return LAM_OK;
}

int
lam_segment_read(struct lam_blockfile *f, const char *path,
	char id[LAM_ID_HEX + 1], struct lam_arena *a, struct lam_segment_head *h,
	struct lam_error *e)
{
	struct lam_str of = { NULL, 0 };
	int rc = open_head(f, path, h, &of, e);

	if (rc)
		return rc;
	if (of.n != LAM_ID_HEX || memchr(of.p, 0, of.n))
		return lam_fail(e, LAM_DATA, "%s: its header names no stream: "
			"the file is damaged, fetch it again", path);
	memcpy(id, of.p, of.n);
	id[of.n] = '\0';
	rc = lam_segment_fields(f, a, &h->field, &h->nfields, e);
	return rc ? rc : check_blocks(f, h, e);
}

/* Any part of the bytes not known to be durable may be missing. */
static int
verify_tail(struct lam_blockfile *f, uint64_t base,
	const struct lam_durable *d, struct lam_error *e)
{
	if (f->sealed)
		return LAM_OK;
	return lam_blockfile_verify(f, d ? lam_segment_durable(f, base, d) :
		f->end - 1, e);
}

int
lam_segment_load(struct lam_blockfile *f, const char *dir, const char *id,
	uint64_t base, const struct lam_durable *d, struct lam_arena *a,
	struct lam_segment_head *h, struct lam_error *e)
{
	struct lam_str of = { NULL, 0 };
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_segment_path(path, dir, base, e);
	if (!rc)
		rc = open_head(f, path, h, &of, e);
	if (rc)
		return rc;
	if (!lam_str_is(of, id))
		return lam_fail(e, LAM_DATA, "%s: belongs to stream id %.*s, "
			"but %s/id says %s: put back the file that was here",
			path, (int)of.n, of.p, dir, id);
	if (h->base != base || (base == 0 &&
		h->history != lam_segment_history0(id)))
		return lam_fail(e, LAM_DATA, "%s: its header says that it "
			"starts at position %" PRIu64 ": files were mixed up, "
			"put back the one that was here", path, h->base);
	rc = verify_tail(f, base, d, e);
	if (!rc)
		rc = lam_segment_fields(f, a, &h->field, &h->nfields, e);
	return rc ? rc : check_blocks(f, h, e);
}

uint64_t
lam_segment_end(const struct lam_blockfile *f, uint64_t base)
{
	const struct lam_block *b;

	if (f->nblocks == 0)
		return base;
	b = &f->block[f->nblocks - 1];
	return b->first + b->nrows;
}

uint64_t
lam_segment_history0(const char *id)
{
	return lam_digest_start(lam_checksum(id, strlen(id)));
}

/* The chain behind a sealed segment of version 1. */
static uint64_t
chain_behind(const struct lam_segment_head *h, const struct lam_blockfile *f)
{
	char p[28];
	uint64_t c;

	lam_put64(p, h->chain);
	lam_put64(p + 8, h->base);
	lam_put64(p + 16, lam_segment_end(f, h->base));
	c = lam_checksum(p, 24);
	for (size_t i = 0; i < f->nblocks; i++) {
		lam_put64(p, c);
		lam_put64(p + 8, f->block[i].first);
		lam_put32(p + 16, f->block[i].nrows);
		lam_put64(p + 20, f->block[i].checksum);
		c = lam_checksum(p, 28);
	}
	return c;
}

uint64_t
lam_segment_history(const struct lam_segment_head *h,
	const struct lam_blockfile *f, uint64_t pos, bool *known)
{
	const struct lam_block *b;
	size_t i;

	*known = true;
	if (pos == h->base)
		return h->history;
	*known = h->old ? f->sealed && pos == lam_segment_end(f, h->base) :
		f->nblocks > 0;
	if (h->old || !*known)
		return *known ? lam_digest_start(chain_behind(h, f)) : 0;
	/* The block that holds the record before POS, if there is one. */
	i = lam_blockfile_find(f, pos - 1);
	b = &f->block[i];
	*known = i < f->nblocks && pos == b->first + b->nrows;
	return *known ? lam_digest_join(b->history, b->digest, b->nrows) : 0;
}

uint64_t
lam_segment_durable(const struct lam_blockfile *f, uint64_t base,
	const struct lam_durable *d)
{
	if (!d->valid || d->base != base)
		return 0;
	if (!f->sealed)
		return d->at;
	if (d->at)
		return d->at < f->end ? d->at : f->end;
	return d->head >= lam_segment_end(f, base) ? f->size : 0;
}

int
lam_segment_check_tail(const struct lam_blockfile *f, uint64_t base,
	const struct lam_durable *d, struct lam_error *e)
{
	uint64_t head = lam_segment_end(f, base);
	bool witness = d->valid && d->base == base, found = false;
	int rc;

	if (!f->sealed && witness && d->at > f->end)
		return lam_fail(e, LAM_DATA, "%s: damaged at offset %" PRIu64
			": acknowledged records from position %" PRIu64
			" to %" PRIu64 " are lost or damaged (%" PRIu64
			" bytes were durable); restore the file from a copy",
			f->path, f->end, head, d->head ? d->head - 1 : 0,
			d->at);
	if (f->torn && !(witness && d->at))
		return lam_fail(e, LAM_DATA, "%s: at %" PRIu64 ": the footer is "
			"not valid, though it was durable: the file is damaged, "
			"restore it from a copy; lam-fsck(1) tells what is "
			"intact", f->path, f->end);
	if (d->valid && d->head > head)
		return lam_fail(e, LAM_DATA, "%s: the log ends at position "
			"%" PRIu64 ", but %" PRIu64 " records were "
			"acknowledged: the log lost data, restore the missing "
			"segments from a copy", f->path, head, d->head);
	/*
	 * Without a witness for this segment, only what follows can tell: one
	 * unfinished write has nothing behind it.
	 */
	if (f->sealed || witness || f->end == f->size)
		return LAM_OK;
	rc = lam_blockfile_resync(f, f->end + 1, &found, e);
	if (!rc && found)
		rc = lam_fail(e, LAM_DATA, "%s: damaged at offset %" PRIu64
			" (position %" PRIu64 "), whole blocks follow; restore "
			"the file from a copy", f->path, f->end, head);
	return rc;
}
