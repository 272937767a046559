/*
 * mem.c - memory that is counted
 *
 * The heap cuts blocks from chunks that grow fourfold from 4 KiB, and are huge
 * pages after that.  Blocks have a size class up to 4096 bytes, at most a quarter
 * larger than what was asked for; those given back go to a list of their class.
 * Larger ones are chunks of their own and are freed with the heap, never reused: they
 * double when they grow, so what is lost is bounded by what is held.
 */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/huge.h"

#define CHUNK_MIN ((size_t)4 << 10)
#define CHUNK_SMALL ((size_t)64 << 10)
#define CHUNK_MAX LAM_HUGE_PAGE

struct lam_heap_chunk {
	struct lam_heap_chunk *next;
	size_t size;
};

#define CHUNK_HEAD ((sizeof(struct lam_heap_chunk) + 15) & ~(size_t)15)

void *
lam_mem_grow(struct lam_mem *m, void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap ? *cap : 16;
	void *q;

	if (need <= *cap && p)
		return p;
	while (n < need)
		n = n > SIZE_MAX / 4 ? need : 2 * n;
	if (n > SIZE_MAX / 2 / size)
		return NULL;
	q = lam_huge_realloc(p, p ? *cap * size : 0, n * size);
	if (!q)
		return NULL;
	m->used += (n - *cap) * size;
	*cap = n;
	return q;
}

void *
lam_mem_zero(struct lam_mem *m, size_t count, size_t size)
{
	return lam_mem_zero_more(m, NULL, 0, count, size);
}

void *
lam_mem_zero_more(struct lam_mem *m, void *p, size_t from, size_t to,
	size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(to, size, &bytes))
		return NULL;
	/* Not calloc(): a page that is read before it is written faults twice,
	 * and the second time all threads' processors have to hear of it. */
	p = lam_huge_realloc(p, from * size, bytes);
	if (!p)
		return NULL;
	memset((char *)p + from * size, 0, bytes - from * size);
	m->used += bytes - from * size;
	return p;
}

void *
lam_mem_scratch(size_t count, size_t size)
{
	return count < SIZE_MAX / 2 / size ?
		lam_huge_realloc(NULL, 0, count ? count * size : 1) : NULL;
}

void
lam_mem_free(struct lam_mem *m, void *p, size_t count, size_t size)
{
	if (!p)
		return;
	m->used -= count * size;
	lam_huge_free(p, count * size);
}

void
lam_heap_init(struct lam_heap *h, struct lam_mem *m)
{
	memset(h, 0, sizeof *h);
	h->mem = m;
}

void
lam_heap_release(struct lam_heap *h)
{
	struct lam_heap_chunk *c = h->chunk, *next;

	for (; c; c = next) {
		next = c->next;
		h->mem->used -= c->size;
		lam_huge_free(c, c->size);
	}
	lam_heap_init(h, h->mem);
}

size_t
lam_heap_size(const struct lam_heap *h)
{
	size_t size = 0;

	for (const struct lam_heap_chunk *c = h->chunk; c; c = c->next)
		size += c->size;
	return size;
}

/* A new chunk with SIZE usable bytes. */
static char *
add_chunk(struct lam_heap *h, size_t size)
{
	struct lam_heap_chunk *c;

	if (size > SIZE_MAX / 2)
		return NULL;
	c = lam_huge_realloc(NULL, 0, CHUNK_HEAD + size);
	if (!c)
		return NULL;
	c->size = CHUNK_HEAD + size;
	c->next = h->chunk;
	h->chunk = c;
	h->mem->used += c->size;
	return (char *)c + CHUNK_HEAD;
}

/*
 * Few chunks before the first of a huge page: a table of many groups would touch
 * hundreds of small pages on the way.
 */
static size_t
next_chunk(const struct lam_heap *h)
{
	if (!h->chunk)
		return CHUNK_MIN;
	return h->chunk->size < CHUNK_SMALL ? 4 * h->chunk->size : CHUNK_MAX;
}

static char *
cut(struct lam_heap *h, size_t size, size_t align)
{
	size_t pad = -(uintptr_t)h->at & (align - 1);
	size_t chunk = next_chunk(h);
	char *p;

	if (size > CHUNK_MAX / 4)
		return add_chunk(h, size);
	if (h->left < pad + size) {
		chunk = chunk < 4 * size ? 4 * size : chunk;
		p = add_chunk(h, chunk - CHUNK_HEAD);
		if (!p)
			return NULL;
		h->at = p;
		h->left = chunk - CHUNK_HEAD;
		pad = 0;
	}
	p = h->at + pad;
	h->at = p + size;
	h->left -= pad + size;
	return p;
}

char *
lam_heap_bytes(struct lam_heap *h, size_t size)
{
	return cut(h, size, 1);
}

unsigned
lam_heap_class(size_t size)
{
	size_t units = size ? (size - 1) / 16 : 0;
	unsigned doubling;

	if (units < 4)
		return (unsigned)units;
	doubling = 63 - (unsigned)__builtin_clzll(units);
	if (doubling > 7)
		return LAM_HEAP_CLASSES + doubling - 8;
	return 4 * (doubling - 2) + (unsigned)(units >> (doubling - 2));
}

size_t
lam_heap_class_size(unsigned class)
{
	if (class < 4)
		return 16 * ((size_t)class + 1);
	if (class >= LAM_HEAP_CLASSES)
		return (size_t)8192 << (class - LAM_HEAP_CLASSES);
	return (size_t)(class % 4 + 5) << (class / 4 + 3);
}

void *
lam_heap_alloc(struct lam_heap *h, size_t size, size_t *cap)
{
	unsigned class = lam_heap_class(size);
	void *p;

	if (size > SIZE_MAX / 4)
		return NULL;
	*cap = lam_heap_class_size(class);
	if (class >= LAM_HEAP_CLASSES)
		return add_chunk(h, *cap);
	p = h->spare[class];
	if (!p)
		return cut(h, *cap, 16);
	memcpy(&h->spare[class], p, sizeof p);
	return p;
}

void
lam_heap_give(struct lam_heap *h, void *p, size_t cap)
{
	unsigned class = lam_heap_class(cap);

	if (!p || class >= LAM_HEAP_CLASSES)
		return;
	memcpy(p, &h->spare[class], sizeof p);
	h->spare[class] = p;
}
