/*
 * unnest.c - rows with lists become a row for each element
 *
 * Elements are read one by one, so that a list may be longer than a batch.
 */
#include "rows/unnest.h"

#include "store/list.h"

#define ROWS 16384 /* of a batch */

struct made {
	struct lam_unnest_rows *u;
	const struct lam_vec *column;
	uint32_t nplain, nlists, n;
	struct lam_arena arena;	     /* of the rows being made */
	struct lam_arena lists;	     /* of the lists of a row */
	uint16_t *sel;		     /* [ROWS]: the rows that they come of */
	struct lam_scalar **value;   /* [nlists][ROWS] */
	struct lam_list_reader *reader; /* [nlists] */
	bool *open;
};

/* Give out the rows that are made. */
static int
flush(struct made *m, struct lam_error *e)
{
	uint32_t all = m->nplain + m->nlists;
	struct lam_vec *out = LAM_ARENA_NEW(&m->arena, struct lam_vec, all);
	int rc = out ? LAM_OK : lam_fail_mem(e);

	for (uint32_t c = 0; !rc && c < m->nplain; c++)
		if (!lam_vec_take(&m->column[c], m->sel, m->n, &m->arena,
			&out[c]))
			rc = lam_fail_mem(e);
	for (uint32_t k = 0; !rc && k < m->nlists; k++)
		rc = lam_scalar_vec(m->value[k], m->n, m->u->stage->field[
			m->nplain + k].type.type, &m->arena,
			&out[m->nplain + k], e);
	if (!rc)
		rc = lam_row_source_keep(m->u->to, out, m->n, e);
	m->n = 0;
	lam_arena_reset(&m->arena);
	return rc;
}

static void
open_lists(struct made *m, uint32_t row)
{
	lam_arena_reset(&m->lists);
	for (uint32_t k = 0; k < m->nlists; k++) {
		const struct lam_vec *v = &m->column[m->nplain + k];

		m->open[k] = !lam_vec_is_null(v, row);
		if (m->open[k])
			lam_list_open(&m->reader[k], lam_vec_text(v, row),
				m->u->stage->field[m->nplain + k].type.type,
				&m->lists);
	}
}

/* The next element of each list; *ANY: there was one. */
static int
next_elements(struct made *m, bool *any, struct lam_error *e)
{
	*any = false;
	for (uint32_t k = 0; k < m->nlists; k++) {
		struct lam_scalar *v = &m->value[k][m->n];
		struct lam_list_reader *r = &m->reader[k];

		m->open[k] = m->open[k] && lam_list_next(r, v);
		*any |= m->open[k];
		if (!m->open[k])
			*v = (struct lam_scalar){ .type = r->type, .null = true };
		if (r->oom)
			return lam_fail_mem(e);
		if (r->bad)
			return lam_fail(e, LAM_DATA, "unnest: a text that should "
				"be a list is none");
	}
	return LAM_OK;
}

/* Texts that were unescaped are in m->lists: the rows take their own copy. */
static int
own_texts(struct made *m, struct lam_error *e)
{
	for (uint32_t k = 0; k < m->nlists; k++) {
		struct lam_scalar *v = &m->value[k][m->n];

		if (v->null || v->type != LAM_TEXT)
			continue;
		v->str.p = lam_arena_dup(&m->arena, v->str.p, v->str.n);
		if (!v->str.p)
			return lam_fail_mem(e);
	}
	return LAM_OK;
}

static int
unnest_row(struct made *m, uint32_t row, struct lam_error *e)
{
	bool any = true, first = m->u->stage->keep;
	int rc = LAM_OK;

	open_lists(m, row);
	while (!rc) {
		rc = next_elements(m, &any, e);
		if (rc || (!any && !first))
			break;
		first = false;
		rc = own_texts(m, e);
		m->sel[m->n++] = (uint16_t)row;
		if (!rc && m->n == ROWS)
			rc = flush(m, e);
	}
	return rc;
}

static int
begin(struct made *m, struct lam_arena *a, struct lam_error *e)
{
	m->sel = LAM_ARENA_NEW(a, uint16_t, ROWS);
	m->value = LAM_ARENA_NEW(a, struct lam_scalar *, m->nlists);
	m->reader = LAM_ARENA_NEW(a, struct lam_list_reader, m->nlists);
	m->open = LAM_ARENA_NEW(a, bool, m->nlists);
	if (!m->sel || !m->value || !m->reader || !m->open)
		return lam_fail_mem(e);
	for (uint32_t k = 0; k < m->nlists; k++) {
		m->value[k] = LAM_ARENA_NEW(a, struct lam_scalar, ROWS);
		if (!m->value[k])
			return lam_fail_mem(e);
		m->reader[k].type = m->u->stage->field[m->nplain + k].type.type;
	}
	return LAM_OK;
}

int
lam_unnest_keep(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct lam_unnest_rows *u = arg;
	struct lam_arena fixed = LAM_ARENA_INIT;
	struct made m = { .u = u, .column = column,
		.nlists = u->stage->nlists, .arena = LAM_ARENA_INIT,
		.nplain = u->stage->nfields - u->stage->nlists,
		.lists = LAM_ARENA_INIT };
	int rc = begin(&m, &fixed, e);

	for (uint32_t i = 0; !rc && i < n; i++)
		rc = unnest_row(&m, i, e);
	if (!rc && m.n)
		rc = flush(&m, e);
	lam_arena_release(&m.arena);
	lam_arena_release(&m.lists);
	lam_arena_release(&fixed);
	return rc;
}
