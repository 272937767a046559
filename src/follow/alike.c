/*
 * alike.c - whether files have the same text, and the same log
 *
 * What cannot be read is not the same.
 */
#include "follow/alike.h"

#include <string.h>

#include "follow/rotated.h"

static const char *
base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool
lam_alike_log(const char *log, const char *path)
{
	size_t dir = (size_t)(base(log) - log);

	return (size_t)(base(path) - path) == dir &&
		!memcmp(log, path, dir) &&
		lam_rotated_is(base(log), base(path));
}

bool
lam_alike_text(const struct lam_follow_reader *r, const struct lam_seen *s)
{
	bool same = false;

	if (!s->mark.at || (!r->file.gzip && r->file.size < s->mark.at))
		return false;
	return !lam_file_begins(&r->file, &s->mark, &same, NULL) && same;
}

bool
lam_alike_living(const struct lam_trail *t, const struct lam_seen *s)
{
	struct lam_names names;
	struct lam_file_id id;
	bool living = lam_file_at(t->path, &id) && lam_file_same_id(&id, &s->id);

	if (lam_rotated_list(t->path, &names, NULL))
		return living;
	for (size_t i = 0; !living && i < names.n; i++)
		living = lam_file_at(names.name[i], &id) &&
			lam_file_same_id(&id, &s->id);
	lam_names_release(&names);
	return living;
}

/* Do the plain texts of A and B begin alike, as far as the shorter goes? */
static bool
begin_alike(const struct lam_file *a, const struct lam_file *b)
{
	const struct lam_file *less = a->size < b->size ? a : b;
	const struct lam_file *more = less == a ? b : a;
	uint64_t to[] = { LAM_PREFIX_HEAD, less->size };
	bool same = less->size > 0;

	for (int i = 0; same && i < 2; i++) {
		struct lam_mark m;

		if (lam_file_mark(less, to[i] < less->size ? to[i] : less->size,
			&m, NULL) || lam_file_begins(more, &m, &same, NULL))
			same = false;
	}
	return same;
}

/* May a rotation put a copy of X's file where R's is, in whatever directory? */
static bool
is_place_for(const struct lam_follow_reader *x, const struct lam_follow_reader *r)
{
	const char *log = x->trail ? x->trail->path : x->file.path;

	return x != r && (x->seen || x->named) &&
		lam_rotated_is(base(log), base(r->file.path));
}

/*
 * Is R's file a copy of X's, whole or not yet?  R is looked at first: what X has by
 * then may have been written and copied since the last look.  If X is truncated while
 * they are compared, its copy is whole, and has what was read of X.
 */
static bool
is_copy_of(struct lam_follow_reader *r, struct lam_follow_reader *x)
{
	if (r->file.gzip)
		return x->seen && lam_alike_text(r, x->seen);
	if (lam_file_look(&r->file, NULL) || lam_file_look(&x->file, NULL))
		return true; /* leave it alone */
	/* An empty one may be about to become it. */
	if (!r->file.size || (!x->file.gzip && begin_alike(&r->file, &x->file)))
		return true;
	return x->seen && !x->file.gzip && !lam_file_look(&r->file, NULL) &&
		lam_alike_text(r, x->seen);
}

bool
lam_alike_copy(const struct lam_follow *f, struct lam_follow_reader *r)
{
	size_t n = strlen(r->file.path);
	char plain[4096];
	struct lam_file_id id;

	if (n > 3 && n < sizeof plain && !strcmp(r->file.path + n - 3, ".gz")) {
		memcpy(plain, r->file.path, n - 3);
		plain[n - 3] = '\0';
		if (lam_file_at(plain, &id))
			return true;
	}
	for (size_t i = 0; i < f->nreaders; i++)
		if (is_place_for(f->reader[i], r) && is_copy_of(r, f->reader[i]))
			return true;
	return false;
}
