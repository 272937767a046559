/*
 * seen_file.c - the checksums of files beside the log, kept by stat(2)
 *
 * The lines that a file ought to have begin with what stat says now, so a comparison of
 * these bytes is all that decides whether what is kept still holds.
 *
 * A file may be changed twice within one tick of the clock that its times are taken
 * from.  So what was seen of one that was changed just before is not kept, as with the
 * index of git: it is read again until it has rested.
 */
#include "base/seen_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/replace.h"

#define KEPT_MAX (8u << 20)	    /* bytes: names of 40,960 columns */
#define REST_NS INT64_C(2000000000) /* the coarsest times there are: FAT's */
#define TRIES 8
#define PIECE 65536

static int64_t
ns_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static int
look_at(struct lam_seen_file *s, int fd, const char *path, struct lam_error *e)
{
	struct stat st;

	if ((fd < 0 ? stat(path, &st) : fstat(fd, &st)) != 0)
		return lam_fail_sys(e, "%s: cannot be read", path);
	if (!S_ISREG(st.st_mode))
		return lam_fail(e, LAM_DATA, "%s: is no regular file: what is "
			"looked up there must be the same each time", path);
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	s->size = (uint64_t)st.st_size;
	s->mtime = ns_of(&st.st_mtim);
	s->ctime = ns_of(&st.st_ctim);
	return LAM_OK;
}

int
lam_seen_file_stat(struct lam_seen_file *s, const char *path,
	struct lam_error *e)
{
	return look_at(s, -1, path, e);
}

bool
lam_seen_file_alike(const struct lam_seen_file *a,
	const struct lam_seen_file *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
		a->mtime == b->mtime && a->ctime == b->ctime;
}

int
lam_seen_file_same(const struct lam_seen_file *s, const char *path,
	struct lam_error *e)
{
	struct lam_seen_file now = LAM_SEEN_FILE_INIT;
	int rc = look_at(&now, -1, path, e);

	return rc || lam_seen_file_alike(s, &now) ? rc : lam_fail(e, LAM_DATA,
		"%s: was changed while it was read: run again", path);
}

/* The lines before the hash. */
static void
print_key(const struct lam_seen_file *s, const char *name, struct lam_buf *out)
{
	lam_buf_puts(out, "lam-seen 1\nname ");
	lam_escape((struct lam_str){ name, strlen(name) }, out);
	lam_buf_printf(out, "\nstat %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64
		" %" PRId64 "\n", s->dev, s->ino, s->size, s->mtime, s->ctime);
}

/* The next line of *REST, if it is WORD's: what is behind it. */
static bool
line(struct lam_str *rest, const char *word, struct lam_str *out)
{
	size_t n = strlen(word);

	if (!lam_str_cut(rest, '\n', out) || out->n <= n ||
		memcmp(out->p, word, n) || out->p[n] != ' ')
		return false;
	*out = (struct lam_str){ out->p + n + 1, out->n - n - 1 };
	return true;
}

/* TEXT is what was kept of what S is by stat: its hash and note. */
static bool
parse(struct lam_seen_file *s, const char *name, struct lam_str text)
{
	struct lam_buf key = LAM_BUF_INIT;
	struct lam_str rest, hash, note, end;
	uint64_t sum;
	bool ok;

	print_key(s, name, &key);
	ok = !key.oom && text.n > key.n && text.p[text.n - 1] == '\n' &&
		!memcmp(text.p, key.p, key.n);
	rest = ok ? (struct lam_str){ text.p + key.n, text.n - key.n } : text;
	ok = ok && line(&rest, "hash", &hash) && lam_str_hex(hash, &s->hash) &&
		line(&rest, "note", &note);
	lam_buf_clear(&s->note);
	ok = ok && line(&rest, "end", &end) && lam_str_hex(end, &sum) &&
		rest.n == 0 && sum == lam_checksum(text.p,
			(size_t)(end.p - strlen("end ") - text.p)) &&
		note.p[0] == '"' && lam_unescape((struct lam_str){ note.p + 1,
			note.n - 1 }, &s->note) && !s->note.oom;
	lam_buf_release(&key);
	return ok;
}

static int
kept_path(char *out, const char *cache, const char *name, struct lam_error *e)
{
	return lam_io_path(out, LAM_PATH_MAX, e, "%s/%016" PRIx64, cache,
		lam_checksum(name, strlen(name)));
}

/* What is kept of NAME, if that is what S is by stat. */
static bool
recall(struct lam_seen_file *s, const char *name, const char *cache)
{
	struct lam_buf text = LAM_BUF_INIT;
	char at[LAM_PATH_MAX];
	bool ok = !kept_path(at, cache, name, NULL) && lam_io_exists(at) &&
		!lam_io_slurp(at, KEPT_MAX, &text, NULL) && text.n &&
		!text.oom && parse(s, name, (struct lam_str){ text.p, text.n });

	lam_buf_release(&text);
	return ok;
}

/* Where that cannot be, it is read again the next time. */
static void
keep(const struct lam_seen_file *s, const char *name, const char *root,
	const char *cache)
{
	struct lam_replace file = LAM_REPLACE_INIT;
	struct lam_buf text = LAM_BUF_INIT;
	char at[LAM_PATH_MAX];

	print_key(s, name, &text);
	lam_buf_printf(&text, "hash %016" PRIx64 "\nnote \"", s->hash);
	lam_escape((struct lam_str){ s->note.n ? s->note.p : "", s->note.n },
		&text);
	lam_buf_putc(&text, '\n');
	if (!text.oom)
		lam_buf_printf(&text, "end %016" PRIx64 "\n",
			lam_checksum(text.p, text.n));
	if (!text.oom && text.n <= KEPT_MAX &&
		!kept_path(at, cache, name, NULL) &&
		!lam_io_mkdir_cache(root, cache, NULL) &&
		!lam_replace_begin(&file, at, NULL) &&
		!lam_io_write(file.fd, text.p, text.n, at, NULL) &&
		!lam_replace_share(&file, NULL) &&
		lam_replace_commit_cache(&file, NULL))
		(void)!lam_io_unlink(at, NULL);
	lam_replace_abandon(&file);
	lam_buf_release(&text);
}

/* The hash of what FD has. */
static int
hash_all(int fd, const char *path, uint64_t *hash, struct lam_error *e)
{
	struct lam_checksum *sum = lam_checksum_new();
	char piece[PIECE];
	size_t got = 1;
	int rc = sum ? LAM_OK : lam_fail_mem(e);

	while (!rc && got) {
		rc = lam_io_read(fd, piece, sizeof piece, &got, path, e);
		if (!rc)
			lam_checksum_add(sum, piece, got);
	}
	if (!rc)
		*hash = lam_checksum_value(sum);
	lam_checksum_free(sum);
	return rc;
}

/* Opened without waiting for the writer of a pipe. */
static int
read_once(struct lam_seen_file *s, const char *path,
	int (*look)(void *arg, const char *path, struct lam_buf *note,
		struct lam_error *e), void *arg, struct lam_error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc;

	if (fd < 0)
		return lam_fail_sys(e, "%s: cannot be read", path);
	lam_buf_clear(&s->note);
	rc = look_at(s, fd, path, e);
	if (!rc)
		rc = hash_all(fd, path, &s->hash, e);
	(void)!lam_io_close(&fd, path, NULL);
	if (!rc && look)
		rc = look(arg, path, &s->note, e);
	return rc ? rc : lam_buf_check(&s->note, e);
}

int
lam_seen_file(struct lam_seen_file *s, const char *path, const char *name,
	const char *root, const char *cache, int (*look)(void *arg, const char *path,
		struct lam_buf *note, struct lam_error *e), void *arg,
	struct lam_error *e)
{
	int rc = look_at(s, -1, path, e);

	if (rc || (cache && recall(s, name, cache)))
		return rc;
	for (int i = 0; i < TRIES; i++) {
		struct lam_error why = LAM_ERROR_INIT;
		struct lam_seen_file now = LAM_SEEN_FILE_INIT;
		int64_t began = lam_clock_wall();

		rc = read_once(s, path, look, arg, &why);
		if (look_at(&now, -1, path, e))
			return e->code;
		if (!lam_seen_file_alike(s, &now))
			continue;
		if (rc) {
			*e = why;
			return rc;
		}
		if (cache && s->ctime < began - REST_NS)
			keep(s, name, root, cache);
		return LAM_OK;
	}
	return lam_fail(e, LAM_DATA, "%s: was changed each time it was read: "
		"make the new one beside it, and rename it", path);
}

void
lam_seen_file_release(struct lam_seen_file *s)
{
	lam_buf_release(&s->note);
}
