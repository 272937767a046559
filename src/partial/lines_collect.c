/*
 * lines_collect.c - lines in any order into a partial
 *
 * One pass: headers are kept, records go through a sorter, which is bounded in memory.
 * Then the headers of each view are joined, and the sorted records are merged,
 * checked, counted and written.  What they add up to must be what the headers say;
 * if it is not, the output has no trailer.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "partial/fold.h"
#include "partial/lines.h"
#include "partial/record_rows.h"
#include "rows/sorter.h"

struct head {
	struct lam_section s;
	struct lam_lines_sum sum;
	const char *where;
};

struct collect {
	struct lam_partial_writer *w;
	struct lam_arena arena;
	struct head *head; /* by view and range, when all are read */
	size_t n, cap;
	struct lam_sorter sorter;
	uint64_t seq;	   /* of the next line: keys of the sorter are unique */
	struct lam_buf key;
	/* The view that is written: its heads end before NEXT. */
	size_t next;
	bool open;
	struct lam_section section;
	struct lam_query *counted;
	struct lam_lines_sum want, have;
	struct lam_fold fold;
	bool folding;
	/* Records that are not yet checked: KEY TAB STATE LF each. */
	struct lam_buf block;
	uint32_t nblock;
	uint64_t rows;
	struct lam_record_rows parsed;
	struct lam_error *e;
};

/* ----------------------------------------------------------------- reading */

static int
take_header(struct collect *c, struct lam_str line, const char *where)
{
	struct head *h;

	if (!lam_array_room(&c->head, &c->cap, c->n + 1, sizeof *c->head))
		return lam_fail_mem(c->e);
	h = &c->head[c->n++];
	h->where = lam_arena_dup(&c->arena, where, strlen(where));
	if (!h->where)
		return lam_fail_mem(c->e);
	return lam_lines_parse_header(line, where, &c->arena, &h->s, &h->sum,
		c->e);
}

/* Under its key, behind those of the same key. */
static int
take_record(struct collect *c, struct lam_str line,
	struct lam_partial_reader *r)
{
	struct lam_vec v = { .type = LAM_TEXT, .rep = LAM_FLAT, .n = 1,
		.str = &line };
	struct lam_str key, state;
	uint64_t n;
	char seq[8];
	int rc;

	if (!lam_lines_split(line, &key, &state, &n))
		return lam_lines_fault(lam_partial_where(r), c->e);
	for (unsigned i = 0; i < sizeof seq; i++)
		seq[i] = (char)(c->seq >> (56 - 8 * i));
	c->seq++;
	lam_buf_clear(&c->key);
	lam_buf_put(&c->key, key.p, key.n);
	lam_buf_put(&c->key, seq, sizeof seq);
	rc = lam_buf_check(&c->key, c->e);
	return rc ? rc : lam_sorter_add(&c->sorter, (struct lam_str){
		c->key.p, c->key.n }, &v, 0, c->e);
}

static int
read_lines(struct collect *c, const char *path)
{
	struct lam_partial_reader *r = NULL;
	struct lam_str line;
	bool got = true;
	int rc = lam_partial_reader_open(&r, path, c->e);

	while (!rc && got) {
		rc = lam_partial_read_line(r, &line, &got, c->e);
		if (rc || !got)
			break;
		rc = line.n && line.p[0] == '#' ?
			take_header(c, line, lam_partial_where(r)) :
			take_record(c, line, r);
	}
	lam_partial_reader_free(r);
	return rc;
}

static int
by_section(const void *a, const void *b)
{
	const struct head *x = a, *y = b;

	return lam_section_order(&x->s, &y->s);
}

/* ----------------------------------------------------------------- writing */

/* The view of the heads from c->next on: joined, and its header written. */
static int
begin_view(struct collect *c)
{
	const struct head *h = &c->head[c->next];
	size_t n = 1;
	int rc = lam_section_first(&c->section, &h->s, &c->arena, c->e);

	c->want = h->sum;
	for (; !rc && c->next + n < c->n &&
		!strcmp(h[n].s.view, h->s.view); n++) {
		rc = lam_section_join(&c->section, h[n - 1].where, &h[n].s,
			h[n].where, c->e);
		c->want.keys += h[n].sum.keys;
	}
	c->want.counted = c->section.counts.counted;
	c->have = (struct lam_lines_sum){ 0, 0 };
	c->next += n;
	c->rows = 0;
	c->open = true;
	c->counted = lam_query_counted(c->section.query, &c->arena);
	if (!rc && !c->counted)
		rc = lam_fail_mem(c->e);
	return rc ? rc : lam_partial_begin(c->w, &c->section, c->e);
}

/* Check the block and write it. */
static int
put_block(struct collect *c)
{
	struct lam_str text = { c->block.p, c->block.n }, line;
	const struct lam_query *q = c->section.query;
	struct lam_arena arena = LAM_ARENA_INIT;
	int rc = lam_buf_check(&c->block, c->e);

	if (!rc && c->nblock)
		rc = lam_record_rows_parse(&c->parsed, q, text, c->nblock,
			c->section.view, c->rows + 1, c->e);
	if (!rc && c->nblock)
		rc = lam_record_rows_check(&c->parsed, q, text,
			c->section.view, c->rows + 1, &arena, c->e);
	lam_arena_release(&arena);
	while (!rc && text.n && lam_str_cut(&text, '\n', &line))
		rc = lam_partial_line(c->w, line, c->e);
	c->rows += c->nblock;
	c->nblock = 0;
	lam_buf_clear(&c->block);
	return rc;
}

/* The record of the fold, less its count, into the block. */
static int
end_record(struct collect *c)
{
	struct lam_str line, key, state;
	size_t view = strlen(c->section.view) + 1;
	uint64_t n;
	int rc;

	if (!c->folding)
		return LAM_OK;
	c->folding = false;
	rc = lam_fold_end(&c->fold, &line, c->e);
	if (!rc)
		rc = lam_lines_add(&c->have, line, c->e);
	if (rc)
		return rc;
	if (!lam_lines_split(line, &key, &state, &n) ||
		(n == 0 && c->section.query->nkeys))
		return lam_fail(c->e, LAM_DATA, "%s: a record of a group that "
			"has no rows", c->section.view);
	while (line.n > key.n && line.p[line.n - 1] != ',')
		line.n--;
	if (line.n > key.n)
		line.n--;
	lam_buf_put(&c->block, line.p + view, line.n - view);
	lam_buf_putc(&c->block, '\n');
	return ++c->nblock == LAM_RECORD_ROWS_BLOCK ||
		c->block.n >= LAM_RECORD_ROWS_BYTES ? put_block(c) : LAM_OK;
}

static int
end_view(struct collect *c)
{
	const char *view = c->section.view, *how = NULL;
	int rc = end_record(c);

	if (!rc)
		rc = put_block(c);
	if (rc)
		return rc;
	c->open = false;
	if (c->have.counted < c->want.counted ||
		(!c->rows && !c->section.query->nkeys))
		how = "records are missing";
	else if (c->have.counted > c->want.counted)
		how = "records came twice, or header lines are missing";
	else if (c->have.keys != c->want.keys)
		how = "a key was changed, or records are missing and others came "
			"twice";
	if (how)
		return lam_fail(c->e, LAM_DATA, "%s: the lines are not those that "
			"were written: they count %" PRIu64 " records, their "
			"headers %" PRIu64 ": %s", view, c->have.counted,
			c->want.counted, how);
	return lam_partial_end(c->w, c->e);
}

/* The view of KEY is open, and all before it are written. */
static int
reach_view(struct collect *c, struct lam_str key)
{
	int rc = LAM_OK;

	for (;;) {
		size_t n = strlen(c->section.view);

		if (c->open && key.n > n && key.p[n] == '\t' &&
			!memcmp(key.p, c->section.view, n))
			return LAM_OK;
		if (c->open)
			rc = end_view(c);
		if (!rc && c->next == c->n)
			return lam_fail(c->e, LAM_DATA, "no header line of view "
				"%.*s came, but records of it", (int)
				((const char *)memchr(key.p, '\t', key.n) -
				key.p), key.p);
		if (!rc)
			rc = begin_view(c);
		if (rc)
			return rc;
	}
}

static int
take_sorted(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct collect *c = arg;
	int rc = LAM_OK;

	(void)e; /* c->e */
	for (uint32_t i = 0; !rc && i < n; i++) {
		struct lam_str line = lam_vec_text(column, i), key, state;
		uint64_t counted;

		if (!lam_lines_split(line, &key, &state, &counted))
			return lam_lines_fault("sorted lines", c->e);
		if (c->folding && lam_fold_has(&c->fold, key)) {
			rc = lam_fold_add(&c->fold, state, c->e);
			continue;
		}
		rc = end_record(c);
		if (!rc)
			rc = reach_view(c, key);
		if (!rc)
			rc = lam_fold_begin(&c->fold, c->counted, key, state,
				c->e);
		c->folding = !rc;
	}
	return rc;
}

static int
write_views(struct collect *c)
{
	int rc = lam_sorter_finish(&c->sorter, 0, take_sorted, c, c->e);

	if (!rc && c->open)
		rc = end_view(c);
	while (!rc && c->next < c->n) { /* without records */
		rc = begin_view(c);
		if (!rc)
			rc = end_view(c);
	}
	return rc;
}

int
lam_lines_collect(struct lam_partial_writer *w, const char *const *path,
	size_t n, const struct lam_resources *o, struct lam_error *e)
{
	static const uint8_t text[] = { LAM_TEXT };
	struct collect c = { .w = w, .arena = LAM_ARENA_INIT,
		.key = LAM_BUF_INIT, .fold = LAM_FOLD_INIT,
		.block = LAM_BUF_INIT, .parsed = LAM_RECORD_ROWS_INIT, .e = e };
	int rc = lam_sorter_init(&c.sorter, text, 1, UINT64_MAX, o->memory,
		o->tmpdir, e);

	if (!rc && n == 0)
		rc = read_lines(&c, "-");
	for (size_t i = 0; !rc && i < n; i++)
		rc = read_lines(&c, path[i]);
	if (!rc && c.n)
		qsort(c.head, c.n, sizeof *c.head, by_section);
	if (!rc)
		rc = write_views(&c);
	lam_fold_release(&c.fold);
	lam_record_rows_release(&c.parsed);
	lam_buf_release(&c.block);
	lam_buf_release(&c.key);
	lam_sorter_release(&c.sorter);
	free(c.head);
	lam_arena_release(&c.arena);
	return rc;
}
