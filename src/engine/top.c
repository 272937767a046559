/*
 * top.c - the first rows of a grouped query, without sorting all its groups
 *
 * Groups come in no order.  The columns that rows are sorted by, ORDER BY and then
 * the keys, are made one after the other, each for those groups alone that the
 * columns before did not rule out: a group is out when it is behind the last of
 * the rows wanted so far.  A few are left, which go to a sorter with these columns
 * and the place of the group.  Outputs are made for the rows that are handed out.
 *
 * So it is not seen whether the values of any other group can be computed.  Keys,
 * constants and finals always can, but for sums of 128 bits and those of sets and
 * bags.  Where there is anything else it is made for all groups that HAVING lets
 * pass, to count what cannot.
 */
#include "engine/top.h"

#include <string.h>

#include "engine/finalize.h"
#include "rows/bound.h"
#include "rows/sorter.h"
#include "rows/sortkey.h"

#define ROWS_MAX 16384 /* wanted, at most: four times as many are kept */
#define SPARSE 4	/* else sorting all is as fast: groups for each of these */

struct top {
	const struct lam_query *q;
	struct lam_partials *p;
	struct lam_sorter sorter;
	uint32_t ncolumns;	/* sorted by; one more has the place */
	struct lam_buf key;
	struct lam_arena arena, place;
	uint64_t faults;
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e);
	void *arg;
};

static bool
never_faulty(const struct lam_expr *x)
{
	return x->kind == LAM_X_KEY || x->kind == LAM_X_CONST ||
		(x->kind == LAM_X_FINAL && x->final != LAM_FINAL_SUM_OF &&
		x->final != LAM_FINAL_AVG_OF && x->final != LAM_FINAL_CONT);
}

bool
lam_top_never_faulty(const struct lam_query *q)
{
	for (uint32_t i = 0; i < q->noutputs; i++)
		if (!never_faulty(q->output[i].expr))
			return false;
	for (uint32_t i = 0; i < q->norder; i++)
		if (!never_faulty(q->order[i].expr))
			return false;
	return true;
}

static bool
has_wide_sum(const struct lam_partials *p)
{
	for (uint32_t i = 0; i < p->nshares; i++)
		for (uint32_t s = 0; s < p->q->nstates; s++)
			if (p->q->state[s].kind == LAM_SUM &&
				lam_agg_sum_wide(&p->share[i].table.agg[s]))
				return true;
	return false;
}

bool
lam_top_suits(const struct lam_query *q, const struct lam_partials *p)
{
	uint64_t groups = lam_partials_groups(p);

	return !p->begun && q->limit <= ROWS_MAX &&
		q->offset <= ROWS_MAX && groups < UINT64_MAX &&
		SPARSE * (q->limit + q->offset) <= groups;
}

static void
count_faults(struct top *x, struct lam_frame *f)
{
	for (uint32_t i = 0; f->faults.mark && i < f->n; i++)
		x->faults += f->faults.mark[i];
	f->faults.mark = NULL;
}

/* The values that are made of the rows of F, to count their faults. */
static int
look_for_faults(struct top *x, struct lam_finalize *f, struct lam_error *e)
{
	const struct lam_query *q = x->q;
	struct lam_vec v;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < q->noutputs; i++)
		rc = lam_expr_eval(q->output[i].expr, &f->frame, &v, e);
	for (uint32_t i = 0; !rc && i < q->norder; i++)
		rc = lam_expr_eval(q->order[i].expr, &f->frame, &v, e);
	count_faults(x, &f->frame);
	return rc;
}

/* The outputs of the current rows. */
static int
outputs(struct top *x, struct lam_vec *v, struct lam_error *e)
{
	struct lam_finalize f;
	int rc = lam_finalize_init(&f, x->p, &x->arena, e);

	for (uint32_t i = 0; !rc && i < x->q->noutputs; i++)
		rc = lam_expr_eval(x->q->output[i].expr, &f.frame, &v[i], e);
	return rc;
}

/* Column C that rows are sorted by, of the current rows. */
static int
sort_column(struct top *x, uint32_t c, struct lam_vec *v, struct lam_error *e)
{
	uint32_t norder = x->q->norder;
	const struct lam_vec *key;
	struct lam_finalize f;
	int rc = lam_finalize_init(&f, x->p, &x->arena, e);

	if (rc)
		return rc;
	if (c < norder)
		return lam_expr_eval(x->q->order[c].expr, &f.frame, v, e);
	rc = lam_finalize_key(&f, c - norder, &key, e);
	if (!rc)
		*v = *key;
	return rc;
}

static struct lam_by
direction(const struct lam_query *q, uint32_t c)
{
	return c < q->norder ? (struct lam_by){ q->order[c].descending,
		q->order[c].nulls_first } : (struct lam_by){ false, false };
}

/* Leave out the current rows that are behind; *OPEN: some are not decided. */
static void
leave_out(struct lam_partials *p, int8_t *verdict, bool *open)
{
	uint32_t n = 0;

	*open = false;
	for (uint32_t i = 0; i < p->n; i++) {
		p->ref[n] = p->ref[i];
		verdict[n] = verdict[i];
		*open = *open || verdict[i] == 0;
		n += verdict[i] <= 0;
	}
	p->n = n;
}

/* Leave out the current rows that no longer can be wanted. */
static int
rule_out(struct top *x, struct lam_error *e)
{
	int8_t *verdict = LAM_ARENA_NEW(&x->arena, int8_t, x->p->n + 1);
	bool open = x->sorter.bounded;
	int rc = verdict ? LAM_OK : lam_fail_mem(e);

	for (uint32_t c = 0; !rc && open && x->p->n && c < x->ncolumns; c++) {
		struct lam_scalar b = lam_sorter_bound(&x->sorter, c);
		struct lam_vec v;

		rc = sort_column(x, c, &v, e);
		if (rc)
			break;
		lam_bound_judge(&v, &b, direction(x->q, c), x->p->n, verdict);
		leave_out(x->p, verdict, &open);
	}
	return rc;
}

/* SOME: the rows of F that HAVING lets pass. */
static int
having(struct top *x, struct lam_finalize *f, struct lam_finalize *some,
	struct lam_error *e)
{
	uint16_t *sel = lam_arena_alloc(&x->arena, (x->p->n + 1) * sizeof *sel);
	uint32_t n;
	int rc = sel ? LAM_OK : lam_fail_mem(e);

	if (!rc)
		rc = lam_expr_filter(x->q->having, &f->frame, sel, &n, e);
	if (rc)
		return rc;
	count_faults(x, &f->frame);
	return lam_finalize_some(some, f, sel, n, e);
}

/* The current rows become those that HAVING lets pass.  FAULTS: there may be some. */
static int
choose(struct top *x, bool faults, struct lam_error *e)
{
	struct lam_finalize all, some, *f = &all;
	int rc = lam_finalize_init(&all, x->p, &x->arena, e);

	if (!rc && x->q->having) {
		f = &some;
		rc = having(x, &all, &some, e);
	}
	if (!rc && faults && f->frame.n)
		rc = look_for_faults(x, f, e);
	if (rc || !x->q->having)
		return rc;
	for (uint32_t i = 0; i < some.frame.n; i++)
		x->p->ref[i] = x->p->ref[some.sel[i]];
	x->p->n = some.frame.n;
	return LAM_OK;
}

/* The places of the current rows: they outlive the arena of the batch. */
static int
places(struct top *x, struct lam_vec *out, struct lam_error *e)
{
	uint32_t n = x->p->n;
	int64_t *place = lam_arena_alloc(&x->arena, (n + 1) * sizeof *place);
	struct lam_ref *kept = lam_arena_alloc(&x->place, (n + 1) *
		sizeof *kept);

	if (!place || !kept)
		return lam_fail_mem(e);
	memcpy(kept, x->p->ref, n * sizeof *kept);
	for (uint32_t i = 0; i < n; i++)
		place[i] = (int64_t)(intptr_t)&kept[i];
	*out = (struct lam_vec){ .type = LAM_TIME, .rep = LAM_FLAT, .n = n,
		.i64 = place };
	return LAM_OK;
}

/* The current rows into the sorter. */
static int
sort_rows(struct top *x, struct lam_error *e)
{
	struct lam_vec *v = LAM_ARENA_NEW(&x->arena, struct lam_vec,
		x->ncolumns + 1);
	int rc = v ? places(x, &v[x->ncolumns], e) : lam_fail_mem(e);

	for (uint32_t c = 0; !rc && c < x->ncolumns; c++)
		rc = sort_column(x, c, &v[c], e);
	for (uint32_t i = 0; !rc && i < x->p->n; i++) {
		lam_buf_clear(&x->key);
		for (uint32_t c = 0; c < x->ncolumns; c++) {
			struct lam_scalar s = lam_scalar_of(&v[c], i);

			lam_sortkey_put(&x->key, &s, direction(x->q, c));
		}
		rc = lam_buf_check(&x->key, e);
		if (!rc)
			rc = lam_sorter_add(&x->sorter, (struct lam_str){
				x->key.p, x->key.n }, v, i, e);
	}
	return rc;
}

/* All groups.  FAULTS: there may be some. */
static int
scan(struct top *x, bool faults, struct lam_error *e)
{
	int rc = LAM_OK;

	while (!rc) {
		lam_arena_reset(&x->arena);
		rc = lam_partials_step(x->p, e);
		if (rc || !x->p->n)
			break;
		rc = choose(x, faults, e);
		if (!rc)
			rc = rule_out(x, e);
		if (!rc && x->p->n)
			rc = sort_rows(x, e);
	}
	return rc;
}

/* Sorted rows: their outputs. */
static int
hand_out(void *arg, const struct lam_vec *row, uint32_t n, struct lam_error *e)
{
	struct top *x = arg;
	const int64_t *place = row[x->ncolumns].i64;
	int rc = LAM_OK;

	for (uint32_t at = 0; !rc && at < n; at += x->p->n) {
		struct lam_vec *v;

		lam_arena_reset(&x->arena);
		v = LAM_ARENA_NEW(&x->arena, struct lam_vec,
			x->q->noutputs + 1);
		x->p->n = n - at < x->p->most ? n - at : x->p->most;
		for (uint32_t i = 0; i < x->p->n; i++)
			x->p->ref[i] = *(const struct lam_ref *)
				(intptr_t)place[at + i];
		rc = v ? outputs(x, v, e) : lam_fail_mem(e);
		if (!rc)
			rc = x->rows(x->arg, v, x->p->n, e);
	}
	return rc;
}

static int
sorter(struct top *x, struct lam_error *e)
{
	const struct lam_query *q = x->q;
	uint8_t *type = LAM_ARENA_NEW(&x->place, uint8_t, x->ncolumns + 1);

	if (!type)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < q->norder; i++)
		type[i] = q->order[i].expr->type;
	for (uint32_t i = 0; i < q->nkeys; i++)
		type[q->norder + i] = q->key[i]->type;
	type[x->ncolumns] = LAM_TIME;
	return lam_sorter_init(&x->sorter, type, x->ncolumns + 1,
		q->limit + q->offset, UINT64_MAX / 2, NULL, e);
}

int
lam_top_finish(const struct lam_query *q, struct lam_partials *p,
	int (*rows)(void *arg, const struct lam_vec *out, uint32_t n,
		struct lam_error *e), void *arg, uint64_t *faults,
	struct lam_error *e)
{
	struct top x = { .q = q, .p = p, .ncolumns = q->norder + q->nkeys,
		.rows = rows, .arg = arg };
	bool faults_too;
	int rc = lam_partials_begin_unordered(p, e);

	faults_too = !rc && (!lam_top_never_faulty(q) || has_wide_sum(p));
	if (!rc && q->limit)
		rc = sorter(&x, e);
	if (!rc && q->limit)
		rc = scan(&x, faults_too, e);
	if (!rc && q->limit)
		rc = lam_sorter_finish(&x.sorter, q->offset, hand_out, &x, e);
	*faults = x.faults;
	lam_sorter_release(&x.sorter);
	lam_buf_release(&x.key);
	lam_arena_release(&x.arena);
	lam_arena_release(&x.place);
	return rc;
}
