/*
 * bind_convert.c - implicit conversions and casts
 *
 * Only constants change their type without a cast.  NULL takes any type.  A text
 * literal is read as the time, number or boolean it is used with, once and not for
 * each row.  Everything else needs a cast, and the message says which.
 */
#include "bind/bind_internal.h"

#include <string.h>

#include "time/time.h"

/* Read the text of a constant as WANT. */
static bool
read_literal(struct lam_expr *x, enum lam_type want)
{
	struct lam_str s = x->text;

	switch (want) {
	case LAM_NUMBER:
		if (!lam_num_parse(s.p, s.n, &x->num))
			return false;
		x->num = lam_num_normal(x->num);
		return true;
	case LAM_TIME:
		return lam_time_parse(s.p, s.n, &x->time, NULL);
	case LAM_BOOL:
		x->boolean = lam_str_is(s, "true") || lam_str_is(s, "t");
		return x->boolean || lam_str_is(s, "false") ||
			lam_str_is(s, "f");
	default:
		return true;
	}
}

static const char *
expectation(enum lam_type want)
{
	switch (want) {
	case LAM_NUMBER:
		return "digits such as 42 or 0.5";
	case LAM_TIME:
		return "YYYY-MM-DD or YYYY-MM-DD HH:MM:SS";
	default:
		return "true or false";
	}
}

static const char *
cast_to(enum lam_type want)
{
	switch (want) {
	case LAM_NUMBER:
		return "::DOUBLE";
	case LAM_TIME:
		return "::TIMESTAMP";
	case LAM_BOOL:
		return "::BOOLEAN";
	default:
		return "::VARCHAR";
	}
}

static bool
text_literal(const struct lam_expr *x)
{
	return x->kind == LAM_X_CONST && x->type == LAM_TEXT && !x->null;
}

/* X, a NULL, becomes one of another type; a column is cast, though it has no value. */
static bool
null_as(struct lam_bind *b, struct lam_expr *x, enum lam_type want)
{
	static const enum lam_fn cast[LAM_TYPES] = { [LAM_NUMBER] =
		LAM_FN_TO_NUMBER, [LAM_TIME] = LAM_FN_TO_TIME, [LAM_BOOL] =
		LAM_FN_TO_BOOL };
	const struct lam_ast at = { .line = x->line, .column = x->column };
	struct lam_expr *field, *call;

	if (x->kind == LAM_X_CONST) {
		x->type = (uint8_t)want;
		return true;
	}
	if (x->kind == LAM_X_CALL) /* that it was cast by before */
		*x = *x->arg[0];
	if (x->type == want)
		return true;
	field = LAM_ARENA_NEW(b->sql.arena, struct lam_expr, 1);
	if (field == NULL)
		return lam_fail_mem(b->sql.e) == LAM_OK;
	*field = *x;
	call = lam_bind_make(b, &at, cast[want], want, 1, &field);
	if (call == NULL)
		return false;
	*x = *call;
	x->null = true;
	return true;
}

bool
lam_bind_convert(struct lam_bind *b, struct lam_expr *x, enum lam_type want,
	const struct lam_ast *at, const char *what)
{
	char show[LAM_TOKEN_SHOW];

	if (x->type == want)
		return true;
	if (x->null)
		return null_as(b, x, want);
	if (text_literal(x)) {
		if (read_literal(x, want)) {
			x->type = (uint8_t)want;
			x->text = (struct lam_str){ NULL, 0 };
			return true;
		}
		lam_sql_fail(&b->sql, x->line, x->column, "'%s' is not a %s: "
			"expected %s", lam_text_show(x->text, show),
			lam_type_name[want], expectation(want));
		return false;
	}
	if (want == LAM_BOOL)
		lam_sql_fail(&b->sql, at->line, at->column, "%s takes a "
			"condition, found a %s: compare it with something",
			what, lam_type_name[x->type]);
	else
		lam_sql_fail(&b->sql, at->line, at->column, "%s takes a %s, "
			"found a %s: cast it with %s", what,
			lam_type_name[want], lam_type_name[x->type],
			cast_to(want));
	return false;
}

/* What X is, or its elements are. */
static uint8_t
plain(const struct lam_expr *x)
{
	return x->list ? lam_list_element(x->list) : x->type;
}

/* Before the name of what X is. */
static const char *
article(const struct lam_expr *x)
{
	return x->list == LAM_SPAN ? "an" : "a";
}

/* A and X are of two types. */
static bool
unlike(struct lam_bind *b, const struct lam_ast *at, const struct lam_expr *a,
	const struct lam_expr *x)
{
	const char *name = lam_list_type_name(a->type, a->list);
	const char *other = lam_list_type_name(x->type, x->list);

	if (a->list == LAM_SPAN || x->list == LAM_SPAN)
		return !lam_sql_fail(&b->sql, at->line, at->column, "%s %s and "
			"%s %s do not go together: write epoch(x) for the "
			"seconds of an interval, or x::VARCHAR for its text",
			article(a), name, article(x), other);
	return !lam_sql_fail(&b->sql, at->line, at->column, "a %s and a %s do "
		"not go together: cast one of them, with x%s%s or x%s%s",
		name, other,
		cast_to((enum lam_type)plain(x)), x->list ? "[]" : "",
		cast_to((enum lam_type)plain(a)), a->list ? "[]" : "");
}

/* X[0..n-1], of one type: are all lists of one kind, or none?  NULLs become so. */
static bool
unify_lists(struct lam_bind *b, struct lam_expr **x, uint32_t n,
	const struct lam_ast *at)
{
	const struct lam_expr *model = NULL;

	for (uint32_t i = 0; i < n; i++)
		if (!x[i]->null &&
			(model == NULL || model->list == LAM_LIST_ANY))
			model = x[i];
	for (uint32_t i = 0; model != NULL && i < n; i++) {
		if (x[i]->null ||
			(model->list != 0 && x[i]->list == LAM_LIST_ANY))
			x[i]->list = model->list;
		else if (x[i]->list != model->list)
			return unlike(b, at, model, x[i]);
	}
	return true;
}

/* The type of X[0..n-1], NULLs and texts: of NULLs alone that of one that is cast. */
static enum lam_type
type_of_nulls(struct lam_expr *const *x, uint32_t n)
{
	enum lam_type type = LAM_TEXT;

	for (uint32_t i = 0; i < n; i++)
		if (text_literal(x[i]))
			return LAM_TEXT;
		else if (type == LAM_TEXT)
			type = (enum lam_type)x[i]->type;
	return type;
}

bool
lam_bind_unify(struct lam_bind *b, struct lam_expr **x, uint32_t n,
	const struct lam_ast *at, enum lam_type *type)
{
	const struct lam_expr *model = NULL;

	for (uint32_t i = 0; i < n && model == NULL; i++)
		if (!x[i]->null && !text_literal(x[i]))
			model = x[i];
	*type = model != NULL ? (enum lam_type)model->type :
		type_of_nulls(x, n);
	for (uint32_t i = 0; i < n; i++) {
		if (x[i]->type != *type && !text_literal(x[i]) &&
			!x[i]->null)
			return unlike(b, at, model, x[i]);
		if (!lam_bind_convert(b, x[i], *type, at, ""))
			return false;
	}
	return unify_lists(b, x, n, at);
}

static bool
castable(enum lam_type from, enum lam_type to)
{
	if (to == LAM_TEXT || from == LAM_TEXT || from == to)
		return true;
	return from != LAM_TIME && to != LAM_TIME; /* number <-> boolean */
}

/* A constant text as a constant time; NULL: it is none. */
static bool
fold_time(struct lam_expr *x, bool date)
{
	int64_t ns;

	if (!lam_time_parse(x->text.p, x->text.n, &ns, NULL) ||
		(date && !lam_time_trunc(ns, LAM_DAY, &ns)))
		return false;
	x->time = ns;
	x->type = LAM_TIME;
	x->text = (struct lam_str){ NULL, 0 };
	return true;
}

/* X, which is not of that type, can be cast to TO; else why not is told, at A. */
static bool
check_cast(struct lam_bind *b, const struct lam_ast *a, const struct lam_expr *x,
	enum lam_type to)
{
	if (x->list == LAM_SPAN)
		lam_sql_fail(&b->sql, a->line, a->column, "an interval cannot "
			"be cast to %s: write epoch(x) for its seconds",
			lam_type_name[to]);
	else if (x->list != 0)
		lam_sql_fail(&b->sql, a->line, a->column, "a list cannot be "
			"cast to %s: cast an element, x[1]", lam_type_name[to]);
	else if (!castable((enum lam_type)x->type, to))
		lam_sql_fail(&b->sql, a->line, a->column, "a %s cannot be cast "
			"to %s%s", lam_type_name[x->type], lam_type_name[to],
			x->type == LAM_TIME && to == LAM_NUMBER ?
			": write epoch(x) for seconds since 1970" : "");
	else
		return true;
	return false;
}

struct lam_expr *
lam_bind_cast(struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_expr *x = lam_bind_expr(b, a->arg[0]);
	enum lam_fn fn = (enum lam_fn)a->fn;
	char letter = lam_func[fn].result;
	enum lam_type to = letter == 'n' ? LAM_NUMBER : letter == 'T' ?
		LAM_TIME : letter == 'b' ? LAM_BOOL : LAM_TEXT;
	bool date = fn == LAM_FN_TO_DATE || fn == LAM_FN_TRY_DATE;
	bool integer = fn == LAM_FN_TO_INTEGER || fn == LAM_FN_TRY_INTEGER;
	bool try = fn >= LAM_FN_TRY_NUMBER && fn <= LAM_FN_TRY_BOOL;

	if (x == NULL)
		return NULL;
	if (x->kind == LAM_X_CONST && x->null) {
		x->type = (uint8_t)to;
		return x;
	}
	if (x->type == to && !date && !integer && x->list != LAM_SPAN) {
		x->list = 0;
		return x;
	}
	if (x->list == LAM_SPAN && to == LAM_TEXT)
		return lam_bind_span_text(b, a, x);
	if (!check_cast(b, a, x, to))
		return NULL;
	if (text_literal(x) && to == LAM_TIME) {
		if (fold_time(x, date))
			return x;
		if (!try) {
			lam_bind_convert(b, x, LAM_TIME, a, "");
			return NULL;
		}
		x->null = true;
		x->type = LAM_TIME;
		return x;
	}
	return lam_bind_make(b, a, fn, to, 1, &x);
}
