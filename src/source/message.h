/*
 * message.h - warnings and explanations of a job
 *
 * Library code never prints: warnings (values read as NULL, a damaged cache
 * passed over) go to the program through this callback, one line each.
 */
#ifndef LAM_SOURCE_MESSAGE_H
#define LAM_SOURCE_MESSAGE_H

#include <stddef.h>

struct lam_messages {
	void (*say)(void *arg, const char *line); /* NULL: not wanted */
	void *arg;
};

#define LAM_MESSAGES_INIT { NULL, NULL }

/* Format one line and say it; N may be NULL. */
void lam_message(const struct lam_messages *n, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
