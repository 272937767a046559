/*
 * bind_order.c - names in HAVING and ORDER BY, once the keys are known
 *
 * There a name first means the group key of that name.  A column that is no
 * key would be an error, so it stands for the output of that name, when there
 * is one:  SELECT host, sum(bytes) AS bytes ... HAVING bytes > 1000.
 */
#include "bind/bind_internal.h"

/* The output called NAME that is not the column itself. */
static const struct lam_ast *
output_named(const struct lam_bind *b, const struct lam_ast *field)
{
	for (uint32_t i = 0; field->text.n > 0 && i < b->nitems; i++)
		if (lam_str_is(field->text, b->item[i].name) &&
			!lam_ast_equal(b->item[i].expr, field))
			return b->item[i].expr;
	return NULL;
}

static struct lam_ast *
settle(struct lam_bind *b, struct lam_ast *a)
{
	const struct lam_ast *out;

	if (a->kind == LAM_A_AGG || lam_bind_key(b, a) >= 0)
		return a;
	if (a->kind == LAM_A_FIELD && !b->visible[a->index].measure) {
		out = output_named(b, a);
		return out != NULL ? lam_ast_copy(&b->sql, out) : a;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		if ((a->arg[i] = settle(b, a->arg[i])) == NULL)
			return NULL;
	return lam_ast_seal(&b->sql, a) ? a : NULL;
}

int
lam_bind_order(struct lam_bind *b)
{
	if (b->having != NULL && (b->having = settle(b, b->having)) == NULL)
		return b->sql.e->code;
	if (b->qualify != NULL &&
		(b->qualify = settle(b, b->qualify)) == NULL)
		return b->sql.e->code;
	for (uint32_t i = 0; i < b->norder; i++) {
		b->order[i].expr = settle(b, b->order[i].expr);
		if (b->order[i].expr == NULL)
			return b->sql.e->code;
	}
	return LAM_OK;
}
