/*
 * parse_rewrite.c - functions that are an expression over others
 *
 * A row says what a call means, with a, b, c for its arguments.  It is parsed where
 * it is called, so that nothing behind the parser knows of it.
 */
#include "sql/parse_internal.h"

#include "sql/func_internal.h"

static const struct rewrite {
	const char *name;
	uint32_t nargs;
	const char *text;
} rewrite[] = {
	{ "dayname", 1, "strftime(a, '%A')" },
	{ "last_day", 1, "date_trunc('month', a) + interval '1 month' - "
		"interval '1 day'" },
	{ "make_date", 3, "make_timestamp(a, b, c, 0, 0, 0)" },
	{ "mod", 2, "a % b" },
	{ "monthname", 1, "strftime(a, '%B')" },
};

/* A, whose place becomes AT, with ARG for its names. */
static struct lam_ast *
fill(struct lam_parser *p, const struct lam_token *at, struct lam_ast *a,
	struct lam_ast *const *arg)
{
	if (a->kind == LAM_A_NAME)
		return lam_ast_copy(p->sql, arg[a->text.p[0] - 'a']);
	a->line = at->line;
	a->column = at->column;
	for (uint32_t i = 0; i < a->nargs; i++)
		if ((a->arg[i] = fill(p, at, a->arg[i], arg)) == NULL)
			return NULL;
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

struct lam_ast *
lam_parse_rewritten(struct lam_parser *p, const struct lam_token *name,
	const struct lam_ast_list *list, bool *is)
{
	struct lam_parser within = { .sql = p->sql, .depth = p->depth };
	const struct rewrite *r = NULL;
	struct lam_ast *a;

	for (size_t i = 0; i < sizeof rewrite / sizeof *rewrite; i++)
		if (lam_token_is(name, rewrite[i].name))
			r = &rewrite[i];
	*is = r != NULL;
	if (r == NULL)
		return NULL;
	if (list->n != r->nargs) {
		lam_sql_fail(p->sql, name->line, name->column, "%s takes %u "
			"argument%s, found %u", r->name, r->nargs,
			r->nargs == 1 ? "" : "s", list->n);
		return NULL;
	}
	lam_lex_init(&within.lex, p->sql, r->text);
	a = lam_parse_expr(&within, LAM_LEVEL_OR);
	return a == NULL ? NULL : fill(p, name, a, list->p);
}
