/*
 * objects.c - the files of a bucket that are known, by name
 *
 * A piece of a note:
 *
 *	0  u8 1: there is, 0: there is no more	4  u32 bytes of the name
 *	8  u64 size	16  u64 mtime	24  u64 inode	32  the name
 */
#include "trigger/objects.h"

#include <stdlib.h>

#include "base/hash.h"

#define PIECE 32
#define FIRST 64
#define NAME_MAX_BYTES 4096 /* of a path */

static size_t
slot_of(const struct lam_objects *o, const char *name)
{
	return lam_hash(name, strlen(name), lam_hash_seed()) & (o->nslots - 1);
}

void
lam_objects_release(struct lam_objects *o)
{
	for (size_t i = 0; i < o->nslots; i++)
		for (struct lam_object *x = o->slot[i], *next; x; x = next) {
			next = x->next;
			free(x);
		}
	free(o->slot);
	*o = (struct lam_objects)LAM_OBJECTS_INIT;
}

struct lam_object *
lam_objects_find(const struct lam_objects *o, const char *name)
{
	struct lam_object *x = o->nslots ? o->slot[slot_of(o, name)] : NULL;

	while (x && strcmp(x->name, name))
		x = x->next;
	return x;
}

static bool
grow(struct lam_objects *o)
{
	struct lam_objects big = { NULL, o->nslots ? 2 * o->nslots : FIRST, o->n };

	big.slot = calloc(big.nslots, sizeof *big.slot);
	if (!big.slot)
		return false;
	for (size_t i = 0; i < o->nslots; i++)
		for (struct lam_object *x = o->slot[i], *next; x; x = next) {
			struct lam_object **at = &big.slot[slot_of(&big, x->name)];

			next = x->next;
			x->next = *at;
			*at = x;
		}
	free(o->slot);
	*o = big;
	return true;
}

struct lam_object *
lam_objects_add(struct lam_objects *o, const char *name)
{
	struct lam_object *x = lam_objects_find(o, name), **at;
	size_t size = strlen(name) + 1;

	if (x || (o->n >= o->nslots && !grow(o)))
		return x;
	x = calloc(1, sizeof *x + size);
	if (!x)
		return NULL;
	memcpy(x->name, name, size);
	at = &o->slot[slot_of(o, name)];
	x->next = *at;
	*at = x;
	o->n++;
	return x;
}

void
lam_objects_drop(struct lam_objects *o, const char *name)
{
	struct lam_object **at = o->nslots ? &o->slot[slot_of(o, name)] : NULL, *x;

	while (at && *at && strcmp((*at)->name, name))
		at = &(*at)->next;
	if (!at || !*at)
		return;
	x = *at;
	*at = x->next;
	free(x);
	o->n--;
}

struct lam_object *
lam_objects_each(const struct lam_objects *o, const struct lam_object *x)
{
	size_t i = x ? slot_of(o, x->name) + 1 : 0;

	if (x && x->next)
		return x->next;
	while (i < o->nslots && !o->slot[i])
		i++;
	return i < o->nslots ? o->slot[i] : NULL;
}

static void
put(const char *name, const struct lam_object *x, struct lam_buf *note)
{
	const char there[4] = { x != NULL, 0, 0, 0 };
	size_t n = strlen(name);

	lam_buf_put(note, there, 4);
	lam_buf_put_u32(note, (uint32_t)n);
	lam_buf_put_u64(note, x ? x->size : 0);
	lam_buf_put_u64(note, x ? (uint64_t)x->mtime : 0);
	lam_buf_put_u64(note, x ? x->inode : 0);
	lam_buf_put(note, name, n);
}

void
lam_object_put(const struct lam_object *x, struct lam_buf *note)
{
	put(x->name, x, note);
}

void
lam_object_put_gone(const char *name, struct lam_buf *note)
{
	put(name, NULL, note);
}

static int
apply_one(struct lam_objects *o, const char *p, const char *name, struct lam_error *e)
{
	struct lam_object *x;

	if (!*p) {
		lam_objects_drop(o, name);
		return LAM_OK;
	}
	x = lam_objects_add(o, name);
	if (!x)
		return lam_fail_mem(e);
	x->size = lam_get64(p + 8);
	x->mtime = (int64_t)lam_get64(p + 16);
	x->inode = lam_get64(p + 24);
	return LAM_OK;
}

int
lam_objects_apply(struct lam_objects *o, struct lam_str note, struct lam_error *e)
{
	char name[NAME_MAX_BYTES];
	int rc = LAM_OK;

	while (!rc && note.n) {
		size_t n = note.n < PIECE ? SIZE_MAX : lam_get32(note.p + 4);

		if (n > note.n - PIECE || n >= sizeof name)
			return lam_fail(e, LAM_DATA, "a list of files that is "
				"none");
		memcpy(name, note.p + PIECE, n);
		name[n] = '\0';
		rc = apply_one(o, note.p, name, e);
		note.p += PIECE + n;
		note.n -= PIECE + n;
	}
	return rc;
}
