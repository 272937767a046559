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

void
lam_segment_totals_add(struct lam_totals *t, struct lam_str notes)
{
	unsigned kind, flags;
	struct lam_str v;

	while (lam_block_next_note(&notes, &kind, &flags, &v))
		if (kind == LAM_NOTE_INPUT && v.n == 16) {
			t->text += lam_get64(v.p);
			t->rejects += lam_get64(v.p + 8);
		}
}

/* Add block I of F. */
static int
add_block(const struct lam_blockfile *f, const struct lam_segment_head *h,
	size_t i, struct lam_arena *a, struct lam_totals *t,
	struct lam_extents *x, struct lam_error *e)
{
	struct lam_block_reader r;
	int rc = lam_block_open(&r, f, i, a, e);

	if (rc)
		return rc;
	lam_segment_totals_add(t, r.notes);
	for (uint32_t c = 0; x && !rc && c < f->block[i].ncols &&
		c < h->nfields; c++)
		rc = lam_extents_add(x, c, h->field[c], f->block[i].nrows,
			&r.col[c], e);
	return rc;
}

int
lam_segment_totals(const struct lam_blockfile *f,
	const struct lam_segment_head *h, struct lam_totals *t,
	struct lam_extents *x, struct lam_error *e)
{
	const struct lam_buf *meta = f->sealed ? &f->foot : &f->head;
	uint64_t at = f->sealed ? lam_segment_end(f, h->base) : h->base;
	struct lam_arena a = LAM_ARENA_INIT;
	int rc = LAM_OK;

	*t = h->before;
	if (f->sealed && !lam_segment_totals_parse((struct lam_str){ meta->p,
		meta->n }, t))
		return lam_fail(e, LAM_DATA, "%s: its footer lacks totals: "
			"the file is damaged, restore it from a copy", f->path);
	if (x)
		rc = lam_extents_parse(x, (struct lam_str){ meta->p, meta->n },
			at, f->path, e);
	for (size_t i = 0; !rc && !f->sealed && i < f->nblocks; i++) {
		lam_arena_reset(&a);
		rc = add_block(f, h, i, &a, t, x, e);
	}
	lam_arena_release(&a);
	return rc;
}
