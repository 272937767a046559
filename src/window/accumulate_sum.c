/*
 * accumulate_sum.c - counts and exact sums over a moving frame
 *
 * A sum is kept in 128 bits at the scale of the vector that came last, which is
 * added to the exact sum when the scale changes or a number is wide.
 */
#include "window/accumulate_internal.h"

#include <string.h>

static int
count_reset(struct lam_accumulate *a, struct lam_error *e)
{
	(void)e;
	a->n = 0;
	return LAM_OK;
}

static uint64_t
count(const struct lam_slice *s)
{
	uint64_t n = 0;

	if (!s->filter && (!s->arg[0] || !s->arg[0]->null))
		return s->to - s->from;
	for (uint32_t i = s->from; i < s->to; i++)
		n += lam_slice_counts(s, i) &&
			!(s->arg[0] && lam_slice_null(s, 0, i));
	return n;
}

static int
count_add(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	(void)e;
	a->n += count(s);
	return LAM_OK;
}

static int
count_take(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	(void)e;
	a->n -= count(s);
	return LAM_OK;
}

static int
count_value(struct lam_accumulate *a, struct lam_scalar *out, bool *fault,
	struct lam_error *e)
{
	(void)e;
	(void)fault;
	out->num = (struct lam_num){ (lam_i128)a->n, 0 };
	return LAM_OK;
}

static int
sum_reset(struct lam_accumulate *a, struct lam_error *e)
{
	(void)e;
	memset(&a->sum, 0, sizeof a->sum);
	a->slow = false;
	a->fast = 0;
	a->scale = 0;
	return LAM_OK;
}

/* FAST is of SCALE from now on. */
static void
set_scale(struct lam_accumulate *a, unsigned scale)
{
	if (a->scale != scale && a->fast != 0) {
		lam_sum_add(&a->sum, (struct lam_num){ a->fast, a->scale });
		a->slow = true;
		a->fast = 0;
	}
	a->scale = scale;
}

static void
sum_rows(struct lam_accumulate *a, const struct lam_slice *s, int sign)
{
	const struct lam_vec *v = s->arg[0];

	if (!v->wide)
		set_scale(a, v->scale);
	for (uint32_t i = s->from; i < s->to; i++) {
		struct lam_num x;

		if (!lam_slice_counts(s, i) || lam_slice_null(s, 0, i))
			continue;
		a->n += (uint64_t)(int64_t)sign;
		if (!v->wide) {
			a->fast += (lam_i128)v->i64[i] * sign;
			continue;
		}
		x = v->num[i];
		x.m *= sign;
		lam_sum_add(&a->sum, x);
		a->slow = true;
	}
}

static int
sum_add(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	(void)e;
	sum_rows(a, s, 1);
	return LAM_OK;
}

static int
sum_take(struct lam_accumulate *a, const struct lam_slice *s,
	struct lam_error *e)
{
	(void)e;
	sum_rows(a, s, -1);
	return LAM_OK;
}

static int
sum_value(struct lam_accumulate *a, struct lam_scalar *out, bool *fault,
	struct lam_error *e)
{
	struct lam_num fast = { a->fast, a->scale };
	struct lam_sum all = a->sum;
	bool ok = true;

	(void)e;
	out->null = a->n == 0;
	if (out->null)
		return LAM_OK;
	if (a->final->final != LAM_FINAL_AVG && !a->slow &&
		a->fast < lam_pow10[LAM_NUM_DIGITS] &&
		a->fast > -lam_pow10[LAM_NUM_DIGITS]) {
		out->num = lam_num_normal(fast);
		return LAM_OK;
	}
	lam_sum_add(&all, fast);
	ok = a->final->final == LAM_FINAL_AVG ?
		lam_sum_div(&all, a->n, &out->num) :
		lam_sum_num(&all, &out->num);
	out->num = lam_num_normal(out->num);
	out->null = *fault = !ok;
	return LAM_OK;
}

const struct lam_accumulate_ops lam_accumulate_count = {
	count_reset, count_add, count_take, count_value
};

const struct lam_accumulate_ops lam_accumulate_sum = {
	sum_reset, sum_add, sum_take, sum_value
};
