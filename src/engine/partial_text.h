/*
 * partial_text.h - KEY and STATE records of partial lines (see engine.h)
 */
#ifndef LAM_ENGINE_PARTIAL_TEXT_H
#define LAM_ENGINE_PARTIAL_TEXT_H

#include "engine/value.h"

/* One field: escaped, quoted when it must be.  S.p NULL: nothing. */
void lam_field_print(struct lam_str s, struct lam_buf *out);

/* lam_field_print into OUT, which has lam_field_room(s) bytes; the length. */
size_t lam_field_write(struct lam_str s, char *out);
static inline size_t
lam_field_room(struct lam_str s)
{
	return 2 * s.n + 2; /* every byte doubled, two quotes */
}

#endif
