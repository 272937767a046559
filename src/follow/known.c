/*
 * known.c - the files beside a log that are not to be read
 *
 * A file is known by its inode and birth.  Where no birth is told, an inode may be
 * another file's by now: then size and time, or the first bytes, must be the same.
 *
 *	 0  u64  device	  8  u64  inode	16  u64  time of birth, ns, or 0
 *	24  u64  size	 32  u64  time of the last write, ns
 *	40  u64  hash of the first 4 KiB, or 0
 */
#include "follow/known.h"

#include <stdlib.h>
#include <string.h>

#include "follow/rotated.h"

void
lam_known_release(struct lam_known *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->file[i].path);
	free(k->file);
	*k = (struct lam_known){ 0 };
}

static struct lam_known_file *
find(const struct lam_known *k, const struct lam_file_id *id)
{
	for (size_t i = 0; i < k->n; i++)
		if (lam_file_same_id(&k->file[i].id, id))
			return &k->file[i];
	return NULL;
}

static int
add(struct lam_known *k, struct lam_known_file **out, struct lam_error *e)
{
	struct lam_known_file *file = realloc(k->file, (k->n + 1) * sizeof *file);

	if (!file)
		return lam_fail_mem(e);
	k->file = file;
	*out = &file[k->n++];
	**out = (struct lam_known_file){ 0 };
	return LAM_OK;
}

int
lam_known_add(struct lam_known *k, const struct lam_file *f, struct lam_error *e)
{
	struct lam_known_file *x = find(k, &f->id);
	int rc = x ? LAM_OK : add(k, &x, e);

	if (rc)
		return rc;
	x->id = f->id;
	x->size = f->size;
	x->mtime = f->mtime;
	free(x->path);
	x->path = strdup(f->path);
	return x->path ? LAM_OK : lam_fail_mem(e);
}

bool
lam_known_drop(struct lam_known *k, const struct lam_file_id *id)
{
	struct lam_known_file *x = find(k, id);

	if (!x)
		return false;
	free(x->path);
	k->n--;
	memmove(x, x + 1, (size_t)(k->file + k->n - x) * sizeof *x);
	return true;
}

bool
lam_known_has(const struct lam_known *k, const struct lam_file_id *id)
{
	return find(k, id) != NULL;
}

static uint64_t
age(uint64_t born, uint64_t mtime)
{
	return born > mtime ? born : mtime;
}

bool
lam_known_is(const struct lam_known *k, const struct lam_file *f)
{
	const struct lam_known_file *x = find(k, &f->id);
	uint64_t head = 0;

	if (k->floor && age(f->id.born, f->mtime) <= k->floor)
		return true;
	if (!x || x->id.born)
		return x != NULL;
	if (x->size == f->size && x->mtime == f->mtime)
		return true;
	return f->fd >= 0 && x->head && x->size <= f->size &&
		!lam_file_first(f, x->size, NULL, &head, NULL) && head == x->head;
}

bool
lam_known_packs(const struct lam_known_file *x, const struct lam_file *f)
{
	struct lam_mark m = { .at = x->size < LAM_PREFIX_HEAD ? x->size :
		LAM_PREFIX_HEAD, .head = x->head, .digest = x->head };
	bool same = false;

	return x->head && m.at && !lam_file_begins(f, &m, &same, NULL) && same &&
		(x->size >= LAM_PREFIX_HEAD || lam_file_is_all(f, x->size));
}

static int
youngest_first(const void *a, const void *b)
{
	const struct lam_known_file *x = a, *y = b;
	uint64_t s = age(x->id.born, x->mtime), t = age(y->id.born, y->mtime);

	return s != t ? (s > t ? -1 : 1) : x->id.ino < y->id.ino ? -1 : 1;
}

/* K has as many files as are kept. */
static void
trim(struct lam_known *k)
{
	if (k->n > LAM_KNOWN)
		qsort(k->file, k->n, sizeof *k->file, youngest_first);
	while (k->n > LAM_KNOWN) {
		const struct lam_known_file *x = &k->file[--k->n];
		uint64_t old = age(x->id.born, x->mtime);

		if (k->floor < old)
			k->floor = old;
		free(x->path);
	}
}

/* The first bytes of X, if they are not in BEFORE. */
static void
read_head(struct lam_known_file *x, const struct lam_known *before)
{
	const struct lam_known_file *was = find(before, &x->id);
	struct lam_file f;
	bool found = false;

	if (was && was->head && (was->size == x->size ||
		(was->id.born && was->size >= LAM_PREFIX_HEAD))) {
		x->head = was->head;
		return;
	}
	if (!x->size || (x->id.born && lam_rotated_packed(x->path)) ||
		lam_file_open(&f, x->path, &found, NULL) || !found)
		return;
	if (lam_file_same_id(&f.id, &x->id))
		(void)!lam_file_first(&f, x->size, NULL, &x->head, NULL);
	lam_file_close(&f);
}

int
lam_known_turn(struct lam_known *k, struct lam_known *next, bool whole,
	bool *changed, struct lam_error *e)
{
	int rc = LAM_OK;

	next->floor = k->floor;
	next->is = true;
	for (size_t i = 0; !rc && !whole && i < k->n; i++) {
		struct lam_known_file *x;

		if (find(next, &k->file[i].id))
			continue;
		rc = add(next, &x, e);
		if (rc)
			return rc;
		*x = k->file[i];
		x->path = NULL;
	}
	trim(next);
	*changed = next->n != k->n || next->floor != k->floor;
	for (size_t i = 0; i < next->n; i++) {
		if (next->file[i].path)
			read_head(&next->file[i], k);
		*changed |= !find(k, &next->file[i].id);
	}
	lam_known_release(k);
	*k = *next;
	*next = (struct lam_known){ 0 };
	return LAM_OK;
}

void
lam_known_put(const struct lam_known *k, struct lam_buf *out)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct lam_known_file *x = &k->file[i];
		const uint64_t w[] = { x->id.dev, x->id.ino, x->id.born, x->size,
			x->mtime, x->head };

		for (size_t j = 0; j < sizeof w / sizeof *w; j++)
			lam_buf_put_u64(out, w[j]);
	}
}

int
lam_known_get(struct lam_known *k, const char *p, size_t n, struct lam_error *e)
{
	for (size_t i = 0; i < n; i++, p += LAM_KNOWN_BYTES) {
		struct lam_known_file *x = NULL;
		int rc = add(k, &x, e);

		if (rc)
			return rc;
		x->id = (struct lam_file_id){ lam_get64(p), lam_get64(p + 8),
			lam_get64(p + 16) };
		x->size = lam_get64(p + 24);
		x->mtime = lam_get64(p + 32);
		x->head = lam_get64(p + 40);
	}
	return LAM_OK;
}
