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
 *	5. note how far each source has come (salvage_places.c)
 *	6. what is missing before the end, or before what the witness says was
 *	   acknowledged, is lost; and what was in the last segment, if nothing
 *	   of it is left and there is no witness
 *
 * Values are copied as the bytes they were logged as.  One block is in memory
 * and one segment open at a time; writers wait until all is copied.
 */
#include "fsck/salvage_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/name.h"
#include "fsck/log_check.h"
#include "store/block.h"

#define LEVEL 1 /* sealing packs again */

static int
by_position(const void *a, const void *b)
{
	const struct lam_salvage_piece *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->nrows != y->nrows)
		return x->nrows > y->nrows ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return (x->block > y->block) - (x->block < y->block);
}

/* Step 3. */
static int
find_pieces(struct lam_salvage_job *j, struct lam_error *e)
{
	size_t n = 0;
	int rc = LAM_OK;

	for (size_t i = 0; i < j->nsources; i++)
		n += j->source[i].open ? j->source[i].file.file.nblocks : 0;
	j->piece = calloc(n + 1, sizeof *j->piece);
	if (!j->piece)
		return lam_fail_mem(e);
	for (size_t i = 0; i < j->nsources; i++) {
		const struct lam_salvage_source *s = &j->source[i];
		size_t nblocks = s->open ? s->file.file.nblocks : 0;

		if (!rc && nblocks)
			rc = lam_salvage_use(j, i, e);
		for (size_t k = 0; !rc && k < nblocks; k++) {
			const struct lam_block *b = &s->file.file.block[k];
			struct lam_error why;
			bool ok;

			/* Guessed fields say nothing about a digest. */
			rc = lam_block_intact(&s->file.file, k, s->file.head ?
				(const char *const *)s->field : NULL,
				&j->block, &ok, &why, e);
			if (!rc && ok && b->ncols <= s->nfields)
				j->piece[j->npieces++] = (struct lam_salvage_piece){
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
set_fields(struct lam_salvage_job *j, size_t i, struct lam_error *e)
{
	const struct lam_salvage_source *s = &j->source[i];
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
arrange(struct lam_salvage_job *j, const struct lam_cells *from, uint32_t skip,
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
copy_piece(struct lam_salvage_job *j, const struct lam_salvage_piece *p, uint32_t skip,
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
	rc = p->nrows ? set_fields(j, p->source, e) : LAM_OK;
	if (!rc)
		rc = lam_salvage_use(j, p->source, e);
	if (!rc)
		rc = lam_block_open(&reader, f, p->block, &j->block, e);
	if (!rc)
		rc = lam_salvage_places_block(&j->places, p->first + p->nrows,
			reader.notes, e);
	if (rc || p->nrows == 0)
		goto out;
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
out:
	lam_buf_release(&image);
	lam_arena_release(&scratch);
	return rc;
}

/* Step 5, before 4: what the header and the footer of each file say.  Blocks say
 * theirs as they are copied. */
static int
note_places(struct lam_salvage_job *j, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; i < j->npieces; i++)
		if (j->piece[i].first + j->piece[i].nrows > j->places.end)
			j->places.end = j->piece[i].first + j->piece[i].nrows;
	for (size_t i = 0; !rc && i < j->nsources; i++)
		if (j->source[i].open && j->source[i].file.head)
			rc = lam_salvage_places_file(&j->places,
				&j->source[i].file.file, e);
	return rc;
}

static int
copy_pieces(struct lam_salvage_job *j, struct lam_error *e)
{
	uint64_t at = 0;
	int rc = note_places(j, e);

	for (size_t i = 0; !rc && i < j->npieces; i++) {
		const struct lam_salvage_piece *p = &j->piece[i];
		uint64_t end = p->first + p->nrows;

		if (end < at || (end == at && p->nrows))
			continue;
		rc = copy_piece(j, p, p->first < at ?
			(uint32_t)(at - p->first) : 0, e);
		at = end;
	}
	if (!rc && at)
		rc = lam_salvage_places_put(&j->places, j->append, e);
	return rc ? rc : lam_append_sync(j->append, e);
}

/*
 * Without a witness nobody knows how much was in a last segment of which
 * nothing is left.  END: of what is kept.
 */
static void
tell_unknown(struct lam_salvage_job *j, uint64_t end)
{
	for (size_t i = 0; !j->durable.valid && i < j->nsources; i++) {
		const struct lam_salvage_source *s = &j->source[i];
		bool empty = s->open && s->file.head &&
			s->file.file.nblocks == 0;

		if (!empty && s->base >= end && s->base != UINT64_MAX)
			lam_found(j->f, LAM_GRAVE, "%s: lost: positions %"
				PRIu64 " and on: nothing in %020" PRIu64
				".seg is intact, and no witness says how much "
				"there was", j->dir, s->base, s->base);
	}
}

/* Step 6. */
static int
tell_lost(struct lam_salvage_job *j, struct lam_error *e)
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
open_target(struct lam_salvage_job *j, const char *out, const char *name,
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
	struct lam_salvage_job j = { .f = f, .s = s, .arena = LAM_ARENA_INIT,
		.block = LAM_ARENA_INIT };
	int lock = -1, rc;

	if (!lam_name_ok(name, strlen(name)))
		return lam_fail(e, LAM_USAGE, "\"%.80s\" cannot be the name "
			"of a stream", name);
	rc = lam_io_path(j.dir, sizeof j.dir, e, "%s/master/%s", data, name);
	if (!rc && !lam_io_exists(j.dir))
		rc = lam_stream_missing(data, name, e);
	if (!rc)
		rc = lam_log_lock_shared(j.dir, &lock, e);
	if (!rc)
		rc = lam_salvage_open_sources(&j, e);
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
	lam_places_release(&j.places.latest);
	lam_arena_release(&j.arena);
	lam_arena_release(&j.block);
	return rc;
}

void
lam_salvage_release(struct lam_salvage *s)
{
	lam_ranges_release(&s->lost);
}
