/*
 * ref_file.h - a file beside the log that results of a query depend on
 *
 * A *look-up* is one whose rows are found by keys that a record has, at most one row
 * for each, so it changes neither which records there are nor how they are merged.  It
 * is an expression over the record (LAM_FN_LOOKUP), not a join: a view that has one is
 * cut, merged and kept as any other.
 *
 * What is kept of such a view holds for the bytes that the file had (partial/spec.h).
 * The catalogue says what these are; only who evaluates the query opens the file.
 */
#ifndef LAM_SQL_REF_FILE_H
#define LAM_SQL_REF_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct lam_input_field;
struct lam_lookup;

struct lam_ref_file {
	const char *name;   /* as the query has it, at: */
	const char *source; /* name of its text */
	uint32_t line, column;
	uint64_t hash;	    /* of its bytes */
	struct lam_input_field *field; /* its columns */
	uint32_t nfields;
	bool empty;	    /* there are no rows, so their types are not known */
	bool *used;	    /* [nfields]: read by any expression, or a key */
	uint32_t *key;	    /* the columns that are compared */
	uint32_t nkeys;
	/*
	 * While a run evaluates the query: its rows (fn/lookup.h), within MEMORY
	 * bytes (0: any).  LAM_DATA: it is not what it was, or two rows have one
	 * key.  OPEN is NULL where nothing is evaluated.
	 */
	int (*open)(struct lam_ref_file *f, uint64_t memory,
		struct lam_error *e);
	void (*close)(struct lam_ref_file *f);
	void *state; /* the catalogue's */
	struct lam_lookup *rows;
};

#endif
