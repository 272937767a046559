/*
 * follow.c - logs taken in once, however often and by whatever they are rotated
 *
 * match.c finds the files, reader.c reads them.  A file that was rotated away is read
 * on until nobody writes to it any more.
 */
#include "follow/follow_internal.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "follow/alike.h"
#include "follow/fate.h"
#include "follow/match.h"
#include "follow/names.h"
#include "follow/old.h"
#include "follow/unseen.h"
#include "store/block.h"
#include "time/time.h"

#define QUIET (2 * LAM_NS)
#define PAUSE (LAM_NS / 20)

void
lam_follow_init(struct lam_follow *f)
{
	f->trails = (struct lam_trails)LAM_TRAILS_INIT;
	f->claims.fd = -1;
	f->reader = NULL;
	f->nreaders = 0;
	f->sight = NULL;
	f->nsights = f->sights_cap = 0;
	f->slot = NULL;
	f->nslots = 0;
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
	lam_fate_clear(f);
	lam_trails_release(&f->trails);
	lam_claim_release(&f->claims);
	lam_follow_init(f);
}

/* Had R's file not been written to for NS_AGO when it was looked at? */
static bool
is_quiet(const struct lam_follow_reader *r, int64_t ns_ago)
{
	return r->looked - (int64_t)r->file.mtime >= ns_ago;
}

bool
lam_follow_stopped(const struct lam_follow *f)
{
	const _Atomic int *stop = f->ingest->stop;

	return stop && *stop;
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

/* How long R's last line may wait for its newline; < 0: for ever. */
static int64_t
patience(const struct lam_follow *f, const struct lam_follow_reader *r)
{
	return (r->rotated || r->file.packed) &&
		(f->line_timeout < 0 || f->line_timeout > QUIET) ?
		QUIET : f->line_timeout;
}

/* Was the log rotated again since R's file was rotated away?  A packed one that is
 * found late stands before it, and was written to earlier. */
static bool
is_old(const struct lam_follow_reader *r)
{
	size_t newer = 0;

	for (size_t i = 0; r->trail->seen[i] != r->seen; i++)
		newer += r->trail->seen[i]->mtime >= r->file.mtime;
	return r->rotated && newer > 1;
}

/*
 * Does nobody write to R's file any more?  Who had it open when it was rotated away
 * may do so until the next rotation.
 */
static bool
is_retired(const struct lam_follow_reader *r)
{
	return r->file.packed || (r->rotated && (r->copy || !r->file.linked ||
		(is_old(r) && is_quiet(r, QUIET))));
}

int64_t
lam_follow_wait(const struct lam_follow *f, const struct lam_follow_reader *r)
{
	int64_t wait = is_old(r) || r->torn ? QUIET :
		r->partial ? patience(f, r) : -1;
	int64_t age = lam_clock_wall() - (int64_t)r->file.mtime;

	if (wait < 0 || r->broken || r->seen->flags & LAM_SEEN_DONE)
		return -1;
	return wait > age ? wait - age : 0;
}

/* Run R, again with the end of its file as that of its text if that has come. */
static int
run(struct lam_follow *f, struct lam_follow_reader *r, struct lam_error *e)
{
	int rc;

	r->ended = is_retired(r);
	rc = lam_reader_run(r, f->ingest, f->options, e);
	if (rc || r->ended || r->cut || !r->partial || patience(f, r) < 0 ||
		!is_quiet(r, patience(f, r)))
		return rc;
	r->ended = true;
	rc = lam_reader_run(r, f->ingest, f->options, e);
	r->ended = false;
	lam_reader_rewind(r);
	return rc;
}

/* What is known of R's file now that it was read. */
static void
take_note(struct lam_follow_reader *r)
{
	uint64_t flags = r->seen->flags;

	if (r->rotated && !r->partial)
		flags |= LAM_SEEN_AWAY;
	if (r->ended)
		flags |= LAM_SEEN_DONE;
	if (r->seen->mark.at && flags != r->seen->flags)
		lam_old_touch(r->trail, r->seen);
	r->seen->flags = flags;
	if (r->ended)
		lam_reader_rewind(r);
}

/* Is R's file as it was when it was read to its end?  Of a packed one all is read
 * else, to find the end. */
static bool
is_finished(const struct lam_follow_reader *r)
{
	const struct lam_seen *s = r->seen;

	return r->file.packed && s->flags & LAM_SEEN_DONE &&
		r->file.size == s->size && r->file.mtime == s->mtime;
}

int
lam_follow_read(struct lam_follow *f, struct lam_follow_reader *r,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	uint64_t before = r->seen->mark.at;
	int rc;

	r->looked = lam_clock_wall(); /* before what may come meanwhile */
	rc = lam_file_look(&r->file, e);
	if (rc || r->broken || is_finished(r))
		return rc;
	r->torn = lam_alike_shredded(f, r);
	if (r->torn)
		return LAM_OK;
	if (!r->in)
		rc = f->before_open(f->arg, e);
	if (rc)
		return rc;
	r->young = r->file.packed && !is_quiet(r, patience(f, r));
	rc = run(f, r, &why);
	if (!before && r->seen->mark.at)
		lam_unseen_twice(f, r);
	r->torn |= rc == LAM_DATA && r->file.packed && !is_quiet(r, QUIET);
	if (r->torn && (!rc || stands(f, r->trail))) {
		lam_reader_rewind(r);
		return LAM_OK;
	}
	if (rc == LAM_DATA && stands(f, r->trail)) { /* the others go on */
		f->tell(f->arg, why.msg);
		f->failed = r->broken = true;
		return LAM_OK;
	}
	if (rc && e)
		*e = why;
	if (rc || r->cut || lam_follow_stopped(f))
		return rc;
	take_note(r);
	return r->ended && lam_old_is_due(r->trail) ? lam_follow_note(f, e) : LAM_OK;
}

/* Append NOTES, if they are more than LEAST bytes. */
static int
append(struct lam_follow *f, struct lam_buf *notes, size_t least, struct lam_error *e)
{
	int rc = LAM_OK;

	if (notes->n > least) {
		rc = lam_ingest_note(f->ingest, notes, e);
		lam_buf_clear(notes);
	}
	return rc;
}

/* The pages of T that changed, and its place, as NOTES; some are appended. */
static int
note(struct lam_follow *f, struct lam_trail *t, struct lam_buf *notes,
	struct lam_error *e)
{
	struct lam_buf rest = LAM_BUF_INIT;
	int rc = LAM_OK;

	lam_old_retire(t);
	while (!rc && t->old.stale) {
		rc = lam_old_note(t, notes, e);
		if (!rc)
			rc = append(f, notes, LAM_BLOCK_NOTES_MAX / 2, e);
	}
	if (!rc && t->changed) {
		rc = lam_trail_rest(t, NULL, &rest, e);
		if (!rc)
			rc = lam_trail_note(t, t->to, t->to,
				lam_reject_file_size(f->ingest->rejects), NULL,
				&rest, notes, e);
		t->changed = false;
	}
	lam_buf_release(&rest);
	return rc ? rc : append(f, notes, LAM_BLOCK_NOTES_MAX / 2, e);
}

int
lam_follow_note(struct lam_follow *f, struct lam_error *e)
{
	struct lam_buf notes = LAM_BUF_INIT;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && f->loaded && i < f->trails.n; i++)
		rc = note(f, f->trails.item[i], &notes, e);
	if (!rc)
		rc = append(f, &notes, 0, e);
	lam_buf_release(&notes);
	return rc;
}

int
lam_follow_load(struct lam_follow *f, struct lam_error *e)
{
	int rc = LAM_OK;

	if (!f->loaded && f->ingest->append)
		rc = lam_trails_load(&f->trails, f->ingest->append, e);
	f->loaded = f->literal = true;
	for (size_t i = 0; i < f->nnames; i++)
		f->literal &= lam_names_literal(f->name[i]);
	return rc;
}

/* All readers once; *AGAIN: the names must be looked at again. */
static int
run_all(struct lam_follow *f, bool *again, struct lam_error *e)
{
	int rc = LAM_OK;

	*again = false;
	for (size_t i = 0; !rc && i < f->nreaders && !lam_follow_stopped(f); i++) {
		rc = lam_follow_read(f, f->reader[i], e);
		*again |= f->reader[i]->cut || f->reader[i]->begun;
	}
	return rc;
}

/* Forget the readers; their files may be found under other names. */
static void
close_readers(struct lam_follow *f)
{
	for (size_t i = 0; i < f->nreaders; i++) {
		if (f->reader[i]->seen) /* else the look failed */
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
	int rc = lam_follow_load(f, e);

	f->missing = true;
	for (int i = 0; !rc && again && !lam_follow_stopped(f) && i < 10; i++) {
		rc = lam_match(f, e);
		for (; !rc && f->waits && !lam_follow_stopped(f); rc = lam_match(f, e))
			nanosleep(&(struct timespec){ 0, PAUSE }, NULL);
		if (!rc)
			rc = run_all(f, &again, e);
		close_readers(f);
	}
	if (!rc)
		rc = lam_follow_note(f, e);
	return rc;
}
