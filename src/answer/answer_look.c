/*
 * answer_look.c - SHOW, DESCRIBE and SUMMARIZE
 *
 * SUMMARIZE asks one query with all the aggregates of all columns, over the one
 * that is to be summarised; its one row is then cut into a row for each column.
 */
#include "answer/answer_internal.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- SHOW */

static int
show_views(struct attempt *a, struct answer_cells *c, struct lam_error *e)
{
	const char *data = a->request->data, *stream;
	struct lam_names names = LAM_NAMES_INIT;
	int rc = lam_view_list(data, &names, NULL, e);

	for (size_t i = 0; !rc && i < names.n; i++) {
		struct lam_error broken = LAM_ERROR_INIT;

		if (lam_view_stream(data, names.name[i], &a->arena, &stream,
			&broken)) {
			lam_message(&a->request->warn, "%s", broken.msg);
			stream = NULL;
		}
		rc = lam_answer_text(a, c, names.name[i], e);
		if (!rc)
			rc = lam_answer_text(a, c, "view", e);
		if (!rc)
			rc = lam_answer_text(a, c, stream, e);
	}
	lam_names_release(&names);
	return rc;
}

static int
show_streams(struct attempt *a, struct answer_cells *c, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	int rc = lam_stream_list(a->request->data, &names, e);

	for (size_t i = 0; !rc && i < names.n; i++) {
		rc = lam_answer_text(a, c, names.name[i], e);
		if (!rc)
			rc = lam_answer_text(a, c, "stream", e);
		if (!rc)
			rc = lam_answer_text(a, c, NULL, e);
	}
	lam_names_release(&names);
	return rc;
}

int
lam_answer_show(struct attempt *a, struct lam_error *e)
{
	static const struct answer_column column[] = { { "name", LAM_TEXT },
		{ "kind", LAM_TEXT }, { "from", LAM_TEXT } };
	const struct lam_statement *s = &a->request->ask;
	struct answer_cells c = { .n = 0 };
	int rc = LAM_OK;

	if (!a->request->data)
		return lam_fail(e, LAM_USAGE, "SHOW: which dataset? Give -d "
			"DIR or set LAM_DATA");
	if (!lam_io_exists(a->request->data))
		return lam_fail(e, LAM_USAGE, "SHOW: %s: no such dataset",
			a->request->data);
	if (s->streams)
		rc = show_streams(a, &c, e);
	if (!rc && s->views)
		rc = show_views(a, &c, e);
	return lam_answer_cells(a, column, 3, &c, rc, e);
}

/* --------------------------------------------------------------- DESCRIBE */

/* Is X made of many rows? */
static bool
aggregates(const struct lam_expr *x)
{
	bool does = x->kind == LAM_X_FINAL;

	for (uint32_t i = 0; i < x->nargs && !does; i++)
		does = aggregates(x->arg[i]);
	return does;
}

/* A field that is given out as it came is what its type says. */
static const char *
type_name(const struct lam_query *q, const struct lam_expr *x)
{
	return lam_list_type_name(x->kind == LAM_X_FIELD && x->raw ?
		q->input->field[x->index].type.type : x->type, x->list);
}

int
lam_answer_describe(struct attempt *a, struct lam_error *e)
{
	static const struct answer_column column[] = {
		{ "column_name", LAM_TEXT }, { "column_type", LAM_TEXT },
		{ "role", LAM_TEXT } };
	const struct lam_query *q = a->query;
	struct answer_cells c = { .n = 0 };
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < q->noutputs; i++) {
		const struct lam_expr *x = q->output[i].expr;

		rc = lam_answer_text(a, &c, q->output[i].name, e);
		if (!rc)
			rc = lam_answer_text(a, &c, type_name(q, x), e);
		if (!rc)
			rc = lam_answer_text(a, &c, !q->grouped ? NULL :
				aggregates(x) ? "aggregate" : "key", e);
	}
	return lam_answer_cells(a, column, 3, &c, rc, e);
}

/* -------------------------------------------------------------- SUMMARIZE */

/* Asked of each column, whose name goes between; AFTER NULL: it does not.  Those of
 * numbers alone come last. */
static const struct {
	const char *before, *after;
} summary[] = { { "min(", ")::text" }, { "max(", ")::text" },
	{ "approx_count_distinct(", ")" }, { "count(*)", NULL },
	{ "count(", ")" }, { "avg(", ")::text" },
	{ "approx_quantile(", ",0.25)::text" },
	{ "approx_quantile(", ",0.5)::text" },
	{ "approx_quantile(", ",0.75)::text" } };

#define ASKED (sizeof summary / sizeof *summary)
#define ROWS 3	/* count(*) */
#define THERE 4 /* count(x), which is shown as the percentage that is NULL */
#define ASKED_OF_ALL 5

/* The only row of the summary. */
struct summed {
	struct attempt *a;
	struct answer_cells cells;
};

static int
keep_row(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct summed *s = arg;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && n && i < s->a->query->noutputs; i++) {
		struct lam_scalar v = lam_scalar_of(&column[i], 0);

		rc = lam_answer_cell(s->a, &s->cells, &v, e);
	}
	return rc;
}

/* Bind the summary of Q, whose leaves are found a second time. */
static int
bind_summary(struct attempt *a, const struct lam_query *q,
	struct lam_error *e)
{
	struct lam_catalog catalog = { .state = a, .find = lam_answer_find,
		.rows = lam_answer_rows, .now = &a->request->wall };
	struct lam_buf b = LAM_BUF_INIT;
	int rc;

	for (uint32_t i = 0; i < q->noutputs; i++)
		for (size_t k = 0; k < ASKED; k++) {
			lam_buf_puts(&b, b.n ? "," : "select ");
			if (k >= ASKED_OF_ALL && strcmp(type_name(q,
				q->output[i].expr), "number"))
				lam_buf_puts(&b, "null");
			else if (summary[k].after)
				lam_buf_printf(&b, "%sc%u%s", summary[k].before,
					i, summary[k].after);
			else
				lam_buf_puts(&b, summary[k].before);
		}
	lam_buf_printf(&b, " from (%s\n) as s(", a->request->ask.sql);
	for (uint32_t i = 0; i < q->noutputs; i++)
		lam_buf_printf(&b, "%sc%u", i ? ", " : "", i);
	lam_buf_putc(&b, ')');
	rc = lam_buf_check(&b, e);
	a->known = a->n;
	a->found = 0;
	if (!rc)
		rc = lam_query_bind(lam_buf_str(&b), "SUMMARIZE", false,
			&catalog, &a->arena, &a->query, e);
	lam_buf_release(&b);
	return rc;
}

/* THERE of ROWS values are not NULL: how many percent are.  NULL of no rows. */
static void
percent(const struct lam_scalar *rows, struct lam_scalar *there)
{
	const struct lam_num hundred = { 100, 0 };

	there->null = !lam_num_sub(rows->num, there->num, &there->num) ||
		!lam_num_mul(hundred, there->num, &there->num) ||
		!lam_num_div(there->num, rows->num, &there->num) ||
		!lam_num_round(there->num, 2, &there->num);
}

int
lam_answer_summarize(struct attempt *a, struct lam_error *e)
{
	static const struct answer_column column[] = {
		{ "column_name", LAM_TEXT }, { "column_type", LAM_TEXT },
		{ "min", LAM_TEXT }, { "max", LAM_TEXT },
		{ "approx_unique", LAM_NUMBER }, { "count", LAM_NUMBER },
		{ "null_percentage", LAM_NUMBER }, { "avg", LAM_TEXT },
		{ "q25", LAM_TEXT }, { "q50", LAM_TEXT }, { "q75", LAM_TEXT } };
	const struct lam_query *q = a->query;
	struct summed s = { .a = a };
	struct lam_row_sink to = { NULL, keep_row, &s, NULL };
	struct answer_cells c = { .n = 0 };
	int rc = bind_summary(a, q, e);

	if (!rc)
		rc = lam_answer_run(a, &to, e);
	for (uint32_t i = 0; !rc && i < q->noutputs; i++) {
		struct lam_scalar *of = &s.cells.cell[i * ASKED];

		percent(&of[ROWS], &of[THERE]);
		rc = lam_answer_text(a, &c, q->output[i].name, e);
		if (!rc)
			rc = lam_answer_text(a, &c, type_name(q,
				q->output[i].expr), e);
		for (size_t k = 0; !rc && k < ASKED; k++)
			rc = lam_answer_cell(a, &c, &of[k], e);
	}
	free(s.cells.cell);
	return lam_answer_cells(a, column, 2 + ASKED, &c, rc, e);
}
