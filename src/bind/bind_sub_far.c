/*
 * bind_sub_far.c - columns of a query two levels around
 *
 *	SELECT ... FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k
 *		AND EXISTS (SELECT 1 FROM c WHERE c.k = a.k))
 *
 * A query within is bound to the one around it and to no other.  But where WHERE of the
 * one between says b.k = a.k, every row that it lets pass has one value for both, so
 * a.k in the innermost query means b.k.  The types are the same, too, so that no
 * comparison means another thing.
 */
#include "bind/bind_sub.h"

bool
lam_sub_same(struct lam_sub *x, const struct lam_ast *a)
{
	if (a->kind != LAM_A_CALL || a->fn != LAM_FN_EQ || a->nargs != 2)
		return true;
	for (int i = 0; i < 2; i++) {
		struct lam_ast *ours = a->arg[i], *theirs = a->arg[1 - i];
		int64_t in, out;

		if (ours->kind != LAM_A_NAME || theirs->kind != LAM_A_NAME ||
			ours->text.p == NULL || theirs->text.p == NULL ||
			!lam_bind_knows(&x->in, ours) ||
			lam_bind_knows(&x->in, theirs))
			continue;
		in = lam_bind_find(&x->in, ours);
		out = lam_bind_find(x->b, theirs);
		if (in == LAM_FIND_FAILED || out == LAM_FIND_FAILED)
			return false;
		if (in >= 0 && out >= 0 && x->in.visible[in].type.type ==
			x->b->visible[out].type.type)
			x->in.same[x->in.nsame++] = (struct lam_bind_same){ out,
				ours };
	}
	return true;
}

/* What the name A is among the columns of B: of one of a query around it, the one that
 * is equal; NULL: none, or it failed. */
static const struct lam_ast *
nearer(const struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_bind far;
	int64_t i;

	if (lam_bind_knows(b, a))
		return a;
	a = b->around != NULL ? nearer(b->around, a) : NULL;
	if (a == NULL)
		return NULL;
	far = *b->around; /* a look-up changes nothing of it but the error */
	i = lam_bind_find(&far, a);
	for (uint32_t k = 0; i >= 0 && k < b->nsame; k++)
		if (b->same[k].theirs == i)
			return b->same[k].ours;
	return NULL;
}

/* Is A a column of a query that is not the next around X? */
static bool
is_far(const struct lam_sub *x, const struct lam_ast *a)
{
	const struct lam_bind *b = x->b->around;

	if (a->kind != LAM_A_NAME || a->text.p == NULL ||
		lam_bind_knows(&x->in, a) || lam_bind_knows(x->b, a))
		return false;
	while (b != NULL && !lam_bind_knows(b, a))
		b = b->around;
	return b != NULL;
}

/* *A with such columns made nearer. */
static bool
rewrite(struct lam_sub *x, struct lam_ast **a)
{
	struct lam_ast *c = *a;
	const struct lam_ast *near;

	if (is_far(x, c)) {
		near = nearer(x->b, c);
		if (near == NULL && x->b->sql.e->code == LAM_OK)
			lam_sub_refuse(x, c, "this is a column of a query two "
				"levels around: say in WHERE of the query "
				"between, inner = outer, which of its columns "
				"that is, or join both queries first");
		*a = near == NULL ? NULL : lam_ast_copy(&x->b->sql, near);
		return *a != NULL;
	}
	for (uint32_t i = 0; i < c->nargs; i++)
		if (!rewrite(x, &c->arg[i]))
			return false;
	return (c->filter == NULL || rewrite(x, &c->filter)) &&
		lam_ast_seal(&x->b->sql, c);
}

bool
lam_sub_far(struct lam_sub *x)
{
	if (x->b->around == NULL || x->s.where == NULL)
		return true;
	x->s.where = lam_ast_copy(&x->b->sql, x->s.where);
	return x->s.where != NULL && rewrite(x, &x->s.where);
}
