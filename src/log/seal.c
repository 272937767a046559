/*
 * seal.c - a full segment is ended, the next one started
 *
 * Sealing, under the lock:
 *
 *	1. fsync the segment, note it in the witness, unless it says so already
 *	2. when small blocks can be packed into full ones: write them anew into
 *	   a temporary with its footer, fsync, rename over the segment (repack.c)
 *	3. else, or when 2 failed for whatever reason: append the footer, fsync
 *	4. open it again as any reader would
 *	5. note in the witness that it is sealed
 *	6. when several small ones are at the end: pack them into one (merge.c)
 *
 * A crash in 1 or 2 leaves the segment active (and a temporary, swept later);
 * in 3 perhaps a torn footer, which is a torn tail like any other.  Within 2
 * and 3 it may look sealed without being so on disk: the next writer sees that
 * the witness does not say it, writes and syncs again (recover.c), and only
 * then starts a new one.
 *
 * A segment of version 1 gets its footer only: what is written anew is of version
 * 2.
 *
 * A new segment is made by durable replacement with its header only, and the
 * witness names it, durably, before the first block goes in.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/name.h"
#include "log/merge.h"
#include "log/place_chain.h"
#include "log/repack.h"
#include "log/recover.h"
#include "log/seal.h"
#include "log/tail.h"

/* Step 3. */
static int
append_footer(struct lam_tail *t, const struct lam_blockfile *f,
	struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT, meta = LAM_BUF_INIT;
	int rc = LAM_OK;

	if (!t->at_base.old)
		lam_segment_foot(t->head, t->history,
			lam_chain_since(&t->places, t->base), &t->total,
			&t->places, &t->extents, &meta);
	rc = lam_buf_check(&meta, e);
	if (!rc)
		rc = lam_blockfile_footer(f->version, f->block, f->nblocks,
			(struct lam_str){ lam_buf_str(&meta), meta.n }, &b, e);
	if (!rc)
		rc = lam_buf_check(&b, e);
	if (rc)
		goto out;
	rc = lam_io_pwrite(t->fd, b.p, b.n, t->at, f->path, e);
	if (!rc)
		rc = lam_tail_sync(t, e);
	if (rc)
		(void)!lam_tail_cut(t, NULL);
out:
	lam_buf_release(&b);
	lam_buf_release(&meta);
	return rc;
}

/* Step 2. */
static int
repack(const struct lam_tail *t, const struct lam_blockfile *f,
	struct lam_error *e)
{
	struct lam_repack p = { .from = &f, .nfrom = 1, .head = &t->at_base,
		.field = t->field, .nfields = t->nfields, .id = t->id,
		.end = t->head, .history = t->history, .total = t->total,
		.places = &t->places, .extents = &t->extents };
	struct lam_replace out = LAM_REPLACE_INIT;
	int rc = lam_replace_begin(&out, f->path, e);

	if (!rc)
		rc = lam_repack_write(&p, &out, e);
	if (!rc)
		rc = lam_replace_commit(&out, e);
	lam_replace_abandon(&out);
	return rc;
}

/* Step 4. */
static int
reopen_sealed(struct lam_tail *t, struct lam_error *e)
{
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_segment_head h;
	bool known = true;
	int rc;

	rc = lam_segment_load(&f, t->dir, t->id, t->base, NULL, &t->arena, &h,
		e);
	if (!rc && (!f.sealed || lam_segment_end(&f, t->base) != t->head))
		rc = lam_fail(e, LAM_DATA, "%s: sealed, but reads back as "
			"something else: the file system changed it", f.path);
	if (!rc)
		t->history = lam_segment_history(&h, &f, t->head, &known);
	t->total.blocks += f.nblocks;
	t->total.bytes += f.size;
	lam_blockfile_close(&f);
	return rc;
}

int
lam_tail_seal(struct lam_tail *t, const struct lam_limits *limits,
	struct lam_error *e)
{
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_segment_path(path, t->dir, t->base, e);
	if (!rc && t->synced < t->at) {
		rc = lam_tail_sync(t, e);
		/* Only a witness: what it would say is true without it. */
		if (!rc)
			(void)!lam_tail_witness(t, false, NULL);
	}
	if (rc)
		return rc;
	rc = lam_blockfile_open(&f, path, e);
	if (!rc && (t->at_base.old || !lam_repack_pays(&f) ||
		repack(t, &f, NULL)))
		rc = append_footer(t, &f, e);
	lam_blockfile_close(&f);
	if (!rc)
		rc = reopen_sealed(t, e);
	if (rc) {
		t->known = false;
		return rc;
	}
	lam_chain_told(&t->places, t->base);
	close(t->fd);
	t->fd = -1;
	t->nblocks = 0;
	(void)!lam_tail_witness(t, false, NULL);
	/* Sealed all the same when this fails: they are merged next time. */
	if (lam_tail_merge(t, limits, NULL))
		t->known = false;
	return LAM_OK;
}

int
lam_tail_start(struct lam_tail *t, const char *const *field, size_t n,
	struct lam_error *e)
{
	struct lam_segment_head h = { .base = t->head, .history = t->history,
		.since = lam_chain_last(&t->places), .before = t->total,
		.nfields = n };
	struct lam_buf meta = LAM_BUF_INIT, header = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	bool again = t->fd >= 0;
	int rc = LAM_OK;

	/* An empty one of other fields is replaced: its size is no witness. */
	if (again) {
		close(t->fd);
		t->fd = -1;
		rc = lam_tail_witness(t, true, e);
		if (rc)
			return rc;
	}
	h.field = LAM_ARENA_NEW(&t->arena, const char *, n + 1);
	if (!h.field)
		return lam_fail_mem(e);
	memcpy(h.field, field, n * sizeof *field);
	lam_segment_meta(t->id, &h, &t->places, &t->extents, &meta);
	rc = lam_buf_check(&meta, e);
	if (!rc)
		rc = lam_blockfile_header((struct lam_str){ meta.p, meta.n },
			&header, e);
	if (!rc)
		rc = lam_buf_check(&header, e);
	if (!rc)
		rc = lam_segment_path(path, t->dir, t->head, e);
	if (!rc)
		rc = lam_segment_sweep(t->dir, e);
	if (!rc)
		rc = lam_replace_with(path, header.p, header.n, e);
	lam_buf_release(&meta);
	lam_buf_release(&header);
	/* Entering names a new base in the witness, durably. */
	t->known = false;
	t->made = !rc;
	if (!rc)
		rc = lam_tail_enter(t, e);
	t->made = false;
	if (!rc && again)
		rc = lam_tail_witness(t, true, e);
	return rc;
}

int
lam_stream_roll(const char *data, const char *name, uint64_t *pos,
	struct lam_error *e)
{
	char dir[LAM_PATH_MAX], path[LAM_PATH_MAX], id[LAM_ID_HEX + 1] = "";
	struct lam_tail t = LAM_TAIL_INIT(dir, id);
	const struct lam_limits limits = LAM_LIMITS_DEFAULT;
	bool found = false;
	int rc;

	if (!lam_name_ok(name, strlen(name)))
		return lam_fail(e, LAM_USAGE, "\"%.80s\" cannot be the name "
			"of a stream", name);
	rc = lam_stream_dir(dir, sizeof dir, data, name, e);
	if (!rc)
		rc = lam_stream_id_read(dir, id, &found, e);
	if (!rc && !found)
		rc = lam_fail(e, LAM_USAGE, "%s: there is no stream \"%s\"",
			data, name);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/lock", dir);
	if (!rc)
		rc = lam_io_lock(&t.lock, path, e);
	if (!rc)
		rc = lam_io_sweep(dir, e);
	if (!rc)
		rc = lam_tail_enter(&t, e);
	if (!rc && t.fd >= 0 && t.head > t.base)
		rc = lam_tail_seal(&t, &limits, e);
	*pos = t.head;
	lam_tail_close(&t);
	if (t.lock >= 0)
		close(t.lock);
	return rc;
}
