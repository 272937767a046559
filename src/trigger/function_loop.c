/*
 * function_loop.c - does the output of a function come back to it?
 *
 * Streams that the output reaches are marked: that of `into`, then, until nothing new
 * is, those of functions that read one which is.  A function whose file cannot be read
 * is left out: it does not run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "trigger/function.h"

struct edge {
	char from[LAM_NAME_MAX + 1], into[LAM_NAME_MAX + 1];
	bool reached;
};

static bool
is_stream(const char *into)
{
	return strcmp(into, "-") != 0 && !strchr(into, '/') &&
		strlen(into) <= LAM_NAME_MAX;
}

/* *N: those of the functions NAME that take from a stream and put into one. */
static struct edge *
edges(const struct lam_names *names, const char *data, const char *but, size_t *n)
{
	struct edge *x = calloc(names->n + 1, sizeof *x);

	*n = 0;
	for (size_t i = 0; x && i < names->n; i++) {
		struct lam_function f;

		lam_function_init(&f);
		if (strcmp(names->name[i], but) != 0 &&
			!lam_function_read(&f, data, names->name[i], NULL) &&
			f.on == LAM_ON_STREAM && is_stream(f.into)) {
			memcpy(x[*n].from, f.subject, strlen(f.subject) + 1);
			memcpy(x[(*n)++].into, f.into, strlen(f.into) + 1);
		}
		lam_function_release(&f);
	}
	return x;
}

static bool
reaches(struct edge *x, size_t n, const char *from, const char *to)
{
	if (!strcmp(from, to))
		return true;
	for (size_t i = 0; i < n; i++)
		if (!x[i].reached && !strcmp(x[i].from, from)) {
			x[i].reached = true;
			if (reaches(x, n, x[i].into, to))
				return true;
		}
	return false;
}

int
lam_function_check_loop(const struct lam_function *f, const char *data,
	struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	struct edge *x;
	size_t n = 0;
	int rc;

	if (f->on != LAM_ON_STREAM || !is_stream(f->into))
		return LAM_OK;
	rc = lam_function_list(data, &names, e);
	if (rc)
		return rc;
	x = edges(&names, data, f->name, &n);
	if (!x)
		rc = lam_fail_mem(e);
	else if (reaches(x, n, f->into, f->subject))
		rc = lam_fail(e, LAM_USAGE, "%s: into %s: from there its output "
			"comes back to it by the stream %s that it reads, and it "
			"would never end: write to another stream", f->name,
			f->into, f->subject);
	free(x);
	lam_names_release(&names);
	return rc;
}
