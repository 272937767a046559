/*
 * match_rest.c - what lies beside a log, and the rest of a file that is not there
 */
#include "follow/match_internal.h"

#include <string.h>

#include "follow/alike.h"
#include "follow/fate.h"
#include "follow/old.h"
#include "follow/rotated.h"
#include "follow/unseen.h"

#define LOOKS 3 /* at a directory in which a name vanished meanwhile */

/* Has F's file, which was read, perhaps more by now? */
static bool
is_wanted(const struct lam_follow *f, const struct lam_file *at)
{
	for (size_t i = 0; i < f->trails.n; i++) {
		const struct lam_trail *t = f->trails.item[i];

		for (size_t k = 0; k < t->n; k++) {
			const struct lam_seen *s = t->seen[k];

			if (lam_file_same_id(&s->id, &at->id) &&
				(!(s->flags & LAM_SEEN_DONE) ||
				s->size != at->size || s->mtime != at->mtime))
				return true;
		}
	}
	return false;
}

/* PATH lies beside T. */
static int
look_beside(struct lam_follow *f, struct lam_trail *t, char *path, bool all,
	struct lam_error *e)
{
	struct lam_follow_reader *r;
	struct lam_file at;
	int rc;

	if (!lam_file_peek(&at, path))
		return LAM_OK;
	rc = lam_known_add(&t->next, &at, e);
	if (!rc)
		rc = lam_fate_met(f, path, &at.id, e);
	if (rc || lam_match_meet(f, &at.id) || (!all &&
		lam_known_is(&t->known, &at) && !is_wanted(f, &at)))
		return rc;
	rc = lam_match_open(f, path, &r, e);
	if (rc)
		return rc;
	if (!r) {
		lam_known_drop(&t->next, &at.id);
		t->unsure = true;
		return LAM_OK;
	}
	r->rotated = true;
	return lam_match_known(f, r, e);
}

int
lam_match_beside(struct lam_follow *f, struct lam_trail *t, bool all,
	struct lam_error *e)
{
	uint64_t before = lam_rotated_sum(t->path);
	struct lam_names names;
	int rc;

	t->next.when = lam_rotated_time(t->path);
	rc = lam_rotated_list(t->path, &names, e);
	for (size_t i = 0; !rc && i < names.n; i++)
		rc = look_beside(f, t, names.name[i], all, e);
	lam_names_release(&names);
	t->listed = true;
	t->blurred = lam_rotated_sum(t->path) != before; /* a name was passed on */
	return rc;
}

/* S was read up to AT, and its text is nowhere; of a PART of it there is a copy. */
static void
tell_lost(struct lam_follow *f, const struct lam_trail *t, const struct lam_seen *s,
	uint64_t flags, uint64_t at, const struct lam_follow_reader *part)
{
	struct lam_buf b = LAM_BUF_INIT;

	if (flags & LAM_SEEN_AWAY) /* it was read to its end */
		return;
	lam_buf_printf(&b, "%s: %s", t->path, flags & LAM_SEEN_CUT ? "was truncated" :
		"the file that was read has no name beside it any more");
	if (part)
		lam_buf_printf(&b, ", and its copy %s ends at byte %llu, before the "
			"end of what was read", part->file.path,
			(unsigned long long)s->mark.at);
	else
		lam_buf_puts(&b, ", and no copy of what it had is beside it");
	lam_buf_printf(&b, ": its first %llu bytes are in; what was written behind "
		"them before, if anything was, is not", (unsigned long long)at);
	f->tell(f->arg, lam_buf_str(&b));
	lam_buf_release(&b);
}

static bool
is_orphan(const struct lam_seen *s)
{
	return !s->held && !(s->flags & LAM_SEEN_DONE) && s->mark.at;
}

/* May the rest of S, of T, be in a file that is being made? */
static bool
is_awaited(const struct lam_follow *f, const struct lam_trail *t,
	const struct lam_seen *s)
{
	for (size_t i = 0; i < f->nreaders; i++)
		if (!f->reader[i]->seen && ((lam_alike_place(t->path, f->reader[i]) &&
			lam_alike_growing(f->reader[i])) ||
			lam_alike_coming(f->reader[i], t, s)))
			return true;
	return false;
}

/* Is the text of S in a packed file whose original is there, and has no reader? */
static bool
is_hidden(const struct lam_follow *f, const struct lam_seen *s)
{
	for (size_t i = 0; i < f->nreaders; i++)
		if (!f->reader[i]->seen && lam_alike_is_second(f, f->reader[i]) &&
			lam_alike_text(f->reader[i], s))
			return true;
	return false;
}

/* The rest of S, of T, is found, or lost. */
static int
find_rest(struct lam_follow *f, struct lam_trail *t, struct lam_seen *s,
	struct lam_error *e)
{
	struct lam_follow_reader *r = NULL;
	uint64_t at = s->mark.at, flags = s->flags;
	enum lam_fate fate;
	int rc = LAM_OK;

	for (int i = 0; !rc && !r && !s->held && i < LOOKS; i++) {
		rc = lam_match_beside(f, t, true, e);
		if (!rc && !s->held)
			r = lam_alike_find(f, t, s);
	}
	if (rc || s->held)
		return rc;
	if (!r && is_awaited(f, t, s)) {
		t->unsure = f->waits = true;
		return LAM_OK;
	}
	/* It may have been moved meanwhile, or be what cannot be opened. */
	fate = lam_fate_of(f, t, s);
	if (fate != LAM_FATE_GONE || (!r && is_hidden(f, s))) {
		t->unsure = true;
		f->vague |= fate != LAM_FATE_HERE;
		f->waits |= fate != LAM_FATE_HERE && f->blurred++ < LAM_BLURRED;
		return LAM_OK;
	}
	t->changed = true;
	if (!r) {
		r = lam_alike_part(f, t, s);
		tell_lost(f, t, s, flags, at, r);
	}
	if (!r) {
		lam_unseen_forget(f, t, s);
		lam_old_back(t, s);
		if (flags & LAM_SEEN_AWAY) /* it may be put back */
			s->flags |= LAM_SEEN_DONE;
		else
			lam_trail_remove(t, s);
		return LAM_OK;
	}
	r->copy = r->rotated = strcmp(r->file.path, t->path) != 0;
	lam_match_copy(r, t, s);
	return LAM_OK;
}

/* S is of a log T that is not looked at, and was cut under another name:
 * its text is found among the files that are open, or S stays as it is. */
static void
find_cut(struct lam_follow *f, struct lam_trail *t, struct lam_seen *s)
{
	struct lam_follow_reader *r = s->flags & LAM_SEEN_CUT ?
		lam_alike_find(f, t, s) : NULL;

	if (!r)
		return;
	r->copy = r->rotated = true;
	t->changed = true;
	lam_match_copy(r, t, s);
}

int
lam_match_rests(struct lam_follow *f, struct lam_trail *t, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t k = t->n; !rc && k-- > 0;) {
		if (is_orphan(t->seen[k]) && t->named)
			rc = find_rest(f, t, t->seen[k], e);
		else if (is_orphan(t->seen[k]))
			find_cut(f, t, t->seen[k]);
	}
	return rc;
}

void
lam_match_text(struct lam_follow *f, struct lam_follow_reader *r)
{
	struct lam_trail *trail = NULL;
	struct lam_seen *seen = NULL;

	if (lam_alike_is_packed_of(r))
		return;
	for (size_t i = 0; i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];
		for (size_t k = 0; k < t->n; k++) {
			struct lam_seen *s = t->seen[k];

			if (s->held || (seen && seen->mark.at >= s->mark.at) ||
				!lam_alike_text(r, s) ||
				(s->mark.at < LAM_SAME_NAME &&
				!lam_fate_is_near(f, t, s, r)) ||
				lam_fate_of(f, t, s) != LAM_FATE_GONE)
				continue;
			trail = t;
			seen = s;
		}
	}
	for (size_t i = 0; !seen && i < f->trails.n; i++) {
		trail = f->trails.item[i];
		seen = lam_alike_whole(f, r, trail);
	}
	if (seen)
		lam_match_copy(r, trail, seen);
}

void
lam_match_forget(struct lam_follow *f)
{
	bool there;

	for (size_t i = 0; i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		if (t->named && t->listed && !t->blurred && !f->missed &&
			lam_old_is_full(t) &&
			lam_match_is_steady(f, NULL, &there))
			lam_old_forget(t);
	}
}
