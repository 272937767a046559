/*
 * answer_plan.c - how a query is run: a line for each step, the last step first
 *
 *	limit 3
 *	  sort by n descending
 *	    group by status: count(*)
 *	      where bytes > 100
 *	        scan stream access: 10007 records; fields status, bytes
 *
 * A step reads the rows of the one below it, which is indented more.
 */
#include "answer/answer_internal.h"

#include <inttypes.h>
#include <string.h>

#include "answer/print_bound.h"

#define SHOWN 12 /* names of columns in a line */

struct plan {
	struct attempt *a;
	struct answer_cells cells;
	struct lam_buf line;
	unsigned depth;
	struct lam_error *e;
	int rc;
};

void
lam_answer_ran(void *attempt, const struct lam_job *job)
{
	struct attempt *a = attempt;
	struct answer_ran *r = LAM_ARENA_NEW(&a->arena, struct answer_ran, 1);

	if (!r) /* it is told less */
		return;
	*r = (struct answer_ran){ job->query, job->counts.read,
		job->counts.counted, job->batches, job->skipped, job->partials &&
		lam_partials_groups(job->partials) == UINT64_MAX, a->ran };
	a->ran = r;
}

/* The line that was made is a step; what follows is below it. */
static void
end_line(struct plan *p)
{
	struct lam_buf b = LAM_BUF_INIT;

	for (unsigned i = 0; i < p->depth && i < 100; i++)
		lam_buf_puts(&b, "  ");
	lam_buf_put(&b, p->line.p, p->line.n);
	if (!p->rc)
		p->rc = lam_buf_check(&p->line, p->e);
	if (!p->rc)
		p->rc = lam_buf_check(&b, p->e);
	if (!p->rc)
		p->rc = lam_answer_text(p->a, &p->cells, lam_buf_str(&b), p->e);
	lam_buf_release(&b);
	lam_buf_clear(&p->line);
	p->depth++;
}

/* FIRST, or a comma. */
static void
lead(struct plan *p, uint32_t i, const char *first)
{
	lam_buf_puts(&p->line, i ? ", " : first);
}

static void
put_order(struct plan *p, const struct lam_query *q,
	const struct lam_print_rows *rows)
{
	for (uint32_t i = 0; i < q->norder; i++) {
		const struct lam_order *o = &q->order[i];

		lead(p, i, "sort by ");
		lam_print_bound(o->expr, rows, &p->line);
		lam_buf_puts(&p->line, o->descending ? " descending" : "");
		lam_buf_puts(&p->line, o->nulls_first ? " nulls first" : "");
	}
	if (q->norder)
		end_line(p);
}

static void
put_outputs(struct plan *p, const struct lam_query *q,
	const struct lam_print_rows *rows)
{
	for (uint32_t i = 0; i < q->noutputs && i < SHOWN; i++) {
		lead(p, i, "give ");
		lam_print_bound(q->output[i].expr, rows, &p->line);
	}
	if (q->noutputs > SHOWN)
		lam_buf_printf(&p->line, " and %u more", q->noutputs - SHOWN);
	end_line(p);
}

/* What EXPLAIN ANALYZE saw of Q. */
static void
put_ran(struct plan *p, const struct lam_query *q)
{
	const struct answer_ran *r = p->a->ran;

	while (r && r->query != q)
		r = r->next;
	if (!r)
		return;
	lam_buf_printf(&p->line, "  [read %" PRIu64 " rows", r->read);
	if (r->counted != r->read)
		lam_buf_printf(&p->line, ", took %" PRIu64, r->counted);
	if (r->skipped)
		lam_buf_printf(&p->line, "; passed over %" PRIu64 " of %" PRIu64
			" blocks by their ranges", r->skipped, r->batches);
	lam_buf_puts(&p->line, r->spilled ? "; groups went to disk]" : "]");
}

static void
put_groups(struct plan *p, const struct lam_query *q)
{
	for (uint32_t i = 0; i < q->nkeys; i++) {
		lead(p, i, "group by ");
		lam_buf_puts(&p->line, q->key_name[i]);
	}
	if (!q->nkeys)
		lam_buf_puts(&p->line, "aggregate");
	for (uint32_t i = 0; i < q->nstates; i++) {
		lead(p, i, ": ");
		lam_buf_puts(&p->line, q->state[i].merge ? "merge " : "");
		lam_buf_puts(&p->line, q->state[i].label);
	}
}

static void put_stage(struct plan *p, const struct lam_stage *s);

static void
put_query(struct plan *p, const struct lam_query *q)
{
	struct lam_print_rows rows = { q, q->input, NULL, false };
	unsigned depth = p->depth;

	if (q->limit != UINT64_MAX || q->offset) {
		if (q->limit != UINT64_MAX)
			lam_buf_printf(&p->line, "limit %" PRIu64, q->limit);
		if (q->offset)
			lam_buf_printf(&p->line, "%sskip %" PRIu64, p->line.n ?
				", " : "", q->offset);
		end_line(p);
	}
	put_order(p, q, &rows);
	put_outputs(p, q, &rows);
	if (q->having) {
		lam_buf_puts(&p->line, "having ");
		lam_print_bound(q->having, &rows, &p->line);
		end_line(p);
	}
	if (q->grouped) {
		put_groups(p, q);
		put_ran(p, q);
		end_line(p);
	}
	if (q->where) {
		lam_buf_puts(&p->line, "where ");
		lam_print_bound(q->where, &rows, &p->line);
		if (!q->grouped)
			put_ran(p, q);
		end_line(p);
	}
	put_stage(p, q->input);
	p->depth = depth;
}

static void
put_fields(struct plan *p, const struct lam_stage *s)
{
	uint32_t shown = 0, used = 0;

	for (uint32_t i = 0; i < s->nfields; i++) {
		if (!s->used[i])
			continue;
		used++;
		if (shown == SHOWN)
			continue;
		lead(p, shown++, "; fields ");
		lam_buf_puts(&p->line, s->field[i].name);
	}
	if (used > shown)
		lam_buf_printf(&p->line, " and %u more", used - shown);
}

/* The look-up files of the view Q. */
static void
put_files(struct plan *p, const struct lam_query *q)
{
	for (uint32_t i = 0; i < q->nfiles; i++) {
		const struct lam_ref_file *f = q->file[i];

		lead(p, i, "; looked up in ");
		lam_buf_printf(&p->line, "'%s' by ", f->name);
		for (uint32_t k = 0; k < f->nkeys; k++)
			lam_buf_printf(&p->line, "%s%s", k > 0 ? " and " : "",
				f->field[f->key[k]].name);
	}
}

static void
put_scan(struct plan *p, const struct lam_stage *s)
{
	const struct answer_leaf *l = p->a->leaf[s->leaf];

	switch (l->kind) {
	case ANSWER_STREAM:
		lam_buf_printf(&p->line, "scan stream %s: %" PRIu64 " records",
			l->name, l->stream->end);
		break;
	case ANSWER_VIEW:
		lam_buf_printf(&p->line, "merge view %s over the %" PRIu64
			" records of %s: what is served, what lam-speed has, the "
			"rest of the log%s", l->name, l->view->stream->end,
			l->view->stream->stream.name, l->view->uses > 1 ?
			"; once for all that read it" : "");
		put_files(p, l->view->view.query);
		break;
	case ANSWER_TEXT:
		lam_buf_printf(&p->line, "merge partials of %s", l->name);
		break;
	default:
		lam_buf_printf(&p->line, "read %s", l->name);
	}
	if (l->kind != ANSWER_VIEW && l->kind != ANSWER_TEXT)
		put_fields(p, s);
	end_line(p);
}

static void
put_window(struct plan *p, const struct lam_stage *s)
{
	static const char *const name[] = { "row_number", "rank", "dense_rank",
		"percent_rank", "cume_dist", "ntile", "lag", "lead",
		"first_value", "last_value", "nth_value", "aggregate" };
	const struct lam_over_plan *o = s->over;
	const struct lam_input_field *field = s->rows->field;

	for (uint32_t i = 0; i < o->nover; i++) {
		const struct lam_query *q = o->over[i].aggregate;

		lead(p, i, "window functions ");
		lam_buf_puts(&p->line, q && q->nstates ? q->state[0].label :
			name[o->over[i].kind]);
	}
	for (uint32_t i = 0; i < o->npartition; i++) {
		lead(p, i, "; for each ");
		lam_buf_puts(&p->line, field[o->partition[i]].name);
	}
	for (uint32_t i = 0; i < o->norder; i++) {
		lead(p, i, "; in the order of ");
		lam_buf_puts(&p->line, field[o->order[i].column].name);
		lam_buf_puts(&p->line, o->order[i].descending ?
			" descending" : "");
	}
	end_line(p);
	put_query(p, s->rows->query);
}

static void
put_join(struct plan *p, const struct lam_stage *s)
{
	static const char *const name[] = { [LAM_JOIN_INNER] = "join",
		[LAM_JOIN_LEFT] = "left join", [LAM_JOIN_RIGHT] = "right join",
		[LAM_JOIN_FULL] = "full join",
		[LAM_JOIN_MARK] = "mark the rows that meet one",
		[LAM_JOIN_SINGLE] = "look up" };
	const struct lam_join *j = s->join;
	struct lam_print_rows left = { NULL, j->left, NULL, false };
	struct lam_print_rows right = { NULL, j->right, NULL, false };
	struct lam_print_rows both = { NULL, j->left, j->right,
		j->kind == LAM_JOIN_MARK };
	unsigned depth;

	lam_buf_puts(&p->line, name[j->kind]);
	for (uint32_t k = 0; k < j->nkeys; k++) {
		lead(p, k, " by hash of ");
		lam_print_bound(j->left_key[k], &left, &p->line);
		lam_buf_puts(&p->line, " = ");
		lam_print_bound(j->right_key[k], &right, &p->line);
	}
	if (!j->nkeys)
		lam_buf_puts(&p->line, ", each row with each");
	if (j->condition) {
		lam_buf_puts(&p->line, ", where ");
		lam_print_bound(j->condition, &both, &p->line);
	}
	if (j->filter) {
		lam_buf_puts(&p->line, "; of the left where ");
		lam_print_bound(j->filter, &left, &p->line);
	}
	end_line(p);
	depth = p->depth;
	put_stage(p, j->left);
	p->depth = depth;
	put_stage(p, j->right);
}

static void
put_append(struct plan *p, const struct lam_stage *s)
{
	bool sets = s->nparts > 1 && s->part[0]->input == s->part[1]->input;
	unsigned depth;

	lam_buf_printf(&p->line, "rows of %u %s", s->nparts, sets ?
		"groupings, made in one pass" : "queries, one after the other");
	end_line(p);
	depth = p->depth;
	for (uint32_t i = 0; i < s->nparts; i++) {
		p->depth = depth;
		put_query(p, s->part[i]);
	}
}

static void
put_stage(struct plan *p, const struct lam_stage *s)
{
	switch (s->kind) {
	case LAM_STAGE_SCAN:
		put_scan(p, s);
		return;
	case LAM_STAGE_SELECT:
		lam_buf_puts(&p->line, s->query->shared ? "rows of a query, "
			"made once and kept" : "rows of a query, kept");
		end_line(p);
		put_query(p, s->query);
		return;
	case LAM_STAGE_UNNEST:
		lam_buf_puts(&p->line, "a row for each element of lists, kept");
		end_line(p);
		put_query(p, s->query);
		return;
	case LAM_STAGE_WINDOW:
		put_window(p, s);
		return;
	case LAM_STAGE_APPEND:
		put_append(p, s);
		return;
	case LAM_STAGE_JOIN:
		put_join(p, s);
		return;
	default:
		lam_buf_puts(&p->line, s->series ? "a series" : "one row");
		end_line(p);
	}
}

int
lam_answer_plan(struct attempt *a, struct lam_error *e)
{
	static const struct answer_column column[] = { { "plan", LAM_TEXT } };
	const struct lam_resources *o = &a->request->engine;
	struct plan p = { .a = a, .e = e };
	double ms = (double)(answer_now(a) - a->start) / 1e6;
	int rc;

	put_query(&p, a->query);
	p.depth = 0;
	lam_buf_printf(&p.line, "at most %u threads, and %" PRIu64 " MB of memory "
		"before files in %s", o->threads, o->memory >> 20, o->tmpdir &&
		*o->tmpdir ? o->tmpdir : "/tmp");
	end_line(&p);
	if (a->request->ask.analyze) {
		p.depth = 0;
		lam_buf_printf(&p.line, "%" PRIu64 " rows in %.1f ms", a->rows,
			ms);
		end_line(&p);
	}
	rc = lam_answer_cells(a, column, 1, &p.cells, p.rc, e);
	lam_buf_release(&p.line);
	return rc;
}
