/*
 * tie.c - what a function has read is still what its stream holds
 *
 * The head of a stream is the end of a block, mostly also later on: then a comparison
 * costs a look at a directory.
 */
#include "trigger/tie.h"

#include <inttypes.h>

#include "base/clock.h"
#include "log/history.h"

static int
compare(const struct lam_tie *t, const char *name, struct lam_stream *s,
	struct lam_error *e)
{
	uint64_t history;
	bool known;
	int rc;

	if (!t->known)
		return LAM_OK;
	if (t->at > s->head)
		return lam_fail(e, LAM_DATA, "%s: it has seen %s up to position %"
			PRIu64 ", but that ends at %" PRIu64 ": the log has lost "
			"records: restore it, or remove trigger/%s to begin anew",
			name, s->name, t->at, s->head, name);
	rc = lam_stream_history(s, t->at, &known, &history, e);
	if (rc || !known || history == t->history)
		return rc;
	return lam_fail(e, LAM_DATA, "%s: the records of %s before position %"
		PRIu64 " are not those that it has seen: the log was restored from "
		"an older copy, or is another one: remove trigger/%s to begin anew, "
		"where \"from\" says", name, s->name, t->at, name);
}

int
lam_tie_follow(struct lam_feed *f, struct lam_stream *s, struct lam_error *e)
{
	const struct lam_ledger_progress *p = &f->ledger->progress;
	bool is_source = f->function->on != LAM_ON_STREAM ||
		!strcmp(f->ledger->source, s->id);
	int rc;

	if (!f->tie.known && is_source)
		f->tie = p->tie;
	rc = compare(&f->tie, f->function->name, s, e);
	if (f->tie.at != s->head)
		f->tie.when = lam_clock_wall();
	f->tie.at = s->head;
	return rc ? rc : lam_stream_history(s, s->head, &f->tie.known,
		&f->tie.history, e);
}

int
lam_tie_put(const struct lam_feed *f, struct lam_ledger *l, struct lam_error *e)
{
	const struct lam_tie *was = &l->progress.tie;
	struct lam_ledger_frame x = { .kind = LAM_FRAME_TIE, .to = f->tie.at,
		.when = f->tie.when, .target = f->tie.history };

	if (!f->tie.known || (was->known && was->at == f->tie.at))
		return LAM_OK;
	return lam_ledger_put(l, &x, e);
}

int
lam_tie_check(const struct lam_ledger_progress *p, const char *name,
	struct lam_stream *s, struct lam_error *e)
{
	return compare(&p->tie, name, s, e);
}
