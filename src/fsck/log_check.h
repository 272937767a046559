/*
 * log_check.h - is the master log of a stream what it should be?
 *
 * Everything is read: names, headers, footers, history, every column of every
 * block, the witness, the rejects.  Nothing is written.  Writers wait only while
 * the tail is looked at; records that they append later are not checked.
 */
#ifndef LAM_FSCK_LOG_CHECK_H
#define LAM_FSCK_LOG_CHECK_H

#include <stdbool.h>

#include "base/dir.h"
#include "fsck/finding.h"
#include "fsck/ranges.h"
#include "log/stream.h"

struct lam_log_check {
	char id[LAM_ID_HEX + 1]; /* "": not known */
	size_t nfields;		 /* of the schema */
	uint64_t head;		 /* the end of what was found */
	uint64_t segments, segments_intact, sealed;
	uint64_t blocks, blocks_intact, bytes;
	bool witness;
	uint64_t durable;	 /* records it says were acknowledged */
	uint64_t torn;		 /* bytes of a torn tail */
	uint64_t moved, moved_bytes; /* torn tails moved aside */
	uint64_t strays;	 /* temporaries that were never renamed */
	uint64_t rejects;	 /* lines */
	struct lam_range_set intact, lost; /* positions, settled */
};

#define LAM_LOG_CHECK_INIT { .intact = LAM_RANGE_SET_INIT }

/* C is initialised.  LAM_USAGE: no such stream. */
int lam_log_check(const char *data, const char *name, unsigned threads,
	struct lam_findings *f, struct lam_log_check *c, struct lam_error *e)
	LAM_MUST;
void lam_log_check_release(struct lam_log_check *c);

/* The lock of stream directory DIR, shared, as *FD; -1: it could not be taken.
 * Close it. */
int lam_log_lock_shared(const char *dir, int *fd, struct lam_error *e)
	LAM_MUST;

#endif
