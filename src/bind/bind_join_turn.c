/*
 * bind_join_turn.c - the larger side of a join comes first
 *
 * The rows of the right are kept, so the right should be the smaller side.  A join
 * may be turned round where nobody sees the order of its rows and columns: its query
 * makes groups of them, and no aggregate goes by position.  How many rows a relation
 * has is what the catalogue knows of it; nothing is turned on a guess.
 */
#include <string.h>

#include "bind/bind_join.h"

/* Do A, and what is within it, mean the same whatever the order of the rows is? */
static bool
indifferent(const struct lam_ast *a)
{
	bool ok = a->kind != LAM_A_OVER && (a->kind != LAM_A_AGG ||
		!lam_agg_by_position(a->agg));

	for (uint32_t i = 0; i < a->nargs && ok; i++)
		ok = indifferent(a->arg[i]);
	return ok && (a->filter == NULL || indifferent(a->filter));
}

bool
lam_bind_unordered(const struct lam_select *s)
{
	bool groups = s->ngroup > 0 || s->group_all || s->having != NULL;
	bool ok = (s->having == NULL || indifferent(s->having)) &&
		s->qualify == NULL;

	for (uint32_t i = 0; i < s->nitems && ok; i++) {
		const struct lam_ast *a = s->item[i].expr;

		ok = a != NULL && indifferent(a);
		groups |= ok && lam_ast_agg(a) != NULL;
	}
	for (uint32_t i = 0; i < s->norder && ok; i++)
		ok = s->order[i].expr == NULL || indifferent(s->order[i].expr);
	return ok && groups;
}

/* About how many rows the relation F has; 0: not known. */
static uint64_t
rows_of(struct lam_bind *b, const struct lam_from *f)
{
	const struct lam_catalog *c = b->scope->catalog;
	struct lam_stage scan = { .is_file = f->is_file,
		.is_stdin = f->is_stdin };

	if (f->kind != LAM_FROM_NAMED || c->rows == NULL ||
		lam_bind_is_with(b, f))
		return 0;
	scan.name = lam_arena_dup(b->sql.arena, f->name.p, f->name.n);
	return scan.name != NULL ? c->rows(c->state, &scan) : 0;
}

/* F with its joins turned, a copy where there are any; *ROWS: of its largest. */
static struct lam_from *
turn(struct lam_bind *b, struct lam_from *f, uint64_t *rows)
{
	static const uint8_t turned[] = { [LAM_JOIN_INNER] = LAM_JOIN_INNER,
		[LAM_JOIN_LEFT] = LAM_JOIN_RIGHT,
		[LAM_JOIN_RIGHT] = LAM_JOIN_LEFT,
		[LAM_JOIN_FULL] = LAM_JOIN_FULL };
	struct lam_from *j;
	uint64_t left, right;

	if (f->kind != LAM_FROM_JOIN) {
		*rows = rows_of(b, f);
		return f;
	}
	j = LAM_ARENA_NEW(b->sql.arena, struct lam_from, 1);
	if (j == NULL)
		return NULL;
	*j = *f;
	j->left = turn(b, f->left, &left);
	j->right = turn(b, f->right, &right);
	*rows = left > right ? left : right;
	if (j->left == NULL || j->right == NULL)
		return NULL;
	if (left > 0 && right > left) {
		struct lam_from *first = j->right;

		j->right = j->left;
		j->left = first;
		j->join = turned[f->join];
		j->turned = !f->turned;
	}
	return j;
}

/* A relation that names columns of those before it must come after them. */
static bool
lateral(const struct lam_from *f)
{
	return f->lateral || (f->kind == LAM_FROM_JOIN && (lateral(f->left) ||
		lateral(f->right)));
}

const struct lam_from *
lam_bind_turned(struct lam_bind *b, const struct lam_select *s)
{
	const struct lam_from *f;
	uint64_t rows;

	if (s->from->kind != LAM_FROM_JOIN || !lam_bind_unordered(s) ||
		lateral(s->from))
		return s->from;
	f = turn(b, s->from, &rows);
	if (f == NULL)
		lam_fail_mem(b->sql.e);
	return f;
}
