/*
 * fate.c - is the file of an entry there, is it gone, or can that not be told?
 *
 * Of a look it is kept which name led to which file, and the names of a file are found
 * by its inode: of a thousand files each is asked for with each.
 */
#include "follow/fate.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "follow/alike.h"
#include "follow/match_internal.h"

void
lam_fate_clear(struct lam_follow *f)
{
	for (size_t i = 0; i < f->nsights; i++)
		free(f->sight[i].path);
	free(f->sight);
	free(f->slot);
	f->sight = NULL;
	f->slot = NULL;
	f->nsights = f->sights_cap = f->nslots = 0;
	f->steady = f->vague = false;
}

static size_t *
slot_of(const struct lam_follow *f, const struct lam_file_id *id)
{
	return &f->slot[lam_mix(id->ino, lam_hash_seed()) & (f->nslots - 1)];
}

static void
chain(struct lam_follow *f, size_t i)
{
	size_t *slot = slot_of(f, &f->sight[i].id);

	f->sight[i].next = *slot;
	*slot = i + 1;
}

/* Have a slot for each of the names, and more. */
static bool
slots_room(struct lam_follow *f)
{
	size_t n = f->nslots ? 2 * f->nslots : 64, *slot;

	if (f->nsights < f->nslots)
		return true;
	slot = calloc(n, sizeof *slot);
	if (!slot)
		return false;
	free(f->slot);
	f->slot = slot;
	f->nslots = n;
	for (size_t i = 0; i < f->nsights; i++)
		chain(f, i);
	return true;
}

/* The name before S, or the last one, that led to ID; NULL: none. */
static const struct lam_sight *
sight_of(const struct lam_follow *f, const struct lam_file_id *id,
	const struct lam_sight *s)
{
	size_t i = s ? s->next : f->nslots ? *slot_of(f, id) : 0;

	while (i && !lam_file_same_id(&f->sight[i - 1].id, id))
		i = f->sight[i - 1].next;
	return i ? &f->sight[i - 1] : NULL;
}

int
lam_fate_met(struct lam_follow *f, const char *path, const struct lam_file_id *id,
	struct lam_error *e)
{
	struct lam_sight *s;

	if (!lam_array_room(&f->sight, &f->sights_cap, f->nsights + 1,
		sizeof *f->sight) || !slots_room(f))
		return lam_fail_mem(e);
	s = &f->sight[f->nsights];
	*s = (struct lam_sight){ strdup(path), *id, 0 };
	if (!s->path)
		return lam_fail_mem(e);
	chain(f, f->nsights++);
	return LAM_OK;
}

/* Has the file of S a name at this look? */
static bool
is_in_sight(const struct lam_follow *f, const struct lam_seen *s)
{
	return sight_of(f, &s->id, NULL) != NULL;
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
	const struct lam_sight *at = NULL;
	bool near = lam_alike_place(t->path, r);

	while (!near && (at = sight_of(f, id, at)) != NULL)
		near = lam_alike_place(at->path, r);
	return near;
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
