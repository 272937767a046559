/*
 * old.c - the files of a log that were read, and are there still
 *
 * The key of a page is "old:", a byte from '0' on for its number, and the path of the
 * log; its count is how often it was appended, so that of two programs that append it
 * the second is refused.  The page of a file is its inode modulo their number, so a
 * rotation writes one.  The state, little-endian:
 *
 *	 0  u32  version, 1	 4  u32  0
 *	 8  entries, as in the place of the log (trail.c), without steps and text
 */
#include "follow/old.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "follow/trail_internal.h"
#include "time/time.h"

#define PREFIX "old:"
#define KEY (sizeof PREFIX)  /* bytes before the path */
#define VERSION 1
#define HEAD 8
#define KEPT 16	    /* files that are done stay in the place of their log */
#define MANY 64	    /* of them, between two appends of places alone */
#define ROOM 16384  /* bytes that formats remember of them, to the last that stays */
#define MEMORY 1024 /* of one in a page; one with more is gone on with as new text */
#define GONE 128    /* files that are not there any more, and known */

static uint32_t
bit(const struct lam_seen *s)
{
	return UINT32_C(1) << (s->page - 1);
}

void
lam_old_back(struct lam_trail *t, struct lam_seen *s)
{
	if (!s->page)
		return;
	t->old.stale |= bit(s);
	t->changed = true;
	s->page = 0;
}

void
lam_old_touch(struct lam_trail *t, const struct lam_seen *s)
{
	if (s->page)
		t->old.stale |= bit(s);
	else
		t->changed = true;
}

void
lam_old_met(struct lam_trail *t, const struct lam_seen *s)
{
	if (s->page && t->old.aged & bit(s)) {
		t->old.stale |= bit(s);
		t->old.aged &= ~bit(s);
	}
}

/* ---------------------------------------------------------------- forgetting */

static bool
is_gone(const struct lam_trail *t, const struct lam_seen *s)
{
	return s->flags & LAM_SEEN_DONE && !s->held &&
		!lam_known_has(&t->next, &s->id);
}

bool
lam_old_is_full(const struct lam_trail *t)
{
	size_t n = 0;

	for (size_t i = 0; t->n > GONE && i < t->n; i++)
		n += is_gone(t, t->seen[i]);
	return n > GONE;
}

/* S of T is not known any more. */
static void
forget(struct lam_trail *t, struct lam_seen *s)
{
	lam_old_back(t, s);
	if (t->old.gone < s->mtime)
		t->old.gone = s->mtime;
	t->changed = true;
	lam_trail_remove(t, s);
}

void
lam_old_forget(struct lam_trail *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (is_gone(t, t->seen[i]) && ++n > GONE)
			forget(t, t->seen[i--]);
}

/* ------------------------------------------------------------------- keeping */

static size_t
size_of(const struct lam_seen *s)
{
	return LAM_SEEN_ENTRY + s->memory.n;
}

/* S of T goes to its page; or is forgotten, if that is full. */
static bool
retire(struct lam_trail *t, struct lam_seen *s)
{
	uint8_t page = (uint8_t)(s->id.ino % LAM_OLD_PAGES + 1);
	size_t n = HEAD;

	s->nsteps = 0;
	lam_buf_clear(&s->text);
	if (s->memory.n > MEMORY)
		lam_buf_clear(&s->memory);
	for (size_t i = 0; i < t->n; i++)
		n += t->seen[i]->page == page ? size_of(t->seen[i]) : 0;
	if (n + size_of(s) > LAM_PLACE_STATE) {
		forget(t, s);
		return false;
	}
	s->page = page;
	t->old.stale |= bit(s);
	return true;
}

static bool
is_done(const struct lam_seen *s)
{
	return !s->page && (s->flags & (LAM_SEEN_DONE | LAM_SEEN_FRESH)) ==
		LAM_SEEN_DONE;
}

bool
lam_old_is_due(const struct lam_trail *t)
{
	size_t n = 0;

	for (size_t i = 0; t->n > MANY && i < t->n; i++)
		n += is_done(t->seen[i]);
	return n > MANY;
}

void
lam_old_retire(struct lam_trail *t)
{
	size_t done = 0, bytes = 0;

	for (size_t i = 0; t->claimed && i < t->n; i++) {
		struct lam_seen *s = t->seen[i];

		if (!is_done(s))
			continue;
		bytes += s->memory.n + s->text.n;
		if ((++done > KEPT || bytes > ROOM) && !retire(t, s))
			i--;
	}
}

/* Page I of T, from 0, as a note. */
static int
put_page(struct lam_trail *t, unsigned i, struct lam_buf *notes, struct lam_error *e)
{
	struct lam_buf key = LAM_BUF_INIT, state = LAM_BUF_INIT;
	struct lam_place x = { .from = t->old.turn[i], .to = t->old.turn[i] + 1 };
	int rc;

	x.when = (uint64_t)(lam_clock_wall() / LAM_NS);
	lam_buf_puts(&key, PREFIX);
	lam_buf_putc(&key, (char)('0' + i));
	lam_buf_puts(&key, t->path);
	lam_buf_put_u32(&state, VERSION);
	lam_buf_put_u32(&state, 0);
	for (size_t k = 0; k < t->n; k++)
		if (t->seen[k]->page == i + 1)
			lam_seen_put(t->seen[k], NULL, &state);
	rc = lam_buf_check(&key, e);
	if (!rc)
		rc = lam_buf_check(&state, e);
	x.key = (struct lam_str){ key.p, key.n };
	x.state = (struct lam_str){ state.p, state.n };
	if (!rc)
		rc = lam_place_put(&x, notes, e);
	if (!rc)
		t->old.turn[i]++;
	lam_buf_release(&key);
	lam_buf_release(&state);
	return rc;
}

int
lam_old_note(struct lam_trail *t, struct lam_buf *notes, struct lam_error *e)
{
	unsigned i = 0;

	while (i < LAM_OLD_PAGES && !(t->old.stale & UINT32_C(1) << i))
		i++;
	if (i == LAM_OLD_PAGES)
		return LAM_OK;
	t->old.stale &= ~(UINT32_C(1) << i);
	return put_page(t, i, notes, e);
}

/* ------------------------------------------------------------------- loading */

/* Has the place of T, or a page, the file of S, the last one, already? */
static bool
is_twice(const struct lam_trail *t, const struct lam_seen *s)
{
	for (size_t i = 0; i + 1 < t->n; i++)
		if (lam_file_same_id(&t->seen[i]->id, &s->id))
			return true;
	return false;
}

int
lam_old_take(struct lam_trails *trails, const struct lam_place *x, struct lam_error *e)
{
	struct lam_str state = x->state;
	unsigned i = x->key.n > KEY ? (unsigned char)x->key.p[KEY - 1] - '0' :
		LAM_OLD_PAGES;
	bool ok = i < LAM_OLD_PAGES && state.n >= HEAD &&
		lam_get32(state.p) == VERSION;
	struct lam_trail *t = NULL;
	char *path = ok ? strndup(x->key.p + KEY, x->key.n - KEY) : NULL;
	int rc = ok && !path ? lam_fail_mem(e) : LAM_OK;

	if (!rc && ok)
		rc = lam_trails_get(trails, path, &t, e);
	free(path);
	if (!rc && ok) {
		t->old.turn[i] = x->to;
		t->old.aged |= lam_trail_is_aged(x->when) ? UINT32_C(1) << i : 0;
		state.p += HEAD;
		state.n -= HEAD;
	}
	while (!rc && ok && state.n) {
		rc = lam_seen_get(t, NULL, &state, &ok, e);
		if (rc || !ok)
			break;
		t->seen[t->n - 1]->page = (uint8_t)(i + 1);
		if (is_twice(t, t->seen[t->n - 1]))
			lam_trail_remove(t, t->seen[t->n - 1]);
	}
	return rc || ok ? rc : lam_fail(e, LAM_DATA, "%.*s: its old files in the log "
		"were written by another version of lam, or are damaged",
		x->key.n > KEY ? (int)(x->key.n - KEY) : 0, x->key.p + KEY);
}

static int
newest_first(const void *a, const void *b)
{
	const struct lam_seen *x = *(struct lam_seen *const *)a;
	const struct lam_seen *y = *(struct lam_seen *const *)b;

	return x->mtime != y->mtime ? (x->mtime > y->mtime ? -1 : 1) :
		(x->id.ino > y->id.ino) - (x->id.ino < y->id.ino);
}

/* The entries of pages stand behind the others, the newest first. */
static void
sort(struct lam_trail *t)
{
	size_t i = 0;

	while (i < t->n && !t->seen[i]->page)
		i++;
	if (i < t->n)
		qsort(t->seen + i, t->n - i, sizeof *t->seen, newest_first);
}

int
lam_old_load(struct lam_trails *t, struct lam_append *a, struct lam_error *e)
{
	const struct lam_str prefix = { PREFIX, sizeof PREFIX - 1 };
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_place *place = NULL;
	size_t n = 0;
	int rc = lam_append_places(a, prefix, &arena, &place, &n, e);

	for (size_t i = 0; !rc && i < n; i++)
		rc = lam_old_take(t, &place[i], e);
	for (size_t i = 0; !rc && i < t->n; i++)
		sort(t->item[i]);
	lam_arena_release(&arena);
	return rc;
}
