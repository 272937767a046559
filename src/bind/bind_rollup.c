/*
 * bind_rollup.c - which aggregates over a view are exact, and how
 *
 * A view's rows are one per key of the view, but they are stored as partials:
 * the same key may come from the batch, from the speed layer and from the
 * tail.  So an aggregate over rows needs them merged first (ROWS), unless it
 * is itself a merge of states (MERGE: the sum of a count or a sum, the least
 * of a min, the greatest of a max), or doubles do not matter to it (DIRECT:
 * min, max and distinct counts of keys).
 *
 * Averages, distinct counts and quantiles can be merged only from their states.
 * Adding or averaging such numbers is refused.
 */
#include "bind/bind_internal.h"

/* Why the measure X may not be added up, or NULL. */
static const char *
unsafe(const struct lam_expr *x)
{
	const char *what = NULL;

	if (x->kind == LAM_X_FINAL) {
		switch (x->final) {
		case LAM_FINAL_AVG:
			return "is an average: averages";
		case LAM_FINAL_DISTINCT:
		case LAM_FINAL_HLL:
			return "counts distinct values: distinct counts";
		case LAM_FINAL_QUANTILE:
		case LAM_FINAL_CONT:
		case LAM_FINAL_DISC:
			return "is a quantile: quantiles";
		default:
			return NULL;
		}
	}
	if (x->kind == LAM_X_CALL && (x->fn == LAM_FN_DIV ||
		x->fn == LAM_FN_IDIV) && lam_bind_has_final(x->arg[1]))
		return "is a ratio: ratios";
	for (uint32_t i = 0; i < x->nargs && what == NULL; i++)
		what = unsafe(x->arg[i]);
	return what;
}

/* Is AGG over the measure X the merge of X? */
static bool
merges(const struct lam_query *view, enum lam_agg agg, const struct lam_expr *x)
{
	uint8_t kind;

	if (x->kind != LAM_X_FINAL)
		return false;
	kind = view->state[x->index].kind;
	switch (agg) {
	case LAM_AGG_SUM:
		return x->final == LAM_FINAL_SUM ||
			(x->final == LAM_FINAL_VALUE && kind == LAM_COUNT);
	case LAM_AGG_MIN:
		return kind == LAM_MIN;
	case LAM_AGG_MAX:
		return kind == LAM_MAX;
	case LAM_AGG_BIT_AND:
	case LAM_AGG_BIT_OR:
	case LAM_AGG_BIT_XOR:
		return kind == lam_aggregate[agg].state;
	case LAM_AGG_FIRST:
		return kind == LAM_FIRST;
	case LAM_AGG_LAST:
		return kind == LAM_LAST;
	default:
		return false;
	}
}

static enum lam_rollup
refuse(struct lam_bind *b, const struct lam_ast *a, const char *what)
{
	char show[LAM_TOKEN_SHOW];
	const char *name = lam_text_show(a->arg[0]->text, show);

	lam_sql_fail(&b->sql, a->line, a->column, "\"%s\" %s cannot be %s; "
		"name it alone (select %s from %s group by ...) and it is "
		"merged exactly", name, what, a->agg == LAM_AGG_AVG ?
		"averaged" : a->agg == LAM_AGG_SUM ? "summed" :
		"ranked again", name, b->relation);
	return LAM_ROLLUP_FAILED;
}

static bool
idempotent(enum lam_agg agg)
{
	return agg == LAM_AGG_MIN || agg == LAM_AGG_MAX ||
		agg == LAM_AGG_ARG_MIN || agg == LAM_AGG_ARG_MAX ||
		agg == LAM_AGG_BIT_AND || agg == LAM_AGG_BIT_OR ||
		lam_aggregate[agg].state == LAM_DISTINCT ||
		agg == LAM_AGG_HLL;
}

enum lam_rollup
lam_bind_rollup(struct lam_bind *b, const struct lam_ast *a)
{
	bool adds = a->agg == LAM_AGG_SUM || a->agg == LAM_AGG_AVG ||
		lam_aggregate[a->agg].state == LAM_QUANTILE ||
		lam_aggregate[a->agg].state == LAM_VALUES;
	bool measure = a->filter != NULL && lam_bind_measure(b, a->filter);
	const struct lam_ast *of = a->nargs > 0 ? a->arg[0] : NULL;
	const struct lam_expr *x = NULL;
	const char *what;

	for (uint32_t i = 0; i < a->nargs; i++)
		measure |= lam_bind_measure(b, a->arg[i]);
	if (of != NULL && of->kind == LAM_A_CALL && of->fn == LAM_FN_WHOLE)
		of = of->arg[0];
	if (of != NULL && of->kind == LAM_A_FIELD &&
		b->visible[of->index].measure)
		x = b->view->output[of->index].expr;
	if (x != NULL && adds && (what = unsafe(x)) != NULL)
		return refuse(b, a, what);
	if (x != NULL && a->filter == NULL && merges(b->view,
		(enum lam_agg)a->agg, x))
		return LAM_ROLLUP_MERGE;
	if (lam_agg_by_position((enum lam_agg)a->agg) && a->text.n == 0 &&
		lam_agg_constant((enum lam_agg)a->agg) < 2) {
		lam_sql_fail(&b->sql, a->line, a->column, "the rows of a view "
			"have no order in the log: put %s into the view, or "
			"write %s", lam_aggregate[a->agg].name,
			lam_aggregate[a->agg].state == LAM_LIST ?
			"ORDER BY in it" : "arg_min or arg_max");
		return LAM_ROLLUP_FAILED;
	}
	return !measure && idempotent((enum lam_agg)a->agg) ?
		LAM_ROLLUP_DIRECT : LAM_ROLLUP_ROWS;
}

enum lam_rollup
lam_bind_rollups(struct lam_bind *b, const struct lam_ast *a)
{
	enum lam_rollup most = LAM_ROLLUP_MERGE, r;

	if (a->kind == LAM_A_AGG)
		return lam_bind_rollup(b, a);
	for (uint32_t i = 0; i < a->nargs; i++) {
		r = lam_bind_rollups(b, a->arg[i]);
		if (r == LAM_ROLLUP_FAILED)
			return r;
		most = r > most ? r : most;
	}
	return most;
}
