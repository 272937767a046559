/*
 * feed_stdin.c - lines of standard input, each an event
 *
 * A read never waits: the loop tells when there is something.  A regular file is
 * always ready, and epoll does not take it: then .fd is -1 and .more says so.
 * The position of a line is its number, from 0.  A last line without its end gets
 * one.
 */
#include "trigger/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10)

struct input {
	struct lam_buf part; /* of a line, its end not yet read */
	bool file;	     /* or what else epoll does not take */
};

static int
stdin_open(struct lam_feed *f, struct lam_error *e)
{
	struct input *in = calloc(1, sizeof *in);
	struct stat st;

	f->own = in;
	if (!in)
		return lam_fail_mem(e);
	if (fstat(STDIN_FILENO, &st))
		return lam_fail_sys(e, "standard input");
	in->file = S_ISREG(st.st_mode) || S_ISCHR(st.st_mode);
	if (S_ISCHR(st.st_mode) && isatty(STDIN_FILENO))
		in->file = false;
	f->fd = in->file ? -1 : STDIN_FILENO;
	f->more = in->file;
	return LAM_OK;
}

/* Whole lines of what is behind FROM in the text become events. */
static int
cut_lines(struct lam_feed *f, struct lam_queue *q, size_t from,
	struct lam_error *e)
{
	struct input *in = f->own;
	size_t at = from, end = q->text.n;
	int rc = LAM_OK;

	/* The text ends with its last whole line while an event is put. */
	while (!rc && at < end) {
		const char *nl = memchr(q->text.p + at, '\n', end - at);

		if (!nl)
			break;
		at = (size_t)(nl - q->text.p) + 1;
		q->text.n = at;
		rc = lam_queue_put(q, f->next++, e);
	}
	lam_buf_put(&in->part, q->text.p + at, end - at);
	q->text.n = at;
	return rc ? rc : lam_buf_check(&in->part, e);
}

static int
end_input(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
{
	struct input *in = f->own;

	f->ended = true;
	f->fd = -1;
	if (!in->part.n)
		return LAM_OK;
	lam_buf_put(&q->text, in->part.p, in->part.n);
	lam_buf_putc(&q->text, '\n');
	lam_buf_clear(&in->part);
	return lam_queue_put(q, f->next++, e);
}

static int
stdin_fill(struct lam_feed *f, struct lam_queue *q, struct lam_error *e)
{
	struct input *in = f->own;
	size_t from = q->text.n;
	ssize_t n;

	if (f->ended)
		return LAM_OK;
	lam_buf_put(&q->text, in->part.p, in->part.n);
	if (!lam_buf_room(&q->text, PIECE))
		return lam_fail_mem(e);
	do
		n = read(STDIN_FILENO, q->text.p + q->text.n, PIECE);
	while (n < 0 && errno == EINTR);
	if (n <= 0) { /* the part stays where it is */
		q->text.n = from;
		if (n < 0 && errno == EAGAIN)
			return LAM_OK;
		return n < 0 ? lam_fail_sys(e, "standard input") :
			end_input(f, q, e);
	}
	lam_buf_clear(&in->part);
	q->text.n += (size_t)n;
	f->more = in->file;
	return cut_lines(f, q, from, e);
}

static void
stdin_close(struct lam_feed *f)
{
	struct input *in = f->own;

	lam_buf_release(&in->part);
	free(in);
}

const struct lam_feed_kind lam_feed_stdin = { .on = LAM_ON_STDIN,
	.open = stdin_open, .fill = stdin_fill, .close = stdin_close };
