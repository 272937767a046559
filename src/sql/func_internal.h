/*
 * func_internal.h - the function table, for the parser and the binder
 */
#ifndef LAM_SQL_FUNC_INTERNAL_H
#define LAM_SQL_FUNC_INTERNAL_H

#include "base/bytes.h"
#include "sql/func.h"

/* The first row of the function that is called NAME (or has that synonym);
 * LAM_FNS: there is none. */
enum lam_fn lam_func_find(struct lam_str name);

/* The aggregate called NAME, an enum lam_agg; -1: none. */
int lam_func_aggregate(struct lam_str name);

/* The canonical unit that a function of this name extracts from a time, as
 * year(ts) does; NULL: it is no such function. */
const char *lam_func_part(struct lam_str name);

/* A unit as date_part takes it, to its canonical name ("hours" -> "hour",
 * "epoch" too) and *ID; NULL: none.  TRUNC: only enum lam_unit. */
const char *lam_func_unit(struct lam_str name, bool trunc, uint32_t *id);

/* The type letter of argument I of N; 0: FN does not take that many. */
char lam_func_arg(enum lam_fn fn, uint32_t i, uint32_t n);

/* Must argument I of FN be a constant? */
bool lam_func_constant(enum lam_fn fn, uint32_t i);

/* The known name nearest to NAME, for "did you mean"; NULL: none is near. */
const char *lam_func_near(struct lam_str name);

/* The SQL to write instead of a function of other systems, or NULL. */
const char *lam_func_instead(struct lam_str name);

#endif
