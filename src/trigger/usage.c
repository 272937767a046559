/*
 * usage.c - what a function has used, from its ledger
 *
 * Durations are rounded up to whole milliseconds for GB-s, as they are billed
 * elsewhere.  A percentile is the least duration that so many percent are not above.
 */
#include "trigger/usage.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/dir.h"
#include "sandbox/sandbox.h"

#define MS INT64_C(1000000)
#define GB ((double)(UINT64_C(1) << 30))

static int
add_took(struct lam_usage *u, int64_t took, struct lam_error *e)
{
	if (!lam_array_room(&u->took, &u->cap, u->n + 1, sizeof *u->took))
		return lam_fail_mem(e);
	u->took[u->n++] = took;
	return LAM_OK;
}

static int
count(void *arg, const struct lam_ledger_frame *f, struct lam_error *e)
{
	struct lam_usage *u = arg;
	bool ok = f->how == LAM_RUN_EXIT && !f->status;
	int rc = lam_progress_apply(&u->progress, f, e);

	if (!rc)
		rc = lam_lag_add(&u->lag, f, &u->progress, e);
	if (rc || (f->kind != LAM_FRAME_OUTCOME && f->kind != LAM_FRAME_REDRIVEN &&
		f->kind != LAM_FRAME_CALL))
		return rc;
	u->requests++;
	u->errors += !ok || f->verdict != LAM_VERDICT_DONE;
	u->timeouts += f->how == LAM_RUN_TIMEOUT;
	u->ooms += f->how == LAM_RUN_OOM;
	u->rejected += f->how == LAM_RUN_EXIT && f->status == 65;
	u->retries += f->attempt > 1;
	u->dead += f->verdict == LAM_VERDICT_DEAD;
	u->records += f->verdict == LAM_VERDICT_DONE ? f->records : 0;
	u->gb_s += (double)f->limit / GB * (double)((f->took + MS - 1) / MS) / 1e3;
	u->cpu_s += (double)f->cpu / 1e9;
	u->memory = f->memory > u->memory ? f->memory : u->memory;
	return add_took(u, f->took, e);
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t
percentile(const struct lam_usage *u, size_t percent)
{
	size_t rank = (u->n * percent + 99) / 100;

	return u->n ? u->took[rank ? rank - 1 : 0] : 0;
}

/* All files of the ledger in DIR; a function that never ran has used nothing. */
static int
read_ledger(struct lam_usage *u, const char *dir, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	struct lam_ledger_head head;
	char path[LAM_PATH_MAX];
	uint64_t end, torn;
	int rc = lam_io_list(dir, ".led", &names, e);

	for (size_t i = 0; !rc && i < names.n; i++) {
		rc = lam_io_path(path, sizeof path, e, "%s/%s", dir,
			names.name[i]);
		if (!rc)
			rc = lam_ledger_scan(path, &head, count, u, &end, &torn,
				e);
	}
	lam_names_release(&names);
	if (u->n)
		qsort(u->took, u->n, sizeof *u->took, by_value);
	u->p50 = percentile(u, 50);
	u->p99 = percentile(u, 99);
	u->next = u->progress.next;
	u->pending = u->progress.n;
	return rc;
}

void
lam_usage_release(struct lam_usage *u)
{
	free(u->took);
	lam_lag_release(&u->lag);
	lam_progress_release(&u->progress);
}

bool
lam_usage_price_parse(const char *text, struct lam_usage_price *p)
{
	char *end;

	*p = (struct lam_usage_price){ 0, 0 };
	if (*text < '0' || *text > '9')
		return false;
	p->gb_s = strtod(text, &end);
	if (*end == ',' && end[1] >= '0' && end[1] <= '9')
		p->request = strtod(end + 1, &end);
	return !*end;
}

int
lam_usage_find(struct lam_usage *u, const char *data, const char *name,
	struct lam_error *e)
{
	char dir[LAM_PATH_MAX];
	int rc = lam_io_path(dir, sizeof dir, e, "%s/trigger/%s", data, name);

	*u = (struct lam_usage)LAM_USAGE_INIT;
	if (!rc)
		rc = read_ledger(u, dir, e);
	if (!rc)
		lam_lag_find(&u->lag, data, name, &u->progress);
	return rc;
}
