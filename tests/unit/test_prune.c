/* lam_expr_outlook: no row that passes is skipped, none that does not passed whole. */
#include "expr_build.h"

#define ROWS 12
#define FIELDS 4 /* number, time, text, number without a range */

struct block {
	struct lam_batch b;
	struct lam_range range[FIELDS];
};

static void
block_range(struct lam_batch *b, uint32_t f, struct lam_range *out)
{
	*out = ((struct block *)b)->range[f];
}

static uint64_t
prefix(struct lam_str s)
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v = v << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
	return v;
}

static const char *const word[] = { "", "a", "ab", "abc", "abd", "b",
	"/api/v1/users", "/api/v1/orders", "/api/v2", "/api/v1/", "\xff\xff",
	"/static/x.css" };
#define WORDS (sizeof word / sizeof *word)

/* Rows around some place, so that some blocks can be ruled out. */
static void
fill(struct cell (*c)[ROWS], struct table *t, struct block *b)
{
	int64_t at = (int64_t)rnd(40) - 20, day = (int64_t)rnd(60);
	static const unsigned type[FIELDS] = { LAM_NUMBER, LAM_TIME, LAM_TEXT,
		LAM_NUMBER };
	unsigned scale = (unsigned)rnd(2), first = (unsigned)rnd(WORDS);

	memset(c, 0, FIELDS * sizeof *c);
	memset(b, 0, sizeof *b);
	b->b.range = block_range;
	table_init(t, ROWS);
	for (int f = 0; f < FIELDS; f++) {
		struct lam_range *r = &b->range[f];
		uint64_t lo = UINT64_MAX, hi = 0;
		bool nulls = rnd(2), any = false;

		r->min = INT64_MAX;
		r->max = INT64_MIN;
		for (int i = 0; i < ROWS; i++) {
			struct cell *x = &c[f][i];
			const char *w = word[(first + rnd(3)) % WORDS];

			x->null = nulls && rnd(3) == 0;
			x->num = (struct lam_num){ at + (int)rnd(5), scale };
			x->time = (INT64_C(1767225600) + day * 86400 +
				(int64_t)rnd(172800)) * LAM_NS;
			x->text = (struct lam_str){ w, strlen(w) };
			r->nulls |= x->null;
			if (x->null)
				continue;
			any = true;
			if (f == 1) {
				r->min = x->time < r->min ? x->time : r->min;
				r->max = x->time > r->max ? x->time : r->max;
			} else if (f == 2) {
				uint64_t p = prefix(x->text);

				lo = p < lo ? p : lo;
				hi = p > hi ? p : hi;
				r->min = (int64_t)lo;
				r->max = (int64_t)hi;
			} else {
				int64_t m = (int64_t)x->num.m;

				r->min = m < r->min ? m : r->min;
				r->max = m > r->max ? m : r->max;
			}
		}
		r->scale = (uint8_t)scale;
		r->kind = f == 3 || !any ? LAM_RANGE_NONE : f == 1 ?
			LAM_RANGE_TIME : f == 2 ? LAM_RANGE_TEXT :
			LAM_RANGE_NUMBER;
		make_vec(S_FLAT, type[f], c[f], ROWS, &t->vec[f]);
	}
}

static struct lam_expr *
some_time(void)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_TIME);

	x->time = (INT64_C(1767225600) + (int64_t)rnd(60) * 86400 +
		(int64_t)(rnd(2) ? 0 : rnd(86400))) * LAM_NS;
	return x;
}

static struct lam_expr *
some_number(void)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_NUMBER);

	x->num = (struct lam_num){ (int)rnd(50) - 25, (unsigned)rnd(2) };
	return rnd(20) ? x : null();
}

/* A leaf condition on some field; *CLEAR: of a kind that ranges can decide. */
static struct lam_expr *
leaf(void)
{
	unsigned fn = LAM_FN_EQ + (unsigned)rnd(6);
	struct lam_expr *t = field(1, LAM_TIME), *s = field(2, LAM_TEXT);
	const char *w = word[rnd(WORDS)];
	char pattern[40];

	switch (rnd(9)) {
	case 0:
		return call(fn, 2, t, some_time());
	case 1:
		return call(fn, 2, some_time(), call(LAM_FN_DATE_TRUNC, 2,
			unit(LAM_HOUR + (uint32_t)rnd(4)), t));
	case 2:
		return call(fn, 2, call(LAM_FN_TIME_BUCKET, 2,
			rnd(2) ? interval(1 + (int64_t)rnd(3), 0) :
			interval(0, LAM_DAY_NS * 3), t), some_time());
	case 3:
		return call(fn, 2, s, text(w));
	case 4:
		snprintf(pattern, sizeof pattern, "%s%s", w, rnd(2) ? "%" : "");
		return call(LAM_FN_LIKE, 2, s, text(lam_arena_dup(&arena,
			pattern, strlen(pattern))));
	case 5:
		return call(LAM_FN_STARTS_WITH, 2, s, text(w));
	case 6:
		return call(LAM_FN_IN, 3, field(rnd(2) ? 0 : 3, LAM_NUMBER),
			some_number(), some_number());
	case 7:
		return call(rnd(2) ? LAM_FN_IS_NULL : LAM_FN_IS_NOT_NULL, 1,
			rnd(2) ? t : s);
	default:
		return call(fn, 2, field(rnd(2) ? 0 : 3, LAM_NUMBER),
			some_number());
	}
}

static struct lam_expr *
condition(unsigned depth)
{
	if (depth == 0 || rnd(3) == 0)
		return leaf();
	switch (rnd(3)) {
	case 0:
		return call(LAM_FN_NOT, 1, condition(depth - 1));
	case 1:
		return call(LAM_FN_OR, 2, condition(depth - 1),
			condition(depth - 1));
	default:
		return call(LAM_FN_AND, 2, condition(depth - 1),
			condition(depth - 1));
	}
}

static void
soundness(void)
{
	static struct cell c[FIELDS][ROWS];
	unsigned skipped = 0, useless = 0, certain = 0;

	for (int round = 0; round < 20000; round++) {
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_expr *x = condition((unsigned)rnd(4));
		uint16_t sel[ROWS];
		struct block b;
		struct table t;
		uint32_t n = 0;

		fill(c, &t, &b);
		FAIL_IF(lam_expr_prepare(x, &arena, &e), "%s", e.msg);
		FAIL_IF(!e.code && lam_expr_filter(x, &t.f, sel, &n, &e), "%s",
			e.msg);
		if (lam_expr_outlook(x, &b.b) == LAM_OUTLOOK_ALL) {
			FAIL_IF(n < ROWS, "round %d: %u of %u rows pass",
				round, n, ROWS);
			certain++;
		}
		if (lam_expr_outlook(x, &b.b) != LAM_OUTLOOK_NONE) {
			useless += n == 0;
		} else {
			FAIL_IF(n > 0, "round %d: %u rows skipped", round, n);
			skipped++;
		}
		lam_expr_release(x);
		lam_arena_reset(&arena);
	}
	PASS("no block with a row that passes is skipped, nor one with a row "
		"that does not passed whole");
	printf("# skipped %u, read for nothing %u, passed whole %u\n", skipped,
		useless, certain);
	CHECK(certain > 1000);
	CHECK(skipped > 2000);
	CHECK(skipped > useless);
}

/* What must be ruled out, and what must not. */
static void
examples(void)
{
	static struct cell c[FIELDS][ROWS];
	struct block b;
	struct table t;
	struct lam_error e = LAM_ERROR_INIT;
	static const struct {
		unsigned fn;
		const char *text;
		bool possible;
	} like[] = {
		{ LAM_FN_LIKE, "/api/v1/users/1%", true },
		{ LAM_FN_LIKE, "/api/v2%", false },
		{ LAM_FN_LIKE, "/zzz%", false },
		{ LAM_FN_LIKE, "%zzz", true },
		{ LAM_FN_LIKE, "_api", true },
		{ LAM_FN_ILIKE, "/ZZZ%", true },
		{ LAM_FN_EQ, "/api/v1/xxx", true },
		{ LAM_FN_EQ, "/api/v0/xxx", false },
		{ LAM_FN_LT, "/api/v1/a", true }, /* prefixes are equal */
		{ LAM_FN_LT, "/api/v0", false },
		{ LAM_FN_GT, "/api/v2", false },
	};

	fill(c, &t, &b);
	b.range[2] = (struct lam_range){ .kind = LAM_RANGE_TEXT,
		.min = (int64_t)prefix((struct lam_str){ "/api/v1/", 8 }),
		.max = (int64_t)prefix((struct lam_str){ "/api/v1/", 8 }) };
	for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
		struct lam_expr *x = call(like[i].fn, 2, field(2, LAM_TEXT),
			text(like[i].text));

		FAIL_IF(lam_expr_prepare(x, &arena, &e), "%s", e.msg);
		FAIL_IF((lam_expr_outlook(x, &b.b) != LAM_OUTLOOK_NONE) !=
			like[i].possible, "%s %s",
			lam_func[like[i].fn].name, like[i].text);
		lam_expr_release(x);
	}
	PASS("texts by their first eight bytes");
	/* The same field read as a text has other values than the range says. */
	b.range[0] = (struct lam_range){ .kind = LAM_RANGE_NUMBER, .min = 1,
		.max = 5 };
	{
		struct lam_expr *x = call(LAM_FN_EQ, 2, field(0, LAM_TEXT),
			text("zzz"));

		CHECK(!lam_expr_prepare(x, &arena, &e));
		CHECK(lam_expr_outlook(x, &b.b) == LAM_OUTLOOK_SOME);
		b.b.range = NULL;
		CHECK(lam_expr_outlook(x, &b.b) == LAM_OUTLOOK_SOME);
	}
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	soundness();
	examples();
	lam_arena_release(&arena);
	return DONE();
}
