/*
 * bind_sub_open.c - what binds a query within to the one around it
 *
 * WHERE is taken apart.  A condition that names columns of the query around goes to
 * ON; what it reads of the query within becomes a column of that.
 */
#include <string.h>

#include "bind/bind_over.h"
#include "bind/bind_sub.h"

struct lam_ast *
lam_sub_refuse(struct lam_sub *x, const struct lam_ast *a, const char *what)
{
	lam_sql_fail(&x->b->sql, a->line, a->column, "%s", what);
	return NULL;
}

bool
lam_sub_no_side(struct lam_sub *x, const struct lam_ast *a)
{
	return lam_sub_refuse(x, a, "a sub-query in ON of an outer join names "
		"columns of one side of it: put this one into WHERE, or join a "
		"query that has it") != NULL;
}

/* Does A name columns of the query around (OUTER), or within? */
static void
survey(const struct lam_sub *x, const struct lam_ast *a, bool *inner, bool *outer)
{
	if (a->kind == LAM_A_NAME && a->text.p != NULL) {
		if (lam_bind_knows(&x->in, a))
			*inner = true;
		else if (lam_bind_knows(x->b, a))
			*outer = true;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		survey(x, a->arg[i], inner, outer);
	if (a->filter != NULL)
		survey(x, a->filter, inner, outer);
}

/* A column of the sub-query: the expression A; NULL: failed. */
static struct lam_ast *
add_column(struct lam_sub *x, struct lam_ast *a)
{
	struct lam_ast *f;
	uint32_t i = 0;

	while (i < x->ncolumns && !lam_ast_equal(x->column[i], a))
		i++;
	if (i == x->ncolumns && x->ncolumns == LAM_SQL_LEAVES)
		return lam_sub_refuse(x, a, "a sub-query is bound to the query around "
			"it by too many columns");
	x->column[i] = a;
	x->ncolumns += i == x->ncolumns;
	f = lam_over_field(x->b, i, a);
	if (f != NULL)
		f->quoted = true; /* counted from 0 yet */
	return f;
}

/* A copy of A: names within are columns, those around are resolved. */
static struct lam_ast *
carry(struct lam_sub *x, struct lam_ast *a)
{
	bool inner = false, outer = false;
	struct lam_ast *c;

	survey(x, a, &inner, &outer);
	if (inner && !outer && (a->kind == LAM_A_NAME || x->aggregated ||
		x->first))
		return add_column(x, a);
	if (!inner)
		return lam_bind_resolve(x->b, a);
	if (a->kind == LAM_A_QUERY)
		return lam_sub_refuse(x, a, "a sub-query within a condition that binds "
			"another one: put it into a query of WITH");
	c = lam_ast_copy(&x->b->sql, a);
	for (uint32_t i = 0; c != NULL && i < a->nargs; i++)
		if ((c->arg[i] = carry(x, a->arg[i])) == NULL)
			return NULL;
	return c != NULL && lam_ast_seal(&x->b->sql, c) ? c : NULL;
}

/* Is A inner = outer, so that for a row around just one value will do? */
static bool
is_equality(const struct lam_sub *x, const struct lam_ast *a)
{
	bool inner[2] = { false, false }, outer[2] = { false, false };

	if (a->kind != LAM_A_CALL || a->fn != LAM_FN_EQ || a->nargs != 2)
		return false;
	for (int i = 0; i < 2; i++)
		survey(x, a->arg[i], &inner[i], &outer[i]);
	return !(inner[0] && (outer[0] || inner[1])) && !(inner[1] && outer[1]);
}

/* One condition of WHERE. */
static bool
take_condition(struct lam_sub *x, struct lam_ast *a, struct lam_conjuncts *rest)
{
	bool inner = false, outer = false;

	survey(x, a, &inner, &outer);
	if (!outer)
		return lam_bind_conjuncts(x->b, a, rest);
	if ((x->aggregated || x->first) && !is_equality(x, a))
		return lam_sub_refuse(x, a, "a sub-query with aggregates or "
			"LIMIT is bound to the query around it by equality: write "
			"inner = outer, or a join") != NULL;
	if (!lam_sub_same(x, a))
		return false;
	x->on[x->non] = carry(x, a);
	return x->on[x->non++] != NULL;
}

static bool
take_where(struct lam_sub *x)
{
	struct lam_conjuncts all = { NULL, 0 }, rest = { NULL, 0 };

	if (x->s.where == NULL)
		return true;
	if (!lam_bind_conjuncts(x->b, x->s.where, &all))
		return false;
	x->on = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *, all.n + 2);
	x->in.same = LAM_ARENA_NEW(x->b->sql.arena, struct lam_bind_same, all.n + 1);
	if (x->on == NULL || x->in.same == NULL)
		return !lam_fail_mem(x->b->sql.e);
	for (uint32_t i = 0; i < all.n; i++)
		if (!take_condition(x, all.p[i], &rest))
			return false;
	x->s.where = lam_bind_all_of(x->b, &rest);
	return x->s.where != NULL || rest.n == 0;
}

/* Is S grouped, or made of aggregates? */
static bool
aggregated(const struct lam_select *s)
{
	bool is = s->ngroup > 0 || s->group_all || s->having != NULL;

	for (uint32_t i = 0; i < s->nitems; i++)
		is |= s->item[i].expr != NULL &&
			lam_ast_agg(s->item[i].expr) != NULL;
	return is;
}

/* FROM of it. */
static bool
bind_from(struct lam_sub *x, const struct lam_scope *own)
{
	int rc;

	x->in = (struct lam_bind){ .sql = x->b->sql, .scope = own,
		.q = lam_query_new(x->b->sql.arena), .around = x->b };
	if (x->in.q == NULL)
		return !lam_fail_mem(x->b->sql.e);
	rc = lam_bind_from(&x->in, &x->s, false);
	x->b->sql.nodes = x->in.sql.nodes;
	return rc == LAM_OK;
}

/* Is it made of aggregates or LIMIT, and bound by more than equality? */
static bool
needs_domain(struct lam_sub *x, const struct lam_ast *where)
{
	bool inner = false, outer = false;

	if (where == NULL || !(x->aggregated || x->first))
		return false;
	if (where->kind == LAM_A_CALL && where->fn == LAM_FN_AND) {
		for (uint32_t i = 0; i < where->nargs && !outer; i++)
			outer = needs_domain(x, where->arg[i]);
		return outer;
	}
	survey(x, where, &inner, &outer);
	return outer && !is_equality(x, where);
}

/* X is bound to what AROUND names by equality alone, or is made so. */
static bool
bind_by_equality(struct lam_sub *x, const struct lam_from *around,
	const struct lam_scope *own)
{
	const struct lam_ast *where = x->s.where;

	if (around == NULL || !(needs_domain(x, where) || lam_sub_nested(x)))
		return true;
	if (x->around == NULL && x->b->joining && x->b->side == NULL)
		return lam_sub_no_side(x, where);
	return lam_sub_domain(x, around) && bind_from(x, own);
}

bool
lam_sub_open(struct lam_sub *x, const struct lam_select *s,
	const struct lam_scope *own)
{
	const struct lam_from *around = x->around != NULL ? x->around :
		x->b->from;

	x->s = *s;
	x->column = LAM_ARENA_NEW(x->b->sql.arena, struct lam_ast *,
		LAM_SQL_LEAVES + 1);
	if (x->column == NULL)
		return !lam_fail_mem(x->b->sql.e);
	x->aggregated = aggregated(s);
	x->lone = x->aggregated && s->ngroup == 0 && !s->group_all;
	if (x->lone && !x->lateral && s->limit > 0 && s->offset == 0) {
		x->s.norder = 0; /* of one row */
		x->s.has_limit = x->s.has_offset = false;
		x->s.limit = UINT64_MAX;
		x->first = false;
	}
	return bind_from(x, own) && lam_sub_far(x) &&
		bind_by_equality(x, around, own) && take_where(x);
}

bool
lam_sub_first(struct lam_sub *x)
{
	struct lam_select *s = &x->s;
	struct lam_ast at = { .line = s->at_limit.line,
		.column = s->at_limit.column };

	if (!x->first)
		return true;
	if (s->order_all || s->distinct)
		return lam_sub_refuse(x, &at, s->distinct ? "DISTINCT with LIMIT "
			"in a query that names columns around it: write GROUP "
			"BY" : "LIMIT with ORDER BY ALL in a query that names "
			"columns around it: write the terms of ORDER BY") !=
			NULL;
	if (!lam_ast_first_rows(&x->b->sql, s, &s->at_limit, x->column,
		x->ncolumns, s->offset, s->limit))
		return false;
	s->has_limit = s->has_offset = false;
	s->limit = UINT64_MAX;
	s->offset = 0;
	return true;
}

bool
lam_sub_close(struct lam_sub *x)
{
	int rc;

	x->in.sql.nodes = x->b->sql.nodes;
	rc = lam_bind_clauses(&x->in, &x->s, false);
	x->b->sql.nodes = x->in.sql.nodes;
	return rc == LAM_OK;
}

bool
lam_sub_items(struct lam_sub *x, const struct lam_item *first, uint32_t nfirst)
{
	struct lam_select *s = &x->s;
	uint32_t n = x->ncolumns;
	struct lam_item *item = LAM_ARENA_NEW(x->b->sql.arena, struct lam_item,
		nfirst + n + 1);
	struct lam_term *group = LAM_ARENA_NEW(x->b->sql.arena, struct lam_term,
		s->ngroup + n + 1);

	if (item == NULL || group == NULL)
		return !lam_fail_mem(x->b->sql.e);
	memcpy(item, first, nfirst * sizeof *item);
	for (uint32_t i = 0; i < n; i++)
		item[nfirst + i] = (struct lam_item){ .expr = x->column[i],
			.line = x->column[i]->line,
			.column = x->column[i]->column };
	s->item = item;
	s->nitems = nfirst + n;
	if (!x->aggregated || n == 0)
		return true;
	if (s->ngroup > 0)
		memcpy(group, s->group, s->ngroup * sizeof *group);
	for (uint32_t i = 0; i < n; i++)
		group[s->ngroup++].expr = x->column[i];
	s->group = group;
	return true;
}

bool
lam_sub_place(struct lam_bind *b, struct lam_ast *a, uint32_t base)
{
	if (a->kind == LAM_A_FIELD && a->quoted) {
		a->index += base;
		a->quoted = false;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!lam_sub_place(b, a->arg[i], base))
			return false;
	return lam_ast_seal(&b->sql, a);
}
