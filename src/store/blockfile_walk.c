/*
 * blockfile_walk.c - blocks found without a footer
 *
 * In a file that still grows: from head to head, up to the first that is not whole.
 * In one that is damaged: wherever a head stands, by its magic.
 */
#include <stdlib.h>

#include "base/io.h"
#include "store/block.h"
#include "store/blockfile_internal.h"

/* The bytes read around the place of a walk. */
struct window {
	uint8_t *p;
	uint64_t at;
	size_t n, cap, step;
};

#ifdef LAM_READ_BYTES /* fuzzing: reads end everywhere */
#define STEP_SMALL LAM_READ_BYTES
#define STEP_LARGE LAM_READ_BYTES
#else
#define STEP_SMALL 4096		/* among large blocks: a head at a time */
#define STEP_LARGE (256u << 10) /* among small ones: many */
#endif

/* Bytes [AT, AT + N) of the file, which has them. */
static int
look(const struct lam_blockfile *f, struct window *w, uint64_t at, size_t n,
	const uint8_t **out, struct lam_error *e)
{
	int r;

	if (at < w->at || at + n > w->at + w->n) {
		size_t want = n > w->step ? n : w->step;

		if (want > f->size - at)
			want = f->size - at;
		w->n = 0;
		if (want > w->cap) {
			free(w->p);
			w->cap = 0;
			w->p = malloc(want);
			if (w->p == NULL)
				return lam_fail_mem(e);
			w->cap = want;
		}
		r = lam_io_pread(f->fd, w->p, want, at, f->path, e);
		if (r)
			return r;
		w->at = at;
		w->n = want;
	}
	*out = w->p + (at - w->at);
	return LAM_OK;
}

/* The block at F->end, if a whole one is there. */
static int
walk_one(struct lam_blockfile *f, struct window *w, bool *found,
	struct lam_error *e)
{
	uint64_t left = f->size - f->end, head;
	struct lam_block b = { .at = f->end };
	const uint8_t *p;
	int r;

	*found = false;
	if (left < 8)
		return LAM_OK;
	r = look(f, w, f->end, left < LAM_BLOCK_HEAD ? 8 : LAM_BLOCK_HEAD, &p,
		e);
	if (r)
		return r;
	if (left < LAM_BLOCK_HEAD || !lam_block_peek(p, &head) || head > left)
		return LAM_OK;
	r = look(f, w, f->end, head, &p, e);
	if (r)
		return r;
	if (!lam_block_parse(p, &b) || b.size > left ||
		(f->version == 1) != (b.head == lam_block_head1_size(b.ncols)))
		return LAM_OK;
	if (!lam_blockfile_add(f, &b))
		return lam_fail_mem(e);
	f->end += b.size;
	w->step = b.size < STEP_LARGE / 8 ? STEP_LARGE : STEP_SMALL;
	*found = true;
	return LAM_OK;
}

int
lam_blockfile_walk(struct lam_blockfile *f, struct lam_error *e)
{
	struct window w = { .step = STEP_SMALL };
	bool found = true;
	int r = LAM_OK;

	while (r == LAM_OK && found)
		r = walk_one(f, &w, &found, e);
	free(w.p);
	return r;
}

int
lam_blockfile_verify(struct lam_blockfile *f, uint64_t from,
	struct lam_error *e)
{
	size_t i = f->nblocks;
	bool ok = true;
	int code = LAM_OK;

	while (i > 0 && f->block[i - 1].at + f->block[i - 1].size > from)
		i--;
	for (; code == LAM_OK && i < f->nblocks; i++) {
		code = lam_block_verify(f, i, &ok, e);
		if (ok)
			continue;
		f->nblocks = i;
		f->end = f->block[i].at;
	}
	return code;
}

/* A valid head of a block at AT? */
static int
head_at(const struct lam_blockfile *f, uint64_t at, bool *found,
	struct lam_error *e)
{
	uint8_t fixed[LAM_BLOCK_HEAD], *p;
	struct lam_block b;
	uint64_t head;
	int r;

	if (f->size - at < LAM_BLOCK_HEAD)
		return LAM_OK;
	r = lam_io_pread(f->fd, fixed, sizeof fixed, at, f->path, e);
	if (r || !lam_block_peek(fixed, &head) || head > f->size - at)
		return r;
	p = malloc(head);
	r = p ? lam_io_pread(f->fd, p, head, at, f->path, e) : lam_fail_mem(e);
	*found = r == LAM_OK && lam_block_parse(p, &b);
	free(p);
	return r;
}

#ifdef LAM_READ_BYTES
#define RESYNC_STEP LAM_READ_BYTES
#else
#define RESYNC_STEP (1u << 20)
#endif

int
lam_blockfile_resync(const struct lam_blockfile *f, uint64_t from, bool *found,
	struct lam_error *e)
{
	uint8_t *p = malloc(RESYNC_STEP);
	int r = p ? LAM_OK : lam_fail_mem(e);

	*found = false;
	while (r == LAM_OK && !*found && from < f->size &&
		f->size - from >= LAM_BLOCK_HEAD) {
		size_t n = f->size - from < RESYNC_STEP ? f->size - from :
							  RESYNC_STEP;
		const uint8_t *hit = p;

		r = lam_io_pread(f->fd, p, n, from, f->path, e);
		while (r == LAM_OK && !*found) {
			hit = memmem(hit, n - (size_t)(hit - p),
				LAM_BLOCK_MAGIC, LAM_BLOCK_MAGIC_SAME);
			if (hit == NULL)
				break;
			r = head_at(f, from + (size_t)(hit - p), found, e);
			hit++;
		}
		from += n - 7; /* a magic across the edge */
	}
	free(p);
	return r;
}
