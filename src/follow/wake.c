/*
 * wake.c - wait until something happens to files and in directories
 *
 * A file is watched by its descriptor, not by its name, which may lead to another by
 * now.  Names only say that it is time to look again: what happened meanwhile is
 * found, not told.
 */
#include "follow/wake.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "time/time.h"

/* A copy that is being made is looked at again when it is closed. */
#define IN_DIR (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | \
	IN_CLOSE_WRITE | IN_ONLYDIR)
#define IN_FILE (IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF)

int
lam_wake_open(struct lam_wake *w, int64_t interval, struct lam_error *e)
{
	w->fd = -1;
	w->interval = interval > 0 ? interval : LAM_NS;
	if (interval > 0)
		return LAM_OK;
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd < 0 && errno != ENOSYS && errno != EMFILE)
		return lam_fail_sys(e, "inotify");
	return LAM_OK;
}

void
lam_wake_close(struct lam_wake *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* File systems on which others write unseen: NFS, SMB and CIFS, FUSE, 9P. */
static bool
is_remote(const struct statfs *s)
{
	static const unsigned long remote[] = { 0x6969, 0x517b, 0xfe534d42,
		0xff534d42, 0x65735546, 0x01021997 };

	for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
		if (((unsigned long)s->f_type & 0xffffffff) == remote[i])
			return true;
	return false;
}

static void
add(struct lam_wake *w, const char *path, uint32_t events, int *wd)
{
	struct statfs s;

	*wd = -1;
	if (w->fd < 0)
		return;
	*wd = inotify_add_watch(w->fd, path, events);
	if (*wd < 0 || (!statfs(path, &s) && is_remote(&s)))
		lam_wake_close(w);
}

void
lam_wake_dir(struct lam_wake *w, const char *dir, int *wd)
{
	add(w, dir, IN_DIR, wd);
}

void
lam_wake_file(struct lam_wake *w, int fd, int *wd)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	add(w, path, IN_FILE, wd);
}

void
lam_wake_forget(struct lam_wake *w, int wd)
{
	if (w->fd >= 0 && wd >= 0)
		inotify_rm_watch(w->fd, wd);
}

static void
hand_on(const struct lam_wake *w, const char *p, size_t n)
{
	const struct inotify_event *x;

	for (; n >= sizeof *x; p += sizeof *x + x->len) {
		x = (const struct inotify_event *)(const void *)p;
		n -= sizeof *x + x->len;
		/* An overflow is of no watch: everything may have happened. */
		w->event(w->arg, x->mask & IN_Q_OVERFLOW ? -1 : x->wd,
			x->len ? x->name : NULL);
	}
}

int
lam_wake_wait(struct lam_wake *w, int64_t timeout, const sigset_t *stops,
	const _Atomic int *stop, struct lam_error *e)
{
	_Alignas(struct inotify_event) char events[16384];
	struct pollfd p = { w->fd, POLLIN, 0 };
	struct timespec t;
	sigset_t old;
	ssize_t n = 0;
	int ready = 0;

	if (w->fd < 0 && (timeout < 0 || timeout > w->interval))
		timeout = w->interval;
	t.tv_sec = timeout / LAM_NS;
	t.tv_nsec = timeout % LAM_NS;
	pthread_sigmask(SIG_BLOCK, stops, &old);
	if (!*stop)
		ready = ppoll(&p, w->fd >= 0, timeout < 0 ? NULL : &t, &old);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ready < 0 && errno != EINTR)
		return lam_fail_sys(e, "waiting for changes");
	if (w->fd < 0) {
		w->event(w->arg, -1, NULL);
		return LAM_OK;
	}
	while (ready > 0 && ((n = read(w->fd, events, sizeof events)) > 0 ||
		(n < 0 && errno == EINTR)))
		if (n > 0)
			hand_on(w, events, (size_t)n);
	return LAM_OK;
}
