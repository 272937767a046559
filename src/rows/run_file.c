/*
 * run_file.c - sorted runs in a temporary file
 *
 *	offset	size	record
 *	0	4	k, length of the key, little-endian
 *	4	8	v, length of the value
 *	12	k	key
 *	12 + k	v	value
 *
 * All runs of one writer follow each other in one file, so a descriptor is
 * needed per writer, not per run.  It has no name.
 */
#include "rows/run_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "base/hot.h"
#include "base/io.h"

#define HEAD 12
#define WRITE_AT ((size_t)256 << 10)

void
lam_run_file_release(struct lam_run_file *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	free(s->run);
	s->run = NULL;
	s->nruns = s->cap = 0;
	s->end = 0;
	lam_buf_release(&s->buf);
}

int
lam_run_file_begin(struct lam_run_file *s, const char *dir, struct lam_error *e)
{
	int rc;

	s->dir = dir && *dir ? dir : "/tmp";
	if (s->fd < 0) {
		rc = lam_io_unnamed(&s->fd, s->dir, e);
		if (rc)
			return rc;
	}
	if (!lam_array_room(&s->run, &s->cap, s->nruns + 1, sizeof *s->run))
		return lam_fail_mem(e);
	s->run[s->nruns] = (struct lam_run){ s->end, 0 };
	return LAM_OK;
}

static int
flush(struct lam_run_file *s, struct lam_error *e)
{
	int rc = lam_buf_check(&s->buf, e);

	if (!rc)
		rc = lam_io_pwrite(s->fd, s->buf.p, s->buf.n, s->end, s->dir,
			e);
	s->end += s->buf.n;
	lam_buf_clear(&s->buf);
	return rc;
}

int
lam_run_file_put(struct lam_run_file *s, struct lam_str key,
	struct lam_str value, struct lam_error *e)
{
	if (key.n > UINT32_MAX)
		return lam_fail(e, LAM_SYSTEM,
			"group by: a key has more than 4 GiB");
	lam_buf_put_u32(&s->buf, (uint32_t)key.n);
	lam_buf_put_u64(&s->buf, value.n);
	lam_buf_put(&s->buf, key.p, key.n);
	lam_buf_put(&s->buf, value.p, value.n);
	return s->buf.n < WRITE_AT && !s->buf.oom ? LAM_OK : flush(s, e);
}

int
lam_run_file_end(struct lam_run_file *s, struct lam_error *e)
{
	struct lam_run *r = &s->run[s->nruns];
	int rc = s->buf.n ? flush(s, e) : LAM_OK;

	r->size = s->end - r->at;
	s->nruns += r->size > 0;
	lam_buf_release(&s->buf);
	s->buf = (struct lam_buf)LAM_BUF_INIT;
	return rc;
}

int
lam_run_open(struct lam_run_reader *r, const struct lam_run_file *s, size_t run,
	size_t buffer, struct lam_error *e)
{
	*r = (struct lam_run_reader){ .spill = s, .at = s->run[run].at };
	r->end = r->at + s->run[run].size;
	r->cap = buffer < 4096 ? 4096 : buffer;
	r->buf = malloc(r->cap);
	return r->buf ? lam_run_next(r, e) : lam_fail_mem(e);
}

void
lam_run_close(struct lam_run_reader *r)
{
	free(r->buf);
	r->buf = NULL;
}

/* At least NEED unread bytes in the buffer. */
static int
fill(struct lam_run_reader *r, uint64_t need, struct lam_error *e)
{
	size_t have = r->to - r->from, more;
	char *buf;
	int rc;

	if (have >= need)
		return LAM_OK;
	if (need > have + (r->end - r->at))
		return lam_fail(e, LAM_DATA, "%s: a temporary file is damaged",
			r->spill->dir);
	if (have)
		memmove(r->buf, r->buf + r->from, have);
	if (need > r->cap) {
		buf = realloc(r->buf, need);
		if (!buf)
			return lam_fail_mem(e);
		r->buf = buf;
		r->cap = need;
	}
	more = r->cap - have;
	if (more > r->end - r->at)
		more = (size_t)(r->end - r->at);
	rc = lam_io_pread(r->spill->fd, r->buf + have, more, r->at,
		r->spill->dir, e);
	r->at += more;
	r->from = 0;
	r->to = have + more;
	return rc;
}

/* The first 8 bytes of S as a number, zeros behind its end. */
static uint64_t
head_of(struct lam_str s)
{
	uint64_t head = 0;

	if (s.n >= 8)
		return __builtin_bswap64(lam_get64(s.p));
	for (size_t i = 0; i < 8; i++)
		head = head << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
	return head;
}

int
lam_run_next(struct lam_run_reader *r, struct lam_error *e)
{
	uint64_t k, v;
	int rc;

	if (r->from == r->to && r->at == r->end) {
		r->done = true;
		return LAM_OK;
	}
	rc = fill(r, HEAD, e);
	if (rc)
		return rc;
	k = lam_get32(r->buf + r->from);
	v = lam_get64(r->buf + r->from + 4);
	if (v > r->end)
		return lam_fail(e, LAM_DATA, "%s: a temporary file is damaged",
			r->spill->dir);
	rc = fill(r, HEAD + k + v, e);
	if (rc)
		return rc;
	r->key = (struct lam_str){ r->buf + r->from + HEAD, k };
	r->head = head_of(r->key);
	r->value = (struct lam_str){ r->key.p + k, v };
	r->from += HEAD + k + v;
	return LAM_OK;
}

/* Of two readers with one head, does A's record come before that of B? */
static bool
before(const struct lam_run_reader *a, const struct lam_run_reader *b)
{
	return !a->done && (b->done || lam_str_cmp(a->key, b->key) < 0);
}

/* X, a reader of T, goes up as long as it wins. */
static void
play(struct lam_run_tree *t, struct lam_run_reader *x)
{
	uint64_t head = x->head;

	for (size_t i = (x->leaf + t->leaves) / 2; i > 0; i /= 2) {
		struct lam_run_reader *y = t->r[i];
		uint64_t other = y->head;
		bool lost = other < head;

		if (LAM_UNLIKELY(other == head))
			lost = before(y, x);
		/* no branches, which nobody could predict */
		t->r[i] = lost ? x : y;
		head = lost ? other : head;
		x = lost ? y : x;
	}
	t->r[0] = x;
}

/* The winner of the leaves below node I. */
static struct lam_run_reader *
begin(struct lam_run_tree *t, struct lam_run_reader *reader, size_t i)
{
	struct lam_run_reader *a, *b;
	bool lost;

	if (i >= t->leaves)
		return &reader[i - t->leaves];
	a = begin(t, reader, 2 * i);
	b = begin(t, reader, 2 * i + 1);
	lost = b->head != a->head ? b->head < a->head : before(b, a);
	t->r[i] = lost ? a : b;
	return lost ? b : a;
}

/* R has no more records, and is behind all that have. */
static void
end(struct lam_run_reader *r)
{
	r->head = UINT64_MAX;
}

void
lam_run_tree_make(struct lam_run_tree *t, struct lam_run_reader *reader,
	size_t n)
{
	t->n = 0;
	t->leaves = n;
	for (size_t i = 0; i < n; i++) {
		reader[i].leaf = i;
		t->n += !reader[i].done;
		if (reader[i].done)
			end(&reader[i]);
	}
	if (n)
		t->r[0] = begin(t, reader, 1);
}

int
lam_run_tree_next(struct lam_run_tree *t, struct lam_error *e)
{
	struct lam_run_reader *x = t->r[0];
	int rc = lam_run_next(x, e);

	if (rc)
		return rc;
	if (x->done) {
		end(x);
		t->n--;
	}
	play(t, x);
	return LAM_OK;
}
