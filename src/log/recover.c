/*
 * recover.c - the tail of a log, found and repaired by the next writer
 *
 * A writer may have died at any of its steps (append.c), or its fsync may have
 * failed.  There is no journal to replay: the segment itself says what is
 * whole, and the witness (durable.h) what must be.  Under the lock, the next
 * writer
 *
 *	1. reads the witness, lists the segments, opens the last one
 *	2. refuses when it holds less than was durable (segment.c)
 *	3. if it has bytes that the witness does not vouch for, and they are in
 *	   doubt (the descriptor is new, or an fsync has failed since): writes
 *	   them over themselves (sync.c says why)
 *	4. and verifies their blocks; from the first that is not whole on they
 *	   are a torn tail
 *	5. copies the bytes behind the last whole block to BASE.torn.N, fsynced
 *	6. counts that in the length of the lock file, for whoever wrote them and
 *	   has not acknowledged them yet; cuts them off the segment, fsynced
 *	7. when the segment is sealed but the witness does not say so, or has
 *	   no blocks yet, or has no witness that names it: fsyncs it and the
 *	   directory; when there is no witness at all, first all directories
 *	   above
 *	8. then writes the witness, and fsyncs it for a segment that it is the
 *	   first to name
 *
 * A crash in 5 leaves a temporary (swept) or a copy too many; after any other
 * the next writer starts again at 1.  Whole blocks behind the durable offset
 * stay: they were not acknowledged, but nothing says that they are wrong.
 *
 * An ordinary start finds everything in the witness and does nothing in 3 to 8;
 * beside a bulk ingest it may find what that has appended within a second.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/replace.h"
#include "log/merge.h"
#include "log/place_chain.h"
#include "log/recover.h"
#include "log/sync.h"
#include "log/tail.h"
#include "store/block.h"
#include "time/time.h"

#define COPY_BYTES (1u << 20)

void
lam_tail_close(struct lam_tail *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->known = false;
	lam_places_release(&t->places);
	lam_extents_release(&t->extents);
	lam_arena_release(&t->arena);
}

int
lam_tail_account(struct lam_tail *t, uint32_t nrows, uint32_t ncols,
	const struct lam_colmeta *col, struct lam_str notes,
	struct lam_error *e)
{
	return lam_segment_totals_add(&t->total, &t->extents, &t->places, nrows,
		ncols, t->field, col, notes, e);
}

/* What there is at the end of F, the last of the N segments BASE. */
static int
load_totals(struct lam_tail *t, const struct lam_blockfile *f,
	const uint64_t *base, size_t n, struct lam_error *e)
{
	int64_t now = lam_clock_wall() / LAM_NS;
	int rc;

	lam_places_release(&t->places);
	lam_extents_release(&t->extents);
	t->total = t->at_base.before;
	t->extents.from = t->head;
	if (t->at_base.old)
		return LAM_OK;
	rc = lam_chain_load(t->dir, t->id, base, n, f, &t->at_base, &t->places,
		e);
	if (rc)
		return rc;
	lam_places_expire(&t->places, now > 0 ? (uint64_t)now : 0);
	rc = lam_segment_totals(f, &t->at_base, &t->total, &t->extents,
		&t->places, e);
	if (f->sealed) {
		t->total.blocks += f->nblocks;
		t->total.bytes += f->size;
	}
	return rc;
}

int
lam_tail_witness(struct lam_tail *t, bool sync, struct lam_error *e)
{
	struct lam_durable d = { true, t->head, t->base,
		t->fd >= 0 ? t->at : 0 };
	int rc = lam_durable_write(t->dir, t->id, &d, sync, e);

	if (!rc)
		t->synced = d.at;
	return rc;
}

int
lam_tail_cut(struct lam_tail *t, struct lam_error *e)
{
	int rc;

	do
		rc = ftruncate(t->fd, (off_t)t->at);
	while (rc && errno == EINTR);
	t->known = false;
	return rc ? lam_fail_sys(e, "%s/%020" PRIu64 ".seg: cannot cut to %"
		PRIu64 " bytes", t->dir, t->base, t->at) : LAM_OK;
}

int
lam_tail_sync(struct lam_tail *t, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	struct stat st;
	int rc;

	rc = lam_segment_path(path, t->dir, t->base, e);
	if (!rc)
		rc = lam_io_sync(t->fd, path, e);
	if (!rc)
		return rc;
	t->doubt = true;
	/* Should this fail too, others have the error from their descriptors. */
	if (!fstat(t->lock, &st) && ftruncate(t->lock, st.st_size + 1))
		errno = 0;
	return rc;
}

/* Has an fsync of the segment failed since, in this process or another one? */
static bool
doubtful(struct lam_tail *t)
{
	uint64_t failures = 0;
	struct stat st;

	if (!fstat(t->lock, &st))
		failures = (uint64_t)st.st_size;
	t->doubt |= failures != t->failures;
	t->failures = failures;
	return t->doubt;
}

/* Is the active segment the file it was, with the size it had? */
static bool
unchanged(const struct lam_tail *t)
{
	char path[LAM_PATH_MAX];
	struct stat st;

	return t->known && t->fd >= 0 &&
		!lam_segment_path(path, t->dir, t->base, NULL) &&
		lstat(path, &st) == 0 && st.st_ino == t->ino &&
		(uint64_t)st.st_size == t->at;
}

/* A name for the tail torn off at BASE that is not taken. */
static int
torn_path(const struct lam_tail *t, char path[LAM_PATH_MAX],
	struct lam_error *e)
{
	for (unsigned i = 1;; i++) {
		int rc = lam_io_path(path, LAM_PATH_MAX, e, "%s/%020" PRIu64
			".torn.%u", t->dir, t->base, i);
		if (rc || !lam_io_exists(path))
			return rc;
	}
}

static int
count_cut(struct lam_tail *t, struct lam_error *e)
{
	struct stat st;

	if (fstat(t->lock, &st) || ftruncate(t->lock, st.st_size + 1))
		return lam_fail_sys(e, "%s/lock", t->dir);
	t->failures = (uint64_t)st.st_size + 1;
	return LAM_OK;
}

/* Steps 5 and 6. */
static int
move_torn_tail(struct lam_tail *t, const struct lam_blockfile *f,
	struct lam_error *e)
{
	struct lam_replace r = LAM_REPLACE_INIT;
	char path[LAM_PATH_MAX], *p = malloc(COPY_BYTES);
	uint64_t at = f->end, n, size;
	int rc;

	if (!p)
		return lam_fail_mem(e);
	rc = torn_path(t, path, e);
	if (!rc)
		rc = lam_replace_begin(&r, path, e);
	if (!rc)
		rc = lam_io_size(t->fd, &size, f->path, e);
	for (; !rc && at < size; at += n) {
		n = size - at < COPY_BYTES ? size - at : COPY_BYTES;
		rc = lam_io_pread(t->fd, p, n, at, f->path, e);
		if (!rc)
			rc = lam_io_write(r.fd, p, n, path, e);
	}
	if (!rc)
		rc = lam_replace_commit(&r, e);
	if (!rc)
		rc = count_cut(t, e);
	if (!rc)
		rc = lam_tail_cut(t, e);
	if (!rc)
		rc = lam_tail_sync(t, e);
	lam_replace_abandon(&r);
	free(p);
	return rc;
}

/* A descriptor of the segment F.  The one that we have is kept: it is told of
 * failures since it was opened.  A new one may have missed some. */
static int
hold(struct lam_tail *t, const struct lam_blockfile *f, struct lam_error *e)
{
	struct stat st;
	int fd, rc;

	rc = lam_io_open(&fd, f->path, O_RDWR, e);
	if (rc)
		return rc;
	if (fstat(fd, &st)) {
		rc = lam_fail_sys(e, "%s", f->path);
	} else if (t->fd < 0 || t->ino != st.st_ino) {
		int old = t->fd;

		t->fd = fd;
		t->ino = st.st_ino;
		t->doubt = !t->made;
		fd = old;
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Open the last segment, its blocks verified where they are in doubt. */
static int
load(struct lam_tail *t, struct lam_blockfile *f, const struct lam_durable *d,
	struct lam_segment_head *h, struct lam_error *e)
{
	int rc;

	lam_arena_reset(&t->arena);
	rc = lam_segment_load(f, t->dir, t->id, t->base, t->doubt ? d : NULL,
		&t->arena, h, e);
	if (rc)
		return rc;
	t->synced = lam_segment_durable(f, t->base, d);
	return lam_segment_check_tail(f, t->base, d, e);
}

/* Steps 3 and 4: what F has behind t->synced is written again, and F is opened
 * anew. */
static int
write_again(struct lam_tail *t, struct lam_blockfile *f,
	const struct lam_durable *d, struct lam_segment_head *h,
	struct lam_error *e)
{
	uint64_t from = t->synced;
	int rc;

	/* A segment that was packed has its blocks elsewhere. */
	for (size_t i = f->nblocks; i-- > 0; )
		if (f->block[i].at <= t->synced) {
			from = f->block[i].at;
			break;
		}
	rc = lam_tail_rewrite(t, from, f->size, f->path, e);
	lam_blockfile_close(f);
	return rc ? rc : load(t, f, d, h, e);
}

/* Steps 7 and 8, for a segment that was sealed and may not stay so. */
static int
settle_sealed(struct lam_tail *t, const struct lam_durable *d,
	struct lam_error *e)
{
	int rc = d->valid ? LAM_OK : lam_io_sync_above(t->dir, e);

	if (!rc)
		rc = lam_tail_sync(t, e);
	return rc ? rc : lam_io_sync_dir(t->dir, e);
}

/* The last segment is not sealed: make it the active one, steps 5 to 8. */
static int
enter_active(struct lam_tail *t, const struct lam_blockfile *f,
	const struct lam_durable *d, struct lam_error *e)
{
	int rc = LAM_OK;

	t->at = f->end;
	if (f->end < f->size)
		rc = move_torn_tail(t, f, e);
	/* Its witness was durable before its first block went in. */
	if (rc || (d->valid && d->base == t->base && t->nblocks))
		return rc;
	if (!d->valid)
		rc = lam_io_sync_above(t->dir, e);
	if (!rc && !t->made)
		rc = lam_tail_sync(t, e);
	if (!rc && !t->made)
		rc = lam_io_sync_dir(t->dir, e);
	return rc ? rc : lam_tail_witness(t, true, e);
}

static int
enter_last(struct lam_tail *t, struct lam_blockfile *f,
	const struct lam_durable *d, const uint64_t *base, size_t n,
	struct lam_error *e)
{
	struct lam_segment_head h;
	bool behind, known;
	int rc;

	rc = load(t, f, d, &h, e);
	behind = !rc && t->synced < f->size;
	if (!rc && (behind || !f->sealed))
		rc = hold(t, f, e);
	if (!rc && behind && t->doubt)
		rc = write_again(t, f, d, &h, e);
	if (rc)
		return rc;
	t->doubt = false;
	t->head = lam_segment_end(f, t->base);
	t->field = h.field;
	t->nfields = h.nfields;
	t->nblocks = (uint32_t)f->nblocks;
	t->at_base = h;
	/* Not known in one of version 1, which is sealed before all else. */
	t->history = lam_segment_history(&h, f, t->head, &known);
	rc = load_totals(t, f, base, n, e);
	if (rc)
		return rc;
	if (!f->sealed)
		return enter_active(t, f, d, e);
	if (behind)
		rc = settle_sealed(t, d, e);
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	if (!rc && behind)
		(void)!lam_tail_witness(t, false, NULL);
	return rc;
}

int
lam_tail_enter(struct lam_tail *t, struct lam_error *e)
{
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_durable d;
	uint64_t *base = NULL;
	size_t n = 0;
	int rc;

	if (!doubtful(t) && unchanged(t))
		return LAM_OK;
	t->known = false;
	rc = lam_merge_finish(t->dir, t->id, e);
	if (!rc)
		rc = lam_durable_read(t->dir, t->id, &d, e);
	if (!rc)
		rc = lam_segment_list(t->dir, &base, &n, e);
	if (rc)
		goto out;
	if (n) {
		t->base = base[n - 1];
		rc = enter_last(t, &f, &d, base, n, e);
	} else if (d.valid && d.head) {
		rc = lam_fail(e, LAM_DATA, "%s: %" PRIu64 " records were "
			"acknowledged, but there is no segment: the log lost "
			"data, restore them from a copy", t->dir, d.head);
	} else {
		lam_tail_close(t);
		t->head = t->base = 0;
		t->history = lam_segment_history0(t->id);
		t->total = (struct lam_totals){ 0, 0, 0, 0 };
	}
	t->known = !rc;
out:
	lam_blockfile_close(&f);
	free(base);
	return rc;
}
