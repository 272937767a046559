/*
 * fault.c - a preloaded library that fails, kills at, or records durable calls
 *
 *	LD_PRELOAD=fault.so LAM_FAULT_DIR=DIR ...
 *
 *	LAM_FAULT_DIR	only calls on files below this directory count
 *	LAM_FAULT_AT	N: act at the Nth such call of the process, from 1
 *	LAM_FAULT_DO	what to do there: an errno name (EIO ENOSPC EDQUOT EINTR
 *			EMFILE ENOMEM), "short" (half of a write), "kill", "lost",
 *			"kept"; with a trailing "+" every later call fails alike.
 *			"short" counts writes only, "lost" and "kept" fsyncs only.
 *	LAM_FAULT_DISK	a directory that holds what is on disk, by inode: NUMBER
 *			is the content as of the last fsync, NUMBER.dirty has
 *			the ranges (offset and length, native) written since.
 *			Kept by all processes that have it set.  An fsync that
 *			fails as "lost" or "kept" has its dirty pages marked
 *			clean; lost, they are at once as they are on disk; kept,
 *			they can be read until cache.py drops them.
 *	LAM_FAULT_FIRED	a file that is made when the fault happens
 *	LAM_TRACE	a file to which every such call is appended:
 *			"OP PATH ARGS LEN\n" and LEN bytes of data
 *
 * Counted: open, opendir, mkostemp, write, pwrite, fsync, fdatasync, rename,
 * unlink, ftruncate, mkdir, rmdir, flock, mmap and close of a counted file; also
 * openat, unlinkat, mkdirat and renameat, by where their directory is.
 * Descriptors are followed from open to close in a table, so that standard
 * output never counts.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FDS 1024
#define PAGE 4096

static struct {
	char path[PATH_MAX];
	off_t at; /* of the next write(2) */
	bool on;
} followed[FDS];

static atomic_long calls;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool
counts(const char *path)
{
	const char *dir = getenv("LAM_FAULT_DIR");
	size_t n = dir ? strlen(dir) : 0;

	return dir && path && !strncmp(path, dir, n) &&
		(path[n] == '/' || !path[n]);
}

static bool
fd_counts(int fd)
{
	return fd >= 0 && fd < FDS && followed[fd].on;
}

static int
error_named(const char *s)
{
	static const struct { const char *name; int value; } table[] = {
		{ "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EDQUOT", EDQUOT },
		{ "EINTR", EINTR }, { "EMFILE", EMFILE }, { "ENOMEM", ENOMEM }
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!strncmp(s, table[i].name, strlen(table[i].name)))
			return table[i].value;
	return EIO;
}

static void
raw_write(const char *path, const void *p, size_t n)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path,
		O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd >= 0) {
		if (syscall(SYS_write, fd, p, n) < 0)
			_Exit(99);
		syscall(SYS_close, fd);
	}
}

enum { GO, SHORT, FAIL };

static bool
lossy(void)
{
	const char *how = getenv("LAM_FAULT_DO");

	return how && (!strncmp(how, "lost", 4) || !strncmp(how, "kept", 4));
}

/* Count one call: what shall become of it? */
static int
fault_at(bool writes, bool syncs)
{
	const char *at = getenv("LAM_FAULT_AT"), *how = getenv("LAM_FAULT_DO");
	const char *fired = getenv("LAM_FAULT_FIRED");
	long n, want = at ? atol(at) : 0;

	if (!writes && how && !strncmp(how, "short", 5))
		return GO;
	if (!syncs && lossy())
		return GO;
	n = atomic_fetch_add(&calls, 1) + 1;
	if (!want || !how || n < want || (n > want && !strchr(how, '+')))
		return GO;
	if (fired)
		raw_write(fired, "x", 1);
	if (!strncmp(how, "kill", 4))
		kill(getpid(), SIGKILL);
	if (!strncmp(how, "short", 5))
		return SHORT;
	errno = error_named(how);
	return FAIL;
}

static int
fault(void)
{
	return fault_at(false, false);
}

static void
record(const char *op, const char *path, const char *args, const void *p,
	size_t n)
{
	const char *file = getenv("LAM_TRACE");
	char head[2 * PATH_MAX + 64];
	int m;

	if (!file)
		return;
	m = snprintf(head, sizeof head, "%s %s %s %zu\n", op, path, args, n);
	pthread_mutex_lock(&lock);
	raw_write(file, head, (size_t)m);
	if (n)
		raw_write(file, p, n);
	pthread_mutex_unlock(&lock);
}

/* ------------------------------------------------ what is on disk */

static int
raw_open(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC,
		0600);
}

static void
raw_close(int fd)
{
	if (fd >= 0)
		syscall(SYS_close, fd);
}

/* The file in LAM_FAULT_DISK for what FD has open; false: none. */
static bool
disk_path(int fd, const char *suffix, char path[PATH_MAX])
{
	const char *dir = getenv("LAM_FAULT_DISK");
	struct stat st;

	if (!dir || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return false;
	snprintf(path, PATH_MAX, "%s/%llu%s", dir,
		(unsigned long long)st.st_ino, suffix);
	return true;
}

/* Bytes [AT, AT + N) of FROM into TO; what FROM does not have is zero. */
static void
copy_range(int from, int to, off_t at, off_t n)
{
	char page[PAGE];

	for (off_t end = at + n; at < end; at += PAGE) {
		size_t want = (size_t)(end - at < PAGE ? end - at : PAGE);
		long got = syscall(SYS_pread64, from, page, want, at);

		if (got < 0)
			got = 0;
		memset(page + got, 0, want - (size_t)got);
		if (syscall(SYS_pwrite64, to, page, want, at) < 0)
			_Exit(99);
	}
}

/* A file is opened for writing: what it has now is on disk, unless it is new
 * or known already. */
static void
disk_open(int fd, const char *path, int flags)
{
	char name[PATH_MAX], dirty[PATH_MAX];
	int from, to;
	off_t size;

	if ((flags & O_ACCMODE) == O_RDONLY || !disk_path(fd, "", name) ||
		!disk_path(fd, ".dirty", dirty))
		return;
	size = lseek(fd, 0, SEEK_END);
	lseek(fd, 0, SEEK_SET);
	if ((flags & O_CREAT) && size == 0) {
		syscall(SYS_unlinkat, AT_FDCWD, dirty, 0);
		raw_close(raw_open(name, O_RDWR | O_CREAT | O_TRUNC));
		return;
	}
	to = raw_open(name, O_RDWR | O_CREAT | O_EXCL);
	if (to < 0)
		return;
	from = raw_open(path, O_RDONLY);
	copy_range(from, to, 0, size);
	if (syscall(SYS_ftruncate, to, size))
		_Exit(99);
	raw_close(from);
	raw_close(to);
}

static void
disk_write(int fd, off_t at, off_t n)
{
	char dirty[PATH_MAX];
	off_t range[2] = { at, n };

	if (n > 0 && disk_path(fd, ".dirty", dirty))
		raw_write(dirty, range, sizeof range);
}

enum { WRITTEN, FORGOTTEN, REVERTED };

/* The dirty pages of FD become clean, in one of these ways. */
static void
disk_sync(int fd, int how)
{
	char name[PATH_MAX], dirty[PATH_MAX], self[64];
	off_t range[2], size;
	int disk, list, file;
	struct stat st;

	if (!disk_path(fd, "", name) || !disk_path(fd, ".dirty", dirty) ||
		fstat(fd, &st))
		return;
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	size = st.st_size;
	disk = raw_open(name, O_RDWR);
	list = raw_open(dirty, O_RDONLY);
	file = raw_open(self, O_RDWR);
	while (list >= 0 && disk >= 0 && file >= 0 && how != FORGOTTEN &&
		syscall(SYS_read, list, range, sizeof range) ==
			sizeof range) {
		off_t at = range[0] / PAGE * PAGE;
		off_t end = (range[0] + range[1] + PAGE - 1) / PAGE * PAGE;

		if (end > size)
			end = size;
		if (at < end && how == WRITTEN)
			copy_range(file, disk, at, end - at);
		else if (at < end)
			copy_range(disk, file, at, end - at);
	}
	if (how == WRITTEN && disk >= 0 && syscall(SYS_ftruncate, disk, size))
		_Exit(99);
	raw_close(file);
	raw_close(list);
	raw_close(disk);
	syscall(SYS_unlinkat, AT_FDCWD, dirty, 0);
}

#define REAL(name, ...) \
	static __typeof__(&name) real; \
	if (!real) \
		real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int
follow(int fd, const char *path, int flags)
{
	if (fd >= 0 && fd < FDS) {
		followed[fd].on = true;
		followed[fd].at = flags & O_APPEND ? -1 : 0;
		snprintf(followed[fd].path, PATH_MAX, "%s", path);
		disk_open(fd, path, flags);
		if (flags & (O_CREAT | O_TRUNC))
			record("open", path, flags & O_TRUNC ? "trunc" : "keep",
				NULL, 0);
	}
	return fd;
}

#define OPEN(name)                                                          \
	int name(const char *path, int flags, ...);                         \
	int name(const char *path, int flags, ...)                          \
	{                                                                   \
		mode_t mode = 0;                                            \
		va_list ap;                                                 \
									    \
		REAL(name);                                                 \
		va_start(ap, flags);                                        \
		if (flags & (O_CREAT | O_TMPFILE))                          \
			mode = va_arg(ap, mode_t);                          \
		va_end(ap);                                                 \
		if (!counts(path))                                          \
			return real(path, flags, mode);                     \
		if (fault())                                                \
			return -1;                                          \
		return follow(real(path, flags, mode), path, flags);        \
	}
OPEN(open)
OPEN(open64)

/* PATH below the directory DIR, as one path; false: it does not count. */
static bool
counts_at(int dir, const char *path, char whole[2 * PATH_MAX])
{
	char self[64];
	ssize_t n = 0;

	if (dir != AT_FDCWD && *path != '/') {
		snprintf(self, sizeof self, "/proc/self/fd/%d", dir);
		n = readlink(self, whole, PATH_MAX);
		if (n < 0)
			return false;
		whole[n++] = '/';
	}
	snprintf(whole + n, PATH_MAX, "%s", path);
	return counts(whole);
}

#define OPENAT(name)                                                        \
	int name(int dir, const char *path, int flags, ...);                \
	int name(int dir, const char *path, int flags, ...)                 \
	{                                                                   \
		char whole[2 * PATH_MAX];                                   \
		mode_t mode = 0;                                            \
		va_list ap;                                                 \
									    \
		REAL(name);                                                 \
		va_start(ap, flags);                                        \
		if (flags & (O_CREAT | O_TMPFILE))                          \
			mode = va_arg(ap, mode_t);                          \
		va_end(ap);                                                 \
		if (!counts_at(dir, path, whole))                           \
			return real(dir, path, flags, mode);                \
		if (fault())                                                \
			return -1;                                          \
		return follow(real(dir, path, flags, mode), whole, flags);  \
	}
OPENAT(openat)
OPENAT(openat64)

int
unlinkat(int dir, const char *path, int flags)
{
	char whole[2 * PATH_MAX];
	int r;

	REAL(unlinkat);
	if (!counts_at(dir, path, whole))
		return real(dir, path, flags);
	if (fault())
		return -1;
	r = real(dir, path, flags);
	if (!r)
		record(flags & AT_REMOVEDIR ? "rmdir" : "unlink", whole, "-", NULL, 0);
	return r;
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	char whole[2 * PATH_MAX];
	int r;

	REAL(mkdirat);
	if (!counts_at(dir, path, whole))
		return real(dir, path, mode);
	if (fault())
		return -1;
	r = real(dir, path, mode);
	if (!r)
		record("mkdir", whole, "-", NULL, 0);
	return r;
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	char old[2 * PATH_MAX], new[2 * PATH_MAX];
	int r;

	REAL(renameat);
	counts_at(from_dir, from, old);
	if (!counts_at(to_dir, to, new))
		return real(from_dir, from, to_dir, to);
	if (fault())
		return -1;
	r = real(from_dir, from, to_dir, to);
	if (!r)
		record("rename", old, new, NULL, 0);
	return r;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	char args[32];
	ssize_t got;
	off_t at;
	int f;

	REAL(write);
	if (!fd_counts(fd))
		return real(fd, p, n);
	f = fault_at(true, false);
	if (f == FAIL)
		return -1;
	at = lseek(fd, 0, followed[fd].at < 0 ? SEEK_END : SEEK_CUR);
	snprintf(args, sizeof args, "%lld", (long long)at);
	got = real(fd, p, f == SHORT && n > 1 ? n / 2 : n);
	disk_write(fd, at, got);
	if (got > 0)
		record("write", followed[fd].path, args, p, (size_t)got);
	return got;
}

#define PWRITE(name, off)                                                   \
	ssize_t name(int fd, const void *p, size_t n, off at)               \
	{                                                                   \
		char args[32];                                              \
		ssize_t got;                                                \
		int f;                                                      \
									    \
		REAL(name);                                                 \
		if (!fd_counts(fd))                                         \
			return real(fd, p, n, at);                          \
		f = fault_at(true, false);                                  \
		if (f == FAIL)                                              \
			return -1;                                          \
		got = real(fd, p, f == SHORT && n > 1 ? n / 2 : n, at);     \
		snprintf(args, sizeof args, "%lld", (long long)at);         \
		disk_write(fd, at, got);                                    \
		if (got > 0)                                                \
			record("write", followed[fd].path, args, p,         \
				(size_t)got);                               \
		return got;                                                 \
	}
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

static void
lose(int fd)
{
	int e = errno;

	disk_sync(fd, strncmp(getenv("LAM_FAULT_DO"), "lost", 4) ?
		FORGOTTEN : REVERTED);
	record("fail", followed[fd].path, "-", NULL, 0);
	errno = e;
}

#define SYNC(name)                                                          \
	int name(int fd)                                                    \
	{                                                                   \
		int r;                                                      \
									    \
		REAL(name);                                                 \
		if (!fd_counts(fd))                                         \
			return real(fd);                                    \
		if (fault_at(false, true)) {                                \
			if (lossy())                                        \
				lose(fd);                                   \
			return -1;                                          \
		}                                                           \
		r = real(fd);                                               \
		if (!r)                                                     \
			disk_sync(fd, WRITTEN);                             \
		if (!r)                                                     \
			record("fsync", followed[fd].path, "-", NULL, 0);   \
		return r;                                                   \
	}
SYNC(fsync)
SYNC(fdatasync)

int
close(int fd)
{
	bool on = fd_counts(fd);

	REAL(close);
	if (on)
		followed[fd].on = false;
	if (on && fault()) { /* the descriptor is gone all the same */
		int e = errno;
		real(fd);
		errno = e;
		return -1;
	}
	return real(fd);
}

int
rename(const char *from, const char *to)
{
	int r;

	REAL(rename);
	if (!counts(to))
		return real(from, to);
	if (fault())
		return -1;
	r = real(from, to);
	if (!r)
		record("rename", from, to, NULL, 0);
	return r;
}

#define PATH1(name)                                                         \
	int name(const char *path)                                          \
	{                                                                   \
		int r;                                                      \
									    \
		REAL(name);                                                 \
		if (!counts(path))                                          \
			return real(path);                                  \
		if (fault())                                                \
			return -1;                                          \
		r = real(path);                                             \
		if (!r)                                                     \
			record(#name, path, "-", NULL, 0);                  \
		return r;                                                   \
	}
PATH1(unlink)
PATH1(rmdir)

DIR *
opendir(const char *path)
{
	REAL(opendir);
	return counts(path) && fault() ? NULL : real(path);
}

int
mkostemp(char *path, int flags)
{
	bool on = counts(path);

	REAL(mkostemp);
	if (on && fault())
		return -1;
	return on ? follow(real(path, flags), path, flags | O_CREAT) :
		real(path, flags);
}

void *
mmap(void *p, size_t n, int protection, int flags, int fd, off_t at)
{
	if (fd_counts(fd) && fault())
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, p, n, protection, flags, fd, at);
}

int
mkdir(const char *path, mode_t mode)
{
	int r;

	REAL(mkdir);
	if (!counts(path))
		return real(path, mode);
	if (fault())
		return -1;
	r = real(path, mode);
	if (!r)
		record("mkdir", path, "-", NULL, 0);
	return r;
}

#define FTRUNCATE(name, off)                                                \
	int name(int fd, off size)                                          \
	{                                                                   \
		char args[32];                                              \
		int r;                                                      \
									    \
		REAL(name);                                                 \
		if (!fd_counts(fd))                                         \
			return real(fd, size);                              \
		if (fault())                                                \
			return -1;                                          \
		r = real(fd, size);                                         \
		snprintf(args, sizeof args, "%lld", (long long)size);       \
		if (!r)                                                     \
			record("ftruncate", followed[fd].path, args, NULL,  \
				0);                                         \
		return r;                                                   \
	}
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

int
flock(int fd, int operation)
{
	REAL(flock);
	if (fd_counts(fd) && fault())
		return -1;
	return real(fd, operation);
}
