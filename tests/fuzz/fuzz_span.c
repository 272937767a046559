/*
 * fuzz_span.c - any bytes as an interval, a duration, a size, a unit, a name
 *
 * An interval prints as one that parses to the same; a duration is the interval of its
 * number and unit.
 */
#include "base/name.h"
#include "base/num.h"
#include "time/time.h"
#include "fuzz.h"
#include "time/interval.h"
#include "time/unit.h"

static void
check_interval(struct lam_str s)
{
	struct lam_span v, again;
	struct lam_num number;
	struct lam_buf text = LAM_BUF_INIT;

	if (!lam_interval_parse(s, &v))
		return;
	lam_interval_print(v, &text);
	MUST(lam_interval_parse((struct lam_str){ text.p, text.n }, &again));
	MUST(v.months == again.months && v.days == again.days &&
		v.ns == again.ns);
	MUST(lam_span_num(&v, &number) && lam_span_of(number, &again));
	MUST(v.months == again.months && v.days == again.days &&
		v.ns == again.ns);
	lam_buf_release(&text);
}

/* "15ms" is "15" milliseconds. */
static void
check_duration(const char *p)
{
	static const char *const unit[][2] = { { "ns", "nanosecond" },
		{ "us", "microsecond" }, { "ms", "millisecond" },
		{ "s", "second" }, { "m", "minute" }, { "h", "hour" },
		{ "d", "day" }, { "w", "week" } };
	size_t n = strspn(p, "0123456789");
	int64_t ns;

	if (!lam_duration_parse(p, &ns) || !p[n])
		return;
	for (size_t i = 0; i < 8; i++) {
		struct lam_span v = { 0, 0, 0 };

		if (strcmp(p + n, unit[i][0]))
			continue;
		if (lam_interval_of((struct lam_str){ p, n }, (struct lam_str){
			unit[i][1], strlen(unit[i][1]) }, &v))
			MUST(v.ns + (lam_i128)LAM_DAY_NS * v.days == ns &&
				!v.months);
		return;
	}
	MUST(!"a duration with a unit that is none");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *p = malloc(size + 1);
	uint64_t bytes;

	memcpy(p, data, size);
	p[size] = '\0';
	check_interval((struct lam_str){ p, size });
	check_duration(p);
	if (lam_size_parse(p, &bytes))
		MUST(*p >= '0' && *p <= '9');
	if (lam_unit_parse(p, size) != LAM_UNITS)
		MUST(size >= 3 && size <= 12);
	if (lam_name_ok(p, size)) /* never a way out of a directory */
		MUST(!strpbrk(p, "/.\n") && strlen(p) == size && *p != '-');
	if (lam_field_name_ok(p, size))
		MUST(strlen(p) == size && !strchr(p, '\n'));
	free(p);
	return 0;
}
