/*
 * repack.c - the blocks of sealed or ending segments in a new, sealed file
 *
 * Every position and every byte of every value stays.  Runs of blocks that fit
 * into one are decoded to cells and encoded together; a block that stays alone
 * is copied as it is.  The metadata of a run are joined: counts are added, and
 * the places of each source become one range.  The digest of a packed block
 * must be that of the blocks that went in.
 *
 * Memory: one packed block (64 Ki rows, PACK_TEXT bytes of text) and one of its
 * sources at a time.
 */
#include "log/repack.h"

#include <inttypes.h>
#include <stdlib.h>

#include "log/place_chain.h"
#include "store/block.h"
#include "store/digest.h"

#define LEVEL 6			/* sealing is rare */
#define PACK_TEXT (64u << 20)	/* bytes of text in a packed block */
#define MARKS 64		/* rows that are marked, the last ones */

struct ref { /* a block */
	const struct lam_blockfile *file;
	size_t i;
};

struct pack {
	const struct lam_repack *job;
	struct lam_replace *out;
	struct ref *ref;
	size_t n;
	struct lam_cell **field;   /* [nfields], in RUN */
	struct lam_arena run, block;
	struct lam_buf text, image;
	/* the run so far: */
	uint64_t first, history;   /* where it begins, and what is before */
	uint64_t behind;	   /* the history behind it */
	uint32_t nrows, when;	   /* the first of them was appended */
	uint64_t input, rejects;
	struct lam_places places;
	char mark[MARKS * LAM_MARK_SIZE];
	size_t nmarks;
};

static const struct lam_block *
block_of(const struct ref *r)
{
	return &r->file->block[r->i];
}

/* How many blocks from I on fit into one, by rows; at least 1. */
static size_t
run_length(const struct ref *ref, size_t total, size_t i, uint32_t *rows)
{
	size_t n = 1;

	*rows = block_of(&ref[i])->nrows;
	while (i + n < total && *rows + block_of(&ref[i + n])->nrows <=
		LAM_BLOCK_ROWS)
		*rows += block_of(&ref[i + n++])->nrows;
	return n;
}

static struct ref *
list_refs(const struct lam_blockfile *const *from, size_t nfrom, size_t *n)
{
	struct ref *ref;

	*n = 0;
	for (size_t k = 0; k < nfrom; k++)
		*n += from[k]->nblocks;
	ref = calloc(*n + 1, sizeof *ref);
	*n = 0;
	for (size_t k = 0; ref && k < nfrom; k++)
		for (size_t i = 0; i < from[k]->nblocks; i++)
			ref[(*n)++] = (struct ref){ from[k], i };
	return ref;
}

bool
lam_repack_pays(const struct lam_blockfile *f)
{
	size_t n, i, runs = 0;
	uint32_t rows;
	struct ref *ref = list_refs(&f, 1, &n);

	for (i = 0; ref && i < n; i += run_length(ref, n, i, &rows))
		runs++;
	free(ref);
	return ref && runs * 2 <= n;
}

static int
put_image(struct pack *p, struct lam_error *e)
{
	int rc = lam_buf_check(&p->image, e);

	if (!rc)
		rc = lam_io_write(p->out->fd, p->image.p, p->image.n,
			p->out->path, e);
	lam_buf_clear(&p->image);
	return rc;
}

/* A block as it is: its image holds no file offset. */
static int
copy_block(struct pack *p, const struct ref *r, struct lam_error *e)
{
	const struct lam_block *b = block_of(r);
	int rc;

	lam_buf_clear(&p->image);
	if (!lam_buf_room(&p->image, b->size))
		return lam_fail_mem(e);
	rc = lam_io_pread(r->file->fd, p->image.p, b->size, b->at,
		r->file->path, e);
	p->image.n = b->size;
	return rc ? rc : put_image(p, e);
}

/* ------------------------------------------------------------------- a run */

static void
begin_run(struct pack *p, const struct lam_block *b)
{
	p->first = b->first;
	p->history = p->behind = b->history;
	p->nrows = p->when = 0;
	p->input = p->rejects = 0;
	p->nmarks = 0;
	lam_places_release(&p->places);
}

static void
add_mark(struct pack *p, uint32_t row, uint64_t history)
{
	char *m = p->mark + p->nmarks * LAM_MARK_SIZE;

	if (p->nmarks == MARKS) {
		memmove(p->mark, p->mark + LAM_MARK_SIZE,
			(MARKS - 1) * LAM_MARK_SIZE);
		m -= LAM_MARK_SIZE;
	} else {
		p->nmarks++;
	}
	lam_put32(m, row);
	lam_put64(m + 4, history);
}

/* The place X behind those of the run: it goes on from where they began, unless
 * they were left behind meanwhile and it began anew. */
static int
add_place(struct pack *p, struct lam_place x, struct lam_error *e)
{
	const struct lam_place *before = lam_places_find(&p->places, x.key);

	if (before && before->to == x.from)
		x.from = before->from;
	return lam_places_set(&p->places, &x, e);
}

/* Add the metadata of the block of R to the run. */
static int
add_notes(struct pack *p, const struct lam_block_reader *r, struct lam_error *e)
{
	const struct lam_block *b = r->block;
	struct lam_str notes = r->notes;
	unsigned kind, flags;
	struct lam_str v;
	int rc = LAM_OK;

	if (p->nrows && b->nrows)
		add_mark(p, p->nrows, b->history);
	if (b->nrows && (!p->nrows || r->when < p->when))
		p->when = r->when;
	while (!rc && lam_block_next_note(&notes, &kind, &flags, &v)) {
		struct lam_place x;

		if (kind == LAM_NOTE_INPUT && v.n == 16) {
			p->input += lam_get64(v.p);
			p->rejects += lam_get64(v.p + 8);
		} else if (kind == LAM_NOTE_PLACE && lam_place_get(v, &x)) {
			rc = add_place(p, x, e);
		}
		for (size_t i = 0; kind == LAM_NOTE_MARKS && b->nrows &&
			i + LAM_MARK_SIZE <= v.n; i += LAM_MARK_SIZE)
			add_mark(p, p->nrows + lam_get32(v.p + i),
				lam_get64(v.p + i + 4));
	}
	p->behind = lam_digest_join(b->history, b->digest, b->nrows);
	return rc;
}

static int
flush_run(struct pack *p, struct lam_error *e)
{
	struct lam_cells c = { NULL, p->nrows, (uint32_t)p->job->nfields,
		p->field, 0 };
	struct lam_block_facts facts = { .field = p->job->field,
		.text = p->input, .rejects = p->rejects };
	struct lam_buf notes = LAM_BUF_INIT;
	struct lam_block b = { 0 };
	int rc;

	if (p->nrows == 0 && p->places.n == 0 && !p->input && !p->rejects)
		return LAM_OK;
	rc = lam_buf_check(&p->text, e);
	c.text = lam_buf_str(&p->text);
	for (size_t i = 0; !rc && i < p->places.n; i++)
		rc = lam_place_put(&p->places.item[i], &notes, e);
	if (!rc && p->nmarks)
		lam_block_note(&notes, LAM_NOTE_MARKS, 0, p->mark,
			p->nmarks * LAM_MARK_SIZE);
	if (!rc)
		rc = lam_buf_check(&notes, e);
	facts.notes = (struct lam_str){ notes.p, notes.n };
	lam_arena_reset(&p->block);
	lam_buf_clear(&p->image);
	if (!rc)
		rc = lam_block_encode(&c, p->first, LEVEL, &facts, &p->block,
			&p->image, e);
	lam_buf_release(&notes);
	lam_buf_clear(&p->text);
	if (rc)
		return rc;
	lam_block_set_first(p->image.p, p->first, p->history, p->when);
	if (!lam_block_of(p->image.p, &b) || p->behind !=
		lam_digest_join(p->history, b.digest, b.nrows))
		return lam_fail(e, LAM_DATA, "%s: packed records are not those "
			"that were read: the file is damaged, restore it from "
			"a copy", p->out->path);
	return put_image(p, e);
}

/* Bytes of the values of C, capped: shared text is counted once per row. */
static uint64_t
text_size(const struct lam_cells *c)
{
	uint64_t n = 0;

	for (uint32_t f = 0; f < c->nfields; f++)
		for (uint32_t r = 0; r < c->nrows; r++)
			if (c->field[f][r].len != LAM_CELL_NULL)
				n += c->field[f][r].len;
	return n;
}

/* The rows of C behind those of the run; fields that C lacks are NULL. */
static void
add_cells(struct pack *p, const struct lam_cells *c)
{
	for (uint32_t f = 0; f < p->job->nfields; f++) {
		struct lam_cell *to = p->field[f] + p->nrows;

		for (uint32_t r = 0; r < c->nrows; r++) {
			uint32_t len = f < c->nfields ? c->field[f][r].len :
				LAM_CELL_NULL;

			to[r] = (struct lam_cell){ (uint32_t)p->text.n, len };
			if (len != LAM_CELL_NULL && len)
				lam_buf_put(&p->text,
					c->text + c->field[f][r].at, len);
		}
	}
	p->nrows += c->nrows;
}

static int
make_room(struct pack *p, uint32_t rows, struct lam_error *e)
{
	size_t n = p->job->nfields;

	lam_arena_reset(&p->run);
	p->field = LAM_ARENA_NEW(&p->run, struct lam_cell *, n + 1);
	if (!p->field)
		return lam_fail_mem(e);
	for (size_t f = 0; f < n; f++) {
		p->field[f] = lam_arena_alloc(&p->run,
			(size_t)rows * sizeof **p->field + 1);
		if (!p->field[f])
			return lam_fail_mem(e);
	}
	return LAM_OK;
}

/* One block of a run; *COPIED: it is too large to be packed, and went alone. */
static int
add_block(struct pack *p, const struct ref *r, bool *copied,
	struct lam_error *e)
{
	const struct lam_block *b = block_of(r);
	struct lam_block_reader reader;
	struct lam_cells c;
	uint64_t size;
	int rc;

	*copied = false;
	lam_arena_reset(&p->block);
	rc = lam_block_open(&reader, r->file, r->i, &p->block, e);
	if (!rc)
		rc = lam_block_cells(&reader, &p->block, &c, e);
	if (rc)
		return rc;
	size = text_size(&c);
	if (size > PACK_TEXT || p->text.n + size > PACK_TEXT) {
		rc = flush_run(p, e);
		if (!rc && size > PACK_TEXT) {
			*copied = true;
			return copy_block(p, r, e);
		}
		if (rc)
			return rc;
		begin_run(p, b);
		/* The flush has let go of the decoded columns. */
		lam_arena_reset(&p->block);
		rc = lam_block_open(&reader, r->file, r->i, &p->block, e);
		if (!rc)
			rc = lam_block_cells(&reader, &p->block, &c, e);
	}
	if (!rc)
		rc = add_notes(p, &reader, e);
	if (!rc)
		add_cells(p, &c);
	return rc;
}

/* Blocks I .. I+N-1, which fit into one by rows; split where the text would
 * grow beyond its bound. */
static int
pack_run(struct pack *p, size_t i, size_t n, uint32_t rows,
	struct lam_error *e)
{
	bool copied = true;
	int rc = make_room(p, rows, e);

	for (size_t k = i; !rc && k < i + n; k++) {
		if (copied)
			begin_run(p, block_of(&p->ref[k]));
		rc = add_block(p, &p->ref[k], &copied, e);
	}
	return rc || copied ? rc : flush_run(p, e);
}

/* -------------------------------------------------------------------- file */

static int
put_header(struct pack *p, struct lam_error *e)
{
	struct lam_segment_head h = *p->job->head;
	struct lam_extents extents = LAM_EXTENTS_INIT;
	const struct lam_blockfile *f = p->job->from[0];
	const struct lam_str lines = { f->head.p, f->head.n };
	struct lam_buf meta = LAM_BUF_INIT;
	int rc;

	h.field = p->job->field;
	h.nfields = p->job->nfields;
	rc = lam_extents_parse(&extents, lines, h.base, f->path, e);
	if (!rc) { /* the footer tells what places the header does */
		lam_segment_meta(p->job->id, &h, NULL, &extents, &meta);
		rc = lam_buf_check(&meta, e);
	}
	if (!rc)
		rc = lam_blockfile_header((struct lam_str){ meta.p, meta.n },
			&p->image, e);
	lam_extents_release(&extents);
	lam_buf_release(&meta);
	return rc ? rc : put_image(p, e);
}

/* Header and blocks are in the temporary: the footer, from what is there. */
static int
put_footer(struct pack *p, struct lam_error *e)
{
	const struct lam_repack *job = p->job;
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_buf meta = LAM_BUF_INIT;
	struct lam_totals t = job->total;
	const struct lam_block *b;
	int rc;

	t.blocks = job->head->before.blocks;
	t.bytes = job->head->before.bytes;
	lam_segment_foot(job->end, job->history,
		lam_chain_since(job->places, job->head->base), &t, job->places,
		job->extents, &meta);
	rc = lam_buf_check(&meta, e);
	if (!rc)
		rc = lam_blockfile_open(&f, p->out->temp, e);
	b = f.nblocks ? &f.block[f.nblocks - 1] : NULL;
	if (!rc && (!b || f.end != f.size || b->first + b->nrows != job->end ||
		lam_digest_join(b->history, b->digest, b->nrows) !=
		job->history))
		rc = lam_fail(e, LAM_DATA, "%s: packed blocks do not end at "
			"position %" PRIu64 " with its history", p->out->path,
			job->end);
	if (!rc)
		rc = lam_blockfile_footer(f.version, f.block, f.nblocks,
			(struct lam_str){ lam_buf_str(&meta), meta.n },
			&p->image, e);
	lam_blockfile_close(&f);
	lam_buf_release(&meta);
	return rc ? rc : put_image(p, e);
}

int
lam_repack_write(const struct lam_repack *job, struct lam_replace *out,
	struct lam_error *e)
{
	struct pack p = { .job = job, .out = out };
	uint32_t rows;
	size_t n;
	int rc;

	p.ref = list_refs(job->from, job->nfrom, &p.n);
	rc = p.ref ? put_header(&p, e) : lam_fail_mem(e);
	for (size_t i = 0; !rc && i < p.n; i += n) {
		n = run_length(p.ref, p.n, i, &rows);
		rc = n == 1 ? copy_block(&p, &p.ref[i], e) :
			pack_run(&p, i, n, rows, e);
	}
	if (!rc)
		rc = put_footer(&p, e);
	free(p.ref);
	lam_places_release(&p.places);
	lam_arena_release(&p.run);
	lam_arena_release(&p.block);
	lam_buf_release(&p.text);
	lam_buf_release(&p.image);
	return rc;
}
