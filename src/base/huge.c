/*
 * huge.c - large memory in huge pages
 *
 * Transparent huge pages are a wish: the kernel may have none, or be told
 * never to use them.  Nothing but speed depends on it, so the answer of
 * madvise is not looked at.
 *
 * A few single pages that were given back are kept: what is done first, reading blocks
 * say, gives its memory to what follows, printing say.
 */
#include "base/huge.h"

#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/asan.h"

#define KEPT 4

static struct {
	pthread_mutex_t lock;
	void *page[KEPT];
	unsigned n;
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* A page that was given back, or NULL. */
static void *
take(void)
{
	void *p = NULL;

	pthread_mutex_lock(&kept.lock);
	if (kept.n > 0)
		p = kept.page[--kept.n];
	pthread_mutex_unlock(&kept.lock);
	if (p != NULL)
		LAM_UNPOISON(p, LAM_HUGE_PAGE);
	return p;
}

static bool
keep(void *p)
{
	bool room;

	pthread_mutex_lock(&kept.lock);
	room = kept.n < KEPT;
	if (room) {
		LAM_POISON(p, LAM_HUGE_PAGE);
		kept.page[kept.n++] = p;
	}
	pthread_mutex_unlock(&kept.lock);
	return room;
}

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
	void *p = whole == LAM_HUGE_PAGE ? take() : NULL;

	if (p != NULL || !whole)
		return p;
	p = aligned_alloc(LAM_HUGE_PAGE, whole);
	if (p != NULL)
		(void)madvise(p, whole, MADV_HUGEPAGE);
	return p;
}

void
lam_huge_free(void *p, size_t size)
{
	if (p == NULL || size < LAM_HUGE_FROM || size > LAM_HUGE_PAGE ||
		!keep(p))
		free(p);
}

void *
lam_huge_realloc(void *p, size_t from, size_t to)
{
	void *q;

	if (to < LAM_HUGE_FROM)
		return realloc(p, to);
	if (p != NULL && from >= LAM_HUGE_FROM &&
		lam_huge_round(from) == lam_huge_round(to))
		return p;
	q = lam_huge_alloc(to);
	if (q == NULL)
		return NULL;
	if (p != NULL)
		memcpy(q, p, from < to ? from : to);
	lam_huge_free(p, from);
	return q;
}
