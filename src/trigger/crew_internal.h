/*
 * crew_internal.h - between the files of a crew
 */
#ifndef LAM_TRIGGER_CREW_INTERNAL_H
#define LAM_TRIGGER_CREW_INTERNAL_H

#include "trigger/crew.h"

/* crew.c */
bool lam_crew_follows(const struct lam_crew *r); /* and has not been stopped */
/* One more, opened. */
int lam_crew_join(struct lam_crew *r, const char *name, struct lam_error *e) LAM_MUST;
int lam_crew_open_item(struct lam_crew *r, struct lam_crew_item *x,
	struct lam_error *e) LAM_MUST;
void lam_crew_close_item(struct lam_crew *r, struct lam_crew_item *x);
int lam_crew_on_again(void *arg, struct lam_error *e); /* of timers: &r->all */

/* crew_change.c: what has been asked for by signals since the last turn. */
int lam_crew_heed(struct lam_crew *r, struct lam_error *e) LAM_MUST;
/* If X's time is over it is closed, whatever runs: *DONE.  Else what runs of it is not
 * done before its last call is. */
int lam_crew_cut_short(struct lam_crew *r, struct lam_crew_item *x, bool *done,
	struct lam_error *e) LAM_MUST;
/* Nothing of X runs any more. */
int lam_crew_left(struct lam_crew *r, struct lam_crew_item *x,
	struct lam_error *e) LAM_MUST;
void lam_crew_forget_gone(struct lam_crew *r);

#endif
