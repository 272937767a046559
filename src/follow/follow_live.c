/*
 * follow_live.c - what comes, as it comes
 *
 *	watch -> look -> read -> make durable -> wait ->
 *
 * A file is watched before it is read for the first time, and a directory before it
 * is looked at, so nothing happens between.  A round takes in what all files have,
 * with one fsync; while that lasts, more comes, and the next round takes it: so
 * rounds are as large as the disk is slow.  Two rounds are at least `pace` apart.
 *
 * A file that was rotated away stays open until it is deleted, is replaced by
 * its copy, or has been quiet: a writer may have it open still.
 */
#include "follow/follow_internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "follow/match.h"
#include "follow/names.h"
#include "follow/rotated.h"
#include "follow/wake.h"
#include "time/time.h"

#define QUIET (2 * LAM_NS + LAM_NS / 10)

struct watched { /* a directory */
	char *path;
	int wd;
};

struct live {
	struct lam_follow *f;
	struct lam_wake wake;
	struct watched *dir;
	size_t ndirs;
	bool look; /* at the names */
	bool looked; /* once at least */
	int64_t again; /* the clock when that is due though nothing happens; or 0 */
};

/* May NAME, in DIR, be of a log that is followed? */
static bool
concerns(const struct live *l, const char *dir, const char *name)
{
	const struct lam_follow *f = l->f;

	if (!f->literal)
		return true;
	for (size_t i = 0; i < f->trails.n; i++) {
		const char *path = f->trails.item[i]->path;
		char full[LAM_PATH_MAX], home[LAM_PATH_MAX];

		lam_rotated_home(path, home);
		if (lam_io_path(full, sizeof full, NULL, "%s/%s", dir, name) ||
			!strcmp(full, path) || !strcmp(full, home) ||
			lam_rotated_beside(path, full))
			return true;
	}
	return false;
}

static void
on_event(void *arg, int wd, const char *name)
{
	struct live *l = arg;

	for (size_t i = 0; name && i < l->ndirs; i++)
		if (l->dir[i].wd == wd && !l->look)
			l->look = concerns(l, l->dir[i].path, name);
	if (wd < 0)
		l->look = true;
	for (size_t i = 0; !name && i < l->f->nreaders; i++)
		if (wd < 0 || l->f->reader[i]->wd == wd)
			l->f->reader[i]->due = true;
}

/* Watch DIR[N], once. */
static int
watch_dir(struct live *l, const char *dir, size_t n, struct lam_error *e)
{
	struct watched *d;

	for (size_t i = 0; i < l->ndirs; i++)
		if (!strncmp(l->dir[i].path, dir, n) && !l->dir[i].path[n])
			return LAM_OK;
	d = realloc(l->dir, (l->ndirs + 1) * sizeof *d);
	if (!d)
		return lam_fail_mem(e);
	l->dir = d;
	d[l->ndirs].path = strndup(dir, n);
	if (!d[l->ndirs].path)
		return lam_fail_mem(e);
	lam_wake_dir(&l->wake, n ? d[l->ndirs].path : "/", &d[l->ndirs].wd);
	l->ndirs++;
	l->look = true; /* what happened before it was watched */
	return LAM_OK;
}

/* The directories of what is followed now, and of what may come. */
static int
watch_dirs(struct live *l, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < l->f->trails.n; i++) {
		const char *path = l->f->trails.item[i]->path;
		char home[LAM_PATH_MAX];

		if (!l->f->trails.item[i]->named)
			continue;
		rc = watch_dir(l, path, (size_t)(strrchr(path, '/') - path), e);
		lam_rotated_home(path, home); /* elsewhere, if it is a link */
		if (!rc)
			rc = watch_dir(l, home,
				(size_t)(strrchr(home, '/') - home), e);
	}
	for (size_t i = 0; !rc && !l->f->literal && i < l->f->nnames; i++) {
		char *real = lam_names_directory(l->f->name[i]);

		if (!real) /* who knows where they will come */
			lam_wake_close(&l->wake);
		else
			rc = watch_dir(l, real, strcmp(real, "/") ?
				strlen(real) : 0, e);
		free(real);
	}
	return rc;
}

static void
watch_files(struct live *l)
{
	for (size_t i = 0; i < l->f->nreaders; i++) {
		struct lam_follow_reader *r = l->f->reader[i];

		if (r->watched)
			continue;
		lam_wake_file(&l->wake, r->file.fd, &r->wd);
		r->watched = r->due = true;
	}
}

/* Readers that have nothing more to do; a file that was cut is sought. */
static void
clear_readers(struct live *l)
{
	struct lam_follow *f = l->f;

	for (size_t i = f->nreaders; i-- > 0;) {
		struct lam_follow_reader *r = f->reader[i];
		bool done = r->seen->flags & LAM_SEEN_DONE;

		l->look |= r->cut || r->begun;
		r->begun = false;
		if (done && !r->named && !r->cut) {
			lam_wake_forget(&l->wake, r->wd);
			lam_match_drop(f, r);
			l->look = true; /* at its copy, for one */
		}
	}
}

/* Can something beside a log not be told yet? */
static bool
is_unsure(const struct lam_follow *f)
{
	bool is = f->waits;

	for (size_t i = 0; i < f->trails.n; i++)
		is |= f->trails.item[i]->named && f->trails.item[i]->unsure;
	return is;
}

static void
tell_missing(const struct lam_follow *f, const char *name, const char *what)
{
	struct lam_buf b = LAM_BUF_INIT;

	lam_buf_printf(&b, "%s: %s: it is waited for", name, what);
	f->tell(f->arg, lam_buf_str(&b));
	lam_buf_release(&b);
}

/* Names that lead to nothing, and never did: they may be mistyped. */
static int
check_names(const struct lam_follow *f, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; i < f->trails.n; i++) {
		const struct lam_trail *t = f->trails.item[i];

		if (t->named && !t->n && !t->to && access(t->path, F_OK))
			tell_missing(f, t->path, "there is no such file yet");
	}
	for (size_t i = 0; !rc && !f->literal && i < f->nnames; i++) {
		struct lam_names found = LAM_NAMES_INIT;

		rc = lam_names_expand(&f->name[i], 1, &found, e);
		if (!rc && !found.n)
			tell_missing(f, f->name[i], "no file is there yet");
		lam_names_release(&found);
	}
	return rc;
}

/* At the names; once more when what is being made has been quiet. */
static int
look(struct live *l, struct lam_error *e)
{
	bool late = l->again && lam_clock_monotonic() >= l->again;
	int rc;

	l->look = false;
	rc = lam_match(l->f, e);
	l->again = is_unsure(l->f) && (l->f->waits || !late) ?
		lam_clock_monotonic() + QUIET : 0;
	if (!rc && !l->looked && !l->f->quiet)
		rc = check_names(l->f, e);
	l->looked = true;
	if (!rc)
		rc = watch_dirs(l, e);
	watch_files(l);
	return rc;
}

/* What came, of all files that are due. */
static int
round_of(struct live *l, struct lam_error *e)
{
	struct lam_follow *f = l->f;
	int rc = LAM_OK;

	for (int i = 0; !rc && (i == 0 || l->look) && i < 10; i++) {
		if (l->look)
			rc = look(l, e);
		for (size_t k = 0; !rc && k < f->nreaders; k++) {
			struct lam_follow_reader *r = f->reader[k];

			if (!r->due || lam_follow_stopped(f))
				continue;
			r->due = false;
			rc = lam_follow_read(f, r, e);
		}
		clear_readers(l);
	}
	if (!rc)
		rc = lam_follow_note(f, e);
	return rc ? rc : lam_ingest_sync(f->ingest, e);
}

/* How long until a file is due, though nothing happens to it; -1: for ever. */
static int64_t
wait_of(struct live *l)
{
	int64_t least = -1;

	if (l->again) {
		least = l->again - lam_clock_monotonic();
		least = least > 0 ? least : 0;
		l->look |= !least;
	}
	for (size_t i = 0; i < l->f->nreaders; i++) {
		struct lam_follow_reader *r = l->f->reader[i];
		int64_t w = lam_follow_wait(l->f, r);

		if (w == 0)
			r->due = true;
		if (w >= 0 && (least < 0 || w < least))
			least = w;
	}
	return least;
}

static int
run(struct live *l, struct lam_error *e)
{
	struct lam_follow *f = l->f;
	int64_t last = 0, left;
	int rc = round_of(l, e);

	while (!rc && !lam_follow_stopped(f)) {
		rc = lam_wake_wait(&l->wake, wait_of(l), f->stops,
			f->ingest->stop, e);
		left = last + f->pace - lam_clock_monotonic();
		if (!rc && left > 0 && !lam_follow_stopped(f)) {
			struct timespec t = { left / LAM_NS,
				left % LAM_NS };

			nanosleep(&t, NULL);
			rc = lam_wake_wait(&l->wake, 0, f->stops,
				f->ingest->stop, e);
		}
		last = lam_clock_monotonic();
		wait_of(l);
		if (!rc)
			rc = round_of(l, e);
	}
	return rc;
}

int
lam_follow_run(struct lam_follow *f, struct lam_error *e)
{
	struct live l = { .f = f, .look = true };
	int rc;

	l.wake.event = on_event;
	l.wake.arg = &l;
	f->ingest->lazy = true;
	f->missing = false;
	rc = lam_wake_open(&l.wake, f->interval, e);
	if (!rc)
		rc = lam_follow_load(f, e);
	if (!rc)
		rc = run(&l, e);
	lam_wake_close(&l.wake);
	for (size_t i = 0; i < l.ndirs; i++)
		free(l.dir[i].path);
	free(l.dir);
	return rc;
}
