/*
 * bucket.c - what changes in a directory
 *
 * Watches are made before a directory is read, so what happens meanwhile is told again,
 * and is then what is known.  When the kernel has lost events, or a directory was
 * moved away, whose watches would tell wrong names, all watches are made anew and all
 * is read.
 *
 * Whether a file is open for writing is told by a read lease, which such a file cannot
 * have (fcntl(2), F_SETLEASE); it is given back at once.  It is to be had of files of
 * one's own, or by root, on local file systems.
 */
#include "trigger/bucket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/dir.h"

#define EVENTS (IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | \
	IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
#define READ_BYTES 65536
#define MOMENT 1000000 /* ns */
#define TRIES 10

struct look {
	struct lam_bucket *b;
	struct lam_buf dirs; /* to be read: names, a NUL behind each */
	size_t at;
};

/* ------------------------------------------------------------------- names */

bool
lam_bucket_wants(const char *const *pattern, const char *name)
{
	static const char *const temporary[] = { "!*~", "!*.tmp", "!*.part",
		"!*.swp", NULL };
	bool any = false, wanted = false, refuses = false;

	for (; *pattern; pattern++) {
		bool not = **pattern == '!';
		bool fits = !fnmatch(*pattern + not, name, 0);

		if (not && fits)
			return false;
		refuses |= not;
		any |= !not;
		wanted |= !not && fits;
	}
	return (!any || wanted) && (refuses || lam_bucket_wants(temporary, name));
}

static int
path_of(const struct lam_bucket *b, const char *name, char out[LAM_PATH_MAX],
	struct lam_error *e)
{
	return lam_io_path(out, LAM_PATH_MAX, e, "%s%s%s", b->dir,
		*name ? "/" : "", name);
}

/* ------------------------------------------------------------------- files */

static int64_t
ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool
settled(struct lam_bucket *b, const struct stat *st)
{
	int64_t changed = ns_of(st->st_ctim), now = lam_clock_wall(), then;

	then = changed + LAM_BUCKET_SETTLE;
	if (then <= now || changed > now + LAM_BUCKET_SETTLE) /* another clock's */
		return true;
	if (!b->young || then < b->young)
		b->young = then;
	return false;
}

/* A close is told a moment before the kernel knows the file as closed. */
static bool
lease(int fd, bool closed)
{
	const struct timespec moment = { 0, MOMENT };
	int tries = closed ? TRIES : 1;

	while (fcntl(fd, F_SETLEASE, F_RDLCK)) {
		if (errno != EAGAIN || --tries == 0)
			return false;
		nanosleep(&moment, NULL);
		errno = EAGAIN;
	}
	return true;
}

static bool
whole(struct lam_bucket *b, const char *path, const struct stat *st, bool closed)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool free = false, busy = false;
	int64_t then = lam_clock_wall() + LAM_BUCKET_SETTLE / 5;

	if (fd >= 0) {
		/* Who opens it now breaks the lease; its signal is to do nothing. */
		free = !fcntl(fd, F_SETSIG, SIGURG) && lease(fd, closed);
		busy = !free && errno == EAGAIN;
		if (free)
			free = !fcntl(fd, F_SETLEASE, F_UNLCK);
		close(fd);
	}
	if (busy && closed && (!b->young || then < b->young))
		b->young = then;
	return free || (!busy && (closed || settled(b, st)));
}

static int
gone(struct lam_bucket *b, const char *name, struct lam_error *e)
{
	int rc;

	/* Of a name that is not wanted any more nothing is told. */
	if (!lam_objects_find(&b->known, name) ||
		!lam_bucket_wants(b->pattern, name))
		return LAM_OK;
	rc = b->changed(b->arg, name, NULL, e);
	lam_objects_drop(&b->known, name);
	return rc;
}

/* NAME as ST says it is. */
static int
see(struct lam_bucket *b, const char *name, const char *path, const struct stat *st,
	bool closed, struct lam_error *e)
{
	struct lam_object *x;

	if (!lam_bucket_wants(b->pattern, name))
		return LAM_OK;
	x = lam_objects_find(&b->known, name);
	if (x)
		x->round = b->round;
	if (x && x->size == (uint64_t)st->st_size && x->inode == st->st_ino &&
		x->mtime == ns_of(st->st_mtim))
		return LAM_OK;
	if (!whole(b, path, st, closed))
		return LAM_OK;
	x = lam_objects_add(&b->known, name);
	if (!x)
		return lam_fail_mem(e);
	x->size = (uint64_t)st->st_size;
	x->inode = st->st_ino;
	x->mtime = ns_of(st->st_mtim);
	x->round = b->round;
	return b->changed(b->arg, name, x, e);
}

/* ------------------------------------------------------------- directories */

static int
by_wd(const void *a, const void *b)
{
	const struct lam_bucket_watch *x = a, *y = b;

	return (x->wd > y->wd) - (x->wd < y->wd);
}

static struct lam_bucket_watch *
find_watch(const struct lam_bucket *b, int wd)
{
	struct lam_bucket_watch key = { wd, NULL };

	return b->nwatches ? bsearch(&key, b->watch, b->nwatches, sizeof key,
		by_wd) : NULL;
}

/* The kernel gives ever higher numbers, and the old one to what is watched already. */
static int
add_watch(struct lam_bucket *b, const char *dir, const char *path,
	struct lam_error *e)
{
	int wd = b->fd < 0 ? -1 : inotify_add_watch(b->fd, path, EVENTS);
	struct lam_bucket_watch *w;

	b->blind |= wd < 0 && errno != ENOENT && errno != ENOTDIR;
	if (wd < 0)
		return LAM_OK;
	w = find_watch(b, wd);
	if (!w) {
		if (!lam_array_room(&b->watch, &b->cap, b->nwatches + 1,
			sizeof *b->watch))
			return lam_fail_mem(e);
		w = &b->watch[b->nwatches++];
		w->dir = NULL;
	}
	free(w->dir);
	*w = (struct lam_bucket_watch){ wd, strdup(dir) };
	if (!w->dir)
		return lam_fail_mem(e);
	if (w > b->watch && w[-1].wd > wd)
		qsort(b->watch, b->nwatches, sizeof *b->watch, by_wd);
	return LAM_OK;
}

static void
forget_watches(struct lam_bucket *b)
{
	for (size_t i = 0; i < b->nwatches; i++) {
		inotify_rm_watch(b->fd, b->watch[i].wd);
		free(b->watch[i].dir);
	}
	b->nwatches = 0;
}

static void
later(struct look *l, const char *dir)
{
	lam_buf_put(&l->dirs, dir, strlen(dir) + 1);
}

/* What the name LEAF of the directory DIR is now. */
static int
look_at(struct look *l, const char *dir, const char *leaf, bool closed,
	struct lam_error *e)
{
	char name[LAM_PATH_MAX], path[LAM_PATH_MAX];
	struct stat st;
	int rc;

	rc = lam_io_path(name, sizeof name, e, "%s%s%s", dir, *dir ? "/" : "", leaf);
	if (!rc)
		rc = path_of(l->b, name, path, e);
	if (rc || *leaf == '.')
		return rc;
	if (lstat(path, &st)) {
		if (errno != ENOENT && errno != ENOTDIR)
			return lam_fail_sys(e, "%s", path);
		return gone(l->b, name, e);
	}
	if (S_ISREG(st.st_mode))
		return see(l->b, name, path, &st, closed, e);
	if (S_ISDIR(st.st_mode))
		later(l, name);
	return gone(l->b, name, e);
}

static int
read_dir(struct look *l, const char *dir, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	char path[LAM_PATH_MAX];
	int rc = path_of(l->b, dir, path, e);

	if (!rc)
		rc = add_watch(l->b, dir, path, e);
	if (!rc && !*dir && access(path, F_OK))
		rc = lam_fail_sys(e, "%s", path);
	if (!rc)
		rc = lam_io_list(path, "", &names, e);
	for (size_t i = 0; !rc && i < names.n; i++)
		rc = look_at(l, dir, names.name[i], false, e);
	lam_names_release(&names);
	return rc;
}

static int
read_dirs(struct look *l, struct lam_error *e)
{
	int rc = lam_buf_check(&l->dirs, e);
	char *dir;

	while (!rc && l->at < l->dirs.n) {
		dir = strdup(l->dirs.p + l->at); /* what is put moves the others */
		if (!dir)
			return lam_fail_mem(e);
		l->at += strlen(dir) + 1;
		rc = read_dir(l, dir, e);
		free(dir);
		if (!rc)
			rc = lam_buf_check(&l->dirs, e);
	}
	return rc;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Whatever was not seen in this round, in the order of the names. */
static int
find_gone(struct lam_bucket *b, struct lam_error *e)
{
	const char **name = malloc((b->known.n + 1) * sizeof *name);
	struct lam_object *x = lam_objects_each(&b->known, NULL);
	size_t n = 0;
	int rc = name ? LAM_OK : lam_fail_mem(e);

	for (; !rc && x; x = lam_objects_each(&b->known, x))
		if (x->round != b->round)
			name[n++] = x->name;
	if (!rc && n)
		qsort(name, n, sizeof *name, by_name);
	for (size_t i = 0; !rc && i < n; i++)
		rc = gone(b, name[i], e);
	free(name);
	return rc;
}

static int
look_at_all(struct look *l, struct lam_error *e)
{
	struct lam_bucket *b = l->b;
	int rc;

	b->round++;
	b->blind = b->fd < 0;
	b->young = 0;
	forget_watches(b);
	later(l, "");
	rc = read_dirs(l, e);
	if (!rc)
		rc = find_gone(b, e);
	b->all = rc != LAM_OK;
	return rc;
}

/* ------------------------------------------------------------------ events */

static int
take(struct look *l, const struct inotify_event *v, struct lam_error *e)
{
	struct lam_bucket_watch *w = find_watch(l->b, v->wd);
	bool self = v->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT);

	if (v->mask & IN_Q_OVERFLOW || (w && self && !*w->dir) || (w &&
		v->mask & IN_ISDIR && v->mask & IN_MOVED_FROM))
		l->b->all = true;
	if (!w || self || v->mask & IN_IGNORED || !v->len || l->b->all)
		return LAM_OK;
	if (v->mask & IN_ISDIR && v->mask & IN_DELETE)
		return LAM_OK; /* each file in it was told */
	return look_at(l, w->dir, v->name, v->mask & (IN_CLOSE_WRITE |
		IN_MOVED_TO), e);
}

static int
take_events(struct look *l, struct lam_error *e)
{
	_Alignas(struct inotify_event) char text[READ_BYTES];
	ssize_t n = 0;
	int rc = LAM_OK;

	while (!rc && l->b->fd >= 0) {
		n = read(l->b->fd, text, sizeof text);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		for (char *p = text; !rc && p < text + n; ) {
			struct inotify_event *v = (struct inotify_event *)p;

			rc = take(l, v, e);
			p += sizeof *v + v->len;
		}
		if (!rc)
			rc = read_dirs(l, e);
	}
	return rc;
}

int
lam_bucket_look(struct lam_bucket *b, struct lam_error *e)
{
	struct look l = { .b = b, .dirs = LAM_BUF_INIT };
	bool young = b->young && b->young <= lam_clock_wall();
	int rc = take_events(&l, e);

	if (!rc && (b->all || b->blind || young))
		rc = look_at_all(&l, e);
	lam_buf_release(&l.dirs);
	return rc;
}

int
lam_bucket_open(struct lam_bucket *b, struct lam_error *e)
{
	struct stat st;

	b->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	b->all = true;
	if (stat(b->dir, &st) || !S_ISDIR(st.st_mode))
		return lam_fail(e, LAM_USAGE, "%s: there is no such directory",
			b->dir);
	return LAM_OK;
}

void
lam_bucket_close(struct lam_bucket *b)
{
	forget_watches(b);
	free(b->watch);
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
	lam_objects_release(&b->known);
}
