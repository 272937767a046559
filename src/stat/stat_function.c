/*
 * stat_function.c - how far a function is: its file, and the last file of its ledger
 */
#include <string.h>
#include <sys/stat.h>

#include "base/dir.h"
#include "stat/stat.h"
#include "time/time.h"
#include "trigger/function.h"
#include "trigger/lag.h"
#include "trigger/ledger.h"

struct state {
	struct lam_ledger_progress progress;
	struct lam_lag lag;
};

static int
apply(void *arg, const struct lam_ledger_frame *f, struct lam_error *e)
{
	struct state *s = arg;
	int rc = lam_progress_apply(&s->progress, f, e);

	return rc ? rc : lam_lag_add(&s->lag, f, &s->progress, e);
}

/* The last file says where it is; all of them are what it takes. */
static int
read_ledger(const char *dir, struct state *s,
	struct lam_stat_function *out, struct lam_error *e)
{
	struct lam_names files = LAM_NAMES_INIT;
	struct lam_ledger_head head;
	char path[LAM_PATH_MAX];
	uint64_t end, torn;
	struct stat st;
	int rc = lam_io_list(dir, ".led", &files, e);

	for (size_t i = 0; !rc && i < files.n; i++) {
		rc = lam_io_path(path, sizeof path, e, "%s/%s", dir, files.name[i]);
		if (rc || stat(path, &st))
			continue;
		out->disk += (uint64_t)st.st_size;
		out->last = (int64_t)st.st_mtim.tv_sec * LAM_NS +
			st.st_mtim.tv_nsec;
		if (i + 1 == files.n)
			rc = lam_ledger_scan(path, &head, apply, s, &end, &torn,
				e);
	}
	out->known = files.n > 0;
	lam_names_release(&files);
	return rc;
}

static int
count_letters(const char *dir, uint64_t *n, struct lam_error *e)
{
	struct lam_names letters = LAM_NAMES_INIT;
	char path[LAM_PATH_MAX];
	int rc = lam_io_path(path, sizeof path, e, "%s/failed", dir);

	if (!rc)
		rc = lam_io_list(path, "", &letters, e);
	*n = letters.n;
	lam_names_release(&letters);
	return rc;
}

static int
read_state(const char *data, const char *name, struct lam_stat_function *out,
	struct lam_error *e)
{
	struct state s = { LAM_PROGRESS_INIT, LAM_LAG_INIT };
	const struct lam_ledger_progress *p = &s.progress;
	char dir[LAM_PATH_MAX];
	int rc = lam_io_path(dir, sizeof dir, e, "%s/trigger/%s", data, name);

	if (!rc)
		rc = read_ledger(dir, &s, out, e);
	if (!rc)
		rc = count_letters(dir, &out->dead, e);
	out->next = p->next;
	out->pending = p->n + (p->finds && p->found > p->next ?
		p->found - p->next : 0);
	if (!rc && out->known)
		lam_lag_find(&s.lag, data, name, p);
	out->lag = s.lag.records;
	out->waits = s.lag.since == LAM_LAG_NONE ? LAM_STAT_NEVER : s.lag.since;
	lam_progress_release(&s.progress);
	lam_lag_release(&s.lag);
	return rc;
}

static const char *
copy(struct lam_arena *a, const char *s)
{
	return lam_arena_dup(a, s, strlen(s));
}

int
lam_stat_function(const char *data, const char *name, struct lam_arena *a,
	struct lam_stat_function *out, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_buf on = LAM_BUF_INIT;
	struct lam_function f;
	int rc;

	*out = (struct lam_stat_function){ .name = copy(a, name),
		.lag = UINT64_MAX, .waits = LAM_STAT_NEVER,
		.last = LAM_STAT_NEVER };
	lam_function_init(&f);
	rc = lam_function_read(&f, data, name, &why);
	if (!rc)
		rc = lam_function_check(&f, &why);
	if (!rc)
		lam_buf_printf(&on, "%s%s%s", lam_function_source(&f), f.subject &&
			*f.subject ? " " : "", f.subject ? f.subject : "");
	lam_function_release(&f);
	out->on = on.n ? copy(a, lam_buf_str(&on)) : NULL;
	lam_buf_release(&on);
	if (!rc)
		rc = read_state(data, name, out, &why);
	if (rc == LAM_SYSTEM)
		return lam_fail(e, rc, "%s", why.msg);
	out->why = rc ? copy(a, why.msg) : NULL;
	return out->name ? LAM_OK : lam_fail_mem(e);
}
