/*
 * parse_group.c - GROUP BY
 *
 *	group := GROUP BY (ALL | element {, element})
 *	element := e | ROLLUP (part {, part}) | CUBE (part {, part})
 *		   | GROUPING SETS (part {, part})
 *	part  := e | "(" [e {, e}] ")"
 *
 * e, e WITH ROLLUP, as MySQL has it, is ROLLUP (e, e).
 *
 * Each element is a list of sets of terms; an expression is one set of one term.  The
 * query is grouped by each set that takes one of every element.
 */
#include "sql/parse_internal.h"

enum { PARTS_MAX = 12 }; /* of ROLLUP and CUBE */

/* Sets of terms, a bit for each. */
struct sets {
	uint64_t p[LAM_SQL_SETS];
	uint32_t n;
};

static bool
too_many(struct lam_parser *p)
{
	return !lam_sql_fail(p->sql, lam_parse_token(p)->line,
		lam_parse_token(p)->column, "more than %d grouping sets, or "
		"64 terms in them", LAM_SQL_SETS);
}

/* One expression, which becomes a term: its bit in *SET. */
static bool
parse_term(struct lam_parser *p, struct lam_select *s, uint64_t *set)
{
	s->group = lam_parse_grow(p, s->group, s->ngroup, sizeof *s->group);
	if (s->group == NULL)
		return false;
	s->group[s->ngroup].expr = lam_parse_expr(p, LAM_LEVEL_OR);
	if (s->group[s->ngroup].expr == NULL)
		return false;
	if (s->ngroup < 64)
		*set |= UINT64_C(1) << s->ngroup;
	s->ngroup++;
	return true;
}

/* An expression, or several in parentheses. */
static bool
parse_part(struct lam_parser *p, struct lam_select *s, uint64_t *set)
{
	*set = 0;
	if (!lam_parse_accept(p, "("))
		return parse_term(p, s, set);
	if (lam_parse_accept(p, ")"))
		return true;
	do {
		if (!parse_term(p, s, set))
			return false;
	} while (lam_parse_accept(p, ","));
	return lam_parse_expect(p, ")");
}

static bool
parse_parts(struct lam_parser *p, struct lam_select *s, struct sets *out)
{
	if (!lam_parse_expect(p, "("))
		return false;
	do {
		if (out->n == LAM_SQL_SETS)
			return too_many(p);
		if (!parse_part(p, s, &out->p[out->n++]))
			return false;
	} while (lam_parse_accept(p, ","));
	return lam_parse_expect(p, ")");
}

/* The sets that ROLLUP (each beginning of PART) or CUBE (each choice) means. */
static bool
expand(struct lam_parser *p, const struct sets *part, bool cube,
	struct sets *out)
{
	if (part->n > PARTS_MAX || (cube && UINT32_C(1) << part->n >
		LAM_SQL_SETS))
		return too_many(p);
	for (uint32_t k = part->n + 1; !cube && k-- > 0;) {
		uint64_t set = 0;

		for (uint32_t i = 0; i < k; i++)
			set |= part->p[i];
		out->p[out->n++] = set;
	}
	for (uint32_t k = cube ? UINT32_C(1) << part->n : 0; k-- > 0;) {
		uint64_t set = 0;

		for (uint32_t i = 0; i < part->n; i++)
			if (k >> (part->n - 1 - i) & 1)
				set |= part->p[i];
		out->p[out->n++] = set;
	}
	return true;
}

static bool
parse_element(struct lam_parser *p, struct lam_select *s, struct sets *out)
{
	struct sets part = { .n = 0 };
	bool cube = lam_parse_is(p, "cube");

	out->n = 0;
	if (lam_parse_is(p, "grouping") && lam_parse_next_is(p, "sets")) {
		lam_lex_advance(&p->lex);
		lam_lex_advance(&p->lex);
		return parse_parts(p, s, out);
	}
	if (!lam_parse_next_is(p, "(") || (!cube && !lam_parse_is(p,
		"rollup"))) {
		out->p[out->n++] = 0;
		return parse_term(p, s, &out->p[0]);
	}
	lam_lex_advance(&p->lex);
	return parse_parts(p, s, &part) && expand(p, &part, cube, out);
}

/* Each of ALL with each of MORE. */
static bool
cross(struct lam_parser *p, struct sets *all, const struct sets *more)
{
	struct sets old = *all;

	if ((uint64_t)old.n * more->n > LAM_SQL_SETS)
		return too_many(p);
	all->n = 0;
	for (uint32_t i = 0; i < old.n; i++)
		for (uint32_t k = 0; k < more->n; k++)
			all->p[all->n++] = old.p[i] | more->p[k];
	return true;
}

/* WITH ROLLUP or CUBE behind terms alone: *ALL is what it makes of them. */
static bool
parse_with(struct lam_parser *p, struct lam_select *s, struct sets *all)
{
	struct sets part = { .n = s->ngroup };
	bool cube = lam_parse_next_is(p, "cube");

	if (!lam_parse_is(p, "with"))
		return true;
	if (lam_parse_next_is(p, "totals"))
		return lam_parse_expected(p, "ROLLUP: WITH TOTALS is GROUP BY "
			"GROUPING SETS ((x), ())") != NULL;
	lam_lex_advance(&p->lex);
	if (!cube && !lam_parse_is(p, "rollup"))
		return lam_parse_expected(p, "ROLLUP or CUBE") != NULL;
	lam_lex_advance(&p->lex);
	if (all->n != 1 || part.n > PARTS_MAX)
		return too_many(p);
	for (uint32_t i = 0; i < part.n; i++)
		part.p[i] = UINT64_C(1) << i;
	all->n = 0;
	return expand(p, &part, cube, all);
}

bool
lam_parse_group(struct lam_parser *p, struct lam_select *s)
{
	struct sets all = { .p = { 0 }, .n = 1 }, one;

	s->at_group = *lam_parse_token(p);
	if (!lam_parse_accept(p, "group"))
		return true;
	if (!lam_parse_expect(p, "by"))
		return false;
	s->group_all = lam_parse_accept(p, "all");
	if (s->group_all)
		return true;
	do {
		if (!parse_element(p, s, &one) || !cross(p, &all, &one))
			return false;
	} while (lam_parse_accept(p, ","));
	if (!parse_with(p, s, &all))
		return false;
	if (all.n == 1 && s->ngroup > 0 && (s->ngroup > 64 || all.p[0] ==
		UINT64_MAX >> (64 - s->ngroup)))
		return true;
	if (s->ngroup > 64)
		return too_many(p);
	s->set_of = LAM_ARENA_NEW(p->sql->arena, uint64_t, all.n);
	if (s->set_of == NULL)
		return !lam_fail_mem(p->sql->e);
	for (; s->nsets < all.n; s->nsets++)
		s->set_of[s->nsets] = all.p[s->nsets];
	return true;
}
