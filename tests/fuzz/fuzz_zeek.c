/*
 * fuzz_zeek.c - any bytes as a log of Zeek: what a plain reading of its lines says
 *
 * Byte 0: how many records a chunk has at most.  The plain reading knows what the head
 * says, line by line, and cuts each line behind it.  The log is that: in one chunk, in many,
 * gone on with behind any of them, and with CR LF.
 */
#include "base/escape.h"
#include "base/name.h"
#include "fuzz.h"
#include "input/bookmark.h"
#include "input/byte_source.h"
#include "input/input_chunk.h"

struct reading {
	struct lam_buf rows, rejects;
	int rc;
};

/* ------------------------------------------------------------ plain reading */

struct head {
	char by;
	struct lam_str fields, unset;
};

/* The byte of a line "#separator X", or "#separator \xNN"; 0: none. */
static char
separator(struct lam_str s)
{
	char hex[3] = "";
	size_t v = 0;

	s.p += strlen("#separator ");
	s.n -= strlen("#separator ");
	if (s.n == 1)
		v = (unsigned char)*s.p;
	else if (s.n == 4 && s.p[0] == '\\' && s.p[1] == 'x') {
		memcpy(hex, s.p + 2, 2);
		if (strspn(hex, "0123456789abcdefABCDEF") == 2)
			v = strtoul(hex, NULL, 16);
	}
	return v && v < 0x80 && v != '\n' && v != '\r' ? (char)v : 0;
}

static bool
begins(struct lam_str s, const char *with)
{
	return s.n >= strlen(with) && !memcmp(s.p, with, strlen(with));
}

/* LINE is of the head: what it says.  False: it says no byte. */
static bool
take_head(struct head *h, struct lam_str line)
{
	if (begins(line, "#separator ")) {
		*h = (struct head){ separator(line), { NULL, 0 }, { "-", 1 } };
		return h->by != 0;
	}
	if (begins(line, "#fields") && line.n > 7 && line.p[7] == h->by)
		h->fields = (struct lam_str){ line.p + 8, line.n - 8 };
	if (begins(line, "#unset_field") && line.n > 12 && line.p[12] == h->by)
		h->unset = (struct lam_str){ line.p + 13, line.n - 13 };
	return true;
}

/* LINE, behind the head, says what the head does not. */
static bool
is_other(const struct head *h, struct lam_str line)
{
	struct head x = *h;

	if (begins(line, "#separator "))
		return separator(line) != h->by;
	return !take_head(&x, line) || lam_str_cmp(x.fields, h->fields) ||
		lam_str_cmp(x.unset, h->unset);
}

static size_t
count(struct lam_str s, char by)
{
	size_t n = 1;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == by;
	return n;
}

static void
put_row(struct reading *r, const struct head *h, struct lam_str line)
{
	struct lam_str v;

	while (lam_str_cut(&line, h->by, &v)) {
		bool null = !lam_str_cmp(v, h->unset);

		lam_buf_putc(&r->rows, null ? '~' : '<');
		if (!null)
			lam_buf_put(&r->rows, v.p, v.n);
	}
	lam_buf_putc(&r->rows, '\n');
}

/* Names are names, and no byte NUL is in what is kept. */
static int
check_names(const struct head *h)
{
	struct lam_str rest = h->fields, name;
	int rc = rest.n && memchr(h->unset.p, 0, h->unset.n) ? LAM_DATA : LAM_OK;

	while (rest.n && lam_str_cut(&rest, h->by, &name))
		if (name.n && !lam_field_name_ok(name.p, name.n))
			rc = LAM_DATA;
	return rc;
}

static void
read_plainly(const char *p, size_t n, struct reading *r)
{
	struct head h = { '\t', { NULL, 0 }, { "-", 1 } };
	struct lam_str rest = { p, n };
	uint64_t number = 1;
	bool within = true; /* the head */

	for (; rest.n && !r->rc; number++) {
		struct lam_str line = fuzz_line(&rest);
		bool mark;

		line.n -= line.n && line.p[line.n - 1] == '\r';
		mark = line.n && *line.p == '#';
		if (within && (mark || !line.n)) {
			r->rc = take_head(&h, line) ? LAM_OK : LAM_DATA;
			continue;
		}
		if (within && !h.fields.n)
			r->rc = LAM_DATA;
		if (within && !r->rc)
			r->rc = check_names(&h);
		within = false;
		if (mark && is_other(&h, line))
			r->rc = LAM_DATA;
		if (r->rc || mark)
			continue;
		if (count(line, h.by) == count(h.fields, h.by))
			put_row(r, &h, line);
		else if (line.n)
			lam_buf_printf(&r->rejects, "%llu\n",
				(unsigned long long)number);
	}
	if (within && !r->rc)
		r->rc = check_names(&h);
}

/* --------------------------------------------------------------------- ours */

static void
put_chunk(const struct lam_input *in, struct lam_chunk *c, struct reading *r)
{
	struct lam_cells cells;
	uint64_t blank;

	MUST(!lam_input_parse(in, c, NULL, &cells, &blank, NULL));
	MUST(cells.nrows + c->nrejects + blank == c->lines);
	for (uint32_t i = 0; i < cells.nrows; i++) {
		for (uint32_t f = 0; f < cells.nfields; f++) {
			struct lam_str v = lam_cell_str(&cells, f, i);

			lam_buf_putc(&r->rows, v.p ? '<' : '~');
			lam_buf_put(&r->rows, v.p, v.n);
		}
		lam_buf_putc(&r->rows, '\n');
	}
	for (size_t i = 0; i < c->nrejects; i++)
		lam_buf_printf(&r->rejects, "%llu\n",
			(unsigned long long)c->reject[i].line);
}

/* Where line NUMBER of P[N] begins. */
static size_t
offset_of(const char *p, size_t n, uint64_t number)
{
	struct lam_str rest = { p, n };

	while (--number)
		(void)fuzz_line(&rest);
	return (size_t)(rest.p - p);
}

/* An input of what is behind C in P[N], the file at PATH, by a bookmark. */
static struct lam_input *
go_on(struct lam_input *in, const struct lam_chunk *c, const char *path,
	const char *p, size_t n)
{
	size_t at = offset_of(p, n, c->line + c->lines);
	struct lam_input_start start = { .line = c->line + c->lines };
	struct lam_input_options o = { .format = NULL };
	struct lam_prefix before = LAM_PREFIX_INIT;
	struct lam_buf mark = LAM_BUF_INIT;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_byte_source *source;
	struct lam_input *next;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	MUST(!lam_bookmark_put(in, c, &mark, NULL));
	MUST(!lam_bookmark_take((struct lam_str){ mark.p, mark.n }, &a, &o, NULL));
	MUST(!lam_prefix_start(&before, NULL));
	lam_prefix_add(&before, p, at);
	start.prefix = &before;
	MUST(fd >= 0 && lseek(fd, (off_t)at, SEEK_SET) == (off_t)at);
	MUST(!lam_byte_source_adopt(&source, fd, path, false, NULL));
	MUST(!lam_input_open_at(&next, source, path, &start, &o, NULL));
	lam_input_close(in);
	lam_prefix_release(&before);
	lam_buf_release(&mark);
	lam_arena_release(&a);
	return next;
}

/* RESUME: each chunk is of an input of its own. */
static void
read_ours(const char *p, size_t n, uint32_t max, bool resume, struct reading *r)
{
	const char *path = fuzz_file(p, n);
	struct lam_input_options o = { .format = "zeek" };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_input *in;
	bool got = true;

	r->rc = lam_input_open(&in, path, &o, &e);
	if (r->rc)
		return;
	while (!(r->rc = lam_input_next(in, &c, max, -1, NULL, &got, &e)) && got) {
		put_chunk(in, &c, r);
		if (resume && !lam_input_has_cr(in) && !c.last)
			in = go_on(in, &c, path, p, n);
	}
	lam_input_close(in);
	lam_chunk_release(&c);
}

static void
release(struct reading *r)
{
	lam_buf_release(&r->rows);
	lam_buf_release(&r->rejects);
	*r = (struct reading){ LAM_BUF_INIT, LAM_BUF_INIT, 0 };
}

static bool
is_same(const struct lam_buf *a, const struct lam_buf *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->p, b->p, a->n));
}

static void
check(const struct reading *want, const char *p, size_t n, uint32_t max, bool resume)
{
	struct reading got = { LAM_BUF_INIT, LAM_BUF_INIT, 0 };

	read_ours(p, n, max, resume, &got);
	MUST(got.rc == want->rc);
	MUST(is_same(&want->rows, &got.rows));
	MUST(is_same(&want->rejects, &got.rejects));
	release(&got);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading want = { LAM_BUF_INIT, LAM_BUF_INIT, 0 };
	struct lam_buf crlf = LAM_BUF_INIT;
	size_t n = size - 1;
	char *text, *plain;

	if (size < 2 || data[1] != '#') /* nothing else begins so */
		return 0;
	text = fuzz_copy(data + 1, n);
	plain = fuzz_copy(text, n);
	for (size_t i = 0; i < n && !memchr(text, '\n', n); i++)
		if (plain[i] == '\r') /* CR ends lines where no LF does */
			plain[i] = '\n';
	read_plainly(plain, n, &want);
	check(&want, text, n, LAM_BLOCK_ROWS, false);
	check(&want, text, n, 1 + data[0] % 4, false);
	check(&want, text, n, 1 + data[0] % 4, true);
	if (!memchr(text, '\r', n)) {
		fuzz_crlf(text, n, &crlf);
		check(&want, crlf.p, crlf.n, LAM_BLOCK_ROWS, false);
	}
	release(&want);
	lam_buf_release(&crlf);
	free(text);
	free(plain);
	return 0;
}
