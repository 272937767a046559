/*
 * stream_names.c - which streams a dataset has, and where
 */
#include "log/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/near.h"

int
lam_stream_dir(char *out, size_t size, const char *data, const char *name,
	struct lam_error *e)
{
	int rc;

	rc = lam_io_path(out, size, e, "%s/master", data);
	if (!rc)
		rc = lam_io_no_link(out, e);
	if (!rc)
		rc = lam_io_path(out, size, e, "%s/master/%s", data, name);
	return rc ? rc : lam_io_no_link(out, e);
}

/* The names in DIR/master of which IS(path) holds and that a stream may have. */
static int
list(const char *data, bool (*is)(const char *path), struct lam_names *out,
	struct lam_error *e)
{
	char dir[LAM_PATH_MAX], path[LAM_PATH_MAX];
	size_t n = 0;
	int rc;

	rc = lam_io_path(dir, sizeof dir, e, "%s/master", data);
	if (!rc)
		rc = lam_io_list(dir, "", out, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < out->n; i++) {
		char *name = out->name[i];

		if (lam_name_ok(name, strlen(name)) &&
			!lam_io_path(path, sizeof path, NULL, "%s/%s", dir,
				name) && is(path))
			out->name[n++] = name;
		else
			free(name);
	}
	out->n = n;
	return LAM_OK;
}

/* A directory becomes a stream when it has an id. */
static bool
has_id(const char *path)
{
	char id[LAM_PATH_MAX];

	return !lam_io_path(id, sizeof id, NULL, "%s/id", path) &&
		lam_io_exists(id);
}

static bool
is_directory(const char *path)
{
	struct lam_names files = LAM_NAMES_INIT;
	bool is = !lam_io_list(path, "", &files, NULL);

	lam_names_release(&files);
	return is;
}

int
lam_stream_list(const char *data, struct lam_names *out, struct lam_error *e)
{
	return list(data, has_id, out, e);
}

int
lam_stream_remains(const char *data, struct lam_names *out,
	struct lam_error *e)
{
	return list(data, is_directory, out, e);
}

int
lam_stream_missing(const char *data, const char *name, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	char hint[LAM_NEAR_HINT];
	int rc;

	rc = lam_stream_list(data, &names, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < names.n && b.n < 400; i++)
		lam_buf_printf(&b, "%s%s", i ? ", " : "", names.name[i]);
	if (names.n)
		rc = lam_fail(e, LAM_USAGE, "%s: there is no stream \"%.80s\"; "
			"there are: %s%s", data, name, lam_buf_str(&b),
			lam_near_hint(hint, name, names.name, names.n));
	else
		rc = lam_fail(e, LAM_USAGE, "%s: there is no stream \"%.80s\", "
			"nor any other: lam-ingest -d %s -s %.80s makes it",
			data, name, data, name);
	lam_buf_release(&b);
	lam_names_release(&names);
	return rc;
}
