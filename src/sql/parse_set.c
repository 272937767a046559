/*
 * parse_set.c - queries made of queries
 *
 *	query     := [WITH ...] union [ORDER BY ...] [LIMIT ...]
 *	union     := intersect {(UNION | EXCEPT) [ALL | DISTINCT] intersect}
 *	intersect := primary {INTERSECT [ALL | DISTINCT] primary}
 *	primary   := select | VALUES (e {, e}) {, (e {, e})} | (query)
 *
 * ORDER BY and LIMIT behind a union are the union's.
 */
#include <stdio.h>
#include <string.h>

#include "sql/parse_internal.h"

static struct lam_select *
new_select(struct lam_parser *p)
{
	struct lam_select *s = LAM_ARENA_NEW(p->sql->arena, struct lam_select,
		1);

	if (s == NULL)
		lam_fail_mem(p->sql->e);
	else
		s->limit = UINT64_MAX;
	return s;
}

static bool
add_branch(struct lam_parser *p, struct lam_select *s, struct lam_select *x)
{
	s->branch = x == NULL ? NULL : lam_parse_grow(p, s->branch,
		s->nbranches, sizeof(struct lam_select *));
	if (s->branch == NULL)
		return false;
	s->branch[s->nbranches++] = x;
	return true;
}

/* A is complete: nothing follows that is its own. */
static struct lam_select *
complete(struct lam_parser *p, struct lam_select *a)
{
	return a == NULL || a->complete || lam_parse_complete(p, a) ? a : NULL;
}

/* One row of VALUES: a SELECT of its values, called col0, col1, ... */
static struct lam_select *
parse_row(struct lam_parser *p)
{
	struct lam_select *s = new_select(p);
	struct lam_ast_list list = { NULL, 0, 0 };

	if (s == NULL || !lam_parse_expect(p, "(") || !lam_parse_list(p, &list))
		return NULL;
	for (uint32_t i = 0; i < list.n; i++) {
		char name[16];
		struct lam_item *x;

		s->item = lam_parse_grow(p, s->item, i, sizeof *s->item);
		if (s->item == NULL)
			return NULL;
		x = &s->item[s->nitems++];
		x->expr = list.p[i];
		x->line = list.p[i]->line;
		x->column = list.p[i]->column;
		x->alias.n = (size_t)snprintf(name, sizeof name, "col%u", i);
		x->alias.p = lam_arena_dup(p->sql->arena, name, x->alias.n);
		if (x->alias.p == NULL) {
			lam_fail_mem(p->sql->e);
			return NULL;
		}
	}
	return complete(p, s);
}

static struct lam_select *
parse_values(struct lam_parser *p)
{
	struct lam_select *s = new_select(p);

	if (s == NULL)
		return NULL;
	s->set = LAM_SET_UNION;
	s->all = s->values = true;
	do {
		if (!add_branch(p, s, parse_row(p)))
			return NULL;
	} while (lam_parse_accept(p, ","));
	return s;
}

static struct lam_select *
parse_primary(struct lam_parser *p)
{
	struct lam_select *s;

	if (lam_parse_accept(p, "values"))
		return parse_values(p);
	s = new_select(p);
	if (s == NULL)
		return NULL;
	if (lam_parse_accept(p, "("))
		return lam_parse_select(p, s) && lam_parse_expect(p, ")") ? s :
			NULL;
	return lam_parse_core(p, s) ? s : NULL;
}

/* A SET [ALL] and what PARSE reads. */
static struct lam_select *
combine(struct lam_parser *p, enum lam_set set, struct lam_select *a,
	struct lam_select *(*parse)(struct lam_parser *p))
{
	bool all = lam_parse_accept(p, "all"), more;
	struct lam_select *s = a;

	if (!all)
		lam_parse_accept(p, "distinct");
	if (lam_parse_is(p, "by"))
		return (void *)lam_parse_expected(p, "a query: columns go by "
			"their place, name them in the same order");
	more = all && set == LAM_SET_UNION && a->set == set && a->all &&
		!a->complete;
	if (!more) {
		s = new_select(p);
		if (s == NULL || !add_branch(p, s, complete(p, a)))
			return NULL;
		s->set = (uint8_t)set;
		s->all = all;
	}
	s->values = false;
	return add_branch(p, s, complete(p, parse(p))) ? s : NULL;
}

static struct lam_select *
parse_intersect(struct lam_parser *p)
{
	struct lam_select *a = parse_primary(p);

	while (a != NULL && lam_parse_accept(p, "intersect"))
		a = combine(p, LAM_SET_INTERSECT, a, parse_primary);
	return a;
}

static struct lam_select *
parse_union(struct lam_parser *p)
{
	struct lam_select *a = parse_intersect(p);

	while (a != NULL) {
		if (lam_parse_accept(p, "union"))
			a = combine(p, LAM_SET_UNION, a, parse_intersect);
		else if (lam_parse_accept(p, "except"))
			a = combine(p, LAM_SET_EXCEPT, a, parse_intersect);
		else
			break;
	}
	return a;
}

static bool
parse_query(struct lam_parser *p, struct lam_select *s)
{
	struct lam_select with = { .limit = UINT64_MAX }, *body;

	if (lam_parse_accept(p, "with") && !lam_parse_with(p, &with))
		return false;
	body = parse_union(p);
	if (body == NULL)
		return false;
	if (!body->complete || (with.nwith == 0 && !lam_parse_is(p, "order") &&
		!lam_parse_is(p, "limit") && !lam_parse_is(p, "offset"))) {
		*s = *body;
	} else { /* (query) ORDER BY ... */
		*s = (struct lam_select){ .limit = UINT64_MAX,
			.set = LAM_SET_UNION, .all = true };
		if (!add_branch(p, s, body))
			return false;
	}
	if (with.nwith > 0) {
		s->with = with.with;
		s->nwith = with.nwith;
	}
	return s->complete || (lam_parse_order(p, s) &&
		lam_parse_complete(p, s));
}

bool
lam_parse_select(struct lam_parser *p, struct lam_select *s)
{
	const struct lam_token *t = lam_parse_token(p);
	bool ok;

	if (p->depth >= LAM_AST_DEPTH)
		return !lam_sql_fail(p->sql, t->line, t->column, "queries are "
			"nested deeper than %d", LAM_AST_DEPTH);
	p->depth += 10; /* its frames are larger than an expression's */
	ok = parse_query(p, s);
	p->depth -= 10;
	return ok;
}

bool
lam_parse_is_query(const struct lam_token *t)
{
	return lam_token_is(t, "select") || lam_token_is(t, "with") ||
		lam_token_is(t, "values") || lam_token_is(t, "from");
}

/* The text from FROM to TO, in one line. */
static struct lam_str
written(struct lam_parser *p, const char *from, const char *to)
{
	char *text = lam_arena_alloc(p->sql->arena, (size_t)(to - from) + 1);
	size_t n = 0;

	for (; text != NULL && from < to; from++)
		if (!strchr(" \t\r\n", *from))
			text[n++] = *from;
		else if (n > 0 && text[n - 1] != ' ')
			text[n++] = ' ';
	while (n > 0 && text[n - 1] == ' ')
		n--;
	return (struct lam_str){ text, n };
}

struct lam_ast *
lam_parse_query(struct lam_parser *p, enum lam_query_use use,
	const struct lam_token *at, struct lam_ast *const *x, uint32_t nx)
{
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_QUERY, at->line,
		at->column);
	struct lam_select *s = new_select(p);
	const char *begin = lam_parse_token(p)->at;

	if (a == NULL || s == NULL || !lam_parse_select(p, s))
		return NULL;
	a->text = written(p, begin, lam_parse_token(p)->at);
	if (a->text.p == NULL)
		return lam_fail_mem(p->sql->e), NULL;
	if (!lam_parse_expect(p, ")"))
		return NULL;
	a->fn = (uint16_t)use;
	a->select = s;
	a->index = p->sql->nodes;
	a->arg = LAM_ARENA_NEW(p->sql->arena, struct lam_ast *, nx + 1);
	if (a->arg == NULL) {
		lam_fail_mem(p->sql->e);
		return NULL;
	}
	for (; a->nargs < nx; a->nargs++)
		a->arg[a->nargs] = x[a->nargs];
	return lam_ast_seal(p->sql, a) ? a : NULL;
}
