/* Every function, over every shape of the same values, with NULLs between.  What
 * is expected was compared with DuckDB 1.5 and 2.0. */
#include "expr_build.h"

#define ROWS 40

/* The cell that a constant stands for. */
static struct cell
cell_of(const struct lam_expr *x)
{
	struct cell c = { .null = x->null, .num = x->num, .time = x->time,
		.text = x->text, .bit = x->boolean };

	return c;
}

/* Is row I of V what WANT says?  NULL: NULL. */
static bool
is_row(const struct lam_vec *v, uint32_t i, const char *want)
{
	char scratch[LAM_TIME_TEXT];
	struct lam_str s = lam_vec_print(v, i, scratch);

	if (!want || !s.p)
		return !want && !s.p;
	return s.n == strlen(want) && !memcmp(s.p, want, s.n);
}

static bool
stays_constant(unsigned fn, uint32_t i, uint32_t n)
{
	switch (fn) {
	case LAM_FN_DATE_TRUNC:
	case LAM_FN_TIME_BUCKET:
	case LAM_FN_EXTRACT:
	case LAM_FN_TIME_DIFF:
		return i == 0;
	case LAM_FN_TIME_ADD:
	case LAM_FN_TIME_SUB:
	case LAM_FN_LIKE:
	case LAM_FN_ILIKE:
	case LAM_FN_STRFTIME:
	case LAM_FN_REGEXP_MATCHES:
	case LAM_FN_REGEXP_EXTRACT:
		return i >= 1;
	case LAM_FN_REGEXP_REPLACE:
		return i == 1 || i == 3;
	default:
		(void)n;
		return false;
	}
}

/*
 * The call as columns: argument k in shape S, constants as they are; every third
 * row of the argument NULLED is NULL (ARGS: none).
 */
static void
check_shape(unsigned fn, uint32_t n, struct lam_expr **arg, const char *want,
	enum shape s, uint32_t nulled)
{
	struct lam_expr *with[16], *x;
	struct lam_error e = LAM_ERROR_INIT;
	struct table t;
	struct lam_vec out;
	int rc;

	table_init(&t, ROWS);
	for (uint32_t k = 0; k < n; k++) {
		struct cell c[ROWS];

		with[k] = arg[k];
		if (stays_constant(fn, k, n) || k >= 8 || arg[k]->null)
			continue;
		for (uint32_t i = 0; i < ROWS; i++) {
			c[i] = cell_of(arg[k]);
			c[i].null = k == nulled && i % 3 == 2;
		}
		/* Another shape beside the one that is tried. */
		if (!make_vec(k % 2 ? (enum shape)((s + k) % SHAPES) : s,
			    arg[k]->type, c, ROWS, &t.vec[k]))
			make_vec(S_FLAT, arg[k]->type, c, ROWS, &t.vec[k]);
		with[k] = field(k, arg[k]->type);
	}
	x = call_of(fn, n, with);
	rc = evaluate(x, &t, &out, &e);
	FAIL_IF(rc, "%s, %s: %s", lam_func[fn].name, shape_name[s], e.msg);
	for (uint32_t i = 0; rc == LAM_OK && i < ROWS; i++) {
		if (nulled < n && i % 3 == 2 && (lam_kernel[fn].flags &
			LAM_K_NULLS))
			continue;
		FAIL_IF(!is_row(&out, i, nulled < n && i % 3 == 2 ? NULL : want),
			"%s, %s, null %u, row %u: want %s", lam_func[fn].name,
			shape_name[s], (unsigned)nulled, (unsigned)i,
			want ? want : "NULL");
	}
}

static void
check(const char *want, unsigned fn, uint32_t n, ...)
{
	struct lam_expr *arg[16], *x;
	struct lam_error e = LAM_ERROR_INIT;
	struct table t;
	struct lam_vec out;
	va_list ap;
	int rc;

	va_start(ap, n);
	for (uint32_t i = 0; i < n; i++)
		arg[i] = va_arg(ap, struct lam_expr *);
	va_end(ap);
	table_init(&t, 2);
	x = call_of(fn, n, arg);
	rc = lam_expr_prepare(x, &arena, &e);
	if (rc == LAM_OK)
		rc = lam_expr_eval(x, &t.f, &out, &e);
	FAIL_IF(rc, "%s: %s", lam_func[fn].name, e.msg);
	FAIL_IF(rc == LAM_OK && x->kind != LAM_X_CONST, "%s did not fold",
		lam_func[fn].name);
	if (rc == LAM_OK && !is_row(&out, 1, want)) {
		char s[LAM_TIME_TEXT];
		struct lam_str v = lam_vec_print(&out, 1, s);

		FAIL_IF(true, "%s: got '%.*s', want '%s'", lam_func[fn].name,
			(int)v.n, v.p, want ? want : "NULL");
	}
	lam_expr_release(x);
	for (int s = 0; s < SHAPES; s++)
		for (uint32_t k = 0; k <= n; k++)
			if (k == n || !(stays_constant(fn, k, n) ||
				arg[k]->null))
				check_shape(fn, n, arg, want, (enum shape)s, k);
	lam_arena_reset(&arena);
}

/* It must fail, at 3:14 of the query, saying WHAT; NULL: it is NULL, and each row is
 * marked as faulty. */
static void
check_fails(const char *what, unsigned fn, uint32_t n, ...)
{
	struct lam_expr *arg[16];
	struct lam_error e = LAM_ERROR_INIT;
	struct table t;
	struct lam_vec out;
	va_list ap;
	int rc;

	va_start(ap, n);
	for (uint32_t i = 0; i < n; i++)
		arg[i] = va_arg(ap, struct lam_expr *);
	va_end(ap);
	table_init(&t, 2);
	rc = evaluate(call_of(fn, n, arg), &t, &out, &e);
	FAIL_IF(what && (rc != LAM_USAGE || strncmp(e.msg, "query:3:14: ",
		12) || !strstr(e.msg, what)), "%s: rc %d, '%s', want '%s'",
		lam_func[fn].name, rc, e.msg, what);
	FAIL_IF(!what && rc, "%s: %s", lam_func[fn].name, e.msg);
	for (uint32_t i = 0; !what && !rc && i < t.f.n; i++)
		FAIL_IF(!lam_vec_is_null(&out, i) || !t.f.faults.mark ||
			!t.f.faults.mark[i], "%s: row %u is computed",
			lam_func[fn].name, i);
	lam_arena_reset(&arena);
}

#define F(name) LAM_FN_##name
#define C1(want, fn, a) check(want, F(fn), 1, a)
#define C2(want, fn, a, b) check(want, F(fn), 2, a, b)
#define C3(want, fn, a, b, c) check(want, F(fn), 3, a, b, c)
#define C4(want, fn, a, b, c, d) check(want, F(fn), 4, a, b, c, d)

static void
numbers(void)
{
	const char *big = "99999999999999999999999999999999999999";

	C2("0.3", ADD, num("0.1"), num("0.2"));
	C2("9223372036854775808", ADD, num("9223372036854775807"), num("1"));
	C2("-9223372036854775809", SUB, num("-9223372036854775808"), num("1"));
	C2("9223372036854775808", SUB, num("0"), num("-9223372036854775808"));
	C2("1.25", SUB, num("1.5"), num("0.25"));
	C2("2.25", MUL, num("1.5"), num("1.5"));
	C2("85070591730234615847396907784232501249", MUL,
		num("9223372036854775807"), num("9223372036854775807"));
	C2("0.00000000000000000001", MUL, num("0.0000000001"),
		num("0.0000000001"));
	C2("3.3333333333333333", DIV, num("10"), num("3"));
	C2("-0.66666666666666667", DIV, num("-2"), num("3"));
	C2("2.5", DIV, num("10"), num("4"));
	C2("0.5", DIV, num("0.00000000000001"), num("0.00000000000002"));
	C2(NULL, DIV, num("1"), num("0"));
	C2(NULL, IDIV, num("1"), num("0.0"));
	C2(NULL, MOD, num("1"), num("0"));
	C2("-3", IDIV, num("-7"), num("2"));
	C2("-3", IDIV, num("7"), num("-2"));
	C2("9223372036854775808", IDIV, num("-9223372036854775808"),
		num("-1"));
	C2("-1", MOD, num("-7"), num("2"));
	C2("1", MOD, num("7"), num("-2"));
	C2("-1.5", MOD, num("-7.5"), num("2"));
	C1("9223372036854775808", NEG, num("-9223372036854775808"));
	C1("-0.5", NEG, num("0.50"));
	C1("5.5", ABS, num("-5.5"));
	C1("-1", SIGN, num("-5.5"));
	C1("0", SIGN, num("0.0"));
	C1("-6", FLOOR, num("-5.5"));
	C1("-5", CEIL, num("-5.5"));
	C1("0", CEIL, num("-0.5"));
	C1("-3", ROUND, num("-2.5"));
	C1("3", ROUND, num("2.5"));
	C1("-2", TRUNC, num("-2.7"));
	C2("2.35", ROUND2, num("2.345"), num("2"));
	C2("12.345", ROUND2, num("12.345"), num("5"));
	C2("1200", ROUND2, num("1234"), num("-2"));
	C2("-1300", ROUND2, num("-1250"), num("-2"));
	C2("0", ROUND2, num("12.345"), num("-3"));
	C3("3", GREATEST, num("1"), null(), num("3.0"));
	C2("2", LEAST, null(), num("2"));
	C2(NULL, GREATEST, null(), null());
	C2("b", GREATEST, text("a"), text("b"));
	C2("1", NULLIF, num("1"), num("2"));
	C2(NULL, NULLIF, num("1"), num("1.0"));
	C2("1", NULLIF, num("1"), null());
	PASS("arithmetic and rounding");
	check_fails(NULL, F(ADD), 2, num(big), num("1"));
	check_fails(NULL, F(MUL), 2,
		num(big), num("10"));
	check_fails(NULL, F(SUB), 2, num("-1"), num(big));
	PASS("10^38 and more is NULL, and a fault");
}

static void
texts(void)
{
	C1("abc\xc3\x84", LOWER, text("aBC\xc3\x84"));
	C1("ABC\xc3\xa4", UPPER, text("abC\xc3\xa4"));
	C1("3", LENGTH, text("h\xc3\xa4l"));
	C1("4", LENGTH, text("a\xff\xc3" "b"));
	C1("4", OCTETS, text("h\xc3\xa4l"));
	C1("a b", TRIM, text("  a b  "));
	C1("\ta", TRIM, text("\ta "));
	C1("x ", LTRIM, text(" x "));
	C1(" x", RTRIM, text(" x "));
	C2("a", TRIM2, text("xxaxx"), text("x"));
	C2("cab", LTRIM2, text("abcab"), text("ab"));
	C2("a", TRIM2, text("\xc3\xa4" "a\xc3\xa4"), text("\xc3\xa4"));
	C2("abc", RTRIM2, text("abc"), text(""));
	C2("hello", SUBSTR2, text("hello"), num("0"));
	C2("llo", SUBSTR2, text("hello"), num("-3"));
	C2("", SUBSTR2, text("hello"), num("10"));
	C3("ll", SUBSTR3, text("hello"), num("-3"), num("2"));
	C3("", SUBSTR3, text("hello"), num("2"), num("0"));
	C3("h", SUBSTR3, text("hello"), num("2"), num("-1"));
	C3("h", SUBSTR3, text("hello"), num("0"), num("2"));
	C3("he", SUBSTR3, text("hello"), num("-10"), num("7"));
	C3("", SUBSTR3, text("hello"), num("-10"), num("3"));
	C3("el", SUBSTR3, text("hello"), num("4"), num("-2"));
	C3("el", SUBSTR3, text("hello"), num("-2"), num("-2"));
	C3("he", SUBSTR3, text("hello"), num("3"), num("-10"));
	C3("lo", SUBSTR3, text("hello"), num("9"), num("-5"));
	C3("\xc3\xa4l", SUBSTR3, text("h\xc3\xa4lx"), num("2"), num("2"));
	C2("hel", LEFT, text("hello"), num("-2"));
	C2("", LEFT, text("hello"), num("-9"));
	C2("h\xc3\xa4", LEFT, text("h\xc3\xa4l"), num("2"));
	C2("llo", RIGHT, text("hello"), num("-2"));
	C2("lo", RIGHT, text("hello"), num("2"));
	C2("hello", RIGHT, text("hello"), num("9"));
	C3("bbbbbb", REPLACE, text("aaa"), text("a"), text("bb"));
	C3("aaa", REPLACE, text("aaa"), text(""), text("x"));
	C3("ac", REPLACE, text("abc"), text("b"), text(""));
	C3("b", SPLIT_PART, text("a,b,c"), text(","), num("2"));
	C3("", SPLIT_PART, text("a,b,c"), text(","), num("0"));
	C3("c", SPLIT_PART, text("a,b,c"), text(","), num("-1"));
	C3("a", SPLIT_PART, text("a,b,c"), text(","), num("-3"));
	C3("", SPLIT_PART, text("a,b,c"), text(","), num("-4"));
	C3("", SPLIT_PART, text("a,b,c"), text(","), num("9"));
	C3("", SPLIT_PART, text("a,,c"), text(","), num("2"));
	C3("", SPLIT_PART, text("a,b,"), text(","), num("-1"));
	C3("b", SPLIT_PART, text("abc"), text(""), num("2"));
	C3("c", SPLIT_PART, text("abc"), text(""), num("-1"));
	C3("", SPLIT_PART, text(""), text(""), num("1"));
	C3("abc", SPLIT_PART, text("abc"), text("x"), num("-1"));
	C2("3", STRPOS, text("hello"), text("l"));
	C2("1", STRPOS, text("hello"), text(""));
	C2("0", STRPOS, text("hello"), text("z"));
	C2("3", STRPOS, text("h\xc3\xa4l"), text("l"));
	C2("true", STARTS_WITH, text("abc"), text("ab"));
	C2("false", STARTS_WITH, text("a"), text("ab"));
	C2("true", ENDS_WITH, text("abc"), text("bc"));
	C2("false", ENDS_WITH, text("abc"), text("ab"));
	C2("true", CONTAINS, text("abc"), text("b"));
	C2("true", CONTAINS, text("abc"), text(""));
	C1("l\xc3\xa4h", REVERSE, text("h\xc3\xa4l"));
	C2("ab", CONCAT_OP, text("a"), text("b"));
	C4("a1.5true", CONCAT, text("a"), null(), num("1.50"), truth(true));
	C1("", CONCAT, null());
	PASS("functions of text");
}

static void
likes(void)
{
	C2("true", LIKE, text("abc"), text("a%"));
	C2("true", LIKE, text("abc"), text("%c"));
	C2("true", LIKE, text("abc"), text("%b%"));
	C2("false", LIKE, text("abc"), text("b%"));
	C2("true", LIKE, text("abc"), text("a_c"));
	C2("true", LIKE, text("a\xc3\xa4" "c"), text("a_c"));
	C2("true", LIKE, text("a\xc3\xa4"), text("%_"));
	C2("false", LIKE, text("a\xc3\xa4"), text("___"));
	C2("true", LIKE, text(""), text("%"));
	C2("true", LIKE, text(""), text(""));
	C2("false", LIKE, text("a"), text(""));
	C2("true", LIKE, text("aXbXc"), text("a%b%c"));
	C2("false", LIKE, text("ab"), text("ab%b"));
	C2("true", LIKE, text("abab"), text("ab%ab"));
	C2("false", LIKE, text("aba"), text("ab%ba"));
	C2("true", LIKE, text("xaab"), text("%a_b"));
	C2("true", LIKE, text("a\\c"), text("a\\c"));
	C2("false", LIKE, text("ABC"), text("a%"));
	C2("true", ILIKE, text("ABC"), text("a%"));
	C2("true", ILIKE, text("xAbC"), text("%aBc"));
	C3("true", LIKE, text("a%c"), text("a\\%c"), text("\\"));
	C3("false", LIKE, text("abc"), text("a\\%c"), text("\\"));
	C3("true", LIKE, text("abc"), text("a\\bc"), text("\\"));
	PASS("LIKE and ILIKE");
	check_fails("escape", F(LIKE), 3, text("a"), text("a\\"), text("\\"));
	check_fails("one character", F(LIKE), 3, text("a"), text("a"),
		text("ab"));
	check_fails("constant pattern", F(LIKE), 2, text("a"),
		field(0, LAM_TEXT));
	PASS("LIKE errors");
}

static void
regexes(void)
{
	char evil[64];

	C2("true", REGEXP_MATCHES, text("hello"), text("l+"));
	C2("false", REGEXP_MATCHES, text("hello"), text("^l"));
	C2("true", REGEXP_MATCHES, text("a\xff" "b"), text("b$"));
	C2("false", REGEXP_MATCHES, text("a\n"), text("a$"));
	C2("true", REGEXP_MATCHES, text("\xc3\xa4"), text("^.$"));
	/* What is no digit, blank or word: characters, not only ASCII. */
	C2("\xc3\xb1", REGEXP_EXTRACT, text("\xc3\xb1" "and"), text("\\D"));
	C2("\xc3\xb1" "a", REGEXP_EXTRACT, text(" \xc3\xb1" "a b"),
		text("\\S+"));
	C2("true", REGEXP_MATCHES, text("\xd0\x96"), text("\\W"));
	C2("\xc3\xb1", REGEXP_EXTRACT, text("\xff\xc3\xb1"), text("\\D"));
	C2("false", REGEXP_MATCHES, text("\xff"), text("\\D"));
	C3("true", REGEXP_MATCHES, text("HELLO"), text("l+"), text("i"));
	C4("L", REGEXP_EXTRACT, text("heLlo"), text("(l)"), num("1"),
		text("i"));
	C2("ll", REGEXP_EXTRACT, text("hello"), text("l+"));
	C2("", REGEXP_EXTRACT, text("hello"), text("z"));
	C3("e", REGEXP_EXTRACT, text("hello"), text("h(.)"), num("1"));
	C3("", REGEXP_EXTRACT, text("hello"), text("(z)?h"), num("1"));
	C3("heLlo", REGEXP_REPLACE, text("hello"), text("l"), text("L"));
	C4("heLLo", REGEXP_REPLACE, text("hello"), text("l"), text("L"),
		text("g"));
	C3("hel-lllo", REGEXP_REPLACE, text("hello"), text("(l)(l)"),
		text("\\2-\\1\\0"));
	C3("he\\lo", REGEXP_REPLACE, text("hello"), text("l"), text("\\\\"));
	C4("-h-e-l-l-o-", REGEXP_REPLACE, text("hello"), text("x*"), text("-"),
		text("g"));
	C4("-a-c-", REGEXP_REPLACE, text("abc"), text("b*"), text("-"),
		text("g"));
	PASS("regular expressions");
	/* what a pattern begins with is looked for first, where it has to be */
	C2("true", REGEXP_MATCHES, text("ac"), text("^ab*c"));
	C2("true", REGEXP_MATCHES, text("ac"), text("^ab?c"));
	C2("true", REGEXP_MATCHES, text("ac"), text("^ab\\E*c"));
	C2("true", REGEXP_MATCHES, text("ac"), text("^ab(?#)?c"));
	C2("true", REGEXP_MATCHES, text("b"), text("^a{0}b"));
	C2("true", REGEXP_MATCHES, text("aaab"), text("^a+b"));
	C2("true", REGEXP_MATCHES, text("xc"), text("^abc|xc"));
	C2("true", REGEXP_MATCHES, text("/api/v1/xy"), text("^/api/v1/xz*y"));
	C2("false", REGEXP_MATCHES, text("/api/v1/y"), text("^/api/v1/xz*y"));
	C2("false", REGEXP_MATCHES, text("/api/v2/xy"), text("^/api/v1/xy"));
	C2("false", REGEXP_MATCHES, text("/api"), text("^/api/v1"));
	C2("true", REGEXP_MATCHES, text("/api/v1"), text("^/api/v1"));
	C3("true", REGEXP_MATCHES, text("AB"), text("^ab"), text("i"));
	C3("true", REGEXP_MATCHES, text("x\nab"), text("^ab"), text("m"));
	C4("xab", REGEXP_REPLACE, text("abab"), text("^ab"), text("x"),
		text("g"));
	PASS("regular expressions with a fixed beginning");
	check_fails("missing closing", F(REGEXP_MATCHES), 2, text("a"),
		text("a("));
	check_fails("group number", F(REGEXP_REPLACE), 3, text("a"), text("a"),
		text("\\9"));
	check_fails("the pattern has 1", F(REGEXP_EXTRACT), 3, text("a"),
		text("(a)"), num("2"));
	check_fails("unknown option", F(REGEXP_REPLACE), 4, text("a"),
		text("a"), text("b"), text("q"));
	memset(evil, 'a', sizeof evil);
	memcpy(evil + 61, "bx", 3);
	check_fails(NULL, F(REGEXP_MATCHES), 2, text(evil),
		text("^(a|aa|a?)+b$"));
	PASS("regular expressions: errors and limits");
}

static void
casts(void)
{
	C1("1.5", TO_TEXT, num("1.50"));
	C1("2026-01-01T00:00:00Z", TO_TEXT, when("2026-01-01"));
	C1("false", TO_TEXT, truth(false));
	C1("-12.5", TO_NUMBER, text(" -12.50 "));
	C1("1000", TO_NUMBER, text("1e3"));
	C1("1", TO_NUMBER, truth(true));
	C1("4", TO_INTEGER, num("3.5"));
	C1("-3", TO_INTEGER, num("-2.5"));
	C1("3", TO_INTEGER, text("2.5"));
	C1("2026-01-01T10:00:00Z", TO_TIME, text("2026-01-01 12:00:00+02:00"));
	C1("2026-01-01T00:00:00Z", TO_DATE, text("2026-01-01T12:00:00Z"));
	C1("2026-01-01T00:00:00Z", TO_DATE, when("2026-01-01T12:00:00Z"));
	C1("true", TO_BOOL, text("Yes"));
	C1("false", TO_BOOL, text("f"));
	C1("true", TO_BOOL, num("0.5"));
	C1(NULL, TRY_NUMBER, text("12abc"));
	C1(NULL, TRY_NUMBER, text(""));
	C1(NULL, TRY_INTEGER, text("x"));
	C1("7", TRY_INTEGER, text("7"));
	C1(NULL, TRY_TIME, text("2026-13-01"));
	C1(NULL, TRY_DATE, text("soon"));
	C1(NULL, TRY_BOOL, text("on"));
	PASS("casts");
	check_fails(NULL, F(TO_NUMBER), 1, text("12abc"));
	check_fails(NULL, F(TO_INTEGER), 1, text("x"));
	check_fails(NULL, F(TO_TIME), 1, text("soon"));
	check_fails(NULL, F(TO_BOOL), 1, text("on"));
	check_fails("no cast from time", F(TO_NUMBER), 1, when("2026-01-01"));
	check_fails("no cast from number", F(TO_TIME), 1, num("1"));
	PASS("casts that cannot be: a fault of the value, or an error of the types");
}

static void
times(void)
{
	struct lam_expr *t;

#define T when("2026-01-04T10:20:30.123456789Z")
#define TR(u) unit(LAM_##u), T
	C2("2026-01-04T10:20:30Z", DATE_TRUNC, unit(LAM_SECOND), T);
	C2("2026-01-04T10:20:00Z", DATE_TRUNC, unit(LAM_MINUTE), T);
	C2("2025-12-29T00:00:00Z", DATE_TRUNC, unit(LAM_WEEK), T);
	C2("2026-01-01T00:00:00Z", DATE_TRUNC, unit(LAM_QUARTER), T);
	C2("2020-01-01T00:00:00Z", DATE_TRUNC, unit(LAM_DECADE), T);
	C2("2026-01-07T11:58:00Z", TIME_BUCKET, interval(0, 420 * LAM_NS),
		when("2026-01-07T12:00:00Z"));
	C2("2026-01-05T00:00:00Z", TIME_BUCKET, interval(0, 7 * LAM_DAY_NS),
		when("2026-01-07T12:00:00Z"));
	C2("1999-03-01T00:00:00Z", TIME_BUCKET, interval(5, 0),
		when("1999-05-07"));
	C2("1984-11-01T00:00:00Z", TIME_BUCKET, interval(7, 0),
		when("1985-05-05"));
	C2("2026-02-28T00:00:00Z", TIME_ADD, when("2026-01-31"),
		interval(1, 0));
	C2("2026-02-27T00:00:00Z", TIME_SUB, when("2026-03-31"),
		interval(1, LAM_DAY_NS));
	C1("1767225600.5", EPOCH, when("2026-01-01T00:00:00.5Z"));
	C1("-1", EPOCH_MS, when("1969-12-31T23:59:59.9995Z"));
	C2("53", EXTRACT, unit(LAM_WEEK), when("2027-01-01"));
	C2("1", EXTRACT, unit(LAM_WEEK), when("2008-12-31"));
	C2("0", EXTRACT, unit(LAM_PART_DOW), T);
	C2("7", EXTRACT, unit(LAM_PART_ISODOW), T);
	C2("4", EXTRACT, unit(LAM_PART_DOY), T);
	C2("10", EXTRACT, unit(LAM_HOUR), T);
	C2("30", EXTRACT, unit(LAM_SECOND), T);
	C2("30123", EXTRACT, unit(LAM_MILLISECOND), T);
	C2("30123456", EXTRACT, unit(LAM_MICROSECOND), T);
	C2("30123456789", EXTRACT, unit(LAM_NANOSECOND), T);
	C2("202", EXTRACT, unit(LAM_DECADE), T);
	C2("20", EXTRACT, unit(LAM_CENTURY), when("2000-05-01"));
	C2("2026-01-04 10:20:30 123456 123 123456789 %", STRFTIME, T,
		text("%Y-%m-%d %H:%M:%S %f %g %n %%"));
	C2("26 004 7 0 Sun Sunday Jan January  4 10 AM 01 00 01 2026", STRFTIME,
		T, text("%y %j %u %w %a %A %b %B %e %I %p %U %W %V %G"));
	C2("4/1 2026-01-04 10:20:30", STRFTIME, T, text("%-d/%-m %F %T"));
	C2("12 AM", STRFTIME, when("2026-01-05T00:04:09Z"), text("%I %p"));
	C3("1", TIME_DIFF, unit(LAM_MONTH), when("2026-01-31"),
		when("2026-02-01"));
	C3("-60", TIME_DIFF, unit(LAM_MINUTE), when("1970-01-01T00:30:30Z"),
		when("1969-12-31T23:30:31Z"));
	C3("0", TIME_DIFF, unit(LAM_WEEK), when("2026-01-06"),
		when("2026-01-12"));
	C3("1", TIME_DIFF, unit(LAM_WEEK), when("2026-01-05T23:00:00Z"),
		when("2026-01-12T01:00:00Z"));
	C3("1", TIME_DIFF, unit(LAM_DECADE), when("2029-12-31"),
		when("2030-01-01"));
	PASS("functions of time");
	t = when("1677-09-21T00:12:44Z");
	check_fails(NULL, F(DATE_TRUNC), 2, unit(LAM_HOUR), t);
	check_fails(NULL, F(DATE_TRUNC), 2, unit(LAM_YEAR),
		when("1677-09-22"));
	check_fails(NULL, F(TIME_ADD), 2, when("2262-01-01"),
		interval(12, 0));
	check_fails("greater than 0", F(TIME_BUCKET), 2, interval(0, 0),
		when("2026-01-01"));
	check_fails("not both", F(TIME_BUCKET), 2, interval(1, 1),
		when("2026-01-01"));
	check_fails("unknown conversion %q", F(STRFTIME), 2, when("2026-01-01"),
		text("%q"));
	check_fails("unknown conversion", F(STRFTIME), 2, when("2026-01-01"),
		text("100%"));
	PASS("functions of time: errors");
}

static void
comparisons(void)
{
	C2("true", EQ, num("1"), num("1.00"));
	C2("false", NE, num("1"), num("1.00"));
	C2("true", LT, num("1.4"), num("1.45"));
	C2("true", GE, num("100000000000000000000"), num("1"));
	C2("false", LT, text("b"), text("a"));
	C2("true", LT, text("abc"), text("abcd"));
	C2("true", EQ, text(""), text(""));
	C2("true", GT, truth(true), truth(false));
	C2("true", LE, when("2026-01-01"), when("2026-01-01T00:00:00Z"));
	C2(NULL, EQ, num("1"), null());
	C2("true", IS_DISTINCT, num("1"), null());
	C2("false", IS_DISTINCT, null(), null());
	C2("false", IS_DISTINCT, text("a"), text("a"));
	C1("false", IS_NULL, num("1"));
	C1("true", IS_NULL, null());
	C1("true", IS_NOT_NULL, text(""));
	C3("true", IN, num("1"), num("2"), num("1.0"));
	C3("true", IN, num("1"), null(), num("1"));
	C3(NULL, IN, num("3"), null(), num("1"));
	C3(NULL, IN, null(), num("2"), num("1"));
	C3("false", IN, text("c"), text("a"), text("b"));
	C3("true", IN, when("2026-01-01"), when("2025-01-01"),
		when("2026-01-01"));
	C2("true", IN, truth(true), truth(true));
	C1("false", NOT, truth(true));
	C1(NULL, NOT, null());
	C3("1", COALESCE, null(), num("1"), num("2"));
	C2(NULL, COALESCE, null(), null());
	PASS("comparisons");
	check_fails("one type", F(EQ), 2, num("1"), text("1"));
	check_fails("does not take", F(LOWER), 1, num("1"));
	PASS("types are checked");
}

int
main(void)
{
	numbers();
	texts();
	likes();
	regexes();
	casts();
	times();
	comparisons();
	lam_arena_release(&arena);
	return DONE();
}
