/*
 * origin.c - where each record came from, as fields behind its own
 *
 * While a format parses it says the line of each row (lam_parse_row), if x->row_line
 * is there to take it.  The texts go behind those of the chunk: one for all rows of
 * _file and of _ingested, one for each line.
 */
#include "input/origin.h"

#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"
#include "time/time.h"

static const struct {
	const char *name;
	struct lam_coltype type;
} fields[LAM_ORIGIN_ALL] = { { "_file", { LAM_TEXT, 0 } },
	{ "_line", { LAM_NUMBER, 0 } }, { "_ingested", { LAM_TIME, 0 } } };

enum { FILE_AT, LINE_AT, INGESTED_AT };

bool
lam_origin_has(unsigned n, struct lam_str name)
{
	for (unsigned i = 0; i < n; i++)
		if (name.n == strlen(fields[i].name) &&
			!strncasecmp(name.p, fields[i].name, name.n))
			return true;
	return false;
}

static bool
is_origin(const char *name, unsigned n)
{
	return lam_origin_has(n, (struct lam_str){ name, strlen(name) });
}

int
lam_origin_known(struct lam_input *in, struct lam_input_options *o,
	struct lam_error *e)
{
	const char **name;
	size_t n = 0;

	if (!o->origin || !o->nknown)
		return LAM_OK;
	name = LAM_ARENA_NEW(&in->arena, const char *, o->nknown);
	if (!name)
		return lam_fail_mem(e);
	for (size_t i = 0; i < o->nknown; i++)
		if (!is_origin(o->known[i], LAM_ORIGIN_ALL))
			name[n++] = o->known[i];
	o->known = name;
	o->nknown = n;
	return LAM_OK;
}

int
lam_origin_fields(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e)
{
	size_t n = in->nfields;

	if (!o->origin || !n) /* what has no field has no record */
		return LAM_OK;
	if (n + o->origin > LAM_FIELDS_MAX)
		return lam_fail(e, LAM_DATA, "%s: %zu fields: no room for those of "
			"--origin, at most %d are possible", in->path, n,
			LAM_FIELDS_MAX);
	for (size_t i = 0; i < n; i++)
		if (is_origin(in->field[i], o->origin))
			return lam_fail(e, LAM_DATA, "%s: has a field \"%s\" of its "
				"own: --origin would add one, so leave it out",
				in->path, in->field[i]);
	for (unsigned i = 0; i < o->origin; i++) {
		in->field[n + i] = fields[i].name;
		in->type[n + i] = fields[i].type;
	}
	in->source_name = o->source ? lam_arena_dup(&in->arena, o->source,
		strlen(o->source)) : lam_input_name(in->path);
	in->norigin = o->origin;
	in->nfields += o->origin;
	return in->source_name ? LAM_OK : lam_fail_mem(e);
}

/* The cells of the I-th of these fields; NULL: nobody wants them. */
static struct lam_cell *
column(const struct lam_input *in, const struct lam_chunk *c, unsigned i)
{
	return i < in->norigin ? c->column[in->nfields - in->norigin + i] : NULL;
}

int
lam_origin_begin(const struct lam_input *in, struct lam_chunk *c,
	struct lam_parse *x, size_t rows, struct lam_error *e)
{
	if (!column(in, c, LINE_AT))
		return LAM_OK;
	lam_buf_clear(&c->row_lines);
	if (!lam_buf_room(&c->row_lines, rows * sizeof *x->row_line))
		return lam_fail_mem(e);
	x->row_line = (uint64_t *)(void *)c->row_lines.p;
	return LAM_OK;
}

/* TEXT for each of N rows; it is put once. */
static int
put_same(struct lam_chunk *c, struct lam_cell *cell, uint32_t n, const char *text,
	size_t length, struct lam_error *e)
{
	int r = n ? lam_chunk_put(c, cell, text, length, e) : LAM_OK;

	for (uint32_t i = 1; !r && i < n; i++)
		cell[i] = cell[0];
	return r;
}

/* Neighbours of one line have one text. */
static int
put_lines(struct lam_chunk *c, struct lam_cell *cell, uint32_t n,
	const uint64_t *line, struct lam_error *e)
{
	char text[20];
	int r = LAM_OK;

	for (uint32_t i = 0; !r && i < n; i++)
		if (i && line[i] == line[i - 1])
			cell[i] = cell[i - 1];
		else
			r = lam_chunk_put(c, &cell[i], text,
				lam_u64_print(line[i], text), e);
	return r;
}

int
lam_origin_cells(const struct lam_input *in, struct lam_chunk *c,
	const struct lam_parse *x, struct lam_error *e)
{
	struct lam_cell *file = column(in, c, FILE_AT),
		*line = column(in, c, LINE_AT), *when = column(in, c, INGESTED_AT);
	char text[LAM_TIME_TEXT];
	int r = LAM_OK;

	if (file)
		r = put_same(c, file, x->rows, in->source_name,
			strlen(in->source_name), e);
	if (!r && line)
		r = put_lines(c, line, x->rows, x->row_line, e);
	if (!r && when)
		r = put_same(c, when, x->rows, text, lam_time_print(c->when, text),
			e);
	return r;
}
