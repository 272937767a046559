/*
 * print_bound.c - a bound expression as text for people
 */
#include "answer/print_bound.h"

#include <string.h>

#include "sql/print.h"
#include "time/interval.h"
#include "time/time.h"

static void
put_field(const struct lam_expr *x, const struct lam_print_rows *r,
	struct lam_buf *out)
{
	const struct lam_stage *s = r->left;
	uint32_t f = x->index, marks = r->mark ? 1 : 0;
	const char *name;

	if (r->right != NULL && f >= r->left->nfields + marks) {
		s = r->right;
		f -= r->left->nfields + marks;
	}
	if (f >= s->nfields) {
		lam_buf_puts(out, "met");
		return;
	}
	name = s->field[f].name;
	if (*name == '\0') { /* made for a step above */
		lam_buf_printf(out, "[%u]", f + 1);
		return;
	}
	lam_print_name((struct lam_str){ name, strlen(name) }, out);
}

/* LETTER: what the function takes there, see func.h. */
static void
put_constant(const struct lam_expr *x, char letter, struct lam_buf *out)
{
	char text[LAM_NUM_TEXT + LAM_TIME_TEXT];
	const char *quote = "'";

	if (letter == 'i') {
		lam_buf_puts(out, "INTERVAL '");
		lam_interval_print((struct lam_span){ x->months,
			(int64_t)x->num.m, x->time - LAM_DAY_NS * x->num.m },
			out);
		lam_buf_puts(out, quote);
		return;
	}
	if (x->null) {
		lam_buf_puts(out, "NULL");
		return;
	}
	switch (x->type) {
	case LAM_NUMBER:
		lam_buf_put(out, text, lam_num_print(x->num, text));
		return;
	case LAM_BOOL:
		lam_buf_puts(out, x->boolean ? "TRUE" : "FALSE");
		return;
	case LAM_TIME:
		lam_buf_puts(out, quote);
		lam_buf_put(out, text, lam_time_print(x->time, text));
		lam_buf_puts(out, quote);
		return;
	default:
		lam_buf_puts(out, quote);
		lam_buf_put(out, x->text.p, x->text.n);
		lam_buf_puts(out, quote);
	}
}

static void put(const struct lam_expr *x, char letter,
	const struct lam_print_rows *r, struct lam_buf *out);

static bool
is_infix(const struct lam_expr *x)
{
	switch (x->fn) {
	case LAM_FN_AND:
	case LAM_FN_OR:
	case LAM_FN_LIKE:
	case LAM_FN_ILIKE:
	case LAM_FN_IS_DISTINCT:
		return true;
	default:
		return x->nargs >= 2 &&
			strchr("+-*/%|=<>", *lam_func[x->fn].name) != NULL;
	}
}

/* What stands in an operator: in parentheses, where it is one itself. */
static void
put_operand(const struct lam_expr *x, char letter,
	const struct lam_print_rows *r, struct lam_buf *out)
{
	bool paren = x->kind == LAM_X_CALL && (is_infix(x) ||
		x->fn == LAM_FN_IN || x->fn == LAM_FN_NOT);

	lam_buf_puts(out, paren ? "(" : "");
	put(x, letter, r, out);
	lam_buf_puts(out, paren ? ")" : "");
}

static char
letter_of(const struct lam_expr *x, uint32_t i)
{
	const char *args = lam_func[x->fn].args;

	return i < strlen(args) ? args[i] : 'a';
}

static void
put_args(const struct lam_expr *x, uint32_t from,
	const struct lam_print_rows *r, struct lam_buf *out)
{
	lam_buf_putc(out, '(');
	for (uint32_t i = from; i < x->nargs; i++) {
		if (i > from)
			lam_buf_puts(out, ", ");
		put(x->arg[i], letter_of(x, i), r, out);
	}
	lam_buf_putc(out, ')');
}

/* name of 'hosts.csv'(ip), or 'hosts.csv'(ip): is there a row? */
static void
put_lookup(const struct lam_expr *x, const struct lam_print_rows *r,
	struct lam_buf *out)
{
	if (x->index < x->file->nfields)
		lam_buf_printf(out, "%s of ", x->file->field[x->index].name);
	lam_buf_printf(out, "'%s'", x->file->name);
	put_args(x, 0, r, out);
}

static void
put_call(const struct lam_expr *x, const struct lam_print_rows *r,
	struct lam_buf *out)
{
	const char *name = lam_func[x->fn].name;

	switch (x->fn) {
	case LAM_FN_IS_NULL:
	case LAM_FN_IS_NOT_NULL:
		put_operand(x->arg[0], 'a', r, out);
		lam_buf_printf(out, " %s", name);
		return;
	case LAM_FN_IN:
		put_operand(x->arg[0], 'a', r, out);
		lam_buf_puts(out, " in ");
		put_args(x, 1, r, out);
		return;
	case LAM_FN_LOOKUP:
		put_lookup(x, r, out);
		return;
	case LAM_FN_NOT:
		lam_buf_puts(out, "not ");
		put_operand(x->arg[0], 'a', r, out);
		return;
	default:
		break;
	}
	if (!is_infix(x)) {
		lam_buf_puts(out, name);
		put_args(x, 0, r, out);
		return;
	}
	for (uint32_t i = 0; i < x->nargs; i++) {
		if (i > 0)
			lam_buf_printf(out, " %s ", name);
		put_operand(x->arg[i], letter_of(x, i), r, out);
	}
}

static void
put_case(const struct lam_expr *x, const struct lam_print_rows *r,
	struct lam_buf *out)
{
	uint32_t i;

	lam_buf_puts(out, "case");
	for (i = 0; i + 1 < x->nargs; i += 2) {
		lam_buf_puts(out, " when ");
		put(x->arg[i], 'a', r, out);
		lam_buf_puts(out, " then ");
		put(x->arg[i + 1], 'a', r, out);
	}
	if (i < x->nargs) {
		lam_buf_puts(out, " else ");
		put(x->arg[i], 'a', r, out);
	}
	lam_buf_puts(out, " end");
}

/* A final reads as its state does; an average is a sum and a count. */
static void
put_final(const struct lam_expr *x, const struct lam_print_rows *r,
	struct lam_buf *out)
{
	const char *label = r->q->state[x->index].label;

	if (x->final == LAM_FINAL_AVG && strncmp(label, "sum(", 4) == 0)
		lam_buf_printf(out, "avg%s", label + 3);
	else
		lam_buf_puts(out, label);
}

static void
put(const struct lam_expr *x, char letter, const struct lam_print_rows *r,
	struct lam_buf *out)
{
	switch (x->kind) {
	case LAM_X_CONST:
		put_constant(x, letter, out);
		return;
	case LAM_X_FIELD:
		put_field(x, r, out);
		return;
	case LAM_X_KEY:
		lam_buf_puts(out, r->q->key_name[x->index]);
		return;
	case LAM_X_FINAL:
		put_final(x, r, out);
		return;
	case LAM_X_CALL:
		put_call(x, r, out);
		return;
	case LAM_X_CASE:
		put_case(x, r, out);
		return;
	default:
		lam_buf_puts(out, "(value of a sub-query)");
	}
}

void
lam_print_bound(const struct lam_expr *x, const struct lam_print_rows *r,
	struct lam_buf *out)
{
	put(x, 'a', r, out);
}
