/*
 * form_vertical.c - a field a line, and an empty line between rows
 *
 * For rows that are wider than the terminal.  Values are spelled as in a table.
 */
#include "output/output_internal.h"
#include "output/visible.h"

static size_t
name_width(const char *name, struct lam_buf *b)
{
	size_t from = b->n;

	lam_put_visible(b, (struct lam_str){ name, strlen(name) });
	return lam_display_width(b->p + from, b->n - from);
}

static void
lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	struct lam_buf scratch = LAM_BUF_INIT;
	size_t widest = 0, width;

	lam_buf_putc(b, '\n'); /* the first row goes without its first */
	if (c < w->ncolumns && w->header) {
		for (uint32_t i = 0; i < w->ncolumns; i++) {
			width = name_width(w->column[i].name, &scratch);
			widest = width > widest ? width : widest;
		}
		width = name_width(w->column[c].name, b);
		for (; width < widest + 2; width++)
			lam_buf_putc(b, ' ');
	}
	b->oom |= scratch.oom;
	lam_buf_release(&scratch);
}

static void
put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	lam_writer_value(w, b, s, c);
}

const struct lam_form lam_form_vertical = { .name = "vertical", .live = true,
	.headed = true, .people = true, .put = put, .lead = lead, .skip = 1 };
