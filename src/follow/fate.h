/*
 * fate.h - is the file of an entry there, is it gone, or can that not be told?
 *
 * The law of an entry (trail.h) of which text was taken: it is of one file at a
 * time, and leaves that in two ways only.
 *
 *	its file is cut		seen by the text before the mark, which is another
 *	its file is gone	no name leads to it, at a look that was steady
 *
 * Then, not earlier, its text may be sought in another file: all of it, and the entry
 * is that file's; or a part of it, of a copy that is whole, and the entry ends there;
 * or neither, which is told, and the entry is dropped (match_rest.c).  An entry that
 * has nothing more to get is kept instead (old.h).
 *
 * A look goes from name to name while files get others, so it may miss what is there.
 * If it missed the file of an entry, and was not steady, nothing is known of that; and
 * then a file that may have the entry's text is nobody's, neither the entry's nor new:
 * it waits for a look that is steady.
 *
 * So a reader that begins while a log is being rotated takes what it finds for a copy
 * when it has seen the original, or has seen that there is none.
 */
#ifndef LAM_FOLLOW_FATE_H
#define LAM_FOLLOW_FATE_H

#include "follow/follow.h"

enum lam_fate {
	LAM_FATE_HERE, /* a name leads to it */
	LAM_FATE_GONE, /* none does; or it was cut */
	LAM_FATE_OPEN  /* that is not known at this look */
};

/* A look begins; or F ends. */
void lam_fate_clear(struct lam_follow *f);

/* At this look PATH led to the file ID. */
int lam_fate_met(struct lam_follow *f, const char *path,
	const struct lam_file_id *id, struct lam_error *e) LAM_MUST;

/* What is known of the file of S, of T, once the names were looked at. */
enum lam_fate lam_fate_of(struct lam_follow *f, const struct lam_trail *t,
	const struct lam_seen *s);

/* May a rotation have put a copy of S's file, of T, where R's is?  T has the name of
 * its log; what led to the file at this look may be another one's. */
bool lam_fate_is_near(const struct lam_follow *f, const struct lam_trail *t,
	const struct lam_seen *s, const struct lam_follow_reader *r);

/* May R, which is not known, have text of an entry whose file may be there all the
 * same, or may more of that text come?  Then it is nobody's yet, and the look is to be
 * repeated. */
bool lam_fate_is_undecided(struct lam_follow *f,
	const struct lam_follow_reader *r);

#endif
