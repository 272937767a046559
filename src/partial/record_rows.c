/*
 * record_rows.c - KEY and STATE records of partial text, parsed and checked
 *
 *	KEY	:= field ("," field)*	one field per key; no key: empty
 *	STATE	:= field ("," field)*	one field per component
 *	field	:= nothing (NULL) | bare | '"' quoted '"'
 *
 * In a quoted field '"' is doubled.  The escapes of base/escape.h are
 * outermost. Fields without quote and backslash, which is nearly all of them,
 * are copied as they are.
 */
#include "partial/record_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "partial/record.h"

static int
fault(const char *name, uint64_t lineno, const char *why, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s:%" PRIu64 ": %s", name, lineno, why);
}

static int
rows_room(struct lam_record_rows *r, uint32_t ncols, uint32_t n,
	struct lam_error *e)
{
	if (ncols > r->ncols || n > r->nrows_cap || !r->cells.field) {
		size_t rows =
			n > LAM_RECORD_ROWS_BLOCK ? n : LAM_RECORD_ROWS_BLOCK;

		free(r->cell);
		free(r->cells.field);
		r->nrows_cap = (uint32_t)rows;
		r->ncols = ncols;
		r->cell = calloc(rows * ncols + 1, sizeof *r->cell);
		r->cells.field = calloc(ncols + 1, sizeof *r->cells.field);
		if (!r->cell || !r->cells.field)
			return lam_fail_mem(e);
		for (uint32_t c = 0; c < ncols; c++)
			r->cells.field[c] = r->cell + rows * c;
	}
	r->cells.nfields = ncols;
	r->cells.nrows = n;
	lam_buf_clear(&r->text);
	return LAM_OK;
}

void
lam_record_rows_release(struct lam_record_rows *r)
{
	free(r->cell);
	free(r->cells.field);
	lam_buf_release(&r->text);
	*r = (struct lam_record_rows)LAM_RECORD_ROWS_INIT;
}

/* One byte at *P, escapes undone; -1: a bad escape. */
static int
unescape(const char **p, const char *end)
{
	char c = *(*p)++;

	if (c != '\\')
		return (unsigned char)c;
	if (*p == end)
		return -1;
	switch (*(*p)++) {
	case 't': return '\t';
	case 'n': return '\n';
	case 'r': return '\r';
	case '\\': return '\\';
	}
	return -1;
}

/* A quoted field, P behind its opening quote. */
static const char *
quoted(struct lam_buf *text, const char *p, const char *end)
{
	while (p < end) {
		int c = unescape(&p, end);

		if (c < 0)
			return NULL;
		if (c == '"') {
			if (p == end || *p != '"')
				return p;
			p++;
		}
		lam_buf_putc(text, (char)c);
	}
	return NULL;
}

static const char *
bare(struct lam_buf *text, const char *p, const char *end)
{
	const char *from = p;

	while (p < end && *p != ',' && *p != '"' && *p != '\\')
		p++;
	lam_buf_put(text, from, (size_t)(p - from));
	while (p < end && *p != ',') {
		int c = *p == '"' ? -1 : unescape(&p, end);

		if (c < 0)
			return NULL;
		lam_buf_putc(text, (char)c);
	}
	return p;
}

/* One field into CELL; returns where it ends, NULL: not a field. */
static const char *
field(struct lam_buf *text, const char *p, const char *end,
	struct lam_cell *cell)
{
	cell->at = (uint32_t)text->n;
	if (p == end || *p == ',') {
		cell->len = LAM_CELL_NULL;
		return p;
	}
	p = *p == '"' ? quoted(text, p + 1, end) : bare(text, p, end);
	cell->len = (uint32_t)(text->n - cell->at);
	return p;
}

/* N fields from column FIRST on of row I: the record S. */
static bool
record(struct lam_record_rows *r, struct lam_str s, uint32_t first, uint32_t n,
	uint32_t i)
{
	const char *p = s.p, *end = s.p + s.n;

	if (n == 0)
		return s.n == 0;
	for (uint32_t c = first; c < first + n; c++) {
		if (c > first) {
			if (p == end || *p != ',')
				return false;
			p++;
		}
		p = field(&r->text, p, end, &r->cells.field[c][i]);
		if (!p)
			return false;
	}
	return p == end;
}

int
lam_record_rows_parse(struct lam_record_rows *r, const struct lam_query *q,
	struct lam_str text, uint32_t n, const char *name, uint64_t lineno,
	struct lam_error *e)
{
	uint32_t ncols = lam_query_columns(q);
	const char *p = text.p, *end = text.p + text.n;
	int rc;

	rc = rows_room(r, ncols, n, e);
	if (rc)
		return rc;
	if (!lam_buf_room(&r->text, text.n + 1))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		const char *lf = memchr(p, '\n', (size_t)(end - p)), *tab;

		tab = lf ? memchr(p, '\t', (size_t)(lf - p)) : NULL;
		if (!tab)
			return fault(name, lineno + i,
				"not KEY TAB STATE", e);
		if (!record(r, (struct lam_str){ p, (size_t)(tab - p) }, 0,
			q->nkeys, i))
			return fault(name, lineno + i, "KEY is not the view's "
				"keys as one CSV record", e);
		if (!record(r, (struct lam_str){ tab + 1,
			(size_t)(lf - tab - 1) }, q->nkeys, ncols - q->nkeys,
			i))
			return fault(name, lineno + i, "STATE is not the "
				"view's states as one CSV record", e);
		p = lf + 1;
	}
	rc = lam_buf_check(&r->text, e);
	r->cells.text = r->text.p;
	return rc;
}

/* ---------------------------------------------------------------- checks */

/* States whose components are more than a typed value. */
static bool
has_structure(const struct lam_query *q)
{
	for (uint32_t s = 0; s < q->nstates; s++)
		if (q->state[s].kind == LAM_DISTINCT ||
			q->state[s].kind == LAM_VALUES ||
			q->state[s].kind == LAM_LIST ||
			q->state[s].kind == LAM_HLL ||
			q->state[s].kind == LAM_QUANTILE)
			return true;
	return false;
}

static int
check_line(const struct lam_query *q, const struct lam_vec *column,
	uint32_t row, struct lam_str line, struct lam_buf *again,
	struct lam_error *e)
{
	struct lam_str state;
	const char *tab;
	int rc;

	lam_buf_clear(again);
	lam_record_line(q, column, row, again);
	rc = lam_buf_check(again, e);
	if (rc)
		return rc;
	if (again->n != line.n || memcmp(again->p, line.p, line.n))
		return lam_fail(e, LAM_DATA, "a value is not spelled as its "
			"type requires");
	if (!has_structure(q))
		return LAM_OK;
	tab = memchr(line.p, '\t', line.n);
	state.p = tab + 1;
	state.n = line.n - (size_t)(state.p - line.p);
	lam_buf_clear(again);
	rc = lam_record_merge(q, &state, 1, again, e);
	if (!rc && (again->n != state.n ||
		memcmp(again->p, state.p, state.n)))
		rc = lam_fail(e, LAM_DATA, "a state is not spelled as its "
			"kind requires");
	return rc;
}

int
lam_record_rows_check(const struct lam_record_rows *r,
	const struct lam_query *q, struct lam_str text, const char *name,
	uint64_t lineno, struct lam_arena *arena, struct lam_error *e)
{
	uint32_t ncols = lam_query_columns(q);
	struct lam_buf again = LAM_BUF_INIT;
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_vec *column;
	const char *p = text.p;
	uint64_t bad = 0;
	int rc = LAM_OK;

	column = LAM_ARENA_NEW(arena, struct lam_vec, ncols + 1);
	if (!column)
		return lam_fail_mem(e);
	for (uint32_t c = 0; !rc && c < ncols; c++) {
		struct lam_coltype t = { 0, 0 };
		const char *label;

		lam_query_column(q, c, &label, &t.type);
		rc = lam_cells_load(&r->cells, c, t, arena, &column[c], &bad,
			e);
	}
	for (uint32_t i = 0; !rc && i < r->cells.nrows; i++) {
		const char *lf = memchr(p, '\n',
			(size_t)(text.p + text.n - p));

		rc = check_line(q, column, i, (struct lam_str){ p,
			(size_t)(lf - p) }, &again, &why);
		if (rc)
			rc = lam_fail(e, rc == LAM_SYSTEM ? rc : LAM_DATA,
				"%s:%" PRIu64 ": %s", name, lineno + i,
				why.msg);
		p = lf + 1;
	}
	lam_buf_release(&again);
	return rc;
}

/* ------------------------------------------------------------- typed load */

static int
flat_bool(const struct lam_vec *v, struct lam_arena *arena,
	struct lam_vec *out, uint64_t *bad, struct lam_error *e)
{
	uint8_t *bit = lam_arena_calloc(arena, v->n + 1, 1);
	uint8_t *null = lam_arena_calloc(arena, v->n + 1, 1);

	if (!bit || !null)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < v->n; i++) {
		struct lam_str s = lam_vec_text(v, i);

		null[i] = lam_vec_is_null(v, i);
		if (null[i])
			continue;
		bit[i] = s.n == 4 && !memcmp(s.p, "true", 4);
		if (!bit[i] && (s.n != 5 || memcmp(s.p, "false", 5))) {
			null[i] = 1;
			++*bad;
		}
	}
	*out = (struct lam_vec){ .type = LAM_BOOL, .rep = LAM_FLAT,
		.n = v->n, .null = null, .bit = bit };
	return LAM_OK;
}

int
lam_vec_to_bool(const struct lam_vec *v, struct lam_arena *arena,
	struct lam_vec *out, uint64_t *bad, struct lam_error *e)
{
	struct lam_vec *dict;
	int rc;

	if (v->rep != LAM_DICT && v->rep != LAM_CONST)
		return flat_bool(v, arena, out, bad, e);
	dict = LAM_ARENA_NEW(arena, struct lam_vec, 1);
	if (!dict)
		return lam_fail_mem(e);
	rc = flat_bool(v->dict, arena, dict, bad, e);
	*out = *v;
	out->type = LAM_BOOL;
	out->dict = dict;
	return rc;
}

int
lam_cells_load(const struct lam_cells *c, uint32_t f, struct lam_coltype t,
	struct lam_arena *arena, struct lam_vec *out, uint64_t *bad,
	struct lam_error *e)
{
	struct lam_vec text;
	int rc;

	if (t.type != LAM_BOOL)
		return lam_column_parse(c, f, t, arena, out, bad, e);
	t.type = LAM_TEXT;
	rc = lam_column_parse(c, f, t, arena, &text, bad, e);
	return rc ? rc : lam_vec_to_bool(&text, arena, out, bad, e);
}
