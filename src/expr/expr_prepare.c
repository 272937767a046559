/*
 * expr_prepare.c - prepare an expression, once, before any row
 *
 * Every node gets a plan (fn/fn.h): patterns are compiled, lists sorted, units
 * looked up.  The plan notes whether the node can fail, and whether a single leaf
 * lies below it.  A subtree of constants is computed and becomes a constant; if that
 * fails the subtree stays, and is a fault of each row that needs it.
 *
 * Nodes may be shared between expressions: one that has a plan is done.  Plans
 * live in the arena of one run, expressions longer: release leaves a node as it
 * was before, folded ones too.
 */
#include "fn/fn.h"

#include <string.h>

#include "expr/expr.h"
#include "time/zone.h"

#define DEPTH_MAX 1000 /* levels; each takes a few hundred bytes of stack */

static bool
same_leaf(const struct lam_expr *a, const struct lam_expr *b)
{
	return a->kind == b->kind && a->index == b->index &&
		a->index2 == b->index2 && a->raw == b->raw &&
		a->final == b->final && (a->kind != LAM_X_FINAL ||
			lam_num_cmp(a->num, b->num) == 0);
}

/* Add the dependencies of argument A to those of P's node. */
static void
inherit(struct lam_plan *p, const struct lam_expr *a)
{
	const struct lam_plan *q = lam_plan_of(a);

	p->fails |= q->fails;
	p->many |= q->many || (p->leaf && q->leaf &&
		!same_leaf(p->leaf, q->leaf));
	if (!p->leaf)
		p->leaf = q->leaf;
	if (p->many)
		p->leaf = NULL;
}

/* ------------------------------------------------------------------- types */

static bool
is_of(const struct lam_expr *a, char letter)
{
	if (a->kind == LAM_X_CONST && a->null)
		return true;
	switch (letter) {
	case 'n':
	case 's':
		return a->type == LAM_NUMBER;
	case 't':
	case 'w':
	case 'k':
	case 'r':
	case 'z':
	case 'l':
	case 'N':
		return a->type == LAM_TEXT;
	case 'T':
		return a->type == LAM_TIME;
	case 'b':
		return a->type == LAM_BOOL;
	default:
		return true;
	}
}

static bool
mixes(unsigned fn)
{
	return lam_func_mixes((enum lam_fn)fn) || fn == LAM_FN_IS_NULL ||
		fn == LAM_FN_IS_NOT_NULL ||
		(fn >= LAM_FN_TO_TEXT && fn <= LAM_FN_TRY_BOOL) ||
		fn == LAM_FN_TO_SPAN || fn == LAM_FN_TRY_SPAN;
}

/* Is argument I of X a value of the same type as its fellows? */
static bool
is_fellow(const struct lam_expr *x, uint32_t i)
{
	const struct lam_expr *a = x->arg[i];
	bool when = x->kind == LAM_X_CASE && i % 2 == 0 && i + 1 < x->nargs;

	return !when && !(a->kind == LAM_X_CONST && a->null);
}

static int
check_alike(const struct lam_expr *x, struct lam_error *e)
{
	const struct lam_expr *one = NULL;

	for (uint32_t i = 0; i < x->nargs; i++) {
		const struct lam_expr *a = x->arg[i];

		if (!is_fellow(x, i))
			continue;
		if (one && one->type != a->type)
			return lam_fail_at(e, x, "%s of %s and %s: both must "
				"be of one type", x->kind == LAM_X_CASE ?
				"case" : lam_func[x->fn].name,
				lam_type_name[one->type],
				lam_type_name[a->type]);
		one = a;
	}
	return LAM_OK;
}

/* Kernels read vectors by type, so nothing may reach them unchecked. */
static int
check_types(const struct lam_expr *x, struct lam_error *e)
{
	const char *letter = lam_func[x->fn].args;
	size_t fixed = strcspn(letter, "*");

	if (x->nargs < fixed && x->fn != LAM_FN_LIST_VALUE)
		return lam_fail_at(e, x, "%s takes %zu arguments",
			lam_func[x->fn].name, fixed);
	for (uint32_t i = 0; i < fixed && i < x->nargs; i++)
		if (!is_of(x->arg[i], letter[i]))
			return lam_fail_at(e, x, "%s does not take a %s here",
				lam_func[x->fn].name,
				lam_type_name[x->arg[i]->type]);
	if (letter[0] == 'a' && !mixes(x->fn))
		return check_alike(x, e);
	return LAM_OK;
}

static int
check_case(const struct lam_expr *x, struct lam_error *e)
{
	for (uint32_t i = 0; i + 1 < x->nargs; i += 2)
		if (!is_of(x->arg[i], 'b'))
			return lam_fail_at(e, x->arg[i],
				"WHEN needs a condition");
	return check_alike(x, e);
}

/* ----------------------------------------------------------------- folding */

static int
no_leaf(struct lam_frame *f, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	(void)f;
	(void)out;
	return lam_fail_at(e, x, "not a constant");
}

static void
set_const(struct lam_expr *x, const struct lam_vec *v)
{
	x->kind = LAM_X_CONST;
	x->null = lam_vec_is_null(v, 0);
	if (x->null)
		return;
	switch (x->type) {
	case LAM_TEXT:
		x->text = lam_vec_text(v, 0);
		break;
	case LAM_TIME:
		x->time = lam_vec_time(v, 0);
		break;
	case LAM_BOOL:
		x->boolean = lam_vec_bool(v, 0);
		break;
	default:
		x->num = lam_vec_num(v, 0);
	}
}

static int
plan_const(struct lam_expr *x, struct lam_plan *p, struct lam_arena *a,
	struct lam_error *e)
{
	int rc = lam_const_flat(x, a, &p->inner, e);

	if (rc == LAM_OK)
		lam_out_const(&p->inner, 1, &p->value);
	return rc;
}

/* What P owns beside its arena. */
static void
release(struct lam_plan *p)
{
	if (p->regex)
		lam_regex_free(p->regex);
	if (p->zone)
		lam_zone_close(p->zone);
	if (p->reference)
		lam_look_up_free(p);
}

/* X depends on no row: compute it now, if it can be. */
static int
fold(struct lam_expr *x, struct lam_plan *p, struct lam_arena *a,
	struct lam_error *e)
{
	struct lam_frame f = { .n = 1, .arena = a, .leaf = no_leaf };
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_vec v;
	int rc = lam_expr_eval(x, &f, &v, &why);

	if (rc == LAM_USAGE || (rc == LAM_OK && f.faults.mark))
		return LAM_OK;
	if (rc)
		return lam_fail(e, rc, "%s", why.msg);
	release(p);
	*p = (struct lam_plan){ .folded = LAM_ARENA_NEW(a, struct lam_expr,
		1) };
	if (!p->folded)
		return lam_fail_mem(e);
	*p->folded = *x;
	set_const(x, &v);
	return plan_const(x, p, a, e);
}

/* -------------------------------------------------------------------- plans */

static int
plan_call(struct lam_expr *x, struct lam_plan *p, struct lam_arena *a,
	struct lam_error *e)
{
	int rc;

	if ((rc = check_types(x, e)))
		return rc;
	p->fails |= (lam_kernel[x->fn].flags & LAM_K_FAILS) != 0;
	switch (x->fn) {
	case LAM_FN_LIKE:
	case LAM_FN_ILIKE:
		return lam_like_prepare(x, p, a, e);
	case LAM_FN_REGEXP_MATCHES:
	case LAM_FN_REGEXP_EXTRACT:
	case LAM_FN_REGEXP_EXTRACT_ALL:
	case LAM_FN_SPLIT_REGEX:
	case LAM_FN_REGEXP_REPLACE:
		return lam_regex_prepare(x, p, a, e);
	case LAM_FN_IN:
		return lam_set_prepare(x, p, a, e);
	case LAM_FN_TIME_ADD:
	case LAM_FN_TIME_SUB:
	case LAM_FN_DATE_TRUNC:
	case LAM_FN_TIME_BUCKET:
	case LAM_FN_TIME_DIFF:
	case LAM_FN_DATE_SUB:
	case LAM_FN_BUCKET_FROM:
	case LAM_FN_BUCKET_OFFSET:
		return lam_time_prepare(x, p, e);
	case LAM_FN_STRPTIME:
	case LAM_FN_TRY_STRPTIME:
		return lam_strptime_prepare(x, p, a, e);
	case LAM_FN_TIMEZONE:
	case LAM_FN_LOCAL_TO_UTC:
	case LAM_FN_ZONE_TRUNC:
	case LAM_FN_ZONE_BUCKET:
	case LAM_FN_ZONE_BUCKET_FROM:
		return lam_zone_prepare(x, p, e);
	case LAM_FN_GEO:
	case LAM_FN_IS_BOT:
	case LAM_FN_USER_AGENT:
		return lam_look_up_prepare(x, p, a, e);
	case LAM_FN_MOMENTS:
		return lam_moments_prepare(x, p, e);
	case LAM_FN_EXTRACT:
	case LAM_FN_SPAN_PART:
		return lam_part_prepare(x, p, e);
	case LAM_FN_STRFTIME:
		return lam_format_prepare(x, p, e);
	case LAM_FN_PRINTF:
	case LAM_FN_FORMAT:
		return lam_printf_prepare(x, e);
	default:
		if (x->fn >= LAM_FN_TO_TEXT && x->fn <= LAM_FN_TRY_BOOL)
			return lam_cast_prepare(x, e);
		return LAM_OK;
	}
}

static int
prepare(struct lam_expr *x, struct lam_arena *a, unsigned depth,
	struct lam_error *e)
{
	struct lam_plan *p;
	int rc = LAM_OK;

	if (x->plan)
		return LAM_OK;
	if (depth > DEPTH_MAX)
		return lam_fail_at(e, x, "the expression is nested more than "
			"%d levels deep", DEPTH_MAX);
	p = LAM_ARENA_NEW(a, struct lam_plan, 1);
	if (!p)
		return lam_fail_mem(e);
	/* From here on lam_expr_release finds what was made, if not all is. */
	x->plan = p;
	p->count = x->nargs;
	if (x->kind == LAM_X_CALL || x->kind == LAM_X_CASE) {
		for (uint32_t i = 0; i < x->nargs; i++) {
			if ((rc = prepare(x->arg[i], a, depth + 1, e)))
				return rc;
			inherit(p, x->arg[i]);
		}
	} else if (x->kind != LAM_X_CONST) {
		p->leaf = x;
	}
	if (x->kind == LAM_X_CONST)
		return plan_const(x, p, a, e);
	if (x->kind == LAM_X_CASE)
		rc = check_case(x, e);
	else if (x->kind == LAM_X_CALL)
		rc = plan_call(x, p, a, e);
	if (rc == LAM_OK && !p->leaf && !p->many)
		rc = fold(x, p, a, e);
	return rc;
}

int
lam_expr_prepare(struct lam_expr *x, struct lam_arena *a, struct lam_error *e)
{
	return prepare(x, a, 0, e);
}

/* As deep as prepare went: nodes below that have no plan. */
void
lam_expr_release(struct lam_expr *x)
{
	struct lam_plan *p;

	if (!x || !x->plan)
		return;
	p = x->plan;
	release(p);
	if (p->folded)
		*x = *p->folded;
	x->plan = NULL;
	for (uint32_t i = 0; i < x->nargs; i++)
		lam_expr_release(x->arg[i]);
}
