/*
 * form_markdown.c - a table as GitHub's Markdown has it
 *
 * Control characters are made visible as in a table, and what Markdown would
 * take for markup (pipes, links, HTML) is escaped by a backslash.  The
 * form demands a header.
 */
#include "output/visible.h"
#include "output/output_internal.h"

static bool
is_markup(char c)
{
	return c == '|' || c == '\\' || c == '*' || c == '_' || c == '`' ||
		c == '<' || c == '>' || c == '[' || c == ']' || c == '&' ||
		c == '~';
}

/* A backslash before each markup character of B from FROM on. */
static void
escape(struct lam_buf *b, size_t from)
{
	size_t n = b->n, extra = 0;

	for (size_t i = from; i < n; i++)
		extra += is_markup(b->p[i]);
	if (extra == 0 || !lam_buf_room(b, extra))
		return;
	b->n = n + extra;
	for (size_t to = b->n; extra; ) {
		char c = b->p[--n];

		b->p[--to] = c;
		if (is_markup(c)) {
			b->p[--to] = '\\';
			extra--;
		}
	}
}

static void
put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	size_t from = b->n;

	lam_writer_value(w, b, s, c);
	escape(b, from);
}

static void
lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	lam_buf_puts(b, c == 0 ? "| " : c == w->ncolumns ? " |\n" :
		" | ");
}

static int
begin(struct lam_writer *w, struct lam_error *e)
{
	(void)e;
	lam_writer_names(w);
	for (uint32_t c = 0; c < w->ncolumns; c++)
		lam_buf_puts(&w->out, w->column[c].number ? "|---:" : "|---");
	lam_buf_puts(&w->out, "|\n");
	return LAM_OK;
}

const struct lam_form lam_form_markdown = { .name = "markdown",
	.people = true, .begin = begin, .put = put, .lead = lead };
