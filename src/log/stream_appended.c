/*
 * stream_appended.c - when a record came into the log: its block says so
 */
#include "log/stream.h"

#include "store/block.h"

int
lam_stream_appended(struct lam_stream *s, uint64_t pos, int64_t *when,
	struct lam_error *e)
{
	size_t i = lam_stream_find(s, pos);
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_block_reader r = { .when = 0 };
	struct lam_segment *g;
	int rc = lam_stream_segment(s, i, &g, e);

	*when = 0;
	if (rc)
		return rc;
	rc = lam_block_open(&r, g->file, lam_blockfile_find(g->file, pos), &a, e);
	if (!rc)
		*when = r.when * INT64_C(1000000000);
	lam_arena_release(&a);
	lam_stream_release(s, i);
	return rc;
}
