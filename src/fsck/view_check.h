/*
 * view_check.h - are the definition, the generations and the speed partials of a
 * view what they should be?
 *
 * It reads every header, footer, block and row, and compares them with the
 * definition, the schema, and the identity and history of the log.  With RECOMPUTE
 * it also compares them with a recompute from the log.
 */
#ifndef LAM_FSCK_VIEW_CHECK_H
#define LAM_FSCK_VIEW_CHECK_H

#include "base/dir.h"
#include "engine/engine.h"
#include "fsck/finding.h"
#include "view/cover.h"

struct lam_view_checking {
	const char *data;
	struct lam_resources engine;
	bool recompute;
	/*
	 * Not 0: instead of all records that a generation covers, those of so
	 * many segments, drawn with SEED.  Every group in them must be served,
	 * with states that contain theirs, and with the same bytes if it has no
	 * other records.
	 */
	uint64_t sample, seed;
};

struct lam_view_check {
	char stream[LAM_NAME_MAX + 1]; /* "": not known */
	bool defined, binds;
	uint64_t generations, generations_intact, stale;
	bool has_served;
	uint64_t served;	       /* it covers the positions before */
	uint64_t partials, partials_intact;
	uint64_t rows;		       /* read, in all files */
	uint64_t compared, groups;     /* files and rows recomputed */
};

int lam_view_check(const struct lam_view_checking *o, const char *view,
	struct lam_findings *f, struct lam_view_check *c,
	struct lam_error *e) LAM_MUST;

/* Views that are defined or have files, sorted.  A definition in a file with a name
 * that no view can have is a finding. */
int lam_view_remains(const char *data, struct lam_findings *f,
	struct lam_names *out, struct lam_error *e) LAM_MUST;

#endif
