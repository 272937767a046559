/*
 * salvage.c - every intact block of a damaged log into a new one
 *
 *	1. open every segment file as it is (rescue.c); pass over those whose
 *	   header is valid and of another stream, but if all are, it is the
 *	   file id that is wrong
 *	2. the fields of each: from its header, else from a neighbour's that
 *	   has the most fields, else from the schema: all are the fields of the
 *	   schema at the time, in its order
 *	3. verify each block; sort by position
 *	4. append in that order; of two blocks that overlap (a segment and an
 *	   old copy of it) the rows that are not there yet
 *	5. what is missing before the end, or before what the witness says was
 *	   acknowledged, is lost; and what was in the last segment, if nothing
 *	   of it is left and there is no witness
 *
 * Values are copied as the bytes they were logged as.  One block is in memory
 * and one segment open at a time; writers wait until all is copied.
 */
#include "fsck/salvage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/name.h"
#include "fsck/log_check.h"
#include "fsck/rescue.h"
#include "log/append.h"
#include "log/segment.h"
#include "store/block.h"

#define LEVEL 1 /* zlib's; sealing packs again */

struct source { /* a segment file */
	struct lam_rescue file;
	uint64_t base; /* as it is named; UINT64_MAX: otherwise */
	bool open;
	const char **field;
	size_t nfields;
};

struct piece { /* a block of one */
	uint64_t first;
	uint32_t nrows;
	size_t source, block;
};

struct job {
	char dir[LAM_PATH_MAX], id[LAM_ID_HEX + 1];
	bool has_id;
	struct lam_findings *f;
	struct lam_salvage *s;
	struct source *source;
	size_t nsources;
	struct piece *piece;
	size_t npieces;
	struct lam_schema schema; /* as far as it can be read */
	struct lam_durable durable;
	struct lam_range_set kept;
	struct lam_append *append;
	size_t layout;		/* source whose fields were set last, + 1 */
	size_t current;		/* source whose file is open, + 1 */
	struct lam_block_facts facts;
	struct lam_arena arena, block;
};

/* ------------------------------------------------------------- the sources */

/* There may be ten thousand segments: one descriptor at a time. */
static void
shut(struct source *s)
{
	if (s->file.file.fd >= 0)
		close(s->file.file.fd);
	s->file.file.fd = -1;
}

static int
use(struct job *j, size_t i, struct lam_error *e)
{
	struct lam_blockfile *f = &j->source[i].file.file;

	if (j->current == i + 1)
		return LAM_OK;
	if (j->current)
		shut(&j->source[j->current - 1]);
	j->current = i + 1;
	return lam_io_open(&f->fd, f->path, O_RDONLY, e);
}

/* The id that the header of S has, or none. */
static struct lam_str
source_id(const struct source *s)
{
	struct lam_str id = { NULL, 0 };

	if (s->open && s->file.head)
		id = lam_meta_get((struct lam_str){ s->file.file.head.p,
			s->file.file.head.n }, "stream");
	return id.n == LAM_ID_HEX ? id : (struct lam_str){ NULL, 0 };
}

/* Settle on an id, and pass over sources that have another. */
static void
choose_stream(struct job *j)
{
	struct lam_str first = { NULL, 0 };

	for (size_t i = 0; i < j->nsources; i++) {
		struct lam_str id = source_id(&j->source[i]);

		if (id.p && j->has_id && !memcmp(id.p, j->id, LAM_ID_HEX)) {
			first = (struct lam_str){ NULL, 0 };
			break;
		}
		if (!first.p)
			first = id;
	}
	if (first.p)
		memcpy(j->id, first.p, LAM_ID_HEX);
	for (size_t i = 0; i < j->nsources; i++) {
		struct source *s = &j->source[i];
		struct lam_str id = source_id(s);

		if (!s->open || !s->file.head ||
			(id.p && !memcmp(id.p, j->id, LAM_ID_HEX)))
			continue;
		lam_found(j->f, LAM_MINOR, "%s: of another stream: passed "
			"over", s->file.file.path);
		s->file.file.nblocks = s->nfields = 0;
	}
}

static int
open_source(struct job *j, struct source *s, const char *name,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	char path[LAM_PATH_MAX];
	bool ok;
	int rc;

	rc = lam_io_path(path, sizeof path, e, "%s/%s", j->dir, name);
	if (rc)
		return rc;
	if (!lam_segment_name(name, &s->base))
		s->base = UINT64_MAX;
	rc = lam_rescue_open(&s->file, path, &why);
	rc = lam_judge(j->f, LAM_GRAVE, rc, &why, &ok, e);
	if (rc || !ok)
		return rc;
	s->open = true;
	shut(s);
	if (!s->file.head)
		return LAM_OK;
	rc = lam_segment_fields(&s->file.file, &j->arena, &s->field,
		&s->nfields, &why);
	rc = lam_judge(j->f, LAM_MINOR, rc, &why, &ok, e);
	if (!ok)
		s->nfields = 0;
	return rc;
}

/* Step 2 for a source without a header. */
static int
guess_fields(struct job *j, struct source *s, struct lam_error *e)
{
	for (size_t i = 0; i < j->nsources; i++)
		if (j->source[i].nfields > s->nfields) {
			s->field = j->source[i].field;
			s->nfields = j->source[i].nfields;
		}
	if (s->nfields)
		return LAM_OK;
	s->field = LAM_ARENA_NEW(&j->arena, const char *, j->schema.n + 1);
	if (!s->field)
		return lam_fail_mem(e);
	for (size_t i = 0; i < j->schema.n; i++)
		s->field[i] = j->schema.field[i].name;
	s->nfields = j->schema.n;
	return LAM_OK;
}

static int
open_sources(struct job *j, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	struct lam_error why = LAM_ERROR_INIT;
	bool found;
	int rc;

	if (lam_stream_id_read(j->dir, j->id, &j->has_id, NULL))
		j->has_id = false;
	if (lam_schema_read(j->dir, &j->arena, &j->schema, &found,
		&why))
		j->schema.n = 0;
	rc = lam_io_list(j->dir, ".seg", &names, e);
	j->source = calloc(names.n + 1, sizeof *j->source);
	if (!rc && !j->source)
		rc = lam_fail_mem(e);
	for (size_t i = 0; !rc && i < names.n; i++)
		rc = open_source(j, &j->source[j->nsources++], names.name[i],
			e);
	choose_stream(j);
	if (lam_durable_read(j->dir, j->id, &j->durable, NULL))
		j->durable = (struct lam_durable){ false, 0, 0, 0 };
	for (size_t i = 0; !rc && i < j->nsources; i++)
		if (j->source[i].open && !j->source[i].nfields)
			rc = guess_fields(j, &j->source[i], e);
	lam_names_release(&names);
	return rc;
}

static int
by_position(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->nrows < y->nrows) - (x->nrows > y->nrows);
}

/* Step 3. */
static int
find_pieces(struct job *j, struct lam_error *e)
{
	size_t n = 0;
	int rc = LAM_OK;

	for (size_t i = 0; i < j->nsources; i++)
		n += j->source[i].open ? j->source[i].file.file.nblocks : 0;
	j->piece = calloc(n + 1, sizeof *j->piece);
	if (!j->piece)
		return lam_fail_mem(e);
	for (size_t i = 0; i < j->nsources; i++) {
		const struct source *s = &j->source[i];
		size_t nblocks = s->open ? s->file.file.nblocks : 0;

		if (!rc && nblocks)
			rc = use(j, i, e);
		for (size_t k = 0; !rc && k < nblocks; k++) {
			const struct lam_block *b = &s->file.file.block[k];
			struct lam_error why;
			bool ok;

			/* Guessed fields say nothing about a digest. */
			rc = lam_block_intact(&s->file.file, k, s->file.head ?
				(const char *const *)s->field : NULL,
				&j->block, &ok, &why, e);
			if (!rc && ok && b->ncols <= s->nfields)
				j->piece[j->npieces++] = (struct piece){
					b->first, b->nrows, i, k };
		}
	}
	if (j->npieces)
		qsort(j->piece, j->npieces, sizeof *j->piece, by_position);
	return rc;
}

/* --------------------------------------------------------------- the copy */

/* Let the new stream have the fields of source I. */
static int
set_fields(struct job *j, size_t i, struct lam_error *e)
{
	const struct source *s = &j->source[i];
	struct lam_field *field;
	int rc;

	if (j->layout == i + 1)
		return LAM_OK;
	field = calloc(s->nfields + 1, sizeof *field);
	if (!field)
		return lam_fail_mem(e);
	for (size_t c = 0; c < s->nfields; c++) {
		field[c].name = s->field[c];
		for (size_t k = 0; k < j->schema.n; k++)
			if (!strcmp(j->schema.field[k].name, s->field[c]))
				field[c] = j->schema.field[k];
	}
	rc = lam_append_fields(j->append, field, s->nfields, e);
	free(field);
	if (!rc)
		j->layout = i + 1;
	return rc;
}

/* The cells of a block, without its first SKIP rows, as the columns that the
 * new stream wants. */
static int
arrange(struct job *j, const struct lam_cells *from, uint32_t skip,
	struct lam_cells *to, struct lam_error *e)
{
	const uint32_t *map;
	size_t n = lam_append_layout(j->append, &map, &j->facts.field);
	struct lam_cell *none;

	*to = *from;
	to->nrows -= skip;
	to->nfields = (uint32_t)n;
	to->field = LAM_ARENA_NEW(&j->block, struct lam_cell *, n + 1);
	none = LAM_ARENA_NEW(&j->block, struct lam_cell, to->nrows);
	if (!to->field || !none)
		return lam_fail_mem(e);
	for (uint32_t r = 0; r < to->nrows; r++)
		none[r].len = LAM_CELL_NULL;
	for (size_t c = 0; c < n; c++)
		to->field[c] = map[c] >= from->nfields ? none :
			from->field[map[c]] + skip;
	return LAM_OK;
}

/* Step 4, one block. */
static int
copy_piece(struct job *j, const struct piece *p, uint32_t skip,
	struct lam_error *e)
{
	const struct lam_blockfile *f = &j->source[p->source].file.file;
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_buf image = LAM_BUF_INIT;
	struct lam_block_reader reader;
	struct lam_cells cells, out;
	uint64_t first;
	int rc;

	lam_arena_reset(&j->block);
	rc = set_fields(j, p->source, e);
	if (!rc)
		rc = use(j, p->source, e);
	if (!rc)
		rc = lam_block_open(&reader, f, p->block, &j->block, e);
	if (!rc)
		rc = lam_block_cells(&reader, &j->block, &cells, e);
	if (!rc)
		rc = arrange(j, &cells, skip, &out, e);
	if (!rc)
		rc = lam_block_encode(&out, 0, LEVEL, &j->facts, &scratch,
			&image, e);
	if (!rc)
		rc = lam_append_image(j->append, &image, out.nrows, false,
			&first, e);
	if (!rc)
		rc = lam_ranges_add(&j->kept, p->first + skip,
			p->first + p->nrows, e);
	j->s->blocks += !rc;
	j->s->records += rc ? 0 : out.nrows;
	lam_buf_release(&image);
	lam_arena_release(&scratch);
	return rc;
}

static int
copy_pieces(struct job *j, struct lam_error *e)
{
	uint64_t at = 0;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < j->npieces; i++) {
		const struct piece *p = &j->piece[i];
		uint64_t end = p->first + p->nrows;

		if (end <= at)
			continue;
		rc = copy_piece(j, p, p->first < at ?
			(uint32_t)(at - p->first) : 0, e);
		at = end;
	}
	return rc ? rc : lam_append_sync(j->append, e);
}

/*
 * Without a witness nobody knows how much was in a last segment of which
 * nothing is left.  END: of what is kept.
 */
static void
tell_unknown(struct job *j, uint64_t end)
{
	for (size_t i = 0; !j->durable.valid && i < j->nsources; i++) {
		const struct source *s = &j->source[i];
		bool empty = s->open && s->file.head &&
			s->file.file.nblocks == 0;

		if (!empty && s->base >= end && s->base != UINT64_MAX)
			lam_found(j->f, LAM_GRAVE, "%s: lost: positions %"
				PRIu64 " and on: nothing in %020" PRIu64
				".seg is intact, and no witness says how much "
				"there was", j->dir, s->base, s->base);
	}
}

/* Step 5. */
static int
tell_lost(struct job *j, struct lam_error *e)
{
	uint64_t end = j->durable.valid ? j->durable.head : 0;
	int rc;

	lam_ranges_settle(&j->kept);
	if (j->kept.n && j->kept.item[j->kept.n - 1].to > end)
		end = j->kept.item[j->kept.n - 1].to;
	rc = lam_ranges_gaps(&j->kept, end, &j->s->lost, e);
	for (size_t i = 0; !rc && i < j->s->lost.n; i++)
		lam_found(j->f, LAM_GRAVE, "%s: lost: positions %" PRIu64
			" to %" PRIu64, j->dir, j->s->lost.item[i].from,
			j->s->lost.item[i].to - 1);
	tell_unknown(j, end);
	return rc;
}

static int
open_target(struct job *j, const char *out, const char *name,
	struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_io_path(path, sizeof path, e, "%s/master/%s", out, name);
	if (rc)
		return rc;
	if (lam_io_exists(path))
		return lam_fail(e, LAM_USAGE, "%s: is there already: salvage "
			"into a new directory", path);
	rc = lam_append_open(&j->append, out, name, e);
	if (!rc && j->schema.n)
		rc = lam_append_set_schema(j->append, &j->schema, e);
	return rc;
}

int
lam_salvage(const char *data, const char *name, const char *out,
	struct lam_findings *f, struct lam_salvage *s, struct lam_error *e)
{
	struct job j = { .f = f, .s = s, .arena = LAM_ARENA_INIT,
		.block = LAM_ARENA_INIT };
	int lock = -1, rc;

	if (!lam_name_ok(name, strlen(name)))
		return lam_fail(e, LAM_USAGE, "\"%.80s\" cannot be the name "
			"of a stream", name);
	rc = lam_io_path(j.dir, sizeof j.dir, e, "%s/master/%s", data, name);
	if (!rc && !lam_io_exists(j.dir))
		rc = lam_fail(e, LAM_USAGE, "%s: there is no stream \"%s\"",
			data, name);
	if (!rc)
		rc = lam_log_lock_shared(j.dir, &lock, e);
	if (!rc)
		rc = open_sources(&j, e);
	if (!rc)
		rc = find_pieces(&j, e);
	if (!rc)
		rc = open_target(&j, out, name, e);
	if (!rc)
		rc = copy_pieces(&j, e);
	if (!rc)
		rc = tell_lost(&j, e);
	lam_append_close(j.append);
	if (lock >= 0)
		close(lock);
	for (size_t i = 0; i < j.nsources; i++)
		if (j.source[i].open)
			lam_rescue_close(&j.source[i].file);
	free(j.source);
	free(j.piece);
	lam_ranges_release(&j.kept);
	lam_arena_release(&j.arena);
	lam_arena_release(&j.block);
	return rc;
}

void
lam_salvage_release(struct lam_salvage *s)
{
	lam_ranges_release(&s->lost);
}
