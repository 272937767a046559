/*
 * scalar.c - single values: order, canonical text
 */
#include "store/scalar.h"

#include <string.h>

#include "time/time.h"

struct lam_scalar
lam_scalar_of(const struct lam_vec *v, uint32_t i)
{
	struct lam_scalar x = { .type = v->type };

	x.null = lam_vec_is_null(v, i);
	if (x.null)
		return x;
	switch (v->type) {
	case LAM_TEXT:
		x.str = lam_vec_text(v, i);
		break;
	case LAM_NUMBER:
		x.num = lam_num_normal(lam_vec_num(v, i));
		break;
	case LAM_TIME:
		x.i64 = lam_vec_time(v, i);
		break;
	default:
		x.i64 = lam_vec_bool(v, i);
	}
	return x;
}

int
lam_scalar_cmp(const struct lam_scalar *a, const struct lam_scalar *b)
{
	if (a->null || b->null)
		return a->null - b->null;
	if (a->type == LAM_TEXT)
		return lam_str_cmp(a->str, b->str);
	if (a->type == LAM_NUMBER)
		return lam_num_cmp(a->num, b->num);
	return (a->i64 > b->i64) - (a->i64 < b->i64);
}

struct lam_str
lam_scalar_print(const struct lam_scalar *v, char *scratch)
{
	struct lam_str s = { NULL, 0 };

	if (v->null)
		return s;
	s.p = scratch;
	switch (v->type) {
	case LAM_TEXT:
		return v->str;
	case LAM_NUMBER:
		s.n = lam_num_print(v->num, scratch);
		break;
	case LAM_TIME:
		s.n = lam_time_print(v->i64, scratch);
		break;
	default:
		s.n = v->i64 ? 4 : 5;
		memcpy(scratch, v->i64 ? "true" : "false", s.n);
	}
	return s;
}

/* A number that is not short must be canonical and in full: nothing is rounded. */
static bool
parse_number(struct lam_str s, struct lam_num *out)
{
	char again[LAM_NUM_TEXT];
	int64_t m;

	if (lam_num_parse64(s.p, s.n, &m, &out->scale)) {
		out->m = m;
		*out = lam_num_normal(*out);
		return true;
	}
	if (!lam_num_parse(s.p, s.n, out))
		return false;
	*out = lam_num_normal(*out);
	return lam_num_print(*out, again) == s.n && !memcmp(again, s.p, s.n);
}

bool
lam_scalar_parse(uint8_t type, struct lam_str s, struct lam_scalar *out)
{
	*out = (struct lam_scalar){ .type = type, .null = !s.p };
	if (out->null)
		return true;
	switch (type) {
	case LAM_TEXT:
		out->str = s;
		return true;
	case LAM_NUMBER:
		return parse_number(s, &out->num);
	case LAM_TIME:
		return lam_time_parse(s.p, s.n, &out->i64, NULL);
	default:
		out->i64 = s.n == 4 && memcmp(s.p, "true", 4) == 0;
		return out->i64 || (s.n == 5 && memcmp(s.p, "false", 5) == 0);
	}
}
