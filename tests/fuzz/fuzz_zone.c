/*
 * fuzz_zone.c - any bytes as a TZif file
 *
 * A zone that is taken has a local time for each instant, and what that is of is
 * no earlier instant with the same local time, or the very one.
 */
#include "fuzz.h"
#include "time/time.h"
#include "time/zone.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_zone *z;
	int64_t t = INT64_MIN;

	if (lam_zone_parse(&z, p, n, "zone", &e)) {
		MUST(e.code == LAM_DATA || e.code == LAM_SYSTEM);
		return 0;
	}
	for (int i = 0; i < 400; i++) {
		int64_t local, back, again;

		if (lam_zone_to_local(z, t, &local) &&
			lam_zone_to_utc(z, local, &back) &&
			lam_zone_to_local(z, back, &again)) {
			MUST(back >= t && again == local);
		}
		if (__builtin_add_overflow(t, INT64_C(46116860184273879), &t))
			break;
	}
	lam_zone_close(z);
	return 0;
}
