/*
 * visible.h - text for people, in which nothing can control a terminal
 */
#ifndef LAM_OUTPUT_VISIBLE_H
#define LAM_OUTPUT_VISIBLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Append S with control characters and invalid UTF-8 spelled as \xNN. */
void lam_put_visible(struct lam_buf *b, struct lam_str s);

/* The same of a value: NULL is nothing and the empty text is "", as in CSV. */
void lam_put_value(struct lam_buf *b, struct lam_str s);

/*
 * The UTF-8 sequence at P (N > 0 bytes left): its length and code point, or 0
 * when it is not well-formed (RFC 3629).
 */
unsigned lam_utf8_next(const char *p, size_t n, uint32_t *code);

/* Terminal columns of text made by lam_put_visible. */
size_t lam_display_width(const char *p, size_t n);
/* The bytes of it that fit into WIDTH columns; a mark stays with its letter. */
size_t lam_display_cut(const char *p, size_t n, size_t width);

#endif
