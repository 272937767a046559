/*
 * form_prom.c - samples for Prometheus: its text exposition format, version 0.0.4
 *
 * A column of numbers, times or booleans is a metric lam_COLUMN, a gauge; the
 * columns of text of a row are its labels.  A time is in seconds since 1970.  All
 * samples of a metric must stand together, so each metric has a buffer until the
 * end.  NULL is no sample.  Characters that a name cannot have become underscores.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "output/output_internal.h"
#include "time/time.h"

struct prom {
	struct lam_buf *metric; /* [columns]: its samples */
	struct lam_buf labels;	/* of the row */
	uint32_t columns;
};

static int
begin(struct lam_writer *w, struct lam_error *e)
{
	struct prom *p = w->own = calloc(1, sizeof *p);

	if (!p || !(p->metric = calloc((size_t)w->ncolumns + 1,
			    sizeof *p->metric)))
		return lam_fail_mem(e);
	p->columns = w->ncolumns;
	return LAM_OK;
}

static void
release(struct lam_writer *w)
{
	struct prom *p = w->own;

	if (!p)
		return;
	for (uint32_t c = 0; p->metric && c < p->columns; c++)
		lam_buf_release(&p->metric[c]);
	lam_buf_release(&p->labels);
	free(p->metric);
	free(p);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* NAME behind something, so that a digit may stand first. */
static void
put_name(struct lam_buf *b, const char *name)
{
	for (; *name; name++)
		lam_buf_putc(b, is_letter(*name) || (*name >= '0' &&
			*name <= '9') ? *name : '_');
}

static void
put_label(struct lam_buf *b, const char *name, struct lam_str value)
{
	lam_buf_putc(b, b->n ? ',' : '{');
	if (!is_letter(*name))
		lam_buf_putc(b, '_');
	put_name(b, name);
	lam_buf_puts(b, "=\"");
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\\' || c == '"')
			lam_buf_putc(b, '\\');
		if (c == '\n')
			lam_buf_puts(b, "\\n");
		else
			lam_buf_putc(b, c);
	}
	lam_buf_putc(b, '"');
}

static void
put_value(struct lam_buf *b, const struct lam_vec *v, uint32_t row)
{
	char scratch[LAM_TIME_TEXT];
	struct lam_str s = lam_vec_print(v, row, scratch);
	int64_t t;

	if (v->type == LAM_TIME) {
		t = lam_vec_time(v, row);
		lam_buf_printf(b, "%" PRId64 ".%09" PRId64, t / LAM_NS -
			(t % LAM_NS < 0), (t % LAM_NS + LAM_NS) % LAM_NS);
	} else if (v->type == LAM_BOOL) {
		lam_buf_putc(b, lam_vec_bool(v, row) ? '1' : '0');
	} else {
		lam_buf_put(b, s.p, s.n);
	}
}

/* Is column C a label?  A field that was declared a number comes as text. */
static bool
is_label(const struct lam_writer *w, const struct lam_vec *v, uint32_t c)
{
	return v->type == LAM_TEXT && !w->column[c].number;
}

static void
put_row(struct lam_writer *w, const struct lam_vec *column, uint32_t row)
{
	struct prom *p = w->own;
	char scratch[LAM_TIME_TEXT];

	lam_buf_clear(&p->labels);
	for (uint32_t c = 0; c < w->ncolumns; c++)
		if (is_label(w, &column[c], c) &&
			!lam_vec_is_null(&column[c], row))
			put_label(&p->labels, w->column[c].name,
				lam_vec_print(&column[c], row, scratch));
	if (p->labels.n)
		lam_buf_putc(&p->labels, '}');
	for (uint32_t c = 0; c < w->ncolumns; c++) {
		const struct lam_vec *v = &column[c];
		struct lam_buf *b = &p->metric[c];
		struct lam_str s = lam_vec_print(v, row, scratch);

		if (is_label(w, v, c) || !s.p || (v->type == LAM_TEXT &&
			!lam_num_is(s.p, s.n)))
			continue;
		lam_buf_puts(b, "lam_");
		put_name(b, w->column[c].name);
		lam_buf_put(b, p->labels.p, p->labels.n);
		lam_buf_putc(b, ' ');
		put_value(b, v, row);
		lam_buf_putc(b, '\n');
	}
}

static int
rows(struct lam_writer *w, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct prom *p = w->own;
	int rc = LAM_OK;

	for (uint32_t i = 0; i < n; i++)
		put_row(w, column, i);
	w->rows += n;
	for (uint32_t c = 0; !rc && c < w->ncolumns; c++)
		rc = lam_buf_check(&p->metric[c], e);
	return rc ? rc : lam_buf_check(&p->labels, e);
}

static int
end(struct lam_writer *w, struct lam_error *e)
{
	struct prom *p = w->own;

	(void)e;
	for (uint32_t c = 0; c < w->ncolumns; c++) {
		if (!p->metric[c].n)
			continue;
		lam_buf_puts(&w->out, "# TYPE lam_");
		put_name(&w->out, w->column[c].name);
		lam_buf_puts(&w->out, " gauge\n");
		lam_buf_put(&w->out, p->metric[c].p, p->metric[c].n);
	}
	return LAM_OK;
}

const struct lam_form lam_form_prom = { .name = "prom", .begin = begin,
	.rows = rows, .end = end, .release = release };
