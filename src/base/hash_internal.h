/*
 * hash_internal.h - between hash.c and hash_avx2.c
 */
#ifndef LAM_BASE_HASH_INTERNAL_H
#define LAM_BASE_HASH_INTERNAL_H

#include "base/hash.h"
#include "base/hot.h"

#ifdef LAM_TWICE
/* lam_checksum, for processors with AVX2. */
uint64_t lam_checksum_avx2(const void *p, size_t n);
/* lam_checksum_add; STATE is the XXH3_state_t, the same in both files. */
void lam_checksum_add_avx2(void *state, const void *p, size_t n);
#endif

#endif
