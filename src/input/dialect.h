/*
 * dialect.h - the bytes by which delimited text is divided
 *
 * As the user writes them: one byte, or "tab", "\\t", "space"; "none" where there is to
 * be no such byte.
 */
#ifndef LAM_INPUT_DIALECT_H
#define LAM_INPUT_DIALECT_H

#include <stdbool.h>

#include "base/err.h"

/* NULL: as the format has it. */
struct lam_dialect {
	const char *delimiter; /* between fields */
	const char *quote;     /* around a field that holds such bytes */
	const char *escape;    /* before one of them */
	const char *comment;   /* at the start of a line that is no record */
};

static inline bool
lam_dialect_given(const struct lam_dialect *d)
{
	return d->delimiter || d->quote || d->escape || d->comment;
}

/*
 * The byte that TEXT means goes to *BYTE, and *THERE says that there is one; both stay
 * if it is NULL.  LAM_USAGE: it is none, and WHAT names the option.
 */
int lam_dialect_byte(const char *text, const char *what, char *byte, bool *there,
	struct lam_error *e) LAM_MUST;

#endif
