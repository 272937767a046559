/*
 * value_sets.h - exact sets of values, one a group, in one hash table; or bags of
 * them, which know how often each value was added
 *
 * Use:      init -> add* -> list -> member, text; merge; release
 * Owns:     copies of texts; the rest is in the memory that init names
 * Threads:  one that adds; after list any number that read
 */
#ifndef LAM_GROUP_VALUE_SETS_H
#define LAM_GROUP_VALUE_SETS_H

#include "group/key_dict.h"

/*
 * One value as 64 bits and a kind: equal values have equal ones.  A time, a boolean,
 * a number of up to 64 bits: itself, and 1 + the scale.  Others: the id of the
 * canonical text, which is interned, and LAM_INTERNED.
 */
#define LAM_INTERNED 0
struct lam_set_value {
	uint64_t bits;
	uint32_t kind;
};

struct lam_set_member; /* of some group */

struct lam_value_sets {
	struct lam_mem *mem;
	uint8_t type;		/* of the values */
	struct lam_key_dict texts;
	struct lam_set_member *slot;
	uint64_t *times;	/* [nslots]: how often; NULL: of sets */
	size_t nslots, n;
	bool bags;
	uint64_t seed;
	/* listed: of group g, member[start[g] .. start[g+1]-1] */
	size_t *start;
	struct lam_set_value *member;
	uint64_t *count;	/* of bags: of each member */
	/* merging: the ids of FROM's texts here */
	const struct lam_value_sets *from;
	uint32_t *map;
};

void lam_value_sets_init(struct lam_value_sets *s, uint8_t type, bool bags,
	struct lam_mem *m);
void lam_value_sets_release(struct lam_value_sets *s);

/*
 * V (not NULL) as a member of these sets.  Parse: of its canonical text T; *OK: it
 * is one.  False: out of memory.
 */
bool lam_set_value_of(struct lam_value_sets *s, const struct lam_scalar *v,
	struct lam_set_value *out);
bool lam_set_value_parse(struct lam_value_sets *s, struct lam_str t,
	struct lam_set_value *out, bool *ok);

/* The next member of the text T of a set or BAG (group/agg_distinct.c), from *AT on.
 * False: there is none, or it is none. */
bool lam_value_sets_next(struct lam_str t, size_t *at, bool bag,
	struct lam_str *value, uint64_t *times);

/* Add N values, at most LAM_SET_LANES, each to the set of its GROUP; ADDED[i]: it is a
 * new one.  To bags each TIMES[i] times, or (NULL) once. */
#define LAM_SET_LANES 128
bool lam_value_sets_add(struct lam_value_sets *s, const uint32_t *group,
	const struct lam_set_value *v, const uint64_t *times, uint32_t n,
	bool *added);

/* Members from slot *AT on, those before END: at most LAM_SET_LANES, and the GROUP of
 * each. */
uint32_t lam_value_sets_some(const struct lam_value_sets *s, size_t *at,
	size_t end, struct lam_set_value *v, uint32_t *group);

/* No more is added, and any number of threads may look.  False: out of memory. */
bool lam_value_sets_freeze(struct lam_value_sets *s);

/* HAS[i]: is V[i], a member of FROM, in the set of GROUP[i] of S, which is frozen?  N
 * is at most LAM_SET_LANES. */
void lam_value_sets_have(struct lam_value_sets *s,
	const struct lam_value_sets *from, const struct lam_set_value *v,
	const uint32_t *group, uint32_t n, bool *has);

/* List the members of the sets of GROUPS groups.  False: out of memory. */
bool lam_value_sets_list(struct lam_value_sets *s, size_t groups);

/* Get ready to add the members of FROM, of the same type; then each as here. */
bool lam_value_sets_from(struct lam_value_sets *s,
	const struct lam_value_sets *from);
static inline struct lam_set_value
lam_set_value_here(const struct lam_value_sets *s, struct lam_set_value v)
{
	if (v.kind == LAM_INTERNED)
		v.bits = s->map[v.bits];
	return v;
}

/* V as a value; its text is that of S.  False: it is none of S's type. */
bool lam_set_value_scalar(const struct lam_value_sets *s,
	struct lam_set_value v, struct lam_scalar *out);

/* The canonical text of V, there or in ARENA.  False: out of memory. */
bool lam_set_value_text(const struct lam_value_sets *s, struct lam_set_value v,
	struct lam_arena *arena, struct lam_str *out);

#endif
