/*
 * redraw.c - --watch: the same output again and again, drawn in place
 *
 * A line that was there before, wherever it stood, has not changed.  In another one the
 * words stand out that differ from those of the line that it takes the place of.
 */
#include "cli/redraw.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "cli/terminal.h"
#include "time/time.h"

#define HOME "\033[H"
#define END_OF_LINE "\033[K\n"
#define BELOW "\033[J"
#define MARK "\033[7m"
#define PLAIN "\033[27m"

int
lam_redraw_open(struct lam_redraw *r, struct lam_error *e)
{
	r->fd = memfd_create("watch", MFD_CLOEXEC);
	return r->fd < 0 ? lam_fail_sys(e, "--watch: no memory for a screen") :
		LAM_OK;
}

void
lam_redraw_close(struct lam_redraw *r)
{
	if (r->fd >= 0)
		close(r->fd);
	lam_buf_release(&r->before);
	lam_buf_release(&r->now);
	lam_buf_release(&r->out);
}

/* Cut the next line off *REST, without its newline; false: there is none. */
static bool
next_line(struct lam_str *rest, struct lam_str *line)
{
	const char *end;

	if (!rest->n)
		return false;
	end = memchr(rest->p, '\n', rest->n);
	line->p = rest->p;
	line->n = end ? (size_t)(end - rest->p) : rest->n;
	rest->p += line->n + !!end;
	rest->n -= line->n + !!end;
	return true;
}

/* The same for a word, and in front of it *GAP blanks. */
static bool
next_word(struct lam_str *rest, struct lam_str *word, size_t *gap)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] == ' ')
		n++;
	*gap = n;
	*word = (struct lam_str){ rest->p + n, 0 };
	while (n < rest->n && rest->p[n] != ' ')
		n++, word->n++;
	rest->p += n;
	rest->n -= n;
	return word->n > 0;
}

static bool
same(struct lam_str a, struct lam_str b)
{
	return a.n == b.n && !memcmp(a.p, b.p, a.n);
}

static bool
was_there(struct lam_str line, const struct lam_buf *before)
{
	struct lam_str rest = { before->p, before->n }, old;

	while (next_line(&rest, &old))
		if (same(line, old))
			return true;
	return false;
}

static void
put_changed(struct lam_buf *b, struct lam_str line, struct lam_str old)
{
	struct lam_str word, was;
	size_t gap, ignored;

	while (next_word(&line, &word, &gap)) {
		bool differs = !next_word(&old, &was, &ignored) ||
			!same(word, was);

		lam_buf_put(b, word.p - gap, gap);
		if (differs)
			lam_buf_puts(b, MARK);
		lam_buf_put(b, word.p, word.n);
		if (differs)
			lam_buf_puts(b, PLAIN);
	}
}

static void
draw(struct lam_redraw *r, const char *title, unsigned lines)
{
	struct lam_str now = { r->now.p, r->now.n }, line, old;
	struct lam_str before = { r->before.p, r->before.n };
	size_t more = 0;

	lam_buf_puts(&r->out, HOME);
	lam_buf_puts(&r->out, title);
	lam_buf_puts(&r->out, END_OF_LINE);
	for (unsigned at = 1; next_line(&now, &line); at++) {
		if (!next_line(&before, &old))
			old = (struct lam_str){ "", 0 };
		if (at + 2 >= lines) { /* the last two: a count, the cursor */
			more++;
			continue;
		}
		if (!r->shown || was_there(line, &r->before))
			lam_buf_put(&r->out, line.p, line.n);
		else
			put_changed(&r->out, line, old);
		lam_buf_puts(&r->out, END_OF_LINE);
	}
	if (more)
		lam_buf_printf(&r->out, "(%zu more lines)" END_OF_LINE, more);
	lam_buf_puts(&r->out, BELOW);
}

/* What FD has becomes NOW; FD is empty then. */
static int
take(struct lam_redraw *r, struct lam_error *e)
{
	char piece[16384];
	ssize_t n = 0;

	if (lseek(r->fd, 0, SEEK_SET) < 0)
		return lam_fail_sys(e, "--watch");
	lam_buf_clear(&r->now);
	while ((n = read(r->fd, piece, sizeof piece)) > 0)
		lam_buf_put(&r->now, piece, (size_t)n);
	if (n < 0 || ftruncate(r->fd, 0) || lseek(r->fd, 0, SEEK_SET) < 0)
		return lam_fail_sys(e, "--watch");
	return lam_buf_check(&r->now, e);
}

int
lam_redraw_show(struct lam_redraw *r, const char *what, int64_t ns,
	struct lam_error *e)
{
	char title[300], when[LAM_TIME_TEXT];
	unsigned columns, lines;
	struct lam_buf last;
	int rc = take(r, e);

	when[lam_time_print(lam_clock_wall() / LAM_NS * LAM_NS, when)] = '\0';
	snprintf(title, sizeof title, "%s  %.200s", when, what);
	lam_buf_clear(&r->out);
	if (lam_terminal_draws() &&
		lam_terminal_size(STDOUT_FILENO, &columns, &lines)) {
		draw(r, title, lines > 4 ? lines : 25);
	} else {
		lam_buf_puts(&r->out, r->shown && r->now.n ? "\n" : "");
		lam_buf_put(&r->out, r->now.p, r->now.n);
	}
	if (!rc)
		rc = lam_buf_check(&r->out, e);
	if (!rc)
		rc = lam_io_write(STDOUT_FILENO, r->out.p, r->out.n,
			"standard output", e);
	last = r->before;
	r->before = r->now;
	r->now = last;
	r->shown++;
	if (!rc)
		nanosleep(&(struct timespec){ ns / LAM_NS, ns % LAM_NS }, NULL);
	return rc;
}
