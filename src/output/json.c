/*
 * json.c - an array of objects, or an object a line (RFC 8259)
 *
 * Numbers are bare when the text is a number as JSON spells it, so nothing is
 * rounded on the way; times are strings.  JSON text is UTF-8: bytes that are
 * not become U+FFFD.
 */
#include "output/writer.h"

bool
lam_json_number(struct lam_str s)
{
	size_t i = s.n && s.p[0] == '-';
	size_t from = i;

	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	if (i == from || (s.p[from] == '0' && i > from + 1))
		return false;
	if (i == s.n)
		return true;
	if (s.p[i++] != '.')
		return false;
	from = i;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i == s.n && i > from;
}

static void
put_char(struct lam_buf *b, unsigned char c)
{
	static const char named[] = "\b\t\n\f\r\"\\", letter[] = "btnfr\"\\";
	const char *at = c ? strchr(named, c) : NULL;

	if (at) {
		lam_buf_putc(b, '\\');
		lam_buf_putc(b, letter[at - named]);
	} else if (c < 0x20) {
		lam_buf_printf(b, "\\u%04x", c);
	} else {
		lam_buf_putc(b, (char)c);
	}
}

static void
put_string(struct lam_buf *b, struct lam_str s)
{
	uint32_t code;

	lam_buf_putc(b, '"');
	while (s.n) {
		unsigned n = lam_utf8_next(s.p, s.n, &code);

		if (n == 1)
			put_char(b, (unsigned char)*s.p);
		else if (n)
			lam_buf_put(b, s.p, n);
		else
			lam_buf_puts(b, "\xef\xbf\xbd");
		n += !n;
		s.p += n;
		s.n -= n;
	}
	lam_buf_putc(b, '"');
}

static void
json_put(struct lam_writer *w, struct lam_buf *b, struct lam_str s, uint32_t c)
{
	uint8_t type = w->query->output[c].expr->type;

	if (!s.p)
		lam_buf_puts(b, "null");
	else if (type == LAM_BOOL ||
		(type == LAM_NUMBER && lam_json_number(s)))
		lam_buf_put(b, s.p, s.n);
	else
		put_string(b, s);
}

static void
put_name(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	const char *name = w->query->output[c].name;

	lam_buf_putc(b, c ? ',' : '{');
	put_string(b, (struct lam_str){ name, strlen(name) });
	lam_buf_putc(b, ':');
}

static void
jsonl_lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	if (c == w->query->noutputs)
		lam_buf_puts(b, "}\n");
	else
		put_name(w, b, c);
}

static void
json_lead(struct lam_writer *w, struct lam_buf *b, uint32_t c)
{
	if (c == w->query->noutputs) {
		lam_buf_putc(b, '}');
		return;
	}
	if (!c)
		lam_buf_puts(b, w->rows ? ",\n" : "[\n");
	put_name(w, b, c);
}

static void
json_end(struct lam_writer *w)
{
	lam_buf_puts(&w->out, w->rows ? "\n]\n" : "[]\n");
}

const struct lam_form lam_form_json = { "json", NULL, json_put, json_lead,
	json_end };
const struct lam_form lam_form_jsonl = { "jsonl", NULL, json_put, jsonl_lead,
	NULL };
