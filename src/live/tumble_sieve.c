/*
 * tumble_sieve.c - the open windows: bundles of partials, merged and cut
 *
 * What is open may be large, and each chunk adds to it and each closing takes
 * some away, so neither may look at all of it.  Two rules:
 *
 *	merge	eight bundles of one size (a power of eight) and one distance
 *		become one.  A group is merged once per power of eight.
 *	cut	when a closing reaches into a bundle, what stays is cut in two at
 *		the highest bit in which its last window differs from the first
 *		that is open.  The near part is of a smaller distance, the far one
 *		is not looked at before the watermark is there: so a group is
 *		cut off at most once per bit, as in a radix heap.
 *
 * The distance of a bundle is that bit of its last window; it never grows, since
 * the watermark never goes back.
 */
#include "live/tumble_internal.h"

#include <stdlib.h>
#include <string.h>

#include "partial/partials_internal.h"
#include "sql/regroup.h"

#define FAN 8	     /* bundles that become one */
#define SIZE_BITS 3  /* FAN is 1 << SIZE_BITS */
#define SHARE 4	     /* of the memory, for one merge of what stays open */
#define PIECES 3

/* ----------------------------------------------------------------- queries */

static struct lam_expr *
call2(enum lam_fn fn, struct lam_expr *x, struct lam_expr *y,
	struct lam_arena *a)
{
	return lam_expr_call(fn, LAM_BOOL, 2, (struct lam_expr *[]){ x, y },
		a);
}

static struct lam_expr *
in_touched(struct live *l, struct lam_arena *a)
{
	struct lam_expr **arg = LAM_ARENA_NEW(a, struct lam_expr *,
		l->ntouched + 1);

	if (!arg)
		return NULL;
	arg[0] = lam_expr_field(l->window, LAM_TIME, a);
	for (uint32_t i = 0; i < l->ntouched; i++)
		arg[i + 1] = lam_expr_time(l->touched[i], a);
	return lam_expr_call(LAM_FN_IN, LAM_BOOL, l->ntouched + 1, arg, a);
}

static struct lam_expr *
in_range(struct live *l, const struct lam_sieve *s, struct lam_arena *a)
{
	struct lam_expr *from = call2(LAM_FN_GE,
		lam_expr_field(l->window, LAM_TIME, a),
		lam_expr_time(s->lo, a), a);
	struct lam_expr *to = call2(LAM_FN_LE,
		lam_expr_field(l->window, LAM_TIME, a),
		lam_expr_time(s->hi, a), a);

	return call2(LAM_FN_AND, from, to, a);
}

static struct lam_expr *
is_null(struct live *l, struct lam_arena *a)
{
	struct lam_expr *w = lam_expr_field(l->window, LAM_TIME, a);

	return lam_expr_call(LAM_FN_IS_NULL, LAM_BOOL, 1, &w, a);
}

int
lam_sieve_where(struct live *l, const struct lam_sieve *s, struct lam_arena *a,
	struct lam_expr **out, struct lam_error *e)
{
	struct lam_expr *x;

	*out = NULL;
	if (s->lo == INT64_MIN && s->hi == INT64_MAX && s->untimed)
		return LAM_OK;
	if (s->touched)
		x = in_touched(l, a);
	else if (s->lo > s->hi)
		x = is_null(l, a);
	else
		x = in_range(l, s, a);
	if (s->untimed && s->lo <= s->hi)
		x = call2(LAM_FN_OR, x, is_null(l, a), a);
	*out = x;
	return x ? LAM_OK : lam_fail_mem(e);
}

int
lam_sieve_query(struct live *l, const struct lam_sieve *s,
	struct lam_arena *a, struct lam_query **out, struct lam_error *e)
{
	const struct lam_query *q = l->query;
	struct lam_order *order;
	struct lam_query *m;
	int rc;

	rc = lam_regroup(q, a, &m, e);
	if (!rc)
		rc = lam_sieve_where(l, s, a, &m->where, e);
	if (rc)
		return rc;
	order = LAM_ARENA_NEW(a, struct lam_order, q->norder + 1);
	if (order)
		order[0].expr = lam_expr_field(l->window, LAM_TIME, a);
	if (!order || !order[0].expr)
		return lam_fail_mem(e);
	order[0].expr->kind = LAM_X_KEY;
	if (q->norder)
		memcpy(order + 1, q->order, q->norder * sizeof *order);
	m->order = order;
	m->norder = q->norder + 1;
	*out = m;
	return LAM_OK;
}

/* ----------------------------------------------------------------- bundles */

/* Which bit of T is the highest that differs in OPEN, from 1; 0: none. */
static unsigned
distance(const struct live *l, int64_t t)
{
	uint64_t x = (uint64_t)t ^ (uint64_t)l->open;

	return !l->started || t < l->open || !x ? 0 :
		64 - (unsigned)__builtin_clzll(x);
}

static unsigned
size_class(uint64_t groups)
{
	return (64 - (unsigned)__builtin_clzll(groups | 1)) / SIZE_BITS;
}

/* A bundle that holds nothing, with a query that merges. */
static int
take_spare(struct live *l, struct lam_bundle **out, struct lam_error *e)
{
	struct lam_bundle *b = l->spare;

	*out = b;
	if (b) {
		l->spare = b->next;
		return LAM_OK;
	}
	b = calloc(1, sizeof *b);
	if (!b)
		return lam_fail_mem(e);
	b->arena = (struct lam_arena)LAM_ARENA_INIT;
	*out = b;
	return lam_regroup(l->query, &b->arena, &b->merge, e);
}

static void
put_spare(struct live *l, struct lam_bundle *b)
{
	lam_partials_free(b->p);
	b->p = NULL;
	b->next = l->spare;
	l->spare = b;
}

static void
put(struct live *l, struct lam_bundle *b)
{
	b->groups = b->p ? lam_partials_groups(b->p) : 0;
	if (!b->groups) {
		put_spare(l, b);
		return;
	}
	b->next = l->bundle;
	l->bundle = b;
}

/* Out of the list into *OUT, those that FITS says. */
static void
pick(struct live *l, bool (*fits)(const struct live *,
	const struct lam_bundle *, const void *), const void *arg,
	struct lam_bundle **out)
{
	struct lam_bundle **at = &l->bundle;

	while (*at) {
		struct lam_bundle *b = *at;

		if (!fits(l, b, arg)) {
			at = &b->next;
			continue;
		}
		*at = b->next;
		b->next = *out;
		*out = b;
	}
}

static void
free_list(struct live *l, struct lam_bundle *b)
{
	while (b) {
		struct lam_bundle *next = b->next;

		put_spare(l, b);
		b = next;
	}
}

static int
chain_all(struct live *l, const struct lam_bundle *list,
	struct lam_chain_source *chain, struct lam_error *e)
{
	int rc = LAM_OK;

	for (const struct lam_bundle *b = list; !rc && b; b = b->next) {
		struct lam_source *s = LAM_ARENA_NEW(&l->scratch,
			struct lam_source, 1);

		if (!s)
			return lam_fail_mem(e);
		lam_partials_source(b->p, s);
		rc = lam_chain_source_add(chain, s, e);
	}
	return rc;
}

/* LIST is used up: its groups go to JOB and to new bundles, one a KEEP. */
static int
merge(struct live *l, struct lam_bundle *list, const struct lam_sieve *keep,
	size_t n, struct lam_job *job, size_t njobs, struct lam_error *e)
{
	struct lam_resources o = l->w->engine;
	struct lam_bundle *into[PIECES] = { NULL };
	struct lam_job all[PIECES + 2] = { { .query = NULL } };
	struct lam_chain_source chain;
	struct lam_leaves leaves = lam_drive_source(&chain.source);
	int rc;

	o.memory = njobs ? o.memory : o.memory / SHARE;
	lam_arena_reset(&l->scratch);
	lam_chain_source_init(&chain);
	rc = chain_all(l, list, &chain, e);
	for (size_t i = 0; !rc && i < n; i++) {
		rc = take_spare(l, &into[i], e);
		if (rc)
			break;
		all[i].query = into[i]->merge;
		into[i]->lo = keep[i].lo;
		into[i]->hi = keep[i].hi;
		into[i]->untimed = keep[i].untimed;
		rc = lam_sieve_where(l, &keep[i], &l->scratch,
			&into[i]->merge->where, e);
	}
	for (size_t i = 0; i < njobs; i++)
		all[n + i] = job[i];
	if (!rc && n + njobs)
		rc = lam_drive_jobs(&leaves, all, n + njobs, &o, e);
	for (size_t i = 0; i < njobs; i++)
		job[i] = all[n + i];
	for (size_t i = 0; i < n; i++) {
		if (!into[i])
			continue;
		if (into[i]->merge)
			into[i]->merge->where = NULL;
		into[i]->p = rc ? NULL : all[i].partials;
		lam_job_release(&all[i]);
		put(l, into[i]);
	}
	lam_chain_source_release(&chain);
	free_list(l, list);
	return rc;
}

static bool
alike(const struct live *l, const struct lam_bundle *b, const void *arg)
{
	const struct lam_bundle *x = arg;

	return size_class(b->groups) == size_class(x->groups) &&
		distance(l, b->hi) == distance(l, x->hi);
}

/* Merge what is like the newest, until it is rare. */
static int
settle(struct live *l, struct lam_error *e)
{
	int rc = LAM_OK;

	while (!rc && l->bundle) {
		struct lam_bundle *list = NULL, like = *l->bundle;
		struct lam_sieve whole = { INT64_MAX, INT64_MIN, false, false };
		unsigned n = 0;

		for (struct lam_bundle *b = l->bundle; b; b = b->next)
			n += alike(l, b, &like);
		if (n < FAN)
			break;
		pick(l, alike, &like, &list);
		for (struct lam_bundle *b = list; b; b = b->next) {
			whole.lo = b->lo < whole.lo ? b->lo : whole.lo;
			whole.hi = b->hi > whole.hi ? b->hi : whole.hi;
			whole.untimed |= b->untimed;
		}
		rc = merge(l, list, &whole, 1, NULL, 0, e);
		/* As many groups as before: nothing more to gain now. */
		if (!rc && l->bundle && l->bundle->groups <= like.groups)
			break;
	}
	return rc;
}

int
lam_bundle_add(struct live *l, struct lam_partials *p, int64_t lo, int64_t hi,
	bool untimed, struct lam_error *e)
{
	struct lam_bundle *b;
	int rc = take_spare(l, &b, e);

	if (rc) {
		lam_partials_free(p);
		return rc;
	}
	b->p = p;
	b->lo = lo;
	b->hi = hi;
	b->untimed = untimed;
	put(l, b);
	return settle(l, e);
}

static bool
reached(const struct live *l, const struct lam_bundle *b, const void *arg)
{
	const struct lam_sieve *s = arg;

	(void)l;
	return (s->untimed && b->untimed) ||
		(b->lo <= s->hi && b->hi >= s->lo);
}

int
lam_bundle_close(struct live *l, struct lam_job *job, size_t njobs,
	struct lam_error *e)
{
	struct lam_sieve closed = { INT64_MIN, l->open - 1, false, false };
	struct lam_sieve keep[2];
	struct lam_bundle *list = NULL;
	int64_t hi = INT64_MIN;
	bool untimed = false;
	size_t n = 0;

	pick(l, reached, &closed, &list);
	if (!list)
		return LAM_OK;
	for (struct lam_bundle *b = list; b; b = b->next) {
		hi = b->hi > hi ? b->hi : hi;
		untimed |= b->untimed;
	}
	if (hi >= l->open) {
		unsigned bit = distance(l, hi);
		int64_t far = !bit ? hi :
			(int64_t)((uint64_t)hi >> (bit - 1) << (bit - 1));

		if (far > l->open)
			keep[n++] = (struct lam_sieve){ l->open, far - 1,
				false, false };
		keep[n++] = (struct lam_sieve){ far, hi, untimed, false };
	} else if (untimed) {
		keep[n++] = (struct lam_sieve){ INT64_MAX, INT64_MIN, true,
			false };
	}
	return merge(l, list, keep, n, job, njobs, e);
}

static bool
gone(const struct live *l, const struct lam_bundle *b, const void *arg)
{
	(void)arg;
	return l->started && b->hi < l->open && !b->untimed;
}

static void
drop_gone(struct live *l)
{
	struct lam_bundle *list = NULL;

	pick(l, gone, NULL, &list);
	free_list(l, list);
}

/* Windows LO to HI are a piece of what stays, if there are any. */
static void
keep_piece(struct lam_sieve *keep, size_t *n, int64_t lo, int64_t hi,
	bool untimed)
{
	if (lo <= hi || untimed)
		keep[(*n)++] = (struct lam_sieve){ lo, hi, untimed, false };
}

int
lam_bundle_touch(struct live *l, struct lam_job *job, struct lam_error *e)
{
	struct lam_sieve touched = { INT64_MAX, INT64_MIN, false, false };
	int64_t lo = INT64_MAX, hi = INT64_MIN;
	int64_t open = l->started ? l->open : INT64_MIN;
	struct lam_sieve keep[PIECES];
	struct lam_bundle *list = NULL;
	bool untimed = false;
	size_t n = 0;
	int rc = LAM_OK;

	if (!l->ntouched)
		goto out;
	touched.lo = l->touched[0];
	touched.hi = l->touched[l->ntouched - 1];
	pick(l, reached, &touched, &list);
	for (struct lam_bundle *b = list; b; b = b->next) {
		lo = b->lo < lo ? b->lo : lo;
		hi = b->hi > hi ? b->hi : hi;
		untimed |= b->untimed;
	}
	keep_piece(keep, &n, lo > open ? lo : open, touched.lo - 1, false);
	keep_piece(keep, &n, touched.lo > open ? touched.lo : open, touched.hi,
		false);
	keep_piece(keep, &n, touched.hi + 1 > open ? touched.hi + 1 : open, hi,
		untimed);
	rc = merge(l, list, keep, n, job, 1, e);
out:
	drop_gone(l);
	return rc;
}

int
lam_bundle_end(struct live *l, struct lam_job *job, size_t njobs,
	struct lam_error *e)
{
	struct lam_bundle *list = l->bundle;

	l->bundle = NULL;
	return merge(l, list, NULL, 0, job, njobs, e);
}

void
lam_bundle_release(struct live *l)
{
	free_list(l, l->bundle);
	l->bundle = NULL;
	while (l->spare) {
		struct lam_bundle *b = l->spare;

		l->spare = b->next;
		lam_arena_release(&b->arena);
		free(b);
	}
	lam_arena_release(&l->scratch);
}
