/*
 * index.c - writing and opening index files
 *
 *	header meta	the lines of section.c, form "lam-index"
 *	block*		at most LAM_RECORD_ROWS_BLOCK rows each; "first" is the
 *			ordinal of its first row
 *	footer meta	rows N		number of rows
 *			lines HEX16	XXH3-64 of the rows as partial text
 *			ranges HEX16...	for each block three numbers: of its first
 *					column the kind of range (bits 0 to 7), its
 *					scale (8 to 15) and whether there are NULLs
 *					(16), the least and the greatest value
 *
 * The ranges say again what the heads of the blocks do: a look-up by the first
 * key, in whose order the rows are, need not read the heads of blocks that cannot
 * hold it.  Files of before, and of more than RANGES_MAX blocks, are without.
 *
 * Valid iff (1) it is a sealed block file; (2) its header is valid and of the
 * wanted query; (3) blocks are contiguous from row 0 and add up to "rows",
 * each with as many columns as the relation.  Columns carry checksums of
 * their own, verified when they are read.
 *
 * The writer gathers lines into runs, one per block; when there are some per
 * thread they are parsed, checked and encoded in parallel and written in order.
 * Memory: two runs per thread, each of LAM_RECORD_ROWS_BYTES or one line.
 */
#include "partial/index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"
#include "partial/record_rows.h"
#include "partial/text.h"
#include "store/block.h"

#define RUNS_PER_THREAD 2
#define RANGES_MAX 200000 /* blocks: footer meta has room for them */
#define RANGE_SIZE 48	  /* of a block, in hex digits */
#define LEVEL 0 /* not deflated: written once, read by every query */

struct run {
	struct lam_buf text;
	uint32_t n;
	uint64_t first;	 /* ordinal of its first row */
	uint64_t lineno; /* of its first line */
	struct lam_buf image;
	struct lam_record_rows rows;
	struct lam_arena arena;
};

struct lam_index_writer {
	struct lam_replace file;
	bool begun;
	char *name;
	bool checked;
	unsigned threads;
	const struct lam_query *query;
	char view[LAM_NAME_MAX + 2]; /* "VIEW TAB" */
	size_t nview;
	struct run *run;
	size_t nruns, cap; /* runs in use; there are */
	size_t next;	   /* of encoding, under claim */
	uint64_t rows;
	struct lam_checksum *sum;
};

int
lam_index_begin(struct lam_index_writer **out, const char *path,
	const struct lam_section *s, const char *name, bool checked,
	unsigned threads, struct lam_error *e)
{
	struct lam_index_writer *w = calloc(1, sizeof *w);
	struct lam_buf meta = LAM_BUF_INIT, head = LAM_BUF_INIT;
	int rc;

	*out = NULL;
	if (!w)
		return lam_fail_mem(e);
	w->file = (struct lam_replace)LAM_REPLACE_INIT;
	w->checked = checked;
	w->threads = threads ? threads : 1;
	w->query = s->query;
	w->cap = (size_t)w->threads * RUNS_PER_THREAD;
	w->run = calloc(w->cap, sizeof *w->run);
	w->name = strdup(name);
	w->sum = lam_checksum_new();
	w->nview = strlen(s->view) + 1;
	memcpy(w->view, s->view, w->nview - 1);
	w->view[w->nview - 1] = '\t';
	rc = w->run && w->name && w->sum ? LAM_OK : lam_fail_mem(e);
	lam_section_print(s, LAM_SECTION_INDEX, &meta);
	if (!rc)
		rc = lam_buf_check(&meta, e);
	if (!rc)
		rc = lam_blockfile_header((struct lam_str){ meta.p, meta.n },
			&head, e);
	if (!rc)
		rc = lam_buf_check(&head, e);
	if (!rc)
		rc = lam_replace_begin(&w->file, path, e);
	if (!rc) {
		w->begun = true;
		rc = lam_io_write(w->file.fd, head.p, head.n, w->file.temp, e);
	}
	lam_buf_release(&meta);
	lam_buf_release(&head);
	if (rc)
		lam_index_free(w);
	else
		*out = w;
	return rc;
}

void
lam_index_free(struct lam_index_writer *w)
{
	if (!w)
		return;
	if (w->begun)
		lam_replace_abandon(&w->file);
	for (size_t i = 0; w->run && i < w->cap; i++) {
		lam_buf_release(&w->run[i].text);
		lam_buf_release(&w->run[i].image);
		lam_record_rows_release(&w->run[i].rows);
		lam_arena_release(&w->run[i].arena);
	}
	if (w->sum)
		lam_checksum_free(w->sum);
	free(w->run);
	free(w->name);
	free(w);
}

uint64_t
lam_index_rows(const struct lam_index_writer *w)
{
	return w->rows;
}

uint64_t
lam_index_sum(const struct lam_index_writer *w)
{
	return lam_checksum_value(w->sum);
}

static int
encode_run(struct lam_index_writer *w, struct run *r, struct lam_error *e)
{
	struct lam_str text = { r->text.p, r->text.n };
	int rc;

	lam_buf_clear(&r->image);
	lam_arena_reset(&r->arena);
	rc = lam_record_rows_parse(&r->rows, w->query, text, r->n, w->name,
		r->lineno, e);
	if (!rc && !w->checked)
		rc = lam_record_rows_check(&r->rows, w->query, text, w->name,
			r->lineno, &r->arena, e);
	lam_arena_reset(&r->arena);
	if (!rc)
		rc = lam_block_encode(&r->rows.cells, r->first, LEVEL, NULL,
			&r->arena, &r->image, e);
	if (!rc)
		rc = lam_buf_check(&r->image, e);
	return rc;
}

static int
encode_share(void *arg, unsigned worker, struct lam_error *e)
{
	struct lam_index_writer *w = arg;
	int rc = LAM_OK;

	for (size_t i = worker; !rc && i < w->nruns; i += w->threads)
		rc = encode_run(w, &w->run[i], e);
	return rc;
}

/* Encode and write the runs there are. */
static int
flush(struct lam_index_writer *w, struct lam_error *e)
{
	unsigned threads = w->nruns < w->threads ? (unsigned)w->nruns :
		w->threads;
	int rc;

	if (w->nruns == 0)
		return LAM_OK;
	rc = threads == 1 ? encode_share(w, 0, e) : lam_pool_run(threads,
		encode_share, w, e);
	for (size_t i = 0; i < w->nruns; i++) {
		struct run *r = &w->run[i];

		if (!rc)
			rc = lam_io_write(w->file.fd, r->image.p, r->image.n,
				w->file.temp, e);
		lam_buf_clear(&r->text);
		r->n = 0;
	}
	w->nruns = 0;
	return rc;
}

int
lam_index_line(struct lam_index_writer *w, struct lam_str line,
	uint64_t lineno, struct lam_error *e)
{
	struct run *r = w->nruns ? &w->run[w->nruns - 1] : NULL;
	int rc;

	if (!r || r->n == LAM_RECORD_ROWS_BLOCK ||
		r->text.n + line.n >= LAM_RECORD_ROWS_BYTES) {
		if (w->nruns == w->cap) {
			rc = flush(w, e);
			if (rc)
				return rc;
		}
		r = &w->run[w->nruns++];
		r->first = w->rows;
		r->lineno = lineno;
	}
	lam_buf_put(&r->text, line.p, line.n);
	lam_buf_putc(&r->text, '\n');
	r->n++;
	w->rows++;
	lam_checksum_add(w->sum, w->view, w->nview);
	rc = lam_buf_check(&r->text, e);
	if (!rc)
		lam_checksum_add(w->sum, r->text.p + r->text.n - line.n - 1,
			line.n + 1);
	return rc;
}

void
lam_index_range_of(const struct lam_colmeta *m, struct lam_range *out)
{
	*out = (struct lam_range){ .kind = m->kind, .scale = m->scale,
		.min = m->min, .max = m->max, .nulls = m->nulls > 0 };
}

/* The "ranges" line for the blocks of F. */
static int
put_ranges(const struct lam_blockfile *f, struct lam_buf *meta,
	struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	int rc = LAM_OK;

	if (f->nblocks == 0 || f->nblocks > RANGES_MAX ||
		f->block[0].ncols == 0)
		return LAM_OK;
	lam_buf_puts(meta, "ranges ");
	for (size_t i = 0; !rc && i < f->nblocks; i++) {
		struct lam_block_reader r;
		struct lam_range x;

		lam_arena_reset(&arena);
		rc = lam_block_open(&r, f, i, &arena, e);
		if (rc)
			break;
		lam_index_range_of(&r.col[0], &x);
		lam_buf_printf(meta, "%016x%016" PRIx64 "%016" PRIx64,
			x.kind | (unsigned)x.scale << 8 |
			(unsigned)x.nulls << 16, (uint64_t)x.min,
			(uint64_t)x.max);
	}
	lam_buf_putc(meta, '\n');
	lam_arena_release(&arena);
	return rc;
}

int
lam_index_finish(struct lam_index_writer *w, struct lam_error *e)
{
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_buf meta = LAM_BUF_INIT, foot = LAM_BUF_INIT;
	bool open = false;
	int rc;

	rc = flush(w, e);
	/* Read back the written file, which also gives the directory. */
	if (!rc) {
		rc = lam_blockfile_open(&f, w->file.temp, e);
		open = !rc;
	}
	if (!rc && f.end != f.size)
		rc = lam_fail(e, LAM_SYSTEM, "%s: what was written does not "
			"read back", w->file.temp);
	lam_buf_printf(&meta, "rows %" PRIu64 "\nlines %016" PRIx64 "\n",
		w->rows, lam_checksum_value(w->sum));
	if (!rc)
		rc = put_ranges(&f, &meta, e);
	if (!rc)
		rc = lam_buf_check(&meta, e);
	if (!rc)
		rc = lam_blockfile_footer(f.version, f.block, f.nblocks,
			(struct lam_str){ meta.p, meta.n }, &foot, e);
	if (!rc)
		rc = lam_buf_check(&foot, e);
	if (!rc)
		rc = lam_io_write(w->file.fd, foot.p, foot.n, w->file.temp, e);
	if (open)
		lam_blockfile_close(&f);
	lam_buf_release(&meta);
	lam_buf_release(&foot);
	return rc;
}

int
lam_index_commit(struct lam_index_writer *w, struct lam_error *e)
{
	return lam_replace_commit_cache(&w->file, e);
}

int
lam_index_park(struct lam_index_writer *w, struct lam_replace *file,
	struct lam_error *e)
{
	int rc = lam_replace_park(&w->file, e);

	if (rc)
		return rc;
	*file = w->file;
	w->begun = false;
	return LAM_OK;
}

struct put {
	struct lam_index_writer *w;
	uint64_t lineno;
};

/* The lines start with "VIEW TAB", which the index does not keep. */
static int
put_lines(void *arg, struct lam_str text, uint64_t n, struct lam_error *e)
{
	struct put *p = arg;
	struct lam_str line;

	for (uint64_t i = 0; i < n; i++) {
		int rc;

		if (!lam_str_cut(&text, '\n', &line) ||
			line.n < p->w->nview)
			return lam_fail(e, LAM_DATA, "rows are missing");
		line.p += p->w->nview;
		line.n -= p->w->nview;
		rc = lam_index_line(p->w, line, ++p->lineno, e);
		if (rc)
			return rc;
	}
	return LAM_OK;
}

int
lam_index_put(struct lam_index_writer *w, const struct lam_section *s,
	struct lam_partials *p, struct lam_error *e)
{
	struct put put = { w, 0 };

	return lam_partial_text(p, s->view, w->threads, put_lines,
		&put, e);
}

/* ---------------------------------------------------------------- reader */

static int
fault(const char *path, const char *why, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: damaged: %s", path, why);
}

static int
check_blocks(const struct lam_index *x, const char *path,
	struct lam_error *e)
{
	uint32_t ncols = lam_query_columns(x->section.query);
	uint64_t rows = 0;

	for (size_t i = 0; i < x->file.nblocks; i++) {
		const struct lam_block *b = &x->file.block[i];

		if (b->first != rows || b->ncols != ncols)
			return fault(path, "its blocks do not fit together",
				e);
		rows += b->nrows;
	}
	return rows == x->rows ? LAM_OK : fault(path,
		"it has not as many rows as it says", e);
}

int
lam_index_open(struct lam_index *x, const char *path,
	const struct lam_query *q, struct lam_error *e)
{
	struct lam_str head, foot;
	int rc;

	*x = (struct lam_index){ .arena = LAM_ARENA_INIT };
	x->file = (struct lam_blockfile)LAM_BLOCKFILE_INIT;
	rc = lam_blockfile_open(&x->file, path, e);
	if (rc)
		return rc;
	head = (struct lam_str){ x->file.head.p, x->file.head.n };
	foot = (struct lam_str){ x->file.foot.p, x->file.foot.n };
	if (!x->file.sealed)
		rc = fault(path, "its footer is missing", e);
	if (!rc)
		rc = lam_section_parse(head, LAM_SECTION_INDEX, path, q,
			&x->arena, &x->section, e);
	if (!rc && (!lam_str_u64(lam_meta_get(foot, "rows"), &x->rows) ||
		!lam_str_hex(lam_meta_get(foot, "lines"), &x->sum)))
		rc = fault(path, "its footer is not an index's", e);
	x->ranges = lam_meta_get(foot, "ranges");
	if (!rc && x->ranges.p &&
		x->ranges.n != x->file.nblocks * RANGE_SIZE)
		rc = fault(path, "its ranges are not of its blocks", e);
	if (!rc)
		rc = check_blocks(x, path, e);
	if (rc)
		lam_index_close(x);
	return rc;
}

bool
lam_index_range(const struct lam_index *x, size_t block, struct lam_range *out)
{
	const char *p = x->ranges.p + block * RANGE_SIZE;
	uint64_t what, min, max;

	if (!x->ranges.p || !lam_str_hex((struct lam_str){ p, 16 }, &what) ||
		!lam_str_hex((struct lam_str){ p + 16, 16 }, &min) ||
		!lam_str_hex((struct lam_str){ p + 32, 16 }, &max))
		return false;
	*out = (struct lam_range){ .kind = (uint8_t)what,
		.scale = (uint8_t)(what >> 8), .nulls = what >> 16,
		.min = (int64_t)min, .max = (int64_t)max };
	return true;
}

void
lam_index_close(struct lam_index *x)
{
	lam_blockfile_close(&x->file);
	lam_arena_release(&x->arena);
}
