/* The walk: logic, laziness, filters, CASE, dictionaries, representations. */
#include "expr_build.h"

static void
bool_cells(struct cell *c, const char *tfn, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		c[i] = (struct cell){ .null = tfn[i] == 'n',
			.bit = tfn[i] == 't' };
}

static char
tfn_at(const struct lam_vec *v, uint32_t i)
{
	return lam_vec_is_null(v, i) ? 'n' : lam_vec_bool(v, i) ? 't' : 'f';
}

static void
truth_tables(void)
{
	static const char a[] = "tttfffnnn", b[] = "tfntfntfn";
	static const char and[] = "tfnfffnfn", or[] = "ttttfntnn";
	struct cell ca[9], cb[9];

	bool_cells(ca, a, 9);
	bool_cells(cb, b, 9);
	for (int s = 0; s < SHAPES * SHAPES; s++) {
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_vec v;
		struct table t;

		table_init(&t, 9);
		if (!make_vec((enum shape)(s % SHAPES), LAM_BOOL, ca, 9,
			    &t.vec[0]) ||
		    !make_vec((enum shape)(s / SHAPES), LAM_BOOL, cb, 9,
			    &t.vec[1]))
			continue;
		for (int k = 0; k < 2; k++) {
			const char *want = k ? or : and;
			int rc = evaluate(call(k ? LAM_FN_OR : LAM_FN_AND, 2,
				field(0, LAM_BOOL), field(1, LAM_BOOL)), &t,
				&v, &e);

			FAIL_IF(rc, "%s", e.msg);
			for (uint32_t i = 0; !rc && i < 9; i++)
				FAIL_IF(tfn_at(&v, i) != want[i],
					"%c %s %c: %c", a[i], k ? "or" : "and",
					b[i], tfn_at(&v, i));
		}
	}
	for (uint32_t i = 0; i < 9; i++) {
		struct lam_expr *k = a[i] == 'n' ? null() : truth(a[i] == 't');
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_vec v;
		struct table t;

		/* A constant on either side. */
		table_init(&t, 9);
		make_vec(S_FLAT, LAM_BOOL, cb, 9, &t.vec[0]);
		FAIL_IF(evaluate(call(LAM_FN_AND, 2, k, field(0, LAM_BOOL)),
			&t, &v, &e) || tfn_at(&v, i) != and[i], "and %u", i);
		k = a[i] == 'n' ? null() : truth(a[i] == 't');
		FAIL_IF(evaluate(call(LAM_FN_OR, 2, field(0, LAM_BOOL), k), &t,
			&v, &e) || tfn_at(&v, i) != or[i], "or %u", i);
	}
	PASS("three-valued AND and OR");
}

/* x = 0, 1, 2, ...; s = "bad" where x is odd, else digits. */
static void
guard_table(struct table *t, uint32_t n, enum shape shape)
{
	struct cell *x = lam_arena_calloc(&arena, n, sizeof *x);
	struct cell *s = lam_arena_calloc(&arena, n, sizeof *s);

	for (uint32_t i = 0; i < n; i++) {
		x[i].num.m = i % 2;
		s[i].text = i % 2 ? (struct lam_str){ "bad", 3 } :
			(struct lam_str){ "17", 2 };
	}
	table_init(t, n);
	make_vec(S_FLAT, LAM_NUMBER, x, n, &t->vec[0]);
	make_vec(shape, LAM_TEXT, s, n, &t->vec[1]);
}

static struct lam_expr *
even(void)
{
	return call(LAM_FN_EQ, 2, field(0, LAM_NUMBER), num("0"));
}

static struct lam_expr *
parsed(void)
{
	return call(LAM_FN_EQ, 2, call(LAM_FN_TO_NUMBER, 1,
		field(1, LAM_TEXT)), num("17"));
}

static void
laziness(void)
{
	enum shape shape[] = { S_FLAT, S_DICT };
	uint16_t sel[1000];
	struct lam_vec v;
	struct table t;
	uint32_t n;

	for (int k = 0; k < 2; k++) {
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_expr *x;

		guard_table(&t, 1000, shape[k]);
		CHECK_INT(evaluate(parsed(), &t, &v, &e), LAM_OK);
		CHECK(lam_vec_is_null(&v, 1) && !lam_vec_is_null(&v, 0));
		CHECK(t.f.faults.mark && t.f.faults.mark[1] &&
			!t.f.faults.mark[0]);
		t.f.faults.mark = NULL;
		x = call(LAM_FN_AND, 2, even(), parsed());
		CHECK_INT(lam_expr_prepare(x, &arena, &e), LAM_OK);
		CHECK_INT(lam_expr_filter(x, &t.f, sel, &n, &e), LAM_OK);
		CHECK_INT(n, 500);
		CHECK(sel[0] == 0 && sel[1] == 2 && sel[499] == 998);
		CHECK_INT(lam_expr_eval(x, &t.f, &v, &e), LAM_OK);
		CHECK(tfn_at(&v, 0) == 't' && tfn_at(&v, 999) == 'f');
		lam_expr_release(x);
		x = call(LAM_FN_OR, 2, call(LAM_FN_NOT, 1, even()), parsed());
		CHECK_INT(evaluate(x, &t, &v, &e), LAM_OK);
		CHECK(tfn_at(&v, 0) == 't' && tfn_at(&v, 999) == 't');
		x = cases(LAM_NUMBER, 3, even(), call(LAM_FN_TO_NUMBER, 1,
			field(1, LAM_TEXT)), num("0.5"));
		CHECK_INT(evaluate(x, &t, &v, &e), LAM_OK);
		CHECK(lam_num_cmp(lam_vec_num(&v, 4),
			(struct lam_num){ 17, 0 }) == 0);
		CHECK(lam_num_cmp(lam_vec_num(&v, 5),
			(struct lam_num){ 5, 1 }) == 0);
		x = call(LAM_FN_COALESCE, 2, call(LAM_FN_NULLIF, 2,
			field(0, LAM_NUMBER), num("0")), call(LAM_FN_TO_NUMBER,
			1, field(1, LAM_TEXT)));
		CHECK_INT(evaluate(x, &t, &v, &e), LAM_OK);
		CHECK(lam_vec_num(&v, 4).m == 17 && lam_vec_num(&v, 5).m == 1);
		CHECK_INT(e.code, LAM_OK);
	}
}

static void
early_out(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_expr *x = call(LAM_FN_AND, 2, call(LAM_FN_GT, 2,
		field(0, LAM_NUMBER), num("5")), parsed());
	uint16_t sel[100];
	struct table t;
	uint32_t n;

	guard_table(&t, 100, S_FLAT);
	CHECK_INT(lam_expr_prepare(x, &arena, &e), LAM_OK);
	CHECK_INT(lam_expr_filter(x, &t.f, sel, &n, &e), LAM_OK);
	CHECK_INT(n, 0);
	CHECK_INT(t.asked[1], 0);
	lam_expr_release(x);
	/* Nothing is asked of a frame without rows. */
	x = parsed();
	t.f.n = 0;
	CHECK_INT(lam_expr_prepare(x, &arena, &e), LAM_OK);
	CHECK_INT(lam_expr_filter(x, &t.f, sel, &n, &e), LAM_OK);
	CHECK_INT(n, 0);
	CHECK_INT(t.asked[1], 0);
	lam_expr_release(x);
	/* A constant that cannot be computed fails only when it is asked for. */
	x = cases(LAM_NUMBER, 3, truth(false), call(LAM_FN_TO_NUMBER, 1,
		text("x")), num("1"));
	t.f.n = 100;
	{
		struct lam_vec v;

		CHECK_INT(lam_expr_prepare(x, &arena, &e), LAM_OK);
		CHECK_INT(x->kind, LAM_X_CONST);
		CHECK_INT(lam_expr_eval(x, &t.f, &v, &e), LAM_OK);
		CHECK(lam_vec_num(&v, 9).m == 1);
		/* The plan is gone, the expression can be used again. */
		lam_expr_release(x);
		CHECK(x->kind == LAM_X_CASE && x->plan == NULL);
	}
}

static void
shapes_kept(void)
{
	struct cell c[300];
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_expr *x;
	struct table t;
	struct lam_vec v;

	memset(c, 0, sizeof c);
	for (uint32_t i = 0; i < 300; i++) {
		c[i].text = i % 2 ? (struct lam_str){ "/a", 2 } :
			(struct lam_str){ "/b", 2 };
		c[i].num.m = 200 + i % 5;
		c[i].time = (INT64_C(1767225600) + i) * LAM_NS;
		c[i].null = i == 7;
	}
	table_init(&t, 300);
	make_vec(S_DICT, LAM_TEXT, c, 300, &t.vec[0]);
	make_vec(S_FOR, LAM_NUMBER, c, 300, &t.vec[1]);
	make_vec(S_FOR, LAM_TIME, c, 300, &t.vec[2]);
	make_vec(S_FLAT, LAM_TIME, c, 300, &t.vec[3]);

	CHECK(!evaluate(call(LAM_FN_UPPER, 1, field(0, LAM_TEXT)), &t, &v,
		&e) && v.rep == LAM_DICT);
	CHECK(!evaluate(cases(LAM_TEXT, 3, call(LAM_FN_LIKE, 2, field(0,
		LAM_TEXT), text("/a%")), text("a"), text("other")), &t, &v,
		&e) && v.rep == LAM_DICT);
	CHECK_STR(lam_vec_text(&v, 1).p, lam_vec_text(&v, 1).n, "a");
	CHECK_STR(lam_vec_text(&v, 2).p, lam_vec_text(&v, 2).n, "other");
	/* NULL is neither: the ELSE. */
	CHECK_STR(lam_vec_text(&v, 7).p, lam_vec_text(&v, 7).n, "other");
	/* A small domain of numbers becomes a dictionary of branches. */
	CHECK(!evaluate(cases(LAM_TEXT, 2, call(LAM_FN_GE, 2, field(1,
		LAM_NUMBER), num("203")), text("bad")), &t, &v, &e) &&
		v.rep == LAM_DICT);
	CHECK(lam_vec_is_null(&v, 0) && !lam_vec_is_null(&v, 3));
	CHECK(!evaluate(call(LAM_FN_ADD, 2, field(1, LAM_NUMBER), num("0.5")),
		&t, &v, &e) && v.rep == LAM_FOR && v.scale == 1);
	CHECK(lam_num_cmp(lam_vec_num(&v, 4), (struct lam_num){ 2045, 1 }) ==
		0);
	for (uint32_t k = 2; k < 4; k++) {
		x = call(LAM_FN_DATE_TRUNC, 2, unit(LAM_MINUTE),
			field(k, LAM_TIME));
		CHECK(!evaluate(x, &t, &v, &e) && v.rep == LAM_FOR &&
			v.mult == 60 * LAM_NS && v.max == 4);
		CHECK(lam_vec_is_null(&v, 7) && !lam_vec_is_null(&v, 8));
		CHECK_INT(lam_vec_time(&v, 299),
			(INT64_C(1767225600) + 240) * LAM_NS);
	}
	CHECK(!evaluate(call(LAM_FN_GE, 2, field(1, LAM_NUMBER), num("199.5")),
		&t, &v, &e) && v.null);
	t.vec[1].null = NULL;
	CHECK(!evaluate(call(LAM_FN_GE, 2, field(1, LAM_NUMBER), num("199.5")),
		&t, &v, &e) && v.rep == LAM_CONST && lam_vec_bool(&v, 0));
	CHECK(!evaluate(call(LAM_FN_LT, 2, num("204"), field(1, LAM_NUMBER)),
		&t, &v, &e) && v.rep == LAM_CONST && !lam_vec_bool(&v, 0));
	CHECK(!evaluate(call(LAM_FN_STRFTIME, 2, field(2, LAM_TIME),
		text("%H:%M")), &t, &v, &e) && v.rep == LAM_DICT);
	CHECK_STR(lam_vec_text(&v, 299).p, lam_vec_text(&v, 299).n, "00:04");
}

/* Random conditions: the filter finds exactly the rows where eval is true. */
static struct lam_expr *
condition(unsigned depth)
{
	static const unsigned cmp[] = { LAM_FN_EQ, LAM_FN_NE, LAM_FN_LT,
		LAM_FN_LE, LAM_FN_GT, LAM_FN_GE };
	char k[8];

	snprintf(k, sizeof k, "%u", (unsigned)rnd(7));
	if (depth == 0 || rnd(4) == 0)
		return call(cmp[rnd(6)], 2, field((uint32_t)rnd(4),
			LAM_NUMBER), num(k));
	switch (rnd(6)) {
	case 0:
		return call(LAM_FN_NOT, 1, condition(depth - 1));
	case 1:
		return call(LAM_FN_OR, 2, condition(depth - 1),
			condition(depth - 1));
	case 2:
		return call(LAM_FN_IS_NULL, 1, field((uint32_t)rnd(4),
			LAM_NUMBER));
	case 3:
		return call(LAM_FN_EQ, 2, call(LAM_FN_ADD, 2, field(0,
			LAM_NUMBER), field((uint32_t)rnd(4), LAM_NUMBER)),
			num(k));
	default:
		return call(LAM_FN_AND, 2, condition(depth - 1),
			condition(depth - 1));
	}
}

/* One row of the same condition, by the rules of SQL: 't', 'f' or 'n'. */
static char
oracle(const struct lam_expr *x, struct cell (*c)[200], uint32_t i)
{
	struct lam_num v;
	char a, b;
	int o;

	switch (x->fn) {
	case LAM_FN_NOT:
		a = oracle(x->arg[0], c, i);
		return a == 'n' ? 'n' : a == 't' ? 'f' : 't';
	case LAM_FN_AND:
	case LAM_FN_OR:
		a = oracle(x->arg[0], c, i);
		b = oracle(x->arg[1], c, i);
		if (x->fn == LAM_FN_AND)
			return a == 'f' || b == 'f' ? 'f' :
				a == 'n' || b == 'n' ? 'n' : 't';
		return a == 't' || b == 't' ? 't' :
			a == 'n' || b == 'n' ? 'n' : 'f';
	case LAM_FN_IS_NULL:
		return c[x->arg[0]->index][i].null ? 't' : 'f';
	default:
		break;
	}
	if (x->arg[0]->kind == LAM_X_CALL) {
		const struct cell *p = &c[x->arg[0]->arg[0]->index][i];
		const struct cell *q = &c[x->arg[0]->arg[1]->index][i];

		if (p->null || q->null || !lam_num_add(p->num, q->num, &v))
			return 'n';
	} else {
		if (c[x->arg[0]->index][i].null)
			return 'n';
		v = c[x->arg[0]->index][i].num;
	}
	o = lam_num_cmp(v, x->arg[1]->num);
	switch (x->fn) {
	case LAM_FN_EQ:
		return o == 0 ? 't' : 'f';
	case LAM_FN_NE:
		return o != 0 ? 't' : 'f';
	case LAM_FN_LT:
		return o < 0 ? 't' : 'f';
	case LAM_FN_LE:
		return o <= 0 ? 't' : 'f';
	case LAM_FN_GT:
		return o > 0 ? 't' : 'f';
	default:
		return o >= 0 ? 't' : 'f';
	}
}

static void
one_filter(struct cell (*c)[200], uint32_t n)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_expr *x = condition(4);
	uint16_t sel[200];
	uint32_t got, k = 0;
	struct lam_vec v;
	struct table t;

	table_init(&t, n);
	for (uint32_t f = 0; f < 4; f++)
		while (!make_vec((enum shape)rnd(SHAPES), LAM_NUMBER, c[f], n,
			&t.vec[f]))
			;
	FAIL_IF(lam_expr_prepare(x, &arena, &e), "%s", e.msg);
	FAIL_IF(lam_expr_filter(x, &t.f, sel, &got, &e), "%s", e.msg);
	FAIL_IF(lam_expr_eval(x, &t.f, &v, &e), "%s", e.msg);
	for (uint32_t i = 0; i < n && !e.code; i++) {
		char want = oracle(x, c, i);

		FAIL_IF(tfn_at(&v, i) != want, "row %u: %c, want %c", i,
			tfn_at(&v, i), want);
		if (k < got && sel[k] == i) {
			FAIL_IF(want != 't', "row %u passed", i);
			k++;
		} else {
			FAIL_IF(want == 't', "row %u was lost", i);
		}
	}
	FAIL_IF(k != got, "%u of %u rows", k, got);
	lam_expr_release(x);
}

static void
filters(void)
{
	static struct cell c[4][200];

	printf("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 1500; round++) {
		uint32_t n = 1 + (uint32_t)rnd(200);

		memset(c, 0, sizeof c);
		for (uint32_t f = 0; f < 4; f++)
			for (uint32_t i = 0; i < n; i++) {
				c[f][i].null = f && rnd(5) == 0;
				c[f][i].num.m = (lam_i128)rnd(f == 3 ? 70 : 7);
				c[f][i].num.scale = f == 3;
			}
		one_filter(c, n);
		lam_arena_reset(&arena);
	}
	PASS("filter and eval agree with SQL row by row");
}

static void
limits(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_expr *x = field(0, LAM_BOOL);

	for (int i = 0; i < 2000; i++)
		x = call(LAM_FN_NOT, 1, x);
	CHECK_INT(lam_expr_prepare(x, &arena, &e), LAM_USAGE);
	CHECK(strstr(e.msg, "nested") != NULL);
	lam_expr_release(x);
}

/* A failure half way leaves nothing behind (a leak shows under ASan). */
static void
half_prepared(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_expr *sum = call(LAM_FN_ADD, 2, num("1"), num("2"));
	struct lam_expr *x = call(LAM_FN_AND, 2, call(LAM_FN_AND, 2,
		call(LAM_FN_REGEXP_MATCHES, 2, field(0, LAM_TEXT), text("a")),
		call(LAM_FN_EQ, 2, field(1, LAM_NUMBER), sum)),
		call(LAM_FN_REGEXP_MATCHES, 2, field(0, LAM_TEXT), text("(")));

	CHECK_INT(lam_expr_prepare(x, &arena, &e), LAM_USAGE);
	CHECK_INT(sum->kind, LAM_X_CONST);
	lam_expr_release(x);
	CHECK_INT(sum->kind, LAM_X_CALL);
	CHECK(x->arg[0]->arg[0]->plan == NULL);
}

/* The longest vector there is: codes and row numbers use all 16 bits. */
static void
full_block(void)
{
	uint32_t n = LAM_BLOCK_ROWS, got;
	struct lam_error e = LAM_ERROR_INIT;
	uint32_t *u = lam_arena_alloc(&arena, n * sizeof *u);
	uint16_t *sel = lam_arena_alloc(&arena, n * sizeof *sel);
	struct lam_expr *x = call(LAM_FN_NE, 2, field(0, LAM_NUMBER),
		num("65535"));
	struct table t;

	for (uint32_t i = 0; i < n; i++)
		u[i] = i;
	table_init(&t, n);
	t.vec[0] = (struct lam_vec){ .type = LAM_NUMBER, .rep = LAM_FOR,
		.n = n, .u32 = u, .mult = 1, .max = n - 1 };
	CHECK_INT(lam_expr_prepare(x, &arena, &e), LAM_OK);
	CHECK_INT(lam_expr_filter(x, &t.f, sel, &got, &e), LAM_OK);
	CHECK_INT(got, n - 1);
	CHECK_INT(sel[got - 1], 65534);
	lam_expr_release(x);
	x = call(LAM_FN_GE, 2, field(0, LAM_NUMBER), num("0"));
	CHECK_INT(lam_expr_prepare(x, &arena, &e), LAM_OK);
	CHECK_INT(lam_expr_filter(x, &t.f, sel, &got, &e), LAM_OK);
	CHECK_INT(got, n);
	CHECK_INT(sel[65535], 65535);
	lam_expr_release(x);
}

int
main(void)
{
	truth_tables();
	laziness();
	early_out();
	shapes_kept();
	filters();
	limits();
	half_prepared();
	full_block();
	lam_arena_release(&arena);
	return DONE();
}
