/*
 * fate.c - is the file of an entry there, is it gone, or can that not be told?
 *
 * Of a look it is kept which name led to which file.
 */
#include "follow/fate.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "follow/alike.h"
#include "follow/match_internal.h"

void
lam_fate_clear(struct lam_follow *f)
{
	for (size_t i = 0; i < f->nsights; i++)
		free(f->sight[i].path);
	free(f->sight);
	f->sight = NULL;
	f->nsights = f->sights_cap = 0;
	f->steady = f->vague = false;
}

int
lam_fate_met(struct lam_follow *f, const char *path, const struct lam_file_id *id,
	struct lam_error *e)
{
	struct lam_sight *s;

	if (!lam_array_room(&f->sight, &f->sights_cap, f->nsights + 1,
		sizeof *f->sight))
		return lam_fail_mem(e);
	s = &f->sight[f->nsights];
	*s = (struct lam_sight){ strdup(path), *id };
	if (!s->path)
		return lam_fail_mem(e);
	f->nsights++;
	return LAM_OK;
}

/* Has the file of S a name at this look? */
static bool
is_in_sight(const struct lam_follow *f, const struct lam_seen *s)
{
	for (size_t i = 0; i < f->nsights; i++)
		if (lam_file_same_id(&f->sight[i].id, &s->id))
			return true;
	return false;
}

/* Has the file of S a reader, and lost its last name? */
static bool
is_unlinked(const struct lam_follow *f, const struct lam_seen *s)
{
	for (size_t i = 0; s->held && i < f->nreaders; i++)
		if (f->reader[i]->seen == s)
			return !f->reader[i]->file.linked;
	return false;
}

/* Was this look steady?  It is asked once, if it was. */
static bool
is_steady(struct lam_follow *f)
{
	bool there;

	f->steady = f->steady || lam_match_is_steady(f, NULL, &there);
	return f->steady;
}

enum lam_fate
lam_fate_of(struct lam_follow *f, const struct lam_trail *t, const struct lam_seen *s)
{
	if (s->id.ino && (s->met || is_in_sight(f, s) ||
		(!s->held && lam_alike_living(t, s))))
		return LAM_FATE_HERE;
	if (is_unlinked(f, s))
		return LAM_FATE_GONE;
	return !(t->listed && t->blurred) && is_steady(f) ? LAM_FATE_GONE :
		LAM_FATE_OPEN;
}

bool
lam_fate_is_near(const struct lam_follow *f, const struct lam_trail *t,
	const struct lam_seen *s, const struct lam_follow_reader *r)
{
	const struct lam_file_id *id = s->id.ino ? &s->id : &s->was;

	if (lam_alike_place(t->path, r))
		return true;
	for (size_t i = 0; i < f->nsights; i++)
		if (lam_file_same_id(&f->sight[i].id, id) &&
			lam_alike_place(f->sight[i].path, r))
			return true;
	return false;
}

/* May R have text of S, of T: all, or a part, or can that not be told yet? */
static bool
may_have(const struct lam_follow *f, const struct lam_follow_reader *r,
	const struct lam_trail *t, const struct lam_seen *s)
{
	bool near = lam_fate_is_near(f, t, s, r), is_short = r->file.size <
		LAM_PREFIX_HEAD && (r->file.packed || r->file.size < s->mark.at);
	struct lam_mark end;

	if (!s->mark.at)
		return false;
	if ((near || s->mark.at >= LAM_SAME_NAME) && lam_alike_text(r, s))
		return true;
	if ((s->text.n || s->nsteps) && lam_alike_start(r, t, s, &end))
		return true;
	return near && ((is_short && !s->text.n) || lam_alike_growing(r));
}

bool
lam_fate_is_undecided(struct lam_follow *f, const struct lam_follow_reader *r)
{
	for (size_t i = 0; i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		for (size_t k = 0; k < t->n; k++) {
			const struct lam_seen *s = t->seen[k];
			enum lam_fate fate;

			if (s->met || !may_have(f, r, t, s))
				continue;
			fate = lam_fate_of(f, t, s);
			if (fate == LAM_FATE_OPEN) {
				f->vague = true;
				f->waits |= f->blurred++ < LAM_BLURRED;
			} else if (fate == LAM_FATE_GONE && !s->held &&
				lam_alike_coming(r, t, s)) {
				f->waits = true;
			} else {
				continue;
			}
			t->unsure = true;
			return true;
		}
	}
	return false;
}
