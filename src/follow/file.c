/*
 * file.c - a file of a log, known by more than its name
 */
#include "follow/file_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/io.h"
#include "input/byte_source.h"
#include "input/unpack.h"
#include "time/time.h"

#define READ LAM_FILE_READ

struct lam_file_head {
	uint64_t size; /* of the file, when it was read */
	size_t n;
	char text[LAM_PREFIX_HEAD];
};

bool
lam_file_same_id(const struct lam_file_id *a, const struct lam_file_id *b)
{
	bool born = a->born && b->born;

	/* A device may have another number after a restart. */
	return a->ino && a->ino == b->ino &&
		(born ? a->born == b->born : a->dev == b->dev);
}

static uint64_t
ns(const struct statx_timestamp *t)
{
	return (uint64_t)t->tv_sec * (uint64_t)LAM_NS + t->tv_nsec;
}

static void
set_id(const struct statx *st, struct lam_file_id *id)
{
	id->dev = makedev(st->stx_dev_major, st->stx_dev_minor);
	id->ino = st->stx_ino;
	id->born = st->stx_mask & STATX_BTIME ? ns(&st->stx_btime) : 0;
}

static void
set_state(const struct statx *st, struct lam_file *f)
{
	set_id(st, &f->id);
	f->size = st->stx_size;
	f->mtime = ns(&st->stx_mtime);
	f->linked = st->stx_nlink > 0;
}

bool
lam_file_peek(struct lam_file *f, char *path)
{
	struct statx st;

	*f = (struct lam_file){ .path = path, .fd = -1 };
	if (statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_BTIME, &st))
		return false;
	set_state(&st, f);
	return S_ISREG(st.stx_mode);
}

bool
lam_file_at(const char *path, struct lam_file_id *id)
{
	struct statx st;

	if (statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_BTIME, &st))
		return false;
	set_id(&st, id);
	return true;
}

bool
lam_file_directory_time(const char *path, uint64_t *changed)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
	struct statx st;
	bool known = dir && !statx(AT_FDCWD, dir, 0, STATX_MTIME, &st);

	if (known)
		*changed = ns(&st.stx_mtime);
	free(dir);
	return known;
}

/* What the first bytes tell: they stay, once they are there. */
static int
look_inside(struct lam_file *f, struct lam_error *e)
{
	char p[LAM_UNPACK_HEAD];
	ssize_t n = pread(f->fd, p, sizeof p, 0);

	f->packed = n > 0 && (lam_unpack_program(p, (size_t)n) ||
		(p[0] == 0x1f && (n == 1 || (unsigned char)p[1] == 0x8b)));
	if (f->packed && !f->head && !(f->head = calloc(1, sizeof *f->head)))
		return lam_fail_mem(e);
	return LAM_OK;
}

int
lam_file_look(struct lam_file *f, struct lam_error *e)
{
	uint64_t before = f->size;
	struct statx st;

	if (statx(f->fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME,
		&st))
		return lam_fail_sys(e, "%s: cannot look at it", f->path);
	if (!S_ISREG(st.stx_mode))
		return lam_fail(e, LAM_USAGE, "%s: is not a regular file: there "
			"is no place in it to go on from: read it without "
			"--resume and --follow", f->path);
	set_state(&st, f);
	return before < LAM_UNPACK_HEAD ? look_inside(f, e) : LAM_OK;
}

int
lam_file_open(struct lam_file *f, const char *path, bool *found,
	struct lam_error *e)
{
	int rc;

	*f = (struct lam_file){ .fd = open(path,
		O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) };
	*found = f->fd >= 0;
	if (!*found && (errno == ENOENT || errno == ENOTDIR))
		return LAM_OK;
	if (!*found)
		return lam_fail_sys(e, "%s: cannot open", path);
	f->path = strdup(path);
	rc = f->path ? lam_file_look(f, e) : lam_fail_mem(e);
	if (rc)
		lam_file_close(f);
	return rc;
}

void
lam_file_close(struct lam_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f->head);
	f->fd = -1;
	f->path = NULL;
	f->head = NULL;
}

/* Add the text of the plain file F from p->at to TO.  *ALL false: it is shorter. */
static int
add_text(const struct lam_file *f, uint64_t to, struct lam_prefix *p,
	bool *all, struct lam_error *e)
{
	char *b = malloc(READ);
	ssize_t n = 1;

	if (!b)
		return lam_fail_mem(e);
	while (p->at < to && n) {
		size_t want = to - p->at < READ ? (size_t)(to - p->at) : READ;

		n = pread(f->fd, b, want, (off_t)p->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(b);
			return lam_fail_sys(e, "%s: cannot read", f->path);
		}
		lam_prefix_add(p, b, (size_t)n);
	}
	free(b);
	*all = p->at == to;
	return LAM_OK;
}

int
lam_file_first(const struct lam_file *f, uint64_t upto, struct lam_buf *text,
	uint64_t *head, struct lam_error *e)
{
	size_t want = upto < LAM_PREFIX_HEAD ? (size_t)upto : LAM_PREFIX_HEAD;
	struct lam_prefix p = LAM_PREFIX_INIT;
	char b[LAM_PREFIX_HEAD];
	ssize_t n = pread(f->fd, b, want, 0);
	int rc = n < 0 ? lam_fail_sys(e, "%s: cannot read", f->path) :
		lam_prefix_start(&p, e);

	if (!rc)
		lam_prefix_add(&p, b, (size_t)n);
	if (!rc)
		*head = lam_prefix_mark(&p).digest;
	lam_prefix_release(&p);
	if (rc || !text)
		return rc;
	lam_buf_clear(text);
	lam_buf_put(text, b, (size_t)n);
	return lam_buf_check(text, e);
}

/* Is P at M, and all before it the same? */
static bool
is_at(const struct lam_prefix *p, const struct lam_mark *m)
{
	struct lam_mark x = lam_prefix_mark(p);

	return x.at == m->at && x.digest == m->digest && x.head == m->head;
}

int
lam_file_ends(const struct lam_file *f, const struct lam_mark *m, bool *same,
	struct lam_error *e)
{
	struct lam_prefix p = LAM_PREFIX_INIT;
	int rc = lam_prefix_resume(&p, m, e);

	if (!rc)
		rc = add_text(f, m->at, &p, same, e);
	*same = !rc && *same && is_at(&p, m);
	lam_prefix_release(&p);
	return rc;
}

int
lam_file_inflate(struct lam_byte_source *s, uint64_t n, struct lam_prefix *p,
	bool *all, struct lam_error *e)
{
	char *b = malloc(READ);
	enum lam_got how = LAM_GOT_BYTES;
	int rc = b ? LAM_OK : lam_fail_mem(e);

	while (!rc && n && how == LAM_GOT_BYTES) {
		size_t got;

		rc = lam_byte_source_read(s, b, n < READ ? (size_t)n : READ,
			-1, NULL, &got, &how, e);
		if (!rc)
			lam_prefix_add(p, b, got);
		n -= rc ? 0 : got;
	}
	free(b);
	*all = !n;
	return rc;
}

int
lam_file_reopen(const struct lam_file *f, int *fd, struct lam_error *e)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", f->fd);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0) /* without /proc; a file that has lost its name stays unread */
		*fd = open(f->path, O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? lam_fail_sys(e, "%s: cannot open", f->path) : LAM_OK;
}

/* The text that F's head is of, as far as it could be unpacked. */
static void
read_head(const struct lam_file *f)
{
	struct lam_file_head *h = f->head;
	enum lam_got how = LAM_GOT_BYTES;
	struct lam_byte_source *s = NULL;
	int fd, rc;

	if (h->size == f->size || h->n == LAM_PREFIX_HEAD)
		return;
	h->n = 0;
	rc = lam_file_reopen(f, &fd, NULL);
	if (!rc)
		rc = lam_byte_source_file(&s, fd, f->path, NULL);
	while (!rc && how == LAM_GOT_BYTES && h->n < LAM_PREFIX_HEAD) {
		size_t got = 0;

		rc = lam_byte_source_read(s, h->text + h->n,
			LAM_PREFIX_HEAD - h->n, -1, NULL, &got, &how, NULL);
		h->n += got;
	}
	h->size = f->size;
	lam_byte_source_close(s);
}

/* Does the text of the packed F begin as that before M did? */
static int
is_head(const struct lam_file *f, const struct lam_mark *m, bool *same,
	struct lam_error *e)
{
	struct lam_prefix p = LAM_PREFIX_INIT;
	size_t n = m->at < LAM_PREFIX_HEAD ? (size_t)m->at : LAM_PREFIX_HEAD;
	int rc = lam_prefix_start(&p, e);

	*same = false;
	if (!rc) {
		read_head(f);
		lam_prefix_add(&p, f->head->text, n < f->head->n ? n : f->head->n);
		*same = f->head->n >= n && lam_prefix_mark(&p).head == m->head;
	}
	lam_prefix_release(&p);
	return rc;
}

/* The text of a packed file behind M; what cannot be unpacked is not the same. */
static int
source_of_packed(const struct lam_file *f, const struct lam_mark *m,
	struct lam_byte_source **out, struct lam_prefix *p, bool *same,
	struct lam_error *e)
{
	struct lam_byte_source *s = NULL;
	int fd, rc = LAM_OK;

	*same = true;
	if (m->at)
		rc = is_head(f, m, same, e);
	if (rc || !*same)
		return rc;
	rc = lam_file_reopen(f, &fd, e);
	if (!rc)
		rc = lam_byte_source_file(&s, fd, f->path, e);
	if (!rc)
		rc = lam_prefix_start(p, e);
	if (!rc)
		*same = !lam_file_inflate(s, m->at, p, same, NULL) && *same &&
			(!m->at || is_at(p, m));
	if (rc || !*same)
		lam_byte_source_close(s);
	else
		*out = s;
	return rc;
}

/* P gets the first bytes, as far as m->head tells; are they the same? */
static int
add_head(const struct lam_file *f, const struct lam_mark *m,
	struct lam_prefix *p, bool *same, struct lam_error *e)
{
	uint64_t head = m->at < LAM_PREFIX_HEAD ? m->at : LAM_PREFIX_HEAD;
	int rc = lam_prefix_start(p, e);

	if (!rc)
		rc = add_text(f, head, p, same, e);
	*same = !rc && *same && lam_prefix_mark(p).head == m->head;
	return rc;
}

int
lam_file_heads(const struct lam_file *f, const struct lam_mark *m, bool *same,
	struct lam_error *e)
{
	struct lam_prefix p = LAM_PREFIX_INIT;
	int rc = add_head(f, m, &p, same, e);

	lam_prefix_release(&p);
	return rc;
}

int
lam_file_begins(const struct lam_file *f, const struct lam_mark *m, bool *same,
	struct lam_error *e)
{
	struct lam_prefix p = LAM_PREFIX_INIT;
	struct lam_byte_source *s;
	int rc;

	if (f->packed) {
		rc = source_of_packed(f, m, &s, &p, same, e);
		if (!rc && *same)
			lam_byte_source_close(s);
	} else {
		rc = add_head(f, m, &p, same, e);
		if (!rc && *same)
			rc = add_text(f, m->at, &p, same, e);
		*same = !rc && *same && is_at(&p, m);
	}
	lam_prefix_release(&p);
	return rc;
}

int
lam_file_source(const struct lam_file *f, const struct lam_mark *m, bool tail,
	struct lam_byte_source **out, struct lam_prefix *p, bool *same,
	struct lam_error *e)
{
	int fd, rc;

	if (f->packed)
		return source_of_packed(f, m, out, p, same, e);
	rc = lam_prefix_resume(p, m, e);
	if (!rc)
		rc = add_text(f, m->at, p, same, e);
	*same = !rc && *same && (!m->at || is_at(p, m));
	if (rc || !*same)
		return rc;
	rc = lam_file_reopen(f, &fd, e);
	if (rc)
		return rc;
	if (lseek(fd, (off_t)m->at, SEEK_SET) < 0) {
		close(fd);
		return lam_fail_sys(e, "%s: cannot seek", f->path);
	}
	return lam_byte_source_adopt(out, fd, f->path, tail, e);
}
