/*
 * reject_file.h - lines that are no records: DIR/reject/STREAM.csv
 *
 * A CSV file with the header "source,line,reason,text", one line for each
 * rejected line, its text byte for byte.  Made with the first reject.
 *
 * The lock is DIR/reject/.lock, of the folder, because an input that is all rejects
 * makes no stream.
 *
 * Threads: one at a time, as struct lam_append.
 */
#ifndef LAM_INGEST_REJECT_FILE_H
#define LAM_INGEST_REJECT_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "input/input.h"

struct lam_reject_file {
	char path[LAM_PATH_MAX]; /* DIR/reject/STREAM.csv */
	char dir[LAM_PATH_MAX];	 /* DIR/reject */
	char lock[LAM_PATH_MAX];
	int fd;		 /* -1 until the first */
	bool dirty;	 /* appended since the last fsync */
	bool new;	 /* opened: its name may not be durable */
	bool lost;	 /* an fsync has failed: it is not asked again */
	/* What a run that was killed may have appended: from where on, and of whom. */
	bool again;
	uint64_t from;
	bool (*is_of)(const void *arg, const char *source);
	const void *arg;
	struct lam_buf before; /* read from there */
	size_t at;	       /* what has come again, or will not */
};

int lam_reject_file_open(struct lam_reject_file *r, const char *data,
	const char *stream, struct lam_error *e) LAM_MUST;
void lam_reject_file_close(struct lam_reject_file *r);

/* The CSV line of one reject, appended to OUT. */
void lam_reject_file_print(const char *source, const struct lam_reject *x,
	struct lam_buf *out);

/* Its bytes, now; 0: there is none. */
uint64_t lam_reject_file_size(const struct lam_reject_file *r);

/*
 * The input that comes next goes on where a run had left it that may have been killed.
 * What that run appended behind byte FROM, of the same source or of one that IS_OF the
 * same log under another name, is not appended again.
 */
void lam_reject_file_again(struct lam_reject_file *r, uint64_t from,
	bool (*is_of)(const void *arg, const char *source), const void *arg);

/*
 * Append printed lines, under the lock; they are durable after _sync.  A file that
 * was removed, or moved away, is made again.  Once an fsync has failed, every
 * _sync fails: its lines are lost, and the input must be given again.
 */
int lam_reject_file_append(struct lam_reject_file *r,
	const struct lam_buf *lines, struct lam_error *e) LAM_MUST;
int lam_reject_file_sync(struct lam_reject_file *r,
	struct lam_error *e) LAM_MUST;

#endif
