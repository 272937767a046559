/*
 * old.h - the files of a log that were read, and are there still
 *
 * A file of which text was taken is known: it has an entry (trail.h), which is kept
 *
 *	1. with its first text, in the same append: in the place of its log;
 *	2. there, in each append of the log, until it was read to its end and so were
 *	   others after it;
 *	3. then in a page, a place of its own; the page is appended before the first
 *	   place of the log that lacks the entry;
 *	4. until a steady look (match.h) found no name that leads to the file, and as
 *	   many others are gone that are newer.
 *
 * So a kill leaves it in the log's place, or in a page, or in both: then the log's
 * place counts.  Who takes more text of the file takes the entry back to that first.
 * What else becomes known of it, as the file that has its text now, is in the page when
 * that is appended next; a kill before that leaves it to be found out again.
 *
 * A look goes from name to name, while files get others: it may miss any number of
 * those that are there.  That it misses one drops nothing.  A steady look misses none:
 * every name led to the same file when the last had been looked at as when it was.
 *
 * What of this has an end is told: a page that is not appended for LAM_PLACE_DAYS may
 * be forgotten, as any place, so one with a file that is met is appended again in time;
 * and what finds no room in its page, or is dropped by 4, leaves its time: a file that
 * is not known and is no younger is read, with a message that it may come in twice.
 */
#ifndef LAM_FOLLOW_OLD_H
#define LAM_FOLLOW_OLD_H

#include "follow/trail.h"

/* There is more text of S: it is kept in the place of T again. */
void lam_old_back(struct lam_trail *t, struct lam_seen *s);

/* S has changed, not its text: its page, or the place of T, is to be appended. */
void lam_old_touch(struct lam_trail *t, const struct lam_seen *s);

/* S of T is there: it stays known. */
void lam_old_met(struct lam_trail *t, const struct lam_seen *s);

/* Is a file of T known that may be forgotten, if a look is steady that listed what is
 * beside T, as t->next? */
bool lam_old_is_full(const struct lam_trail *t);

/* Such a look was: forget them. */
void lam_old_forget(struct lam_trail *t);

/* Has the place of T too many entries of files that were read? */
bool lam_old_is_due(const struct lam_trail *t);

/* They go to pages. */
void lam_old_retire(struct lam_trail *t);

/* The first page of T that changed, as a note, which is to be appended before the place
 * of T. */
int lam_old_note(struct lam_trail *t, struct lam_buf *notes,
	struct lam_error *e) LAM_MUST;

/* The pages of the stream of A; T has its places. */
int lam_old_load(struct lam_trails *t, struct lam_append *a, struct lam_error *e)
	LAM_MUST;

/* One of them, from its place. */
int lam_old_take(struct lam_trails *t, const struct lam_place *x,
	struct lam_error *e) LAM_MUST;

#endif
