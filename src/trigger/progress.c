/*
 * progress.c - how far a function has come: what the frames of its ledger say
 *
 * A pending batch in a STATE frame:
 *
 *	0 u64 from   8 u64 to   16 u64 failed   24 u64 born   32 u64 due
 */
#include "trigger/progress.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"

void
lam_progress_release(struct lam_ledger_progress *p)
{
	free(p->item);
	*p = (struct lam_ledger_progress)LAM_PROGRESS_INIT;
}

void
lam_pending_put(const struct lam_pending *x, uint8_t *out)
{
	lam_put64(out, x->from);
	lam_put64(out + 8, x->to);
	lam_put64(out + 16, x->failed);
	lam_put64(out + 24, (uint64_t)x->born);
	lam_put64(out + 32, (uint64_t)x->due);
}

static int
fail(const struct lam_ledger_frame *f, const char *what, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "a frame of [%" PRIu64 ", %" PRIu64 ") %s",
		f->from, f->to, what);
}

/* Where a batch that begins at FROM is, or would be. */
static size_t
find(const struct lam_ledger_progress *p, uint64_t from)
{
	size_t i = 0;

	while (i < p->n && p->item[i].from < from)
		i++;
	return i;
}

static int
insert(struct lam_ledger_progress *p, size_t i, const struct lam_pending *x,
	struct lam_error *e)
{
	if (!lam_array_room(&p->item, &p->cap, p->n + 1, sizeof *p->item))
		return lam_fail_mem(e);
	memmove(&p->item[i + 1], &p->item[i], (p->n - i) * sizeof *p->item);
	p->item[i] = *x;
	p->n++;
	return LAM_OK;
}

static void
drop(struct lam_ledger_progress *p, size_t i)
{
	p->n--;
	memmove(&p->item[i], &p->item[i + 1], (p->n - i) * sizeof *p->item);
}

static int
intent(struct lam_ledger_progress *p, const struct lam_ledger_frame *f,
	struct lam_error *e)
{
	struct lam_pending x = { f->from, f->to, 0, f->born, 0 };
	size_t i = find(p, f->from);

	if (f->from >= p->next) {
		if (f->attempt != 1)
			return fail(f, "is not the first attempt", e);
		p->next = f->to;
		return insert(p, i, &x, e);
	}
	if (i == p->n || p->item[i].from != f->from || p->item[i].to != f->to)
		return fail(f, "begins a batch that is not pending", e);
	return f->attempt == p->item[i].failed + 1 ? LAM_OK :
		fail(f, "is not the next attempt", e);
}

static int
outcome(struct lam_ledger_progress *p, const struct lam_ledger_frame *f,
	struct lam_error *e)
{
	size_t i = find(p, f->from);
	struct lam_pending *x = i < p->n ? &p->item[i] : NULL, rest;

	if (!x || x->from != f->from || x->to != f->to ||
		f->attempt != x->failed + 1)
		return fail(f, "ends a batch that is not pending", e);
	if ((f->verdict == LAM_VERDICT_SPLIT || f->verdict ==
		LAM_VERDICT_PARTIAL) && (f->split <= f->from ||
		f->split >= f->to))
		return fail(f, "is split outside of itself", e);
	switch (f->verdict) {
	case LAM_VERDICT_DONE:
	case LAM_VERDICT_DEAD:
		drop(p, i);
		return LAM_OK;
	case LAM_VERDICT_RETRY:
		x->failed++;
		x->due = f->due;
		return LAM_OK;
	case LAM_VERDICT_PARTIAL:
		/* It is another batch: none of its own attempts has failed. */
		x->from = f->split;
		x->failed = 0;
		x->due = f->due;
		return LAM_OK;
	case LAM_VERDICT_SPLIT:
		/* The attempt is not counted against the halves. */
		rest = *x;
		x->to = rest.from = f->split;
		return insert(p, i + 1, &rest, e);
	}
	return fail(f, "has no verdict that is known", e);
}

static int
state(struct lam_ledger_progress *p, const struct lam_ledger_frame *f,
	struct lam_error *e)
{
	const char *at = f->output.p;
	int rc = LAM_OK;

	if (f->output.n % LAM_PENDING_BYTES)
		return fail(f, "is no state", e);
	p->n = 0;
	p->finds = false;
	p->next = f->to;
	p->redriven = f->from;
	p->redriven_to = f->split;
	for (size_t i = 0; !rc && i < f->output.n / LAM_PENDING_BYTES; i++) {
		struct lam_pending x = { lam_get64(at), lam_get64(at + 8),
			(uint32_t)lam_get64(at + 16),
			(int64_t)lam_get64(at + 24),
			(int64_t)lam_get64(at + 32) };

		rc = x.from < x.to && x.to <= p->next && (!i ||
			p->item[i - 1].to <= x.from) ?
			insert(p, p->n, &x, e) : fail(f, "is no state", e);
		at += LAM_PENDING_BYTES;
	}
	return rc;
}

/* Events follow each other; a file may begin with any. */
static int
found(struct lam_ledger_progress *p, const struct lam_ledger_frame *f,
	struct lam_error *e)
{
	if (f->to < f->from || (p->finds && f->from != p->found))
		return fail(f, "has other events than come next", e);
	p->finds = true;
	p->found = f->to;
	p->looked = f->split;
	p->spec = f->target;
	return LAM_OK;
}

int
lam_progress_apply(struct lam_ledger_progress *p, const struct lam_ledger_frame *f,
	struct lam_error *e)
{
	switch (f->kind) {
	case LAM_FRAME_STATE:
		return state(p, f, e);
	case LAM_FRAME_INTENT:
		return f->from < f->to && f->attempt ? intent(p, f, e) :
			fail(f, "is empty", e);
	case LAM_FRAME_OUTCOME:
		return f->attempt ? outcome(p, f, e) : fail(f, "is no attempt", e);
	case LAM_FRAME_SKIP:
		if (f->to < p->next)
			return fail(f, "goes back", e);
		p->next = f->to;
		return LAM_OK;
	case LAM_FRAME_DELIVERED:
		p->delivered = f->from;
		p->length = f->to;
		p->target = f->target;
		return LAM_OK;
	case LAM_FRAME_REDRIVEN:
		p->redriven = f->from;
		p->redriven_to = f->to;
		return LAM_OK;
	case LAM_FRAME_FOUND:
		return found(p, f, e);
	case LAM_FRAME_CALL:
		return LAM_OK;
	case LAM_FRAME_TIE:
		if (p->tie.known && f->to < p->tie.at)
			return fail(f, "goes back", e);
		p->tie = (struct lam_tie){ true, f->to, f->target, f->when };
		return LAM_OK;
	}
	return fail(f, "is of a kind that is not known", e);
}
