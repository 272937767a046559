/*
 * bind.h - text to a bound query
 *
 * A name in FROM is looked up by a callback, so that this room knows no files.
 */
#ifndef LAM_BIND_BIND_H
#define LAM_BIND_BIND_H

#include "sql/query.h"

/*
 * What a FROM name means; found by a callback, so that sql knows no files.
 * Either a plain relation (a stream, a file) or a view: its bound query, whose
 * partial relation is then the input, and whose outputs are its columns.
 */
struct lam_relation {
	const char *name;
	uint32_t leaf;		       /* the stage's, as the catalogue likes */
	struct lam_input_field *field; /* plain relation */
	uint32_t nfields;
	const struct lam_query *view;  /* or NULL */
};

struct lam_catalog {
	void *state;
	/* SCAN has its name, is_file, is_stdin.  Messages name what there is. */
	int (*find)(void *state, const struct lam_stage *scan,
		struct lam_relation *out, struct lam_error *e);
	/* The file that a view names, as it is now, its columns; the binder sets used
	 * and key.  It lives as long as the catalogue.  Or NULL: there may be none. */
	int (*file)(void *state, const char *name, struct lam_ref_file **out,
		struct lam_error *e);
	/* About how many rows it has; 0: not known.  Or NULL. */
	uint64_t (*rows)(void *state, const struct lam_stage *scan);
	const int64_t *now; /* what now() is; NULL: it is refused */
	bool *absent; /* set if a column is named that is none; or NULL */
};

/*
 * Parse SQL (NAME names its source in messages: "traffic.sql:3:14: ...") and
 * bind it.  Errors: LAM_USAGE, with line and column and what was expected.
 *
 * AS_VIEW: the query is to be kept as partials: it must be grouped (or a global
 * aggregate), without HAVING, ORDER BY, LIMIT, DISTINCT, and read no view.
 *
 * A query on a view (see lam-view(5)): grouped: a measure named alone is merged
 * (state.merge over its components), keys are columns.  Not grouped and without
 * aggregates: rows at the view's own grain: bound as GROUP BY all its keys.
 * Aggregates over keys or over measures: sum of a count or sum measure, min of
 * a min, max of a max are merges; what cannot be rolled up is an error that
 * says what to write; other aggregates over the view's rows read a SELECT of
 * those rows.
 */
int lam_query_bind(const char *sql, const char *name, bool as_view,
	const struct lam_catalog *catalog, struct lam_arena *arena,
	struct lam_query **out, struct lam_error *e) LAM_MUST;

/* The same, with rows for empty buckets (struct lam_fill). */
int lam_query_bind_filled(const char *sql, const char *name,
	const struct lam_catalog *catalog, struct lam_arena *arena,
	struct lam_query **out, struct lam_error *e) LAM_MUST;

/* Only the leaf of a query: what a catalogue needs to know first. */
int lam_query_from(const char *sql, const char *name, struct lam_arena *arena,
	const struct lam_stage **out, struct lam_error *e) LAM_MUST;

#endif
