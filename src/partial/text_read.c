/*
 * text_read.c - the partial text stream, read and verified
 *
 *	stream	:= section* "#eof sections=" N LF
 *	section := header record* "#end rows=" N " checksum=" HEX16 LF
 *	header	:= the lines of section.c, "#" before each
 *	record	:= VIEW TAB KEY TAB STATE LF
 *
 * VIEW is the section's; KEY and STATE are one CSV record each, with TAB, LF,
 * CR and backslash escaped (record_rows.c).  The checksum is XXH3-64 of all
 * bytes of the section before its "#end" line.  Valid iff (1) every header is;
 * (2) in each section "KEY TAB" ascends strictly, bytewise, which is the order
 * of LC_ALL=C sort; (3) rows and checksum are as the trailer says; (4) the end
 * line counts the sections; (5) the last byte is its LF.  Several streams one
 * after the other are a stream of all their sections.  A stream that was cut
 * anywhere lacks its end line, so it is never mistaken for a shorter one.
 *
 * Memory: one line and one header.
 */
#include "partial/text.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/progress.h"

#ifdef LAM_READ_BYTES /* fuzzing: reads end everywhere */
#define READ_BYTES LAM_READ_BYTES
#else
#define READ_BYTES (256u << 10)
#endif

struct lam_partial_reader {
	int fd;
	bool close;
	char *name;
	char where[300];
	struct lam_buf buf;  /* bytes read */
	size_t at;	     /* the next unread one of them */
	bool ended;	     /* fd is at its end */
	uint64_t lineno, offset;
	bool inside;	     /* a section is open */
	bool whole;	     /* nothing since the last end line */
	uint64_t sections;   /* since the last end line */
	char view[LAM_NAME_MAX + 2]; /* "VIEW TAB" */
	size_t nview;
	struct lam_buf last; /* KEY and TAB of the line before */
	struct lam_checksum *sum, *lines;
	uint64_t rows, lines_sum;
};

int
lam_partial_reader_fd(struct lam_partial_reader **out, int fd,
	const char *name, struct lam_error *e)
{
	struct lam_partial_reader *r = calloc(1, sizeof *r);

	*out = NULL;
	if (r)
		r->name = strdup(name);
	if (!r || !r->name) {
		free(r);
		return lam_fail_mem(e);
	}
	r->fd = fd;
	*out = r;
	return LAM_OK;
}

int
lam_partial_reader_open(struct lam_partial_reader **out, const char *path,
	struct lam_error *e)
{
	int fd = STDIN_FILENO, rc;

	*out = NULL;
	if (!strcmp(path, "-"))
		return lam_partial_reader_fd(out, fd, "standard input", e);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return lam_fail_sys(e, "%s", path);
	rc = lam_partial_reader_fd(out, fd, path, e);
	if (rc)
		close(fd);
	else
		(*out)->close = true;
	return rc;
}

void
lam_partial_reader_free(struct lam_partial_reader *r)
{
	if (!r)
		return;
	if (r->close)
		close(r->fd);
	if (r->sum)
		lam_checksum_free(r->sum);
	if (r->lines)
		lam_checksum_free(r->lines);
	lam_buf_release(&r->buf);
	lam_buf_release(&r->last);
	free(r->name);
	free(r);
}

const char *
lam_partial_where(struct lam_partial_reader *r)
{
	int n = snprintf(r->where, sizeof r->where, "%.200s", r->name);

	if (r->lineno) /* 0: not a line was read */
		snprintf(r->where + n, sizeof r->where - (size_t)n,
			":%" PRIu64, r->lineno);
	return r->where;
}

uint64_t
lam_partial_lineno(const struct lam_partial_reader *r)
{
	return r->lineno;
}

uint64_t
lam_partial_offset(const struct lam_partial_reader *r)
{
	return r->offset;
}

uint64_t
lam_partial_lines_sum(const struct lam_partial_reader *r)
{
	return r->lines_sum;
}

static int
fault(struct lam_partial_reader *r, struct lam_error *e, const char *why)
{
	return lam_fail(e, LAM_DATA, "%s: %s: the partial stream is refused",
		lam_partial_where(r), why);
}

/* More bytes behind those there are. */
static int
fill(struct lam_partial_reader *r, struct lam_error *e)
{
	size_t got;
	int rc;

	if (r->at) {
		memmove(r->buf.p, r->buf.p + r->at, r->buf.n - r->at);
		r->buf.n -= r->at;
		r->at = 0;
	}
	if (!lam_buf_room(&r->buf, READ_BYTES))
		return lam_fail_mem(e);
	rc = lam_io_read(r->fd, r->buf.p + r->buf.n, r->buf.cap - r->buf.n,
		&got, r->name, e);
	if (rc)
		return rc;
	lam_progress_add(0, got);
	r->buf.n += got;
	r->ended = got == 0;
	return LAM_OK;
}

int
lam_partial_read_line(struct lam_partial_reader *r, struct lam_str *line,
	bool *got, struct lam_error *e)
{
	size_t seen = 0;
	int rc;

	for (;;) {
		size_t n = r->buf.n - r->at;
		char *p = n ? r->buf.p + r->at : NULL, *lf;

		lf = n > seen ? memchr(p + seen, '\n', n - seen) : NULL;
		if (lf) {
			*line = (struct lam_str){ p, (size_t)(lf - p) };
			r->at += line->n + 1;
			r->offset += line->n + 1;
			r->lineno++;
			*got = true;
			return LAM_OK;
		}
		seen = n;
		if (n > LAM_PARTIAL_LINE_MAX)
			return fault(r, e, "a line of more than 1 GiB");
		if (r->ended) {
			*got = false;
			return n ? fault(r, e, "it ends in the middle of a "
				"line") : LAM_OK;
		}
		rc = fill(r, e);
		if (rc)
			return rc;
	}
}

static bool
starts(struct lam_str line, const char *word)
{
	size_t n = strlen(word);

	return line.n >= n && !memcmp(line.p, word, n);
}

/* "WORD=..." up to a blank or the end. */
static bool
fact(struct lam_str *rest, const char *word, struct lam_str *value)
{
	struct lam_str item;

	if (!lam_str_cut(rest, ' ', &item) || !starts(item, word))
		return false;
	*value = (struct lam_str){ item.p + strlen(word),
		item.n - strlen(word) };
	return true;
}

static int
end_section(struct lam_partial_reader *r, struct lam_str line,
	struct lam_error *e)
{
	struct lam_str word, rows, sum;
	uint64_t n, want;

	if (!lam_str_cut(&line, ' ', &word) || !fact(&line, "rows=", &rows) ||
		!fact(&line, "checksum=", &sum) || line.p ||
		!lam_str_is(word, "#end") || !lam_str_u64(rows, &n) ||
		!lam_str_hex(sum, &want))
		return fault(r, e, "not a valid #end line");
	if (n != r->rows)
		return fault(r, e, "the section has another number of rows "
			"than its #end line says");
	if (want != lam_checksum_value(r->sum))
		return fault(r, e, "the section's checksum does not match");
	r->lines_sum = lam_checksum_value(r->lines);
	r->inside = false;
	r->sections++;
	return LAM_OK;
}

static int
end_stream(struct lam_partial_reader *r, struct lam_str line,
	struct lam_error *e)
{
	struct lam_str word, v;
	uint64_t n;

	if (!lam_str_cut(&line, ' ', &word) ||
		!fact(&line, "sections=", &v) || line.p ||
		!lam_str_is(word, "#eof") || !lam_str_u64(v, &n))
		return fault(r, e, "not a valid #eof line");
	if (n != r->sections)
		return fault(r, e, "the stream has another number of sections "
			"than its #eof line says");
	r->sections = 0;
	r->whole = true;
	return LAM_OK;
}

struct lam_str
lam_partial_key(struct lam_str line)
{
	const char *tab = line.n ? memchr(line.p, '\t', line.n) : NULL;

	if (tab)
		line.n = (size_t)(tab - line.p) + 1;
	return line;
}

int
lam_partial_order(struct lam_str a, struct lam_str b)
{
	return lam_str_cmp(lam_partial_key(a), lam_partial_key(b));
}

/* A record: its view, its order.  *LINE becomes "KEY TAB STATE". */
static int
check_record(struct lam_partial_reader *r, struct lam_str *line,
	struct lam_error *e)
{
	struct lam_str last = { r->last.p, r->last.n }, key;
	const char *p;
	int c;

	if (line->n < r->nview || memcmp(line->p, r->view, r->nview))
		return fault(r, e, "a line of another view than its "
			"section's");
	p = line->p + r->nview;
	*line = (struct lam_str){ p, line->n - r->nview };
	key = lam_partial_key(*line);
	if (key.n == 0 || key.p[key.n - 1] != '\t')
		return fault(r, e, "not VIEW TAB KEY TAB STATE");
	if (r->rows) {
		c = lam_str_cmp(last, key);
		if (c >= 0)
			return fault(r, e, c ? "not sorted (LC_ALL=C sort)" :
				"the same key twice");
	}
	r->rows++;
	lam_buf_clear(&r->last);
	lam_buf_put(&r->last, key.p, key.n);
	return lam_buf_check(&r->last, e);
}

int
lam_partial_read(struct lam_partial_reader *r, struct lam_str *line,
	bool *got, struct lam_error *e)
{
	int rc;

	*got = false;
	if (!r->inside)
		return LAM_OK;
	rc = lam_partial_read_line(r, line, got, e);
	if (rc)
		return rc;
	if (!*got)
		return fault(r, e, "it ends inside a section");
	if (line->n && line->p[0] == '#') {
		*got = false;
		return end_section(r, *line, e);
	}
	/* The LF is still behind the line in the buffer. */
	lam_checksum_add(r->sum, line->p, line->n + 1);
	lam_checksum_add(r->lines, line->p, line->n + 1);
	return check_record(r, line, e);
}

static int
new_sums(struct lam_partial_reader *r, struct lam_error *e)
{
	if (r->sum)
		lam_checksum_free(r->sum);
	if (r->lines)
		lam_checksum_free(r->lines);
	r->sum = lam_checksum_new();
	r->lines = lam_checksum_new();
	return r->sum && r->lines ? LAM_OK : lam_fail_mem(e);
}

/* The header that starts with LINE. */
static int
read_header(struct lam_partial_reader *r, struct lam_str line,
	struct lam_arena *a, struct lam_section *s, struct lam_error *e)
{
	struct lam_buf head = LAM_BUF_INIT;
	bool got = true;
	int rc = LAM_OK;

	while (!rc) {
		if (!line.n || line.p[0] != '#' || starts(line, "#end ") ||
			head.n + line.n > LAM_SECTION_MAX) {
			rc = fault(r, e, "not a header line");
			break;
		}
		lam_buf_put(&head, line.p, line.n);
		lam_buf_putc(&head, '\n');
		if (starts(line, "#" LAM_SECTION_LAST))
			break;
		rc = lam_partial_read_line(r, &line, &got, e);
		if (!rc && !got)
			rc = fault(r, e, "it ends inside a header");
	}
	if (!rc)
		rc = lam_buf_check(&head, e);
	if (!rc)
		rc = lam_section_parse((struct lam_str){ head.p, head.n },
			LAM_SECTION_TEXT, lam_partial_where(r), NULL, a, s, e);
	if (!rc)
		rc = new_sums(r, e);
	if (!rc)
		lam_checksum_add(r->sum, head.p, head.n);
	lam_buf_release(&head);
	return rc;
}

int
lam_partial_next(struct lam_partial_reader *r, struct lam_arena *a,
	struct lam_section *s, bool *got, struct lam_error *e)
{
	struct lam_str line;
	bool more = true;
	int rc = LAM_OK;

	*got = false;
	while (!rc && r->inside)
		rc = lam_partial_read(r, &line, &more, e);
	for (; !rc; ) {
		rc = lam_partial_read_line(r, &line, &more, e);
		if (rc)
			break;
		if (!more)
			return r->whole ? LAM_OK : fault(r, e, r->lineno ?
				"it lacks its end line" : "it is empty");
		if (starts(line, "#eof")) {
			rc = r->whole ? fault(r, e, "a second end line") :
				end_stream(r, line, e);
			continue;
		}
		r->whole = false;
		rc = read_header(r, line, a, s, e);
		if (rc)
			break;
		r->inside = true;
		r->rows = 0;
		r->nview = strlen(s->view) + 1;
		memcpy(r->view, s->view, r->nview - 1);
		r->view[r->nview - 1] = '\t';
		*got = true;
		return LAM_OK;
	}
	return rc;
}
