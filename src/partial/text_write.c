/*
 * text_write.c - partial relations to text
 *
 * Printing is the larger half of a recompute with many groups, so every thread
 * takes batches of rows and prints them into a buffer; these are written in turn, so
 * the bytes do not depend on how many threads there were.  Runs on disk
 * hold lines as they are printed, so that merging them is all there is to do.
 */
#include "partial/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"
#include "base/turns.h"
#include "partial/lines.h"
#include "partial/partials_internal.h"

#define WRITE_BYTES (256u << 10) /* written at about this much */
#define WHOLE_BYTES (64u << 10) /* of lines at once: written as they lie */
#define AHEAD_BYTES (4u << 20) /* may be printed before it is their turn */

struct lam_partial_writer {
	int fd;
	bool lines;
	char *name;
	char view[LAM_NAME_MAX + 1];
	struct lam_buf buf;
	size_t summed;		  /* bytes of buf already in sum */
	struct lam_checksum *sum; /* of the section */
	uint64_t rows, sections;
	/* lines: */
	const struct lam_section *section;
	struct lam_lines_sum total;
	void (*each)(void *arg, const struct lam_section *s);
	void *arg;
	struct lam_written written;
};

int
lam_partial_writer_open(struct lam_partial_writer **out, int fd,
	const char *name, bool lines, struct lam_error *e)
{
	struct lam_partial_writer *w = calloc(1, sizeof *w);

	*out = NULL;
	if (!w)
		return lam_fail_mem(e);
	w->fd = fd;
	w->lines = lines;
	w->name = strdup(name);
	if (!w->name) {
		lam_partial_writer_free(w);
		return lam_fail_mem(e);
	}
	*out = w;
	return LAM_OK;
}

void
lam_partial_writer_free(struct lam_partial_writer *w)
{
	if (!w)
		return;
	if (w->sum)
		lam_checksum_free(w->sum);
	lam_buf_release(&w->buf);
	free(w->name);
	free(w);
}

static void
sum_up(struct lam_partial_writer *w)
{
	if (w->sum && w->buf.n > w->summed)
		lam_checksum_add(w->sum, w->buf.p + w->summed,
			w->buf.n - w->summed);
	w->summed = w->buf.n;
}

static int
flush(struct lam_partial_writer *w, struct lam_error *e)
{
	int rc = lam_buf_check(&w->buf, e);

	if (rc || w->buf.n == 0)
		return rc;
	sum_up(w);
	rc = lam_io_write(w->fd, w->buf.p, w->buf.n, w->name, e);
	lam_buf_clear(&w->buf);
	w->summed = 0;
	return rc;
}

void
lam_partial_writer_watch(struct lam_partial_writer *w,
	void (*each)(void *arg, const struct lam_section *s), void *arg)
{
	w->each = each;
	w->arg = arg;
}

int
lam_partial_begin(struct lam_partial_writer *w, const struct lam_section *s,
	struct lam_error *e)
{
	memcpy(w->view, s->view, sizeof w->view);
	w->rows = 0;
	w->section = s;
	w->total = (struct lam_lines_sum){ 0, 0 };
	if (w->each)
		w->each(w->arg, s);
	if (w->lines)
		return LAM_OK;
	sum_up(w);
	if (w->sum)
		lam_checksum_free(w->sum);
	w->sum = lam_checksum_new();
	if (!w->sum)
		return lam_fail_mem(e);
	lam_section_print(s, LAM_SECTION_TEXT, &w->buf);
	return lam_buf_check(&w->buf, e);
}

int
lam_partial_line(struct lam_partial_writer *w, struct lam_str line,
	struct lam_error *e)
{
	lam_buf_puts(&w->buf, w->view);
	lam_buf_putc(&w->buf, '\t');
	lam_buf_put(&w->buf, line.p, line.n);
	lam_buf_putc(&w->buf, '\n');
	w->rows++;
	return w->buf.n >= WRITE_BYTES || w->buf.oom ? flush(w, e) : LAM_OK;
}

int
lam_partial_whole(struct lam_partial_writer *w, struct lam_str line,
	struct lam_error *e)
{
	lam_buf_put(&w->buf, line.p, line.n);
	lam_buf_putc(&w->buf, '\n');
	w->written.records++;
	return w->buf.n >= WRITE_BYTES || w->buf.oom ? flush(w, e) : LAM_OK;
}

const struct lam_written *
lam_partial_written(const struct lam_partial_writer *w)
{
	return &w->written;
}

bool
lam_partial_lines(const struct lam_partial_writer *w)
{
	return w->lines;
}

int
lam_partial_end(struct lam_partial_writer *w, struct lam_error *e)
{
	int rc = lam_buf_check(&w->buf, e);

	w->sections++;
	w->written.read += w->section->counts.read;
	w->written.counted += w->section->counts.counted;
	w->written.rejected += w->section->counts.rejected;
	w->written.records += w->rows;
	if (!rc && w->lines) {
		lam_lines_header(w->section, &w->total, &w->buf);
		return lam_buf_check(&w->buf, e);
	}
	if (rc)
		return rc;
	sum_up(w);
	lam_buf_printf(&w->buf, "#end rows=%" PRIu64 " checksum=%016" PRIx64
		"\n", w->rows, lam_checksum_value(w->sum));
	lam_checksum_free(w->sum);
	w->sum = NULL;
	w->summed = w->buf.n;
	return lam_buf_check(&w->buf, e);
}

int
lam_partial_finish(struct lam_partial_writer *w, struct lam_error *e)
{
	if (!w->lines)
		lam_buf_printf(&w->buf, "#eof sections=%" PRIu64 "\n",
			w->sections);
	return flush(w, e);
}

/* ---------------------------------------------- rows of a relation to text */

/* The lines of a batch of N rows. */
struct batch {
	struct lam_buf text;
	uint32_t n;
};

struct print {
	struct lam_partials *p;
	const char *view;
	int (*lines)(void *arg, struct lam_str text, uint64_t n,
		struct lam_error *e);
	void *arg;
	struct lam_turns turns;
};

static struct batch *
new_batch(void)
{
	struct batch *b = malloc(sizeof *b);

	if (b)
		*b = (struct batch){ LAM_BUF_INIT, 0 };
	return b;
}

static void
free_batch(void *batch)
{
	struct batch *b = batch;

	if (!b)
		return;
	lam_buf_release(&b->text);
	free(b);
}

static int
hand_on(void *arg, void *batch, struct lam_error *e)
{
	struct print *p = arg;
	struct batch *b = batch;
	int rc = b->n ? p->lines(p->arg, (struct lam_str){ b->text.p, b->text.n },
		b->n, e) : LAM_OK;

	lam_buf_clear(&b->text);
	return rc;
}

static int
print_batches(void *arg, unsigned worker, struct lam_error *e)
{
	struct print *p = arg;
	struct lam_arena arena = LAM_ARENA_INIT;
	bool got = true, end = false;
	void *item = NULL;
	uint64_t turn;
	int rc = LAM_OK;

	(void)worker;
	while (!rc && got && !end) {
		struct batch *b = item ? item : new_batch();

		item = b;
		lam_arena_reset(&arena);
		rc = b ? lam_partials_lines(p->p, p->view, &arena, &b->text, &turn,
			&b->n, &got, e) : lam_fail_mem(e);
		if (!rc && got)
			rc = lam_turns_put(&p->turns, turn, &item, b->text.n, &end,
				e);
	}
	if (rc)
		lam_turns_fail(&p->turns);
	lam_arena_release(&arena);
	free_batch(item);
	return rc;
}

int
lam_partial_text(struct lam_partials *p, const char *view, unsigned threads,
	int (*lines)(void *arg, struct lam_str text, uint64_t n,
		struct lam_error *e), void *arg, struct lam_error *e)
{
	struct print job = { .p = p, .view = view, .lines = lines, .arg = arg,
		.turns = { .hand = hand_on, .arg = &job, .most = AHEAD_BYTES } };
	uint64_t most = lam_partials_batches(p);
	int rc;

	threads = threads < most ? threads : (unsigned)most;
	rc = lam_turns_init(&job.turns, threads, e);
	if (!rc)
		rc = lam_pool_run(threads, print_batches, &job, e);
	lam_turns_release(&job.turns, free_batch);
	return rc;
}

static int
put_lines(void *arg, struct lam_str text, uint64_t n, struct lam_error *e)
{
	struct lam_partial_writer *w = arg;
	int rc = w->lines ? lam_lines_add(&w->total, text, e) : LAM_OK;

	w->rows += n;
	if (rc)
		return rc;
	if (text.n < WHOLE_BYTES) {
		lam_buf_put(&w->buf, text.p, text.n);
		return w->buf.n >= WRITE_BYTES || w->buf.oom ? flush(w, e) :
			LAM_OK;
	}
	rc = flush(w, e);
	if (rc)
		return rc;
	if (w->sum)
		lam_checksum_add(w->sum, text.p, text.n);
	return lam_io_write(w->fd, text.p, text.n, w->name, e);
}

int
lam_partial_put(struct lam_partial_writer *w, const struct lam_section *s,
	struct lam_partials *p, unsigned threads, struct lam_error *e)
{
	int rc;

	rc = lam_partial_begin(w, s, e);
	if (!rc)
		rc = lam_partial_text(p, s->view, threads, put_lines, w, e);
	if (!rc)
		rc = lam_partial_end(w, e);
	return rc;
}
