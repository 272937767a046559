/*
 * stream_names.c - which streams a dataset has, and where
 */
#include "log/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"

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

int
lam_stream_list(const char *data, struct lam_names *out, struct lam_error *e)
{
	char dir[LAM_PATH_MAX], path[LAM_PATH_MAX];
	size_t n = 0;
	int rc;

	rc = lam_io_path(dir, sizeof dir, e, "%s/master", data);
	if (!rc)
		rc = lam_io_list(dir, "", out, e);
	if (rc)
		return rc;
	/* A directory becomes a stream when it has an id. */
	for (size_t i = 0; i < out->n; i++) {
		char *name = out->name[i];

		if (lam_name_ok(name, strlen(name)) &&
			!lam_io_path(path, sizeof path, NULL, "%s/%s/id", dir,
				name) && lam_io_exists(path))
			out->name[n++] = name;
		else
			free(name);
	}
	out->n = n;
	return LAM_OK;
}

int
lam_stream_missing(const char *data, const char *name, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	int rc;

	rc = lam_stream_list(data, &names, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < names.n && b.n < 400; i++)
		lam_buf_printf(&b, "%s%s", i ? ", " : "", names.name[i]);
	if (names.n)
		rc = lam_fail(e, LAM_USAGE, "%s: there is no stream \"%.80s\"; "
			"there are: %s", data, name, lam_buf_str(&b));
	else
		rc = lam_fail(e, LAM_USAGE, "%s: there is no stream \"%.80s\", "
			"nor any other: lam-ingest -d %s -s %.80s makes it",
			data, name, data, name);
	lam_buf_release(&b);
	lam_names_release(&names);
	return rc;
}
