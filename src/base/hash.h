/*
 * hash.h - XXH3: checksums in files, hashes in tables
 *
 * The only includer of <xxhash.h>.  Checksums and HyperLogLog use seed 0, so
 * that they are the same everywhere.  Hash tables use a seed drawn once per
 * process, so that nobody can write log lines that make them slow.
 */
#ifndef LAM_BASE_HASH_H
#define LAM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

uint64_t lam_hash(const void *p, size_t n, uint64_t seed);

/* The same of N texts, none of them NULL. */
void lam_hash_texts(const struct lam_str *s, size_t n, uint64_t seed,
	uint64_t *hash);

/* The same of N texts of 9 to 16 bytes, SIZE[i] each, seed 0, of which the first 8
 * bytes and the last 8 are known. */
struct lam_hash_ends {
	uint64_t first, last; /* little-endian */
};
void lam_hash_short(const struct lam_hash_ends *s, const uint32_t *size, size_t n,
	uint64_t *hash);

/* 64-bit checksum of file contents: XXH3-64, seed 0. */
uint64_t lam_checksum(const void *p, size_t n);

/* Incremental checksum of a stream: the same value as lam_checksum of all. */
struct lam_checksum;
struct lam_checksum *lam_checksum_new(void); /* NULL: out of memory */
void lam_checksum_add(struct lam_checksum *c, const void *p, size_t n);
void lam_checksum_restart(struct lam_checksum *c); /* of nothing */
void lam_checksum_copy(struct lam_checksum *to, const struct lam_checksum *from);
uint64_t lam_checksum_value(const struct lam_checksum *c);
void lam_checksum_free(struct lam_checksum *c);

/* Mix one 64-bit key. */
static inline uint64_t
lam_mix(uint64_t v, uint64_t seed)
{
	v = (v ^ seed) * UINT64_C(0x9e3779b97f4a7c15);
	v ^= v >> 32;
	v *= UINT64_C(0xd6e8feb86659fd93);
	return v ^ v >> 32;
}

/* A seed for hash tables: drawn from the system once per process. */
uint64_t lam_hash_seed(void);

#endif
