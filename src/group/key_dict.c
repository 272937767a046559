/*
 * key_dict.c - the distinct values of one key, numbered
 *
 * Open addressing with linear probing over 8-byte slots that hold 32 bits of
 * the hash beside the id: a probe that misses costs one cache line, and one
 * that hits one more for the value.  Hashes are seeded per process, so no log
 * can be written that makes the table slow.  At most half of the slots are
 * used.  Texts are looked up in groups of LANES: the slots of a group are
 * prefetched together, then the values they point to, then compared.
 *
 * Numbers are normalised before they are hashed: 1.50 is 1.5.
 */
#include "group/key_dict.h"

#include <string.h>

#include "base/hash.h"
#include "base/hot.h"

#define LANES 128
#define SLOTS_MIN 64

void
lam_key_dict_init(struct lam_key_dict *d, uint8_t type, struct lam_mem *m,
	uint64_t seed)
{
	memset(d, 0, sizeof *d);
	lam_column_builder_init(&d->values, type, m);
	d->null = LAM_NO_ID;
	d->seed = seed;
}

void
lam_key_dict_release(struct lam_key_dict *d)
{
	struct lam_mem *m = d->values.mem;

	if (!m)
		return;
	lam_mem_free(m, d->slot, d->nslots, sizeof *d->slot);
	d->slot = NULL;
	d->nslots = 0;
	d->null = LAM_NO_ID;
	lam_column_builder_release(&d->values);
}

static void
place(uint64_t *slot, size_t mask, uint64_t entry)
{
	size_t i = entry >> 32 & mask;

	while (slot[i])
		i = (i + 1) & mask;
	slot[i] = entry;
}

/* Room for MORE values, half of the slots staying empty. */
static bool
room(struct lam_key_dict *d, size_t more)
{
	size_t n = d->nslots ? d->nslots : SLOTS_MIN;
	uint64_t *slot;

	if (!lam_column_builder_room(&d->values, more))
		return false;
	if (2 * (d->values.n + more) <= d->nslots)
		return true;
	while (n < 2 * (d->values.n + more))
		n *= 2;
	slot = lam_mem_zero(d->values.mem, n, sizeof *slot);
	if (!slot)
		return false;
	for (size_t i = 0; i < d->nslots; i++)
		if (d->slot[i])
			place(slot, n - 1, d->slot[i]);
	lam_mem_free(d->values.mem, d->slot, d->nslots, sizeof *slot);
	d->slot = slot;
	d->nslots = n;
	return true;
}

uint32_t
lam_key_dict_null(struct lam_key_dict *d)
{
	struct lam_scalar v = { .type = d->values.type, .null = true };

	if (d->null != LAM_NO_ID || d->frozen)
		return d->null;
	if (!lam_column_builder_add(&d->values, &v))
		return LAM_NO_ID;
	return d->null = d->values.n - 1;
}

static inline uint64_t
hash_int(const struct lam_key_dict *d, int64_t v, uint8_t scale)
{
	return lam_mix((uint64_t)v ^ (uint64_t)scale << 56, d->seed) >> 32;
}

/* The id + 1 of the first value whose hash is H, which is another one if two have the
 * same; 0: there is none. */
static inline uint32_t
candidate(const struct lam_key_dict *d, uint64_t h)
{
	size_t mask = d->nslots - 1, i = h & mask;

	while (d->slot[i] && d->slot[i] >> 32 != h)
		i = (i + 1) & mask;
	return (uint32_t)d->slot[i];
}

/* The id of V, normalised, with hash H; there is room for one more. */
static uint32_t
int_id(struct lam_key_dict *d, int64_t v, uint8_t scale, uint64_t h)
{
	struct lam_column_builder *x = &d->values;
	size_t mask = d->nslots - 1, i;

	for (i = h & mask; d->slot[i]; i = (i + 1) & mask) {
		uint32_t id = (uint32_t)d->slot[i] - 1;

		if (d->slot[i] >> 32 == h && x->i64[id] == v &&
			x->tag[id] == scale)
			return id;
	}
	if (d->frozen)
		return LAM_NO_ID;
	x->far = x->far || scale > 18;
	x->i64[x->n] = v;
	x->tag[x->n] = scale;
	d->slot[i] = h << 32 | (x->n + 1);
	return x->n++;
}

/* N numbers in their normal form, at most LANES, for which there is room. */
static void
some_ints(struct lam_key_dict *d, const int64_t *m, const uint8_t *tag,
	uint32_t n, uint32_t *id)
{
	const struct lam_column_builder *x = &d->values;
	uint64_t h[LANES];
	uint32_t like[LANES];

	for (uint32_t i = 0; i < n; i++) {
		h[i] = hash_int(d, m[i], tag[i]);
		__builtin_prefetch(&d->slot[h[i] & (d->nslots - 1)]);
	}
	for (uint32_t i = 0; i < n; i++) {
		like[i] = candidate(d, h[i]);
		if (!like[i])
			continue;
		__builtin_prefetch(&x->i64[like[i] - 1]);
		__builtin_prefetch(&x->tag[like[i] - 1]);
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t c = like[i] - 1;

		id[i] = like[i] && x->i64[c] == m[i] && x->tag[c] == tag[i] ? c :
			int_id(d, m[i], tag[i], h[i]);
	}
}

bool
lam_key_dict_ints(struct lam_key_dict *d, const int64_t *v, uint8_t scale,
	uint32_t n, uint32_t *id)
{
	int64_t m[LANES];
	uint8_t tag[LANES];

	for (uint32_t at = 0; at < n; at += LANES) {
		uint32_t some = n - at < LANES ? n - at : LANES;

		if (!d->frozen && !room(d, some))
			return false;
		for (uint32_t i = 0; i < some; i++) {
			m[i] = v[at + i];
			tag[i] = scale;
			if (d->values.type == LAM_NUMBER)
				lam_normal64(&m[i], &tag[i]);
		}
		some_ints(d, m, tag, some, id + at);
	}
	return true;
}

uint32_t
lam_key_dict_int(struct lam_key_dict *d, int64_t v, uint8_t scale)
{
	uint32_t id;

	return lam_key_dict_ints(d, &v, scale, 1, &id) ? id : LAM_NO_ID;
}

static uint32_t
add_wide(struct lam_key_dict *d, const struct lam_scalar *v)
{
	struct lam_column_builder *x = &d->values;
	uint64_t h;
	size_t i;

	if (!d->frozen && !room(d, 1))
		return LAM_NO_ID;
	h = lam_mix((uint64_t)v->num.m ^ v->num.scale,
		d->seed ^ (uint64_t)(v->num.m >> 64)) >> 32;
	for (i = h & (d->nslots - 1); d->slot[i];
		i = (i + 1) & (d->nslots - 1)) {
		uint32_t id = (uint32_t)d->slot[i] - 1;
		struct lam_num *w;

		if (d->slot[i] >> 32 != h || x->tag[id] != LAM_TAG_WIDE)
			continue;
		w = &x->wide[x->i64[id]];
		if (w->m == v->num.m && w->scale == v->num.scale)
			return id;
	}
	if (d->frozen || !lam_column_builder_add(x, v))
		return LAM_NO_ID;
	d->slot[i] = h << 32 | x->n;
	return x->n - 1;
}

/* One value that is NULL or wide. */
static uint32_t
odd_id(struct lam_key_dict *d, uint64_t m, uint8_t tag,
	const struct lam_num *wide)
{
	struct lam_scalar v = { .type = LAM_NUMBER };

	if (tag == LAM_TAG_NULL)
		return lam_key_dict_null(d);
	v.num = wide[m];
	return add_wide(d, &v);
}

bool
lam_key_dict_tagged(struct lam_key_dict *d, const uint64_t *m,
	const uint8_t *tag, const struct lam_num *wide, uint32_t n,
	uint32_t *id)
{
	int64_t v[LANES];
	uint32_t i = 0, some;

	while (i < n) {
		if (tag[i] >= LAM_TAG_WIDE) {
			id[i] = odd_id(d, m[i], tag[i], wide);
			if (id[i++] == LAM_NO_ID)
				return false;
			continue;
		}
		for (some = 0; some < LANES && i + some < n &&
			tag[i + some] < LAM_TAG_WIDE; some++)
			v[some] = (int64_t)m[i + some];
		if (!room(d, some))
			return false;
		some_ints(d, v, tag + i, some, id + i);
		i += some;
	}
	return true;
}

uint32_t
lam_key_dict_add(struct lam_key_dict *d, const struct lam_scalar *v)
{
	uint32_t id;

	if (v->null)
		return lam_key_dict_null(d);
	if (v->type == LAM_TEXT)
		return lam_key_dict_texts(d, &v->str, 1, &id) ? id : LAM_NO_ID;
	if (v->type != LAM_NUMBER)
		return lam_key_dict_int(d, v->i64, 0);
	if (v->num.m <= INT64_MAX && v->num.m >= INT64_MIN)
		return lam_key_dict_int(d, (int64_t)v->num.m,
			(uint8_t)v->num.scale);
	return add_wide(d, v);
}

static uint32_t
text_id(struct lam_key_dict *d, struct lam_str s, uint64_t h)
{
	struct lam_column_builder *x = &d->values;
	size_t mask = d->nslots - 1, i;
	char *p;

	for (i = h & mask; d->slot[i]; i = (i + 1) & mask) {
		uint32_t id = (uint32_t)d->slot[i] - 1;

		if (d->slot[i] >> 32 == h && x->str[id].n == s.n &&
			lam_same_bytes(x->str[id].p, s.p, s.n))
			return id;
	}
	if (d->frozen)
		return LAM_NO_ID;
	p = lam_heap_bytes(&x->heap, s.n + 1);
	if (!p)
		return LAM_NO_ID;
	if (s.n)
		memcpy(p, s.p, s.n);
	x->str[x->n] = (struct lam_str){ p, s.n };
	d->slot[i] = h << 32 | (x->n + 1);
	return x->n++;
}

/* At most LANES texts, for which there is room. */
static bool
some_texts(struct lam_key_dict *d, const struct lam_str *s, uint32_t n,
	uint32_t *id)
{
	const struct lam_str *str = d->values.str;
	uint64_t h[LANES];
	uint32_t like[LANES];

	for (uint32_t i = 0; i < n; i++) {
		h[i] = lam_hash(s[i].p, s[i].n, d->seed) >> 32;
		__builtin_prefetch(&d->slot[h[i] & (d->nslots - 1)]);
	}
	for (uint32_t i = 0; i < n; i++) {
		like[i] = candidate(d, h[i]);
		__builtin_prefetch(&str[like[i] ? like[i] - 1 : 0]);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_str *x = &str[like[i] ? like[i] - 1 : 0];

		if (!like[i])
			continue;
		__builtin_prefetch(x->p);
		__builtin_prefetch(x->p + x->n); /* maybe the next line */
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_str *x = &str[like[i] ? like[i] - 1 : 0];

		id[i] = like[i] && x->n == s[i].n && lam_same_bytes(x->p,
			s[i].p, s[i].n) ? like[i] - 1 : text_id(d, s[i], h[i]);
		if (LAM_UNLIKELY(id[i] == LAM_NO_ID) && !d->frozen)
			return false;
	}
	return true;
}

bool
lam_key_dict_texts(struct lam_key_dict *d, const struct lam_str *s, uint32_t n,
	uint32_t *id)
{
	uint32_t m;

	if (!d->frozen && (2 * ((size_t)d->values.n + n) > d->nslots ||
		d->values.n + (size_t)n > d->values.str_cap)) {
		if (!room(d, n))
			return false;
	}
	for (uint32_t at = 0; at < n; at += m) {
		m = n - at < LANES ? n - at : LANES;
		if (!some_texts(d, s + at, m, id + at))
			return false;
	}
	return true;
}

bool
lam_key_dict_freeze(struct lam_key_dict *d)
{
	d->frozen = room(d, 1); /* a look-up finds an empty slot */
	return d->frozen;
}

void
lam_key_dict_hashes(const struct lam_key_dict *d, uint32_t *hash)
{
	for (size_t i = 0; i < d->nslots; i++)
		if (d->slot[i])
			hash[(uint32_t)d->slot[i] - 1] =
				(uint32_t)(d->slot[i] >> 32);
	if (d->null != LAM_NO_ID)
		hash[d->null] = 0;
}

bool
lam_key_dict_same(const struct lam_key_dict *d, uint32_t a,
	const struct lam_key_dict *o, uint32_t b)
{
	struct lam_str x = d->values.str[a], y = o->values.str[b];

	if (!x.p || !y.p)
		return !x.p && !y.p;
	return x.n == y.n && lam_same_bytes(x.p, y.p, x.n);
}

bool
lam_key_dict_union(struct lam_key_dict *d, const struct lam_key_dict *from,
	uint32_t *map)
{
	const struct lam_column_builder *x = &from->values;
	uint32_t run;

	for (uint32_t i = 0; i < x->n; i += run) {
		struct lam_scalar v;

		run = 1;
		if (x->type == LAM_TEXT && x->str[i].p) {
			while (run < 1024 && i + run < x->n &&
				x->str[i + run].p)
				run++;
			if (!lam_key_dict_texts(d, x->str + i, run, map + i))
				return false;
			continue;
		}
		v = lam_column_builder_get(x, i);
		map[i] = lam_key_dict_add(d, &v);
		if (map[i] == LAM_NO_ID)
			return false;
	}
	return true;
}
