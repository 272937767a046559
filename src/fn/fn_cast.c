/*
 * fn_cast.c - cast and try_cast
 *
 * cast and try_cast give NULL for a text that is not of the type; for cast it is
 * a fault.  Blanks around a number, a time or a boolean do not matter.  A number is
 * rounded half away from zero to an integer; a time in text is the canonical
 * form, 2026-01-01T00:00:00Z; a date is the midnight it starts with.
 */
#include "fn/fn.h"

#include <string.h>
#include <strings.h>

static bool
tries(unsigned fn)
{
	return fn >= LAM_FN_TRY_NUMBER && fn <= LAM_FN_TRY_BOOL;
}

/* Which conversions there are at all. */
int
lam_cast_prepare(const struct lam_expr *x, struct lam_error *e)
{
	unsigned from = x->arg[0]->type;
	bool ok = x->arg[0]->null || from == LAM_TEXT;

	switch (x->fn) {
	case LAM_FN_TO_TEXT:
		ok = true;
		break;
	case LAM_FN_TO_TIME:
	case LAM_FN_TO_DATE:
	case LAM_FN_TRY_TIME:
	case LAM_FN_TRY_DATE:
		ok |= from == LAM_TIME;
		break;
	default:
		ok |= from == LAM_NUMBER || from == LAM_BOOL;
	}
	if (ok)
		return LAM_OK;
	return lam_fail_at(e, x, "no cast from %s to %s%s",
		lam_type_name[from], lam_type_name[x->type],
		from == LAM_TIME ? ": epoch(t) gives seconds" :
		x->type == LAM_TIME ? ": write timestamp '1970-01-01' + "
		"n * interval, or set the field's type in the schema" : "");
}

static struct lam_str
trimmed(struct lam_str v)
{
	while (v.n > 0 && (*v.p == ' ' || (*v.p >= '\t' && *v.p <= '\r')))
		v.p++, v.n--;
	while (v.n > 0 && (v.p[v.n - 1] == ' ' ||
		(v.p[v.n - 1] >= '\t' && v.p[v.n - 1] <= '\r')))
		v.n--;
	return v;
}

int
lam_fn_cast_text(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	struct lam_text_out t;
	struct lam_reader r;
	int rc;

	(void)nargs;
	if (arg->type == LAM_TEXT) {
		*out = *arg;
		return LAM_OK;
	}
	if ((rc = lam_read(c, arg, &r)) || (rc = lam_text_begin(c, &t)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		char scratch[LAM_TIME_TEXT], *p;
		struct lam_str v = lam_vec_print(r.v, i * r.step, scratch);

		t.str[i] = (struct lam_str){ NULL, 0 };
		if (!v.p)
			continue;
		if (!(p = lam_text_room(&t, v.n)))
			return LAM_SYSTEM;
		memcpy(p, v.p, v.n);
		t.str[i] = (struct lam_str){ p, v.n };
	}
	lam_out_flat(c, LAM_TEXT, t.str, r.v->null, out);
	return LAM_OK;
}

/* Row I as a number; false: it is none. */
static bool
number_at(const struct lam_reader *r, uint32_t i, struct lam_num *out)
{
	int64_t m;
	struct lam_str v;

	if (r->v->type == LAM_NUMBER) {
		*out = lam_num_at(r, i);
		return true;
	}
	if (r->v->type == LAM_BOOL) {
		*out = (struct lam_num){ r->v->bit[i * r->step], 0 };
		return true;
	}
	v = trimmed(lam_str_at(r, i));
	if (lam_num_parse64(v.p, v.n, &m, &out->scale)) {
		out->m = m;
		return true;
	}
	return lam_num_parse(v.p, v.n, out);
}

/* to number, to integer */
int
lam_fn_cast_num(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	unsigned fn = c->x->fn;
	bool whole = fn == LAM_FN_TO_INTEGER || fn == LAM_FN_TRY_INTEGER;
	struct lam_reader r;
	struct lam_num *v;
	uint8_t *null;
	int rc;

	(void)nargs;
	if (arg->type == LAM_NUMBER && arg->rep != LAM_CONST &&
	    (!whole || (arg->scale == 0 && !arg->wide))) {
		*out = *arg;
		return LAM_OK;
	}
	if ((rc = lam_read(c, arg, &r)) || (rc = lam_room(c, sizeof *v, &v)) ||
	    (rc = lam_nulls_new(c, NULL, &null)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		v[i] = (struct lam_num){ 0, 0 };
		null[i] = lam_null_at(&r, i);
		if (null[i])
			continue;
		if (number_at(&r, i, &v[i]) &&
		    (!whole || lam_num_round(v[i], 0, &v[i])))
			continue;
		null[i] = 1;
		if (!tries(fn) && (rc = lam_fault(c, i)))
			return rc;
	}
	return lam_out_numbers(c, v, null, out);
}

static bool
time_at(const struct lam_reader *r, uint32_t i, bool date, int64_t *out)
{
	struct lam_str v;

	if (r->v->type == LAM_TIME) {
		*out = r->v->i64[i * r->step];
	} else {
		v = trimmed(lam_str_at(r, i));
		if (!lam_time_parse(v.p, v.n, out, NULL))
			return false;
	}
	return !date || lam_time_trunc(*out, LAM_DAY, out);
}

/* to time, to date */
int
lam_fn_cast_time(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	unsigned fn = c->x->fn;
	bool date = fn == LAM_FN_TO_DATE || fn == LAM_FN_TRY_DATE, done = false;
	struct lam_reader r;
	uint8_t *null;
	int64_t *v;
	int rc;

	(void)nargs;
	if (arg->type == LAM_TIME && !date) {
		*out = *arg;
		return LAM_OK;
	}
	if (arg->type == LAM_TIME &&
		((rc = lam_time_buckets(c, arg, LAM_DAY_NS, 0, out, &done)) ||
			done))
		return rc;
	if ((rc = lam_read(c, arg, &r)) || (rc = lam_room(c, sizeof *v, &v)) ||
	    (rc = lam_nulls_new(c, NULL, &null)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		v[i] = 0;
		null[i] = lam_null_at(&r, i);
		if (null[i] || time_at(&r, i, date, &v[i]))
			continue;
		null[i] = 1;
		if (!tries(fn) && (rc = lam_fault(c, i)))
			return rc;
	}
	lam_out_flat(c, LAM_TIME, v, null, out);
	return LAM_OK;
}

/* 1 true, 0 false, -1 neither. */
static int
bool_at(const struct lam_reader *r, uint32_t i)
{
	static const char *const yes[] = { "true", "t", "yes", "y", "1" };
	static const char *const no[] = { "false", "f", "no", "n", "0" };
	struct lam_str v;

	if (r->v->type == LAM_BOOL)
		return r->v->bit[i * r->step];
	if (r->v->type == LAM_NUMBER)
		return lam_num_at(r, i).m != 0;
	v = trimmed(lam_str_at(r, i));
	for (size_t k = 0; k < 5; k++) {
		if (v.n == strlen(yes[k]) && !strncasecmp(v.p, yes[k], v.n))
			return 1;
		if (v.n == strlen(no[k]) && !strncasecmp(v.p, no[k], v.n))
			return 0;
	}
	return -1;
}

int
lam_fn_cast_bool(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	struct lam_reader r;
	uint8_t *bit, *null;
	int rc;

	(void)nargs;
	if ((rc = lam_read(c, arg, &r)) || (rc = lam_room(c, 1, &bit)) ||
	    (rc = lam_nulls_new(c, NULL, &null)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		int v = lam_null_at(&r, i) ? -1 : bool_at(&r, i);

		bit[i] = v == 1;
		null[i] = v < 0;
		if (v < 0 && !tries(c->x->fn) && !lam_null_at(&r, i) &&
		    (rc = lam_fault(c, i)))
			return rc;
	}
	lam_out_flat(c, LAM_BOOL, bit, null, out);
	return LAM_OK;
}
