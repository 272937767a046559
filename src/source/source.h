/*
 * source.h - where rows come from: the log, index files, partial text, and
 * several of these in turn
 *
 * Each is a struct lam_source with what it needs around it: init -> (used by
 * one run) -> release.  None may move after init.  WORKERS is the most threads
 * the run will have.
 */
#ifndef LAM_SOURCE_SOURCE_H
#define LAM_SOURCE_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/drive.h"
#include "log/scan.h"
#include "partial/index.h"
#include "partial/text.h"
#include "source/message.h"

/* Values that did not parse as their field's type, by field. */
struct lam_bad {
	_Atomic uint64_t *count; /* [n] */
	uint32_t n;
	uint64_t from; /* of a log: those before this position are known */
};

int lam_bad_init(struct lam_bad *b, uint32_t nfields, struct lam_error *e)
	LAM_MUST;
void lam_bad_release(struct lam_bad *b);
static inline void
lam_bad_add(struct lam_bad *b, uint32_t f, uint64_t n)
{
	if (n && b && f < b->n)
		atomic_fetch_add_explicit(&b->count[f], n,
			memory_order_relaxed);
}
/* "access: 3 values of latency are not numbers: read as NULL" */
void lam_bad_report(const struct lam_bad *b, const char *source,
	const struct lam_input_field *field, const struct lam_messages *messages);

/* "traffic: 3 values could not be computed and are NULL, the first at position
 * 17"; nothing when there were none. */
void lam_faults_report(const struct lam_counts *c, const char *source,
	const struct lam_messages *messages);

/* "2 results could not be computed and are NULL": sums, say. */
void lam_output_faults_report(uint64_t faults,
	const struct lam_messages *messages);

/* ------------------------------------------------------------------ log */

/*
 * Spread: [FROM, TO) is cut into as many parts as there are workers.  Each worker
 * begins in its own part, and helps the others when it is through.  Records next to
 * each other are often of one group, and then only one worker has that group.
 * Blocks do not come in position order then, so this is for jobs that are all
 * grouped.
 */
struct lam_log_source {
	struct lam_source source;
	struct lam_scan *scan; /* [parts] */
	unsigned parts;
	struct lam_log_slot *slot; /* [workers] */
	unsigned workers;
	struct lam_bad *bad; /* may be NULL */
};

int lam_log_source_init(struct lam_log_source *l, struct lam_stream *s,
	uint64_t from, uint64_t to, unsigned workers, bool spread,
	struct lam_bad *bad, struct lam_error *e) LAM_MUST;
void lam_log_source_release(struct lam_log_source *l);

/* [FROM, TO) of a stream as the leaf of queries: what to read, then SOURCE. */
struct lam_log_leaf {
	struct lam_stream *stream;
	uint64_t from, to;
	struct lam_bad *bad; /* may be NULL */
	struct lam_log_source source;
};

struct lam_leaves lam_log_leaf(struct lam_log_leaf *l);

/* ---------------------------------------------------------------- index */

struct lam_index_source {
	struct lam_source source;
	const struct lam_index *index;
	struct lam_index_slot *slot;
	atomic_size_t next;
	atomic_bool damaged; /* a read failed because the file is damaged */
};

int lam_index_source_init(struct lam_index_source *s,
	const struct lam_index *x, unsigned workers, struct lam_error *e)
	LAM_MUST;
void lam_index_source_release(struct lam_index_source *s);

/* ----------------------------------------------------- one after another */

struct lam_chain_source {
	struct lam_source source;
	struct lam_source **link;
	size_t n, cap;
	atomic_size_t at;
};

void lam_chain_source_init(struct lam_chain_source *c);
/* S stays the caller's. */
int lam_chain_source_add(struct lam_chain_source *c, struct lam_source *s,
	struct lam_error *e) LAM_MUST;
void lam_chain_source_release(struct lam_chain_source *c);

/* --------------------------------------------------------- partial text */

/*
 * The rows of all sections from the reader's current one on that are of the
 * view of FIRST; sections of other views are verified and passed over.  Fails
 * when a section of the view does not fit the first: spec, stream, ranges that
 * overlap.
 */
struct lam_text_source {
	struct lam_source source;
	struct lam_partial_reader *reader;
	const struct lam_section *first;
	struct lam_section total;  /* counts and nulls of all sections */
	struct lam_text_slot *slot;
	unsigned workers;
	pthread_mutex_t mutex;
	bool opened, done;
	struct lam_arena arena;    /* of the sections' headers */
	struct lam_buf ranges;	   /* pairs of positions seen */
	uint64_t row, sections;
};

int lam_text_source_init(struct lam_text_source *t,
	struct lam_partial_reader *r, const struct lam_section *first,
	unsigned workers, struct lam_error *e) LAM_MUST;
void lam_text_source_release(struct lam_text_source *t);

#endif
