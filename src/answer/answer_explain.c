/*
 * answer_explain.c - where an answer came from
 *
 *	as of 10007
 *	   from      to  rows    read  counted  filtered      ms  source
 *	      0    9999   168    9999     9999         0          serving/...
 *	   9999   10007     3       8        8         0    0.21  log access
 *	      0   10007         10007    10007         0    0.30  merged
 *	nulls: sum(bytes)=669
 */
#include "answer/answer_internal.h"

#include <inttypes.h>
#include <string.h>

static void
explain_piece(struct attempt *a, const struct answer_view *v,
	const struct lam_cover_part *p)
{
	const struct lam_counts *c = &p->section.counts;
	const struct lam_messages *n = &a->request->explain;
	const char *path = p->index.file.path;
	size_t data = strlen(a->request->data);

	if (p->kind == LAM_COVER_PART_LOG)
		lam_message(n, "%12" PRIu64 " %12" PRIu64 " %9s %12" PRIu64
			" %12" PRIu64 " %9" PRIu64 " %8.2f  log %s", p->from,
			p->to, "", c->read, c->counted, c->filtered,
			(double)p->ns / 1e6, v->stream->stream.name);
	else
		lam_message(n, "%12" PRIu64 " %12" PRIu64 " %9" PRIu64 " %12"
			PRIu64 " %12" PRIu64 " %9" PRIu64 " %8s  %s", p->from,
			p->to, p->index.rows, c->read, c->counted,
			c->filtered, "", strncmp(path, a->request->data, data) ?
			path : path + data + 1);
}

static void
explain_nulls(struct attempt *a, const struct lam_query *q,
	const struct lam_section *total)
{
	struct lam_buf b = LAM_BUF_INIT;

	for (uint32_t i = 0; i < q->nstates; i++)
		if (q->state[i].arg[0])
			lam_buf_printf(&b, " %s=%" PRIu64, q->state[i].label,
				total->nulls[i]);
	if (b.n && !b.oom)
		lam_message(&a->request->explain, "nulls:%s", lam_buf_str(&b));
	lam_buf_release(&b);
}

static void
explain_total(struct attempt *a, const struct lam_section *total,
	uint64_t to, uint64_t ns)
{
	const struct lam_counts *c = &total->counts;

	lam_message(&a->request->explain, "%12d %12" PRIu64 " %9s %12"
		PRIu64 " %12" PRIu64 " %9" PRIu64 " %8.2f  in all", 0, to,
		"", c->read, c->counted, c->filtered, (double)ns / 1e6);
	explain_nulls(a, total->query, total);
}

static void
explain_head(struct attempt *a)
{
	lam_message(&a->request->explain, "%12s %12s %9s %12s %12s %9s %8s  %s",
		"from", "to", "rows", "read", "counted", "filtered", "ms",
		"source");
}

static void
explain_view(struct attempt *a, const struct answer_view *v, uint64_t ns)
{
	struct lam_section total = { .query = v->view.query };
	struct lam_error e = LAM_ERROR_INIT;

	total.nulls = LAM_ARENA_NEW(&a->arena, uint64_t,
		v->view.query->nstates + 1);
	if (!total.nulls)
		return;
	if (v->cover.stale)
		lam_message(&a->request->explain, "what is served is of an older "
			"definition of %s: run lam-batch | lam-serve",
			v->view.name);
	explain_head(a);
	for (size_t i = 0; i < v->cover.n; i++) {
		explain_piece(a, v, v->cover.part[i]);
		if (lam_section_add(&total, &v->cover.part[i]->section, &e))
			lam_message(&a->request->explain, "%s", e.msg);
	}
	explain_total(a, &total, v->stream->end, ns);
}

static void
explain_leaf(struct attempt *a, const struct answer_leaf *l, uint64_t ns)
{
	const struct lam_messages *n = &a->request->explain;

	switch (l->kind) {
	case ANSWER_VIEW:
		lam_message(n, "as of %" PRIu64, l->view->stream->end);
		explain_view(a, l->view, ns);
		break;
	case ANSWER_STREAM:
		lam_message(n, "as of %" PRIu64, l->stream->end);
		lam_message(n, "stream %s: positions 0 to %" PRIu64 ", %.2f ms",
			l->name, l->stream->end, (double)ns / 1e6);
		break;
	case ANSWER_TEXT:
		explain_head(a);
		explain_total(a, &l->text.total, l->text.total.counts.read,
			ns);
		break;
	default:
		lam_message(n, "%s: %" PRIu64 " records, %" PRIu64 " rejected, "
			"%.2f ms", l->name, lam_adhoc_records(l->adhoc),
			lam_adhoc_rejected(l->adhoc), (double)ns / 1e6);
	}
}

void
lam_answer_explain(struct attempt *a)
{
	uint64_t ns = answer_now(a) - a->start;

	for (size_t i = 0; a->request->explain.say && i < a->n; i++)
		explain_leaf(a, a->leaf[i], ns);
}
