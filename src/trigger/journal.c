/*
 * journal.c - the log of a function: DIR/trigger/NAME/log
 *
 * Each line is one write to a file opened to append: lines of several processes do
 * not mix, and a file that was moved away is made again.  That a line cannot be
 * written stops nothing.
 */
#include "trigger/journal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "time/time.h"

#define MS INT64_C(1000000)
#define MB (UINT64_C(1) << 20)

static void
put(struct lam_journal *j, bool is_line, struct lam_str text)
{
	struct lam_buf b = LAM_BUF_INIT;
	char time[LAM_TIME_TEXT];
	size_t n = lam_time_print(lam_clock_wall() / MS * MS, time);
	int fd = -1;

	lam_buf_put(&b, time, n);
	lam_buf_putc(&b, ' ');
	n = b.n;
	lam_buf_put(&b, text.p, text.n);
	if (j->all.say || is_line)
		lam_message(is_line ? &j->lines : &j->all, "%s",
			lam_buf_str(&b) + (is_line ? n : 0));
	lam_buf_putc(&b, '\n');
	if (*j->path && !b.oom && !lam_io_open(&fd, j->path, O_WRONLY |
		O_APPEND | O_CREAT, NULL)) {
		/* What cannot be told is not told. */
		(void)!lam_io_write(fd, b.p, b.n, j->path, NULL);
		close(fd);
	}
	lam_buf_release(&b);
}

static void
put_text(struct lam_journal *j, const struct lam_buf *b)
{
	put(j, false, (struct lam_str){ b->p, b->n });
}

void
lam_journal_start(struct lam_journal *j, const char *id,
	const struct lam_task *b)
{
	struct lam_buf t = LAM_BUF_INIT;

	lam_buf_printf(&t, "START RequestId: %s First: %" PRIu64 " Last: %" PRIu64
		" Records: %zu Attempt: %" PRIu32, id, b->from, b->to - 1, b->n,
		b->failed + 1);
	put_text(j, &t);
	lam_buf_release(&t);
}

void
lam_journal_line(struct lam_journal *j, const char *id, struct lam_str line)
{
	struct lam_buf t = LAM_BUF_INIT;

	if (*j->path)
		lam_buf_printf(&t, "%s ", id);
	lam_buf_put(&t, line.p, line.n);
	put(j, true, (struct lam_str){ lam_buf_str(&t), t.n });
	lam_buf_release(&t);
}

/* Duration is what was measured; what is billed is that, rounded up to 1 ms. */
void
lam_journal_report(struct lam_journal *j, const char *id,
	const struct lam_function *f, const struct lam_task *b,
	const struct lam_attempt *a, bool failed)
{
	struct lam_buf t = LAM_BUF_INIT;
	char tiers[LAM_TIER_TEXT], init[60] = "";
	const char *word = lam_attempt_word(a);

	lam_buf_printf(&t, "END RequestId: %s", id);
	put_text(j, &t);
	lam_buf_clear(&t);
	if (a->init)
		snprintf(init, sizeof init, " Init Duration: %.2f ms",
			(double)a->init / MS);
	lam_buf_printf(&t, "REPORT RequestId: %s Duration: %.2f ms Billed "
		"Duration: %" PRId64 " ms Memory Size: %" PRIu64 " MB Max Memory "
		"Used: %" PRIu64 " MB%s CPU: %.2f ms Records: %zu Attempt: %" PRIu32
		" Isolation: %s Status: %s", id, (double)a->took / MS,
		(a->took + MS - 1) / MS, f->memory / MB,
		(a->memory + MB - 1) / MB, init, (double)a->cpu / MS, b->n,
		b->failed + 1, lam_tier_text(a->tiers, tiers),
		failed && *word == 'o' && word[1] == 'k' ? "error" : word);
	put_text(j, &t);
	lam_buf_release(&t);
}
