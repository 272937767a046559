/*
 * hll_address.c - HyperLogLog: the entries of many IPv4 addresses
 *
 * The hash is that of the text, which nobody else wants to see.  With AVX2 the digits
 * of eight addresses are made at a time.  Each octet has three of them and a dot; a
 * table, by how many digits count of each octet, takes the first 8 bytes of the text
 * from these and the last 8, which are what XXH3 reads of a text of 9 to 16.
 */
#include "base/hash.h"
#include "base/masks_wide.h"
#include "group/hll_internal.h"
#include "store/value.h"

#define TOGETHER 64
#define FEW 512 /* addresses, which are not worth the table */

static uint32_t
one(uint32_t address)
{
	char text[LAM_IPV4_TEXT];

	return lam_hll_entry(text, lam_ipv4_print(address, text));
}

static void
plain(const uint32_t *offset, uint32_t base, size_t n, uint32_t *entry)
{
	char text[TOGETHER][LAM_IPV4_TEXT];
	struct lam_str s[TOGETHER];
	size_t m;

	for (size_t at = 0; at < n; at += m) {
		m = n - at < TOGETHER ? n - at : TOGETHER;
		for (size_t i = 0; i < m; i++)
			s[i] = (struct lam_str){ text[i], lam_ipv4_print(base +
				offset[at + i], text[i]) };
		lam_hll_entries(s, m, entry + at);
	}
}

#if LAM_X86
/* By the number of digits of each octet, less 1, in base 3, the first octet highest. */
struct forms {
	_Alignas(16) uint8_t from[81][16]; /* first 8 bytes and last, of 16 */
};

/* Octet K of the text is bytes 12 - 4 K .. of 16, digits right-aligned before a dot. */
static void
make_forms(struct forms *f)
{
	for (unsigned form = 0; form < 81; form++) {
		unsigned n = 0, power = 27;
		uint8_t at[16] = { 0 };

		for (unsigned k = 0; k < 4; k++, power /= 3)
			for (unsigned j = 2 - form / power % 3; j < 4; j++)
				at[n++] = (uint8_t)(12 - 4 * k + j);
		n--; /* no dot behind the last */
		for (unsigned i = 0; i < 8; i++) {
			f->from[form][i] = at[i];
			f->from[form][8 + i] = at[n > 8 ? n - 8 + i : 0];
		}
	}
}

/* How many digits each octet has, less 1. */
LAM_AVX2 static inline __attribute__((always_inline)) __m256i
more_avx2(__m256i address)
{
	__m256i ten = _mm256_cmpeq_epi8(address, _mm256_max_epu8(address,
		_mm256_set1_epi8(10)));
	__m256i hundred = _mm256_cmpeq_epi8(address, _mm256_max_epu8(address,
		_mm256_set1_epi8(100)));

	return _mm256_abs_epi8(_mm256_add_epi8(ten, hundred));
}

/* The sums of four bytes of eight words: of digits to a base, the lowest first. */
LAM_AVX2 static inline __attribute__((always_inline)) __m256i
sums_avx2(__m256i bytes, int base)
{
	return _mm256_madd_epi16(_mm256_maddubs_epi16(bytes,
		_mm256_set1_epi16((short)(base << 8 | 1))),
		_mm256_set1_epi32(base * base << 16 | 1));
}

/* Four addresses, their forms and where the ends of their texts go. */
LAM_AVX2 static inline __attribute__((always_inline)) void
ends_avx2(__m128i address, const uint32_t *form, const struct forms *f,
	struct lam_hash_ends *s)
{
	__m256i v = _mm256_cvtepu8_epi16(address);
	__m256i hundreds = _mm256_mulhi_epu16(v, _mm256_set1_epi16(656));
	__m256i rest = _mm256_sub_epi16(v, _mm256_mullo_epi16(hundreds,
		_mm256_set1_epi16(100)));
	__m256i tens = _mm256_mulhi_epu16(rest, _mm256_set1_epi16(6554));
	__m256i units = _mm256_sub_epi16(rest, _mm256_mullo_epi16(tens,
		_mm256_set1_epi16(10)));
	__m256i high = _mm256_or_si256(hundreds, _mm256_slli_epi16(tens, 8));
	__m256i low = _mm256_add_epi16(units, _mm256_set1_epi16(('.' - '0') * 256));
	__m256i even = _mm256_add_epi8(_mm256_unpacklo_epi16(high, low),
		_mm256_set1_epi8('0'));
	__m256i odd = _mm256_add_epi8(_mm256_unpackhi_epi16(high, low),
		_mm256_set1_epi8('0'));

	even = _mm256_shuffle_epi8(even, _mm256_loadu2_m128i(
		(const void *)f->from[form[2]], (const void *)f->from[form[0]]));
	odd = _mm256_shuffle_epi8(odd, _mm256_loadu2_m128i(
		(const void *)f->from[form[3]], (const void *)f->from[form[1]]));
	_mm_storeu_si128((void *)&s[0], _mm256_castsi256_si128(even));
	_mm_storeu_si128((void *)&s[1], _mm256_castsi256_si128(odd));
	_mm_storeu_si128((void *)&s[2], _mm256_extracti128_si256(even, 1));
	_mm_storeu_si128((void *)&s[3], _mm256_extracti128_si256(odd, 1));
}

LAM_AVX2 static void
some_avx2(const uint32_t *offset, uint32_t base, const struct forms *f,
	uint32_t *entry)
{
	struct lam_hash_ends ends[TOGETHER];
	uint32_t form[TOGETHER], size[TOGETHER];
	uint64_t hash[TOGETHER];
	__m256i least = _mm256_set1_epi32(9);

	for (unsigned i = 0; i < TOGETHER; i += 8) {
		__m256i v = _mm256_add_epi32(_mm256_loadu_si256((const void *)
			(offset + i)), _mm256_set1_epi32((int)base));
		__m256i more = more_avx2(v);
		__m256i sizes = _mm256_add_epi32(_mm256_set1_epi32(4 + 3),
			sums_avx2(more, 1));

		least = _mm256_min_epi32(least, sizes);
		_mm256_storeu_si256((void *)(size + i), sizes);
		_mm256_storeu_si256((void *)(form + i), sums_avx2(more, 3));
		ends_avx2(_mm256_castsi256_si128(v), form + i, f, ends + i);
		ends_avx2(_mm256_extracti128_si256(v, 1), form + i + 4, f,
			ends + i + 4);
	}
	lam_hash_short(ends, size, TOGETHER, hash);
	lam_hll_entries_of(hash, TOGETHER, entry);
	if (_mm256_movemask_epi8(_mm256_cmpgt_epi32(_mm256_set1_epi32(9), least)))
		for (unsigned i = 0; i < TOGETHER; i++)
			if (size[i] < 9)
				entry[i] = one(base + offset[i]);
}
#endif

void
lam_hll_addresses_by(const uint32_t *offset, uint32_t base, size_t n,
	enum lam_masks masks, uint32_t *entry)
{
	size_t at = 0;
#if LAM_X86
	struct forms f;

	if (masks >= LAM_MASKS_AVX2 && n >= FEW) {
		make_forms(&f);
		for (; n - at >= TOGETHER; at += TOGETHER)
			some_avx2(offset + at, base, &f, entry + at);
	}
#else
	(void)masks;
#endif
	plain(offset + at, base, n - at, entry + at);
}

void
lam_hll_addresses(const uint32_t *offset, uint32_t base, size_t n,
	uint32_t *entry)
{
	lam_hll_addresses_by(offset, base, n, lam_masks_best(), entry);
}
