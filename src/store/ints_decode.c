/*
 * ints_decode.c - bytes of an INTS column (ints.h) to a vector
 *
 * Wanted as what it is (a number as a number, a time as a time, integers as a
 * time with a known unit), 32-bit offsets become a FOR vector as they are:
 * unpacking is all there is to do, 0.4 ns a row, 0.7 with delta, the look for
 * the largest included.  64-bit ones become a flat vector.  Anything else goes
 * by way of the text: print every value, parse it as the type; right by
 * definition, and rare.
 *
 * Nothing in the bytes is trusted: sizes, indexes and ranges are checked first.
 */
#include "store/bitpack.h"
#include "store/column_internal.h"
#include "store/ints.h"
#include "base/hot.h"

struct ints {
	enum lam_kind kind;
	unsigned width, unit, word, scale;
	bool delta;
	struct lam_timeform form;
	uint32_t n, nexc;
	int64_t base;
	uint64_t least;
	const uint8_t *nulls;	/* bitmap, or NULL */
	const uint8_t *exc;	/* rows, then lengths */
	const char *exc_text;
	const uint8_t *group;	/* delta: words of the groups */
	const uint8_t *packed;
};

static int
damaged(struct lam_want *w, const char *what)
{
	return lam_fail(w->e, LAM_DATA, "integers: %s", what);
}

static int
open_head(struct ints *x, const uint8_t *p, struct lam_want *w)
{
	x->kind = p[0];
	x->delta = p[1];
	x->width = p[2];
	x->nexc = lam_get32(p + 4);
	x->form.form = p[8];
	x->form.zone = p[9];
	x->form.digits = p[10];
	x->scale = p[11];
	x->form.offset = (int16_t)lam_get16(p + 12);
	x->unit = p[14];
	x->word = p[15];
	x->base = (int64_t)lam_get64(p + 16);
	x->least = lam_get64(p + 24);
	if (p[0] >= LAM_KINDS || p[1] > 1 || p[3] > LAM_INTS_NULLS)
		return damaged(w, "unknown kind, packing or flag");
	if ((x->word != 32 && x->word != 64) || x->width > x->word ||
		x->unit >= LAM_INTS_UNITS || x->scale > 18)
		return damaged(w, "width, unit or scale out of range");
	if (x->unit && x->kind != LAM_KIND_TIME)
		return damaged(w, "unit of something that is not a time");
	if (x->scale && x->kind != LAM_KIND_FIXED && x->kind != LAM_KIND_TRIM)
		return damaged(w, "scale of something that is not a decimal");
	if (x->form.form >= LAM_TIME_FORMS || x->form.zone >= LAM_ZONES ||
		x->form.digits > 9 || x->form.offset > 24 * 60 ||
		x->form.offset < -24 * 60)
		return damaged(w, "form of time out of range");
	if (x->nexc > x->n)
		return damaged(w, "more exceptions than rows");
	return LAM_OK;
}

static int
open_exceptions(struct ints *x, const uint8_t *p, size_t left, size_t *used,
	struct lam_want *w)
{
	uint64_t bytes = 0;
	int64_t last = -1;

	if (left < (size_t)x->nexc * 8)
		return damaged(w, "too short for its exceptions");
	for (uint32_t i = 0; i < x->nexc; i++) {
		uint32_t row = lam_get32(p + (size_t)i * 4);

		if (row >= x->n || row <= last)
			return damaged(w, "row of an exception out of range");
		last = row;
		bytes += lam_get32(p + ((size_t)x->nexc + i) * 4);
	}
	if (bytes > left - (size_t)x->nexc * 8)
		return damaged(w, "too short for its exceptions");
	x->exc = p;
	x->exc_text = (const char *)p + (size_t)x->nexc * 8;
	*used = (size_t)x->nexc * 8 + lam_pad8(bytes);
	return LAM_OK;
}

static int
open_ints(struct ints *x, const uint8_t *p, size_t size, struct lam_want *w)
{
	size_t at = LAM_INTS_HEAD, used = 0, rest;
	int r;

	if (size < LAM_INTS_HEAD)
		return damaged(w, "too short");
	r = open_head(x, p, w);
	if (r)
		return r;
	if (p[3] & LAM_INTS_NULLS) {
		if (size - at < lam_bits_size(x->n))
			return damaged(w, "too short for its NULLs");
		x->nulls = p + at;
		at += lam_bits_size(x->n);
	}
	if (x->nexc) {
		r = open_exceptions(x, p + at, size - at, &used, w);
		if (r)
			return r;
		at += used;
	}
	rest = lam_pack_size(x->n, x->width);
	x->group = p + at;
	if (x->delta) {
		used = ((size_t)x->n + LAM_PACK_GROUP - 1) / LAM_PACK_GROUP * 8;
		rest += used;
	}
	if (at > size || size - at != rest)
		return damaged(w, "size does not match");
	x->packed = p + at + (x->delta ? used : 0);
	return LAM_OK;
}

#define DEFINE_SUMS(W)                                                       \
	/* Running sums of one group, side by side in 1024/W lanes. */       \
	LAM_HOT static void                                               \
	sums##W(uint##W##_t *o, uint32_t n, uint##W##_t base,                \
		uint##W##_t least)                                           \
	{                                                                    \
		enum { LANES = LAM_PACK_GROUP / W };                         \
                                                                             \
		for (uint32_t i = 0; i < n && i < LANES; i++)                \
			o[i] += base;                                        \
		if (n == LAM_PACK_GROUP) {                                   \
			for (uint32_t r = LANES; r < LAM_PACK_GROUP;         \
				r += LANES)                                  \
				for (uint32_t l = 0; l < LANES; l++)         \
					o[r + l] += o[r + l - LANES] + least; \
			return;                                              \
		}                                                            \
		for (uint32_t i = LANES; i < n; i++)                         \
			o[i] += o[i - LANES] + least;                        \
	}                                                                    \
                                                                             \
	static void                                                          \
	offsets##W(const struct ints *x, uint##W##_t *out)                   \
	{                                                                    \
		const uint8_t *p = x->packed;                                \
                                                                             \
		if (!x->delta) {                                             \
			lam_unpack##W(p, x->n, x->width, out);               \
			return;                                              \
		}                                                            \
		for (uint32_t at = 0, g = 0; at < x->n; g++) {               \
			uint32_t n = x->n - at < LAM_PACK_GROUP ?            \
				x->n - at : LAM_PACK_GROUP;                  \
                                                                             \
			lam_unpack##W(p, n, x->width, out + at);             \
			sums##W(out + at, n,                                 \
				(uint##W##_t)lam_get64(x->group + g * 8),    \
				(uint##W##_t)x->least);                      \
			p += lam_pack_size(n, x->width);                     \
			at += n;                                             \
		}                                                            \
	}

DEFINE_SUMS(32)
DEFINE_SUMS(64)

LAM_HOT static uint32_t
largest(const uint32_t *v, uint32_t n)
{
	uint32_t max = 0;

	for (uint32_t i = 0; i < n; i++)
		max = v[i] > max ? v[i] : max;
	return max;
}

LAM_HOT static void
widen(uint64_t *v, uint32_t n, uint64_t base, uint64_t unit)
{
	for (uint32_t i = 0; i < n; i++)
		v[i] = base + v[i] * unit;
}

/* All values (odd rows too, whose value means nothing) as integers. */
static int
values(const struct ints *x, struct lam_want *w, struct lam_vec *out)
{
	int64_t unit = lam_ints_unit[x->unit];

	out->n = x->n;
	out->scale = (uint8_t)x->scale;
	if (x->word == 32) {
		uint32_t *v = lam_arena_alloc(w->arena, (size_t)x->n * 4 + 1);

		if (v == NULL)
			return lam_fail_mem(w->e);
		offsets32(x, v);
		out->rep = LAM_FOR;
		out->u32 = v;
		out->base = x->base;
		out->mult = unit;
		out->max = largest(v, x->n);
		if ((lam_i128)x->base + (lam_i128)unit * out->max > INT64_MAX)
			return damaged(w, "a value out of range");
	} else {
		uint64_t *v = lam_arena_alloc(w->arena, (size_t)x->n * 8 + 1);

		if (v == NULL)
			return lam_fail_mem(w->e);
		offsets64(x, v);
		widen(v, x->n, (uint64_t)x->base, (uint64_t)unit);
		out->rep = LAM_FLAT;
		out->i64 = (const int64_t *)v;
	}
	return LAM_OK;
}

static size_t
print_decimal(int64_t v, unsigned scale, bool trim, char *out)
{
	char d[24];
	uint64_t m = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	size_t n, o = 0;

	while (trim && scale && m % 10 == 0) {
		m /= 10;
		scale--;
	}
	n = lam_u64_print(m, d);
	if (v < 0)
		out[o++] = '-';
	if (n <= scale) {
		out[o++] = '0';
	} else {
		memcpy(out + o, d, n - scale);
		o += n - scale;
	}
	if (scale == 0)
		return o;
	out[o++] = '.';
	for (size_t zeros = n < scale ? scale - n : 0; zeros > 0; zeros--)
		out[o++] = '0';
	memcpy(out + o, n <= scale ? d : d + n - scale,
		n < scale ? n : scale);
	return o + (n < scale ? n : scale);
}

static size_t
print_value(const struct ints *x, int64_t v, char *out)
{
	switch (x->kind) {
	case LAM_KIND_INT:
		return lam_i64_print(v, out);
	case LAM_KIND_FIXED:
	case LAM_KIND_TRIM:
		return print_decimal(v, x->scale, x->kind == LAM_KIND_TRIM,
			out);
	case LAM_KIND_TIME:
		return lam_time_print_form(v, &x->form, out);
	default:
		return lam_ipv4_print((uint32_t)v, out);
	}
}

static inline int64_t
value_at(const struct lam_vec *v, uint32_t i)
{
	return v->rep == LAM_FOR ? v->base + v->mult * v->u32[i] : v->i64[i];
}

/* The loop of texts() for addresses, which are most of what is printed. */
LAM_O3 static void
ipv4_texts(const struct lam_vec *values, const uint16_t *row, uint32_t n,
	struct lam_str *s, char *o)
{
	const struct lam_vec v = *values; /* no text lies in it */

	for (uint32_t i = 0; i < n; i++) {
		size_t size = lam_ipv4_print((uint32_t)value_at(&v,
			row ? row[i] : i), o);

		s[i] = (struct lam_str){ o, size };
		o += size;
	}
}

/* The values of N rows, which are ROW[N] or (NULL) the first, as their texts. */
static struct lam_str *
texts(const struct ints *x, const struct lam_vec *v, const uint16_t *row,
	uint32_t n, struct lam_want *w)
{
	struct lam_str *s = lam_arena_alloc(w->arena, (size_t)n * sizeof *s + 1);
	char *o = lam_arena_alloc(w->arena, (size_t)n * (x->kind ==
		LAM_KIND_IPV4 ? LAM_IPV4_TEXT : LAM_TIME_TEXT) + 1);
	const char *t = x->exc_text;
	uint32_t at = 0; /* where the next exception may be */

	if (s == NULL || o == NULL)
		return NULL;
	if (x->kind == LAM_KIND_IPV4)
		ipv4_texts(v, row, n, s, o);
	for (uint32_t i = 0; x->kind != LAM_KIND_IPV4 && i < n; i++) {
		s[i].p = o;
		s[i].n = print_value(x, value_at(v, row ? row[i] : i), o);
		o += s[i].n;
	}
	for (uint32_t k = 0; k < x->nexc && at < n; k++) {
		uint32_t odd = lam_get32(x->exc + (size_t)k * 4);
		uint32_t size = lam_get32(x->exc + ((size_t)x->nexc + k) * 4);

		for (; at < n && (row ? row[at] : at) < odd; at++)
			;
		if (at < n && (row ? row[at] : at) == odd)
			s[at] = (struct lam_str){ t, size };
		t += size;
	}
	for (uint32_t i = 0; x->nulls && i < n; i++) {
		uint32_t r = row ? row[i] : i;

		if (x->nulls[r / 8] >> (r % 8) & 1)
			s[i] = (struct lam_str){ NULL, 0 };
	}
	return s;
}

/* Does an exception parse as the type after all (007, 1e3)? */
static bool
exception_fits(const struct ints *x, const struct lam_want *w)
{
	struct lam_timecache c = LAM_TIMECACHE_INIT;
	const char *t = x->exc_text;
	struct lam_num num;
	int64_t ns;

	for (uint32_t k = 0; k < x->nexc; k++) {
		uint32_t n = lam_get32(x->exc + ((size_t)x->nexc + k) * 4);

		if (w->t.type == LAM_NUMBER ? lam_num_parse(t, n, &num) :
			lam_value_time(t, n, w->t.unit, &c, &ns))
			return true;
		t += n;
	}
	return false;
}

/* NULLs, and exceptions as NULLs. */
static int
mask_odd(const struct ints *x, struct lam_want *w, struct lam_vec *out)
{
	uint8_t *null;

	if (x->nulls == NULL && x->nexc == 0)
		return LAM_OK;
	null = LAM_ARENA_NEW(w->arena, uint8_t, x->n);
	if (null == NULL)
		return lam_fail_mem(w->e);
	if (x->nulls)
		lam_bits_expand(x->nulls, x->n, null);
	for (uint32_t k = 0; k < x->nexc; k++) {
		uint32_t i = lam_get32(x->exc + (size_t)k * 4);

		/* An empty text is NULL here, without a word. */
		if (!null[i] && lam_get32(x->exc + ((size_t)x->nexc + k) * 4))
			lam_want_bad(w, i);
		null[i] = 1;
	}
	out->null = null;
	return LAM_OK;
}

/* Counts of UNIT ns to ns, where they all fit. */
static bool
to_epoch(struct lam_vec *v, int64_t unit, struct lam_arena *a)
{
	int64_t top, *o;

	if (v->rep == LAM_FOR)
		return !__builtin_mul_overflow(v->base, unit, &v->base) &&
			!__builtin_mul_overflow(v->mult, unit, &v->mult) &&
			!__builtin_mul_overflow(v->mult, v->max, &top) &&
			!__builtin_add_overflow(v->base, top, &top);
	o = lam_arena_alloc(a, (size_t)v->n * 8 + 1);
	if (o == NULL)
		return false;
	for (uint32_t i = 0; i < v->n; i++)
		if (!lam_time_from_epoch(v->i64[i], unit, &o[i]))
			return false;
	v->i64 = o;
	return true;
}

/* The values are of the wanted type as they are. */
static bool
direct(const struct ints *x, struct lam_want *w, struct lam_vec *v)
{
	bool number = x->kind == LAM_KIND_INT || x->kind == LAM_KIND_FIXED ||
		x->kind == LAM_KIND_TRIM;

	switch (w->t.type) {
	case LAM_TEXT:
		return w->t.unit == LAM_MAY_BE_NUMBERS && !x->nexc &&
			x->kind == LAM_KIND_IPV4 && v->rep == LAM_FOR;
	case LAM_NUMBER:
		return number && !exception_fits(x, w);
	case LAM_TIME:
		if (exception_fits(x, w))
			return false;
		if (x->kind == LAM_KIND_INT && w->t.unit > 0)
			return to_epoch(v, w->t.unit, w->arena);
		return x->kind == LAM_KIND_TIME;
	default:
		return false;
	}
}

int
lam_ints_decode(const uint8_t *p, size_t size, uint32_t n, struct lam_want *w,
	struct lam_vec *out)
{
	struct ints x = { .n = n };
	struct lam_vec v = { .n = n }, typed;
	struct lam_str *s;
	int r = open_ints(&x, p, size, w);

	if (r == LAM_OK)
		r = values(&x, w, &v);
	if (r)
		return r;
	typed = v;
	if (direct(&x, w, &typed)) {
		typed.type = w->t.type;
		*out = typed;
		return mask_odd(&x, w, out);
	}
	s = texts(&x, &v, NULL, n, w);
	if (s == NULL)
		return lam_fail_mem(w->e);
	return lam_text_convert(s, n, w, out);
}

int
lam_ints_pick(const uint8_t *p, size_t size, uint32_t n, const uint16_t *row,
	uint32_t nrows, struct lam_want *w, struct lam_vec *out)
{
	struct ints x = { .n = n };
	struct lam_vec v = { .n = n };
	struct lam_str *s;
	int r = open_ints(&x, p, size, w);

	if (r == LAM_OK)
		r = values(&x, w, &v);
	if (r)
		return r;
	s = texts(&x, &v, row, nrows, w);
	if (s == NULL)
		return lam_fail_mem(w->e);
	return lam_text_convert(s, nrows, w, out);
}
