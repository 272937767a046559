/*
 * bind_from.c - what a query reads: a leaf, or the rows of a query within it
 *
 * A name means a query of WITH, the innermost first, or else what the catalogue
 * knows.  A query that WITH names is bound where it is read.
 */
#include <string.h>

#include "bind/bind_lookup.h"

/* What the text may name: the fields of R, or the outputs of the view R. */
static int
see(struct lam_bind *b, const struct lam_from *f, const struct lam_relation *r)
{
	uint32_t n = r->view != NULL ? r->view->noutputs : r->nfields;
	struct lam_str table = f->alias;
	const char *name;

	b->relation = r->name;
	if (table.p == NULL)
		table = (struct lam_str){ r->name, strlen(r->name) };
	b->view = r->view;
	b->nvisible = n;
	b->visible = LAM_ARENA_NEW(b->sql.arena, struct lam_visible,
		n ? n : 1);
	if (b->visible == NULL)
		return lam_fail_mem(b->sql.e);
	if (f->nrename > n)
		return lam_sql_fail(&b->sql, f->line, f->column, "%s has %u "
			"columns, and %u are named", r->name, n, f->nrename);
	for (uint32_t i = 0; i < n; i++) {
		struct lam_visible *v = &b->visible[i];

		name = r->view != NULL ? r->view->output[i].name :
			r->field[i].name;
		v->table = table;
		v->name = (struct lam_str){ name, strlen(name) };
		if (i < f->nrename)
			v->name = f->rename[i];
		v->name.p = lam_arena_dup(b->sql.arena, v->name.p, v->name.n);
		if (v->name.p == NULL)
			return lam_fail_mem(b->sql.e);
		if (r->view == NULL) {
			v->type = r->field[i].type;
			v->list = r->field[i].list;
			v->null = r->field[i].null;
			continue;
		}
		v->type.type = r->view->output[i].expr->type;
		v->list = r->view->output[i].expr->list;
		v->measure = lam_bind_has_final(r->view->output[i].expr);
	}
	return LAM_OK;
}

/* Ask the catalogue; a name it does not know gets its place in the text. */
static int
find(struct lam_bind *b, const struct lam_from *f, struct lam_relation *out)
{
	const struct lam_catalog *c = b->scope->catalog;
	struct lam_error why = LAM_ERROR_INIT;
	int rc = c->find(c->state, b->q->input, out, &why);

	if (rc == LAM_USAGE && !b->q->input->is_file)
		return lam_sql_fail(&b->sql, f->line, f->column, "%s",
			why.msg);
	if (rc != LAM_OK)
		*b->sql.e = why;
	b->q->input->leaf = out->leaf;
	if (out->name == NULL)
		out->name = b->q->input->name;
	return rc;
}

struct lam_stage *
lam_bind_select(struct lam_bind *b, struct lam_query *q)
{
	struct lam_stage *s = LAM_ARENA_NEW(b->sql.arena, struct lam_stage, 1);
	uint32_t n = q->noutputs;

	if (s == NULL)
		return NULL;
	s->kind = LAM_STAGE_SELECT;
	s->query = q;
	s->nfields = n;
	s->field = LAM_ARENA_NEW(b->sql.arena, struct lam_input_field, n + 1);
	s->used = LAM_ARENA_NEW(b->sql.arena, bool, n + 1);
	if (s->field == NULL || s->used == NULL)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		q->output[i].expr->raw = false;
		s->field[i].name = q->output[i].name;
		s->field[i].type.type = q->output[i].expr->type;
		s->field[i].list = q->output[i].expr->list;
		s->field[i].null = q->output[i].expr->null;
	}
	return s;
}

int
lam_bind_see(struct lam_bind *b, const struct lam_from *f, struct lam_query *q,
	struct lam_str name)
{
	struct lam_relation r = { .name = "the query in FROM" };

	b->q->input = lam_bind_select(b, q);
	if (b->q->input == NULL)
		return lam_fail_mem(b->sql.e);
	if (name.p != NULL)
		r.name = lam_arena_dup(b->sql.arena, name.p, name.n);
	r.field = b->q->input->field;
	r.nfields = b->q->input->nfields;
	return r.name != NULL ? see(b, f, &r) : lam_fail_mem(b->sql.e);
}

int
lam_bind_within(struct lam_bind *b, const struct lam_select *s,
	const struct lam_scope *scope, struct lam_query **out)
{
	struct lam_bind in = { .sql = b->sql };
	int rc = lam_bind_query(&in, s, scope, false);

	b->sql.nodes = in.sql.nodes;
	*out = in.q;
	return rc;
}

/* The query of WITH that F names; *IN: what those before it have in sight. */
static struct lam_with *
find_with(const struct lam_scope *scope, const struct lam_from *f,
	struct lam_scope *in)
{
	if (f->is_file || f->is_stdin)
		return NULL;
	for (; scope != NULL; scope = scope->outer)
		for (uint32_t i = scope->n; i-- > 0;)
			if (lam_text_same(scope->with[i].name, f->name)) {
				*in = *scope;
				in->n = i;
				return &scope->with[i];
			}
	return NULL;
}

bool
lam_bind_is_with(const struct lam_bind *b, const struct lam_from *f)
{
	struct lam_scope in;

	return find_with(b->scope, f, &in) != NULL;
}

/* A query of WITH is bound where it is read first; then its rows are shared. */
static int
see_with(struct lam_bind *b, const struct lam_from *f, struct lam_with *w,
	const struct lam_scope *in)
{
	int rc = LAM_OK;

	if (w->bound != NULL)
		w->bound->shared = true;
	else
		rc = lam_bind_within(b, w->select, in, &w->bound);
	return rc == LAM_OK ? lam_bind_see(b, f, w->bound, f->name) : rc;
}

/* The leaf that F names. */
static int
set_leaf(struct lam_bind *b, const struct lam_from *f)
{
	struct lam_stage *scan = b->q->input;

	scan->name = lam_arena_dup(b->sql.arena, f->name.p, f->name.n);
	scan->is_file = f->is_file;
	scan->is_stdin = f->is_stdin;
	return scan->name != NULL ? LAM_OK : lam_fail_mem(b->sql.e);
}

int
lam_bind_leaf(struct lam_bind *b, const struct lam_select *s)
{
	const struct lam_from *f = s->from;
	const struct lam_item *at = s->nitems > 0 ? s->item : NULL;

	if (s->set == LAM_SET_NONE && f != NULL && s->nwith == 0) {
		f = lam_bind_lookup_leaf(b, f);
		if (f == NULL)
			return b->sql.e->code;
		if (f->kind == LAM_FROM_NAMED)
			return set_leaf(b, f);
	}
	if (f != NULL && (f->kind == LAM_FROM_UNNEST || (f->kind ==
		LAM_FROM_JOIN && f->right->kind == LAM_FROM_UNNEST)))
		return lam_sql_fail(&b->sql, f->line, f->column, "%s",
			lam_bind_unnest_why);
	return lam_sql_fail(&b->sql, f != NULL ? f->line : at != NULL ?
		at->line : 1, f != NULL ? f->column : at != NULL ? at->column :
		1, s->set != LAM_SET_NONE ? "a view is one query "
		"over one stream: make a view of each, and put them together "
		"in the query on the views" : "a view reads one stream: put "
		"the query within into the view itself, or ask the whole in a "
		"query");
}

/* A relation that the catalogue knows; of a view the fields are bound later. */
static int
see_named(struct lam_bind *b, const struct lam_from *f)
{
	struct lam_relation r = { .name = NULL };
	int rc = set_leaf(b, f);

	if (rc == LAM_OK)
		rc = find(b, f, &r);
	if (rc == LAM_OK)
		rc = see(b, f, &r);
	return rc == LAM_OK && r.view == NULL ? lam_bind_fields(b, r.field,
		r.nfields) : rc;
}

/* The types of a series: two numbers and a step, or two times and an interval. */
static int
bind_series(struct lam_bind *b, const struct lam_from *f, struct lam_series *x)
{
	struct lam_expr *e[3] = { NULL, NULL, NULL };
	const struct lam_ast *step = f->nargs > 2 ? f->arg[2] : NULL;
	uint32_t n = f->nargs < 2 ? f->nargs : 2;
	enum lam_type type;

	b->clause = "a series";
	for (uint32_t i = 0; i < f->nargs; i++) {
		struct lam_ast *a = lam_bind_resolve(b, f->arg[i]);

		if (a == NULL)
			return b->sql.e->code;
		if (i == 2 && a->kind == LAM_A_INTERVAL) {
			x->months = a->months;
			x->ns = a->time;
		} else if ((e[i] = lam_bind_expr(b, a)) == NULL) {
			return b->sql.e->code;
		}
	}
	if (!lam_bind_unify(b, e, n, f->arg[0], &type))
		return b->sql.e->code;
	x->closed = f->closed;
	x->from = n < 2 ? NULL : e[0];
	x->to = e[n - 1];
	x->step = e[2];
	if (type == LAM_NUMBER && (step == NULL || (e[2] != NULL &&
		lam_bind_convert(b, e[2], LAM_NUMBER, step, "the step"))))
		return LAM_OK;
	if (type == LAM_TIME && step != NULL && e[2] == NULL)
		return LAM_OK;
	return b->sql.e->code != LAM_OK ? b->sql.e->code : lam_sql_fail(
		&b->sql, f->line, f->column, "a series is of numbers, (0, 10) "
		"or (0, 10, 2), or of times, (TIMESTAMP '2026-01-01', "
		"TIMESTAMP '2026-01-02', INTERVAL '1 hour')");
}

static int
see_series(struct lam_bind *b, const struct lam_from *f)
{
	struct lam_series *x = LAM_ARENA_NEW(b->sql.arena, struct lam_series,
		1);
	struct lam_input_field field = { .name = f->closed ?
		"generate_series" : "range" };
	struct lam_relation r = { .name = field.name, .field = &field,
		.nfields = 1 };
	int rc = x != NULL ? bind_series(b, f, x) : lam_fail_mem(b->sql.e);

	if (rc != LAM_OK)
		return rc;
	field.type.type = x->to->type;
	b->q->input->kind = LAM_STAGE_SERIES;
	b->q->input->series = x;
	rc = see(b, f, &r);
	return rc == LAM_OK ? lam_bind_fields(b, &field, 1) : rc;
}

/* F joins an unnest with what stands before it. */
static int
see_unnest(struct lam_bind *b, const struct lam_from *f)
{
	bool all = f->on == NULL || (f->on->kind == LAM_A_BOOL &&
		f->on->boolean);

	if ((f->join == LAM_JOIN_INNER || f->join == LAM_JOIN_LEFT) && all &&
		f->nusing == 0)
		return lam_bind_unnest_open(b, f->left, f->right,
			f->join == LAM_JOIN_LEFT);
	return lam_sql_fail(&b->sql, f->line, f->column, "a list is joined with "
		"its own row: write t, unnest(t.x) AS u(e), with a condition "
		"in WHERE, or t LEFT JOIN unnest(t.x) AS u(e) ON TRUE");
}

int
lam_bind_relation(struct lam_bind *b, const struct lam_from *f)
{
	struct lam_with *w;
	struct lam_query *q;
	struct lam_scope in;
	int rc;

	if (f->kind == LAM_FROM_UNNEST || f->kind == LAM_FROM_JOIN) {
		rc = f->kind == LAM_FROM_JOIN ? see_unnest(b, f) :
			lam_bind_unnest_open(b, NULL, f, false);
		return rc == LAM_OK ? lam_bind_unnest_rows(b, true) : rc;
	}
	if (f->kind == LAM_FROM_SERIES)
		return see_series(b, f);
	if (f->kind == LAM_FROM_SELECT) {
		rc = lam_bind_within(b, f->select, b->scope, &q);
		return rc == LAM_OK ? lam_bind_see(b, f, q, f->alias) : rc;
	}
	w = find_with(b->scope, f, &in);
	return w != NULL ? see_with(b, f, w, &in) : see_named(b, f);
}

int
lam_bind_from(struct lam_bind *b, const struct lam_select *s, bool as_view)
{
	const struct lam_from *f;
	int rc;

	if (as_view) {
		rc = lam_bind_leaf(b, s);
		if (rc != LAM_OK)
			return rc;
		rc = see_named(b, lam_bind_lookup_leaf(b, s->from));
		return rc == LAM_OK && s->from->kind == LAM_FROM_JOIN ?
			lam_bind_lookups(b, s->from) : rc;
	}
	if (s->from == NULL) {
		b->relation = "a query without FROM";
		b->q->input->kind = LAM_STAGE_SERIES;
		return lam_bind_fields(b, NULL, 0);
	}
	b->from = s->from;
	f = lam_bind_turned(b, s);
	if (f == NULL)
		return b->sql.e->code;
	if (f->kind == LAM_FROM_UNNEST)
		return lam_bind_unnest_open(b, NULL, f, false);
	if (f->kind == LAM_FROM_JOIN && f->right->kind == LAM_FROM_UNNEST)
		return see_unnest(b, f);
	return f->kind == LAM_FROM_JOIN ? lam_bind_joined(b, s, f) :
		lam_bind_relation(b, f);
}
