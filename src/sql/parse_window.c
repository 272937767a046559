/*
 * parse_window.c - the WINDOW clause, the windows that OVER names, DISTINCT ON
 *
 *	SELECT ... OVER w ... OVER (w ORDER BY x) ... WINDOW w AS (PARTITION BY y)
 *
 * What OVER w takes from w it does not say itself: the partition, the order, the
 * frame.
 */
#include "sql/parse_internal.h"

#include <string.h>

static const struct lam_named_window *
find(const struct lam_select *s, uint32_t n, struct lam_str name)
{
	for (uint32_t i = 0; i < n; i++)
		if (lam_text_same(s->window[i].name, name))
			return &s->window[i];
	return NULL;
}

/* A with the partition, order and frame of W where it has none. */
static bool
inherit(struct lam_parser *p, struct lam_ast *a, const struct lam_ast *w)
{
	const struct lam_over_ast *own = a->over, *from = w->over;
	struct lam_over_ast *o = LAM_ARENA_NEW(p->sql->arena,
		struct lam_over_ast, 1);
	struct lam_ast_list all = { NULL, 0, 0 };
	const struct lam_ast *order = own->norder ? a : w;
	bool ok = o != NULL;

	if (own->npartition || (own->norder && from->norder))
		return !lam_sql_fail(p->sql, own->line, own->column, "a "
			"window that names another takes its PARTITION BY and "
			"its ORDER BY, if it has one");
	if (!ok) {
		lam_fail_mem(p->sql->e);
		return false;
	}
	*o = *own;
	o->base = (struct lam_str){ NULL, 0 };
	o->npartition = from->npartition;
	o->norder = order->over->norder;
	o->order = order->over->order;
	if (!own->framed) {
		o->framed = from->framed;
		o->frame = from->frame;
	}
	for (uint32_t i = 0; i < own->nargs && ok; i++)
		ok = lam_ast_push(p, &all, a->arg[i]);
	for (uint32_t i = 0; i < o->npartition && ok; i++)
		ok = lam_ast_push(p, &all, w->arg[from->nargs + i]);
	for (uint32_t i = 0; i < o->norder && ok; i++)
		ok = lam_ast_push(p, &all, order->arg[order->over->nargs +
			order->over->npartition + i]);
	a->arg = all.p;
	a->nargs = all.n;
	a->over = o;
	return ok;
}

/* Write out the first N windows of S where A, which may be NULL, names them. */
static bool
settle(struct lam_parser *p, struct lam_ast *a, const struct lam_select *s,
	uint32_t n)
{
	const struct lam_named_window *w;
	char show[LAM_TOKEN_SHOW];

	if (a == NULL)
		return true;
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!settle(p, a->arg[i], s, n))
			return false;
	if (!settle(p, a->filter, s, n))
		return false;
	if (a->kind == LAM_A_OVER && a->over->base.p != NULL) {
		w = find(s, n, a->over->base);
		if (w == NULL) {
			lam_sql_fail(p->sql, a->over->line, a->over->column,
				"no window \"%s\": expected WINDOW %s AS (...) "
				"after FROM, WHERE, GROUP BY and HAVING",
				lam_text_show(a->over->base, show), show);
			return false;
		}
		if (!inherit(p, a, w->spec))
			return false;
	}
	return lam_ast_seal(p->sql, a);
}

bool
lam_parse_windows(struct lam_parser *p, struct lam_select *s)
{
	struct lam_token name;
	struct lam_named_window *w;

	do {
		name = *lam_parse_token(p);
		if (name.kind != LAM_TOKEN_QUOTED && (name.kind !=
			LAM_TOKEN_NAME || lam_sql_reserved(name.text)))
			return lam_parse_expected(p, "the name of a window") !=
				NULL;
		if (find(s, s->nwindows, name.text) != NULL)
			return !lam_sql_fail(p->sql, name.line, name.column,
				"two windows have this name");
		s->window = lam_parse_grow(p, s->window, s->nwindows,
			sizeof *s->window);
		if (s->window == NULL)
			return false;
		lam_lex_advance(&p->lex);
		w = &s->window[s->nwindows];
		w->name = name.text;
		if (!lam_parse_expect(p, "as"))
			return false;
		w->spec = lam_parse_spec(p);
		if (w->spec == NULL || !settle(p, w->spec, s, s->nwindows))
			return false;
		s->nwindows++;
	} while (lam_parse_accept(p, ","));
	return true;
}

bool
lam_parse_settle(struct lam_parser *p, struct lam_select *s)
{
	bool ok = settle(p, s->qualify, s, s->nwindows);

	for (uint32_t i = 0; i < s->nitems && ok; i++)
		ok = settle(p, s->item[i].expr, s, s->nwindows);
	for (uint32_t i = 0; i < s->norder && ok; i++)
		ok = settle(p, s->order[i].expr, s, s->nwindows);
	return ok;
}

/*
 * DISTINCT ON (x) ... ORDER BY y is QUALIFY row_number() OVER (PARTITION BY x ORDER
 * BY y) = 1.
 */
bool
lam_parse_first_rows(struct lam_parser *p, struct lam_select *s)
{
	struct lam_token at = s->at_distinct;
	struct lam_ast_list by = { NULL, 0, 0 };

	if (s->order_all)
		return !lam_sql_fail(p->sql, at.line, at.column, "DISTINCT ON "
			"with ORDER BY ALL: write the terms of ORDER BY");
	for (uint32_t i = 0; i < s->ndistinct_on; i++)
		if (!lam_ast_push(p, &by, lam_ast_meant(p->sql, s,
			s->distinct_on[i])))
			return false;
	return lam_ast_first_rows(p->sql, s, &at, by.p, by.n, 0, 1);
}
