/*
 * statement.h - a text of statements, with ; between them
 *
 *	query
 *	EXPLAIN [ANALYZE] query		how it is run
 *	SHOW TABLES | VIEWS | STREAMS	what a dataset has
 *	DESCRIBE | DESC relation | query	its columns
 *	SUMMARIZE relation | query	their values
 *
 * Each is about a query, so it is known by its kind and the text of that: of a
 * relation, FROM relation.  Places in that text are those in the whole.
 */
#ifndef LAM_ANSWER_STATEMENT_H
#define LAM_ANSWER_STATEMENT_H

#include "sql/lex.h"

enum lam_statement_kind {
	LAM_STATEMENT_QUERY, LAM_STATEMENT_EXPLAIN, LAM_STATEMENT_SHOW,
	LAM_STATEMENT_DESCRIBE, LAM_STATEMENT_SUMMARIZE
};

struct lam_statement {
	uint8_t kind;	     /* enum lam_statement_kind */
	bool analyze;	     /* EXPLAIN: run it, too */
	bool views, streams; /* SHOW: which */
	const char *sql;     /* the query */
};

struct lam_statements {
	struct lam_sql sql;
	struct lam_lex lex;
	const char *text;
	size_t n; /* given out */
};

/* TEXT, of the source NAME, and what is made of it in A outlive S. */
void lam_statements_init(struct lam_statements *s, const char *text,
	const char *name, struct lam_arena *a, struct lam_error *e);

/* The next one; *GOT false: there are no more.  An empty text has one, which is
 * empty. */
int lam_statements_next(struct lam_statements *s, struct lam_statement *out,
	bool *got) LAM_MUST;

#endif
