/*
 * print.c - canonical SQL text of expressions
 *
 * Parentheses go where the level of an operand is below what its place asks
 * for; the levels are the parser's, so what is printed parses back to the same
 * tree.
 */
#include "sql/print.h"

#include <string.h>

#include "sql/query.h"
#include "sql/parse_internal.h"
#include "time/interval.h"
#include "time/time.h"

static bool
plain_name(struct lam_str s)
{
	if (s.n == 0 || (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '_' &&
			!((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z'))
			return false;
	return !lam_sql_keyword(s);
}

/* TEXT between quotes Q, those inside doubled. */
static void
put_quoted(struct lam_str s, char q, struct lam_buf *out)
{
	lam_buf_putc(out, q);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == q)
			lam_buf_putc(out, q);
		lam_buf_putc(out, s.p[i]);
	}
	lam_buf_putc(out, q);
}

void
lam_print_name(struct lam_str name, struct lam_buf *out)
{
	if (plain_name(name))
		lam_buf_put(out, name.p, name.n);
	else
		put_quoted(name, '"', out);
}

static enum lam_level
call_level(enum lam_fn fn)
{
	switch (fn) {
	case LAM_FN_OR:
		return LAM_LEVEL_OR;
	case LAM_FN_AND:
		return LAM_LEVEL_AND;
	case LAM_FN_NOT:
		return LAM_LEVEL_NOT;
	case LAM_FN_IS_NULL:
	case LAM_FN_IS_NOT_NULL:
	case LAM_FN_IS_DISTINCT:
		return LAM_LEVEL_IS;
	case LAM_FN_EQ:
	case LAM_FN_NE:
	case LAM_FN_LT:
	case LAM_FN_LE:
	case LAM_FN_GT:
	case LAM_FN_GE:
		return LAM_LEVEL_COMPARE;
	case LAM_FN_IN:
	case LAM_FN_LIKE:
	case LAM_FN_ILIKE:
		return LAM_LEVEL_LIKE;
	case LAM_FN_CONCAT_OP:
	case LAM_FN_BITS_AND:
	case LAM_FN_BITS_OR:
	case LAM_FN_SHIFT_LEFT:
	case LAM_FN_SHIFT_RIGHT:
		return LAM_LEVEL_CONCAT;
	case LAM_FN_ADD:
	case LAM_FN_SUB:
		return LAM_LEVEL_ADD;
	case LAM_FN_MUL:
	case LAM_FN_DIV:
	case LAM_FN_IDIV:
	case LAM_FN_MOD:
		return LAM_LEVEL_MUL;
	case LAM_FN_NEG:
		return LAM_LEVEL_NEG;
	case LAM_FN_LIST_ANY:
		return LAM_LEVEL_COMPARE;
	default:
		return LAM_LEVEL_PRIMARY;
	}
}

static enum lam_level
level_of(const struct lam_ast *a)
{
	if (a->kind == LAM_A_CALL)
		return call_level((enum lam_fn)a->fn);
	if (a->kind == LAM_A_NUMBER && a->num.m < 0)
		return LAM_LEVEL_NEG;
	return LAM_LEVEL_PRIMARY;
}

/* A where at least level MIN is needed. */
static void
put_at(const struct lam_ast *a, enum lam_level min, struct lam_buf *out)
{
	bool parens = level_of(a) < min;

	if (parens)
		lam_buf_putc(out, '(');
	lam_print_expr(a, out);
	if (parens)
		lam_buf_putc(out, ')');
}

static void
put_list(struct lam_ast *const *arg, uint32_t n, struct lam_buf *out)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i > 0)
			lam_buf_puts(out, ", ");
		lam_print_expr(arg[i], out);
	}
}

/* Operands with WORD between, the first at level L, the others at R. */
static void
put_infix(const struct lam_ast *a, const char *word, enum lam_level l,
	enum lam_level r, struct lam_buf *out)
{
	put_at(a->arg[0], l, out);
	for (uint32_t i = 1; i < a->nargs; i++) {
		lam_buf_printf(out, " %s ", word);
		put_at(a->arg[i], r, out);
	}
}

const char *
lam_print_cast(enum lam_fn fn)
{
	static const char *const type[LAM_FNS] = {
		[LAM_FN_TO_TEXT] = "VARCHAR",
		[LAM_FN_TO_NUMBER] = "DOUBLE", [LAM_FN_TRY_NUMBER] = "DOUBLE",
		[LAM_FN_TO_INTEGER] = "BIGINT", [LAM_FN_TRY_INTEGER] = "BIGINT",
		[LAM_FN_TO_TIME] = "TIMESTAMP", [LAM_FN_TRY_TIME] = "TIMESTAMP",
		[LAM_FN_TO_DATE] = "DATE", [LAM_FN_TRY_DATE] = "DATE",
		[LAM_FN_TO_BOOL] = "BOOLEAN", [LAM_FN_TRY_BOOL] = "BOOLEAN",
		[LAM_FN_TO_SPAN] = "INTERVAL", [LAM_FN_TRY_SPAN] = "INTERVAL",
	};

	return type[fn];
}

static void
put_filter(const struct lam_ast *a, struct lam_buf *out)
{
	if (a->filter == NULL)
		return;
	lam_buf_puts(out, " FILTER (WHERE ");
	lam_print_expr(a->filter, out);
	lam_buf_putc(out, ')');
}

/* An operand of + or -, for which a date is not the time that it begins with. */
static void
put_operand(const struct lam_ast *a, enum lam_level level, struct lam_buf *out)
{
	char text[LAM_TIME_TEXT];

	if (a->kind != LAM_A_TIME || !a->boolean || a->text.n > 0) {
		put_at(a, level, out);
		return;
	}
	lam_time_print(a->time, text);
	lam_buf_printf(out, "DATE '%.10s'", text);
}

/* A list of quantiles as it was written. */
static void
put_quantiles(const struct lam_ast *a, struct lam_buf *out)
{
	const struct lam_ast *first = a->arg[0];

	lam_buf_printf(out, "%s(", lam_aggregate[first->agg].name);
	lam_print_expr(first->arg[0], out);
	for (uint32_t i = 0; i < a->nargs; i++) {
		lam_buf_puts(out, i > 0 ? ", " : ", [");
		lam_print_expr(a->arg[i]->arg[1], out);
	}
	lam_buf_puts(out, "])");
	put_filter(first, out);
}

/* What is written with brackets; false: nothing of A is. */
static bool
put_list_form(const struct lam_ast *a, struct lam_buf *out)
{
	switch (a->fn) {
	case LAM_FN_LIST: /* of several windows */
	case LAM_FN_LIST_VALUE:
		lam_buf_putc(out, '[');
		put_list(a->arg, a->nargs, out);
		lam_buf_putc(out, ']');
		return true;
	case LAM_FN_LIST_AT:
		put_at(a->arg[0], LAM_LEVEL_CAST, out);
		lam_buf_putc(out, '[');
		put_list(a->arg + 1, a->nargs - 1, out);
		lam_buf_putc(out, ']');
		return true;
	case LAM_FN_LIST_ANY:
		put_at(a->arg[1], LAM_LEVEL_LIKE, out);
		lam_buf_puts(out, " = ANY (");
		put_list(a->arg, 1, out);
		lam_buf_putc(out, ')');
		return true;
	case LAM_FN_TO_LIST:
	case LAM_FN_TRY_LIST:
		lam_buf_puts(out, a->fn == LAM_FN_TO_LIST ? "CAST(" :
			"TRY_CAST(");
		lam_print_expr(a->arg[0], out);
		lam_buf_puts(out, " AS ");
		lam_buf_put(out, a->arg[1]->text.p, a->arg[1]->text.n);
		lam_buf_puts(out, "[])");
		return true;
	default:
		return false;
	}
}

static void
put_function(const struct lam_ast *a, struct lam_buf *out)
{
	bool try = a->fn == LAM_FN_TRY_SPAN || (a->fn >= LAM_FN_TRY_NUMBER &&
		a->fn <= LAM_FN_TRY_BOOL);
	const char *type = lam_print_cast((enum lam_fn)a->fn);

	if (type != NULL) {
		lam_buf_puts(out, try ? "TRY_CAST(" : "CAST(");
		lam_print_expr(a->arg[0], out);
		lam_buf_printf(out, " AS %s)", type);
		return;
	}
	if (a->fn == LAM_FN_LIST && a->arg[0]->kind == LAM_A_AGG) {
		put_quantiles(a, out);
		return;
	}
	if (put_list_form(a, out))
		return;
	if (a->fn == LAM_FN_WHOLE || a->fn == LAM_FN_TUPLE) {
		put_list(a->arg, a->nargs, out); /* as the aggregate has it */
		return;
	}
	if (a->fn != LAM_FN_ROW) /* a row of values has no name */
		lam_buf_puts(out, lam_func[a->fn].name);
	lam_buf_putc(out, '(');
	put_list(a->arg, a->nargs, out);
	lam_buf_putc(out, ')');
}

static void
put_match(const struct lam_ast *a, struct lam_buf *out)
{
	put_at(a->arg[0], LAM_LEVEL_CONCAT, out);
	if (a->fn == LAM_FN_IN) {
		lam_buf_puts(out, " IN (");
		put_list(a->arg + 1, a->nargs - 1, out);
		lam_buf_putc(out, ')');
		return;
	}
	lam_buf_puts(out, a->fn == LAM_FN_LIKE ? " LIKE " : " ILIKE ");
	put_at(a->arg[1], LAM_LEVEL_CONCAT, out);
	if (a->nargs > 2) {
		lam_buf_puts(out, " ESCAPE ");
		put_at(a->arg[2], LAM_LEVEL_CONCAT, out);
	}
}

static void
put_is(const struct lam_ast *a, struct lam_buf *out)
{
	put_at(a->arg[0], LAM_LEVEL_IS, out);
	if (a->fn == LAM_FN_IS_DISTINCT) {
		lam_buf_puts(out, " IS DISTINCT FROM ");
		put_at(a->arg[1], LAM_LEVEL_COMPARE, out);
		return;
	}
	lam_buf_puts(out, a->fn == LAM_FN_IS_NULL ? " IS NULL" :
		" IS NOT NULL");
}

static void
put_call(const struct lam_ast *a, struct lam_buf *out)
{
	enum lam_level l = call_level((enum lam_fn)a->fn);

	switch (l) {
	case LAM_LEVEL_OR:
		put_infix(a, "OR", LAM_LEVEL_AND, LAM_LEVEL_AND, out);
		return;
	case LAM_LEVEL_AND:
		put_infix(a, "AND", LAM_LEVEL_NOT, LAM_LEVEL_NOT, out);
		return;
	case LAM_LEVEL_NOT:
		lam_buf_puts(out, "NOT ");
		put_at(a->arg[0], LAM_LEVEL_NOT, out);
		return;
	case LAM_LEVEL_IS:
		put_is(a, out);
		return;
	case LAM_LEVEL_COMPARE:
		if (put_list_form(a, out))
			return;
		put_infix(a, lam_func[a->fn].name, l + 1, l + 1, out);
		return;
	case LAM_LEVEL_LIKE:
		put_match(a, out);
		return;
	case LAM_LEVEL_NEG:
		lam_buf_putc(out, '-');
		put_at(a->arg[0], LAM_LEVEL_CAST, out);
		return;
	case LAM_LEVEL_PRIMARY:
		put_function(a, out);
		return;
	default:
		if ((a->fn != LAM_FN_ADD && a->fn != LAM_FN_SUB) ||
			a->nargs != 2) {
			put_infix(a, lam_func[a->fn].name, l, l + 1, out);
			return;
		}
		put_operand(a->arg[0], l, out);
		lam_buf_printf(out, " %s ", lam_func[a->fn].name);
		put_operand(a->arg[1], l + 1, out);
	}
}

static void
put_case(const struct lam_ast *a, struct lam_buf *out)
{
	const struct lam_ast *last = a->arg[a->nargs - 1];
	uint32_t i;

	if (last->kind == LAM_A_AGG && last->agg == LAM_AGG_ARRAY_DISTINCT) {
		lam_print_expr(last, out); /* which parse_agg.c made a CASE */
		return;
	}
	lam_buf_puts(out, "CASE");
	for (i = 0; i + 1 < a->nargs; i += 2) {
		lam_buf_puts(out, " WHEN ");
		lam_print_expr(a->arg[i], out);
		lam_buf_puts(out, " THEN ");
		lam_print_expr(a->arg[i + 1], out);
	}
	if (i < a->nargs) {
		lam_buf_puts(out, " ELSE ");
		lam_print_expr(a->arg[i], out);
	}
	lam_buf_puts(out, " END");
}

/* ORDER BY of a list: the row that is its last argument; of a set its values. */
static void
put_order(const struct lam_ast *a, struct lam_buf *out)
{
	bool set = lam_aggregate[a->agg].state == LAM_DISTINCT;
	uint32_t n = a->over != NULL ? a->over->nargs : a->nargs;
	const struct lam_ast *row = a->arg[n - 1];

	for (uint32_t i = 0; i < a->text.n; i++) {
		char flag = a->text.p[i];

		lam_buf_puts(out, i > 0 ? ", " : " ORDER BY ");
		lam_print_expr(set ? a->arg[0] : row->arg[i], out);
		lam_buf_puts(out, flag == 'd' || flag == 'D' ? " DESC" : "");
		lam_buf_puts(out, flag == 'A' || flag == 'D' ? " NULLS FIRST" :
			"");
	}
}

void
lam_print_agg(const struct lam_ast *a, const char *name, uint32_t n,
	struct lam_buf *out)
{
	lam_buf_printf(out, "%s(", name);
	if (lam_aggregate[a->agg].state == LAM_DISTINCT)
		lam_buf_puts(out, "DISTINCT ");
	if (a->agg == LAM_AGG_COUNT_STAR)
		lam_buf_putc(out, '*');
	put_list(a->arg, n, out);
	if (a->text.n > 0)
		put_order(a, out);
	lam_buf_putc(out, ')');
	put_filter(a, out);
}

static void
put_constant(const struct lam_ast *a, struct lam_buf *out)
{
	char text[LAM_NUM_TEXT + LAM_TIME_TEXT];

	switch (a->kind) {
	case LAM_A_NULL:
		lam_buf_puts(out, "NULL");
		return;
	case LAM_A_BOOL:
		lam_buf_puts(out, a->boolean ? "TRUE" : "FALSE");
		return;
	case LAM_A_NUMBER:
		lam_buf_put(out, text, lam_num_print(a->num, text));
		return;
	case LAM_A_TIME:
		if (a->text.n > 0) { /* now() */
			lam_buf_put(out, a->text.p, a->text.n);
			return;
		}
		lam_buf_puts(out, "TIMESTAMP '");
		lam_buf_put(out, text, lam_time_print(a->time, text));
		lam_buf_putc(out, '\'');
		return;
	case LAM_A_INTERVAL:
		lam_buf_puts(out, "INTERVAL '");
		lam_interval_print(lam_ast_span(a), out);
		lam_buf_putc(out, '\'');
		return;
	default:
		put_quoted(a->text, '\'', out);
	}
}

void
lam_print_expr(const struct lam_ast *a, struct lam_buf *out)
{
	switch (a->kind) {
	case LAM_A_NAME:
	case LAM_A_FIELD:
		if (a->table.p != NULL) {
			lam_print_name(a->table, out);
			lam_buf_putc(out, '.');
		}
		if (a->text.p != NULL)
			lam_print_name(a->text, out);
		else
			lam_buf_putc(out, '*'); /* where it is no value */
		return;
	case LAM_A_CALL:
		put_call(a, out);
		return;
	case LAM_A_CASE:
		put_case(a, out);
		return;
	case LAM_A_AGG:
		lam_print_agg(a, lam_aggregate[a->agg].name, a->nargs -
			lam_ast_has_row(a), out);
		return;
	case LAM_A_OVER:
		lam_print_over(a, out);
		return;
	case LAM_A_GROUPING:
	case LAM_A_UNNEST:
		lam_buf_puts(out, a->kind == LAM_A_UNNEST ? "unnest(" :
			"grouping(");
		put_list(a->arg, a->nargs, out);
		lam_buf_putc(out, ')');
		return;
	case LAM_A_QUERY:
		lam_print_query(a, out);
		return;
	default:
		put_constant(a, out);
	}
}

const char *
lam_print_text(struct lam_sql *s, const struct lam_ast *a)
{
	struct lam_buf b = LAM_BUF_INIT;
	char *t = NULL;

	lam_print_expr(a, &b);
	if (lam_buf_check(&b, s->e) == LAM_OK)
		t = lam_arena_dup(s->arena, b.p, b.n);
	if (t == NULL)
		lam_fail_mem(s->e);
	lam_buf_release(&b);
	return t;
}
