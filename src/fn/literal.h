/*
 * literal.h - the text that every match of a regular expression begins with
 *
 * Every match of '^/api/v[12]/' begins with "/api/v", so the matcher need not see
 * a text that does not: the first 8 bytes decide for most texts of a log.
 */
#ifndef LAM_FN_LITERAL_H
#define LAM_FN_LITERAL_H

#include <stdbool.h>

#include "base/bytes.h"

struct lam_literal {
	struct lam_str text;  /* in the pattern; empty: nothing is known */
	uint64_t first, mask; /* its first 8 bytes, and which of them count */
};

/*
 * The beginning of PATTERN, which has no options: the letters, digits and plain
 * marks behind ^ that no quantifier makes optional; nothing if there is an
 * alternative anywhere.
 */
struct lam_literal lam_literal_of(struct lam_str pattern);

/* Could the whole of V match? */
static inline bool
lam_literal_begins(const struct lam_literal *l, struct lam_str v)
{
	if (l->text.n == 0)
		return true;
	if (v.n >= 8 && (lam_get64(v.p) & l->mask) != l->first)
		return false;
	if (v.n >= 8 && l->text.n <= 8)
		return true;
	return v.n >= l->text.n &&
		memcmp(v.p, l->text.p, l->text.n) == 0;
}

#endif
