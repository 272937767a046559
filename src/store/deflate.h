/*
 * deflate.h - compressed bytes of a column (raw deflate, RFC 1951)
 */
#ifndef LAM_STORE_DEFLATE_H
#define LAM_STORE_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>

/* Compress P[N] into OUT[CAP], LEVEL 1 to 9; the length, or 0 when it does not fit
 * or memory is out. */
size_t lam_deflate(const void *p, size_t n, int level, void *out, size_t cap);

/* Decompress P[N] into exactly OUT[RAW]; false when it is not just that, or memory
 * is out. */
bool lam_inflate(const void *p, size_t n, void *out, size_t raw);

#endif
