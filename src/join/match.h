/*
 * match.h - which rows of the right have the keys of a row of the left
 *
 * Use:      init -> add* (the rows of the right, in order) -> freeze -> find*
 * Threads:  one that adds; then any number that find
 */
#ifndef LAM_JOIN_MATCH_H
#define LAM_JOIN_MATCH_H

#include "expr/expr.h"
#include "group/key_ids.h"
#include "sql/query.h"

#define LAM_NO_ROW UINT32_MAX

struct lam_match {
	uint32_t nkeys;
	struct lam_mem mem;
	struct lam_key_dict *key;  /* [nkeys]: values of each */
	struct lam_key_dict *pair; /* [nkeys - 1]: key 0 and 1, that and key 2, ... */
	uint32_t *first, *last;	   /* by id: rows that have the keys */
	size_t nids, first_cap, last_cap;
	uint32_t *next;		   /* by row: one more that has, or LAM_NO_ROW */
	size_t rows, next_cap;
};

/* Are there numbers for so many ROWS? */
int lam_match_room(uint64_t rows, struct lam_error *e) LAM_MUST;

/* TYPE[0..nkeys-1]. */
int lam_match_init(struct lam_match *m, const uint8_t *type, uint32_t nkeys,
	struct lam_error *e) LAM_MUST;
void lam_match_release(struct lam_match *m);

/* N rows more, their keys. */
int lam_match_add(struct lam_match *m, const struct lam_vec *key, uint32_t n,
	struct lam_arena *arena, struct lam_error *e) LAM_MUST;
int lam_match_freeze(struct lam_match *m, struct lam_error *e) LAM_MUST;

/* Bytes that it holds. */
static inline uint64_t
lam_match_memory(const struct lam_match *m)
{
	return m->mem.used + 4 * (m->next_cap + m->first_cap + m->last_cap);
}

/* ROW[i]: the first row that has the keys I; m->next are the others. */
int lam_match_find(struct lam_match *m, const struct lam_vec *key, uint32_t n,
	struct lam_arena *arena, uint32_t *row, struct lam_error *e) LAM_MUST;

#endif
