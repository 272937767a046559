/*
 * fuzz_delimiter.c - any bytes as a table of which nobody says what divides it
 *
 * Byte 0: format (bits 0 to 2: told by the lines, csv or tsv), header (bits 3, 4).  Byte 1:
 * how much of the text is there at first.  Then the text.
 *
 *	Each line is of a record, a reject, blank, or of the head.
 *	With CR LF at all line ends the answer is the same, be it a message.
 *	The byte that was found, typed, gives the same.
 *	Of a text that comes in pieces, as soon as there is an answer, it is that byte.
 *	Who does what a message says to type gets records, or another message: so it ends.
 */
#include "cells.h"
#include "fuzz.h"
#include "input/byte_source.h"
#include "input/foreign.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"

#define STEPS 8 /* that one may be led */

struct answer {
	int rc;
	char said[400]; /* an error, without the path */
	char delimiter; /* that was found; 0: none */
	const char *format;
	struct lam_buf rows; /* rejects, too; without CR */
};

struct typed {
	struct lam_input_options o;
	char delimiter[4];
	char format[24];
	bool sed;
};

static void
release(struct answer *a)
{
	lam_buf_release(&a->rows);
}

/* What a value is where lines may end in CR LF. */
static void
put(struct lam_buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != '\r')
			lam_buf_putc(out, p[i]);
}

/* The lines of C, to OUT: how many of them no record or reject accounts for. */
static uint64_t
put_chunk(const struct lam_input *in, struct lam_chunk *c, struct lam_buf *out)
{
	struct lam_buf rows = LAM_BUF_INIT;
	struct lam_cells cells;
	uint64_t blank;

	MUST(!lam_input_parse(in, c, NULL, &cells, &blank, NULL));
	cells_put(&cells, &rows);
	put(out, rows.p, rows.n);
	lam_buf_release(&rows);
	for (size_t i = 0; i < c->nrejects; i++)
		lam_buf_printf(out, "! %llu\n", (unsigned long long)c->reject[i].line);
	MUST(cells.nrows + c->nrejects + blank + c->headers <= c->lines);
	return c->lines - cells.nrows - c->nrejects - blank - c->headers;
}

/* How many lines of P[N] before the line NUMBER are neither blank nor comments. */
static uint64_t
texts_before(const char *p, size_t n, uint64_t number, const char *comment)
{
	struct lam_str rest = { p, n };
	uint64_t texts = 0;

	if (n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) {
		rest.p += 3;
		rest.n -= 3;
	}
	while (--number) {
		struct lam_str line = fuzz_line(&rest);

		line.n -= line.n && line.p[line.n - 1] == '\r';
		texts += line.n && !(comment && *line.p == *comment);
	}
	return texts;
}

/* Every line is accounted for, where records are lines. */
static void
read_records(struct lam_input *in, const char *p, size_t n, const char *comment,
	struct answer *a)
{
	bool plain = in->format->divides && !memchr(p, '"', n) && !in->cr;
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	uint64_t first = in->line, lost = 0, lines = 0;
	bool got = true;

	while (!(a->rc = lam_input_next(in, &c, LAM_BLOCK_ROWS, -1, NULL, &got, &e)) &&
		got) {
		MUST(c.line == first + lines);
		lost += put_chunk(in, &c, &a->rows);
		lines += c.lines;
	}
	lam_chunk_release(&c);
	if (a->rc || !plain)
		return;
	MUST(!lost && first - 1 + lines == lam_count_lines(p, n));
	MUST(texts_before(p, n, first, comment) <= (uint64_t)!!in->sep +
		in->has_header);
}

static void
note_error(const struct lam_error *e, struct answer *a)
{
	const char *behind = strstr(e->msg, "/file:");

	MUST(a->rc == LAM_DATA || a->rc == LAM_USAGE || a->rc == LAM_NOTHING);
	MUST(*e->msg);
	snprintf(a->said, sizeof a->said, "%.*s", (int)sizeof a->said - 1,
		behind ? behind : e->msg);
}

/* P[N] by O. */
static void
ask(const char *p, size_t n, const struct lam_input_options *o, struct answer *a)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_input *in;

	*a = (struct answer){ .rows = LAM_BUF_INIT };
	a->rc = lam_input_open(&in, fuzz_file(p, n), o, &e);
	if (a->rc) {
		note_error(&e, a);
		return;
	}
	a->delimiter = in->delimiter;
	a->format = in->format->name;
	read_records(in, p, n, o->dialect.comment, a);
	lam_input_close(in);
}

static void
check_same(const struct answer *a, const struct answer *b)
{
	if (a->rc != b->rc || strcmp(a->said, b->said))
		fprintf(stderr, "%d %s\n%d %s\n", a->rc, a->said, b->rc, b->said);
	MUST(a->rc == b->rc && !strcmp(a->said, b->said));
	MUST(a->rows.n == b->rows.n && (!a->rows.n || !memcmp(a->rows.p, b->rows.p,
		a->rows.n)));
}

/* ------------------------------------------------------------------- pieces */

/* The first N bytes of a text are all that is there of it yet. */
static void
check_piece(const char *p, size_t n, const struct lam_input_options *o,
	const struct answer *want)
{
	const char *path = fuzz_file(p, n);
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	struct lam_prefix none = LAM_PREFIX_INIT;
	struct lam_input_start start = { .prefix = &none, .line = 1 };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_byte_source *source;
	struct lam_input *in;

	MUST(!lam_prefix_start(&none, NULL));
	MUST(!lam_byte_source_adopt(&source, fd, path, true, NULL));
	rc = lam_input_open_at(&in, source, path, &start, o, &e);
	if (!rc) {
		MUST(want->rc || (in->delimiter == want->delimiter &&
			in->format->name == want->format));
		lam_input_close(in);
	}
	lam_prefix_release(&none);
}

/* ------------------------------------------------------------------- advice */

/* The word behind WHAT in TEXT, without quotes, to OUT; false: there is no WHAT. */
static bool
word_behind(const char *text, const char *what, char *out, size_t room)
{
	const char *p = strstr(text, what);
	size_t n = 0;

	if (!p)
		return false;
	for (p += strlen(what); *p && !strchr(" \n\"", *p) && n + 1 < room; p++)
		if (*p != '\'')
			out[n++] = *p;
	while (n > 1 && out[n - 1] == ',')
		n--;
	out[n] = '\0';
	return true;
}

/* All lines of TEXT without a bar at their ends. */
static void
without_bars(struct lam_buf *text)
{
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_str rest = { text->p, text->n };

	while (rest.n) {
		bool ended = memchr(rest.p, '\n', rest.n) != NULL;
		struct lam_str line = fuzz_line(&rest);

		line.n -= line.n && line.p[line.n - 1] == '|';
		lam_buf_put(&out, line.p, line.n);
		if (ended)
			lam_buf_putc(&out, '\n');
	}
	lam_buf_release(text);
	*text = out;
}

/* Do what SAID says first; false: it says nothing to type. */
static bool
follow(const char *said, struct typed *t, struct lam_buf *text)
{
	char word[24];

	if (word_behind(said, "tail -n +", word, sizeof word)) {
		struct lam_str rest = { text->p, text->n };
		unsigned long from = strtoul(word, NULL, 10);

		MUST(from > 1);
		while (--from) {
			MUST(rest.n);
			(void)fuzz_line(&rest);
		}
		MUST(rest.n);
		memmove(text->p, rest.p, rest.n);
		text->n = rest.n;
		return true;
	}
	if (strstr(said, "--comment '#'")) {
		MUST(!t->o.dialect.comment);
		t->o.dialect.comment = "#";
		return true;
	}
	if (strstr(said, "sed 's/|$//'")) {
		MUST(!t->sed);
		t->sed = true;
		without_bars(text);
	}
	if (word_behind(said, "--delimiter ", t->delimiter, sizeof t->delimiter)) {
		MUST(!t->o.dialect.delimiter);
		t->o.dialect.delimiter = t->delimiter;
		return true;
	}
	if (!word_behind(said, "-f ", word, sizeof word) || strchr(word, ':') ||
		(t->o.format && !strcmp(word, t->o.format)) ||
		t->o.dialect.delimiter || t->o.dialect.comment)
		return false;
	if (!lam_format_find(word, NULL)) /* of another program */
		return false;
	MUST(!t->o.format);
	strcpy(t->format, word);
	t->o.format = t->format;
	return true;
}

static void
check_advice(const char *p, size_t n, const struct lam_input_options *o,
	const struct answer *first)
{
	struct typed t = { .o = *o };
	struct lam_buf text = LAM_BUF_INIT;
	struct answer a = { .rc = first->rc };
	char said[sizeof a.said];

	strcpy(said, first->said);
	lam_buf_put(&text, p, n);
	for (unsigned steps = 0; a.rc == LAM_DATA && follow(said, &t, &text); steps++) {
		MUST(steps < STEPS);
		ask(text.p, text.n, &t.o, &a);
		strcpy(said, a.said);
		release(&a);
	}
	lam_buf_release(&text);
}

/* --------------------------------------------------------------------- text */

static void
check_foreign(struct lam_str a, struct lam_str b)
{
	const char *x = "", *y = "";

	if (*a.p == '\n') /* what is looked at begins with a line of text */
		return;
	MUST(lam_foreign_text(a, &x) == lam_foreign_text(b, &y) && x == y);
	MUST(lam_foreign_table(a, &x) == lam_foreign_table(b, &y) && x == y);
}

static void
check(const char *p, size_t n, const struct lam_input_options *o, size_t first)
{
	struct lam_buf crlf = LAM_BUF_INIT;
	struct answer a, b;
	char byte[2] = "";

	ask(p, n, o, &a);
	if (p[n - 1] == '\n' && !memchr(p, '\r', n)) {
		fuzz_crlf(p, n, &crlf);
		ask(crlf.p, crlf.n, o, &b);
		check_same(&a, &b);
		check_foreign((struct lam_str){ p, n },
			(struct lam_str){ crlf.p, crlf.n });
		release(&b);
	}
	if (!a.rc && o->format && !strcmp(o->format, "csv")) {
		struct lam_input_options told = *o;

		*byte = a.delimiter ? a.delimiter : ',';
		told.dialect.delimiter = *byte == '\t' ? "tab" : *byte == ' ' ? "space" :
			byte;
		ask(p, n, &told, &b);
		check_same(&a, &b);
		release(&b);
	}
	check_piece(p, first, o, &a);
	check_advice(p, n, o, &a);
	release(&a);
	lam_buf_release(&crlf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* What is refused is compared with all layouts that are known: not often. */
	static const char *const formats[] = { NULL, "csv", "csv", "csv", "csv", "csv",
		"tsv", "tsv" };
	static const enum lam_header headers[] = { LAM_HEADER_GUESS,
		LAM_HEADER_GUESS, LAM_HEADER_YES, LAM_HEADER_NO };
	struct lam_input_options o = { .format = NULL };
	char *text;

	if (size < 3 || fuzz_is_packed(data + 2, size - 2))
		return 0;
	o.format = formats[data[0] & 7];
	o.header = headers[data[0] >> 3 & 3];
	text = fuzz_copy(data + 2, size - 2);
	check(text, size - 2, &o, data[1] % (size - 1));
	free(text);
	return 0;
}
