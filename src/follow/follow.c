/*
 * follow.c - logs taken in once, however often and by whatever they are rotated
 *
 * match.c finds the files, reader.c reads them.  A file that was rotated away is read
 * to its end and forgotten when nobody writes to it any more: at once when it is
 * a copy, else QUIET after its last write.
 */
#include "follow/follow.h"

#include <stdlib.h>
#include <time.h>

#include "follow/match.h"

#define NS INT64_C(1000000000)
#define QUIET (2 * NS)

void
lam_follow_init(struct lam_follow *f)
{
	f->trails = (struct lam_trails)LAM_TRAILS_INIT;
	f->reader = NULL;
	f->nreaders = 0;
	f->loaded = f->failed = false;
}

void
lam_follow_release(struct lam_follow *f)
{
	for (size_t i = 0; i < f->nreaders; i++) {
		lam_reader_close(f->reader[i]);
		free(f->reader[i]);
	}
	free(f->reader);
	lam_trails_release(&f->trails);
	lam_follow_init(f);
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * NS + t.tv_nsec;
}

/* Has R's file not been written to for NS_AGO? */
static bool
is_quiet(const struct lam_reader *r, int64_t ns_ago)
{
	return now() - (int64_t)r->file.mtime >= ns_ago;
}

static bool
stopped(const struct lam_follow *f)
{
	const volatile int *stop = f->ingest->stop;

	return stop && __atomic_load_n(stop, __ATOMIC_RELAXED);
}

/* Is T's place in the log where it was left?  Else somebody else has moved it. */
static bool
stands(const struct lam_follow *f, const struct lam_trail *t)
{
	struct lam_trails now = LAM_TRAILS_INIT;
	struct lam_trail *x = NULL;
	bool is = !f->ingest->append;

	if (!is && !lam_trails_load(&now, f->ingest->append, NULL) &&
		!lam_trails_get(&now, t->path, &x, NULL))
		is = x->to == t->to;
	lam_trails_release(&now);
	return is;
}

/* One more run of R; what is wrong with its file is told, once. */
static int
run(struct lam_follow *f, struct lam_reader *r, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc = lam_file_look(&r->file, e);

	if (rc)
		return rc;
	r->ended |= r->file.gzip || (r->rotated &&
		(r->copy || !r->file.linked || is_quiet(r, QUIET)));
	rc = lam_reader_run(r, f->ingest, f->options, &why);
	if (!rc && r->partial && !r->ended && f->line_timeout >= 0 &&
		is_quiet(r, f->line_timeout)) {
		r->ended = true;
		rc = lam_reader_run(r, f->ingest, f->options, &why);
		r->ended = false;
		lam_reader_rewind(r);
	}
	if (rc == LAM_DATA && stands(f, r->trail)) { /* the others go on */
		f->tell(f->arg, why.msg);
		f->failed = true;
		return LAM_OK;
	}
	if (rc && e)
		*e = why;
	if (!rc && r->ended && !r->cut && !stopped(f) &&
		(r->rotated || r->file.gzip) &&
		!(r->seen->flags & LAM_SEEN_DONE)) {
		r->seen->flags |= LAM_SEEN_DONE;
		r->trail->changed = true;
	}
	return rc;
}

/* Places that have changed without a record: files that are done, or gone. */
static int
note_changes(struct lam_follow *f, struct lam_error *e)
{
	struct lam_buf notes = LAM_BUF_INIT, rest = LAM_BUF_INIT;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		if (!t->changed || !f->loaded)
			continue;
		rc = lam_trail_rest(t, NULL, &rest, e);
		if (!rc)
			rc = lam_trail_note(t->path, t->to, t->to, NULL, &rest,
				&notes, e);
		t->changed = false;
	}
	if (!rc && notes.n)
		rc = lam_ingest_note(f->ingest, &notes, e);
	lam_buf_release(&notes);
	lam_buf_release(&rest);
	return rc;
}

static int
load(struct lam_follow *f, struct lam_error *e)
{
	int rc = LAM_OK;

	if (!f->loaded && f->ingest->append)
		rc = lam_trails_load(&f->trails, f->ingest->append, e);
	f->loaded = true;
	return rc;
}

/* All readers once; *AGAIN: a file was truncated, and must be found. */
static int
run_all(struct lam_follow *f, bool *again, struct lam_error *e)
{
	int rc = LAM_OK;

	*again = false;
	for (size_t i = 0; !rc && i < f->nreaders && !stopped(f); i++) {
		rc = run(f, f->reader[i], e);
		*again |= f->reader[i]->cut;
	}
	return rc;
}

/* Forget the readers; their files may be found under other names. */
static void
close_readers(struct lam_follow *f)
{
	for (size_t i = 0; i < f->nreaders; i++) {
		f->reader[i]->seen->held = false;
		lam_reader_close(f->reader[i]);
		free(f->reader[i]);
	}
	f->nreaders = 0;
}

int
lam_follow_once(struct lam_follow *f, struct lam_error *e)
{
	bool again = true;
	int rc = load(f, e);

	f->missing = true;
	for (int i = 0; !rc && again && !stopped(f) && i < 10; i++) {
		rc = lam_match(f, e);
		if (!rc)
			rc = run_all(f, &again, e);
		close_readers(f);
	}
	if (!rc)
		rc = note_changes(f, e);
	return rc;
}
