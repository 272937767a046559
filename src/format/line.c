/*
 * line.c - what formats of a record a line have in common
 */
#include "format/line.h"

#include <string.h>

#include "format/csv_internal.h"
#include "input/input_chunk.h"
#include "input/input_header.h"

int
lam_line_scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e)
{
	(void)own;
	(void)e;
	lam_csv_kernel()->lines(p, n, max, x);
	if (last && x->bytes < n && x->records < max) { /* without a newline */
		x->bytes = n;
		x->records++;
		x->lines++;
	}
	return LAM_OK;
}

bool
lam_line_parts(const void *own)
{
	(void)own;
	return true;
}

bool
lam_lines_next(struct lam_lines *l, struct lam_str *line)
{
	struct lam_parse *x = l->x;

	lam_gather_rows(&l->gathering, x, l->at, l->at == x->n);
	while (l->at < x->n) {
		const char *from = x->text + l->at;
		const char *end = memchr(from, '\n', x->n - l->at);
		size_t n = end ? (size_t)(end - from) : x->n - l->at;

		l->at += n + (end != NULL);
		x->line = l->next++;
		n -= n && from[n - 1] == '\r';
		*line = (struct lam_str){ from, n };
		if (n)
			return true;
		x->blank++;
	}
	x->line = l->next;
	return false;
}

int
lam_line_reject(struct lam_parse *x, struct lam_str line, const char *reason,
	struct lam_error *e)
{
	return lam_chunk_reject(x->chunk, x->line, line, e, "%s", reason);
}

/* [FROM, END), a lone "-" being NULL. */
static struct lam_str
word(const char *from, const char *end)
{
	if (end - from == 1 && *from == '-')
		return (struct lam_str){ NULL, 0 };
	return (struct lam_str){ from, (size_t)(end - from) };
}

void
lam_line_request(struct lam_str s, struct lam_str part[3])
{
	const char *first, *last, *end;

	part[0] = part[2] = (struct lam_str){ NULL, 0 };
	part[1] = s;
	if (!s.p)
		return;
	end = s.p + s.n;
	first = memchr(s.p, ' ', s.n);
	last = memrchr(s.p, ' ', s.n);
	if (!first || first == last || first == s.p || end - last < 6 ||
		memcmp(last + 1, "HTTP/", 5))
		return;
	part[0] = word(s.p, first);
	part[1] = word(first + 1, last);
	part[2] = word(last + 1, end);
}

int
lam_line_fields(struct lam_input *in, const struct lam_line_field *field,
	size_t n, struct lam_error *e)
{
	int r = LAM_OK;

	for (size_t i = 0; !r && i < n; i++)
		r = lam_input_add_field(in, (struct lam_str){ field[i].name,
			strlen(field[i].name) }, field[i].type, e);
	return r;
}
