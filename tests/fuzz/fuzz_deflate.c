/*
 * fuzz_deflate.c - any bytes as deflated text of a column: what zlib says of them
 *
 * Byte 0, bits 0 to 3: a level; 0: the rest is deflated data.  Else it is text that
 * is deflated at that level, and cut short if bit 4 is set.
 */
#include <zlib.h>

#include "fuzz.h"
#include "store/deflate.h"

#define MOST (1u << 16) /* of what is more only the start is compared */

static unsigned char want[MOST];

/* zlib on P[N], at most MOST bytes: is it whole, with nothing behind? */
static bool
inflated(const char *p, size_t n, size_t *made)
{
	static z_stream z;
	static int open;
	int rc = open ? inflateReset2(&z, -15) : inflateInit2(&z, -15);

	MUST(rc == Z_OK);
	open = 1;
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = want;
	z.avail_out = MOST;
	rc = inflate(&z, Z_FINISH);
	*made = MOST - z.avail_out;
	return rc == Z_STREAM_END && !z.avail_in;
}

/* Into just N bytes, and no more: ASan looks at what is behind them. */
static bool
ours(const char *p, size_t n, size_t made)
{
	char *out = malloc(made ? made : 1);
	bool ok;

	MUST(out);
	ok = lam_inflate(p, n, out, made);
	MUST(!ok || !memcmp(out, want, made));
	free(out);
	return ok;
}

static void
check(const char *p, size_t n)
{
	size_t made;
	bool whole = inflated(p, n, &made);

	MUST(ours(p, n, made) == whole);
	if (!whole)
		return;
	MUST(!made || !ours(p, n, made - 1));
	MUST(!ours(p, n, made + 1));
	MUST(!n || !ours(p, n - 1, made));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int level = size ? data[0] & 15 : 0;
	size_t cap = 2 * size + 100, n, made;
	char *p, *text;

	if (!size || level > 9)
		return 0;
	if (!level) {
		p = fuzz_copy(data + 1, size - 1);
		check(p, size - 1);
		free(p);
		return 0;
	}
	text = fuzz_copy(data + 1, size - 1);
	p = malloc(cap);
	MUST(p);
	n = lam_deflate(text, size - 1, level, p, cap);
	MUST(n && inflated(p, n, &made) && made == size - 1 &&
		!memcmp(want, text, made) && ours(p, n, made));
	if (data[0] & 16)
		check(p, n - 1);
	MUST(!lam_deflate(text, size - 1, level, p, n - 1));
	free(p);
	free(text);
	return 0;
}
