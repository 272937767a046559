/*
 * seen_file.h - files whose bytes results depend on: what was seen of them
 *
 * Such a file lies beside the log and may be edited, replaced or taken away at any
 * time.  Its checksum stands for what it says.  To read all of it for every question
 * would cost more than the question, so the checksum is kept in a directory, with the
 * device, inode, size and times of the file: as long as these are the same, so are its
 * bytes.  What is kept is a cache: it may be deleted at any time, is not made where
 * nothing may be written, and is not believed where it is damaged.
 *
 *	DIR/HEX16	HEX16: a hash of the name.  Lines:
 *		lam-seen 1
 *		name NAME			escaped
 *		stat DEV INO SIZE MTIME CTIME	times in ns
 *		hash HEX16			XXH3-64 of the bytes
 *		note TEXT			escaped: what its reader found
 *		end HEX16			XXH3-64 of the lines above
 */
#ifndef LAM_BASE_SEEN_FILE_H
#define LAM_BASE_SEEN_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct lam_seen_file {
	uint64_t dev, ino, size;
	int64_t mtime, ctime;
	uint64_t hash;	    /* of its bytes */
	struct lam_buf note; /* of its reader */
};

#define LAM_SEEN_FILE_INIT { .note = LAM_BUF_INIT }

/*
 * What the regular file PATH says.  CACHE: the directory where it is kept as NAME,
 * within ROOT, made if need be; NULL: it is read.  LOOK, or NULL, reads the file that
 * is not known, for the note.  LAM_SYSTEM: it is not there or cannot be read;
 * LAM_DATA: it is no regular file, or it was changed all the time.
 */
int lam_seen_file(struct lam_seen_file *s, const char *path, const char *name,
	const char *root, const char *cache, int (*look)(void *arg,
		const char *path, struct lam_buf *note, struct lam_error *e),
	void *arg, struct lam_error *e) LAM_MUST;
void lam_seen_file_release(struct lam_seen_file *s);

/* What stat says of the regular file PATH, and nothing else.  As above. */
int lam_seen_file_stat(struct lam_seen_file *s, const char *path,
	struct lam_error *e) LAM_MUST;

/* Does stat say the same of both? */
bool lam_seen_file_alike(const struct lam_seen_file *a,
	const struct lam_seen_file *b);

/* PATH is still what S was; else LAM_DATA. */
int lam_seen_file_same(const struct lam_seen_file *s, const char *path,
	struct lam_error *e) LAM_MUST;

#endif
