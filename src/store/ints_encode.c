/*
 * ints_encode.c - integers of one kind to bytes (ints.h)
 *
 * Offsets from the smallest value, in the coarsest unit that is exact for
 * times, packed with as many bits as the largest needs.  Delta is taken only
 * when it saves more than a quarter, as a frame of reference decodes faster:
 * times in the order of the log usually qualify, little else does.
 *
 * Cost: 6 to 8 ns a row.
 */
#include "store/bitpack.h"
#include "store/column_internal.h"
#include "store/ints.h"
#include "base/hot.h"

/* Offsets in one unit, and how they will be packed. */
struct plan {
	uint64_t *off;	/* [n] */
	uint64_t *pack; /* [n], what is packed: off, or differences */
	uint64_t *base; /* delta: of each group */
	uint64_t range, least;
	uint32_t n, groups;
	unsigned word, width, unit;
	bool delta;
};

static inline __attribute__((always_inline)) bool
divide(const int64_t *v, uint32_t n, int64_t min, int64_t unit, uint64_t *out)
{
	for (uint32_t i = 0; i < n; i++) {
		uint64_t d = (uint64_t)v[i] - (uint64_t)min;

		out[i] = d / (uint64_t)unit;
		if (out[i] * (uint64_t)unit != d)
			return false;
	}
	return true;
}

/* Offsets in unit U; false when that is not exact.  Constant divisors. */
static bool
offsets(const struct lam_ints *x, unsigned u, uint64_t *out)
{
	switch (u) {
	case 6: return divide(x->v, x->n, x->min, lam_ints_unit[6], out);
	case 5: return divide(x->v, x->n, x->min, lam_ints_unit[5], out);
	case 4: return divide(x->v, x->n, x->min, lam_ints_unit[4], out);
	case 3: return divide(x->v, x->n, x->min, lam_ints_unit[3], out);
	case 2: return divide(x->v, x->n, x->min, lam_ints_unit[2], out);
	case 1: return divide(x->v, x->n, x->min, lam_ints_unit[1], out);
	default: return divide(x->v, x->n, x->min, 1, out);
	}
}

/*
 * Differences over LANES rows, less the least; returns the width they need.
 */
LAM_HOT static unsigned
differences(struct plan *p, uint32_t lanes)
{
	int64_t least = INT64_MAX, most = INT64_MIN;
	uint64_t top = 0;

	for (uint32_t at = 0, g = 0; at < p->n; at += LAM_PACK_GROUP, g++) {
		uint32_t n = p->n - at < LAM_PACK_GROUP ? p->n - at :
			LAM_PACK_GROUP;
		const uint64_t *o = p->off + at;
		int64_t *d = (int64_t *)p->pack + at;
		uint64_t base = UINT64_MAX;

		for (uint32_t i = 0; i < n && i < lanes; i++)
			base = o[i] < base ? o[i] : base;
		for (uint32_t i = 0; i < n && i < lanes; i++) {
			d[i] = (int64_t)(o[i] - base);
			top |= (uint64_t)d[i];
		}
		for (uint32_t i = lanes; i < n; i++) {
			d[i] = (int64_t)(o[i] - o[i - lanes]);
			least = d[i] < least ? d[i] : least;
			most = d[i] > most ? d[i] : most;
		}
		p->base[g] = base;
	}
	if (most < least)
		least = most = 0;
	for (uint32_t i = 0; i < p->n; i++)
		if (i % LAM_PACK_GROUP >= lanes)
			p->pack[i] -= (uint64_t)least;
	p->least = (uint64_t)least;
	return lam_bits(top | (uint64_t)(most - least));
}

static bool
plan_make(const struct lam_ints *x, struct plan *p, struct lam_arena *a)
{
	unsigned width, full;

	p->n = x->n;
	p->groups = (x->n + LAM_PACK_GROUP - 1) / LAM_PACK_GROUP;
	p->off = lam_arena_alloc(a, (size_t)x->n * 8);
	if (p->off == NULL)
		return false;
	p->unit = x->kind.kind == LAM_KIND_TIME ? LAM_INTS_UNITS - 1 : 0;
	while (!offsets(x, p->unit, p->off))
		p->unit--;
	p->range = ((uint64_t)x->max - (uint64_t)x->min) /
		(uint64_t)lam_ints_unit[p->unit];
	p->width = full = lam_bits(p->range);
	p->word = full <= 32 ? 32 : 64;
	p->pack = p->off;
	if (full < 4 || full > 62 || x->n < 128)
		return true;
	p->pack = lam_arena_alloc(a, (size_t)x->n * 8);
	p->base = lam_arena_alloc(a, (size_t)p->groups * 8);
	if (p->pack == NULL || p->base == NULL)
		return false;
	width = differences(p, LAM_PACK_GROUP / p->word);
	p->delta = width <= p->word &&
		(lam_pack_size(x->n, width) + p->groups * 8) * 4 <
			lam_pack_size(x->n, full) * 3;
	if (p->delta)
		p->width = width;
	else
		p->pack = p->off;
	return true;
}

LAM_HOT static void
narrow(const uint64_t *v, uint32_t n, uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = (uint32_t)v[i];
}

static void
put_head(uint8_t *h, const struct lam_ints *x, const struct plan *p)
{
	const struct lam_timeform *f = &x->kind.form;

	h[0] = x->kind.kind;
	h[1] = p->delta;
	h[2] = (uint8_t)p->width;
	h[3] = x->nulls ? LAM_INTS_NULLS : 0;
	lam_put32(h + 4, x->exceptions);
	if (x->kind.kind == LAM_KIND_TIME) {
		h[8] = f->form;
		h[9] = f->zone;
		h[10] = f->digits;
		lam_put16(h + 12, (uint16_t)f->offset);
	}
	if (x->kind.kind == LAM_KIND_FIXED || x->kind.kind == LAM_KIND_TRIM)
		h[11] = x->kind.scale;
	h[14] = (uint8_t)p->unit;
	h[15] = (uint8_t)p->word;
	lam_put64(h + 16, (uint64_t)x->min);
	lam_put64(h + 24, p->delta ? p->least : 0);
}

/* Bitmap and exceptions. */
static int
put_odd(const struct lam_values *v, const struct lam_ints *x,
	struct lam_sink *s)
{
	uint8_t *b = NULL, *e = NULL;
	uint32_t k = 0;
	size_t bytes = 0;

	if (x->nulls) {
		b = lam_sink_room(s->out, lam_bits_size(x->n));
		for (uint32_t i = 0; b && i < x->n; i++)
			if (x->odd[i] == LAM_ODD_NULL)
				b[i / 8] |= (uint8_t)(1 << i % 8);
	}
	if (x->exceptions == 0)
		return lam_buf_check(s->out, s->e);
	e = lam_sink_room(s->out, (size_t)x->exceptions * 8);
	for (uint32_t i = 0; e && i < x->n; i++) {
		if (x->odd[i] != LAM_ODD_TEXT)
			continue;
		lam_put32(e + k * 4, i);
		lam_put32(e + ((size_t)x->exceptions + k) * 4, v->cell[i].len);
		bytes += v->cell[i].len;
		k++;
	}
	for (uint32_t i = 0; i < x->n; i++)
		if (x->odd[i] == LAM_ODD_TEXT)
			lam_buf_put(s->out, v->text + v->cell[i].at,
				v->cell[i].len);
	lam_sink_room(s->out, lam_pad8(bytes) - bytes);
	return lam_buf_check(s->out, s->e);
}

static void
set_range(const struct lam_values *v, const struct lam_ints *x,
	struct lam_colmeta *m)
{
	if (x->kind.kind == LAM_KIND_IPV4) {
		lam_text_range(v, m);
		return;
	}
	m->kind = LAM_RANGE_NONE;
	m->scale = 0;
	m->min = m->max = 0;
	if (x->exceptions)
		return;
	m->kind = x->kind.kind == LAM_KIND_TIME ? LAM_RANGE_TIME :
						  LAM_RANGE_NUMBER;
	if (x->kind.kind == LAM_KIND_FIXED || x->kind.kind == LAM_KIND_TRIM)
		m->scale = x->kind.scale;
	m->min = x->min;
	m->max = x->max;
}

int
lam_ints_encode(const struct lam_values *v, const struct lam_ints *x,
	struct lam_sink *s, struct lam_colmeta *m)
{
	struct plan p = { 0 };
	uint8_t *at;
	int r;

	if (!plan_make(x, &p, s->scratch))
		return lam_fail_mem(s->e);
	at = lam_sink_room(s->out, LAM_INTS_HEAD);
	if (at)
		put_head(at, x, &p);
	r = put_odd(v, x, s);
	if (r)
		return r;
	if (p.delta)
		for (uint32_t g = 0; g < p.groups; g++)
			lam_buf_put_u64(s->out, p.base[g]);
	at = lam_sink_room(s->out, lam_pack_size(x->n, p.width));
	if (at == NULL)
		return lam_fail_mem(s->e);
	if (p.word == 32) {
		uint32_t *w = lam_arena_alloc(s->scratch, (size_t)x->n * 4);

		if (w == NULL)
			return lam_fail_mem(s->e);
		narrow(p.pack, x->n, w);
		lam_pack32(w, x->n, p.width, at);
	} else {
		lam_pack64(p.pack, x->n, p.width, at);
	}
	m->encoding = LAM_ENC_INTS;
	set_range(v, x, m);
	return LAM_OK;
}
