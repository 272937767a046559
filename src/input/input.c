/*
 * input.c - opening an input, and the cells of its chunks
 *
 * What the formats (formats.c) share beside reading (chunk.c) and the names of
 * fields (header.c): the first line, and the arrays for the cells.
 */
#include "input/input.h"

#include <stdlib.h>
#include <string.h>

#include "input/input_internal.h"

/* What has been read, from the first line that is not blank. */
static struct lam_str
head_of(const struct lam_input *in)
{
	const char *p = in->carry.n ? in->carry.p + in->carry_at : "";
	size_t n = in->carry.n - in->carry_at;

	while (n && (*p == '\n' || *p == '\r')) {
		p++;
		n--;
	}
	return (struct lam_str){ p, n };
}

/* Read as much, so that the format can be guessed; no byte is sought twice. */
static int
read_first_line(struct lam_input *in, struct lam_error *e)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of byte order: no text */
	size_t seen = 0;
	bool text = false;
	int r;

	for (;;) {
		for (; seen < in->carry.n; seen++) {
			char c = in->carry.p[seen];

			if (c == '\n' && text)
				break;
			text |= c != '\n' && c != '\r' &&
				!(seen < 3 && c == mark[seen]);
		}
		if (seen < in->carry.n || in->ended || seen >= LAM_RECORD_MAX)
			break;
		r = lam_input_more(in, e);
		if (r)
			return r;
	}
	if (in->carry.n >= 3 && !memcmp(in->carry.p, mark, 3))
		in->carry_at = 3;
	return LAM_OK;
}

/* The fields, as the format or the options say. */
static int
set_fields(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e)
{
	int r;

	if (o->fields && !in->format->named)
		return lam_fail(e, LAM_USAGE, "%s: names of fields are for "
			"formats without: %s lines have fields of their own",
			in->path, in->format->name);
	r = in->format->open(in, o, &in->own, e);
	return r ? r : lam_input_name_fields(in, e);
}

int
lam_input_open(struct lam_input **out, const char *path,
	const struct lam_input_options *o, struct lam_error *e)
{
	struct lam_input *in = calloc(1, sizeof *in);
	int r;

	if (!in)
		return lam_fail_mem(e);
	in->line = 1;
	in->path = lam_arena_dup(&in->arena, path, strlen(path));
	r = in->path ? lam_input_source_open(&in->source, in->path, e)
		     : lam_fail_mem(e);
	if (!r)
		r = read_first_line(in, e);
	if (!r) {
		in->format = o->format ? lam_format_find(o->format, e) :
			lam_format_guess(in->path, head_of(in),
				o->fields != NULL);
		r = in->format ? set_fields(in, o, e) : LAM_USAGE;
	}
	if (r)
		lam_input_close(in);
	else
		*out = in;
	return r;
}

void
lam_input_close(struct lam_input *in)
{
	if (!in)
		return;
	if (in->format && in->format->close)
		in->format->close(in->own);
	lam_input_source_close(in->source);
	lam_buf_release(&in->declared);
	lam_buf_release(&in->carry);
	lam_arena_release(&in->arena);
	free(in);
}

size_t
lam_input_fields(const struct lam_input *in, const char *const **names)
{
	*names = in->field;
	return in->nfields;
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
 * delimiters and a newline, so there are no more rows than the text has room for,
 * whatever the number of lines; one row more is for the record at hand.
 */
static int
make_columns(const struct lam_input *in, struct lam_chunk *c,
	const bool *want, struct lam_error *e)
{
	size_t n = in->nfields ? in->nfields : 1, wanted = 0, at = 0;
	size_t rows = (c->raw.n + 1) / n, each;
	struct lam_cell **column = realloc(c->column,
		(in->nfields + 1) * sizeof *column);

	if (!column)
		return lam_fail_mem(e);
	c->column = column;
	each = (rows < c->nrecords ? rows : c->nrecords) + 1;
	for (uint32_t i = 0; i < in->nfields; i++)
		wanted += !want || want[i];
	lam_buf_clear(&c->cells);
	if (!lam_buf_room(&c->cells, wanted * each * sizeof(struct lam_cell)))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < in->nfields; i++) {
		column[i] = NULL;
		if (!want || want[i])
			column[i] = (struct lam_cell *)(void *)c->cells.p +
				at++ * each;
	}
	return LAM_OK;
}

int
lam_input_parse(const struct lam_input *in, struct lam_chunk *c,
	const bool *want, struct lam_cells *cells, uint64_t *blank,
	struct lam_error *e)
{
	struct lam_parse x = { .text = c->raw.p, .nfields = in->nfields,
		.line = c->line, .chunk = c };
	int r = make_columns(in, c, want, e);

	if (r)
		return r;
	x.n = c->raw.n - (c->cut ? LAM_LINE_SHOWN + 1 : 0);
	x.cell = c->column;
	c->nrejects = 0;
	r = in->format->parse(in->own, &x, e);
	if (!r && c->cut)
		r = lam_chunk_reject(c, c->line + c->lines - 1,
			(struct lam_str){ c->raw.p + x.n, LAM_LINE_SHOWN }, e,
			"longer than %u MiB: only its start is shown",
			LAM_RECORD_MAX >> 20);
	*cells = (struct lam_cells){ .text = c->raw.p, .nrows = x.rows,
		.nfields = in->nfields, .field = c->column };
	*blank = x.blank;
	return r;
}
