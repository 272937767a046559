/*
 * dataset.h - what the files of a dataset directory mean: views, generations,
 * speed partials
 *
 *	DIR/views/VIEW.sql		     a view definition
 *	DIR/serving/VIEW/TO-SPEC.idx	     generation covering [0, TO)
 *	DIR/speed/VIEW/FROM-TO-SPEC.idx	     speed partial covering [FROM, TO)
 *
 * TO and FROM are 20 digits, SPEC 16 hex digits.
 */
#ifndef LAM_VIEW_DATASET_H
#define LAM_VIEW_DATASET_H

#include "base/io.h"
#include "log/stream.h"
#include "sql/query.h"

struct lam_view {
	char name[65];
	struct lam_query *query; /* bound against its stream's schema */
	uint64_t spec; /* hash of normal SQL and the types of the fields read */
};

/* The names of DIR/views/NAME.sql, sorted; a file with another name or a name that cannot
 * be a view is an error that says so. */
int lam_view_list(const char *data, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

/* The FROM of a view, without binding it: which stream it reads. */
int lam_view_stream(const char *data, const char *view, struct lam_arena *a,
	const char **stream, struct lam_error *e) LAM_MUST;

/* Load and bind one view against the schema of its stream S. */
int lam_view_load(const char *data, const char *view,
	const struct lam_stream *s, struct lam_arena *a, struct lam_view *out,
	struct lam_error *e) LAM_MUST;

/* The spec hash of a bound view. */
uint64_t lam_view_spec(const struct lam_query *q);

#endif
