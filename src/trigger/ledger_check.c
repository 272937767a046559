/*
 * ledger_check.c - are the ledgers of a dataset whole?
 */
#include "trigger/ledger_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/dir.h"
#include "partial/index_text.h"
#include "trigger/found.h"
#include "trigger/function.h"
#include "trigger/tie.h"

struct check {
	struct lam_findings *f;
	struct lam_ledger_progress progress;
	struct lam_ledger_head head; /* of the file before */
	uint64_t end, frames;
	bool sound;
};

static int
see(void *arg, const struct lam_ledger_frame *f, struct lam_error *e)
{
	struct check *c = arg;
	struct lam_str note;
	int rc = lam_progress_apply(&c->progress, f, e);

	c->frames++;
	if (!rc && f->kind == LAM_FRAME_FOUND)
		rc = lam_found_note_of(f->output, &note, e);
	return rc;
}

static int
check_file(struct check *c, const char *path, bool first, bool last,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_ledger_head head = { .base = 0 };
	uint64_t end, torn;
	bool ok;
	int rc = lam_ledger_scan(path, &head, see, c, &end, &torn, &why);

	rc = lam_judge(c->f, LAM_GRAVE, rc, &why, &ok, e);
	c->sound &= ok;
	if (rc || !ok)
		return rc;
	if (torn)
		lam_found(c->f, last ? LAM_MINOR : LAM_GRAVE, "%s: %" PRIu64
			" bytes at its end are no frame%s", path, torn, last ?
			": the next lam-trigger cuts them off" : "");
	if (!first && (head.base != c->end || strcmp(head.id, c->head.id)))
		lam_found(c->f, LAM_GRAVE, "%s: it does not go on where the file "
			"before it ends, at %" PRIu64, path, c->end);
	c->head = head;
	c->end = end;
	return LAM_OK;
}

static int
check_image(const char *speed, const char *view, const char *name,
	struct lam_findings *f, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	char path[LAM_PATH_MAX];
	struct lam_index x;
	bool ok;
	int rc = lam_io_path(path, sizeof path, e, "%s/%s/%s", speed, view, name);

	if (rc)
		return rc;
	rc = lam_index_open(&x, path, NULL, &why);
	if (rc == LAM_SYSTEM && why.sys == ENOENT)
		return LAM_OK; /* a running function has replaced it */
	if (!rc) {
		rc = lam_index_verify(&x, &why);
		lam_index_close(&x);
	}
	return lam_judge(f, LAM_MINOR, rc, &why, &ok, e);
}

/* The last images of rows: a cache. */
static int
check_images(const char *dir, struct lam_findings *f, struct lam_error *e)
{
	struct lam_names views = LAM_NAMES_INIT, files = LAM_NAMES_INIT;
	char speed[LAM_PATH_MAX], path[LAM_PATH_MAX];
	int rc = lam_io_path(speed, sizeof speed, e, "%s/speed", dir);

	if (!rc)
		rc = lam_io_list(speed, "", &views, e);
	for (size_t i = 0; !rc && i < views.n; i++) {
		rc = lam_io_path(path, sizeof path, e, "%s/%s", speed,
			views.name[i]);
		if (!rc)
			rc = lam_io_list(path, ".idx", &files, e);
		for (size_t k = 0; !rc && k < files.n; k++)
			rc = check_image(speed, views.name[i], files.name[k], f, e);
		lam_names_release(&files);
	}
	lam_names_release(&views);
	return rc;
}

/* Are the records that it has seen those of its stream? */
static int
check_tie(const char *data, const char *name, const struct check *c,
	struct lam_error *e)
{
	const struct lam_tie *tie = &c->progress.tie;
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_function f;
	struct lam_stream s;
	const char *stream = NULL;
	bool ok;
	int rc = LAM_OK;

	lam_function_init(&f);
	if (tie->known && !lam_function_read(&f, data, name, NULL))
		stream = lam_function_stream(&f, data);
	/* One that now waits for another is refused when it is run. */
	if (stream && !lam_stream_open(&s, data, stream, NULL)) {
		if (f.on == LAM_ON_VIEW || !strcmp(c->head.source, s.id))
			rc = lam_tie_check(&c->progress, name, &s, &why);
		lam_stream_close(&s);
	}
	lam_function_release(&f);
	return lam_judge(c->f, LAM_GRAVE, rc, &why, &ok, e);
}

static int
check_one(const char *data, const char *dir, const char *name,
	struct lam_findings *f, void (*summary)(const char *line),
	struct lam_error *e)
{
	struct check c = { .f = f, .progress = LAM_PROGRESS_INIT, .sound = true };
	struct lam_names files = LAM_NAMES_INIT;
	char path[LAM_PATH_MAX], line[300];
	int rc = lam_io_list(dir, ".led", &files, e);

	for (size_t i = 0; !rc && i < files.n && c.sound; i++) {
		rc = lam_io_path(path, sizeof path, e, "%s/%s", dir,
			files.name[i]);
		if (!rc)
			rc = check_file(&c, path, !i, i + 1 == files.n, e);
	}
	if (!rc && c.sound && summary && files.n) {
		snprintf(line, sizeof line, "function %s: %" PRIu64 " frames, at "
			"position %" PRIu64 ", %zu batches pending", name,
			c.frames, c.progress.next, c.progress.n);
		summary(line);
	}
	if (!rc && c.sound)
		rc = check_tie(data, name, &c, e);
	lam_progress_release(&c.progress);
	lam_names_release(&files);
	return rc ? rc : check_images(dir, f, e);
}

int
lam_ledger_check(const char *data, struct lam_findings *f,
	void (*summary)(const char *line), struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	char dir[LAM_PATH_MAX], one[LAM_PATH_MAX];
	int rc = lam_io_path(dir, sizeof dir, e, "%s/trigger", data);

	if (!rc)
		rc = lam_io_list(dir, "", &names, e);
	for (size_t i = 0; !rc && i < names.n; i++) {
		rc = lam_io_path(one, sizeof one, e, "%s/%s", dir,
			names.name[i]);
		if (!rc)
			rc = check_one(data, one, names.name[i], f, summary, e);
	}
	lam_names_release(&names);
	return rc;
}
