/*
 * fn_row.c - several values of a row as one text
 *
 *	tuple of	netstrings of their canonical texts: equal for equal values
 *	row of		the same, with ~ for NULL; the tuple of NULL is NULL
 *	list of		a list (store/list.h); NULL where the first is NULL
 *	list_value	the same, also of NULLs
 *	concat_ws	those behind the first with the first between, NULLs left out
 */
#include "fn/fn.h"

#include "base/buf.h"
#include "store/list.h"

static void
put_netstring(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	char scratch[LAM_TIME_TEXT];
	struct lam_str s;

	if (lam_null_at(r, i)) {
		lam_buf_putc(b, '~');
		return;
	}
	s = lam_vec_print(r->v, i * r->step, scratch);
	lam_buf_printf(b, "%zu:", s.n);
	lam_buf_put(b, s.p, s.n);
}

/* Argument K of a concat_ws; *ANY: there was one before. */
static void
put_joined(struct lam_buf *b, const struct lam_reader *r, uint32_t k,
	uint32_t i, bool *any)
{
	char scratch[LAM_TIME_TEXT];
	struct lam_str s;

	if (k == 0 || lam_null_at(&r[k], i))
		return;
	if (*any)
		lam_buf_put(b, lam_str_at(r, i).p, lam_str_at(r, i).n);
	s = lam_vec_print(r[k].v, i * r[k].step, scratch);
	lam_buf_put(b, s.p, s.n);
	*any = true;
}

static int
put_row(struct lam_call *c, const struct lam_reader *r, uint32_t nargs,
	uint32_t i, struct lam_buf *b, struct lam_str *out)
{
	bool list = c->x->fn == LAM_FN_LIST || c->x->fn == LAM_FN_LIST_VALUE;
	struct lam_scalar v;
	bool any = false;
	int rc;

	lam_buf_clear(b);
	for (uint32_t k = 0; k < nargs; k++) {
		if (list) {
			v = lam_scalar_of(r[k].v, i * r[k].step);
			lam_list_put(b, k, &v);
		} else if (c->x->fn == LAM_FN_CONCAT_WS) {
			put_joined(b, r, k, i, &any);
		} else {
			put_netstring(b, &r[k], i);
		}
	}
	if (list)
		lam_list_end(b, nargs);
	rc = lam_buf_check(b, c->e);
	if (rc)
		return rc;
	*out = (struct lam_str){ lam_arena_dup(c->arena, b->n ? b->p : "",
		b->n), b->n };
	return out->p ? LAM_OK : lam_fail_mem(c->e);
}

int
lam_fn_row(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader *r = LAM_ARENA_NEW(c->arena, struct lam_reader, nargs + 1);
	uint32_t decide = c->x->fn == LAM_FN_TUPLE ? nargs :
		c->x->fn == LAM_FN_LIST || c->x->fn == LAM_FN_CONCAT_WS;
	struct lam_buf b = LAM_BUF_INIT;
	const uint8_t *null = NULL;
	struct lam_str *str;
	int rc = r ? LAM_OK : lam_fail_mem(c->e);

	for (uint32_t k = 0; !rc && k < nargs; k++)
		rc = lam_read(c, &arg[k], &r[k]);
	if (rc || (rc = lam_nulls(c, r, decide, &null)) ||
		(rc = lam_room(c, sizeof *str, &str)))
		return rc;
	for (uint32_t i = 0; !rc && i < c->n; i++) {
		str[i] = (struct lam_str){ NULL, 0 };
		if (!null || !null[i])
			rc = put_row(c, r, nargs, i, &b, &str[i]);
	}
	lam_buf_release(&b);
	lam_out_flat(c, LAM_TEXT, str, null, out);
	return rc;
}
