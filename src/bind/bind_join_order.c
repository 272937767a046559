/*
 * bind_join_order.c - relations that a comma joins come in an order that links them
 *
 * FROM a, b, c WHERE a.x = c.x AND b.y = c.y would pair each row of a with each of b.
 * Where nobody sees the order (bind_join_turn.c), the relation that follows is one that
 * an equality of WHERE links to those before it: a, c, b.  It is done before names are
 * resolved, so a column has no number yet that would change.
 */
#include "bind/bind_join.h"

struct order {
	struct lam_bind *b;
	struct lam_join_node *leaf[LAM_SQL_LEAVES], *join[LAM_SQL_LEAVES];
	uint32_t nleaves, njoins;
	bool link[LAM_SQL_LEAVES][LAM_SQL_LEAVES];
};

/* Take the tree N apart; false: a join of it says more than a comma. */
static bool
take(struct order *o, struct lam_join_node *n)
{
	if (n->leaf != NULL) {
		o->leaf[o->nleaves++] = n;
		return true;
	}
	if (n->f->join != LAM_JOIN_INNER || n->on.n > 0 || n->f->nusing > 0)
		return false;
	o->join[o->njoins++] = n;
	return take(o, n->left) && take(o, n->right);
}

/* The leaf that alone has the column NAME; nleaves: there is none. */
static uint32_t
leaf_of(const struct order *o, const struct lam_ast *name)
{
	uint32_t found = o->nleaves;

	for (uint32_t k = 0; k < o->nleaves; k++)
		for (uint32_t i = o->leaf[k]->lo; i < o->leaf[k]->hi; i++) {
			const struct lam_visible *v = &o->b->visible[i];

			if (!lam_text_same(v->name, name->text) ||
				(name->table.p != NULL && !lam_text_same(
				v->table, name->table)))
				continue;
			if (found < o->nleaves && found != k)
				return o->nleaves;
			found = k;
		}
	return found;
}

static void
link_all(struct order *o, const struct lam_ast *a)
{
	uint32_t x, y;

	if (a->kind != LAM_A_CALL)
		return;
	for (uint32_t i = 0; a->fn == LAM_FN_AND && i < a->nargs; i++)
		link_all(o, a->arg[i]);
	if (a->fn != LAM_FN_EQ || a->nargs != 2 ||
		a->arg[0]->kind != LAM_A_NAME || a->arg[1]->kind != LAM_A_NAME)
		return;
	x = leaf_of(o, a->arg[0]);
	y = leaf_of(o, a->arg[1]);
	if (x < o->nleaves && y < o->nleaves)
		o->link[x][y] = o->link[y][x] = true;
}

/* Does no equality link the sides of some join? */
static bool
crosses(const struct order *o)
{
	for (uint32_t k = 0; k < o->njoins; k++) {
		const struct lam_join_node *n = o->join[k];
		bool linked = false;

		for (uint32_t i = 0; i < o->nleaves && !linked; i++)
			for (uint32_t j = 0; j < o->nleaves && !linked; j++)
				linked = o->link[i][j] &&
					o->leaf[i]->lo >= n->lo &&
					o->leaf[i]->hi <= n->mid &&
					o->leaf[j]->lo >= n->mid &&
					o->leaf[j]->hi <= n->hi;
		if (!linked)
			return true;
	}
	return false;
}

/* The leaves in an order that links each to some before it; false: there is none. */
static bool
chain(const struct order *o, struct lam_join_node **to)
{
	bool placed[LAM_SQL_LEAVES] = { false };

	for (uint32_t n = 0, k; n < o->nleaves; n++) {
		for (k = 0; k < o->nleaves; k++) {
			bool linked = n == 0;

			for (uint32_t i = 0; i < o->nleaves && !linked; i++)
				linked = placed[i] && o->link[i][k];
			if (linked && !placed[k])
				break;
		}
		if (k == o->nleaves)
			return false;
		placed[k] = true;
		to[n] = o->leaf[k];
	}
	return true;
}

int
lam_bind_link(struct lam_bind *b, const struct lam_select *s)
{
	struct order o = { .b = b };
	struct lam_join_node *to[LAM_SQL_LEAVES], *left;

	if (s->where == NULL || !lam_bind_unordered(s) || !take(&o, b->join))
		return LAM_OK;
	link_all(&o, s->where);
	if (!crosses(&o) || !chain(&o, to))
		return LAM_OK;
	b->nvisible = b->join->lo;
	left = NULL;
	for (uint32_t k = 0; k < o.nleaves; k++) {
		struct lam_join_node *n = to[k], *j;

		n->lo = n->mid = b->nvisible;
		if (!lam_bind_append_columns(b, n->leaf))
			return b->sql.e->code;
		n->hi = b->nvisible;
		if (left != NULL) {
			j = o.join[k - 1];
			j->left = left;
			j->right = n;
			j->lo = left->lo;
			j->mid = n->lo;
			j->hi = n->hi;
			n = j;
		}
		left = n;
	}
	b->join = left;
	return LAM_OK;
}
