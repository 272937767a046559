/*
 * fuzz.h - what the fuzz targets share
 *
 * A target is a function of bytes.  It aborts when a property does not hold, saying
 * which; whatever else is wrong the sanitizers tell.  Targets are linked with
 * libFuzzer by "make fuzz", with replay.c by every build.
 */
#ifndef LAM_FUZZ_H
#define LAM_FUZZ_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#x); \
			abort(); \
		} \
	} while (0)

/* A copy without a byte too many, so that ASan sees every overrun. */
static inline char *
fuzz_copy(const void *p, size_t n)
{
	char *copy = calloc(1, n ? n : 1);

	MUST(copy);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

/* The text before the next newline of *REST, or all of it. */
static inline struct lam_str
fuzz_line(struct lam_str *rest)
{
	const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	struct lam_str line = { rest->p, n };

	rest->p += n + (end != NULL);
	rest->n -= n + (end != NULL);
	return line;
}

/* One input in 128, whatever it is like: for what takes a hundred times as long. */
static inline int
fuzz_seldom(const uint8_t *p, size_t n)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * 16777619u;
	return hash >> 25 == 0;
}

/* P[N], which is not empty, again and again, until OUT has LEAST bytes. */
static inline void
fuzz_again(const char *p, size_t n, size_t least, struct lam_buf *out)
{
	while (out->n < least)
		lam_buf_put(out, p, n);
}

/* P[N] with CR LF at the ends of its lines. */
static inline void
fuzz_crlf(const char *p, size_t n, struct lam_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n')
			lam_buf_putc(out, '\r');
		lam_buf_putc(out, p[i]);
	}
	if (n && p[n - 1] != '\n')
		lam_buf_putc(out, '\r');
}

static inline int
fuzz_same(struct lam_str a, struct lam_str b)
{
	return !a.p == !b.p && lam_str_cmp(a, b) == 0;
}

/* P[N] is read through gzip, or another program. */
static inline bool
fuzz_is_packed(const uint8_t *p, size_t n)
{
	static const char *const magic[] = { "\x1f", "\x28\xb5\x2f\xfd", "\xfd\x37",
		"BZh", "\x04\x22\x4d\x18" };

	if (n > 3 && (p[0] & 0xf0) == 0x50 && !memcmp(p + 1, "\x2a\x4d\x18", 3))
		return true;
	for (size_t i = 0; i < sizeof magic / sizeof *magic; i++) {
		size_t m = strlen(magic[i]);

		if (n >= m && !memcmp(p, magic[i], m))
			return true;
	}
	return false;
}

/* Is S well-formed UTF-8? */
static inline int
fuzz_utf8(struct lam_str s)
{
	for (size_t n; s.n; s.p += n, s.n -= n) {
		n = lam_utf8_len(s.p, s.p + s.n);
		if (n == 1 && *s.p & 0x80)
			return 0;
	}
	return 1;
}

static char fuzz_root[64];

static void
fuzz_cleanup(void)
{
	char command[100];

	snprintf(command, sizeof command, "rm -rf '%s'", fuzz_root);
	if (system(command))
		return;
}

/* A directory of this process, in memory where there is one. */
static inline const char *
fuzz_dir(void)
{
	if (!*fuzz_root) {
		strcpy(fuzz_root, access("/dev/shm", W_OK) ?
			"/tmp/lam-fuzz-XXXXXX" : "/dev/shm/lam-fuzz-XXXXXX");
		MUST(mkdtemp(fuzz_root));
		atexit(fuzz_cleanup);
	}
	return fuzz_root;
}

/* Make the file at PATH have these bytes; *FD is kept open between calls. */
static inline void
fuzz_write(int *fd, const char *path, const void *p, size_t n)
{
	if (*fd < 0)
		*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	MUST(*fd >= 0 && (n == 0 || pwrite(*fd, p, n, 0) == (ssize_t)n));
	MUST(!ftruncate(*fd, (off_t)n));
}

/* The same for one file of the directory, the same at every call. */
static inline const char *
fuzz_file(const void *p, size_t n)
{
	static char path[80];
	static int fd = -1;

	if (!*path)
		snprintf(path, sizeof path, "%s/file", fuzz_dir());
	fuzz_write(&fd, path, p, n);
	return path;
}

#endif
