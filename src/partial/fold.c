/*
 * fold.c - records with equal keys, one after the other, into one
 */
#include "partial/fold.h"

#include <string.h>

void
lam_fold_release(struct lam_fold *f)
{
	if (f->merging)
		lam_record_release(&f->merger);
	f->merging = false;
	lam_buf_release(&f->line);
}

int
lam_fold_begin(struct lam_fold *f, const struct lam_query *q,
	struct lam_str key, struct lam_str state, struct lam_error *e)
{
	f->q = q;
	f->nkey = key.n;
	lam_buf_clear(&f->line);
	lam_buf_put(&f->line, key.p, key.n);
	if (state.n)
		lam_buf_put(&f->line, state.p, state.n);
	return lam_buf_check(&f->line, e);
}

bool
lam_fold_has(const struct lam_fold *f, struct lam_str key)
{
	return f->line.n && f->nkey == key.n &&
		!memcmp(f->line.p, key.p, key.n);
}

int
lam_fold_add(struct lam_fold *f, struct lam_str state, struct lam_error *e)
{
	int rc = LAM_OK;

	if (!f->merging) {
		f->merging = true;
		rc = lam_record_begin(&f->merger, f->q, e);
		if (!rc)
			rc = lam_record_add(&f->merger, (struct lam_str){
				f->line.p + f->nkey, f->line.n - f->nkey }, e);
	}
	return rc ? rc : lam_record_add(&f->merger, state, e);
}

int
lam_fold_end(struct lam_fold *f, struct lam_str *line, struct lam_error *e)
{
	int rc = LAM_OK;

	if (f->merging) {
		f->line.n = f->nkey;
		rc = lam_record_end(&f->merger, &f->line, e);
		lam_record_release(&f->merger);
		f->merging = false;
	}
	*line = (struct lam_str){ f->line.p, f->line.n };
	return rc;
}
