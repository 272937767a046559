/*
 * trigger_call.c - requests: those that nobody waits for, and what the others have used
 */
#include "trigger/found.h"
#include "trigger/trigger_internal.h"

void
lam_trigger_next_id(const struct lam_trigger *t, char id[LAM_REQUEST_ID_SIZE])
{
	uint64_t next = t->ledger.progress.found;
	struct lam_task b = { .from = next, .to = next + 1 };

	lam_trigger_id(t, &b, id);
}

int
lam_trigger_enqueue(struct lam_trigger *t, struct lam_str text, struct lam_error *e)
{
	struct lam_queue q = LAM_QUEUE_INIT;
	int rc;

	lam_buf_put(&q.text, text.p, text.n);
	rc = lam_queue_put(&q, t->ledger.progress.found, &t->fault);
	if (!rc)
		rc = lam_found_put(&t->ledger, &q, (struct lam_str){ "", 0 }, 0, 0,
			&t->fault);
	if (!rc)
		rc = lam_ledger_acknowledge(&t->ledger, &t->fault);
	lam_queue_release(&q);
	t->feed.more = t->all->again = true;
	return rc ? lam_fail(e, rc, "%s", t->fault.msg) : LAM_OK;
}

void
lam_trigger_called(struct lam_trigger *t, const struct lam_attempt *a)
{
	struct lam_ledger_frame f = { .kind = LAM_FRAME_CALL,
		.verdict = LAM_VERDICT_DONE, .how = (uint8_t)a->how, .attempt = 1,
		.records = 1, .status = (uint32_t)a->status, .tiers = a->tiers,
		.when = a->when, .took = a->took, .cpu = a->cpu,
		.memory = a->memory, .limit = t->f->memory };

	if (!t->fault.code && lam_ledger_put(&t->ledger, &f, &t->fault))
		t->all->again = true;
}
