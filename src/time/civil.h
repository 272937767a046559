/*
 * civil.h - days since 1970 <-> year, month, day
 *
 * Hinnant's days-from-civil in one direction, Neri and Schneider's Euclidean
 * affine functions in the other ("Euclidean affine functions and their
 * application to calendar algorithms", 2023): a few multiplications, no
 * division by a variable, no branch.  Inside, years start in March, so that the
 * leap day is the last one.
 */
#ifndef LAM_TIME_CIVIL_H
#define LAM_TIME_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/* Days from 0000-03-01 to 1970-01-01. */
#define LAM_CIVIL_EPOCH 719468

/* Y 0..9999.  The caller checks that the day is in the range of instants. */
static inline int32_t
lam_days_from_civil(uint32_t y, uint32_t m, uint32_t d)
{
	uint32_t early = m <= 2;
	/* One era (400 years) more keeps January of year 0 unsigned. */
	uint32_t year = y + 400 - early;
	uint32_t month = m + 12 * early - 3; /* 0: March */
	uint32_t century = year / 100;

	return (int32_t)(365 * year + year / 4 - century + century / 4 +
		(153 * month + 2) / 5 + d - 1) - (LAM_CIVIL_EPOCH + 146097);
}

/* DAYS since 1970, of the years 0000..9999 at least. */
static inline void
lam_civil_from_days(int32_t days, uint32_t *y, uint32_t *m, uint32_t *d)
{
	uint32_t n = 4 * ((uint32_t)(days + LAM_CIVIL_EPOCH + 146097)) + 3;
	uint32_t century = n / 146097;
	uint32_t n2 = (n % 146097) | 3;
	uint64_t p = UINT64_C(2939745) * n2;
	uint32_t day = (uint32_t)p / 2939745 / 4; /* of the year: 0 1 March */
	uint32_t n3 = 2141 * day + 197913;
	uint32_t late = day >= 306; /* January, February */

	*y = 100 * century + (uint32_t)(p >> 32) + late - 400;
	*m = (n3 >> 16) - 12 * late;
	*d = (n3 & 0xffff) / 2141 + 1;
}

static inline bool
lam_year_is_leap(uint32_t y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static inline uint32_t
lam_month_days(uint32_t y, uint32_t m)
{
	return m == 2 ? 28u + (uint32_t)lam_year_is_leap(y)
		      : 30u + ((m ^ m >> 3) & 1);
}

#endif
