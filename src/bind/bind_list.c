/*
 * bind_list.c - lists among the arguments and results of functions
 *
 * A list is a text whose elements' type is known here (store/list.h).  Its functions
 * take it by the letters l and N, its elements by e, and their row of the function
 * table is taken when an argument is one.  A list has no order, and no list within.
 */
#include "bind/bind_internal.h"

#include <string.h>

#include "sql/func_internal.h"

static bool
is_null(const struct lam_expr *x)
{
	return x->kind == LAM_X_CONST && x->null;
}

/* The list that FN takes among X[0..n-1]; NULL: it takes none. */
static struct lam_expr *
list_of(enum lam_fn fn, struct lam_expr *const *x, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		char c = lam_func_arg(fn, i, n);

		if ((c == 'l' || c == 'N') && (x[i]->list != 0 ||
			is_null(x[i])))
			return x[i];
	}
	return NULL;
}

bool
lam_bind_list_accepts(enum lam_fn fn, char letter, struct lam_expr *const *x,
	uint32_t n, uint32_t i)
{
	const struct lam_expr *list = list_of(fn, x, n), *a = x[i];
	uint8_t element = list == NULL ? 0 : lam_list_element(list->list);

	if (is_null(a))
		return true;
	switch (letter) {
	case 'l':
		return a->list != 0;
	case 'N':
		return a->list == LAM_LIST_OF + LAM_NUMBER ||
			a->list == LAM_LIST_ANY;
	default: /* e */
		return list != NULL && a->list == 0 && (a->type == element ||
			list->list == LAM_LIST_ANY || is_null(list) ||
			(a->kind == LAM_X_CONST && a->type == LAM_TEXT));
	}
}

bool
lam_bind_list_fit(struct lam_bind *b, const struct lam_ast *at, enum lam_fn fn,
	char letter, struct lam_expr **x, uint32_t n, uint32_t i)
{
	const struct lam_expr *list = list_of(fn, x, n);

	if (letter != 'e') {
		if (x[i]->list == 0)
			x[i]->list = LAM_LIST_ANY; /* NULL */
		return true;
	}
	if (list->list == 0 || list->list == LAM_LIST_ANY)
		return true;
	return lam_bind_convert(b, x[i], (enum lam_type)lam_list_element(
		list->list), at, lam_func[fn].name);
}

/* Of what FN makes a list, or takes one out of it: the type of LIST's elements, and of
 * the value that is put into it. */
static uint8_t
elements(enum lam_fn fn, const struct lam_expr *list, struct lam_expr **x,
	uint32_t n)
{
	for (uint32_t i = 0; i < n && (list->list == LAM_LIST_ANY ||
		list->list == 0); i++) {
		if (x[i]->list != 0 && x[i]->list != LAM_LIST_ANY)
			return x[i]->list;
		if (lam_func_arg(fn, i, n) == 'e' && !is_null(x[i]))
			return (uint8_t)(LAM_LIST_OF + x[i]->type);
	}
	return list->list;
}

/* No list is within another. */
static bool
check_flat(struct lam_bind *b, const struct lam_ast *a, struct lam_expr **x)
{
	for (uint32_t i = 0; i < a->nargs; i++)
		if (x[i]->list != 0 && !is_null(x[i]))
			return !lam_sql_fail(&b->sql, a->arg[i]->line,
				a->arg[i]->column, "a list holds no lists and "
				"intervals: write x::VARCHAR for the text of "
				"one, or list_concat(x, y) for one of two "
				"lists");
	return true;
}

/* What makes one list of the lists and NULLs X. */
static bool
same_lists(struct lam_bind *b, const struct lam_ast *a, struct lam_expr **x)
{
	enum lam_type type;

	return lam_bind_unify(b, x, a->nargs, a, &type);
}

bool
lam_bind_list_result(struct lam_bind *b, const struct lam_ast *a,
	enum lam_fn fn, struct lam_expr **x, enum lam_type *type, uint8_t *list)
{
	const struct lam_expr *of = list_of(fn, x, a->nargs);

	*list = 0;
	if (strcmp(lam_func[fn].args, "ll") == 0 && !same_lists(b, a, x))
		return false;
	switch (lam_func[fn].result) {
	case 'S':
		*list = LAM_LIST_OF + LAM_TEXT;
		return true;
	case 's':
		*list = LAM_SPAN;
		return true;
	case 'L':
		*list = LAM_LIST_ANY;
		for (uint32_t i = 0; i < a->nargs; i++)
			if (!is_null(x[i]) || x[i]->type != LAM_TEXT)
				*list = (uint8_t)(LAM_LIST_OF + x[i]->type);
		return check_flat(b, a, x);
	case 'l':
		*list = elements(fn, of, x, a->nargs);
		return true;
	case 'e':
		*type = (enum lam_type)lam_list_element(of->list);
		return true;
	case 'a':
		*list = x[0]->list;
		/* fall through */
	default:
		break;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		if (x[i]->list != 0 && x[i]->list != LAM_SPAN &&
			((fn >= LAM_FN_LT && fn <= LAM_FN_GE) ||
			fn == LAM_FN_GREATEST || fn == LAM_FN_LEAST))
			return !lam_sql_fail(&b->sql, a->line, a->column,
				"lists have no order: compare elements, x[1], "
				"or the texts, x::VARCHAR");
	return true;
}

struct lam_expr *
lam_bind_list_cast(struct lam_bind *b, const struct lam_ast *a)
{
	char name = a->arg[1]->text.p[0], second = a->arg[1]->text.p[1];
	struct lam_expr *x[2], *c;
	uint8_t to = name == 'V' ? LAM_TEXT : second == 'A' || name == 'T' ?
		LAM_TIME : name == 'B' && second == 'O' ? LAM_BOOL : LAM_NUMBER;

	x[0] = lam_bind_expr(b, a->arg[0]);
	x[1] = x[0] == NULL ? NULL : lam_bind_expr(b, a->arg[1]);
	if (x[1] == NULL)
		return NULL;
	if (!is_null(x[0]) && x[0]->type != LAM_TEXT) {
		lam_sql_fail(&b->sql, a->line, a->column, "a %s cannot be cast "
			"to a list: write [x]", lam_type_name[x[0]->type]);
		return NULL;
	}
	to += LAM_LIST_OF;
	if (x[0]->list == to && to == LAM_LIST_OF + LAM_TEXT) /* it is one */
		return x[0];
	c = lam_bind_make(b, a, (enum lam_fn)a->fn, LAM_TEXT, 2, x);
	if (c != NULL)
		c->list = to;
	return c;
}
