/* Arithmetic, comparison and time against a naive oracle, over all shapes. */
#include "expr_build.h"

#define ROWS 100

static const char *
shown(struct lam_num v, char out[LAM_NUM_TEXT + 1])
{
	out[lam_num_print(v, out)] = '\0';
	return out;
}

static bool
oracle_num(unsigned fn, struct lam_num a, struct lam_num b,
	struct lam_num *out)
{
	lam_i128 q;

	a = lam_num_normal(a);
	b = lam_num_normal(b);
	switch (fn) {
	case LAM_FN_ADD:
		return lam_num_add(a, b, out);
	case LAM_FN_SUB:
		return lam_num_sub(a, b, out);
	case LAM_FN_MUL:
		return lam_num_mul(a, b, out);
	case LAM_FN_DIV:
		return lam_num_div(a, b, out);
	case LAM_FN_MOD:
		return lam_num_mod(a, b, out);
	default:
		if (a.scale < b.scale)
			a.m *= lam_pow10[b.scale - a.scale];
		else
			b.m *= lam_pow10[a.scale - b.scale];
		q = a.m / b.m;
		*out = (struct lam_num){ q, 0 };
		return true;
	}
}

/* A column of numbers of some size: KIND 0 small .. 3 beyond int64. */
static void
number_cells(struct cell *c, unsigned kind, bool nulls)
{
	static const uint64_t below[] = { 10, 1000000, UINT64_C(1) << 62, 0 };
	unsigned scale = kind < 2 ? (unsigned)rnd(4) : 0;

	memset(c, 0, ROWS * sizeof *c);
	for (int i = 0; i < ROWS; i++) {
		c[i].null = nulls && rnd(4) == 0;
		c[i].num.m = (lam_i128)rnd(below[kind]);
		if (kind == 3)
			c[i].num.m *= 5;
		if (rnd(2))
			c[i].num.m = -c[i].num.m;
		c[i].num.scale = scale;
	}
}

static void
check_rows(unsigned fn, const struct lam_vec *v, const struct cell *a,
	const struct cell *b)
{
	bool divides = fn == LAM_FN_DIV || fn == LAM_FN_IDIV ||
		fn == LAM_FN_MOD;

	for (uint32_t i = 0; i < ROWS; i++) {
		bool nul = a[i].null || b[i].null ||
			(divides && b[i].num.m == 0);
		struct lam_num want = { 0, 0 };
		char s[LAM_SHOW], t[LAM_SHOW];

		FAIL_IF(lam_vec_is_null(v, i) != nul, "%s row %u: NULL %d",
			lam_func[fn].name, i, nul);
		if (nul || !oracle_num(fn, a[i].num, b[i].num, &want))
			continue;
		FAIL_IF(lam_num_cmp(lam_vec_num(v, i), want),
			"%s row %u: %s, want %s", lam_func[fn].name, i,
			shown(lam_vec_num(v, i), s), shown(want, t));
	}
}

static void
arithmetic(void)
{
	static const unsigned fns[] = { LAM_FN_ADD, LAM_FN_SUB, LAM_FN_MUL,
		LAM_FN_DIV, LAM_FN_IDIV, LAM_FN_MOD };
	struct cell a[ROWS], b[ROWS];

	for (int round = 0; round < 600; round++) {
		unsigned fn = fns[rnd(6)];
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_vec v;
		struct table t;
		struct lam_expr *right = field(1, LAM_NUMBER);

		number_cells(a, (unsigned)rnd(4), rnd(2));
		number_cells(b, (unsigned)rnd(fn == LAM_FN_MUL ? 2 : 4),
			rnd(2));
		table_init(&t, ROWS);
		while (!make_vec((enum shape)rnd(SHAPES), LAM_NUMBER, a, ROWS,
			&t.vec[0]))
			;
		while (!make_vec((enum shape)rnd(SHAPES), LAM_NUMBER, b, ROWS,
			&t.vec[1]))
			;
		if (rnd(3) == 0) { /* a constant on the right */
			for (int i = 1; i < ROWS; i++)
				b[i] = b[0];
			right = num("0");
			right->num = b[0].num;
			right->null = b[0].null;
		}
		FAIL_IF(evaluate(call(fn, 2, field(0, LAM_NUMBER), right), &t,
			&v, &e), "%s: %s", lam_func[fn].name, e.msg);
		if (!e.code)
			check_rows(fn, &v, a, b);
		lam_arena_reset(&arena);
	}
	PASS("+ - * / // % give the same in every shape");
}

static void
narrowing(void)
{
	struct cell a[ROWS], b[ROWS];
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_expr *x;
	struct lam_vec v;
	struct table t;

	number_cells(a, 3, false);
	table_init(&t, ROWS);
	make_vec(S_FLAT, LAM_NUMBER, a, ROWS, &t.vec[0]);
	CHECK(t.vec[0].wide);
	/* a - a + 1: wide in between, narrow again. */
	x = call(LAM_FN_ADD, 2, call(LAM_FN_SUB, 2, field(0, LAM_NUMBER),
		field(0, LAM_NUMBER)), num("1"));
	CHECK(!evaluate(x, &t, &v, &e) && !v.wide && lam_vec_num(&v, 3).m == 1);
	/* Overflow of a row that is NULL is none. */
	memset(b, 0, sizeof b);
	for (int i = 0; i < ROWS; i++) {
		b[i].num.m = i;
		b[i].null = i % 2;
	}
	make_vec(S_FLAT, LAM_NUMBER, b, ROWS, &t.vec[1]);
	x = call(LAM_FN_ADD, 2, field(1, LAM_NUMBER), field(1, LAM_NUMBER));
	CHECK(!evaluate(x, &t, &v, &e) && !v.wide && lam_vec_num(&v, 4).m == 8);
	lam_arena_reset(&arena);
}

static bool
holds(unsigned fn, int o)
{
	return fn == LAM_FN_EQ ? o == 0 : fn == LAM_FN_NE ? o != 0 :
		fn == LAM_FN_LT ? o < 0 : fn == LAM_FN_LE ? o <= 0 :
		fn == LAM_FN_GT ? o > 0 : o >= 0;
}

static void
check_cmp(unsigned type, const struct cell *a, const struct cell *b,
	bool constant)
{
	unsigned fn = LAM_FN_EQ + (unsigned)rnd(6);
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_expr *l = field(0, type), *r = field(1, type), *x;
	struct lam_vec v;
	struct table t;

	table_init(&t, ROWS);
	while (!make_vec((enum shape)rnd(SHAPES), type, a, ROWS, &t.vec[0]))
		;
	while (!make_vec((enum shape)rnd(SHAPES), type, b, ROWS, &t.vec[1]))
		;
	if (constant) {
		r = node(LAM_X_CONST, type);
		r->num = b[0].num;
		r->time = b[0].time;
		r->text = b[0].text;
		r->boolean = b[0].bit;
		r->null = b[0].null;
	}
	x = rnd(2) ? call(fn, 2, l, r) : call(fn, 2, r, l);
	FAIL_IF(evaluate(x, &t, &v, &e), "%s", e.msg);
	for (uint32_t i = 0; i < ROWS && !e.code; i++) {
		const struct cell *p = &a[i], *q = constant ? &b[0] : &b[i];
		int o = type == LAM_NUMBER ? lam_num_cmp(p->num, q->num) :
			type == LAM_TIME ? (p->time > q->time) -
				(p->time < q->time) :
			type == LAM_TEXT ? lam_str_cmp(p->text, q->text) :
			(int)p->bit - (int)q->bit;
		bool nul = p->null || q->null;

		o = x->arg[0] == l ? o : -o;
		FAIL_IF(lam_vec_is_null(&v, i) != nul || (!nul &&
			lam_vec_bool(&v, i) != holds(fn, o)),
			"%s %s row %u: %lld and %lld, %d %d", lam_type_name[type],
			lam_func[fn].name, i, (long long)p->time,
			(long long)q->time, t.vec[0].rep, t.vec[1].rep);
	}
	lam_arena_reset(&arena);
}

static void
comparison(void)
{
	static const char *const word[] = { "", "a", "ab", "b", "a\xff" };
	struct cell c[2][ROWS];

	for (int round = 0; round < 1500; round++) {
		unsigned type = (unsigned)rnd(LAM_TYPES);
		unsigned kind = (unsigned)rnd(4);

		for (int k = 0; k < 2; k++) {
			number_cells(c[k], kind, rnd(2));
			for (int i = 0; i < ROWS; i++) {
				const char *w = word[rnd(5)];

				c[k][i].text = (struct lam_str){ w, strlen(w) };
				c[k][i].time = (int64_t)(rnd(2) ? rnd(5) :
					rnd(0) >> 2) - 2;
				c[k][i].bit = rnd(2);
			}
		}
		check_cmp(type, c[0], c[1], rnd(2));
	}
	PASS("= <> < <= > >= give the same in every shape");
}

/* Times within SPAN of some start, in steps of STEP. */
static void
time_cells(struct cell *c, bool nulls)
{
	static const int64_t step[] = { 1, 1000000, LAM_NS, 60 * LAM_NS,
		7 * LAM_NS, 3600 * LAM_NS, LAM_DAY_NS, 1500000000 };
	static const uint64_t steps[] = { 1, 50, 5000, 1000000, UINT32_MAX };
	int64_t by = step[rnd(8)];
	uint64_t span = steps[rnd(5)];
	int64_t from = (int64_t)(rnd(0) >> 3) - (INT64_C(1) << 60);

	if (rnd(2))
		from = from / by * by;
	while ((lam_i128)from + (lam_i128)span * by > INT64_MAX)
		span /= 2;
	memset(c, 0, ROWS * sizeof *c);
	for (int i = 0; i < ROWS; i++) {
		c[i].null = nulls && rnd(4) == 0;
		c[i].time = from + (int64_t)rnd(span) * by;
	}
}

static bool
oracle_time(const struct lam_expr *x, int64_t t, int64_t *out)
{
	const struct lam_expr *u = x->arg[0];

	if (x->fn == LAM_FN_DATE_TRUNC)
		return lam_time_trunc(t, (enum lam_unit)u->index, out);
	if (x->fn == LAM_FN_TIME_BUCKET && u->months == 0)
		return lam_time_bucket(t, u->time, INT64_C(946857600) * LAM_NS,
			out);
	if (x->fn == LAM_FN_TIME_BUCKET) { /* from 2000-01, month by month */
		int64_t origin = INT64_C(946684800) * LAM_NS, k = 0, at, next;

		while (lam_time_add_months(origin, k, &at) && at > t)
			k -= u->months;
		while (lam_time_add_months(origin, k + u->months, &next) &&
			next <= t)
			k += u->months;
		return lam_time_add_months(origin, k, out);
	}
	return !__builtin_add_overflow(t, x->arg[1]->time, out);
}

static struct lam_expr *
time_call(struct lam_expr *of)
{
	static const int64_t width[] = { 1, 7, 1000000, LAM_NS, 10 * LAM_NS,
		90 * LAM_NS, 3600 * LAM_NS, 36 * 3600 * LAM_NS,
		7 * LAM_DAY_NS, 400 * LAM_DAY_NS };

	switch (rnd(4)) {
	case 0:
		return call(LAM_FN_TIME_BUCKET, 2, interval(0, width[rnd(10)]),
			of);
	case 1:
		return call(LAM_FN_TIME_BUCKET, 2, interval(1 + (int64_t)
			rnd(30), 0), of);
	case 2:
		return call(LAM_FN_TIME_ADD, 2, of, interval(0,
			width[rnd(10)]));
	default:
		return call(LAM_FN_DATE_TRUNC, 2, unit((uint32_t)
			rnd(LAM_UNITS)), of);
	}
}

static void
check_time(const struct cell *c)
{
	struct lam_expr *x = time_call(field(0, LAM_TIME));
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_vec v;
	struct table t;
	uint32_t seen = 0;

	table_init(&t, ROWS);
	while (!make_vec((enum shape)rnd(SHAPES), LAM_TIME, c, ROWS,
		&t.vec[0]))
		;
	FAIL_IF(evaluate(x, &t, &v, &e), "%s", e.msg);
	for (uint32_t i = 0; i < ROWS && !e.code; i++) {
		int64_t want = 0;

		FAIL_IF(lam_vec_is_null(&v, i) != c[i].null, "row %u NULL", i);
		if (v.rep == LAM_FOR)
			FAIL_IF(v.u32[i] > v.max, "row %u above max", i);
		if (v.rep == LAM_FOR && !c[i].null && v.u32[i] > seen)
			seen = v.u32[i];
		if (c[i].null)
			continue;
		FAIL_IF(!oracle_time(x, c[i].time, &want), "oracle");
		FAIL_IF(lam_vec_time(&v, i) != want, "%s of %lld in shape %d: "
			"%lld, want %lld", lam_func[x->fn].name,
			(long long)c[i].time, t.vec[0].rep,
			(long long)lam_vec_time(&v, i), (long long)want);
	}
	/* Made from the very range of the rows, max is reached. */
	if (!e.code && v.rep == LAM_FOR)
		FAIL_IF(seen != v.max, "max %u, seen %u", v.max, seen);
	lam_arena_reset(&arena);
}

static int64_t
oracle_part(unsigned part, int64_t t)
{
	struct lam_civil c;

	lam_civil_from_ns(t, &c);
	switch (part) {
	case LAM_MICROSECOND:
		return c.second * INT64_C(1000000) + c.nanosecond / 1000;
	case LAM_MILLISECOND:
		return c.second * 1000 + c.nanosecond / 1000000;
	case LAM_SECOND:
		return c.second;
	case LAM_MINUTE:
		return c.minute;
	case LAM_HOUR:
		return c.hour;
	case LAM_DAY:
		return c.day;
	case LAM_MONTH:
		return c.month;
	case LAM_YEAR:
		return c.year;
	case LAM_PART_DOW:
		return c.weekday;
	case LAM_PART_ISODOW:
		return c.weekday ? c.weekday : 7;
	default:
		return c.yearday;
	}
}

static void
check_part(const struct cell *c)
{
	static const unsigned parts[] = { LAM_MICROSECOND, LAM_MILLISECOND,
		LAM_SECOND, LAM_MINUTE, LAM_HOUR, LAM_DAY, LAM_MONTH, LAM_YEAR,
		LAM_PART_DOW, LAM_PART_ISODOW, LAM_PART_DOY };
	unsigned part = parts[rnd(11)];
	struct lam_expr *x = call(LAM_FN_EXTRACT, 2, unit(part),
		field(0, LAM_TIME));
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_vec v;
	struct table t;

	table_init(&t, ROWS);
	while (!make_vec((enum shape)rnd(SHAPES), LAM_TIME, c, ROWS,
		&t.vec[0]))
		;
	FAIL_IF(evaluate(x, &t, &v, &e), "%s", e.msg);
	for (uint32_t i = 0; i < ROWS && !e.code; i++) {
		FAIL_IF(lam_vec_is_null(&v, i) != c[i].null, "row %u NULL", i);
		FAIL_IF(!c[i].null && lam_num_cmp(lam_vec_num(&v, i),
			(struct lam_num){ oracle_part(part, c[i].time), 0 }),
			"part %u of %lld", part, (long long)c[i].time);
	}
	lam_arena_reset(&arena);
}

static void
times(void)
{
	struct cell c[ROWS];

	for (int round = 0; round < 2000; round++) {
		time_cells(c, rnd(2));
		check_time(c);
		check_part(c);
	}
	PASS("date_trunc, time_bucket, +, date_part give the same everywhere");
}

static void
division(void)
{
	static const uint32_t edge[] = { 0, 1, 2, 3, 59, 60, 61, 1000, 65535,
		65536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
	uint32_t v[64], q[64];

	for (int round = 0; round < 20000; round++) {
		uint32_t d = round < 14 ? edge[round] : (uint32_t)rnd(0) >>
			rnd(32);
		uint32_t add = (uint32_t)rnd(0) >> rnd(32);
		uint32_t top = rnd(2) ? INT32_MAX : UINT32_MAX;

		d = d ? d : 1;
		add = (add < d ? add : add % d) & top;
		/* Half of the rounds below 2^31: another formula. */
		for (int i = 0; i < 64; i++) {
			v[i] = i < 14 ? edge[i] : (uint32_t)rnd(0) >> rnd(32);
			if (i < 30 && i >= 14) /* around multiples of d */
				v[i] = v[i] / d * d - 1 + (uint32_t)rnd(3);
			if (v[i] > top - add)
				v[i] = top - add;
		}
		lam_div_u32(v, 64, top - add, add, d, q);
		for (int i = 0; i < 64; i++)
			FAIL_IF(q[i] != (v[i] + add) / d, "(%u + %u) / %u", v[i],
				add, d);
	}
	PASS("division by multiplication is exact");
}

static void
members(void)
{
	struct cell c[ROWS], list[12];

	for (int round = 0; round < 600; round++) {
		struct lam_expr *arg[13];
		uint32_t n = 1 + (uint32_t)rnd(12);
		struct lam_error e = LAM_ERROR_INIT;
		bool nul = false;
		struct lam_vec v;
		struct table t;

		number_cells(c, (unsigned)rnd(4), rnd(2));
		memset(list, 0, sizeof list);
		arg[0] = field(0, LAM_NUMBER);
		for (uint32_t k = 0; k < n; k++) {
			list[k] = c[rnd(ROWS)];
			list[k].null = rnd(20) == 0;
			if (rnd(3) == 0)
				list[k].num.m += 1;
			nul |= list[k].null;
			arg[k + 1] = list[k].null ? null() : num("0");
			arg[k + 1]->num = list[k].num;
		}
		table_init(&t, ROWS);
		while (!make_vec((enum shape)rnd(SHAPES), LAM_NUMBER, c, ROWS,
			&t.vec[0]))
			;
		FAIL_IF(evaluate(call_of(LAM_FN_IN, n + 1, arg), &t, &v, &e),
			"%s", e.msg);
		for (uint32_t i = 0; i < ROWS && !e.code; i++) {
			bool in = false;

			for (uint32_t k = 0; k < n; k++)
				in |= !list[k].null && !lam_num_cmp(
					list[k].num, c[i].num);
			FAIL_IF(lam_vec_is_null(&v, i) != (c[i].null ||
				(!in && nul)), "in: row %u NULL", i);
			FAIL_IF(!lam_vec_is_null(&v, i) &&
				lam_vec_bool(&v, i) != in, "in: row %u", i);
		}
		lam_arena_reset(&arena);
	}
	PASS("IN a list of constants");
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	arithmetic();
	narrowing();
	comparison();
	times();
	division();
	members();
	lam_arena_release(&arena);
	return DONE();
}
