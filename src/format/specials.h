/*
 * specials.h - the quotes, backslashes and control characters of a text, as a list
 *
 * Where formats have quotes, a record that is like most has a known number of them,
 * and nothing else of the list but its newline.  So it is known where its parts are
 * before any of them is looked at; what has more or less is read byte by byte.
 */
#ifndef LAM_FORMAT_SPECIALS_H
#define LAM_FORMAT_SPECIALS_H

#include <stddef.h>

#include "base/masks.h"

#define LAM_SPECIALS 2048 /* that a list has */
#define LAM_SPECIALS_FEW (LAM_SPECIALS / 2) /* as a record may have at most */
#define LAM_SPECIALS_PAD 64 /* bytes that are read behind a text */

struct lam_specials {
	uint32_t at[LAM_SPECIALS];
	uint32_t n, i; /* the number of the first one not yet passed */
	enum lam_masks masks;
};

/* MASKS: lam_masks_best(), or what is to be tested. */
void lam_specials_init(struct lam_specials *s, enum lam_masks masks);

/* List those of TEXT[N] from AT on, and of the bytes behind it. */
void lam_specials_list(struct lam_specials *s, const char *text, size_t at,
	size_t n);

/*
 * The next COUNT from AT on, where a record begins; AT never becomes less.  NULL:
 * there are not as many.
 */
static inline const uint32_t *
lam_specials_next(struct lam_specials *s, const char *text, size_t at, size_t n,
	uint32_t count)
{
	while (s->i < s->n && s->at[s->i] < at)
		s->i++;
	if (__builtin_expect(s->n - s->i < count, 0))
		lam_specials_list(s, text, at, n);
	return s->n - s->i < count ? NULL : s->at + s->i;
}

#endif
