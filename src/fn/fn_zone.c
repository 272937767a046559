/*
 * fn_zone.c - times on the clocks of a zone: timezone, local_to_utc, buckets
 *
 * A bucket of more than an hour begins where the zone's clock first shows its
 * start; a day in which the clock is turned so has 23 or 25 hours.  Where the start
 * is left out the bucket begins when the clock is turned.  A bucket of an hour or
 * less is cut by the offset at hand, so an hour that comes twice is two buckets.
 */
#include "fn/fn.h"

#include "time/zone.h"

#define SHIFT_MAX LAM_DAY_NS /* by which a clock is turned, at most */

/* ZONE is argument I of X. */
static int
open_zone(const struct lam_expr *x, uint32_t i, struct lam_plan *p,
	struct lam_error *e)
{
	const struct lam_expr *name = x->arg[i];
	struct lam_error why = LAM_ERROR_INIT;

	if (name->kind != LAM_X_CONST || name->null)
		return lam_fail_at(e, x, "%s: the zone must be a constant",
			lam_func[x->fn].name);
	if (lam_zone_open(&p->zone, name->text.p, name->text.n, &why) == LAM_OK)
		return LAM_OK;
	return why.code == LAM_USAGE ? lam_fail_at(e, name, "%s", why.msg) :
		lam_fail(e, why.code, "%s", why.msg);
}

int
lam_zone_prepare(struct lam_expr *x, struct lam_plan *p, struct lam_error *e)
{
	bool cuts = x->fn != LAM_FN_TIMEZONE && x->fn != LAM_FN_LOCAL_TO_UTC;
	int rc = cuts ? lam_time_prepare(x, p, e) : LAM_OK;

	if (x->fn == LAM_FN_ZONE_TRUNC || !cuts) {
		p->first = x->fn != LAM_FN_LOCAL_TO_UTC;
		p->count = 1;
	}
	return rc ? rc : open_zone(x, x->fn == LAM_FN_TIMEZONE ? 0 : x->nargs - 1,
		p, e);
}

static bool
to_local(const struct lam_plan *p, int64_t ns, int64_t *out)
{
	return lam_zone_to_local(p->zone, ns, out);
}

static bool
to_utc(const struct lam_plan *p, int64_t local, int64_t *out)
{
	return lam_zone_to_utc(p->zone, local, out);
}

/* When the clock was last turned at or before NS, after LOW. */
static int64_t
turned(const struct lam_zone *z, int64_t low, int64_t ns)
{
	int32_t now = lam_zone_offset(z, ns);

	while (ns - low > 1) {
		int64_t mid = low + (ns - low) / 2;

		if (lam_zone_offset(z, mid) == now)
			ns = mid;
		else
			low = mid;
	}
	return ns;
}

/* The first instant at which the clock shows START, and NS is not before it. */
static bool
first_at(const struct lam_zone *z, int64_t start, int64_t ns, int64_t *out)
{
	int64_t before, local;

	if (!lam_zone_to_utc(z, start, out) ||
		__builtin_sub_overflow(*out, SHIFT_MAX, &before))
		return false;
	if (!__builtin_sub_overflow(start, lam_zone_offset(z, before) * LAM_NS,
		&before) && before < *out && lam_zone_to_local(z, before,
		&local) && local == start)
		*out = before;
	if (*out > ns)
		*out = turned(z, *out - SHIFT_MAX, ns);
	return true;
}

static bool
cut(const struct lam_plan *p, int64_t ns, int64_t *out)
{
	int64_t local, start;

	if (!lam_zone_to_local(p->zone, ns, &local) ||
		!lam_trunc_one(p, local, &start))
		return false;
	if (p->months || p->width > 3600 * LAM_NS)
		return first_at(p->zone, start, ns, out);
	return !__builtin_sub_overflow(ns, local - start, out);
}

int
lam_fn_zone(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader r;
	int rc = lam_read(c, arg, &r);

	(void)nargs;
	if (rc)
		return rc;
	return lam_time_rows(c, r.v, c->x->fn == LAM_FN_TIMEZONE ? to_local :
		c->x->fn == LAM_FN_LOCAL_TO_UTC ? to_utc : cut, out);
}
