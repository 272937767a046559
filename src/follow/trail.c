/*
 * trail.c - what has been read of a log, through its rotations
 *
 * The state of a place, little-endian:
 *
 *	 0  u32  version, 4	 4  u32  known files and 1; 0: none was looked for
 *	 8  u64  bytes of the reject file before it; not in version 1
 *	16  u64  no file beside it is unknown that is not younger; from version 3 on
 *	24  u64  times of the directories when the known files were noted
 *	32  u64  the last write to a file that is not known any more, or 0; from
 *		 version 4 on
 *	40  the known files (known.c), then those that were read, newest first; each
 *
 *	 0  u64  device	  8  u64  inode	16  u64  time of birth, ns, or 0
 *	24  u64  size	 32  u64  time of the last write, ns
 *	40  u64  number of the next line	48  u64  flags (trail.h)
 *	56  u64  offset, in bytes of text	64  u64  hash at the tail's begin
 *	72  u64  hash of the first 4 KiB	80  u64  hash of all before it
 *	88  u32  bytes of the memory; bit 31: it is that of the entry before
 *	92  u16  steps, in version 1: 0
 *	94  u16  bytes of the text
 *	96  the memory
 *	..  the steps, each: u64  offset, u64  hash of all before it
 *	..  the first 4 KiB of the text, or all, as long as it is short: raw deflate, if
 *	    that is shorter
 *
 * The hashes are those of input/prefix.c.
 */
#include "follow/trail_internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "follow/old.h"
#include "store/deflate.h"
#include "time/time.h"

#define PREFIX "file:"
#define VERSION 4
static const size_t head_of[] = { 0, 8, 16, 32, 40 }; /* of each version */
#define ENTRY LAM_SEEN_ENTRY
#define STEPPED 8  /* files that have steps beside the newest */
#define SAME (UINT32_C(1) << 31)
#define WORDS 11
#define DEFLATED 6 /* the level */
#define STEP 16
#define AGED ((uint64_t)LAM_PLACE_DAYS / 4 * 86400)

void
lam_trails_release(struct lam_trails *t)
{
	for (size_t i = 0; i < t->n; i++) {
		while (t->item[i]->n)
			lam_trail_remove(t->item[i], t->item[i]->seen[0]);
		lam_known_release(&t->item[i]->known);
		lam_known_release(&t->item[i]->next);
		free(t->item[i]->seen);
		free(t->item[i]->path);
		free(t->item[i]);
	}
	free(t->item);
	*t = (struct lam_trails)LAM_TRAILS_INIT;
}

/* A new trail of PATH[N]. */
static int
add_trail(struct lam_trails *t, const char *path, size_t n,
	struct lam_trail **out, struct lam_error *e)
{
	struct lam_trail **item = realloc(t->item, (t->n + 1) * sizeof *item);
	struct lam_trail *x;

	if (!item)
		return lam_fail_mem(e);
	t->item = item;
	x = calloc(1, sizeof *x);
	if (x)
		x->path = strndup(path, n);
	if (!x || !x->path) {
		free(x);
		return lam_fail_mem(e);
	}
	t->item[t->n++] = *out = x;
	return LAM_OK;
}

int
lam_trails_get(struct lam_trails *t, const char *path, struct lam_trail **out,
	struct lam_error *e)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->item[i]->path, path)) {
			*out = t->item[i];
			return LAM_OK;
		}
	return add_trail(t, path, strlen(path), out, e);
}

/* Room for one more, at place AT. */
static int
insert(struct lam_trail *t, size_t at, struct lam_seen **out,
	struct lam_error *e)
{
	struct lam_seen **seen = realloc(t->seen, (t->n + 1) * sizeof *seen);
	struct lam_seen *s;

	if (!seen)
		return lam_fail_mem(e);
	t->seen = seen;
	s = calloc(1, sizeof *s);
	if (!s)
		return lam_fail_mem(e);
	s->line = 1;
	memmove(seen + at + 1, seen + at, (t->n - at) * sizeof *seen);
	seen[at] = *out = s;
	t->n++;
	return LAM_OK;
}

int
lam_trail_add(struct lam_trail *t, struct lam_seen **out, struct lam_error *e)
{
	if (t->n > STEPPED) {
		t->seen[STEPPED]->nsteps = 0;
		lam_buf_clear(&t->seen[STEPPED]->text);
	}
	return insert(t, 0, out, e);
}

void
lam_trail_remove(struct lam_trail *t, const struct lam_seen *s)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->seen[i] != s)
			continue;
		lam_buf_release(&t->seen[i]->memory);
		lam_buf_release(&t->seen[i]->text);
		free(t->seen[i]);
		memmove(t->seen + i, t->seen + i + 1,
			(t->n - i - 1) * sizeof *t->seen);
		t->n--;
		return;
	}
}

/* The words of an entry, in their order. */
static void
words(struct lam_seen *s, uint64_t *w[WORDS])
{
	uint64_t *all[WORDS] = { &s->id.dev, &s->id.ino, &s->id.born, &s->size,
		&s->mtime, &s->line, &s->flags, &s->mark.at, &s->mark.chain,
		&s->mark.head, &s->mark.digest };

	memcpy(w, all, sizeof all);
}

void
lam_seen_put(const struct lam_seen *s, const struct lam_seen *before,
	struct lam_buf *out)
{
	bool same = before && s->memory.n && s->memory.n == before->memory.n &&
		!memcmp(s->memory.p, before->memory.p, s->memory.n);
	struct lam_seen copy = *s;
	uint64_t *w[WORDS];

	words(&copy, w);
	for (size_t i = 0; i < WORDS; i++)
		lam_buf_put_u64(out, *w[i]);
	lam_buf_put_u32(out, same ? SAME : (uint32_t)s->memory.n);
	lam_buf_put_u32(out, s->nsteps | (uint32_t)s->text.n << 16);
	if (!same)
		lam_buf_put(out, s->memory.p, s->memory.n);
	for (uint32_t i = 0; i < s->nsteps; i++) {
		lam_buf_put_u64(out, s->step[i].at);
		lam_buf_put_u64(out, s->step[i].digest);
	}
	lam_buf_put(out, s->text.p, s->text.n);
}

/* The step without which the others are spaced best: is the way to END from the one
 * before it at most twice that from the one behind it? */
static uint32_t
least_step(const struct lam_seen *s, uint64_t end)
{
	for (uint32_t i = LAM_STEPS - 2; i > 0; i--)
		if (end - s->step[i - 1].at <= 2 * (end - s->step[i + 1].at))
			return i;
	return 0;
}

void
lam_seen_step(struct lam_seen *s, const struct lam_mark *m)
{
	uint32_t i = s->nsteps;

	if (m->at < LAM_PREFIX_HEAD || (i && m->at <= s->step[i - 1].at))
		return;
	if (i == LAM_STEPS) {
		i = least_step(s, m->at);
		memmove(s->step + i, s->step + i + 1,
			(LAM_STEPS - 1 - i) * sizeof *s->step);
		i = LAM_STEPS - 1;
	}
	s->step[i] = (struct lam_step){ m->at, m->digest };
	s->nsteps = i + 1;
}

void
lam_seen_keep(struct lam_buf *text, const char *p, size_t n)
{
	lam_buf_clear(text);
	if (!n || !lam_buf_room(text, n))
		return;
	text->n = lam_deflate(p, n, DEFLATED, text->p, n - 1);
	if (!text->n)
		lam_buf_put(text, p, n);
}

size_t
lam_seen_text(const struct lam_seen *s, char b[LAM_PREFIX_HEAD])
{
	size_t n = s->mark.at < LAM_PREFIX_HEAD ? (size_t)s->mark.at :
		LAM_PREFIX_HEAD;

	if (!s->text.n || s->text.n > n)
		return 0;
	if (s->text.n < n)
		return lam_inflate(s->text.p, s->text.n, b, n) ? n : 0;
	memcpy(b, s->text.p, n);
	return n;
}

bool
lam_seen_due(const struct lam_seen *s)
{
	return !s->mark.at && s->flags & LAM_SEEN_DUE &&
		!(s->flags & LAM_SEEN_DONE);
}

int
lam_trail_rest(const struct lam_trail *t, const struct lam_seen *seen,
	struct lam_buf *out, struct lam_error *e)
{
	const struct lam_seen *before = NULL;

	lam_buf_clear(out);
	for (size_t i = 0; i < t->n; i++) {
		const struct lam_seen *s = t->seen[i];

		if (s == seen || s->page || !(s->mark.at ||
			s->flags & LAM_SEEN_FRESH || lam_seen_due(s)))
			continue;
		lam_seen_put(s, before, out);
		before = s;
	}
	return lam_buf_check(out, e);
}

/* The place of T would be too large: the files that are to be read make it so. */
static int
fail_many(const struct lam_trail *t, struct lam_error *e)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += lam_seen_due(t->seen[i]);
	return lam_fail(e, LAM_USAGE, "%s: %zu files that were rotated away are to be "
		"read before it, more than its place in the log has room for: move "
		"the older ones away, take them in without --resume and --follow, and "
		"go on", t->path, n);
}

int
lam_trail_note(const struct lam_trail *t, uint64_t from, uint64_t to,
	uint64_t rejects, const struct lam_seen *seen, const struct lam_buf *rest,
	struct lam_buf *notes, struct lam_error *e)
{
	struct lam_buf key = LAM_BUF_INIT, state = LAM_BUF_INIT;
	struct lam_place x = { .from = from, .to = to };
	int rc;

	x.when = (uint64_t)(lam_clock_wall() / LAM_NS);
	lam_buf_puts(&key, PREFIX);
	lam_buf_puts(&key, t->path);
	lam_buf_put_u32(&state, VERSION);
	lam_buf_put_u32(&state, t->known.is ? (uint32_t)t->known.n + 1 : 0);
	lam_buf_put_u64(&state, rejects);
	lam_buf_put_u64(&state, t->known.floor);
	lam_buf_put_u64(&state, t->known.when);
	lam_buf_put_u64(&state, t->old.gone);
	lam_known_put(&t->known, &state);
	if (seen)
		lam_seen_put(seen, NULL, &state);
	lam_buf_put(&state, rest->p, rest->n);
	rc = lam_buf_check(&key, e);
	if (!rc)
		rc = lam_buf_check(&state, e);
	x.key = (struct lam_str){ key.p, key.n };
	x.state = (struct lam_str){ state.p, state.n };
	if (!rc && state.n > LAM_PLACE_STATE)
		rc = fail_many(t, e);
	if (!rc)
		rc = lam_place_put(&x, notes, e);
	lam_buf_release(&key);
	lam_buf_release(&state);
	return rc;
}

/* The steps of S from P, as many as it says.  False: they are none. */
static bool
get_steps(struct lam_seen *s, const char *p)
{
	uint64_t least = LAM_PREFIX_HEAD;

	for (uint32_t i = 0; i < s->nsteps; i++, p += STEP) {
		s->step[i] = (struct lam_step){ lam_get64(p), lam_get64(p + 8) };
		if (s->step[i].at < least || s->step[i].at >= s->mark.at)
			return false;
		least = s->step[i].at + 1;
	}
	return true;
}

int
lam_seen_get(struct lam_trail *t, const struct lam_seen *before,
	struct lam_str *state, bool *ok, struct lam_error *e)
{
	struct lam_seen *s;
	uint64_t *w[WORDS];
	uint32_t steps;
	size_t n, text;
	bool same;
	int rc;

	n = state->n < ENTRY ? 0 : lam_get32(state->p + 8 * WORDS);
	same = n == SAME && before;
	n = same ? 0 : n;
	steps = state->n < ENTRY ? 0 : lam_get32(state->p + 8 * WORDS + 4);
	text = steps >> 16;
	steps &= 0xffff;
	*ok = state->n >= ENTRY && steps <= LAM_STEPS && text <= LAM_PREFIX_HEAD &&
		n <= state->n - ENTRY && steps * STEP + text <= state->n - ENTRY - n;
	if (!*ok)
		return LAM_OK;
	rc = insert(t, t->n, &s, e);
	if (rc)
		return rc;
	words(s, w);
	for (size_t i = 0; i < WORDS; i++)
		*w[i] = lam_get64(state->p + 8 * i);
	if (same)
		lam_buf_put(&s->memory, before->memory.p, before->memory.n);
	else
		lam_buf_put(&s->memory, state->p + ENTRY, n);
	s->nsteps = steps;
	*ok = get_steps(s, state->p + ENTRY + n);
	n += ENTRY + steps * STEP;
	lam_buf_put(&s->text, state->p + n, text);
	n += text;
	state->p += n;
	state->n -= n;
	rc = lam_buf_check(&s->memory, e);
	return rc ? rc : lam_buf_check(&s->text, e);
}

/* The known files of T, at the start of a STATE of VERSION, which becomes what is
 * behind them. */
static int
get_known(struct lam_trail *t, uint32_t version, struct lam_str *state, bool *ok,
	struct lam_error *e)
{
	uint32_t n = lam_get32(state->p + 4);
	int rc;

	t->known.is = n > 0;
	t->known.floor = lam_get64(state->p + 16);
	t->known.when = lam_get64(state->p + 24);
	t->old.gone = version > 3 ? lam_get64(state->p + head_of[3]) : 0;
	state->p += head_of[version];
	state->n -= head_of[version];
	n -= n > 0;
	*ok = n <= LAM_KNOWN && n * LAM_KNOWN_BYTES <= state->n;
	if (!*ok)
		return LAM_OK;
	rc = lam_known_get(&t->known, state->p, n, e);
	state->p += n * LAM_KNOWN_BYTES;
	state->n -= n * LAM_KNOWN_BYTES;
	return rc;
}

bool
lam_trail_is_aged(uint64_t when)
{
	return when + AGED < (uint64_t)(lam_clock_wall() / LAM_NS);
}

int
lam_trails_take(struct lam_trails *t, const struct lam_place *x, struct lam_error *e)
{
	struct lam_str state = x->state;
	size_t skip = sizeof PREFIX - 1;
	struct lam_trail *trail;
	uint32_t version = state.n >= head_of[1] ? lam_get32(state.p) : 0;
	bool ok = version && version <= VERSION && state.n >= head_of[version];
	int rc = add_trail(t, x->key.p + skip, x->key.n - skip, &trail, e);

	if (rc)
		return rc;
	trail->to = x->to;
	trail->loaded = ok && version > 1;
	trail->rejects = trail->loaded ? lam_get64(state.p + head_of[1]) : 0;
	trail->aged = lam_trail_is_aged(x->when);
	if (ok && version > 2) {
		rc = get_known(trail, version, &state, &ok, e);
	} else if (ok) {
		state.p += head_of[version];
		state.n -= head_of[version];
	}
	while (!rc && ok && state.n)
		rc = lam_seen_get(trail, trail->n ? trail->seen[trail->n - 1] : NULL,
			&state, &ok, e);
	return rc || ok ? rc : lam_fail(e, LAM_DATA, "%s: its place in the log "
		"was written by another version of lam, or is damaged",
		trail->path);
}

int
lam_trails_load(struct lam_trails *t, struct lam_append *a,
	struct lam_error *e)
{
	const struct lam_str prefix = { PREFIX, sizeof PREFIX - 1 };
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_place *place = NULL;
	size_t n = 0;
	int rc = lam_append_places(a, prefix, &arena, &place, &n, e);

	for (size_t i = 0; !rc && i < n; i++)
		rc = lam_trails_take(t, &place[i], e);
	lam_arena_release(&arena);
	return rc ? rc : lam_old_load(t, a, e);
}
