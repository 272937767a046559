/*
 * form_html.c - a table of HTML, to be put into a page
 *
 * Control characters are made visible as in a table, and what HTML would take for
 * markup is a character reference, so that a value is text wherever the table is put.
 * NULL is an empty cell of the class "null"; the empty text is "", as in CSV.
 */
#include "output/output_internal.h"
#include "output/visible.h"

static const char *
reference(char c)
{
	return c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" :
		c == '"' ? "&quot;" : c == '\'' ? "&#39;" : NULL;
}

static void
put_text(struct lam_buf *b, struct lam_str s)
{
	struct lam_buf text = LAM_BUF_INIT;
	size_t from = 0;

	lam_put_visible(&text, s);
	for (size_t i = 0; i < text.n; i++) {
		const char *r = reference(text.p[i]);

		if (!r)
			continue;
		lam_buf_put(b, text.p + from, i - from);
		lam_buf_puts(b, r);
		from = i + 1;
	}
	lam_buf_put(b, text.p + from, text.n - from);
	b->oom |= text.oom;
	lam_buf_release(&text);
}

static void
put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	if (!s.p) {
		lam_buf_puts(b, "<td class=\"null\">");
		return;
	}
	lam_buf_puts(b, w->column[c].number ? "<td class=\"number\">" : "<td>");
	if (w->look.thousands && lam_num_is(s.p, s.n))
		lam_writer_value(w, b, s, c); /* digits are no markup */
	else if (s.n)
		put_text(b, s);
	else
		lam_buf_puts(b, "&quot;&quot;");
}

static void
lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	lam_buf_puts(b, c == 0 ? "<tr>" : "</td>");
	if (c == w->ncolumns)
		lam_buf_puts(b, "</tr>\n");
}

static int
begin(struct lam_writer *w, struct lam_error *e)
{
	(void)e;
	lam_buf_puts(&w->out, "<table>\n");
	if (w->header) {
		lam_buf_puts(&w->out, "<thead><tr>");
		for (uint32_t c = 0; c < w->ncolumns; c++) {
			const char *name = w->column[c].name;

			lam_buf_puts(&w->out, "<th scope=\"col\">");
			put_text(&w->out, (struct lam_str){ name, strlen(name) });
			lam_buf_puts(&w->out, "</th>");
		}
		lam_buf_puts(&w->out, "</tr></thead>\n");
	}
	lam_buf_puts(&w->out, "<tbody>\n");
	return LAM_OK;
}

static int
end(struct lam_writer *w, struct lam_error *e)
{
	(void)e;
	lam_buf_puts(&w->out, "</tbody>\n</table>\n");
	return LAM_OK;
}

const struct lam_form lam_form_html = { .name = "html", .headed = true,
	.people = true, .begin = begin, .put = put, .lead = lead, .end = end };
