/*
 * ns.c - a view of the machine in which nothing can be changed
 *
 * All mounts are made read-only; then come the file systems in memory.  Places that
 * runs must see, such as the directory of a function, may lie under one of those:
 * their mounts are copied beforehand (open_tree) and put back at the same path.
 * Directories that lead there lie in a read-only file system of their own, so that
 * wiping the scratch cannot move them.
 */
#include "sandbox/ns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define API_PORT 9001
#define SCRATCH_DEFAULT (UINT64_C(512) << 20) /* bytes of /tmp, as AWS has it */

/* Under these a file system in memory is mounted. */
static const char *const covers[] = { "/tmp", "/dev/shm", "/run" };

#define COVERS (sizeof covers / sizeof *covers)

pid_t
lam_ns_fork(bool net)
{
	return (pid_t)syscall(SYS_clone, (unsigned long)(CLONE_NEWUSER |
		CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC |
		(net ? CLONE_NEWNET : 0) | SIGCHLD), NULL, NULL, NULL, NULL);
}

static int
write_map(const char *path, unsigned id, struct lam_error *e)
{
	char text[64];
	int fd = open(path, O_WRONLY | O_CLOEXEC), n;
	ssize_t written = -1;

	if (fd >= 0) {
		n = snprintf(text, sizeof text, "%u %u 1", id, id);
		written = write(fd, text, (size_t)n);
		close(fd);
	}
	return written < 0 ? lam_fail_sys(e, "%s", path) : LAM_OK;
}

int
lam_ns_user(const struct lam_box *box, struct lam_error *e)
{
	int fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC), rc;

	if (fd >= 0) {
		/* Where it fails, the map of groups does. */
		(void)!write(fd, "deny", 4);
		close(fd);
	}
	rc = write_map("/proc/self/uid_map", box->uid, e);
	return rc ? rc : write_map("/proc/self/gid_map", box->gid, e);
}

static bool
is_under(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && (path[n] == '/' || path[n] == '\0');
}

/* Not one that is not there, or is a place itself; with the network, what is in
 * /run belongs to it. */
static bool
is_covered(const struct lam_box *box, size_t i)
{
	for (size_t k = 0; box->place[k] != NULL; k++)
		if (!strcmp(box->place[k], covers[i]))
			return false;
	return access(covers[i], F_OK) == 0 &&
		!(box->spec.net && !strcmp(covers[i], "/run"));
}

/* The cover that PATH lies under; NULL: none. */
static const char *
cover_of(const struct lam_box *box, const char *path)
{
	for (size_t i = 0; i < COVERS; i++)
		if (is_under(path, covers[i]) && is_covered(box, i))
			return covers[i];
	return NULL;
}

static int
mount_memory(const char *path, uint64_t size, struct lam_error *e)
{
	char options[64];

	snprintf(options, sizeof options, "mode=1777,size=%llu",
		(unsigned long long)size);
	return mount("lam", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0 ?
		lam_fail_sys(e, "a file system in memory on %s", path) : LAM_OK;
}

static int
make_read_only(int fd, const char *path, unsigned flags, struct lam_error *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY |
		MOUNT_ATTR_NOSUID };

	return syscall(SYS_mount_setattr, fd, path, flags, &attr,
		sizeof attr) < 0 ?
		lam_fail_sys(e, "read-only mounts") : LAM_OK;
}

int
lam_ns_read_only(const char *path, struct lam_error *e)
{
	return make_read_only(AT_FDCWD, path, AT_RECURSIVE, e);
}

/* The directories of PATH below AT, which are in a read-only file system then,
 * unless PATH is right below AT. */
static int
make_way(const char *path, const char *at, struct lam_error *e)
{
	char part[LAM_PATH_MAX];
	const char *p = path + strlen(at);
	bool first = true;

	while (*p == '/') {
		const char *slash = strchr(p + 1, '/');
		size_t n = slash ? (size_t)(slash - path) : strlen(path);
		bool made;

		memcpy(part, path, n);
		part[n] = '\0';
		made = mkdir(part, 0755) == 0;
		if (!made && errno != EEXIST)
			return lam_fail_sys(e, "%s", part);
		if (made && first && slash && mount_memory(part, 1 << 20, e))
			return LAM_SYSTEM;
		first = false;
		p = path + n;
	}
	return LAM_OK;
}

struct copies {
	int fd[LAM_BOX_PLACES];
};

/* Of the places that will be covered; -1 for others. */
static int
copy_places(const struct lam_box *box, struct copies *c, struct lam_error *e)
{
	for (size_t i = 0; box->place[i] != NULL; i++) {
		c->fd[i] = -1;
		if (cover_of(box, box->place[i]) == NULL)
			continue;
		c->fd[i] = (int)syscall(SYS_open_tree, AT_FDCWD, box->place[i],
			OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
		if (c->fd[i] < 0 && errno != ENOENT)
			return lam_fail_sys(e, "%s: a copy of its mount",
				box->place[i]);
	}
	return LAM_OK;
}

static int
put_back(const struct lam_box *box, struct copies *c, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && box->place[i] != NULL; i++) {
		if (c->fd[i] < 0)
			continue;
		rc = make_way(box->place[i], cover_of(box, box->place[i]), e);
		if (!rc)
			rc = make_read_only(c->fd[i], "", AT_EMPTY_PATH |
				AT_RECURSIVE, e);
		if (!rc && syscall(SYS_move_mount, c->fd[i], "", AT_FDCWD,
			box->place[i], MOVE_MOUNT_F_EMPTY_PATH) < 0)
			rc = lam_fail_sys(e, "%s: putting it back",
				box->place[i]);
		close(c->fd[i]);
	}
	return rc;
}

/* What the ways are made of is closed when all of them are there. */
static int
close_ways(const struct lam_box *box, struct lam_error *e)
{
	char top[LAM_PATH_MAX];

	for (size_t i = 0; box->place[i] != NULL; i++) {
		const char *cover = cover_of(box, box->place[i]), *slash;

		if (cover == NULL || !box->place[i][strlen(cover)])
			continue;
		slash = strchr(box->place[i] + strlen(cover) + 1, '/');
		if (slash == NULL)
			continue;
		memcpy(top, box->place[i], (size_t)(slash - box->place[i]));
		top[slash - box->place[i]] = '\0';
		if (make_read_only(AT_FDCWD, top, 0, e))
			return LAM_SYSTEM;
	}
	return LAM_OK;
}

static int
cover(struct lam_box *box, struct lam_error *e)
{
	uint64_t size = box->spec.scratch ? box->spec.scratch :
		SCRATCH_DEFAULT;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < COVERS; i++) {
		if (!is_covered(box, i))
			continue;
		rc = mount_memory(covers[i], size, e);
		if (i == 0)
			strcpy(box->scratch, covers[0]);
	}
	if (!rc && strcmp(box->scratch, covers[0]) != 0)
		rc = mount_memory(box->scratch, size, e);
	return rc;
}

static int
mount_own(struct lam_box *box, struct lam_error *e)
{
	struct copies copies;
	int rc;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return lam_fail_sys(e, "mounts of its own");
	rc = copy_places(box, &copies, e);
	if (!rc)
		rc = lam_ns_read_only("/", e);
	if (!rc)
		rc = cover(box, e);
	if (!rc)
		rc = put_back(box, &copies, e);
	if (!rc)
		rc = close_ways(box, e);
	if (!rc)
		rc = lam_ns_layers(box, e);
	if (!rc && mount("lam", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL) < 0)
		rc = lam_fail_sys(e, "a /proc of its own");
	return rc;
}

static int
raise_loopback(struct lam_error *e)
{
	struct ifreq r = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = LAM_OK;

	r.ifr_flags = IFF_UP | IFF_RUNNING;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		rc = lam_fail_sys(e, "a loopback of its own");
	if (fd >= 0)
		close(fd);
	return rc;
}

int
lam_ns_enter(struct lam_box *box, struct lam_error *e)
{
	int rc = mount_own(box, e);

	if (!rc && box->tiers & LAM_TIER_NET)
		rc = raise_loopback(e);
	return rc;
}

int
lam_ns_listen(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(API_PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || (bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
		listen(fd, SOMAXCONN) == 0))
		return fd;
	close(fd);
	return -1;
}
