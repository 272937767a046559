/*
 * watch.c - inotify on the directories of a dataset
 *
 * Only names of directories matter, not what happened in them: whoever waits
 * looks at everything again.  Directories that speed partials are written to
 * are not watched, or the writer would wake itself.
 */
#include "view/watch.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/io.h"
#include "time/time.h"

#define EVENTS (IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | \
	IN_DELETE | IN_ONLYDIR)

int
lam_watch_open(struct lam_watch *w, struct lam_error *e)
{
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return w->fd < 0 ? lam_fail_sys(e, "inotify") : LAM_OK;
}

void
lam_watch_close(struct lam_watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* A directory that is not there (yet) is no error. */
static int
add(struct lam_watch *w, const char *dir, struct lam_error *e)
{
	if (inotify_add_watch(w->fd, dir, EVENTS) >= 0 || errno == ENOENT ||
		errno == ENOTDIR)
		return LAM_OK;
	return lam_fail_sys(e, "%s: watching it", dir);
}

/* DATA/SUB and the directories in it. */
static int
add_all(struct lam_watch *w, const char *data, const char *sub,
	struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	char dir[LAM_PATH_MAX], path[LAM_PATH_MAX];
	int rc;

	rc = lam_io_path(dir, sizeof dir, e, "%s/%s", data, sub);
	if (!rc)
		rc = add(w, dir, e);
	if (!rc)
		rc = lam_io_list(dir, "", &names, e);
	for (size_t i = 0; !rc && i < names.n; i++) {
		rc = lam_io_path(path, sizeof path, e, "%s/%s", dir,
			names.name[i]);
		if (!rc)
			rc = add(w, path, e);
	}
	lam_names_release(&names);
	return rc;
}

int
lam_watch_update(struct lam_watch *w, const char *data, struct lam_error *e)
{
	char dir[LAM_PATH_MAX];
	int rc;

	rc = add(w, data, e);
	if (!rc)
		rc = lam_io_path(dir, sizeof dir, e, "%s/views", data);
	if (!rc)
		rc = add(w, dir, e);
	if (!rc)
		rc = add_all(w, data, "master", e);
	if (!rc)
		rc = add_all(w, data, "serving", e);
	return rc;
}

int
lam_watch_wait(struct lam_watch *w, int64_t timeout, const sigset_t *mask,
	bool keep, struct lam_error *e)
{
	struct pollfd p = { w->fd, POLLIN, 0 };
	struct timespec t = { timeout / LAM_NS, timeout % LAM_NS };
	char events[4096];
	ssize_t n;

	if (ppoll(&p, keep ? 0 : 1, timeout < 0 ? NULL : &t, mask) < 0 &&
		errno != EINTR)
		return lam_fail_sys(e, "waiting for changes");
	if (keep)
		return LAM_OK;
	do
		n = read(w->fd, events, sizeof events);
	while (n > 0 || (n < 0 && errno == EINTR));
	return LAM_OK;
}
