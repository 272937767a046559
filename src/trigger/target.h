/*
 * target.h - where the outputs of a function go: a stream, a file, standard output
 *
 * Outputs come from the ledger, in its order, each with its position there.  After a
 * crash some of them come again:
 *
 *	a stream	takes each once: the ledger is its source, the position is
 *			the place of that source (log/place.h)
 *	a file		takes each once: what it has already is compared with what
 *			comes again, and not written twice
 *	-		may get the last ones twice
 */
#ifndef LAM_TRIGGER_TARGET_H
#define LAM_TRIGGER_TARGET_H

#include "input/input.h"
#include "source/message.h"
#include "trigger/ledger.h"

struct lam_target;

/*
 * The target INTO of function NAME; a name is a stream, made when its first record
 * comes; TEXT says how it is read, where it does not the stream does.  L, the caller's,
 * is open, or NULL: there is none, as for a filter, which has no stream.
 */
struct lam_target_options {
	const char *data, *name, *into;
	const struct lam_input_options *text; /* the caller's */
	const char *called; /* INTO as the function has it: a dataset may be moved */
	struct lam_ledger *ledger;
	struct lam_messages warn;
};
int lam_target_open(struct lam_target **out,
	const struct lam_target_options *o, struct lam_error *e) LAM_MUST;

/*
 * Could T take the output TEXT?  LAM_DATA, LAM_USAGE: no text of its kind; of a file,
 * some line of it is no record of the format, if the text has one.  Fields
 * that are new to a stream are then in its schema.
 */
int lam_target_check(struct lam_target *t, struct lam_str text,
	struct lam_error *e) LAM_MUST;

/* Take the output TEXT, at position AT of the ledger. */
int lam_target_put(struct lam_target *t, uint64_t at, struct lam_str text,
	struct lam_error *e) LAM_MUST;

/*
 * What was put is durable where it can be, and the ledger is told: the outputs before
 * UPTO are not needed any more.
 */
int lam_target_sync(struct lam_target *t, uint64_t upto, struct lam_error *e)
	LAM_MUST;

void lam_target_close(struct lam_target *t);

#endif
