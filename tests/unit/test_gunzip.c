/*
 * test_gunzip.c - gzip members in pieces, cut short and damaged
 *
 * The members are zlib's; what comes back must be what went in.
 */
#include "test.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "input/gunzip.h"

static uint64_t seed = 20260101;

static uint32_t
rnd(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

/* Text that repeats itself, as logs do, and some that does not. */
static void
make_text(struct lam_buf *b, size_t n)
{
	lam_buf_clear(b);
	while (b->n < n) {
		size_t from = b->n > 300 ? rnd((uint32_t)b->n - 300) : 0;
		size_t len = 4 + rnd(200);

		if (b->n > 300 && rnd(3)) {
			char again[204];

			memcpy(again, b->p + from, len);
			lam_buf_put(b, again, len);
		} else {
			lam_buf_putc(b, (char)rnd(256));
		}
	}
}

/* TEXT as one member; NAMED 1: with a name and more in its head, 2: and with a
 * checksum of that. */
static void
pack(struct lam_buf *out, const struct lam_buf *text, int level, int named)
{
	Bytef name[] = "a.csv", comment[] = "c", extra[40] = { 1, 2, 3 };
	gz_header head = { .name = name, .comment = comment, .extra = extra,
		.extra_len = sizeof extra, .hcrc = named == 2 };
	size_t cap = text->n + text->n / 100 + 200;
	z_stream z = { 0 };

	lam_buf_clear(out);
	if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8,
		Z_DEFAULT_STRATEGY) || !lam_buf_room(out, cap))
		abort();
	if (named && deflateSetHeader(&z, &head))
		abort();
	z.next_in = (Bytef *)text->p;
	z.avail_in = (uInt)text->n;
	z.next_out = (Bytef *)out->p;
	z.avail_out = (uInt)cap;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	out->n = cap - z.avail_out;
	deflateEnd(&z);
}

/* Inflate P[N] in pieces of at most IN and OUT bytes; how it ends. */
static enum lam_gunzip_state
unpack(struct lam_gunzip *g, const char *p, size_t n, uint32_t in,
	uint32_t out, struct lam_buf *to)
{
	enum lam_gunzip_state state = LAM_GUNZIP_MORE;
	const char *why = NULL, *again = NULL;
	size_t at = 0, put = 1, no = 1, none = 1;
	char byte;

	lam_buf_clear(to);
	lam_gunzip_reset(g);
	while (state == LAM_GUNZIP_MORE && (at < n || put)) {
		size_t have = 1 + rnd(in), room = 1 + rnd(out);
		char piece[70000];

		have = have < n - at ? have : n - at;
		put = room;
		state = lam_gunzip_run(g, p + at, &have, piece, &put, &why);
		if (put > room || at + have > n)
			abort();
		at += have;
		lam_buf_put(to, piece, put);
	}
	if (state == LAM_GUNZIP_BAD && (!why || lam_gunzip_run(g, "x", &no,
		&byte, &none, &again) != state || none || again != why))
		abort(); /* it stays so */
	return state;
}

static bool
same(const struct lam_buf *a, const struct lam_buf *b)
{
	return a->n == b->n && (!a->n || memcmp(a->p, b->p, a->n) == 0);
}

static bool
begins(const struct lam_buf *a, const struct lam_buf *b)
{
	return b->n <= a->n && (!b->n || memcmp(a->p, b->p, b->n) == 0);
}

int
main(void)
{
	static const uint32_t size[] = { 0, 1, 300, 5000, 200000, 70000 };
	struct lam_buf text = LAM_BUF_INIT, gz = LAM_BUF_INIT;
	struct lam_buf got = LAM_BUF_INIT;
	struct lam_gunzip *g = lam_gunzip_new();

	printf("# seed %llu\n", (unsigned long long)seed);
	CHECK(g != NULL);
	for (int i = 0; i < 60; i++) {
		make_text(&text, size[i % 6]);
		pack(&gz, &text, i % 10, i % 3);
		FAIL_IF(unpack(g, gz.p, gz.n, i % 2 ? 7 : 70000,
			i % 4 < 2 ? 70000 : 11, &got) != LAM_GUNZIP_END ||
			!same(&text, &got), "round %d", i);
	}
	PASS("any text, in pieces of any size");
	make_text(&text, 3000);
	pack(&gz, &text, 6, 2);
	for (size_t n = 0; n < gz.n; n++)
		FAIL_IF(unpack(g, gz.p, n, 100, 5000, &got) !=
			LAM_GUNZIP_MORE || !begins(&text, &got),
			"cut at %zu of %zu", n, gz.n);
	PASS("cut anywhere it wants more, and what it gave is right");
	pack(&gz, &text, 6, 0);
	for (size_t bit = 8 * 10; bit < 8 * gz.n; bit++) {
		enum lam_gunzip_state s;

		gz.p[bit / 8] ^= (char)(1 << bit % 8);
		s = unpack(g, gz.p, gz.n, 100, 5000, &got);
		/* the last byte of deflate has bits that say nothing */
		FAIL_IF(s == LAM_GUNZIP_END && (!same(&text, &got) ||
			bit / 8 != gz.n - 9), "bit %zu passed", bit);
		gz.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	PASS("no flipped bit behind the head passes");
	gz.p[0] = 'x';
	CHECK(unpack(g, gz.p, gz.n, 100, 5000, &got) == LAM_GUNZIP_BAD);
	lam_gunzip_free(g);
	lam_buf_release(&text);
	lam_buf_release(&gz);
	lam_buf_release(&got);
	return DONE();
}
