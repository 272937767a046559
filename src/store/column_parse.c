/*
 * column_parse.c - cells -> a typed vector, nothing stored
 *
 * For ad hoc queries, where this and splitting the lines is all the work.
 * Numbers and times take one pass into int64, text becomes a dictionary unless
 * its values hardly repeat.  The first value that needs more than int64 at 18
 * decimals sends the column to column_convert.c instead.  Integers whose range
 * fits 32 bits become a FOR vector, in the coarsest unit for times, so that the
 * engine can address groups directly, as with stored columns.
 */
#include "base/hot.h"
#include "store/column_dict.h"
#include "store/column_internal.h"
#include "store/ints.h"
#include "store/run.h"

struct rows {
	const struct lam_values *in;
	int64_t *v;
	uint8_t *null; /* NULL: no NULL yet */
	struct lam_want *w;
};

/* -1: out of memory. */
static int
make_null(struct rows *x, uint32_t i)
{
	if (x->null == NULL)
		x->null = LAM_ARENA_NEW(x->w->arena, uint8_t, x->in->n);
	if (x->null == NULL)
		return -1;
	x->null[i] = 1;
	x->v[i] = 0;
	return 0;
}

/* The slow and general way. */
static int
by_text(const struct lam_values *in, struct lam_want *w, struct lam_vec *out)
{
	struct lam_str *s = lam_arena_alloc(w->arena, in->n * sizeof *s + 1);

	if (s == NULL)
		return lam_fail_mem(w->e);
	for (uint32_t i = 0; i < in->n; i++) {
		struct lam_cell c = in->cell[i];

		s[i] = (struct lam_str){ NULL, 0 };
		if (c.len != LAM_CELL_NULL)
			s[i] = (struct lam_str){ in->text + c.at, c.len };
	}
	w->bad = 0;
	return lam_text_convert(s, in->n, w, out);
}

LAM_HOT static void
range(const int64_t *v, uint32_t n, int64_t *min, int64_t *max)
{
	int64_t lo = INT64_MAX, hi = INT64_MIN;

	for (uint32_t i = 0; i < n; i++) {
		lo = v[i] < lo ? v[i] : lo;
		hi = v[i] > hi ? v[i] : hi;
	}
	*min = lo;
	*max = hi;
}

static inline __attribute__((always_inline)) bool
divide(const int64_t *v, uint32_t n, int64_t min, uint64_t unit, uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++) {
		uint64_t d = (uint64_t)v[i] - (uint64_t)min;
		uint64_t q = d / unit;

		if (q * unit != d)
			return false;
		out[i] = (uint32_t)q;
	}
	return true;
}

static bool
offsets(const int64_t *v, uint32_t n, int64_t min, unsigned unit, uint32_t *out)
{
	switch (unit) {
	case 3: return divide(v, n, min, UINT64_C(1000000000), out);
	case 2: return divide(v, n, min, 1000000, out);
	case 1: return divide(v, n, min, 1000, out);
	default: return divide(v, n, min, 1, out);
	}
}

/* NULLs get the value of a neighbour, so that they do not widen the range. */
static void
fill_nulls(struct rows *x)
{
	uint32_t n = x->in->n, i = 0;
	int64_t last;

	while (i < n && x->null[i])
		i++;
	last = i < n ? x->v[i] : 0;
	for (i = 0; i < n; i++)
		if (x->null[i])
			x->v[i] = last;
		else
			last = x->v[i];
}

/* FOR when the range allows it, else flat. */
static int
finish(struct rows *x, struct lam_vec *out)
{
	unsigned unit = x->w->t.type == LAM_TIME ? 3 : 0;
	uint32_t n = x->in->n, *u;
	int64_t min, max;

	out->rep = LAM_FLAT;
	out->type = x->w->t.type;
	out->n = n;
	out->null = x->null;
	out->i64 = x->v;
	if (n == 0)
		return LAM_OK;
	if (x->null)
		fill_nulls(x);
	range(x->v, n, &min, &max);
	if (((uint64_t)max - (uint64_t)min) / (uint64_t)lam_ints_unit[unit] >
		UINT32_MAX)
		return LAM_OK;
	u = lam_arena_alloc(x->w->arena, (size_t)n * 4 + 1);
	if (u == NULL)
		return lam_fail_mem(x->w->e);
	for (;; unit--) {
		uint64_t top = ((uint64_t)max - (uint64_t)min) /
			(uint64_t)lam_ints_unit[unit];

		if (top > UINT32_MAX)
			return LAM_OK;
		if (offsets(x->v, n, min, unit, u)) {
			out->max = (uint32_t)top;
			break;
		}
	}
	out->rep = LAM_FOR;
	out->base = min;
	out->mult = lam_ints_unit[unit];
	out->u32 = u;
	return LAM_OK;
}

/* As lam_num_parse64, inline: leading zeros are fine here. */
static inline bool
simple_number(const char *p, uint32_t n, int64_t *out, unsigned *scale)
{
	bool neg = n && p[0] == '-';
	uint32_t i = neg, digits;
	uint64_t m = 0;
	unsigned d;

	if (n > 20)
		return false;
	for (; i < n && (d = (unsigned char)p[i] - '0') <= 9; i++)
		m = m * 10 + d;
	digits = i - neg;
	*scale = 0;
	if (i < n) {
		if (p[i++] != '.' || i == n || digits == 0)
			return false;
		*scale = n - i;
		for (; i < n && (d = (unsigned char)p[i] - '0') <= 9; i++)
			m = m * 10 + d;
		digits += *scale;
	}
	if (i < n || digits == 0 || digits > 18)
		return false;
	*out = (int64_t)(neg ? 0 - m : m);
	return true;
}

/* All rows to the largest scale; false: not within int64. */
static bool
align(struct rows *x, const uint8_t *scale, unsigned top)
{
	for (uint32_t i = 0; i < x->in->n; i++)
		if (!(x->null && x->null[i]) && scale[i] < top &&
			__builtin_mul_overflow(x->v[i],
				(int64_t)lam_pow10[top - scale[i]], &x->v[i]))
			return false;
	return true;
}

struct scales { /* of a column's decimals */
	uint8_t *of; /* [n] */
	unsigned first, last, top; /* UINT32_MAX, UINT32_MAX, 0: none so far */
	bool mixed;
};

/* Row I, whatever it is.  1: done; 0: not within int64; -1: out of memory. */
static int
parse_number(struct rows *x, uint32_t i, struct scales *s)
{
	struct lam_cell c = x->in->cell[i];
	unsigned scale;
	struct lam_num num;

	if (c.len == LAM_CELL_NULL)
		return make_null(x, i) ? -1 : 1;
	if (!simple_number(x->in->text + c.at, c.len, &x->v[i], &scale)) {
		if (lam_num_parse(x->in->text + c.at, c.len, &num))
			return 0;
		if (c.len)
			lam_want_bad(x->w, i);
		return make_null(x, i) ? -1 : 1;
	}
	s->first = s->first == UINT32_MAX ? scale : s->first;
	s->mixed |= scale != s->first;
	s->top = scale > s->top ? scale : s->top;
	s->of[i] = (uint8_t)scale;
	s->last = scale;
	return 1;
}

/* N rows from FROM on, as parse_number: most are short, and like the one before. */
static int
parse_run(struct rows *x, uint32_t from, uint32_t n, struct scales *s)
{
	unsigned scale = s->last;
	uint64_t other[LAM_RUN];
	int r = 1;

	if (scale > LAM_RUN_SCALE) {
		for (uint32_t i = 0; r > 0 && i < n; i++)
			r = parse_number(x, from + i, s);
		return r;
	}
	memset(s->of + from, (int)scale, n);
	if (!lam_run_numbers(x->in, from, n, scale, x->v + from, other))
		return r;
	for (uint32_t i = 0; r > 0 && i < n; i++) {
		s->last = scale; /* unless this one has another */
		if (other[i])
			r = parse_number(x, from + i, s);
	}
	return r;
}

/* As parse_number, of all rows. */
static int
parse_numbers(struct rows *x, unsigned *top)
{
	struct scales s = { .first = UINT32_MAX, .last = UINT32_MAX };
	uint32_t n = x->in->n;
	int r = 1;

	s.of = lam_arena_alloc(x->w->arena, (size_t)n + 1);
	if (s.of == NULL)
		return -1;
	for (uint32_t i = 0, most; r > 0 && i < n; i += most) {
		most = s.last == UINT32_MAX ? 1 : n - i < LAM_RUN ? n - i :
			LAM_RUN;
		r = parse_run(x, i, most, &s);
	}
	*top = s.top;
	return r > 0 && s.mixed ? align(x, s.of, s.top) : r;
}

static int
to_numbers(const struct lam_values *in, struct lam_want *w, struct lam_vec *out)
{
	struct rows x = { .in = in, .w = w };
	unsigned scale;
	int r;

	x.v = lam_arena_alloc(w->arena, ((size_t)in->n + 4) * sizeof *x.v);
	if (x.v == NULL)
		return lam_fail_mem(w->e);
	r = parse_numbers(&x, &scale);
	if (r < 0)
		return lam_fail_mem(w->e);
	if (r == 0)
		return by_text(in, w, out);
	out->scale = (uint8_t)scale;
	return finish(&x, out);
}

/* Row I as a time, whatever it is.  -1: out of memory. */
static int
parse_time(struct rows *x, uint32_t i, struct lam_timecache *cache)
{
	struct lam_cell c = x->in->cell[i];
	const char *p = x->in->text + c.at;

	if (c.len != LAM_CELL_NULL) {
		if (x->w->t.unit <= 0 ?
			lam_timecache_parse(cache, p, c.len, &x->v[i]) :
			lam_value_time(p, c.len, x->w->t.unit, cache, &x->v[i]))
			return 0;
		if (c.len)
			lam_want_bad(x->w, i);
	}
	return make_null(x, i);
}

static int
to_times(const struct lam_values *in, struct lam_want *w, struct lam_vec *out)
{
	struct lam_timecache cache = LAM_TIMECACHE_INIT;
	struct rows x = { .in = in, .w = w };
	uint64_t other[LAM_RUN];

	x.v = lam_arena_alloc(w->arena, ((size_t)in->n + 4) * sizeof *x.v);
	if (x.v == NULL)
		return lam_fail_mem(w->e);
	for (uint32_t from = 0, n; from < in->n; from += n) {
		bool one = cache.n == 0;

		n = one ? 1 : in->n - from < LAM_RUN ? in->n - from : LAM_RUN;
		if (!one && !lam_run_times(in, from, n, &cache, x.v + from, other))
			continue;
		for (uint32_t i = 0; i < n; i++)
			if ((one || other[i]) && parse_time(&x, from + i, &cache))
				return lam_fail_mem(w->e);
	}
	return finish(&x, out);
}

static int
to_texts(const struct lam_values *in, struct lam_want *w, struct lam_vec *out)
{
	struct lam_vec *dict;
	struct lam_column_dict d;
	int r = lam_column_dict(in, LAM_BLOCK_ROWS, w->arena, &d);

	if (r < 0)
		return lam_fail_mem(w->e);
	if (r == 0 || d.entry.n > in->n / 2)
		return by_text(in, w, out);
	dict = LAM_ARENA_NEW(w->arena, struct lam_vec, 1);
	if (dict == NULL)
		return lam_fail_mem(w->e);
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_DICT, .n = in->n,
		.code = d.code, .dict = dict };
	return by_text(&d.entry, w, dict);
}

int
lam_column_parse(const struct lam_cells *cells, uint32_t f,
	struct lam_coltype t, struct lam_arena *arena, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct lam_values in = lam_values_of(cells, f);
	struct lam_want w = { .t = t, .arena = arena, .e = e };
	int r;

	memset(out, 0, sizeof *out);
	if (in.n > LAM_BLOCK_ROWS || in.cell == NULL)
		return lam_fail(e, LAM_USAGE, "field %u: nothing was read", f);
	if (t.type == LAM_NUMBER)
		r = to_numbers(&in, &w, out);
	else if (t.type == LAM_TIME)
		r = to_times(&in, &w, out);
	else if (t.type == LAM_TEXT)
		r = to_texts(&in, &w, out);
	else
		r = by_text(&in, &w, out);
	*bad += w.bad;
	return r;
}

/*
 * 02134 and +49 are codes more often than counts, and as numbers they would be one with
 * others: with a needless zero or a plus in front a numeral is taken for text.
 */
static bool
is_plain(struct lam_str s)
{
	size_t i = s.p[0] == '-';

	return s.p[0] != '+' && !(i + 1 < s.n && s.p[i] == '0' &&
		(unsigned char)(s.p[i + 1] - '0') <= 9);
}

struct look { /* at values */
	bool any, number, time; /* they all are */
};

static void
look_at(const struct lam_cells *cells, uint32_t f, struct look *l)
{
	/* Without rows there is no array of fields. */
	struct lam_values v = { cells->text, cells->nrows ? cells->field[f] :
		NULL, cells->nrows, 0 };
	struct lam_timecache c = LAM_TIMECACHE_INIT;
	int64_t ns;

	for (uint32_t i = 0; i < v.n && (l->number || l->time); i++) {
		struct lam_str s = lam_cell_str(cells, f, i);

		lam_values_prefetch(&v, i);
		if (s.n == 0)
			continue;
		l->any = true;
		l->number = l->number && is_plain(s) && lam_num_is(s.p, s.n);
		l->time = l->time && lam_timecache_parse(&c, s.p, s.n, &ns);
	}
}

enum lam_type
lam_column_sniff(const struct lam_cells *cells, const struct lam_cells *more,
	uint32_t f)
{
	struct look l = { false, true, true };

	look_at(cells, f, &l);
	if (more)
		look_at(more, f, &l);
	if (!l.any)
		return LAM_TEXT;
	return l.time ? LAM_TIME : l.number ? LAM_NUMBER : LAM_TEXT;
}
