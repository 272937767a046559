/*
 * schema.h - the types of a stream's fields
 *
 * A text file of "name type" lines: text, number, time, or time(s|ms|us|ns)
 * for integers that count since 1970.  "#" starts a comment line.  A name with
 * blanks is written in double quotes (doubled inside).  The event time is the
 * field marked "event": "ts time event".
 */
#ifndef LAM_LOG_SCHEMA_H
#define LAM_LOG_SCHEMA_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "store/column.h"

#define LAM_SCHEMA_MAX (16u << 20) /* bytes of a schema file, for everybody */

struct lam_field {
	const char *name;
	struct lam_coltype type;
	bool event; /* the event time */
};

struct lam_schema {
	struct lam_field *field;
	size_t n;
};

/* Parse TEXT; names go to the arena.  LAM_USAGE with PATH:line: message. */
int lam_schema_parse(struct lam_str text, const char *path,
	struct lam_arena *a, struct lam_schema *out, struct lam_error *e)
	LAM_MUST;

/* Read DIR/schema; *FOUND is false when there is none. */
int lam_schema_read(const char *dir, struct lam_arena *a,
	struct lam_schema *s, bool *found, struct lam_error *e) LAM_MUST;
void lam_schema_print(const struct lam_schema *s, struct lam_buf *out);

/* Index of a field by name (exact, else ignoring case), or -1. */
int lam_schema_find(const struct lam_schema *s, const char *name, size_t n);

/* An input has at least one field; each has a name, and no name comes twice. */
int lam_schema_check_names(const struct lam_field *field, size_t n,
	struct lam_error *e) LAM_MUST;

/*
 * MAP[f]: which of the N names is field f, when the names of an input are matched
 * with a stream's.  It is the same name, else one that differs only in the case of
 * its letters.  A name is one field only.  UINT32_MAX: none.
 */
int lam_schema_match(const struct lam_schema *s, const char *const *name,
	size_t n, uint32_t *map, struct lam_error *e) LAM_MUST;

/*
 * Types for NAMES: those of GIVEN (NULL: none) that are not LAM_TYPES, else those
 * that the first records look like, CELLS and MORE (NULL: none).  EVENT names the
 * event time field.  If it is NULL, that is a time field called ts, time, timestamp,
 * @timestamp or date, else the first time field.  LAM_USAGE: EVENT is no such field.
 */
int lam_schema_sniff(const struct lam_cells *cells, const struct lam_cells *more,
	const char *const *names, const struct lam_coltype *given, size_t n,
	const char *event, struct lam_arena *a, struct lam_schema *out,
	struct lam_error *e) LAM_MUST;

/* "text", "number", "time", "time(ms)", ...  Static text. */
const char *lam_coltype_name(struct lam_coltype t);

/* The type named TEXT (as lam_coltype_name prints it); false: none. */
bool lam_coltype_parse(struct lam_str text, struct lam_coltype *out);

#endif
