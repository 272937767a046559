/*
 * known.h - the files beside a log that are not to be read
 *
 * What lies beside a log at one look, and was read, or was there before the log was
 * followed, is known at the next.  What is not known by then was made since: a
 * rotation did it.  No clock is asked, and no time of a file, which a program that
 * compresses sets to another's.
 */
#ifndef LAM_FOLLOW_KNOWN_H
#define LAM_FOLLOW_KNOWN_H

#include "base/buf.h"
#include "base/bytes.h"
#include "follow/file.h"

#define LAM_KNOWN 32 /* files, at most; older ones are known by their age */

struct lam_known_file {
	struct lam_file_id id;
	uint64_t size, mtime;
	uint64_t head; /* hash of the first LAM_PREFIX_HEAD bytes; 0: not read */
	char *path;    /* at this look, or NULL; not kept */
};

struct lam_known {
	struct lam_known_file *file;
	size_t n;
	uint64_t floor; /* no file is unknown that is not younger; 0: none is so old */
	uint64_t when;	/* of the directories at that look; 0: look again */
	bool is;	/* there was a look */
};

void lam_known_release(struct lam_known *k);

/* F, of which a path and a look are enough, is one of K's. */
int lam_known_add(struct lam_known *k, const struct lam_file *f,
	struct lam_error *e) LAM_MUST;
/* The file ID, if it is one of K's, is still to be judged. */
bool lam_known_drop(struct lam_known *k, const struct lam_file_id *id);

/* Is the file ID one of K's? */
bool lam_known_has(const struct lam_known *k, const struct lam_file_id *id);

/* Is F among K's?  Where no birth is known an open F is known by its first bytes. */
bool lam_known_is(const struct lam_known *k, const struct lam_file *f);

/* Is the text of the packed F that of X, as far as X's first bytes tell? */
bool lam_known_packs(const struct lam_known_file *x, const struct lam_file *f);

/*
 * NEXT is what there was at this look; K becomes that, and the files of which it is
 * not kept are read for their first bytes.  WHOLE false: what K had stays, too.
 * *CHANGED: is it another?
 */
int lam_known_turn(struct lam_known *k, struct lam_known *next, bool whole,
	bool *changed, struct lam_error *e) LAM_MUST;

/* K as bytes behind OUT; and from N files in P, which it is put behind. */
#define LAM_KNOWN_BYTES 48
void lam_known_put(const struct lam_known *k, struct lam_buf *out);
int lam_known_get(struct lam_known *k, const char *p, size_t n,
	struct lam_error *e) LAM_MUST;

#endif
