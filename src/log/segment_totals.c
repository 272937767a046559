/*
 * segment_totals.c - totals and extents at the end of a segment
 *
 * A sealed segment says them in its footer.  An open one says in its header what
 * there was before it, and its blocks say the rest.
 */
#include "base/bytes.h"
#include "base/escape.h"
#include "log/segment.h"
#include "store/block.h"

bool
lam_segment_totals_parse(struct lam_str meta, struct lam_totals *t)
{
	return lam_str_u64(lam_meta_get(meta, "text"), &t->text) &&
		lam_str_u64(lam_meta_get(meta, "rejects"), &t->rejects) &&
		lam_str_u64(lam_meta_get(meta, "blocks"), &t->blocks) &&
		lam_str_u64(lam_meta_get(meta, "bytes"), &t->bytes);
}

int
lam_segment_totals_add(struct lam_totals *t, struct lam_extents *x,
	struct lam_places *p, uint32_t nrows, uint32_t ncols,
	const char *const *field, const struct lam_colmeta *col,
	struct lam_str notes, struct lam_error *e)
{
	unsigned kind, flags;
	struct lam_place place;
	struct lam_str v;
	int rc = LAM_OK;

	for (uint32_t c = 0; !rc && c < ncols; c++)
		rc = lam_extents_add(x, c, field[c], nrows, &col[c], e);
	while (!rc && lam_block_next_note(&notes, &kind, &flags, &v)) {
		if (kind == LAM_NOTE_INPUT && v.n == 16) {
			t->text += lam_get64(v.p);
			t->rejects += lam_get64(v.p + 8);
		} else if (p && kind == LAM_NOTE_PLACE &&
			lam_place_get(v, &place)) {
			rc = lam_places_set(p, &place, e);
		}
	}
	return rc;
}

int
lam_segment_totals(const struct lam_blockfile *f,
	const struct lam_segment_head *h, struct lam_totals *t,
	struct lam_extents *x, struct lam_places *p, struct lam_error *e)
{
	const struct lam_buf *b = f->sealed ? &f->foot : &f->head;
	const struct lam_str meta = { b->p, b->n };
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_block_reader r;
	int rc;

	*t = h->before;
	if (f->sealed && !lam_segment_totals_parse(meta, t))
		return lam_fail(e, LAM_DATA, "%s: its footer lacks totals: "
			"the file is damaged, restore it from a copy", f->path);
	rc = lam_extents_parse(x, meta, f->sealed ? lam_segment_end(f, h->base) :
		h->base, f->path, e);
	for (size_t i = 0; !rc && !f->sealed && i < f->nblocks; i++) {
		lam_arena_reset(&a);
		rc = lam_block_open(&r, f, i, &a, e);
		if (!rc)
			rc = lam_segment_totals_add(t, x, p, r.block->nrows,
				r.block->ncols, h->field, r.col, r.notes, e);
	}
	lam_arena_release(&a);
	return rc;
}
