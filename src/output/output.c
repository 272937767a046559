/*
 * output.c - vectors to text, whatever the form
 *
 * A form makes the parts that are the same for every row once: the text before each
 * column (a comma, "name":), and for each batch the spelling of the entries of a
 * dictionary or of a constant (struct spelled).  Then rows copy bytes.  The whole
 * batch is written before the call returns, in pieces of about FLUSH bytes, so that a
 * reader of a live pipe waits for nothing.
 */
#include "output/output.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/name.h"
#include "output/output_internal.h"
#include "output/visible.h"
#include "time/span.h"
#include "time/time.h"

#define FLUSH ((size_t)256 << 10)

static const struct lam_form *const forms[] = { &lam_form_csv, &lam_form_tsv,
	&lam_form_json, &lam_form_jsonl, &lam_form_markdown, &lam_form_html,
	&lam_form_prom, &lam_form_vertical, &lam_form_table };

#define FORMS (sizeof forms / sizeof *forms)

const char *
lam_output_name(size_t i)
{
	return i < FORMS ? forms[i]->name : NULL;
}

enum trait { LIVE, HEADED, PEOPLE };

/* The I-th form that has T. */
static const char *
name_with(enum trait t, size_t i)
{
	for (size_t f = 0; f < FORMS; f++) {
		const bool traits[] = { forms[f]->live, forms[f]->headed,
			forms[f]->people };

		if (traits[t] && i-- == 0)
			return forms[f]->name;
	}
	return NULL;
}

const char *
lam_output_live_name(size_t i)
{
	return name_with(LIVE, i);
}

const char *
lam_output_headed_name(size_t i)
{
	return name_with(HEADED, i);
}

const char *
lam_output_people_name(size_t i)
{
	return name_with(PEOPLE, i);
}

/* The entries of a DICT or CONST column of this batch, spelled. */
struct spelled {
	struct lam_buf text;
	size_t *end; /* per entry: where its text ends; NULL: not spelled */
};

static int
flush(struct lam_writer *w, struct lam_error *e)
{
	int r = lam_buf_check(&w->out, e);

	if (w->fd < 0)
		return r ? r : lam_buf_check(&w->ends, e);
	if (!r && w->out.n)
		r = lam_io_write(w->fd, w->out.p, w->out.n, w->file ? w->file :
			"standard output", e);
	lam_buf_clear(&w->out);
	return r;
}

/* A raw field comes as text; what it was declared as is what it is. */
static bool
is_number(const struct lam_query *q, const struct lam_expr *x)
{
	if (x->kind == LAM_X_FIELD && x->raw && x->index <
		q->input->nfields)
		return q->input->field[x->index].type.type == LAM_NUMBER;
	return x->type == LAM_NUMBER && x->list != LAM_SPAN;
}

/* The parts of W that depend on the columns; false: out of memory. */
static bool
prepare(struct lam_writer *w, const struct lam_query *q)
{
	uint32_t n = q->noutputs;

	w->to = &w->out;
	w->lead_end = calloc((size_t)n + 1, sizeof *w->lead_end);
	w->column = calloc((size_t)n + 1, sizeof *w->column);
	if (!w->lead_end || !w->column)
		return false;
	w->ncolumns = n;
	for (uint32_t c = 0; c < n; c++) {
		struct lam_writer_column *x = &w->column[c];

		x->name = strdup(q->output[c].name);
		if (!x->name)
			return false;
		x->number = is_number(q, q->output[c].expr);
		x->boolean = q->output[c].expr->type == LAM_BOOL;
		x->span = q->output[c].expr->list == LAM_SPAN;
		x->list = q->output[c].expr->list != 0 && !x->span;
	}
	for (uint32_t c = 0; c <= n; c++) {
		if (w->form->lead)
			w->form->lead(w, &w->lead, c);
		w->lead_end[c] = w->lead.n;
	}
	return !w->lead.oom;
}

static int
no_form(const char *form, struct lam_error *e)
{
	char names[200];

	lam_name_list(names, sizeof names, lam_output_name, ", ");
	return lam_fail(e, LAM_USAGE, "%s: no such form of output: there are "
		"%s", form, names);
}

int
lam_writer_open(struct lam_writer **out, const char *form, int fd,
	const struct lam_query *q, bool header, struct lam_error *e)
{
	struct lam_writer *w = NULL;
	const struct lam_form *f = NULL;
	int r;

	for (size_t i = 0; i < FORMS; i++)
		if (!strcmp(forms[i]->name, form))
			f = forms[i];
	if (!f)
		return no_form(form, e);
	w = calloc(1, sizeof *w);
	if (!w)
		return lam_fail_mem(e);
	w->form = f;
	w->fd = fd;
	w->header = header;
	r = prepare(w, q) ? LAM_OK : lam_fail_mem(e);
	if (!r && f->begin)
		r = f->begin(w, e);
	if (r)
		lam_writer_abandon(w);
	else
		*out = w;
	return r;
}

void
lam_writer_look(struct lam_writer *w, const struct lam_style *look)
{
	w->look = *look;
}

/* The number S with a comma before each three digits of its integral part. */
static void
put_thousands(struct lam_buf *b, struct lam_str s)
{
	size_t sign = s.p[0] == '-' || s.p[0] == '+', whole = sign;

	while (whole < s.n && s.p[whole] >= '0' && s.p[whole] <= '9')
		whole++;
	lam_buf_put(b, s.p, sign);
	for (size_t i = sign; i < whole; i++) {
		if (i > sign && (whole - i) % 3 == 0)
			lam_buf_putc(b, ',');
		lam_buf_putc(b, s.p[i]);
	}
	lam_buf_put(b, s.p + whole, s.n - whole);
}

void
lam_writer_value(const struct lam_writer *w, struct lam_buf *b,
	struct lam_str s, uint32_t c)
{
	if (w->look.thousands && w->column[c].number && s.n &&
		lam_num_is(s.p, s.n))
		put_thousands(b, s);
	else
		lam_put_value(b, s);
}

void
lam_writer_file(struct lam_writer *w, const char *file)
{
	w->file = file;
}

static inline void
put_lead(struct lam_writer *w, uint32_t c)
{
	size_t from = c ? w->lead_end[c - 1] : 0;

	if (c == 0 && w->rows == 0)
		from = w->form->skip;
	lam_buf_put(w->to, w->lead.p + from, w->lead_end[c] - from);
}

void
lam_writer_names(struct lam_writer *w)
{
	for (uint32_t c = 0; c < w->ncolumns; c++) {
		const char *name = w->column[c].name;

		put_lead(w, c);
		w->form->put(w, w->to, (struct lam_str){ name, strlen(name) },
			c);
	}
	put_lead(w, w->ncolumns);
}

/* Row I of column C as text; SCRATCH has LAM_SPAN_TEXT bytes. */
static struct lam_str
cell(const struct lam_writer *w, const struct lam_vec *v, uint32_t i,
	uint32_t c, char *scratch)
{
	struct lam_span s;

	if (!w->column[c].span || lam_vec_is_null(v, i))
		return lam_vec_print(v, i, scratch);
	if (!lam_span_of(lam_vec_num(v, i), &s))
		return (struct lam_str){ NULL, 0 };
	return (struct lam_str){ scratch, lam_span_print(&s, scratch) };
}

/* Spell the dictionary of column C. */
static int
spell(struct lam_writer *w, const struct lam_vec *v, uint32_t c,
	struct spelled *s, struct lam_error *e)
{
	char scratch[LAM_SPAN_TEXT];

	s->end = malloc((v->n + (size_t)1) * sizeof *s->end);
	if (!s->end)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < v->n; i++) {
		w->form->put(w, &s->text, cell(w, v, i, c, scratch), c);
		s->end[i] = s->text.n;
	}
	return lam_buf_check(&s->text, e);
}

static void
put_row(struct lam_writer *w, const struct lam_vec *column,
	const struct spelled *spelled, uint32_t row)
{
	uint32_t n = w->ncolumns;
	char scratch[LAM_SPAN_TEXT];

	for (uint32_t c = 0; c < n; c++) {
		const struct lam_vec *v = &column[c];
		const size_t *end = spelled[c].end;

		put_lead(w, c);
		if (end) {
			uint32_t i = v->rep == LAM_DICT ? v->code[row] : 0;
			size_t from = i ? end[i - 1] : 0;

			lam_buf_put(w->to, spelled[c].text.p + from,
				end[i] - from);
		} else {
			w->form->put(w, w->to, cell(w, v, row, c, scratch), c);
		}
		if (w->form->cell)
			w->form->cell(w);
	}
	put_lead(w, n);
	if (w->form->row)
		w->form->row(w);
}

static int
spell_rows(struct lam_writer *w, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	uint32_t columns = w->ncolumns;
	struct spelled *s = calloc((size_t)columns + 1, sizeof *s);
	int r = s ? LAM_OK : lam_fail_mem(e);

	for (uint32_t c = 0; !r && c < columns; c++) {
		const struct lam_vec *d = column[c].dict;

		/* Not worth it when few rows are left of the batch. */
		if (column[c].rep >= LAM_DICT && d->n <= n)
			r = spell(w, d, c, &s[c], e);
	}
	for (uint32_t i = 0; !r && i < n; i++) {
		put_row(w, column, s, i);
		w->rows++;
		if (w->fd < 0)
			lam_buf_put(&w->ends, &w->out.n, sizeof w->out.n);
		if (w->out.n >= FLUSH || w->out.oom)
			r = flush(w, e);
	}
	for (uint32_t c = 0; s && c < columns; c++) {
		lam_buf_release(&s[c].text);
		free(s[c].end);
	}
	free(s);
	return r;
}

int
lam_writer_rows(void *writer, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct lam_writer *w = writer;
	int r = w->form->rows ? w->form->rows(w, column, n, e) :
		spell_rows(w, column, n, e);

	return r ? r : flush(w, e);
}

struct lam_str
lam_writer_text(const struct lam_writer *w, const size_t **end, size_t *n)
{
	*end = (const size_t *)(const void *)w->ends.p;
	*n = w->ends.n / sizeof **end;
	return (struct lam_str){ w->out.p, w->out.n };
}

void
lam_writer_taken(struct lam_writer *w)
{
	lam_buf_clear(&w->out);
	lam_buf_clear(&w->ends);
}

int
lam_writer_close(struct lam_writer *w, uint64_t *rows, struct lam_error *e)
{
	int r = w->form->end ? w->form->end(w, e) : LAM_OK;

	if (!r)
		r = flush(w, e);
	if (rows)
		*rows = w->rows;
	lam_writer_abandon(w);
	return r;
}

void
lam_writer_abandon(struct lam_writer *w)
{
	if (!w)
		return;
	lam_buf_release(&w->out);
	lam_buf_release(&w->lead);
	lam_buf_release(&w->ends);
	if (w->form->release)
		w->form->release(w);
	free(w->lead_end);
	for (uint32_t c = 0; w->column && c < w->ncolumns; c++)
		free(w->column[c].name);
	free(w->column);
	free(w);
}
