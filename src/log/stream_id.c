/*
 * stream_id.c - the id of a stream: 32 hex digits and a newline, drawn once
 *
 * Every segment names it, so that files of different logs cannot be mixed up.
 */
#include "log/stream_id.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/replace.h"
#include "log/segment.h"

int
lam_stream_id_read(const char *dir, char id[LAM_ID_HEX + 1], bool *found,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_io_path(path, sizeof path, e, "%s/id", dir);
	if (rc)
		return rc;
	*found = lam_io_exists(path);
	if (!*found)
		return LAM_OK;
	rc = lam_io_no_link(path, e);
	if (rc)
		return rc;
	/* A longer file cannot be an id, so it is not read further. */
	rc = lam_io_slurp(path, 64, &b, &why);
	if (rc == LAM_DATA)
		b.n = 0;
	else if (rc && e && !e->code)
		*e = why;
	if (rc && rc != LAM_DATA)
		goto out;
	rc = LAM_OK;
	for (size_t i = 0; i < LAM_ID_HEX && i < b.n; i++)
		if (!isdigit((unsigned char)b.p[i]) &&
			(b.p[i] < 'a' || b.p[i] > 'f'))
			b.n = 0;
	if (b.n != LAM_ID_HEX + 1 || b.p[LAM_ID_HEX] != '\n') {
		rc = lam_fail(e, LAM_DATA, "%s: damaged: not %d hex digits; "
			"write back what the header of a segment says after "
			"\"stream\"", path, LAM_ID_HEX);
		goto out;
	}
	memcpy(id, b.p, LAM_ID_HEX);
	id[LAM_ID_HEX] = '\0';
out:
	lam_buf_release(&b);
	return rc;
}

int
lam_stream_id_make(const char *dir, char id[LAM_ID_HEX + 1],
	struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	unsigned char random[LAM_ID_HEX / 2];
	char path[LAM_PATH_MAX];
	bool any;
	int rc;

	rc = lam_segment_any(dir, &any, e);
	if (!rc && any)
		return lam_fail(e, LAM_DATA, "%s/id: missing: write back the "
			"32 digits that the header of a segment says after "
			"\"stream\"", dir);
	if (!rc)
		rc = lam_io_random(random, sizeof random, e);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/id", dir);
	if (rc)
		return rc;
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
	lam_buf_puts(&b, id);
	lam_buf_putc(&b, '\n');
	rc = lam_buf_check(&b, e);
	if (!rc)
		rc = lam_replace_with(path, b.p, b.n, e);
	lam_buf_release(&b);
	return rc;
}
