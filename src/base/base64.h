/*
 * base64.h - bytes as text (RFC 4648, section 4), padded
 */
#ifndef LAM_BASE_BASE64_H
#define LAM_BASE_BASE64_H

#include "base/buf.h"
#include "base/bytes.h"

void lam_base64_put(struct lam_buf *b, struct lam_str s);

/* False: S is no such text; B then has a part of it. */
bool lam_base64_read(struct lam_buf *b, struct lam_str s);

#endif
