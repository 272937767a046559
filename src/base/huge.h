/*
 * huge.h - large memory in huge pages
 *
 * The first touch of a page is a fault, and a virtual machine pays more for it
 * than for the work of filling it: gigabytes a second become hundreds of
 * megabytes.  A huge page is one fault for 2 MiB, and one entry of the
 * translation buffer where a hash table of small pages misses on every access.
 */
#ifndef LAM_BASE_HUGE_H
#define LAM_BASE_HUGE_H

#include <stddef.h>

#ifndef LAM_HUGE_PAGE /* fuzzing: small, as fresh memory is all that takes time */
#define LAM_HUGE_PAGE ((size_t)2 << 20)
#endif

/* From this size on memory is worth a huge page of its own. */
#define LAM_HUGE_FROM (LAM_HUGE_PAGE / 2)

/*
 * Once, first thing in a program: free() gives large memory back to the system at
 * once.  Left alone, malloc would keep what was freed, up to 32 MiB a piece, and
 * cut aligned pieces out of it with as much again lost between them.
 */
void lam_huge_setup(void);

/* SIZE rounded up to whole huge pages; 0: too large. */
size_t lam_huge_round(size_t size);

/*
 * SIZE bytes and what is left of the last huge page, uninitialised; NULL when
 * memory is out.  Where the system has no huge pages to give, ordinary ones
 * serve.  free() it; do not realloc() it, that would lose the alignment.
 */
void *lam_huge_alloc(size_t size) __attribute__((malloc));

/*
 * As realloc(P, TO), P being malloc's or of this module with FROM bytes to
 * keep: in huge pages when TO is at least LAM_HUGE_FROM.
 */
void *lam_huge_realloc(void *p, size_t from, size_t to);

#endif
