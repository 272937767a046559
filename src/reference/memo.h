/*
 * memo.h - what was computed of a text, kept for the next time
 *
 * A bounded table of texts and values, both bytes, that threads share.  Where its part
 * of the table is full what it holds is forgotten: texts that are frequent are soon
 * there again.
 */
#ifndef LAM_REFERENCE_MEMO_H
#define LAM_REFERENCE_MEMO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

struct lam_memo;

/* Of about BYTES at most, made as they are needed; NULL: no memory. */
struct lam_memo *lam_memo_new(size_t bytes);
void lam_memo_free(struct lam_memo *m);

/* The value of KEY, appended to VALUE; false: it is not there. */
bool lam_memo_get(struct lam_memo *m, struct lam_str key, struct lam_buf *value);

/* From now on KEY has VALUE, where there is room for them. */
void lam_memo_put(struct lam_memo *m, struct lam_str key, struct lam_str value);

#endif
