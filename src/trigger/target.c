/*
 * target.c - where the outputs of a function go: a stream, a file, standard output
 *
 * Of a file the ledger knows the length at its last DELIVERED frame.  What is behind
 * that was written by outputs that now come again: they must be the same bytes, and
 * are only counted.  Where a power failure has left zeros instead they are written
 * again.  Other bytes are somebody else's, and nothing is written.
 *
 * That the name is still that of the file is looked at before each output: whoever
 * rotates it loses nothing.
 */
#include "trigger/target.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/hash.h"
#include "trigger/target_internal.h"

/* The name of a file just made is durable too. */
static int
sync_parent(const char *path, struct lam_error *e)
{
	char dir[LAM_PATH_MAX];
	const char *slash = strrchr(path, '/');
	int rc;

	rc = lam_io_path(dir, sizeof dir, e, "%.*s", slash && slash > path ?
		(int)(slash - path) : 1, slash ? path : ".");
	return rc ? rc : lam_io_sync_dir(dir, e);
}

/* Is PATH, which is resolved, below DATA/NAME? */
static bool
is_below(const char *path, const char *data, const char *name)
{
	size_t n = strlen(data), m = strlen(name);

	return !strncmp(path, data, n) && path[n] == '/' &&
		!strncmp(path + n + 1, name, m) &&
		(path[n + 1 + m] == '/' || !path[n + 1 + m]);
}

/* What a dataset consists of is no output of a function. */
static int
check_path(const struct lam_target_options *o, struct lam_error *e)
{
	static const char *const own[] = { "master", "serving", "speed", "trigger",
		"views", "reject", "formats" };
	char data[PATH_MAX], dir[PATH_MAX], parent[LAM_PATH_MAX];
	const char *slash = strrchr(o->into, '/');
	bool is_own = slash && !strcmp(slash + 1, "function");
	int rc;

	if (!o->ledger || !slash)
		return LAM_OK;
	rc = lam_io_path(parent, sizeof parent, e, "%.*s/", (int)(slash - o->into),
		o->into);
	if (rc || !realpath(parent, dir) || !realpath(o->data, data))
		return rc; /* what is not there is told by who opens it */
	is_own = is_own && is_below(dir, data, "functions");
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		is_own |= is_below(dir, data, own[i]);
	return is_own ? lam_fail(e, LAM_USAGE, "%s: is part of the dataset itself, "
		"and no output of a function may be", o->into) : LAM_OK;
}

/* The file, as far as it is there.  With a ledger it is a plain one. */
static int
open_path(struct lam_target *t, struct lam_error *e)
{
	const char *path = t->o.into;
	struct stat st;
	int rc = check_path(&t->o, e);

	if (rc)
		return rc;
	t->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (t->fd < 0)
		return lam_fail_sys(e, "%s: cannot open", path);
	if (fstat(t->fd, &st))
		return lam_fail_sys(e, "%s: cannot get its size", path);
	if (t->o.ledger && !S_ISREG(st.st_mode))
		return lam_fail(e, LAM_USAGE, "%s: is no plain file, as an output "
			"of a function must be: it is read again after a crash",
			path);
	t->device = st.st_dev;
	t->inode = st.st_ino;
	t->size = t->there = (uint64_t)st.st_size;
	return sync_parent(path, e);
}

static int
open_file(struct lam_target *t, struct lam_error *e)
{
	struct lam_ledger *l = t->o.ledger;
	int rc = open_path(t, e);

	if (rc || !l)
		return rc;
	if (l->progress.target == t->checksum && l->progress.length <= t->there)
		t->size = l->progress.length;
	else /* new, or shorter than it was: it begins here */
		rc = lam_target_sync(t, l->progress.delivered, e);
	return rc;
}

static int
foreign(const struct lam_target *t, uint64_t from, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: from byte %" PRIu64 " on it has other "
		"bytes than were written to it: only its function may write to "
		"it; move it away to begin a new one", t->o.into, from);
}

/* A file that was moved away, removed or cut is a new one from AT of the ledger on. */
static int
reach(struct lam_target *t, uint64_t at, struct lam_error *e)
{
	struct stat st = { .st_size = 0 };
	bool same = !stat(t->o.into, &st) && st.st_ino == t->inode &&
		st.st_dev == t->device;
	int rc;

	if (!t->o.ledger || (same && (uint64_t)st.st_size == t->there))
		return LAM_OK;
	if (same && (uint64_t)st.st_size > t->there)
		return foreign(t, t->there, e);
	rc = lam_io_sync(t->fd, t->o.into, e);
	close(t->fd);
	t->fd = -1;
	if (!rc)
		rc = open_path(t, e);
	return rc ? rc : lam_target_sync(t, at, e);
}

int
lam_target_open(struct lam_target **out, const struct lam_target_options *o,
	struct lam_error *e)
{
	struct lam_target *t = calloc(1, sizeof *t);
	int rc = LAM_OK;

	if (!t)
		return lam_fail_mem(e);
	t->o = *o;
	t->fd = -1;
	t->checksum = lam_checksum(o->called, strlen(o->called));
	if (strcmp(o->into, "-") && !strchr(o->into, '/'))
		rc = lam_target_stream_open(t, e);
	else
		rc = lam_target_text_open(t, e);
	if (!rc && !strcmp(o->into, "-"))
		t->fd = STDOUT_FILENO;
	else if (!rc && !t->stream)
		rc = open_file(t, e);
	if (rc)
		lam_target_close(t);
	else
		*out = t;
	return rc;
}

/* Is P the bytes of TEXT, but for some that were never written? */
static bool
torn(const char *p, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] && p[i] != text[i])
			return false;
	return true;
}

/* *N: how many of the first bytes of TEXT the file has already. */
static int
compare(struct lam_target *t, struct lam_str text, size_t *n,
	struct lam_error *e)
{
	uint64_t left = t->there - t->size;
	char *p;
	int rc;

	*n = left < text.n ? (size_t)left : text.n;
	if (!*n)
		return LAM_OK;
	p = malloc(*n);
	if (!p)
		return lam_fail_mem(e);
	rc = lam_io_pread(t->fd, p, *n, t->size, t->o.into, e);
	if (!rc && memcmp(p, text.p, *n) && !torn(p, text.p, *n))
		rc = foreign(t, t->size, e);
	if (rc || memcmp(p, text.p, *n))
		*n = 0;
	free(p);
	return rc;
}

int
lam_target_check(struct lam_target *t, struct lam_str text, struct lam_error *e)
{
	return t->stream ? lam_target_stream_check(t, text, e) :
		t->text ? lam_target_text_check(t, text, e) : LAM_OK;
}

int
lam_target_put(struct lam_target *t, uint64_t at, struct lam_str text,
	struct lam_error *e)
{
	size_t has;
	int rc;

	if (t->stream)
		return lam_target_stream_put(t, at, text, e);
	if (t->fd == STDOUT_FILENO)
		return lam_io_write(t->fd, text.p, text.n, "standard output", e);
	rc = reach(t, at, e);
	if (!rc)
		rc = compare(t, text, &has, e);
	if (!rc && has < text.n)
		rc = lam_io_pwrite(t->fd, text.p + has, text.n - has,
			t->size + has, t->o.into, e);
	t->size += rc ? 0 : text.n;
	if (t->there < t->size)
		t->there = t->size;
	return rc;
}

int
lam_target_sync(struct lam_target *t, uint64_t upto, struct lam_error *e)
{
	struct lam_ledger_frame f = { .kind = LAM_FRAME_DELIVERED, .from = upto,
		.to = t->size, .target = t->checksum };
	int rc = LAM_OK;

	if (t->fd >= 0 && t->fd != STDOUT_FILENO)
		rc = lam_io_sync(t->fd, t->o.into, e);
	return rc || !t->o.ledger ? rc : lam_ledger_put(t->o.ledger, &f, e);
}

void
lam_target_close(struct lam_target *t)
{
	if (!t)
		return;
	if (t->fd >= 0 && t->fd != STDOUT_FILENO)
		close(t->fd);
	lam_target_stream_close(t);
	lam_target_text_close(t);
	free(t);
}
