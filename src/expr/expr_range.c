/*
 * expr_range.c - can a row of a block pass, do all pass? by minima and maxima alone
 *
 * Each condition is abstracted to the set of values it may take, of true, false and
 * NULL; each value to an interval.  Whatever is not understood may be
 * anything, so the answer errs only towards reading the block.  Faults count, so
 * a condition behind one that is evaluated and may be faulty decides nothing.
 *
 * date_trunc and time_bucket are monotone: the interval of the result is that of
 * its ends.  Texts are known by their first eight bytes: those compare like the
 * texts, except that equal prefixes say nothing.
 */
#include "fn/fn.h"

#include <limits.h>
#include <string.h>

#include "expr/expr.h"

enum { MAY_TRUE = 1, MAY_FALSE = 2, MAY_NULL = 4, MAY_ALL = 7 };

struct interval {
	uint8_t kind;	   /* enum lam_range_kind; NONE: unknown */
	bool nulls;	   /* may be NULL */
	bool exact;	   /* lo and hi are values, not prefixes */
	struct lam_num lo, hi; /* times: scale 0; texts: the prefix */
};

static struct lam_num
whole(lam_i128 v)
{
	return (struct lam_num){ v, 0 };
}

/* The first eight bytes, big-endian; what is missing counts as FILL. */
static uint64_t
prefix_of(struct lam_str s, unsigned char fill)
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v = v << 8 | (i < s.n ? (unsigned char)s.p[i] : fill);
	return v;
}

static struct interval
const_interval(const struct lam_expr *x)
{
	struct interval r = { LAM_RANGE_NONE, x->null, true, { 0, 0 },
		{ 0, 0 } };

	if (x->null)
		return r;
	switch (x->type) {
	case LAM_NUMBER:
		r.kind = LAM_RANGE_NUMBER;
		r.lo = x->num;
		break;
	case LAM_TIME:
		r.kind = LAM_RANGE_TIME;
		r.lo = whole(x->time);
		break;
	case LAM_TEXT:
		r.kind = LAM_RANGE_TEXT;
		r.lo = whole(prefix_of(x->text, 0));
		r.exact = false;
		break;
	default:
		break;
	}
	r.hi = r.lo;
	return r;
}

static struct interval
field_interval(const struct lam_expr *x, struct lam_batch *b)
{
	static const uint8_t kind_of[LAM_TYPES] = {
		[LAM_TEXT] = LAM_RANGE_TEXT, [LAM_NUMBER] = LAM_RANGE_NUMBER,
		[LAM_TIME] = LAM_RANGE_TIME };
	struct interval r = { LAM_RANGE_NONE, true, true, { 0, 0 }, { 0, 0 } };
	struct lam_range f = { .kind = LAM_RANGE_NONE, .nulls = true };

	b->range(b, x->index, &f);
	/* A range of another kind is that of values which are read otherwise. */
	if (f.kind == LAM_RANGE_NONE || f.kind != kind_of[x->type])
		return r;
	r.kind = f.kind;
	r.nulls = f.nulls;
	r.lo = whole(f.min);
	r.hi = whole(f.max);
	if (f.kind == LAM_RANGE_NUMBER)
		r.lo.scale = r.hi.scale = f.scale;
	if (f.kind == LAM_RANGE_TEXT) {
		r.lo = whole((uint64_t)f.min);
		r.hi = whole((uint64_t)f.max);
		r.exact = false;
	}
	return r;
}

static struct interval
interval_of(const struct lam_expr *x, struct lam_batch *b)
{
	struct interval r = { LAM_RANGE_NONE, true, true, { 0, 0 }, { 0, 0 } };
	const struct lam_plan *p;
	int64_t lo, hi;

	if (x->kind == LAM_X_CONST)
		return const_interval(x);
	if (x->kind == LAM_X_FIELD)
		return field_interval(x, b);
	if (x->kind != LAM_X_CALL || (x->fn != LAM_FN_DATE_TRUNC &&
		x->fn != LAM_FN_TIME_BUCKET))
		return r;
	p = lam_plan_of(x);
	if (x->arg[p->first]->kind != LAM_X_FIELD)
		return r;
	r = field_interval(x->arg[p->first], b);
	if (r.kind != LAM_RANGE_TIME ||
	    !lam_trunc_one(p, (int64_t)r.lo.m, &lo) ||
	    !lam_trunc_one(p, (int64_t)r.hi.m, &hi)) {
		r.kind = LAM_RANGE_NONE;
		return r;
	}
	r.lo = whole(lo);
	r.hi = whole(hi);
	return r;
}

/* a < b: may it be true, may it be false?  OR_EQUAL: a <= b. */
static unsigned
less(const struct interval *a, const struct interval *b, bool or_equal)
{
	bool exact = a->exact && b->exact;
	int first = lam_num_cmp(a->lo, b->hi), last = lam_num_cmp(a->hi, b->lo);
	unsigned may = 0;

	/* Equal prefixes leave it open. */
	if (first < 0 || (first == 0 && (or_equal || !exact)))
		may |= MAY_TRUE;
	if (last > 0 || (last == 0 && (!or_equal || !exact)))
		may |= MAY_FALSE;
	return may;
}

static unsigned
equal(const struct interval *a, const struct interval *b)
{
	unsigned may = 0;

	if (lam_num_cmp(a->lo, b->hi) <= 0 && lam_num_cmp(b->lo, a->hi) <= 0)
		may |= MAY_TRUE;
	if (!a->exact || !b->exact || lam_num_cmp(a->lo, a->hi) != 0 ||
	    lam_num_cmp(b->lo, b->hi) != 0 || lam_num_cmp(a->lo, b->lo) != 0)
		may |= MAY_FALSE;
	return may;
}

static unsigned
negated(unsigned may)
{
	return (may & MAY_NULL) | (may & MAY_TRUE ? MAY_FALSE : 0) |
		(may & MAY_FALSE ? MAY_TRUE : 0);
}

static unsigned
compared(const struct lam_expr *x, struct lam_batch *b)
{
	struct interval l = interval_of(x->arg[0], b);
	struct interval r = interval_of(x->arg[1], b);
	unsigned null = l.nulls || r.nulls ? MAY_NULL : 0;

	/* A NULL constant makes all rows NULL. */
	if ((x->arg[0]->kind == LAM_X_CONST && x->arg[0]->null) ||
	    (x->arg[1]->kind == LAM_X_CONST && x->arg[1]->null))
		return MAY_NULL;
	if (l.kind == LAM_RANGE_NONE || l.kind != r.kind)
		return MAY_ALL;
	switch (x->fn) {
	case LAM_FN_EQ:
		return null | equal(&l, &r);
	case LAM_FN_NE:
		return null | negated(equal(&l, &r));
	case LAM_FN_LT:
		return null | less(&l, &r, false);
	case LAM_FN_LE:
		return null | less(&l, &r, true);
	case LAM_FN_GT:
		return null | less(&r, &l, false);
	default:
		return null | less(&r, &l, true);
	}
}

static unsigned
in_list(const struct lam_expr *x, struct lam_batch *b)
{
	struct interval v = interval_of(x->arg[0], b);
	unsigned may = MAY_FALSE | MAY_NULL;

	if (v.kind == LAM_RANGE_NONE)
		return MAY_ALL;
	for (uint32_t i = 1; i < x->nargs; i++) {
		struct interval m = interval_of(x->arg[i], b);

		if (x->arg[i]->kind == LAM_X_CONST && x->arg[i]->null)
			continue;
		if (m.kind != v.kind)
			return MAY_ALL;
		may |= equal(&v, &m) & MAY_TRUE;
	}
	return may;
}

/* Texts that start with S. */
static unsigned
starts(const struct lam_expr *field, struct lam_str s, struct lam_batch *b)
{
	struct interval v = interval_of(field, b);
	struct interval want = { LAM_RANGE_TEXT, false, false,
		whole(prefix_of(s, 0)), whole(prefix_of(s, 0xff)) };

	if (v.kind != LAM_RANGE_TEXT || s.n == 0)
		return MAY_ALL;
	return (equal(&v, &want) & MAY_TRUE) | MAY_FALSE | MAY_NULL;
}

static unsigned
is_null(const struct lam_expr *x, struct lam_batch *b)
{
	struct interval v = interval_of(x->arg[0], b);

	if (v.kind == LAM_RANGE_NONE || v.nulls)
		return MAY_TRUE | MAY_FALSE;
	return MAY_FALSE;
}

static unsigned
may(const struct lam_expr *x, struct lam_batch *b)
{
	const struct lam_plan *p = lam_plan_of(x);
	unsigned l, r;
	bool exact;

	if (x->kind == LAM_X_CONST && (x->null || x->type == LAM_BOOL))
		return x->null ? MAY_NULL : x->boolean ? MAY_TRUE : MAY_FALSE;
	if (x->kind != LAM_X_CALL)
		return MAY_ALL;
	switch (x->fn) {
	case LAM_FN_AND:
	case LAM_FN_OR:
		/* a or b = not (not a and not b) */
		l = may(x->arg[0], b);
		r = may(x->arg[1], b);
		if (x->fn == LAM_FN_OR) {
			l = negated(l);
			r = negated(r);
		}
		if (l & MAY_TRUE && lam_plan_of(x->arg[0])->fails)
			return MAY_ALL;
		l = (l & r & MAY_TRUE) | ((l | r) & (MAY_FALSE | MAY_NULL));
		return x->fn == LAM_FN_OR ? negated(l) : l;
	case LAM_FN_NOT:
		return negated(may(x->arg[0], b));
	case LAM_FN_IS_NULL:
		return is_null(x, b);
	case LAM_FN_IS_NOT_NULL:
		return negated(is_null(x, b));
	case LAM_FN_EQ:
	case LAM_FN_NE:
	case LAM_FN_LT:
	case LAM_FN_LE:
	case LAM_FN_GT:
	case LAM_FN_GE:
		return compared(x, b);
	case LAM_FN_IN:
		return in_list(x, b);
	case LAM_FN_LIKE:
		return p->like ? starts(x->arg[0],
			lam_like_prefix(p->like, &exact), b) : MAY_ALL;
	case LAM_FN_STARTS_WITH:
		return x->arg[1]->kind == LAM_X_CONST && !x->arg[1]->null ?
			starts(x->arg[0], x->arg[1]->text, b) : MAY_ALL;
	default:
		return MAY_ALL;
	}
}

enum lam_outlook
lam_expr_outlook(const struct lam_expr *x, struct lam_batch *b)
{
	unsigned is = b && b->range ? may(x, b) : MAY_ALL;

	if (is == MAY_TRUE && !lam_plan_of(x)->fails)
		return LAM_OUTLOOK_ALL;
	return is & MAY_TRUE ? LAM_OUTLOOK_SOME : LAM_OUTLOOK_NONE;
}

/* Do the ranges say that all fields of X have values of their types? */
static bool
parses(const struct lam_expr *x, struct lam_batch *b)
{
	bool all = x->kind != LAM_X_FIELD || x->raw || x->type == LAM_TEXT ||
		field_interval(x, b).kind != LAM_RANGE_NONE;

	for (uint32_t i = 0; all && i < x->nargs; i++)
		all = !x->arg[i] || parses(x->arg[i], b);
	return all;
}

bool
lam_expr_sound(const struct lam_expr *x, struct lam_batch *b)
{
	return b->range && !lam_plan_of(x)->fails && parses(x, b);
}
