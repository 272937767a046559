/*
 * log_check_input.c - is what a stream remembers of its text sound?
 *
 * The file `input` (ingest/memory.h) is read as lam-ingest reads it.  Nothing of the
 * log depends on it, but the next run is refused, or reads lines as another format.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "fsck/log_check_internal.h"
#include "ingest/memory.h"
#include "input/format.h"
#include "input/settings.h"

/* What RC with WHY says of file PATH. */
static int
judge(struct lam_look *l, int rc, const struct lam_error *why, const char *path,
	struct lam_error *e)
{
	if (!rc)
		return LAM_OK;
	if (!lam_is_damage(rc, why))
		return lam_fail(e, rc, "%s", why->msg);
	lam_found(l->f, LAM_MINOR, "%s%s%s: mend that line, or restore the file from a "
		"copy", strstr(why->msg, path) ? "" : path,
		strstr(why->msg, path) ? "" : ": ", why->msg);
	return LAM_OK;
}

int
lam_look_input(struct lam_look *l, const char *data, const char *name,
	struct lam_error *e)
{
	struct lam_memory m = LAM_MEMORY_INIT;
	struct lam_input_options o = { .format = NULL };
	struct lam_error why = LAM_ERROR_INIT;
	char path[LAM_PATH_MAX];
	struct stat st;
	int rc = lam_io_path(path, sizeof path, e, "%s/input", l->dir);

	if (rc || stat(path, &st))
		return rc;
	if (st.st_size > LAM_SETTINGS_MAX)
		rc = lam_fail(&why, LAM_DATA, "%s: is larger than %u bytes, and no "
			"file of settings", path, LAM_SETTINGS_MAX);
	if (!rc)
		rc = lam_memory_recall(&m, data, name, &o, &why);
	if (!rc && o.format && !lam_format_find(o.format, &why))
		rc = LAM_USAGE;
	if (!rc && m.before.n && m.before.p[m.before.n - 1] != '\n')
		rc = lam_fail(&why, LAM_DATA, "%s: its last line has no newline: it "
			"may have been cut", path);
	rc = judge(l, rc, &why, path, e);
	lam_memory_release(&m);
	return rc;
}
