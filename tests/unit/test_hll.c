/*
 * HyperLogLog: its error, its text, and that merging is a union.
 */
#include <math.h>

#include "base/hash.h"
#include "group/hll_internal.h"
#include "test.h"

static uint64_t seed = 99;

static uint64_t
rnd(void)
{
	seed += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = seed;

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static struct lam_mem mem;
static struct lam_heap heap;
static struct lam_hll_scratch scratch;

/* Entries of N values that no other call makes. */
static void
add_values(struct lam_hll *s, uint32_t n, uint32_t at_once)
{
	uint32_t entry[1000];
	uint64_t salt = rnd();

	for (uint32_t i = 0; i < n;) {
		uint32_t m = 0;

		for (; m < at_once && i < n; i++, m++) {
			uint64_t v[2] = { salt, i };

			entry[m] = lam_hll_entry(v, sizeof v);
		}
		if (!lam_hll_add(s, entry, m, &scratch, &heap))
			FAIL_IF(1, "out of memory");
	}
}

static uint64_t
estimate(const struct lam_hll *s)
{
	uint32_t hist[LAM_HLL_RANKS];

	lam_hll_histogram(s, hist);
	return lam_hll_estimate(hist);
}

/* Standard and mean error over many sets of N values. */
static void
errors(uint32_t n, int sets)
{
	double square = 0, mean = 0;

	for (int i = 0; i < sets; i++) {
		struct lam_hll s = { NULL, 0, 0 };
		double error;

		add_values(&s, n, 1000);
		error = ((double)estimate(&s) - n) / n;
		square += error * error;
		mean += error;
		lam_heap_release(&heap);
	}
	square = sqrt(square / sets);
	mean /= sets;
	printf("# n = %u: standard error %.2f %%, mean %.2f %%\n", n,
		100 * square, 100 * mean);
	FAIL_IF(square > 0.02, "standard error of %u values", n);
	FAIL_IF(fabs(mean) > 0.006, "bias of %u values", n);
}

static void
extremes(void)
{
	uint32_t hist[LAM_HLL_RANKS] = { LAM_HLL_REGISTERS };

	CHECK_INT(lam_hll_estimate(hist), 0);
	hist[0]--;
	hist[1]++;
	CHECK_INT(lam_hll_estimate(hist), 1);
	hist[0] = 0;
	hist[1] = 0;
	hist[LAM_HLL_RANKS - 1] = LAM_HLL_REGISTERS;
	CHECK(lam_hll_estimate(hist) >= UINT64_C(1) << 60);
	/* the estimate is part of the format: it must never change */
	memset(hist, 0, sizeof hist);
	hist[0] = 1000;
	hist[1] = 1500;
	hist[2] = 800;
	hist[5] = 796;
	CHECK_INT(lam_hll_estimate(hist), 5383);
}

static void
known_entries(void)
{
	/* XXH3-64 of "" and "abc", seed 0, as published */
	uint64_t empty = UINT64_C(0x2d06800538d394c2);
	uint64_t abc = UINT64_C(0x78af5f94892f3950);

	CHECK_INT(lam_hll_entry("", 0), (empty >> 52) << 8 |
		(uint64_t)(__builtin_clzll(empty << 12) + 1));
	CHECK_INT(lam_hll_entry("abc", 3), (abc >> 52) << 8 |
		(uint64_t)(__builtin_clzll(abc << 12) + 1));
}

/* Registers and ranks bit by bit, of texts of any length, and of many at a time. */
static void
many_entries(void)
{
	static char text[3000 + 300];
	static struct lam_str s[3000];
	static uint32_t entry[3000];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)rnd();
	for (uint32_t n = 0; n <= 3000; n = n < 200 ? n + 1 : n * 2) {
		for (uint32_t i = 0; i < n; i++)
			s[i] = (struct lam_str){ text + i, rnd() % 300 >> rnd() % 6 };
		lam_hll_entries(s, n, entry);
		for (uint32_t i = 0; i < n; i++) {
			uint64_t h = lam_checksum(s[i].p, s[i].n);
			uint32_t rank = 1;

			while (rank < LAM_HLL_RANKS - 1 && !(h >> (52 - rank) & 1))
				rank++;
			FAIL_IF(entry[i] != ((uint32_t)(h >> 52) << 8 | rank) ||
				lam_hll_entry(s[i].p, s[i].n) != entry[i],
				"text %u of %u", i, n);
		}
	}
	PASS("entries are the first bits of a hash and the zeros behind them");
}

/* Hashes with any number of zeros behind the register, among others or not. */
static void
zeros(void)
{
	uint64_t hash[70];
	uint32_t entry[70];

	for (unsigned k = 0; k <= 52; k++)
		for (size_t n = 1; n <= 70; n++) {
			for (size_t i = 0; i < n; i++)
				hash[i] = rnd();
			hash[n - 1] &= ~UINT64_C(0) << 52 | ((UINT64_C(1) << k) - 1);
			hash[n - 1] |= k ? UINT64_C(1) << (k - 1) : 0;
			lam_hll_entries_of(hash, n, entry);
			FAIL_IF(entry[n - 1] != ((hash[n - 1] >> 52) << 8 |
				(53 - k)), "%u bits, of %zu hashes", k, n);
			for (size_t i = 0; i + 1 < n; i++)
				FAIL_IF(entry[i] != ((hash[i] >> 52) << 8 |
					((unsigned)__builtin_clzll(hash[i] << 12 |
					2048) + 1)), "hash %zu of %zu", i, n);
		}
	PASS("an entry has the zeros of its hash, however many");
}

/* Addresses, in each way of this machine, as their texts. */
static void
addresses(void)
{
	static uint32_t offset[3000], entry[3000 + 1];
	static const unsigned most[] = { 9, 10, 11, 99, 100, 101, 255 };
	char text[16];

	for (unsigned k = 0; k < 8 * sizeof most / sizeof *most; k++)
		for (uint32_t n = 0; n <= 3000; n += n < 70 || (n >= 505 && n <
			650) ? 1 : n < 500 ? 51 : 211) {
			uint32_t base = k % 2 ? (uint32_t)rnd() : 0;

			for (uint32_t i = 0; i < n; i++) {
				uint32_t x = 0;

				for (unsigned j = 0; j < 4; j++)
					x = x << 8 | (uint32_t)(rnd() % (most[
						(k / 8 + rnd() % (1 + k % 8)) %
						7] + 1));
				offset[i] = x - base;
			}
			for (unsigned m = 0; m <= lam_masks_best(); m++) {
				entry[n] = 77;
				lam_hll_addresses_by(offset, base, n,
					(enum lam_masks)m, entry);
				FAIL_IF(entry[n] != 77, "%u addresses, way %u", n, m);
				for (uint32_t i = 0; i < n; i++) {
					uint32_t x = base + offset[i];
					int size = snprintf(text, sizeof text,
						"%u.%u.%u.%u", x >> 24, x >> 16 &
						255, x >> 8 & 255, x & 255);

					FAIL_IF(entry[i] != lam_hll_entry(text,
						(size_t)size), "%s of %u, way %u",
						text, n, m);
				}
			}
		}
	PASS("addresses have the entries of their texts");
}

static bool
same_text(const struct lam_hll *a, const struct lam_hll *b)
{
	static char x[4096], y[4096];
	size_t n = lam_hll_text_size(a);

	if (n != lam_hll_text_size(b))
		return false;
	lam_hll_print(a, x);
	lam_hll_print(b, y);
	return memcmp(x, y, n) == 0;
}

/* The text of REG, of which N are not zero, as hll.h has it: its length. */
static size_t
expected(const uint8_t *reg, uint32_t n, char *out)
{
	static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	char *p = out;

	for (unsigned i = 0; i < LAM_HLL_REGISTERS; i++) {
		if (3 * n < LAM_HLL_REGISTERS && !reg[i])
			continue;
		if (3 * n < LAM_HLL_REGISTERS) {
			*p++ = letter[i / 64];
			*p++ = letter[i % 64];
		}
		*p++ = letter[reg[i]];
	}
	return (size_t)(p - out);
}

/* Registers in the text, by each way of this machine; nothing behind it is touched. */
static void
ways(void)
{
	static const uint32_t sizes[] = { 1, 2, 15, 16, 17, 33, 64, 511, 512,
		513, 700, 1365, 1366, 4096 };
	static uint32_t entry[LAM_HLL_REGISTERS];
	static uint16_t list[LAM_HLL_REGISTERS + LAM_HLL_SPILL];
	char text[LAM_HLL_REGISTERS + 1], want[LAM_HLL_REGISTERS];

	for (size_t k = 0; k < 200 * sizeof sizes / sizeof *sizes; k++) {
		uint32_t n = sizes[k / 200];
		uint8_t reg[LAM_HLL_REGISTERS] = { 0 };
		struct lam_hll s = { NULL, 0, 0 };
		uint32_t some;
		size_t length;

		for (uint32_t i = 0; i < n;) {
			uint32_t r = (uint32_t)(rnd() % LAM_HLL_REGISTERS);

			if (reg[r])
				continue;
			/* half of them without ranks that a list cannot hold */
			reg[r] = (uint8_t)(1 + rnd() % (k % 2 ? 15 :
				LAM_HLL_RANKS - 1));
			entry[i++] = r << 8 | reg[r];
		}
		some = (uint32_t)(rnd() % (n + 1));
		if (!lam_hll_add(&s, entry, some, &scratch, &heap) ||
			!lam_hll_add(&s, entry + some, n - some, &scratch, &heap))
			FAIL_IF(1, "out of memory");
		FAIL_IF(k % 2 && (s.n == n) != (n <= (some % n ? 512 : 1365)),
			"%u registers: listed or not", n);
		length = expected(reg, n, want);
		FAIL_IF(lam_hll_text_size(&s) != length, "%u registers", n);
		for (unsigned m = 0; m <= lam_masks_best(); m++) {
			uint32_t at = 0, ranks = 0, listed = 0;
			bool fits = lam_hll_list_short(reg, (enum lam_masks)m,
				list, &listed);

			for (uint32_t r = 0; r < LAM_HLL_REGISTERS; r++)
				ranks |= reg[r];
			FAIL_IF(fits != (ranks < 16) || (fits && listed != n),
				"%u registers, way %u", n, m);
			for (uint32_t r = 0; fits && r < LAM_HLL_REGISTERS; r++)
				FAIL_IF(reg[r] && list[at++] != (r << 4 | reg[r]),
					"register %u of %u, way %u", r, n, m);
			text[length] = '!';
			lam_hll_print_by(&s, (enum lam_masks)m, text);
			FAIL_IF(memcmp(text, want, length) || text[length] !=
				'!', "%u registers, way %u", n, m);
		}
		lam_heap_release(&heap);
	}
	PASS("every way lists and prints the registers that there are");
}

/* One sketch in steps of any size, and its text back, are the same sketch. */
static void
texts(void)
{
	static char text[4096];
	static uint32_t entry[LAM_HLL_REGISTERS];

	for (int round = 0; round < 60; round++) {
		uint32_t n = (uint32_t[]){ 1, 5, 16, 17, 100, 511, 513, 900,
			1600, 1700, 4000, 30000 }[round % 12];
		struct lam_hll a = { NULL, 0, 0 }, b = a, c = a;
		uint64_t at = seed;
		size_t size, m;

		add_values(&a, n, 1000);
		seed = at;
		add_values(&b, n, 1 + (uint32_t)(at % 13));
		FAIL_IF(!same_text(&a, &b), "%u values in steps", n);
		size = lam_hll_text_size(&a);
		lam_hll_print(&a, text);
		FAIL_IF(!lam_hll_parse((struct lam_str){ text, size }, entry,
			&m) || !lam_hll_add(&c, entry, m, &scratch, &heap),
			"the text of %u values", n);
		FAIL_IF(!same_text(&a, &c), "text and back, %u values", n);
		FAIL_IF(size != 4096 && size % 3, "length %zu", size);
		lam_heap_release(&heap);
	}
	PASS("adding in any steps, or through text, gives one sketch");
	text[0] = 'A';
	CHECK(!lam_hll_parse((struct lam_str){ text, 1 }, entry, &(size_t){
		0 }));
	memset(text, 'A', sizeof text);
	CHECK(!lam_hll_parse((struct lam_str){ text, 4096 }, entry,
		&(size_t){ 0 }));
	memset(text, '2', sizeof text); /* rank 54 */
	CHECK(!lam_hll_parse((struct lam_str){ text, 4096 }, entry,
		&(size_t){ 0 }));
	memset(text, '1', sizeof text);
	CHECK(lam_hll_parse((struct lam_str){ text, 4096 }, entry,
		&(size_t){ 0 }));
	text[77] = '*';
	CHECK(!lam_hll_parse((struct lam_str){ text, 4096 }, entry,
		&(size_t){ 0 }));
}

static void
unions(void)
{
	for (int round = 0; round < 100; round++) {
		uint32_t n = (uint32_t)(rnd() % 3000);
		uint32_t m = (uint32_t)(rnd() % 3000);
		struct lam_hll a = { NULL, 0, 0 }, b = a, both = a;
		uint64_t at = seed, then;

		add_values(&a, n, 300);
		then = seed;
		add_values(&b, m, 300);
		seed = at;
		add_values(&both, n, 300);
		seed = then;
		add_values(&both, m, 300);
		FAIL_IF(!lam_hll_merge(&a, &b, &scratch, &heap) ||
			!same_text(&a, &both), "%u and %u", n, m);
		FAIL_IF(!lam_hll_merge(&a, &a, &scratch, &heap) ||
			!same_text(&a, &both), "with itself");
		lam_heap_release(&heap);
	}
	PASS("merging is the union, and idempotent");
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	lam_heap_init(&heap, &mem);
	extremes();
	known_entries();
	many_entries();
	zeros();
	addresses();
	ways();
	for (uint32_t n = 10; n <= 100000; n *= 10)
		errors(n, n > 10000 ? 60 : 200);
	errors(7000, 200);
	PASS("standard error at most 2 %, no bias");
	texts();
	unions();
	CHECK_INT(mem.used, 0);
	return DONE();
}
