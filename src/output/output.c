/*
 * output.c - vectors to text, whatever the form
 *
 * Rows are spelled into one buffer that is written when it has grown to
 * FLUSH bytes.  A column whose vector is a dictionary or a constant is spelled entry by
 * entry once per batch (struct spelled); its rows then copy bytes.
 */
#include "output/output.h"

#include <stdlib.h>

#include "base/io.h"
#include "base/time.h"
#include "output/writer.h"

#define FLUSH ((size_t)256 << 10)

static const struct lam_form *const forms[] = { &lam_form_table, &lam_form_csv,
	&lam_form_tsv, &lam_form_json, &lam_form_jsonl, &lam_form_markdown };

#define FORMS (sizeof forms / sizeof *forms)

const char *const lam_output_names[] = { "table", "csv", "tsv", "json",
	"jsonl", "markdown", NULL };

/* The entries of a DICT or CONST column of this batch, spelled. */
struct spelled {
	struct lam_buf text;
	struct lam_buf ends; /* uint32_t per entry: where its text ends */
};

static int
flush(struct lam_writer *w, struct lam_error *e)
{
	int r = lam_buf_check(&w->out, e);

	if (!r && w->out.n)
		r = lam_io_write(w->fd, w->out.p, w->out.n, "standard output",
			e);
	lam_buf_clear(&w->out);
	return r;
}

int
lam_writer_open(struct lam_writer **out, const char *form, int fd,
	const struct lam_query *q, bool header, struct lam_error *e)
{
	struct lam_writer *w = NULL;
	const struct lam_form *f = NULL;

	for (size_t i = 0; i < FORMS; i++)
		if (!strcmp(forms[i]->name, form))
			f = forms[i];
	if (!f)
		return lam_fail(e, LAM_USAGE, "%s: no such form of output: "
			"there are table, csv, tsv, json, jsonl, markdown",
			form);
	w = calloc(1, sizeof *w);
	if (!w)
		return lam_fail_mem(e);
	w->form = f;
	w->fd = fd;
	w->query = q;
	w->header = header;
	if (f == &lam_form_table && !(w->table = lam_table_new(q->noutputs))) {
		free(w);
		return lam_fail_mem(e);
	}
	if (f->begin)
		f->begin(w);
	*out = w;
	return LAM_OK;
}

void
lam_writer_names(struct lam_writer *w)
{
	const struct lam_query *q = w->query;

	for (uint32_t c = 0; c < q->noutputs; c++) {
		const char *name = q->output[c].name;

		w->form->lead(w, &w->out, c);
		w->form->put(w, &w->out,
			(struct lam_str){ name, strlen(name) }, c);
	}
	w->form->lead(w, &w->out, q->noutputs);
}

static int
spell(struct lam_writer *w, const struct lam_vec *v, uint32_t c,
	struct spelled *s, struct lam_error *e)
{
	char scratch[LAM_TIME_TEXT];

	for (uint32_t i = 0; i < v->n; i++) {
		uint32_t end;

		w->form->put(w, &s->text, lam_vec_print(v, i, scratch), c);
		end = (uint32_t)s->text.n;
		lam_buf_put(&s->ends, &end, sizeof end);
	}
	return s->text.oom || s->ends.oom ? lam_fail_mem(e) : LAM_OK;
}

static void
put_row(struct lam_writer *w, const struct lam_vec *column,
	const struct spelled *spelled, uint32_t row)
{
	uint32_t n = w->query->noutputs;
	char scratch[LAM_TIME_TEXT];

	for (uint32_t c = 0; c < n; c++) {
		const struct lam_vec *v = &column[c];
		const uint32_t *end = (const void *)spelled[c].ends.p;
		uint32_t i, from;

		w->form->lead(w, &w->out, c);
		if (!end) {
			w->form->put(w, &w->out, lam_vec_print(v, row, scratch),
				c);
			continue;
		}
		i = v->rep == LAM_DICT ? v->code[row] : 0;
		from = i ? end[i - 1] : 0;
		lam_buf_put(&w->out, spelled[c].text.p + from, end[i] - from);
	}
	w->form->lead(w, &w->out, n);
}

int
lam_writer_rows(void *writer, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct lam_writer *w = writer;
	uint32_t columns = w->query->noutputs;
	struct spelled *s = calloc(columns, sizeof *s);
	int r = s ? LAM_OK : lam_fail_mem(e);

	for (uint32_t c = 0; !r && c < columns; c++) {
		const struct lam_vec *d = column[c].dict;

		if (!w->table && column[c].rep >= LAM_DICT && d->n <= n)
			r = spell(w, d, c, &s[c], e);
	}
	for (uint32_t i = 0; !r && i < n; i++) {
		put_row(w, column, s, i);
		w->rows++;
		if (w->out.n >= FLUSH || w->out.oom)
			r = flush(w, e);
	}
	for (uint32_t c = 0; s && c < columns; c++) {
		lam_buf_release(&s[c].text);
		lam_buf_release(&s[c].ends);
	}
	free(s);
	return r;
}

int
lam_writer_close(struct lam_writer *w, uint64_t *rows, struct lam_error *e)
{
	int r;

	if (w->form->end)
		w->form->end(w);
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
	lam_table_free(w->table);
	free(w);
}
