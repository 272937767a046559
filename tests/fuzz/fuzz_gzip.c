/*
 * fuzz_gzip.c - any bytes as gzip: what zlib says in one call, in reads of any size
 *
 * Byte 0, bit 0: the rest is a file as it is; else it is deflated data that is given
 * gzip's header and a trailer with the right checksum, so that it is decoded to
 * its end; what is left over follows.  Bits 1 to 7: how many bytes a read asks for.
 */
#include <zlib.h>

#include "fuzz.h"
#include "input/byte_source.h"

#define MOST (1u << 16) /* of what is more only the start is compared */

static unsigned char want[MOST];

/* Inflate P[N] to WANT, WBITS as zlib's; what it took and made. */
static int
inflate_all(const uint8_t *p, size_t n, int wbits, size_t *took, size_t *made)
{
	static z_stream z;
	static int open;
	int rc;

	rc = open ? inflateReset2(&z, wbits) : inflateInit2(&z, wbits);
	MUST(rc == Z_OK);
	open = 1;
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = want + *made;
	z.avail_out = (uInt)(MOST - *made);
	rc = inflate(&z, Z_FINISH);
	*took = n - z.avail_in;
	*made = MOST - z.avail_out;
	return rc;
}

/* gzip's members, zeros behind the last: 0, or -1 when there is a fault. */
static int
members(const uint8_t *p, size_t n, size_t *made)
{
	size_t took;

	*made = 0;
	do {
		if (inflate_all(p, n, 15 + 16, &took, made) != Z_STREAM_END)
			return -1;
		p += took;
		n -= took;
		while (n && *p == 0)
			p++, n--;
	} while (n && *p == 0x1f);
	return n ? -1 : 0;
}

static void
check(const uint8_t *p, size_t n, size_t step)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_byte_source *s;
	size_t made = n, got = 0, at = 0;
	enum lam_got how = LAM_GOT_BYTES;
	bool gzip = n && p[0] == 0x1f && (n == 1 || p[1] == 0x8b);
	int rc = 0, fault = gzip ? members(p, n, &made) : 0;
	char *out = malloc(step);

	MUST(!lam_byte_source_open(&s, fuzz_file(p, n), &e));
	while (!rc) {
		rc = lam_byte_source_read(s, out, step, -1, NULL, &got, &how,
			&e);
		if (rc || how == LAM_GOT_END)
			break;
		MUST(how == LAM_GOT_BYTES && got && got <= step);
		if (made == MOST && at + got > made)
			break;
		MUST(at + got <= made);
		MUST(!memcmp(out, (gzip ? want : p) + at, got));
		at += got;
	}
	if (made < MOST) {
		MUST(!rc == !fault && (!rc || (rc == LAM_DATA && *e.msg)));
		MUST(at == made);
	}
	lam_byte_source_close(s);
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	struct lam_buf b = LAM_BUF_INIT;
	size_t took, made = 0;
	int rc;

	if (size < 1)
		return 0;
	if (data[0] & 1) {
		check(data + 1, size - 1, 16 + 37u * (data[0] >> 1));
		return 0;
	}
	rc = inflate_all(data + 1, size - 1, -15, &took, &made);
	lam_buf_put(&b, head, sizeof head);
	lam_buf_put(&b, data + 1, took);
	if (rc == Z_STREAM_END) {
		lam_buf_put_u32(&b, (uint32_t)crc32(0, want, (uInt)made));
		lam_buf_put_u32(&b, (uint32_t)made);
	}
	lam_buf_put(&b, data + 1 + took, size - 1 - took);
	check((uint8_t *)b.p, b.n, 16 + 37u * (data[0] >> 1));
	lam_buf_release(&b);
	return 0;
}
