/*
 * The heap of small blocks: what a block holds, that blocks do not overlap, and that
 * those given back are used again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "test.h"

#define BLOCKS 3000

static uint64_t seed = 11;

static uint64_t
rnd(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static void
classes(void)
{
	for (size_t size = 0; size < 70000; size++) {
		unsigned c = lam_heap_class(size);
		size_t holds = lam_heap_class_size(c);

		FAIL_IF(holds < size || holds % 16, "%zu bytes in %zu", size, holds);
		FAIL_IF(size > 64 && size <= 4096 && holds >= size + size / 4 + 16,
			"%zu bytes take %zu", size, holds);
		FAIL_IF(c && lam_heap_class_size(c - 1) >= size,
			"%zu bytes would fit a smaller block than %zu", size, holds);
		FAIL_IF(lam_heap_class(holds) != c, "%zu bytes", holds);
		FAIL_IF((c < LAM_HEAP_CLASSES) != (size <= 4096), "%zu bytes",
			size);
	}
	PASS("a block holds what was asked for, and little more");
}

/* Blocks are filled with their number, taken and given back in any order. */
static void
blocks(void)
{
	static struct { unsigned char *p; size_t cap; } block[BLOCKS];
	struct lam_mem mem = { 0 };
	struct lam_heap heap;
	size_t held;

	lam_heap_init(&heap, &mem);
	for (unsigned round = 0; round < 60000; round++) {
		unsigned i = (unsigned)rnd(BLOCKS);
		size_t size = rnd(1 + (rnd(50) ? 300 : 9000));

		for (size_t k = 0; block[i].p && k < block[i].cap; k++)
			FAIL_IF(block[i].p[k] != i % 251, "block %u, byte %zu", i,
				k);
		lam_heap_give(&heap, block[i].p, block[i].cap);
		block[i].p = lam_heap_alloc(&heap, size, &block[i].cap);
		FAIL_IF(!block[i].p || block[i].cap < size ||
			(uintptr_t)block[i].p % 16, "%zu bytes", size);
		memset(block[i].p, i % 251, block[i].cap);
	}
	PASS("blocks do not overlap");
	held = lam_heap_size(&heap);
	CHECK(mem.used == held);
	for (unsigned i = 0; i < BLOCKS; i++)
		if (block[i].cap <= 4096)
			lam_heap_give(&heap, block[i].p, block[i].cap);
	for (unsigned i = 0; i < BLOCKS; i++)
		if (block[i].cap <= 4096)
			FAIL_IF(!lam_heap_alloc(&heap, block[i].cap,
				&block[i].cap), "out of memory");
	FAIL_IF(lam_heap_size(&heap) != held, "blocks given back are not used");
	PASS("what is given back is used again");
	lam_heap_release(&heap);
	CHECK(mem.used == 0);
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	classes();
	blocks();
	return DONE();
}
