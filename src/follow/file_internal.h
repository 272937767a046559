/*
 * file_internal.h - what file.c and file_text.c have in common
 */
#ifndef LAM_FOLLOW_FILE_INTERNAL_H
#define LAM_FOLLOW_FILE_INTERNAL_H

#include "follow/file.h"
#include "input/byte_source.h"

#define LAM_FILE_READ ((size_t)64 << 10)

/* A descriptor of F of its own, which shares no offset. */
int lam_file_reopen(const struct lam_file *f, int *fd, struct lam_error *e) LAM_MUST;

/* Add N bytes of S to P.  *ALL false: there are not so many. */
int lam_file_inflate(struct lam_byte_source *s, uint64_t n, struct lam_prefix *p,
	bool *all, struct lam_error *e) LAM_MUST;

#endif
