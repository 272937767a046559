/*
 * column_text.c - texts as lengths and bytes
 *
 * Little-endian:
 *
 *	 0  u8   flags: 1 NULL bitmap, 2 deflated, 4 prefixed
 *	 1  u8   width of a packed length, 0..32
 *	 2  u8   width of a packed prefix, 0..8
 *	 3  u8   0
 *	 4  u32  least length
 *	 8  u64  bytes: the sum of the lengths
 *	16  u64  bytes as stored: the same unless deflated
 *	24  u64  text: the same, but with the prefixes put back
 *	32  NULL bitmap, if flagged (lam_bits_size)
 *	    lengths less the least, packed from 32-bit words
 *	    prefixes, if flagged, packed from 16-bit words
 *	    the bytes, one after the other, padded to 8
 *
 * Prefixed (sorted dictionaries): value i starts with the first prefix[i] bytes
 * of value i - 1, which are not stored again.  Deflated only when that saves
 * a fifth: unpacked text is not even copied when read.  At level 1 a prefixed
 * dictionary of less than 4 bytes per row of the block is not deflated
 * either: for 11,000 paths in 65,536 rows that would save 1.3 of 14 bytes per
 * row of a web log, for 38 ns of the 300 that encoding a row takes, and 8 ns
 * whenever the column is read.
 *
 * Valid iff the sizes add up exactly, every prefix is within the value before,
 * and the bytes inflate to exactly the length given.  Sums are checked before
 * anything is allocated; deflate cannot expand more than 1032-fold.
 */
#include "base/hot.h"
#include "store/bitpack.h"
#include "store/column_internal.h"
#include "store/deflate.h"

#define HEAD 32
#define F_NULLS 1
#define F_DEFLATED LAM_TEXT_DEFLATED
#define F_PREFIXED LAM_TEXT_PREFIXED
#define DEFLATE_LEAST 64     /* bytes worth a try */
#define DEFLATE_SAMPLE 16384 /* tried first, when there is four times that */
#define EXPANSION 1032

struct texts {
	uint32_t *len; /* of what is stored, NULL as 0 */
	uint16_t *prefix;
	char *bytes;
	uint64_t nbytes, total;
	uint32_t least, most, nulls;
	unsigned longest; /* prefix */
};

static inline uint64_t
first8(const char *p, uint32_t n)
{
	unsigned char b[8] = { 0 };

	if (n >= 8)
		return __builtin_bswap64(lam_get64(p));
	if (n)
		memcpy(b, p, n);
	return __builtin_bswap64(lam_get64(b));
}

void
lam_text_range(const struct lam_values *v, struct lam_colmeta *m)
{
	uint64_t min = UINT64_MAX, max = 0;
	bool any = false;

	for (uint32_t i = 0; i < v->n; i++) {
		struct lam_cell c = v->cell[i];
		uint64_t k;

		if (c.len == LAM_CELL_NULL)
			continue;
		k = first8(v->text + c.at, c.len);
		min = k < min ? k : min;
		max = k > max ? k : max;
		any = true;
	}
	m->kind = any ? LAM_RANGE_TEXT : LAM_RANGE_NONE;
	m->scale = 0;
	m->min = any ? (int64_t)min : 0;
	m->max = any ? (int64_t)max : 0;
}

static uint32_t
common(const char *a, const char *b, uint32_t most)
{
	uint32_t i = 0;

	while (i < most && a[i] == b[i])
		i++;
	return i;
}

/* Lengths, prefixes and the bytes that remain. */
static bool
gather(const struct lam_values *v, bool prefixed, struct texts *t,
	struct lam_arena *a)
{
	struct lam_cell last = { 0, 0 };
	char *o;

	for (uint32_t i = 0; i < v->n; i++)
		if (v->cell[i].len != LAM_CELL_NULL)
			t->total += v->cell[i].len;
	t->len = lam_arena_alloc(a, (size_t)v->n * 4 + 1);
	t->prefix = LAM_ARENA_NEW(a, uint16_t, (size_t)v->n + 1);
	o = t->bytes = lam_arena_alloc(a, t->total + 1);
	if (!t->len || !t->prefix || !t->bytes)
		return false;
	t->least = UINT32_MAX;
	for (uint32_t i = 0; i < v->n; i++) {
		struct lam_cell c = v->cell[i];
		uint32_t skip = 0;

		lam_values_prefetch(v, i);
		if (c.len == LAM_CELL_NULL) {
			c = (struct lam_cell){ 0, 0 };
			t->nulls++;
		} else if (prefixed && i) {
			uint32_t most = c.len < last.len ? c.len : last.len;

			skip = common(v->text + c.at, v->text + last.at,
				most < 255 ? most : 255);
		}
		t->prefix[i] = (uint16_t)skip;
		t->longest |= skip;
		t->len[i] = c.len - skip;
		if (c.len > skip)
			memcpy(o, v->text + c.at + skip, c.len - skip);
		o += c.len - skip;
		t->least = t->len[i] < t->least ? t->len[i] : t->least;
		t->most = t->len[i] > t->most ? t->len[i] : t->most;
		last = c;
	}
	t->nbytes = (uint64_t)(o - t->bytes);
	return true;
}

/* The bytes deflated into the arena, when it saves a fifth; else NULL. */
static char *
squeeze(const struct texts *t, bool prefixed, struct lam_sink *s, size_t *got)
{
	size_t cap = t->nbytes / 5 * 4, sample = DEFLATE_SAMPLE;
	char *to;

	if (t->nbytes < DEFLATE_LEAST || s->level <= 0)
		return NULL;
	if (prefixed && s->level == 1 && t->nbytes / 4 < s->rows)
		return NULL;
	to = lam_arena_alloc(s->scratch, cap > sample ? cap : sample);
	if (to == NULL)
		return NULL;
	if (t->nbytes >= 4 * sample &&
		lam_deflate(t->bytes + t->nbytes / 2, sample, 1, to,
			sample / 20 * 17) == 0)
		return NULL;
	*got = lam_deflate(t->bytes, t->nbytes, s->level, to, cap);
	return *got ? to : NULL;
}

static int
put(const struct lam_values *v, struct texts *t, bool prefixed,
	struct lam_sink *s)
{
	unsigned width = lam_bits(t->most - t->least);
	unsigned pwidth = prefixed ? lam_bits(t->longest) : 0;
	size_t stored = t->nbytes, bits = t->nulls ? lam_bits_size(v->n) : 0;
	size_t lens = lam_pack_size(v->n, width);
	size_t prefixes = prefixed ? lam_pack_size(v->n, pwidth) : 0;
	char *packed = squeeze(t, prefixed, s, &stored);
	uint8_t *p = lam_sink_room(s->out, HEAD + bits + lens + prefixes);

	if (p == NULL)
		return lam_fail_mem(s->e);
	p[0] = (uint8_t)((t->nulls ? F_NULLS : 0) |
		(packed ? F_DEFLATED : 0) | (prefixed ? F_PREFIXED : 0));
	p[1] = (uint8_t)width;
	p[2] = (uint8_t)pwidth;
	lam_put32(p + 4, t->least);
	lam_put64(p + 8, t->nbytes);
	lam_put64(p + 16, packed ? stored : t->nbytes);
	lam_put64(p + 24, t->total);
	p += HEAD;
	for (uint32_t i = 0; t->nulls && i < v->n; i++)
		if (v->cell[i].len == LAM_CELL_NULL)
			p[i / 8] |= (uint8_t)(1 << i % 8);
	for (uint32_t i = 0; i < v->n; i++)
		t->len[i] -= t->least;
	lam_pack32(t->len, v->n, width, p + bits);
	lam_pack16(t->prefix, prefixed ? v->n : 0, pwidth, p + bits + lens);
	if (packed == NULL)
		stored = t->nbytes;
	lam_buf_put(s->out, packed ? packed : t->bytes, stored);
	lam_sink_room(s->out, lam_pad8(stored) - stored);
	return lam_buf_check(s->out, s->e);
}

int
lam_text_encode(const struct lam_values *v, bool prefixed, struct lam_sink *s,
	struct lam_colmeta *m)
{
	struct texts t = { 0 };

	if (!gather(v, prefixed, &t, s->scratch))
		return lam_fail_mem(s->e);
	m->encoding = LAM_ENC_TEXT;
	lam_text_range(v, m);
	return put(v, &t, prefixed, s);
}

/* A TEXT column as read. */
struct column {
	unsigned flags, width, pwidth;
	uint32_t n, least;
	uint64_t nbytes, stored, total;
	const uint8_t *nulls, *lens, *prefixes;
	const char *bytes;
	uint32_t *len;
	uint16_t *prefix;
};

static int
damaged(struct lam_want *w, const char *what)
{
	return lam_fail(w->e, LAM_DATA, "text: %s", what);
}

static int
open_text(struct column *c, const uint8_t *p, size_t size, struct lam_want *w)
{
	size_t at = HEAD;

	if (size < HEAD)
		return damaged(w, "too short");
	c->flags = p[0];
	c->width = p[1];
	c->pwidth = p[2];
	c->least = lam_get32(p + 4);
	c->nbytes = lam_get64(p + 8);
	c->stored = lam_get64(p + 16);
	c->total = lam_get64(p + 24);
	if (c->flags > 7 || c->width > 32 || c->pwidth > 8)
		return damaged(w, "flags or width out of range");
	c->nulls = p + at;
	at += c->flags & F_NULLS ? lam_bits_size(c->n) : 0;
	c->lens = p + at;
	at += lam_pack_size(c->n, c->width);
	c->prefixes = p + at;
	at += c->flags & F_PREFIXED ? lam_pack_size(c->n, c->pwidth) : 0;
	c->bytes = (const char *)p + at;
	if (at > size || c->stored > size || size - at != lam_pad8(c->stored))
		return damaged(w, "size does not match");
	if (c->flags & F_DEFLATED ?
		c->nbytes / EXPANSION > c->stored || c->nbytes > UINT32_MAX :
		c->nbytes != c->stored)
		return damaged(w, "length does not match");
	return LAM_OK;
}

/* Add LEAST to all lengths; their sum, UINT64_MAX when one is too large. */
LAM_HOT static uint64_t
add_least(uint32_t *len, uint32_t n, uint32_t least)
{
	uint64_t sum = 0;
	uint32_t over = 0;

	for (uint32_t i = 0; i < n; i++) {
		len[i] += least;
		over |= len[i] < least;
		sum += len[i];
	}
	return over ? UINT64_MAX : sum;
}

/* Lengths and prefixes, and that they add up. */
static int
read_lengths(struct column *c, struct lam_want *w)
{
	bool prefixed = c->flags & F_PREFIXED;
	uint64_t bytes, total, last = 0;

	c->len = lam_arena_alloc(w->arena, (size_t)c->n * 4 + 1);
	c->prefix = lam_arena_alloc(w->arena, (size_t)c->n * 2 + 1);
	if (c->len == NULL || c->prefix == NULL)
		return lam_fail_mem(w->e);
	lam_unpack32(c->lens, c->n, c->width, c->len);
	total = bytes = add_least(c->len, c->n, c->least);
	if (prefixed) {
		lam_unpack16(c->prefixes, c->n, c->pwidth, c->prefix);
		for (uint32_t i = 0; i < c->n; i++) {
			if (c->prefix[i] > last)
				return damaged(w, "prefix out of range");
			last = (uint64_t)c->prefix[i] + c->len[i];
			total += c->prefix[i];
		}
	}
	if (bytes != c->nbytes || total != c->total || total > UINT32_MAX)
		return damaged(w, "lengths do not add up");
	return LAM_OK;
}

static int
read_bytes(struct column *c, struct lam_want *w)
{
	char *raw;

	if (!(c->flags & F_DEFLATED))
		return LAM_OK;
	raw = lam_arena_alloc(w->arena, c->nbytes + 1);
	if (raw == NULL)
		return lam_fail_mem(w->e);
	if (!lam_inflate(c->bytes, c->stored, raw, c->nbytes))
		return damaged(w, "does not inflate to its length");
	c->bytes = raw;
	return LAM_OK;
}

/*
 * Putting prefixes back.  Texts are short and vary in length, so a call of memcpy
 * is mostly the call, and a text read back just after it was written in two
 * pieces waits for the writes.  So the first FRONT bytes of the text before are
 * kept in a vector, and a text is these and the stored bytes, each where its
 * prefix says: 4 ns a text against 10.
 */
#define FRONT 32
#define SLACK (FRONT + 16) /* what may be written behind the last text */

typedef int8_t front __attribute__((vector_size(FRONT)));

/* From FRONT - n on, a mask of n bytes. */
static const int8_t first[2 * FRONT] = {
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};

/* The first PREFIX bytes of F, the others from AT. */
static inline void
front_mix(front *f, const char *at, size_t prefix)
{
	front mask, v;

	memcpy(&mask, first + FRONT - (prefix < FRONT ? prefix : FRONT),
		sizeof mask);
	memcpy(&v, at, sizeof v);
	*f = (*f & mask) | (v & ~mask);
}

/* N bytes, 16 at a time: up to 15 more are read and written. */
static inline void
copy_short(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i += 16)
		memcpy(to + i, from + i, 16);
}

/* The bytes behind the FRONT of a text of N bytes. */
static inline void
copy_rest(char *to, const char *last, const char *at, size_t prefix, size_t n)
{
	size_t k = prefix > FRONT ? prefix : FRONT;

	copy_short(to + FRONT, last + FRONT, k - FRONT);
	copy_short(to + k, at + k, n - k);
}

LAM_HOT static int
make_texts(const struct column *c, struct lam_want *w, struct lam_str *s)
{
	const char *from = c->bytes, *end = from + c->nbytes, *last;
	front f = { 0 };
	char *to;

	if (!(c->flags & F_PREFIXED)) {
		for (uint32_t i = 0; i < c->n; i++) {
			s[i] = (struct lam_str){ from, c->len[i] };
			from += c->len[i];
		}
		return LAM_OK;
	}
	to = lam_arena_alloc(w->arena, c->total + SLACK);
	if (to == NULL)
		return lam_fail_mem(w->e);
	last = to; /* of the first text no prefix is taken */
	for (uint32_t i = 0; i < c->n; i++) {
		size_t prefix = c->prefix[i], n = prefix + c->len[i];

		/* No reading before the first or behind the last byte. */
		if ((size_t)(from - c->bytes) >= prefix &&
			(size_t)(end - from) >= c->len[i] + SLACK) {
			front_mix(&f, from - prefix, prefix);
			memcpy(to, &f, FRONT);
			if (n > FRONT)
				copy_rest(to, last, from - prefix, prefix, n);
		} else {
			memcpy(to, last, prefix);
			memcpy(to + prefix, from, c->len[i]);
			memcpy(&f, to, FRONT);
		}
		s[i] = (struct lam_str){ to, n };
		from += c->len[i];
		last = to;
		to += n;
	}
	return LAM_OK;
}

/* Lengths, prefixes and bytes, checked. */
static int
read_text(struct column *c, const uint8_t *p, size_t size, struct lam_want *w)
{
	int r = open_text(c, p, size, w);

	if (r == LAM_OK)
		r = read_lengths(c, w);
	if (r == LAM_OK)
		r = read_bytes(c, w);
	return r;
}

/*
 * Looking for one text, prefixes are not put back: of each text, M is how much of
 * its beginning S has too.  A text that takes more than M from the one before
 * differs from S at the same place; of others only what is stored is compared.
 */
static void
match_prefixed(const struct column *c, struct lam_str s, uint8_t *bit)
{
	const char *from = c->bytes;
	size_t m = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		size_t prefix = c->prefix[i], len = c->len[i], most;

		if (prefix <= m) {
			most = s.n - prefix < len ? s.n - prefix : len;
			m = prefix;
			if (most)
				m += common(from, s.p + prefix,
					(uint32_t)most);
		}
		bit[i] = m == s.n && prefix + len == s.n;
		from += len;
	}
}

int
lam_text_match(const uint8_t *p, size_t size, uint32_t n, struct lam_str s,
	struct lam_want *w, struct lam_vec *out)
{
	struct column c = { .n = n };
	const char *from;
	uint8_t *bit, *null = NULL;
	int r = read_text(&c, p, size, w);

	if (r)
		return r;
	bit = lam_arena_alloc(w->arena, (size_t)n + 1);
	if (c.flags & F_NULLS)
		null = lam_arena_alloc(w->arena, (size_t)n + 1);
	if (bit == NULL || (c.flags & F_NULLS && null == NULL))
		return lam_fail_mem(w->e);
	from = c.bytes;
	if (c.flags & F_PREFIXED)
		match_prefixed(&c, s, bit);
	else
		for (uint32_t i = 0; i < n; from += c.len[i++])
			bit[i] = c.len[i] == s.n &&
				(s.n == 0 || memcmp(from, s.p, s.n) == 0);
	if (null)
		lam_bits_expand(c.nulls, n, null);
	*out = (struct lam_vec){ .type = LAM_BOOL, .n = n, .bit = bit,
		.null = null };
	return LAM_OK;
}

int
lam_text_decode(const uint8_t *p, size_t size, uint32_t n, struct lam_want *w,
	struct lam_vec *out)
{
	struct column c = { .n = n };
	struct lam_str *s;
	int r = read_text(&c, p, size, w);

	if (r)
		return r;
	s = lam_arena_alloc(w->arena, (size_t)n * sizeof *s + 1);
	if (s == NULL)
		return lam_fail_mem(w->e);
	r = make_texts(&c, w, s);
	if (r)
		return r;
	for (uint32_t i = 0; c.flags & F_NULLS && i < n; i++)
		if (c.nulls[i / 8] >> (i % 8) & 1)
			s[i] = (struct lam_str){ NULL, 0 };
	return lam_text_convert(s, n, w, out);
}
