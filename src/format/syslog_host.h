/*
 * syslog_host.h - whether a word may be the host of a line of syslog
 */
#ifndef LAM_FORMAT_SYSLOG_HOST_H
#define LAM_FORMAT_SYSLOG_HOST_H

#include <stdbool.h>

#include "base/bytes.h"

/* A name or address, and no level, which programs write behind their times, too. */
bool lam_syslog_is_host(struct lam_str s);

#endif
