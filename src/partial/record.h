/*
 * record.h - KEY and STATE records of partial lines (see engine.h)
 */
#ifndef LAM_PARTIAL_RECORD_H
#define LAM_PARTIAL_RECORD_H

#include "group/group_table.h"

/* Fields of rows FROM .. TO - 1 of COLUMN as one record. */
void lam_record_print(const struct lam_vec *column, uint32_t from, uint32_t to,
	uint32_t row, struct lam_buf *out);

/* Merge the record STATE into REC of T. */
int lam_record_state(struct lam_group_table *t, char *rec, struct lam_str state,
	struct lam_arena *scratch, struct lam_error *e) LAM_MUST;

/* The typed keys of the record KEY, interned: X has room for t->nkeys. */
int lam_record_key(struct lam_group_table *t, struct lam_str key,
	struct lam_tuples *x, struct lam_arena *scratch, struct lam_error *e)
	LAM_MUST;

/*
 * Partial lines: KEY and STATE as in lam-partial(5), for one row of a partial
 * relation, appended to OUT as "KEY TAB STATE" (no newline).
 */
void lam_record_line(const struct lam_query *q, const struct lam_vec *column,
	uint32_t row, struct lam_buf *out);

/* Rows FROM .. TO - 1 as whole lines: VIEW TAB KEY TAB STATE LF. */
void lam_record_lines(const struct lam_query *q, const char *view,
	const struct lam_vec *column, uint32_t from, uint32_t to,
	struct lam_buf *out);

/*
 * The N columns of the states of some rows, and how each is printed: what holds
 * for all rows is asked once.  False: out of memory.
 */
struct lam_record_states {
	const struct lam_vec *column;
	uint8_t *how;	/* [n] */
	uint32_t n;
	size_t room;	/* bytes that hold any row; 0: it has to be asked */
};
bool lam_record_states(struct lam_record_states *s, const struct lam_vec *column,
	uint32_t n, struct lam_arena *a);

/*
 * The line HEAD FIELD STATE LF of ROW of S.  Up to LAM_RECORD_SLACK bytes behind HEAD
 * and FIELD are read.
 */
#define LAM_RECORD_SLACK 64
void lam_record_state_line(struct lam_str head, struct lam_str field,
	const struct lam_record_states *s, uint32_t row, struct lam_buf *out);

/*
 * The N fields of the record KEY or STATE, unescaped; .p == NULL: NULL.  They
 * point into RECORD or ARENA.  LAM_DATA: not such a record.
 */
int lam_record_split(struct lam_str record, struct lam_str *field, uint32_t n,
	struct lam_arena *arena, struct lam_error *e) LAM_MUST;

/*
 * Merge N state texts of state list Q ("STATE" of lines with equal KEY), the
 * result appended to OUT.  LAM_DATA: not such a state.
 */
int lam_record_merge(const struct lam_query *q, const struct lam_str *state,
	size_t n, struct lam_buf *out, struct lam_error *e) LAM_MUST;

/*
 * The same one state after the other, so that only the merged state is in memory:
 * begin -> add* -> end -> release.  Q outlives it.  A failure needs release only;
 * zeros, too, may be released.
 */
struct lam_record_merger {
	const struct lam_query *q;
	struct lam_group_table table;
	char *rec;
	struct lam_arena scratch;
};
int lam_record_begin(struct lam_record_merger *m, const struct lam_query *q,
	struct lam_error *e) LAM_MUST;
int lam_record_add(struct lam_record_merger *m, struct lam_str state,
	struct lam_error *e) LAM_MUST;
/* The merged state, appended to OUT. */
int lam_record_end(struct lam_record_merger *m, struct lam_buf *out,
	struct lam_error *e) LAM_MUST;
void lam_record_release(struct lam_record_merger *m);

#endif
