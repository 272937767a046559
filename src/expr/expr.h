/*
 * expr.h - evaluate a bound expression over the rows of one batch
 *
 * Vectorised: a node is evaluated for all rows at once.  A call whose only
 * non-constant argument is a DICT vector is evaluated over the dictionary and keeps the
 * codes; date_trunc, time_bucket and comparisons with constants work on FOR
 * vectors without widening them; constants fold.  A value that cannot be computed
 * (beyond all numbers or times, or a failed cast) is NULL and marks its row as
 * faulty, if the row is needed: filtered rows, untaken CASE branches and unused
 * dictionary entries are never faulty.
 */
#ifndef LAM_EXPR_EXPR_H
#define LAM_EXPR_EXPR_H

#include "base/arena.h"
#include "base/err.h"
#include "fn/fault.h"
#include "sql/query.h"
#include "store/batch.h"
#include "store/vec.h"

/* The rows an expression is evaluated for, and where its leaves come from. */
struct lam_frame {
	uint32_t n;
	struct lam_arena *arena;
	void *state;
	struct lam_faults faults; /* of all that was evaluated in the frame */
	/* The batch whose ranges hold for these rows; NULL: nothing is known. */
	struct lam_batch *batch;
	/* The vector of a FIELD, KEY or FINAL leaf, n rows; it stays valid as long
	 * as the arena.  Called for each occurrence: the frame's owner caches. */
	int (*leaf)(struct lam_frame *f, const struct lam_expr *x,
		const struct lam_vec **out, struct lam_error *e);
	/* The rows in which the TEXT leaf X is S, without its vector, when that is
	 * of no other use: else *DONE is false.  May be NULL. */
	int (*match)(struct lam_frame *f, const struct lam_expr *x,
		struct lam_str s, struct lam_vec *out, bool *done,
		struct lam_error *e);
};

/*
 * Compile regular expressions and LIKE patterns, which is done once.  Call
 * before the first evaluation, single-threaded; errors are LAM_USAGE with the
 * place.  Afterwards any number of threads may evaluate.
 */
int lam_expr_prepare(struct lam_expr *x, struct lam_arena *a,
	struct lam_error *e) LAM_MUST;
void lam_expr_release(struct lam_expr *x);

int lam_expr_eval(const struct lam_expr *x, struct lam_frame *f,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;

/*
 * The rows for which X is true (not false, not NULL): their indexes, ascending,
 * into SEL (room for f->n), their number into *N.  AND evaluates its right side
 * only for the rows its left side lets pass.
 */
int lam_expr_filter(const struct lam_expr *x, struct lam_frame *f,
	uint16_t *sel, uint32_t *n, struct lam_error *e) LAM_MUST;

/* Structurally equal; DEPTH bounds the recursion. */
bool lam_expr_same(const struct lam_expr *a, const struct lam_expr *b,
	unsigned depth);

/* The verdict of the ranges of a batch's columns on a condition. */
enum lam_outlook {
	LAM_OUTLOOK_NONE, /* no row can pass: the batch is skipped unread */
	LAM_OUTLOOK_SOME, /* whenever in doubt */
	LAM_OUTLOOK_ALL	  /* every row does, and nothing fails: not evaluated */
};

/* B may be NULL: in doubt. */
enum lam_outlook lam_expr_outlook(const struct lam_expr *x,
	struct lam_batch *b);

/* Is it known from the ranges of B that X, of any of its rows, has neither a fault nor
 * a value that does not parse?  Then nothing is lost if nobody evaluates it. */
bool lam_expr_sound(const struct lam_expr *x, struct lam_batch *b);

#endif
