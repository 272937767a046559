/*
 * series.c - a source that counts
 *
 * A series of times by months goes on from the time it is at, as DuckDB and
 * PostgreSQL do: from 31 January by one month to 28 February, then to 28 March.
 */
#include "rows/series.h"

#include <string.h>

#include "expr/expr.h"
#include "time/time.h"

#define ROWS 16384 /* of a batch */

static int
no_leaf(struct lam_frame *f, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	(void)f;
	(void)x;
	(void)out;
	return lam_fail(e, LAM_SYSTEM, "a series reads a column");
}

/* The value of X, which has no fields; a text of it stays in ARENA. */
static int
evaluate(struct lam_expr *x, struct lam_arena *arena, struct lam_scalar *out,
	struct lam_error *e)
{
	struct lam_frame f = { .n = 1, .arena = arena, .leaf = no_leaf };
	struct lam_vec v;
	int rc = lam_expr_prepare(x, arena, e);

	if (!rc)
		rc = lam_expr_eval(x, &f, &v, e);
	if (!rc)
		*out = lam_scalar_of(&v, 0);
	lam_expr_release(x);
	return rc;
}

/* Is AT beyond the end? */
static bool
beyond(const struct lam_series_source *x)
{
	int c = x->at.type == LAM_TIME ? (x->at.i64 > x->to.i64) -
		(x->at.i64 < x->to.i64) : lam_num_cmp(x->at.num, x->to.num);

	c = x->down ? -c : c;
	return c > 0 || (c == 0 && !x->series->closed);
}

/* To the next value; the series ends where there is none. */
static void
advance(struct lam_series_source *x)
{
	const struct lam_series *s = x->series;
	int64_t t = x->at.i64;

	if (x->at.type == LAM_TIME)
		x->done = (s->months && !lam_time_add_months(t, s->months,
			&t)) || __builtin_add_overflow(t, s->ns, &t);
	else
		x->done = !lam_num_add(x->at.num, x->step, &x->at.num);
	x->at.i64 = t;
	x->done = x->done || beyond(x);
}

static int
series_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct lam_scalar *v = b->state;
	struct lam_vec made;
	int rc = lam_scalar_vec(v, b->n, v->type, b->arena, &made, e);

	(void)f;
	(void)bad;
	if (rc)
		return rc;
	*out = made;
	return raw && !lam_vec_as_text(&made, b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

static int
series_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct lam_series_source *x = s->state;
	struct lam_scalar *v = x->series ? LAM_ARENA_NEW(b->arena,
		struct lam_scalar, ROWS) : NULL;
	uint32_t n = 0;

	(void)worker;
	if (x->series && !v)
		return lam_fail_mem(e);
	pthread_mutex_lock(&x->lock);
	b->pos = x->rows;
	if (!x->series && !x->done) {
		x->done = true;
		n = 1;
	}
	while (v && !x->done && n < ROWS) {
		v[n++] = x->at;
		advance(x);
	}
	x->rows += n;
	pthread_mutex_unlock(&x->lock);
	b->n = n;
	b->state = v;
	b->load = series_load;
	b->range = NULL;
	*got = n > 0;
	return LAM_OK;
}

/* The first value, the last and the step; a NULL among them: no rows. */
static int
start(struct lam_series_source *x, struct lam_arena *arena,
	struct lam_error *e)
{
	const struct lam_series *s = x->series;
	struct lam_scalar step = { .num = { 1, 0 } };
	int rc = evaluate(s->to, arena, &x->to, e);

	x->at = (struct lam_scalar){ .type = x->to.type };
	if (!rc && s->from)
		rc = evaluate(s->from, arena, &x->at, e);
	if (!rc && s->step)
		rc = evaluate(s->step, arena, &step, e);
	if (rc)
		return rc;
	x->step = step.num;
	x->down = x->to.type == LAM_TIME ? s->months < 0 || s->ns < 0 :
		step.num.m < 0;
	if (x->to.type == LAM_TIME ? !s->months && !s->ns : !step.num.m &&
		!step.null)
		return lam_fail(e, LAM_USAGE, "a series with the step 0 does "
			"not end: give another step");
	if (x->to.type == LAM_TIME && ((s->months < 0 && s->ns > 0) ||
		(s->months > 0 && s->ns < 0)))
		return lam_fail(e, LAM_USAGE, "the step of a series goes "
			"forwards or backwards, not both");
	x->done = x->at.null || x->to.null || step.null || beyond(x);
	return LAM_OK;
}

int
lam_series_source_init(struct lam_series_source *x,
	const struct lam_series *s, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	int rc = LAM_OK;

	memset(x, 0, sizeof *x);
	x->source = (struct lam_source){ .state = x, .next = series_next,
		.rows = s ? 0 : 1 };
	x->series = s;
	if (s)
		rc = start(x, &arena, e);
	lam_arena_release(&arena);
	if (!rc && pthread_mutex_init(&x->lock, NULL))
		rc = lam_fail_mem(e);
	x->locked = !rc;
	return rc;
}

void
lam_series_source_release(struct lam_series_source *x)
{
	if (x->locked)
		pthread_mutex_destroy(&x->lock);
	x->locked = false;
}
