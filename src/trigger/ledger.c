/*
 * ledger.c - the ledger of a function, and what remains of it after a crash
 *
 * An append: (1) frames are put into memory; (2) one write; (3) fsync, when one
 * of them is an outcome; (4) only then is an output given on.  After a kill between
 * (2) and (3) the frames are there; after a power failure any part of what was written
 * since the last sync may not be, and what is left of it is cut off by the next open.
 * A frame that was written when all before it was on disk says so; behind a damaged one
 * it shows that this is no torn tail: then nothing is cut, and nothing runs.  One
 * follows each sync, before an output is given on.  That any whole frame followed would
 * show nothing: of those written since the last sync a power failure may leave the
 * later ones, and take the earlier ones.  Nothing relies on them: they may be cut.
 *
 * A file is left for a new one when it is long and all of its outputs are delivered;
 * events that were found and are not done go along.  So an open reads one file.  Older
 * ones tell --usage what was used, and may be removed.
 *
 * A sync that failed ends the program.  The next open writes what it read over itself
 * before it relies on it.
 */
#include "trigger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/dir.h"
#include "base/replace.h"
#include "trigger/ledger_frame.h"

#define ROLL (UINT64_C(16) << 20)
#define PIECE ((size_t)1 << 20)

static uint64_t
offset(const struct lam_ledger *l, uint64_t pos)
{
	return LAM_LEDGER_HEAD + (pos - l->base);
}

/* ----------------------------------------------------------------- reading */

static int
damaged(const char *path, uint64_t at, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: damaged at byte %" PRIu64 ": lam-fsck "
		"tells how far it is intact; a copy of it elsewhere, or the "
		"removal of its directory, starts the function anew", path, at);
}

/* Was what is at AT on disk once?  A whole frame behind it says that it was. */
static bool
was_durable(const struct lam_buf *b, size_t at, const struct lam_ledger_head *head)
{
	uint64_t base = head->base;
	struct lam_ledger_frame f;

	for (at += 8; at + LAM_FRAME_HEAD < b->n; at += 8)
		if (lam_ledger_frame_get(b->p + at, b->n - at, base + at -
			LAM_LEDGER_HEAD, &f) && (f.synced || head->version == 1))
			return true;
	return false;
}

int
lam_ledger_scan(const char *path, struct lam_ledger_head *head,
	int (*each)(void *arg, const struct lam_ledger_frame *f, struct lam_error *e),
	void *arg, uint64_t *end, uint64_t *torn, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_ledger_frame f;
	size_t at = LAM_LEDGER_HEAD, n = 0;
	int rc = lam_io_slurp(path, SIZE_MAX / 2, &b, e);

	if (!rc && !lam_ledger_head_get(b.p, b.n, head))
		rc = damaged(path, 0, e);
	while (!rc && at < b.n) {
		n = lam_ledger_frame_get(b.p + at, b.n - at, head->base + at -
			LAM_LEDGER_HEAD, &f);
		if (!n)
			break;
		rc = each(arg, &f, e);
		at += n;
	}
	if (!rc && at < b.n && was_durable(&b, at, head))
		rc = damaged(path, at, e);
	*end = rc ? 0 : head->base + at - LAM_LEDGER_HEAD;
	*torn = rc ? 0 : b.n - at;
	lam_buf_release(&b);
	return rc;
}

static int
note_output(struct lam_ledger *l, const struct lam_ledger_frame *f, struct lam_error *e)
{
	if (f->kind == LAM_FRAME_STATE || f->kind == LAM_FRAME_FOUND ||
		!f->output.n)
		return LAM_OK;
	if (!lam_array_room(&l->output, &l->cap, l->noutputs + 1,
		sizeof *l->output))
		return lam_fail_mem(e);
	l->output[l->noutputs++] = (struct lam_ledger_output){ f->at,
		f->output.n };
	return LAM_OK;
}

static void
forget_delivered(struct lam_ledger *l)
{
	size_t i = 0;

	while (i < l->noutputs && l->output[i].at < l->progress.delivered)
		i++;
	if (!i)
		return;
	l->noutputs -= i;
	memmove(l->output, l->output + i, l->noutputs * sizeof *l->output);
}

static int
note_found(struct lam_ledger *l, const struct lam_ledger_frame *f,
	struct lam_error *e)
{
	if (f->kind == LAM_FRAME_FOUND && f->limit)
		l->kept = f->limit;
	if (f->kind != LAM_FRAME_FOUND || f->from == f->to)
		return LAM_OK;
	if (!lam_array_room(&l->found, &l->found_cap, l->nfound + 1,
		sizeof *l->found))
		return lam_fail_mem(e);
	l->found[l->nfound++] = (struct lam_ledger_found){ f->from, f->to,
		{ f->at, f->output.n } };
	return LAM_OK;
}

/* Events before the first that is pending, or has yet to be begun, are done. */
static void
forget_found(struct lam_ledger *l)
{
	const struct lam_ledger_progress *p = &l->progress;
	uint64_t floor = p->n ? p->item[0].from : p->next;
	size_t i = 0;

	while (i < l->nfound && l->found[i].to <= floor)
		i++;
	if (!i)
		return;
	l->nfound -= i;
	memmove(l->found, l->found + i, l->nfound * sizeof *l->found);
}

static int
apply(void *arg, const struct lam_ledger_frame *f, struct lam_error *e)
{
	struct lam_ledger *l = arg;
	int rc = lam_progress_apply(&l->progress, f, e);

	if (!rc)
		rc = note_output(l, f, e);
	if (!rc)
		rc = note_found(l, f, e);
	if (!rc && f->kind == LAM_FRAME_DELIVERED)
		forget_delivered(l);
	return rc;
}

/*
 * What was read may never have been on disk, and no later sync would tell (see
 * log/sync.c): it is written over itself.
 */
static int
rewrite(struct lam_ledger *l, struct lam_error *e)
{
	uint64_t at = 0, end = offset(l, l->end);
	char *p = malloc(end < PIECE ? (size_t)end : PIECE);
	int rc = p ? LAM_OK : lam_fail_mem(e);

	for (; !rc && at < end; at += PIECE) {
		size_t n = end - at < PIECE ? (size_t)(end - at) : PIECE;

		rc = lam_io_pread(l->fd, p, n, at, l->path, e);
		if (!rc)
			rc = lam_io_pwrite(l->fd, p, n, at, l->path, e);
	}
	free(p);
	l->dirty = true;
	return rc ? rc : lam_ledger_sync(l, e);
}

static int
open_file(struct lam_ledger *l, struct lam_error *e)
{
	struct lam_ledger_head head;
	struct lam_error why = LAM_ERROR_INIT;
	uint64_t torn;
	int rc = lam_ledger_scan(l->path, &head, apply, l, &l->end, &torn, &why);

	if (rc == LAM_DATA && !strstr(why.msg, l->path))
		return lam_fail(e, LAM_DATA, "%s: %s: the ledger is damaged",
			l->path, why.msg);
	if (rc && e)
		*e = why;
	if (rc)
		return rc;
	memcpy(l->id, head.id, sizeof l->id);
	memcpy(l->source, head.source, sizeof l->source);
	l->base = head.base;
	rc = lam_io_open(&l->fd, l->path, O_RDWR, e);
	if (!rc && torn && ftruncate(l->fd, (off_t)offset(l, l->end)))
		rc = lam_fail_sys(e, "%s: cutting off a torn frame", l->path);
	return rc ? rc : rewrite(l, e);
}

int
lam_ledger_open(struct lam_ledger *l, const char *dir, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	int rc;

	memset(l, 0, sizeof *l);
	l->fd = -1;
	rc = lam_io_path(l->dir, sizeof l->dir, e, "%s", dir);
	if (!rc)
		rc = lam_io_sweep(dir, e);
	if (!rc)
		rc = lam_io_list(dir, ".led", &names, e);
	if (!rc && names.n) {
		rc = lam_io_path(l->path, sizeof l->path, e, "%s/%s", dir,
			names.name[names.n - 1]);
		if (!rc)
			rc = open_file(l, e);
	}
	lam_names_release(&names);
	return rc;
}

/* ----------------------------------------------------------------- writing */

/* Frames go behind those in B, the bytes of a file that begins at l->end. */
static void
put_behind(const struct lam_ledger *l, struct lam_ledger_frame *f, struct lam_buf *b)
{
	lam_ledger_frame_put(f, l->end + b->n - LAM_LEDGER_HEAD, b);
}

static int
put_state(struct lam_ledger *l, struct lam_buf *b, struct lam_error *e)
{
	const struct lam_ledger_progress *p = &l->progress;
	struct lam_ledger_frame f = { .kind = LAM_FRAME_STATE, .from = p->redriven,
		.to = p->next, .split = p->redriven_to };
	struct lam_ledger_frame d = { .kind = LAM_FRAME_DELIVERED, .from = l->end,
		.to = p->length, .target = p->target };
	struct lam_ledger_frame t = { .kind = LAM_FRAME_TIE, .to = p->tie.at,
		.when = p->tie.when, .target = p->tie.history };
	struct lam_buf state = LAM_BUF_INIT;
	uint8_t item[LAM_PENDING_BYTES];
	int rc;

	for (size_t i = 0; i < p->n; i++) {
		lam_pending_put(&p->item[i], item);
		lam_buf_put(&state, item, sizeof item);
	}
	f.output = (struct lam_str){ lam_buf_str(&state), state.n };
	put_behind(l, &f, b);
	put_behind(l, &d, b);
	if (p->tie.known)
		put_behind(l, &t, b);
	rc = lam_buf_check(&state, e);
	lam_buf_release(&state);
	return rc;
}

/* What was found: the feed's own state, then the events that are not done. */
static int
put_found(struct lam_ledger *l, struct lam_buf *b, struct lam_error *e)
{
	const struct lam_ledger_progress *p = &l->progress;
	uint64_t first = l->nfound ? l->found[0].from : p->found;
	struct lam_ledger_frame f = { .kind = LAM_FRAME_FOUND, .from = first,
		.to = first };
	struct lam_buf text = LAM_BUF_INIT;
	int rc = LAM_OK;

	while (l->keep && l->keep(l->keep_arg, &text)) {
		f.output = (struct lam_str){ lam_buf_str(&text), text.n };
		put_behind(l, &f, b);
		lam_buf_clear(&text);
	}
	for (size_t i = 0; !rc && i < l->nfound; i++) {
		struct lam_ledger_found *x = &l->found[i];

		rc = lam_ledger_read(l, &x->text, &text, e);
		f.from = x->from;
		f.to = x->to;
		f.output = (struct lam_str){ text.p, text.n };
		put_behind(l, &f, b);
		x->text.at = f.at;
	}
	f = (struct lam_ledger_frame){ .kind = LAM_FRAME_FOUND, .from = p->found,
		.to = p->found, .split = p->looked, .target = p->spec,
		.limit = b->n };
	put_behind(l, &f, b);
	if (!rc)
		rc = lam_buf_check(&text, e);
	lam_buf_release(&text);
	return rc;
}

/* A file that begins with the state, in the place of l->fd. */
static int
new_file(struct lam_ledger *l, struct lam_error *e)
{
	struct lam_ledger_progress *p = &l->progress;
	struct lam_ledger_head head = { .base = l->end };
	struct lam_buf b = LAM_BUF_INIT;
	int rc;

	memcpy(head.id, l->id, sizeof head.id);
	memcpy(head.source, l->source, sizeof head.source);
	lam_ledger_head_put(&head, &b);
	rc = put_state(l, &b, e);
	if (!rc && p->finds)
		rc = put_found(l, &b, e);
	if (!rc)
		rc = lam_buf_check(&b, e);
	if (!rc)
		rc = lam_io_path(l->path, sizeof l->path, e, "%s/%020" PRIu64
			".led", l->dir, l->end);
	if (!rc)
		rc = lam_replace_with(l->path, b.p, b.n, e);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	if (!rc)
		rc = lam_io_open(&l->fd, l->path, O_RDWR, e);
	l->base = l->end;
	p->delivered = l->end;
	l->end += b.n - LAM_LEDGER_HEAD;
	l->kept = p->finds ? b.n : 0;
	lam_buf_release(&b);
	return rc;
}

int
lam_ledger_begin(struct lam_ledger *l, const char *source, uint64_t next,
	struct lam_error *e)
{
	uint8_t random[LAM_LEDGER_ID / 2];
	int rc = lam_io_random(random, sizeof random, e);

	if (rc)
		return rc;
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(l->id + 2 * i, 3, "%02x", random[i]);
	memcpy(l->source, source, strlen(source) + 1);
	l->progress.next = next;
	return new_file(l, e);
}

int
lam_ledger_put(struct lam_ledger *l, struct lam_ledger_frame *f, struct lam_error *e)
{
	size_t before = l->out.n;
	int rc;

	f->synced = !l->dirty && !before;
	lam_ledger_frame_put(f, l->end, &l->out);
	rc = lam_buf_check(&l->out, e);
	if (rc)
		return rc;
	l->end += l->out.n - before;
	return apply(l, f, e);
}

int
lam_ledger_write(struct lam_ledger *l, struct lam_error *e)
{
	uint64_t at = offset(l, l->end - l->out.n);
	int rc = LAM_OK;

	if (!l->out.n)
		return LAM_OK;
	rc = lam_io_pwrite(l->fd, l->out.p, l->out.n, at, l->path, e);
	if (rc && ftruncate(l->fd, (off_t)at))
		errno = 0; /* a torn frame: the next open cuts it off */
	lam_buf_clear(&l->out);
	l->dirty |= !rc;
	return rc;
}

int
lam_ledger_sync(struct lam_ledger *l, struct lam_error *e)
{
	struct stat ours, there;

	if (!l->dirty)
		return LAM_OK;
	if (fstat(l->fd, &ours) || stat(l->path, &there) ||
		ours.st_ino != there.st_ino || ours.st_dev != there.st_dev)
		return lam_fail(e, LAM_DATA, "%s: was removed or replaced while "
			"its function ran: what that has done since is not known",
			l->path);
	l->dirty = false;
	return lam_io_sync(l->fd, l->path, e);
}

int
lam_ledger_acknowledge(struct lam_ledger *l, struct lam_error *e)
{
	struct lam_ledger_frame f = { .kind = LAM_FRAME_SKIP,
		.to = l->progress.next };
	int rc = lam_ledger_sync(l, e);

	if (!rc)
		rc = lam_ledger_put(l, &f, e);
	return rc ? rc : lam_ledger_write(l, e);
}

int
lam_ledger_read(const struct lam_ledger *l, const struct lam_ledger_output *o,
	struct lam_buf *out, struct lam_error *e)
{
	lam_buf_clear(out);
	if (!lam_buf_room(out, o->size + 1))
		return lam_fail_mem(e);
	out->n = o->size;
	return lam_io_pread(l->fd, out->p, o->size, offset(l, o->at), l->path, e);
}

int
lam_ledger_roll(struct lam_ledger *l, struct lam_error *e)
{
	uint64_t bytes = l->end - l->base;

	forget_found(l);
	if (bytes < ROLL || (bytes - ROLL) / 2 < l->kept || l->noutputs ||
		l->out.n)
		return LAM_OK;
	return new_file(l, e);
}

void
lam_ledger_close(struct lam_ledger *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	lam_buf_release(&l->out);
	lam_progress_release(&l->progress);
	free(l->output);
	l->output = NULL;
	free(l->found);
	l->found = NULL;
}
