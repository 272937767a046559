/*
 * syslog_host.h - whether a word may be the host of a line of syslog
 */
#ifndef LAM_FORMAT_SYSLOG_HOST_H
#define LAM_FORMAT_SYSLOG_HOST_H

#include <stdbool.h>

#include "base/bytes.h"

/* A name or address, and no level, which programs write behind their times, too. */
bool lam_syslog_is_host(struct lam_str s);

/*
 * The host that *REST begins with, and past the blank behind it; false: there is
 * nothing.  A word that ends in a colon is an app's, of a program that names no host,
 * as Dovecot does in a log of its own: then *HOST is NULL.
 */
bool lam_syslog_cut_host(struct lam_str *rest, struct lam_str *host);

#endif
