/*
 * bind_sub_lateral.c - LATERAL: a query in FROM about each row of what stands before it
 *
 * It becomes a join.  Conditions in its WHERE that name columns of the left are those
 * of the join, and what they read of the query are columns of it that nobody sees.
 * LIMIT is the first rows for each value of these columns.  A lone aggregate has a row
 * where nothing meets the conditions, too, so its join is a LEFT JOIN, and what the
 * query makes of it is made above that (bind_sub_lone.c).
 */
#include "bind/bind_sub.h"

/* What could not be said once for all rows of the left, as JOIN would. */
static bool
check(struct lam_sub *x, const struct lam_from *join)
{
	const struct lam_ast at = { .line = join->right->line,
		.column = join->right->column }, *on = join->on;
	const struct lam_select *s = &x->s;
	bool over = s->qualify != NULL || (x->lone && s->having != NULL);
	bool all = join->nusing == 0 && (on == NULL || (on->kind ==
		LAM_A_BOOL && on->boolean));

	if (join->join != LAM_JOIN_INNER && join->join != LAM_JOIN_LEFT)
		return lam_sub_refuse(x, &at, "a LATERAL query that names "
			"columns of the left stands behind [INNER] JOIN, LEFT "
			"JOIN, CROSS JOIN or a comma") != NULL;
	for (uint32_t i = 0; i < s->nitems; i++) {
		const struct lam_ast *a = s->item[i].expr;

		over |= a != NULL && lam_ast_over(a) != NULL;
		if (x->lone && (!all || a == NULL))
			return lam_sub_refuse(x, a == NULL ? &at : a, "an "
				"aggregate without GROUP BY has a row even where "
				"nothing meets its conditions: join it ON TRUE, "
				"and write the rest into WHERE or CASE") != NULL;
	}
	return !over || lam_sub_refuse(x, &at, "a LATERAL query that names "
		"columns of the left has no window functions, DISTINCT ON or "
		"HAVING alone: put them into a query of WITH, or around it") !=
		NULL;
}

/* Its join is JOIN, and X has been opened. */
static bool
settle(struct lam_sub *x, struct lam_from *join)
{
	if (x->non == 0)
		return true;
	if (!check(x, join) || !lam_sub_first(x))
		return false;
	if (x->lone) {
		join->join = LAM_JOIN_LEFT;
		return lam_sub_lone_rows(x);
	}
	return lam_sub_items(x, x->s.item, x->s.nitems);
}

/* The last N columns of LEAF are for the join alone. */
static void
hide(struct lam_bind *leaf, uint32_t n)
{
	for (uint32_t i = leaf->nvisible - n; i < leaf->nvisible; i++) {
		leaf->visible[i].hidden = true;
		leaf->visible[i].name = leaf->visible[i].table =
			(struct lam_str){ "", 0 };
	}
}

bool
lam_sub_lateral(struct lam_bind *b, struct lam_join_node *join,
	struct lam_bind *leaf)
{
	const struct lam_from *f = join->f->right;
	struct lam_from *changed = LAM_ARENA_NEW(b->sql.arena, struct lam_from,
		1);
	struct lam_sub x = { .b = b, .lateral = true, .around = join->f->left,
		.first = f->select->has_limit || f->select->has_offset };
	struct lam_scope own = { b->scope->catalog, f->select->with,
		f->select->nwith, b->scope };
	uint32_t before = b->first_visible, base, shown;
	bool ok;

	if (changed == NULL)
		return !lam_fail_mem(b->sql.e);
	*changed = *join->f;
	join->f = changed;
	b->first_visible = join->lo;
	ok = lam_sub_open(&x, f->select, &own) && settle(&x, changed) &&
		lam_sub_close(&x);
	b->first_visible = before;
	leaf->sql.nodes = b->sql.nodes;
	if (!ok || lam_bind_see(leaf, f, x.in.q, f->alias) != LAM_OK)
		return false;
	base = b->nvisible + leaf->nvisible - x.ncolumns;
	shown = f->select->nitems;
	if (x.written != NULL && !lam_sub_lone_see(&x, leaf))
		return false;
	hide(leaf, x.written != NULL ? leaf->nvisible - shown : x.ncolumns);
	for (uint32_t i = 0; i < x.non; i++)
		if (!lam_sub_place(b, x.on[i], base) ||
			!lam_bind_conjuncts(b, x.on[i], &join->on))
			return false;
	return true;
}
