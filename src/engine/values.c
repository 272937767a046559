/*
 * values.c - sub-queries that are values
 *
 * They become constants before anything is prepared, so that what they decide, such
 * as which blocks are read, is decided by constants.
 */
#include "engine/values.h"

/* The binder bounds the depth of an expression. */
static int
settle(const struct lam_sub_values *v, struct lam_expr *x, struct lam_error *e)
{
	struct lam_scalar value;
	int rc = LAM_OK;

	if (!x)
		return LAM_OK;
	for (uint32_t i = 0; !rc && i < x->nargs; i++)
		rc = settle(v, x->arg[i], e);
	if (rc || x->kind != LAM_X_VALUE)
		return rc;
	rc = v->run(v->arg, x->query, &value, e);
	if (rc)
		return rc;
	x->kind = LAM_X_CONST;
	x->null = value.null;
	x->num = value.num;
	x->time = value.i64;
	x->boolean = value.i64 != 0;
	x->text = value.str;
	return LAM_OK;
}

int
lam_values_query(const struct lam_sub_values *v, const struct lam_query *q,
	struct lam_error *e)
{
	int rc = settle(v, q->where, e);

	for (uint32_t i = 0; !rc && i < q->nkeys; i++)
		rc = settle(v, q->key[i], e);
	for (uint32_t i = 0; !rc && i < q->nstates; i++) {
		rc = settle(v, q->state[i].arg[0], e);
		if (!rc)
			rc = settle(v, q->state[i].arg[1], e);
		if (!rc)
			rc = settle(v, q->state[i].filter, e);
	}
	for (uint32_t i = 0; !rc && i < q->noutputs; i++)
		rc = settle(v, q->output[i].expr, e);
	for (uint32_t i = 0; !rc && i < q->norder; i++)
		rc = settle(v, q->order[i].expr, e);
	for (uint32_t i = 0; !rc && q->fill && i < q->fill->nends; i++)
		rc = settle(v, q->fill->end[i].value, e);
	return rc ? rc : settle(v, q->having, e);
}

int
lam_values_stage(const struct lam_sub_values *v, const struct lam_stage *s,
	struct lam_error *e)
{
	const struct lam_join *j = s->join;
	int rc = LAM_OK;

	if (s->series) {
		rc = settle(v, s->series->from, e);
		if (!rc)
			rc = settle(v, s->series->to, e);
		if (!rc)
			rc = settle(v, s->series->step, e);
	}
	if (rc || !j)
		return rc;
	for (uint32_t k = 0; !rc && k < j->nkeys; k++) {
		rc = settle(v, j->left_key[k], e);
		if (!rc)
			rc = settle(v, j->right_key[k], e);
	}
	if (!rc)
		rc = settle(v, j->filter, e);
	return rc ? rc : settle(v, j->condition, e);
}
