/*
 * function_layer.c - layers: directories that functions share
 *
 * Where they lie their programs, libraries and modules are found by variables, as those
 * of AWS Lambda lead into /opt: so a layer works in every tier of isolation.  A later
 * layer covers those before it, and so comes first.
 */
#include "trigger/function_internal.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The directories of a layer that a variable leads to: patterns, up to a NULL. */
static const struct variable {
	const char *name;
	const char *pattern[3];
	const char *behind; /* of each: Java finds archives by a star */
	const char *unset;  /* what counts when the variable is not there */
} variables[] = {
	{ "LD_LIBRARY_PATH", { "lib", NULL }, "", "" },
	{ "PYTHONPATH", { "python", "python/lib/python3*/site-packages", NULL }, "",
		"" },
	{ "NODE_PATH", { "nodejs/node_modules", "nodejs/node*/node_modules", NULL }, "",
		"" },
	{ "CLASSPATH", { "java/lib", NULL }, "/*", "." },
};

static void
put(struct lam_buf *b, const char *path, const char *behind)
{
	if (b->n && b->p[b->n - 1] != '=')
		lam_buf_putc(b, ':');
	lam_buf_puts(b, path);
	lam_buf_puts(b, behind);
}

/* What PATTERN in layer DIR is, with BEHIND, appended to the path B. */
static void
put_places(struct lam_buf *b, const char *dir, const char *pattern, const char *behind)
{
	char path[LAM_PATH_MAX];
	struct lam_buf text = LAM_BUF_INIT;
	glob_t found;

	for (const char *p = dir; *p; p++) { /* a name is no pattern */
		if (strchr("*?[\\", *p))
			lam_buf_putc(&text, '\\');
		lam_buf_putc(&text, *p);
	}
	if (!lam_buf_check(&text, NULL) && !lam_io_path(path, sizeof path, NULL,
		"%s/%s", lam_buf_str(&text), pattern) &&
		!glob(path, GLOB_ONLYDIR, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			put(b, found.gl_pathv[i], behind);
		globfree(&found);
	}
	lam_buf_release(&text);
}

/* Behind what `env` says of it. */
static int
set_variable(struct lam_function *f, const struct variable *v, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	size_t n = strlen(v->name), at = 0, before;
	char *text;

	while (at < f->nenv && (strncmp(f->env[at], v->name, n) != 0 ||
		f->env[at][n] != '='))
		at++;
	if (at < f->nenv)
		lam_buf_puts(&b, f->env[at]);
	else
		lam_buf_printf(&b, "%s=%s", v->name, v->unset);
	before = b.n;
	for (size_t i = f->nlayers; i-- > 0;)
		for (size_t k = 0; v->pattern[k]; k++)
			put_places(&b, f->layer[i], v->pattern[k], v->behind);
	text = lam_arena_dup(&f->arena, lam_buf_str(&b), b.n);
	n = b.n;
	lam_buf_release(&b);
	if (!text)
		return lam_fail_mem(e);
	if (n == before)
		return LAM_OK;
	if (at == LAM_ENV_MAX)
		return lam_fail(e, LAM_USAGE, "%s: layer: more than %d variables",
			f->name, LAM_ENV_MAX);
	f->env[at] = text;
	f->nenv += at == f->nenv;
	return LAM_OK;
}

static int
resolve(struct lam_function *f, const char **layer, struct lam_error *e)
{
	bool from_here = **layer != '/';
	char path[LAM_PATH_MAX], full[LAM_PATH_MAX];
	struct stat st;
	int rc = lam_io_path(path, sizeof path, e, "%s%s%s", from_here ? f->dir :
		"", from_here ? "/" : "", *layer);

	if (rc)
		return rc;
	if (!realpath(path, full) || stat(full, &st) || !S_ISDIR(st.st_mode))
		return lam_fail(e, LAM_USAGE, "%s: layer %s: there is no such "
			"directory", f->name, path);
	if (strchr(full, ':'))
		return lam_fail(e, LAM_USAGE, "%s: layer %s: a path in PATH has no "
			"colon", f->name, full);
	if (!strncmp(full, "/opt", 4) && (full[4] == '/' || !full[4]))
		return lam_fail(e, LAM_USAGE, "%s: layer %s: layers are seen at "
			"/opt, and so lie elsewhere", f->name, full);
	*layer = lam_arena_dup(&f->arena, full, strlen(full));
	return *layer ? LAM_OK : lam_fail_mem(e);
}

int
lam_function_layers(struct lam_function *f, struct lam_error *e)
{
	struct lam_buf bins = LAM_BUF_INIT;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < f->nlayers; i++)
		rc = resolve(f, &f->layer[i], e);
	for (size_t i = 0; !rc && f->nlayers && i < sizeof variables /
		sizeof *variables; i++)
		rc = set_variable(f, &variables[i], e);
	for (size_t i = f->nlayers; !rc && i-- > 0;)
		put_places(&bins, f->layer[i], "bin", "");
	if (!rc)
		rc = lam_buf_check(&bins, e);
	if (!rc && bins.n)
		f->bins = lam_arena_dup(&f->arena, bins.p, bins.n);
	if (!rc && bins.n && !f->bins)
		rc = lam_fail_mem(e);
	lam_buf_release(&bins);
	return rc;
}
