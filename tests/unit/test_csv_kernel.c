/*
 * test_csv_kernel.c - every instruction set finds the ends a plain automaton finds
 */
#include "test.h"

#include <stdlib.h>

#include "base/masks_wide.h"
#include "format/csv_internal.h"

static uint64_t seed = 20260103;

static unsigned
rnd(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(seed >> 33) % n;
}

static uint64_t
equal_bytes(const char *p, char c)
{
	uint64_t r = 0;

	for (int i = 0; i < 64; i++)
		r |= (uint64_t)(p[i] == c) << i;
	return r;
}

/* Whether GOT begins with the numbers of the bits of V, from 7 on, and ends after 64. */
static int
is_list(uint64_t v, const uint32_t *got)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < 64; i++)
		if (v >> i & 1 && got[n++] != 7 + i)
			return 0;
	return got[64] == 0xdead;
}

static int
plain_agrees(const char *p, char c, char d, uint64_t v)
{
	uint32_t got[65] = { [64] = 0xdead };

	lam_list_plain(v, 7, got);
	return is_list(v, got) && lam_equal_plain(p, c) == equal_bytes(p, c) &&
		lam_either_plain(p, c, d) == (equal_bytes(p, c) | equal_bytes(p, d));
}

#if LAM_X86
LAM_AVX2 static int
avx2_agrees(const char *p, char c, char d, uint64_t v)
{
	uint32_t got[65] = { [64] = 0xdead }, dense[65] = { [64] = 0xdead };

	lam_list_avx2(v, 7, got);
	lam_list_dense_avx2(v, 7, dense);
	return is_list(v, got) && is_list(v, dense) && lam_equal_avx2(p, c) == equal_bytes(p, c) &&
		lam_either_avx2(p, c, d) == (equal_bytes(p, c) | equal_bytes(p, d));
}

LAM_AVX512 static int
avx512_agrees(const char *p, char c, char d, uint64_t v)
{
	uint32_t got[65] = { [64] = 0xdead };

	lam_list_avx512(v, 7, got);
	return is_list(v, got) && lam_equal_avx512(p, c) == equal_bytes(p, c) &&
		lam_either_avx512(p, c, d) == (equal_bytes(p, c) | equal_bytes(p, d));
}
#endif

static void
test_masks(void)
{
	static const char near[] = ",\n\"\r-+\x0b\x0e!#\x8d\xac\x22\x80";
	char p[64];

	for (int round = 0; round < 20000; round++) {
		uint64_t v = (uint64_t)rnd(1u << 31) << 33 ^ rnd(1u << 31);
		char c = near[rnd(14)], d = near[rnd(14)];

		for (int i = 0; i < 64; i++)
			p[i] = rnd(3) ? near[rnd(14)] : (char)rnd(256);
		if (round % 2) /* few bits, as in most texts */
			v &= (uint64_t)rnd(1u << 31) << 31 & rnd(1u << 31) *
				UINT64_C(0x80000001);
		FAIL_IF(!plain_agrees(p, c, d, v), "plain %d", round);
#if LAM_X86
		FAIL_IF(lam_equal_sse2(p, c) != equal_bytes(p, c) ||
			lam_either_sse2(p, c, d) != (equal_bytes(p, c) |
			equal_bytes(p, d)), "sse2 %d", round);
		FAIL_IF(lam_csv_kernel_runs(lam_csv_kernels + 1) &&
			!avx2_agrees(p, c, d, v), "avx2 %d", round);
		FAIL_IF(lam_csv_kernel_runs(lam_csv_kernels) &&
			!avx512_agrees(p, c, d, v), "avx512 %d", round);
#endif
	}
	PASS("masks mark exactly the bytes they should, and lists have their numbers");
}

/* What a byte-by-byte automaton finds. */
struct model {
	uint32_t end[4096], row[4096]; /* row: number of its last end */
	uint64_t lines[4096];	       /* physical, in the rows up to here */
	uint32_t nends, nrows;
	bool irregular;
};

static void
run_model(const struct lam_csv_syntax *x, const char *p, size_t n, struct model *m)
{
	enum { START, PLAIN, QUOTED, CLOSED, CLOSED_CR } s = START;
	uint64_t lines = 0;
	size_t record = 0; /* where it begins */

	m->nends = m->nrows = 0;
	m->irregular = false;
	for (size_t i = 0; i < n && !m->irregular; i++) {
		bool ends = s != QUOTED && (p[i] == '\n' ||
			(p[i] == x->delimiter && s != CLOSED_CR));

		lines += p[i] == '\n';
		if (x->comments && i == record && p[i] == x->comment) {
			m->irregular = true;
		} else if (ends) {
			if (p[i] == '\n') {
				m->row[m->nrows] = m->nends;
				m->lines[m->nrows++] = lines;
				record = i + 1;
			}
			m->end[m->nends++] = (uint32_t)i;
			s = START;
		} else if (s == QUOTED) {
			m->irregular = x->escapes && p[i] == x->escape;
			s = p[i] == x->quote ? CLOSED : QUOTED;
		} else if (p[i] == x->quote) {
			m->irregular = s == PLAIN || s == CLOSED_CR;
			s = QUOTED;
		} else if (s == CLOSED && p[i] == '\r') {
			s = CLOSED_CR;
		} else {
			m->irregular = s == CLOSED || s == CLOSED_CR;
			s = PLAIN;
		}
	}
}

static void
check_scan(const struct lam_csv_kernel *k, struct lam_csv_syntax s, const char *p,
	size_t n, uint32_t max, const struct model *m)
{
	uint32_t rows = m->nrows < max ? m->nrows : max;
	struct lam_extent x;
	bool stopped = k->scan(s, p, n, max, &x);

	FAIL_IF(x.records != rows ||
		x.bytes != (rows ? m->end[m->row[rows - 1]] + 1 : 0) ||
		x.lines != (rows ? m->lines[rows - 1] : 0) ||
		(rows < max && stopped != m->irregular),
		"%s: scan of <<%.*s>>", k->name, (int)n, p);
}

static void
check_index(const struct lam_csv_kernel *k, struct lam_csv_syntax s, const char *p,
	size_t n, const struct model *m)
{
	static struct lam_csv_index x;
	uint32_t rows; /* that it has, of those of the model */

	k->index(s, p, 0, n, &x);
	rows = m->nrows;
	while (rows && m->row[rows - 1] + 1 > x.nends)
		rows--;
	FAIL_IF(x.stopped && !m->irregular, "%s: stopped", k->name);
	FAIL_IF(m->nends < LAM_CSV_ENDS && (rows != m->nrows ||
		x.stopped != m->irregular), "%s: %u rows of <<%.*s>>", k->name,
		rows, (int)n, p);
	FAIL_IF(x.nends != (rows ? m->row[rows - 1] + 1 : 0) ||
		x.end[0] + 1 != 0 ||
		memcmp(x.end + 1, m->end, x.nends * sizeof *m->end) != 0 ||
		x.lines != (rows ? m->lines[rows - 1] : 0),
		"%s: index of <<%.*s>>", k->name, (int)n, p);
}

static void
test_random(void)
{
	static const char *const letters[] = { ",\"\n\r", ",\"\na", ",\n\"\"a\r",
		",,\n\"\"abcdefgh", ",\nabcdefghijklmnopqrstuvwxyz\"" };
	static const char *const word[] = { "\"a,\nb\"", "\"\"\"\"", ",", "\n",
		"\"x\"\r\n", "plain", "\"a\"\"b\",", "\r", "\n\n" };
	/* Letters of the texts are what others have bytes of their own for. */
	static const struct lam_csv_syntax dialect[] = {
		{ ',', '"', 0, 0, true, false, false },
		{ ',', '"', 'b', 'a', true, true, true },
		{ 'a', '"', 0, 'x', true, false, true } };
	static struct model m;

	printf("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 30000; round++) {
		const char *set = letters[rnd(5)];
		size_t want = rnd(round % 50 ? 200 : 4090), n = 0;
		struct lam_csv_syntax s = dialect[round % 3];
		char *p = malloc(want + 16), *exact;

		while (n < want) {
			const char *w = word[rnd(9)];

			if (round % 2)
				p[n++] = set[rnd((unsigned)strlen(set))];
			else
				for (; *w; w++)
					p[n++] = *w;
		}
		exact = malloc(n ? n : 1); /* sanitizers see a byte too far */
		memcpy(exact, p, n);
		run_model(&s, exact, n, &m);
		for (const struct lam_csv_kernel *k = lam_csv_kernels; k->name;
			k++) {
			if (!lam_csv_kernel_runs(k))
				continue;
			check_scan(k, s, exact, n, UINT32_MAX, &m);
			check_scan(k, s, exact, n, 1 + rnd(6), &m);
			check_index(k, s, exact, n, &m);
		}
		free(exact);
		free(p);
	}
	PASS("on random text every kernel finds the ends of the automaton");
}

/* The lines of P[N], at most MAX, byte by byte. */
static struct lam_extent
model_lines(const char *p, size_t n, uint32_t max)
{
	struct lam_extent x = { 0, 0, 0 };

	for (size_t i = 0; i < n && x.records < max; i++)
		if (p[i] == '\n')
			x = (struct lam_extent){ i + 1, x.records + 1,
				x.lines + 1 };
	return x;
}

static void
test_lines(void)
{
	for (int round = 0; round < 20000; round++) {
		size_t n = rnd(400);
		unsigned rare = 1 + rnd(90);
		uint32_t max = rnd(2) ? UINT32_MAX : 1 + rnd(200);
		char *p = malloc(n ? n : 1);
		struct lam_extent want, x;

		for (size_t i = 0; i < n; i++)
			p[i] = rnd(rare) ? 'a' : '\n';
		want = model_lines(p, n, max);
		for (const struct lam_csv_kernel *k = lam_csv_kernels; k->name;
			k++) {
			if (!lam_csv_kernel_runs(k))
				continue;
			k->lines(p, n, max, &x);
			FAIL_IF(x.bytes != want.bytes || x.lines != want.lines ||
				x.records != want.records, "%s: %u lines, not %u",
				k->name, x.records, want.records);
		}
		free(p);
	}
	PASS("every kernel finds the lines");
}

/* Only delimiters: one record that outgrows an index, then many short ones. */
static void
test_full(void)
{
	static struct lam_csv_index x;
	char text[3 * LAM_CSV_ROOM];

	memset(text, ',', sizeof text);
	for (const struct lam_csv_kernel *k = lam_csv_kernels; k->name; k++) {
		if (!lam_csv_kernel_runs(k))
			continue;
		k->index(LAM_CSV_SYNTAX, text, 0, sizeof text, &x);
		FAIL_IF(x.nends || x.stopped, "%s: all delimiters", k->name);
	}
	memset(text, '\n', sizeof text);
	for (const struct lam_csv_kernel *k = lam_csv_kernels; k->name; k++) {
		if (!lam_csv_kernel_runs(k))
			continue;
		k->index(LAM_CSV_SYNTAX, text, 7, sizeof text, &x);
		FAIL_IF(x.nends < LAM_CSV_ENDS || x.nends > LAM_CSV_ROOM ||
			x.lines != x.nends ||
			x.end[0] != 6 || x.end[x.nends] != 6 + x.nends,
			"%s: all newlines, %u rows", k->name, x.nends);
	}
	PASS("a full index keeps to its room");
}

int
main(void)
{
	int n = 0;

	for (const struct lam_csv_kernel *k = lam_csv_kernels; k->name; k++) {
		printf("# %s%s\n", k->name, lam_csv_kernel_runs(k) ? ""
			: ": not on this machine, so not tested");
		n += lam_csv_kernel_runs(k);
	}
	CHECK(n > 0);
	CHECK(lam_csv_kernel()->name != NULL);
	test_masks();
	test_random();
	test_lines();
	test_full();
	return DONE();
}
