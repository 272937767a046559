/*
 * fn_compute.c - numbers and times that are computed one by one
 */
#include "fn/fn.h"

int
lam_compute_numbers(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, lam_number_fn *one, struct lam_vec *out)
{
	struct lam_reader r[LAM_COMPUTE_ARGS];
	struct lam_num *v;
	uint8_t *none;
	bool null;
	int rc;

	if ((rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, sizeof *v, &v)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		null = none[i];
		if (!null && !one(c, r, i, &v[i], &null)) {
			null = true;
			if ((rc = lam_fault(c, i)))
				return rc;
		}
		none[i] = null;
		if (null)
			v[i] = (struct lam_num){ 0, 0 };
	}
	return lam_out_numbers(c, v, none, out);
}

int
lam_compute_times(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	lam_time_fn *one, struct lam_vec *out)
{
	struct lam_reader r[LAM_COMPUTE_ARGS];
	uint8_t *none;
	int64_t *to;
	bool null;
	int rc;

	if ((rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		null = none[i];
		if (!null && !one(c, r, i, &to[i], &null)) {
			null = true;
			if ((rc = lam_fault(c, i)))
				return rc;
		}
		none[i] = null;
		if (null)
			to[i] = 0;
	}
	lam_out_flat(c, LAM_TIME, to, none, out);
	return LAM_OK;
}
