/*
 * message.c - a state machine over lines and counted bytes
 *
 *	HEAD -> DONE				no body
 *	HEAD -> BODY -> DONE			Content-Length
 *	HEAD -> CHUNK_SIZE -> CHUNK -> CHUNK_END -> CHUNK_SIZE ...
 *	        CHUNK_SIZE (0) -> TRAILER -> DONE
 *
 * A line ends with CR LF, and a LF without its CR is an error where it stands, so
 * that the end of a head is one thing only.  The head is looked at when it is
 * whole; its texts point into its bytes, which then stay where they are.
 */
#include "http/message.h"

#include <string.h>
#include <strings.h>

#define SIZE_DIGITS 15 /* of a length or chunk size: none overflows */

/* RFC 9110, section 5.6.2. */
static bool
is_token(struct lam_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!lam_is_digit(c) && !((c | 32) >= 'a' && (c | 32) <= 'z') &&
			(c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return s.n > 0;
}

bool
lam_http_is(struct lam_str s, const char *name)
{
	return s.n == strlen(name) && !strncasecmp(s.p, name, s.n);
}

static void
refuse(struct lam_http_message *m, int status)
{
	m->state = LAM_HTTP_BAD;
	m->status = status;
	m->keep = false;
}

/* The text before LINE's first C, which is taken with it. */
static bool
cut(struct lam_str *line, char c, struct lam_str *out)
{
	const char *at = line->n ? memchr(line->p, c, line->n) : NULL;

	if (at == NULL)
		return false;
	*out = (struct lam_str){ line->p, (size_t)(at - line->p) };
	line->n -= out->n + 1;
	line->p = at + 1;
	return true;
}

/* "http://authority/path" is what a proxy would be sent: the path is kept. */
static bool
origin_form(struct lam_str *target)
{
	struct lam_str rest = *target, authority;

	if (rest.n > 7 && !strncasecmp(rest.p, "http://", 7)) {
		rest.p += 7;
		rest.n -= 7;
		if (!cut(&rest, '/', &authority) || authority.n == 0)
			return false;
		rest.p--;
		rest.n++;
		*target = rest;
	}
	return target->n > 0 && target->p[0] == '/';
}

/* METHOD SP TARGET SP HTTP/1.x; the minor version, < 0: refused. */
static int
request_line(struct lam_http_message *m, struct lam_str line)
{
	bool good = cut(&line, ' ', &m->method) && is_token(m->method) &&
		cut(&line, ' ', &m->target);

	for (size_t i = 0; good && i < m->target.n; i++)
		good = m->target.p[i] > 0x20 && m->target.p[i] < 0x7f;
	if (!good || line.n != 8 || memcmp(line.p, "HTTP/", 5) ||
		!lam_is_digit(line.p[5]) || line.p[6] != '.' ||
		!lam_is_digit(line.p[7]) || !origin_form(&m->target))
		refuse(m, 400);
	else if (line.p[5] != '1' || line.p[7] > '1')
		refuse(m, 505);
	return m->state == LAM_HTTP_BAD ? -1 : line.p[7] - '0';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* NAME: VALUE, into the next field. */
static bool
field_line(struct lam_http_message *m, struct lam_str line)
{
	struct lam_http_field *f = &m->field[m->nfields];

	if (m->nfields == LAM_HTTP_FIELDS) {
		refuse(m, 431);
		return false;
	}
	if (!cut(&line, ':', &f->name) || !is_token(f->name)) {
		refuse(m, 400);
		return false;
	}
	for (size_t i = 0; i < line.n; i++)
		if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') ||
			line.p[i] == 0x7f) {
			refuse(m, 400);
			return false;
		}
	for (; line.n && is_blank(line.p[0]); line.n--)
		line.p++;
	while (line.n && is_blank(line.p[line.n - 1]))
		line.n--;
	f->value = line;
	m->nfields++;
	return true;
}

/* All lines of B but the empty one that ends it; the first is LINE. */
static void
field_lines(struct lam_http_message *m, const struct lam_buf *b, size_t from)
{
	struct lam_str rest = { b->p + from, b->n - from }, line;

	while (cut(&rest, '\n', &line) && line.n > 1) {
		line.n--; /* its CR */
		if (!field_line(m, line))
			return;
	}
}

/* How many fields are called NAME; the last one's value. */
static size_t
count(const struct lam_http_message *m, const char *name, struct lam_str *value)
{
	size_t n = 0;

	for (size_t i = 0; i < m->nhead; i++)
		if (lam_http_is(m->field[i].name, name)) {
			*value = m->field[i].value;
			n++;
		}
	return n;
}

static bool
parse_length(struct lam_str s, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!lam_is_digit(s.p[i]))
			return false;
		*v = *v * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n > 0 && s.n <= SIZE_DIGITS;
}

/* WORD is in the list, between commas. */
static bool
has_option(struct lam_str list, const char *word)
{
	struct lam_str item;
	bool last = false;

	while (!last) {
		last = !cut(&list, ',', &item);
		if (last)
			item = list;
		for (; item.n && is_blank(item.p[0]); item.n--)
			item.p++;
		while (item.n && is_blank(item.p[item.n - 1]))
			item.n--;
		if (lam_http_is(item, word))
			return true;
	}
	return false;
}

/* m->left bytes more are to come. */
static void
announce(struct lam_http_message *m)
{
	m->size += m->left;
	m->over = m->size > m->body_max;
	if (m->size > m->body_max + m->over_max)
		refuse(m, 413);
}

/* What the head says of the connection and of the body. */
static void
framing(struct lam_http_message *m, int minor)
{
	struct lam_str value = { NULL, 0 };
	size_t lengths, codings, hosts = count(m, "host", &value);

	if (hosts > 1 || (hosts == 0 && minor == 1)) {
		refuse(m, 400);
		return;
	}
	m->keep = minor == 1;
	if (count(m, "connection", &value))
		m->keep = !has_option(value, "close") &&
			(m->keep || has_option(value, "keep-alive"));
	if (count(m, "expect", &value)) {
		m->expects = minor == 1 && lam_http_is(value, "100-continue");
		if (!m->expects && minor == 1) {
			refuse(m, 417);
			return;
		}
	}
	codings = count(m, "transfer-encoding", &value);
	if (codings && (codings > 1 || minor == 0 ||
		!lam_http_is(value, "chunked"))) {
		refuse(m, 400);
		return;
	}
	lengths = count(m, "content-length", &value);
	if (lengths > 1 || (lengths && (codings ||
		!parse_length(value, &m->left)))) {
		refuse(m, 400);
		return;
	}
	m->state = codings ? LAM_HTTP_CHUNK_SIZE : m->left ? LAM_HTTP_BODY :
		LAM_HTTP_DONE;
	announce(m);
}

static void
parse_head(struct lam_http_message *m)
{
	struct lam_str rest = { m->head.p, m->head.n }, line = rest;
	int minor;

	cut(&rest, '\n', &line); /* there is one */
	line.n--;
	minor = request_line(m, line);
	if (minor < 0)
		return;
	field_lines(m, &m->head, (size_t)(rest.p - m->head.p));
	m->nhead = m->nfields;
	m->from = 0; /* of the next line, in a buffer of its own */
	if (m->state != LAM_HTTP_BAD)
		framing(m, minor);
}

/* HEX [;extension], which means nothing to us. */
static void
parse_chunk_size(struct lam_http_message *m)
{
	struct lam_str line = { m->line.p, m->line.n - 2 };
	size_t i;

	m->left = 0;
	for (i = 0; i < line.n && line.p[i] != ';'; i++) {
		char c = line.p[i] | 32;
		int digit = lam_is_digit(line.p[i]) ? line.p[i] - '0' :
			c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (digit < 0 || i == SIZE_DIGITS) {
			refuse(m, 400);
			return;
		}
		m->left = m->left * 16 + (uint64_t)digit;
	}
	if (i == 0) {
		refuse(m, 400);
		return;
	}
	for (; i < line.n; i++)
		if ((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') {
			refuse(m, 400);
			return;
		}
	m->state = m->left ? LAM_HTTP_CHUNK : LAM_HTTP_TRAILER;
	m->from = 0;
	lam_buf_clear(&m->line);
	announce(m);
}

static void
parse_trailer(struct lam_http_message *m)
{
	m->state = LAM_HTTP_DONE;
	field_lines(m, &m->line, 0);
}

/* A byte of a line, or of lines up to an empty one, in B; true: its end. */
static bool
take(struct lam_http_message *m, struct lam_buf *b, char c, bool lines)
{
	size_t at = b->n;

	if (at == LAM_HTTP_HEAD_MAX) {
		refuse(m, 431);
		return false;
	}
	lam_buf_putc(b, c);
	if (b->oom) {
		refuse(m, 500);
		return false;
	}
	if (c != '\n')
		return false;
	if (at == m->from || b->p[at - 1] != '\r') {
		refuse(m, 400);
		return false;
	}
	if (!lines || at == m->from + 1)
		return true;
	m->from = at + 1;
	return false;
}

static size_t
take_body(struct lam_http_message *m, const char *p, size_t n)
{
	if (n > m->left)
		n = (size_t)m->left;
	if (m->over)
		lam_buf_clear(&m->body);
	else
		lam_buf_put(&m->body, p, n);
	m->left -= n;
	if (m->body.oom)
		refuse(m, 500);
	else if (m->left == 0)
		m->state = m->state == LAM_HTTP_BODY ? LAM_HTTP_DONE :
			LAM_HTTP_CHUNK_END;
	return n;
}

/* One byte in a state that knows lines. */
static void
take_byte(struct lam_http_message *m, char c)
{
	if (m->state == LAM_HTTP_HEAD) {
		if (take(m, &m->head, c, true))
			parse_head(m);
	} else if (m->state == LAM_HTTP_CHUNK_SIZE) {
		if (take(m, &m->line, c, false))
			parse_chunk_size(m);
	} else if (m->state == LAM_HTTP_TRAILER) {
		if (take(m, &m->line, c, true))
			parse_trailer(m);
	} else if (take(m, &m->line, c, false)) { /* CHUNK_END */
		m->state = LAM_HTTP_CHUNK_SIZE;
		if (m->line.n != 2)
			refuse(m, 400);
		lam_buf_clear(&m->line);
	} else if (m->line.n > 1) {
		refuse(m, 400);
	}
}

size_t
lam_http_feed(struct lam_http_message *m, const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && m->state < LAM_HTTP_DONE)
		if (m->state == LAM_HTTP_BODY || m->state == LAM_HTTP_CHUNK)
			i += take_body(m, p + i, n - i);
		else
			take_byte(m, p[i++]);
	return i;
}

struct lam_str
lam_http_field(const struct lam_http_message *m, const char *name)
{
	for (size_t i = 0; i < m->nfields; i++)
		if (lam_http_is(m->field[i].name, name))
			return m->field[i].value;
	return (struct lam_str){ NULL, 0 };
}

void
lam_http_clear(struct lam_http_message *m)
{
	struct lam_http_message old = *m;

	memset(m, 0, sizeof *m);
	m->body_max = old.body_max;
	m->over_max = old.over_max;
	m->body = old.body;
	m->head = old.head;
	m->line = old.line;
	lam_buf_clear(&m->body);
	lam_buf_clear(&m->head);
	lam_buf_clear(&m->line);
}

void
lam_http_release(struct lam_http_message *m)
{
	lam_buf_release(&m->body);
	lam_buf_release(&m->head);
	lam_buf_release(&m->line);
}
