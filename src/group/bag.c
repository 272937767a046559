/*
 * bag.c - values in their order, each with how often it is there
 *
 * Runs have room for RUN members; one that is full is parted in two, one that has lost
 * its last member is given up.
 */
#include "group/bag.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define RUN 128

/* The run of B that V belongs into: the last that does not begin behind it. */
static size_t
run_of(const struct lam_bag *b, const struct lam_scalar *v)
{
	size_t lo = 0;

	for (size_t n = b->nruns; n > 1;) {
		size_t half = n / 2, mid = lo + half;

		lo = lam_scalar_cmp(&b->run[mid].p->value, v) <= 0 ? mid : lo;
		n -= half;
	}
	return lo;
}

/* The place of V in R: of the first member that is not before it. */
static size_t
place_in(const struct lam_bag_run *r, const struct lam_scalar *v)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (lam_scalar_cmp(&r->p[mid].value, v) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* A run without members at place I of B. */
static bool
open_run(struct lam_bag *b, size_t i)
{
	struct lam_bag_member *p;

	if (!lam_array_room(&b->run, &b->cap, b->nruns + 1, sizeof *b->run))
		return false;
	p = malloc(RUN * sizeof *p);
	if (!p)
		return false;
	memmove(&b->run[i + 1], &b->run[i], (b->nruns - i) * sizeof *b->run);
	b->run[i] = (struct lam_bag_run){ .p = p };
	b->nruns++;
	b->bytes += RUN * sizeof *p;
	return true;
}

static void
close_run(struct lam_bag *b, size_t i)
{
	free(b->run[i].p);
	b->nruns--;
	memmove(&b->run[i], &b->run[i + 1], (b->nruns - i) * sizeof *b->run);
	b->bytes -= RUN * sizeof *b->run->p;
}

/* The upper half of run I becomes a run of its own. */
static bool
part_run(struct lam_bag *b, size_t i)
{
	struct lam_bag_run *low, *high;

	if (!open_run(b, i + 1))
		return false;
	low = &b->run[i];
	high = &b->run[i + 1];
	high->n = low->n / 2;
	low->n -= high->n;
	memcpy(high->p, low->p + low->n, high->n * sizeof *high->p);
	for (size_t k = 0; k < high->n; k++)
		high->all += high->p[k].times;
	low->all -= high->all;
	return true;
}

/* V as a member's own, once. */
static bool
own(struct lam_bag *b, const struct lam_scalar *v, struct lam_bag_member *m)
{
	char *text;

	*m = (struct lam_bag_member){ *v, 1 };
	if (v->type == LAM_NUMBER)
		m->value.num = lam_num_normal(v->num);
	if (v->type != LAM_TEXT)
		return true;
	text = malloc(v->str.n + 1);
	if (!text)
		return false;
	if (v->str.n)
		memcpy(text, v->str.p, v->str.n);
	m->value.str.p = text;
	b->bytes += v->str.n + 1;
	return true;
}

static void
disown(struct lam_bag *b, const struct lam_bag_member *m)
{
	if (m->value.type != LAM_TEXT)
		return;
	b->bytes -= m->value.str.n + 1;
	free((char *)(uintptr_t)m->value.str.p);
}

/* V, which is none of them, between the members of run I. */
static bool
insert(struct lam_bag *b, size_t i, size_t at, const struct lam_scalar *v)
{
	struct lam_bag_member m;
	struct lam_bag_run *r;

	if (b->run[i].n == RUN) {
		if (!part_run(b, i))
			return false;
		if (at > b->run[i].n)
			at -= b->run[i++].n;
	}
	if (!own(b, v, &m))
		return false;
	r = &b->run[i];
	memmove(&r->p[at + 1], &r->p[at], (r->n - at) * sizeof *r->p);
	r->p[at] = m;
	r->n++;
	r->all++;
	b->n++;
	return true;
}

bool
lam_bag_add(struct lam_bag *b, const struct lam_scalar *v)
{
	struct lam_bag_run *r;
	size_t i, at;

	if (!b->nruns && !open_run(b, 0))
		return false;
	i = run_of(b, v);
	r = &b->run[i];
	at = place_in(r, v);
	if (at < r->n && lam_scalar_cmp(&r->p[at].value, v) == 0) {
		r->p[at].times++;
		r->all++;
	} else if (!insert(b, i, at, v)) {
		return false;
	}
	b->all++;
	return true;
}

void
lam_bag_take(struct lam_bag *b, const struct lam_scalar *v)
{
	size_t i = run_of(b, v), at = place_in(&b->run[i], v);
	struct lam_bag_run *r = &b->run[i];

	b->all--;
	r->all--;
	if (--r->p[at].times)
		return;
	disown(b, &r->p[at]);
	b->n--;
	r->n--;
	memmove(&r->p[at], &r->p[at + 1], (r->n - at) * sizeof *r->p);
	if (!r->n)
		close_run(b, i);
}

void
lam_bag_release(struct lam_bag *b)
{
	for (size_t i = 0; i < b->nruns; i++) {
		for (size_t k = 0; k < b->run[i].n; k++)
			disown(b, &b->run[i].p[k]);
		free(b->run[i].p);
	}
	free(b->run);
	*b = (struct lam_bag)LAM_BAG_INIT;
}

bool
lam_bag_list(const struct lam_bag *b, struct lam_arena *arena,
	struct lam_bag_run *out)
{
	struct lam_bag_member *p = lam_arena_alloc(arena, (b->n + 1) *
		sizeof *p);

	*out = (struct lam_bag_run){ p, b->n, b->all };
	for (size_t i = 0; p && i < b->nruns; p += b->run[i++].n)
		memcpy(p, b->run[i].p, b->run[i].n * sizeof *p);
	return out->p != NULL;
}

/* ---------------------------------------------------------------- quantiles */

/* The value at place I, from 0. */
static const struct lam_scalar *
at_place(const struct lam_bag *b, uint64_t i)
{
	const struct lam_bag_run *r = b->run;
	size_t k = 0;

	while (i >= r->all)
		i -= r++->all;
	while (i >= r->p[k].times)
		i -= r->p[k++].times;
	return &r->p[k].value;
}

static struct lam_num
whole(uint64_t n)
{
	return (struct lam_num){ (lam_i128)n, 0 };
}

static void
quantile_disc(const struct lam_bag *b, struct lam_num q, struct lam_scalar *out)
{
	struct lam_num place = { 0, 0 };
	bool above = q.m < 0;
	uint64_t i;

	q.m = above ? -q.m : q.m;
	if (lam_num_mul(q, whole(b->all), &place))
		place = lam_num_ceil(place);
	i = place.m > 0 ? (uint64_t)place.m - 1 : 0;
	*out = *at_place(b, above ? b->all - 1 - i : i);
}

/* LOW + PART * (HIGH - LOW) of numbers: what they are apart may be 10^38 and more. */
static bool
between(struct lam_num low, struct lam_num high, struct lam_num part,
	struct lam_num *out)
{
	struct lam_num rest;

	if (lam_num_sub(high, low, out))
		return lam_num_mul(*out, part, out) &&
			lam_num_add(low, *out, out);
	return lam_num_sub(whole(1), part, &rest) &&
		lam_num_mul(low, rest, &low) && lam_num_mul(high, part, out) &&
		lam_num_add(low, *out, out);
}

static void
quantile_cont(const struct lam_bag *b, struct lam_num q, struct lam_scalar *out)
{
	struct lam_num place = { 0, 0 }, part, low, high;
	const struct lam_scalar *next;
	uint64_t i;

	if (q.m < 0)
		lam_num_add(q, whole(1), &q);
	lam_num_mul(q, whole(b->all - 1), &place);
	i = (uint64_t)lam_num_floor(place).m;
	*out = *at_place(b, i);
	if (!lam_num_sub(place, whole(i), &part) || part.m == 0)
		return;
	next = at_place(b, i + 1);
	if (out->type == LAM_NUMBER) {
		out->null = !between(out->num, next->num, part, &out->num);
		out->num = lam_num_normal(out->num);
		return;
	}
	low = (struct lam_num){ out->i64, 0 };
	high = (struct lam_num){ next->i64, 0 };
	between(low, high, part, &low);
	lam_num_round(low, 0, &low);
	out->i64 = (int64_t)low.m;
}

void
lam_bag_quantile(const struct lam_bag *b, struct lam_num q, bool cont,
	struct lam_scalar *out)
{
	uint8_t type = b->run->p->value.type;

	if (cont && (type == LAM_NUMBER || type == LAM_TIME))
		quantile_cont(b, q, out);
	else
		quantile_disc(b, q, out);
}
