/*
 * hop.c - windows that overlap, made of panes
 *
 * A batch of panes is given out once for each window that its panes are in, with the
 * key moved back by that many slides, to a query that merges states (sql/regroup.h).
 * A record without a time is in one group, that of NULL, so its pane is given once.
 */
#include "engine/hop.h"

#include "sql/regroup.h"

struct hop {
	const struct lam_hop *h;
	struct lam_source panes;
	struct lam_arena arena; /* of the batch IN */
	struct lam_batch in;
	uint32_t turn;		/* of it; 0: it is yet to come */
	uint16_t *row;		/* [n]: those of IN that take part */
	const int64_t *start;	/* [n]: and their windows */
	uint32_t n;
};

/* The rows of the batch whose window begins H->turn slides before the pane. */
static int
choose(struct hop *h, struct lam_arena *a, struct lam_error *e)
{
	int64_t *start = LAM_ARENA_NEW(a, int64_t, h->in.n + 1), back = 0;
	struct lam_vec v;
	uint64_t bad;
	int rc;

	h->row = LAM_ARENA_NEW(a, uint16_t, h->in.n + 1);
	if (!start || !h->row)
		return lam_fail_mem(e);
	h->n = 0;
	h->start = start;
	rc = h->in.load(&h->in, h->h->key, false, &v, &bad, e);
	if (rc || __builtin_mul_overflow(h->h->slide, h->turn, &back))
		return rc;
	for (uint32_t i = 0; i < h->in.n; i++) {
		struct lam_scalar pane = lam_scalar_of(&v, i);

		/* No window begins before the first instant. */
		if (pane.null || __builtin_sub_overflow(pane.i64, back,
			&start[h->n]))
			continue;
		h->row[h->n++] = (uint16_t)i;
	}
	return LAM_OK;
}

static int
load(struct lam_batch *b, uint32_t c, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct hop *h = b->state;
	struct lam_vec v;
	int rc;

	*bad = 0;
	if (c == h->h->key) {
		*out = (struct lam_vec){ .type = LAM_TIME, .rep = LAM_FLAT,
			.n = h->n, .i64 = h->start };
		return LAM_OK;
	}
	rc = h->in.load(&h->in, c, raw, &v, bad, e);
	if (!rc && !lam_vec_take(&v, h->row, h->n, b->arena, out))
		rc = lam_fail_mem(e);
	return rc;
}

/* Each batch as it is, then once for each window before. */
static int
next(struct lam_source *s, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct hop *h = s->state;
	int rc = LAM_OK;

	*got = false;
	while (!rc && h->turn > 0 && h->turn < h->h->windows) {
		rc = choose(h, b->arena, e);
		h->turn++;
		if (rc || h->n == 0)
			continue;
		*b = (struct lam_batch){ .n = h->n, .pos = h->in.pos,
			.arena = b->arena, .state = h, .load = load };
		*got = true;
		return LAM_OK;
	}
	if (rc)
		return rc;
	lam_arena_reset(&h->arena);
	h->in = (struct lam_batch){ .arena = &h->arena };
	h->turn = 1;
	rc = h->panes.next(&h->panes, worker, &h->in, got, e);
	if (!rc && *got) {
		struct lam_arena *own = b->arena;

		*b = h->in;
		b->arena = own;
	}
	return rc;
}

int
lam_hop_partials(struct lam_job *job, const struct lam_resources *o,
	struct lam_error *e)
{
	struct lam_hop *p = job->query->hop;
	struct hop h = { .h = p, .arena = LAM_ARENA_INIT };
	struct lam_source all = { .state = &h, .next = next };
	struct lam_resources one = *o;
	struct lam_job merged = { .query = NULL };
	int rc = LAM_OK;

	if (p->windows == 1)
		return LAM_OK;
	if (!p->merge)
		rc = lam_regroup(job->query, job->query->arena, &p->merge, e);
	one.threads = 1; /* a batch is given again */
	lam_partials_source(job->partials, &h.panes);
	merged.query = p->merge;
	if (!rc)
		rc = lam_engine_run(&all, &merged, 1, &one, e);
	lam_arena_release(&h.arena);
	if (!rc) {
		lam_partials_free(job->partials);
		job->partials = merged.partials;
	}
	lam_job_release(&merged);
	return rc;
}
