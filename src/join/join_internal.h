/*
 * join_internal.h - shared by the files of a join
 */
#ifndef LAM_JOIN_JOIN_INTERNAL_H
#define LAM_JOIN_JOIN_INTERNAL_H

#include "join/join.h"

/* A batch of the left. */
struct lam_join_slot {
	struct lam_arena arena;
	struct lam_batch left;
	struct lam_vec *column;	/* [nleft] */
	bool *loaded;
	uint32_t refs;
	pthread_mutex_t lock;	/* of what is loaded */
	bool locked;
	/* Rows that take part, the first candidate of each, and where we are: */
	uint16_t *sel;
	uint32_t *first, *end;	/* END: SORTED, or no keys; see lam_match otherwise */
	uint32_t n, at;
	uint32_t next;		/* candidate of the row AT */
	bool begun, met;	/* the row AT has; it met one */
};

/* Where the pairs are, of all batches of the left, or of those of one worker. */
struct lam_join_lane {
	struct lam_join_slot *now; /* whose pairs come next, or NULL */
	bool begun;		   /* it counts among JOIN's lanes */
	bool ended;		   /* of the left no batch is left */
};

/* The state of a batch that is given out. */
struct lam_join_pairs {
	struct lam_join_source *join;
	struct lam_join_slot *slot; /* NULL: of the right alone */
	const uint16_t *left;
	const uint32_t *right;
	bool all;		/* each row of the left, once */
};

/* A frame over the rows of a batch of the left, of kept rows, or of candidates. */
struct lam_join_over {
	struct lam_frame frame;
	struct lam_join_slot *slot;
	struct lam_batch *kept;
	const struct lam_join_pairs *pairs;
};

/* join_columns.c: of a batch that is given out.  Column F of the pairs P, N of them. */
int lam_join_column(const struct lam_join_pairs *p, uint32_t f, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, uint64_t *bad,
	struct lam_error *e) LAM_MUST;
int lam_join_load(struct lam_batch *b, uint32_t f, bool raw,
	struct lam_vec *out, uint64_t *bad, struct lam_error *e);
void lam_join_range(struct lam_batch *b, uint32_t f, struct lam_range *out);

/* N times NULL. */
int lam_join_nulls(uint8_t type, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;

/* O, whose rows are set, over N of them. */
void lam_join_over(struct lam_join_over *o, uint32_t n,
	struct lam_arena *arena);
/* What could not be computed there. */
void lam_join_count(struct lam_join_source *x, const struct lam_join_over *o);
/* The values of the keys KEY. */
int lam_join_keys(struct lam_join_source *x, struct lam_expr **key,
	struct lam_join_over *o, struct lam_vec **out, struct lam_error *e)
	LAM_MUST;

/* join.c: which rows of the batch S take part, and the keys of all. */
int lam_join_left_keys(struct lam_join_source *x, struct lam_join_slot *s,
	struct lam_vec **key, struct lam_error *e) LAM_MUST;
/* SOURCE's next. */
int lam_join_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e);

/* join_sort.c: both sides are sorted by their keys, TYPE[nkeys]. */
int lam_join_sort(struct lam_join_source *x, const struct lam_row_source *rows,
	const uint8_t *type, const struct lam_resources *o,
	struct lam_error *e) LAM_MUST;

#endif
