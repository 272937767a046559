/*
 * objects.h - the files of a bucket that are known, by name
 *
 * A name is a path from the bucket.  What is known of a file is what tells it from
 * another one, or from itself before it was written to.
 */
#ifndef LAM_TRIGGER_OBJECTS_H
#define LAM_TRIGGER_OBJECTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

struct lam_object {
	struct lam_object *next; /* of its slot */
	uint64_t size, inode;
	int64_t mtime;		 /* ns since 1970 */
	uint64_t round;		 /* the last one in which it was seen */
	char name[];
};

struct lam_objects {
	struct lam_object **slot; /* [nslots], a power of two; or NULL */
	size_t nslots, n;
};

#define LAM_OBJECTS_INIT { NULL, 0, 0 }

void lam_objects_release(struct lam_objects *o);

struct lam_object *lam_objects_find(const struct lam_objects *o, const char *name);

/* The object NAME, made if there is none: NULL, no memory. */
struct lam_object *lam_objects_add(struct lam_objects *o, const char *name);

void lam_objects_drop(struct lam_objects *o, const char *name);

/* The first one, or the one behind X; NULL: there is none.  Any order. */
struct lam_object *lam_objects_each(const struct lam_objects *o,
	const struct lam_object *x);

/* X as a piece of a note, or that there is no NAME any more. */
void lam_object_put(const struct lam_object *x, struct lam_buf *note);
void lam_object_put_gone(const char *name, struct lam_buf *note);

/* What a note says becomes so.  LAM_DATA: it is none. */
int lam_objects_apply(struct lam_objects *o, struct lam_str note,
	struct lam_error *e) LAM_MUST;

#endif
