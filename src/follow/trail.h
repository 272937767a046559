/*
 * trail.h - what has been read of a log, through its rotations
 *
 * A log is followed by its name.  Its trail is a source place (log/place.h) with
 * the key "file:PATH": counted in bytes of text, through all files that had the
 * name.  The state of the place is the files: the one that is read now, those with a
 * rest, and the last ones that were read; those before are kept apart (old.h).
 */
#ifndef LAM_FOLLOW_TRAIL_H
#define LAM_FOLLOW_TRAIL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "follow/file.h"
#include "follow/known.h"
#include "log/append.h"

enum {
	LAM_SEEN_DONE = 1,     /* nobody writes to it any more, and it was read */
	LAM_SEEN_SKIPPING = 2, /* the mark is inside a line that is too long */
	LAM_SEEN_CUT = 4,      /* truncated: its text is sought in a copy */
	LAM_SEEN_AWAY = 8,     /* rotated away, and all that it had was read */
	LAM_SEEN_FRESH = 16,   /* the names were not looked at since its first text */
	LAM_SEEN_OPEN = 32,    /* the last line that was taken had no newline */
	LAM_SEEN_DUE = 64,     /* rotated away, and nothing of it was read yet */
	LAM_SEEN_RECORD = 128  /* its text has more than a header: a record */
};

#define LAM_STEPS 8
#define LAM_OLD_PAGES 32

/* A file, as it was at the last place. */
struct lam_seen {
	struct lam_file_id id; /* ino 0: of no file that is known */
	struct lam_file_id was; /* that was cut; not kept */
	uint64_t size;
	uint64_t mtime;
	uint64_t line;	       /* number of the next */
	uint64_t flags;
	struct lam_mark mark;
	struct lam_step step[LAM_STEPS]; /* marks before it, the first one first */
	uint32_t nsteps;
	struct lam_buf memory; /* input/bookmark.h */
	struct lam_buf text;   /* its first bytes (lam_seen_text), while it is short */
	bool held;	       /* a reader has it; not kept */
	bool met;	       /* a name led to its file at this look; not kept */
	uint8_t page;	       /* of its log, from 1 (old.h); 0: in the log's place */
};

/* The pages of a log (old.h). */
struct lam_old {
	uint32_t stale; /* bits: to be appended */
	uint32_t aged;	/* not appended for long */
	uint64_t turn[LAM_OLD_PAGES]; /* how often each was appended */
	uint64_t gone; /* the last write to a file that is not known any more, or 0 */
};

struct lam_trail {
	char *path;
	uint64_t to;	 /* bytes of text taken so far */
	uint64_t rejects; /* bytes of the reject file at the last place */
	bool loaded;	 /* that place is of another run */
	struct lam_seen **seen; /* the newest first */
	size_t n;
	struct lam_old old;
	bool aged;	 /* its place was not appended for long */
	bool changed;	 /* since then */
	bool claimed;	 /* by this process */
	bool named;	 /* its path is one of those to follow */
	bool lost;	 /* a file was cut while its first text was read */
	struct lam_known known; /* what is beside it and not to be read */
	struct lam_known next; /* what was found there at this look */
	bool first;	 /* nobody has looked beside it before */
	bool listed;	 /* at this look what is beside it was listed */
	bool blurred;	 /* and meanwhile names were passed on */
	bool unsure;	 /* something there could not be told yet */
	uint64_t forgot; /* the last write to a file that was forgotten, or 0 */
};

struct lam_trails {
	struct lam_trail **item;
	size_t n;
};

#define LAM_TRAILS_INIT { NULL, 0 }

/* A trail from its place X, whose key begins as the top says.  LAM_DATA: its state is
 * none. */
int lam_trails_take(struct lam_trails *t, const struct lam_place *x,
	struct lam_error *e) LAM_MUST;

/* Those of the stream of A. */
int lam_trails_load(struct lam_trails *t, struct lam_append *a,
	struct lam_error *e) LAM_MUST;
void lam_trails_release(struct lam_trails *t);

/* That of PATH; it is made when there is none. */
int lam_trails_get(struct lam_trails *t, const char *path,
	struct lam_trail **out, struct lam_error *e) LAM_MUST;

/* A new file, the newest. */
int lam_trail_add(struct lam_trail *t, struct lam_seen **out,
	struct lam_error *e) LAM_MUST;
void lam_trail_remove(struct lam_trail *t, const struct lam_seen *s);

/* S was at M, and goes on.  The nearer a step is to the end, the nearer is the next. */
void lam_seen_step(struct lam_seen *s, const struct lam_mark *m);

/* The first LAM_PREFIX_HEAD bytes before the mark, or as many as there are, N, from P,
 * are kept as TEXT: as they are, or deflated if that is shorter. */
void lam_seen_keep(struct lam_buf *text, const char *p, size_t n);

/* They, into B, and how many they are: 0, when they were not kept. */
size_t lam_seen_text(const struct lam_seen *s, char b[LAM_PREFIX_HEAD]);

/* Was S rotated away, and is all of it to be read? */
bool lam_seen_due(const struct lam_seen *s);

/* The state without SEEN, which may be NULL, as bytes behind it: the files of which
 * something was read, or is due, and those that had nothing when they were found; not
 * those of pages. */
int lam_trail_rest(const struct lam_trail *t, const struct lam_seen *seen,
	struct lam_buf *out, struct lam_error *e) LAM_MUST;

/*
 * The place of T, FROM to TO, as a note: SEEN, which may be NULL, and REST from
 * lam_trail_rest; REJECTS: bytes of the reject file now.
 */
int lam_trail_note(const struct lam_trail *t, uint64_t from, uint64_t to,
	uint64_t rejects, const struct lam_seen *seen, const struct lam_buf *rest,
	struct lam_buf *notes, struct lam_error *e) LAM_MUST;

#endif
