/*
 * adhoc.h - files and standard input as a relation, with no dataset
 *
 * The fields are those of the first input that has records.  A schema file gives the
 * types, or else they are those that its first chunk looks like.  Later inputs are
 * matched by name.
 * A record's position is its ordinal over all inputs, as if they had been
 * ingested one after the other.
 *
 *	open -> (schema: bind a query) -> source -> run -> report -> free
 */
#ifndef LAM_SOURCE_ADHOC_H
#define LAM_SOURCE_ADHOC_H

#include "input/byte_source.h"
#include "input/input.h"
#include "log/schema.h"
#include "source/message.h"
#include "sql/query.h"
#include "store/batch.h"

struct lam_adhoc_options {
	struct lam_input_options input;
	const char *fields; /* "a,b,c": names when there is no header line, or
			     * NULL */
	const char *schema; /* path of a schema file, or NULL */
	const char *data;   /* whose formats are known, or NULL */
	bool all_rejects;   /* report each, not only the first */
	/* For a live input: how long a chunk may wait for more (ms, < 0:
	 * until it is full), and what ends it (see lam_input_next). */
	int wait_ms;
	const _Atomic int *stop;
};

struct lam_adhoc;

/* PATH[0..n-1]; "-" is standard input, and one with *, ? or [ a pattern of glob(7),
 * whose files come in the order of their names.  The paths stay the caller's. */
int lam_adhoc_open(struct lam_adhoc **out, const char *const *path, size_t n,
	const struct lam_adhoc_options *o, struct lam_error *e) LAM_MUST;
void lam_adhoc_free(struct lam_adhoc *a);

const struct lam_schema *lam_adhoc_schema(const struct lam_adhoc *a);

/* A query of A needs no types: there are no records, and nothing but these would have
 * said the types. */
bool lam_adhoc_untyped(const struct lam_adhoc *a);

/*
 * RC of binding a query to A (NULL: it was not opened).  An input without records
 * gives no types, so a query that does not fit them is LAM_NOTHING then.  ABSENT: it
 * names a column that is none, whatever the types.
 */
int lam_adhoc_bound(const struct lam_adhoc *a, int rc, bool absent,
	struct lam_error *e) LAM_MUST;

/* The source, for up to WORKERS threads; of fields with USED[f] only. */
int lam_adhoc_source(struct lam_adhoc *a, const bool *used, unsigned workers,
	struct lam_source **out, struct lam_error *e) LAM_MUST;

/* The source's rows are wanted as they are: where all fields are used, a column that
 * only later inputs have is told. */
void lam_adhoc_rows_asked(struct lam_adhoc *a);

/* Report what was rejected or read as NULL, if it is more than was reported. */
void lam_adhoc_report(struct lam_adhoc *a, const struct lam_messages *n);
bool lam_adhoc_untold(const struct lam_adhoc *a);
uint64_t lam_adhoc_rejected(const struct lam_adhoc *a);
/* When the source has ended: how many records it had. */
uint64_t lam_adhoc_records(const struct lam_adhoc *a);

/*
 * The next chunk of the only worker, as cells by field of the schema, which the
 * caller may shorten; then a source over just these, as often as wanted.  For
 * live windows.  *HOW: a chunk (it may have rejects only), nothing within
 * PATIENCE ms (< 0: as long as it takes), or the end.
 */
int lam_adhoc_chunk(struct lam_adhoc *a, int patience,
	struct lam_cells **cells, enum lam_got *how, struct lam_error *e)
	LAM_MUST;
struct lam_source *lam_adhoc_chunk_source(struct lam_adhoc *a);

#endif
