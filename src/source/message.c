/*
 * message.c - warnings on their way to the program
 */
#include "source/message.h"

#include <stdarg.h>
#include <stdio.h>

void
lam_message(const struct lam_messages *n, const char *fmt, ...)
{
	char line[1200];
	va_list ap;

	if (!n || !n->say)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	n->say(n->arg, line);
}
