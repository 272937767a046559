/*
 * journal.c - the log of a function: DIR/trigger/NAME/log
 *
 * Each line, or those of an end, is one write to a file opened to append: lines of
 * several processes do not mix.  It stays open while the name is still its own: a file
 * that was moved away is made again.  That a line cannot be written stops nothing.
 */
#include "trigger/journal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "time/time.h"

#define MS INT64_C(1000000)
#define MB (UINT64_C(1) << 20)

/* TEXT behind the lines in B, with the time; and told to who wants to see it. */
static void
add(struct lam_journal *j, struct lam_buf *b, bool is_line, const struct lam_buf *text)
{
	const struct lam_messages *to = is_line ? &j->lines : &j->all;
	char time[LAM_TIME_TEXT];
	size_t n = lam_time_print(lam_clock_wall() / MS * MS, time), from = b->n;

	lam_buf_put(b, time, n);
	lam_buf_putc(b, ' ');
	n = is_line ? b->n : from;
	lam_buf_put(b, text->p, text->n);
	if (to->say && !b->oom) /* itself: a message has a longest length */
		to->say(to->arg, lam_buf_str(b) + n);
	lam_buf_putc(b, '\n');
}

/* The file of that name is open; false: it cannot be. */
static bool
reach(struct lam_journal *j)
{
	struct stat st;

	if (j->fd >= 0 && !stat(j->path, &st) && st.st_ino == j->inode &&
		st.st_dev == j->device)
		return true;
	lam_journal_close(j);
	if (lam_io_open(&j->fd, j->path, O_WRONLY | O_APPEND | O_CREAT, NULL))
		return false;
	if (fstat(j->fd, &st))
		return false;
	j->inode = st.st_ino;
	j->device = st.st_dev;
	return true;
}

/* What cannot be told is not told. */
static void
put(struct lam_journal *j, struct lam_buf *b)
{
	if (*j->path && !b->oom && reach(j))
		(void)!lam_io_write(j->fd, b->p, b->n, j->path, NULL);
	lam_buf_release(b);
}

void
lam_journal_close(struct lam_journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
}

void
lam_journal_start(struct lam_journal *j, const char *id,
	const struct lam_task *task)
{
	struct lam_buf t = LAM_BUF_INIT, b = LAM_BUF_INIT;

	lam_buf_printf(&t, "START RequestId: %s First: %" PRIu64 " Last: %" PRIu64
		" Records: %zu Attempt: %" PRIu32, id, task->from, task->to - 1,
		task->n, task->failed + 1);
	add(j, &b, false, &t);
	put(j, &b);
	lam_buf_release(&t);
}

void
lam_journal_line(struct lam_journal *j, const char *id, struct lam_str line)
{
	struct lam_buf t = LAM_BUF_INIT, b = LAM_BUF_INIT;

	if (*j->path)
		lam_buf_printf(&t, "%s ", id);
	lam_buf_put(&t, line.p, line.n);
	add(j, &b, true, &t);
	put(j, &b);
	lam_buf_release(&t);
}

/* Duration is what was measured; what is billed is that, rounded up to 1 ms. */
void
lam_journal_report(struct lam_journal *j, const char *id,
	const struct lam_function *f, const struct lam_task *task,
	const struct lam_attempt *a, bool failed)
{
	struct lam_buf t = LAM_BUF_INIT, b = LAM_BUF_INIT;
	char tiers[LAM_TIER_TEXT], init[60] = "";
	const char *word = lam_attempt_word(a);

	lam_buf_printf(&t, "END RequestId: %s", id);
	add(j, &b, false, &t);
	lam_buf_clear(&t);
	if (a->init)
		snprintf(init, sizeof init, " Init Duration: %.2f ms",
			(double)a->init / MS);
	lam_buf_printf(&t, "REPORT RequestId: %s Duration: %.2f ms Billed "
		"Duration: %" PRId64 " ms Memory Size: %" PRIu64 " MB Max Memory "
		"Used: %" PRIu64 " MB%s CPU: %.2f ms Records: %zu Attempt: %" PRIu32
		" Isolation: %s Status: %s", id, (double)a->took / MS,
		(a->took + MS - 1) / MS, f->memory / MB,
		(a->memory + MB - 1) / MB, init, (double)a->cpu / MS, task->n,
		task->failed + 1, lam_tier_text(a->tiers, tiers),
		failed && *word == 'o' && word[1] == 'k' ? "error" : word);
	add(j, &b, false, &t);
	put(j, &b);
	lam_buf_release(&t);
}
