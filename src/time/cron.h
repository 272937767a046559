/*
 * cron.h - due times of a calendar, as crontab(5) writes them
 *
 *	minute hour day month weekday	each *, A, A-B, a list of these; /N of a range
 *	@hourly @daily @midnight @weekly @monthly @yearly @annually
 *
 * Months and weekdays may be their first three letters; 0 and 7 are Sunday.  If day
 * and weekday are both given, and neither begins with a *, one of them suffices.
 * Behind it may stand a time zone: then the times are those of its clock.  A time that
 * the clock leaves out is due as zone.h has it; one that comes twice is due once.
 */
#ifndef LAM_TIME_CRON_H
#define LAM_TIME_CRON_H

#include "time/time.h"
#include "time/zone.h"

struct lam_cron {
	uint64_t minute;		      /* bit I: at minute I */
	uint32_t hour, day, month, weekday;   /* the same */
	bool either;			      /* day or weekday */
	char zone[LAM_ZONE_NAME_MAX + 1];     /* "": UTC */
};

/* False: TEXT is no such thing.  It may be within quotes. */
bool lam_cron_parse(const char *text, struct lam_cron *c);

/*
 * The first due time behind NS, and the last that is not behind it; times are ns
 * since 1970, Z is the zone (NULL: UTC).  False: there is none within ten years.
 */
bool lam_cron_next(const struct lam_cron *c, const struct lam_zone *z, int64_t ns,
	int64_t *due);
bool lam_cron_last(const struct lam_cron *c, const struct lam_zone *z, int64_t ns,
	int64_t *due);

#endif
