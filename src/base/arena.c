/*
 * arena.c - memory freed all at once
 *
 * A list of chunks, the newest being filled by moving one offset.  The first
 * chunk is small and serves what only ever needs a little; all others are made of
 * huge pages.  What is borrowed lies at the end of a chunk, behind its cap.
 *
 * A reset makes all chunks spare ones and the next round takes them again, so a
 * loop over blocks soon runs in the same memory.  What stays spare for a whole
 * round is kept up to the size of what that round used, as the next may need a
 * little more; the rest is freed: one large record does not hold its memory
 * for ever.
 *
 * Under AddressSanitizer the unused part of each chunk is poisoned, so that
 * a pointer kept over a reset is found.
 *
 * Invariants: used <= cap <= size; every address handed out is a multiple of ALIGN.
 */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/asan.h"
#include "base/huge.h"

#define ALIGN ((size_t)32)
#define FIRST ((size_t)64 << 10) /* the first chunk, with its head */

struct lam_arena_chunk {
	struct lam_arena_chunk *older;
	size_t size, cap, used; /* of the data behind this head */
};

/* The header of a chunk, before its data. */
#define HEAD ((sizeof(struct lam_arena_chunk) + ALIGN - 1) & ~(ALIGN - 1))

/* A chunk with room for NEED bytes at least. */
static struct lam_arena_chunk *
chunk_new(struct lam_arena *a, size_t need)
{
	size_t size = FIRST;
	struct lam_arena_chunk *c;

	if (need > SIZE_MAX / 2)
		return NULL;
	if (a->chunk == NULL && need <= FIRST - HEAD) {
		c = aligned_alloc(ALIGN, size);
	} else {
		size = lam_huge_round(HEAD + need);
		c = lam_huge_alloc(size);
	}
	if (c == NULL)
		return NULL;
	a->held += size;
	c->size = c->cap = size - HEAD;
	c->used = 0;
	LAM_POISON((char *)c + HEAD, c->cap);
	return c;
}

static void
free_list(struct lam_arena *a, struct lam_arena_chunk **list)
{
	while (*list != NULL) {
		struct lam_arena_chunk *c = *list;

		*list = c->older;
		LAM_UNPOISON((char *)c + HEAD, c->size);
		a->held -= HEAD + c->size;
		lam_huge_free(c, HEAD + c->size);
	}
}

/* The first spare chunk with room for NEED, or NULL. */
static struct lam_arena_chunk *
take_spare(struct lam_arena *a, size_t need)
{
	struct lam_arena_chunk **at = &a->spare, *c;

	while ((c = *at) != NULL && c->cap < need)
		at = &c->older;
	if (c != NULL)
		*at = c->older;
	return c;
}

/* The chunk being filled, with room for NEED. */
static struct lam_arena_chunk *
room(struct lam_arena *a, size_t need)
{
	struct lam_arena_chunk *c = a->chunk;

	if (c != NULL && need <= c->cap - c->used)
		return c;
	c = take_spare(a, need);
	if (c == NULL)
		c = chunk_new(a, need);
	if (c == NULL)
		return NULL;
	c->older = a->chunk;
	return a->chunk = c;
}

void *
lam_arena_alloc(struct lam_arena *a, size_t size)
{
	size_t need = (size + ALIGN - 1) & ~(ALIGN - 1);
	struct lam_arena_chunk *c = size > SIZE_MAX / 2 ? NULL : room(a, need);
	void *p;

	if (c == NULL)
		return NULL;
	p = (char *)c + HEAD + c->used;
	c->used += need;
	LAM_UNPOISON(p, size);
	return p;
}

void *
lam_arena_borrow(struct lam_arena *a, size_t size, struct lam_arena_loan *l)
{
	size_t need = (size + ALIGN - 1) & ~(ALIGN - 1);
	struct lam_arena_chunk *c = size > SIZE_MAX / 2 ? NULL : room(a, need);
	void *p;

	*l = (struct lam_arena_loan){ c, need };
	if (c == NULL)
		return NULL;
	c->cap -= need;
	p = (char *)c + HEAD + c->cap;
	LAM_UNPOISON(p, size);
	return p;
}

void
lam_arena_return(const struct lam_arena_loan *l)
{
	if (l->chunk == NULL)
		return;
	LAM_POISON((char *)l->chunk + HEAD + l->chunk->cap, l->size);
	l->chunk->cap += l->size;
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

static size_t
in_use(const struct lam_arena *a)
{
	size_t n = 0;

	for (const struct lam_arena_chunk *c = a->chunk; c != NULL; c = c->older)
		n += c->size;
	return n > a->most ? n : a->most;
}

/* The newest chunk becomes a spare one: of several, the oldest ends up first. */
static void
set_aside(struct lam_arena *a)
{
	struct lam_arena_chunk *c = a->chunk;

	a->chunk = c->older;
	c->older = a->spare;
	a->spare = c;
	c->used = 0;
	c->cap = c->size;
	LAM_POISON((char *)c + HEAD, c->cap);
}

struct lam_arena_mark
lam_arena_mark(const struct lam_arena *a)
{
	const struct lam_arena_chunk *c = a->chunk;

	return (struct lam_arena_mark){ a->chunk, c ? c->used : 0, c ? c->cap : 0 };
}

void
lam_arena_rewind(struct lam_arena *a, struct lam_arena_mark m)
{
	a->most = in_use(a);
	while (a->chunk != m.chunk)
		set_aside(a);
	if (m.chunk == NULL)
		return;
	m.chunk->used = m.used;
	m.chunk->cap = m.cap;
	LAM_POISON((char *)m.chunk + HEAD + m.used, m.chunk->cap - m.used);
}

void
lam_arena_reset(struct lam_arena *a)
{
	struct lam_arena_chunk *c, **end = &a->spare;
	size_t used = in_use(a), kept = 0;

	while ((c = *end) != NULL && kept + c->size <= used) {
		kept += c->size;
		end = &c->older;
	}
	free_list(a, end);
	while (a->chunk != NULL)
		set_aside(a);
	a->most = 0;
}

void
lam_arena_release(struct lam_arena *a)
{
	free_list(a, &a->chunk);
	free_list(a, &a->spare);
}
