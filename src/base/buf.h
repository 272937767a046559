/*
 * buf.h - growable bytes
 *
 * Appends return nothing; a failed allocation sets a sticky OOM flag that is
 * checked once, with lam_buf_check, before the bytes are used.
 */
#ifndef LAM_BASE_BUF_H
#define LAM_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

struct lam_buf {
	char *p;
	size_t n, cap;
	bool oom;
};

#define LAM_BUF_INIT { NULL, 0, 0, false }

void lam_buf_release(struct lam_buf *b);

/* Make room for N more bytes; false when memory is out. */
bool lam_buf_room(struct lam_buf *b, size_t n);

void lam_buf_printf(struct lam_buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Little-endian integers. */
void lam_buf_put_u32(struct lam_buf *b, uint32_t v);
void lam_buf_put_u64(struct lam_buf *b, uint64_t v);

/* NUL-terminate (not counted in n) and return p; "" when empty or oom. */
const char *lam_buf_str(struct lam_buf *b);

/* LAM_OK, or LAM_SYSTEM when an append ran out of memory. */
int lam_buf_check(const struct lam_buf *b, struct lam_error *e) LAM_MUST;

static inline void
lam_buf_put(struct lam_buf *b, const void *p, size_t n)
{
	if (n == 0 || (n > b->cap - b->n && !lam_buf_room(b, n)))
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static inline void
lam_buf_putc(struct lam_buf *b, char c)
{
	if (b->n < b->cap || lam_buf_room(b, 1))
		b->p[b->n++] = c;
}

static inline void
lam_buf_puts(struct lam_buf *b, const char *s)
{
	lam_buf_put(b, s, strlen(s));
}

static inline void
lam_buf_clear(struct lam_buf *b)
{
	b->n = 0;
	b->oom = false;
}

#endif
