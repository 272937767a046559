/*
 * deflate.c - compressed bytes of a column (raw deflate, RFC 1951)
 *
 * No zlib or gzip wrapper: the column has a checksum of its own.  Lengths are
 * below 4 GiB, as the text of a block is.
 */
#include "store/deflate.h"

#include <limits.h>
#define ZLIB_CONST
#include <zlib.h>

size_t
lam_deflate(const void *p, size_t n, int level, void *out, size_t cap)
{
	z_stream z = { .next_in = p, .next_out = out };
	size_t got = 0;

	if (n > UINT_MAX || cap > UINT_MAX)
		return 0;
	z.avail_in = (uInt)n;
	z.avail_out = (uInt)cap;
	if (deflateInit2(&z, level, Z_DEFLATED, -MAX_WBITS, 8,
		Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	if (deflate(&z, Z_FINISH) == Z_STREAM_END)
		got = cap - z.avail_out;
	deflateEnd(&z);
	return got;
}

bool
lam_inflate(const void *p, size_t n, void *out, size_t raw)
{
	z_stream z = { .next_in = p, .next_out = out };
	bool ok;

	if (n > UINT_MAX || raw > UINT_MAX)
		return false;
	z.avail_in = (uInt)n;
	z.avail_out = (uInt)raw;
	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return false;
	ok = inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_in == 0 &&
		z.avail_out == 0;
	inflateEnd(&z);
	return ok;
}
