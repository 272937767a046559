/*
 * unseen.c - what a log had that was rotated away before it was looked at
 *
 * A file may be copied and truncated, and written to again, between two looks.  When
 * text of it had been read, that text is missed, and sought (match.c, step 3).  When
 * none had, the first text that is read looks like the first that there was.  So a
 * file is *fresh* until the names have been looked at after its first text was taken:
 * a copy that was made since the file was found has text that was cut.  The mark is
 * kept with the place, so that a kill between changes nothing; and so is that of a file
 * which has no text yet: it may have had some by the next look, and been rotated away.
 *
 * The times that are compared are those of files, except for the first file of a log:
 * what was rotated before that was found is not to be read, and this moment only the
 * clock tells.
 *
 * A packed copy has the time that the log had when the rotation began (logrotate), and
 * the log may have been found between that and the copy.  So one that was made since is
 * of the log, though its time is older, if that is not before what was read last.  When
 * nothing was read, it may as well be an old file that was packed late: it is told.
 */
#include "follow/unseen.h"

#include <string.h>
#include <time.h>

#include "follow/alike.h"
#include "follow/rotated.h"
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

/* When what was read of T before was written to last, as far as that is known: what
 * was rotated later is new.  False: it is not. */
static bool
read_until(const struct lam_trail *t, uint64_t *when)
{
	*when = t->forgot;
	for (size_t i = 0; i < t->n; i++)
		if (t->seen[i]->mark.at && !(t->seen[i]->flags & LAM_SEEN_FRESH)) {
			*when = t->seen[i]->mtime;
			break;
		}
	return *when > 0;
}

/* Since when files beside T may not have been seen.  False: nothing was read of T. */
static bool
unseen_since(const struct lam_trail *t, uint64_t *when)
{
	return fresh_since(t, when) || read_until(t, when);
}

/* R may be a file that was read, copied before its end was written, with no step to
 * know it by. */
static void
tell_doubt(const struct lam_follow *f, const struct lam_follow_reader *r)
{
	struct lam_buf b = LAM_BUF_INIT;

	lam_buf_printf(&b, "%s: may be a file that was read and is gone, copied or "
		"compressed while it was written to: then its lines come in twice",
		r->file.path);
	f->tell(f->arg, lam_buf_str(&b));
	lam_buf_release(&b);
}

/* Does R's file begin as that of S, for 4 KiB? */
static bool
begins_alike(const struct lam_follow_reader *r, const struct lam_seen *s)
{
	struct lam_mark head = { .at = LAM_PREFIX_HEAD, .head = s->mark.head,
		.digest = s->mark.head };
	bool same = false;

	return s->mark.at > LAM_PREFIX_HEAD &&
		!lam_file_begins(&r->file, &head, &same, NULL) && same;
}

void
lam_unseen_forget(const struct lam_follow *f, struct lam_trail *t,
	const struct lam_seen *s)
{
	if (t->forgot < s->mtime)
		t->forgot = s->mtime;
	for (size_t i = 0; i < f->nreaders; i++) {
		const struct lam_follow_reader *r = f->reader[i];

		/* What is short begins as any other. */
		if (!r->seen && (begins_alike(r, s) || (!r->named && r->file.size &&
			r->file.size < LAM_PREFIX_HEAD &&
			(r->file.packed || r->file.size < s->mark.at))))
			tell_doubt(f, r);
	}
}

/* May R's file be that of S, copied before its end was written?  The start of what is
 * short is not known; but its time is none after the last write. */
static bool
may_be(const struct lam_follow_reader *r, const struct lam_seen *s)
{
	return begins_alike(r, s) || (r->file.packed && s->mark.at &&
		r->file.size < LAM_PREFIX_HEAD && r->file.mtime <= s->mtime);
}

/* R is taken for new. */
static void
doubt(const struct lam_follow *f, const struct lam_follow_reader *r)
{
	for (size_t i = 0; i < f->trails.n; i++) {
		const struct lam_trail *t = f->trails.item[i];

		for (size_t k = 0; k < t->n; k++)
			if (lam_rotated_beside(t->path, r->file.path) &&
				!t->seen[k]->held && may_be(r, t->seen[k]) &&
				!lam_alike_living(t, t->seen[k])) {
				tell_doubt(f, r);
				return;
			}
	}
}

void
lam_unseen_begin(const struct lam_follow *f, struct lam_follow_reader *r,
	bool first)
{
	uint64_t when = f->looked, before;

	doubt(f, r);
	if (r->rotated) { /* others may be noted before it is read */
		r->seen->flags |= LAM_SEEN_DUE;
		r->seen->size = r->file.size;
		r->seen->mtime = unseen_since(r->trail, &before) &&
			before < r->file.mtime ? before : r->file.mtime;
		return;
	}
	if (r->file.packed)
		return;
	/* What it had as it was opened may have been cut by now, and its copy may have
	 * got the time of that. */
	if (!first && r->written < when)
		when = r->written;
	/* What could not be told now may be when only this is known of the log. */
	if (r->trail->unsure && unseen_since(r->trail, &before) && before < when)
		when = before;
	r->seen->mtime = when;
	r->seen->flags |= LAM_SEEN_FRESH;
	r->trail->changed = true;
}

/* WHEN, or since when T has a file that is due and was not found: it may be packed
 * now. */
static uint64_t
due_since(const struct lam_trail *t, uint64_t when)
{
	for (size_t i = 0; i < t->n; i++)
		if (lam_seen_due(t->seen[i]) && !t->seen[i]->held &&
			t->seen[i]->mtime < when)
			when = t->seen[i]->mtime;
	return when;
}

bool
lam_unseen_may(const struct lam_trail *t)
{
	uint64_t when, changed;

	return fresh_since(t, &when) &&
		(!lam_file_directory_time(t->path, &changed) || changed >= when);
}

/* Has T a file of which nothing was read, and that has no reader? */
static bool
has_gone(const struct lam_trail *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (!t->seen[i]->held && !t->seen[i]->mark.at)
			return true;
	return false;
}

enum age { OLD, DOUBTFUL, YOUNG };

/* R's time is before T was found: was it packed of what T had since? */
static enum age
age_of_packed(const struct lam_follow_reader *r, const struct lam_trail *t)
{
	uint64_t when, until;
	bool known = read_until(t, &until);

	if (!fresh_since(t, &when))
		when = UINT64_MAX;
	when = due_since(t, when);
	if (!r->file.packed || r->file.id.born < when) /* 0: not known */
		return OLD;
	if (known && r->file.mtime >= until)
		return YOUNG;
	return known && !has_gone(t) ? OLD : DOUBTFUL;
}

static void
tell_unread(const struct lam_follow *f, const struct lam_follow_reader *r,
	struct lam_trail *t)
{
	struct lam_buf b = LAM_BUF_INIT;

	lam_buf_printf(&b, "%s: is not read: it was compressed since %s was found, but "
		"its time is older; if that was truncated or rotated before it was "
		"read, lines are missing: take this file in without --resume and "
		"--follow", r->file.path, t->path);
	f->tell(f->arg, lam_buf_str(&b));
	lam_buf_release(&b);
	if (t->told < r->file.id.born)
		t->told = r->file.id.born;
}

bool
lam_unseen_is(const struct lam_follow *f, struct lam_follow_reader *r,
	struct lam_trail *t)
{
	uint64_t when, fresh;
	enum age age = YOUNG;

	if (!unseen_since(t, &when))
		return false;
	if (fresh_since(t, &fresh) && r->file.id.born &&
		r->file.id.born < due_since(t, fresh))
		return false; /* no copy */
	if (r->file.mtime < due_since(t, when))
		age = age_of_packed(r, t);
	if (age == OLD || !lam_rotated_beside(t->path, r->file.path))
		return false;
	for (size_t k = 0; k < t->n; k++)
		if (lam_alike_text(r, t->seen[k]))
			return false;
	if (lam_alike_copy(f, r)) {
		t->unsure = true; /* more text will tell it from its original */
		return false;
	}
	if (age == DOUBTFUL)
		tell_unread(f, r, t);
	return age == YOUNG;
}

/* What there was beside T was looked at. */
static void
end_fresh(struct lam_trail *t)
{
	for (size_t i = 0; i < t->n && !t->unsure; i++) {
		struct lam_seen *s = t->seen[i];

		if (!(s->flags & LAM_SEEN_FRESH) || (!s->mark.at && s->held))
			continue;
		s->flags &= ~(uint64_t)LAM_SEEN_FRESH;
		t->changed = true;
		if (!s->mark.at) /* what it had has a reader, or is gone */
			lam_trail_remove(t, t->seen[i--]);
	}
	t->unsure = false;
}

/* What was told is not told again: what is fresh was found behind it. */
static void
end_told(struct lam_trail *t)
{
	for (size_t i = 0; i < t->n && t->told && !t->unsure; i++)
		if (t->seen[i]->flags & LAM_SEEN_FRESH &&
			t->seen[i]->mtime <= t->told) {
			t->seen[i]->mtime = t->told + 1;
			t->changed = true;
		}
	t->told = 0;
}

/* T's file was cut, or rotated away, before any of it was read: has it a reader now,
 * under another name? */
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
	lam_buf_printf(&b, "%s: was truncated or rotated before it was read, and no "
		"copy of what it had is beside it: nothing of that is in",
		t->path);
	f->tell(f->arg, lam_buf_str(&b));
	lam_buf_release(&b);
}

/* What was due and has no reader is gone, or was taken for new under another name. */
static void
end_due(struct lam_trail *t)
{
	for (size_t i = t->n; i-- > 0 && !t->unsure;)
		if (lam_seen_due(t->seen[i]) && !t->seen[i]->held) {
			lam_trail_remove(t, t->seen[i]);
			t->lost = t->changed = true;
		}
}

void
lam_unseen_end(struct lam_follow *f)
{
	for (size_t i = 0; i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		if (t->named)
			end_due(t);
		end_told(t);
		if (t->named && t->lost)
			tell_lost(f, t);
		if (t->named)
			end_fresh(t);
	}
}
