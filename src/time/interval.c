/*
 * interval.c - spans of time: text <-> months and nanoseconds
 *
 * A quantity is an exact decimal times the length of its unit; what is left
 * over below a nanosecond or a month is an error, not rounded away.
 */
#include "time/interval.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "time/time.h"
#include "time/unit.h"

static int64_t
unit_months(enum lam_unit u)
{
	switch (u) {
	case LAM_MONTH:
		return 1;
	case LAM_QUARTER:
		return 3;
	case LAM_YEAR:
		return 12;
	case LAM_DECADE:
		return 120;
	case LAM_CENTURY:
		return 1200;
	default:
		return 0;
	}
}

bool
lam_interval_of(struct lam_str number, struct lam_str unit,
	struct lam_interval *out)
{
	enum lam_unit u = lam_unit_parse(unit.p, unit.n);
	struct lam_num n, whole;
	int64_t months, *sum;

	if (u == LAM_UNITS || !lam_num_parse(number.p, number.n, &n))
		return false;
	months = unit_months(u);
	whole = (struct lam_num){ months ? months : lam_unit_ns(u), 0 };
	if (!lam_num_mul(lam_num_normal(n), whole, &n))
		return false;
	n = lam_num_normal(n);
	if (n.scale != 0 || n.m > INT64_MAX || n.m < -INT64_MAX)
		return false;
	sum = months ? &out->months : &out->ns;
	return !__builtin_add_overflow(*sum, (int64_t)n.m, sum) &&
		*sum != INT64_MIN;
}

/* The next word: of digits and signs, or of letters; blanks around go. */
static struct lam_str
word(struct lam_str *s, bool number)
{
	struct lam_str w;

	while (s->n > 0 && *s->p == ' ')
		s->p++, s->n--;
	w = (struct lam_str){ s->p, 0 };
	while (w.n < s->n && w.p[w.n] != ' ' &&
		(strchr("+-.0123456789", w.p[w.n]) != NULL) == number)
		w.n++;
	s->p += w.n;
	s->n -= w.n;
	while (s->n > 0 && *s->p == ' ')
		s->p++, s->n--;
	return w;
}

bool
lam_interval_parse(struct lam_str s, struct lam_interval *out)
{
	struct lam_str number, unit;

	*out = (struct lam_interval){ 0, 0 };
	if (s.n == 0 || memchr(s.p, '\0', s.n) != NULL)
		return false;
	do {
		number = word(&s, true);
		unit = word(&s, false);
		if (!lam_interval_of(number, unit, out))
			return false;
	} while (s.n > 0);
	return true;
}

void
lam_interval_print(struct lam_interval v, struct lam_buf *out)
{
	static const struct {
		enum lam_unit unit;
		const char *name;
	} form[] = { { LAM_HOUR, "hours" }, { LAM_MINUTE, "minutes" },
		{ LAM_SECOND, "seconds" }, { LAM_MILLISECOND, "milliseconds" },
		{ LAM_MICROSECOND, "microseconds" },
		{ LAM_NANOSECOND, "nanoseconds" } };
	size_t i = 0;

	if (v.months != 0)
		lam_buf_printf(out, "%" PRId64 " months", v.months);
	if (v.months != 0 && v.ns != 0)
		lam_buf_putc(out, ' ');
	if (v.ns == 0 && v.months != 0)
		return;
	while (v.ns % lam_unit_ns(form[i].unit) != 0)
		i++;
	lam_buf_printf(out, "%" PRId64 " %s",
		v.ns / lam_unit_ns(form[i].unit), form[i].name);
}
