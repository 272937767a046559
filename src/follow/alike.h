/*
 * alike.h - whether files have the same text, and the same log
 */
#ifndef LAM_FOLLOW_ALIKE_H
#define LAM_FOLLOW_ALIKE_H

#include "follow/follow.h"

/* Does the text of R's file begin with all that was read of S? */
bool lam_alike_text(const struct lam_follow_reader *r, const struct lam_seen *s);

/* A file with a name that no rotation gives to another, as that other's own, must share
 * so many bytes to be a copy of it. */
#define LAM_SAME_NAME 512

/* Lies beside R's file, which is packed, what it was made of? */
bool lam_alike_is_packed_of(const struct lam_follow_reader *r);

/* And has that no reader? */
bool lam_alike_is_second(const struct lam_follow *f, const struct lam_follow_reader *r);

/* Of the open files that are not known the one with the text of S, of T; or NULL. */
struct lam_follow_reader *lam_alike_find(const struct lam_follow *f,
	const struct lam_trail *t, const struct lam_seen *s);

/*
 * Of the open files that are not known one whose text is the start of what was read
 * of S, of T, which is gone: a copy that was made before the end of that was written;
 * or NULL.  S becomes what was read of it: all.
 */
struct lam_follow_reader *lam_alike_part(const struct lam_follow *f,
	const struct lam_trail *t, struct lam_seen *s);

/* Is R's text the start of what was read of S, of T, up to END?  What has the name of
 * the log is no copy. */
bool lam_alike_start(const struct lam_follow_reader *r, const struct lam_trail *t,
	const struct lam_seen *s, struct lam_mark *end);

/* Of the files of T that are gone one of which R's text is the start; or NULL. */
struct lam_seen *lam_alike_whole(struct lam_follow *f,
	const struct lam_follow_reader *r, const struct lam_trail *t);

/* May a rotation of the log LOG have put R's file where it is, whatever directory? */
bool lam_alike_place(const char *log, const struct lam_follow_reader *r);

/* Does the file that S, of T, was of still lie beside its log? */
bool lam_alike_living(const struct lam_trail *t, const struct lam_seen *s);

/* Was R's file, which has a packed copy beside it, written to just now?  Who packed it
 * may be overwriting it before it is deleted. */
bool lam_alike_shredded(const struct lam_follow *f, const struct lam_follow_reader *r);

/* Is R's file, empty or packed, being made? */
bool lam_alike_growing(const struct lam_follow_reader *r);

/* Has R's file a part of the text of S, of T, which is gone, and was written to just
 * now?  More of it may come: what was cut, not deleted, had been copied. */
bool lam_alike_coming(const struct lam_follow_reader *r, const struct lam_trail *t,
	const struct lam_seen *s);

/* Is R's file a copy of one that is still there: made, or being made, by a rotation
 * that is not at its end?  Looks at both again. */
bool lam_alike_copy(const struct lam_follow *f, struct lam_follow_reader *r);

#endif
