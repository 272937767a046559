/*
 * usage.c - what a function has used, from its ledger
 *
 * Durations are rounded up to whole milliseconds for GB-s, as they are billed
 * elsewhere.  A percentile is the least duration that so many percent are not above.
 */
#include "trigger/usage.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/dir.h"
#include "sandbox/sandbox.h"
#include "time/time.h"

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

int
lam_usage_read(struct lam_usage *u, const char *dir, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	struct lam_ledger_head head;
	char path[LAM_PATH_MAX];
	uint64_t end, torn;
	int rc = lam_io_list(dir, ".led", &names, e);

	*u = (struct lam_usage)LAM_USAGE_INIT;
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

static const char *const columns[] = { "requests", "errors", "timeouts", "ooms",
	"rejected", "retries", "dead", "records", "gb_s", "cpu_s", "p50_ms",
	"p99_ms", "memory_mb", "next", "pending", "lag", "lag_s" };

static void
print_header(bool cost, struct lam_buf *out)
{
	lam_buf_puts(out, "function");
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		lam_buf_printf(out, ",%s", columns[i]);
	lam_buf_puts(out, cost ? ",cost\n" : "\n");
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

/* Seconds that the first record has waited; < 0: not known. */
static double
waited(const struct lam_lag *g)
{
	int64_t now = lam_clock_wall();

	if (!g->records)
		return 0;
	return g->since == LAM_LAG_NONE ? -1 : now < g->since ? 0 :
		(double)(now - g->since) / 1e9;
}

static void
print(const struct lam_usage *u, const char *name, bool json,
	const struct lam_usage_price *price, struct lam_buf *out)
{
	bool lags = u->lag.records != UINT64_MAX;
	const struct { double v; int digits; } value[] = {
		{ (double)u->requests, 0 }, { (double)u->errors, 0 },
		{ (double)u->timeouts, 0 }, { (double)u->ooms, 0 },
		{ (double)u->rejected, 0 }, { (double)u->retries, 0 },
		{ (double)u->dead, 0 }, { (double)u->records, 0 },
		{ u->gb_s, 6 }, { u->cpu_s, 6 }, { (double)u->p50 / 1e6, 3 },
		{ (double)u->p99 / 1e6, 3 }, { (double)u->memory / 1048576, 1 },
		{ (double)u->next, 0 }, { (double)u->pending, 0 },
		{ lags ? (double)u->lag.records : -1, 0 },
		{ waited(&u->lag), 3 } };
	size_t n = sizeof value / sizeof *value;

	lam_buf_printf(out, json ? "{\"function\":\"%s\"" : "%s", name);
	for (size_t i = 0; i < n; i++) {
		if (json)
			lam_buf_printf(out, ",\"%s\":", columns[i]);
		else
			lam_buf_putc(out, ',');
		if (value[i].v >= 0)
			lam_buf_printf(out, "%.*f", value[i].digits, value[i].v);
		else if (json)
			lam_buf_puts(out, "null");
	}
	if (price)
		lam_buf_printf(out, json ? ",\"cost\":%.6f" : ",%.6f",
			u->gb_s * price->gb_s + (double)u->requests *
			price->request);
	lam_buf_puts(out, json ? "}\n" : "\n");
}

int
lam_usage_report(const char *data, char *const *name, size_t n, bool json,
	const struct lam_usage_price *price, struct lam_buf *out,
	struct lam_error *e)
{
	int rc = LAM_OK;

	if (!json)
		print_header(price != NULL, out);
	for (size_t i = 0; !rc && i < n; i++) {
		struct lam_usage u = LAM_USAGE_INIT;
		char dir[LAM_PATH_MAX];

		rc = lam_io_path(dir, sizeof dir, e, "%s/trigger/%s", data,
			name[i]);
		if (!rc)
			rc = lam_usage_read(&u, dir, e);
		if (!rc)
			lam_lag_find(&u.lag, data, name[i], &u.progress);
		if (!rc)
			print(&u, name[i], json, price, out);
		lam_usage_release(&u);
	}
	return rc;
}
