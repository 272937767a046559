/*
 * condition.c - the rows that a function is for: where CONDITION
 *
 * The condition is SQL, put in brackets behind the WHERE of a query of the subject's
 * rows.  The query that comes of it has to be such a one still.
 */
#include "trigger/condition.h"

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	struct lam_condition *c = state;

	if (c->found)
		return lam_fail(e, LAM_USAGE, "where %s: a condition on rows "
			"reads no others", c->function->where);
	c->found = true;
	return c->relation(c->state, scan, out, e);
}

int
lam_condition_bind(struct lam_condition *c, struct lam_arena *arena,
	struct lam_query **out, struct lam_error *e)
{
	const struct lam_function *fn = c->function;
	struct lam_catalog catalog = { .state = c, .find = find };
	struct lam_buf sql = LAM_BUF_INIT;
	int rc;

	c->found = false;
	lam_buf_printf(&sql, "select * from \"%s\"", fn->subject);
	if (fn->where)
		lam_buf_printf(&sql, " where (%s\n)", fn->where);
	rc = lam_buf_check(&sql, e);
	if (!rc)
		rc = lam_query_bind(lam_buf_str(&sql), "where", false, &catalog,
			arena, out, e);
	lam_buf_release(&sql);
	if (!rc && ((*out)->input->kind != LAM_STAGE_SCAN || (*out)->norder ||
		(*out)->limit != UINT64_MAX))
		rc = lam_fail(e, LAM_USAGE, "where %s: is more than a condition",
			fn->where);
	return rc;
}
