/*
 * huge.c - large memory in huge pages
 *
 * Transparent huge pages are a wish: the kernel may have none, or be told
 * never to use them.  Nothing but speed depends on it, so the answer of
 * madvise is not looked at.
 */
#include "base/huge.h"

#include <malloc.h>
#include <pthread.h>
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

/*
 * Single pages that were given back, for whoever needs one next: what one phase of a
 * run does not need any more the next one does, and a page that is not fresh need not
 * be cleared, nor mapped.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SPARES 0 /* what is used after it was freed is found */
#else
#define SPARES 8
#endif

static struct {
	pthread_mutex_t lock;
	void *page[SPARES + 1];
	unsigned n;
} spare = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *
take_spare(void)
{
	void *p = NULL;

	pthread_mutex_lock(&spare.lock);
	if (spare.n > 0)
		p = spare.page[--spare.n];
	pthread_mutex_unlock(&spare.lock);
	return p;
}

void
lam_huge_free(void *p, size_t size)
{
	if (p != NULL && size >= LAM_HUGE_FROM && size <= LAM_HUGE_PAGE) {
		pthread_mutex_lock(&spare.lock);
		if (spare.n < SPARES) {
			spare.page[spare.n++] = p;
			p = NULL;
		}
		pthread_mutex_unlock(&spare.lock);
	}
	free(p);
}

void *
lam_huge_alloc(size_t size)
{
	size_t whole = lam_huge_round(size);
	void *p = whole == LAM_HUGE_PAGE ? take_spare() : NULL;

	if (p != NULL)
		return p;
	p = whole ? aligned_alloc(LAM_HUGE_PAGE, whole) : NULL;
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
	lam_huge_free(p, from);
	return q;
}
