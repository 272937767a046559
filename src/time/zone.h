/*
 * zone.h - time zones of the system's tzdata: UTC <-> local time
 *
 * A zone is a step function: the offset from UTC at each instant.  It is read from
 * a TZif file (RFC 8536), and the rule at the end of that file is spelled out to the
 * last instant there is, so that nothing is computed later but a binary search.
 *
 * A local time may be of two instants, or of none, when the clock is turned.  Then
 * it is taken as PostgreSQL and DuckDB take it: with the lesser of the two offsets,
 * the later instant.  So 02:30 in the hour that comes twice is the second one, and
 * 02:30 in an hour that is left out is what a clock that was not turned would show.
 *
 * Local times are counted as instants are, in ns since 1970-01-01 00:00 of the
 * zone's clock.
 */
#ifndef LAM_TIME_ZONE_H
#define LAM_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define LAM_ZONE_DIR "/usr/share/zoneinfo"
#define LAM_ZONE_NAME_MAX 80

struct lam_zone;

/*
 * Zones are read from DIR from now on, which stays the caller's; at first from
 * LAM_ZONE_DIR.  Before there are threads.
 */
void lam_zone_set_dir(const char *dir);

/*
 * The zone NAME[N], "Europe/Berlin".  UTC is known without a file.  LAM_USAGE: there
 * is none, or NAME is no name; LAM_DATA: its file is no such file, or counts leap
 * seconds.
 */
int lam_zone_open(struct lam_zone **out, const char *name, size_t n,
	struct lam_error *e) LAM_MUST;

/*
 * The same of --zone, which may be an offset as times have it, too: "+02:00" is two
 * hours east.  (In SQL it would be west to PostgreSQL, so there it is no zone.)
 */
int lam_zone_open_given(struct lam_zone **out, const char *text, struct lam_error *e)
	LAM_MUST;
void lam_zone_close(struct lam_zone *z);

/* A zone from the bytes of its file; LABEL names them in a message. */
int lam_zone_parse(struct lam_zone **out, const void *p, size_t n,
	const char *label, struct lam_error *e) LAM_MUST;

/*
 * What results depend on: a hash of all offsets and their instants.  Files that
 * differ in form only have one hash.
 */
uint64_t lam_zone_hash(const struct lam_zone *z);

/* Seconds east of UTC at instant NS. */
int32_t lam_zone_offset(const struct lam_zone *z, int64_t ns);

/* False: out of the range of instants. */
static inline bool
lam_zone_to_local(const struct lam_zone *z, int64_t ns, int64_t *local)
{
	return !__builtin_add_overflow(ns, lam_zone_offset(z, ns) *
		INT64_C(1000000000), local);
}

bool lam_zone_to_utc(const struct lam_zone *z, int64_t local, int64_t *ns);

/*
 * A date and time P[N] that has no zone, as it is in Z: written with its offset, as
 * 2026-01-31T23:59:59+01:00, to OUT[LAM_TIME_TEXT].  The length; 0: it is no such
 * text.  An offset that is not of whole minutes is left out: the time is in UTC, with
 * a Z.
 */
size_t lam_zone_complete(const struct lam_zone *z, const char *p, size_t n,
	char *out);

#endif
