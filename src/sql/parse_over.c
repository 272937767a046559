/*
 * parse_over.c - window functions
 *
 *	call OVER name | OVER "(" spec ")"
 *	spec  := [name] [PARTITION BY e {, e}] [ORDER BY term {, term}] [frame]
 *	frame := (ROWS | RANGE | GROUPS) (bound | BETWEEN bound AND bound)
 *		 [EXCLUDE (CURRENT ROW | GROUP | TIES | NO OTHERS)]
 *	bound := UNBOUNDED (PRECEDING | FOLLOWING) | CURRENT ROW
 *		 | constant (PRECEDING | FOLLOWING)
 *
 * A window that is named is known only when the WINDOW clause has been read, so
 * names are written out at the end of the statement.
 */
#include "sql/parse_internal.h"

#include <string.h>

static const struct window {
	const char *name;
	enum lam_over_kind kind;
	uint32_t least, most; /* arguments */
} window[] = {
	{ "row_number", LAM_OVER_ROW_NUMBER, 0, 0 },
	{ "rank", LAM_OVER_RANK, 0, 0 },
	{ "dense_rank", LAM_OVER_DENSE_RANK, 0, 0 },
	{ "rank_dense", LAM_OVER_DENSE_RANK, 0, 0 },
	{ "percent_rank", LAM_OVER_PERCENT_RANK, 0, 0 },
	{ "cume_dist", LAM_OVER_CUME_DIST, 0, 0 },
	{ "ntile", LAM_OVER_NTILE, 1, 1 },
	{ "lag", LAM_OVER_LAG, 1, 3 },
	{ "lead", LAM_OVER_LEAD, 1, 3 },
	{ "first_value", LAM_OVER_FIRST, 1, 1 },
	{ "last_value", LAM_OVER_LAST, 1, 1 },
	{ "nth_value", LAM_OVER_NTH, 2, 2 },
};

#define WINDOWS (sizeof window / sizeof *window)

const char *
lam_parse_window_name(size_t i)
{
	return i < WINDOWS ? window[i].name : NULL;
}

static const struct window *
find(const struct lam_token *name)
{
	for (size_t i = 0; i < WINDOWS; i++)
		if (lam_token_is(name, window[i].name))
			return &window[i];
	return NULL;
}

bool
lam_parse_is_window(const struct lam_token *name)
{
	return find(name) != NULL;
}

/* The distance of a bound: a constant that is not below 0. */
static bool
parse_distance(struct lam_parser *p, enum lam_frame_unit unit,
	struct lam_bound *b)
{
	struct lam_token at = *lam_parse_token(p);
	struct lam_ast *a = lam_parse_expr(p, LAM_LEVEL_CONCAT);

	if (a == NULL)
		return false;
	b->interval = a->kind == LAM_A_INTERVAL;
	b->num = a->num;
	b->months = a->months;
	b->ns = a->time;
	if (unit == LAM_FRAME_RANGE && b->interval && a->months >= 0 &&
		a->time >= 0)
		return true;
	if (a->kind == LAM_A_NUMBER && a->num.m >= 0 &&
		(unit == LAM_FRAME_RANGE || (a->num.scale == 0 &&
		a->num.m < INT64_MAX)))
		return true;
	lam_sql_fail(p->sql, at.line, at.column, unit == LAM_FRAME_RANGE ?
		"expected a constant distance, a number or an interval of 0 "
		"or more" : "expected a constant whole number of 0 or more");
	return false;
}

static bool
parse_bound(struct lam_parser *p, enum lam_frame_unit unit,
	struct lam_bound *b)
{
	bool far = lam_parse_accept(p, "unbounded");

	if (!far && lam_parse_accept(p, "current")) {
		b->kind = LAM_BOUND_CURRENT;
		return lam_parse_expect(p, "row");
	}
	if (!far && !parse_distance(p, unit, b))
		return false;
	if (lam_parse_accept(p, "preceding"))
		b->kind = far ? LAM_BOUND_START : LAM_BOUND_PRECEDING;
	else if (lam_parse_accept(p, "following"))
		b->kind = far ? LAM_BOUND_END : LAM_BOUND_FOLLOWING;
	else
		return lam_parse_expected(p, "PRECEDING or FOLLOWING") != NULL;
	return true;
}

static bool
parse_exclude(struct lam_parser *p, struct lam_over_frame *f)
{
	if (!lam_parse_accept(p, "exclude"))
		return true;
	if (lam_parse_accept(p, "no"))
		return lam_parse_expect(p, "others");
	if (lam_parse_accept(p, "current")) {
		f->exclude = LAM_EXCLUDE_ROW;
		return lam_parse_expect(p, "row");
	}
	if (lam_parse_accept(p, "group"))
		f->exclude = LAM_EXCLUDE_GROUP;
	else if (lam_parse_accept(p, "ties"))
		f->exclude = LAM_EXCLUDE_TIES;
	else
		return lam_parse_expected(p, "CURRENT ROW, GROUP, TIES or NO "
			"OTHERS") != NULL;
	return true;
}

static bool
parse_frame(struct lam_parser *p, struct lam_over_ast *o)
{
	struct lam_over_frame *f = &o->frame;
	struct lam_token at = *lam_parse_token(p);
	bool between;

	if (lam_parse_accept(p, "rows"))
		f->unit = LAM_FRAME_ROWS;
	else if (lam_parse_accept(p, "groups"))
		f->unit = LAM_FRAME_GROUPS;
	else if (!lam_parse_accept(p, "range"))
		return true;
	o->framed = true;
	between = lam_parse_accept(p, "between");
	if (!parse_bound(p, f->unit, &f->from) || (between &&
		(!lam_parse_expect(p, "and") ||
		!parse_bound(p, f->unit, &f->to))))
		return false;
	if (f->from.kind == LAM_BOUND_END || (between &&
		f->to.kind == LAM_BOUND_START) || f->from.kind > f->to.kind) {
		lam_sql_fail(p->sql, at.line, at.column, "this frame ends "
			"before it begins");
		return false;
	}
	return parse_exclude(p, f);
}

/* The trees ARG, PARTITION BY and ORDER BY become the arguments of A. */
static bool
set_arguments(struct lam_parser *p, struct lam_ast *a,
	struct lam_over_ast *o, const struct lam_ast_list *partition,
	const struct lam_term *order)
{
	struct lam_over_flags *flags = LAM_ARENA_NEW(p->sql->arena,
		struct lam_over_flags, o->norder + 1);
	struct lam_ast_list all = { NULL, 0, 0 };

	if (flags == NULL) {
		lam_fail_mem(p->sql->e);
		return false;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!lam_ast_push(p, &all, a->arg[i]))
			return false;
	for (uint32_t i = 0; i < partition->n; i++)
		if (!lam_ast_push(p, &all, partition->p[i]))
			return false;
	for (uint32_t i = 0; i < o->norder; i++) {
		flags[i] = (struct lam_over_flags){ order[i].descending,
			order[i].nulls_first };
		if (!lam_ast_push(p, &all, order[i].expr))
			return false;
	}
	o->nargs = a->nargs;
	o->npartition = partition->n;
	o->order = flags;
	a->arg = all.p;
	a->nargs = all.n;
	a->over = o;
	return lam_ast_seal(p->sql, a);
}

/* The inside of the parentheses, which is stepped over with the closing one. */
static bool
parse_spec(struct lam_parser *p, struct lam_ast *a, struct lam_over_ast *o)
{
	const struct lam_token *t = lam_parse_token(p);
	struct lam_ast_list partition = { NULL, 0, 0 };
	struct lam_term *order = NULL;

	if (t->kind == LAM_TOKEN_QUOTED || (t->kind == LAM_TOKEN_NAME &&
		!lam_sql_reserved(t->text) && !lam_parse_is(p, "partition") &&
		!lam_parse_is(p, "rows") && !lam_parse_is(p, "range") &&
		!lam_parse_is(p, "groups"))) {
		o->base = t->text;
		o->line = t->line;
		o->column = t->column;
		lam_lex_advance(&p->lex);
	}
	if (lam_parse_accept(p, "partition")) {
		if (!lam_parse_expect(p, "by"))
			return false;
		do {
			if (!lam_ast_push(p, &partition, lam_parse_expr(p,
				LAM_LEVEL_OR)))
				return false;
		} while (lam_parse_accept(p, ","));
	}
	if (lam_parse_accept(p, "order") && (!lam_parse_expect(p, "by") ||
		!lam_parse_terms(p, &order, &o->norder, true)))
		return false;
	return parse_frame(p, o) && lam_parse_expect(p, ")") &&
		set_arguments(p, a, o, &partition, order);
}

static struct lam_over_ast *
new_over(struct lam_parser *p)
{
	struct lam_over_ast *o = LAM_ARENA_NEW(p->sql->arena,
		struct lam_over_ast, 1);

	if (o == NULL)
		lam_fail_mem(p->sql->e);
	else
		o->frame.to.kind = LAM_BOUND_CURRENT;
	return o;
}

/* [IGNORE NULLS | RESPECT NULLS] */
static bool
parse_nulls(struct lam_parser *p, bool *ignore)
{
	if (!lam_parse_next_is(p, "nulls"))
		return true;
	if (lam_parse_accept(p, "ignore"))
		*ignore = true;
	else if (!lam_parse_accept(p, "respect"))
		return true;
	return lam_parse_expect(p, "nulls");
}

struct lam_ast *
lam_parse_spec(struct lam_parser *p)
{
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_OVER,
		lam_parse_token(p)->line, lam_parse_token(p)->column);
	struct lam_over_ast *o = new_over(p);

	return a != NULL && o != NULL && lam_parse_expect(p, "(") &&
		parse_spec(p, a, o) ? a : NULL;
}

/* OVER and what follows it: A becomes a window function. */
static struct lam_ast *
parse_over(struct lam_parser *p, struct lam_ast *a, bool ignore_nulls)
{
	struct lam_over_ast *o = new_over(p);
	struct lam_ast_list none = { NULL, 0, 0 };
	const struct lam_token *t;

	if (o == NULL || !parse_nulls(p, &ignore_nulls) ||
		!lam_parse_expect(p, "over"))
		return NULL;
	o->ignore_nulls = ignore_nulls;
	a->kind = LAM_A_OVER;
	if (lam_parse_accept(p, "("))
		return parse_spec(p, a, o) ? a : NULL;
	t = lam_parse_token(p);
	o->base = t->text;
	o->line = t->line;
	o->column = t->column;
	if (t->kind != LAM_TOKEN_NAME && t->kind != LAM_TOKEN_QUOTED)
		return lam_parse_expected(p, "\"(\" or the name of a window");
	lam_lex_advance(&p->lex);
	return set_arguments(p, a, o, &none, NULL) ? a : NULL;
}

struct lam_ast *
lam_parse_window(struct lam_parser *p, const struct lam_token *name)
{
	const struct window *w = find(name);
	struct lam_ast_list list = { NULL, 0, 0 };
	struct lam_ast *a = lam_ast_new(p->sql, LAM_A_OVER, name->line,
		name->column);
	bool ignore = false;

	if (a == NULL)
		return NULL;
	while (!lam_parse_is(p, ")")) {
		if ((list.n > 0 && !lam_parse_expect(p, ",")) ||
			!lam_ast_push(p, &list, lam_parse_expr(p,
			LAM_LEVEL_OR)) || !parse_nulls(p, &ignore))
			return NULL;
	}
	lam_lex_advance(&p->lex);
	if (list.n < w->least || list.n > w->most) {
		lam_sql_fail(p->sql, name->line, name->column,
			"%s takes %u argument%s%s, found %u", w->name, w->least,
			w->least == 1 ? "" : "s", w->most > w->least ?
			" or more" : "", list.n);
		return NULL;
	}
	a->fn = (uint16_t)w->kind;
	a->arg = list.p;
	a->nargs = list.n;
	return parse_over(p, a, ignore);
}

/* The aggregate A becomes a window function over the window of LIKE. */
static bool
over_like(struct lam_parser *p, struct lam_ast *a, const struct lam_ast *like)
{
	struct lam_over_ast *o = new_over(p);
	const struct lam_ast *x;
	struct lam_ast_list all = { NULL, 0, 0 };

	if (o == NULL || (x = lam_ast_copy(p->sql, like)) == NULL)
		return false;
	*o = *like->over;
	o->nargs = a->nargs;
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!lam_ast_push(p, &all, a->arg[i]))
			return false;
	for (uint32_t i = x->over->nargs; i < x->nargs; i++)
		if (!lam_ast_push(p, &all, x->arg[i]))
			return false;
	a->kind = LAM_A_OVER;
	a->fn = LAM_OVER_AGGREGATE;
	a->arg = all.p;
	a->nargs = all.n;
	a->over = o;
	return lam_ast_seal(p->sql, a);
}

/* Every aggregate of A, an expression that was made of them, over the window that
 * follows; *FIRST is the first of them that has it. */
static bool
each_over(struct lam_parser *p, struct lam_ast *a, struct lam_ast **first)
{
	if (a->kind == LAM_A_OVER)
		return true;
	if (a->kind == LAM_A_AGG && *first == NULL)
		return (*first = lam_parse_over(p, a)) != NULL;
	if (a->kind == LAM_A_AGG)
		return over_like(p, a, *first);
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!each_over(p, a->arg[i], first))
			return false;
	return lam_ast_seal(p->sql, a);
}

struct lam_ast *
lam_parse_over(struct lam_parser *p, struct lam_ast *a)
{
	uint8_t next = p->lex.next.kind;
	struct lam_ast *first = NULL;
	bool ignore = false;

	if (a == NULL || !(lam_parse_is(p, "over") && (lam_parse_next_is(p,
		"(") || next == LAM_TOKEN_QUOTED || (next == LAM_TOKEN_NAME &&
		!lam_sql_reserved(p->lex.next.text)))))
		return a;
	if (a->kind != LAM_A_AGG)
		return each_over(p, a, &first) ? a : NULL;
	a->fn = LAM_OVER_AGGREGATE;
	if (a->agg == LAM_AGG_FIRST || a->agg == LAM_AGG_LAST) {
		/* of the frame, in its order; any_value skips NULLs */
		ignore = a->filter != NULL && a->filter->kind == LAM_A_CALL &&
			a->filter->fn == LAM_FN_IS_NOT_NULL &&
			lam_ast_equal(a->filter->arg[0], a->arg[0]);
		if (ignore)
			a->filter = NULL;
		if (a->filter != NULL)
			return lam_parse_expected(p, "no FILTER before OVER: "
				"write first_value(x IGNORE NULLS), or CASE");
		a->fn = a->agg == LAM_AGG_FIRST ? LAM_OVER_FIRST :
			LAM_OVER_LAST;
		a->agg = 0;
	}
	return parse_over(p, a, ignore);
}
