/*
 * find.h - a few bytes in many
 */
#ifndef LAM_BASE_FIND_H
#define LAM_BASE_FIND_H

#include <stddef.h>

/* As memmem: the first place in P[N] where WHAT[M] is, or NULL. */
const char *lam_find(const char *p, size_t n, const char *what, size_t m);

/* How often C is in P[N]. */
size_t lam_find_count(const char *p, size_t n, char c);

#endif
