/*
 * escape.h - values on one line: the escapes of the partial text
 *
 * TAB, LF, CR and backslash are written \t \n \r \\; every other byte stands
 * for itself.  So a TAB or LF always separates, whatever was logged.
 */
#ifndef LAM_BASE_ESCAPE_H
#define LAM_BASE_ESCAPE_H

#include "base/buf.h"
#include "base/bytes.h"

void lam_escape(struct lam_str s, struct lam_buf *out);

/* False: a backslash that starts no escape, or a bare TAB, LF or CR. */
bool lam_unescape(struct lam_str s, struct lam_buf *out);

/* The text before the next SEP of *REST (all of it when there is none), which
 * then starts after SEP.  False: *REST was used up. */
bool lam_str_cut(struct lam_str *rest, char sep, struct lam_str *out);

/* The next line of *REST, without its end, LF or CR LF; there is none behind the last
 * newline.  False, and empty: *REST was used up. */
bool lam_str_line(struct lam_str *rest, struct lam_str *line);

/* The first of TEXT. */
struct lam_str lam_str_first_line(struct lam_str text);

/* All of S as a decimal without sign, space or leading zeros. */
bool lam_str_u64(struct lam_str s, uint64_t *v);
/* Exactly 16 lower-case hex digits. */
bool lam_str_hex(struct lam_str s, uint64_t *v);

static inline bool
lam_str_is(struct lam_str s, const char *word)
{
	return s.n == strlen(word) && (s.n == 0 || !memcmp(s.p, word, s.n));
}

/*
 * Write one field to OUT, escaped, and quoted where it must be; returns the
 * length.  S is not NULL (NULL is a field of no bytes).
 */
size_t lam_escape_field(struct lam_str s, char *out);
static inline size_t
lam_escape_room(struct lam_str s)
{
	return 2 * s.n + 2; /* every byte doubled, two quotes */
}

/* A byte of a field needs nothing, quotes around the field, or a letter behind a
 * backslash. */
enum { LAM_ESCAPE_NONE, LAM_ESCAPE_QUOTE, LAM_ESCAPE_LETTER };
extern const uint8_t lam_escape_class[256];

#endif
