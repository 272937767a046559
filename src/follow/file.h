/*
 * file.h - a file of a log, known by more than its name
 *
 * A name is passed on when a log is rotated, and a number of an inode when a file
 * is deleted.  A file is the one that was read before when its inode and time of
 * birth are, or its device where no birth is known, and its text still ends at a mark
 * as it did; or, where those are another's, when all its text before the mark is the
 * same.
 */
#ifndef LAM_FOLLOW_FILE_H
#define LAM_FOLLOW_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "input/prefix.h"

struct lam_file_id {
	uint64_t dev, ino;
	uint64_t born; /* ns since 1970; 0: the file system does not tell */
};

struct lam_file_head;

struct lam_file {
	char *path;
	int fd;		/* -1: not open */
	struct lam_file_id id;
	uint64_t size;	/* in bytes of the file, at the last look */
	uint64_t mtime; /* ns since 1970 */
	bool linked;	/* it has a name somewhere */
	bool packed;	/* its text is what is inflated, or unpacked, of it */
	struct lam_file_head *head; /* of a packed file, once it was wanted */
};

bool lam_file_same_id(const struct lam_file_id *a, const struct lam_file_id *b);

/* Open PATH, a regular file.  *FOUND false: there is no such file. */
int lam_file_open(struct lam_file *f, const char *path, bool *found,
	struct lam_error *e) LAM_MUST;
void lam_file_close(struct lam_file *f);

/* Look again at size, times and links. */
int lam_file_look(struct lam_file *f, struct lam_error *e) LAM_MUST;

/* What PATH leads to now, a regular file, which is not opened; F's path is PATH. */
bool lam_file_peek(struct lam_file *f, char *path);

/* The file that PATH leads to now.  False: none. */
bool lam_file_at(const char *path, struct lam_file_id *id);

/* When a name in the directory of PATH was made or removed last, in ns since 1970.
 * False: who knows. */
bool lam_file_directory_time(const char *path, uint64_t *ns);

/* Is the text just before M still that before M?  Of a plain file. */
int lam_file_ends(const struct lam_file *f, const struct lam_mark *m,
	bool *same, struct lam_error *e) LAM_MUST;

/* The first bytes of the file as it is, LAM_PREFIX_HEAD or UPTO at most, into TEXT
 * unless that is NULL, and their hash. */
int lam_file_first(const struct lam_file *f, uint64_t upto, struct lam_buf *text,
	uint64_t *head, struct lam_error *e) LAM_MUST;

/* Does it begin as the text before M did, as far as m->head tells?  Of a plain file. */
int lam_file_heads(const struct lam_file *f, const struct lam_mark *m,
	bool *same, struct lam_error *e) LAM_MUST;

/* Does the whole text begin with that before M?  Reads it, inflated. */
int lam_file_begins(const struct lam_file *f, const struct lam_mark *m,
	bool *same, struct lam_error *e) LAM_MUST;

/* An earlier mark of a text. */
struct lam_step {
	uint64_t at, digest;
};

/* What is known of a text that was read up to MARK: earlier places, the first one
 * first, and its first bytes, as many as LAM_PREFIX_HEAD, if it is short. */
struct lam_whole {
	const struct lam_mark *mark;
	const struct lam_step *step;
	size_t nsteps;
	struct lam_str text;
};

/*
 * Is the whole text of F shorter than W, and its start?  A text of which W has the
 * bytes is compared byte by byte, another up to the last step that it reaches, and
 * LAM_PREFIX_HEAD bytes at least.  END is then the mark at its end.  What cannot be
 * read to its end is not.
 */
bool lam_file_is_part(const struct lam_file *f, const struct lam_whole *w,
	struct lam_mark *end);

/* Can the text be read to its end? */
bool lam_file_is_whole(const struct lam_file *f);

/* Has the whole text N bytes? */
bool lam_file_is_all(const struct lam_file *f, uint64_t n);

/* How much of two texts is alike, from their starts. */
struct lam_likeness {
	uint64_t n; /* bytes that both have */
	bool other; /* then they differ; else the text of one ends there */
	bool more;  /* that of B does, and A's goes on */
	bool torn;  /* A cannot be inflated further: it may be being written */
};

/* Reads both, inflated, to the end of the shorter. */
int lam_file_compare(const struct lam_file *a, const struct lam_file *b,
	struct lam_likeness *l, struct lam_error *e) LAM_MUST;

/*
 * The bytes of F, which is open, from M on, and P at M.  TAIL: it may grow.  *SAME
 * false: the text before M is another, and nothing is opened.
 */
struct lam_byte_source;
int lam_file_source(const struct lam_file *f, const struct lam_mark *m,
	bool tail, struct lam_byte_source **out, struct lam_prefix *p,
	bool *same, struct lam_error *e) LAM_MUST;

#endif
