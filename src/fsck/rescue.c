/*
 * rescue.c - the blocks of a segment file in whatever state
 *
 * A valid footer says where the blocks are.  Without one the blocks are walked from
 * the header.  Behind the last block that connects, the magic of a block is searched
 * for at multiples of 8, where all blocks start.  A head counts if its checksum holds
 * and its size fits the file; then the search goes on behind that block.  So bytes
 * inside a block with a valid head are never looked at: a log line that was made to
 * look like a block is found only where the head of its block and the footer are both
 * damaged.
 *
 * Cost: one pass over the file, heads only where they connect.
 */
#include "fsck/rescue.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/progress.h"
#include "fsck/finding.h"
#include "store/block.h"
#include "store/digest.h"

#define STEP (1u << 20)

static int
add_block(struct lam_blockfile *f, const struct lam_block *b,
	struct lam_error *e)
{
	/* As many as a power of 2 have room, as in the walk. */
	if ((f->nblocks & (f->nblocks - 1)) == 0) {
		size_t cap = f->nblocks ? f->nblocks * 2 : 1;
		struct lam_block *p = realloc(f->block, cap * sizeof *p);

		if (!p)
			return lam_fail_mem(e);
		f->block = p;
	}
	f->block[f->nblocks++] = *b;
	return LAM_OK;
}

/* A block with a valid head at AT: B, and *FOUND. */
static int
head_at(const struct lam_blockfile *f, uint64_t at, uint8_t *room,
	struct lam_block *b, bool *found, struct lam_error *e)
{
	uint64_t head;
	int rc;

	*found = false;
	if (at % 8 || f->size - at < LAM_BLOCK_HEAD)
		return LAM_OK;
	rc = lam_io_pread(f->fd, room, LAM_BLOCK_HEAD, at, f->path, e);
	if (rc || !lam_block_peek(room, &head) || head > f->size - at)
		return rc;
	rc = lam_io_pread(f->fd, room, head, at, f->path, e);
	if (rc)
		return rc;
	b->at = at;
	*found = lam_block_parse(room, b) && b->size <= f->size - at;
	return LAM_OK;
}

/* A part of the file that cannot be read holds no blocks. */
static int
read_window(const struct lam_blockfile *f, uint8_t *p, size_t n, uint64_t at,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc = lam_io_pread(f->fd, p, n, at, f->path, &why);

	if (rc && lam_is_damage(rc, &why)) {
		memset(p, 0, n);
		return LAM_OK;
	}
	return rc ? lam_fail(e, rc, "%s", why.msg) : LAM_OK;
}

static int
search(struct lam_blockfile *f, uint64_t at, struct lam_error *e)
{
	uint8_t *p = malloc(STEP), *room = malloc(LAM_BLOCK_HEAD_MAX), *hit;
	uint64_t from = 0;
	size_t n = 0;
	int rc = p && room ? LAM_OK : lam_fail_mem(e);

	while (!rc && at < f->size && f->size - at >= LAM_BLOCK_HEAD) {
		struct lam_error why = LAM_ERROR_INIT;
		struct lam_block b = { 0 };
		bool found;

		if (at < from || at + 8 > from + n) {
			from = at;
			n = f->size - at < STEP ? f->size - at : STEP;
			rc = read_window(f, p, n, at, e);
			if (rc)
				break;
		}
		hit = memmem(p + (at - from), n - (size_t)(at - from),
			LAM_BLOCK_MAGIC, LAM_BLOCK_MAGIC_SAME);
		if (!hit) {
			at = from + n - 7; /* a magic across the edge */
			continue;
		}
		at = from + (uint64_t)(hit - p);
		rc = head_at(f, at, room, &b, &found, &why);
		if (rc && lam_is_damage(rc, &why))
			rc = LAM_OK;
		else if (rc)
			rc = lam_fail(e, rc, "%s", why.msg);
		else if (found)
			rc = add_block(f, &b, e);
		at += found ? b.size : 8;
	}
	free(p);
	free(room);
	return rc;
}

int
lam_rescue_open(struct lam_rescue *r, const char *path, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc;

	r->head = true;
	rc = lam_blockfile_open(&r->file, path, &why);
	if (!rc && r->file.sealed)
		return LAM_OK;
	if (!rc) {
		rc = search(&r->file, r->file.end, e);
		goto out;
	}
	if (!lam_is_damage(rc, &why))
		return lam_fail(e, rc, "%s", why.msg);
	why = (struct lam_error)LAM_ERROR_INIT;
	rc = lam_blockfile_open_head(&r->file, path, &why);
	if (rc && !lam_is_damage(rc, &why))
		return lam_fail(e, rc, "%s", why.msg);
	r->head = !rc;
	/* Its blocks may look like ours and mean something else. */
	if (rc && r->file.newer)
		return lam_fail(e, rc, "%s", why.msg);
	if (rc)
		rc = lam_blockfile_open_raw(&r->file, path, e);
	if (!rc)
		rc = search(&r->file, r->file.end, e);
out:
	if (rc)
		lam_rescue_close(r);
	return rc;
}

void
lam_rescue_close(struct lam_rescue *r)
{
	lam_blockfile_close(&r->file);
}

/* Do the records of R match its digest? */
static int
check_digest(const struct lam_block_reader *r, const uint64_t *sum,
	struct lam_error *e)
{
	const struct lam_block *b = r->block;

	return lam_digest_run(sum, b->nrows) == b->digest ? LAM_OK :
		lam_fail(e, LAM_DATA, "%s: block %zu at %llu: its records do "
			"not match its digest: they were changed",
			r->file->path, (size_t)(b - r->file->block),
			(unsigned long long)b->at);
}

int
lam_block_intact(const struct lam_blockfile *f, size_t i,
	const char *const *field, struct lam_arena *arena, bool *ok,
	struct lam_error *why, struct lam_error *e)
{
	const struct lam_coltype text = { LAM_TEXT, 0 };
	const struct lam_block *b = &f->block[i];
	bool digest = field && b->log;
	uint64_t *sum;
	struct lam_arena column = LAM_ARENA_INIT;
	struct lam_block_reader r;
	struct lam_vec v;
	uint64_t bad = 0;
	int rc;

	*why = (struct lam_error)LAM_ERROR_INIT;
	lam_arena_reset(arena);
	sum = LAM_ARENA_NEW(arena, uint64_t, (size_t)b->nrows + 1);
	rc = sum ? lam_block_open(&r, f, i, arena, why) : lam_fail_mem(why);
	for (uint32_t c = 0; !rc && c < b->ncols; c++) {
		lam_arena_reset(&column);
		rc = lam_block_column(&r, c, text, &column, &v, &bad, why);
		if (!rc && digest && !lam_digest_vec(&v,
			lam_digest_name(field[c]), &column, sum))
			rc = lam_fail_mem(why);
	}
	if (!rc && digest)
		rc = check_digest(&r, sum, why);
	lam_arena_release(&column);
	*ok = !rc;
	return !rc || lam_is_damage(rc, why) ? LAM_OK :
		lam_fail(e, rc, "%s", why->msg);
}

struct sweep {
	const struct lam_blockfile *f;
	const char *const *field;
	bool *ok;
	char **why; /* [nblocks] of damaged ones */
	atomic_size_t next;
};

static int
sweep_share(void *arg, unsigned worker, struct lam_error *e)
{
	struct sweep *s = arg;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_error why;
	int rc = LAM_OK;
	size_t i;

	(void)worker;
	while (!rc && (i = atomic_fetch_add(&s->next, 1)) < s->f->nblocks) {
		rc = lam_block_intact(s->f, i, s->field, &arena, &s->ok[i],
			&why, e);
		if (!rc && !s->ok[i] && !(s->why[i] = strdup(why.msg)))
			rc = lam_fail_mem(e);
		lam_progress_add(s->f->block[i].nrows, s->f->block[i].size);
	}
	lam_arena_release(&arena);
	return rc;
}

int
lam_blocks_intact(const struct lam_blockfile *f,
	const char *const *field, unsigned threads, bool *ok,
	void (*tell)(void *arg, const char *line), void *arg,
	struct lam_error *e)
{
	struct sweep s = { .f = f, .field = field, .ok = ok,
		.why = calloc(f->nblocks + 1, sizeof *s.why) };
	int rc;

	if (!s.why)
		return lam_fail_mem(e);
	atomic_init(&s.next, 0);
	if (threads > f->nblocks)
		threads = (unsigned)f->nblocks;
	rc = threads > 1 ? lam_pool_run(threads, sweep_share, &s, e) :
		sweep_share(&s, 0, e);
	for (size_t i = 0; i < f->nblocks; i++) {
		if (!rc && s.why[i] && tell)
			tell(arg, s.why[i]);
		free(s.why[i]);
	}
	free(s.why);
	return rc;
}
