/*
 * syslog_host.c - whether a word may be the host of a line of syslog
 */
#include "format/syslog_host.h"

#include <string.h>
#include <strings.h>

#include "base/escape.h"

bool
lam_syslog_is_host(struct lam_str s)
{
	static const char *const level[] = { "trace", "debug", "info", "notice",
		"warn", "warning", "err", "error", "crit", "critical", "severe",
		"fatal", "alert", "panic" };

	for (size_t i = 0; i < sizeof level / sizeof *level; i++)
		if (s.n == strlen(level[i]) && !strncasecmp(s.p, level[i], s.n))
			return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') &&
			!(s.p[i] >= '-' && s.p[i] <= ':') && s.p[i] != '_')
			return false;
	return true;
}

bool
lam_syslog_cut_host(struct lam_str *rest, struct lam_str *host)
{
	struct lam_str behind = *rest;

	if (!rest->p || !lam_str_cut(&behind, ' ', host) || !host->n)
		return false;
	if (host->n > 1 && host->p[host->n - 1] == ':' && host->p[host->n - 2] != ':')
		*host = (struct lam_str){ NULL, 0 };
	else
		*rest = behind;
	return true;
}
