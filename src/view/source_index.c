/*
 * source_index.c - an index file as a source
 *
 * A block that cannot hold a wanted key is never read beyond its directory:
 * the ranges of its columns tell.  A BOOL column is stored as text.
 */
#include "view/sources.h"

#include <stdlib.h>

#include "view/rows.h"

struct lam_index_slot {
	struct lam_index_source *owner;
	struct lam_block_reader reader;
};

static int
load_typed(struct lam_index_slot *slot, struct lam_batch *b, uint32_t f,
	bool raw, struct lam_vec *out, uint64_t *bad, struct lam_error *e)
{
	struct lam_coltype t = { LAM_TEXT, 0 };
	const char *name;
	struct lam_vec text;
	int rc;

	if (!raw)
		lam_query_column(slot->owner->index->section.query, f, &name,
			&t.type);
	if (t.type != LAM_BOOL)
		return lam_block_column(&slot->reader, f, t, b->arena, out,
			bad, e);
	t.type = LAM_TEXT;
	rc = lam_block_column(&slot->reader, f, t, b->arena, &text, bad, e);
	return rc ? rc : lam_vec_to_bool(&text, b->arena, out, bad, e);
}

static int
load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct lam_index_slot *slot = b->state;
	uint64_t wrong = 0;
	int rc;

	(void)bad;
	rc = load_typed(slot, b, f, raw, out, &wrong, e);
	if (!rc && wrong)
		rc = lam_fail(e, LAM_DATA, "%s: damaged: a value is not of "
			"its column's type", slot->owner->index->file.path);
	if (rc == LAM_DATA)
		atomic_store(&slot->owner->damaged, true);
	return rc;
}

static int
match(struct lam_batch *b, uint32_t f, struct lam_str s, struct lam_vec *out,
	bool *matched, struct lam_error *e)
{
	struct lam_index_slot *slot = b->state;
	int rc = lam_block_match(&slot->reader, f, s, b->arena, out, matched,
		e);

	if (rc == LAM_DATA)
		atomic_store(&slot->owner->damaged, true);
	return rc;
}

static void
range(struct lam_batch *b, uint32_t f, struct lam_range *out)
{
	struct lam_index_slot *slot = b->state;
	const struct lam_colmeta *m = &slot->reader.col[f];
	const char *name;
	uint8_t type;

	lam_query_column(slot->owner->index->section.query, f, &name, &type);
	*out = (struct lam_range){ .kind = m->kind, .scale = m->scale,
		.min = m->min, .max = m->max, .nulls = m->nulls > 0 };
	if (type == LAM_BOOL)
		out->kind = LAM_RANGE_NONE;
}

static int
next(struct lam_source *s, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct lam_index_source *x = s->state;
	struct lam_index_slot *slot = &x->slot[worker];
	size_t i = atomic_fetch_add(&x->next, 1);
	int rc;

	*got = false;
	if (i >= x->index->file.nblocks)
		return LAM_OK;
	rc = lam_block_open(&slot->reader, &x->index->file, i, b->arena, e);
	if (rc) {
		if (rc == LAM_DATA)
			atomic_store(&x->damaged, true);
		return rc;
	}
	b->n = x->index->file.block[i].nrows;
	b->pos = x->index->file.block[i].first;
	b->state = slot;
	b->load = load;
	b->match = match;
	b->range = range;
	*got = true;
	return LAM_OK;
}

int
lam_index_source_init(struct lam_index_source *s, const struct lam_index *x,
	unsigned workers, struct lam_error *e)
{
	s->source = (struct lam_source){ s, next, x->rows };
	s->index = x;
	atomic_init(&s->next, 0);
	atomic_init(&s->damaged, false);
	s->slot = calloc(workers + 1, sizeof *s->slot);
	if (!s->slot)
		return lam_fail_mem(e);
	for (unsigned i = 0; i < workers; i++)
		s->slot[i].owner = s;
	return LAM_OK;
}

void
lam_index_source_release(struct lam_index_source *s)
{
	free(s->slot);
	s->slot = NULL;
}
