/*
 * fuzz_trail.c - any bytes as what was kept of a followed log: what is taken is kept
 * as the same bytes, and what is kept of an input stays within them
 */
#include "follow/trail.h"
#include "fuzz.h"
#include "input/bookmark.h"

/* The bytes of T's files, less those of which nothing was read, are a part of STATE in
 * its order; all of it when something was read of each. */
static void
check_same(const struct lam_trail *t, struct lam_str state)
{
	struct lam_buf again = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	uint32_t known = state.p[0] == 3 ? lam_get32(state.p + 4) : 0;
	size_t head = state.p[0] == 1 ? 8 : state.p[0] == 2 ? 16 :
		32 + (known ? known - 1 : 0) * LAM_KNOWN_BYTES;
	bool all = true;

	for (size_t i = 0; i < t->n; i++)
		all &= t->seen[i]->mark.at > 0;
	MUST(!lam_trail_rest(t, NULL, &again, &e));
	MUST(again.n <= state.n - head);
	/* Bytes that are kept for later are not looked at. */
	MUST(!all || again.n == state.n - head);
	for (size_t i = 0; all && i < again.n && t->n == 1 && i < 92; i++)
		MUST(again.p[i] == state.p[head + i]);
	lam_buf_release(&again);
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
	free(p);
	return 0;
}
