/*
 * segment_list.c - which segments a directory has
 *
 * A directory is not listed at one instant: a name that appears meanwhile may
 * be left out though a later one is there, and so may one that is renamed over.
 * Segments appear in the order of their bases, so all up to the last of a first
 * listing were there before a second one: it has them, but for one that was
 * renamed over during it, which the first has.  What lies behind is left to
 * the next snapshot.  A directory that was not changed meanwhile is listed once.
 */
#include "log/segment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"

struct bases {
	const char *dir;
	uint64_t *v;
	size_t n, cap;
};

static bool
is_empty(const char *dir, uint64_t base)
{
	char path[LAM_PATH_MAX];
	struct stat st;

	return !lam_segment_path(path, dir, base, NULL) && !lstat(path, &st) &&
		S_ISREG(st.st_mode) && st.st_size == 0;
}

int
lam_segment_sweep(const char *dir, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	char path[LAM_PATH_MAX];
	uint64_t base;
	int rc = lam_io_list(dir, ".seg", &names, e);

	for (size_t i = names.n; !rc && i-- > 0; ) {
		if (!lam_segment_name(names.name[i], &base) ||
			!is_empty(dir, base))
			break;
		rc = lam_segment_path(path, dir, base, e);
		if (!rc)
			rc = lam_io_unlink(path, e);
	}
	lam_names_release(&names);
	return rc;
}

static int
add(void *arg, const char *name, struct lam_error *e)
{
	struct bases *b = arg;

	if (!lam_array_room(&b->v, &b->cap, b->n + 1, sizeof *b->v))
		return lam_fail_mem(e);
	if (!lam_segment_name(name, &b->v[b->n]))
		return lam_fail(e, LAM_DATA, "%s/%s: not the name of a segment "
			"(20 digits and .seg); move it away", b->dir, name);
	b->n++;
	return LAM_OK;
}

static int
by_base(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The listing of DIR, in order; STILL: see lam_io_each. */
static int
list(const char *dir, struct bases *b, bool *still, struct lam_error *e)
{
	int rc;

	*b = (struct bases){ .dir = dir };
	rc = lam_io_each(dir, ".seg", add, b, still, e);
	if (rc)
		return rc;
	if (b->n > 1)
		qsort(b->v, b->n, sizeof *b->v, by_base);
	/* A last one of no bytes was never begun: there is no record in it. */
	while (b->n && is_empty(dir, b->v[b->n - 1]))
		b->n--;
	if (b->n && b->v[0] != 0)
		rc = lam_fail(e, LAM_DATA, "%s: positions 0 to %" PRIu64
			" are missing: restore %020d.seg from a copy", dir,
			b->v[0] - 1, 0);
	return rc;
}

int
lam_segment_list(const char *dir, uint64_t **base, size_t *n,
	struct lam_error *e)
{
	struct bases b;
	bool still;
	int rc = list(dir, &b, &still, e);

	if (rc) {
		free(b.v);
		b = (struct bases){ .v = NULL };
	}
	*base = b.v;
	*n = b.n;
	return rc;
}

/* A with those of B up to its last, into OUT; both are sorted. */
static int
join(const struct bases *a, const struct bases *b, struct bases *out,
	struct lam_error *e)
{
	size_t i = 0, k = 0;

	out->v = calloc(a->n + b->n + 1, sizeof *out->v);
	if (!out->v)
		return lam_fail_mem(e);
	while (i < a->n) {
		uint64_t v = a->v[i];

		if (k < b->n && b->v[k] < v)
			v = b->v[k];
		i += v == a->v[i];
		k += k < b->n && v == b->v[k];
		out->v[out->n++] = v;
	}
	return LAM_OK;
}

int
lam_segment_snapshot(const char *dir, uint64_t **base, size_t *n,
	struct lam_error *e)
{
	struct bases first, second = { .v = NULL }, both = { .v = NULL };
	bool still;
	int rc = list(dir, &first, &still, e);

	if (!rc && !still && first.n > 1) {
		rc = list(dir, &second, &still, e);
		if (!rc)
			rc = join(&first, &second, &both, e);
		free(first.v);
		first = both;
	}
	free(second.v);
	if (rc) {
		free(first.v);
		first = (struct bases){ .v = NULL };
	}
	*base = first.v;
	*n = first.n;
	return rc;
}

int
lam_segment_any(const char *dir, bool *any, struct lam_error *e)
{
	uint64_t *base;
	size_t n = 0;
	int rc = lam_segment_list(dir, &base, &n, e);

	free(base);
	*any = n > 0;
	return rc;
}
