/*
 * arena.c - memory freed all at once
 *
 * A list of chunks, the newest being filled by moving one offset.  A new chunk
 * is as large as all chunks so far (within bounds), so there are few.  A reset
 * that finds several replaces them by one chunk that would have held the whole
 * round with a quarter to spare: a loop over blocks soon runs in one chunk,
 * whose pages stay mapped, and takes no malloc at all.
 *
 * Under AddressSanitizer the unused part of each chunk is poisoned, so that
 * a pointer kept over a reset is found.
 *
 * Invariants: used <= cap; every address handed out is a multiple of ALIGN.
 */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define POISONING 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONING 1
#endif
#endif

#ifdef POISONING
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define ALIGN ((size_t)32)
#define CHUNK_MIN ((size_t)32 << 10)
#define CHUNK_MAX ((size_t)4 << 20) /* larger only when one request is */

struct lam_arena_chunk {
	struct lam_arena_chunk *older;
	size_t cap, used; /* of data */
	char *data;	  /* aligned, inside this allocation */
};

static struct lam_arena_chunk *
chunk_new(struct lam_arena *a, size_t cap)
{
	struct lam_arena_chunk *c;

	if (cap > SIZE_MAX / 2)
		return NULL;
	c = malloc(sizeof *c + ALIGN + cap);
	if (c == NULL)
		return NULL;
	c->data = (char *)(c + 1);
	c->data += -(uintptr_t)c->data & (ALIGN - 1);
	c->cap = cap;
	c->used = 0;
	c->older = a->chunk;
	a->chunk = c;
	a->total += cap;
	POISON(c->data, cap);
	return c;
}

static void
chunk_free(struct lam_arena *a, struct lam_arena_chunk *c)
{
	UNPOISON(c->data, c->cap);
	a->total -= c->cap;
	free(c);
}

void *
lam_arena_alloc(struct lam_arena *a, size_t size)
{
	struct lam_arena_chunk *c = a->chunk;
	size_t need = (size + ALIGN - 1) & ~(ALIGN - 1);
	size_t cap = a->total;
	void *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	if (c == NULL || need > c->cap - c->used) {
		cap = cap < CHUNK_MIN ? CHUNK_MIN : cap;
		cap = cap > CHUNK_MAX ? CHUNK_MAX : cap;
		c = chunk_new(a, need > cap ? need : cap);
		if (c == NULL)
			return NULL;
	}
	p = c->data + c->used;
	c->used += need;
	UNPOISON(p, size);
	return p;
}

void *
lam_arena_calloc(struct lam_arena *a, size_t count, size_t size)
{
	size_t n;
	void *p;

	if (__builtin_mul_overflow(count, size, &n))
		return NULL;
	p = lam_arena_alloc(a, n);
	if (p != NULL)
		memset(p, 0, n);
	return p;
}

char *
lam_arena_dup(struct lam_arena *a, const char *p, size_t n)
{
	char *copy = n < SIZE_MAX ? lam_arena_alloc(a, n + 1) : NULL;

	if (copy == NULL)
		return NULL;
	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

void
lam_arena_reset(struct lam_arena *a)
{
	struct lam_arena_chunk *c = a->chunk;
	size_t used = 0;

	if (c == NULL)
		return;
	if (c->older == NULL) {
		c->used = 0;
		POISON(c->data, c->cap);
		return;
	}
	for (; c != NULL; c = c->older)
		used += c->used;
	lam_arena_release(a);
	used += used / 4;
	/* When that fails the next allocation just starts small again. */
	chunk_new(a, (used + ALIGN - 1) & ~(ALIGN - 1));
}

void
lam_arena_release(struct lam_arena *a)
{
	while (a->chunk != NULL) {
		struct lam_arena_chunk *c = a->chunk;

		a->chunk = c->older;
		chunk_free(a, c);
	}
}
