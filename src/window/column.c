/*
 * column.c - the values of one window function, row by row
 *
 * Ranks are arithmetic on where the row, its peers and its partition are.  lag,
 * first_value and their kind take a value from another row by a cursor.  An
 * aggregate follows the frame; rows of one frame share its value.
 */
#include "window/column.h"

#include <string.h>

#define NONE UINT64_MAX

static bool
framed(const struct lam_over *o)
{
	return o->kind == LAM_OVER_FIRST || o->kind == LAM_OVER_LAST ||
		o->kind == LAM_OVER_NTH || o->kind == LAM_OVER_AGGREGATE;
}

int
lam_window_column_init(struct lam_window_column *c,
	const struct lam_window_rows *w, const struct lam_over *over,
	struct lam_error *e)
{
	int rc;

	memset(c, 0, sizeof *c);
	c->over = over;
	c->part = c->from = c->to = c->seen = c->found = NONE;
	rc = lam_cursor_init(&c->value, &w->rows, e);
	if (!rc)
		rc = lam_cursor_init(&c->other, &w->rows, e);
	if (!rc && framed(over))
		rc = lam_window_frame_init(&c->frame, w, &over->frame, e);
	if (!rc && over->kind == LAM_OVER_AGGREGATE)
		rc = lam_accumulate_init(&c->sum, over->aggregate, &w->rows,
			over->frame.from.kind == LAM_BOUND_START, e);
	return rc;
}

void
lam_window_column_release(struct lam_window_column *c)
{
	lam_window_frame_release(&c->frame);
	lam_cursor_release(&c->value);
	lam_cursor_release(&c->other);
	lam_accumulate_release(&c->sum);
	lam_buf_release(&c->text);
}

static int
whole(struct lam_scalar *out, uint64_t v)
{
	out->num = (struct lam_num){ (lam_i128)v, 0 };
	return LAM_OK;
}

static int
quotient(struct lam_scalar *out, uint64_t a, uint64_t b)
{
	struct lam_num x = { (lam_i128)a, 0 }, y = { (lam_i128)b, 0 };

	if (a == 0 || !lam_num_div(x, y, &out->num))
		return whole(out, 0);
	out->num = lam_num_normal(out->num);
	return LAM_OK;
}

/* The bucket of the I-th of ROWS in N: the first ones are larger by one. */
static uint64_t
bucket(uint64_t i, uint64_t rows, uint64_t n)
{
	uint64_t size = rows / n, larger = rows % n, in = larger * (size + 1);

	return 1 + (i < in ? i / (size + 1) : larger + (i - in) / size);
}

/* The value of row ROW, or NULL where it is NONE; its text in ARENA. */
static int
fetch(struct lam_cursor *c, uint64_t row, uint32_t column,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
{
	char *p;
	int rc;

	out->null = row == NONE;
	if (row == NONE)
		return LAM_OK;
	rc = lam_cursor_value(c, row, column, out, e);
	if (rc || out->null || out->type != LAM_TEXT)
		return rc;
	p = lam_arena_alloc(arena, out->str.n + 1);
	if (!p)
		return lam_fail_mem(e);
	if (out->str.n)
		memcpy(p, out->str.p, out->str.n);
	out->str.p = p;
	return LAM_OK;
}

static int
beside(struct lam_window_column *c, const struct lam_window_row *r,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
{
	const struct lam_over *o = c->over;
	uint64_t row = NONE;

	if (o->kind == LAM_OVER_LAG && o->n <= r->row - r->part_from)
		row = r->row - o->n;
	else if (o->kind == LAM_OVER_LEAD && o->n < r->part_to - r->row)
		row = r->row + o->n;
	if (row == NONE && o->otherwise)
		return fetch(&c->other, r->row, o->other, arena, out, e);
	return fetch(&c->value, row, o->column, arena, out, e);
}

/* The first value that is not NULL in [FROM, TO): forwards, each row once. */
static int
first_filled(struct lam_window_column *c, uint64_t from, uint64_t to,
	uint64_t *row, struct lam_error *e)
{
	struct lam_scalar v;
	uint64_t i = c->found == NONE || c->found < from ? from : c->found;
	int rc = LAM_OK;

	if (c->seen != NONE && c->seen > i && c->found == NONE)
		i = c->seen;
	for (; !rc && i < to; i++) {
		rc = lam_cursor_value(&c->other, i, c->over->column, &v, e);
		if (!rc && !v.null)
			break;
	}
	c->seen = i;
	c->found = i < to ? i : NONE;
	*row = c->found;
	return rc;
}

/* The last one. */
static int
last_filled(struct lam_window_column *c, uint64_t from, uint64_t to,
	uint64_t *row, struct lam_error *e)
{
	struct lam_scalar v;
	uint64_t i = c->seen == NONE || c->seen < from ? from : c->seen;
	int rc = LAM_OK;

	for (; !rc && i < to; i++) {
		rc = lam_cursor_value(&c->other, i, c->over->column, &v, e);
		if (!rc && !v.null)
			c->found = i;
	}
	c->seen = i;
	*row = c->found != NONE && c->found >= from ? c->found : NONE;
	return rc;
}

static int
of_frame(struct lam_window_column *c, uint64_t from, uint64_t to,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
{
	const struct lam_over *o = c->over;
	uint64_t row = NONE;
	int rc = LAM_OK;

	if (from >= to)
		row = NONE;
	else if (o->ignore_nulls && o->kind == LAM_OVER_FIRST)
		rc = first_filled(c, from, to, &row, e);
	else if (o->ignore_nulls)
		rc = last_filled(c, from, to, &row, e);
	else if (o->kind == LAM_OVER_FIRST)
		row = from;
	else if (o->kind == LAM_OVER_LAST)
		row = to - 1;
	else if (o->n <= to - from)
		row = from + o->n - 1;
	return rc ? rc : fetch(&c->value, row, o->column, arena, out, e);
}

/* The aggregate's value, and a copy of it for the rows that share the frame. */
static int
aggregate(struct lam_window_column *c, uint64_t from, uint64_t to,
	struct lam_error *e)
{
	struct lam_scalar v;
	bool fault = false;
	int rc;

	if (from > to)
		to = from;
	rc = lam_accumulate_move(&c->sum, from, to, e);
	if (!rc)
		rc = lam_accumulate_value(&c->sum, &v, &fault, e);
	if (rc)
		return rc;
	c->faults += fault;
	c->kept = v;
	if (v.type != LAM_TEXT || v.null)
		return LAM_OK;
	lam_buf_clear(&c->text);
	lam_buf_put(&c->text, v.str.p, v.str.n);
	lam_buf_putc(&c->text, 0);
	c->kept.str.p = c->text.p;
	return lam_buf_check(&c->text, e);
}

static int
over_frame(struct lam_window_column *c, const struct lam_window_row *r,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
{
	uint64_t from, to;
	bool text;
	char *p;
	int rc = LAM_OK;

	if (c->part != r->part_from) {
		c->part = r->part_from;
		c->from = c->to = c->seen = c->found = NONE;
		if (c->over->kind == LAM_OVER_AGGREGATE)
			rc = lam_accumulate_reset(&c->sum, r->part_from, e);
	}
	if (!rc)
		rc = lam_window_frame_at(&c->frame, r, &from, &to, e);
	if (rc || c->over->kind != LAM_OVER_AGGREGATE)
		return rc ? rc : of_frame(c, from, to, arena, out, e);
	if (from != c->from || to != c->to)
		rc = aggregate(c, from, to, e);
	c->from = from;
	c->to = to;
	*out = c->kept;
	text = out->type == LAM_TEXT && !out->null;
	if (rc || !text)
		return rc;
	p = lam_arena_alloc(arena, out->str.n + 1);
	if (!p)
		return lam_fail_mem(e);
	memcpy(p, out->str.p, out->str.n);
	out->str.p = p;
	return LAM_OK;
}

int
lam_window_column_value(struct lam_window_column *c,
	const struct lam_window_row *r, uint64_t rank,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
{
	const struct lam_over *o = c->over;
	uint64_t rows = r->part_to - r->part_from;

	*out = (struct lam_scalar){ .type = o->type };
	switch (o->kind) {
	case LAM_OVER_ROW_NUMBER:
		return whole(out, r->row - r->part_from + 1);
	case LAM_OVER_RANK:
		return whole(out, r->peer_from - r->part_from + 1);
	case LAM_OVER_DENSE_RANK:
		return whole(out, rank);
	case LAM_OVER_PERCENT_RANK:
		return quotient(out, r->peer_from - r->part_from, rows - 1);
	case LAM_OVER_CUME_DIST:
		return quotient(out, r->peer_to - r->part_from, rows);
	case LAM_OVER_NTILE:
		return whole(out, bucket(r->row - r->part_from, rows, o->n));
	case LAM_OVER_LAG:
	case LAM_OVER_LEAD:
		return beside(c, r, arena, out, e);
	default:
		return over_frame(c, r, arena, out, e);
	}
}
