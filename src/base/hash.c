/*
 * hash.c - XXH3: checksums in files, hashes in tables
 *
 * The library is compiled in here (XXH_INLINE_ALL): keys are short, and the
 * call would cost as much as the hash.
 */
#include "base/hash_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define WIDE 512 /* bytes worth the choice between instruction sets */

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
lam_hash(const void *p, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

__attribute__((flatten)) void
lam_hash_texts(const struct lam_str *s, size_t n, uint64_t seed, uint64_t *hash)
{
	for (size_t i = 0; i < n; i++)
		hash[i] = XXH3_64bits_withSeed(s[i].p, s[i].n, seed);
}

/* XXH3_len_9to16_64b, which reads the two words from memory. */
void
lam_hash_short(const struct lam_hash_ends *s, const uint32_t *size, size_t n,
	uint64_t *hash)
{
	const uint8_t *secret = XXH3_kSecret;
	const uint64_t flip_first = lam_get64(secret + 24) ^ lam_get64(secret + 32);
	const uint64_t flip_last = lam_get64(secret + 40) ^ lam_get64(secret + 48);

	for (size_t i = 0; i < n; i++) {
		uint64_t first = s[i].first ^ flip_first;
		uint64_t last = s[i].last ^ flip_last;

		hash[i] = XXH3_avalanche(size[i] + XXH_swap64(first) + last +
			XXH3_mul128_fold64(first, last));
	}
}

uint64_t
lam_checksum(const void *p, size_t n)
{
#ifdef LAM_TWICE
	if (n >= WIDE && __builtin_cpu_supports("avx2"))
		return lam_checksum_avx2(p, n);
#endif
	return XXH3_64bits(p, n);
}

struct lam_checksum {
	XXH3_state_t state; /* must be aligned to 64 bytes */
};

struct lam_checksum *
lam_checksum_new(void)
{
	struct lam_checksum *c = aligned_alloc(64, sizeof *c);

	if (c == NULL)
		return NULL;
	XXH3_64bits_reset(&c->state);
	return c;
}

void
lam_checksum_add(struct lam_checksum *c, const void *p, size_t n)
{
#ifdef LAM_TWICE
	if (n >= WIDE && __builtin_cpu_supports("avx2")) {
		lam_checksum_add_avx2(&c->state, p, n);
		return;
	}
#endif
	XXH3_64bits_update(&c->state, p, n);
}

uint64_t
lam_checksum_value(const struct lam_checksum *c)
{
	return XXH3_64bits_digest(&c->state);
}

void
lam_checksum_restart(struct lam_checksum *c)
{
	XXH3_64bits_reset(&c->state);
}

void
lam_checksum_copy(struct lam_checksum *to, const struct lam_checksum *from)
{
	XXH3_copyState(&to->state, &from->state);
}

void
lam_checksum_free(struct lam_checksum *c)
{
	free(c);
}

static uint64_t seed;
static pthread_once_t seed_once = PTHREAD_ONCE_INIT;

static void
seed_draw(void)
{
	/* Without entropy: what an attacker would still have to guess. */
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
		seed = lam_mix((uint64_t)getpid() << 32 ^
			(uint64_t)(uintptr_t)&seed_once,
			(uint64_t)(uintptr_t)&free);
}

uint64_t
lam_hash_seed(void)
{
	pthread_once(&seed_once, seed_draw);
	return seed;
}
