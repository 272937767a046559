/*
 * input.c - opening an input, and the cells of its chunks
 *
 * Formats share this: the first line, and the arrays for the cells.  Reading is in
 * input_chunk.c, the names of fields are in input_header.c, the table of formats is
 * in format.c.
 */
#include "input/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "input/delimiter.h"
#include "input/foreign.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"
#include "input/input_time.h"
#include "input/origin.h"
#include "input/preamble.h"
#include "input/recognise.h"

#define CR_SOUGHT ((size_t)1 << 20)

void
lam_input_ends(const struct lam_input *in, char *p, size_t n)
{
	char *end = p + n;

	while (in->cr && p < end && (p = memchr(p, '\r', (size_t)(end - p))))
		*p = '\n';
}

/*
 * Read the first line that is not blank, so that the format can be guessed; no byte is
 * sought twice.  Where CR_SOUGHT bytes, or all, have CR and no LF, CR ends lines.
 */
static int
read_first_line(struct lam_input *in, struct lam_error *e)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of byte order: no text */
	size_t seen = 0;
	bool text = false, cr = false, lf = false;
	enum lam_got how;
	int r;

	for (;;) {
		for (; seen < in->carry.n; seen++) {
			char c = in->carry.p[seen];

			if ((c == '\n' && text) ||
				(cr && !lf && seen >= CR_SOUGHT))
				break;
			lf |= c == '\n';
			cr |= c == '\r';
			text |= c != '\n' && c != '\r' &&
				!(seen < 3 && c == mark[seen]);
		}
		if (seen < in->carry.n || in->ended || seen >= LAM_RECORD_MAX)
			break;
		r = lam_input_more(in, -1, &how, e);
		if (!r && how == LAM_GOT_NOTHING)
			r = lam_input_early(in, e);
		if (r)
			return r;
	}
	in->cr = cr && !lf && !(seen < in->carry.n && seen < CR_SOUGHT);
	if (in->carry.n)
		lam_input_ends(in, in->carry.p, in->carry.n);
	if (in->carry.n >= 3 && !memcmp(in->carry.p, mark, 3)) {
		in->carry_at = 3;
		lam_prefix_add(&in->prefix, mark, 3);
	}
	return LAM_OK;
}

const char *
lam_input_name(const char *path)
{
	return strcmp(path, "-") ? path : "stdin";
}

static int
named_format(struct lam_input *in, const char *name, struct lam_error *e)
{
	in->format = lam_format_find(name, e);
	in->format_name = lam_arena_dup(&in->arena, name, strlen(name));
	return !in->format ? LAM_USAGE : in->format_name ? LAM_OK :
		lam_fail_mem(e);
}

/* NAME, or else the name of the file, says that IN is CSV, or says nothing. */
static bool
may_be_csv(const struct lam_input *in, const char *name)
{
	const struct lam_str nothing = { "", 0 };
	unsigned sure;

	return !strcmp(name ? name : lam_format_guess(in->path, nothing, false,
		&sure)->name, "csv");
}

/* The format asked for, or the one that is recognised; what is no text has none. */
static int
find_format(struct lam_input *in, struct lam_input_options *o,
	struct lam_error *e)
{
	struct lam_str all = { in->carry.n ? in->carry.p + in->carry_at : "",
		in->carry.n - in->carry_at };
	const char *how, *what = lam_foreign_bytes(all, &how);
	const char *name = !lam_format_is_auto(o->format) ? o->format :
		lam_dialect_given(&o->dialect) ? "csv" : NULL;
	int r;

	if (what)
		return lam_fail(e, LAM_DATA, "%s: is %s, not the text of a log: "
			"%s", lam_input_label(in), what, how);
	if (!o->saved && may_be_csv(in, name))
		lam_delimiter_sep(in);
	if (!name && in->sep)
		name = "csv";
	r = name ? named_format(in, name, e) : lam_input_recognise(in, o, e);
	if (!r)
		r = lam_delimiter_find(in, o, e);
	if (!r && in->format->divides && !o->fields && !o->saved)
		r = lam_preamble_check(in, o, e);
	if (in->sure > o->tell)
		in->sure = 0;
	return r;
}

/* The fields, as the format or the options say. */
static int
set_fields(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e)
{
	int r;

	r = lam_format_check(in->format, o, lam_input_label(in), e);
	if (r)
		return r;
	r = in->format->open(in->format, in, o, &in->own, e);
	if (!r)
		r = lam_input_name_fields(in, e);
	if (!r)
		r = lam_origin_fields(in, o, e);
	return r ? r : lam_input_time_formats(in, o, e);
}

/* IN as START says, with marks; before anything is read. */
static int
set_start(struct lam_input *in, const struct lam_input_start *start,
	struct lam_error *e)
{
	int r = lam_prefix_start(&in->prefix, e);

	if (!r)
		r = lam_prefix_start(&in->before, e);
	if (r)
		return r;
	lam_prefix_copy(&in->prefix, start->prefix);
	in->mark = lam_prefix_mark(&in->prefix);
	in->marks = true;
	in->line = start->line;
	in->skipping = start->skipping;
	in->within = start->within;
	return LAM_OK;
}

/* SOURCE becomes IN's; NULL: it is opened. */
static int
begin(struct lam_input **out, struct lam_byte_source *source,
	const char *path, const struct lam_input_start *start,
	const struct lam_input_options *o, struct lam_error *e)
{
	struct lam_input *in = calloc(1, sizeof *in);
	struct lam_input_options mine = *o;
	int r = LAM_OK;

	if (!in) {
		lam_byte_source_close(source);
		return lam_fail_mem(e);
	}
	in->line = 1;
	in->patience = -1;
	in->source = source;
	in->path = lam_arena_dup(&in->arena, path, strlen(path));
	if (!in->path)
		r = lam_fail_mem(e);
	else if (!source)
		r = lam_byte_source_open(&in->source, in->path, e);
	if (!r && start)
		r = set_start(in, start, e);
	if (!r && !in->prefix.at)
		r = read_first_line(in, e);
	if (!r)
		r = lam_origin_known(in, &mine, e);
	if (!r)
		r = find_format(in, &mine, e);
	if (!r)
		r = set_fields(in, &mine, e);
	lam_prefix_release(&in->before);
	if (r)
		lam_input_close(in);
	else
		*out = in;
	return r;
}

int
lam_input_open(struct lam_input **out, const char *path,
	const struct lam_input_options *o, struct lam_error *e)
{
	return begin(out, NULL, path, NULL, o, e);
}

int
lam_input_open_at(struct lam_input **out, struct lam_byte_source *source,
	const char *path, const struct lam_input_start *start,
	const struct lam_input_options *o, struct lam_error *e)
{
	return begin(out, source, path, start, o, e);
}

void
lam_input_finish(struct lam_input *in)
{
	lam_byte_source_end(in->source);
}

const char *
lam_input_format(const struct lam_input *in)
{
	return in->format_name;
}

bool
lam_input_choice(struct lam_input *in, struct lam_buf *out)
{
	unsigned sure = in->sure;
	const char *note = in->note;

	in->note = NULL;
	if (note) {
		lam_buf_printf(out, "%s: %s", lam_input_label(in), note);
		return true;
	}
	in->sure = 0;
	if (!sure)
		return false;
	lam_buf_printf(out, "%s: read as %s, ", lam_input_label(in),
		in->format_name);
	if (in->delimiter)
		lam_buf_printf(out, "with %s between its fields, ",
			lam_delimiter_name(in->delimiter));
	if (sure == LAM_FORMAT_NAMED)
		lam_buf_puts(out, "as its name says");
	else
		lam_buf_printf(out, "as its first lines look (%u %% sure)", sure);
	return true;
}

bool
lam_input_is_named(const struct lam_input *in)
{
	return (in->format->takes & LAM_TAKES_FIELDS) && !in->format->sparse;
}

bool
lam_input_has_cr(const struct lam_input *in)
{
	return in->cr;
}

void
lam_input_drop(struct lam_input *in)
{
	if (in->own && in->format->close)
		in->format->close(in->own);
	lam_byte_source_close(in->source);
	lam_prefix_release(&in->prefix);
	lam_prefix_release(&in->before);
	lam_buf_release(&in->declared);
	lam_buf_release(&in->carry);
	lam_arena_release(&in->arena);
}

void
lam_input_close(struct lam_input *in)
{
	if (!in)
		return;
	lam_input_drop(in);
	free(in);
}

size_t
lam_input_fields(const struct lam_input *in, const char *const **names)
{
	*names = in->field;
	return in->nfields;
}

size_t
lam_input_own_fields(const struct lam_input *in)
{
	return in->nfields - in->norigin;
}

uint64_t
lam_input_header(const struct lam_input *in)
{
	return in->header_line;
}

const struct lam_coltype *
lam_input_types(const struct lam_input *in)
{
	return in->type;
}

/*
 * An array for each wanted field.  A record of N fields has at least N - 1
 * delimiters and a newline, unless its format may leave fields out; so there are no
 * more rows than the text has room for, whatever the number of lines.  One row more
 * is for the record at hand.
 */
static int
make_columns(const struct lam_input *in, struct lam_chunk *c,
	const bool *want, size_t *each, struct lam_error *e)
{
	size_t n = lam_input_own_fields(in), wanted = 0, at = 0;
	size_t rows = (c->raw.n + 1) / (n ? n : 1);
	struct lam_cell **column = realloc(c->column,
		(in->nfields + 1) * sizeof *column);

	if (!column)
		return lam_fail_mem(e);
	c->column = column;
	*each = (rows < c->nrecords && !in->format->sparse ? rows :
		c->nrecords) + 1;
	for (uint32_t i = 0; i < in->nfields; i++)
		wanted += !want || want[i];
	lam_buf_clear(&c->cells);
	if (!lam_buf_room(&c->cells, wanted * *each * sizeof(struct lam_cell)))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < in->nfields; i++) {
		column[i] = NULL;
		if (!want || want[i])
			column[i] = (struct lam_cell *)(void *)c->cells.p +
				at++ * *each;
	}
	return LAM_OK;
}

/* C is the rest of a line whose start was taken: it is no line of its own. */
static int
parse_rest(struct lam_chunk *c, uint64_t *blank, struct lam_error *e)
{
	size_t n = c->raw.n;

	n -= n && c->raw.p[n - 1] == '\n';
	n -= n && c->raw.p[n - 1] == '\r';
	*blank = n == 0;
	return n ? lam_chunk_reject(c, c->line - 1, (struct lam_str){ c->raw.p, n }, e,
		"the rest of a line whose start was taken when its newline was not "
		"there yet") : LAM_OK;
}

int
lam_input_parse(const struct lam_input *in, struct lam_chunk *c,
	const bool *want, struct lam_cells *cells, uint64_t *blank,
	struct lam_error *e)
{
	struct lam_parse x = { .text = c->raw.p,
		.nfields = (uint32_t)lam_input_own_fields(in), .line = c->line,
		.state = c->state, .chunk = c, .header = in->header,
		.all = !want, .partly = c->to != 0 };
	size_t end = c->raw.n, each = 0;
	int r = make_columns(in, c, want, &each, e);

	if (!r)
		r = lam_origin_begin(in, c, &x, each, e);
	if (r)
		return r;
	x.n = c->raw.n - (c->cut ? LAM_LINE_SHOWN + 1 : 0);
	x.cell = c->column;
	c->nrejects = 0;
	r = c->within ? parse_rest(c, &x.blank, e) :
		in->format->parse(in->own, &x, e);
	if (!r && c->cut && !c->within)
		r = lam_chunk_reject(c, c->line + c->lines - 1,
			(struct lam_str){ c->raw.p + x.n, LAM_LINE_SHOWN }, e,
			"longer than %u MiB: only its start is shown",
			LAM_RECORD_MAX >> 20);
	c->behind = c->raw.n;
	c->raw.n = end;
	*cells = (struct lam_cells){ .text = c->raw.p, .nrows = x.rows,
		.nfields = in->nfields, .field = c->column };
	*blank = x.blank;
	c->nrows = x.rows;
	c->headers = x.headers;
	c->rest = x.rest;
	if (x.rest || (x.partly && in->format->counts))
		c->lines = x.line - c->line;
	if (!r)
		r = lam_origin_cells(in, c, &x, e);
	return r ? r : lam_input_rewrite_times(in, c, cells, e);
}

int
lam_input_save(const struct lam_input *in, const struct lam_chunk *c,
	struct lam_buf *out, struct lam_error *e)
{
	if (in->format->save)
		return in->format->save(in->own, c->after, out, e);
	lam_escape(in->header, out);
	lam_delimiter_save(in, out);
	return lam_buf_check(out, e);
}
