/*
 * ast.c - make, compare and copy syntax trees
 *
 * A node's hash is built from those of its arguments when it is sealed, so
 * looking an expression up among the group keys costs one comparison of hashes
 * per key, and a comparison of trees only for a match.
 */
#include "sql/ast.h"

#include <string.h>

#include "base/hash.h"

struct lam_ast *
lam_ast_new(struct lam_sql *s, enum lam_ast_kind kind, uint32_t line,
	uint32_t column)
{
	struct lam_ast *a;

	if (++s->nodes > LAM_AST_NODES) {
		lam_sql_fail(s, line, column, "the statement is too large: "
			"over %d expressions once aliases are expanded",
			LAM_AST_NODES);
		return NULL;
	}
	a = LAM_ARENA_NEW(s->arena, struct lam_ast, 1);
	if (a == NULL) {
		lam_fail_mem(s->e);
		return NULL;
	}
	a->kind = (uint8_t)kind;
	a->line = line;
	a->column = column;
	return a;
}

static uint64_t
hash_bound(uint64_t h, const struct lam_bound *b)
{
	h = lam_mix(h, (uint64_t)b->kind << 1 | b->interval);
	h = lam_mix(h, (uint64_t)b->num.m ^ b->num.scale);
	return lam_mix(h, (uint64_t)b->months ^ (uint64_t)b->ns);
}

static uint64_t
hash_over(uint64_t h, const struct lam_over_ast *o)
{
	h = lam_mix(h, (uint64_t)o->nargs << 32 | o->npartition);
	h = lam_mix(h, (uint64_t)o->frame.exclude << 8 |
		(uint64_t)o->frame.unit << 1 | o->ignore_nulls);
	for (uint32_t i = 0; i < o->norder; i++)
		h = lam_mix(h, (uint64_t)o->order[i].descending << 1 |
			o->order[i].nulls_first);
	return hash_bound(hash_bound(h, &o->frame.from), &o->frame.to);
}

static uint64_t
hash_node(const struct lam_ast *a)
{
	uint64_t h = (uint64_t)a->kind << 48 | (uint64_t)a->agg << 40 |
		(uint64_t)a->boolean << 32 | a->fn;

	h = lam_mix(h, a->index);
	h = lam_mix(h, (uint64_t)a->num.m);
	h = lam_mix(h, (uint64_t)(a->num.m >> 64) ^ a->num.scale);
	h = lam_mix(h, (uint64_t)a->time);
	h = lam_mix(h, (uint64_t)a->months);
	if (a->text.n > 0)
		h = lam_mix(h, lam_hash(a->text.p, a->text.n, 0));
	for (uint32_t i = 0; i < a->nargs; i++)
		h = lam_mix(h, a->arg[i]->hash);
	if (a->filter != NULL)
		h = lam_mix(h, ~a->filter->hash);
	return a->over != NULL ? hash_over(h, a->over) : h;
}

bool
lam_ast_seal(struct lam_sql *s, struct lam_ast *a)
{
	uint16_t depth = a->filter != NULL ? a->filter->depth : 0;

	for (uint32_t i = 0; i < a->nargs; i++)
		if (a->arg[i]->depth > depth)
			depth = a->arg[i]->depth;
	if (depth >= LAM_AST_DEPTH) {
		lam_sql_fail(s, a->line, a->column,
			"expressions are nested deeper than %d", LAM_AST_DEPTH);
		return false;
	}
	a->depth = (uint16_t)(depth + 1);
	a->hash = hash_node(a);
	return true;
}

struct lam_ast *
lam_ast_call(struct lam_sql *s, const struct lam_token *at, enum lam_fn fn,
	uint32_t n, struct lam_ast *const *arg)
{
	struct lam_ast *a = lam_ast_new(s, LAM_A_CALL, at->line, at->column);

	if (a == NULL)
		return NULL;
	a->fn = (uint16_t)fn;
	a->nargs = n;
	a->arg = LAM_ARENA_NEW(s->arena, struct lam_ast *, n ? n : 1);
	if (a->arg == NULL) {
		lam_fail_mem(s->e);
		return NULL;
	}
	if (n)
		memcpy(a->arg, arg, n * sizeof *arg);
	return lam_ast_seal(s, a) ? a : NULL;
}

static bool
same_bound(const struct lam_bound *a, const struct lam_bound *b)
{
	return a->kind == b->kind && a->interval == b->interval &&
		a->num.m == b->num.m && a->num.scale == b->num.scale &&
		a->months == b->months && a->ns == b->ns;
}

static bool
same_over(const struct lam_over_ast *a, const struct lam_over_ast *b)
{
	if (a == b)
		return true;
	if (a == NULL || b == NULL || a->nargs != b->nargs ||
		a->npartition != b->npartition || a->norder != b->norder ||
		a->ignore_nulls != b->ignore_nulls ||
		a->frame.unit != b->frame.unit ||
		a->frame.exclude != b->frame.exclude ||
		!same_bound(&a->frame.from, &b->frame.from) ||
		!same_bound(&a->frame.to, &b->frame.to))
		return false;
	for (uint32_t i = 0; i < a->norder; i++)
		if (a->order[i].descending != b->order[i].descending ||
			a->order[i].nulls_first != b->order[i].nulls_first)
			return false;
	return true;
}

/* One node, without its arguments. */
static bool
same_node(const struct lam_ast *a, const struct lam_ast *b)
{
	return a->hash == b->hash && a->kind == b->kind && a->agg == b->agg &&
		a->boolean == b->boolean && a->fn == b->fn &&
		a->index == b->index && a->nargs == b->nargs &&
		a->num.m == b->num.m && a->num.scale == b->num.scale &&
		a->time == b->time && a->months == b->months &&
		a->text.n == b->text.n && (a->text.n == 0 ||
			memcmp(a->text.p, b->text.p, a->text.n) == 0) &&
		(a->filter == NULL) == (b->filter == NULL) &&
		same_over(a->over, b->over);
}

bool
lam_ast_equal(const struct lam_ast *a, const struct lam_ast *b)
{
	if (!same_node(a, b))
		return false;
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!lam_ast_equal(a->arg[i], b->arg[i]))
			return false;
	return a->filter == NULL || lam_ast_equal(a->filter, b->filter);
}

struct lam_ast *
lam_ast_copy(struct lam_sql *s, const struct lam_ast *a)
{
	struct lam_ast *c = lam_ast_new(s, a->kind, a->line, a->column);

	if (c == NULL)
		return NULL;
	*c = *a;
	c->ordinal = false; /* only what is written is an ordinal */
	c->arg = LAM_ARENA_NEW(s->arena, struct lam_ast *,
		a->nargs ? a->nargs : 1);
	if (c->arg == NULL) {
		lam_fail_mem(s->e);
		return NULL;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		if ((c->arg[i] = lam_ast_copy(s, a->arg[i])) == NULL)
			return NULL;
	if (a->filter != NULL)
		if ((c->filter = lam_ast_copy(s, a->filter)) == NULL)
			return NULL;
	return c;
}

/* The first node of KIND in A, or NULL. */
static const struct lam_ast *
first_of(const struct lam_ast *a, uint8_t kind)
{
	const struct lam_ast *found = a->kind == kind ? a : NULL;

	for (uint32_t i = 0; i < a->nargs && found == NULL; i++)
		found = first_of(a->arg[i], kind);
	if (found == NULL && a->filter != NULL)
		found = first_of(a->filter, kind);
	return found;
}

const struct lam_ast *
lam_ast_agg(const struct lam_ast *a)
{
	return first_of(a, LAM_A_AGG);
}

const struct lam_ast *
lam_ast_over(const struct lam_ast *a)
{
	return first_of(a, LAM_A_OVER);
}

const struct lam_ast *
lam_ast_unnest(const struct lam_ast *a)
{
	return first_of(a, LAM_A_UNNEST);
}

bool
lam_ast_literal(const struct lam_ast *a)
{
	return a->kind == LAM_A_BOOL || a->kind == LAM_A_NUMBER ||
		a->kind == LAM_A_STRING || a->kind == LAM_A_TIME;
}

bool
lam_ast_has_row(const struct lam_ast *a)
{
	return a->text.n > 0 && (a->agg == LAM_AGG_STRING_AGG ||
		a->agg == LAM_AGG_ARRAY_AGG);
}

bool
lam_ast_set_span(struct lam_ast *a, const struct lam_span *s)
{
	lam_i128 ns = s->ns + (lam_i128)LAM_DAY_NS * s->days;

	a->kind = LAM_A_INTERVAL;
	a->months = s->months;
	a->num = (struct lam_num){ s->days, 0 };
	a->time = (int64_t)ns;
	return a->time == ns;
}

struct lam_span
lam_ast_span(const struct lam_ast *a)
{
	return (struct lam_span){ a->months, (int64_t)a->num.m, a->time -
		LAM_DAY_NS * a->num.m };
}
