/*
 * text_merge.c - partial streams into one: combiner and reducer of any engine
 *
 * Two passes.  The first reads every stream to its end, so that everything is
 * verified before a byte is written, and notes where each section's records
 * lie.  The second merges the sections of one view at a time, k ways, with a
 * small buffer for each: memory does not grow with the data.  Input that
 * cannot be read twice (a pipe) is copied to an unnamed temporary file.
 *
 * A line whose key occurs in one section only is copied as it is; the states
 * of equal keys are merged by the engine, in no particular order, since
 * merging is commutative and associative.
 *
 * Sections of one view must be of one spec and one stream.  Those of a stream
 * must be next to each other, without gap and overlap; those of ad hoc input
 * just add up.
 */
#include "partial/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/escape.h"
#include "base/io.h"
#include "partial/fold.h"

#define PART_BYTES (64u << 10)

struct part { /* a section found in the first pass */
	struct lam_section s;
	char *where;	   /* for messages */
	int fd;
	uint64_t at, end;  /* its record lines, in the file */
	/* second pass */
	struct lam_buf buf;
	size_t used;	   /* bytes of buf behind us */
	struct lam_str line; /* current, "KEY TAB STATE"; p NULL: none left */
	size_t nview;
};

struct merge {
	struct lam_arena arena;
	struct part **part;
	size_t n, cap;
	int *fd;
	size_t nfds;
	struct lam_error *e;
};

/* ------------------------------------------------------------ first pass */

/* FD's rest to an unnamed file in TMPDIR. */
static int
spool(int fd, const char *tmpdir, int *out, struct lam_error *e)
{
	char *buf = malloc(PART_BYTES);
	size_t got;
	int rc;

	*out = -1;
	rc = buf ? lam_io_unnamed(out, tmpdir, e) : lam_fail_mem(e);
	while (!rc) {
		rc = lam_io_read(fd, buf, PART_BYTES, &got, "standard input",
			e);
		if (rc || got == 0)
			break;
		rc = lam_io_write(*out, buf, got, tmpdir, e);
	}
	if (!rc && lseek(*out, 0, SEEK_SET) < 0)
		rc = lam_fail_sys(e, "%s: temporary file", tmpdir);
	if (rc && *out >= 0) {
		close(*out);
		*out = -1;
	}
	free(buf);
	return rc;
}

/* PATH as something that can be read twice, from its offset 0. */
static int
open_input(const char *path, const char *tmpdir, int *fd,
	struct lam_error *e)
{
	struct stat st;
	int in, rc;

	in = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) :
		fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	*fd = in;
	if (in < 0)
		return lam_fail_sys(e, "%s", path);
	if (fstat(in, &st) < 0) {
		rc = lam_fail_sys(e, "%s", path);
		close(in);
		*fd = -1;
		return rc;
	}
	if (S_ISREG(st.st_mode) && lseek(in, 0, SEEK_CUR) == 0)
		return LAM_OK;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		rc = lam_fail_sys(e, "%s", path);
	} else {
		rc = spool(in, tmpdir, fd, e);
	}
	close(in);
	if (rc)
		*fd = -1;
	return rc;
}

static struct part *
add_part(struct merge *m)
{
	struct part *p;

	if (!lam_array_room(&m->part, &m->cap, m->n + 1, sizeof *m->part))
		return NULL;
	p = LAM_ARENA_NEW(&m->arena, struct part, 1);
	if (p)
		m->part[m->n++] = p;
	return p;
}

/* All sections of one input. */
static int
survey(struct merge *m, const char *path, int fd)
{
	struct lam_partial_reader *r = NULL;
	const char *name = strcmp(path, "-") ? path : "standard input";
	struct lam_section s;
	bool got = true;
	int rc;

	rc = lam_partial_reader_fd(&r, fd, name, m->e);
	while (!rc) {
		struct lam_str line;
		struct part *p;

		rc = lam_partial_next(r, &m->arena, &s, &got, m->e);
		if (rc || !got)
			break;
		p = add_part(m);
		if (!p) {
			rc = lam_fail_mem(m->e);
			break;
		}
		p->s = s;
		p->fd = fd;
		p->nview = strlen(s.view) + 1;
		p->at = p->end = lam_partial_offset(r);
		p->where = lam_arena_dup(&m->arena, lam_partial_where(r),
			strlen(lam_partial_where(r)));
		if (!p->where)
			rc = lam_fail_mem(m->e);
		while (!rc && got) {
			p->end = lam_partial_offset(r);
			rc = lam_partial_read(r, &line, &got, m->e);
		}
	}
	lam_partial_reader_free(r);
	return rc;
}

static int
by_view_range(const void *a, const void *b)
{
	const struct part *const *x = a, *const *y = b;

	return lam_section_order(&(*x)->s, &(*y)->s);
}

/* The header of parts [FROM, TO) of one view together. */
static int
join(struct merge *m, size_t from, size_t to, struct lam_section *s)
{
	struct part *const *p = m->part + from;
	int rc = lam_section_first(s, &p[0]->s, &m->arena, m->e);

	for (size_t i = 1; !rc && from + i < to; i++)
		rc = lam_section_join(s, p[i - 1]->where, &p[i]->s,
			p[i]->where, m->e);
	return rc;
}

/* ----------------------------------------------------------- second pass */

/* The next line of P; it was verified, so only its place matters. */
static int
advance(struct part *p, struct lam_error *e)
{
	int rc;

	for (;;) {
		char *at = p->buf.p ? p->buf.p + p->used : NULL;
		size_t n = p->buf.n - p->used, want;
		char *lf = n ? memchr(at, '\n', n) : NULL;

		if (lf) {
			size_t len = (size_t)(lf - at);

			p->used += len + 1;
			if (len < p->nview)
				break;
			p->line = (struct lam_str){ at + p->nview,
				len - p->nview };
			return LAM_OK;
		}
		if (p->at == p->end && n == 0) {
			p->line = (struct lam_str){ NULL, 0 };
			return LAM_OK;
		}
		if (p->used) {
			memmove(p->buf.p, at, n);
			p->buf.n = n;
			p->used = 0;
		}
		want = p->end - p->at < PART_BYTES ?
			(size_t)(p->end - p->at) : PART_BYTES;
		if (want == 0)
			break;
		if (!lam_buf_room(&p->buf, want))
			return lam_fail_mem(e);
		rc = lam_io_pread(p->fd, p->buf.p + p->buf.n, want, p->at,
			p->where, e);
		if (rc)
			return rc;
		p->buf.n += want;
		p->at += want;
	}
	return lam_fail(e, LAM_DATA, "%s: changed while it was read",
		p->where);
}

static bool
before(const struct part *a, const struct part *b)
{
	return lam_partial_order(a->line, b->line) < 0;
}

/* Restore the heap below I. */
static void
sift(struct part **heap, size_t n, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t c = 2 * i + 1; c <= 2 * i + 2; c++)
			if (c < n && before(heap[c], heap[least]))
				least = c;
		if (least == i)
			return;
		struct part *t = heap[i];

		heap[i] = heap[least];
		heap[least] = t;
		i = least;
	}
}

/* Move the first of the heap on. */
static int
step(struct part **heap, size_t *n, struct lam_error *e)
{
	int rc = advance(heap[0], e);

	if (!rc && !heap[0]->line.p)
		heap[0] = heap[--*n];
	if (!rc)
		sift(heap, *n, 0);
	return rc;
}

static int
write_fold(struct lam_partial_writer *w, struct lam_fold *f,
	struct lam_error *e)
{
	struct lam_str line;
	int rc = lam_fold_end(f, &line, e);

	return rc ? rc : lam_partial_line(w, line, e);
}

/* The first line of the heap into F. */
static int
take(struct lam_partial_writer *w, struct lam_fold *f,
	const struct lam_query *q, struct lam_str line, bool first,
	struct lam_error *e)
{
	struct lam_str key = lam_partial_key(line);
	struct lam_str state = { line.p + key.n, line.n - key.n };
	int rc = LAM_OK;

	if (!first && lam_fold_has(f, key))
		return lam_fold_add(f, state, e);
	if (!first)
		rc = write_fold(w, f, e);
	return rc ? rc : lam_fold_begin(f, q, key, state, e);
}

static int
merge_lines(struct merge *m, struct lam_partial_writer *w,
	const struct lam_query *q, struct part **heap, size_t n)
{
	struct lam_fold f = LAM_FOLD_INIT;
	bool first = true;
	size_t left = 0;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < n; i++) {
		rc = advance(heap[i], m->e);
		if (!rc && heap[i]->line.p)
			heap[left++] = heap[i];
	}
	for (size_t i = left; i-- > 0; )
		sift(heap, left, i);
	for (; !rc && left; first = false) {
		rc = take(w, &f, q, heap[0]->line, first, m->e);
		if (!rc)
			rc = step(heap, &left, m->e);
	}
	if (!rc && !first)
		rc = write_fold(w, &f, m->e);
	lam_fold_release(&f);
	return rc;
}

static int
merge_view(struct merge *m, struct lam_partial_writer *w, size_t from,
	size_t to)
{
	struct lam_section s;
	struct part **heap = malloc((to - from) * sizeof(*heap));
	int rc;

	if (!heap)
		return lam_fail_mem(m->e);
	memcpy(heap, m->part + from, (to - from) * sizeof(*heap));
	rc = join(m, from, to, &s);
	if (!rc)
		rc = lam_partial_begin(w, &s, m->e);
	if (!rc)
		rc = merge_lines(m, w, s.query, heap, to - from);
	if (!rc)
		rc = lam_partial_end(w, m->e);
	for (size_t i = from; i < to; i++)
		lam_buf_release(&m->part[i]->buf);
	free(heap);
	return rc;
}

int
lam_partial_merge(struct lam_partial_writer *w, const char *const *path,
	size_t n, const char *tmpdir, struct lam_error *e)
{
	static const char *const input[] = { "-" };
	struct merge m = { .arena = LAM_ARENA_INIT, .e = e };
	struct lam_section s;
	size_t to;
	int rc = LAM_OK;

	if (n == 0) {
		path = input;
		n = 1;
	}
	m.fd = calloc(n, sizeof *m.fd);
	if (!m.fd)
		return lam_fail_mem(e);
	for (; !rc && m.nfds < n; m.nfds++) {
		rc = open_input(path[m.nfds], tmpdir, &m.fd[m.nfds], e);
		if (!rc)
			rc = survey(&m, path[m.nfds], m.fd[m.nfds]);
	}
	if (m.n)
		qsort(m.part, m.n, sizeof(*m.part), by_view_range);
	/* All headers first: nothing is written when one does not fit. */
	for (int pass = 0; !rc && pass < 2; pass++)
		for (size_t from = 0; !rc && from < m.n; from = to) {
			for (to = from + 1; to < m.n &&
				!strcmp(m.part[to]->s.view,
					m.part[from]->s.view); to++)
				;
			rc = pass ? merge_view(&m, w, from, to) :
				join(&m, from, to, &s);
		}
	for (size_t i = 0; i < m.nfds; i++)
		if (m.fd[i] >= 0)
			close(m.fd[i]);
	free(m.fd);
	free(m.part);
	lam_arena_release(&m.arena);
	return rc;
}
