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

/* The rules of the zones that X names. */
static void
put_zones(const struct lam_expr *x, struct lam_buf *b)
{
	for (uint32_t i = 0; x && i < x->nargs; i++) {
		const char *args = lam_func[x->fn].args;

		if (x->kind == LAM_X_CALL && i < strlen(args) &&
			args[i] == 'z')
			lam_buf_printf(b, "\nzone %016" PRIx64,
				(uint64_t)x->arg[i]->time);
		put_zones(x->arg[i], b);
	}
}

static void
put_all_zones(const struct lam_query *q, struct lam_buf *b)
{
	put_zones(q->where, b);
	for (uint32_t i = 0; i < q->nkeys; i++)
		put_zones(q->key[i], b);
	for (uint32_t i = 0; i < q->nstates; i++) {
		put_zones(q->state[i].arg[0], b);
		put_zones(q->state[i].arg[1], b);
		put_zones(q->state[i].filter, b);
	}
}

int
lam_spec_hash(const struct lam_query *q, uint64_t *spec, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	int rc;

	lam_buf_printf(&b, "%d\n%s\n", LAM_SEMANTICS, q->normal);
	lam_spec_types(q, &b);
	put_all_zones(q, &b);
	for (uint32_t i = 0; i < q->nfiles; i++) {
		lam_buf_puts(&b, "\nfile ");
		lam_spec_file(q->file[i], &b);
	}
	rc = lam_buf_check(&b, e);
	if (!rc)
		*spec = lam_checksum(b.p, b.n);
	lam_buf_release(&b);
	return rc;
}
