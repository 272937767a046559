/*
 * pass.c - one batch as all jobs see it: columns, selections, expressions
 *
 * Ten views over one log read the same few columns, truncate the same time and
 * filter by the same conditions.  So the plan compares all expressions with each
 * other once, and each of them is evaluated once per batch.
 */
#include "engine/pass.h"

#include <stdlib.h>
#include <string.h>

#include "fn/fn.h"

int
lam_pass_plan_init(struct lam_pass_plan *p, struct lam_error *e)
{
	memset(p, 0, sizeof *p);
	p->selections_cap = 8;
	p->selection = calloc(p->selections_cap, sizeof *p->selection);
	if (!p->selection)
		return lam_fail_mem(e);
	p->selection[0] = (struct lam_selection_plan){ 0, LAM_PASS_NONE };
	p->nselections = 1;
	return LAM_OK;
}

void
lam_pass_plan_release(struct lam_pass_plan *p)
{
	for (uint32_t i = 0; i < p->nexprs; i++)
		lam_expr_release(p->expr[i]);
	free(p->expr);
	free(p->selection);
	lam_arena_release(&p->arena);
	memset(p, 0, sizeof *p);
}

int
lam_pass_expr(struct lam_pass_plan *p, struct lam_expr *x, uint32_t *id,
	struct lam_error *e)
{
	struct lam_expr **list;
	uint32_t cap;

	*id = LAM_PASS_NONE;
	if (!x)
		return LAM_OK;
	for (uint32_t i = 0; i < p->nexprs; i++)
		if (lam_expr_same(p->expr[i], x, 64)) {
			*id = i;
			return LAM_OK;
		}
	if (p->nexprs == p->exprs_cap) {
		cap = p->exprs_cap ? 2 * p->exprs_cap : 16;
		list = realloc(p->expr, cap * sizeof *list);
		if (!list)
			return lam_fail_mem(e);
		p->expr = list;
		p->exprs_cap = cap;
	}
	*id = p->nexprs;
	p->expr[p->nexprs++] = x;
	return LAM_OK;
}

/* The column that X, a field, reads. */
static uint32_t
column_of(const struct lam_pass_plan *p, const struct lam_expr *x)
{
	return lam_pass_column(p, x->index, x->raw);
}

/* Count in TIMES, up to 2, where X reads a field; DEPTH bounds the recursion. */
static void
count(const struct lam_pass_plan *p, const struct lam_expr *x, uint8_t *times,
	unsigned depth)
{
	uint8_t *n;

	if (!x || depth == 0)
		return;
	if (x->kind == LAM_X_FIELD) {
		n = &times[column_of(p, x)];
		*n += *n < 2;
	}
	for (uint32_t i = 0; i < x->nargs; i++)
		count(p, x->arg[i], times, depth - 1);
}

int
lam_pass_plan_prepare(struct lam_pass_plan *p, struct lam_error *e)
{
	size_t n = 2 * (size_t)p->nfields;
	uint8_t *times = LAM_ARENA_NEW(&p->arena, uint8_t, n + 1);
	int rc = LAM_OK;

	p->once = LAM_ARENA_NEW(&p->arena, bool, n + 1);
	p->numbers = LAM_ARENA_NEW(&p->arena, bool, n + 1);
	if (!times || !p->once || !p->numbers)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < p->nexprs; i++)
		count(p, p->expr[i], times, 1000);
	for (size_t i = 0; i < n; i++)
		p->once[i] = times[i] == 1;
	for (uint32_t i = 0; i < p->nexprs; i++)
		if (p->expr[i]->kind == LAM_X_FIELD)
			p->numbers[column_of(p, p->expr[i])] =
				times[column_of(p, p->expr[i])] == 1;
	for (uint32_t i = 0; !rc && i < p->nexprs; i++)
		rc = lam_expr_prepare(p->expr[i], &p->arena, e);
	return rc;
}

void
lam_pass_used(struct lam_pass_plan *p, const bool *used)
{
	for (size_t i = 0; i < 2 * (size_t)p->nfields; i++)
		p->once[i] = p->once[i] && !used[i];
}

void
lam_pass_texts(struct lam_pass_plan *p, uint32_t expr)
{
	if (expr != LAM_PASS_NONE && p->expr[expr]->kind == LAM_X_FIELD)
		p->numbers[column_of(p, p->expr[expr])] = false;
}

int
lam_pass_selection(struct lam_pass_plan *p, uint32_t parent,
	struct lam_expr *x, uint32_t *id, struct lam_error *e)
{
	struct lam_selection_plan *list;
	uint32_t condition, cap;
	int rc;

	*id = parent;
	if (!x)
		return LAM_OK;
	rc = lam_pass_expr(p, x, &condition, e);
	if (rc)
		return rc;
	for (*id = 1; *id < p->nselections; ++*id)
		if (p->selection[*id].parent == parent &&
			p->selection[*id].condition == condition)
			return LAM_OK;
	if (p->nselections == p->selections_cap) {
		cap = 2 * p->selections_cap;
		list = realloc(p->selection, cap * sizeof *list);
		if (!list)
			return lam_fail_mem(e);
		p->selection = list;
		p->selections_cap = cap;
	}
	p->selection[p->nselections++] = (struct lam_selection_plan){ parent,
		condition };
	return LAM_OK;
}

void
lam_pass_fields(struct lam_pass_plan *p, uint32_t n)
{
	p->nfields = n > p->nfields ? n : p->nfields;
}

int
lam_pass_init(struct lam_pass *p, const struct lam_pass_plan *plan,
	struct lam_error *e)
{
	size_t n = 2 * (size_t)plan->nfields + 1;

	memset(p, 0, sizeof *p);
	p->plan = plan;
	p->column = calloc(n, sizeof *p->column);
	p->loaded = calloc(n, sizeof *p->loaded);
	p->bad = calloc(n, sizeof *p->bad);
	p->selection = calloc(plan->nselections, sizeof *p->selection);
	if (!p->column || !p->loaded || !p->bad || !p->selection)
		return lam_fail_mem(e);
	return LAM_OK;
}

void
lam_pass_release(struct lam_pass *p)
{
	free(p->column);
	free(p->loaded);
	free(p->bad);
	free(p->selection);
	lam_arena_release(&p->arena);
	memset(p, 0, sizeof *p);
}

void
lam_pass_reset(struct lam_pass *p)
{
	lam_arena_reset(&p->arena);
	memset(&p->batch, 0, sizeof p->batch);
	p->batch.arena = &p->arena;
	memset(p->loaded, 0, 2 * (size_t)p->plan->nfields * sizeof *p->loaded);
	p->read = p->faulty = false;
	for (uint32_t i = 0; i < p->plan->nselections; i++)
		p->selection[i].made = false;
}

static int
leaf(struct lam_frame *f, const struct lam_expr *x, const struct lam_vec **out,
	struct lam_error *e)
{
	struct lam_selection *s = f->state;

	if (x->kind != LAM_X_FIELD)
		return lam_fail_at(e, x, "groups are not known here");
	return lam_pass_field(s->pass, s, x->index, x->raw, out, e);
}

/* The rows where a field that nothing else needs is a text. */
static int
match(struct lam_frame *f, const struct lam_expr *x, struct lam_str s,
	struct lam_vec *out, bool *done, struct lam_error *e)
{
	const struct lam_selection *rows = f->state;
	struct lam_pass *p = rows->pass;
	uint32_t at = column_of(p->plan, x);
	int rc;

	*done = false;
	if (rows->sel || !p->batch.match || !p->plan->once[at] ||
		p->loaded[at])
		return LAM_OK;
	p->read = true;
	rc = p->batch.match(&p->batch, x->index, s, out, done, e);
	if (rc || *done)
		return rc;
	p->column[at] = *out;
	p->bad[at] = 0;
	p->loaded[at] = true;
	return LAM_OK;
}

/* An empty selection of N rows, with its caches. */
static int
make(struct lam_pass *p, struct lam_selection *s, uint32_t n,
	struct lam_error *e)
{
	const struct lam_pass_plan *plan = p->plan;

	memset(s, 0, sizeof *s);
	s->pass = p;
	s->frame = (struct lam_frame){ .n = n, .arena = &p->arena, .state = s,
		.batch = &p->batch, .leaf = leaf, .match = match };
	s->field = LAM_ARENA_NEW(&p->arena, const struct lam_vec *,
		2 * (size_t)plan->nfields + 1);
	s->value = LAM_ARENA_NEW(&p->arena, const struct lam_vec *,
		(size_t)plan->nexprs + 1);
	s->faulty = LAM_ARENA_NEW(&p->arena, struct lam_faulty,
		(size_t)plan->nexprs + 1);
	if (!s->field || !s->value || !s->faulty)
		return lam_fail_mem(e);
	s->made = true;
	return LAM_OK;
}

int
lam_pass_begin(struct lam_pass *p, struct lam_error *e)
{
	return make(p, &p->selection[LAM_PASS_ALL], p->batch.n, e);
}

/* Rows SEL of PARENT: their indexes in the batch. */
static const uint16_t *
compose(const struct lam_selection *parent, const uint16_t *sel, uint32_t n,
	struct lam_arena *a)
{
	uint16_t *to;

	if (!parent->sel)
		return sel;
	to = lam_arena_alloc(a, (n + 1) * sizeof *to);
	for (uint32_t i = 0; to && i < n; i++)
		to[i] = parent->sel[sel[i]];
	return to;
}

/* Count the faults of the frame of S into F, and forget them. */
static void
count_faults(struct lam_selection *s, struct lam_faulty *f)
{
	const uint8_t *mark = s->frame.faults.mark;

	s->frame.faults.mark = NULL;
	for (uint32_t i = s->frame.n; mark && i-- > 0;) {
		if (!mark[i])
			continue;
		f->last = f->n++ ? f->last : s->sel ? s->sel[i] : i;
		f->first = s->sel ? s->sel[i] : i;
		s->pass->faulty = true;
	}
}

/* S has the rows of PARENT. */
static void
share(struct lam_selection *s, struct lam_selection *parent)
{
	*s = *parent;
	s->same = parent;
	s->inner = NULL;
	s->tested = (struct lam_faulty){ 0, 0, 0 };
}

static int
filter(struct lam_pass *p, struct lam_selection *s,
	struct lam_selection *parent, const struct lam_expr *x,
	struct lam_error *e)
{
	enum lam_outlook outlook = lam_expr_outlook(x, &p->batch);
	struct lam_faulty tested = { 0, 0, 0 };
	uint32_t n = 0;
	uint16_t *sel;
	int rc;

	if (outlook == LAM_OUTLOOK_ALL) {
		share(s, parent);
		return LAM_OK;
	}
	sel = lam_arena_alloc(&p->arena, (parent->frame.n + 1) * sizeof *sel);
	if (!sel)
		return lam_fail_mem(e);
	if (parent->frame.n && outlook == LAM_OUTLOOK_SOME) {
		rc = lam_expr_filter(x, &parent->frame, sel, &n, e);
		if (rc)
			return rc;
		count_faults(parent, &tested);
	}
	if (n == parent->frame.n) {
		share(s, parent);
		s->tested = tested;
		return LAM_OK;
	}
	rc = make(p, s, n, e);
	if (rc)
		return rc;
	s->tested = tested;
	s->inner = sel;
	s->sel = compose(parent, sel, n, &p->arena);
	return s->sel ? LAM_OK : lam_fail_mem(e);
}

int
lam_pass_select(struct lam_pass *p, uint32_t selection,
	struct lam_selection **out, struct lam_error *e)
{
	struct lam_selection *s = &p->selection[selection], *parent;
	const struct lam_selection_plan *plan =
		&p->plan->selection[selection];
	int rc;

	*out = s;
	if (s->made)
		return LAM_OK;
	/* parents have smaller numbers, and there are two levels of them */
	rc = lam_pass_select(p, plan->parent, &parent, e);
	if (rc)
		return rc;
	return filter(p, s, parent, p->plan->expr[plan->condition], e);
}

int
lam_pass_narrow(struct lam_pass *p, struct lam_selection **rows,
	const uint16_t *sel, uint32_t n, struct lam_error *e)
{
	struct lam_selection *s = LAM_ARENA_NEW(&p->arena,
		struct lam_selection, 1);
	int rc = s ? make(p, s, n, e) : lam_fail_mem(e);

	if (rc)
		return rc;
	s->inner = sel;
	s->sel = compose(*rows, sel, n, &p->arena);
	*rows = s;
	return s->sel ? LAM_OK : lam_fail_mem(e);
}

/* Fewer rows than one in so many are picked, rather than taken from the column. */
#define FEW 4

/* Field FIELD raw, which is not loaded, of the rows of S: a column of its own unless it
 * comes to be loaded whole. */
static int
pick(struct lam_pass *p, struct lam_selection *s, uint32_t field,
	struct lam_error *e)
{
	uint32_t at = lam_pass_column(p->plan, field, true);
	struct lam_vec *v = lam_arena_alloc(&p->arena, sizeof *v);
	bool picked;
	int rc;

	if (!v)
		return lam_fail_mem(e);
	p->bad[at] = 0;
	p->read = true;
	rc = p->batch.pick(&p->batch, field, s->sel, s->frame.n, v, &picked, e);
	if (rc)
		return rc;
	if (picked) {
		s->field[at] = v;
		return LAM_OK;
	}
	p->column[at] = *v;
	p->loaded[at] = true;
	return LAM_OK;
}

int
lam_pass_field(struct lam_pass *p, struct lam_selection *s, uint32_t field,
	bool raw, const struct lam_vec **out, struct lam_error *e)
{
	uint32_t at = lam_pass_column(p->plan, field, raw);
	struct lam_vec *v = &p->column[at];
	int rc;

	while (s->same)
		s = s->same;
	if (raw && s->sel && !s->field[at] && !p->loaded[at] && p->batch.pick &&
		s->frame.n < p->batch.n / FEW) {
		rc = pick(p, s, field, e);
		if (rc)
			return rc;
	}
	*out = s->field[at];
	if (*out)
		return LAM_OK;
	if (!p->loaded[at]) {
		p->bad[at] = 0;
		p->read = true;
		p->batch.numbers = p->plan->numbers[at];
		rc = p->batch.load(&p->batch, field, raw, v, &p->bad[at], e);
		if (rc)
			return rc;
		p->loaded[at] = true;
	}
	*out = v;
	if (s->sel) {
		struct lam_vec *some = lam_arena_alloc(&p->arena,
			sizeof *some);

		if (!some || !lam_vec_take(v, s->sel, s->frame.n, &p->arena,
			some))
			return lam_fail_mem(e);
		*out = some;
	}
	s->field[at] = *out;
	return LAM_OK;
}

int
lam_pass_eval(struct lam_pass *p, struct lam_selection *s, uint32_t expr,
	const struct lam_vec **out, struct lam_error *e)
{
	const struct lam_expr *x = p->plan->expr[expr];
	struct lam_vec *v;
	int rc;

	while (s->same)
		s = s->same;
	*out = s->value[expr];
	if (*out)
		return LAM_OK;
	if (x->kind == LAM_X_FIELD) {
		rc = lam_pass_field(p, s, x->index, x->raw, out, e);
		s->value[expr] = *out;
		return rc;
	}
	v = lam_arena_alloc(&p->arena, sizeof *v);
	if (!v)
		return lam_fail_mem(e);
	rc = lam_expr_eval(x, &s->frame, v, e);
	if (rc)
		return rc;
	count_faults(s, &s->faulty[expr]);
	*out = s->value[expr] = v;
	return LAM_OK;
}
