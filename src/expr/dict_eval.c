/*
 * dict_eval.c - work on dictionaries instead of rows
 *
 * A column of 65536 rows has a few hundred distinct paths: a function of it is
 * computed for these, and the codes are kept.  Where there are more entries than
 * rows (after a filter), only those in use are computed, in codes of their own.
 */
#include "fn/fn.h"

#include <string.h>

#include "expr/dict_eval.h"

/* The result R of M entries, spread over the rows by CODE. */
static int
spread(const struct lam_dict_eval *l, const struct lam_vec *r,
	const uint16_t *code, struct lam_vec *out, struct lam_error *e)
{
	struct lam_vec *kept = LAM_ARENA_NEW(l->arena, struct lam_vec, 1);
	const struct lam_vec *flat;

	if (!kept)
		return lam_fail_mem(e);
	*kept = *r;
	if (r->rep == LAM_CONST) {
		lam_out_const(r->dict, l->n, out);
		return lam_faults_spread(l->up, &l->faults, code, l->n,
			l->arena, e);
	}
	flat = lam_vec_flat(kept, l->arena);
	if (!flat)
		return lam_fail_mem(e);
	*out = (struct lam_vec){ .type = flat->type, .rep = LAM_DICT,
		.scale = flat->scale, .n = l->n, .code = code, .dict = flat };
	return lam_faults_spread(l->up, &l->faults, code, l->n, l->arena, e);
}

/* The entries in use, ascending, and CODE for them. */
static int
used_only(const struct lam_dict_eval *l, uint16_t **sel, uint32_t *m,
	uint16_t **code, struct lam_error *e)
{
	uint8_t *used = LAM_ARENA_NEW(l->arena, uint8_t, l->entries);
	uint16_t *to = LAM_ARENA_NEW(l->arena, uint16_t, l->entries);

	*sel = lam_arena_alloc(l->arena, l->entries * sizeof **sel);
	*code = lam_arena_alloc(l->arena, l->n * sizeof **code);
	if (!used || !to || !*sel || !*code)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < l->n; i++)
		used[l->code[i]] = 1;
	*m = lam_select(used, l->entries, *sel);
	for (uint32_t i = 0; i < *m; i++)
		to[(*sel)[i]] = (uint16_t)i;
	for (uint32_t i = 0; i < l->n; i++)
		(*code)[i] = to[l->code[i]];
	return LAM_OK;
}

int
lam_dict_eval(struct lam_dict_eval *l, struct lam_vec *out, struct lam_error *e)
{
	struct lam_vec r;
	uint16_t *sel = NULL, *code = NULL;
	uint32_t m = 0;
	int rc;

	if (l->entries <= l->n) {
		rc = l->run(l, NULL, l->entries, &r, e);
		return rc ? rc : spread(l, &r, l->code, out, e);
	}
	if ((rc = used_only(l, &sel, &m, &code, e)))
		return rc;
	if ((rc = l->run(l, sel, m, &r, e)))
		return rc;
	return spread(l, &r, code, out, e);
}

int
lam_for_dict(const struct lam_vec *v, struct lam_arena *a,
	struct lam_vec *out, bool *done, struct lam_error *e)
{
	uint32_t entries = v->max + 1 + (v->null != NULL);
	struct lam_vec *dict;
	uint16_t *code;
	uint8_t *null;
	int64_t *value;

	*done = v->max < LAM_BLOCK_ROWS - 2 && v->max < v->n / 4;
	if (!*done)
		return LAM_OK;
	dict = LAM_ARENA_NEW(a, struct lam_vec, 1);
	code = lam_arena_alloc(a, v->n * sizeof *code);
	null = LAM_ARENA_NEW(a, uint8_t, entries);
	value = lam_arena_alloc(a, entries * sizeof *value);
	if (!dict || !code || !null || !value)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i <= v->max; i++)
		value[i] = v->base + v->mult * i;
	if (v->null) {
		value[v->max + 1] = 0;
		null[v->max + 1] = 1;
	}
	for (uint32_t i = 0; i < v->n; i++)
		code[i] = (uint16_t)(v->null && v->null[i] ? v->max + 1 :
			v->u32[i]);
	*dict = (struct lam_vec){ .type = v->type, .scale = v->scale,
		.n = entries, .i64 = value, .null = v->null ? null : NULL };
	*out = (struct lam_vec){ .type = v->type, .rep = LAM_DICT,
		.scale = v->scale, .n = v->n, .code = code, .dict = dict };
	return LAM_OK;
}

/* --------------------------------------------------- one call of a kernel */

struct call_eval {
	struct lam_dict_eval l;
	struct lam_call *c;
	const struct lam_kernel *k;
	const struct lam_vec *arg;
	struct lam_vec *over; /* [nargs]: the arguments by entry */
	uint32_t nargs;
};

static int
run_call(struct lam_dict_eval *eval, const uint16_t *sel, uint32_t m,
	struct lam_vec *out, struct lam_error *e)
{
	struct call_eval *l = (struct call_eval *)eval;
	struct lam_call c = *l->c;

	c.n = m;
	c.e = e;
	c.faults = &l->l.faults;
	for (uint32_t i = 0; i < l->nargs; i++) {
		const struct lam_vec *v = &l->arg[i];

		if (v->rep == LAM_CONST)
			lam_out_const(v->dict, m, &l->over[i]);
		else if (!sel)
			l->over[i] = *v->dict;
		else if (!lam_vec_take(v->dict, sel, m, c.arena, &l->over[i]))
			return lam_fail_mem(e);
	}
	return l->k->run(&c, l->over, l->nargs, out);
}

/* All constant: one row. */
static int
run_const(struct lam_call *c, const struct lam_kernel *k,
	const struct lam_vec *arg, uint32_t nargs, struct lam_vec *over,
	struct lam_vec *out)
{
	struct lam_vec *r = LAM_ARENA_NEW(c->arena, struct lam_vec, 1);
	struct lam_faults faults = { NULL };
	struct lam_call once = *c;
	const struct lam_vec *flat;
	int rc;

	if (!r)
		return lam_fail_mem(c->e);
	once.n = 1;
	once.faults = &faults;
	for (uint32_t i = 0; i < nargs; i++)
		over[i] = *arg[i].dict;
	if ((rc = k->run(&once, over, nargs, r)))
		return rc;
	flat = r->rep == LAM_CONST ? r->dict : lam_vec_flat(r, c->arena);
	if (!flat)
		return lam_fail_mem(c->e);
	lam_out_const(flat, c->n, out);
	return lam_faults_spread(c->faults, &faults, NULL, c->n, c->arena,
		c->e);
}

static int
run_rows(struct lam_call *c, const struct lam_kernel *k,
	const struct lam_vec *arg, uint32_t nargs, struct lam_vec *over,
	struct lam_vec *out)
{
	for (uint32_t i = 0; i < nargs; i++) {
		const struct lam_vec *flat = arg[i].rep == LAM_DICT ?
			lam_vec_flat(&arg[i], c->arena) : &arg[i];

		if (!flat)
			return lam_fail_mem(c->e);
		over[i] = *flat;
	}
	return k->run(c, over, nargs, out);
}

/* The argument that is not constant, if there is one or all share its codes. */
static const struct lam_vec *
only_variable(const struct lam_vec *arg, uint32_t nargs, uint32_t *variables)
{
	const struct lam_vec *v = NULL;
	bool alike = true;

	*variables = 0;
	for (uint32_t i = 0; i < nargs; i++) {
		if (arg[i].rep == LAM_CONST)
			continue;
		++*variables;
		if (!v)
			v = &arg[i];
		else
			alike &= v->rep == LAM_DICT && arg[i].rep == LAM_DICT &&
				arg[i].code == v->code &&
				arg[i].dict->n == v->dict->n;
	}
	return alike ? v : NULL;
}

int
lam_apply(struct lam_call *c, const struct lam_kernel *k,
	const struct lam_vec *arg, uint32_t nargs, struct lam_vec *out)
{
	struct call_eval l = { .l = { .run = run_call, .arena = c->arena,
		.n = c->n, .up = c->faults }, .c = c, .k = k, .arg = arg,
		.nargs = nargs };
	struct lam_vec dict;
	const struct lam_vec *v;
	uint32_t variables;
	bool done = false;
	int rc;

	for (uint32_t i = 0; i < nargs && !(k->flags & LAM_K_NULLS); i++)
		if (arg[i].rep == LAM_CONST && arg[i].dict->null &&
		    arg[i].dict->null[0]) {
			lam_out_null(c->x->type, c->n, out);
			return LAM_OK;
		}
	l.over = LAM_ARENA_NEW(c->arena, struct lam_vec, nargs + 1);
	if (!l.over)
		return lam_fail_mem(c->e);
	v = only_variable(arg, nargs, &variables);
	if (variables == 0)
		return run_const(c, k, arg, nargs, l.over, out);
	if (v && v->rep == LAM_FOR && !(k->flags & LAM_K_FOR) && nargs == 1) {
		if ((rc = lam_for_dict(v, c->arena, &dict, &done, c->e)))
			return rc;
		l.arg = v = done ? &dict : v;
	}
	if (!v || v->rep != LAM_DICT)
		return run_rows(c, k, arg, nargs, l.over, out);
	l.l.code = v->code;
	l.l.entries = v->dict->n;
	return lam_dict_eval(&l.l, out, c->e);
}
