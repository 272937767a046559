/*
 * buf.c - growable bytes
 *
 * Capacity doubles, so appending N bytes costs O(N) in all.  Once an
 * allocation has failed lam_buf_check says so until lam_buf_clear: the
 * content may have a hole.  Invariant: n <= cap.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"

#define FIRST_CAP 64

void
lam_buf_release(struct lam_buf *b)
{
	free(b->p);
	*b = (struct lam_buf)LAM_BUF_INIT;
}

bool
lam_buf_room(struct lam_buf *b, size_t n)
{
	size_t cap = b->cap;
	char *p;

	if (b->oom)
		return false;
	if (n <= b->cap - b->n)
		return true;
	if (n > SIZE_MAX / 4 || b->n > SIZE_MAX / 4) {
		b->oom = true;
		return false;
	}
	if (cap == 0)
		cap = FIRST_CAP;
	while (cap - b->n < n)
		cap *= 2;
	p = realloc(b->p, cap);
	if (p == NULL) {
		b->oom = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void
lam_buf_printf(struct lam_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		b->oom = true;
	if (n <= 0 || !lam_buf_room(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void
lam_buf_put_u32(struct lam_buf *b, uint32_t v)
{
	char p[4];

	lam_put32(p, v);
	lam_buf_put(b, p, sizeof p);
}

void
lam_buf_put_u64(struct lam_buf *b, uint64_t v)
{
	char p[8];

	lam_put64(p, v);
	lam_buf_put(b, p, sizeof p);
}

const char *
lam_buf_str(struct lam_buf *b)
{
	if (b->oom || !lam_buf_room(b, 1))
		return "";
	b->p[b->n] = '\0';
	return b->p;
}

int
lam_buf_check(const struct lam_buf *b, struct lam_error *e)
{
	return b->oom ? lam_fail_mem(e) : LAM_OK;
}
