/*
 * bind_moments.c - an aggregate without a state of its own, as a function of sums
 *
 *	corr(y, x) FILTER (WHERE f)
 *
 * is the function "moments of" over count(*), sum(x), sum(y), sum(x * x) and so on,
 * each with a FILTER for f and for the argument that it does not read itself.  Those
 * that several aggregates need are one state.  What is true of the aggregate is true
 * of the sums: they merge, and each may have an OVER.
 */
#include "bind/bind_internal.h"

#include <string.h>

#include "sql/aggregate.h"

static struct lam_ast *
call(struct lam_bind *b, const struct lam_ast *at, enum lam_fn fn, uint32_t n,
	struct lam_ast *x, struct lam_ast *y)
{
	struct lam_token t = { .line = at->line, .column = at->column };

	if (x == NULL || (n > 1 && y == NULL))
		return NULL;
	return lam_ast_call(&b->sql, &t, fn, n, (struct lam_ast *[]){ x, y });
}

/* FILTER and X, which may be NULL: none, IS NOT NULL. */
static bool
require(struct lam_bind *b, struct lam_ast **filter, const struct lam_ast *x)
{
	struct lam_ast *is = call(b, x, LAM_FN_IS_NOT_NULL, 1,
		lam_ast_copy(&b->sql, x), NULL);

	if (is != NULL && *filter != NULL)
		is = call(b, x, LAM_FN_AND, 2, *filter, is);
	*filter = is;
	return is != NULL;
}

/* The aggregate AGG of X (or NULL) with the FILTER, and OVER, that A has. */
static struct lam_ast *
sum_of(struct lam_bind *b, const struct lam_ast *a, enum lam_agg agg,
	struct lam_ast *x, struct lam_ast *filter)
{
	struct lam_ast *s = lam_ast_new(&b->sql, (enum lam_ast_kind)a->kind,
		a->line, a->column);
	struct lam_over_ast *over;
	uint32_t had = a->nargs, n = x != NULL;

	if (s == NULL)
		return NULL;
	s->fn = a->fn;
	s->agg = (uint8_t)agg;
	s->filter = filter;
	if (a->kind == LAM_A_OVER) {
		over = LAM_ARENA_NEW(b->sql.arena, struct lam_over_ast, 1);
		if (over == NULL) {
			lam_fail_mem(b->sql.e);
			return NULL;
		}
		*over = *a->over;
		had = over->nargs;
		over->nargs = n;
		s->over = over;
	}
	s->nargs = a->nargs - had + n;
	s->arg = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *, s->nargs + 1);
	if (s->arg == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	if (x != NULL)
		s->arg[0] = x;
	for (uint32_t i = n; i < s->nargs; i++)
		if ((s->arg[i] = lam_ast_copy(&b->sql, a->arg[had + i - n])) ==
			NULL)
			return NULL;
	return lam_ast_seal(&b->sql, s) ? s : NULL;
}

/* The sum that LETTER of aggregate.h names. */
static struct lam_ast *
letter_sum(struct lam_bind *b, const struct lam_ast *a, char letter)
{
	bool two = lam_aggregate[a->agg].most == 2;
	const struct lam_ast *y = a->arg[0], *x = a->arg[two];
	bool reads_x = strchr("xXP", letter) != NULL;
	bool reads_y = strchr("yYP", letter) != NULL;
	struct lam_ast *of = NULL, *filter = NULL;

	if (a->filter != NULL && (filter = lam_ast_copy(&b->sql, a->filter)) ==
		NULL)
		return NULL;
	if ((two && !reads_y && !require(b, &filter, y)) ||
		(two && !reads_x && !require(b, &filter, x)))
		return NULL;
	if (letter == 'n')
		return two ? sum_of(b, a, LAM_AGG_COUNT_STAR, NULL, filter) :
			sum_of(b, a, LAM_AGG_COUNT, lam_ast_copy(&b->sql, x),
				filter);
	of = lam_ast_copy(&b->sql, reads_x ? x : y);
	if (letter == 'X' || letter == 'Y' || letter == 'P')
		of = call(b, a, LAM_FN_MUL, 2, of, lam_ast_copy(&b->sql,
			reads_y ? y : x));
	return of == NULL ? NULL : sum_of(b, a, LAM_AGG_SUM, of, filter);
}

struct lam_ast *
lam_bind_moments(struct lam_bind *b, const struct lam_ast *a)
{
	const char *letter = lam_aggregate[a->agg].sums;
	struct lam_token at = { .line = a->line, .column = a->column };
	struct lam_ast *arg[LAM_MOMENT_SUMS + 1];
	uint32_t n = 0;

	if (a->agg == LAM_AGG_REGR_COUNT)
		return letter_sum(b, a, 'n');
	arg[n] = lam_ast_new(&b->sql, LAM_A_STRING, a->line, a->column);
	if (arg[n] == NULL)
		return NULL;
	arg[n]->text.p = lam_aggregate[a->agg].name;
	arg[n]->text.n = strlen(arg[n]->text.p);
	if (!lam_ast_seal(&b->sql, arg[n++]))
		return NULL;
	for (; *letter; letter++)
		if ((arg[n++] = letter_sum(b, a, *letter)) == NULL)
			return NULL;
	return lam_ast_call(&b->sql, &at, LAM_FN_MOMENTS, n, arg);
}
