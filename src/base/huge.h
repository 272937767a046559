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
 * To be called once, first thing in a program: then free() gives large memory
 * back to the system at once.  Without it malloc keeps freed pieces of up to
 * 32 MiB, cuts aligned pieces out of them, and loses as much again in between.
 * What is small is kept, some of it: arrays that are made for each piece of work
 * would be fresh memory each time.
 */
void lam_huge_setup(void);

/* SIZE rounded up to whole huge pages; 0: too large. */
size_t lam_huge_round(size_t size);

/* What lam_huge_realloc takes for SIZE bytes. */
static inline size_t
lam_huge_taken(size_t size)
{
	return size < LAM_HUGE_FROM ? size : lam_huge_round(size);
}

/*
 * SIZE bytes and the rest of the last huge page, uninitialised; NULL when
 * memory is out.  If the system has no huge pages to give, they are ordinary
 * ones.  free() it; realloc() would lose the alignment.
 */
void *lam_huge_alloc(size_t size) __attribute__((malloc));

/*
 * free() P, of SIZE bytes, which is from here or, if that is less than LAM_HUGE_FROM,
 * from malloc.  A single huge page may be kept for whoever asks for one next: memory
 * that was touched is worth more than fresh one.
 */
void lam_huge_free(void *p, size_t size);

/*
 * As realloc(P, TO), in huge pages when TO is at least LAM_HUGE_FROM.  P is NULL or
 * comes from here, and FROM bytes of it, all that it was made for, are kept.
 */
void *lam_huge_realloc(void *p, size_t from, size_t to);

#endif
