/*
 * bind_expr.c - trees to typed expressions
 *
 * Bottom up: an expression's type follows from its leaves, and constants adapt
 * to what they are used with (bind_convert.c).  Below the aggregation a field
 * is a column of the input; above it only keys and finals exist.
 */
#include "bind/bind_lookup.h"

#include <string.h>

#include "sql/print.h"

struct lam_expr *
lam_bind_new(struct lam_bind *b, enum lam_expr_kind kind, enum lam_type type,
	const struct lam_ast *at)
{
	struct lam_expr *x;

	if (++b->exprs > LAM_AST_NODES) {
		lam_sql_fail(&b->sql, at->line, at->column,
			"the statement is too large: over %d expressions",
			LAM_AST_NODES);
		return NULL;
	}
	x = LAM_ARENA_NEW(b->sql.arena, struct lam_expr, 1);
	if (x == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	x->kind = (uint8_t)kind;
	x->type = (uint8_t)type;
	x->source = b->sql.name;
	x->line = at->line;
	x->column = at->column;
	return x;
}

struct lam_expr *
lam_bind_clone(struct lam_bind *b, const struct lam_expr *x,
	struct lam_expr *(*map)(struct lam_bind *b, const struct lam_expr *x,
		const struct lam_ast *at), const struct lam_ast *at)
{
	struct lam_expr *c;
	struct lam_expr **arg;

	if (x->kind == LAM_X_FIELD || x->kind == LAM_X_KEY ||
		x->kind == LAM_X_FINAL)
		return map(b, x, at);
	c = lam_bind_new(b, x->kind, x->type, at);
	arg = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *,
		x->nargs ? x->nargs : 1);
	if (c == NULL)
		return NULL;
	if (arg == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	*c = *x;
	c->source = b->sql.name; /* the view's text is not at hand */
	c->line = at->line;
	c->column = at->column;
	c->arg = arg;
	for (uint32_t i = 0; i < x->nargs; i++)
		if ((arg[i] = lam_bind_clone(b, x->arg[i], map, at)) == NULL)
			return NULL;
	return c;
}

static struct lam_expr *
bind_constant(struct lam_bind *b, const struct lam_ast *a)
{
	enum lam_type type = a->kind == LAM_A_NUMBER ? LAM_NUMBER :
		a->kind == LAM_A_BOOL ? LAM_BOOL :
		a->kind == LAM_A_TIME ? LAM_TIME : LAM_TEXT;
	struct lam_expr *x;

	if (a->kind == LAM_A_INTERVAL)
		return lam_bind_span(b, a);
	x = lam_bind_new(b, LAM_X_CONST, type, a);
	if (x == NULL)
		return NULL;
	x->null = a->kind == LAM_A_NULL;
	x->num = a->num;
	x->time = a->time;
	x->boolean = a->boolean;
	if (a->kind == LAM_A_STRING) {
		x->text = a->text;
		if (x->text.p == NULL)
			x->text.p = "";
	}
	return x;
}

/* Does A read of the columns below N none but keys? */
static bool
reads_keys(const struct lam_bind *b, const struct lam_ast *a, uint32_t n)
{
	bool is = a->kind != LAM_A_AGG && a->kind != LAM_A_OVER;

	if (lam_bind_key(b, a) >= 0)
		return true;
	if (a->kind == LAM_A_FIELD)
		return a->index >= n;
	for (uint32_t i = 0; i < a->nargs && is; i++)
		is = reads_keys(b, a->arg[i], n);
	return is;
}

/* A, a column of a query within that is about keys alone, has one value in each group:
 * its first.  NULL: it is another, or failed. */
static struct lam_expr *
one_in_group(struct lam_bind *b, const struct lam_ast *a)
{
	const struct lam_visible *v = &b->visible[a->index];
	struct lam_ast *first;
	uint32_t n = a->index;

	if (a->text.n != 0 || v->nabout == 0)
		return NULL;
	while (n > 0 && b->visible[n - 1].about == v->about)
		n--;
	for (uint32_t i = 0; i < v->nabout; i++)
		if (!reads_keys(b, v->about[i], n))
			return NULL;
	first = lam_ast_new(&b->sql, LAM_A_AGG, a->line, a->column);
	if (first == NULL)
		return NULL;
	first->agg = LAM_AGG_FIRST;
	first->nargs = 1;
	first->arg = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *, 1);
	if (first->arg == NULL)
		return lam_fail_mem(b->sql.e), NULL;
	first->arg[0] = lam_ast_copy(&b->sql, a);
	return first->arg[0] == NULL || !lam_ast_seal(&b->sql, first) ? NULL :
		lam_bind_agg(b, first);
}

/* A column named alone above the aggregation. */
static struct lam_expr *
not_grouped(struct lam_bind *b, const struct lam_ast *a)
{
	char show[LAM_TOKEN_SHOW];
	const char *name = lam_text_show(a->text, show);

	if (b->rows != NULL && b->rows[a->index].measure)
		lam_sql_fail(&b->sql, a->line, a->column, "\"%s\" alone is "
			"merged over each group, but another aggregate here "
			"reads the rows of the view %s one by one: write "
			"sum(%s) or the like, or ask in two queries", name,
			b->relation, name);
	else if (b->distinct && strcmp(b->clause, "ORDER BY") == 0)
		lam_sql_fail(&b->sql, a->line, a->column, "ORDER BY of a "
			"SELECT DISTINCT can only use what is selected: "
			"select \"%s\" too", name);
	else if (a->text.n == 0) /* what a join gives for a query within */
		lam_sql_fail(&b->sql, a->line, a->column, "a sub-query about "
			"each row cannot stand beside groups: put the groups "
			"into FROM (SELECT ... GROUP BY ...) AS g, and ask about "
			"each of them");
	else
		lam_sql_fail(&b->sql, a->line, a->column, "column \"%s\" must "
			"appear in the GROUP BY clause or be used in an "
			"aggregate function: add it to GROUP BY, or write "
			"max(%s) or the like", name, name);
	return NULL;
}

static struct lam_expr *
bind_field(struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_expr *x;

	if (b->view != NULL)
		return lam_bind_view_field(b, a);
	if (b->above) {
		x = one_in_group(b, a);
		return x != NULL || b->sql.e->code != LAM_OK ? x :
			not_grouped(b, a);
	}
	if (b->lookup != NULL && a->index >= b->lookup->lo)
		return lam_bind_looked_up(b, a);
	x = lam_bind_new(b, LAM_X_FIELD,
		(enum lam_type)b->visible[a->index].type.type, a);
	if (x == NULL)
		return NULL;
	x->index = a->index;
	x->list = b->visible[a->index].list;
	x->null = b->visible[a->index].null;
	b->q->input->used[a->index] = true;
	return x;
}

static struct lam_expr *
bind_case(struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_expr *x = lam_bind_new(b, LAM_X_CASE, LAM_TEXT, a);
	struct lam_expr **arg, **then;
	enum lam_type type;
	uint32_t n = 0;
	bool when;

	if (x == NULL)
		return NULL;
	arg = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *, a->nargs);
	then = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *, a->nargs);
	if (arg == NULL || then == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	for (uint32_t i = 0; i < a->nargs; i++) {
		if ((arg[i] = lam_bind_expr(b, a->arg[i])) == NULL)
			return NULL;
		when = i % 2 == 0 && i + 1 < a->nargs;
		if (when && !lam_bind_convert(b, arg[i], LAM_BOOL, a->arg[i],
			"WHEN"))
			return NULL;
		if (!when)
			then[n++] = arg[i];
	}
	if (!lam_bind_unify(b, then, n, a, &type))
		return NULL;
	x->type = (uint8_t)type;
	x->list = n > 0 ? then[0]->list : 0;
	x->nargs = a->nargs;
	x->arg = arg;
	return x;
}

struct lam_expr *
lam_bind_expr(struct lam_bind *b, const struct lam_ast *a)
{
	int64_t k = b->above ? lam_bind_key(b, a) : -1;
	struct lam_expr *x;

	if (k >= 0 && b->span_key != NULL && b->span_key[k])
		return lam_bind_span_shown(b, (uint32_t)k, a);
	if (k >= 0) {
		x = lam_bind_new(b, LAM_X_KEY,
			(enum lam_type)b->q->key[k]->type, a);
		if (x != NULL) {
			x->index = (uint32_t)k;
			x->list = b->q->key[k]->list;
			x->null = b->q->key[k]->null;
		}
		return x;
	}
	switch (a->kind) {
	case LAM_A_FIELD:
		return bind_field(b, a);
	case LAM_A_CALL:
		if (!lam_bind_is_hop(a))
			return lam_bind_call(b, a);
		lam_bind_no_hop(b, a);
		return NULL;
	case LAM_A_CASE:
		return bind_case(b, a);
	case LAM_A_AGG:
		return b->view != NULL ? lam_bind_view_agg(b, a) :
			lam_bind_agg(b, a);
	case LAM_A_GROUPING:
		lam_sql_fail(&b->sql, a->line, a->column, "grouping() is for "
			"GROUP BY ROLLUP, CUBE and GROUPING SETS");
		return NULL;
	case LAM_A_QUERY:
		x = lam_bind_new(b, LAM_X_VALUE, (enum lam_type)
			a->query->output[0].expr->type, a);
		if (x != NULL) {
			x->query = a->query;
			x->list = a->query->output[0].expr->list;
		}
		return x;
	case LAM_A_UNNEST:
		lam_sql_fail(&b->sql, a->line, a->column, "unnest cannot stand "
			"within %s: write FROM t, unnest(t.x) AS u(e), and e "
			"there", b->clause);
		return NULL;
	case LAM_A_OVER:
		lam_sql_fail(&b->sql, a->line, a->column, "a window function "
			"cannot stand within %s: put it into a sub-query, "
			"FROM (SELECT ...)", b->clause);
		return NULL;
	default:
		return bind_constant(b, a);
	}
}

struct lam_expr *
lam_bind_condition(struct lam_bind *b, const struct lam_ast *a,
	const char *clause)
{
	struct lam_expr *x;

	b->clause = clause;
	x = lam_bind_expr(b, a);
	if (x == NULL || !lam_bind_convert(b, x, LAM_BOOL, a, clause))
		return NULL;
	return x;
}
