/*
 * arena.h - memory freed all at once
 *
 * A bump allocator for one lifetime: a query, a block, a batch.  A reset
 * keeps the memory for the next round, so that a loop over blocks settles to no
 * malloc and no page fault at all.  Not thread safe: one arena per thread.
 */
#ifndef LAM_BASE_ARENA_H
#define LAM_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct lam_arena_chunk;

struct lam_arena {
	struct lam_arena_chunk *chunk; /* the one being filled; older behind */
	struct lam_arena_chunk *spare; /* empty ones of earlier rounds */
	size_t held;		       /* bytes held from malloc */
	size_t most; /* bytes of chunks in use this round, before the last rewind */
};

#define LAM_ARENA_INIT { NULL, NULL, 0, 0 }

/* SIZE bytes aligned to 32, uninitialised; NULL when memory is out. */
void *lam_arena_alloc(struct lam_arena *a, size_t size)
	__attribute__((malloc));

/* COUNT * SIZE bytes of zeros; NULL when memory is out or it overflows. */
void *lam_arena_calloc(struct lam_arena *a, size_t count, size_t size)
	__attribute__((malloc));

/* A NUL-terminated copy. */
char *lam_arena_dup(struct lam_arena *a, const char *p, size_t n);

/*
 * SIZE bytes aligned to 32, uninitialised, which may be given back before all others:
 * they leave no gap among what is allocated meanwhile.  What was borrowed last is
 * returned first, or never.  NULL when memory is out, and nothing to return.
 */
struct lam_arena_loan {
	struct lam_arena_chunk *chunk;
	size_t size;
};
void *lam_arena_borrow(struct lam_arena *a, size_t size,
	struct lam_arena_loan *l);
void lam_arena_return(const struct lam_arena_loan *l);

/* How far an arena is filled. */
struct lam_arena_mark {
	struct lam_arena_chunk *chunk;
	size_t used, cap;
};
struct lam_arena_mark lam_arena_mark(const struct lam_arena *a);

/*
 * Forget what was allocated since M.  One piece of work after the other then runs in
 * the same memory, which stays in the processor's caches.
 */
void lam_arena_rewind(struct lam_arena *a, struct lam_arena_mark m);

/*
 * Forget everything allocated.  The memory stays for reuse, except what is far
 * beyond the need of this round.
 */
void lam_arena_reset(struct lam_arena *a);

void lam_arena_release(struct lam_arena *a);

#define LAM_ARENA_NEW(a, type, count) \
	((type *)lam_arena_calloc((a), (count), sizeof(type)))

#endif
