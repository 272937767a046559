/*
 * unseen.c - what a log had that was rotated away before it was looked at
 *
 * A file may be copied and truncated, and written to again, between two looks.  When
 * text of it had been read, that text is missed, and sought (match.c, step 3).  When
 * none had, the first text that is read looks like the first that there was.  So a
 * file is *fresh* until the names have been looked at after its first text was taken:
 * a copy that was made since the file was found has text that was cut.  The mark is
 * kept with the place, so that a kill between changes nothing.
 *
 * The times that are compared are those of files, except for the first file of a log:
 * what was rotated before that was found is not to be read, and this moment only the
 * clock tells.
 */
#include "follow/unseen.h"

#include <string.h>
#include <time.h>

#include "follow/alike.h"
#include "time/time.h"

/* The clock that files get their times from: it may lag behind the precise one. */
static uint64_t
file_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	return (uint64_t)t.tv_sec * (uint64_t)LAM_NS + (uint64_t)t.tv_nsec;
}

void
lam_unseen_look(struct lam_follow *f)
{
	f->looked = file_clock();
}

void
lam_unseen_begin(const struct lam_follow *f, struct lam_follow_reader *r,
	bool first)
{
	if (r->file.packed || r->rotated)
		return;
	r->seen->flags |= LAM_SEEN_FRESH;
	r->seen->mtime = first ? f->looked : r->file.mtime;
}

/* Since when T has a fresh file; of several the oldest.  False: it has none. */
static bool
fresh_since(const struct lam_trail *t, uint64_t *when)
{
	*when = UINT64_MAX;
	for (size_t i = 0; i < t->n; i++)
		if (t->seen[i]->flags & LAM_SEEN_FRESH && t->seen[i]->mtime < *when)
			*when = t->seen[i]->mtime;
	return *when < UINT64_MAX;
}

bool
lam_unseen_may(const struct lam_trail *t)
{
	uint64_t when, changed;

	return fresh_since(t, &when) &&
		(!lam_file_directory_time(t->path, &changed) || changed >= when);
}

bool
lam_unseen_is(const struct lam_follow *f, struct lam_follow_reader *r,
	struct lam_trail *t)
{
	uint64_t when;
	size_t i = 0;

	if (fresh_since(t, &when)) {
		if (r->file.id.born && r->file.id.born < when) /* no copy */
			return false;
	} else {
		while (i < t->n && !t->seen[i]->mark.at)
			i++;
		if (i == t->n)
			return false;
		when = t->seen[i]->mtime;
	}
	if (r->file.mtime < when || !lam_alike_log(t->path, r->file.path))
		return false;
	for (size_t k = 0; k < t->n; k++)
		if (lam_alike_text(r, t->seen[k]))
			return false;
	if (!lam_alike_copy(f, r))
		return true;
	t->unsure = true; /* more text will tell it from its original */
	return false;
}

/* What there was beside T was looked at. */
static void
end_fresh(struct lam_trail *t)
{
	for (size_t i = 0; i < t->n && !t->unsure; i++) {
		struct lam_seen *s = t->seen[i];

		if (!s->mark.at || !(s->flags & LAM_SEEN_FRESH))
			continue;
		s->flags &= ~(uint64_t)LAM_SEEN_FRESH;
		t->changed = true;
	}
	t->unsure = false;
}

/* Is there a copy of what T's file had when it was cut? */
static void
tell_lost(const struct lam_follow *f, struct lam_trail *t)
{
	struct lam_buf b = LAM_BUF_INIT;
	bool found = false;

	for (size_t i = 0; i < f->nreaders; i++)
		found |= f->reader[i]->trail == t && f->reader[i]->rotated &&
			!f->reader[i]->seen->mark.at;
	t->lost = t->unsure && !found;
	if (found || t->lost)
		return;
	lam_buf_printf(&b, "%s: was truncated while it was read, and no copy of what "
		"it had is beside it: nothing of that is in", t->path);
	f->tell(f->arg, lam_buf_str(&b));
	lam_buf_release(&b);
}

void
lam_unseen_end(struct lam_follow *f)
{
	for (size_t i = 0; i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		if (t->named && t->lost)
			tell_lost(f, t);
		if (t->named)
			end_fresh(t);
	}
}
