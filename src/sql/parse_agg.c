/*
 * parse_agg.c - calls of aggregates
 */
#include "sql/func_internal.h"
#include "sql/parse_internal.h"
#include "sql/query.h"

bool
lam_parse_filter(struct lam_parser *p, struct lam_ast **out)
{
	if (!lam_parse_is(p, "filter") || !lam_parse_next_is(p, "("))
		return true;
	lam_lex_advance(&p->lex);
	lam_lex_advance(&p->lex);
	lam_parse_accept(p, "where");
	*out = lam_parse_expr(p, LAM_LEVEL_OR);
	return *out != NULL && lam_parse_expect(p, ")");
}

static struct lam_ast *
make(struct lam_parser *p, const struct lam_token *name, enum lam_agg agg,
	struct lam_ast_list *list, struct lam_ast *filter)
{
	const struct lam_aggregate *t = &lam_aggregate[agg];
	struct lam_ast *a;

	if (list->n < t->least || list->n > t->most) {
		lam_sql_fail(p->sql, name->line, name->column, "%s takes %u "
			"argument%s%s, found %u%s", t->name, t->least,
			t->least == 1 ? "" : "s", t->most > t->least ?
			" or more" : "", list->n, agg == LAM_AGG_QUANTILE ?
			": write approx_quantile(x, 0.99)" : "");
		return NULL;
	}
	a = lam_ast_new(p->sql, LAM_A_AGG, name->line, name->column);
	if (a == NULL)
		return NULL;
	if (t->takes == 'w' && (list->p[0] = lam_ast_call(p->sql, name,
		LAM_FN_WHOLE, 1, list->p)) == NULL)
		return NULL;
	a->agg = (uint8_t)agg;
	a->nargs = list->n;
	a->arg = list->p;
	a->filter = filter;
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

/*
 * Aggregates that are others by another name.
 *
 *	count_if(x)	count(*) FILTER (WHERE x)
 *	any_value(x)	first(x) FILTER (WHERE x IS NOT NULL)
 *	bool_and(x)	min(x::BOOLEAN)
 *	bool_or(x)	max(x::BOOLEAN)
 */
static const struct rewrite {
	const char *name;
	enum lam_agg agg;
} rewrite[] = {
	{ "count_if", LAM_AGG_COUNT_STAR },
	{ "countif", LAM_AGG_COUNT_STAR },
	{ "any_value", LAM_AGG_FIRST },
	{ "bool_and", LAM_AGG_MIN },
	{ "bool_or", LAM_AGG_MAX },
};

static const struct rewrite *
find_rewrite(const struct lam_token *name)
{
	for (size_t i = 0; i < sizeof rewrite / sizeof *rewrite; i++)
		if (lam_token_is(name, rewrite[i].name))
			return &rewrite[i];
	return NULL;
}

bool
lam_parse_is_aggregate(const struct lam_token *name)
{
	return lam_func_aggregate(name->text) >= 0 ||
		find_rewrite(name) != NULL;
}

static struct lam_ast *
rewritten(struct lam_parser *p, const struct lam_token *name,
	const struct rewrite *r, struct lam_ast_list *list,
	struct lam_ast *filter)
{
	struct lam_ast_list none = { NULL, 0, 0 };
	struct lam_ast *x = list->n == 1 ? list->p[0] : NULL;

	if (x == NULL) {
		lam_sql_fail(p->sql, name->line, name->column,
			"%s takes 1 argument, found %u", r->name, list->n);
		return NULL;
	}
	if (r->agg == LAM_AGG_MIN || r->agg == LAM_AGG_MAX) {
		list->p[0] = lam_ast_call(p->sql, name, LAM_FN_TO_BOOL, 1, &x);
		return list->p[0] == NULL ? NULL :
			make(p, name, r->agg, list, filter);
	}
	if (r->agg == LAM_AGG_FIRST) {
		x = lam_ast_copy(p->sql, x);
		if (x != NULL)
			x = lam_ast_call(p->sql, name, LAM_FN_IS_NOT_NULL, 1,
				&x);
	}
	if (x != NULL && filter != NULL)
		x = lam_ast_call(p->sql, name, LAM_FN_AND, 2,
			(struct lam_ast *[]){ filter, x });
	return x == NULL ? NULL : make(p, name, r->agg,
		r->agg == LAM_AGG_COUNT_STAR ? &none : list, x);
}

/* *AGG of the distinct values alone; false: it has no such form. */
static bool
make_distinct(enum lam_agg *agg, bool rewritten)
{
	if (rewritten)
		return false;
	if (*agg == LAM_AGG_COUNT)
		*agg = LAM_AGG_COUNT_DISTINCT;
	else if (*agg == LAM_AGG_SUM)
		*agg = LAM_AGG_SUM_DISTINCT;
	else if (*agg == LAM_AGG_AVG)
		*agg = LAM_AGG_AVG_DISTINCT;
	else if (*agg == LAM_AGG_STRING_AGG)
		*agg = LAM_AGG_STRING_DISTINCT;
	else if (*agg == LAM_AGG_ARRAY_AGG)
		*agg = LAM_AGG_ARRAY_DISTINCT;
	else
		return *agg == LAM_AGG_MIN || *agg == LAM_AGG_MAX;
	return true;
}

static struct lam_ast *
copy(struct lam_parser *p, const struct lam_ast *a)
{
	return a == NULL ? NULL : lam_ast_copy(p->sql, a);
}

/* A list of the AGG of X and of each of ARGS->several: they share a state. */
static struct lam_ast *
make_several(struct lam_parser *p, const struct lam_token *name,
	enum lam_agg agg, const struct lam_agg_args *args,
	const struct lam_ast *filter)
{
	uint32_t n = args->several.n;
	struct lam_ast **each = LAM_ARENA_NEW(p->sql->arena, struct lam_ast *,
		n);

	if (each == NULL) {
		lam_fail_mem(p->sql->e);
		return NULL;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct lam_ast_list list = { NULL, 0, 0 };

		for (uint32_t k = 0; k < args->list.n; k++)
			if (!lam_ast_push(p, &list, copy(p, args->list.p[k])))
				return NULL;
		if (!lam_ast_push(p, &list, args->several.p[i]))
			return NULL;
		each[i] = make(p, name, agg, &list, copy(p, filter));
		if (each[i] == NULL)
			return NULL;
	}
	return lam_ast_call(p->sql, name, LAM_FN_LIST, n, each);
}

/* Of several values the aggregate that takes one takes their tuple. */
static bool
make_tuple(struct lam_parser *p, const struct lam_token *name,
	struct lam_ast_list *list)
{
	struct lam_ast *t = lam_ast_call(p->sql, name, LAM_FN_TUPLE, list->n,
		list->p);

	*list = (struct lam_ast_list){ NULL, 0, 0 };
	return lam_ast_push(p, list, t);
}

static char
flag(const struct lam_term *t)
{
	return t->descending ? (t->nulls_first ? 'D' : 'd') :
		t->nulls_first ? 'A' : 'a';
}

/* ORDER BY of ARGS: one argument more, or of a set the way alone. */
static bool
parse_list_order(struct lam_parser *p, const struct lam_token *name,
	enum lam_agg agg, struct lam_agg_args *args, struct lam_str *flags)
{
	struct lam_ast_list row = { NULL, 0, 0 };
	char *f = lam_arena_alloc(p->sql->arena, args->norder + 1);

	if (f == NULL)
		return !lam_fail_mem(p->sql->e);
	for (uint32_t i = 0; i < args->norder; i++) {
		f[i] = flag(&args->order[i]);
		if (!lam_ast_push(p, &row, args->order[i].expr))
			return false;
	}
	*flags = (struct lam_str){ f, args->norder };
	if (lam_aggregate[agg].state != LAM_DISTINCT)
		return lam_ast_push(p, &args->list, lam_ast_call(p->sql, name,
			LAM_FN_ROW, row.n, row.p));
	return (row.n == 1 && lam_ast_equal(row.p[0], args->list.p[0])) ||
		!lam_sql_fail(p->sql, name->line, name->column, "of distinct "
			"values ORDER BY can only take the value");
}

/*
 * The list A of a set, which holds no NULL, with one where some value is NULL:
 * CASE WHEN count(*) FILTER (WHERE x IS NULL) > 0 THEN list_append(a, NULL)
 * ELSE a END.
 */
static struct lam_ast *
with_null(struct lam_parser *p, const struct lam_token *name,
	struct lam_ast *a)
{
	bool first = a->text.n > 0 && (*a->text.p == 'A' || *a->text.p == 'D');
	struct lam_ast *all = lam_ast_new(p->sql, LAM_A_CASE, a->line,
		a->column);
	struct lam_ast *null = lam_ast_new(p->sql, LAM_A_NULL, a->line,
		a->column), *x = copy(p, a->arg[0]), *is, *two[2];
	struct lam_ast_list none = { NULL, 0, 0 }, arg = { NULL, 0, 0 };

	if (all == NULL || null == NULL || x == NULL || !lam_ast_seal(p->sql,
		null) || (is = lam_ast_call(p->sql, name, LAM_FN_IS_NULL, 1,
		&x)) == NULL)
		return NULL;
	if (a->filter != NULL) {
		two[0] = copy(p, a->filter);
		two[1] = is;
		if (two[0] == NULL || (is = lam_ast_call(p->sql, name,
			LAM_FN_AND, 2, two)) == NULL)
			return NULL;
	}
	two[0] = make(p, name, LAM_AGG_COUNT_STAR, &none, is);
	two[1] = lam_parse_integer(p, name, 0);
	if (two[0] == NULL || two[1] == NULL || !lam_ast_push(p, &arg,
		lam_ast_call(p->sql, name, LAM_FN_GT, 2, two)))
		return NULL;
	two[first] = copy(p, a);
	two[!first] = null;
	if (two[first] == NULL || !lam_ast_push(p, &arg, lam_ast_call(p->sql,
		name, first ? LAM_FN_LIST_PREPEND : LAM_FN_LIST_APPEND, 2,
		two)) || !lam_ast_push(p, &arg, a))
		return NULL;
	all->arg = arg.p;
	all->nargs = arg.n;
	return lam_ast_seal(p->sql, all) ? all : NULL;
}

/* string_agg and array_agg, with or without ORDER BY. */
static struct lam_ast *
made_list(struct lam_parser *p, const struct lam_token *name,
	enum lam_agg agg, struct lam_agg_args *args, struct lam_ast *filter)
{
	struct lam_str comma = { ",", 1 }, flags = { NULL, 0 };
	uint32_t most = agg == LAM_AGG_ARRAY_AGG ||
		agg == LAM_AGG_ARRAY_DISTINCT ? 1 : 2;
	struct lam_ast *a;

	if (most == 2 && args->list.n == 1 && !lam_ast_push(p, &args->list,
		lam_parse_text(p, name, comma)))
		return NULL;
	if (args->norder > 0 && args->list.n == most && !parse_list_order(p,
		name, agg, args, &flags))
		return NULL;
	if (args->list.n > most && flags.n == 0) {
		lam_sql_fail(p->sql, name->line, name->column, "%s takes %u "
			"argument%s, found %u", lam_aggregate[agg].name, most,
			most == 1 ? "" : "s", args->list.n);
		return NULL;
	}
	a = make(p, name, agg, &args->list, filter);
	if (a == NULL)
		return NULL;
	a->text = flags;
	if (!lam_ast_seal(p->sql, a))
		return NULL;
	return agg == LAM_AGG_ARRAY_DISTINCT ? with_null(p, name, a) : a;
}

struct lam_ast *
lam_parse_array_agg(struct lam_parser *p, const struct lam_token *at,
	struct lam_agg_args *args)
{
	return made_list(p, at, LAM_AGG_ARRAY_AGG, args, NULL);
}

/* first (AT 1) or last (-1) in the order of ARGS: array_agg(x ORDER BY ...)[AT]. */
static struct lam_ast *
made_end(struct lam_parser *p, const struct lam_token *name, int64_t at,
	struct lam_agg_args *args, struct lam_ast *filter)
{
	struct lam_ast *two[2] = {
		made_list(p, name, LAM_AGG_ARRAY_AGG, args, filter),
		lam_parse_integer(p, name, at) };

	return two[0] == NULL || two[1] == NULL ? NULL :
		lam_ast_call(p->sql, name, LAM_FN_LIST_AT, 2, two);
}

/* The call of AGG (FOUND: not rewritten) with ARGS, the part of it that is no list. */
static struct lam_ast *
made(struct lam_parser *p, const struct lam_token *name, enum lam_agg agg,
	bool found, struct lam_agg_args *args, struct lam_ast *filter)
{
	if (found && args->several.n == 0 && (agg == LAM_AGG_STRING_AGG ||
		agg == LAM_AGG_STRING_DISTINCT || agg == LAM_AGG_ARRAY_AGG ||
		agg == LAM_AGG_ARRAY_DISTINCT))
		return made_list(p, name, agg, args, filter);
	if (args->norder > 0 && found && (agg == LAM_AGG_FIRST ||
		agg == LAM_AGG_LAST))
		return made_end(p, name, agg == LAM_AGG_FIRST ? 1 : -1, args,
			filter);
	if (args->norder > 0) {
		lam_sql_fail(p->sql, name->line, name->column, "%s has no "
			"ORDER BY: its value has no order", found ?
			lam_aggregate[agg].name : find_rewrite(name)->name);
		return NULL;
	}
	if (args->several.n > 0 && !(found && lam_agg_constant(agg) &&
		args->list.n == 1)) {
		lam_sql_fail(p->sql, name->line, name->column, "a list "
			"belongs in a quantile: expected quantile_cont(x, "
			"[0.5, 0.99])");
		return NULL;
	}
	if (args->several.n > 0)
		return make_several(p, name, agg, args, filter);
	if (agg == LAM_AGG_COUNT_DISTINCT && args->list.n > 1 &&
		!make_tuple(p, name, &args->list))
		return NULL;
	if (!found)
		return rewritten(p, name, find_rewrite(name), &args->list,
			filter);
	return make(p, name, agg, &args->list, filter);
}

/* AGG, or with one argument more than it takes that of several. */
static enum lam_agg
of_k(enum lam_agg agg, uint32_t n)
{
	static const enum lam_agg of[][2] = {
		{ LAM_AGG_MIN, LAM_AGG_MIN_K }, { LAM_AGG_MAX, LAM_AGG_MAX_K },
		{ LAM_AGG_ARG_MIN, LAM_AGG_ARG_MIN_K },
		{ LAM_AGG_ARG_MAX, LAM_AGG_ARG_MAX_K },
	};

	for (size_t i = 0; i < sizeof of / sizeof *of; i++)
		if (agg == of[i][0] && n == lam_aggregate[agg].most + 1U)
			return of[i][1];
	return agg;
}

struct lam_ast *
lam_parse_aggregate(struct lam_parser *p, const struct lam_token *name)
{
	int found = lam_func_aggregate(name->text);
	enum lam_agg agg = found < 0 ? LAM_AGG_COUNT : (enum lam_agg)found;
	struct lam_agg_args args = { .norder = 0 };
	struct lam_ast *filter = NULL;
	bool distinct = lam_parse_accept(p, "distinct");

	p->row = distinct && agg == LAM_AGG_COUNT && found >= 0;
	if (agg == LAM_AGG_COUNT && found >= 0 && !distinct &&
		(lam_parse_is(p, "*") || lam_parse_is(p, ")"))) {
		lam_parse_accept(p, "*");
		if (!lam_parse_expect(p, ")"))
			return NULL;
		agg = LAM_AGG_COUNT_STAR;
	} else if (!lam_parse_agg_args(p, name, agg, &args)) {
		return NULL;
	}
	p->row = false;
	agg = of_k(agg, args.list.n);
	if (distinct && !make_distinct(&agg, found < 0)) {
		lam_sql_fail(p->sql, name->line, name->column, "DISTINCT is "
			"for count, sum, avg, string_agg and array_agg: "
			"expected count(DISTINCT x)");
		return NULL;
	}
	if (!lam_parse_filter(p, &filter))
		return NULL;
	return made(p, name, agg, found >= 0, &args, filter);
}
