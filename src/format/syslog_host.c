/*
 * syslog_host.c - whether a word may be the host of a line of syslog
 */
#include "format/syslog_host.h"

#include <string.h>
#include <strings.h>

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
