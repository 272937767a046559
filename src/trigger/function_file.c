/*
 * function_file.c - functions as files: lines of directives, and which there are
 */
#include "trigger/function_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/near.h"
#include "input/settings.h"

/* The directive of that name, or behind them all the setting; or their number. */
static size_t
find_name(struct lam_str name)
{
	size_t own = lam_directives(), i = 0;

	while (i < own && !lam_str_is(name, lam_directive(i)->name))
		i++;
	while (i >= own && lam_setting_name(i - own) &&
		!lam_str_is(name, lam_setting_name(i - own)))
		i++;
	return i;
}

/* "; did you mean NAME?" for the directive or setting that NAME is near to, or "". */
static const char *
near_name(char *hint, struct lam_str name)
{
	char given[LAM_NAME_MAX + 1];
	const char *its;

	*hint = '\0';
	snprintf(given, sizeof given, "%.*s", (int)(name.n < sizeof given ? name.n :
		sizeof given - 1), name.p);
	for (size_t own = lam_directives(), i = 0; (its = i < own ?
		lam_directive(i)->name : lam_setting_name(i - own)) != NULL; i++)
		if (lam_near_name(hint, given, its))
			break;
	return hint;
}

/* What F prints is read by setting I, VALUE. */
static int
set_text(struct lam_function *f, size_t i, struct lam_str value, const char *where,
	struct lam_error *e)
{
	f->set |= UINT64_C(1) << (lam_directives() + i);
	return lam_setting_set(&f->text, i, value, where, &f->arena, e);
}

static int
parse_line(struct lam_function *f, struct lam_str line, uint64_t before,
	const char *where, struct lam_error *e)
{
	struct lam_buf copy = LAM_BUF_INIT;
	struct lam_str name = line, value;
	size_t own = lam_directives(), i;
	char hint[LAM_NEAR_HINT];
	int rc;

	while (line.n && strchr(" \t\r", line.p[line.n - 1]))
		line.n--;
	for (name.n = 0; name.n < line.n && !strchr(" \t", line.p[name.n]); name.n++)
		;
	i = find_name(name);
	if (i >= own && !lam_setting_name(i - own))
		return lam_fail(e, LAM_USAGE, "%s: %.*s: no such directive; "
			"lam-function(5) has them%s", where,
			(int)(name.n < 80 ? name.n : 80), line.p,
			near_name(hint, name));
	if ((f->set & ~before) >> i & 1 && !(i < own ? lam_directive_repeats(i) :
		lam_setting_repeats(i - own)))
		return lam_fail(e, LAM_USAGE, "%s: %.*s is given twice", where,
			(int)name.n, name.p);
	value = (struct lam_str){ line.p + name.n, line.n - name.n };
	while (value.n && strchr(" \t", *value.p))
		value.p++, value.n--;
	if (i >= own)
		return set_text(f, i - own, value, where, e);
	lam_buf_put(&copy, value.p, value.n);
	rc = lam_function_set(f, i, lam_buf_str(&copy), where, e);
	lam_buf_release(&copy);
	return rc;
}

int
lam_function_parse(struct lam_function *f, const char *text, size_t n,
	const char *path, struct lam_error *e)
{
	struct lam_str rest = { text, n }, line;
	char where[LAM_PATH_MAX + 24];
	uint64_t before = f->set;
	int rc = LAM_OK;

	if (memchr(text, '\0', n))
		return lam_fail(e, LAM_USAGE, "%s: has a NUL byte: it is no "
			"function file", path);
	for (unsigned at = 1; !rc && lam_str_cut(&rest, '\n', &line); at++) {
		while (line.n && strchr(" \t\r", *line.p))
			line.p++, line.n--;
		snprintf(where, sizeof where, "%s:%u", path, at);
		if (line.n && *line.p != '#')
			rc = parse_line(f, line, before, where, e);
	}
	return rc;
}

/* What B says belongs to what F is. */
static void
digest(struct lam_function *f, struct lam_buf *b)
{
	f->digest = lam_hash(lam_buf_str(b), b->n, f->digest + 1);
}

/* What its view is; one that cannot be read is an error of who opens it. */
static int
digest_view(struct lam_function *f, const char *data, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	int rc;

	if (f->on != LAM_ON_VIEW)
		return LAM_OK;
	rc = lam_io_path(path, sizeof path, e, "%s/views/%s.sql", data,
		f->subject);
	if (!rc && !lam_io_slurp(path, LAM_FUNCTION_MAX, &b, NULL))
		digest(f, &b);
	lam_buf_release(&b);
	return rc;
}

/* Its variables come behind those of `env`, which so count. */
static int
read_env_file(struct lam_function *f, struct lam_error *e)
{
	bool from_here = f->env_file && *f->env_file != '/';
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_str rest, line;
	char path[LAM_PATH_MAX], where[LAM_PATH_MAX + 24];
	struct stat st;
	size_t env = 0;
	int rc;

	if (!f->env_file)
		return LAM_OK;
	while (strcmp(lam_directive(env)->name, "env") != 0)
		env++;
	rc = lam_io_path(path, sizeof path, e, "%s%s%s", from_here ? f->dir : "",
		from_here ? "/" : "", f->env_file);
	if (!rc && *f->name && !stat(path, &st) && !S_ISREG(st.st_mode))
		rc = lam_fail(e, LAM_DATA, "%s: is no plain file, as what is read "
			"again must be", path);
	if (!rc)
		rc = lam_io_slurp_given(path, LAM_FUNCTION_MAX, &b, e);
	digest(f, &b);
	rest = (struct lam_str){ lam_buf_str(&b), b.n };
	for (unsigned at = 1; !rc && lam_str_cut(&rest, '\n', &line); at++) {
		char *text = lam_arena_dup(&f->arena, line.p, line.n);

		snprintf(where, sizeof where, "%s:%u", path, at);
		if (!text)
			rc = lam_fail_mem(e);
		else if (line.n && *text != '#')
			rc = lam_function_set(f, env, text, where, e);
	}
	lam_buf_release(&b);
	return rc;
}

static int
check_name(const char *name, struct lam_error *e)
{
	return lam_name_ok(name, strlen(name)) ? LAM_OK : lam_fail(e, LAM_USAGE,
		"%.80s: a name of a function is letters, digits, _ and -, first a "
		"letter, at most %d", name, LAM_NAME_MAX);
}

static int
missing(const char *data, const char *path, const char *name, struct lam_error *e)
{
	struct lam_names all = LAM_NAMES_INIT;
	struct lam_error why = LAM_ERROR_INIT;
	char hint[LAM_NEAR_HINT] = "";

	if (!lam_function_list(data, &all, &why))
		lam_near_hint(hint, name, all.name, all.n);
	lam_names_release(&all);
	return lam_fail(e, LAM_USAGE, "%s: no such function: lam-trigger "
		"--new hello %s makes one%s", path, name, hint);
}

static int
check_known(const char *data, const char *name, struct lam_error *e)
{
	char path[LAM_PATH_MAX], state[LAM_PATH_MAX];
	int rc = check_name(name, e);

	if (!rc)
		rc = lam_io_path(state, sizeof state, e, "%s/trigger/%s", data,
			name);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/functions/%s", data,
			name);
	return rc || !access(path, F_OK) || !access(state, F_OK) ? rc :
		missing(data, path, name, e);
}

int
lam_function_known(const char *data, const char *const *name, size_t n,
	struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < n; i++)
		rc = check_known(data, name[i], e);
	return rc;
}

int
lam_function_read(struct lam_function *f, const char *data, const char *name,
	struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	struct lam_buf b = LAM_BUF_INIT;
	int rc = check_name(name, e);

	if (rc)
		return rc;
	memcpy(f->name, name, strlen(name) + 1);
	rc = lam_io_path(path, sizeof path, e, "%s/functions/%s", data, name);
	if (!rc && !realpath(path, f->dir))
		rc = missing(data, path, name, e);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/functions/%s/"
			"function", data, name);
	if (!rc)
		rc = lam_io_slurp(path, LAM_FUNCTION_MAX, &b, e);
	digest(f, &b);
	if (!rc)
		rc = lam_function_parse(f, lam_buf_str(&b), b.n, path, e);
	if (!rc)
		rc = lam_function_tell_bucket(f, e);
	if (!rc)
		rc = read_env_file(f, e);
	if (!rc)
		rc = lam_function_layers(f, e);
	if (!rc)
		rc = digest_view(f, data, e);
	lam_buf_release(&b);
	return rc;
}

int
lam_function_list(const char *data, struct lam_names *out, struct lam_error *e)
{
	char dir[LAM_PATH_MAX];
	int rc = lam_io_path(dir, sizeof dir, e, "%s/functions", data);
	size_t n = 0;

	if (!rc)
		rc = lam_io_list(dir, "", out, e);
	/* Copies of blueprints that were not finished are no functions. */
	for (size_t i = 0; !rc && i < out->n; i++) {
		if (*out->name[i] == '.')
			free(out->name[i]);
		else
			out->name[n++] = out->name[i];
	}
	if (rc)
		return rc;
	out->n = n;
	return n ? LAM_OK : lam_fail(e, LAM_NOTHING, "%s: there is no function: "
		"lam-trigger --list tells what there is to begin with", dir);
}

int
lam_function_command(struct lam_function *f, char *const *argv,
	struct lam_error *e)
{
	size_t n = 0;
	const char **copy;
	int rc;

	while (argv[n])
		n++;
	copy = LAM_ARENA_NEW(&f->arena, const char *, n + 1);
	if (!copy)
		return lam_fail_mem(e);
	for (size_t i = 0; i < n; i++)
		copy[i] = argv[i];
	f->argv = copy;
	if (!getcwd(f->dir, sizeof f->dir))
		return lam_fail_sys(e, "the working directory");
	rc = read_env_file(f, e);
	return rc ? rc : lam_function_layers(f, e);
}
