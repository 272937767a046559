/*
 * rotated.h - the names that a rotation gives to a log
 *
 *	a.log -> a.log.1, a.log.2.gz, a.log-20260131, a-20260131.log.gz, a.log.old,
 *		 a.log-2026013123.backup; and a.log.tmp, while it is copied
 */
#ifndef LAM_FOLLOW_ROTATED_H
#define LAM_FOLLOW_ROTATED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/dir.h"
#include "base/err.h"
#include "base/io.h"

/* The bytes at the end of NAME that a program which compresses adds: ".gz". */
size_t lam_rotated_packed(const char *name);

/* Is NAME one that a rotation of BASE makes? */
bool lam_rotated_is(const char *base, const char *name);

/* Is it the name under which a log is while it is copied (logrotate's renamecopy)? */
bool lam_rotated_is_passing(const char *name);

/* May rotations of one log have made both names, as a.log.1 and a.log.2.gz, or may
 * one be the log's? */
bool lam_rotated_alike(const char *a, const char *b);

/* Where PATH leads, through links, whether something is there or not. */
void lam_rotated_home(const char *path, char home[LAM_PATH_MAX]);

/* Is PATH one that a rotation of the log LOG gives: in its directory, or where LOG
 * leads as a link, whose next target may be the next of a row, as log.4 after log.3? */
bool lam_rotated_beside(const char *log, const char *path);

/* The paths that are so beside PATH. */
int lam_rotated_list(const char *path, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

/* When names came or went where such paths are, as a number: another whenever they did.
 * 0: too lately to tell. */
uint64_t lam_rotated_time(const char *path);

/* What they lead to, as a number: it is another when one of them leads elsewhere. */
uint64_t lam_rotated_sum(const char *path);

#endif
