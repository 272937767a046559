/*
 * quantile.c - approximate quantiles: counts in logarithmic buckets
 *
 * A sketch is a sorted list of packed entries, since most groups have few
 * buckets; adding merges two sorted lists.
 */
#include "group/quantile.h"

#include <string.h>

#include "base/hot.h"
#include "base/masks_wide.h"

double
lam_bucket_middle(uint32_t bucket)
{
	bool minus = bucket < LAM_BUCKET_ZERO;
	uint64_t size = minus ? LAM_BUCKET_ZERO - bucket :
		bucket - LAM_BUCKET_ZERO;
	uint64_t bits = size << 46 | UINT64_C(1) << 45;
	double v;

	if (!size)
		return 0;
	memcpy(&v, &bits, sizeof v);
	return minus ? -v : v;
}

/* All bits of the counts at FROM. */
LAM_HOT static uint64_t
counts(const uint64_t *from, size_t n)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < n; i++)
		bits |= from[i];
	return bits & LAM_BUCKET_COUNT;
}

/* The entries at FROM in 32 bits, in a form that vectorises. */
LAM_HOT static void
narrow(const uint64_t *from, size_t n, uint32_t *to)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (uint32_t)(from[i] >> (LAM_BUCKET_SHIFT -
			LAM_BUCKET_NARROW)) | (uint32_t)from[i];
}

/* Whether there is a bucket nobody can predict, so each is written and seldom kept. */
static uint32_t
list_plain(uint32_t *count, uint32_t span, uint32_t least, uint32_t *entry)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < span; i++) {
		entry[n] = (least + i) << LAM_BUCKET_NARROW | count[i];
		n += count[i] != 0;
		count[i] = 0;
	}
	return n;
}

#if LAM_X86
/* 8 at a time: which are not zero says, by a table, where to take them. */
LAM_AVX2 static uint32_t
list_avx2(uint32_t *count, uint32_t span, uint32_t least, uint32_t *entry)
{
	__m256i from = _mm256_set1_epi32((int)(least << LAM_BUCKET_NARROW));
	uint32_t *to = entry;

	for (uint32_t at = 0; at < span; at += 8) {
		__m256i v = _mm256_loadu_si256((const void *)(count + at));
		unsigned zero = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(
			_mm256_cmpeq_epi32(v, _mm256_setzero_si256())));
		__m256i bits = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)
			&lam_bits_of_byte[zero ^ 0xff]));

		_mm256_storeu_si256((void *)(count + at),
			_mm256_setzero_si256());
		_mm256_storeu_si256((void *)to, _mm256_or_si256(
			_mm256_add_epi32(from, _mm256_slli_epi32(bits,
			LAM_BUCKET_NARROW)),
			_mm256_permutevar8x32_epi32(v, bits)));
		to += __builtin_popcount(zero ^ 0xff);
		from = _mm256_add_epi32(from, _mm256_set1_epi32(8 <<
			LAM_BUCKET_NARROW));
	}
	return (uint32_t)(to - entry);
}
#endif

uint32_t
lam_bucket_list_by(uint32_t *count, uint32_t span, uint32_t least,
	enum lam_masks masks, uint32_t *entry)
{
#if LAM_X86
	if (masks >= LAM_MASKS_AVX2)
		return list_avx2(count, span, least, entry);
#endif
	(void)masks;
	return list_plain(count, span, least, entry);
}

uint32_t
lam_bucket_list(uint32_t *count, uint32_t span, uint32_t least, uint32_t *entry)
{
	return lam_bucket_list_by(count, span, least, lam_masks_best(), entry);
}

/* Room for BYTES at s->p, what is there being lost. */
static int
make_room(struct lam_quantile *s, size_t bytes, struct lam_heap *h,
	struct lam_error *e)
{
	size_t cap;
	void *p;

	if (bytes <= s->cap)
		return LAM_OK;
	p = lam_heap_alloc(h, bytes, &cap);
	if (!p)
		return lam_fail_mem(e);
	lam_heap_give(h, s->p, s->cap);
	s->p = p;
	s->cap = (uint32_t)cap;
	return LAM_OK;
}

/* The entries at P as S, of which they are no part. */
static int
store(struct lam_quantile *s, const uint64_t *p, size_t n, struct lam_heap *h,
	struct lam_error *e)
{
	bool wide = counts(p, n) > LAM_BUCKET_NARROW_COUNT;
	size_t bytes = n * (wide ? sizeof *p : sizeof(uint32_t));
	int rc = make_room(s, bytes, h, e);

	if (rc)
		return rc;
	if (wide)
		memcpy(s->p, p, bytes);
	else
		narrow(p, n, s->p);
	s->n = (uint32_t)n & INT32_MAX;
	s->wide = wide;
	return LAM_OK;
}

/* S, which is empty, becomes FROM. */
static int
copy(struct lam_quantile *s, const struct lam_quantile *from,
	struct lam_heap *h, struct lam_error *e)
{
	size_t bytes = from->n * sizeof(uint32_t);
	int rc;

	if (from->wide)
		return store(s, from->p, from->n, h, e);
	rc = make_room(s, bytes, h, e);
	if (rc || !bytes)
		return rc;
	memcpy(s->p, from->p, bytes);
	s->n = from->n;
	s->wide = false;
	return LAM_OK;
}

int
lam_quantile_merge(struct lam_quantile *s, const struct lam_quantile *from,
	struct lam_quantile_scratch *w, struct lam_heap *h,
	struct lam_error *e)
{
	uint32_t i = 0, j = 0;
	size_t k = 0, cap = w->cap;
	uint64_t *p;

	if (!s->n)
		return copy(s, from, h, e);
	p = lam_mem_grow(h->mem, w->p, &cap, (size_t)s->n + from->n + 1,
		sizeof *p);
	if (!p)
		return lam_fail_mem(e);
	w->p = p;
	w->cap = cap;
	while (i < s->n || j < from->n) {
		uint64_t a = i < s->n ? lam_quantile_entry(s, i) : UINT64_MAX;
		uint64_t b = j < from->n ? lam_quantile_entry(from, j) :
			UINT64_MAX;
		bool left = a >> LAM_BUCKET_SHIFT <= b >> LAM_BUCKET_SHIFT;
		bool right = a >> LAM_BUCKET_SHIFT >= b >> LAM_BUCKET_SHIFT;
		uint64_t count = (left ? a & LAM_BUCKET_COUNT : 0) +
			(right ? b & LAM_BUCKET_COUNT : 0);

		if (count > LAM_BUCKET_COUNT)
			return lam_fail(e, LAM_DATA,
				"approx_quantile: the count overflows");
		p[k++] = ((left ? a : b) & ~LAM_BUCKET_COUNT) | count;
		i += left;
		j += right;
	}
	return store(s, p, k, h, e);
}

int
lam_quantile_add(struct lam_quantile *s, uint64_t *entry, size_t n,
	struct lam_quantile_scratch *w, struct lam_heap *h,
	struct lam_error *e)
{
	const struct lam_quantile from = { .p = entry,
		.n = (uint32_t)n & INT32_MAX, .wide = true };

	return lam_quantile_merge(s, &from, w, h, e);
}

/* Digits at P[*AT]: at most MAX; false: none, a leading zero, or more. */
static bool
digits(struct lam_str t, size_t *at, uint64_t max, uint64_t *out)
{
	size_t from = *at;
	uint64_t v = 0;

	while (*at < t.n && t.p[*at] >= '0' && t.p[*at] <= '9' && v <= max)
		v = v * 10 + (uint64_t)(t.p[(*at)++] - '0');
	*out = v;
	return *at > from && v <= max && (t.p[from] != '0' || *at == from + 1);
}

bool
lam_quantile_parse(struct lam_str t, struct lam_quantile_scratch *w,
	struct lam_mem *m, size_t *n)
{
	const uint64_t most = lam_bucket(1e38) - LAM_BUCKET_ZERO;
	uint64_t size, count, bucket, last = 0;
	size_t at = 0, cap;
	uint64_t *p;
	bool minus;

	for (*n = 0; at < t.n; (*n)++) {
		if (*n && t.p[at++] != ' ')
			return false;
		minus = at < t.n && t.p[at] == '-';
		at += minus;
		if (!digits(t, &at, most, &size) ||
			at == t.n || t.p[at++] != ':' ||
			!digits(t, &at, LAM_BUCKET_COUNT, &count) || !count ||
			(minus && !size))
			return false;
		bucket = minus ? LAM_BUCKET_ZERO - size :
			LAM_BUCKET_ZERO + size;
		if (bucket <= last)
			return false;
		last = bucket;
		cap = w->cap;
		p = lam_mem_grow(m, w->p, &cap, *n + 1, sizeof *p);
		if (!p)
			return false;
		w->p = p;
		w->cap = cap;
		p[*n] = bucket << LAM_BUCKET_SHIFT | count;
	}
	return *n > 0;
}

size_t
lam_quantile_room(const struct lam_quantile *s)
{
	return (size_t)s->n * (1 + 6 + 1 + 14 + 1) + 20;
}

/* An entry of any BUCKET at P, and a blank; where it ends. */
static char *
print_entry(char *p, uint32_t bucket, uint64_t count)
{
	if (bucket < LAM_BUCKET_ZERO)
		*p++ = '-';
	p += lam_short_print(bucket < LAM_BUCKET_ZERO ?
		LAM_BUCKET_ZERO - bucket : bucket - LAM_BUCKET_ZERO, p);
	*p++ = ':';
	p += lam_u64_print(count, p);
	*p++ = ' ';
	return p;
}

/* Two digits, the first in the lowest byte. */
#define TWO(x) (uint16_t)(0x3030 + ((x) / 10 | (x) % 10 << 8))
#define TWO5(x) TWO(x), TWO(x + 1), TWO(x + 2), TWO(x + 3), TWO(x + 4)
#define TWO20(x) TWO5(x), TWO5(x + 5), TWO5(x + 10), TWO5(x + 15)

static const uint16_t two[100] = { TWO20(0), TWO20(20), TWO20(40), TWO20(60),
	TWO20(80) };

/*
 * Buckets next to each other mostly differ in the last two digits only, so the others
 * are kept.  Whether a count has one digit or two nobody can predict.
 */
size_t
lam_quantile_print(const struct lam_quantile *s, char *out)
{
	uint32_t kept = 0; /* of a bucket, its last two digits being 0; 0: none */
	char head[8] = "";
	unsigned nhead = 0;
	char *p = out;

	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t entry = lam_quantile_entry(s, i), text;
		uint32_t bucket = (uint32_t)(entry >> LAM_BUCKET_SHIFT);
		uint64_t count = entry & LAM_BUCKET_COUNT;
		uint32_t v = bucket - LAM_BUCKET_ZERO;

		if (LAM_UNLIKELY(bucket < LAM_BUCKET_ZERO + 100 ||
			count > 99)) {
			p = print_entry(p, bucket, count);
			continue;
		}
		if (LAM_UNLIKELY(v - kept > 99)) {
			kept = v / 100 * 100;
			nhead = lam_short_print(v / 100, head);
		}
		memcpy(p, head, sizeof head);
		text = two[count] | ' ' << 16;
		text >>= count < 10 ? 8 : 0;
		lam_put64(p + nhead, two[v - kept] | ':' << 16 | text << 24);
		p += nhead + 5 + (count > 9);
	}
	return s->n ? (size_t)(p - out) - 1 : 0;
}

/* floor(q * (n - 1)), exact but for q's digits beyond 18 */
static uint64_t
rank_of(struct lam_num q, uint64_t n)
{
	struct lam_num x;

	q = lam_num_normal(q);
	while (q.scale > 18) {
		q.m /= 10;
		q.scale--;
	}
	if (n == 0 || q.m <= 0 || !lam_num_mul(q, (struct lam_num){
		(lam_i128)n - 1, 0 }, &x))
		return 0;
	x = lam_num_floor(x);
	if (!lam_num_rescale(x, 0, &x) || x.m > (lam_i128)n - 1)
		return n - 1;
	return (uint64_t)x.m;
}

/*
 * The middle of a bucket with 4 digits, or as many as there are decimals for; the
 * greatest bucket has its middle beyond all numbers.
 */
static struct lam_num
middle(uint32_t bucket)
{
	double v = lam_bucket_middle(bucket);
	struct lam_num x = { 0, 0 };

	for (int digits = 4; digits > 0; digits--)
		if (lam_num_from_double(v, digits, &x))
			return x;
	if (v > 1 || v < -1)
		x.m = lam_pow10[LAM_NUM_DIGITS] - lam_pow10[34];
	if (v < 0)
		x.m = -x.m;
	return x;
}

struct lam_num
lam_quantile_value(const struct lam_quantile *s, struct lam_num q)
{
	struct lam_num v = { 0, 0 };
	uint64_t total = 0, rank, seen = 0;
	uint32_t i;

	for (i = 0; i < s->n; i++)
		total += lam_quantile_entry(s, i) & LAM_BUCKET_COUNT;
	rank = rank_of(q, total);
	for (i = 0; i + 1 < s->n; i++) {
		seen += lam_quantile_entry(s, i) & LAM_BUCKET_COUNT;
		if (seen > rank)
			break;
	}
	return s->n ? middle((uint32_t)(lam_quantile_entry(s, i) >>
		LAM_BUCKET_SHIFT)) : v;
}
