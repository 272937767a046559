/*
 * failures.c - one view that fails beside others that do not
 *
 * The first failure is kept back until it is known whether it is the only thing
 * that happened: then it is the error of the run, and told as such.
 */
#include "view/failures.h"

#include <errno.h>
#include <string.h>

bool
lam_failures_of_one(int rc, const struct lam_error *why)
{
	static const int path[] = { EACCES, EPERM, ENOENT, ENOTDIR, EISDIR,
		ELOOP, EROFS, ENAMETOOLONG, EEXIST };

	if (rc == LAM_USAGE || rc == LAM_DATA)
		return true;
	for (size_t i = 0; i < sizeof path / sizeof *path; i++)
		if (rc == LAM_SYSTEM && why->sys == path[i])
			return true;
	return false;
}

int
lam_failures_add(struct lam_failures *f, int rc, const struct lam_error *why,
	struct lam_error *e)
{
	if (!rc)
		return LAM_OK;
	if (rc == LAM_NOTHING) {
		if (!f->empty.code)
			f->empty = *why;
		return LAM_OK;
	}
	if (!lam_failures_of_one(rc, why)) {
		if (e && !e->code) {
			*e = *why;
			e->code = rc;
		}
		return rc;
	}
	f->n++;
	if (f->n == 1) {
		f->first = *why;
		f->first.code = rc;
		return LAM_OK;
	}
	if (f->n == 2)
		lam_message(&f->say, "%s", f->first.msg);
	/* Views of one stream fail for one reason. */
	if (strcmp(why->msg, f->n == 2 ? f->first.msg : f->last.msg))
		lam_message(&f->say, "%s", why->msg);
	f->last = *why;
	return LAM_OK;
}

int
lam_failures_end(struct lam_failures *f, uint64_t done, struct lam_error *e)
{
	if (f->n == 0)
		return done || !f->empty.code ? LAM_OK : lam_fail(e,
			LAM_NOTHING, "%s", f->empty.msg);
	if (done) {
		if (f->n == 1)
			lam_message(&f->say, "%s", f->first.msg);
		return LAM_SOME;
	}
	if (f->n == 1)
		return lam_fail(e, f->first.code, "%s", f->first.msg);
	return lam_fail(e, f->first.code, "no view is left (see above)");
}
