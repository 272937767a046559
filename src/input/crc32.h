/*
 * crc32.h - the checksum of gzip (RFC 1952, 8.)
 *
 * The same values as zlib's crc32, whose checking is a seventh of the time it
 * needs for a log; by carry-less multiplication where the processor has it.
 */
#ifndef LAM_INPUT_CRC32_H
#define LAM_INPUT_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of what has CRC (of nothing: 0) and P[N] behind it. */
uint32_t lam_crc32(uint32_t crc, const void *p, size_t n);

#endif
