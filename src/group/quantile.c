/*
 * quantile.c - approximate quantiles: counts in logarithmic buckets
 *
 * A sketch is a sorted list of packed entries, since most groups have few
 * buckets; adding merges two sorted lists.
 */
#include "group/quantile.h"

#include <string.h>

#include "base/hot.h"

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

int
lam_quantile_add(struct lam_quantile *s, const uint64_t *entry, size_t n,
	struct lam_quantile_scratch *w, struct lam_heap *h,
	struct lam_error *e)
{
	size_t i = 0, j = 0, k = 0, cap = w->cap;
	uint64_t *p = lam_mem_grow(h->mem, w->p, &cap, s->n + n + 1,
		sizeof *p);

	if (!p)
		return lam_fail_mem(e);
	w->p = p;
	w->cap = cap;
	while (i < s->n || j < n) {
		uint64_t a = i < s->n ? s->p[i] >> LAM_BUCKET_SHIFT :
			UINT64_MAX;
		uint64_t b = j < n ? entry[j] >> LAM_BUCKET_SHIFT : UINT64_MAX;
		uint64_t sum;

		if (a != b) {
			p[k++] = a < b ? s->p[i++] : entry[j++];
			continue;
		}
		sum = (s->p[i] & LAM_BUCKET_COUNT) +
			(entry[j] & LAM_BUCKET_COUNT);
		if (sum > LAM_BUCKET_COUNT)
			return lam_fail(e, LAM_DATA,
				"approx_quantile: the count overflows");
		p[k++] = s->p[i++] + (entry[j++] & LAM_BUCKET_COUNT);
	}
	if (k > s->cap) {
		uint64_t *to = lam_heap_alloc(h, k * sizeof *p, &cap);

		if (!to)
			return lam_fail_mem(e);
		lam_heap_give(h, s->p, s->cap * sizeof *p);
		s->p = to;
		s->cap = (uint32_t)(cap / sizeof *p);
	}
	if (k)
		memcpy(s->p, p, k * sizeof *p);
	s->n = (uint32_t)k;
	return LAM_OK;
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
		uint32_t bucket = (uint32_t)(s->p[i] >> LAM_BUCKET_SHIFT);
		uint64_t count = s->p[i] & LAM_BUCKET_COUNT, text;
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
		total += s->p[i] & LAM_BUCKET_COUNT;
	rank = rank_of(q, total);
	for (i = 0; i + 1 < s->n; i++) {
		seen += s->p[i] & LAM_BUCKET_COUNT;
		if (seen > rank)
			break;
	}
	return s->n ? middle((uint32_t)(s->p[i] >> LAM_BUCKET_SHIFT)) : v;
}
