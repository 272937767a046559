/*
 * file_text.c - the text of a file, inflated, beside other text
 */
#include "follow/file_internal.h"

#include <stdlib.h>
#include <string.h>

static int
open_text_of(const struct lam_file *f, struct lam_byte_source **out,
	struct lam_error *e)
{
	int fd, rc = lam_file_reopen(f, &fd, e);

	return rc ? rc : lam_byte_source_file(out, fd, f->path, e);
}

bool
lam_file_is_whole(const struct lam_file *f)
{
	struct lam_prefix p = LAM_PREFIX_INIT; /* counts */
	struct lam_byte_source *s = NULL;
	bool more, is = !open_text_of(f, &s, NULL) &&
		!lam_file_inflate(s, UINT64_MAX, &p, &more, NULL);

	lam_byte_source_close(s);
	return is;
}

bool
lam_file_is_all(const struct lam_file *f, uint64_t n)
{
	struct lam_prefix p = LAM_PREFIX_INIT;
	struct lam_byte_source *s = NULL;
	bool more = true, is;

	is = !open_text_of(f, &s, NULL) &&
		!lam_file_inflate(s, n + 1, &p, &more, NULL) && !more && p.at == n;
	lam_byte_source_close(s);
	return is;
}

/* What S has, at most N bytes into B.  False: it cannot be read. */
static bool
read_text(struct lam_byte_source *s, char *b, size_t n, size_t *got)
{
	enum lam_got how = LAM_GOT_BYTES;
	int rc = 0;

	for (*got = 0; !rc && *got < n && how == LAM_GOT_BYTES;) {
		size_t some = 0;

		rc = lam_byte_source_read(s, b + *got, n - *got, -1, NULL, &some,
			&how, NULL);
		*got += some;
	}
	return !rc;
}

/* P gets S up to STEP.  Is it the same there?  *END: it ends before. */
static bool
is_at(struct lam_byte_source *s, const struct lam_step *step, struct lam_prefix *p,
	bool *end)
{
	bool all = true;

	if (step->at <= p->at)
		return true;
	if (lam_file_inflate(s, step->at - p->at, p, &all, NULL))
		return false;
	*end = !all;
	return *end || lam_prefix_mark(p).digest == step->digest;
}

/* Is S, from P on, the same at each of STEP[N] that it reaches, and does it end before
 * TO?  Then P is at its end. */
static bool
ends_within(struct lam_byte_source *s, const struct lam_step *step, size_t n,
	uint64_t to, struct lam_prefix *p)
{
	bool end = false, all = true;

	for (size_t i = 0; i < n && !end; i++)
		if (!is_at(s, &step[i], p, &end))
			return false;
	return end || (!lam_file_inflate(s, to - p->at, p, &all, NULL) && !all);
}

/* The same for S from its start: its first bytes are compared with W's text. */
static bool
is_part(struct lam_byte_source *s, const struct lam_whole *w, struct lam_prefix *p)
{
	const struct lam_step head = { LAM_PREFIX_HEAD, w->mark->head };
	size_t n = w->mark->at < w->text.n ? (size_t)w->mark->at : w->text.n, got;
	char b[LAM_PREFIX_HEAD];
	bool end = false;

	if (n && (!read_text(s, b, n, &got) || memcmp(b, w->text.p, got)))
		return false;
	if (n)
		lam_prefix_add(p, b, got);
	if (n && got < n)
		return got > 0;
	if (w->mark->at <= LAM_PREFIX_HEAD)
		return false;
	if (!is_at(s, &head, p, &end) || end)
		return false;
	return ends_within(s, w->step, w->nsteps, w->mark->at, p);
}

bool
lam_file_is_part(const struct lam_file *f, const struct lam_whole *w,
	struct lam_mark *end)
{
	struct lam_prefix p = LAM_PREFIX_INIT;
	struct lam_byte_source *s = NULL;
	bool is = !open_text_of(f, &s, NULL) && !lam_prefix_start(&p, NULL) &&
		is_part(s, w, &p);

	if (is)
		*end = lam_prefix_mark(&p);
	lam_byte_source_close(s);
	lam_prefix_release(&p);
	return is;
}

struct text { /* that is compared */
	struct lam_byte_source *source;
	char *p;
	size_t at, n;
	bool over, torn;
};

static int
open_text(const struct lam_file *f, struct text *t, struct lam_error *e)
{
	t->p = malloc(LAM_FILE_READ);
	return t->p ? open_text_of(f, &t->source, e) : lam_fail_mem(e);
}

static void
close_text(struct text *t)
{
	lam_byte_source_close(t->source);
	free(t->p);
}

/* What comes next of T, if it has been compared so far. */
static void
fill(struct text *t)
{
	enum lam_got how = LAM_GOT_END;

	if (t->at < t->n || t->over)
		return;
	t->at = t->n = 0;
	t->torn = lam_byte_source_read(t->source, t->p, LAM_FILE_READ, -1, NULL, &t->n,
		&how, NULL) != LAM_OK;
	t->over = t->torn || how != LAM_GOT_BYTES;
}

int
lam_file_compare(const struct lam_file *a, const struct lam_file *b,
	struct lam_likeness *l, struct lam_error *e)
{
	struct text x = { 0 }, y = { 0 };
	int rc = open_text(a, &x, e);

	*l = (struct lam_likeness){ 0 };
	if (!rc)
		rc = open_text(b, &y, e);
	while (!rc && !l->other) {
		size_t n;

		fill(&x);
		fill(&y);
		n = x.n - x.at < y.n - y.at ? x.n - x.at : y.n - y.at;
		if (!n)
			break;
		l->other = memcmp(x.p + x.at, y.p + y.at, n) != 0;
		l->n += l->other ? 0 : n;
		x.at += n;
		y.at += n;
	}
	l->more = !l->other && x.at < x.n;
	l->torn = x.torn;
	close_text(&x);
	close_text(&y);
	return rc;
}
