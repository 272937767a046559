/*
 * ref_files.c - the files that queries depend on, open while they run
 */
#include "engine/ref_files.h"

#include "fn/lookup.h"

static int
open_one(struct lam_ref_file *f, struct lam_resources *rest,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc;

	if (f->rows)
		return LAM_OK;
	rc = f->open ? f->open(f, rest->memory, &why) : lam_fail(&why,
		LAM_USAGE, "%s: what it says is not at hand", f->name);
	if (rc) {
		lam_fail(e, rc, "%s:%u:%u: %s", f->source, f->line, f->column,
			why.msg);
		if (e)
			e->sys = why.sys;
	}
	if (rc || !rest->memory)
		return rc;
	rest->memory -= f->rows->bytes < rest->memory ? f->rows->bytes :
		rest->memory - 1;
	return LAM_OK;
}

int
lam_ref_files_open(const struct lam_job *job, size_t njobs,
	struct lam_resources *rest, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; i < njobs; i++)
		for (uint32_t k = 0; !rc && k < job[i].query->nfiles; k++)
			rc = open_one(job[i].query->file[k], rest, e);
	return rc;
}

void
lam_ref_files_close(const struct lam_job *job, size_t njobs)
{
	for (size_t i = 0; i < njobs; i++)
		for (uint32_t k = 0; k < job[i].query->nfiles; k++) {
			struct lam_ref_file *f = job[i].query->file[k];

			if (f->rows)
				f->close(f);
			f->rows = NULL;
		}
}
