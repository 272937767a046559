/*
 * fn_bool.c - three-valued logic, and truth to row numbers
 *
 * A boolean is a byte, 0 or 1, beside the NULL byte, so that the loops are byte
 * operations on whole vectors.  A selection is made without branches: a table gives
 * the numbers of the true ones among four rows, all four are stored, and the place
 * advances by the number of true ones.
 */
#include "fn/fn.h"

#include <string.h>

LAM_HOT static void
mask_bits(uint8_t *restrict mask, const uint8_t *restrict bit, uint8_t flip,
	uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		mask[i] = bit[i] ^ flip;
}

LAM_HOT static void
mask_null(uint8_t *restrict mask, const uint8_t *restrict bit,
	const uint8_t *restrict null, uint8_t flip, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		mask[i] = (bit[i] ^ flip) & (null[i] == 0);
}

static bool
is(const struct lam_vec *flat, uint32_t i, bool want)
{
	return flat->bit[i] == want && !(flat->null && flat->null[i]);
}

void
lam_mask(const struct lam_vec *v, bool want, uint8_t *mask)
{
	if (v->rep == LAM_CONST) {
		memset(mask, is(v->dict, 0, want), v->n);
	} else if (v->rep == LAM_DICT) {
		uint8_t of[LAM_BLOCK_ROWS];

		for (uint32_t i = 0; i < v->dict->n; i++)
			of[i] = is(v->dict, i, want);
		for (uint32_t i = 0; i < v->n; i++)
			mask[i] = of[v->code[i]];
	} else if (v->null) {
		mask_null(mask, v->bit, v->null, !want, v->n);
	} else {
		mask_bits(mask, v->bit, !want, v->n);
	}
}

/* Which of four rows: those of the bits that are set, and how many. */
static const uint16_t row_of[16][4] = {
	{ 0 }, { 0 }, { 1 }, { 0, 1 }, { 2 }, { 0, 2 }, { 1, 2 }, { 0, 1, 2 },
	{ 3 }, { 0, 3 }, { 1, 3 }, { 0, 1, 3 }, { 2, 3 }, { 0, 2, 3 },
	{ 1, 2, 3 }, { 0, 1, 2, 3 }
};
static const uint8_t rows_of[16] = {
	0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4
};

/*
 * SEL[K ..] becomes those of the rows I .. I + 3 whose bit of WHICH is set.  It
 * is written four wide: K <= I, so never behind the row at hand.
 */
static inline uint32_t
select_four(unsigned which, uint32_t i, uint16_t *sel, uint32_t k)
{
	uint64_t four;

	memcpy(&four, row_of[which], sizeof four);
	four += i * UINT64_C(0x0001000100010001);
	memcpy(&sel[k], &four, sizeof four);
	return k + rows_of[which];
}

LAM_O3 uint32_t
lam_select(const uint8_t *mask, uint32_t n, uint16_t *sel)
{
	uint32_t k = 0, i = 0;

	for (; i + 4 <= n; i += 4) {
		const uint8_t *m = mask + i;

		k = select_four(m[0] | m[1] << 1 | m[2] << 2 | m[3] << 3, i,
			sel, k);
	}
	for (; i < n; i++) {
		sel[k] = (uint16_t)i;
		k += mask[i];
	}
	return k;
}

typedef uint16_t codes __attribute__((vector_size(32)));

/*
 * The rows whose code is K: few mostly, so sixteen are compared before one is
 * looked at.
 */
LAM_HOT static uint32_t
select_code(const uint16_t *code, uint32_t n, uint16_t k, uint16_t *sel)
{
	const codes want = { k, k, k, k, k, k, k, k, k, k, k, k, k, k, k, k };
	const uint32_t step = sizeof want / sizeof k;
	uint32_t m = 0, i = 0;

	for (; i + step <= n; i += step) {
		codes v;
		uint64_t any[4];

		memcpy(&v, code + i, sizeof v);
		v = (codes)(v == want);
		memcpy(any, &v, sizeof any);
		if (!(any[0] | any[1] | any[2] | any[3]))
			continue;
		for (uint32_t j = i; j < i + step; j++) {
			sel[m] = (uint16_t)j;
			m += code[j] == k;
		}
	}
	for (; i < n; i++) {
		sel[m] = (uint16_t)i;
		m += code[i] == k;
	}
	return m;
}

/* Straight from the codes, one pass; a dictionary of one kind needs none. */
LAM_O3 static uint32_t
select_dict(const struct lam_vec *v, uint16_t *sel)
{
	uint8_t own[LAM_BLOCK_ROWS];
	const uint8_t *of = v->dict->null ? own : v->dict->bit;
	const uint16_t *code = v->code;
	uint32_t k = 0, i = 0, trues = 0;
	const uint8_t *one;

	for (uint32_t j = 0; v->dict->null && j < v->dict->n; j++)
		own[j] = is(v->dict, j, true);
	for (uint32_t j = 0; j < v->dict->n; j++)
		trues += of[j];
	if (!trues)
		return 0;
	if (trues == 1) {
		one = memchr(of, 1, v->dict->n);
		return select_code(code, v->n, (uint16_t)(one - of), sel);
	}
	for (; i + 4 <= v->n; i += 4) {
		const uint16_t *c = code + i;

		k = select_four(of[c[0]] | of[c[1]] << 1 | of[c[2]] << 2 |
			of[c[3]] << 3, i, sel, k);
	}
	for (; i < v->n; i++) {
		sel[k] = (uint16_t)i;
		k += of[code[i]];
	}
	return k;
}

uint32_t
lam_select_true(const struct lam_vec *v, uint8_t *mask, uint16_t *sel)
{
	if (v->rep == LAM_DICT)
		return select_dict(v, sel);
	if (v->rep == LAM_CONST && !is(v->dict, 0, true))
		return 0;
	lam_mask(v, true, mask);
	return lam_select(mask, v->n, sel);
}

/* AND: false if either is, else NULL if either is.  OR: the same, mirrored. */
int
lam_fn_logic(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	bool or = c->x->fn == LAM_FN_OR;
	struct lam_reader r[2];
	uint8_t *bit, *null;
	bool nulls;
	int rc;

	(void)nargs;
	if ((rc = lam_read(c, &arg[0], &r[0])) ||
	    (rc = lam_read(c, &arg[1], &r[1])) ||
	    (rc = lam_room(c, 1, &bit)) || (rc = lam_nulls_new(c, NULL, &null)))
		return rc;
	nulls = r[0].v->null || r[1].v->null;
	for (uint32_t i = 0; i < c->n; i++) {
		bool an = lam_null_at(&r[0], i), bn = lam_null_at(&r[1], i);
		/* The value that decides alone: false for AND, true for OR. */
		bool a = !an && r[0].v->bit[i * r[0].step] == or;
		bool b = !bn && r[1].v->bit[i * r[1].step] == or;

		bit[i] = (a || b) == or;
		null[i] = !a && !b && (an || bn);
	}
	lam_out_flat(c, LAM_BOOL, bit, nulls ? null : NULL, out);
	return LAM_OK;
}

LAM_HOT static void
not_bits(uint8_t *restrict to, const uint8_t *restrict from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = from[i] ^ 1;
}

int
lam_fn_not(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader r;
	uint8_t *bit;
	int rc;

	(void)nargs;
	if ((rc = lam_read(c, &arg[0], &r)) || (rc = lam_room(c, 1, &bit)))
		return rc;
	not_bits(bit, r.v->bit, c->n);
	lam_out_flat(c, LAM_BOOL, bit, r.v->null, out);
	return LAM_OK;
}

LAM_HOT static void
is_null(uint8_t *restrict to, const uint8_t *restrict null, uint8_t flip,
	uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint8_t)(null[i] != 0) ^ flip;
}

int
lam_fn_is_null(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	bool not = c->x->fn == LAM_FN_IS_NOT_NULL;
	const struct lam_vec *v = arg->rep == LAM_CONST ? arg->dict : arg;
	uint8_t *bit;
	int rc;

	(void)nargs;
	if (!v->null || arg->rep == LAM_CONST) {
		lam_out_bool((v->null && v->null[0]) != not, c->n, out);
		return LAM_OK;
	}
	if ((rc = lam_room(c, 1, &bit)))
		return rc;
	is_null(bit, v->null, not, c->n);
	lam_out_flat(c, LAM_BOOL, bit, NULL, out);
	return LAM_OK;
}
