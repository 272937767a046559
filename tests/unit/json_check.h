/*
 * json_check.h - a line that has a shape is the record that json_record.h reads
 */
#ifndef LAM_JSON_CHECK_H
#define LAM_JSON_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "format/json_shape.h"

#define JSON_FIELDS 128

/* A row for the fields of a tree, the rest behind them.  Shapes know the columns, so
 * there is one of these for as long as there are shapes. */
struct json_row {
	struct lam_cell cell[JSON_FIELDS + 1], *column[JSON_FIELDS + 1];
	struct lam_parse parse;
	struct lam_json_reader reader;
	struct lam_buf raw;
};

/* Number the members that values were seen of, as a declaration would. */
static inline void
json_number(struct lam_json_object *o, uint32_t *n)
{
	for (uint32_t i = 0; i < o->n; i++) {
		if (o->member[i].seen && *n < JSON_FIELDS)
			o->member[i].field = (*n)++;
		if (o->member[i].object)
			json_number(o->member[i].object, n);
	}
}

/* LINE becomes the text of ROW, for N fields of T. */
static inline void
json_row_set(struct json_row *row, const struct lam_json_tree *t, uint32_t n,
	struct lam_str line)
{
	for (uint32_t i = 0; i <= n; i++)
		row->column[i] = &row->cell[i];
	lam_buf_clear(&row->raw);
	if (!lam_buf_room(&row->raw, line.n + 2 * LAM_JSON_PAD))
		abort();
	lam_buf_put(&row->raw, line.p, line.n);
	memset(row->raw.p + row->raw.n, 0, LAM_JSON_PAD);
	row->raw.n += LAM_JSON_PAD;
	row->parse = (struct lam_parse){ .text = row->raw.p, .n = line.n,
		.nfields = n + 1, .cell = row->column };
	row->reader.tree = t;
	row->reader.x = &row->parse;
	row->reader.rest = n;
	row->reader.out = &row->raw;
}

static inline bool
json_same_cell(const struct json_row *a, const struct json_row *b, uint32_t f)
{
	struct lam_cell x = a->cell[f], y = b->cell[f];

	return x.len == y.len && (x.len == LAM_CELL_NULL || !x.len ||
		!memcmp(a->raw.p + x.at, b->raw.p + y.at, x.len));
}

/* Whether ROW is what is READ of LINE; both are for N fields of T. */
static inline bool
json_is_read(const struct json_row *row, struct json_row *read,
	const struct lam_json_tree *t, uint32_t n, struct lam_str line)
{
	const char *why = NULL;

	json_row_set(read, t, n, line);
	if (lam_json_record(&read->reader, read->raw.p, line.n, &why, NULL) || why)
		return false;
	for (uint32_t f = 0; f <= n; f++)
		if (!json_same_cell(row, read, f))
			return false;
	return true;
}

/* Whether LINE has a shape, *TAKEN, and then that it is the same row as read; ROW
 * and READ are for N fields of T. */
static inline bool
json_agrees(struct lam_json_shapes *s, struct json_row *row, struct json_row *read,
	const struct lam_json_tree *t, uint32_t n, struct lam_str line, bool *taken)
{
	size_t end;

	json_row_set(row, t, n, line);
	s->specials.n = s->specials.i = 0; /* that is a text of its own */
	end = lam_json_shapes_take(s, &row->parse, 0);
	*taken = end != 0;
	return !end || (end == line.n && json_is_read(row, read, t, n, line));
}

static inline void
json_row_release(struct json_row *row)
{
	lam_json_reader_release(&row->reader);
	lam_buf_release(&row->raw);
}

#endif
