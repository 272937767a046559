/*
 * ref_files.h - the files that queries depend on, open while they run
 */
#ifndef LAM_ENGINE_REF_FILES_H
#define LAM_ENGINE_REF_FILES_H

#include "engine/engine.h"

/*
 * Those of all JOBS.  What they hold is taken from the memory of REST.  LAM_SYSTEM:
 * that is not enough.  Close them in any case.
 */
int lam_ref_files_open(const struct lam_job *job, size_t njobs,
	struct lam_resources *rest, struct lam_error *e) LAM_MUST;
void lam_ref_files_close(const struct lam_job *job, size_t njobs);

#endif
