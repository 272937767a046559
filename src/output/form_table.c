/*
 * form_table.c - aligned tables for a terminal
 *
 * Columns are as wide as their widest cell, so a table is held back until its
 * widths are known: the first HELD rows (or HELD_BYTES of them, if that is
 * less) are kept, then the widths are fixed and the rest streams; a wider cell
 * then pushes its row.  So does one above WIDTH_MAX, which is a page of text
 * and would make every other row a page of blanks.
 *
 * Numbers stand to the right, with their points below each other; in a column that
 * has other texts, too, to the right only.
 *
 * A table that is to keep to the width of a terminal (struct lam_style) has its wide
 * texts cut, all at one width, but at NARROW or more.  If that does not suffice, the
 * last columns are left out.  A number is never cut: it would be another one.
 */
#include "output/visible.h"
#include "output/output_internal.h"

#include <stdlib.h>

#define HELD 10000
#define HELD_BYTES ((size_t)16 << 20)
#define WIDTH_MAX 200
#define NARROW 10
#define GAP 2 /* blanks between columns */

struct column {
	size_t width;
	size_t digits;	     /* of a number: the most columns of its cells, */
	size_t whole, part;  /* those before its point, and from there on */
	bool ragged;	     /* a cell is no number */
};

struct table {
	uint32_t columns, shown; /* the first of them */
	bool fixed;	      /* widths are final, the header is out */
	bool cut;	      /* something is not shown */
	struct column *column;
	struct lam_buf text;  /* of the cells held */
	struct lam_buf ends;  /* uint64_t per cell: where its text ends */
	uint64_t held;	      /* rows */
};

static int
begin(struct lam_writer *w, struct lam_error *e)
{
	struct table *t = w->own = calloc(1, sizeof *t);

	if (!t || !(t->column = calloc((size_t)w->ncolumns + 1,
			    sizeof *t->column)))
		return lam_fail_mem(e);
	t->columns = t->shown = w->ncolumns;
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
	free(t->column);
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

/* The bytes of a number before its point; N: it has none.  SIZE_MAX: it is none. */
static size_t
point_of(const char *p, size_t n)
{
	size_t point = n;

	for (size_t i = 0; i < n; i++)
		if (p[i] == '.' && point == n)
			point = i;
		else if ((p[i] < '0' || p[i] > '9') && p[i] != ',' &&
			p[i] != '-' && p[i] != '+')
			return SIZE_MAX;
	return point;
}

/* The text P[N], which takes HAVE columns, in WIDTH of them; what it took. */
static size_t
print_cut(struct lam_writer *w, const char *p, size_t n, size_t have, size_t width)
{
	struct table *t = w->own;
	size_t fits;

	if (!w->look.width || have <= width || !width) {
		lam_buf_put(&w->out, p, n);
		return have;
	}
	t->cut = true;
	fits = lam_display_cut(p, n, width - 1);
	lam_buf_put(&w->out, p, fits);
	lam_buf_puts(&w->out, w->look.more);
	return lam_display_width(p, fits) + 1;
}

/* NAME: of the column, not one of its values. */
static void
print_cell(struct lam_writer *w, const char *p, size_t n, uint32_t c, bool name)
{
	struct table *t = w->own;
	const struct column *x = &t->column[c];
	size_t have = lam_display_width(p, n), behind = 0, point;
	size_t width = x->width;

	if (c >= t->shown)
		return;
	if (c)
		pad(&w->out, GAP, ' ');
	if (!w->column[c].number) {
		have = print_cut(w, p, n, have, width);
	} else {
		point = name || x->ragged ? SIZE_MAX : point_of(p, n);
		if (point <= n && n)
			behind = x->part - (n - point < x->part ? n - point :
				x->part);
		pad(&w->out, width > have + behind ? width - have - behind : 0,
			' ');
		if (name)
			print_cut(w, p, n, have, width);
		else
			lam_buf_put(&w->out, p, n);
		have = width - behind;
	}
	if (c + 1 == t->shown)
		lam_buf_putc(&w->out, '\n');
	else
		pad(&w->out, width > have ? width - have : 0, ' ');
}

static void
widen(struct lam_writer *w, uint32_t c, const char *p, size_t n)
{
	struct table *t = w->own;
	struct column *x = &t->column[c];
	size_t width = lam_display_width(p, n), point;

	if (width > WIDTH_MAX)
		return;
	if (width > x->width)
		x->width = width;
	if (!w->column[c].number || !n)
		return;
	if (width > x->digits)
		x->digits = width;
	point = point_of(p, n);
	x->ragged |= point > n;
	if (x->ragged)
		return;
	x->whole = point > x->whole ? point : x->whole;
	x->part = n - point > x->part ? n - point : x->part;
}

/* What column C takes when texts are cut at CAP. */
static size_t
capped(const struct lam_writer *w, uint32_t c, size_t cap)
{
	const struct table *t = w->own;
	const struct column *x = &t->column[c];
	size_t width = x->width < cap ? x->width : cap;

	return w->column[c].number && width < x->digits ? x->digits : width;
}

static size_t
needed(const struct lam_writer *w, size_t cap)
{
	const struct table *t = w->own;
	size_t all = t->shown ? (t->shown - 1) * (size_t)GAP : 0;

	for (uint32_t c = 0; c < t->shown; c++)
		all += capped(w, c, cap);
	return all;
}

/* Widths are final: they hold all digits, and keep to the terminal. */
static void
fit(struct lam_writer *w)
{
	struct table *t = w->own;
	size_t cap = WIDTH_MAX;

	for (uint32_t c = 0; c < t->columns; c++) {
		struct column *x = &t->column[c];

		if (!x->ragged && x->whole + x->part > x->digits)
			x->digits = x->whole + x->part;
		x->width = x->digits > x->width ? x->digits : x->width;
	}
	if (!w->look.width)
		return;
	while (t->shown > 1 && needed(w, NARROW) > w->look.width)
		t->shown--;
	while (cap > 1 && needed(w, cap) > w->look.width)
		cap--;
	t->cut = t->shown < t->columns;
	for (uint32_t c = 0; c < t->columns; c++)
		t->column[c].width = capped(w, c, cap);
}

/* Append the name of column C to B, emptied: it is text from a query, so it is
 * escaped, too. */
static void
spell_name(const struct lam_writer *w, uint32_t c, struct lam_buf *b)
{
	const char *s = w->column[c].name;

	lam_buf_clear(b);
	lam_put_visible(b, (struct lam_str){ s, strlen(s) });
}

/* Names, then a rule. */
static void
print_header(struct lam_writer *w)
{
	struct table *t = w->own;
	struct lam_buf name = LAM_BUF_INIT;

	for (uint32_t c = 0; c < t->columns; c++) {
		spell_name(w, c, &name);
		print_cell(w, name.p, name.n, c, true);
	}
	for (uint32_t c = 0; c < t->shown; c++) {
		pad(&w->out, c ? GAP : 0, ' ');
		pad(&w->out, t->column[c].width, '-');
	}
	lam_buf_putc(&w->out, '\n');
	w->out.oom |= name.oom;
	lam_buf_release(&name);
}

/* From what is held, and the names. */
static void
fix_widths(struct lam_writer *w)
{
	struct table *t = w->own;
	const uint64_t *end = (const void *)t->ends.p;
	uint64_t from = 0;
	struct lam_buf name = LAM_BUF_INIT;

	for (uint64_t i = 0; i < t->held * t->columns; from = end[i++])
		widen(w, (uint32_t)(i % t->columns), t->text.p + from,
			end[i] - from);
	for (uint32_t c = 0; w->header && c < t->columns; c++) {
		size_t width;

		spell_name(w, c, &name);
		width = lam_display_width(name.p, name.n);
		if (width > t->column[c].width && width <= WIDTH_MAX)
			t->column[c].width = width;
	}
	lam_buf_release(&name);
	fit(w);
	t->fixed = true;
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
		fix_widths(w);
		if (w->header)
			print_header(w);
	}
	for (uint64_t i = 0; i < cells; from = end[i++])
		print_cell(w, t->text.p + from, end[i] - from,
			(uint32_t)(i % t->columns), false);
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
	lam_writer_value(w, b, s, c);
}

static int
end(struct lam_writer *w, struct lam_error *e)
{
	struct table *t = w->own;

	(void)e;
	flush_table(w);
	if (t->cut)
		lam_buf_printf(&w->out, "(cut to %u columns%s: -o vertical shows "
			"all)\n", w->look.width, t->shown < t->columns ?
			", some are missing" : "");
	return LAM_OK;
}

const struct lam_form lam_form_table = { .name = "table", .headed = true,
	.people = true, .begin = begin, .end = end, .release = release, .put = put,
	.cell = end_cell, .row = end_row };
