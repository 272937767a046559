/*
 * alike.c - whether files have the same text, and the same log
 *
 * What cannot be read is not the same.
 */
#include "follow/alike.h"

#include <string.h>

#include "base/clock.h"
#include "follow/fate.h"
#include "follow/match_internal.h"
#include "follow/rotated.h"
#include "time/time.h"

#define QUIET (2 * LAM_NS)
#define WRITE (LAM_NS / 5) /* between two writes of who copies a file */

static const char *
base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool
lam_alike_text(const struct lam_follow_reader *r, const struct lam_seen *s)
{
	bool same = false;

	if (!s->mark.at || (!r->file.packed && r->file.size < s->mark.at))
		return false;
	return !lam_file_begins(&r->file, &s->mark, &same, NULL) && same;
}

/* What the file at PATH, which is compressed, was before.  False: PATH does not say. */
static bool
plain_path(const char *path, char plain[LAM_PATH_MAX])
{
	size_t packed = lam_rotated_packed(path), n = strlen(path) - packed;

	if (!packed || n >= LAM_PATH_MAX)
		return false;
	memcpy(plain, path, n);
	plain[n] = '\0';
	return true;
}

/* The file beside R's of which that is packed. */
static bool
has_original(const struct lam_follow_reader *r, struct lam_file_id *id)
{
	char plain[LAM_PATH_MAX];

	return plain_path(r->file.path, plain) && lam_file_at(plain, id);
}

bool
lam_alike_is_packed_of(const struct lam_follow_reader *r)
{
	struct lam_file_id id;

	return has_original(r, &id);
}

bool
lam_alike_is_second(const struct lam_follow *f, const struct lam_follow_reader *r)
{
	struct lam_file_id id;

	return has_original(r, &id) && !lam_match_reader(f, &id);
}

struct lam_follow_reader *
lam_alike_find(const struct lam_follow *f, const struct lam_trail *t,
	const struct lam_seen *s)
{
	struct lam_follow_reader *found = NULL;
	int rank = 0;

	for (size_t i = 0; i < f->nreaders && rank < 3; i++) {
		struct lam_follow_reader *r = f->reader[i];
		bool same_name = !strcmp(r->file.path, t->path);
		int k = same_name ? 1 : r->file.packed ? 2 : 3;

		/* What is packed may be a copy of another copy, that is there,
		 * too.  Its own name is last, and not for a few bytes. */
		if (k > rank && !r->seen && !(same_name && (s->mark.at <
			LAM_SAME_NAME || lam_file_same_id(&s->was, &r->file.id))) &&
			!lam_alike_is_second(f, r) && lam_alike_text(r, s)) {
			found = r;
			rank = k;
		}
	}
	return found;
}

bool
lam_alike_start(const struct lam_follow_reader *r, const struct lam_trail *t,
	const struct lam_seen *s, struct lam_mark *end)
{
	char text[LAM_PREFIX_HEAD];
	const struct lam_whole w = { &s->mark, s->step, s->nsteps,
		{ text, lam_seen_text(s, text) } };

	return s->mark.at && strcmp(r->file.path, t->path) &&
		lam_file_is_part(&r->file, &w, end);
}

/* What was read of S ends at END, and that is all. */
static void
end_at(struct lam_seen *s, const struct lam_mark *end)
{
	s->mark = *end;
	s->nsteps = 0;
	lam_buf_clear(&s->text);
	s->flags &= LAM_SEEN_FRESH | LAM_SEEN_RECORD;
	s->flags |= LAM_SEEN_DONE | LAM_SEEN_AWAY;
}

struct lam_follow_reader *
lam_alike_part(const struct lam_follow *f, const struct lam_trail *t,
	struct lam_seen *s)
{
	struct lam_follow_reader *found = NULL;
	struct lam_mark end, longest = { .at = 0 };

	for (size_t i = 0; i < f->nreaders; i++)
		if (!f->reader[i]->seen && lam_alike_start(f->reader[i], t, s, &end) &&
			end.at > longest.at) {
			found = f->reader[i];
			longest = end;
		}
	if (found)
		end_at(s, &longest);
	return found;
}

struct lam_seen *
lam_alike_whole(struct lam_follow *f, const struct lam_follow_reader *r,
	const struct lam_trail *t)
{
	struct lam_mark end;

	for (size_t k = 0; k < t->n; k++)
		if (!t->seen[k]->held && !t->seen[k]->page &&
			lam_alike_start(r, t, t->seen[k], &end) &&
			lam_fate_of(f, t, t->seen[k]) == LAM_FATE_GONE) {
			end_at(t->seen[k], &end);
			return t->seen[k];
		}
	return NULL;
}

bool
lam_alike_living(const struct lam_trail *t, const struct lam_seen *s)
{
	struct lam_names names;
	struct lam_file_id id;
	bool living = lam_file_at(t->path, &id) && lam_file_same_id(&id, &s->id);

	if (lam_rotated_list(t->path, &names, NULL))
		return living;
	for (size_t i = 0; !living && i < names.n; i++)
		living = lam_file_at(names.name[i], &id) &&
			lam_file_same_id(&id, &s->id);
	lam_names_release(&names);
	return living;
}

bool
lam_alike_place(const char *log, const struct lam_follow_reader *r)
{
	return lam_rotated_is(base(log), base(r->file.path)) || (r->file.packed &&
		lam_rotated_alike(base(log), base(r->file.path)));
}

/* May a rotation put a copy of X's file where R's is?  What is compressed may be a copy
 * of what was renamed before. */
static bool
is_place_for(const struct lam_follow *f, const struct lam_follow_reader *x,
	const struct lam_follow_reader *r)
{
	return x != r && (x->seen || x->named ||
		(r->file.packed && !x->file.packed)) &&
		(lam_alike_place(x->file.path, r) ||
		(x->seen && lam_fate_is_near(f, x->trail, x->seen, r)));
}

/* Has X's file been truncated since it was read? */
static bool
was_cut(struct lam_follow_reader *x)
{
	bool same = false;

	return x->seen->mark.at && (lam_file_look(&x->file, NULL) ||
		lam_file_ends(&x->file, &x->seen->mark, &same, NULL) || !same);
}

/*
 * Is R's file a copy of X's, whole or not yet?  R is looked at first: what X has by
 * then may have been written and copied since the last look.  If X is truncated while
 * they are compared, its copy is whole, and has what was read of X; or lacks the end of
 * it, which the next look finds out.  A packed one that is whole has it, too, unless X
 * was written to while it was made.
 */
static bool
is_copy_of(struct lam_follow_reader *r, struct lam_follow_reader *x)
{
	struct lam_likeness l;

	if (lam_file_look(&r->file, NULL) || lam_file_look(&x->file, NULL))
		return true; /* leave it alone */
	if (!r->file.size) /* it may be about to become it */
		return true;
	if (x->file.packed && !r->file.packed)
		return false;
	if (lam_file_compare(&r->file, &x->file, &l, NULL))
		return true;
	if (!l.other && !l.more && l.n && (!r->file.packed || l.torn ||
		!x->file.linked || !x->seen || l.n >= x->seen->mark.at))
		return true;
	return x->seen && !x->file.packed && was_cut(x);
}

/* Has R's file been rotated away, be its name given or not? */
static bool
is_away(const struct lam_follow *f, const struct lam_follow_reader *r)
{
	bool is = r->rotated;

	for (size_t i = 0; !is && i < f->trails.n; i++)
		is = lam_alike_place(f->trails.item[i]->path, r);
	return is;
}

bool
lam_alike_shredded(const struct lam_follow *f, const struct lam_follow_reader *r)
{
	struct lam_names names;
	size_t n = strlen(r->file.path);
	bool beside = false;

	if (r->file.packed || lam_clock_wall() - (int64_t)r->file.mtime > QUIET ||
		!is_away(f, r) || lam_rotated_list(r->file.path, &names, NULL))
		return false;
	for (size_t i = 0; i < names.n; i++)
		beside |= !strncmp(names.name[i], r->file.path, n) &&
			strlen(names.name[i]) == n +
			lam_rotated_packed(names.name[i]);
	lam_names_release(&names);
	return beside;
}

bool
lam_alike_growing(const struct lam_follow_reader *r)
{
	return lam_clock_wall() - (int64_t)r->file.mtime < QUIET && (!r->file.size ||
		(r->file.packed && !lam_file_is_whole(&r->file)));
}

bool
lam_alike_coming(const struct lam_follow_reader *r, const struct lam_trail *t,
	const struct lam_seen *s)
{
	struct lam_mark end;

	return !(s->flags & LAM_SEEN_CUT) && !r->file.packed &&
		lam_clock_wall() - (int64_t)r->file.mtime < WRITE &&
		(s->text.n || s->nsteps) && lam_alike_start(r, t, s, &end);
}

bool
lam_alike_copy(const struct lam_follow *f, struct lam_follow_reader *r)
{
	if (lam_alike_shredded(f, r) || lam_alike_is_packed_of(r))
		return true;
	for (size_t i = 0; i < f->nreaders; i++)
		if (is_place_for(f, f->reader[i], r) && is_copy_of(r, f->reader[i]))
			return true;
	return false;
}
