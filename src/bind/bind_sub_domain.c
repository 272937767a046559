/*
 * bind_sub_domain.c - queries within that are bound by more than equality
 *
 *	(SELECT avg(y) FROM t WHERE t.k = a.k AND t.n < a.n)
 *
 * has an aggregate, whose value is made once for each value of what binds it.  So the
 * distinct values of the columns around that it names become a relation of its own,
 * and equality with these is what binds it:
 *
 *	(SELECT avg(y) FROM t, (SELECT DISTINCT k AS v0, n AS v1 FROM a) AS d
 *	 WHERE t.k = d.v0 AND t.n < d.v1 AND row(d.v0, d.v1) = row(a.k, a.n))
 *
 * NULLs are equal in rows that are compared as texts, so that what says IS NULL of a
 * column around holds, too.  What FROM around names is read twice.
 *
 * A query that is further within may name these columns, too, as those of the query
 * between.
 */
#include <stdio.h>

#include "bind/bind_sub.h"

struct domain {
	struct lam_sub *x;
	struct lam_str name; /* of its relation, as no other has it */
	struct lam_ast *column[LAM_SQL_LEAVES]; /* around, each once */
	uint32_t n;
};

/* WORD and a number, as a name. */
static struct lam_str
numbered(struct lam_sub *x, const char *word, uint32_t i)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%s%u", word, i);

	return (struct lam_str){ lam_arena_dup(x->b->sql.arena, text,
		(size_t)n), (size_t)n };
}

/* Column I of the domain, at the place of A. */
static struct lam_ast *
domain_name(struct domain *d, uint32_t i, const struct lam_ast *a)
{
	struct lam_sql *sql = &d->x->b->sql;
	struct lam_ast *c = lam_ast_new(sql, LAM_A_NAME, a->line, a->column);

	if (c == NULL)
		return NULL;
	c->text = numbered(d->x, "v", i);
	c->table = d->name;
	if (c->text.p == NULL)
		return lam_fail_mem(sql->e), NULL;
	return lam_ast_seal(sql, c) ? c : NULL;
}

/* Queries within the one that is bound, the innermost first. */
struct nest {
	const struct lam_select *s;
	const struct nest *outer;
};

static bool
names_relation(const struct lam_from *f, struct lam_str table)
{
	if (f == NULL)
		return false;
	if (f->kind == LAM_FROM_JOIN)
		return names_relation(f->left, table) ||
			names_relation(f->right, table);
	return lam_text_same(f->alias.p != NULL ? f->alias : f->name, table);
}

/* Is A a column around?  Within further queries it is when it has the name of its
 * relation, which none of theirs has. */
static bool
is_around(const struct lam_sub *x, const struct lam_ast *a,
	const struct nest *within)
{
	if (a->kind != LAM_A_NAME || a->text.p == NULL ||
		lam_bind_knows(&x->in, a) || !lam_bind_knows(x->b, a) ||
		(within != NULL && a->table.p == NULL))
		return false;
	for (; within != NULL; within = within->outer)
		if (names_relation(within->s->from, a->table))
			return false;
	return true;
}

static bool move(struct domain *d, struct lam_ast **a, const struct nest *within);

/* A copy of the query S, with its columns around as those of the domain. */
static const struct lam_select *
move_select(struct domain *d, const struct lam_select *s,
	const struct nest *within)
{
	struct lam_select *c = LAM_ARENA_NEW(d->x->b->sql.arena,
		struct lam_select, 1);

	if (c == NULL)
		return lam_fail_mem(d->x->b->sql.e), NULL;
	*c = *s;
	if (s->where == NULL)
		return c;
	c->where = lam_ast_copy(&d->x->b->sql, s->where);
	return c->where != NULL && move(d, &c->where, &(struct nest){ s,
		within }) ? c : NULL;
}

/* *A, a copy, likewise. */
static bool
move(struct domain *d, struct lam_ast **a, const struct nest *within)
{
	struct lam_ast *c = *a;
	uint32_t i = 0;

	if (is_around(d->x, c, within)) {
		while (i < d->n && !lam_ast_equal(d->column[i], c))
			i++;
		if (i == LAM_SQL_LEAVES)
			return lam_sub_refuse(d->x, c, "a sub-query is bound to "
				"the query around it by too many columns") !=
				NULL;
		d->column[i] = c;
		d->n += i == d->n;
		*a = domain_name(d, i, c);
		return *a != NULL;
	}
	if (c->kind == LAM_A_QUERY && c->select->set == LAM_SET_NONE && (
		c->select = move_select(d, c->select, within)) == NULL)
		return false;
	for (uint32_t k = 0; k < c->nargs; k++)
		if (!move(d, &c->arg[k], within))
			return false;
	return (c->filter == NULL || move(d, &c->filter, within)) &&
		lam_ast_seal(&d->x->b->sql, c);
}

/* Does WHERE, A, say that NAME is equal to a column within?  bind_sub_far.c knows what
 * to do then. */
static bool
is_equal(const struct lam_sub *x, const struct lam_ast *a,
	const struct lam_ast *named)
{
	bool is = false;

	if (a->kind != LAM_A_CALL || a->nargs < 2)
		return false;
	for (uint32_t i = 0; i < 2 && a->fn == LAM_FN_EQ; i++)
		is |= lam_ast_equal(a->arg[i], named) &&
			a->arg[1 - i]->kind == LAM_A_NAME &&
			lam_bind_knows(&x->in, a->arg[1 - i]);
	for (uint32_t i = 0; i < a->nargs && a->fn == LAM_FN_AND && !is; i++)
		is = is_equal(x, a->arg[i], named);
	return is;
}

/* Does a query within A name a column around, which is equal to none of X? */
static bool
nested(const struct lam_sub *x, const struct lam_ast *a,
	const struct nest *within)
{
	bool is = within != NULL && is_around(x, a, within) &&
		!is_equal(x, x->s.where, a);

	if (a->kind == LAM_A_QUERY && a->select->set == LAM_SET_NONE &&
		a->select->where != NULL)
		is = nested(x, a->select->where, &(struct nest){ a->select,
			within });
	for (uint32_t i = 0; i < a->nargs && !is; i++)
		is = nested(x, a->arg[i], within);
	return is || (a->filter != NULL && nested(x, a->filter, within));
}

bool
lam_sub_nested(const struct lam_sub *x)
{
	return x->s.where != NULL && nested(x, x->s.where, NULL);
}

/* SELECT DISTINCT column AS v0, ... FROM what FROM around names. */
static struct lam_select *
domain_select(struct domain *d, const struct lam_from *around)
{
	struct lam_arena *arena = d->x->b->sql.arena;
	struct lam_select *s = LAM_ARENA_NEW(arena, struct lam_select, 1);
	struct lam_item *item = LAM_ARENA_NEW(arena, struct lam_item, d->n);

	if (s == NULL || item == NULL)
		return lam_fail_mem(d->x->b->sql.e), NULL;
	for (uint32_t i = 0; i < d->n; i++) {
		item[i] = (struct lam_item){ .expr = d->column[i],
			.alias = numbered(d->x, "v", i),
			.line = d->column[i]->line,
			.column = d->column[i]->column };
		if (item[i].alias.p == NULL)
			return lam_fail_mem(d->x->b->sql.e), NULL;
	}
	*s = (struct lam_select){ .distinct = true, .item = item,
		.nitems = d->n, .limit = UINT64_MAX, .complete = true };
	s->from = LAM_ARENA_NEW(arena, struct lam_from, 1);
	if (s->from == NULL)
		return lam_fail_mem(d->x->b->sql.e), NULL;
	*s->from = *around;
	return s;
}

/* FROM within, and the domain. */
static struct lam_from *
domain_from(struct domain *d, const struct lam_from *around)
{
	struct lam_from *inner = d->x->s.from, *f, *both;

	f = LAM_ARENA_NEW(d->x->b->sql.arena, struct lam_from, 1);
	both = LAM_ARENA_NEW(d->x->b->sql.arena, struct lam_from, 1);
	if (f == NULL || both == NULL)
		return lam_fail_mem(d->x->b->sql.e), NULL;
	*f = (struct lam_from){ .kind = LAM_FROM_SELECT, .line = around->line,
		.column = around->column, .nleaves = 1,
		.alias = d->name,
		.select = domain_select(d, around) };
	if (f->select == NULL || inner == NULL)
		return f->select == NULL ? NULL : f;
	*both = (struct lam_from){ .kind = LAM_FROM_JOIN, .line = inner->line,
		.column = inner->column, .join = LAM_JOIN_INNER,
		.left = inner, .right = f,
		.nleaves = (inner->nleaves ? inner->nleaves : 1) + 1 };
	return both;
}

/* row(v0, ...) = row(column, ...) */
static struct lam_ast *
binding(struct domain *d, const struct lam_ast *at)
{
	struct lam_token t = { .line = at->line, .column = at->column };
	struct lam_ast *value[LAM_SQL_LEAVES], *side[2];

	for (uint32_t i = 0; i < d->n; i++)
		if ((value[i] = domain_name(d, i, at)) == NULL)
			return NULL;
	side[0] = lam_ast_call(&d->x->b->sql, &t, LAM_FN_ROW, d->n, value);
	side[1] = lam_ast_call(&d->x->b->sql, &t, LAM_FN_ROW, d->n, d->column);
	return side[0] == NULL || side[1] == NULL ? NULL : lam_ast_call(
		&d->x->b->sql, &t, LAM_FN_EQ, 2, side);
}

bool
lam_sub_domain(struct lam_sub *x, const struct lam_from *around)
{
	struct domain d = { .x = x,
		.name = numbered(x, "values around ", x->b->sql.nodes) };
	struct lam_ast *both[2];
	struct lam_token t = { .line = x->s.where->line,
		.column = x->s.where->column };

	if (d.name.p == NULL)
		return !lam_fail_mem(x->b->sql.e);
	both[0] = lam_ast_copy(&x->b->sql, x->s.where);
	if (both[0] == NULL || !move(&d, &both[0], NULL))
		return false;
	x->s.from = domain_from(&d, around);
	both[1] = x->s.from == NULL ? NULL : binding(&d, x->s.where);
	if (both[1] == NULL)
		return false;
	x->s.where = lam_ast_call(&x->b->sql, &t, LAM_FN_AND, 2, both);
	return x->s.where != NULL;
}
