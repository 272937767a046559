/*
 * fold.h - records with equal keys, one after the other, into one
 *
 * A record that is alone stays as it is, byte for byte.  Of several only the merged
 * state is in memory, however many there are.
 *
 * Use:      begin -> add* -> end, repeated; then release
 */
#ifndef LAM_PARTIAL_FOLD_H
#define LAM_PARTIAL_FOLD_H

#include "partial/record.h"

struct lam_fold {
	const struct lam_query *q;
	struct lam_buf line;	/* KEY (with the TAB behind it), first STATE */
	size_t nkey;
	bool merging;
	struct lam_record_merger merger;
};

#define LAM_FOLD_INIT { .line = LAM_BUF_INIT }
void lam_fold_release(struct lam_fold *f);

/* The first record; KEY is whatever stands before STATE, with its last TAB. */
int lam_fold_begin(struct lam_fold *f, const struct lam_query *q,
	struct lam_str key, struct lam_str state, struct lam_error *e) LAM_MUST;
bool lam_fold_has(const struct lam_fold *f, struct lam_str key);
int lam_fold_add(struct lam_fold *f, struct lam_str state,
	struct lam_error *e) LAM_MUST;

/* The one record, valid until the next begin. */
int lam_fold_end(struct lam_fold *f, struct lam_str *line,
	struct lam_error *e) LAM_MUST;

#endif
