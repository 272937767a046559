/*
 * lag.c - how far a function is behind its stream: records, and since when
 */
#include "trigger/lag.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "log/stream.h"
#include "time/time.h"
#include "trigger/function.h"

static uint64_t
looked(const struct lam_ledger_progress *p)
{
	return p->finds ? p->looked : p->next;
}

int
lam_lag_add(struct lam_lag *g, const struct lam_ledger_frame *f,
	const struct lam_ledger_progress *p, struct lam_error *e)
{
	size_t done = 0;

	if (f->kind == LAM_FRAME_TIE && (!g->n || g->seen[g->n - 1].at < f->to)) {
		if (!lam_array_room(&g->seen, &g->cap, g->n + 1, sizeof *g->seen))
			return lam_fail_mem(e);
		g->seen[g->n++] = p->tie;
	}
	while (done < g->n && g->seen[done].at <= looked(p))
		done++;
	g->n -= done;
	if (done)
		memmove(g->seen, g->seen + done, g->n * sizeof *g->seen);
	return LAM_OK;
}

static int64_t
last_end(const char *data, const char *name)
{
	char path[LAM_PATH_MAX];
	struct stat st;

	if (lam_io_path(path, sizeof path, NULL, "%s/trigger/%s/lock", data,
		name) || stat(path, &st))
		return LAM_LAG_NONE;
	return (int64_t)st.st_mtim.tv_sec * LAM_NS + st.st_mtim.tv_nsec;
}

/* Records that nobody has seen yet have come since the function last ended, and since
 * the first of them was appended. */
static int64_t
came(struct lam_stream *s, uint64_t pos, const char *data, const char *name)
{
	int64_t ended = last_end(data, name), appended;

	if (lam_stream_appended(s, pos, &appended, NULL) || !appended)
		return ended;
	return appended > ended ? appended : ended;
}

void
lam_lag_find(struct lam_lag *g, const char *data, const char *name,
	const struct lam_ledger_progress *p)
{
	struct lam_function f;
	struct lam_stream s;
	const char *stream = NULL;

	lam_function_init(&f);
	if (!lam_function_read(&f, data, name, NULL))
		stream = lam_function_stream(&f, data);
	if (stream && (f.on != LAM_ON_VIEW || p->finds) &&
		!lam_stream_open(&s, data, stream, NULL)) {
		g->records = s.head > looked(p) ? s.head - looked(p) : 0;
		if (g->records)
			g->since = came(&s, looked(p), data, name);
		if (g->n && (g->since == LAM_LAG_NONE ||
			g->seen[0].when < g->since))
			g->since = g->seen[0].when;
		lam_stream_close(&s);
	}
	lam_function_release(&f);
}

void
lam_lag_release(struct lam_lag *g)
{
	free(g->seen);
}
