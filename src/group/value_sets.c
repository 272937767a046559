/*
 * value_sets.c - exact sets of values, one a group, in one hash table
 *
 * The members of all sets are one open table of (group, value) pairs of 16 bytes,
 * a third of it empty: a set of one member costs 24 bytes, and a million members in
 * one group are found as fast as one each in a million groups, with one look-up
 * each, as a number is its own bits.
 *
 * To be listed, members are put in order of their groups by a counting sort.
 */
#include "group/value_sets.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/hot.h"
#include "time/time.h"

#define SLOTS_MIN 64

struct lam_set_member {
	uint64_t bits;
	uint32_t kind;
	uint32_t group; /* plus 1; 0: the slot is empty */
};

void
lam_value_sets_init(struct lam_value_sets *s, uint8_t type, bool bags,
	struct lam_mem *m)
{
	memset(s, 0, sizeof *s);
	s->mem = m;
	s->type = type;
	s->bags = bags;
	s->seed = lam_hash_seed();
	lam_key_dict_init(&s->texts, LAM_TEXT, m, s->seed);
}

void
lam_value_sets_release(struct lam_value_sets *s)
{
	lam_key_dict_release(&s->texts);
	lam_mem_free(s->mem, s->slot, s->nslots, sizeof *s->slot);
	lam_mem_free(s->mem, s->times, s->nslots, sizeof *s->times);
	free(s->start);
	free(s->member);
	free(s->count);
	free(s->map);
	memset(s, 0, sizeof *s);
}

static bool
intern(struct lam_value_sets *s, struct lam_str t, struct lam_set_value *out)
{
	uint32_t id;

	if (!lam_key_dict_texts(&s->texts, &t, 1, &id))
		return false;
	*out = (struct lam_set_value){ id, LAM_INTERNED };
	return true;
}

bool
lam_set_value_of(struct lam_value_sets *s, const struct lam_scalar *v,
	struct lam_set_value *out)
{
	char scratch[LAM_TIME_TEXT];
	bool number = v->type == LAM_NUMBER;

	if (v->type == LAM_TEXT || (number &&
		(v->num.m > INT64_MAX || v->num.m < INT64_MIN)))
		return intern(s, lam_scalar_print(v, scratch), out);
	if (number)
		*out = (struct lam_set_value){ (uint64_t)v->num.m,
			v->num.scale + 1 };
	else
		*out = (struct lam_set_value){ (uint64_t)v->i64, 1 };
	return true;
}

bool
lam_set_value_parse(struct lam_value_sets *s, struct lam_str t,
	struct lam_set_value *out, bool *ok)
{
	char scratch[LAM_TIME_TEXT];
	struct lam_scalar v;

	*ok = true;
	if (s->type == LAM_TEXT)
		return intern(s, t, out);
	*ok = lam_scalar_parse(s->type, t, &v) &&
		lam_str_cmp(t, lam_scalar_print(&v, scratch)) == 0;
	return !*ok || lam_set_value_of(s, &v, out);
}

/* A number from 1 (or, ZERO, 0) on without leading zeros, and END behind it. */
static bool
next_number(struct lam_str t, size_t *at, char end, bool zero, uint64_t *out)
{
	size_t from = *at;

	*out = 0;
	while (*at < t.n && t.p[*at] >= '0' && t.p[*at] <= '9' &&
		*out < UINT64_MAX / 10)
		*out = *out * 10 + (uint64_t)(t.p[(*at)++] - '0');
	return *at > from && *at < t.n && t.p[(*at)++] == end &&
		(t.p[from] != '0' || (zero && *at == from + 2));
}

bool
lam_value_sets_next(struct lam_str t, size_t *at, bool bag,
	struct lam_str *value, uint64_t *times)
{
	uint64_t n;

	*times = 1;
	if ((bag && !next_number(t, at, 'x', false, times)) ||
		!next_number(t, at, ':', true, &n) || n > t.n - *at)
		return false;
	*value = (struct lam_str){ t.p + *at, n };
	*at += n;
	return true;
}

static inline size_t
hash(const struct lam_value_sets *s, uint64_t bits, uint32_t kind,
	uint32_t group)
{
	return lam_mix(bits, s->seed ^ ((uint64_t)group << 8 | kind) *
		UINT64_C(0x9e3779b97f4a7c15));
}

/* Room for MORE members, a third of the slots staying empty. */
static bool
room(struct lam_value_sets *s, size_t more)
{
	size_t n = s->nslots ? s->nslots : SLOTS_MIN;
	struct lam_set_member *slot;
	uint64_t *times = NULL;

	if (3 * (s->n + more) <= 2 * s->nslots)
		return true;
	while (2 * n < 3 * (s->n + more))
		n *= 2;
	slot = lam_mem_zero(s->mem, n, sizeof *slot);
	if (slot && s->bags)
		times = lam_mem_zero(s->mem, n, sizeof *times);
	if (!slot || (s->bags && !times)) {
		lam_mem_free(s->mem, slot, n, sizeof *slot);
		return false;
	}
	for (size_t i = 0; i < s->nslots; i++) {
		const struct lam_set_member *m = &s->slot[i];
		size_t at = hash(s, m->bits, m->kind, m->group) & (n - 1);

		if (!m->group)
			continue;
		while (slot[at].group)
			at = (at + 1) & (n - 1);
		slot[at] = *m;
		if (times)
			times[at] = s->times[i];
	}
	lam_mem_free(s->mem, s->slot, s->nslots, sizeof *slot);
	lam_mem_free(s->mem, s->times, s->nslots, sizeof *times);
	s->slot = slot;
	s->times = times;
	s->nslots = n;
	return true;
}

/* The slot of V in the set of GROUP, or that where it would be; looked for from AT. */
static inline size_t
slot_of(const struct lam_value_sets *s, struct lam_set_value v, uint32_t group,
	size_t at)
{
	const struct lam_set_member *m = &s->slot[at];

	while (m->group && (m->bits != v.bits || m->group != group + 1 ||
		m->kind != v.kind)) {
		at = (at + 1) & (s->nslots - 1);
		m = &s->slot[at];
	}
	return at;
}

LAM_O3 bool
lam_value_sets_add(struct lam_value_sets *s, const uint32_t *group,
	const struct lam_set_value *v, const uint64_t *times, uint32_t n,
	bool *added)
{
	size_t at[LAM_SET_LANES], mask;

	if (!room(s, n))
		return false;
	mask = s->nslots - 1;
	for (uint32_t i = 0; i < n; i++) {
		at[i] = hash(s, v[i].bits, v[i].kind, group[i] + 1) & mask;
		__builtin_prefetch(&s->slot[at[i]], 1);
	}
	for (uint32_t i = 0; i < n; i++) {
		size_t to = slot_of(s, v[i], group[i], at[i]);
		struct lam_set_member *m = &s->slot[to];

		if (s->times)
			s->times[to] += times ? times[i] : 1;
		added[i] = !m->group;
		if (m->group)
			continue;
		*m = (struct lam_set_member){ v[i].bits, v[i].kind,
			group[i] + 1 };
		s->n++;
	}
	return true;
}

uint32_t
lam_value_sets_some(const struct lam_value_sets *s, size_t *at, size_t end,
	struct lam_set_value *v, uint32_t *group)
{
	uint32_t n = 0;

	for (; *at < end && n < LAM_SET_LANES; ++*at) {
		const struct lam_set_member *m = &s->slot[*at];

		v[n] = (struct lam_set_value){ m->bits, m->kind };
		group[n] = m->group - 1;
		n += m->group != 0;
	}
	return n;
}

bool
lam_value_sets_freeze(struct lam_value_sets *s)
{
	return room(s, 1) && lam_key_dict_freeze(&s->texts);
}

/* Values V of FROM as those of S: of a text that S has not, there is none. */
static void
translate(struct lam_value_sets *s, const struct lam_value_sets *from,
	const struct lam_set_value *v, uint32_t n, struct lam_set_value *out)
{
	struct lam_str t[LAM_SET_LANES];
	uint32_t id[LAM_SET_LANES], m = 0;

	for (uint32_t i = 0; i < n; i++)
		if (v[i].kind == LAM_INTERNED)
			t[m++] = from->texts.values.str[v[i].bits];
	if (m)
		(void)lam_key_dict_texts(&s->texts, t, m, id); /* frozen */
	m = 0;
	for (uint32_t i = 0; i < n; i++) {
		out[i] = v[i];
		if (v[i].kind == LAM_INTERNED)
			out[i].bits = id[m++];
	}
}

LAM_O3 void
lam_value_sets_have(struct lam_value_sets *s, const struct lam_value_sets *from,
	const struct lam_set_value *v, const uint32_t *group, uint32_t n,
	bool *has)
{
	struct lam_set_value here[LAM_SET_LANES];
	size_t at[LAM_SET_LANES];

	translate(s, from, v, n, here);
	for (uint32_t i = 0; i < n; i++) {
		at[i] = hash(s, here[i].bits, here[i].kind, group[i] + 1) &
			(s->nslots - 1);
		__builtin_prefetch(&s->slot[at[i]]);
	}
	for (uint32_t i = 0; i < n; i++)
		has[i] = s->slot[slot_of(s, here[i], group[i], at[i])].group;
}

bool
lam_value_sets_list(struct lam_value_sets *s, size_t groups)
{
	free(s->start);
	free(s->member);
	free(s->count);
	s->count = NULL;
	/* start[g + 2] counts g, then start[g + 1] runs from start to end */
	s->start = calloc(groups + 2, sizeof *s->start);
	s->member = lam_mem_scratch(s->n + 1, sizeof *s->member);
	if (s->bags)
		s->count = lam_mem_scratch(s->n + 1, sizeof *s->count);
	if (!s->start || !s->member || (s->bags && !s->count))
		return false;
	for (size_t i = 0; i < s->nslots; i++)
		if (s->slot[i].group)
			s->start[s->slot[i].group + 1]++;
	for (size_t g = 1; g <= groups; g++)
		s->start[g + 1] += s->start[g];
	for (size_t i = 0; i < s->nslots; i++) {
		const struct lam_set_member *m = &s->slot[i];

		if (!m->group)
			continue;
		if (s->count)
			s->count[s->start[m->group]] = s->times[i];
		s->member[s->start[m->group]++] =
			(struct lam_set_value){ m->bits, m->kind };
	}
	return true;
}

bool
lam_value_sets_from(struct lam_value_sets *s, const struct lam_value_sets *from)
{
	if (s->from == from)
		return true;
	free(s->map);
	s->map = malloc((from->texts.values.n + 1) * sizeof *s->map);
	if (!s->map || !lam_key_dict_union(&s->texts, &from->texts, s->map))
		return false;
	s->from = from;
	return true;
}

bool
lam_set_value_scalar(const struct lam_value_sets *s, struct lam_set_value v,
	struct lam_scalar *out)
{
	if (v.kind == LAM_INTERNED)
		return lam_scalar_parse(s->type, s->texts.values.str[v.bits],
			out);
	*out = (struct lam_scalar){ .type = s->type, .i64 = (int64_t)v.bits,
		.num = { (int64_t)v.bits, v.kind - 1 } };
	return true;
}

bool
lam_set_value_text(const struct lam_value_sets *s, struct lam_set_value v,
	struct lam_arena *arena, struct lam_str *out)
{
	struct lam_scalar x;
	char *p;

	if (v.kind == LAM_INTERNED) {
		*out = s->texts.values.str[v.bits];
		return true;
	}
	lam_set_value_scalar(s, v, &x);
	p = lam_arena_alloc(arena, LAM_TIME_TEXT);
	if (p)
		*out = lam_scalar_print(&x, p);
	return p != NULL;
}
