/*
 * match.c - which file goes on with which text
 *
 *	1. A name leads to a file.  Is it open already?  Then it stays.
 *	2. Is its device, inode and birth that of a file which was read, and does its
 *	   text still end as it did there?  Then it goes on there.  If the text is
 *	   another it was truncated: what was read is sought in 3, and it is new.
 *	3. A file that was read, with a rest, and that no name leads to: it is sought
 *	   among the names a rotation gives, by its inode, then by its text: copies.
 *	4. A file that is not known by 2: is its text that of one read, now gone?
 *	5. Files beside a log, with names a rotation gives, that were not there at the
 *	   last look (unseen.c).
 *	6. What is left is new.
 *
 * The states through which copytruncate with compress goes, T being the text of which
 * something was read, T' what of it was copied, U what is written after the cut:
 *
 *	a.log  a.log.1     a.log.1.gz
 *	T      -           -		it goes on (2)
 *	T      empty..T'   -		a copy of what is there is left alone
 *	U      T'          -		T is in T' (3); or T' is a part of T: told
 *	U      T'          empty..T'	the same; what is beside its original is left
 *	U      shredded    T'		that is left; T is in T', or T' a part of it
 *	U      -           T'		the same
 *	U      -           part		waited for; of other programs than logrotate
 *
 * If nothing was read of T, then T' is no text that is known: it is read as new (5), in
 * the same states.  So it is if the whole row was passed through between two looks.
 *
 * Texts of two files are often equal for a while.  So one is taken for another
 * only when the other is gone (fate.h); a file whose name no rotation gives to the
 * old one must share LAM_SAME_NAME bytes; and a copy beside its living original is
 * left alone until that is gone.
 */
#include "follow/match_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "follow/alike.h"
#include "follow/fate.h"
#include "follow/names.h"
#include "follow/old.h"
#include "follow/rotated.h"
#include "follow/unseen.h"

/* What is wrong with one file is told; the others go on. */
static int
one_failed(struct lam_follow *f, int rc, const struct lam_error *why,
	struct lam_error *e)
{
	if (!rc)
		return LAM_OK;
	if (why->sys == 0 && rc == LAM_SYSTEM) { /* memory */
		if (e)
			*e = *why;
		return rc;
	}
	if (f->tell)
		f->tell(f->arg, why->msg);
	f->failed = true;
	return LAM_OK;
}

struct lam_follow_reader *
lam_match_reader(const struct lam_follow *f, const struct lam_file_id *id)
{
	for (size_t i = 0; i < f->nreaders; i++)
		if (lam_file_same_id(&f->reader[i]->file.id, id))
			return f->reader[i];
	return NULL;
}

bool
lam_match_meet(const struct lam_follow *f, const struct lam_file_id *id)
{
	struct lam_follow_reader *r = lam_match_reader(f, id);

	if (r && r->seen)
		r->seen->met = true;
	return r != NULL;
}

void
lam_match_drop(struct lam_follow *f, struct lam_follow_reader *r)
{
	size_t i = 0;

	while (f->reader[i] != r)
		i++;
	if (r->seen)
		r->seen->held = false;
	lam_reader_close(r);
	free(r);
	memmove(f->reader + i, f->reader + i + 1,
		(f->nreaders - i - 1) * sizeof *f->reader);
	f->nreaders--;
}

int
lam_match_open(struct lam_follow *f, const char *path, struct lam_follow_reader **out,
	struct lam_error *e)
{
	struct lam_follow_reader **reader = realloc(f->reader,
		(f->nreaders + 1) * sizeof *reader), *r;
	struct lam_error why = LAM_ERROR_INIT;
	bool found = false;
	int rc;

	*out = NULL;
	if (!reader)
		return lam_fail_mem(e);
	f->reader = reader;
	r = calloc(1, sizeof *r);
	if (!r)
		return lam_fail_mem(e);
	rc = lam_file_open(&r->file, path, &found, &why);
	f->missed |= !found;
	if (rc || !found) {
		free(r);
		return one_failed(f, rc, &why, e);
	}
	if (lam_match_reader(f, &r->file.id)) { /* it came to this name just now */
		lam_file_close(&r->file);
		free(r);
		f->missed = f->vague = true;
		f->waits |= f->blurred++ < LAM_BLURRED;
		return LAM_OK;
	}
	r->written = r->file.mtime;
	reader[f->nreaders++] = *out = r;
	return lam_fate_met(f, path, &r->file.id, e);
}

static void
hold(struct lam_follow_reader *r, struct lam_trail *t, struct lam_seen *s)
{
	lam_old_met(t, s);
	if (s->page && !lam_file_same_id(&s->id, &r->file.id))
		lam_old_touch(t, s);
	r->trail = t;
	r->seen = s;
	r->rotated |= strcmp(r->file.path, t->path) != 0;
	s->held = s->met = true;
	s->id = r->file.id;
	s->flags &= ~(uint64_t)LAM_SEEN_CUT;
}

/* S is as R's file is now. */
static void
meet(struct lam_seen *s, const struct lam_follow_reader *r)
{
	s->size = r->file.size;
	s->mtime = r->file.mtime;
}

void
lam_match_copy(struct lam_follow_reader *r, struct lam_trail *t, struct lam_seen *s)
{
	r->copy |= r->file.packed;
	if (r->file.packed) /* it may have more */
		s->flags &= ~(uint64_t)LAM_SEEN_DONE;
	hold(r, t, s);
	meet(s, r);
	lam_old_touch(t, s);
}

/* The file of S, of T, has other text now; S keeps FLAGS. */
static void
is_cut(struct lam_trail *t, struct lam_seen *s, uint64_t flags)
{
	lam_old_back(t, s);
	s->was = s->id;
	s->id = (struct lam_file_id){ 0, 0, 0 };
	s->flags = flags | LAM_SEEN_CUT;
	t->changed = true;
}

/* Is a packed R as it was when S was noted? */
static bool
is_untouched(const struct lam_follow_reader *r, const struct lam_seen *s)
{
	return r->file.packed && r->file.size == s->size && r->file.mtime == s->mtime;
}

/* R's file has the inode of S: has it the text, too? */
static int
has_text(const struct lam_follow_reader *r, const struct lam_seen *s, bool *same,
	struct lam_error *e)
{
	*same = true;
	if (lam_seen_due(s) || is_untouched(r, s))
		return LAM_OK;
	if (r->file.packed || r->file.size < s->size)
		*same = lam_alike_text(r, s);
	else if (s->mark.at)
		return lam_file_ends(&r->file, &s->mark, same, e);
	return LAM_OK;
}

/* Step 2: R's file is that of S, and has its text. */
static void
match_id(struct lam_follow_reader *r, struct lam_trail *t, struct lam_seen *s)
{
	hold(r, t, s);
	if (!r->file.packed || lam_seen_due(s) || is_untouched(r, s))
		return; /* one that was only touched is not read again */
	if (r->file.size != s->size)
		s->flags &= ~(uint64_t)LAM_SEEN_DONE;
	meet(s, r);
	lam_old_touch(t, s);
}

/* Two logs may have noted the file, one before it was cut: who is killed notes one
 * place and not the other.  It is that of which more was read. */
int
lam_match_known(struct lam_follow *f, struct lam_follow_reader *r, struct lam_error *e)
{
	struct lam_trail *trail = NULL;
	struct lam_seen *seen = NULL;

	for (size_t i = 0; i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		for (size_t k = 0; k < t->n; k++) {
			struct lam_seen *s = t->seen[k];
			bool same;
			int rc;

			if (s->held || !lam_file_same_id(&s->id, &r->file.id))
				continue;
			rc = has_text(r, s, &same, e);
			if (rc)
				return rc;
			if (!same) {
				is_cut(t, s, s->flags & ~(uint64_t)LAM_SEEN_DONE);
				continue;
			}
			if (seen) /* nothing of the other is to come */
				(seen->mark.at < s->mark.at ? seen : s)->flags |=
					LAM_SEEN_DONE;
			if (!seen || seen->mark.at < s->mark.at) {
				trail = t;
				seen = s;
			}
		}
	}
	if (seen)
		match_id(r, trail, seen);
	return LAM_OK;
}

/* SUM, and what PATH leads to; ID NULL: nothing. */
static uint64_t
add_name(uint64_t sum, const char *path, const struct lam_file_id *id)
{
	const uint64_t w[] = { sum, lam_checksum(path, strlen(path)),
		id ? id->dev : 0, id ? id->ino : 0, id ? id->born : 0 };

	return lam_checksum(w, sizeof w);
}

bool
lam_match_is_steady(const struct lam_follow *f, const struct lam_file_id *id,
	bool *there)
{
	struct lam_names paths;
	struct lam_file_id at;
	uint64_t sum = 0;

	*there = false;
	if (lam_names_expand(f->name, f->nnames, &paths, NULL))
		return false;
	for (size_t i = 0; i < paths.n; i++) {
		bool is = lam_file_at(paths.name[i], &at);

		sum = add_name(sum, paths.name[i], is ? &at : NULL);
		*there |= is && id && lam_file_same_id(&at, id);
	}
	lam_names_release(&paths);
	return sum == f->sum;
}

/* Step 1: what PATH leads to has a reader. */
static int
look_at(struct lam_follow *f, const char *path, struct lam_error *e)
{
	struct lam_trail *t;
	struct lam_file_id id;
	struct lam_follow_reader *r;
	struct lam_error why = LAM_ERROR_INIT;
	bool there;
	int rc = lam_trails_get(&f->trails, path, &t, e);

	if (rc)
		return rc;
	if (!t->claimed)
		rc = lam_claim(&f->claims, path, e);
	if (!rc && !t->claimed)
		rc = lam_claim_directory(&f->claims, path, !f->literal, e);
	if (rc)
		return rc;
	t->claimed = t->named = true;
	if (!t->known.is)
		rc = lam_unseen_first(t, e);
	if (rc)
		return rc;
	there = lam_file_at(path, &id);
	f->sum = add_name(f->sum, path, there ? &id : NULL);
	if (there)
		rc = lam_fate_met(f, path, &id, e);
	if (rc)
		return rc;
	t->changed |= there && t->aged;
	t->aged &= !there;
	for (size_t i = 0; i < f->nreaders; i++) {
		r = f->reader[i];
		if (r->named && !strcmp(r->file.path, path) &&
			!(there && lam_file_same_id(&r->file.id, &id))) {
			r->named = false;
			r->rotated = true;
		}
	}
	if (!there && !t->n && !t->to && f->missing) {
		lam_fail(&why, LAM_SYSTEM, "%s: there is no such file", path);
		return one_failed(f, LAM_DATA, &why, e);
	}
	if (!there || lam_match_meet(f, &id))
		return LAM_OK;
	rc = lam_match_open(f, path, &r, e);
	if (rc || !r)
		return rc;
	r->named = true;
	return lam_match_known(f, r, e);
}

/* ------------------------------------------------------------------- new files */

static int
by_age(const void *a, const void *b)
{
	const struct lam_follow_reader *x = *(struct lam_follow_reader *const *)a;
	const struct lam_follow_reader *y = *(struct lam_follow_reader *const *)b;

	if (x->named != y->named)
		return x->named ? 1 : -1;
	return x->file.mtime != y->file.mtime ?
		(x->file.mtime < y->file.mtime ? -1 : 1) :
		strcmp(y->file.path, x->file.path);
}

/* A new file of T for R. */
static int
start(struct lam_follow *f, struct lam_follow_reader *r,
	struct lam_trail *t, struct lam_error *e)
{
	struct lam_seen *s;
	int rc = lam_trail_add(t, &s, e);

	if (rc)
		return rc;
	hold(r, t, s);
	lam_unseen_begin(f, r);
	return LAM_OK;
}

/* Steps 4 to 6 of R, which 2 and 3 did not know. */
static int
settle(struct lam_follow *f, struct lam_follow_reader *r, struct lam_error *e)
{
	struct lam_trail *t = NULL;
	int rc = LAM_OK;

	if (lam_fate_is_undecided(f, r)) {
		lam_unseen_later(f, r);
		return LAM_OK;
	}
	lam_match_text(f, r);
	if (r->seen)
		return LAM_OK;
	if (r->named && (lam_alike_copy(f, r) ||
		(f->waits && lam_alike_growing(r))))
		lam_unseen_later(f, r);
	else if (r->named)
		rc = lam_trails_get(&f->trails, r->file.path, &t, e);
	for (size_t i = 0; !r->named && !t && i < f->trails.n; i++)
		if (f->trails.item[i]->named &&
			lam_unseen_is(f, r, f->trails.item[i]))
			t = f->trails.item[i];
	if (!rc && t)
		rc = start(f, r, t, e);
	r->copy |= r->rotated;
	return rc;
}

/* Does T's path lead to another file than the last that was read? */
static bool
has_moved(const struct lam_follow *f, const struct lam_trail *t)
{
	for (size_t i = 0; t->n && i < f->nreaders; i++)
		if (f->reader[i]->seen == t->seen[0])
			return !f->reader[i]->named ||
				strcmp(f->reader[i]->file.path, t->path);
	return t->n > 0;
}

static int
look_around(struct lam_follow *f, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		rc = lam_match_rests(f, t, e);
		if (!rc && t->named && !t->listed &&
			(has_moved(f, t) || lam_unseen_may(t)))
			rc = lam_match_beside(f, t, false, e);
	}
	if (f->nreaders)
		qsort(f->reader, f->nreaders, sizeof *f->reader, by_age);
	/* What was rotated comes before what took its name. */
	for (int named = 0; !rc && named < 2; named++)
		for (size_t i = 0; !rc && i < f->nreaders; i++)
			if (!f->reader[i]->seen && f->reader[i]->named == named)
				rc = settle(f, f->reader[i], e);
	for (size_t i = f->nreaders; !rc && i-- > 0;)
		if (!f->reader[i]->seen)
			lam_match_drop(f, f->reader[i]);
	return rc;
}

/* Step 2 for files that are open: a copy is known by what its original had. */
static int
drop_cut(struct lam_follow *f, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = f->nreaders; !rc && i-- > 0;) {
		struct lam_follow_reader *r = f->reader[i];
		struct lam_seen *s = r->seen;
		bool same = true;

		rc = lam_file_look(&r->file, e);
		if (!rc && s->mark.at && !r->file.packed)
			rc = lam_file_ends(&r->file, &s->mark, &same, e);
		if (rc || (same && !r->cut))
			continue;
		if (lam_seen_due(s)) { /* it is being deleted: it may be packed */
			lam_match_drop(f, r);
			continue;
		}
		if (!s->mark.at) { /* what is first now is read from its start */
			lam_reader_rewind(r);
			r->cut = false;
			r->due = true;
			continue;
		}
		is_cut(r->trail, s, s->flags & (LAM_SEEN_SKIPPING | LAM_SEEN_OPEN |
			LAM_SEEN_FRESH | LAM_SEEN_RECORD));
		lam_match_drop(f, r);
	}
	return rc;
}

int
lam_match(struct lam_follow *f, struct lam_error *e)
{
	struct lam_names paths;
	int rc = LAM_OK;

	for (size_t i = 0; i < f->trails.n; i++)
		f->trails.item[i]->named = false;
	lam_unseen_look(f);
	f->missed = false;
	f->sum = 0;
	rc = drop_cut(f, e);
	if (!rc)
		rc = lam_names_expand(f->name, f->nnames, &paths, e);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < paths.n; i++)
		rc = look_at(f, paths.name[i], e);
	if (!rc)
		rc = look_around(f, e);
	if (!rc)
		lam_match_forget(f);
	if (!rc)
		rc = lam_unseen_end(f, e);
	f->blurred = f->vague ? f->blurred : 0;
	lam_names_release(&paths);
	return rc;
}
