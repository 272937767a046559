/*
 * batch_groups_order.c - the rows of a batch in the order of their groups
 *
 * A counting sort.  Its cost is that each row waits for the counter of the one before,
 * if that was of the same group, and rows of logs come in runs of one group (one
 * minute, mostly status 200).  So it begins at both ends; and where a group has many of
 * the rows of a piece, they are listed by comparing 16 at a time, without a counter.
 */
#include "group/batch_groups_internal.h"

#include <string.h>

#include "base/masks_wide.h"

#define PLACES 32 /* rows at a time, from each end */

/*
 * Rows FROM .. and .. TO - 1, N of each: the first rows fill each group's places from
 * its start, the last rows from its end, so at least two are under way.  Places are
 * noted before rows are put there: a counter that is read behind a store whose place is
 * not known yet waits for that as well.
 */
static void
place_ends(const uint16_t *gid, uint32_t from, uint32_t to, uint32_t n,
	uint32_t *low, uint32_t *high, uint16_t *order)
{
	uint16_t first[PLACES], last[PLACES];

	for (; n >= PLACES; from += PLACES, to -= PLACES, n -= PLACES) {
		for (uint32_t k = 0; k < PLACES; k++) {
			first[k] = (uint16_t)low[gid[from + k]]++;
			last[k] = (uint16_t)--high[gid[to - 1 - k]];
		}
		for (uint32_t k = 0; k < PLACES; k++) {
			order[first[k]] = (uint16_t)(from + k);
			order[last[k]] = (uint16_t)(to - 1 - k);
		}
	}
}

#define PIECE 1024 /* rows */

#if LAM_X86
#define SPILL 8 /* rows that are written and not kept */

/* Does one in four rows of the piece at GID have the group *G, as far as 16 tell? */
LAM_AVX2 static bool
prevails_avx2(const uint16_t *gid, uint16_t *g)
{
	uint16_t some[16];
	__m256i v;

	for (unsigned i = 0; i < 16; i++)
		some[i] = gid[i * (PIECE / 16) + i];
	v = _mm256_loadu_si256((const void *)some);
	for (unsigned i = 0; i < 13; i++) {
		int same = _mm256_movemask_epi8(_mm256_cmpeq_epi16(v,
			_mm256_set1_epi16((short)some[i])));

		*g = some[i];
		if (__builtin_popcount((unsigned)same) >= 2 * 4)
			return true;
	}
	return false;
}

/* Put those rows of 8 from FROM on whose bits are in BYTE at TO; the end of them. */
LAM_AVX2 static inline __attribute__((always_inline)) uint16_t *
list_avx2(unsigned byte, __m128i from, uint16_t *to)
{
	_mm_storeu_si128((void *)to, _mm_add_epi16(from, _mm_cvtepu8_epi16(
		_mm_loadl_epi64((const void *)&lam_bits_of_byte[byte]))));
	return to + __builtin_popcount(byte);
}

/* The rows FROM .. of a piece in which the group G prevails. */
LAM_AVX2 static void
place_avx2(const uint16_t *gid, uint32_t from, uint16_t g, uint32_t *low,
	uint16_t *order)
{
	uint16_t most[PIECE + SPILL], rest[PIECE + SPILL], at[PLACES];
	uint16_t *m = most, *r = rest, *end;
	__m128i row = _mm_set1_epi16((short)from);

	for (uint32_t i = from; i < from + PIECE; i += 16) {
		__m256i same = _mm256_cmpeq_epi16(_mm256_set1_epi16((short)g),
			_mm256_loadu_si256((const void *)(gid + i)));
		unsigned set = (unsigned)_mm_movemask_epi8(_mm_packs_epi16(
			_mm256_castsi256_si128(same),
			_mm256_extracti128_si256(same, 1)));

		m = list_avx2(set & 0xff, row, m);
		r = list_avx2(~set & 0xff, row, r);
		row = _mm_add_epi16(row, _mm_set1_epi16(8));
		m = list_avx2(set >> 8, row, m);
		r = list_avx2(set >> 8 ^ 0xff, row, r);
		row = _mm_add_epi16(row, _mm_set1_epi16(8));
	}
	memcpy(order + low[g], most, (size_t)(m - most) * sizeof *most);
	low[g] += (uint32_t)(m - most);
	end = r;
	for (r = rest; end - r >= PLACES; r += PLACES) {
#pragma GCC unroll 8
		for (uint32_t k = 0; k < PLACES; k++)
			at[k] = (uint16_t)low[gid[r[k]]]++;
#pragma GCC unroll 8
		for (uint32_t k = 0; k < PLACES; k++)
			order[at[k]] = r[k];
	}
	for (; r < end; r++)
		order[low[gid[*r]]++] = *r;
}
#endif

void
lam_batch_groups_place(const uint16_t *gid, uint32_t n, enum lam_masks masks,
	uint32_t *low, uint32_t *high, uint16_t *order)
{
	uint32_t i = 0, j = n, ends;

	for (; j - i >= 2 * PIECE; i += PIECE, j -= PIECE) {
#if LAM_X86
		uint16_t g;

		for (; masks >= LAM_MASKS_AVX2 && j - i >= 2 * PIECE &&
			prevails_avx2(gid + i, &g); i += PIECE)
			place_avx2(gid, i, g, low, order);
		if (j - i < 2 * PIECE)
			break;
#endif
		place_ends(gid, i, j, PIECE, low, high, order);
	}
	(void)masks;
	ends = (j - i) / (2 * PLACES) * PLACES;
	place_ends(gid, i, j, ends, low, high, order);
	for (i += ends, j -= ends; i < j; i++)
		order[low[gid[i]]++] = (uint16_t)i;
}

bool
lam_batch_groups_order(struct lam_batch_groups *s)
{
	uint32_t *start, *low, *high, sum = 0;
	uint16_t *order;

	if (s->start)
		return true;
	if (!lam_batch_groups_count(s))
		return false;
	start = lam_arena_alloc(s->arena, (s->ngroups + 1) * sizeof *start);
	low = lam_arena_alloc(s->arena, (s->ngroups + 1) * sizeof *low);
	high = lam_arena_alloc(s->arena, (s->ngroups + 1) * sizeof *high);
	order = lam_arena_alloc(s->arena, (s->n + 1) * sizeof *order);
	if (!start || !low || !high || !order)
		return false;
	for (uint32_t g = 0; g < s->ngroups; g++) {
		start[g] = low[g] = sum;
		sum += s->count[g];
		high[g] = sum;
	}
	start[s->ngroups] = sum;
	if (s->gid)
		lam_batch_groups_place(s->gid, s->n, lam_masks_best(), low, high,
			order);
	s->order = s->gid ? order : NULL;
	s->start = start;
	return true;
}

bool
lam_batch_groups_order_shared(struct lam_batch_groups *s,
	struct lam_batch_groups *part)
{
	if (part->n < s->n || part->gid != s->gid)
		return lam_batch_groups_order(part);
	if (!lam_batch_groups_order(s))
		return false;
	part->order = s->order;
	part->start = s->start;
	return true;
}
