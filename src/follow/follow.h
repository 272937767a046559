/*
 * follow.h - logs taken in once, however often and by whatever they are rotated
 *
 *	--resume	what is new, then the end
 *	--follow	what is new, and what comes
 *	neither		everything, and the place behind it
 *
 * One reader takes from a log: a second one is refused.
 */
#ifndef LAM_FOLLOW_FOLLOW_H
#define LAM_FOLLOW_FOLLOW_H

#include <signal.h>

#include "follow/claim.h"
#include "follow/reader.h"

/* A name, and the file that it led to at this look. */
struct lam_sight {
	char *path;
	struct lam_file_id id;
	size_t next; /* 1 + the one before in its slot; 0: none */
};

struct lam_follow {
	struct lam_ingest *ingest;
	const struct lam_input_options *options; /* of files that are new */
	/* Names of files, patterns of them, directories of them. */
	char *const *name;
	size_t nnames;
	int64_t line_timeout; /* ns; < 0: a line waits for its newline */
	int64_t pace;	      /* ns between appends of what is followed */
	int64_t interval;     /* ns between looks; 0: when something happens */
	const sigset_t *stops; /* signals that end --follow */
	/* What went wrong with a log, or was lost; NULL only for lam_plain_read. */
	void (*tell)(void *arg, const char *message);
	bool quiet; /* what may be as it should is not told: names that wait */
	/* Called before a file is opened: the options may be changed. */
	int (*before_open)(void *arg, struct lam_error *e);
	void *arg;
	/* its own: */
	struct lam_claims claims; /* the caller says data and stream */
	struct lam_trails trails;
	struct lam_follow_reader **reader;
	size_t nreaders;
	bool loaded;
	bool literal; /* its names are files, not patterns or directories */
	bool missing; /* a name that leads to nothing is a failure */
	bool failed; /* a file could not be read; it was told */
	bool waits; /* what is lost may be in a file that is being made, or moved */
	bool missed; /* a name led to a file that could not be opened, at this look */
	unsigned blurred; /* looks in a row that were not steady and should be */
	uint64_t sum; /* of what the names led to at this look */
	struct lam_sight *sight; /* all of them (fate.h) */
	size_t nsights, sights_cap;
	size_t *slot, nslots; /* by inode: 1 + the last one */
	bool steady; /* this look was, as far as it was asked */
	bool vague; /* something was left to a look that is */
};

void lam_follow_init(struct lam_follow *f);
void lam_follow_release(struct lam_follow *f);

/* --resume. */
int lam_follow_once(struct lam_follow *f, struct lam_error *e) LAM_MUST;

/* --follow: until ingest->stop is set. */
int lam_follow_run(struct lam_follow *f, struct lam_error *e) LAM_MUST;

#endif

