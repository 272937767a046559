/*
 * bind_from.c - what a query reads: a leaf, or the rows of a query within it
 *
 * A name means a query of WITH, the innermost first, or else what the catalogue
 * knows.  A query that WITH names is bound where it is read.
 */
#include <string.h>

#include "sql/bind_internal.h"

/* What the text may name: the fields of R, or the outputs of the view R. */
static int
see(struct lam_bind *b, const struct lam_relation *r)
{
	uint32_t n = r->view != NULL ? r->view->noutputs : r->nfields;
	const char *name;

	b->relation = r->name != NULL ? r->name : b->q->input->name;
	if (b->alias.p == NULL)
		b->alias = (struct lam_str){ b->relation,
			strlen(b->relation) };
	b->view = r->view;
	b->nvisible = n;
	b->visible = LAM_ARENA_NEW(b->sql.arena, struct lam_visible,
		n ? n : 1);
	if (b->visible == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < n; i++) {
		struct lam_visible *v = &b->visible[i];

		name = r->view != NULL ? r->view->output[i].name :
			r->field[i].name;
		v->table = b->alias;
		v->name.n = strlen(name);
		v->name.p = lam_arena_dup(b->sql.arena, name, v->name.n);
		if (v->name.p == NULL)
			return lam_fail_mem(b->sql.e);
		if (r->view == NULL) {
			v->type = r->field[i].type;
			continue;
		}
		v->type.type = r->view->output[i].expr->type;
		v->measure = lam_bind_has_final(r->view->output[i].expr);
	}
	return r->view != NULL ? LAM_OK : lam_bind_fields(b, r->field, n);
}

/* Ask the catalogue; a name it does not know gets its place in the text. */
static int
find(struct lam_bind *b, const struct lam_select *s, struct lam_relation *out)
{
	const struct lam_catalog *c = b->scope->catalog;
	struct lam_error why = LAM_ERROR_INIT;
	int rc = c->find(c->state, b->q->input, out, &why);

	if (rc == LAM_USAGE && !b->q->input->is_file)
		return lam_sql_fail(&b->sql, s->at_from.line,
			s->at_from.column, "%s", why.msg);
	if (rc != LAM_OK)
		*b->sql.e = why;
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
	}
	return s;
}

/* The rows of the query S, bound in SCOPE, as the input. */
static int
within(struct lam_bind *b, const struct lam_select *s,
	const struct lam_scope *scope, struct lam_str name)
{
	struct lam_bind in = { .sql = b->sql };
	struct lam_relation r = { NULL, NULL, 0, NULL };
	int rc = lam_bind_query(&in, s, scope, false);

	b->sql.nodes = in.sql.nodes;
	if (rc != LAM_OK)
		return rc;
	b->q->input = lam_bind_select(b, in.q);
	if (b->q->input == NULL)
		return lam_fail_mem(b->sql.e);
	if (b->alias.p == NULL)
		b->alias = name;
	r.name = name.p == NULL ? "the query in FROM" :
		lam_arena_dup(b->sql.arena, name.p, name.n);
	r.field = b->q->input->field;
	r.nfields = b->q->input->nfields;
	return r.name != NULL ? see(b, &r) : lam_fail_mem(b->sql.e);
}

/* The query of WITH that S names: bound with those before it in sight. */
static const struct lam_with *
find_with(const struct lam_scope *scope, const struct lam_select *s,
	struct lam_scope *in)
{
	for (; scope != NULL; scope = scope->outer)
		for (uint32_t i = scope->n; i-- > 0;)
			if (lam_text_same(scope->with[i].name, s->from)) {
				*in = *scope;
				in->n = i;
				return &scope->with[i];
			}
	return NULL;
}

int
lam_bind_leaf(struct lam_bind *b, const struct lam_select *s, bool as_view)
{
	struct lam_stage *scan = b->q->input;

	if (s->from_select != NULL || (as_view && s->nwith > 0))
		return lam_sql_fail(&b->sql, s->at_from.line,
			s->at_from.column, "a view reads one stream: put the "
			"query within into the view itself, or ask the whole "
			"in a query");
	scan->name = lam_arena_dup(b->sql.arena, s->from.p, s->from.n);
	scan->is_file = s->from_file;
	scan->is_stdin = s->from_stdin;
	return scan->name != NULL ? LAM_OK : lam_fail_mem(b->sql.e);
}

int
lam_bind_from(struct lam_bind *b, const struct lam_select *s, bool as_view)
{
	static const struct lam_str none = { NULL, 0 };
	struct lam_relation r = { NULL, NULL, 0, NULL };
	const struct lam_with *w = NULL;
	struct lam_scope in;
	int rc;

	b->alias = s->alias;
	if (!as_view && s->from_select != NULL)
		return within(b, s->from_select, b->scope, s->alias.p != NULL ?
			s->alias : none);
	if (!as_view && !s->from_file && !s->from_stdin)
		w = find_with(b->scope, s, &in);
	if (w != NULL)
		return within(b, w->select, &in, s->from);
	rc = lam_bind_leaf(b, s, as_view);
	if (rc == LAM_OK)
		rc = find(b, s, &r);
	return rc == LAM_OK ? see(b, &r) : rc;
}
