/*
 * group_table.h - the table of all groups of one worker and job
 *
 * A group is a tuple of keys; its record holds them and the slots of the aggregate
 * states, one beside the other, so that updating a group touches one or two cache
 * lines.  A key is a cell of 64 bits and a tag.  The cell of a text is its id in the
 * key's dictionary.  That of another value is the value, and the tag says how to read
 * it, as in a column builder: equal values have equal cells and tags in all tables,
 * but for numbers of more than 64 bits, whose cell is the place in the dictionary's
 * wide[].
 *
 * What groups have in memory is most of a table's time.  So in a record all keys are
 * one number of 32 bits, made of the ids of their values, as long as groups are found
 * by ids; from then on each has a place of its own, a text 32 bits and no tag.
 *
 * Use:      init -> (flush | find | add -> ops)* -> iterate rec -> release
 * Threads:  one
 */
#ifndef LAM_GROUP_GROUP_TABLE_H
#define LAM_GROUP_GROUP_TABLE_H

#include <string.h>

#include "group/agg.h"
#include "group/batch_groups.h"
#include "group/key_dict.h"

/* Keys of N groups: key k of tuple i is [k * N + i]. */
struct lam_tuples {
	uint64_t *cell;
	uint8_t *tag;
};

struct lam_group_key {
	bool text;
	/* Where it lies in a record that has its keys apart: */
	uint32_t at;		/* the cell: 4 bytes of a text, 8 of others */
	uint32_t tag;		/* of others */
	/* Where its id's bits lie in the number of all ids, and in that of a cell of
	 * the cube, and how many they are. */
	uint8_t shift, width;
	uint32_t *united;	/* [id]: in another table (lam_group_table_unite) */
};

struct lam_group_table {
	const struct lam_query *q;
	struct lam_mem mem;
	uint32_t nkeys, nstates;
	struct lam_key_dict *dict;	/* [nkeys]: see above; and all values while
					 * there is a cube */
	struct lam_agg *agg;	/* [nstates] */
	struct lam_heap heap;	/* of these */
	struct lam_group_key *key;	/* [nkeys] */
	/* Records: the number of all ids; or (apart) cells of 8 bytes, of 4, and tags;
	 * then slots.  In chunks of 1 << chunk_bits, of which the first grows. */
	bool keys_apart;
	char **chunk;
	size_t nchunks, chunks_cap;
	unsigned chunk_bits;
	size_t stride, cap;
	uint32_t n;		/* groups */
	/* A key that is no text, or several: a cube of groups + 1 by the ids of
	 * the keys' values in dict, 0: empty ... */
	uint32_t *cube;
	unsigned bits;		/* the cube has 1 << bits cells */
	/* ... or, when that would be too empty: hash << 32 | group + 1 */
	uint64_t *slot;
	size_t nslots;
	uint64_t seed;
	unsigned apart;		/* batches whose rows need not be grouped first */
};

int lam_group_table_init(struct lam_group_table *t, const struct lam_query *q,
	struct lam_error *e) LAM_MUST;
/* Also of a table of zeros. */
void lam_group_table_release(struct lam_group_table *t);

static inline char *
lam_group_table_rec(const struct lam_group_table *t, uint32_t group)
{
	return t->chunk[group >> t->chunk_bits] + (size_t)(group &
		((UINT32_C(1) << t->chunk_bits) - 1)) * t->stride;
}

/* Aggregate S of the table of R. */
static inline const struct lam_agg *
lam_ref_agg(const struct lam_ref *r, uint32_t s)
{
	return &r->table->agg[s];
}

/* The number of the group whose record REC is. */
uint32_t lam_group_table_number(const struct lam_group_table *t,
	const char *rec);

/* The id of REC's key K: a text, or any as long as keys are not apart. */
static inline uint32_t
lam_group_id(const struct lam_group_table *t, const char *rec, uint32_t k)
{
	const struct lam_group_key *key = &t->key[k];

	return t->keys_apart ? lam_get32(rec + key->at) :
		(uint32_t)(lam_get32(rec) >> key->shift &
		((UINT64_C(1) << key->width) - 1));
}

/* The id of REC's text K in the first of the tables that were united. */
static inline uint32_t
lam_group_united(const struct lam_group_table *t, const char *rec, uint32_t k)
{
	uint32_t id = lam_group_id(t, rec, k);

	return t->key[k].united ? t->key[k].united[id] : id;
}

static inline uint64_t
lam_group_cell(const struct lam_group_table *t, const char *rec, uint32_t k)
{
	if (t->key[k].text)
		return lam_group_id(t, rec, k);
	return t->keys_apart ? lam_get64(rec + t->key[k].at) :
		(uint64_t)t->dict[k].values.i64[lam_group_id(t, rec, k)];
}

static inline uint8_t
lam_group_tag(const struct lam_group_table *t, const char *rec, uint32_t k)
{
	if (t->key[k].text)
		return 0;
	return t->keys_apart ? (uint8_t)rec[t->key[k].tag] :
		t->dict[k].values.tag[lam_group_id(t, rec, k)];
}

/* Value K of record REC; its text lies in T. */
struct lam_scalar lam_group_table_key(const struct lam_group_table *t,
	const char *rec, uint32_t k);

/*
 * The groups of N tuples, made when new.  N is at most LAM_TUPLES.
 */
#define LAM_TUPLES 512
int lam_group_table_find(struct lam_group_table *t, const struct lam_tuples *x,
	uint32_t n, uint32_t *group, struct lam_error *e) LAM_MUST;

/* V as key K of T, interned if need be: false when memory is out. */
bool lam_group_table_intern(struct lam_group_table *t, uint32_t k,
	const struct lam_scalar *v, uint64_t *cell, uint8_t *tag);

/* A new group of tuple X (one), known to be new, never looked up. */
int lam_group_table_add(struct lam_group_table *t, const struct lam_tuples *x,
	char **rec, struct lam_error *e) LAM_MUST;

/*
 * Flush the updated aggregates of the batch into the groups: S as grouped by
 * G.
 */
int lam_group_table_flush(struct lam_group_table *t, struct lam_batch_keys *g,
	struct lam_batch_groups *s, struct lam_error *e) LAM_MUST;

/* T changes no more and may be read now. */
int lam_group_table_freeze(struct lam_group_table *t,
	struct lam_error *e) LAM_MUST;

/*
 * Give the values of T's dictionary of key K ids in that of FIRST, which may grow: see
 * lam_group_united, and T's key[k].united.  False: memory.
 */
bool lam_group_table_unite(struct lam_group_table *t, uint32_t k,
	struct lam_group_table *first);

/* Merge all of FROM into T. */
int lam_group_table_merge(struct lam_group_table *t,
	const struct lam_group_table *from, struct lam_error *e) LAM_MUST;

/* Merge the slots of FROM's record OTHER into REC of T. */
int lam_group_table_merge_rec(struct lam_group_table *t, char *rec,
	const struct lam_group_table *from, const char *other,
	struct lam_error *e) LAM_MUST;

/* HASH[group]: of the values of its keys, the same in all tables.  False: memory. */
bool lam_group_table_hashes(const struct lam_group_table *t, uint32_t *hash);

/* Have group A of T and group B of O the same keys? */
bool lam_group_table_same(const struct lam_group_table *t, uint32_t a,
	const struct lam_group_table *o, uint32_t b);

/* Bytes held, and what sorting it for output would take. */
size_t lam_group_table_memory(const struct lam_group_table *t);

#endif
