/*
 * partials_internal.h - between the files of the relation and the run that fills it
 */
#ifndef LAM_PARTIAL_PARTIALS_INTERNAL_H
#define LAM_PARTIAL_PARTIALS_INTERNAL_H

#include <pthread.h>

#include "base/resources.h"
#include "base/sort.h"
#include "group/group_table.h"
#include "rows/run_file.h"

/* A group of a share; GROUP: its number and 1, or 0 for none. */
struct lam_same {
	uint32_t share, group;
};

/* One worker's part: a table in memory, or runs it has spilled. */
struct lam_share {
	struct lam_group_table table;
	struct lam_run_file spill;
	/* in memory: the groups, sorted */
	struct lam_ranked *item;	/* key: the first word of the ranks */
	uint64_t *word;		/* [group * (nwords - 1)]: the others */
	uint32_t n, at;
	bool *gone;		/* gathered: the group is in an earlier share */
	/* sizes of sets: the same group in the share before that has it; and of a
	 * group that no share before has, in the last that has it */
	struct lam_same *before, *latest;
};

struct lam_cubes;
struct lam_record_states;

/* A key while groups are sorted by it. */
struct lam_sorted_key {
	const struct lam_key_dict *dict; /* of all shares: share 0's, or */
	struct lam_key_dict own;
	struct lam_mem mem;
	uint32_t **id;		/* [nshares][group] */
	uint32_t *rank;		/* [id] */
};

struct lam_partials {
	const struct lam_query *q;
	unsigned threads;
	uint64_t memory;
	const char *tmpdir;
	struct lam_share *share;
	uint32_t nshares;
	bool begun, typed, spilled, unordered, gathered;
	bool only_sizes;	/* of sets: nobody asks for their members */
	uint32_t nwords;
	struct lam_sorted_key *key; /* [nkeys] */
	struct lam_cubes *cubes; /* instead of sorting */
	uint32_t most;		/* rows of a batch */
	uint32_t room;		/* for them, in ref */
	bool frozen;		/* tables in memory are */
	/* spilled: */
	struct lam_run_reader *reader;
	size_t nreaders;
	struct lam_run_tree tree;
	struct lam_group_table batch;	/* rows merged from the runs ... */
	uint32_t at;		/* ... of which so many were handed out */
	/* several may read: */
	pthread_mutex_t lock;
	bool locked;		/* lock was made */
	uint64_t given;		/* rows handed out */
	uint64_t turns;		/* batches handed out as lines */
	pthread_rwlock_t states; /* held while groups are merged or states printed */
	bool states_locked;	/* states was made */
	/* the current batch */
	struct lam_ref *ref;
	uint32_t n;
};

int lam_partials_new(struct lam_partials **out, const struct lam_query *q,
	uint32_t nshares, const struct lam_resources *o,
	struct lam_error *e) LAM_MUST;

/*
 * TYPED: rows come in the order of the values of the keys, NULLs last, instead
 * of that of the text.  Before the first step; has no effect on spilled
 * partials (p->spilled).
 */
int lam_partials_begin(struct lam_partials *p, bool typed,
	struct lam_error *e) LAM_MUST;

/*
 * Instead: rows come in no order, and the keys of those of one batch are of several
 * tables (lam_partials_keys is NULL).  P has not begun and nothing of it was spilled.
 */
int lam_partials_begin_unordered(struct lam_partials *p,
	struct lam_error *e) LAM_MUST;

/* Groups of all tables in memory, those that several have more than once. */
uint64_t lam_partials_count(const struct lam_partials *p);

void lam_share_release(struct lam_share *s);

/* Rank the keys and sort the groups of P's tables, which are in memory. */
int lam_partials_sort(struct lam_partials *p, struct lam_error *e) LAM_MUST;
void lam_partials_unsort(struct lam_partials *p);

/*
 * The same without sorting, when all tables have cubes that are full enough, or a text
 * is their only key: then P has CUBES, whose next rows are p->ref[0..p->n-1].
 */
int lam_cubes_new(struct lam_partials *p, struct lam_error *e) LAM_MUST;
int lam_cubes_step(struct lam_partials *p, struct lam_error *e) LAM_MUST;
void lam_cubes_free(struct lam_cubes *x);

/*
 * The same in two steps, the second of which several threads may take at once: the
 * next combinations of keys, *FROM and lam_cubes_most() - 1 more, false if there are
 * none; and their rows, REF[*n] and COMBINATION[*n] (room for as many as combinations).
 * A text of a row is the id of its own table.
 */
bool lam_cubes_take(struct lam_cubes *x, uint64_t *from);
uint32_t lam_cubes_most(const struct lam_cubes *x);
int lam_cubes_find(struct lam_partials *p, uint64_t from, struct lam_ref *ref,
	uint64_t *combination, uint32_t *n, struct lam_error *e) LAM_MUST;

/* The combinations of keys of P's current rows, COMBINATION[p->n]; and the lines "VIEW
 * TAB KEY TAB STATE LF" of N rows, whose states are STATE, behind OUT.
 * Of rows in the order of the text only (lam_cubes_print). */
bool lam_cubes_print(const struct lam_cubes *x);
const uint64_t *lam_cubes_combinations(const struct lam_cubes *x);
/* "KEY TAB" of one, behind OUT. */
void lam_cubes_key(const struct lam_cubes *x, uint64_t combination,
	struct lam_buf *out);
void lam_cubes_lines(const struct lam_cubes *x, const char *view,
	const uint64_t *combination, const struct lam_record_states *state,
	uint32_t n, struct lam_buf *out);

/* One table of all, if some state has one data structure for all groups. */
int lam_partials_freezable(struct lam_partials *p, struct lam_error *e) LAM_MUST;

/*
 * Instead, if only their sizes are asked for and there are at most LAM_SIZES_SHARES
 * tables: these are gathered, and sets stay apart (partials_sizes.c).
 */
#define LAM_SIZES_SHARES 8
int lam_partials_sizes(struct lam_partials *p, struct lam_error *e) LAM_MUST;

/* Merge the groups that several of P's tables have into the first's, once. */
int lam_partials_gather(struct lam_partials *p, struct lam_error *e) LAM_MUST;

/* The state whose column C is, not a key; *C becomes which of its components. */
uint32_t lam_partials_state(const struct lam_query *q, uint32_t *c);

/* Is column C the text of a sketch or a set? */
bool lam_partials_sketch(const struct lam_query *q, uint32_t c);

/* The table whose dictionaries the keys of the current rows are of; NULL: each
 * row's own. */
const struct lam_group_table *lam_partials_keys(const struct lam_partials *p);

/* The next rows: p->ref[0..p->n-1]; none at the end. */
int lam_partials_step(struct lam_partials *p, struct lam_error *e) LAM_MUST;

/*
 * The next rows as lines "VIEW TAB KEY TAB STATE LF" behind OUT, of which there are *N,
 * or, *GOT false, the end.  Any number of threads may ask; *TURN, 0, 1, ..., tells the
 * order of what they get.  ARENA is for what is needed on the way.
 */
int lam_partials_lines(struct lam_partials *p, const char *view,
	struct lam_arena *arena, struct lam_buf *out, uint64_t *turn,
	uint32_t *n, bool *got, struct lam_error *e) LAM_MUST;

/*
 * The partial relation's column C (key or component) for some rows, whose keys
 * are of the dictionaries of KEYS, or (NULL) of their own tables.
 */
int lam_partials_column(const struct lam_query *q, uint32_t c,
	const struct lam_group_table *keys, const struct lam_ref *row,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e) LAM_MUST;

#endif
