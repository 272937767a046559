/*
 * salvage_places.c - the source places that a damaged log still tells
 */
#include "fsck/salvage_places.h"

#include "base/escape.h"
#include "store/block.h"

#define NOTES_BYTES (LAM_BLOCK_NOTES_MAX / 2) /* of one block; a place is smaller */

static int
note(struct lam_salvage_places *p, uint64_t pos, struct lam_place x,
	struct lam_error *e)
{
	const struct lam_place *have = lam_places_find(&p->latest, x.key);

	if (pos > p->end || (have && have->from > pos))
		return LAM_OK;
	x.from = pos;
	return lam_places_set(&p->latest, &x, e);
}

/* Those of the lines META, which stand for the position that KEY says. */
static int
note_lines(struct lam_salvage_places *p, const struct lam_buf *meta,
	const char *key, const char *path, struct lam_error *e)
{
	const struct lam_str lines = { meta->p, meta->n };
	struct lam_places said = LAM_PLACES_INIT;
	uint64_t pos;
	int rc = LAM_OK;

	if (!meta->n || !lam_str_u64(lam_meta_get(lines, key), &pos))
		return LAM_OK;
	/* One line that is not valid ends them. */
	if (lam_places_parse(&said, lines, LAM_PLACE_UNTOLD, path, e) == LAM_SYSTEM)
		rc = LAM_SYSTEM;
	for (size_t i = 0; !rc && i < said.n; i++)
		rc = note(p, pos, said.item[i], e);
	lam_places_release(&said);
	return rc;
}

int
lam_salvage_places_file(struct lam_salvage_places *p,
	const struct lam_blockfile *f, struct lam_error *e)
{
	int rc = note_lines(p, &f->head, "base", f->path, e);

	return rc ? rc : note_lines(p, &f->foot, "end", f->path, e);
}

int
lam_salvage_places_block(struct lam_salvage_places *p, uint64_t pos,
	struct lam_str notes, struct lam_error *e)
{
	unsigned kind, flags;
	struct lam_place x;
	struct lam_str v;
	int rc = LAM_OK;

	while (!rc && lam_block_next_note(&notes, &kind, &flags, &v))
		if (kind == LAM_NOTE_PLACE && lam_place_get(v, &x))
			rc = note(p, pos, x, e);
	return rc;
}

/* One block that has NOTES and no rows. */
static int
put_block(struct lam_append *a, struct lam_buf *notes, struct lam_error *e)
{
	const struct lam_cells none = { .nrows = 0 };
	struct lam_block_facts facts = { .notes = { notes->p, notes->n } };
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_buf image = LAM_BUF_INIT;
	uint64_t first;
	int rc;

	rc = lam_block_encode(&none, 0, 0, &facts, &scratch, &image, e);
	if (!rc)
		rc = lam_append_image(a, &image, 0, false, &first, e);
	lam_buf_release(&image);
	lam_arena_release(&scratch);
	lam_buf_clear(notes);
	return rc;
}

int
lam_salvage_places_put(const struct lam_salvage_places *p,
	struct lam_append *a, struct lam_error *e)
{
	struct lam_buf notes = LAM_BUF_INIT;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < p->latest.n; i++) {
		struct lam_place x = p->latest.item[i];

		x.from = 0;
		rc = lam_place_put(&x, &notes, e);
		if (!rc && notes.n > NOTES_BYTES)
			rc = put_block(a, &notes, e);
	}
	if (!rc && notes.n)
		rc = put_block(a, &notes, e);
	lam_buf_release(&notes);
	return rc;
}
