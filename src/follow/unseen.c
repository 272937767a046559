/*
 * unseen.c - what a log had that was rotated away before it was looked at
 *
 * At each look the files beside a log are listed.  What was beside it at the look
 * before is known (known.h); what is not known was made since, by a rotation.  It is
 *
 *	the text of a file that was read, or of a part of it	match.c goes on there
 *	the text of a known file that is gone: compressed late	not read
 *	growing, or a copy of what is still there		left to the next look
 *	else text that the log had between two looks		read, before the log is
 *
 * A file that is left stays unknown, so that a kill changes nothing: what is known is
 * kept with the places of what is not.  The first look notes what is known before it
 * opens the log: what was rotated before is not of it, unless it is a copy of what the
 * log still has.
 *
 * No time decides but one: what was written more than a minute before that which was
 * read last is a file that somebody put back.  It is told, once, and not read.  A file
 * whose first text was read since the last look does not count, as others may have come
 * before it: it is fresh.  Who wrote behind a rotation, to a file that was read, did so
 * for less than a minute, or the log was looked at meanwhile.
 */
#include "follow/unseen.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "follow/alike.h"
#include "follow/fate.h"
#include "follow/rotated.h"
#include "time/time.h"

#define SLACK ((uint64_t)LAM_NS) /* between reading what is copied and writing it */
#define MINUTE ((uint64_t)60 * (uint64_t)LAM_NS)

void
lam_unseen_look(struct lam_follow *f)
{
	f->waits = false;
	lam_fate_clear(f);
	for (size_t i = 0; i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		for (size_t k = 0; k < t->n; k++)
			t->seen[k]->met = false;
		lam_known_release(&t->next);
		t->listed = t->blurred = t->unsure = false;
	}
}

/* When what was read of T before was written to last, as far as that is known.
 * False: it is not. */
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

/* R may be a file that was read and forgotten (old.h). */
static void
tell_old(const struct lam_follow *f, const struct lam_follow_reader *r)
{
	struct lam_buf b = LAM_BUF_INIT;

	lam_buf_printf(&b, "%s: may be a file that was read, was gone, and is not "
		"known any more: then its lines come in twice", r->file.path);
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

/* Has R's text, which begins with that of S, nothing behind it? */
static bool
is_all(const struct lam_follow_reader *r, const struct lam_seen *s)
{
	return r->file.packed ? lam_file_is_all(&r->file, s->mark.at) :
		r->file.size == s->mark.at;
}

/* Begins the text of R, which has a name that is given, with all that was read of S, a
 * record at least?  A header alone tells nothing. */
static bool
repeats(const struct lam_follow_reader *r, const struct lam_seen *s)
{
	return r->named && s->flags & LAM_SEEN_RECORD && lam_alike_text(r, s);
}

void
lam_unseen_forget(const struct lam_follow *f, struct lam_trail *t,
	const struct lam_seen *s)
{
	if (t->forgot < s->mtime && !(s->flags & LAM_SEEN_FRESH))
		t->forgot = s->mtime;
	for (size_t i = 0; i < f->nreaders; i++) {
		const struct lam_follow_reader *r = f->reader[i];

		/* What is short begins as any other. */
		if (!r->seen && (begins_alike(r, s) || repeats(r, s) || (!s->text.n &&
			(!r->named || lam_alike_place(t->path, r)) &&
			r->file.size && r->file.size < LAM_PREFIX_HEAD &&
			(r->file.packed || r->file.size < s->mark.at))))
			tell_doubt(f, r);
	}
}

/* May R's file be that of S, copied before its end was written?  The start of what is
 * short is not known; but its time is none after the last write. */
static bool
may_be(const struct lam_follow_reader *r, const struct lam_seen *s)
{
	return begins_alike(r, s) || (s->mark.at && !s->text.n &&
		(r->file.packed || r->file.size < s->mark.at) &&
		r->file.size < LAM_PREFIX_HEAD && r->file.mtime <= s->mtime + SLACK);
}

/* R is taken for new. */
static void
doubt(struct lam_follow *f, const struct lam_follow_reader *r)
{
	for (size_t i = 0; i < f->trails.n; i++) {
		const struct lam_trail *t = f->trails.item[i];

		if (r->named && r->file.mtime <= t->old.gone &&
			lam_alike_place(t->path, r)) {
			tell_old(f, r);
			return;
		}
		for (size_t k = 0; k < t->n; k++)
			if (!t->seen[k]->held && ((lam_alike_place(t->path, r) &&
				!t->seen[k]->page && may_be(r, t->seen[k])) ||
				repeats(r, t->seen[k])) &&
				lam_fate_of(f, t, t->seen[k]) != LAM_FATE_HERE) {
				tell_doubt(f, r);
				return;
			}
	}
}

static void
tell_copy(const struct lam_follow *f, const struct lam_follow_reader *r,
	const char *log)
{
	struct lam_buf b = LAM_BUF_INIT;

	lam_buf_printf(&b, "%s: begins with all that was read of %s, which is there "
		"still: if it is a copy, its lines come in twice", r->file.path, log);
	f->tell(f->arg, lam_buf_str(&b));
	lam_buf_release(&b);
}

void
lam_unseen_twice(const struct lam_follow *f, struct lam_follow_reader *r)
{
	if (!r->named || lam_file_look(&r->file, NULL)) /* it may have grown since */
		return;
	for (size_t i = 0; i < f->nreaders; i++) {
		const struct lam_follow_reader *x = f->reader[i];

		/* What is short is the start of many. */
		if (x != r && x->seen && repeats(r, x->seen) &&
			(x->seen->mark.at >= LAM_SAME_NAME || is_all(r, x->seen))) {
			tell_copy(f, r, x->file.path);
			return;
		}
	}
}

void
lam_unseen_begin(struct lam_follow *f, struct lam_follow_reader *r)
{
	doubt(f, r);
	r->seen->size = r->file.size;
	r->seen->mtime = r->file.mtime;
	if (r->rotated) { /* others may be noted before it is read */
		r->seen->flags |= LAM_SEEN_DUE;
		return;
	}
	if (r->file.packed)
		return;
	r->seen->flags |= LAM_SEEN_FRESH;
	r->trail->changed = true;
}

int
lam_unseen_first(struct lam_trail *t, struct lam_error *e)
{
	struct lam_names names;
	uint64_t until = 0;
	bool known = read_until(t, &until);
	int rc = lam_rotated_list(t->path, &names, e);

	for (size_t i = 0; !rc && i < names.n; i++) {
		struct lam_file f;

		/* What is as old as the end of what was read may be a part of it. */
		if (lam_file_peek(&f, names.name[i]) && (!known || f.mtime < until))
			rc = lam_known_add(&t->known, &f, e);
	}
	lam_names_release(&names);
	t->known.is = t->first = true;
	return rc;
}

bool
lam_unseen_may(const struct lam_trail *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (lam_seen_due(t->seen[i]) && !t->seen[i]->held)
			return true;
	return !t->known.when || lam_rotated_time(t->path) != t->known.when;
}

/* Has R the text of a file that is known beside T, was not read there, and is gone? */
static bool
packs_known(const struct lam_follow_reader *r, const struct lam_trail *t)
{
	for (size_t i = 0; r->file.packed && i < t->known.n; i++) {
		const struct lam_known_file *x = &t->known.file[i];
		bool read = false;

		for (size_t k = 0; !read && k < t->n; k++)
			read = lam_file_same_id(&t->seen[k]->id, &x->id);
		if (!read && lam_known_packs(x, &r->file))
			return true;
	}
	return false;
}

static void
tell_unread(const struct lam_follow *f, const struct lam_follow_reader *r,
	const struct lam_trail *t)
{
	struct lam_buf b = LAM_BUF_INIT;

	lam_buf_printf(&b, "%s: is not read: it is new beside %s, but was written "
		"before the last lines that were read of that, and is no copy of them; "
		"if it has lines that are missing, take it in without --resume and "
		"--follow", r->file.path, t->path);
	f->tell(f->arg, lam_buf_str(&b));
	lam_buf_release(&b);
}

void
lam_unseen_later(struct lam_follow *f, const struct lam_follow_reader *r)
{
	for (size_t i = 0; i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		if (t->listed && lam_known_drop(&t->next, &r->file.id))
			t->unsure = true;
	}
}

/* Has R's file the text of one of T's that is still there, and no more?  What has more
 * only begins alike. */
static bool
is_living_text(const struct lam_follow_reader *r, const struct lam_trail *t)
{
	for (size_t k = 0; k < t->n; k++)
		if (lam_alike_text(r, t->seen[k]) && is_all(r, t->seen[k]))
			return true;
	return false;
}

bool
lam_unseen_is(struct lam_follow *f, struct lam_follow_reader *r, struct lam_trail *t)
{
	uint64_t until;

	if (!t->listed || !lam_rotated_beside(t->path, r->file.path) ||
		lam_known_is(&t->known, &r->file) ||
		lam_rotated_is_passing(r->file.path)) /* what is copied has a copy */
		return false;
	if (!r->file.size) { /* nobody's text; some may come */
		lam_known_drop(&t->next, &r->file.id);
		t->unsure |= lam_alike_growing(r);
		return false;
	}
	if (is_living_text(r, t) || lam_alike_growing(r) || lam_alike_copy(f, r)) {
		lam_unseen_later(f, r);
		return false;
	}
	if (packs_known(r, t))
		return false;
	if (!read_until(t, &until) || (t->first ? r->file.mtime > until :
		r->file.mtime + MINUTE >= until))
		return true;
	tell_unread(f, r, t);
	return false;
}

/* At the first look: what is a copy of what the log has is not known. */
static void
end_first(struct lam_follow *f, struct lam_trail *t)
{
	for (size_t i = t->next.n; t->first && i-- > 0;) {
		struct lam_follow_reader r = { .rotated = true };
		bool found = false;

		if (!lam_known_is(&t->known, &(struct lam_file){ .fd = -1,
			.id = t->next.file[i].id, .size = t->next.file[i].size,
			.mtime = t->next.file[i].mtime }) ||
			lam_file_open(&r.file, t->next.file[i].path, &found, NULL) ||
			!found)
			continue;
		if (lam_alike_copy(f, &r)) {
			lam_known_drop(&t->known, &r.file.id);
			lam_unseen_later(f, &r);
		}
		lam_file_close(&r.file);
	}
	t->first = false;
}

/* What was found beside T at this look is known at the next. */
static int
end_known(struct lam_trail *t, struct lam_error *e)
{
	bool changed;
	int rc;

	if (!t->listed)
		return LAM_OK;
	rc = lam_known_turn(&t->known, &t->next, !t->blurred, &changed, e);
	if (t->unsure || t->blurred)
		t->known.when = 0;
	t->changed |= !rc && changed && (t->n || t->to);
	return rc;
}

/* What there was beside T was looked at. */
static void
end_fresh(struct lam_trail *t)
{
	for (size_t i = 0; i < t->n && !t->unsure && !t->blurred; i++) {
		struct lam_seen *s = t->seen[i];

		if (!(s->flags & LAM_SEEN_FRESH) || (!s->mark.at && s->held))
			continue;
		s->flags &= ~(uint64_t)LAM_SEEN_FRESH;
		t->changed = true;
		if (s->mark.at)
			continue;
		t->lost |= s->size > 0; /* it has another reader, or is gone */
		lam_trail_remove(t, t->seen[i--]);
	}
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
	t->lost = (t->unsure || t->blurred) && !found;
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
	for (size_t i = t->n; i-- > 0 && !t->unsure && !t->blurred;)
		if (lam_seen_due(t->seen[i]) && !t->seen[i]->held) {
			lam_trail_remove(t, t->seen[i]);
			t->lost = t->changed = true;
		}
}

int
lam_unseen_end(struct lam_follow *f, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		if (!t->named)
			continue;
		end_first(f, t);
		end_due(t);
		end_fresh(t);
		if (t->lost)
			tell_lost(f, t);
		rc = end_known(t, e);
	}
	return rc;
}
