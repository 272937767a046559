/*
 * test_gunzip.c - gzip members in pieces, cut short and damaged
 *
 * The members are zlib's; what comes back must be what went in, and of damaged
 * ones the bytes and the message that zlib gives of all of it in one call.
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
 * checksum of that; FLUSHED: after so many bytes, at most. */
static void
pack(struct lam_buf *out, const struct lam_buf *text, int level, int named,
	int strategy, size_t flushed)
{
	Bytef name[] = "a.csv", comment[] = "c", extra[40] = { 1, 2, 3 };
	gz_header head = { .name = name, .comment = comment, .extra = extra,
		.extra_len = sizeof extra, .hcrc = named == 2 };
	size_t cap = text->n + text->n / 10 + 5000;
	z_stream z = { 0 };

	lam_buf_clear(out);
	if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, strategy) ||
		!lam_buf_room(out, cap))
		abort();
	if (named && deflateSetHeader(&z, &head))
		abort();
	z.next_in = (Bytef *)text->p;
	z.avail_in = (uInt)text->n;
	z.next_out = (Bytef *)out->p;
	z.avail_out = (uInt)cap;
	while (flushed > 99 && z.avail_in > flushed) { /* blocks of any size */
		size_t n = rnd((uint32_t)flushed);

		z.avail_in = (uInt)n;
		deflate(&z, rnd(2) ? Z_SYNC_FLUSH : Z_FULL_FLUSH);
		z.avail_in = (uInt)(text->n - z.total_in);
	}
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	out->n = cap - z.avail_out;
	deflateEnd(&z);
}

static const char *why; /* the last is bad */

/* Inflate P[N] in pieces of at most IN and OUT bytes, and no more than MOST bytes
 * of input at a time; how it ends. */
static enum lam_gunzip_state
unpack(struct lam_gunzip *g, const char *p, size_t n, uint32_t in,
	uint32_t out, size_t most, struct lam_buf *to)
{
	enum lam_gunzip_state state = LAM_GUNZIP_MORE;
	const char *again = NULL;
	size_t at = 0, have = 0, put = 1, no = 1, none = 1;
	char byte;

	lam_buf_clear(to);
	lam_gunzip_reset(g);
	why = NULL;
	while (state == LAM_GUNZIP_MORE && (at < n || put)) {
		size_t room = 1 + rnd(out), used;
		char piece[70000];

		have += rnd(4) ? 1 + rnd(in) : 0; /* or none: as there may be */
		have = have < n - at ? have : n - at;
		have = have < most ? have : most;
		put = room;
		used = have;
		state = lam_gunzip_run(g, p + at, &used, piece, &put,
			have < n - at && have < most, &why);
		if (put > room || used > have)
			abort();
		at += used;
		have -= used;
		lam_buf_put(to, piece, put);
	}
	if (state == LAM_GUNZIP_BAD && (!why || lam_gunzip_run(g, "x", &no,
		&byte, &none, true, &again) != state || none || again != why))
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

/* What zlib says of P[N]. */
static enum lam_gunzip_state
reference(const struct lam_buf *gz, struct lam_buf *to, const char **msg)
{
	z_stream z = { 0 };
	int rc = inflateInit2(&z, 15 + 16);

	lam_buf_clear(to);
	z.next_in = (Bytef *)gz->p;
	z.avail_in = (uInt)gz->n;
	while (rc == Z_OK) {
		if (!lam_buf_room(to, 70000))
			abort();
		z.next_out = (Bytef *)to->p + to->n;
		z.avail_out = 70000;
		rc = inflate(&z, Z_NO_FLUSH);
		to->n += 70000 - z.avail_out;
	}
	*msg = z.msg; /* not of the stream's memory */
	inflateEnd(&z);
	return rc == Z_STREAM_END ? LAM_GUNZIP_END :
		rc == Z_BUF_ERROR ? LAM_GUNZIP_MORE : LAM_GUNZIP_BAD;
}

/* Flip bits, change, drop, double or cut what lies anywhere in B. */
static void
damage(struct lam_buf *b)
{
	size_t at = rnd(3) ? rnd((uint32_t)b->n) : 10 + rnd(200);
	size_t n = 1 + rnd(9);

	if (b->n < 220 || at + n > b->n)
		at = 0;
	switch (rnd(6)) {
	case 0:
		b->n = at;
		break;
	case 1:
		memmove(b->p + at, b->p + at + n, b->n - at - n);
		b->n -= n;
		break;
	case 2:
		memmove(b->p + at + n, b->p + at, b->n - at - n);
		break;
	case 3:
		b->p[at] = (char)rnd(256);
		break;
	case 4:
		b->p[b->n - 1 - rnd(9)] ^= (char)(1 << rnd(8));
		break;
	default:
		b->p[at] ^= (char)(1 << rnd(8));
	}
}

/* Members of every kind, damaged anyhow, read in pieces of any size. */
static bool
as_zlib(struct lam_gunzip *g, int rounds)
{
	struct lam_buf text = LAM_BUF_INIT, gz = LAM_BUF_INIT;
	struct lam_buf got = LAM_BUF_INIT, want = LAM_BUF_INIT;
	bool ok = true;

	for (int i = 0; ok && i < rounds; i++) {
		enum lam_gunzip_state s, t;
		const char *msg;

		if (i % 20 == 0)
			make_text(&text, 20000 + rnd(300000));
		pack(&gz, &text, (int)rnd(10), (int)rnd(3), (int)rnd(5),
			rnd(3) ? 0 : 300 + rnd(50000));
		damage(&gz);
		s = reference(&gz, &want, &msg);
		t = unpack(g, gz.p, gz.n, rnd(2) ? 70000 : 5000,
			rnd(2) ? 70000 : 5000, rnd(2) ? 1000000 : 30000, &got);
		ok = s == t && same(&want, &got) &&
			(s != LAM_GUNZIP_BAD || !strcmp(msg, why));
		if (!ok)
			printf("# round %d: %d %zu %s, zlib: %d %zu %s\n", i,
				t, got.n, why ? why : "", s, want.n,
				msg ? msg : "");
	}
	lam_buf_release(&text);
	lam_buf_release(&gz);
	lam_buf_release(&got);
	lam_buf_release(&want);
	return ok;
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
		pack(&gz, &text, i % 10, i % 3, i % 5, i % 7 ? 0 : 30000);
		FAIL_IF(unpack(g, gz.p, gz.n, i % 2 ? 7 : 70000,
			i % 4 < 2 ? 70000 : 11, i % 3 ? 100000 : 9, &got) != LAM_GUNZIP_END ||
			!same(&text, &got), "round %d", i);
	}
	PASS("any text, in pieces of any size");
	make_text(&text, 3000);
	pack(&gz, &text, 6, 2, 0, 0);
	for (size_t n = 0; n < gz.n; n++)
		FAIL_IF(unpack(g, gz.p, n, 100, 5000, 9999, &got) !=
			LAM_GUNZIP_MORE || !begins(&text, &got),
			"cut at %zu of %zu", n, gz.n);
	PASS("cut anywhere it wants more, and what it gave is right");
	pack(&gz, &text, 6, 0, 0, 0);
	for (size_t bit = 8 * 10; bit < 8 * gz.n; bit++) {
		enum lam_gunzip_state s;

		gz.p[bit / 8] ^= (char)(1 << bit % 8);
		s = unpack(g, gz.p, gz.n, 100, 5000, 9999, &got);
		/* What says nothing, or the same in other words, may pass. */
		FAIL_IF(s == LAM_GUNZIP_END && !same(&text, &got),
			"bit %zu passed", bit);
		gz.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	PASS("no flipped bit behind the head passes with another text");
	CHECK(as_zlib(g, 400));
	gz.p[0] = 'x';
	CHECK(unpack(g, gz.p, gz.n, 100, 5000, 9999, &got) == LAM_GUNZIP_BAD);
	lam_gunzip_free(g);
	lam_buf_release(&text);
	lam_buf_release(&gz);
	lam_buf_release(&got);
	return DONE();
}
