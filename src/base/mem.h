/*
 * mem.h - memory that is counted
 *
 * The group tables must stay below a limit, so their memory is allocated here.
 * There are growable arrays, and a heap of small blocks, which are freed all at
 * once, or given back by size class and used again.
 */
#ifndef LAM_BASE_MEM_H
#define LAM_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes held by all that share this counter.  One thread. */
struct lam_mem {
	size_t used;
};

/*
 * Give P, an array of *CAP elements of SIZE bytes, room for NEED, by doubling.
 * Returns the array, which may have moved; NULL when memory is out, and then P
 * is as it was.  New elements are not initialised.
 */
void *lam_mem_grow(struct lam_mem *m, void *p, size_t *cap, size_t need,
	size_t size);

/* COUNT zeroed elements; NULL: out of memory. */
void *lam_mem_zero(struct lam_mem *m, size_t count, size_t size);

/* P, an array of FROM elements, with TO of them; the new ones are zeros.  NULL when
 * memory is out, and then P is as it was. */
void *lam_mem_zero_more(struct lam_mem *m, void *p, size_t from, size_t to,
	size_t size);

/* malloc, not counted, for arrays that may be large.  free() it; or count it, and give
 * it back with lam_mem_free. */
void *lam_mem_scratch(size_t count, size_t size);

/* Give back an array of COUNT elements. P may be NULL. */
void lam_mem_free(struct lam_mem *m, void *p, size_t count, size_t size);

#define LAM_HEAP_CLASSES 28 /* whose blocks are used again: up to 4096 bytes */

struct lam_heap {
	struct lam_mem *mem;
	struct lam_heap_chunk *chunk;
	char *at;
	size_t left;
	void *spare[LAM_HEAP_CLASSES];
};

void lam_heap_init(struct lam_heap *h, struct lam_mem *m);
void lam_heap_release(struct lam_heap *h);

/* The bytes that it holds. */
size_t lam_heap_size(const struct lam_heap *h);

/* SIZE bytes, no alignment: for texts.  Never freed alone. */
char *lam_heap_bytes(struct lam_heap *h, size_t size);

/* A block of at least SIZE bytes, aligned to 16; *CAP: what it can hold. */
void *lam_heap_alloc(struct lam_heap *h, size_t size, size_t *cap);

/*
 * The class of blocks of SIZE bytes, and what a block of a class holds: 16, 32, 48, 64
 * bytes, four sizes to each doubling up to 4096, and doublings beyond.
 */
unsigned lam_heap_class(size_t size);
size_t lam_heap_class_size(unsigned class);

/* Give back a block of capacity CAP, as lam_heap_alloc said. */
void lam_heap_give(struct lam_heap *h, void *p, size_t cap);

#endif
