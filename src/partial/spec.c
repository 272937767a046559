/*
 * spec.c - one number for all that the partials of a query depend on
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/hash.h"
#include "log/schema.h"
#include "partial/spec.h"
#include "reference/reference.h"

static int
by_name(const void *a, const void *b)
{
	const struct lam_input_field *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Those of FIELD[0..nfields-1] that are USED. */
static void
put_types(const struct lam_input_field *field, const bool *used,
	uint32_t nfields, struct lam_buf *out)
{
	const struct lam_input_field **f;
	size_t n = 0;

	f = malloc((nfields + 1) * sizeof *f);
	if (!f) {
		out->oom = true;
		return;
	}
	for (uint32_t i = 0; i < nfields; i++)
		if (used[i])
			f[n++] = &field[i];
	qsort(f, n, sizeof *f, by_name);
	for (size_t i = 0; i < n; i++) {
		struct lam_str name = { f[i]->name, strlen(f[i]->name) };

		if (i)
			lam_buf_putc(out, '\t');
		lam_escape(name, out);
		lam_buf_putc(out, ' ');
		lam_buf_puts(out, lam_coltype_name(f[i]->type));
	}
	free(f);
}

void
lam_spec_types(const struct lam_query *q, struct lam_buf *out)
{
	put_types(q->input->field, q->input->used, q->input->nfields, out);
}

void
lam_spec_file(const struct lam_ref_file *f, struct lam_buf *out)
{
	lam_buf_printf(out, "%016" PRIx64 " ", f->hash);
	lam_escape((struct lam_str){ f->name, strlen(f->name) }, out);
	lam_buf_putc(out, '\t');
	put_types(f->field, f->used, f->nfields, out);
}

/* What expressions depend on beside the records: rules of zones, files. */
struct outside {
	struct lam_buf *b; /* gets a line for each; NULL: they are only counted */
	uint32_t n;
	const char *data; /* a dataset that may have seen the files, or NULL */
	struct lam_error *e;
};

static int
put_file(struct outside *o, const struct lam_expr *x)
{
	uint64_t sum = 0;
	int rc = o->b ? lam_reference_sum(x->reference, o->data, &sum, o->e) :
		LAM_OK;

	o->n++;
	if (!rc && o->b)
		lam_buf_printf(o->b, "\n%s %016" PRIx64, x->fn == LAM_FN_GEO ?
			"geo" : "agents", sum);
	return rc;
}

static int
put_expr(struct outside *o, const struct lam_expr *x)
{
	int rc = x && x->reference ? put_file(o, x) : LAM_OK;

	for (uint32_t i = 0; !rc && x && i < x->nargs; i++) {
		const char *args = lam_func[x->fn].args;
		bool zone = x->kind == LAM_X_CALL && i < strlen(args) &&
			args[i] == 'z';

		o->n += zone;
		if (zone && o->b)
			lam_buf_printf(o->b, "\nzone %016" PRIx64,
				(uint64_t)x->arg[i]->time);
		rc = put_expr(o, x->arg[i]);
	}
	return rc;
}

static int
put_outside(struct outside *o, const struct lam_query *q)
{
	int rc = put_expr(o, q->where);

	for (uint32_t i = 0; !rc && i < q->nkeys; i++)
		rc = put_expr(o, q->key[i]);
	for (uint32_t i = 0; !rc && i < q->nstates; i++) {
		rc = put_expr(o, q->state[i].arg[0]);
		rc = rc ? rc : put_expr(o, q->state[i].arg[1]);
		rc = rc ? rc : put_expr(o, q->state[i].filter);
	}
	return rc;
}

bool
lam_spec_outside(const struct lam_query *q)
{
	struct outside o = { NULL, 0, NULL, NULL };

	return put_outside(&o, q) == LAM_OK && o.n;
}

int
lam_spec_hash(const struct lam_query *q, const char *data, uint64_t *spec,
	struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct outside o = { &b, 0, data, e };
	int rc;

	lam_buf_printf(&b, "%d\n%s\n", LAM_SEMANTICS, q->normal);
	lam_spec_types(q, &b);
	rc = put_outside(&o, q);
	for (uint32_t i = 0; i < q->nfiles; i++) {
		lam_buf_puts(&b, "\nfile ");
		lam_spec_file(q->file[i], &b);
	}
	if (!rc)
		rc = lam_buf_check(&b, e);
	if (!rc)
		*spec = lam_checksum(b.p, b.n);
	lam_buf_release(&b);
	return rc;
}
