/*
 * batch_groups.c - the counted rows of one batch and the groups they belong to
 *
 * When the product of the numbers of codes is small the group of a row is
 * computed, c0 * n1 + c1, in a loop that vectorises, and groups without rows
 * are found out afterwards by their count.  Otherwise the combined codes are
 * numbered by hashing.  Either way a group number has 16 bits, as there are at
 * most LAM_BLOCK_ROWS rows: the array of them stays in the second-level cache.
 */
#include "group/batch_groups.h"

#include <string.h>

#include "base/hot.h"
#include "group/agg_loops.h"

const uint32_t *
lam_batch_groups_count(struct lam_batch_groups *s)
{
	if (s->count)
		return s->count;
	s->count = LAM_ARENA_NEW(s->arena, uint32_t, s->ngroups);
	if (s->count && !lam_loop_count(s->gid, s->n, s->ngroups, s->count,
		s->arena))
		s->count = NULL;
	return s->count;
}

bool
lam_batch_groups_take(const struct lam_batch_groups *s, const uint16_t *sel,
	uint32_t n, struct lam_batch_groups *out)
{
	uint16_t *gid = NULL, *to;

	*out = *s;
	out->n = n;
	out->count = NULL;
	out->summed = NULL;
	out->order = NULL;
	out->start = NULL;
	if (s->gid) {
		gid = lam_arena_alloc(s->arena, (n + 1) * sizeof *gid);
		if (!gid)
			return false;
		for (uint32_t i = 0; i < n; i++)
			gid[i] = s->gid[sel[i]];
		out->gid = gid;
	}
	to = lam_arena_alloc(s->arena, (n + 1) * sizeof *to);
	if (!to)
		return false;
	for (uint32_t i = 0; i < n; i++)
		to[i] = s->sel ? s->sel[sel[i]] : sel[i];
	out->sel = to;
	return true;
}

bool
lam_may_be_null(const struct lam_vec *v)
{
	if (v->rep == LAM_DICT || v->rep == LAM_CONST)
		v = v->dict;
	return v->null != NULL;
}

LAM_O3 uint32_t
lam_not_null(const struct lam_vec *v, uint16_t *sel)
{
	const uint8_t *null = v->null;
	uint32_t n = 0;

	if (v->rep == LAM_CONST) {
		if (v->dict->null && v->dict->null[0])
			return 0;
		null = NULL;
	}
	if (v->rep == LAM_DICT) {
		null = v->dict->null;
		for (uint32_t i = 0; null && i < v->n; i++) {
			sel[n] = (uint16_t)i;
			n += !null[v->code[i]];
		}
		if (null)
			return n;
	}
	for (uint32_t i = 0; i < v->n; i++) {
		sel[n] = (uint16_t)i;
		n += !(null && null[i]);
	}
	return n;
}

int
lam_batch_groups_not_null(struct lam_batch_groups *s, const struct lam_vec *v,
	struct lam_batch_groups *out, struct lam_vec *vout, struct lam_error *e)
{
	uint16_t *sel;
	uint32_t n;

	if (lam_may_be_null(v)) {
		sel = lam_arena_alloc(s->arena, (v->n + 1) * sizeof *sel);
		if (!sel)
			return lam_fail_mem(e);
		n = lam_not_null(v, sel);
		if (n < v->n) {
			if (!lam_batch_groups_take(s, sel, n, out) ||
				!lam_vec_take(v, sel, n, s->arena, vout))
				return lam_fail_mem(e);
			return LAM_OK;
		}
	}
	if (!lam_batch_groups_count(s)) /* all that use these rows share it */
		return lam_fail_mem(e);
	*out = *s;
	*vout = *v;
	return LAM_OK;
}

#define COMBINE(name, A, B, OUT)					    \
	LAM_HOT static void						    \
	name(const A *a, uint32_t size, const B *b, uint32_t n, OUT *out)  \
	{								    \
		for (uint32_t i = 0; i < n; i++)			    \
			out[i] = (OUT)((OUT)a[i] * (OUT)size + (OUT)b[i]);  \
	}

COMBINE(direct_16_16, uint16_t, uint16_t, uint16_t)
COMBINE(direct_16_32, uint16_t, uint32_t, uint16_t)
COMBINE(direct_32_16, uint32_t, uint16_t, uint16_t)
COMBINE(direct_32_32, uint32_t, uint32_t, uint16_t)
COMBINE(wide_16_16, uint16_t, uint16_t, uint32_t)
COMBINE(wide_16_32, uint16_t, uint32_t, uint32_t)
COMBINE(wide_32_16, uint32_t, uint16_t, uint32_t)
COMBINE(wide_32_32, uint32_t, uint32_t, uint32_t)

LAM_HOT static void
narrow(const uint32_t *from, uint32_t n, uint16_t *to)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint16_t)from[i];
}

/* The combined codes of the keys so far, in 16 or 32 bits. */
struct run {
	const uint16_t *c16;
	const uint32_t *c32;
	uint64_t size;
};

/* Combine R with key C; the product is below 2^16 (DIRECT) or 2^32. */
static bool
combine(struct run *r, const struct lam_key_codes *c, bool direct, uint32_t n,
	struct lam_arena *a)
{
	uint16_t *o16 = NULL;
	uint32_t *o32 = NULL;

	if (!c->c16 && !c->c32)
		return true;
	if (!r->c16 && !r->c32) {
		*r = (struct run){ c->c16, c->c32, c->size };
		return true;
	}
	if (direct)
		o16 = lam_arena_alloc(a, (n + 1) * sizeof *o16);
	else
		o32 = lam_arena_alloc(a, (n + 1) * sizeof *o32);
	if (!o16 && !o32)
		return false;
	if (r->c16 && c->c16)
		direct ? direct_16_16(r->c16, c->size, c->c16, n, o16) :
			wide_16_16(r->c16, c->size, c->c16, n, o32);
	else if (r->c16)
		direct ? direct_16_32(r->c16, c->size, c->c32, n, o16) :
			wide_16_32(r->c16, c->size, c->c32, n, o32);
	else if (c->c16)
		direct ? direct_32_16(r->c32, c->size, c->c16, n, o16) :
			wide_32_16(r->c32, c->size, c->c16, n, o32);
	else
		direct ? direct_32_32(r->c32, c->size, c->c32, n, o16) :
			wide_32_32(r->c32, c->size, c->c32, n, o32);
	*r = (struct run){ o16, o32, r->size * c->size };
	return true;
}

static int
direct_groups(struct lam_batch_keys *g, struct lam_batch_groups *s,
	struct lam_error *e)
{
	struct run r = { NULL, NULL, 1 };
	uint16_t *gid;

	for (uint32_t k = 0; k < g->nkeys; k++)
		if (!combine(&r, &g->codes[k], true, s->n, s->arena))
			return lam_fail_mem(e);
	s->ngroups = (uint32_t)r.size;
	s->gid = r.c16;
	if (!r.c32)
		return LAM_OK;
	gid = lam_arena_alloc(s->arena, (s->n + 1) * sizeof *gid);
	if (!gid)
		return lam_fail_mem(e);
	narrow(r.c32, s->n, gid);
	s->gid = gid;
	return LAM_OK;
}

/* Number the combined codes densely: R becomes c16 below S->ngroups. */
static int
number(struct lam_batch_keys *g, struct run *r, struct lam_batch_groups *s,
	struct lam_error *e)
{
	uint16_t *code = lam_arena_alloc(s->arena, (s->n + 1) * sizeof *code);
	uint16_t *first = lam_arena_alloc(s->arena, (s->n + 1) * sizeof *first);
	uint32_t *key = NULL;
	const uint32_t *from = r->c32;
	int rc;

	if (!code || !first)
		return lam_fail_mem(e);
	if (!from) {
		key = lam_arena_alloc(s->arena, (s->n + 1) * sizeof *key);
		if (!key)
			return lam_fail_mem(e);
		for (uint32_t i = 0; i < s->n; i++)
			key[i] = r->c16 ? r->c16[i] : 0;
		from = key;
	}
	rc = lam_number_u32(from, s->n, code, first, &s->ngroups, s->arena, e);
	if (rc)
		return rc;
	s->gid = code;
	g->first = first;
	*r = (struct run){ code, NULL, s->ngroups };
	return LAM_OK;
}

static int
hashed_groups(struct lam_batch_keys *g, struct lam_batch_groups *s,
	struct lam_error *e)
{
	struct run r = { NULL, NULL, 1 };
	int rc;

	for (uint32_t k = 0; k < g->nkeys; k++) {
		if (r.size * g->codes[k].size > UINT32_MAX) {
			rc = number(g, &r, s, e);
			if (rc)
				return rc;
		}
		if (!combine(&r, &g->codes[k], false, s->n, s->arena))
			return lam_fail_mem(e);
	}
	return number(g, &r, s, e);
}

int
lam_batch_groups_number(struct lam_batch_keys *g, const struct lam_vec *key,
	uint32_t nkeys, struct lam_batch_groups *s, struct lam_error *e)
{
	uint64_t cells = 1, most = 4 * (uint64_t)s->n + 256;
	int rc;

	g->nkeys = nkeys;
	g->first = NULL;
	g->codes = LAM_ARENA_NEW(s->arena, struct lam_key_codes, nkeys + 1);
	if (!g->codes)
		return lam_fail_mem(e);
	most = most > LAM_BLOCK_ROWS ? LAM_BLOCK_ROWS : most;
	for (uint32_t k = 0; k < nkeys; k++) {
		rc = lam_key_codes_init(&g->codes[k], &key[k], s->arena, e);
		if (rc)
			return rc;
		if (cells <= most)
			cells *= g->codes[k].size;
	}
	return cells <= most ? direct_groups(g, s, e) : hashed_groups(g, s, e);
}

int
lam_batch_groups_apart(struct lam_batch_keys *g, const struct lam_vec *key,
	uint32_t nkeys, struct lam_batch_groups *s, struct lam_error *e)
{
	uint16_t *row = lam_arena_alloc(s->arena, (s->n + 1) * sizeof *row);
	int rc = LAM_OK;

	g->nkeys = nkeys;
	g->codes = LAM_ARENA_NEW(s->arena, struct lam_key_codes, nkeys + 1);
	if (!g->codes || !row)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < s->n; i++)
		row[i] = (uint16_t)i;
	for (uint32_t k = 0; !rc && k < nkeys; k++)
		rc = lam_key_codes_apart(&g->codes[k], &key[k], row, s->arena,
			e);
	g->first = row;
	s->gid = row;
	s->ngroups = s->n;
	return rc;
}

/*
 * group / below % size, for groups below 2^16 (below * size is no more): the
 * quotients by multiplying with a reciprocal, exact as group * below < 2^32.
 */
LAM_HOT static void
decode(const uint32_t *group, uint32_t n, uint32_t below, uint32_t size,
	uint32_t *code)
{
	uint64_t by = (UINT64_C(1) << 32) / below + 1;
	uint64_t bysize = (UINT64_C(1) << 32) / size + 1;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t q = below > 1 ? (uint32_t)(group[i] * by >> 32) :
			group[i];

		code[i] = q - (uint32_t)(q * bysize >> 32) * size;
	}
}

void
lam_batch_keys_codes(const struct lam_batch_keys *g, uint32_t k,
	const uint32_t *group, uint32_t n, uint32_t *code)
{
	const struct lam_key_codes *c = &g->codes[k];
	uint32_t below = 1;

	if (g->first) {
		for (uint32_t i = 0; i < n; i++)
			code[i] = lam_key_codes_row(c, g->first[group[i]]);
		return;
	}
	if (!c->c16 && !c->c32) {
		memset(code, 0, n * sizeof *code);
		return;
	}
	for (uint32_t j = k + 1; j < g->nkeys; j++)
		below *= g->codes[j].c16 || g->codes[j].c32 ?
			g->codes[j].size : 1;
	decode(group, n, below, c->size, code);
}
