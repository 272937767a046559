/*
 * test_column.c - a column comes back byte for byte, and typed as its text says
 */
#include <stdlib.h>

#include "base/hash.h"
#include "store/column.h"
#include "store/value.h"
#include "test.h"

#define ROWS LAM_BLOCK_ROWS

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint64_t
draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* A column under construction. */
static struct lam_cell cell[ROWS];
static struct lam_cell *fields[1] = { cell };
static struct lam_buf text = LAM_BUF_INIT;
static uint32_t rows;

static void
clear(void)
{
	lam_buf_clear(&text);
	rows = 0;
}

static void
add(const void *p, size_t n)
{
	cell[rows++] = (struct lam_cell){ (uint32_t)text.n, (uint32_t)n };
	lam_buf_put(&text, p, n);
}

static void
adds(const char *s)
{
	add(s, strlen(s));
}

static void
add_null(void)
{
	cell[rows++] = (struct lam_cell){ 0, LAM_CELL_NULL };
}

static struct lam_cells
cells(void)
{
	return (struct lam_cells){ lam_buf_str(&text), rows, 1, fields, 0 };
}

/* By definition: what text S is as a number. */
static bool
as_number(struct lam_str s, struct lam_num *x)
{
	return s.p != NULL && lam_num_parse(s.p, s.n, x);
}

static bool
as_time(struct lam_str s, int64_t unit, int64_t *ns)
{
	struct lam_timecache c = LAM_TIMECACHE_INIT;

	return s.p && lam_value_time(s.p, s.n, unit, &c, ns);
}

static void
check_text(const struct lam_cells *c, const struct lam_vec *v, const char *what)
{
	FAIL_IF(v->n != c->nrows || v->type != LAM_TEXT, "%s: shape", what);
	for (uint32_t i = 0; i < c->nrows; i++) {
		struct lam_str s = lam_cell_str(c, 0, i), t = { NULL, 0 };

		if (!lam_vec_is_null(v, i))
			t = lam_vec_text(v, i);
		FAIL_IF((s.p == NULL) != (t.p == NULL) || s.n != t.n ||
			(s.n && memcmp(s.p, t.p, s.n)),
			"%s: row %u: \"%.*s\" came back as \"%.*s\"", what, i,
			(int)s.n, s.p ? s.p : "NULL", (int)t.n,
			t.p ? t.p : "NULL");
	}
}

static void
check_for(const struct lam_vec *v, const char *what)
{
	FAIL_IF(v->rep == LAM_FOR && v->mult <= 0, "%s: mult", what);
	for (uint32_t i = 0; v->rep == LAM_FOR && i < v->n; i++)
		FAIL_IF(v->u32[i] > v->max, "%s: above max", what);
}

static void
check_number(const struct lam_cells *c, const struct lam_vec *v, uint64_t bad,
	const char *what)
{
	uint64_t want_bad = 0;

	check_for(v, what);
	for (uint32_t i = 0; i < c->nrows; i++) {
		struct lam_str s = lam_cell_str(c, 0, i);
		struct lam_num x;
		bool is = as_number(s, &x);

		want_bad += s.n && !is;
		FAIL_IF(lam_vec_is_null(v, i) == is, "%s: row %u: \"%.*s\" %s",
			what, i, (int)s.n, s.p ? s.p : "NULL",
			is ? "lost" : "made up");
		FAIL_IF(is && !lam_vec_is_null(v, i) &&
			lam_num_cmp(x, lam_vec_num(v, i)),
			"%s: row %u: \"%.*s\" is another number", what, i,
			(int)s.n, s.p);
	}
	FAIL_IF(bad != want_bad, "%s: %llu bad, want %llu", what,
		(unsigned long long)bad, (unsigned long long)want_bad);
}

static void
check_time(const struct lam_cells *c, const struct lam_vec *v, int64_t unit,
	uint64_t bad, const char *what)
{
	uint64_t want_bad = 0;

	check_for(v, what);
	for (uint32_t i = 0; i < c->nrows; i++) {
		struct lam_str s = lam_cell_str(c, 0, i);
		int64_t ns;
		bool is = as_time(s, unit, &ns);

		want_bad += s.n && !is;
		FAIL_IF(lam_vec_is_null(v, i) == is, "%s: row %u: \"%.*s\" %s",
			what, i, (int)s.n, s.p ? s.p : "NULL",
			is ? "lost" : "made up");
		FAIL_IF(is && !lam_vec_is_null(v, i) &&
			lam_vec_time(v, i) != ns,
			"%s: row %u: \"%.*s\" is another time", what, i,
			(int)s.n, s.p);
	}
	FAIL_IF(bad != want_bad, "%s: %llu bad times, want %llu", what,
		(unsigned long long)bad, (unsigned long long)want_bad);
}

/* min and max hold for every value that is of the kind. */
static void
check_range(const struct lam_cells *c, const struct lam_colmeta *m,
	const char *what)
{
	uint32_t nulls = 0;

	for (uint32_t i = 0; i < c->nrows; i++) {
		struct lam_str s = lam_cell_str(c, 0, i);
		struct lam_num x, lo = { m->min, m->scale },
				  hi = { m->max, m->scale };
		unsigned char b[8] = { 0 };
		uint64_t k;
		int64_t ns;

		nulls += s.p == NULL;
		if (s.p == NULL)
			continue;
		memcpy(b, s.p, s.n < 8 ? s.n : 8);
		k = __builtin_bswap64(lam_get64(b));
		if (m->kind == LAM_RANGE_NUMBER)
			FAIL_IF(!as_number(s, &x) || lam_num_cmp(x, lo) < 0 ||
				lam_num_cmp(x, hi) > 0, "%s: range", what);
		else if (m->kind == LAM_RANGE_TIME)
			FAIL_IF(!as_time(s, 0, &ns) || ns < m->min ||
				ns > m->max, "%s: time range", what);
		else if (m->kind == LAM_RANGE_TEXT)
			FAIL_IF(k < (uint64_t)m->min || k > (uint64_t)m->max,
				"%s: text range", what);
	}
	FAIL_IF(nulls != m->nulls, "%s: %u nulls, want %u", what, m->nulls,
		nulls);
}

typedef int decode_fn(const struct lam_cells *c, const struct lam_colmeta *m,
	const void *p, struct lam_coltype t, struct lam_arena *a,
	struct lam_vec *v, uint64_t *bad, struct lam_error *e);

/* The bytes that a vector is said to have nothing of are gone once it is made. */
static int
decode_stored(const struct lam_cells *c, const struct lam_colmeta *m,
	const void *p, struct lam_coltype t, struct lam_arena *a,
	struct lam_vec *v, uint64_t *bad, struct lam_error *e)
{
	char *bytes = lam_arena_dup(a, p, m->size);
	int r = lam_column_decode(m, bytes, c->nrows, t, a, v, bad, e);

	if (r == LAM_OK && lam_column_copied(m, bytes, t))
		memset(bytes, 0xa5, m->size);
	return r;
}

static int
decode_cells(const struct lam_cells *c, const struct lam_colmeta *m,
	const void *p, struct lam_coltype t, struct lam_arena *a,
	struct lam_vec *v, uint64_t *bad, struct lam_error *e)
{
	(void)m;
	(void)p;
	return lam_column_parse(c, 0, t, a, v, bad, e);
}

static void
check_types(decode_fn *decode, const struct lam_colmeta *m, const void *p,
	const char *what)
{
	static const struct lam_coltype types[] = { { LAM_TEXT, 0 },
		{ LAM_NUMBER, 0 }, { LAM_TIME, 0 }, { LAM_TIME, LAM_NS },
		{ LAM_TIME, 1000000 } };
	struct lam_cells c = cells();
	struct lam_error e = LAM_ERROR_INIT;

	for (int k = 0; k < 5; k++) {
		struct lam_arena a = LAM_ARENA_INIT;
		struct lam_vec v;
		uint64_t bad = 0;
		int r = decode(&c, m, p, types[k], &a, &v, &bad, &e);

		FAIL_IF(r, "%s: type %d: %s", what, k, e.msg);
		if (r == LAM_OK && k == 0)
			check_text(&c, &v, what);
		else if (r == LAM_OK && k == 1)
			check_number(&c, &v, bad, what);
		else if (r == LAM_OK)
			check_time(&c, &v, types[k].unit, bad, what);
		lam_arena_release(&a);
	}
}

static unsigned picks; /* columns of which rows were picked */

/* The picked rows, of which there are few, many, or none, are those cells. */
static void
pick_some(const struct lam_cells *c, const struct lam_colmeta *m, const void *p,
	unsigned step, const char *what)
{
	static uint16_t row[LAM_BLOCK_ROWS];
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_vec v;
	bool done = false;
	uint32_t n = 0;

	for (uint32_t i = step / 2; i < c->nrows; i += step)
		row[n++] = (uint16_t)i;
	FAIL_IF(lam_column_pick(m, p, c->nrows, row, n, &a, &v, &done, &e),
		"%s: pick: %s", what, e.msg);
	FAIL_IF(done && (v.type != LAM_TEXT || v.n != n), "%s: shape", what);
	for (uint32_t i = 0; done && i < n; i++) {
		struct lam_str x = lam_cell_str(c, 0, row[i]);
		bool null = lam_vec_is_null(&v, i);

		FAIL_IF(null != !x.p || (!null &&
			lam_str_cmp(x, lam_vec_text(&v, i))), "%s: row %u",
			what, row[i]);
	}
	picks += done;
	lam_arena_release(&a);
}

static unsigned matches; /* columns in which texts were looked for */

/* Looking for S is reading and comparing. */
static void
match_one(const struct lam_cells *c, const struct lam_colmeta *m, const void *p,
	struct lam_str s, const char *what)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_vec v;
	bool done = false;
	int r = lam_column_match(m, p, c->nrows, s, &a, &v, &done, &e);

	FAIL_IF(r, "%s: match: %s", what, e.msg);
	FAIL_IF(done && (v.type != LAM_BOOL || v.n != c->nrows), "%s: shape",
		what);
	for (uint32_t i = 0; !r && done && i < c->nrows; i++) {
		struct lam_str x = lam_cell_str(c, 0, i);
		bool null = lam_vec_is_null(&v, i);

		FAIL_IF(null != !x.p || (!null && lam_vec_bool(&v, i) !=
			(lam_str_cmp(x, s) == 0)), "%s: row %u, \"%.*s\"",
			what, i, (int)s.n, s.n ? s.p : "");
	}
	matches += !r && done;
	lam_arena_release(&a);
}

/* Texts that are there, shorter and longer ones, and none. */
static void
check_match(const struct lam_colmeta *m, const void *p, const char *what)
{
	struct lam_cells c = cells();
	char longer[300];

	match_one(&c, m, p, (struct lam_str){ NULL, 0 }, what);
	for (uint32_t i = 0; i < c.nrows; i += 1 + c.nrows / 3) {
		struct lam_str s = lam_cell_str(&c, 0, i);

		if (!s.p || s.n >= sizeof longer)
			continue;
		match_one(&c, m, p, s, what);
		memcpy(longer, s.p, s.n);
		longer[s.n] = 'x';
		match_one(&c, m, p, (struct lam_str){ longer, s.n + 1 }, what);
		if (s.n)
			match_one(&c, m, p, (struct lam_str){ s.p, s.n - 1 },
				what);
	}
}

/* Everything that must hold for the column under construction. */
static uint32_t
trip(const char *what)
{
	struct lam_cells c = cells();
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_colmeta m;
	struct lam_error e = LAM_ERROR_INIT;
	int r;

	lam_buf_put(&out, "odd", 3); /* nothing may depend on alignment */
	r = lam_column_encode(&c, 0, 1, NULL, &scratch, &out, &m, &e);
	FAIL_IF(r || m.size != out.n - 3, "%s: encode: %s", what, e.msg);
	if (r == LAM_OK) {
		/* to the byte, so that sanitizers see any step outside */
		char *p = malloc(m.size + 1u);

		memcpy(p + 1, out.p + 3, m.size);
		FAIL_IF(lam_checksum(p + 1, m.size) != m.checksum, "checksum");
		check_types(decode_stored, &m, p + 1, what);
		check_range(&c, &m, what);
		check_match(&m, p + 1, what);
		for (unsigned step = 1; step < 1000; step = 3 * step + 1)
			pick_some(&c, &m, p + 1, step, what);
		free(p);
	}
	check_types(decode_cells, NULL, NULL, what);
	lam_buf_release(&out);
	lam_arena_release(&scratch);
	return m.size;
}

static const char *const nasty[] = { "", "0", "-0", "00", "007", "+5", "-", "+",
	".", "1.", ".5", "1e3", "1E-3", "-1.50", "0.0", "-0.0", "1.10",
	"9223372036854775807", "-9223372036854775808", "9223372036854775808",
	"-9223372036854775809", "99999999999999999999999999999999999999",
	"999999999999999999", "0.999999999999999999", "1e38", "nan", "inf",
	"true", "NULL", " 1", "1 ", "0x10", "1,5", "1.2.3.4", "01.2.3.4",
	"255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1..2.3",
	"2026-01-31", "2026-02-30", "2026-01-31T23:59:59Z",
	"2026-01-31t23:59:59z", "2026-01-31 23:59:59", "2026-01-31 23:59",
	"2026-01-31T23:59:59.5+02:00", "2026-01-31T23:59:59.123456789-0330",
	"31/Jan/2026:23:59:59 +0000", "31/jan/2026:23:59:59 +0000",
	"2026-01-31T23:59:60Z", "1677-09-21T00:12:44Z",
	"2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:17Z",
	"1677-09-21T00:12:43.145224192Z", "2262-04-11T23:47:16.854775807-12:00",
	"2262-04-12T01:47:16.854775807+02:00", "1500-01-01T00:00:00Z",
	"a\tb\nc\rd\"e'", "\xff\xfe\x80", "caf\xc3\xa9" };
#define NASTY (sizeof nasty / sizeof *nasty)

static void
test_nasty(void)
{
	for (size_t i = 0; i < NASTY; i++) {
		clear();
		adds(nasty[i]);
		trip(nasty[i]);
		for (int k = 0; k < 40; k++)
			adds(nasty[i]);
		trip(nasty[i]);
		add_null();
		trip(nasty[i]);
	}
	PASS("each nasty value alone");
	for (size_t i = 0; i < NASTY; i++)
		for (size_t k = 0; k < NASTY; k += 3) {
			clear();
			for (int j = 0; j < 70; j++)
				adds(nasty[j % 35 == 3 ? k : i]);
			trip("pairs");
		}
	PASS("nasty values as exceptions of others");
	for (int n = 1; n < 300; n += 7) {
		clear();
		for (int i = 0; i < n; i++) {
			uint64_t k = draw() % (NASTY + 1);

			if (k == NASTY)
				add_null();
			else
				adds(nasty[k]);
		}
		trip("mixed");
	}
	clear();
	add("a\0b", 3);
	add("a", 1);
	add("a\0", 2);
	add("\0", 1);
	add("", 0);
	add_null();
	trip("NUL bytes");
	PASS("mixed columns, NUL bytes, empty is not NULL");
}

static const uint32_t counts[] = { 1, 2, 3, 31, 33, 127, 128, 129, 1023, 1024,
	1025, 2100, 5000, ROWS };
#define COUNTS (sizeof counts / sizeof *counts)

/* A made-up value of one of many shapes. */
static void
add_shape(int shape, uint32_t i)
{
	static int64_t clock;
	struct lam_timeform f = { LAM_TIME_T, LAM_ZONE_Z, 0, 0 };
	uint64_t x = draw();
	char b[80];
	size_t n = 0;

	clock = i == 0 ? INT64_C(1767225600) * LAM_NS :
			 clock + (int64_t)(x % 40) * 1000000;
	switch (shape) {
	case 0: n = lam_u64_print(x % 1000000, b); break;
	case 1: n = lam_i64_print((int64_t)x >> x % 64, b); break;
	case 2: n = (size_t)snprintf(b, sizeof b, "%d.%03d", (int)(x % 50),
		(int)(x >> 20) % 1000 & 1023); break;
	case 3: n = lam_num_print((struct lam_num){ (int64_t)(x % 99999), 4 },
		b); break;
	case 4: f.digits = 3; n = lam_time_print_form(clock, &f, b); break;
	case 5: f = (struct lam_timeform){ LAM_TIME_CLF, LAM_ZONE_PLAIN, 0,
		-330 }; n = lam_time_print_form(clock, &f, b); break;
	case 6: f.digits = 9; f.zone = LAM_ZONE_COLON; f.offset = 120;
		n = lam_time_print_form((int64_t)x, &f, b); break;
	case 7: f.form = LAM_TIME_DATE; f.zone = LAM_ZONE_NONE;
		n = lam_time_print_form(clock / LAM_DAY_NS * LAM_DAY_NS +
			(int64_t)(x % 9999) * LAM_DAY_NS, &f, b); break;
	case 8: n = lam_ipv4_print((uint32_t)x, b); break;
	case 9: n = lam_ipv4_print((uint32_t)(x % 3000), b); break;
	case 10: n = (size_t)snprintf(b, sizeof b, "%016llx%016llx",
		(unsigned long long)x, (unsigned long long)draw()); break;
	case 11: n = (size_t)snprintf(b, sizeof b,
		"/api/v1/some/long/shared/prefix/%d/x", (int)(x % 2000)); break;
	case 12: n = lam_u64_print(200 + x % 5 * 100, b); break;
	case 13: n = lam_u64_print(1767225600000 + i * 17 + x % 10, b); break;
	case 14: n = lam_i64_print((int64_t)x, b); break;
	default: n = x % 20; memset(b, 'a' + (int)(x >> 32) % 3, n); break;
	}
	add(b, n);
}

static void
test_shapes(void)
{
	for (int shape = 0; shape < 16; shape++)
		for (size_t k = 0; k < COUNTS; k++) {
			char what[40];
			uint32_t i;

			snprintf(what, sizeof what, "shape %d, %u rows", shape,
				counts[k]);
			if (counts[k] == ROWS && shape % 3 != 1)
				continue;
			clear();
			for (i = 0; i < counts[k]; i++)
				add_shape(shape, i);
			trip(what);
			for (i = 0; i < counts[k]; i++) {
				uint64_t x = draw() % 300;

				if (x < 3)
					cell[i].len = LAM_CELL_NULL;
				else if (x < 5 && cell[i].len > 1)
					cell[i].len--;
			}
			if (counts[k] < ROWS)
				trip(what);
		}
	PASS("numbers, times, addresses and texts of every count");
}

/* Texts that differ in a byte, or in their length, from one that many are like. */
static void
test_near(void)
{
	static const char *const model[] = { "200", "12345678", "0.063", "1234.567",
		"2026-01-31T23:59:59.937Z", "2026-01-31T23:59:07Z",
		"2026-01-31 23:59:31+01:00", "2026-01-31T23:59:59.12345-08:30",
		"31/Jan/2026:23:59:07 +0100" };
	static const char bytes[] = "0123456789 .:-+TZxa/";

	for (int round = 0; round < 2000; round++) {
		const char *m = model[round % 9];
		unsigned rare = 2 + (unsigned)(draw() % 200);
		uint32_t most = 1 + (uint32_t)(draw() % 300);
		char what[60], b[64];

		snprintf(what, sizeof what, "near %s, round %d", m, round);
		clear();
		for (uint32_t i = 0; i < most; i++) {
			size_t n = strlen(m);

			memcpy(b, m, n);
			for (size_t k = n > 8 ? 17 : 0; k < n; k++) /* other digits */
				if (b[k] >= '0' && b[k] <= '9' && (n <= 8 ||
					k == 18 || k > 19))
					b[k] = (char)('0' + draw() % 10);
			if (draw() % rare == 0)
				b[draw() % n] = bytes[draw() % (sizeof bytes - 1)];
			if (draw() % rare == 0)
				n = draw() % (n + 1);
			if (draw() % rare == 0 && n > 1)
				memmove(b, b + 1, --n);
			if (draw() % rare == 0)
				add_null();
			else
				add(b, n);
		}
		check_types(decode_cells, NULL, NULL, what);
	}
	PASS("texts that are nearly like their neighbours");
}

static void
test_sizes(void)
{
	char *big = malloc(10 << 20);
	uint32_t size;

	clear();
	for (uint32_t i = 0; i < ROWS; i++)
		add_null();
	CHECK_INT(trip("all NULL"), 0);
	clear();
	for (uint32_t i = 0; i < ROWS; i++)
		adds("constant");
	CHECK_INT(trip("constant"), 8);
	clear();
	for (uint32_t i = 0; i < ROWS; i++)
		add_shape(12, i);
	size = trip("status");
	CHECK(size < ROWS * 3 / 8 + 200);
	clear();
	for (uint32_t i = 0; i < ROWS; i++)
		add_shape(4, i);
	size = trip("times in order");
	CHECK(size < ROWS * 3 / 2);
	clear();
	for (uint32_t i = 0; i < ROWS; i++)
		add_shape(9, i);
	size = trip("few addresses");
	CHECK(size < ROWS * 12 / 8 + 3000 * 5);
	PASS("sizes");
	for (size_t i = 0; i < 10 << 20; i++)
		big[i] = (char)(i % 251 * (i / 1000) % 256);
	clear();
	adds("small");
	add(big, 10 << 20);
	adds("");
	trip("10 MB");
	clear();
	add(big, 10 << 20);
	trip("10 MB alone");
	PASS("a value of 10 MB");
	free(big);
}

static void
test_small(void)
{
	uint32_t size;

	clear();
	adds("12");
	adds("13");
	size = trip("two rows");
	CHECK(size <= 40);
	clear();
	adds("GET");
	adds("POST");
	adds("GET");
	size = trip("three texts");
	CHECK(size <= 80);
	PASS("small columns");
}

/* Numbers that share no scale: each is what its text says. */
static void
test_wide(void)
{
	static const char *const in[] = {
		"10000000000000000000000000000000000000",
		"0.0000000000000000001", "12345678901234567890.5", "7",
		"1e-30", "1.10", "1e38", "1e300", "x",
		"0.00000000000000000000000000000000000015" };
	struct lam_coltype t = { LAM_NUMBER, 0 };
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_cells c;
	struct lam_vec v;
	struct lam_error e = LAM_ERROR_INIT;
	uint64_t bad = 0;

	clear();
	for (size_t i = 0; i < sizeof in / sizeof *in; i++)
		adds(in[i]);
	c = cells();
	CHECK_INT(lam_column_parse(&c, 0, t, &a, &v, &bad, &e), LAM_OK);
	CHECK_INT(bad, 3);
	CHECK(v.wide && v.rep == LAM_FLAT);
	for (uint32_t i = 0; i < c.nrows; i++) {
		struct lam_num want;
		bool is = as_number(lam_cell_str(&c, 0, i), &want);

		FAIL_IF(lam_vec_is_null(&v, i) == is, "row %u", i);
		want = lam_num_normal(want);
		FAIL_IF(is && (v.num[i].m != want.m ||
			v.num[i].scale != want.scale), "%s is not normal",
			in[i]);
	}
	trip("of unlike scale");
	lam_arena_release(&a);
}

static void
test_bool(void)
{
	struct lam_coltype t = { LAM_BOOL, 0 };
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_cells c;
	struct lam_vec v;
	struct lam_error e = LAM_ERROR_INIT;
	uint64_t bad = 0;
	char b[LAM_TIME_TEXT];
	struct lam_str s;

	clear();
	adds("true");
	adds("false");
	add_null();
	adds("maybe");
	c = cells();
	CHECK_INT(lam_column_parse(&c, 0, t, &a, &v, &bad, &e), LAM_OK);
	CHECK_INT(bad, 1);
	CHECK(lam_vec_bool(&v, 0) && !lam_vec_bool(&v, 1));
	CHECK(lam_vec_is_null(&v, 2) && lam_vec_is_null(&v, 3));
	s = lam_vec_print(&v, 0, b);
	CHECK_STR(s.p, s.n, "true");
	lam_arena_release(&a);
}

static enum lam_type
sniff(const char *a, const char *b)
{
	struct lam_cells c;

	clear();
	add_null();
	if (a)
		adds(a);
	if (b)
		adds(b);
	c = cells();
	return lam_column_sniff(&c, NULL, 0);
}

static void
test_sniff(void)
{
	CHECK_INT(sniff("1", "2.5"), LAM_NUMBER);
	CHECK_INT(sniff("1e-05", "-0.7"), LAM_NUMBER);
	CHECK_INT(sniff("0", "-0"), LAM_NUMBER);
	CHECK_INT(sniff("7", "007"), LAM_TEXT);
	CHECK_INT(sniff("7", "-01.5"), LAM_TEXT);
	CHECK_INT(sniff("7", "00"), LAM_TEXT);
	CHECK_INT(sniff("7", "+7"), LAM_TEXT);
	CHECK_INT(sniff("7", "+0.5"), LAM_TEXT);
	CHECK_INT(sniff("1", "x"), LAM_TEXT);
	CHECK_INT(sniff("2026-01-31", "31/Jan/2026:23:59:59 +0000"), LAM_TIME);
	CHECK_INT(sniff("2026-01-31", "5"), LAM_TEXT);
	CHECK_INT(sniff(NULL, NULL), LAM_TEXT);
	CHECK_INT(sniff("", "5"), LAM_NUMBER);
	CHECK_INT(sniff("", NULL), LAM_TEXT);
}

/* take and flat keep every row, whatever the shape. */
static void
test_vec(void)
{
	static const struct lam_coltype types[] = { { LAM_TEXT, 0 },
		{ LAM_NUMBER, 0 }, { LAM_TIME, 1000000 } };

	for (int shape = 0; shape < 16; shape++)
		for (int k = 0; k < 3; k++) {
			struct lam_arena a = LAM_ARENA_INIT;
			struct lam_error e = LAM_ERROR_INIT;
			struct lam_vec v, t;
			const struct lam_vec *flat;
			uint16_t sel[500];
			uint64_t bad = 0;
			struct lam_cells c;
			bool ok;

			clear();
			for (uint32_t i = 0; i < 2000; i++)
				if (draw() % 50 == 0)
					add_null();
				else
					add_shape(shape, i);
			c = cells();
			FAIL_IF(lam_column_parse(&c, 0, types[k], &a, &v, &bad,
				&e), "%s", e.msg);
			for (int i = 0; i < 500; i++)
				sel[i] = (uint16_t)(draw() % 2000);
			ok = lam_vec_take(&v, sel, 500, &a, &t);
			FAIL_IF(!ok || t.rep != v.rep || t.n != 500, "take");
			flat = lam_vec_flat(&t, &a);
			FAIL_IF(!flat || flat->rep != LAM_FLAT, "flat");
			for (uint32_t i = 0; i < 500; i++) {
				char x[LAM_TIME_TEXT], y[LAM_TIME_TEXT];
				struct lam_str p = lam_vec_print(&v, sel[i], x);
				struct lam_str q = lam_vec_print(flat, i, y);

				FAIL_IF(!p.p != !q.p || lam_str_cmp(p, q),
					"shape %d type %d", shape, k);
			}
			lam_arena_release(&a);
		}
	PASS("lam_vec_take and lam_vec_flat");
}

/* Damaged bytes: an error or a vector, never a step outside. */
static void
test_damage(void)
{
	for (int round = 0; round < 3000; round++) {
		static const struct lam_coltype types[] = { { LAM_TEXT, 0 },
			{ LAM_NUMBER, 0 }, { LAM_TIME, 0 } };
		struct lam_arena a = LAM_ARENA_INIT;
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_buf out = LAM_BUF_INIT;
		uint32_t n = (uint32_t)(1 + draw() % 200);
		struct lam_colmeta m;
		struct lam_cells c;
		struct lam_vec v;
		uint64_t bad = 0;
		bool done;
		char *p;
		int r;

		clear();
		for (uint32_t i = 0; i < n; i++)
			add_shape(round % 16, i);
		c = cells();
		FAIL_IF(lam_column_encode(&c, 0, 1, NULL, &a, &out, &m, &e),
			"%s", e.msg);
		for (int k = (int)(draw() % 4); k >= 0 && out.n; k--)
			out.p[draw() % (draw() % 2 && out.n > 48 ? 48 :
				out.n)] = (char)draw();
		if (draw() % 4 == 0)
			m.size = (uint32_t)(draw() % (m.size + 1));
		if (draw() % 8 == 0)
			n = (uint32_t)(draw() % ROWS);
		p = malloc(m.size ? m.size : 1);
		memcpy(p, out.n ? out.p : "", m.size);
		r = lam_column_decode(&m, p, n, types[round / 16 % 3], &a, &v,
			&bad, &e);
		FAIL_IF(r && r != LAM_DATA, "code %d: %s", r, e.msg);
		for (uint32_t i = 0; r == LAM_OK && i < n; i += 7) {
			char b[LAM_TIME_TEXT];

			lam_vec_print(&v, i, b);
		}
		r = lam_column_match(&m, p, n, (struct lam_str){ "/a", 2 }, &a,
			&v, &done, &e);
		FAIL_IF(r && r != LAM_DATA, "code %d: %s", r, e.msg);
		for (uint32_t i = 0; r == LAM_OK && done && i < n; i += 7)
			(void)!lam_vec_is_null(&v, i);
		free(p);
		lam_buf_release(&out);
		lam_arena_release(&a);
	}
	PASS("damaged columns do no harm");
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	test_nasty();
	test_shapes();
	test_near();
	test_sizes();
	test_small();
	test_wide();
	test_bool();
	test_sniff();
	test_vec();
	test_damage();
	printf("# %u times a text was looked for\n", matches);
	CHECK(matches > 1000);
	CHECK(picks > 1000);
	lam_buf_release(&text);
	return DONE();
}
