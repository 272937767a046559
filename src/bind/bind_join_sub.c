/*
 * bind_join_sub.c - queries within ON of a join that is not an inner one
 *
 *	a LEFT JOIN b ON b.k = a.k AND b.x IN (SELECT ...)
 *
 * Whether a row of one side meets the query within is known before the join.  So that
 * side is joined with the query (bind_sub.c), and ON reads the column that this gives.
 * (What parse_on.c moved to WHERE is not here any more.)  Whose columns a query names
 * is found by binding it with these alone in sight: a query that fails then is left
 * for the other side, or to be told of.
 */
#include "bind/bind_join.h"

static void
bind_one(struct lam_bind *b, struct lam_ast *a)
{
	struct lam_error *e = b->sql.e, in_vain = LAM_ERROR_INIT;
	struct lam_ast *bound;

	b->sql.e = &in_vain;
	bound = lam_bind_resolve(b, a);
	b->sql.e = e;
	if (bound != NULL)
		*a = *bound;
}

static bool
bind_all(struct lam_bind *b, struct lam_ast *a)
{
	if (a->kind == LAM_A_QUERY && a->query == NULL) {
		bind_one(b, a);
		return true;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!bind_all(b, a->arg[i]))
			return false;
	return lam_ast_seal(&b->sql, a);
}

bool
lam_bind_on_side(struct lam_bind *b, struct lam_join_node **side,
	const struct lam_from *f, uint32_t first, struct lam_ast *a)
{
	const struct lam_from *from = b->from;
	uint32_t before = b->first_visible;
	bool ok;

	b->side = side;
	b->from = f;
	b->first_visible = first;
	ok = bind_all(b, a);
	b->side = NULL;
	b->from = from;
	b->first_visible = before;
	return ok;
}
