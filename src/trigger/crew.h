/*
 * crew.h - the functions of a program, side by side
 *
 * What goes wrong with one of them is its own: it is told, the function *rests*, and
 * the others go on.  With .all.follow it is opened again after a second; the pause
 * doubles, to five minutes.  Its ledger says where it goes on, as after a kill.
 *
 * A crew that follows can look at the definitions again: a function that has changed
 * *leaves* (no batch begins, what runs may end) and is opened anew; one that is gone
 * leaves for good, a new one joins, and the others do not notice.
 *
 *	lam_crew_start -> [lam_crew_open -> lam_crew_run] -> lam_crew_close
 */
#ifndef LAM_TRIGGER_CREW_H
#define LAM_TRIGGER_CREW_H

#include "trigger/trigger.h"

struct lam_crew_item {
	char name[256]; /* as it was given; "": of the command line */
	struct lam_function function;
	struct lam_trigger *trigger; /* NULL: it rests */
	struct lam_error fault;	     /* the last since it began to rest */
	int64_t opened, pause;	     /* when; ns before it is opened again */
	struct lam_loop_timer again; /* then */
	bool leaves, gone;	     /* to be opened anew; or not */
	int64_t limit; /* loop time when what runs is cut short; 0: never */
	bool ending;   /* it was told so: at the limit it is closed */
	struct lam_loop_timer cut; /* then */
	struct lam_trigger_counts counts; /* of what was closed */
};

struct lam_crew {
	/* The caller's: what trigger.h asks for but .launcher and .loop; how a
	 * function is read; and where requests come from, see gateway.h. */
	struct lam_triggers all;
	int (*read)(struct lam_function *f, const char *name, struct lam_error *e);
	const char *listen;
	/* Which functions there are; NULL: those that are named to lam_crew_open. */
	int (*list)(struct lam_names *out, struct lam_error *e);
	const _Atomic int *again; /* it changes: definitions are looked at; or NULL */
	int64_t grace; /* ns for what runs, at a stop or a change; < 0: its deadline */
	/* Its own. */
	struct lam_launcher launcher;
	struct lam_crew_item **item;
	size_t n, cap;
	int looked; /* *again, when definitions were looked at last */
	bool stopping;
};

#define LAM_CREW_INIT { .grace = -1, .launcher = LAM_LAUNCHER_INIT, \
	.all = { .loop = LAM_LOOP_INIT } }

/* SCRATCH and DENY are those of lam_launcher_start. */
int lam_crew_start(struct lam_crew *r, const char *scratch, unsigned deny,
	struct lam_error *e) LAM_MUST;

/* The functions NAME[N].  Fails if none can be opened: E is of the first. */
int lam_crew_open(struct lam_crew *r, char *const *name, size_t n,
	struct lam_error *e) LAM_MUST;

/*
 * Until nothing is due any more; with .follow, until *stop.  LAM_SOME: one that
 * failed rests.  If all do: the code of the first.
 */
int lam_crew_run(struct lam_crew *r, struct lam_error *e) LAM_MUST;

/* What all of it came to. */
struct lam_trigger_counts lam_crew_counts(const struct lam_crew *r);

void lam_crew_close(struct lam_crew *r);

#endif
