/*
 * memo.c - parts with a lock each, open addressing, bytes in an arena
 *
 * The hash of a text chooses the part by its high bits and the slot by its low ones.
 * Keys of other texts with the same hash are told apart by their bytes.
 */
#include "reference/memo.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"

#define PARTS 16
#define SLOTS 64u /* of a part, at first */

struct slot {
	uint64_t hash;
	const char *p; /* the key, then the value; NULL: free */
	uint32_t key, value;
};

struct part {
	pthread_mutex_t lock;
	struct lam_arena arena;
	struct slot *slot;
	size_t slots, used;
};

struct lam_memo {
	size_t most; /* bytes of a part */
	struct part part[PARTS];
};

struct lam_memo *
lam_memo_new(size_t bytes)
{
	struct lam_memo *m = calloc(1, sizeof *m);

	for (int i = 0; m && i < PARTS; i++) {
		pthread_mutex_init(&m->part[i].lock, NULL);
		m->part[i].arena = (struct lam_arena)LAM_ARENA_INIT;
	}
	if (m)
		m->most = bytes / PARTS;
	return m;
}

void
lam_memo_free(struct lam_memo *m)
{
	for (int i = 0; m && i < PARTS; i++) {
		pthread_mutex_destroy(&m->part[i].lock);
		lam_arena_release(&m->part[i].arena);
		free(m->part[i].slot);
	}
	free(m);
}

static struct part *
part_of(struct lam_memo *m, uint64_t hash)
{
	return &m->part[hash >> 60];
}

/* The slot of KEY, or the free one where it would be; p has slots. */
static struct slot *
find(const struct part *p, struct lam_str key, uint64_t hash)
{
	size_t mask = p->slots - 1, i = hash & mask;

	for (;; i = (i + 1) & mask) {
		struct slot *s = &p->slot[i];

		if (!s->p || (s->hash == hash && s->key == key.n &&
			!memcmp(s->p, key.p, key.n)))
			return s;
	}
}

bool
lam_memo_get(struct lam_memo *m, struct lam_str key, struct lam_buf *value)
{
	uint64_t hash = lam_hash(key.p, key.n, lam_hash_seed());
	struct part *p = part_of(m, hash);
	const struct slot *s = NULL;

	pthread_mutex_lock(&p->lock);
	if (p->slots) {
		s = find(p, key, hash);
		if (s->p)
			lam_buf_put(value, s->p + s->key, s->value);
	}
	pthread_mutex_unlock(&p->lock);
	return s && s->p;
}

static void
forget(struct part *p)
{
	lam_arena_release(&p->arena);
	memset(p->slot, 0, p->slots * sizeof *p->slot);
	p->used = 0;
}

/* Room for one more; false: no memory. */
static bool
grow(struct part *p)
{
	struct part old = *p;

	if (2 * (p->used + 1) <= p->slots)
		return true;
	p->slots = old.slots ? 2 * old.slots : SLOTS;
	p->slot = calloc(p->slots, sizeof *p->slot);
	if (!p->slot) {
		p->slot = old.slot;
		p->slots = old.slots;
		return false;
	}
	for (size_t i = 0; i < old.slots; i++)
		if (old.slot[i].p)
			*find(p, (struct lam_str){ old.slot[i].p,
				old.slot[i].key }, old.slot[i].hash) =
				old.slot[i];
	free(old.slot);
	return true;
}

static size_t
held(const struct part *p)
{
	return p->arena.held + p->slots * sizeof *p->slot;
}

void
lam_memo_put(struct lam_memo *m, struct lam_str key, struct lam_str value)
{
	uint64_t hash = lam_hash(key.p, key.n, lam_hash_seed());
	struct part *p = part_of(m, hash);
	struct slot *s;
	char *bytes;

	if (key.n + value.n > m->most / 16)
		return;
	pthread_mutex_lock(&p->lock);
	if (p->used && held(p) + key.n + value.n > m->most)
		forget(p);
	if (grow(p)) {
		s = find(p, key, hash);
		bytes = s->p ? NULL : lam_arena_alloc(&p->arena, key.n +
			value.n + 1);
		if (bytes) {
			memcpy(bytes, key.p, key.n);
			memcpy(bytes + key.n, value.p, value.n);
			*s = (struct slot){ hash, bytes, (uint32_t)key.n,
				(uint32_t)value.n };
			p->used++;
		}
	}
	pthread_mutex_unlock(&p->lock);
}
