/*
 * tree.h - the processes below this one
 *
 * A process that is the reaper of orphans (PR_SET_CHILD_SUBREAPER, or process 1 of
 * a namespace) has every descendant below it, however it was daemonised.
 */
#ifndef LAM_SANDBOX_TREE_H
#define LAM_SANDBOX_TREE_H

#include <stdint.h>
#include <sys/types.h>

/* Send NUMBER to each of them.  Those that are being born may be missed: what
 * kills asks again until none is left. */
void lam_tree_signal(int number);

struct lam_tree_usage {
	int64_t cpu;	/* ns, of those that live */
	uint64_t held;	/* bytes that are theirs alone, of all together */
	uint64_t peak;	/* the most that one of them ever had */
};

void lam_tree_usage(struct lam_tree_usage *u);

/* One below the process FROM that is called NAME; 0: none is. */
pid_t lam_tree_find(pid_t from, const char *name);

#endif
