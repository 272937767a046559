/*
 * print.h - canonical SQL text
 *
 * Keywords in upper case, functions by their first name, one blank, the fewest
 * parentheses, constants in one form.  Parsing the text again gives an equal
 * tree, so text can stand for meaning: as a label, a name, a key to compare by.
 */
#ifndef LAM_SQL_PRINT_H
#define LAM_SQL_PRINT_H

#include "base/buf.h"
#include "sql/ast.h"

void lam_print_expr(const struct lam_ast *a, struct lam_buf *out);

/* A name, in double quotes unless it is a plain word. */
void lam_print_name(struct lam_str name, struct lam_buf *out);

/* "name(args) FILTER (WHERE filter)" of N of the arguments of aggregate A. */
void lam_print_agg(const struct lam_ast *a, const char *name, uint32_t n,
	struct lam_buf *out);

/* The type that the cast FN makes; NULL: it is no cast. */
const char *lam_print_cast(enum lam_fn fn);

/* A window function. */
void lam_print_over(const struct lam_ast *a, struct lam_buf *out);

/* A query within: its normal text once it is bound, else as it is written. */
void lam_print_query(const struct lam_ast *a, struct lam_buf *out);

/* Canonical text of A as a string in the arena; NULL: out of memory. */
const char *lam_print_text(struct lam_sql *s, const struct lam_ast *a);

#endif
