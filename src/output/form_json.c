/*
 * form_json.c - an array of objects, or an object a line (RFC 8259)
 *
 * Numbers are bare when the text is a number as JSON spells it, so nothing is
 * rounded on the way; times are strings.  JSON text is UTF-8: bytes that are
 * not become U+FFFD.
 *
 * Every row of the array starts with ",\n", of which the first row keeps only
 * the newline.
 */
#include "output/form_json.h"

#include "base/json_text.h"
#include "output/output_internal.h"
#include "output/visible.h"

static size_t
skip_digits(struct lam_str s, size_t i)
{
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

bool
lam_json_number(struct lam_str s)
{
	size_t from = s.n && s.p[0] == '-', i = skip_digits(s, from);

	if (i == from || (s.p[from] == '0' && i > from + 1))
		return false;
	if (i < s.n && s.p[i] == '.') {
		from = i + 1;
		i = skip_digits(s, from);
		if (i == from)
			return false;
	}
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		from = i + 1;
		if (from < s.n && (s.p[from] == '+' || s.p[from] == '-'))
			from++;
		i = skip_digits(s, from);
		if (i == from)
			return false;
	}
	return i == s.n;
}

static void
json_put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	if (!s.p)
		lam_buf_puts(b, "null");
	else if (w->column[c].boolean || w->column[c].list ||
		(w->column[c].number && lam_json_number(s)))
		lam_buf_put(b, s.p, s.n);
	else
		lam_json_put_string(b, s);
}

static void
put_name(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	const char *name = w->column[c].name;

	lam_buf_putc(b, c ? ',' : '{');
	lam_json_put_string(b, (struct lam_str){ name, strlen(name) });
	lam_buf_putc(b, ':');
}

static void
jsonl_lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	if (c == w->ncolumns)
		lam_buf_puts(b, "}\n");
	else
		put_name(w, b, c);
}

static void
json_lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	if (c == w->ncolumns) {
		lam_buf_putc(b, '}');
		return;
	}
	if (!c)
		lam_buf_puts(b, ",\n");
	put_name(w, b, c);
}

static int
json_begin(struct lam_writer *w, struct lam_error *e)
{
	(void)e;
	lam_buf_putc(&w->out, '[');
	return LAM_OK;
}

static int
json_end(struct lam_writer *w, struct lam_error *e)
{
	(void)e;
	lam_buf_puts(&w->out, w->rows ? "\n]\n" : "]\n");
	return LAM_OK;
}

const struct lam_form lam_form_json = { .name = "json", .begin = json_begin,
	.put = json_put, .lead = json_lead, .skip = 1, .end = json_end };
const struct lam_form lam_form_jsonl = { .name = "jsonl", .live = true,
	.put = json_put,
	.lead = jsonl_lead };
