/*
 * seal.c - a full segment is ended, the next one started
 *
 * Sealing, under the lock:
 *
 *	1. fsync the segment, note it in the witness, unless it says so already
 *	2. when small blocks can be merged into full ones: write them anew into
 *	   a temporary with its footer, fsync, rename over the segment
 *	3. else, or when 2 failed for whatever reason: append the footer, fsync
 *	4. open it again as any reader would, compute the chain behind it
 *	5. note in the witness that it is sealed
 *
 * A crash in 1 or 2 leaves the segment active (and a temporary, swept later);
 * in 3 perhaps a torn footer, which is a torn tail like any other.  Within 2
 * and 3 it may look sealed without being so on disk: the next writer sees that
 * the witness does not say it, writes and syncs again (recover.c), and only
 * then starts a new one.
 *
 * Repacking keeps every position and every byte of every value.  Runs of
 * blocks that fit into one are decoded to cells and encoded together; a block
 * that stays alone is copied as it is.  Memory: one merged block (64 Ki rows,
 * REPACK_TEXT bytes of text) and one of its sources at a time.
 *
 * A new segment is made by durable replacement with its header only, and the
 * witness names it, durably, before the first block goes in.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/name.h"
#include "log/tail.h"

#define REPACK_LEVEL 6		   /* zlib's: sealing is rare */
#define REPACK_TEXT (64u << 20)	   /* bytes of text in a merged block */

/* A sealed file being written next to the segment it will replace. */
struct repack {
	const struct lam_blockfile *from;
	size_t nfields;
	struct lam_replace out;
	uint64_t first;		   /* of the run being merged */
	struct lam_cell **field;   /* [nfields], in RUN */
	uint32_t nrows, room;
	struct lam_buf text, image;
	struct lam_arena run, block;
};

/* How many blocks from I on fit into one, by rows; at least 1. */
static size_t
run_length(const struct lam_blockfile *f, size_t i, uint32_t *rows)
{
	size_t n = 1;

	*rows = f->block[i].nrows;
	while (i + n < f->nblocks &&
		*rows + f->block[i + n].nrows <= LAM_BLOCK_ROWS)
		*rows += f->block[i + n++].nrows;
	return n;
}

/* Would merging at least halve the number of blocks? */
static bool
worth_repacking(const struct lam_blockfile *f)
{
	size_t i, runs = 0;
	uint32_t rows;

	for (i = 0; i < f->nblocks; i += run_length(f, i, &rows))
		runs++;
	return runs * 2 <= f->nblocks;
}

static int
put_image(struct repack *p, struct lam_error *e)
{
	int rc = lam_buf_check(&p->image, e);

	if (!rc)
		rc = lam_io_write(p->out.fd, p->image.p, p->image.n,
			p->out.path, e);
	lam_buf_clear(&p->image);
	return rc;
}

/* A block as it is: its image holds no file offset. */
static int
copy_block(struct repack *p, size_t i, struct lam_error *e)
{
	const struct lam_block *b = &p->from->block[i];
	int rc;

	lam_buf_clear(&p->image);
	if (!lam_buf_room(&p->image, b->size))
		return lam_fail_mem(e);
	rc = lam_io_pread(p->from->fd, p->image.p, b->size, b->at,
		p->from->path, e);
	p->image.n = b->size;
	return rc ? rc : put_image(p, e);
}

static int
flush_run(struct repack *p, struct lam_error *e)
{
	struct lam_cells c = { NULL, p->nrows, (uint32_t)p->nfields,
		p->field };
	int rc;

	if (p->nrows == 0)
		return LAM_OK;
	rc = lam_buf_check(&p->text, e);
	if (rc)
		return rc;
	c.text = lam_buf_str(&p->text);
	lam_arena_reset(&p->block);
	lam_buf_clear(&p->image);
	rc = lam_block_encode(&c, p->first, REPACK_LEVEL, &p->block,
		&p->image, e);
	lam_buf_clear(&p->text);
	p->first += p->nrows;
	p->nrows = 0;
	return rc ? rc : put_image(p, e);
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
add_cells(struct repack *p, const struct lam_cells *c)
{
	for (uint32_t f = 0; f < p->nfields; f++) {
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

/* Blocks I .. I+N-1, which fit into one by rows; split where the text would
 * grow beyond its bound. */
static int
merge_run(struct repack *p, size_t i, size_t n, uint32_t rows,
	struct lam_error *e)
{
	struct lam_block_reader r;
	struct lam_cells c;
	int rc = LAM_OK;

	lam_arena_reset(&p->run);
	p->field = LAM_ARENA_NEW(&p->run, struct lam_cell *, p->nfields + 1);
	if (!p->field)
		return lam_fail_mem(e);
	for (size_t f = 0; f < p->nfields; f++) {
		p->field[f] = lam_arena_alloc(&p->run,
			rows * sizeof **p->field);
		if (!p->field[f])
			return lam_fail_mem(e);
	}
	p->first = p->from->block[i].first;
	for (size_t k = i; !rc && k < i + n; k++) {
		uint64_t size;

		lam_arena_reset(&p->block);
		rc = lam_block_open(&r, p->from, k, &p->block, e);
		if (!rc)
			rc = lam_block_cells(&r, &p->block, &c, e);
		if (rc)
			break;
		size = text_size(&c);
		if (size <= REPACK_TEXT && p->text.n + size <= REPACK_TEXT) {
			add_cells(p, &c);
			continue;
		}
		rc = flush_run(p, e);
		if (!rc && size <= REPACK_TEXT) {
			k--; /* again, into an empty run */
		} else if (!rc) {
			rc = copy_block(p, k, e);
			p->first += p->from->block[k].nrows;
		}
	}
	return rc ? rc : flush_run(p, e);
}

/* Header and blocks are in the temporary: the footer, from what is there. */
static int
put_footer(struct repack *p, uint64_t end, struct lam_error *e)
{
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_str none = { "", 0 };
	int rc;

	rc = lam_blockfile_open(&f, p->out.temp, e);
	if (!rc && (f.nblocks == 0 || f.end != f.size ||
		f.block[f.nblocks - 1].first + f.block[f.nblocks - 1].nrows !=
		end))
		rc = lam_fail(e, LAM_DATA, "%s: repacked blocks do not end at "
			"position %" PRIu64, p->out.path, end);
	lam_buf_clear(&p->image);
	if (!rc)
		rc = lam_blockfile_footer(f.block, f.nblocks, none, &p->image,
			e);
	lam_blockfile_close(&f);
	return rc ? rc : put_image(p, e);
}

static int
repack(const struct lam_tail *t, const struct lam_blockfile *f,
	struct lam_error *e)
{
	struct repack p = { .from = f, .nfields = t->nfields,
		.out = LAM_REPLACE_INIT };
	struct lam_str meta = { f->head.p, f->head.n };
	uint32_t rows;
	size_t n;
	int rc;

	rc = lam_replace_begin(&p.out, f->path, e);
	if (!rc)
		rc = lam_blockfile_header(meta, &p.image, e);
	if (!rc)
		rc = put_image(&p, e);
	for (size_t i = 0; !rc && i < f->nblocks; i += n) {
		n = run_length(f, i, &rows);
		rc = n == 1 ? copy_block(&p, i, e) :
			merge_run(&p, i, n, rows, e);
	}
	if (!rc)
		rc = put_footer(&p, t->head, e);
	if (!rc)
		rc = lam_replace_commit(&p.out, e);
	lam_replace_abandon(&p.out);
	lam_arena_release(&p.run);
	lam_arena_release(&p.block);
	lam_buf_release(&p.text);
	lam_buf_release(&p.image);
	return rc;
}

/* Step 3. */
static int
append_footer(struct lam_tail *t, const struct lam_blockfile *f,
	struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_str none = { "", 0 };
	int rc;

	rc = lam_blockfile_footer(f->block, f->nblocks, none, &b, e);
	if (!rc)
		rc = lam_buf_check(&b, e);
	if (rc)
		goto out;
	rc = lam_io_pwrite(t->fd, b.p, b.n, t->at, f->path, e);
	if (!rc)
		rc = lam_tail_sync(t, e);
	if (rc)
		(void)!lam_tail_cut(t, NULL);
out:
	lam_buf_release(&b);
	return rc;
}

/* Step 4. */
static int
reopen_sealed(struct lam_tail *t, struct lam_error *e)
{
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_segment_head h;
	int rc;

	rc = lam_segment_load(&f, t->dir, t->id, t->base, &t->arena, &h, e);
	if (!rc && (!f.sealed || lam_segment_end(&f, t->base) != t->head))
		rc = lam_fail(e, LAM_DATA, "%s: sealed, but reads back as "
			"something else: the file system changed it", f.path);
	if (!rc)
		t->chain = lam_segment_chain(&h, &f);
	lam_blockfile_close(&f);
	return rc;
}

int
lam_tail_seal(struct lam_tail *t, struct lam_error *e)
{
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	char path[LAM_PATH_SIZE];
	int rc;

	rc = lam_segment_path(path, t->dir, t->base, e);
	if (!rc && t->synced < t->at) {
		rc = lam_tail_sync(t, e);
		/* Only a witness: what it would say is true without it. */
		if (!rc)
			(void)!lam_tail_witness(t, false, NULL);
	}
	if (rc)
		return rc;
	rc = lam_blockfile_open(&f, path, e);
	if (!rc && (!worth_repacking(&f) || repack(t, &f, NULL)))
		rc = append_footer(t, &f, e);
	lam_blockfile_close(&f);
	if (!rc)
		rc = reopen_sealed(t, e);
	if (rc) {
		t->known = false;
		return rc;
	}
	close(t->fd);
	t->fd = -1;
	t->nblocks = 0;
	(void)!lam_tail_witness(t, false, NULL);
	return LAM_OK;
}

int
lam_tail_start(struct lam_tail *t, const char *const *field, size_t n,
	struct lam_error *e)
{
	struct lam_segment_head h = { t->head, t->chain, NULL, n };
	struct lam_buf meta = LAM_BUF_INIT, header = LAM_BUF_INIT;
	struct lam_replace r = LAM_REPLACE_INIT;
	char path[LAM_PATH_SIZE];
	bool again = t->fd >= 0;
	int rc = LAM_OK;

	/* An empty one of other fields is replaced: its size is no witness. */
	if (again) {
		close(t->fd);
		t->fd = -1;
		rc = lam_tail_witness(t, true, e);
		if (rc)
			return rc;
	}
	h.field = LAM_ARENA_NEW(&t->arena, const char *, n + 1);
	if (!h.field)
		return lam_fail_mem(e);
	memcpy(h.field, field, n * sizeof *field);
	lam_segment_meta(t->id, &h, &meta);
	rc = lam_buf_check(&meta, e);
	if (!rc)
		rc = lam_blockfile_header((struct lam_str){ meta.p, meta.n },
			&header, e);
	if (!rc)
		rc = lam_buf_check(&header, e);
	if (!rc)
		rc = lam_segment_path(path, t->dir, t->head, e);
	if (!rc)
		rc = lam_replace_begin(&r, path, e);
	if (!rc)
		rc = lam_io_write(r.fd, header.p, header.n, path, e);
	if (!rc)
		rc = lam_replace_commit(&r, e);
	lam_replace_abandon(&r);
	lam_buf_release(&meta);
	lam_buf_release(&header);
	/* Entering names a new base in the witness, durably. */
	t->known = false;
	t->made = !rc;
	if (!rc)
		rc = lam_tail_enter(t, e);
	t->made = false;
	if (!rc && again)
		rc = lam_tail_witness(t, true, e);
	return rc;
}

int
lam_stream_roll(const char *data, const char *name, uint64_t *pos,
	struct lam_error *e)
{
	char dir[4096], path[LAM_PATH_SIZE], id[LAM_ID_HEX + 1] = "";
	struct lam_tail t = LAM_TAIL_INIT(dir, id);
	bool found = false;
	int rc;

	if (!lam_name_ok(name, strlen(name)))
		return lam_fail(e, LAM_USAGE, "\"%.80s\" cannot be the name "
			"of a stream", name);
	rc = lam_stream_dir(dir, sizeof dir, data, name, e);
	if (!rc)
		rc = lam_stream_read_id(dir, id, &found, e);
	if (!rc && !found)
		rc = lam_fail(e, LAM_USAGE, "%s: there is no stream \"%s\"",
			data, name);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/lock", dir);
	if (!rc)
		rc = lam_io_lock(&t.lock, path, e);
	if (!rc)
		rc = lam_io_sweep(dir, e);
	if (!rc)
		rc = lam_tail_enter(&t, e);
	if (!rc && t.fd >= 0 && t.nblocks)
		rc = lam_tail_seal(&t, e);
	*pos = t.head;
	lam_tail_close(&t);
	if (t.lock >= 0)
		close(t.lock);
	return rc;
}
