/*
 * rotated.h - the names that a rotation gives to a log
 *
 *	a.log -> a.log.1, a.log.2.gz, a.log-20260131, a-20260131.log.gz, a.log.old
 */
#ifndef LAM_FOLLOW_ROTATED_H
#define LAM_FOLLOW_ROTATED_H

#include <stdbool.h>

#include "base/dir.h"
#include "base/err.h"

/* The bytes at the end of NAME that a program which compresses adds: ".gz". */
size_t lam_rotated_packed(const char *name);

/* Is NAME one that a rotation of BASE makes? */
bool lam_rotated_is(const char *base, const char *name);

/* May rotations of one log have made both names, as a.log.1 and a.log.2.gz, or may
 * one be the log's? */
bool lam_rotated_alike(const char *a, const char *b);

/* The paths beside PATH whose names a rotation of it makes. */
int lam_rotated_list(const char *path, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

#endif
