/*
 * fuzz_parse.c - any text as a statement: each of its expressions, printed, parses
 * to an equal tree, and prints the same again; but a query within one is printed
 * once it is bound only
 */
#include "fuzz.h"
#include "sql/parse.h"
#include "sql/print.h"

/* Is a query within X? */
static bool
asks(const struct lam_ast *x)
{
	bool does = x->kind == LAM_A_QUERY || (x->filter && asks(x->filter));

	for (uint32_t i = 0; i < x->nargs && !does; i++)
		does = asks(x->arg[i]);
	return does;
}

/* Has X a DATE literal?  But in + and - it is printed as the time that it begins with. */
static bool
dated(const struct lam_ast *x)
{
	bool does = (x->kind == LAM_A_TIME && x->boolean) ||
		(x->filter && dated(x->filter));

	for (uint32_t i = 0; i < x->nargs && !does; i++)
		does = dated(x->arg[i]);
	return does;
}

static void
check_expr(struct lam_arena *a, const struct lam_ast *x)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_sql sql = { .name = "q", .arena = a, .e = &e };
	struct lam_buf text = LAM_BUF_INIT, again = LAM_BUF_INIT;
	struct lam_select s;

	if (asks(x) || (x->kind == LAM_A_NAME && !x->text.p))
		return; /* t.* alone is an item of all its columns */
	lam_buf_puts(&text, "SELECT ");
	lam_print_expr(x, &text);
	lam_buf_puts(&text, " FROM t");
	MUST(!lam_buf_check(&text, NULL));
	if (text.n < LAM_SQL_TEXT_MAX) {
		int rc = lam_parse(&sql, lam_buf_str(&text), &s);

		/* Written out, a text near a limit may pass it. */
		if (rc && text.n > 10000)
			goto out;
		MUST(!rc && s.nitems == 1 && s.item[0].expr);
		MUST(lam_ast_equal(x, s.item[0].expr) || dated(x));
		lam_buf_puts(&again, "SELECT ");
		lam_print_expr(s.item[0].expr, &again);
		MUST(again.n + 7 == text.n &&
			!memcmp(again.p, text.p, again.n));
	}
out:
	lam_buf_release(&text);
	lam_buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_sql sql = { .name = "q", .arena = &a, .e = &e };
	struct lam_select s;
	char *text = malloc(size + 1);
	int rc;

	memcpy(text, data, size);
	text[size] = '\0';
	rc = lam_parse(&sql, text, &s);
	MUST(!rc || (rc == LAM_USAGE && *e.msg));
	for (uint32_t i = 0; !rc && i < s.nitems; i++)
		if (s.item[i].expr)
			check_expr(&a, s.item[i].expr);
	if (!rc && s.where)
		check_expr(&a, s.where);
	if (!rc && s.having)
		check_expr(&a, s.having);
	for (uint32_t i = 0; !rc && i < s.ngroup; i++)
		check_expr(&a, s.group[i].expr);
	lam_arena_release(&a);
	free(text);
	return 0;
}
