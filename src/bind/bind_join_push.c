/*
 * bind_join_push.c - conditions go as far down a tree of joins as they may
 *
 *	of WHERE		INNER	one side alone: into it; both: the join's
 *				LEFT	the left alone: into it; else above
 *				RIGHT	likewise, turned round
 *				FULL	above
 *	of ON			INNER	as of WHERE
 *				LEFT	the right alone: into it; else the join's
 *				RIGHT	likewise
 *				FULL	the join's
 *
 * So a comma with WHERE a.x = b.x is a join on equality, and a filter skips the
 * blocks of its relation.  What a view says of its measures holds of rows that were
 * merged, so it stays above the view.
 */
#include <string.h>

#include "bind/bind_join.h"

bool
lam_bind_reads(const struct lam_ast *a, uint32_t lo, uint32_t hi)
{
	bool ok = a->kind != LAM_A_FIELD || (a->index >= lo && a->index < hi);

	for (uint32_t i = 0; i < a->nargs && ok; i++)
		ok = lam_bind_reads(a->arg[i], lo, hi);
	return ok && (a->filter == NULL || lam_bind_reads(a->filter, lo, hi));
}

bool
lam_bind_shift(struct lam_bind *b, struct lam_ast *a, uint32_t lo)
{
	if (lo == 0)
		return true;
	if (a->kind == LAM_A_FIELD)
		a->index -= lo;
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!lam_bind_shift(b, a->arg[i], lo))
			return false;
	return (a->filter == NULL || lam_bind_shift(b, a->filter, lo)) &&
		lam_ast_seal(&b->sql, a);
}

static bool
add(struct lam_bind *b, struct lam_conjuncts *to, struct lam_ast *a)
{
	struct lam_ast **grown = to->p;

	if ((to->n & (to->n - 1)) == 0) { /* full at powers of two only */
		grown = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *,
			to->n ? (size_t)to->n * 2 : 1);
		if (grown == NULL)
			return !lam_fail_mem(b->sql.e);
		if (to->n > 0)
			memcpy(grown, to->p, to->n * sizeof *grown);
		to->p = grown;
	}
	grown[to->n++] = a;
	return true;
}

bool
lam_bind_conjuncts(struct lam_bind *b, struct lam_ast *a,
	struct lam_conjuncts *to)
{
	if (a->kind != LAM_A_CALL || a->fn != LAM_FN_AND)
		return add(b, to, a);
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!lam_bind_conjuncts(b, a->arg[i], to))
			return false;
	return true;
}

struct lam_ast *
lam_bind_all_of(struct lam_bind *b, const struct lam_conjuncts *c)
{
	struct lam_token at = { .line = 1, .column = 1 };

	return c->n == 0 ? NULL : c->n == 1 ? c->p[0] : lam_ast_call(&b->sql,
		&at, LAM_FN_AND, c->n, c->p);
}

/* A as the only relation of N has it reads a measure of a view. */
static bool
measures(const struct lam_join_node *n, const struct lam_ast *a)
{
	bool is = a->kind == LAM_A_FIELD &&
		n->leaf->visible[a->index - n->lo].measure;

	for (uint32_t i = 0; i < a->nargs && !is; i++)
		is = measures(n, a->arg[i]);
	return is;
}

enum pushed { PLACED, STAYS, FAILED };

static enum pushed
keep(struct lam_bind *b, struct lam_conjuncts *to, struct lam_ast *a)
{
	return add(b, to, a) ? PLACED : FAILED;
}

/* A holds of the rows of N. */
static enum pushed
push(struct lam_bind *b, struct lam_join_node *n, struct lam_ast *a)
{
	struct lam_join_node *side = NULL;
	enum pushed p;

	if (n->leaf != NULL)
		return measures(n, a) ? STAYS : keep(b, &n->at, a);
	if (lam_bind_reads(a, n->lo, n->mid))
		side = n->left;
	else if (lam_bind_reads(a, n->mid, n->hi))
		side = n->right;
	if (n->f->join == LAM_JOIN_INNER) {
		p = side != NULL ? push(b, side, a) : STAYS;
		return p == STAYS ? keep(b, &n->at, a) : p;
	}
	if (n->f->join == LAM_JOIN_RIGHT)
		return side == n->right && side != NULL ? push(b, side, a) :
			STAYS;
	return n->f->join != LAM_JOIN_FULL && side == n->left && side != NULL ?
		push(b, side, a) : STAYS;
}

/* A is a condition of the join N itself. */
static enum pushed
push_on(struct lam_bind *b, struct lam_join_node *n, struct lam_ast *a)
{
	struct lam_join_node *side = NULL;
	enum pushed p = STAYS;

	if (n->f->join == LAM_JOIN_INNER)
		return push(b, n, a);
	if (n->f->join == LAM_JOIN_RIGHT && lam_bind_reads(a, n->lo, n->mid))
		side = n->left;
	else if (n->f->join != LAM_JOIN_RIGHT && n->f->join != LAM_JOIN_FULL &&
		lam_bind_reads(a, n->right->lo, n->hi))
		side = n->right;
	if (side != NULL)
		p = push(b, side, a);
	return p == STAYS ? keep(b, &n->at, a) : p;
}

static bool
push_all_on(struct lam_bind *b, struct lam_join_node *n)
{
	if (n->leaf != NULL)
		return true;
	if (!push_all_on(b, n->left) || !push_all_on(b, n->right))
		return false;
	for (uint32_t i = 0; i < n->on.n; i++)
		if (push_on(b, n, n->on.p[i]) == FAILED)
			return false;
	return true;
}

int
lam_bind_push(struct lam_bind *b, struct lam_join_node *root,
	const struct lam_conjuncts *all, struct lam_conjuncts *rest)
{
	bool ok = push_all_on(b, root);

	for (uint32_t i = 0; i < all->n && ok; i++) {
		enum pushed p = push(b, root, all->p[i]);

		ok = p == PLACED || (p == STAYS && add(b, rest, all->p[i]));
	}
	return ok ? LAM_OK : b->sql.e->code;
}
