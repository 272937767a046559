/*
 * finding.c - the findings of a check, one line each
 */
#include "fsck/finding.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

void
lam_found(struct lam_findings *f, enum lam_gravity g, const char *fmt, ...)
{
	char line[1600];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(line, sizeof line, fmt, ap) < 0)
		line[0] = '\0';
	va_end(ap);
	f->n++;
	if (g > f->worst)
		f->worst = g;
	f->say(f->arg, g, line);
}

bool
lam_is_damage(int rc, const struct lam_error *why)
{
	return rc == LAM_DATA || rc == LAM_USAGE ||
		(rc == LAM_SYSTEM && why->sys == EIO);
}

int
lam_judge(struct lam_findings *f, enum lam_gravity g, int rc,
	const struct lam_error *why, bool *ok, struct lam_error *e)
{
	*ok = rc == LAM_OK;
	if (*ok)
		return LAM_OK;
	if (!lam_is_damage(rc, why)) {
		if (e && !e->code)
			*e = *why;
		return rc;
	}
	lam_found(f, g, "%s", why->msg);
	return LAM_OK;
}
