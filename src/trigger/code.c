/*
 * code.c - is the code of a function what it was when its runtime was started?
 *
 * A runtime has read its code; what it is now is only seen by looking at all of it.
 * That is done once a second at most, and the bound on files keeps it to
 * milliseconds: what an installer has put deep into a directory is mostly renewed as a
 * whole, and then names near the top change with it.
 *
 * A file that cannot be looked at now has changed, or will be missed by the runtime.
 */
#include "trigger/code.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "base/hash.h"

#define DEPTH 3

struct look {
	uint64_t digest;
	size_t files;
};

static void
add(struct look *k, const char *path, const struct stat *st)
{
	char line[LAM_PATH_MAX + 100];

	snprintf(line, sizeof line, "%s %llu %llu %lld.%09ld", path,
		(unsigned long long)st->st_ino, (unsigned long long)st->st_size,
		(long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	k->digest = lam_hash(line, strlen(line), k->digest);
	k->files++;
}

static int
add_directory(struct look *k, const char *dir, int depth, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	char path[LAM_PATH_MAX];
	int rc = lam_io_list(dir, "", &names, e);
	struct stat st;

	for (size_t i = 0; !rc && i < names.n && k->files < LAM_CODE_FILES; i++) {
		if (lam_io_path(path, sizeof path, NULL, "%s/%s", dir,
			names.name[i]) || stat(path, &st))
			continue;
		if (!S_ISDIR(st.st_mode))
			add(k, path, &st);
		else if (depth < DEPTH && *names.name[i] != '.')
			rc = add_directory(k, path, depth + 1, e);
	}
	lam_names_release(&names);
	return rc;
}

/* WORD as a file: from the function's directory, or, of the first, in PATH. */
static void
add_word(struct look *k, const struct lam_function *f, struct lam_str path,
	struct lam_str word, bool first)
{
	struct lam_str dir = { f->dir, strlen(f->dir) };
	bool by_path = first && !memchr(word.p, '/', word.n);
	char file[LAM_PATH_MAX];
	struct stat st;

	while (!by_path || lam_str_cut(&path, ':', &dir)) {
		bool full = *word.p == '/';

		if (!lam_io_path(file, sizeof file, NULL, "%.*s%s%.*s", full ? 0 :
			(int)dir.n, dir.p, full ? "" : "/", (int)word.n,
			word.p) && !stat(file, &st) && !S_ISDIR(st.st_mode)) {
			add(k, file, &st);
			return;
		}
		if (!by_path)
			return;
	}
}

/* Of a command of sh, too: quotes and what else it understands end a word. */
static void
add_command(struct look *k, const struct lam_function *f, const char *path)
{
	const struct lam_str dirs = { path, strlen(path) };
	bool first = true;

	for (size_t i = 0; f->argv[i]; i++)
		for (const char *p = f->argv[i]; *p; first = false) {
			size_t n = strcspn(p, " \t\n|&;<>()$`\"'={}");

			if (n)
				add_word(k, f, dirs, (struct lam_str){ p, n }, first);
			p += n + (p[n] != '\0');
		}
}

int
lam_code_digest(const struct lam_function *f, const char *path, uint64_t *digest,
	struct lam_error *e)
{
	struct look k = { 0, 0 };
	int rc = add_directory(&k, f->dir, 1, e);

	for (size_t i = 0; !rc && f->layer[i]; i++)
		rc = add_directory(&k, f->layer[i], 1, e);
	if (!rc)
		add_command(&k, f, path);
	*digest = k.digest;
	return rc;
}
