/*
 * parse_on.c - queries within ON
 *
 * A condition ON an inner join whose rows no outer join fills up says the same in
 * WHERE.  One with a query within goes there: such a query is bound when all of FROM
 * is.
 */
#include "sql/parse_internal.h"

static bool
has_query(const struct lam_ast *a)
{
	bool is = a->kind == LAM_A_QUERY;

	for (uint32_t i = 0; i < a->nargs && !is; i++)
		is = has_query(a->arg[i]);
	return is;
}

/* All of LIST; NULL: there is nothing, or it failed. */
static struct lam_ast *
all_of(struct lam_parser *p, const struct lam_ast_list *list)
{
	struct lam_token at;

	if (list->n < 2)
		return list->n ? list->p[0] : NULL;
	at = (struct lam_token){ .line = list->p[0]->line,
		.column = list->p[0]->column };
	return lam_ast_call(p->sql, &at, LAM_FN_AND, list->n, list->p);
}

/* Those conditions of the ON of J that have a query within go to WHERE. */
static bool
split(struct lam_parser *p, struct lam_from *j, struct lam_ast_list *where)
{
	bool and = j->on->kind == LAM_A_CALL && j->on->fn == LAM_FN_AND;
	uint32_t n = and ? j->on->nargs : 1;
	struct lam_ast **all = and ? j->on->arg : &j->on;
	struct lam_ast_list rest = { NULL, 0, 0 };

	for (uint32_t i = 0; i < n; i++)
		if (!lam_ast_push(p, has_query(all[i]) ? where : &rest,
			all[i]))
			return false;
	j->on = all_of(p, &rest);
	return j->on != NULL || rest.n == 0;
}

static bool
take(struct lam_parser *p, struct lam_from *f, struct lam_ast_list *where)
{
	if (f->kind != LAM_FROM_JOIN)
		return true;
	if (f->join == LAM_JOIN_INNER && f->on != NULL && has_query(f->on) &&
		!split(p, f, where))
		return false;
	if (f->on != NULL)
		lam_parse_ask(f->on);
	return ((f->join != LAM_JOIN_INNER && f->join != LAM_JOIN_LEFT) ||
		take(p, f->left, where)) && ((f->join != LAM_JOIN_INNER &&
		f->join != LAM_JOIN_RIGHT) || take(p, f->right, where));
}

bool
lam_parse_on_queries(struct lam_parser *p, struct lam_select *s)
{
	struct lam_ast_list where = { NULL, 0, 0 };

	if (s->from == NULL || !take(p, s->from, &where))
		return s->from == NULL;
	if (where.n == 0)
		return true;
	if (s->where != NULL && !lam_ast_push(p, &where, s->where))
		return false;
	s->where = all_of(p, &where);
	if (s->where != NULL)
		lam_parse_ask(s->where);
	return s->where != NULL;
}
