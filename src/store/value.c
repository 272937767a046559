/*
 * value.c - the exact kind of one value's text
 */
#include "store/value.h"

#include "base/bytes.h"
#include "store/column_internal.h"

#define SAMPLE 64 /* values a guess looks at */

/* "0." .. "255.", in the order of the bytes in memory, and above that their lengths. */
#define DIGIT(x) ((uint64_t)('0' + (x)))
#define DOT (uint64_t)'.'
#define OCTET(x) \
	((x) >= 100 ? DIGIT((x) / 100) | DIGIT((x) / 10 % 10) << 8 | \
		DIGIT((x) % 10) << 16 | DOT << 24 | UINT64_C(4) << 32 : \
	(x) >= 10 ? DIGIT((x) / 10) | DIGIT((x) % 10) << 8 | DOT << 16 | \
		UINT64_C(3) << 32 : DIGIT(x) | DOT << 8 | UINT64_C(2) << 32)
#define OCTETS4(x) OCTET(x), OCTET(x + 1), OCTET(x + 2), OCTET(x + 3)
#define OCTETS16(x) OCTETS4(x), OCTETS4(x + 4), OCTETS4(x + 8), OCTETS4(x + 12)
#define OCTETS64(x) \
	OCTETS16(x), OCTETS16(x + 16), OCTETS16(x + 32), OCTETS16(x + 48)

const uint64_t lam_octet[256] = { OCTETS64(0), OCTETS64(64), OCTETS64(128),
	OCTETS64(192) };

/*
 * Only an exact form is cached, so that a hit is exact too: a hit differs from
 * the cached text in digits alone.  c->n = 0 keeps everything else out.
 */
bool
lam_timecache_miss(struct lam_timecache *c, const char *p, size_t n,
	int64_t *ns)
{
	char again[LAM_TIME_TEXT];
	int64_t fraction;

	c->n = 0;
	if (n == 0 || !lam_time_parse(p, n, ns, &c->form))
		return false;
	if (c->form.form >= LAM_TIME_FORMS)
		return true;
	if (n > sizeof c->text ||
		lam_time_print_form(*ns, &c->form, again) != n ||
		memcmp(again, p, n) != 0) {
		c->form.form = LAM_TIME_FORMS;
		return true;
	}
	if (c->form.form == LAM_TIME_DATE)
		return true;
	c->second = c->form.form == LAM_TIME_CLF ? 18 : 17;
	c->tail = c->second + 2 + c->form.digits + (c->form.digits > 0);
	if (n < c->tail)
		return true;
	fraction = *ns % LAM_NS;
	fraction += fraction < 0 ? LAM_NS : 0;
	fraction += LAM_NS * (p[c->second] - '0') * 10;
	fraction += LAM_NS * (p[c->second + 1] - '0');
	if (__builtin_sub_overflow(*ns, fraction, &c->minute))
		return true;
	memcpy(c->text, p, n);
	c->n = n;
	return true;
}

/* V units of UNIT ns, decimals and all, in whole ns. */
static bool
epoch(struct lam_num v, int64_t unit, int64_t *ns)
{
	struct lam_num u = { unit, 0 }, x;

	if (!lam_num_mul(v, u, &x))
		return false;
	x = lam_num_normal(x);
	if (x.scale || x.m > INT64_MAX || x.m < INT64_MIN)
		return false;
	*ns = (int64_t)x.m;
	return true;
}

bool
lam_value_time(const char *p, size_t n, int64_t unit, struct lam_timecache *c,
	int64_t *ns)
{
	struct lam_num v;
	int64_t count;

	if (unit > 0 && lam_int_exact(p, (uint32_t)n, &count))
		return lam_time_from_epoch(count, unit, ns);
	if (unit > 0 && lam_num_parse(p, n, &v))
		return epoch(v, unit, ns);
	return lam_timecache_parse(c, p, n, ns);
}

/* Counts over a sample. */
struct sample {
	unsigned n, ints, decimals, times, quads;
	unsigned scale;	/* of the first value with decimals */
	bool mixed;	/* not all of that scale */
	struct lam_timeform form;
};

static void
sample_one(struct sample *s, const char *p, uint32_t n)
{
	struct lam_timecache c = LAM_TIMECACHE_INIT;
	unsigned scale;
	int64_t v;

	s->n++;
	if (n > LAM_TIME_TEXT)
		return;
	if (lam_int_exact(p, n, &v)) {
		s->ints++;
	} else if (lam_decimal_exact(p, n, &v, &scale)) {
		if (s->decimals++ == 0)
			s->scale = scale;
		s->mixed |= scale != s->scale;
	} else if (lam_ipv4_exact(p, n, &v)) {
		s->quads++;
	} else if (lam_timecache_parse(&c, p, n, &v) &&
		c.form.form < LAM_TIME_FORMS) {
		if (s->times++ == 0)
			s->form = c.form;
	}
}

struct lam_guess
lam_guess_kind(const struct lam_values *v)
{
	struct lam_guess g = { .kind = LAM_KINDS };
	struct sample s = { 0 };
	uint32_t step = v->n / SAMPLE + 1;

	for (uint32_t i = 0; i < v->n; i += step)
		if (v->cell[i].len != LAM_CELL_NULL)
			sample_one(&s, v->text + v->cell[i].at, v->cell[i].len);
	if (s.n == 0)
		return g;
	if (s.ints * 4 >= s.n * 3) {
		g.kind = LAM_KIND_INT;
	} else if ((s.ints + s.decimals) * 4 >= s.n * 3) {
		g.kind = s.mixed || s.ints ? LAM_KIND_TRIM : LAM_KIND_FIXED;
		g.scale = (uint8_t)s.scale;
	} else if (s.times * 4 >= s.n * 3) {
		g.kind = LAM_KIND_TIME;
		g.form = s.form;
	} else if (s.quads * 4 >= s.n * 3) {
		g.kind = LAM_KIND_IPV4;
	}
	return g;
}
