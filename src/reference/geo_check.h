/*
 * geo_check.h - is it safe to open a file of MaxMind's form?
 *
 * libmaxminddb lists all that the metadata hold, following pointers.  A few hundred
 * bytes of maps that point to each other twice, and so on, are more than there is
 * memory for; honest metadata have some dozens of values.
 */
#ifndef LAM_REFERENCE_GEO_CHECK_H
#define LAM_REFERENCE_GEO_CHECK_H

#include "base/err.h"

#define LAM_GEO_METADATA 16384 /* values in the metadata, at most */

/* LAM_DATA: PATH has no metadata, or more than that, or damaged ones. */
int lam_geo_check(const char *path, struct lam_error *e) LAM_MUST;

#endif
