/*
 * huge.c - large memory in huge pages
 *
 * Transparent huge pages are a wish: the kernel may have none, or be told
 * never to use them.  Nothing but speed depends on it, so the answer of
 * madvise is not looked at.
 */
#include "base/huge.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void
lam_huge_setup(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, (int)LAM_HUGE_FROM);
	(void)mallopt(M_TRIM_THRESHOLD, 4 * (int)LAM_HUGE_FROM);
}

size_t
lam_huge_round(size_t size)
{
	if (size > SIZE_MAX / 2)
		return 0;
	return (size + LAM_HUGE_PAGE - 1) & ~(LAM_HUGE_PAGE - 1);
}

void *
lam_huge_alloc(size_t size)
{
	size_t whole = lam_huge_round(size);
	void *p = whole ? aligned_alloc(LAM_HUGE_PAGE, whole) : NULL;

	if (p != NULL)
		(void)madvise(p, whole, MADV_HUGEPAGE);
	return p;
}

void *
lam_huge_realloc(void *p, size_t from, size_t to)
{
	void *q;

	if (to < LAM_HUGE_FROM)
		return realloc(p, to);
	q = lam_huge_alloc(to);
	if (q == NULL)
		return NULL;
	if (p != NULL)
		memcpy(q, p, from < to ? from : to);
	free(p);
	return q;
}
