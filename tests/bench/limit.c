/*
 * limit.c - what a job must do at least, and nothing else
 *
 *	limit text THREADS FILE			read all bytes, find all newlines
 *	limit columns THREADS FIELDS SEGMENT...	read those columns (numbers from 0,
 *						commas between), verify them
 *	limit inflate FILE.gz			inflate a gzip file
 *	limit write BYTES FILE			write that much, fsync
 *	limit spin THREADS			10^9 additions, shared out
 *
 * Timed from outside as a whole process, like the job beside it; a job can come
 * near it, not below it, unless it reads less.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/hot.h"
#include "base/huge.h"
#include "base/pool.h"
#include "input/gunzip.h"
#include "store/block.h"
#include "store/blockfile.h"

#define PIECE ((size_t)1 << 19)

static void
die(const char *what)
{
	fprintf(stderr, "limit: %s\n", what);
	exit(2);
}

struct work {
	atomic_size_t next;
	atomic_ulong found;
	int fd;
	size_t size;
	struct lam_blockfile *file;
	const char *fields;
};

LAM_HOT static unsigned long
newlines(const char *p, size_t n)
{
	unsigned long found = 0;

	for (size_t i = 0; i < n; i++)
		found += p[i] == '\n';
	return found;
}

static int
text(void *arg, unsigned worker, struct lam_error *e)
{
	struct work *w = arg;
	char *p = lam_huge_alloc(PIECE);
	size_t at;

	(void)worker;
	if (!p)
		return lam_fail_mem(e);
	while ((at = atomic_fetch_add(&w->next, PIECE)) < w->size) {
		ssize_t got = pread(w->fd, p, PIECE, (off_t)at);

		if (got < 0)
			die("cannot read");
		atomic_fetch_add(&w->found, newlines(p, (size_t)got));
	}
	free(p);
	return LAM_OK;
}

static int
columns(void *arg, unsigned worker, struct lam_error *e)
{
	struct work *w = arg;
	struct lam_arena a = LAM_ARENA_INIT;
	size_t i;

	(void)worker;
	while ((i = atomic_fetch_add(&w->next, 1)) < w->file->nblocks) {
		struct lam_block_reader r;

		lam_arena_reset(&a);
		if (lam_block_open(&r, w->file, i, &a, e))
			die(e->msg);
		for (const char *f = w->fields; *f; f += strspn(f, ",")) {
			char *end;
			unsigned long c = strtoul(f, &end, 10);
			size_t n = c < r.block->ncols ? r.col[c].size : 0;
			char *p = lam_arena_alloc(&a, n + 1);

			f = end;
			if (!p || pread(w->file->fd, p, n, (off_t)r.at[c]) !=
				(ssize_t)n)
				die("cannot read a column");
			atomic_fetch_add(&w->found, lam_checksum(p, n) ==
				r.col[c].checksum);
		}
	}
	lam_arena_release(&a);
	return LAM_OK;
}

static void
inflate_all(const char *path)
{
	int fd = open(path, O_RDONLY);
	unsigned char *in = malloc(PIECE), *out = malloc(PIECE);
	struct lam_gunzip *g = lam_gunzip_new();
	size_t have = 0, at = 0, total = 0;
	bool wants = true, ended = false; /* more input; there is none */
	const char *why = NULL;
	enum lam_gunzip_state s = LAM_GUNZIP_MORE;

	if (fd < 0 || !in || !out || !g)
		die("cannot open");
	while (s == LAM_GUNZIP_MORE) {
		size_t used, got = PIECE;

		if (wants) {
			ssize_t n;

			memmove(in, in + at, have -= at);
			at = 0;
			n = read(fd, in + have, PIECE - have);
			ended = n <= 0;
			have += ended ? 0 : (size_t)n;
		}
		used = have - at;
		s = lam_gunzip_run(g, in + at, &used, out, &got,
			!ended && used < PIECE, &why);
		at += used;
		total += got;
		wants = got < PIECE;
		if (s == LAM_GUNZIP_MORE && wants && ended)
			die("it ends early");
	}
	if (s != LAM_GUNZIP_END)
		die(why ? why : "out of memory");
	printf("%zu bytes\n", total);
	lam_gunzip_free(g);
}

static int
spin(void *arg, unsigned worker, struct lam_error *e)
{
	const unsigned *threads = arg;
	volatile unsigned long sum = 0;

	(void)worker;
	(void)e;
	for (unsigned long i = 0; i < 1000000000 / *threads; i++)
		sum += i;
	return LAM_OK;
}

static void
write_all(size_t bytes, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
	char *p = calloc(1, PIECE);

	if (fd < 0 || !p)
		die("cannot create");
	while (bytes > 0) {
		size_t n = bytes < PIECE ? bytes : PIECE;

		if (write(fd, p, n) != (ssize_t)n)
			die("cannot write");
		bytes -= n;
	}
	if (fsync(fd) || close(fd))
		die("cannot sync");
}

int
main(int argc, char **argv)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct work w = { .fd = -1 };
	unsigned threads = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
	struct stat st;

	lam_huge_setup();
	if (argc == 4 && !strcmp(argv[1], "text")) {
		w.fd = open(argv[3], O_RDONLY);
		if (w.fd < 0 || fstat(w.fd, &st))
			die("cannot open");
		w.size = (size_t)st.st_size;
		if (lam_pool_run(threads, text, &w, &e))
			die(e.msg);
	} else if (argc >= 5 && !strcmp(argv[1], "columns")) {
		w.fields = argv[3];
		for (int i = 4; i < argc; i++) {
			struct lam_blockfile f = LAM_BLOCKFILE_INIT;

			w.file = &f;
			atomic_store(&w.next, 0);
			if (lam_blockfile_open(&f, argv[i], &e) ||
				lam_pool_run(threads, columns, &w, &e))
				die(e.msg);
			lam_blockfile_close(&f);
		}
	} else if (argc == 3 && !strcmp(argv[1], "inflate")) {
		inflate_all(argv[2]);
		return 0;
	} else if (argc == 3 && !strcmp(argv[1], "spin") && threads) {
		if (lam_pool_run(threads, spin, &threads, &e))
			die(e.msg);
		return 0;
	} else if (argc == 4 && !strcmp(argv[1], "write")) {
		write_all(strtoull(argv[2], NULL, 10), argv[3]);
		return 0;
	} else {
		die("usage: see the head of limit.c");
	}
	printf("%lu\n", (unsigned long)atomic_load(&w.found));
	return 0;
}
