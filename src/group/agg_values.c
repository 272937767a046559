/*
 * agg_values.c - the values of DISTINCT and VALUES: of the members of a set or bag
 *
 * A group's members are put in the order of values, NULLs being none of them.  In a
 * bag the n values that were added stand in this order, each as often as it was there:
 *
 *	quantile_*	see group/bag.h
 *	mode		the value that was most often there; of several the least
 *	histogram	JSON: {"value": times, ...}
 *	top_k		JSON: [value, ...], those most often there; of equals the least
 *	join		the values as text, or from the last one, with a text between
 *	least, greatest	JSON: the k first, or last, last first
 */
#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "group/agg.h"
#include "group/group_table.h"
#include "group/value_sets.h"
#include "time/time.h"

static int
by_value(const void *a, const void *b)
{
	const struct lam_bag_member *x = a, *y = b;

	return lam_scalar_cmp(&x->value, &y->value);
}

static int
by_times(const void *a, const void *b)
{
	const struct lam_bag_member *x = a, *y = b;

	if (x->times != y->times)
		return x->times < y->times ? 1 : -1;
	return lam_scalar_cmp(&x->value, &y->value);
}

/* The members of the group of ROW; ARENA, which holds them, is reset. */
static int
members_of(uint32_t s, const struct lam_ref *row, struct lam_arena *arena,
	struct lam_bag_run *out, struct lam_error *e)
{
	const struct lam_agg *a = lam_ref_agg(row, s);
	struct lam_value_sets *sets = a->own;
	size_t g = lam_group_table_number(a->table, row->rec), from;

	if (!sets->start && !lam_value_sets_list(sets, a->table->n))
		return lam_fail_mem(e);
	from = sets->start[g];
	lam_arena_reset(arena);
	*out = (struct lam_bag_run){ .n = sets->start[g + 1] - from };
	out->p = lam_arena_alloc(arena, (out->n + 1) * sizeof *out->p);
	if (!out->p)
		return lam_fail_mem(e);
	for (size_t i = 0; i < out->n; i++) {
		struct lam_bag_member *m = &out->p[i];

		if (!lam_set_value_scalar(sets, sets->member[from + i],
			&m->value))
			return lam_agg_bad(a, e);
		m->times = sets->count ? sets->count[from + i] : 1;
		out->all += m->times;
	}
	qsort(out->p, out->n, sizeof *out->p, by_value);
	return LAM_OK;
}

/* The sum of the members; AVERAGE: over their number. */
static void
sum_members(const struct lam_bag_run *m, bool average, struct lam_scalar *out)
{
	struct lam_sum sum = { { 0 } };

	for (size_t i = 0; i < m->n; i++)
		lam_sum_add(&sum, m->p[i].value.num);
	out->null = average ? !lam_sum_div(&sum, m->n, &out->num) :
		!lam_sum_num(&sum, &out->num);
	out->num = lam_num_normal(out->num);
}

static void
put_histogram(struct lam_buf *b, const struct lam_bag_run *m)
{
	char scratch[LAM_TIME_TEXT];

	for (size_t i = 0; i < m->n; i++) {
		lam_buf_puts(b, i ? ", " : "{");
		lam_json_put_string(b, lam_scalar_print(&m->p[i].value,
			scratch));
		lam_buf_printf(b, ": %llu", (unsigned long long)m->p[i].times);
	}
	lam_buf_putc(b, '}');
}

/* The first K values, each as often as it was there (ONCE: once); or the last. */
static void
put_list(struct lam_buf *b, const struct lam_bag_run *m, uint64_t k, bool last,
	bool once)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct lam_bag_member *x = &m->p[last ? m->n - 1 - i : i];

		for (uint64_t j = 0; j < (once ? 1 : x->times) && n < k; j++)
			lam_list_put(b, n++, &x->value);
	}
	lam_list_end(b, n);
}

/* The members with X's text between them. */
static void
put_joined(struct lam_buf *b, const struct lam_bag_run *m,
	const struct lam_expr *x)
{
	char scratch[LAM_TIME_TEXT];

	for (size_t i = 0; i < m->n; i++) {
		const struct lam_bag_member *v = &m->p[x->num.m < 0 ?
			m->n - 1 - i : i];
		struct lam_str s = lam_scalar_print(&v->value, scratch);

		if (i)
			lam_buf_put(b, x->text.p, x->text.n);
		lam_buf_put(b, s.p, s.n);
	}
}

/* Finals that are texts, into B. */
static void
put_text(const struct lam_expr *x, struct lam_bag_run *m, struct lam_buf *b)
{
	uint64_t k = x->num.m > 0 && x->num.m < INT64_MAX ?
		(uint64_t)x->num.m : 0;

	lam_buf_clear(b);
	switch (x->final) {
	case LAM_FINAL_HISTOGRAM:
		put_histogram(b, m);
		return;
	case LAM_FINAL_JOIN:
		put_joined(b, m, x);
		return;
	case LAM_FINAL_TOP:
		qsort(m->p, m->n, sizeof *m->p, by_times);
		put_list(b, m, k, false, true);
		return;
	case LAM_FINAL_LIST: /* of a set */
		put_list(b, m, UINT64_MAX, x->num.m < 0, true);
		return;
	default:
		put_list(b, m, k, x->final == LAM_FINAL_GREATEST, false);
	}
}

/* The member that was most often there; of several the least. */
static const struct lam_scalar *
mode_of(const struct lam_bag_run *m)
{
	size_t most = 0;

	for (size_t i = 1; i < m->n; i++)
		most = m->p[i].times > m->p[most].times ? i : most;
	return &m->p[most].value;
}

int
lam_agg_values_one(const struct lam_expr *x, struct lam_bag_run *m,
	struct lam_arena *arena, struct lam_buf *json, struct lam_scalar *out,
	struct lam_error *e)
{
	struct lam_str s;
	int rc;

	out->null = m->n == 0;
	if (out->null)
		return LAM_OK;
	switch (x->final) {
	case LAM_FINAL_SUM_OF:
	case LAM_FINAL_AVG_OF:
		sum_members(m, x->final == LAM_FINAL_AVG_OF, out);
		return LAM_OK;
	case LAM_FINAL_CONT:
	case LAM_FINAL_DISC:
		lam_bag_quantile(&(struct lam_bag){ .run = m, .nruns = 1,
			.n = m->n, .all = m->all }, x->num,
			x->final == LAM_FINAL_CONT, out);
		return LAM_OK;
	case LAM_FINAL_MODE:
		*out = *mode_of(m);
		return LAM_OK;
	default:
		put_text(x, m, json);
		rc = lam_buf_check(json, e);
		s = (struct lam_str){ rc ? NULL : lam_arena_dup(arena, json->n ?
			json->p : "", json->n), json->n };
		*out = (struct lam_scalar){ .type = LAM_TEXT, .str = s };
		return rc || s.p ? rc : lam_fail_mem(e);
	}
}

int
lam_agg_values_finalize(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_scalar *v = LAM_ARENA_NEW(arena, struct lam_scalar, n + 1);
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_buf json = LAM_BUF_INIT;
	struct lam_bag_run m;
	int rc = v ? LAM_OK : lam_fail_mem(e);

	for (uint32_t i = 0; !rc && i < n; i++) {
		v[i].type = x->type;
		rc = members_of(s, &row[i], &scratch, &m, e);
		if (!rc)
			rc = lam_agg_values_one(x, &m, arena, &json, &v[i], e);
	}
	if (!rc)
		rc = lam_scalar_vec(v, n, x->type, arena, out, e);
	lam_arena_release(&scratch);
	lam_buf_release(&json);
	return rc;
}
