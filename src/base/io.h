/*
 * io.h - files, whole and durable
 *
 * Every call that reaches the disk goes through here.  These functions deal with
 * short reads and writes and with EINTR, and every failure names the file.  New
 * files are private: 0640, directories 0750, less the umask.
 *
 * A failed fsync is a loss, not a delay: what was written may never reach the
 * disk, and the next fsync that succeeds says nothing about it (log/sync.c).
 * The caller then writes again, or gives up what it wrote.
 */
#ifndef LAM_BASE_IO_H
#define LAM_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* The most bytes of a path, its NUL included: the system's own limit. */
#define LAM_PATH_MAX 4096

/*
 * No symbolic link leads out of a dataset.  lam_io_open and lam_io_slurp refuse
 * one (LAM_DATA) in place of the file, lam_io_mkdir_below in place of a
 * directory; and they refuse a pipe or a device, rather than wait for it.  Files
 * that the user named are opened elsewhere, or slurped as given.
 */

/* open(2) with O_CLOEXEC, O_NOFOLLOW and O_NONBLOCK; PATH names it in messages. */
int lam_io_open(int *fd, const char *path, int flags, struct lam_error *e)
	LAM_MUST;

/* Write all N bytes; PATH names the file in a message. */
int lam_io_write(int fd, const void *p, size_t n, const char *path,
	struct lam_error *e) LAM_MUST;
int lam_io_pwrite(int fd, const void *p, size_t n, uint64_t at,
	const char *path, struct lam_error *e) LAM_MUST;

/* Read exactly N bytes at AT; a shorter file is LAM_DATA. */
int lam_io_pread(int fd, void *p, size_t n, uint64_t at, const char *path,
	struct lam_error *e) LAM_MUST;

/* One read(2), EINTR retried.  *GOT = 0 at the end of file. */
int lam_io_read(int fd, void *p, size_t n, size_t *got, const char *path,
	struct lam_error *e) LAM_MUST;

/* A whole small file, at most MAX bytes (more: LAM_DATA), appended to B. */
int lam_io_slurp(const char *path, size_t max, struct lam_buf *b,
	struct lam_error *e) LAM_MUST;

/* The same for a file that the user named: links are followed, and - is standard
 * input. */
int lam_io_slurp_given(const char *path, size_t max, struct lam_buf *b,
	struct lam_error *e) LAM_MUST;

int lam_io_size(int fd, uint64_t *size, const char *path, struct lam_error *e)
	LAM_MUST;

int lam_io_sync(int fd, const char *path, struct lam_error *e) LAM_MUST;

/* close(2), checked. */
int lam_io_close(int *fd, const char *path, struct lam_error *e) LAM_MUST;

/* PATH, if it is there, is no symbolic link; else LAM_DATA. */
int lam_io_no_link(const char *path, struct lam_error *e) LAM_MUST;

/* unlink(2); a file that is gone already is no error. */
int lam_io_unlink(const char *path, struct lam_error *e) LAM_MUST;

bool lam_io_exists(const char *path);

/*
 * A temporary file in DIR, mode 0600, that has no name: made with O_TMPFILE,
 * or, where the file system cannot, unlinked as soon as it is made.
 */
int lam_io_unnamed(int *fd, const char *dir, struct lam_error *e) LAM_MUST;

/* Wait for an exclusive flock(2) of PATH, made when missing.  Close *FD. */
int lam_io_lock(int *fd, const char *path, struct lam_error *e) LAM_MUST;
/* The same without waiting: *FD is open in any case; *GOT says if locked. */
int lam_io_lock_try(int *fd, const char *path, bool *got, struct lam_error *e)
	LAM_MUST;
/* Turn an exclusive lock, or none, into one that many may hold. */
int lam_io_lock_share(int fd, const char *path, struct lam_error *e) LAM_MUST;

/* N random bytes from the system. */
int lam_io_random(void *p, size_t n, struct lam_error *e) LAM_MUST;

/* PATH = DIR/NAME into OUT[SIZE]; LAM_USAGE when it does not fit. */
int lam_io_path(char *out, size_t size, struct lam_error *e, const char *fmt,
	...) __attribute__((format(printf, 4, 5))) LAM_MUST;

#endif
