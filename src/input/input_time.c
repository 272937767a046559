/*
 * input_time.c - times that a format of the user's says how to read
 *
 * They become RFC 3339 before anybody sees them, so that a value stays a function
 * of its text.  One that is not of the format stays as it is.
 */
#include "input/input_time.h"

#include <string.h>

#include "base/escape.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"
#include "time/strptime.h"

/* "FIELD=FORMAT", of options.time_format, for one of the fields that there are. */
static int
set_one(struct lam_input *in, struct lam_str line, struct lam_error *e)
{
	const char *equals = memchr(line.p, '=', line.n);
	struct lam_str name = { line.p, equals ? (size_t)(equals - line.p) : 0 };
	char *format;
	int r;

	if (!name.n)
		return lam_fail(e, LAM_USAGE, "--time-format %.*s: expected "
			"FIELD=FORMAT", (int)(line.n < 80 ? line.n : 80), line.p);
	format = lam_arena_dup(&in->arena, equals + 1, line.n - name.n - 1);
	if (!format)
		return lam_fail_mem(e);
	r = lam_strptime_check(format, "--time-format", e);
	for (uint32_t f = 0; !r && f < in->nfields; f++)
		if (lam_str_is(name, in->field[f])) {
			in->time_format[f] = format;
			in->type[f] = (struct lam_coltype){ LAM_TIME, 0 };
			return LAM_OK;
		}
	/* An empty input has no fields at all. */
	return r || !in->nfields ? r : lam_fail(e, LAM_USAGE, "--time-format "
		"%.*s: %s has no such field", (int)(name.n < 80 ? name.n : 80),
		name.p, in->path);
}

int
lam_input_time_formats(struct lam_input *in, const char *lines,
	struct lam_error *e)
{
	struct lam_str rest = { lines, lines ? strlen(lines) : 0 }, line;
	int r = LAM_OK;

	if (!lines)
		return LAM_OK;
	in->time_format = LAM_ARENA_NEW(&in->arena, const char *,
		in->nfields + 1u);
	if (!in->time_format)
		return lam_fail_mem(e);
	while (!r && lam_str_cut(&rest, '\n', &line))
		r = set_one(in, line, e);
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
	return r;
}
