/*
 * index_text.c - the rows of an index as the partial text they were made from
 *
 * Columns are loaded with their types and printed as lam-batch printed them,
 * so equal text means that reading, decoding, typing and printing all give
 * back what was published.
 */
#include "partial/index_text.h"

#include "base/hash.h"
#include "partial/record.h"
#include "partial/record_rows.h"
#include "store/block.h"

void
lam_index_text_init(struct lam_index_text *t, const struct lam_index *x)
{
	*t = (struct lam_index_text){ .index = x, .text = LAM_BUF_INIT,
		.arena = LAM_ARENA_INIT };
}

void
lam_index_text_release(struct lam_index_text *t)
{
	lam_buf_release(&t->text);
	lam_arena_release(&t->arena);
}

static int
load(struct lam_index_text *t, const struct lam_block_reader *r, uint32_t c,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_coltype type = { LAM_TEXT, 0 };
	struct lam_vec text;
	uint64_t bad = 0;
	const char *name;
	int rc;

	lam_query_column(t->index->section.query, c, &name, &type.type);
	if (type.type == LAM_BOOL) {
		type.type = LAM_TEXT;
		rc = lam_block_column(r, c, type, &t->arena, &text, &bad, e);
		if (!rc)
			rc = lam_vec_to_bool(&text, &t->arena, out, &bad, e);
	} else {
		rc = lam_block_column(r, c, type, &t->arena, out, &bad, e);
	}
	if (!rc && bad)
		rc = lam_fail(e, LAM_DATA, "%s: damaged: block %zu: a value "
			"of \"%s\" is not of its type", t->index->file.path,
			t->block, name);
	return rc;
}

/* Does the footer say of block B what its head does? */
static int
check_range(const struct lam_index *x, size_t b,
	const struct lam_block_reader *reader, struct lam_error *e)
{
	struct lam_range said, is;

	if (!x->ranges.p)
		return LAM_OK;
	lam_index_range_of(&reader->col[0], &is);
	if (lam_index_range(x, b, &said) && said.kind == is.kind &&
		said.scale == is.scale && said.nulls == is.nulls &&
		said.min == is.min && said.max == is.max)
		return LAM_OK;
	return lam_fail(e, LAM_DATA, "%s: damaged: block %zu: its range is not "
		"the one in the footer", x->file.path, b);
}

static int
print_block(struct lam_index_text *t, struct lam_error *e)
{
	const struct lam_section *s = &t->index->section;
	uint32_t n = lam_query_columns(s->query);
	struct lam_block_reader reader;
	struct lam_vec *column;
	int rc;

	lam_arena_reset(&t->arena);
	lam_buf_clear(&t->text);
	t->at = 0;
	column = LAM_ARENA_NEW(&t->arena, struct lam_vec, (size_t)n + 1);
	if (!column)
		return lam_fail_mem(e);
	rc = lam_block_open(&reader, &t->index->file, t->block, &t->arena, e);
	if (!rc)
		rc = check_range(t->index, t->block, &reader, e);
	for (uint32_t c = 0; !rc && c < n; c++)
		rc = load(t, &reader, c, &column[c], e);
	if (!rc)
		lam_record_lines(s->query, s->view, column, 0,
			reader.block->nrows, &t->text);
	t->block++;
	return rc ? rc : lam_buf_check(&t->text, e);
}

int
lam_index_text_look(struct lam_index_text *t, struct lam_str *out,
	struct lam_error *e)
{
	int rc = LAM_OK;

	if (t->at == t->text.n && t->block < t->index->file.nblocks)
		rc = print_block(t, e);
	*out = rc || t->at == t->text.n ? (struct lam_str){ "", 0 } :
		(struct lam_str){ t->text.p + t->at, t->text.n - t->at };
	return rc;
}

int
lam_index_verify(const struct lam_index *x, struct lam_error *e)
{
	struct lam_checksum *sum = lam_checksum_new();
	struct lam_index_text t;
	struct lam_str text;
	int rc = sum ? LAM_OK : lam_fail_mem(e);

	lam_index_text_init(&t, x);
	while (!rc) {
		rc = lam_index_text_look(&t, &text, e);
		if (rc || text.n == 0)
			break;
		lam_checksum_add(sum, text.p, text.n);
		t.at += text.n;
	}
	if (!rc && lam_checksum_value(sum) != x->sum)
		rc = lam_fail(e, LAM_DATA, "%s: damaged: its rows do not "
			"match the checksum in its footer",
			x->file.path);
	if (sum)
		lam_checksum_free(sum);
	lam_index_text_release(&t);
	return rc;
}
