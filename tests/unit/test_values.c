/*
 * test_values.c - what is done with all values of a column before they are stored:
 * gathered, numbered if they are distinct, read as addresses
 */
#include <stdlib.h>

#include "format/gather.h"
#include "store/column_dict.h"
#include "test.h"

static uint64_t seed = 20261128;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* ------------------------------------------------------- distinct values */

#define ROWS 3000

static struct lam_cell cell[ROWS];
static char text[ROWS * 200];
static struct lam_values values;

/* A value of LEN bytes, one of KINDS of that length: they differ in one byte, which is
 * anywhere; the first is of zeros. */
static void
add(uint32_t i, uint32_t len, uint32_t kind)
{
	uint32_t at = (uint32_t)values.end;

	memset(text + at, 0, len);
	if (len && kind)
		text[at + kind * 7919 % len] = (char)kind;
	cell[i] = (struct lam_cell){ at, len };
	values.end += len;
}

/* MOST: bytes of a value; every NULLS-th is NULL; the values that there are. */
static void
make(uint32_t rows, uint32_t least, uint32_t most, uint32_t kinds, uint32_t nulls)
{
	values = (struct lam_values){ text, cell, rows, 0 };
	for (uint32_t i = 0; i < rows; i++) {
		add(i, least + rnd(most - least + 1), rnd(kinds));
		if (nulls && rnd(nulls) == 0)
			cell[i].len = LAM_CELL_NULL;
	}
}

static bool
same(uint32_t i, uint32_t k)
{
	return cell[i].len == cell[k].len && (cell[i].len == LAM_CELL_NULL ||
		!memcmp(text + cell[i].at, text + cell[k].at, cell[i].len));
}

/* The code of each row, by looking at all before it; how many there are. */
static uint32_t
number(uint16_t *code)
{
	uint32_t n = 0, k;

	for (uint32_t i = 0; i < values.n; i++) {
		for (k = 0; k < i && !same(i, k); k++)
			;
		code[i] = k < i ? code[k] : (uint16_t)n++;
	}
	return n;
}

static void
check_dict(const char *what)
{
	static uint16_t want[ROWS];
	uint32_t n = number(want), most = 0;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_column_dict d;
	int r = lam_column_dict(&values, n, &a, &d);

	FAIL_IF(r != 1 || d.entry.n != n, "%s: %d, %u values", what, r, n);
	for (uint32_t i = 0; r == 1 && i < values.n; i++) {
		struct lam_cell c = d.entry.cell[d.code[i]];

		FAIL_IF(d.code[i] != want[i], "%s: row %u", what, i);
		FAIL_IF(c.len != cell[i].len || (c.len != LAM_CELL_NULL &&
			memcmp(d.entry.text + c.at, text + cell[i].at, c.len)),
			"%s: value of row %u", what, i);
		most += want[i] == most;
	}
	FAIL_IF(n > 1 && lam_column_dict(&values, n - 1, &a, &d) != 0,
		"%s: one value too many", what);
	lam_arena_release(&a);
}

static void
test_dict(void)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_column_dict d;
	char what[80];

	for (uint32_t len = 0; len < 120; len++) {
		snprintf(what, sizeof what, "%u bytes", len);
		make(500, len, len, 40, 0);
		check_dict(what);
	}
	for (uint32_t rows = 1; rows < 200; rows += 3) {
		snprintf(what, sizeof what, "%u rows", rows);
		make(rows, 0, 60, 9, 5);
		check_dict(what);
	}
	make(ROWS, 0, 3, 2, 2);
	check_dict("few short ones, and NULLs");
	make(ROWS, 9, 40, 12, 0);
	check_dict("hundreds");
	make(ROWS, 0, 7, 100, 9);
	check_dict("hundreds of one word each");
	for (uint32_t i = 0; i < ROWS; i += 61) {
		make(ROWS, 0, 7, 20, 5);
		cell[i].len = 8; /* some of them of the next ones */
		values.end += 8;
		check_dict("one that is longer, somewhere");
	}
	PASS("each value has one number, in the order of their first rows");
	make(ROWS, 8, 150, 250, 0);
	CHECK_INT(lam_column_dict(&values, ROWS, &a, &d), 0);
	lam_arena_release(&a);
}

/* ------------------------------------------------------------- addresses */

static void
check_ipv4(const char *s, uint32_t n)
{
	char room[32];
	int64_t a = -1, b = -1;
	bool is = lam_ipv4_exact(s, n, &a);

	/* What stands behind the address is nothing to it. */
	memset(room, rnd(2) ? '.' : '0' + (int)rnd(10), sizeof room);
	memcpy(room, s, n);
	FAIL_IF(lam_ipv4_wide(room, n, &b) != is || (is && a != b),
		"%.*s: %lld, not %lld", (int)n, s, (long long)b, (long long)a);
}

static void
test_ipv4(void)
{
	static const char some[] = "0000111225569...:/-";
	char s[32];
	int64_t v;

	CHECK(lam_ipv4_wide("255.0.19.1......", 10, &v) && v == 0xff001301);
	for (uint32_t i = 0; i < 300000; i++) {
		uint32_t n = rnd(17);

		for (uint32_t k = 0; k < n; k++)
			s[k] = some[rnd(sizeof some - 1)];
		check_ipv4(s, n);
	}
	for (uint32_t i = 0; i < 300000; i++) {
		int n = snprintf(s, sizeof s, "%u.%u.%u.%u", rnd(300), rnd(300),
			rnd(300) / (1 + rnd(100)), rnd(280));

		if (rnd(4) == 0)
			s[rnd((uint32_t)n)] = (char)rnd(256);
		check_ipv4(s, (uint32_t)n);
	}
	PASS("addresses are read the same, whatever is behind them");
	for (uint32_t i = 0; i < 300000; i++) {
		uint32_t a = i < 256 ? i : rnd(256), b = rnd(256);
		uint32_t c = rnd(1 + rnd(256)), d = i < 256 ? i : rnd(256);
		char out[17] = "";
		int n = snprintf(s, sizeof s, "%u.%u.%u.%u", a, b, c, d);

		FAIL_IF(lam_ipv4_print(a << 24 | b << 16 | c << 8 | d, out) !=
			(size_t)n || memcmp(out, s, (size_t)n) != 0 || out[16],
			"%s", s);
	}
	PASS("addresses are printed as printf does, in 16 bytes");
}

/* --------------------------------------------------------------- gathers */

/* Rows of three values somewhere in text[FROM, TO), ROOM bytes before its end. */
static void
check_gather(uint32_t rows, uint32_t most, size_t room)
{
	static char before[sizeof text], all[sizeof text];
	static struct lam_cell c[3][ROWS], was[3][ROWS];
	struct lam_cell *column[3] = { c[0], c[1], c[2] };
	struct lam_parse x = { .text = all, .nfields = 3, .cell = column };
	size_t from = 1 + rnd(9), to = from, sum = 0, last = 0;

	for (uint32_t i = 0; i < rows; i++)
		for (int f = 0; f < 3; f++) {
			uint32_t n = rnd(most + 1);

			c[f][i] = (struct lam_cell){ (uint32_t)to, n };
			if (rnd(6) == 0)
				c[f][i] = (struct lam_cell){ rnd(1000),
					LAM_CELL_NULL };
			else
				sum += n;
			to += n + rnd(3);
		}
	for (size_t i = 0; i < to + room; i++)
		before[i] = (char)rnd(256);
	memcpy(all, before, to + room);
	memcpy(was, c, sizeof was);
	x.n = to + room;
	lam_gather(&x, 0, rows, from, to, rnd(2));
	for (int f = 0; f < 3; f++)
		for (uint32_t i = 0; i < rows; i++) {
			struct lam_cell a = was[f][i], b = c[f][i];

			FAIL_IF(a.len != b.len, "the length of row %u", i);
			if (a.len == LAM_CELL_NULL)
				continue;
			FAIL_IF(memcmp(all + b.at, before + a.at, a.len),
				"row %u, value %d of %u bytes", i, f, a.len);
			FAIL_IF(b.at < from || b.at + b.len > to ||
				(to - from <= 65536 && rows > 1 && b.at < last),
				"row %u is out of its place", i);
			last = b.at + b.len;
		}
	FAIL_IF(memcmp(all, before, from), "what is before");
	FAIL_IF(memcmp(all + to, before + to, room), "what is behind");
}

static void
test_gather(void)
{
	for (uint32_t i = 0; i < 3000; i++)
		check_gather(1 + rnd(150), 1 + rnd(i % 10 ? 40 : 110), rnd(70));
	check_gather(ROWS, 120, 64);
	PASS("gathered values are what they were, beside each other");
}

/* A value that is not in the text at hand is not moved, nor are the others. */
static void
test_elsewhere(void)
{
	static const struct lam_cell odd[] = { { 9, 3 }, { 58, 3 }, { 200, 4 },
		{ 10, UINT32_MAX - 20 }, { UINT32_MAX - 1, 4 } };
	char all[300] = { 0 };

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct lam_cell c[] = { { 10, 5 }, odd[i], { 20, 5 }, { 30, 5 },
			{ 35, 5 }, { 40, 5 }, { 45, 2 }, { 50, 9 }, { 11, 3 } };
		struct lam_cell was[9], *column[1] = { c };
		struct lam_parse x = { .text = all, .n = sizeof all,
			.nfields = 1, .cell = column };

		memcpy(was, c, sizeof was);
		lam_gather(&x, 0, 9, 10, 60, false);
		FAIL_IF(memcmp(was, c, sizeof was), "value %zu", i);
	}
	PASS("what lies elsewhere is left");
}

int
main(void)
{
	test_dict();
	test_ipv4();
	test_gather();
	test_elsewhere();
	return DONE();
}
