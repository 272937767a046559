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
	c->part = c->from = c->to = NONE;
	rc = lam_cursor_init(&c->value, &w->rows, e);
	if (!rc)
		rc = lam_cursor_init(&c->other, &w->rows, e);
	if (!rc && framed(over))
		rc = lam_window_frame_init(&c->frame, w, &over->frame, e);
	if (!rc && over->kind == LAM_OVER_AGGREGATE)
		rc = lam_accumulate_init(&c->sum, over->aggregate, &w->rows,
			over->frame.from.kind == LAM_BOUND_START ||
			over->frame.exclude, e);
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
is_null(struct lam_cursor *c, uint64_t row, uint32_t column, bool *null,
	struct lam_error *e)
{
	struct lam_scalar v;
	int rc = lam_cursor_value(c, row, column, &v, e);

	*null = !rc && v.null;
	return rc;
}

/*
 * The row of the value that is the BY-th after those before the row BOUND, NULLs not
 * counted; NONE: the partition of R has none.  If BOUND moves back all begins anew.
 */
static int
filled(struct lam_window_column *c, const struct lam_window_row *r,
	uint64_t bound, int64_t by, uint64_t *row, struct lam_error *e)
{
	uint32_t column = c->over->column;
	bool null;
	int rc = LAM_OK;

	*row = NONE;
	if (bound < c->seen) {
		c->seen = c->next = r->part_from;
		c->nseen = c->nnext = 0;
	}
	for (; c->seen < bound; c->seen++) {
		rc = is_null(&c->other, c->seen, column, &null, e);
		if (rc)
			return rc;
		c->nseen += !null;
	}
	if (by < 0 && c->nseen < (uint64_t)-by)
		return LAM_OK;
	for (; c->next < r->part_to; c->next++) {
		rc = is_null(&c->value, c->next, column, &null, e);
		if (rc)
			return rc;
		if (!null && c->nnext == c->nseen + (uint64_t)by) {
			*row = c->next;
			return LAM_OK;
		}
		c->nnext += !null;
	}
	return LAM_OK;
}

static int
beside(struct lam_window_column *c, const struct lam_window_row *r,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
{
	const struct lam_over *o = c->over;
	bool lag = o->kind == LAM_OVER_LAG;
	uint64_t row = NONE;
	int rc = LAM_OK;

	if (o->ignore_nulls && o->n)
		rc = filled(c, r, r->row + !lag, lag ? -(int64_t)o->n :
			(int64_t)o->n - 1, &row, e);
	else if (lag && o->n <= r->row - r->part_from)
		row = r->row - o->n;
	else if (!lag && o->n < r->part_to - r->row)
		row = r->row + o->n;
	if (rc)
		return rc;
	if (row == NONE && o->otherwise)
		return fetch(&c->other, r->row, o->other, arena, out, e);
	return fetch(&c->value, row, o->column, arena, out, e);
}

/* What EXCLUDE leaves of the frame [FROM, TO) of R: pieces P, and their number. */
static unsigned
cut_frame(const struct lam_over *o, const struct lam_window_row *r,
	uint64_t from, uint64_t to, struct lam_piece *p)
{
	bool row = o->frame.exclude == LAM_EXCLUDE_ROW;
	bool ties = o->frame.exclude == LAM_EXCLUDE_TIES;
	struct lam_piece hole[2] = {
		{ row ? r->row : r->peer_from, row ? r->row + 1 :
			ties ? r->row : r->peer_to },
		{ ties ? r->row + 1 : r->peer_to, r->peer_to }
	};
	unsigned n = 0;

	for (int i = 0; i < 2 && o->frame.exclude; i++) {
		if (hole[i].from >= hole[i].to || hole[i].from >= to ||
			hole[i].to <= from)
			continue;
		if (from < hole[i].from)
			p[n++] = (struct lam_piece){ from, hole[i].from };
		from = hole[i].to;
	}
	if (from < to)
		p[n++] = (struct lam_piece){ from, to };
	return n;
}

/* The N-th row of the pieces P, from their end if BACK; IGNORE NULLS: of those that
 * have a value. */
static int
nth_of_pieces(struct lam_window_column *c, const struct lam_piece *p,
	unsigned npieces, uint64_t n, bool back, uint64_t *row,
	struct lam_error *e)
{
	bool null = false;
	int rc = LAM_OK;

	*row = NONE;
	for (unsigned i = 0; !rc && i < npieces && *row == NONE; i++) {
		const struct lam_piece *x = &p[back ? npieces - 1 - i : i];
		uint64_t rows = x->to - x->from;

		if (!c->over->ignore_nulls && n > rows) {
			n -= rows;
			continue;
		}
		if (!c->over->ignore_nulls) {
			*row = back ? x->to - n : x->from + n - 1;
			break;
		}
		for (uint64_t k = 0; !rc && k < rows && *row == NONE; k++) {
			uint64_t at = back ? x->to - 1 - k : x->from + k;

			rc = is_null(&c->other, at, c->over->column, &null, e);
			if (!rc && !null && --n == 0)
				*row = at;
		}
	}
	return rc;
}

static int
of_frame(struct lam_window_column *c, const struct lam_window_row *r,
	uint64_t from, uint64_t to, struct lam_arena *arena,
	struct lam_scalar *out, struct lam_error *e)
{
	const struct lam_over *o = c->over;
	bool last = o->kind == LAM_OVER_LAST;
	uint64_t row = NONE, n = o->kind == LAM_OVER_NTH ? o->n : 1;
	struct lam_piece p[LAM_PIECES];
	int rc = LAM_OK;

	if (o->ignore_nulls && !o->frame.exclude && from < to) {
		rc = filled(c, r, last ? to : from, last ? -1 : (int64_t)n - 1,
			&row, e);
		if (row != NONE && (row < from || row >= to))
			row = NONE;
	} else {
		rc = nth_of_pieces(c, p, cut_frame(o, r, from, to, p), n, last,
			&row, e);
	}
	return rc ? rc : fetch(&c->value, row, o->column, arena, out, e);
}

/* The aggregate's value, and a copy of it for the rows that share the frame. */
static int
aggregate(struct lam_window_column *c, const struct lam_window_row *r,
	uint64_t from, uint64_t to, struct lam_error *e)
{
	struct lam_piece p[LAM_PIECES];
	struct lam_scalar v;
	bool fault = false;
	int rc;

	if (from > to)
		to = from;
	rc = c->over->frame.exclude ? lam_accumulate_pieces(&c->sum, from, to,
		p, cut_frame(c->over, r, from, to, p), e) :
		lam_accumulate_move(&c->sum, from, to, e);
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
	int rc = lam_window_frame_at(&c->frame, r, &from, &to, e);

	if (rc || c->over->kind != LAM_OVER_AGGREGATE)
		return rc ? rc : of_frame(c, r, from, to, arena, out, e);
	if (from != c->from || to != c->to || c->over->frame.exclude)
		rc = aggregate(c, r, from, to, e);
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

/* The partition of R begins. */
static int
enter(struct lam_window_column *c, const struct lam_window_row *r,
	struct lam_error *e)
{
	c->part = r->part_from;
	c->from = c->to = NONE;
	c->seen = c->next = r->part_from;
	c->nseen = c->nnext = 0;
	return c->over->kind == LAM_OVER_AGGREGATE ?
		lam_accumulate_reset(&c->sum, r->part_from, e) : LAM_OK;
}

int
lam_window_column_value(struct lam_window_column *c,
	const struct lam_window_row *r, uint64_t rank,
	struct lam_arena *arena, struct lam_scalar *out, struct lam_error *e)
{
	const struct lam_over *o = c->over;
	uint64_t rows = r->part_to - r->part_from;
	int rc = c->part == r->part_from ? LAM_OK : enter(c, r, e);

	*out = (struct lam_scalar){ .type = o->type };
	if (rc)
		return rc;
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
