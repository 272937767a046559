/*
 * expr_build.h - expressions and columns built by hand, for tests
 *
 * A column of cells can be had in every shape a vector comes in; its unused
 * dictionary entries are poison: values that most functions would fail for.
 */
#ifndef LAM_TEST_EXPR_BUILD_H
#define LAM_TEST_EXPR_BUILD_H

#include <stdarg.h>
#include <stdlib.h>

#include "expr/expr.h"
#include "fn/fn.h"
#include "sql/func.h"
#include "test.h"

static struct lam_arena arena;

/* ------------------------------------------------------------ random numbers */

static uint64_t seed = 20260101;

static inline uint64_t
rnd(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return below ? seed % below : seed;
}

/* ------------------------------------------------------------- expressions */

static inline struct lam_expr *
node(unsigned kind, unsigned type)
{
	struct lam_expr *x = LAM_ARENA_NEW(&arena, struct lam_expr, 1);

	x->kind = (uint8_t)kind;
	x->type = (uint8_t)type;
	x->line = 3;
	x->column = 14;
	return x;
}

static inline struct lam_expr *
field(uint32_t index, unsigned type)
{
	struct lam_expr *x = node(LAM_X_FIELD, type);

	x->index = index;
	return x;
}

static inline struct lam_expr *
null(void)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_TEXT);

	x->null = true;
	return x;
}

static inline struct lam_expr *
num(const char *s)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_NUMBER);

	if (!lam_num_parse(s, strlen(s), &x->num))
		abort();
	return x;
}

static inline struct lam_expr *
text(const char *s)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_TEXT);

	x->text = (struct lam_str){ s, strlen(s) };
	return x;
}

static inline struct lam_expr *
when(const char *s)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_TIME);

	if (!lam_time_parse(s, strlen(s), &x->time, NULL))
		abort();
	return x;
}

static inline struct lam_expr *
truth(bool v)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_BOOL);

	x->boolean = v;
	return x;
}

static inline struct lam_expr *
unit(uint32_t u)
{
	struct lam_expr *x = text("unit");

	x->index = u;
	return x;
}

static inline struct lam_expr *
interval(int64_t months, int64_t ns)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_TEXT);

	x->text = (struct lam_str){ "interval", 8 };
	x->months = months;
	x->time = ns;
	return x;
}

static inline struct lam_expr *
call_of(unsigned fn, uint32_t n, struct lam_expr **arg)
{
	struct lam_expr *x = node(LAM_X_CALL, LAM_TEXT);
	char r = lam_func[fn].result;

	x->fn = (uint16_t)fn;
	x->nargs = n;
	x->arg = lam_arena_alloc(&arena, (n + 1) * sizeof *arg);
	for (uint32_t i = 0; i < n; i++)
		x->arg[i] = arg[i];
	x->type = r == 'n' ? LAM_NUMBER : r == 'b' ? LAM_BOOL :
		r == 'T' ? LAM_TIME : LAM_TEXT;
	for (uint32_t i = n; r == 'a' && i-- > 0;)
		if (!arg[i]->null)
			x->type = arg[i]->type;
	return x;
}

static inline struct lam_expr *
call(unsigned fn, uint32_t n, ...)
{
	struct lam_expr *arg[16];
	va_list ap;

	va_start(ap, n);
	for (uint32_t i = 0; i < n; i++)
		arg[i] = va_arg(ap, struct lam_expr *);
	va_end(ap);
	return call_of(fn, n, arg);
}

/* when0 then0 ... [else] */
static inline struct lam_expr *
cases(unsigned type, uint32_t n, ...)
{
	struct lam_expr *x = node(LAM_X_CASE, type);
	va_list ap;

	x->nargs = n;
	x->arg = lam_arena_alloc(&arena, n * sizeof *x->arg);
	va_start(ap, n);
	for (uint32_t i = 0; i < n; i++)
		x->arg[i] = va_arg(ap, struct lam_expr *);
	va_end(ap);
	return x;
}

/* ----------------------------------------------------------------- columns */

struct cell {
	bool null;
	struct lam_num num;
	int64_t time;
	struct lam_str text;
	bool bit;
};

enum shape { S_FLAT, S_WIDE, S_DICT, S_FOR, S_CONST, SHAPES };

static const char *const shape_name[] = { "flat", "wide", "dict", "for",
	"const" };

/* N cells as a flat vector; numbers at the greatest scale among them, or WIDE. */
static inline struct lam_vec
make_flat(unsigned type, const struct cell *c, uint32_t n, bool wide)
{
	struct lam_vec v = { .type = (uint8_t)type, .n = n };
	int64_t *i64 = lam_arena_alloc(&arena, n * 8 + 8);
	struct lam_num *num = lam_arena_alloc(&arena, n * sizeof *num + 16);
	struct lam_str *str = lam_arena_alloc(&arena, n * 16 + 16);
	uint8_t *bit = lam_arena_calloc(&arena, n + 1, 1);
	uint8_t *nul = lam_arena_calloc(&arena, n + 1, 1);
	bool nulls = false;

	for (uint32_t i = 0; i < n; i++)
		if (type == LAM_NUMBER && !c[i].null &&
			c[i].num.scale > v.scale)
			v.scale = (uint8_t)c[i].num.scale;
	for (uint32_t i = 0; i < n; i++) {
		struct lam_num r = { 0, 0 };

		nul[i] = c[i].null;
		nulls |= c[i].null;
		bit[i] = c[i].bit;
		str[i] = c[i].text;
		/* What stands where NULL is must not matter. */
		num[i] = (struct lam_num){ INT64_MAX, 0 };
		if (!c[i].null && type == LAM_NUMBER) {
			num[i] = lam_num_normal(c[i].num);
			wide |= !lam_num_rescale(c[i].num, v.scale, &r) ||
				r.m != (int64_t)r.m;
		} else {
			r = num[i];
		}
		i64[i] = type == LAM_TIME ? c[i].null ? INT64_MIN : c[i].time :
			(int64_t)r.m;
	}
	v.null = nulls ? nul : NULL;
	if (type == LAM_TEXT)
		v.str = str;
	else if (type == LAM_BOOL)
		v.bit = bit;
	else
		v.i64 = i64;
	if (type == LAM_NUMBER && wide) {
		v.scale = 0;
		v.wide = true;
		v.num = num;
	}
	return v;
}

static inline int64_t
gcd(int64_t a, int64_t b)
{
	while (b) {
		int64_t t = a % b;

		a = b;
		b = t;
	}
	return a;
}

/* False when the values do not fit. */
static inline bool
make_for(unsigned type, const struct cell *c, uint32_t n, struct lam_vec *v)
{
	struct lam_vec flat = make_flat(type, c, n, false);
	int64_t min = INT64_MAX, max = INT64_MIN, mult = 0;
	uint32_t *u;

	if (flat.wide || (type != LAM_NUMBER && type != LAM_TIME))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (c[i].null)
			continue;
		min = flat.i64[i] < min ? flat.i64[i] : min;
		max = flat.i64[i] > max ? flat.i64[i] : max;
	}
	if (min > max || (lam_i128)max - min > INT64_MAX)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!c[i].null)
			mult = gcd(mult, flat.i64[i] - min);
	mult = mult ? mult : 1;
	if ((max - min) / mult > UINT32_MAX)
		return false;
	u = lam_arena_calloc(&arena, n + 1, 4);
	for (uint32_t i = 0; i < n; i++)
		if (!c[i].null)
			u[i] = (uint32_t)((flat.i64[i] - min) / mult);
	*v = flat;
	v->rep = LAM_FOR;
	v->u32 = u;
	v->base = min;
	v->mult = mult;
	v->max = (uint32_t)((max - min) / mult);
	return true;
}

/* Rows in reverse as entries, and poison that no row uses before them. */
static inline struct lam_vec
make_dict(unsigned type, const struct cell *c, uint32_t n)
{
	struct cell *entry = lam_arena_calloc(&arena, n + 1, sizeof *entry);
	struct lam_vec *dict = LAM_ARENA_NEW(&arena, struct lam_vec, 1);
	uint16_t *code = lam_arena_alloc(&arena, n * 2 + 2);
	struct lam_vec v = { .type = (uint8_t)type, .rep = LAM_DICT, .n = n };

	entry[0].num = (struct lam_num){ INT64_MAX, 0 };
	entry[0].time = INT64_MIN;
	entry[0].text = (struct lam_str){ "poison", 6 };
	for (uint32_t i = 0; i < n; i++) {
		entry[n - i] = c[i];
		code[i] = (uint16_t)(n - i);
		/* Poison at the scale of the others. */
		if (!c[i].null && c[i].num.scale > entry[0].num.scale)
			entry[0].num.scale = c[i].num.scale;
	}
	*dict = make_flat(type, entry, n + 1, false);
	v.code = code;
	v.dict = dict;
	v.scale = dict->scale;
	return v;
}

/* False when the cells cannot have that shape. */
static inline bool
make_vec(enum shape s, unsigned type, const struct cell *c, uint32_t n,
	struct lam_vec *v)
{
	struct lam_vec *one;

	switch (s) {
	case S_FLAT:
		*v = make_flat(type, c, n, false);
		return true;
	case S_WIDE:
		*v = make_flat(type, c, n, true);
		return type == LAM_NUMBER;
	case S_DICT:
		*v = make_dict(type, c, n);
		return true;
	case S_FOR:
		return make_for(type, c, n, v);
	default:
		for (uint32_t i = 1; i < n; i++)
			if (memcmp(&c[i], &c[0], sizeof *c))
				return false;
		one = LAM_ARENA_NEW(&arena, struct lam_vec, 1);
		*one = make_flat(type, c, 1, false);
		*v = (struct lam_vec){ .type = (uint8_t)type, .rep = LAM_CONST,
			.scale = one->scale, .n = n, .dict = one };
		return true;
	}
}

/* ------------------------------------------------------------------ frames */

struct table {
	struct lam_frame f;
	struct lam_vec vec[8];
	unsigned asked[8];
};

static inline int
table_leaf(struct lam_frame *f, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	struct table *t = (struct table *)f;

	(void)e;
	t->asked[x->index]++;
	*out = &t->vec[x->index];
	return LAM_OK;
}

static inline void
table_init(struct table *t, uint32_t n)
{
	memset(t, 0, sizeof *t);
	t->f.n = n;
	t->f.arena = &arena;
	t->f.leaf = table_leaf;
}

/* Prepare, evaluate, release. */
static inline int
evaluate(struct lam_expr *x, struct table *t, struct lam_vec *out,
	struct lam_error *e)
{
	int rc = lam_expr_prepare(x, &arena, e);

	if (rc == LAM_OK)
		rc = lam_expr_eval(x, &t->f, out, e);
	lam_expr_release(x);
	return rc;
}

#endif
