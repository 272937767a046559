/*
 * fuzz_ledger.c - frames with right checksums, and any bytes, as a ledger
 *
 * What is read is written as the same bytes, but for padding; the state that frames give
 * is one.  A file of them, opened: what it says is in order and within it, events that
 * were found are given once, in order, by any steps, or told to be none; what a bucket
 * knows is the same when it is noted anew; and the next open finds the same.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "fuzz.h"
#include "trigger/found.h"
#include "trigger/ledger_frame.h"
#include "trigger/objects.h"

/* What looks like a frame gets its checksum and position, so that what it says
 * decides. */
static void
make_right(char *p, size_t n, uint64_t pos)
{
	uint64_t size;

	if (n < LAM_FRAME_HEAD + 8)
		return;
	size = lam_get64(p + 8);
	if (size > n || size < LAM_FRAME_HEAD + 8)
		return;
	lam_put64(p + 16, pos);
	lam_put64(p + size - 8, lam_checksum(p, size - 8));
}

/* The frame F, which has N bytes: written, read, and written again. */
static void
check_frame(const struct lam_ledger_frame *f, uint64_t at, size_t n)
{
	struct lam_buf once = LAM_BUF_INIT, twice = LAM_BUF_INIT;
	struct lam_ledger_frame copy = *f, g;

	MUST(n % 8 == 0 && f->output.n < n);
	lam_ledger_frame_put(&copy, at, &once);
	MUST(once.n == n && lam_ledger_frame_get(once.p, n, at, &g) == n);
	MUST(g.at == f->at && fuzz_same(g.output, f->output));
	lam_ledger_frame_put(&g, at, &twice);
	MUST(twice.n == n && !memcmp(once.p, twice.p, n));
	lam_buf_release(&once);
	lam_buf_release(&twice);
}

static void
check_state(const struct lam_ledger_progress *p)
{
	for (size_t i = 0; i < p->n; i++) {
		MUST(p->item[i].from < p->item[i].to &&
			p->item[i].to <= p->next);
		MUST(!i || p->item[i - 1].to <= p->item[i].from);
	}
}

/* What O knows, noted and applied to nothing, and that noted again. */
static void
check_known(const struct lam_objects *o)
{
	struct lam_objects other = LAM_OBJECTS_INIT;
	struct lam_buf note = LAM_BUF_INIT;
	const struct lam_object *x = NULL, *y;
	size_t n = 0;

	while ((x = lam_objects_each(o, x)))
		lam_object_put(x, &note);
	MUST(!lam_objects_apply(&other, (struct lam_str){ note.p, note.n }, NULL));
	while ((x = lam_objects_each(o, x))) {
		y = lam_objects_find(&other, x->name);
		MUST(y && y->size == x->size && y->mtime == x->mtime &&
			y->inode == x->inode);
		n++;
	}
	MUST(n == o->n && other.n == o->n);
	lam_objects_release(&other);
	lam_buf_release(&note);
}

/* The events of L, at most MAX bytes a step. */
static int
events(struct lam_ledger *l, size_t max, struct lam_queue *q)
{
	uint64_t next = 0, before;
	int rc;

	do {
		struct lam_queue step = LAM_QUEUE_INIT;
		size_t from = q->text.n;

		before = next;
		rc = lam_found_read(l, &next, UINT64_MAX, max, &step, NULL);
		for (size_t i = 0; !rc && i < lam_queue_events(&step); i++) {
			const struct lam_event *x = lam_queue_event(&step, i);
			size_t end = x->end - (step.text.n - lam_queue_bytes(&step));

			lam_buf_put(&q->text, lam_queue_text(&step) +
				(q->text.n - from), end - (q->text.n - from));
			MUST(x->pos >= before && !lam_queue_put(q, x->pos, NULL));
		}
		lam_queue_release(&step);
	} while (!rc && next > before);
	return rc;
}

static void
check_events(struct lam_ledger *l)
{
	struct lam_queue all = LAM_QUEUE_INIT, steps = LAM_QUEUE_INIT;
	int rc = events(l, SIZE_MAX, &all);

	MUST(rc == events(l, 1, &steps) && (!rc || rc == LAM_DATA));
	MUST(rc || (all.n == steps.n && all.text.n == steps.text.n));
	for (size_t i = 0; !rc && i < all.n; i++) {
		MUST(all.event[i].pos == steps.event[i].pos &&
			all.event[i].end == steps.event[i].end);
		MUST(!i || all.event[i].pos > all.event[i - 1].pos);
	}
	MUST(rc || !all.text.n || !memcmp(all.text.p, steps.text.p, all.text.n));
	lam_queue_release(&all);
	lam_queue_release(&steps);
}

static void
check_opened(struct lam_ledger *l)
{
	for (size_t i = 0; i < l->noutputs; i++)
		MUST(l->output[i].at + l->output[i].size <= l->end);
	for (size_t i = 0; i < l->nfound; i++)
		MUST(l->found[i].from < l->found[i].to &&
			l->found[i].text.at + l->found[i].text.size <= l->end);
	check_state(&l->progress);
	check_events(l);
}

/* What has not been done stays, when what has been is forgotten. */
static void
check_forgotten(struct lam_ledger *l)
{
	const struct lam_ledger_progress *p = &l->progress;
	uint64_t floor = p->n ? p->item[0].from : p->next;
	size_t left = 0, before = l->nfound;

	while (left < before && l->found[before - 1 - left].to > floor)
		left++;
	MUST(!lam_ledger_roll(l, NULL) && l->nfound >= left);
	MUST(l->base == 0); /* it is short: there is no new file */
	MUST(!l->nfound || l->found[0].to > floor);
}

/* The N bytes of whole frames at P, and some that are none, as a file. */
static void
check_file(const char *p, size_t n, size_t whole)
{
	static char dir[80], path[128];
	static int fd = -1;
	struct lam_ledger_head head = { .base = 0 };
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_ledger l, again;
	struct lam_error e = LAM_ERROR_INIT;
	int rc;

	if (fd < 0) {
		snprintf(dir, sizeof dir, "%s/led", fuzz_dir());
		snprintf(path, sizeof path, "%s/%020d.led", dir, 0);
		MUST(!mkdir(dir, 0700));
	}
	memset(head.id, 'a', LAM_LEDGER_ID);
	lam_ledger_head_put(&head, &b);
	lam_buf_put(&b, p, n);
	fuzz_write(&fd, path, b.p, b.n);
	lam_buf_release(&b);
	rc = lam_ledger_open(&l, dir, &e);
	MUST(!rc || rc == LAM_DATA);
	if (!rc) {
		MUST(l.end >= whole);
		check_opened(&l);
		MUST(!lam_ledger_open(&again, dir, &e));
		MUST(again.end == l.end && again.nfound == l.nfound &&
			again.noutputs == l.noutputs && again.kept == l.kept &&
			again.progress.next == l.progress.next &&
			again.progress.found == l.progress.found &&
			again.progress.n == l.progress.n);
		lam_ledger_close(&again);
		check_forgotten(&l);
	}
	lam_ledger_close(&l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_ledger_progress state = LAM_PROGRESS_INIT;
	struct lam_objects known = LAM_OBJECTS_INIT;
	struct lam_ledger_head head;
	struct lam_ledger_frame f;
	struct lam_str note;
	char *p = fuzz_copy(data, size);
	size_t at = 0, n;
	int rc = LAM_OK;

	(void)lam_ledger_head_get(p, size, &head);
	for (; !rc && at < size; at += rc ? 0 : n) {
		make_right(p + at, size - at, at);
		n = lam_ledger_frame_get(p + at, size - at, at, &f);
		if (!n)
			break;
		check_frame(&f, at, n);
		rc = lam_progress_apply(&state, &f, NULL);
		check_state(&state);
		if (f.kind == LAM_FRAME_FOUND && !lam_found_note_of(f.output,
			&note, NULL) && lam_objects_apply(&known, note, NULL))
			lam_objects_release(&known);
	}
	check_known(&known);
	if (state.finds)
		check_file(p, size, rc ? 0 : at);
	lam_objects_release(&known);
	lam_progress_release(&state);
	free(p);
	return 0;
}
