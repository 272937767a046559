/*
 * parse.h - SQL text to a syntax tree
 */
#ifndef LAM_SQL_PARSE_H
#define LAM_SQL_PARSE_H

#include "sql/ast.h"

/* One SELECT statement, all of TEXT.  Errors are LAM_USAGE in s->e. */
int lam_parse(struct lam_sql *s, const char *text, struct lam_select *out)
	LAM_MUST;

/* Does a query begin with T? */
bool lam_parse_is_query(const struct lam_token *t);

/* Name I of the functions that the parser itself knows: rewritten calls, those of
 * windows, the times of a query.  NULL: there are no more. */
const char *lam_parse_own_name(size_t i);

#endif
