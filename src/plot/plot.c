/*
 * plot.c - the rows that are drawn
 */
#include "plot/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "output/visible.h"
#include "time/time.h"

/* What a cell costs beside its text: a value and a pointer, in arrays that may be
 * half empty, and its part of what is sorted. */
#define CELL (4 * sizeof(double) + 2 * sizeof(void *))

/* A raw field comes as text; what it was declared as is what it is. */
static enum lam_type
type_of(const struct lam_query *q, const struct lam_expr *x)
{
	if (x->kind == LAM_X_FIELD && x->raw && x->index < q->input->nfields)
		return q->input->field[x->index].type.type;
	return x->type;
}

/* S as it is shown, in R's arena; NULL: out of memory. */
static const char *
keep(struct lam_plot_rows *r, struct lam_str s)
{
	struct lam_buf b = LAM_BUF_INIT;
	const char *p;

	lam_put_value(&b, s);
	p = b.oom ? NULL : lam_arena_dup(&r->arena, lam_buf_str(&b), b.n);
	lam_buf_release(&b);
	return p;
}

int
lam_plot_rows_open(struct lam_plot_rows *r, const struct lam_query *q,
	struct lam_error *e)
{
	r->column = calloc(q->noutputs, sizeof *r->column);
	if (!r->column)
		return lam_fail_mem(e);
	r->ncolumns = q->noutputs;
	for (uint32_t c = 0; c < r->ncolumns; c++) {
		const char *name = q->output[c].name;

		r->column[c].type = type_of(q, q->output[c].expr);
		r->column[c].name = keep(r,
			(struct lam_str){ name, strlen(name) });
		if (!r->column[c].name)
			return lam_fail_mem(e);
	}
	return LAM_OK;
}

static bool
grow(struct lam_plot_rows *r)
{
	size_t cap = r->cap ? 2 * r->cap : 1024;

	for (uint32_t c = 0; c < r->ncolumns; c++) {
		struct lam_plot_column *x = &r->column[c];
		double *value = realloc(x->value, cap * sizeof *value);
		const char **text;

		if (!value)
			return false;
		x->value = value;
		text = realloc(x->text, cap * sizeof *text);
		if (!text)
			return false;
		x->text = text;
	}
	r->cap = cap;
	return true;
}

static double
value_of(enum lam_type type, struct lam_str s)
{
	struct lam_num num;
	int64_t ns;

	if (!s.p)
		return NAN;
	if (type == LAM_NUMBER && lam_num_parse(s.p, s.n, &num))
		return lam_num_double(num);
	if (type == LAM_TIME && lam_time_parse(s.p, s.n, &ns, NULL))
		return (double)ns / LAM_NS;
	return NAN;
}

int
lam_plot_rows_charge(struct lam_plot_rows *r, uint64_t bytes, struct lam_error *e)
{
	r->bytes += bytes;
	if (!r->most || r->bytes <= r->most)
		return LAM_OK;
	return lam_fail(e, LAM_DATA, "rows and series of more than %" PRIu64 " MB: "
		"group them in the query, or give more with --memory",
		r->most >> 20);
}

int
lam_plot_rows_add(struct lam_plot_rows *r, const struct lam_vec *column,
	uint32_t n, struct lam_error *e)
{
	char scratch[LAM_TIME_TEXT];

	for (uint32_t i = 0; i < n; i++) {
		uint64_t bytes = 0;

		if (r->n == r->cap && !grow(r))
			return lam_fail_mem(e);
		for (uint32_t c = 0; c < r->ncolumns; c++) {
			struct lam_plot_column *x = &r->column[c];
			struct lam_str s = lam_vec_print(&column[c], i, scratch);

			x->value[r->n] = value_of(x->type, s);
			x->text[r->n] = keep(r, s);
			if (!x->text[r->n])
				return lam_fail_mem(e);
			bytes += CELL + strlen(x->text[r->n]);
		}
		r->n++;
		if (lam_plot_rows_charge(r, bytes, e))
			return LAM_DATA;
	}
	return LAM_OK;
}

void
lam_plot_rows_release(struct lam_plot_rows *r)
{
	for (uint32_t c = 0; r->column && c < r->ncolumns; c++) {
		free(r->column[c].value);
		free(r->column[c].text);
	}
	free(r->column);
	lam_arena_release(&r->arena);
}

bool
lam_plot_span(const double *value, size_t n, double *least, double *most)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (isnan(value[i]))
			continue;
		*least = any && *least < value[i] ? *least : value[i];
		*most = any && *most > value[i] ? *most : value[i];
		any = true;
	}
	return any;
}
