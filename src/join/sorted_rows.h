/*
 * sorted_rows.h - the rows of a source in another order, in a temporary file
 *
 * What a join does not find in memory it finds in its two sides, sorted by their keys.
 *
 * Use:      make -> SOURCE is read, find* -> release
 * Memory:   while they are sorted, as full_sort.h; then of each batch the first keys
 * Threads:  making takes those of the resources; then any number that read
 */
#ifndef LAM_JOIN_SORTED_ROWS_H
#define LAM_JOIN_SORTED_ROWS_H

#include "base/resources.h"
#include "rows/row_source.h"
#include "sql/query.h"

/* A batch that is sorted. */
struct lam_sorted_batch {
	struct lam_batch *b;
	uint16_t *sel;		/* [n]: rows that there are, ascending; all, at first */
	uint32_t n;
	struct lam_vec *term;	/* [nterms], all rows of B */
	struct lam_vec *column;	/* [nfields], likewise: */
	bool *loaded;		/* ... those that are there */
};

/* What is sorted, and by what. */
struct lam_sorted_input {
	struct lam_source *from;
	uint32_t nfields;
	const struct lam_input_field *field; /* [nfields] */
	const bool *used;	/* [nfields]: others are not kept */
	uint32_t nterms;
	const uint8_t *type;	/* [nterms] */
	const uint32_t *is;	/* [nterms]: the field that it is, or LAM_NO_FIELD */
	/* Set the terms, and what is known of the rest. */
	int (*terms)(void *arg, struct lam_sorted_batch *x, struct lam_error *e);
	void *arg;
	bool keyed;		/* terms are kept, too, and positions */
};

#define LAM_NO_FIELD UINT32_MAX

struct lam_sorted_rows {
	struct lam_source source;
	struct lam_arena arena;
	struct lam_row_source rows;
	uint32_t *column;	/* of ROWS, by field; behind them terms, the position */
	const uint8_t *type;	/* ... its type, by column */
	uint32_t nfields, nterms;
	uint32_t ncolumns;
	struct lam_scalar *first; /* [batches * nterms]: of their first rows */
	size_t first_cap;
	atomic_size_t next;
	_Atomic uint64_t bad;	/* values that were not of their type */
};

/* R knows its own address: it may not move. */
int lam_sorted_rows_make(struct lam_sorted_rows *r,
	const struct lam_sorted_input *in, const struct lam_resources *o,
	struct lam_error *e) LAM_MUST;
/* Harmless for zeros. */
void lam_sorted_rows_release(struct lam_sorted_rows *r);

/* Of those that are keyed: the fields that are term I, the position. */
static inline uint32_t
lam_sorted_term(const struct lam_sorted_rows *r, uint32_t i)
{
	return r->nfields + i;
}
static inline uint32_t
lam_sorted_position(const struct lam_sorted_rows *r)
{
	return r->nfields + r->nterms;
}

/*
 * The rows of R whose terms are KEY[nterms] row I: those from FIRST[i] to before
 * END[i]; none, or the key has a NULL: FIRST[i] is UINT32_MAX.  The N keys ascend.
 */
int lam_sorted_rows_find(const struct lam_sorted_rows *r,
	const struct lam_vec *key, uint32_t n, struct lam_arena *arena,
	uint32_t *first, uint32_t *end, struct lam_error *e) LAM_MUST;

#endif
