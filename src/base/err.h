/*
 * err.h - how a function says that it failed
 *
 * A function that can fail returns one of these codes, and puts one full
 * message (object, place, what was expected, what to do) into the caller's
 * struct lam_error.  The first failure wins: a later one, met while cleaning
 * up, never overwrites it.  The code is also the exit status of the program.
 */
#ifndef LAM_BASE_ERR_H
#define LAM_BASE_ERR_H

enum lam_code {
	LAM_OK = 0,
	LAM_NOTHING = 1, /* no row matched, or the input is empty */
	LAM_USAGE = 2,	 /* the request is wrong: option, name, SQL */
	LAM_DATA = 3,	 /* the data is corrupt, or refused */
	LAM_SYSTEM = 4,	 /* the system failed us: I/O, memory */
	LAM_SOME = 5	 /* done in part; messages told the rest */
};

struct lam_error {
	int code;	/* LAM_OK until something fails */
	int sys;	/* errno of the failing call, or 0 */
	char msg[1000]; /* one line, without program name and newline */
};

#define LAM_ERROR_INIT { 0, 0, "" }
#define LAM_MUST __attribute__((warn_unused_result))

/* Record a failure and return CODE.  E may be NULL. */
int lam_fail(struct lam_error *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));

/* The same for a failed system call: LAM_SYSTEM, ": strerror(errno)" added. */
int lam_fail_sys(struct lam_error *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), cold));

/* Out of memory: LAM_SYSTEM. */
int lam_fail_mem(struct lam_error *e) __attribute__((cold));

#endif
