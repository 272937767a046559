/*
 * fn_util.c - shared by all kernels: reading arguments, making results
 *
 * Constants of one row (NULL, true, false) are const tables, so that they cost
 * no memory.  Numbers computed the slow way are collected as struct lam_num and
 * brought to one scale at the end when they fit int64 with it, trailing zeros
 * dropped; else they stay as they are.
 */
#include "fn/fn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CHUNK (64 * 1024)

static const int64_t zero64[1] = { 0 };
static const uint8_t bits[2] = { 0, 1 };
static const struct lam_str nil[1] = { { NULL, 0 } };

static const struct lam_vec null_value[LAM_TYPES] = {
	[LAM_TEXT] = { .type = LAM_TEXT, .n = 1, .null = bits + 1,
		.str = nil },
	[LAM_NUMBER] = { .type = LAM_NUMBER, .n = 1, .null = bits + 1,
		.i64 = zero64 },
	[LAM_TIME] = { .type = LAM_TIME, .n = 1, .null = bits + 1,
		.i64 = zero64 },
	[LAM_BOOL] = { .type = LAM_BOOL, .n = 1, .null = bits + 1,
		.bit = bits },
};

static const struct lam_vec bool_value[2] = {
	{ .type = LAM_BOOL, .n = 1, .bit = bits },
	{ .type = LAM_BOOL, .n = 1, .bit = bits + 1 },
};

int
lam_fail_at(struct lam_error *e, const struct lam_expr *x, const char *fmt,
	...)
{
	char msg[800];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof msg, fmt, ap);
	va_end(ap);
	return lam_fail(e, LAM_USAGE, "%s:%u:%u: %s", x->source ? x->source :
		"query", (unsigned)x->line, (unsigned)x->column, msg);
}

const char *
lam_show(struct lam_str v, char *out)
{
	size_t n = v.n < 60 ? v.n : 60, i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		out[i] = c < 32 || c == 127 ? '?' : v.p[i];
	}
	/* Never end in the middle of a character. */
	while (v.n > n && i > 0 && ((unsigned char)v.p[i] & 0xc0) == 0x80)
		i--;
	memcpy(out + i, v.n > n ? "..." : "", v.n > n ? 4 : 1);
	return out;
}

int
lam_fault(struct lam_call *c, uint32_t i)
{
	int rc = lam_faults_make(c->faults, c->n, c->arena, c->e);

	if (!rc)
		c->faults->mark[i] = 1;
	return rc;
}

int
lam_room(struct lam_call *c, size_t size, void *out)
{
	/* Never a request of nothing: an empty block is no failure. */
	void *p = lam_arena_alloc(c->arena, size * (c->n ? c->n : 1));

	memcpy(out, &p, sizeof p);
	return p ? LAM_OK : lam_fail_mem(c->e);
}

int
lam_read(struct lam_call *c, const struct lam_vec *arg, struct lam_reader *r)
{
	if (arg->rep == LAM_CONST) {
		*r = (struct lam_reader){ arg->dict, 0 };
		return LAM_OK;
	}
	*r = (struct lam_reader){ lam_vec_flat(arg, c->arena), 1 };
	return r->v ? LAM_OK : lam_fail_mem(c->e);
}

LAM_HOT static void
or_nulls(uint8_t *restrict to, const uint8_t *restrict from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] |= from[i];
}

int
lam_nulls_new(struct lam_call *c, const uint8_t *from, uint8_t **out)
{
	int rc = lam_room(c, 1, out);

	if (rc == LAM_OK && from)
		memcpy(*out, from, c->n);
	else if (rc == LAM_OK)
		memset(*out, 0, c->n);
	return rc;
}

int
lam_nulls(struct lam_call *c, const struct lam_reader *r, uint32_t nargs,
	const uint8_t **out)
{
	const uint8_t *one = NULL;
	uint8_t *sum = NULL;
	int rc;

	*out = NULL;
	for (uint32_t i = 0; i < nargs; i++) {
		const uint8_t *null = r[i].v->null;

		/* One row that is NULL: a CONST among FLAT ones never is. */
		if (!null || (r[i].step == 0 && !null[0]))
			continue;
		if (r[i].step == 0 && c->n != 1) {
			if (!sum && (rc = lam_nulls_new(c, one, &sum)))
				return rc;
			memset(sum, 1, c->n);
		} else if (!one && !sum) {
			one = null;
		} else {
			if (!sum && (rc = lam_nulls_new(c, one, &sum)))
				return rc;
			or_nulls(sum, null, c->n);
		}
	}
	*out = sum ? sum : one;
	return LAM_OK;
}

int
lam_read_all(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_reader *r, uint8_t **none)
{
	const uint8_t *null;
	int rc = LAM_OK;

	for (uint32_t k = 0; !rc && k < nargs; k++)
		rc = lam_read(c, &arg[k], &r[k]);
	if (!rc)
		rc = lam_nulls(c, r, nargs, &null);
	return rc ? rc : lam_nulls_new(c, null, none);
}

void
lam_out_flat(const struct lam_call *c, enum lam_type t, const void *values,
	const uint8_t *null, struct lam_vec *out)
{
	*out = (struct lam_vec){ .type = (uint8_t)t, .rep = LAM_FLAT,
		.n = c->n, .null = null };
	switch (t) {
	case LAM_TEXT:
		out->str = values;
		break;
	case LAM_BOOL:
		out->bit = values;
		break;
	default:
		out->i64 = values;
	}
}

void
lam_out_const(const struct lam_vec *flat, uint32_t n, struct lam_vec *out)
{
	*out = (struct lam_vec){ .type = flat->type, .rep = LAM_CONST,
		.scale = flat->scale, .n = n, .dict = flat };
}

void
lam_out_null(enum lam_type t, uint32_t n, struct lam_vec *out)
{
	lam_out_const(&null_value[t], n, out);
}

void
lam_out_bool(bool v, uint32_t n, struct lam_vec *out)
{
	lam_out_const(&bool_value[v], n, out);
}

/* The scale that all values have, or, once they have been normalised, need. */
static unsigned
common_scale(struct lam_num *v, const uint8_t *null, uint32_t n)
{
	unsigned scale = 0, first = UINT32_MAX;
	bool same = true;

	for (uint32_t i = 0; i < n && same; i++) {
		if (null && null[i])
			continue;
		if (first == UINT32_MAX)
			first = v[i].scale;
		same = v[i].scale == first && v[i].m == (int64_t)v[i].m;
	}
	if (same)
		return first == UINT32_MAX ? 0 : first;
	for (uint32_t i = 0; i < n; i++) {
		if (null && null[i])
			continue;
		v[i] = lam_num_normal(v[i]);
		scale = v[i].scale > scale ? v[i].scale : scale;
	}
	return scale;
}

int
lam_out_numbers(struct lam_call *c, struct lam_num *v, const uint8_t *null,
	struct lam_vec *out)
{
	unsigned scale = common_scale(v, null, c->n);
	bool fits = true;
	int64_t *narrow;
	int rc;

	if ((rc = lam_room(c, sizeof *narrow, &narrow)))
		return rc;
	for (uint32_t i = 0; i < c->n && fits; i++) {
		struct lam_num r = { 0, scale };

		if (!(null && null[i]))
			fits = (v[i].scale == scale ? (r = v[i], true) :
				lam_num_rescale(v[i], scale, &r)) &&
				r.m == (int64_t)r.m;
		narrow[i] = (int64_t)r.m;
	}
	lam_out_flat(c, LAM_NUMBER, narrow, null, out);
	out->scale = (uint8_t)scale;
	if (fits)
		return LAM_OK;
	out->scale = 0;
	out->wide = true;
	out->num = v;
	return LAM_OK;
}

int
lam_const_flat(const struct lam_expr *x, struct lam_arena *a,
	struct lam_vec *out, struct lam_error *e)
{
	/* 32 bytes hold one value of any type. */
	void *p = lam_arena_calloc(a, 1, 32);
	int64_t narrow = (int64_t)x->num.m;

	if (!p)
		return lam_fail_mem(e);
	*out = x->null ? null_value[x->type] :
		(struct lam_vec){ .type = x->type, .n = 1 };
	if (x->null)
		return LAM_OK;
	switch (x->type) {
	case LAM_TEXT:
		memcpy(p, &x->text, sizeof x->text);
		out->str = p;
		break;
	case LAM_BOOL:
		*(uint8_t *)p = x->boolean;
		out->bit = p;
		break;
	case LAM_TIME:
		memcpy(p, &x->time, sizeof x->time);
		out->i64 = p;
		break;
	default:
		out->wide = narrow != x->num.m;
		out->i64 = p;
		if (out->wide) {
			*(struct lam_num *)p = lam_num_normal(x->num);
			return LAM_OK;
		}
		out->scale = (uint8_t)x->num.scale;
		memcpy(p, &narrow, sizeof narrow);
	}
	return LAM_OK;
}

int
lam_text_begin(struct lam_call *c, struct lam_text_out *t)
{
	*t = (struct lam_text_out){ .c = c };
	return lam_room(c, sizeof *t->str, &t->str);
}

char *
lam_text_room(struct lam_text_out *t, size_t n)
{
	char *p;

	if (n > t->left) {
		size_t want = n > CHUNK / 4 ? n : CHUNK;

		p = lam_arena_alloc(t->c->arena, want);
		if (!p) {
			lam_fail_mem(t->c->e);
			return NULL;
		}
		/* A long string has memory of its own. */
		if (want == n)
			return p;
		t->p = p;
		t->left = want;
	}
	p = t->p;
	t->p += n;
	t->left -= n;
	return p;
}

int
lam_text_rows(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	lam_text_row_fn *row, struct lam_vec *out)
{
	struct lam_reader *r = LAM_ARENA_NEW(c->arena, struct lam_reader, nargs);
	bool takes_null = lam_kernel[c->x->fn].flags & LAM_K_NULLS;
	const uint8_t *null = NULL;
	struct lam_text_out t;
	int rc;

	if (!r)
		return lam_fail_mem(c->e);
	for (uint32_t k = 0; k < nargs; k++)
		if ((rc = lam_read(c, &arg[k], &r[k])))
			return rc;
	if ((rc = lam_text_begin(c, &t)) ||
	    (!takes_null && (rc = lam_nulls(c, r, nargs, &null))))
		return rc;
	t.nargs = nargs;
	for (uint32_t i = 0; i < c->n; i++) {
		t.str[i] = (struct lam_str){ NULL, 0 };
		if (!(null && null[i]) && !row(&t, r, i))
			return LAM_SYSTEM;
	}
	lam_out_flat(c, LAM_TEXT, t.str, null, out);
	return LAM_OK;
}
