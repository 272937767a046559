/*
 * csv_split.c - regular records of delimited text to cells
 *
 * In batches of some hundred records, in three passes that each do one thing, so
 * that there is next to nothing for the processor to mispredict:
 *
 *	index	the positions of all ends (of fields and records) as a list:
 *		64 bytes at a time
 *	rows	a record whose count of ends is the count of fields is kept
 *	columns	for each field that is wanted, over all records kept: the cell
 *		lies between two neighbours in the list
 *
 * A quoted value is known by its first byte, since quotes are regular; doubled
 * quotes, or backslashes, are looked for only in batches that have any.  The
 * list of a batch (8 KiB) stays in the first level cache, its text (about 40
 * KiB) in the second.
 *
 * The last record of a batch that is not whole is indexed again in the next.
 */
#include <string.h>

#include "format/csv_internal.h"
#include "format/gather.h"
#include "input/input_chunk.h"

/* Drop the rows from the first one on that is longer than a record may be. */
static void
drop_long(const char *text, struct lam_csv_index *x)
{
	uint32_t first = 0;

	for (uint32_t i = 1; i <= x->nends; i++) {
		if (text[x->end[i]] != '\n')
			continue;
		if (x->end[i] - x->end[first] > LAM_RECORD_MAX) {
			x->lines = lam_count_lines(text + x->end[0] + 1,
				x->end[first] - x->end[0]);
			x->nends = first;
			x->stopped = true;
			return;
		}
		first = i;
	}
}

/*
 * All rows are kept if each has the fields expected and none is the header: then the
 * last of so many ends is a newline each time, and there are no other newlines.
 */
static bool
keep_all(const struct lam_parse *x, struct lam_csv_index *ix)
{
	const uint32_t *end = ix->end;
	bool all = !x->row_line && ix->lines * x->nfields == ix->nends;

	ix->nkept = 0;
	for (; all && ix->nkept < ix->lines; end += x->nfields) {
		ix->kept[ix->nkept++] = (uint16_t)(end - ix->end);
		all = x->text[end[x->nfields]] == '\n' &&
			!lam_csv_is_header(x, end[0] + 1, end[x->nfields]);
	}
	return all;
}

/* Which rows are kept, one by one; the others are headers, blank or rejects. */
static int
keep_some(struct lam_parse *x, struct lam_csv_index *ix, struct lam_error *e)
{
	uint32_t first = 0, counted = ix->end[0] + 1;
	uint64_t line = x->line;
	int r = LAM_OK;

	ix->nkept = 0;
	for (uint32_t i = 1; !r && i <= ix->nends; i++) {
		uint32_t fields = i - first, from = ix->end[first] + 1;
		uint32_t to = ix->end[i];
		bool fits = fields == x->nfields;

		if (x->text[to] != '\n')
			continue;
		if (!fits || x->row_line) {
			line += lam_count_lines(x->text + counted,
				from - counted);
			counted = from;
		}
		if (fits && lam_csv_is_header(x, from, to)) {
			x->headers++;
		} else if (fits) {
			if (x->row_line)
				x->row_line[x->rows + ix->nkept] = line;
			ix->kept[ix->nkept++] = (uint16_t)first;
		} else {
			r = lam_csv_misfit(x, from, to, fields, line, e);
		}
		first = i;
	}
	return r;
}

/*
 * The cells of field F; LAST: it is the last one, so CR may stand behind it.  An
 * empty field is NULL where quotes can tell it from an empty text.
 */
static inline __attribute__((always_inline)) void
store(const char *text, const struct lam_csv_index *ix, uint32_t f, bool last,
	bool quotes, char mark, struct lam_cell *out)
{
	uint32_t empty = quotes ? LAM_CELL_NULL : 0;

	for (uint32_t i = 0; i < ix->nkept; i++) {
		const uint32_t *end = ix->end + ix->kept[i] + f;
		uint32_t from = end[0] + 1, to = end[1], quote;

		if (last)
			to -= to > from && text[to - 1] == '\r';
		/* There is a byte: the end of an empty field at least. */
		quote = quotes & (text[from] == mark);
		out[i].at = from + quote;
		out[i].len = from == to ? empty : to - from - 2 * quote;
	}
}

/* Turn doubled quotes of a quoted value into single ones, in place. */
static void
undouble(char quote, char *text, struct lam_cell *cell)
{
	char *p = text + cell->at, *end = p + cell->len, *out;

	p = memchr(p, quote, cell->len);
	if (!p)
		return;
	for (out = p; p < end; p++) {
		*out++ = *p;
		p += *p == quote;
	}
	cell->len = (uint32_t)(out - (text + cell->at));
}

/* The byte that ESCAPE and C stand for; 0: they stand for themselves. */
static char
escaped(char escape, char c)
{
	switch (c) {
	case 't': return '\t';
	case 'n': return '\n';
	case 'r': return '\r';
	case 'b': return '\b';
	case 'f': return '\f';
	case 'v': return '\v';
	default: return c == escape ? c : 0;
	}
}

void
lam_csv_unescape(char escape, char *text, struct lam_cell *cell)
{
	char *p = text + cell->at, *end = p + cell->len, *out, c;

	if (cell->len == 2 && p[0] == escape && p[1] == 'N') {
		cell->len = LAM_CELL_NULL;
		return;
	}
	p = memchr(p, escape, cell->len);
	if (!p)
		return;
	for (out = p; p < end; p++) {
		c = *p == escape && p + 1 < end ? escaped(escape, p[1]) : 0;
		*out++ = c ? c : *p;
		p += c != 0;
	}
	cell->len = (uint32_t)(out - (text + cell->at));
}

/* Whether some cell of the rows in IX is not yet the value that it stands for. */
static bool
is_coded(const char *text, struct lam_csv_syntax s,
	const struct lam_csv_index *ix)
{
	uint32_t from = ix->end[0] + 1, to = ix->end[ix->nends];

	return s.quotes ? ix->doubled : s.escapes &&
		memchr(text + from, s.escape, to - from);
}

static void
store_columns(struct lam_parse *x, struct lam_csv_syntax s,
	const struct lam_csv_index *ix)
{
	bool coded = is_coded(x->text, s, ix);

	for (uint32_t f = 0; f < x->nfields; f++) {
		struct lam_cell *cell = x->cell[f];

		if (!cell)
			continue;
		cell += x->rows;
		if (!s.quotes)
			store(x->text, ix, f, f + 1 == x->nfields, false, 0, cell);
		else if (f + 1 < x->nfields)
			store(x->text, ix, f, false, true, s.quote, cell);
		else
			store(x->text, ix, f, true, true, s.quote, cell);
		for (uint32_t i = 0; coded && i < ix->nkept; i++)
			if (!s.quotes)
				lam_csv_unescape(s.escape, x->text, &cell[i]);
			else if (cell[i].len != LAM_CELL_NULL)
				undouble(s.quote, x->text, &cell[i]);
	}
}

int
lam_csv_split(const struct lam_csv_kernel *k, struct lam_csv_syntax s,
	struct lam_parse *x, size_t *at, struct lam_error *e)
{
	struct lam_csv_index ix;
	size_t rejects;
	int r = LAM_OK;

	ix.dense = false;
	while (!r && *at < x->n) {
		k->index(s, x->text, *at, x->n, &ix);
		if (x->n > LAM_RECORD_MAX)
			drop_long(x->text, &ix);
		if (!ix.nends || lam_csv_is_full(x, *at, ix.lines))
			break;
		rejects = x->chunk->nrejects;
		if (!keep_all(x, &ix))
			r = keep_some(x, &ix, e);
		store_columns(x, s, &ix);
		*at = (size_t)ix.end[ix.nends] + 1;
		if (x->all && x->chunk->nrejects == rejects)
			lam_gather(x, x->rows, ix.nkept, ix.end[0] + 1, *at,
				true);
		x->rows += ix.nkept;
		x->line += ix.lines;
		if (ix.stopped)
			break;
	}
	return r;
}
