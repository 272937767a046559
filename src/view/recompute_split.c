/*
 * recompute_split.c - a batch planned for many workers: ranges that meet
 *
 * A range is cut where blocks begin, so that no block is decoded twice, and near where
 * the bytes of the segments say, since that is what a worker reads.
 */
#include "view/recompute_internal.h"

#include <inttypes.h>
#include <stdlib.h>

struct plan {
	struct lam_batch_run *b;
	struct lam_stream *s;
	uint64_t from, to;
	uint64_t *before; /* [nsegments + 1]: bytes of the segments before it */
	uint64_t last;	  /* the end of the last range that was told */
	struct lam_buf views, segments;
};

/* Files of the log are never large enough for the sum to overflow. */
static int
weigh(struct plan *p)
{
	struct lam_segment *g;
	int rc = LAM_OK;

	p->before = calloc(p->s->nsegments + 1, sizeof *p->before);
	if (!p->before)
		return lam_fail_mem(p->b->e);
	for (size_t i = 0; !rc && i < p->s->nsegments; i++) {
		rc = lam_stream_segment(p->s, i, &g, p->b->e);
		if (rc)
			break;
		p->before[i + 1] = p->before[i] + g->file->size;
		lam_stream_release(p->s, i);
	}
	return rc;
}

/* The range [p->last, TO), if it has records or is all there is. */
static int
tell(struct plan *p, uint64_t to)
{
	const struct lam_splits *how = p->b->r->splits;
	const struct lam_stream *s = p->s;
	int rc;

	if (to <= p->last && p->from < p->to)
		return LAM_OK;
	lam_buf_clear(&p->segments);
	for (size_t i = lam_stream_find(s, p->last); i < s->nsegments &&
		s->segment[i].base < to; i++)
		lam_buf_printf(&p->segments, "%s%s/%020" PRIu64 ".seg",
			p->segments.n ? " " : "", s->dir, s->segment[i].base);
	rc = lam_buf_check(&p->segments, p->b->e);
	if (!rc)
		rc = how->tell(how->arg, p->last, to, lam_buf_str(&p->views),
			lam_buf_str(&p->segments), p->b->e);
	p->last = to;
	return rc;
}

/* Where so many bytes of the log have been read. */
static int
cut(struct plan *p, uint64_t bytes, uint64_t *pos)
{
	const struct lam_segment *g = p->s->segment;
	double part;
	size_t i = 0;

	while (i + 1 < p->s->nsegments && p->before[i + 1] <= bytes)
		i++;
	part = (double)(bytes - p->before[i]) /
		(double)(p->before[i + 1] - p->before[i] + 1);
	*pos = g[i].base + (uint64_t)(part * (double)(g[i].end - g[i].base));
	return lam_scan_align(p->s, *pos, pos, p->b->e);
}

static int
split_bytes(struct plan *p)
{
	const struct lam_splits *how = p->b->r->splits;
	uint64_t all = p->before[p->s->nsegments], n = how->count, pos;
	int rc = LAM_OK;

	if (!n)
		n = all / how->bytes + (all % how->bytes > 0);
	for (uint64_t i = 1; !rc && i < n && p->last < p->to; i++) {
		rc = cut(p, (uint64_t)((double)all / (double)n * (double)i),
			&pos);
		if (!rc && pos > p->from && pos < p->to)
			rc = tell(p, pos);
	}
	return rc;
}

static int
split_segments(struct plan *p)
{
	const struct lam_segment *g = p->s->segment;
	int rc = LAM_OK;

	for (size_t i = 1; !rc && i < p->s->nsegments; i++)
		if (g[i].base > p->from && g[i].base < p->to)
			rc = tell(p, g[i].base);
	return rc;
}

int
lam_batch_split(struct lam_batch_run *b, struct lam_stream *s, uint64_t to)
{
	struct plan p = { .b = b, .s = s, .from = b->r->from, .to = to,
		.last = b->r->from, .views = LAM_BUF_INIT,
		.segments = LAM_BUF_INIT };
	int rc = weigh(&p);

	for (size_t i = 0; !rc && i < b->n; i++)
		if (lam_batch_is_of(&b->entry[i], s))
			lam_buf_printf(&p.views, "%s%s", p.views.n ? " " : "",
				b->entry[i].name);
	if (!rc)
		rc = lam_buf_check(&p.views, b->e);
	if (!rc && p.views.n && p.from < to)
		rc = b->r->splits->segments ? split_segments(&p) :
			split_bytes(&p);
	if (!rc && p.views.n)
		rc = tell(&p, to);
	lam_buf_release(&p.views);
	lam_buf_release(&p.segments);
	free(p.before);
	return rc;
}
