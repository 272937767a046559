/*
 * frame.c - the frame of each row
 *
 * ROWS is arithmetic.  GROUPS steps over the marks of peers, once for all peers.
 * RANGE with a distance: a cursor over the order column moves to the first row
 * that is not before (begin) or that is after (end) the value that is that far
 * from the row's own, in the order of the rows.  A row whose value is NULL has its
 * peers as its frame, as far as a distance says it.
 */
#include "window/frame.h"

#include <string.h>

#include "time/time.h"

int
lam_window_frame_init(struct lam_window_frame *f,
	const struct lam_window_rows *w, const struct lam_over_frame *spec,
	struct lam_error *e)
{
	struct lam_frame_end *end[2] = { &f->from, &f->to };
	int rc = LAM_OK;

	memset(f, 0, sizeof *f);
	f->w = w;
	f->spec = spec;
	for (int i = 0; !rc && i < 2; i++) {
		end[i]->part = end[i]->peer = UINT64_MAX;
		rc = lam_cursor_init(&end[i]->key, &w->rows, e);
		if (!rc)
			rc = lam_cursor_init(&end[i]->row, &w->rows, e);
	}
	return rc;
}

void
lam_window_frame_release(struct lam_window_frame *f)
{
	lam_cursor_release(&f->from.key);
	lam_cursor_release(&f->from.row);
	lam_cursor_release(&f->to.key);
	lam_cursor_release(&f->to.row);
}

/* The begin (END: the end) of the peers that are N groups away. */
static uint64_t
groups_away(const struct lam_window_rows *w, const struct lam_bound *b,
	const struct lam_window_row *r, bool end)
{
	uint64_t at = r->peer_from, n = (uint64_t)b->num.m;

	if (b->kind == LAM_BOUND_FOLLOWING) {
		for (; n && at < r->part_to; n--)
			at = lam_marks_next(&w->peer, at + 1);
		return at < r->part_to && end ?
			lam_marks_next(&w->peer, at + 1) :
			at < r->part_to ? at : r->part_to;
	}
	for (; n && at > r->part_from; n--)
		at = lam_marks_last(&w->peer, at - 1);
	if (n) /* there are not so many */
		return r->part_from;
	return end ? lam_marks_next(&w->peer, at + 1) : at;
}

/* V moved by the distance of B: *OUT; false: beyond all values. */
static bool
move(const struct lam_scalar *v, const struct lam_bound *b, bool down,
	struct lam_scalar *out)
{
	int64_t ns = v->i64;

	*out = *v;
	if (!b->interval)
		return down ? lam_num_sub(v->num, b->num, &out->num) :
			lam_num_add(v->num, b->num, &out->num);
	return (!b->months || lam_time_add_months(ns, down ? -b->months :
		b->months, &ns)) && !(down ?
		__builtin_sub_overflow(ns, b->ns, &out->i64) :
		__builtin_add_overflow(ns, b->ns, &out->i64));
}

/* The order of K and T as the rows have it. */
static int
order(const struct lam_over_order *o, const struct lam_scalar *k,
	const struct lam_scalar *t)
{
	int c;

	if (k->null)
		return o->nulls_first ? -1 : 1;
	c = lam_scalar_cmp(k, t);
	return o->descending ? -c : c;
}

/* Is the row AT before the bound that is at the value T? */
static int
before(struct lam_window_frame *f, struct lam_frame_end *x, uint64_t at,
	const struct lam_scalar *t, bool end, bool *out, struct lam_error *e)
{
	const struct lam_over_order *o = &f->w->plan->order[0];
	struct lam_scalar k;
	int rc = lam_cursor_value(&x->key, at, o->column, &k, e);
	int c = rc ? 0 : order(o, &k, t);

	*out = c < 0 || (c == 0 && end);
	return rc;
}

/* Move X to the bound B for the row R.  A month from the 30th of January, at noon, is
 * later than one from the morning of the 31st: so it may move back. */
static int
range_away(struct lam_window_frame *f, struct lam_frame_end *x,
	const struct lam_bound *b, const struct lam_window_row *r, bool end,
	struct lam_error *e)
{
	const struct lam_over_order *o = &f->w->plan->order[0];
	bool back = b->kind == LAM_BOUND_PRECEDING;
	struct lam_scalar v, t;
	int rc = lam_cursor_value(&x->row, r->row, o->column, &v, e);

	if (rc)
		return rc;
	if (v.null || !move(&v, b, back != o->descending, &t)) {
		x->at = v.null ? (end ? r->peer_to : r->peer_from) :
			back ? r->part_from : r->part_to;
		return LAM_OK;
	}
	for (bool on = true; !rc && on && x->at < r->part_to; x->at += on)
		rc = before(f, x, x->at, &t, end, &on, e);
	for (bool on = false; !rc && !on && b->months && x->at > r->part_from;
		x->at -= !on)
		rc = before(f, x, x->at - 1, &t, end, &on, e);
	return rc;
}

static int
distance(struct lam_window_frame *f, struct lam_frame_end *x,
	const struct lam_bound *b, const struct lam_window_row *r, bool end,
	uint64_t *out, struct lam_error *e)
{
	uint64_t n = (uint64_t)b->num.m, at = r->row + end;
	int rc = LAM_OK;

	if (f->spec->unit == LAM_FRAME_ROWS) {
		if (b->kind == LAM_BOUND_FOLLOWING)
			*out = n > r->part_to - at ? r->part_to : at + n;
		else
			*out = n > at - r->part_from ? r->part_from : at - n;
		return LAM_OK;
	}
	if (x->part != r->part_from)
		x->at = r->part_from;
	if (x->part != r->part_from || x->peer != r->peer_from) {
		x->part = r->part_from;
		x->peer = r->peer_from;
		if (f->spec->unit == LAM_FRAME_GROUPS)
			x->at = groups_away(f->w, b, r, end);
		else
			rc = range_away(f, x, b, r, end, e);
	}
	*out = x->at;
	return rc;
}

static int
bound(struct lam_window_frame *f, struct lam_frame_end *x,
	const struct lam_bound *b, const struct lam_window_row *r, bool end,
	uint64_t *out, struct lam_error *e)
{
	bool rows = f->spec->unit == LAM_FRAME_ROWS;

	switch (b->kind) {
	case LAM_BOUND_START:
		*out = r->part_from;
		return LAM_OK;
	case LAM_BOUND_END:
		*out = r->part_to;
		return LAM_OK;
	case LAM_BOUND_CURRENT:
		*out = rows ? r->row + end : end ? r->peer_to : r->peer_from;
		return LAM_OK;
	default:
		return distance(f, x, b, r, end, out, e);
	}
}

int
lam_window_frame_at(struct lam_window_frame *f,
	const struct lam_window_row *r, uint64_t *from, uint64_t *to,
	struct lam_error *e)
{
	int rc = bound(f, &f->from, &f->spec->from, r, false, from, e);

	return rc ? rc : bound(f, &f->to, &f->spec->to, r, true, to, e);
}
