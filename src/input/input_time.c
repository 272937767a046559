/*
 * input_time.c - times that a format of the user's says how to read
 *
 * They become RFC 3339 before anybody sees them, so that a value stays a function
 * of its text.  One that is not of the format stays as it is.
 */
#include "input/input_time.h"

#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"
#include "time/strptime.h"

static bool
is_name(struct lam_str name, const char *field)
{
	return strlen(field) == name.n && !strncasecmp(name.p, field, name.n);
}

/* The field of IN that is called NAME, or else that in another case; or -1. */
static int64_t
find_field(const struct lam_input *in, struct lam_str name)
{
	int64_t same = -1;

	for (uint32_t f = 0; f < in->nfields; f++) {
		if (lam_str_is(name, in->field[f]))
			return f;
		if (same < 0 && is_name(name, in->field[f]))
			same = f;
	}
	return same;
}

/* Has the stream, or the first file, a field NAME that this input may lack? */
static bool
is_known(const struct lam_input_options *o, struct lam_str name)
{
	for (size_t i = 0; i < o->nknown; i++)
		if (is_name(name, o->known[i]))
			return true;
	return false;
}

/*
 * "FIELD=FORMAT", of O's time_format, for one of the fields that there are.  The
 * first for a field counts: that of the command line stands before what is
 * remembered.
 */
static int
set_one(struct lam_input *in, const struct lam_input_options *o,
	struct lam_str line, struct lam_error *e)
{
	const char *equals = memchr(line.p, '=', line.n);
	struct lam_str name = { line.p, equals ? (size_t)(equals - line.p) : 0 };
	int64_t f = find_field(in, name);
	char *format;
	int r;

	if (!name.n)
		return lam_fail(e, LAM_USAGE, "--time-format %.*s: expected "
			"FIELD=FORMAT", (int)(line.n < 80 ? line.n : 80), line.p);
	format = lam_arena_dup(&in->arena, equals + 1, line.n - name.n - 1);
	if (!format)
		return lam_fail_mem(e);
	r = lam_strptime_check(format, "--time-format", e);
	if (!r && f >= 0 && !in->time_format[f]) {
		in->time_format[f] = format;
		in->type[f] = (struct lam_coltype){ LAM_TIME, 0 };
	}
	/* An empty input has no fields at all. */
	if (r || f >= 0 || !in->nfields || is_known(o, name))
		return r;
	return lam_fail(e, LAM_USAGE, "--time-format %.*s: %s has no such field",
		(int)(name.n < 80 ? name.n : 80), name.p, in->path);
}

int
lam_input_time_formats(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e)
{
	const char *lines = o->time_format;
	struct lam_str rest = { lines, lines ? strlen(lines) : 0 }, line;
	int r = LAM_OK;

	if (!lines)
		return LAM_OK;
	in->time_format = LAM_ARENA_NEW(&in->arena, const char *,
		in->nfields + 1u);
	if (!in->time_format)
		return lam_fail_mem(e);
	while (!r && lam_str_cut(&rest, '\n', &line))
		r = set_one(in, o, line, e);
	return r;
}

static int
rewrite(const char *format, struct lam_chunk *c, struct lam_cell *cell,
	uint32_t rows, struct lam_error *e)
{
	char text[LAM_TIME_TEXT];
	int r = LAM_OK;

	for (uint32_t i = 0; !r && i < rows; i++) {
		size_t n = cell[i].len == LAM_CELL_NULL ? 0 : lam_strptime(format,
			c->raw.p + cell[i].at, cell[i].len, text);

		if (n)
			r = lam_chunk_put(c, &cell[i], text, n, e);
	}
	return r;
}

int
lam_input_rewrite_times(const struct lam_input *in, struct lam_chunk *c,
	struct lam_cells *cells, struct lam_error *e)
{
	int r = LAM_OK;

	for (uint32_t f = 0; !r && in->time_format && f < cells->nfields; f++)
		if (cells->field[f] && in->time_format[f])
			r = rewrite(in->time_format[f], c, cells->field[f],
				cells->nrows, e);
	cells->text = c->raw.p;
	cells->end = c->behind;
	return r;
}
