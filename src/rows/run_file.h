/*
 * run_file.h - sorted runs in a temporary file
 *
 * A run is a sequence of records of two byte strings, sorted by the first.  The
 * file has no name, so nothing is left behind however the program ends.
 *
 * Use:      begin -> put* -> end, repeated; then open readers, next* each
 * Threads:  one writer; readers afterwards, each used by one thread
 */
#ifndef LAM_ROWS_RUN_FILE_H
#define LAM_ROWS_RUN_FILE_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

struct lam_run {
	uint64_t at, size; /* in the file */
};

struct lam_run_file {
	int fd;
	const char *dir;
	uint64_t end;
	struct lam_run *run;
	size_t nruns, cap;
	struct lam_buf buf; /* not yet written */
};

#define LAM_RUN_FILE_INIT { -1, NULL, 0, NULL, 0, 0, LAM_BUF_INIT }

void lam_run_file_release(struct lam_run_file *s);

/* DIR: where temporary files go; "" or NULL: /tmp. */
int lam_run_file_begin(struct lam_run_file *s, const char *dir,
	struct lam_error *e) LAM_MUST;
int lam_run_file_put(struct lam_run_file *s, struct lam_str key,
	struct lam_str value, struct lam_error *e) LAM_MUST;
int lam_run_file_end(struct lam_run_file *s, struct lam_error *e) LAM_MUST;

struct lam_run_reader {
	const struct lam_run_file *spill;
	uint64_t at, end;	/* of what is not in the buffer yet */
	char *buf;
	size_t from, to, cap;	/* unread bytes of buf */
	struct lam_str key, value; /* the current record */
	uint64_t head; /* the first bytes of the key: in its order */
	size_t leaf;   /* of a tree */
	bool done;
};

/* BUFFER: bytes to read at once.  Zeros are a closed reader. */
int lam_run_open(struct lam_run_reader *r, const struct lam_run_file *s,
	size_t run, size_t buffer, struct lam_error *e) LAM_MUST;
void lam_run_close(struct lam_run_reader *r);

/* The next record, valid until the next call, or r->done. */
int lam_run_next(struct lam_run_reader *r, struct lam_error *e) LAM_MUST;

/*
 * The readers of many runs as a tournament: R[0] has the least key, the others lost to
 * one that went on.  Losers on the way of a reader are known before it is compared with
 * any, so a record waits for no memory.
 */
struct lam_run_tree {
	struct lam_run_reader **r; /* [as many as there were] */
	size_t n;		   /* readers that have a record */
	size_t leaves;
};

/* T of N READERs, R having room for so many. */
void lam_run_tree_make(struct lam_run_tree *t, struct lam_run_reader *reader,
	size_t n);
/* Move R[0] to its next record, and have the least there again.  t->n is not 0. */
int lam_run_tree_next(struct lam_run_tree *t, struct lam_error *e) LAM_MUST;

#endif
