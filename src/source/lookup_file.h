/*
 * lookup_file.h - a file of the user whose rows are looked up
 *
 * It is any text that can be read ad hoc, of one file.  A column is a number or a time
 * if all its values are, unlike those of a query, for which the first records decide:
 * so no value is lost.  Each line must be a record.
 */
#ifndef LAM_SOURCE_LOOKUP_FILE_H
#define LAM_SOURCE_LOOKUP_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "sql/ref_file.h"

/*
 * The file NAME: of the dataset DATA, where its name begins, and what was seen of it is
 * kept; NULL: as the system finds it.  LAM_DATA: it cannot be looked up in.
 */
int lam_lookup_file(const char *data, const char *name, struct lam_arena *a,
	struct lam_ref_file **out, struct lam_error *e) LAM_MUST;

/* F, of a query that is bound, is what was kept of it, and can be looked up in. */
int lam_lookup_file_check(struct lam_ref_file *f, struct lam_error *e) LAM_MUST;

#endif
