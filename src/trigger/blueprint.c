/*
 * blueprint.c - functions to begin with: directories that are copied
 *
 * A copy is made under another name and renamed: a function is there whole, or not.
 */
#include "trigger/blueprint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/name.h"
#include "trigger/function.h"

#define FILE_MAX ((size_t)1 << 20) /* bytes of a file of a blueprint */

int
lam_blueprint_dir(const char *exe, char *out, size_t size, struct lam_error *e)
{
	static const char *const place[] = { "../share/lam/blueprints",
		"../src/blueprints" };
	int n = (int)(strrchr(exe, '/') - exe);

	for (size_t i = 0; i < 2; i++) {
		int rc = lam_io_path(out, size, e, "%.*s/%s", n, exe, place[i]);

		if (rc || lam_io_exists(out))
			return rc;
	}
	return lam_fail(e, LAM_SYSTEM, "%s: there are no blueprints: they are "
		"installed with the program", out);
}

/* The first comment of DIR/NAME/function. */
static int
first_comment(const char *dir, const char *name, struct lam_buf *out,
	struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_str rest, line;
	int rc = lam_io_path(path, sizeof path, e, "%s/%s/function", dir, name);

	if (!rc)
		rc = lam_io_slurp(path, FILE_MAX, &b, e);
	rest = (struct lam_str){ lam_buf_str(&b), b.n };
	if (!rc && lam_str_cut(&rest, '\n', &line) && line.n > 2 &&
		*line.p == '#')
		lam_buf_printf(out, "%-18s %.*s\n", name, (int)line.n - 2,
			line.p + 2);
	lam_buf_release(&b);
	return rc;
}

int
lam_blueprint_list(const char *dir, struct lam_buf *out, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	int rc = lam_io_list(dir, "", &names, e);

	for (size_t i = 0; !rc && i < names.n; i++)
		rc = first_comment(dir, names.name[i], out, e);
	lam_names_release(&names);
	return rc ? rc : lam_buf_check(out, e);
}

/* FROM/NAME to TO/NAME, with the right to execute it if it has that. */
static int
copy_file(const char *from, const char *to, const char *name,
	struct lam_error *e)
{
	char source[LAM_PATH_MAX], path[LAM_PATH_MAX];
	struct lam_buf b = LAM_BUF_INIT;
	struct stat st;
	int fd = -1, rc;

	rc = lam_io_path(source, sizeof source, e, "%s/%s", from, name);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/%s", to, name);
	if (!rc)
		rc = lam_io_slurp(source, FILE_MAX, &b, e);
	if (!rc && stat(source, &st))
		rc = lam_fail_sys(e, "%s", source);
	if (!rc) {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			st.st_mode & 0111 ? 0777 : 0666);
		rc = fd < 0 ? lam_fail_sys(e, "%s", path) :
			lam_io_write(fd, b.p, b.n, path, e);
	}
	if (fd >= 0)
		close(fd);
	lam_buf_release(&b);
	return rc;
}

/* The directory FROM/NAME: its files only. */
static int
copy_dir(const char *from, const char *to, const char *name, struct lam_error *e)
{
	char source[LAM_PATH_MAX], path[LAM_PATH_MAX];
	struct lam_names names = LAM_NAMES_INIT;
	int rc = lam_io_path(source, sizeof source, e, "%s/%s", from, name);

	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/%s", to, name);
	if (!rc)
		rc = lam_io_mkdir(path, e);
	if (!rc)
		rc = lam_io_list(source, "", &names, e);
	for (size_t i = 0; !rc && i < names.n; i++)
		rc = copy_file(source, path, names.name[i], e);
	lam_names_release(&names);
	return rc;
}

static int
copy_all(const char *from, const char *to, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	int rc = lam_io_list(from, "", &names, e);

	for (size_t i = 0; !rc && i < names.n; i++) {
		char path[LAM_PATH_MAX];
		struct stat st;

		rc = lam_io_path(path, sizeof path, e, "%s/%s", from,
			names.name[i]);
		if (!rc && !stat(path, &st) && S_ISDIR(st.st_mode))
			rc = copy_dir(from, to, names.name[i], e);
		else if (!rc)
			rc = copy_file(from, to, names.name[i], e);
	}
	lam_names_release(&names);
	return rc;
}

/* What is new, and what it will be given; on a clock or a port there is no past. */
static int
say_new(struct lam_buf *out, const char *data, const char *name,
	struct lam_error *e)
{
	struct lam_function f;
	int rc;

	lam_function_init(&f);
	rc = lam_function_read(&f, data, name, e);
	lam_buf_printf(out, "%s/functions/%s: a new function", data, name);
	if (f.on == LAM_ON_STREAM || f.on == LAM_ON_VIEW || f.on == LAM_ON_BUCKET)
		lam_buf_printf(out, ", which begins with what comes after its "
			"first run; to begin with what is there: lam-trigger -d "
			"%s --from start %s", data, name);
	lam_function_release(&f);
	return rc ? rc : lam_buf_check(out, e);
}

int
lam_blueprint_copy(const char *dir, const char *blueprint, const char *data,
	const char *name, struct lam_buf *out, struct lam_error *e)
{
	char from[LAM_PATH_MAX], to[LAM_PATH_MAX], temp[LAM_PATH_MAX];
	int rc;

	if (!lam_name_ok(name, strlen(name)) ||
		!lam_name_ok(blueprint, strlen(blueprint)))
		return lam_fail(e, LAM_USAGE, "%.80s: a name is letters, digits, _ "
			"and -, first a letter, at most %d", name, LAM_NAME_MAX);
	rc = lam_io_path(from, sizeof from, e, "%s/%s", dir, blueprint);
	if (!rc && !lam_io_exists(from))
		return lam_fail(e, LAM_USAGE, "%s: no such blueprint: lam-trigger "
			"--list has them", blueprint);
	if (!rc)
		rc = lam_io_path(to, sizeof to, e, "%s/functions/%s", data, name);
	if (!rc && lam_io_exists(to))
		return lam_fail(e, LAM_USAGE, "%s: is there already", to);
	if (!rc)
		rc = lam_io_path(temp, sizeof temp, e, "%s/functions/.%s.%ld",
			data, name, (long)getpid());
	if (!rc)
		rc = lam_io_mkdir(temp, e);
	if (!rc)
		rc = copy_all(from, temp, e);
	if (!rc && rename(temp, to))
		rc = lam_fail_sys(e, "%s", to);
	return rc ? rc : say_new(out, data, name, e);
}
