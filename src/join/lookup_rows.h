/*
 * lookup_rows.h - the rows of a look-up file, found by their keys
 *
 * Use:      new -> add* (in the order of the file) -> end -> lookup is used -> free
 * Memory:   all columns that are read, and the keys
 * Threads:  one that adds; then any number that find
 */
#ifndef LAM_JOIN_LOOKUP_ROWS_H
#define LAM_JOIN_LOOKUP_ROWS_H

#include "fn/lookup.h"
#include "join/match.h"
#include "sql/ref_file.h"

struct lam_lookup_rows;

int lam_lookup_rows_new(struct lam_lookup_rows **out,
	const struct lam_ref_file *f, struct lam_error *e) LAM_MUST;
void lam_lookup_rows_free(struct lam_lookup_rows *x);

/* N rows more: COLUMN[0..nfields-1], those that are used. */
int lam_lookup_rows_add(struct lam_lookup_rows *x, const struct lam_vec *column,
	uint32_t n, struct lam_arena *arena, struct lam_error *e) LAM_MUST;

/* Two rows that have one key, TWICE[0] before TWICE[1]; false: there are none. */
bool lam_lookup_rows_twice(const struct lam_lookup_rows *x, uint32_t twice[2]);

/* The key of ROW, "ip = 10.0.0.1, port = 80", to OUT. */
void lam_lookup_rows_key(const struct lam_lookup_rows *x, uint32_t row,
	struct lam_buf *out);

/* No more come. */
int lam_lookup_rows_end(struct lam_lookup_rows *x, struct lam_lookup **out,
	struct lam_error *e) LAM_MUST;

uint64_t lam_lookup_rows_memory(const struct lam_lookup_rows *x);

#endif
