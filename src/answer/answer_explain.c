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
explain_piece(struct attempt *a, const struct lam_cover_part *p)
{
	const struct lam_counts *c = &p->section.counts;
	const struct lam_messages *n = &a->request->explain;
	const char *path = p->index.file.path;
	size_t data = strlen(a->request->data);

	if (p->kind == LAM_COVER_PART_LOG)
		lam_message(n, "%12" PRIu64 " %12" PRIu64 " %9s %12" PRIu64
			" %12" PRIu64 " %9" PRIu64 " %8.2f  log %s", p->from,
			p->to, "", c->read, c->counted, c->filtered,
			(double)p->ns / 1e6, a->stream.name);
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
	uint64_t from, uint64_t to)
{
	const struct lam_counts *c = &total->counts;
	uint64_t ns = a->request->now ? a->request->now() - a->start : 0;

	lam_message(&a->request->explain, "%12" PRIu64 " %12" PRIu64 " %9s %12"
		PRIu64 " %12" PRIu64 " %9" PRIu64 " %8.2f  in all", from, to,
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
explain_view(struct attempt *a)
{
	struct lam_section total = { .query = a->view.query };
	struct lam_error e = LAM_ERROR_INIT;

	total.nulls = LAM_ARENA_NEW(&a->arena, uint64_t,
		a->view.query->nstates + 1);
	if (!total.nulls)
		return;
	if (a->cover.stale)
		lam_message(&a->request->explain, "what is served is of an older "
			"definition of %s: run lam-batch | lam-serve",
			a->view.name);
	explain_head(a);
	for (size_t i = 0; i < a->cover.n; i++) {
		explain_piece(a, a->cover.part[i]);
		if (lam_section_add(&total, &a->cover.part[i]->section, &e))
			lam_message(&a->request->explain, "%s", e.msg);
	}
	explain_total(a, &total, 0, a->end);
}

void
lam_answer_explain(struct attempt *a)
{
	const struct lam_messages *n = &a->request->explain;

	if (!n->say)
		return;
	if (a->on_view || a->on_stream)
		lam_message(n, "as of %" PRIu64, a->end);
	if (a->on_view)
		explain_view(a);
	else if (a->on_stream)
		lam_message(n, "stream %s: positions 0 to %" PRIu64 ", %.2f ms",
			a->stream.name, a->end, a->request->now ? (double)
			(a->request->now() - a->start) / 1e6 : 0.0);
	else if (a->on_text) {
		explain_head(a);
		explain_total(a, &a->text.total, 0,
			a->text.total.counts.read);
	} else {
		lam_message(n, "%s: %" PRIu64 " records, %" PRIu64 " rejected, "
			"%.2f ms", lam_query_scan(a->query)->name,
			lam_adhoc_records(a->adhoc),
			lam_adhoc_rejected(a->adhoc), a->request->now ? (double)
			(a->request->now() - a->start) / 1e6 : 0.0);
	}
}
