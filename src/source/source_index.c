/*
 * source_index.c - an index file as a source
 *
 * A block is opened when a column of it is asked for, or the range of one that the
 * footer does not tell: one that cannot hold a wanted key is not read at all, or
 * its directory alone.  A BOOL column is stored as text.
 */
#include "source/source.h"

#include <stdlib.h>

#include "base/progress.h"
#include "partial/record_rows.h"

struct lam_index_slot {
	struct lam_index_source *owner;
	size_t block;
	bool open; /* the reader is of it */
	struct lam_block_reader reader;
};

static int
open_block(struct lam_index_slot *slot, struct lam_batch *b,
	struct lam_error *e)
{
	int rc = slot->open ? LAM_OK : lam_block_open(&slot->reader,
		&slot->owner->index->file, slot->block, b->arena, e);

	slot->open = !rc;
	if (rc == LAM_DATA)
		atomic_store(&slot->owner->damaged, true);
	return rc;
}

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
	rc = open_block(slot, b, e);
	if (rc)
		return rc;
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
	int rc = open_block(slot, b, e);

	*matched = false;
	if (rc)
		return rc;
	rc = lam_block_match(&slot->reader, f, s, b->arena, out, matched, e);
	if (rc == LAM_DATA)
		atomic_store(&slot->owner->damaged, true);
	return rc;
}

/* A block that does not open may hold anything; loading from it will tell. */
static void
range(struct lam_batch *b, uint32_t f, struct lam_range *out)
{
	struct lam_index_slot *slot = b->state;
	const struct lam_index *x = slot->owner->index;
	struct lam_error unused = LAM_ERROR_INIT;
	const char *name;
	uint8_t type;

	lam_query_column(x->section.query, f, &name, &type);
	*out = (struct lam_range){ .kind = LAM_RANGE_NONE, .nulls = true };
	if (type != LAM_BOOL && !(f == 0 && lam_index_range(x, slot->block,
		out)) && !open_block(slot, b, &unused))
		lam_index_range_of(&slot->reader.col[f], out);
}

static int
next(struct lam_source *s, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct lam_index_source *x = s->state;
	struct lam_index_slot *slot = &x->slot[worker];
	const struct lam_block *block;

	(void)e;
	slot->block = atomic_fetch_add(&x->next, 1);
	slot->open = false;
	*got = slot->block < x->index->file.nblocks;
	if (!*got)
		return LAM_OK;
	block = &x->index->file.block[slot->block];
	lam_progress_add(block->nrows, 0);
	b->n = block->nrows;
	b->pos = block->first;
	b->state = slot;
	b->load = load;
	b->match = match;
	b->range = range;
	return LAM_OK;
}

int
lam_index_source_init(struct lam_index_source *s, const struct lam_index *x,
	unsigned workers, struct lam_error *e)
{
	s->source = (struct lam_source){ .state = s, .next = next,
		.rows = x->rows };
	lam_progress_expect(x->rows, 0);
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
