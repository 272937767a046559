/*
 * byte_source.c - bytes from a file or standard input, plain or gzip
 *
 * The first two bytes decide: 1f 8b is gzip, anything else is text.  Plain
 * input is read straight into the caller's memory; gzip passes through one
 * buffer of packed bytes.  After a gzip member only another member or
 * the end may follow; zero padding, which tape-like writers leave, is accepted.
 */
#include "input/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/progress.h"
#include "input/gunzip.h"
#include "input/unpack.h"

#ifdef LAM_READ_BYTES /* fuzzing: reads end everywhere */
#define READ ((size_t)LAM_READ_BYTES)
#define PACKED (4 * READ)
#else
#define READ ((size_t)256 << 10)
#define PACKED READ /* few blocks of deflate are longer */
#endif

struct lam_byte_source {
	int fd;
	bool live, gzip, inside; /* inside a gzip member */
	bool tail;		 /* it may grow */
	bool ended;		 /* the descriptor is at its end */
	bool more;		 /* there is output for which there was no room */
	bool wants;		 /* gunzip more than packed[] has */
	const char *path;
	struct lam_unpack unpack;
	int file;	/* that is unpacked; -1: fd is the file */
	off_t unpacked; /* how far, as was reported */
	struct lam_gunzip *unzip;
	size_t have, at;	 /* unread bytes of packed[] */
	unsigned char packed[PACKED];
};

/* Standard input stays open. */
static void
close_file(int fd)
{
	if (fd > STDERR_FILENO)
		close(fd);
}

/* N bytes came from the descriptor; where a file is unpacked, what of it was read. */
static void
report(struct lam_byte_source *s, size_t n)
{
	off_t at = s->file < 0 ? -1 : lseek(s->file, 0, SEEK_CUR);

	if (s->file < 0)
		lam_progress_add(0, n);
	else if (at > s->unpacked) {
		lam_progress_add(0, (uint64_t)(at - s->unpacked));
		s->unpacked = at;
	}
}

/* One read(2) or the reason why there was none. */
static int
fill(struct lam_byte_source *s, void *p, size_t n, int wait_ms,
	const _Atomic int *stop, size_t *got, enum lam_got *how,
	struct lam_error *e)
{
	struct pollfd poller = { s->fd, POLLIN, 0 };

	*got = 0;
	for (;;) {
		ssize_t r;

		*how = LAM_GOT_END;
		if (s->ended || (stop && *stop))
			return LAM_OK;
		if (s->live && wait_ms >= 0) {
			int ready = poll(&poller, 1, wait_ms);

			*how = LAM_GOT_NOTHING;
			if (ready == 0)
				return LAM_OK;
			if (ready < 0 && errno == EINTR)
				continue;
		}
		r = read(s->fd, p, n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN) {
			if (poll(&poller, 1, wait_ms) == 0)
				return LAM_OK;
			continue;
		}
		if (r < 0)
			return lam_fail_sys(e, "%s: cannot read", s->path);
		s->ended = r == 0 && !s->tail;
		report(s, (size_t)r);
		*got = (size_t)r;
		*how = r ? LAM_GOT_BYTES :
			s->tail ? LAM_GOT_NOTHING : LAM_GOT_END;
		return s->ended ? lam_unpack_end(&s->unpack, s->path, e) :
			LAM_OK;
	}
}

/* Is it gzip?  The bytes read to see that are kept. */
static int
read_magic(struct lam_byte_source *s, struct lam_error *e)
{
	enum lam_got how = LAM_GOT_BYTES;
	int r = LAM_OK;

	while (!r && s->have < 2) {
		size_t got;

		r = fill(s, s->packed + s->have, 2 - s->have, -1, NULL, &got,
			&how, e);
		if (!r && how != LAM_GOT_BYTES)
			break;
		s->have += got;
	}
	/* A single 1f is no log either: it is gzip cut short. */
	s->gzip = s->have && s->packed[0] == 0x1f &&
		(s->have == 1 || s->packed[1] == 0x8b);
	if (!r && s->gzip && (s->unzip = lam_gunzip_new()) == NULL)
		r = lam_fail_mem(e);
	s->inside = s->gzip;
	s->tail &= !s->gzip;
	return r;
}

int
lam_byte_source_adopt(struct lam_byte_source **out, int fd, const char *path,
	bool tail, struct lam_error *e)
{
	struct lam_byte_source *s = calloc(1, sizeof *s);
	struct stat st = { 0 };
	int r = LAM_OK;

	if (!s) {
		close_file(fd);
		return lam_fail_mem(e);
	}
	s->path = path;
	s->fd = fd;
	s->file = -1;
	s->tail = tail;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	else
		s->live = true;
	if (S_ISDIR(st.st_mode))
		r = lam_fail(e, LAM_SYSTEM, "%s: is a directory, not a log",
			path);
	else if (s->live || lseek(fd, 0, SEEK_CUR) <= 0)
		r = read_magic(s, e);
	if (r)
		lam_byte_source_close(s);
	else
		*out = s;
	return r;
}

/* File FD is unpacked to PIPE. */
static int
adopt_pipe(struct lam_byte_source **out, int fd, int pipe,
	struct lam_unpack *unpack, const char *path, struct lam_error *e)
{
	int r = lam_byte_source_adopt(out, pipe, path, false, e);

	if (r) {
		lam_unpack_stop(unpack);
		close_file(fd);
		return r;
	}
	(*out)->unpack = *unpack;
	(*out)->file = fd;
	if ((*out)->ended) /* all of it was read to look what it is */
		r = lam_unpack_end(&(*out)->unpack, path, e);
	if (r) {
		lam_byte_source_close(*out);
		*out = NULL;
	}
	return r;
}

int
lam_byte_source_file(struct lam_byte_source **out, int fd, const char *path,
	struct lam_error *e)
{
	struct lam_unpack unpack = { 0, NULL };
	int pipe = -1, r = LAM_OK;

	if (lseek(fd, 0, SEEK_CUR) == 0)
		r = lam_unpack_start(&unpack, fd, &pipe, e);
	if (r)
		close_file(fd);
	if (r || pipe < 0)
		return r ? r : lam_byte_source_adopt(out, fd, path, false, e);
	return adopt_pipe(out, fd, pipe, &unpack, path, e);
}

int
lam_byte_source_open(struct lam_byte_source **out, const char *path,
	struct lam_error *e)
{
	int fd;

	if (!strcmp(path, "-"))
		return lam_byte_source_file(out, STDIN_FILENO,
			"standard input", e);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? lam_fail_sys(e, "%s: cannot open", path) :
		lam_byte_source_file(out, fd, path, e);
}

void
lam_byte_source_end(struct lam_byte_source *s)
{
	s->tail = false;
}

int64_t
lam_byte_source_written(const struct lam_byte_source *s)
{
	struct stat st;

	return fstat(s->file < 0 ? s->fd : s->file, &st) ? 0 :
		(int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

void
lam_byte_source_close(struct lam_byte_source *s)
{
	if (!s)
		return;
	lam_gunzip_free(s->unzip);
	close_file(s->fd);
	lam_unpack_stop(&s->unpack);
	close_file(s->file);
	free(s);
}

bool
lam_byte_source_plain(const struct lam_byte_source *s, uint64_t *at,
	uint64_t *size)
{
	off_t next = s->live || s->gzip || s->tail ? -1 : lseek(s->fd, 0, SEEK_CUR);
	struct stat st;

	if (next < 0 || fstat(s->fd, &st))
		return false;
	*at = (uint64_t)next - (s->have - s->at);
	*size = (uint64_t)st.st_size;
	return true;
}

bool
lam_byte_source_at(const struct lam_byte_source *s, void *p, size_t n,
	uint64_t at)
{
	char *to = p;

	while (n) {
		ssize_t got = pread(s->fd, to, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

bool
lam_byte_source_seek(struct lam_byte_source *s, uint64_t at)
{
	s->ended = false;
	s->have = s->at = 0;
	return lseek(s->fd, (off_t)at, SEEK_SET) >= 0;
}

/* Between members: another one begins, or only zeros follow. */
static int
next_member(struct lam_byte_source *s, struct lam_error *e)
{
	while (s->at < s->have && s->packed[s->at] == 0)
		s->at++;
	if (s->at == s->have)
		return LAM_OK;
	if (s->packed[s->at] != 0x1f)
		return lam_fail(e, LAM_DATA, "%s: what follows the gzip data "
			"is not gzip", s->path);
	lam_gunzip_reset(s->unzip);
	s->inside = true;
	return LAM_OK;
}

static int
inflate_some(struct lam_byte_source *s, void *p, size_t n, size_t *got,
	struct lam_error *e)
{
	size_t used = s->have - s->at;
	const char *why = NULL;

	*got = n;
	s->more = s->wants = false;
	switch (lam_gunzip_run(s->unzip, s->packed + s->at, &used, p, got,
		!s->ended && used < PACKED, &why)) {
	case LAM_GUNZIP_END:
		s->inside = false;
		break;
	case LAM_GUNZIP_MEMORY:
		return lam_fail_mem(e);
	case LAM_GUNZIP_BAD:
		return lam_fail(e, LAM_DATA, "%s: corrupt gzip data: %s",
			s->path, why);
	case LAM_GUNZIP_MORE:
		s->more = *got == n;
		s->wants = !s->more;
		break;
	}
	s->at += used;
	return LAM_OK;
}

static int
truncated(const struct lam_byte_source *s, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: the gzip data ends in the middle: "
		"the file is truncated", s->path);
}

/* More packed bytes, behind those that are not used yet. */
static int
fill_packed(struct lam_byte_source *s, int wait_ms, const _Atomic int *stop,
	enum lam_got *how, struct lam_error *e)
{
	size_t got = 0, room;
	int r;

	s->have -= s->at;
	memmove(s->packed, s->packed + s->at, s->have);
	s->at = 0;
	room = PACKED - s->have;
	r = fill(s, s->packed + s->have, room < READ ? room : READ, wait_ms,
		stop, &got, how, e);
	s->have += got;
	return r;
}

static int
read_gzip(struct lam_byte_source *s, void *p, size_t n, int wait_ms,
	const _Atomic int *stop, size_t *got, enum lam_got *how,
	struct lam_error *e)
{
	int r = LAM_OK;

	*got = 0;
	while (!r && !*got) {
		if (s->wants || (s->at == s->have && !s->more)) {
			r = fill_packed(s, wait_ms, stop, how, e);
			if (r || *how == LAM_GOT_NOTHING)
				return r;
			if (*how == LAM_GOT_END && !(s->ended && s->have))
				return s->inside && s->ended ?
					truncated(s, e) : LAM_OK;
		}
		if (!s->inside)
			r = next_member(s, e);
		if (!r && s->inside)
			r = inflate_some(s, p, n, got, e);
	}
	*how = LAM_GOT_BYTES;
	return *got ? LAM_OK : r;
}

int
lam_byte_source_read(struct lam_byte_source *s, void *p, size_t n,
	int wait_ms, const _Atomic int *stop, size_t *got, enum lam_got *how,
	struct lam_error *e)
{
	if (s->gzip)
		return read_gzip(s, p, n, wait_ms, stop, got, how, e);
	if (s->at < s->have) { /* the bytes that were no magic */
		*got = s->have - s->at < n ? s->have - s->at : n;
		memcpy(p, s->packed + s->at, *got);
		s->at += *got;
		*how = LAM_GOT_BYTES;
		return LAM_OK;
	}
	return fill(s, p, n, wait_ms, stop, got, how, e);
}
