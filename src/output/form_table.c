/*
 * form_table.c - aligned tables for a terminal
 *
 * Columns are as wide as their widest cell, so a table is held back until its
 * widths are known: the first HELD rows (or HELD_BYTES of them, if that is
 * less) are kept, then the widths are fixed and the rest streams; a wider cell
 * then pushes its row.  So does one above WIDTH_MAX, which is a page of text
 * and would make every other row a page of blanks.  Numbers stand to the right.
 */
#include "output/visible.h"
#include "output/output_internal.h"

#include <stdlib.h>

#define HELD 10000
#define HELD_BYTES ((size_t)16 << 20)
#define WIDTH_MAX 200

struct table {
	uint32_t columns;
	bool fixed;	      /* widths are final, the header is out */
	size_t *width;
	struct lam_buf text;  /* of the cells held */
	struct lam_buf ends;  /* uint64_t per cell: where its text ends */
	uint64_t held;	      /* rows */
};

static int
begin(struct lam_writer *w, struct lam_error *e)
{
	struct table *t = w->own = calloc(1, sizeof *t);

	if (!t || !(t->width = calloc((size_t)w->ncolumns + 1,
			    sizeof *t->width)))
		return lam_fail_mem(e);
	t->columns = w->ncolumns;
	w->to = &t->text;
	return LAM_OK;
}

static void
release(struct lam_writer *w)
{
	struct table *t = w->own;

	if (!t)
		return;
	lam_buf_release(&t->text);
	lam_buf_release(&t->ends);
	free(t->width);
	free(t);
}

static void
pad(struct lam_buf *b, size_t n, char c)
{
	if (n == 0 || !lam_buf_room(b, n))
		return;
	memset(b->p + b->n, c, n);
	b->n += n;
}

static void
print_cell(struct lam_writer *w, const char *p, size_t n, uint32_t c)
{
	struct table *t = w->own;
	size_t have = lam_display_width(p, n);
	size_t gap = t->width[c] > have ? t->width[c] - have : 0;
	bool right = w->column[c].number;
	bool last = c + 1 == t->columns;

	if (c)
		lam_buf_puts(&w->out, "  ");
	if (right)
		pad(&w->out, gap, ' ');
	lam_buf_put(&w->out, p, n);
	if (last)
		lam_buf_putc(&w->out, '\n');
	else if (!right)
		pad(&w->out, gap, ' ');
}

static void
widen(struct table *t, uint32_t c, const char *p, size_t n)
{
	size_t width = lam_display_width(p, n);

	if (width > t->width[c] && width <= WIDTH_MAX)
		t->width[c] = width;
}

/* Names, then a rule; names are text from a query, so they are escaped too. */
static void
print_header(struct lam_writer *w)
{
	struct table *t = w->own;
	struct lam_buf name = LAM_BUF_INIT;

	for (int pass = 0; pass < 2; pass++)
		for (uint32_t c = 0; c < t->columns; c++) {
			const char *s = w->column[c].name;

			lam_buf_clear(&name);
			lam_put_visible(&name,
				(struct lam_str){ s, strlen(s) });
			if (pass)
				print_cell(w, name.p, name.n, c);
			else
				widen(t, c, name.p, name.n);
		}
	for (uint32_t c = 0; c < t->columns; c++) {
		if (c)
			lam_buf_puts(&w->out, "  ");
		pad(&w->out, t->width[c], '-');
	}
	lam_buf_putc(&w->out, '\n');
	lam_buf_release(&name);
}

static void
flush_table(struct lam_writer *w)
{
	struct table *t = w->own;
	const uint64_t *end = (const void *)t->ends.p;
	uint64_t cells = t->held * t->columns, from = 0;

	if (t->text.oom || t->ends.oom) {
		w->out.oom = true;
		return;
	}
	if (!t->fixed) {
		for (uint64_t i = 0; i < cells; from = end[i++])
			widen(t, (uint32_t)(i % t->columns), t->text.p + from,
				end[i] - from);
		if (w->header)
			print_header(w);
		t->fixed = true;
		from = 0;
	}
	for (uint64_t i = 0; i < cells; from = end[i++])
		print_cell(w, t->text.p + from, end[i] - from,
			(uint32_t)(i % t->columns));
	lam_buf_clear(&t->text);
	lam_buf_clear(&t->ends);
	t->held = 0;
}

static void
end_cell(struct lam_writer *w)
{
	struct table *t = w->own;
	uint64_t end = t->text.n;

	lam_buf_put(&t->ends, &end, sizeof end);
}

static void
end_row(struct lam_writer *w)
{
	struct table *t = w->own;

	t->held++;
	if (t->fixed || t->held >= HELD || t->text.n >= HELD_BYTES)
		flush_table(w);
}

static void
put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	(void)w;
	(void)c;
	lam_put_value(b, s);
}

static int
end(struct lam_writer *w, struct lam_error *e)
{
	(void)e;
	flush_table(w);
	return LAM_OK;
}

const struct lam_form lam_form_table = { .name = "table", .begin = begin,
	.end = end, .release = release, .put = put, .cell = end_cell,
	.row = end_row };
