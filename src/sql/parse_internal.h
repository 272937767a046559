/*
 * parse_internal.h - shared by the files of the parser
 *
 * Recursive descent.  A function that makes a tree returns NULL when it failed,
 * with the reason in sql->e; the first reason stays.
 */
#ifndef LAM_SQL_PARSE_INTERNAL_H
#define LAM_SQL_PARSE_INTERNAL_H

#include "sql/ast.h"
#include "sql/lex.h"
#include "sql/parse.h"

struct lam_parser {
	struct lam_lex lex;
	struct lam_sql *sql;
	unsigned depth; /* of nested expressions */
	bool row; /* one may stand alone, in count(DISTINCT (a, b)) */
	struct lam_str alias; /* the last without AS, and the token behind it: it may */
	const char *behind;   /* have been a word of SQL, mistyped */
};

/* A growing list of trees, in the arena. */
struct lam_ast_list {
	struct lam_ast **p;
	uint32_t n, cap;
};

/* The current token. */
static inline const struct lam_token *
lam_parse_token(const struct lam_parser *p)
{
	return &p->lex.token;
}

bool lam_parse_is(const struct lam_parser *p, const char *word);
bool lam_parse_next_is(const struct lam_parser *p, const char *word);

/* Step over WORD when it is there. */
bool lam_parse_accept(struct lam_parser *p, const char *word);

/* Step over WORD, or fail with what was expected. */
bool lam_parse_expect(struct lam_parser *p, const char *word);

/* Fail: WHAT was expected here.  Returns NULL. */
struct lam_ast *lam_parse_expected(struct lam_parser *p, const char *what);

/* What to write instead of a word of other dialects; NULL: T is none. */
const char *lam_parse_foreign(const struct lam_token *t);

/* The same where a statement of other databases begins. */
const char *lam_parse_statement(const struct lam_token *t);

/* Nothing follows LIMIT that other dialects have there. */
bool lam_parse_limit_ends(struct lam_parser *p);

bool lam_ast_push(struct lam_parser *p, struct lam_ast_list *list,
	struct lam_ast *a);

/* An expression whose outermost operator binds at least as tight as MIN. */
enum lam_level {
	LAM_LEVEL_OR = 1, LAM_LEVEL_AND, LAM_LEVEL_NOT, LAM_LEVEL_IS,
	LAM_LEVEL_COMPARE, LAM_LEVEL_LIKE, LAM_LEVEL_CONCAT, LAM_LEVEL_ADD,
	LAM_LEVEL_MUL, LAM_LEVEL_NEG, LAM_LEVEL_CAST, LAM_LEVEL_PRIMARY
};
struct lam_ast *lam_parse_expr(struct lam_parser *p, enum lam_level min);

/* Expressions with commas between, up to the closing parenthesis, which is
 * stepped over. */
bool lam_parse_list(struct lam_parser *p, struct lam_ast_list *list);

/* A primary that starts with a name: a literal, special form, call, aggregate. */
struct lam_ast *lam_parse_name(struct lam_parser *p);

/* A call: the current token is its name, the next one its parenthesis. */
struct lam_ast *lam_parse_call(struct lam_parser *p);

/* parse_agg.c: [FILTER (WHERE condition)]; *OUT stays as it is without it. */
bool lam_parse_filter(struct lam_parser *p, struct lam_ast **out);

/* parse_rewrite.c: a call of NAME as what it means; *IS: it has such a meaning. */
struct lam_ast *lam_parse_rewritten(struct lam_parser *p,
	const struct lam_token *name, const struct lam_ast_list *list, bool *is);

/* Name I of the table in parse_over.c, and in parse_now.c; NULL: there are no more. */
const char *lam_parse_window_name(size_t i);
const char *lam_parse_now_name(size_t i);

/* parse_pattern.c: X matches RE, a constant. */
enum lam_pattern { LAM_PATTERN_WHOLE, LAM_PATTERN_PART, LAM_PATTERN_GLOB };
struct lam_ast *lam_parse_pattern(struct lam_parser *p,
	const struct lam_token *at, enum lam_pattern kind, struct lam_ast *x,
	struct lam_ast *re);

/* parse_list.c: does a list in brackets begin?  Its elements; it; what follows X;
 * what X is compared with; the "[]" of a type, of what the cast ELEMENT makes. */
bool lam_parse_is_list(const struct lam_parser *p);
bool lam_parse_elements(struct lam_parser *p, struct lam_ast_list *list);
struct lam_ast *lam_parse_list_value(struct lam_parser *p);
struct lam_ast *lam_parse_subscript(struct lam_parser *p, struct lam_ast *x);
struct lam_ast *lam_parse_any(struct lam_parser *p, const struct lam_token *at,
	enum lam_fn fn, struct lam_ast *x);
struct lam_ast *lam_parse_list_cast(struct lam_parser *p, struct lam_ast *x,
	const struct lam_token *at, bool try, enum lam_fn element);

bool lam_parse_is_aggregate(const struct lam_token *name);

/* The rest of a call of the aggregate NAME, after its parenthesis. */
struct lam_ast *lam_parse_aggregate(struct lam_parser *p,
	const struct lam_token *name);

/* parse_agg_args.c: what the parentheses of AGG, called NAME, hold, up to the closing
 * one and a WITHIN GROUP, which is among the arguments then. */
struct lam_agg_args {
	struct lam_ast_list list;
	struct lam_ast_list several; /* the constants of a list, behind LIST */
	struct lam_term *order;
	uint32_t norder;
};
bool lam_parse_agg_args(struct lam_parser *p, const struct lam_token *name,
	enum lam_agg agg, struct lam_agg_args *out);

/* parse_agg.c: array_agg of ARGS. */
struct lam_ast *lam_parse_array_agg(struct lam_parser *p,
	const struct lam_token *at, struct lam_agg_args *args);

/* parse_array.c: ARRAY (SELECT ...): the word is at hand. */
struct lam_ast *lam_parse_array(struct lam_parser *p);

/* A function that only OVER can follow. */
bool lam_parse_is_window(const struct lam_token *name);

/* The rest of a call of it, after its parenthesis. */
struct lam_ast *lam_parse_window(struct lam_parser *p,
	const struct lam_token *name);

/* After the aggregate A: itself, or what OVER makes of it. */
struct lam_ast *lam_parse_over(struct lam_parser *p, struct lam_ast *a);

/* "(" spec ")": an OVER without function. */
struct lam_ast *lam_parse_spec(struct lam_parser *p);

/* [AS] name, where it is one. */
bool lam_parse_alias(struct lam_parser *p, struct lam_str *out);

/* parse_row.c: the rest of a row of values, behind FIRST, with what it is compared
 * with. */
struct lam_ast *lam_parse_row(struct lam_parser *p, struct lam_ast *first);

/* parse_on.c: queries within ON go to WHERE, where they may. */
bool lam_parse_on_queries(struct lam_parser *p, struct lam_select *s);

/* Where A is true is all that is asked of it. */
void lam_parse_ask(struct lam_ast *a);

/* parse_set.c: a whole query. */
bool lam_parse_select(struct lam_parser *p, struct lam_select *s);

/* The rest of a query in parentheses, for the USE that is made of it, of IN with the
 * values X[0..nx-1]. */
struct lam_ast *lam_parse_query(struct lam_parser *p, enum lam_query_use use,
	const struct lam_token *at, struct lam_ast *const *x, uint32_t nx);

/* parse.c: SELECT and its clauses; then ORDER BY and LIMIT; then what is to be done
 * when all of a query has been read. */
bool lam_parse_core(struct lam_parser *p, struct lam_select *s);
bool lam_parse_order(struct lam_parser *p, struct lam_select *s);
bool lam_parse_complete(struct lam_parser *p, struct lam_select *s);

/* parse_group.c: GROUP BY. */
bool lam_parse_group(struct lam_parser *p, struct lam_select *s);

/* parse_from.c: WITH name AS (SELECT ...), ...; the relation after FROM; and what
 * may follow a *. */
bool lam_parse_with(struct lam_parser *p, struct lam_select *s);
bool lam_parse_from(struct lam_parser *p, struct lam_select *s);
bool lam_parse_star(struct lam_parser *p, struct lam_item *i);

/* WINDOW name AS (spec), ...: the current token is what follows WINDOW. */
bool lam_parse_windows(struct lam_parser *p, struct lam_select *s);

/* Write out the named windows in the trees of S. */
bool lam_parse_settle(struct lam_parser *p, struct lam_select *s);

/* DISTINCT ON of S becomes a QUALIFY: the first row of each. */
bool lam_parse_first_rows(struct lam_parser *p, struct lam_select *s);

bool lam_parse_terms(struct lam_parser *p, struct lam_term **list, uint32_t *n,
	bool flags);

/* Room for one more element in an arena array: doubled when it is full. */
void *lam_parse_grow(struct lam_parser *p, void *list, uint32_t n,
	size_t size);

/* The rest of "CAST(" x "AS" type ")" after x, or of x "::" type. */
struct lam_ast *lam_parse_cast(struct lam_parser *p, struct lam_ast *x,
	const struct lam_token *at, bool try);

/* Literals. */
struct lam_ast *lam_parse_number(struct lam_parser *p);
struct lam_ast *lam_parse_string(struct lam_parser *p);
/* The current token is INTERVAL; the next one starts a quantity. */
struct lam_ast *lam_parse_interval(struct lam_parser *p);
/* The current token is DATE or TIMESTAMP, the next one a text. */
struct lam_ast *lam_parse_time(struct lam_parser *p);

/* A node AT for the integer V, or the text S. */
struct lam_ast *lam_parse_integer(struct lam_parser *p,
	const struct lam_token *at, int64_t v);
struct lam_ast *lam_parse_text(struct lam_parser *p,
	const struct lam_token *at, struct lam_str s);

/* parse_now.c: does the time of the query come, as now() or current_date? */
bool lam_parse_at_now(const struct lam_parser *p);
struct lam_ast *lam_parse_now(struct lam_parser *p);

/* parse_call.c: there is no function NAME: fail, and say what may be meant.  NULL. */
struct lam_ast *lam_parse_unknown(struct lam_parser *p,
	const struct lam_token *name);

#endif
