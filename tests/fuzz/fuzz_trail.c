/*
 * fuzz_trail.c - any bytes as what was kept of a followed log: what is taken is kept
 * as the same bytes, and what is kept of an input stays within them
 */
#include "follow/old.h"
#include "follow/trail_internal.h"
#include "fuzz.h"
#include "input/bookmark.h"

/* T's files, less those of which nothing was read, behind the HEAD of STATE: what is
 * taken from that is kept as the same bytes; and is no more than STATE, which may say
 * again what two files remember alike. */
static void
check_same(const struct lam_trail *t, struct lam_str state)
{
	struct lam_buf again = LAM_BUF_INIT, third = LAM_BUF_INIT, whole = LAM_BUF_INIT;
	struct lam_trails trails = LAM_TRAILS_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	char key[] = "file:/a.log";
	struct lam_place x = { .key = { key, sizeof key - 1 }, .to = 7 };
	uint32_t known = state.p[0] >= 3 ? lam_get32(state.p + 4) : 0;
	size_t head = state.p[0] == 1 ? 8 : state.p[0] == 2 ? 16 :
		(state.p[0] == 3 ? 32 : 40) + (known ? known - 1 : 0) * LAM_KNOWN_BYTES;
	bool all = true;

	for (size_t i = 0; i < t->n; i++)
		all &= t->seen[i]->mark.at > 0;
	MUST(!lam_trail_rest(t, NULL, &again, &e));
	/* Bytes that are kept for later are not looked at. */
	MUST(!all || again.n <= state.n - head);
	for (size_t i = 0; all && i < again.n && t->n == 1 && i < 92; i++)
		MUST(again.p[i] == state.p[head + i]);
	lam_buf_put(&whole, state.p, head);
	lam_buf_put(&whole, again.p, again.n);
	x.state = (struct lam_str){ whole.p, whole.n };
	MUST(!lam_trails_take(&trails, &x, &e));
	MUST(!all || trails.item[0]->n == t->n);
	for (size_t i = 0; all && i < t->n; i++) {
		const struct lam_buf *m[] = { &t->seen[i]->memory,
			&trails.item[0]->seen[i]->memory };

		MUST(m[0]->n == m[1]->n &&
			(!m[0]->n || !memcmp(m[0]->p, m[1]->p, m[0]->n)));
	}
	MUST(!lam_trail_rest(trails.item[0], NULL, &third, &e));
	MUST(third.n == again.n && (!third.n || !memcmp(third.p, again.p, third.n)));
	lam_trails_release(&trails);
	lam_buf_release(&again);
	lam_buf_release(&third);
	lam_buf_release(&whole);
}

/* What STATE has as a page of old files is kept as the same bytes. */
static void
check_page(const struct lam_str *state)
{
	char key[] = "old:0/a.log";
	const struct lam_place x = { .key = { key, sizeof key - 1 }, .to = 1,
		.state = *state };
	struct lam_trails trails = LAM_TRAILS_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf notes = LAM_BUF_INIT;

	if (!lam_old_take(&trails, &x, &e)) {
		struct lam_trail *t = trails.item[0];
		size_t n = t->n;

		MUST(n * LAM_SEEN_ENTRY <= state->n - 8);
		t->old.stale = 1;
		MUST(!lam_old_note(t, &notes, &e) && !t->old.stale);
		MUST(notes.n >= n * LAM_SEEN_ENTRY && t->old.turn[0] == 2);
		for (size_t i = 0; n == 1 && i < 92; i++)
			MUST(notes.p[8 + 32 + sizeof key - 1 + 8 + i] ==
				state->p[8 + i]);
	}
	lam_buf_release(&notes);
	lam_trails_release(&trails);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_trails trails = LAM_TRAILS_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	char *p = fuzz_copy(data, size);
	char key[] = "file:/a.log";
	struct lam_place x = { .key = { key, sizeof key - 1 }, .to = 7,
		.state = { p, size } };

	if (!lam_trails_take(&trails, &x, &e)) {
		struct lam_trail *t = trails.item[0];

		MUST(t->to == 7 && !strcmp(t->path, "/a.log"));
		check_same(t, x.state);
		for (size_t i = 0; i < t->n; i++) {
			struct lam_input_options o = { .format = NULL };
			struct lam_arena arena = LAM_ARENA_INIT;
			const struct lam_buf *m = &t->seen[i]->memory;
			char first[LAM_PREFIX_HEAD];
			size_t n = 0;

			MUST(lam_seen_text(t->seen[i], first) <= sizeof first);

			if (!lam_bookmark_take((struct lam_str){ m->p, m->n },
				&arena, &o, &e)) {
				n = strlen(o.format) + strlen(o.saved) + 2;
				for (size_t f = 0; f < o.nfields; f++)
					n += strlen(o.fields[f]) + 1;
				MUST(n == m->n);
			}
			lam_arena_release(&arena);
		}
	}
	lam_trails_release(&trails);
	check_page(&x.state);
	free(p);
	return 0;
}
