/*
 * ingest_told.h - what lam-ingest says of a run
 */
#ifndef LAM_CLI_INGEST_TOLD_H
#define LAM_CLI_INGEST_TOLD_H

#include "ingest/ingest.h"

struct lam_ingest_told {
	const char *data, *stream;
	char **file;
	int n, at;	 /* file[at] is being read */
	uint64_t before; /* records of the files in front of it */
	uint64_t bytes, records; /* acknowledged last */
};

/* To standard output: so much of the input is on disk. */
int lam_ingest_put_ack(struct lam_ingest_told *t, uint64_t bytes,
	uint64_t records, struct lam_error *e) LAM_MUST;

/* What R costs. */
void lam_ingest_tell_ids(const struct lam_ingest_told *t,
	const struct lam_recent *r);

/* How far a run got that was stopped, or failed, and where to go on. */
void lam_ingest_tell_stop(const struct lam_ingest_told *t,
	const struct lam_ingest *g);

/* What a run did, in SECONDS. */
void lam_ingest_tell_done(const struct lam_ingest_told *t,
	const struct lam_ingest *g, double seconds);

/*
 * What was made of the fields that are new, those behind the first BEFORE: a
 * type guessed wrong is corrected in the file named.
 */
void lam_ingest_tell_fields(const struct lam_ingest_told *t,
	const struct lam_schema *s, size_t before);

#endif
