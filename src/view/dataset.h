/*
 * dataset.h - the files of a dataset directory: views, generations, speed
 * partials
 *
 *	DIR/views/VIEW.sql		     a view definition
 *	DIR/serving/VIEW/TO-SPEC.idx	     generation covering [0, TO)
 *	DIR/speed/VIEW/FROM-TO-SPEC.idx	     speed partial covering [FROM, TO)
 *
 * TO and FROM are 20 digits, SPEC 16 hex digits.  Views and streams share one
 * space of names: FROM finds either, so a name is one or the other.
 */
#ifndef LAM_VIEW_DATASET_H
#define LAM_VIEW_DATASET_H

#include "base/io.h"
#include "base/name.h"
#include "log/stream.h"
#include "bind/bind.h"
#include "sql/query.h"
#include "view/failures.h"

#define LAM_SQL_MAX (1u << 20) /* bytes of a view's definition */

struct lam_view {
	char name[LAM_NAME_MAX + 1];
	struct lam_query *query; /* bound against its stream's schema */
	uint64_t spec; /* hash of normal SQL and the types of the fields read */
};

/*
 * The names of DIR/views/NAME.sql, sorted.  Hidden files and other suffixes
 * are not looked at; NAME.sql with a NAME that no view can have is a failure
 * of that view, for F, which may be NULL.
 */
int lam_view_list(const char *data, struct lam_names *out,
	struct lam_failures *f, struct lam_error *e) LAM_MUST;

bool lam_view_exists(const char *data, const char *view);

/* LAM_USAGE: VIEW is not there, and what may have been meant. */
int lam_view_missing(const char *data, const char *view, struct lam_error *e)
	LAM_MUST;

/* The FROM of a view, without binding it: which stream it reads. */
int lam_view_stream(const char *data, const char *view, struct lam_arena *a,
	const char **stream, struct lam_error *e) LAM_MUST;
/* The same; LAM_USAGE, naming the view's file, when there is no such stream. */
int lam_view_find_stream(const char *data, const char *view,
	struct lam_arena *a, const char **stream, struct lam_error *e) LAM_MUST;

/* Load and bind one view against the schema of its stream S.  LAM_NOTHING: S has
 * no records yet, and so no fields. */
int lam_view_load(const char *data, const char *view,
	const struct lam_stream *s, struct lam_arena *a, struct lam_view *out,
	struct lam_error *e) LAM_MUST;

/* The fields of a schema as the relation NAME.  Field arrays in A. */
int lam_schema_relation(const struct lam_schema *s, const char *name,
	struct lam_arena *a, struct lam_relation *out, struct lam_error *e)
	LAM_MUST;

/* Is there a stream NAME? */
bool lam_stream_exists(const char *data, const char *name);

#endif
