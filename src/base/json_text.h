/*
 * json_text.h - writing JSON (RFC 8259): strings
 */
#ifndef LAM_BASE_JSON_TEXT_H
#define LAM_BASE_JSON_TEXT_H

#include "base/buf.h"
#include "base/bytes.h"

/* S in quotes.  A byte that is no UTF-8 becomes U+FFFD. */
void lam_json_put_string(struct lam_buf *b, struct lam_str s);

#endif
