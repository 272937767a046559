/*
 * bind_join_attach.c - a join that the text does not write: with a query within it
 */
#include "bind/bind_join.h"
#include "bind/bind_over.h"

/* What FROM has, one relation or a join, as a node. */
static struct lam_join_node *
root(struct lam_bind *b)
{
	struct lam_join_node *n = LAM_ARENA_NEW(b->sql.arena,
		struct lam_join_node, 1);
	struct lam_bind *leaf = LAM_ARENA_NEW(b->sql.arena, struct lam_bind, 1);

	if (b->join != NULL)
		return b->join;
	if (n == NULL || leaf == NULL)
		return NULL;
	*leaf = (struct lam_bind){ .sql = b->sql, .scope = b->scope,
		.relation = b->relation, .view = b->view,
		.visible = b->visible, .q = lam_query_new(b->sql.arena),
		.nvisible = b->nvisible };
	if (leaf->q == NULL)
		return NULL;
	leaf->q->input = b->q->input;
	b->q->input = LAM_ARENA_NEW(b->sql.arena, struct lam_stage, 1);
	b->visible = NULL;
	b->nvisible = 0;
	b->view = NULL;
	n->leaf = leaf;
	n->hi = leaf->nvisible;
	return b->q->input != NULL && lam_bind_append_columns(b, leaf) ? n : NULL;
}

/* The columns of SUB, behind a mark if there is one: only we can name them. */
static bool
append_hidden(struct lam_bind *b, const struct lam_bind *sub, bool mark)
{
	static const struct lam_visible marked = { .name = { "", 0 },
		.table = { "", 0 }, .type = { .type = LAM_BOOL } };
	struct lam_visible one = marked;
	struct lam_bind first = { .visible = &one, .nvisible = mark };
	uint32_t from = b->nvisible;

	if (!lam_bind_append_columns(b, &first) || !lam_bind_append_columns(b, sub))
		return false;
	for (uint32_t i = from; i < b->nvisible; i++) {
		b->visible[i].hidden = true;
		b->visible[i].table = marked.table;
	}
	return true;
}

int64_t
lam_bind_attach(struct lam_bind *b, enum lam_join_kind kind,
	struct lam_query *q, struct lam_ast *const *on, uint32_t non,
	const struct lam_ast *at)
{
	struct lam_join_node *n = LAM_ARENA_NEW(b->sql.arena,
		struct lam_join_node, 2), *left, *right = n + 1;
	struct lam_from *f = LAM_ARENA_NEW(b->sql.arena, struct lam_from, 1);
	struct lam_bind *sub = LAM_ARENA_NEW(b->sql.arena, struct lam_bind, 1);

	if (b->unnest != NULL && lam_bind_unnest_rows(b, true) != LAM_OK)
		return -1;
	left = b->side != NULL ? *b->side : root(b);
	if (n == NULL || left == NULL || f == NULL || sub == NULL)
		return lam_fail_mem(b->sql.e), -1;
	*f = (struct lam_from){ .kind = LAM_FROM_JOIN, .join = (uint8_t)kind,
		.line = at->line, .column = at->column };
	*sub = (struct lam_bind){ .sql = b->sql, .relation = "a sub-query",
		.q = lam_query_new(b->sql.arena) };
	if (sub->q == NULL || (sub->q->input = lam_bind_select(b, q)) == NULL)
		return lam_fail_mem(b->sql.e), -1;
	sub->visible = lam_over_visible(sub, sub->q->input);
	sub->nvisible = q->noutputs;
	if (sub->visible == NULL)
		return lam_fail_mem(b->sql.e), -1;
	*n = (struct lam_join_node){ .f = f, .left = left, .right = right,
		.lo = left->lo, .mid = b->nvisible };
	if (!append_hidden(b, sub, kind == LAM_JOIN_MARK))
		return -1;
	n->hi = b->nvisible;
	for (uint32_t i = n->mid; i < n->hi; i++) {
		b->visible[i].about = on;
		b->visible[i].nabout = non;
	}
	*right = (struct lam_join_node){ .f = f, .leaf = sub, .hi = n->hi,
		.lo = n->hi - sub->nvisible };
	for (uint32_t i = 0; i < non; i++)
		if (!lam_bind_conjuncts(b, on[i], &n->on))
			return -1;
	*(b->side != NULL ? b->side : &b->join) = n;
	return n->mid;
}
