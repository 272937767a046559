/*
 * err.c - failures into messages
 *
 * The struct is filled only while it is empty, so a failure met while cleaning
 * up after another one cannot hide the cause.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Formats at msg[0]; the length written, less than the array. */
static size_t __attribute__((format(printf, 2, 0)))
format(struct lam_error *e, const char *fmt, va_list ap)
{
	int n = vsnprintf(e->msg, sizeof e->msg, fmt, ap);

	if (n < 0) {
		e->msg[0] = '\0';
		return 0;
	}
	return (size_t)n < sizeof e->msg ? (size_t)n : sizeof e->msg - 1;
}

int
lam_fail(struct lam_error *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL || e->code != LAM_OK)
		return code;
	e->code = code;
	e->sys = 0;
	va_start(ap, fmt);
	format(e, fmt, ap);
	va_end(ap);
	return code;
}

int
lam_fail_sys(struct lam_error *e, const char *fmt, ...)
{
	int sys = errno;
	char text[128] = "";
	va_list ap;
	size_t n;

	if (e == NULL || e->code != LAM_OK)
		return LAM_SYSTEM;
	e->code = LAM_SYSTEM;
	e->sys = sys;
	va_start(ap, fmt);
	n = format(e, fmt, ap);
	va_end(ap);
	/* The GNU strerror_r: thread safe, may answer a constant string. */
	snprintf(e->msg + n, sizeof e->msg - n, ": %s",
		strerror_r(sys, text, sizeof text));
	return LAM_SYSTEM;
}

int
lam_fail_mem(struct lam_error *e)
{
	return lam_fail(e, LAM_SYSTEM, "out of memory");
}
