/*
 * test_old.c - files that were read stay known: a model of a log, its place and its
 * pages, which is killed between any two appends
 */
#include "follow/old.h"
#include "follow/trail_internal.h"
#include "store/block.h"
#include "test.h"

#include <stdlib.h>

#define FILES 2000
#define PLACES (LAM_OLD_PAGES + 1) /* the last one is that of the log */

static const char key[] = "file:/a.log";

/* What was appended last of each place. */
static struct lam_buf disk[PLACES];
static uint64_t stands[PLACES];
/* The model: bytes that were read of each file, 0: none; and whether it is there. */
static uint64_t read_to[FILES];
static bool there[FILES];
static size_t nfiles;
static uint32_t seed = 1;

static uint32_t
dice(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static struct lam_seen *
find(const struct lam_trail *t, uint64_t ino)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->seen[i]->id.ino == ino)
			return t->seen[i];
	return NULL;
}

/* Append the places in NOTES; each begins where its source stands. */
static bool
append(const struct lam_buf *notes)
{
	struct lam_str rest = { notes->p, notes->n }, v;
	unsigned kind, flags;
	struct lam_place x;

	while (lam_block_next_note(&rest, &kind, &flags, &v)) {
		size_t i = PLACES - 1;

		if (!lam_place_get(v, &x))
			return false;
		if (x.key.p[0] == 'o')
			i = (size_t)(x.key.p[4] - '0');
		if (x.from != stands[i])
			return false;
		stands[i] = x.to;
		lam_buf_clear(&disk[i]);
		lam_buf_put(&disk[i], x.state.p, x.state.n);
	}
	return true;
}

/* As a program that begins: what is on disk. */
static struct lam_trail *
load(struct lam_trails *t)
{
	struct lam_error e = LAM_ERROR_INIT;
	char old[] = "old:0/a.log";
	struct lam_trail *one;
	bool ok = true;

	lam_trails_release(t);
	for (size_t k = PLACES; k-- > 0;) {
		struct lam_place x = { .key = { key, sizeof key - 1 },
			.to = stands[k], .state = { disk[k].p, disk[k].n } };

		if (!disk[k].n)
			continue;
		if (k == PLACES - 1) {
			ok &= !lam_trails_take(t, &x, &e);
			continue;
		}
		old[4] = (char)('0' + k);
		x.key = (struct lam_str){ old, sizeof old - 1 };
		ok &= !lam_old_take(t, &x, &e);
	}
	if (!ok || lam_trails_get(t, "/a.log", &one, &e) || t->n > 1)
		return NULL;
	one->claimed = true;
	return one;
}

/* The place of T with SEEN first; as the reader and the follower append it. */
static bool
append_place(const struct lam_trail *t, const struct lam_seen *seen)
{
	struct lam_buf rest = LAM_BUF_INIT, notes = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	bool ok = !lam_trail_rest(t, seen, &rest, &e) &&
		!lam_trail_note(t, t->to, t->to, 0, seen, &rest, &notes, &e) &&
		append(&notes);

	lam_buf_release(&rest);
	lam_buf_release(&notes);
	return ok;
}

/* Text of S, or of a new file, is read to its end, and appended with the place. */
static bool
read_some(struct lam_trail *t, struct lam_seen *s)
{
	struct lam_error e = LAM_ERROR_INIT;
	char memory[64] = "csv";

	if (s && dice(2)) { /* nothing new, but it is another file that has it */
		s->mtime++;
		lam_old_touch(t, s);
		return true;
	}
	if (!s) {
		if (nfiles == FILES || lam_trail_add(t, &s, &e))
			return false;
		s->id = (struct lam_file_id){ 1, 1 + nfiles, 1 + nfiles };
		s->mtime = 1 + nfiles;
		there[nfiles++] = true;
		lam_buf_put(&s->memory, memory, sizeof memory);
	}
	lam_old_back(t, s);
	s->mark.at += 1 + dice(1000);
	s->flags = LAM_SEEN_DONE | LAM_SEEN_AWAY;
	read_to[s->id.ino - 1] = s->mark.at;
	return append_place(t, s);
}

/* What the follower appends at the end of a round; *KILLED: it did not get so far. */
static bool
end_round(struct lam_trail *t, bool *killed)
{
	struct lam_error e = LAM_ERROR_INIT;
	bool ok = true;

	*killed = false;
	lam_old_retire(t);
	while (ok && t->old.stale && !*killed) {
		struct lam_buf notes = LAM_BUF_INIT;

		ok = !lam_old_note(t, &notes, &e) && append(&notes);
		lam_buf_release(&notes);
		*killed = dice(60) == 0;
	}
	return *killed ? ok : ok && append_place(t, NULL);
}

/* A steady look: readers hold no file, and those that are there lie beside the log. */
static bool
look(struct lam_trail *t)
{
	struct lam_error e = LAM_ERROR_INIT;
	char path[] = "/a.log.1";
	bool ok = true;

	lam_known_release(&t->next);
	for (size_t i = 0; ok && i < nfiles; i++) {
		struct lam_file f = { .path = path, .id = { 1, 1 + i, 1 + i } };

		there[i] &= dice(100) != 0;
		ok = !there[i] || !lam_known_add(&t->next, &f, &e);
	}
	lam_old_forget(t);
	return ok;
}

static void
test_killed(void)
{
	struct lam_trails all = LAM_TRAILS_INIT;
	struct lam_trail *t = load(&all);
	size_t kills = 0, pages = 0;

	for (int i = 0; t && i < 20000; i++) {
		bool killed = dice(50) == 0, ok = true;

		switch (dice(8)) {
		case 0:
			ok = end_round(t, &killed);
			break;
		case 1:
			ok = dice(10) || look(t);
			break;
		case 2: /* one has more text, or is copied */
			ok = !t->n || read_some(t, t->seen[dice((uint32_t)t->n)]);
			break;
		default:
			if (nfiles < FILES && dice(10) == 0)
				ok = read_some(t, NULL);
		}
		FAIL_IF(!ok, "step %d: cannot append", i);
		if (killed) {
			t = load(&all);
			kills++;
		}
		for (size_t k = 0; (killed || i % 64 == 0) && t && k < nfiles; k++) {
			const struct lam_seen *s = find(t, 1 + k);

			FAIL_IF(there[k] && (!s || s->mark.at != read_to[k]),
				"step %d: file %zu", i, k);
			pages += s && s->page;
		}
	}
	CHECK(t != NULL);
	PASS("each file that is there is known, wherever it is killed");
	CHECK(kills > 300 && pages > 10000 && nfiles > 800);
	CHECK(t && t->old.gone > 0 && disk[PLACES - 1].n < 16384);
	lam_trails_release(&all);
}

/* A page has no room: what finds none is forgotten, with its time. */
static void
test_full(void)
{
	struct lam_trails all = LAM_TRAILS_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf notes = LAM_BUF_INIT;
	struct lam_trail *t;

	CHECK_INT(lam_trails_get(&all, "/a.log", &t, &e), 0);
	t->claimed = true;
	for (uint64_t i = 1; i <= 1000; i++) {
		struct lam_seen *s;

		FAIL_IF(lam_trail_add(t, &s, &e), "file %d", (int)i);
		s->id = (struct lam_file_id){ 1, i * LAM_OLD_PAGES, i };
		s->mtime = i;
		s->mark.at = 7;
		s->flags = LAM_SEEN_DONE;
	}
	PASS("files are added");
	lam_old_retire(t);
	CHECK(t->n == 16 + 65536 / LAM_SEEN_ENTRY);
	CHECK(t->old.gone == 1000 - t->n && t->old.stale == 1);
	CHECK_INT(lam_old_note(t, &notes, &e), 0);
	CHECK(notes.n <= 65536 + 256 && !t->old.stale && t->old.turn[0] == 1);
	lam_buf_release(&notes);
	lam_trails_release(&all);
}

int
main(void)
{
	test_killed();
	test_full();
	for (size_t i = 0; i < PLACES; i++)
		lam_buf_release(&disk[i]);
	return DONE();
}
