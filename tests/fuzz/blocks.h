/*
 * blocks.h - block files below their checksums
 *
 * A fuzzer does not find a checksum.  So a target gets the bytes of a file and
 * makes its checksums right, where the file is whole enough to have them: then
 * what is behind them decides.
 */
#ifndef LAM_FUZZ_BLOCKS_H
#define LAM_FUZZ_BLOCKS_H

#include "base/hash.h"
#include "fuzz.h"
#include "store/block.h"

#define BLOCKS_SIZES 1	/* sizes of blocks too */
#define BLOCKS_FOOTER 2 /* what the footer says of the blocks too */

static inline uint64_t
blocks_pad(uint64_t n)
{
	return (n + 7) & ~UINT64_C(7);
}

/* The block at AT; where the next one would start, or 0. */
static inline size_t
blocks_seal_one(uint8_t *p, size_t n, size_t at, unsigned how)
{
	uint64_t head, end;

	if (n - at < LAM_BLOCK_HEAD || !lam_block_peek(p + at, &head) ||
		head > n - at)
		return 0;
	end = at + head;
	for (uint32_t i = 0; i < lam_get32(p + at + 20); i++) {
		uint8_t *entry = p + at + i * LAM_BLOCK_ENTRY +
			(memcmp(p + at, LAM_BLOCK_MAGIC, 8) ? LAM_BLOCK_HEAD :
			LAM_BLOCK_HEAD1);
		uint64_t size = lam_get32(entry + 8);

		if (blocks_pad(size) > n - end)
			return 0;
		lam_put64(entry + 32, lam_checksum(p + end, size));
		end += blocks_pad(size);
	}
	if (how & BLOCKS_SIZES)
		lam_put64(p + at + 8, end - at);
	lam_put64(p + at + head - 8, lam_checksum(p + at, head - 8));
	return end;
}

/* The footer that ends the file. */
static inline void
blocks_seal_footer(uint8_t *p, size_t n, unsigned how, const size_t *at,
	size_t nblocks)
{
	uint64_t size = n >= 48 ? lam_get64(p + n - 16) : 0, head;
	size_t each = n >= 12 && lam_get32(p + 8) == 1 ? 40 : 64;
	uint8_t *foot;

	if (size < 48 || size > n || memcmp(p + n - 8, "LAMSEAL\n", 8))
		return;
	foot = p + (n - size);
	for (size_t i = 0; how & BLOCKS_FOOTER && i < nblocks; i++) {
		uint8_t *entry = foot + 24 + each * i;
		const uint8_t *b = p + at[i];
		struct lam_block x = { 0 };

		/* an entry may have been written over the next block's head */
		if (24 + each * (i + 1) + 24 > size || entry < b + 32 ||
			!lam_block_peek(b, &head) || head > n - at[i])
			break;
		lam_put64(entry, at[i]);
		lam_put64(entry + 8, lam_get64(b + 8));
		lam_put64(entry + 16, lam_get64(b + 24));
		lam_put32(entry + 24, lam_get32(b + 16));
		lam_put32(entry + 28, lam_get32(b + 20));
		lam_put64(entry + 32, lam_get64(b + head - 8));
		if (each == 40 || !lam_block_parse(b, &x))
			continue;
		lam_put64(entry + 40, x.history);
		lam_put64(entry + 48, x.digest);
		lam_put32(entry + 56, x.head);
		lam_put32(entry + 60, x.log);
	}
	lam_put64(p + n - 24, lam_checksum(foot, size - 24));
}

/* Make the checksums of the file P[N] right, and what HOW says. */
static inline void
blocks_seal(uint8_t *p, size_t n, unsigned how)
{
	uint64_t meta = n >= 16 ? blocks_pad(lam_get32(p + 12)) : 0, end;
	size_t at[16], nblocks = 0, next;

	if (n < 24 || meta > n - 24)
		return;
	lam_put64(p + 16 + meta, lam_checksum(p, 16 + meta));
	for (end = 24 + meta; nblocks < 16; end = next) {
		next = blocks_seal_one(p, n, end, how);
		if (!next)
			break;
		at[nblocks++] = end;
	}
	blocks_seal_footer(p, n, how, at, nblocks);
}

/* Every column of every block of F, as type T; how many columns were read. */
static inline size_t
blocks_read(const struct lam_blockfile *f, struct lam_coltype t)
{
	struct lam_arena a = LAM_ARENA_INIT;
	size_t read = 0;

	for (size_t i = 0; i < f->nblocks; i++) {
		struct lam_block_reader r;
		struct lam_vec v;
		char scratch[LAM_NUM_TEXT + 8];

		lam_arena_reset(&a);
		if (lam_block_open(&r, f, i, &a, NULL))
			continue;
		for (uint32_t c = 0; c < f->block[i].ncols; c++) {
			uint64_t bad = 0;

			if (lam_block_column(&r, c, t, &a, &v, &bad, NULL))
				continue;
			MUST(v.n == f->block[i].nrows && bad <= v.n);
			for (uint32_t k = 0; k < v.n; k += 1 + k / 8)
				(void)lam_vec_print(&v, k, scratch);
			read++;
		}
	}
	lam_arena_release(&a);
	return read;
}

#endif
