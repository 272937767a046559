/*
 * fn_list.h - functions of lists, between the files that have them
 *
 * Each row's list is read into an array of values; then a function makes a value of it,
 * or a list again.
 */
#ifndef LAM_FN_FN_LIST_H
#define LAM_FN_FN_LIST_H

#include "base/buf.h"
#include "fn/fn.h"
#include "store/list.h"

struct lam_list_items {
	struct lam_scalar *p;
	uint32_t n, cap;
	bool same; /* for all rows, and read */
};

struct lam_list_run {
	struct lam_call *c;
	struct lam_reader r[3];
	uint32_t nargs;
	struct lam_list_items items[2]; /* of the first two, if they are lists */
	bool broken; /* one of this row is no list: the row is a fault */
	struct lam_buf b;
};

/* Row I, whose first list is read; what it gives beside a broken one is not used. */
typedef int lam_list_fn(struct lam_list_run *u, uint32_t i, struct lam_scalar *out);

/* fn_list.c: one element more. */
int lam_list_push(struct lam_list_run *u, struct lam_list_items *t,
	const struct lam_scalar *v) LAM_MUST;
/* What the text S holds, as values of TYPE; *BAD: it is no list of these. */
int lam_list_read(struct lam_list_run *u, struct lam_list_items *t,
	struct lam_str s, uint8_t type, bool *bad) LAM_MUST;
/* The items of argument K in row I, into u->items[K]; none of NULL.  Sets u->broken. */
int lam_list_take(struct lam_list_run *u, uint32_t k, uint32_t i) LAM_MUST;
/* Argument K; as a whole number; and a number as the result. */
struct lam_scalar lam_list_value(const struct lam_list_run *u, uint32_t k,
	uint32_t i);
int64_t lam_list_whole(const struct lam_list_run *u, uint32_t k, uint32_t i);
void lam_list_number(struct lam_scalar *out, int64_t v);

/* fn_list_make.c */
lam_list_fn lam_list_slice, lam_list_sort, lam_list_reverse, lam_list_distinct;
lam_list_fn lam_list_concat, lam_list_append, lam_list_prepend, lam_list_cast;
lam_list_fn lam_list_intersect;

#endif
