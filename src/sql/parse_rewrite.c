/*
 * parse_rewrite.c - functions that are an expression over others
 *
 * A row says what a call means, with a, b, c for its arguments.  It is parsed where
 * it is called, so that nothing behind the parser knows of it.
 */
#include "sql/parse_internal.h"

#include "sql/func_internal.h"

static const struct rewrite {
	const char *name;
	uint32_t nargs;
	const char *text;
} rewrite[] = {
	{ "add", 2, "a + b" },
	{ "age", 1, "age(current_date, a)" },
	{ "ago", 1, "now() - a" },
	{ "array_pop_back", 1, "list_slice(a, 1, -2)" },
	{ "array_pop_front", 1, "list_slice(a, 2, -1)" },
	{ "array_push_front", 2, "list_prepend(b, a)" },
	{ "bit_count", 1, "octet_length(replace(to_binary(a), '0', ''))" },
	{ "bit_length", 1, "octet_length(a) * 8" },
	{ "cbrt", 1, "sign(a) * power(abs(a), "
		"0.33333333333333333333333333333333333333)" },
	{ "date_add", 2, "a + b" },
	{ "dayname", 1, "strftime(a, '%A')" },
	{ "days_in_month", 1, "extract(day from last_day(a))" },
	{ "degrees", 1, "a * 180 / 3.1415926535897932" },
	{ "divide", 2, "a // b" },
	{ "epoch_ns", 1, "epoch(a) * 1000000000" },
	{ "epoch_us", 1, "floor(epoch(a) * 1000000)" },
	{ "even", 1, "sign(a) * (ceil(abs(a)) + ceil(abs(a)) % 2)" },
	{ "fdiv", 2, "a // b - case when sign(a % b) = -sign(b) then 1 else 0 end" },
	{ "fmod", 2, "a % b + case when sign(a % b) = -sign(b) then b else 0 end" },
	{ "geomean", 1, "exp(avg(ln(a)))" },
	{ "geometric_mean", 1, "exp(avg(ln(a)))" },
	{ "hop", 3, "hop(a, time_bucket(b, c))" },
	{ "if", 3, "case when a then b else c end" },
	{ "iff", 3, "case when a then b else c end" },
	{ "isfinite", 1, "a = a" }, /* every number is */
	{ "isinf", 1, "a <> a" },
	{ "isnan", 1, "a <> a" },
	{ "last_day", 1, "date_trunc('month', a) + interval '1 month' - "
		"interval '1 day'" },
	{ "list_first", 1, "list_extract(a, 1)" },
	{ "list_last", 1, "list_extract(a, -1)" },
	{ "log", 1, "log10(a)" },
	{ "make_date", 3, "make_timestamp(a, b, c, 0, 0, 0)" },
	{ "make_timestamp_ms", 1, "make_timestamp(a * 1000)" },
	{ "make_timestamp_ns", 1, "make_timestamp(a / 1000)" },
	{ "mod", 2, "a % b" },
	{ "monthname", 1, "strftime(a, '%B')" },
	{ "multiply", 2, "a * b" },
	{ "parse_filename", 1, "regexp_extract(a, '[^/\\\\]*$')" },
	{ "pi", 0, "3.1415926535897932" },
	{ "radians", 1, "a * 3.1415926535897932 / 180" },
	{ "strftime", 3, "strftime(timezone(c, a), b)" },
	{ "subtract", 2, "a - b" },
	{ "to_centuries", 1, "a * interval '1200 months'" },
	{ "to_days", 1, "a * interval '1 day'" },
	{ "to_decades", 1, "a * interval '120 months'" },
	{ "to_hours", 1, "a * interval '1 hour'" },
	{ "to_microseconds", 1, "a * interval '1 microsecond'" },
	{ "to_milliseconds", 1, "a * interval '1 millisecond'" },
	{ "to_minutes", 1, "a * interval '1 minute'" },
	{ "to_months", 1, "a * interval '1 month'" },
	{ "to_millennia", 1, "a * interval '12000 months'" },
	{ "to_quarters", 1, "a * interval '3 months'" },
	{ "to_seconds", 1, "a * interval '1 second'" },
	{ "to_weeks", 1, "a * interval '7 days'" },
	{ "to_years", 1, "a * interval '12 months'" },
	{ "wavg", 2, "sum(a * b) / sum(case when a is not null then b end)" },
	{ "weighted_avg", 2,
		"sum(a * b) / sum(case when a is not null then b end)" },
};

#define REWRITES (sizeof rewrite / sizeof *rewrite)

const char *
lam_parse_own_name(size_t i)
{
	const char *name;
	size_t n = 0;

	if (i < REWRITES)
		return rewrite[i].name;
	i -= REWRITES;
	while ((name = lam_parse_window_name(n)) != NULL && n < i)
		n++;
	return name ? name : lam_parse_now_name(i - n);
}

static bool
aggregates(const struct lam_ast *a)
{
	bool is = a->kind == LAM_A_AGG;

	for (uint32_t i = 0; i < a->nargs && !is; i++)
		is = aggregates(a->arg[i]);
	return is;
}

/* A, whose place becomes AT, with ARG for its names and FILTER for its aggregates. */
static struct lam_ast *
fill(struct lam_parser *p, const struct lam_token *at, struct lam_ast *a,
	struct lam_ast *const *arg, const struct lam_ast *filter)
{
	if (a->kind == LAM_A_NAME)
		return lam_ast_copy(p->sql, arg[a->text.p[0] - 'a']);
	a->line = at->line;
	a->column = at->column;
	for (uint32_t i = 0; i < a->nargs; i++)
		if ((a->arg[i] = fill(p, at, a->arg[i], arg, filter)) == NULL)
			return NULL;
	if (filter != NULL && a->kind == LAM_A_AGG &&
		(a->filter = lam_ast_copy(p->sql, filter)) == NULL)
		return NULL;
	return lam_ast_seal(p->sql, a) ? a : NULL;
}

struct lam_ast *
lam_parse_rewritten(struct lam_parser *p, const struct lam_token *name,
	const struct lam_ast_list *list, bool *is)
{
	struct lam_parser within = { .sql = p->sql, .depth = p->depth };
	const struct rewrite *r = NULL;
	struct lam_ast *a, *filter = NULL;

	for (size_t i = 0; i < REWRITES; i++)
		if (lam_token_is(name, rewrite[i].name) && (r == NULL ||
			rewrite[i].nargs == list->n))
			r = &rewrite[i];
	*is = r != NULL;
	if (r == NULL)
		return NULL;
	if (list->n != r->nargs && lam_func_find(name->text) != LAM_FNS) {
		*is = false; /* with other arguments it is one of the table */
		return NULL;
	}
	if (list->n != r->nargs) {
		lam_sql_fail(p->sql, name->line, name->column, "%s takes %u "
			"argument%s, found %u", r->name, r->nargs,
			r->nargs == 1 ? "" : "s", list->n);
		return NULL;
	}
	lam_lex_init(&within.lex, p->sql, r->text);
	a = lam_parse_expr(&within, LAM_LEVEL_OR);
	if (a == NULL || (aggregates(a) && !lam_parse_filter(p, &filter)))
		return NULL;
	return fill(p, name, a, list->p, filter);
}
