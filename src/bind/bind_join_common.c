/*
 * bind_join_common.c - what each side of an OR says holds of the whole
 *
 * (a.x = b.x AND ...) OR (a.x = b.x AND ...) is a join on equality: a.x = b.x is a
 * condition beside the OR, which stays as it is.  Only an equality of two columns is
 * taken: it cannot fail, whichever rows it is asked of.
 */
#include "bind/bind_join.h"

/* Does each side of A, as far as OR goes, say that E? */
static bool
says(const struct lam_ast *a, const struct lam_ast *e)
{
	bool some = false, all = true;

	if (a->kind != LAM_A_CALL || (a->fn != LAM_FN_OR &&
		a->fn != LAM_FN_AND))
		return lam_ast_equal(a, e);
	for (uint32_t i = 0; i < a->nargs; i++) {
		bool one = says(a->arg[i], e);

		some |= one;
		all &= one;
	}
	return a->fn == LAM_FN_OR ? all : some;
}

/* What the first side of OF has of equalities that all of it says goes to TO. */
static bool
add_common(struct lam_bind *b, const struct lam_ast *a,
	const struct lam_ast *of, struct lam_conjuncts *to)
{
	struct lam_ast *copy;

	if (a->kind != LAM_A_CALL)
		return true;
	if (a->fn == LAM_FN_OR)
		return add_common(b, a->arg[0], of, to);
	for (uint32_t i = 0; a->fn == LAM_FN_AND && i < a->nargs; i++)
		if (!add_common(b, a->arg[i], of, to))
			return false;
	if (a->fn != LAM_FN_EQ || a->arg[0]->kind != LAM_A_FIELD ||
		a->arg[1]->kind != LAM_A_FIELD || !says(of, a))
		return true;
	copy = lam_ast_copy(&b->sql, a);
	return copy != NULL && lam_bind_conjuncts(b, copy, to);
}

bool
lam_bind_common(struct lam_bind *b, struct lam_conjuncts *c)
{
	for (uint32_t i = 0, n = c->n; i < n; i++)
		if (c->p[i]->kind == LAM_A_CALL && c->p[i]->fn == LAM_FN_OR &&
			!add_common(b, c->p[i], c->p[i], c))
			return false;
	return true;
}
